/* When frames leave a link, in a time of the test's own. */
#include "../../support/cm.h"

#include "../../../src/lab/link.h"

#include <stdio.h>
#include <string.h>

#define MS NS_PER_MS

struct tried {
	struct link link;
	struct link_config config;
	char left[512]; /* "1@10 2@11": frame and millisecond at which each left */
	size_t at;
	uint64_t until_ms;
};

static void tried_open(struct tried *t, struct link_config config)
{
	*t = (struct tried){.config = config};
	assert_true(link_open(&t->link, &t->config));
	link_begin(&t->link, 1000 * MS);
}

/* Frame `id` of 125 bytes (1 ms at 1 Mbit/s) arrives so many ms after the first. */
static enum wire_deed enters(struct tried *t, uint32_t id, uint64_t ms,
			     const struct wire_rule *rule)
{
	return link_enter(&t->link,
			  &(struct link_frame){.id = id, .len = 125,
					       .arrived_ns = (1000 + ms) * MS, .rule = rule})
		.deed;
}

/* What leaves by then, asked at the very times at which the link says that something does. */
static const char *leaves_by(struct tried *t, uint64_t ms)
{
	uint64_t next, due;
	uint32_t id;
	t->left[0] = '\0';
	t->at = 0;
	while ((next = link_next_ns(&t->link)) <= (1000 + ms) * MS) {
		bool any = false;
		while (link_leave(&t->link, next, &id, &due)) {
			any = true;
			assert_true(due <= next);
			t->at += (size_t)snprintf(t->left + t->at, sizeof(t->left) - t->at,
						  "%s%u@%u", t->at ? " " : "", id,
						  (unsigned)(due / MS - 1000));
		}
		assert_true(any);
	}
	return t->left;
}

static void test_a_delay_is_the_same_for_all_and_keeps_order(void **state)
{
	struct tried t;
	(void)state;
	tried_open(&t, (struct link_config){.delay_ns = 10 * MS});
	for (uint32_t i = 1; i <= 3; i++)
		assert_int_equal(enters(&t, i, 0, NULL), DEED_NONE);
	enters(&t, 4, 2, NULL);
	enters(&t, 5, 1, NULL); /* stamps may step back: order of arrival holds */
	assert_string_equal(leaves_by(&t, 9), "");
	assert_string_equal(leaves_by(&t, 100), "1@10 2@10 3@10 4@12 5@12");
	assert_int_equal(link_next_ns(&t.link), UINT64_MAX);
	link_close(&t.link);
}

static void test_a_rate_lets_one_after_another_and_a_full_queue_drops_the_last(void **state)
{
	struct tried t;
	(void)state;
	tried_open(&t, (struct link_config){.rate_bits_per_s = 1000000, .queue_packets = 3,
					    .delay_ns = 5 * MS});
	assert_int_equal(enters(&t, 1, 0, NULL), DEED_NONE);
	for (uint32_t i = 2; i <= 4; i++)
		assert_int_equal(enters(&t, i, 0, NULL), DEED_RATE);
	assert_int_equal(enters(&t, 5, 0, NULL), DEED_QUEUE_DROP);
	assert_int_equal(enters(&t, 6, 1, NULL), DEED_RATE); /* the first is through by now */
	assert_int_equal(enters(&t, 7, 1, NULL), DEED_QUEUE_DROP);
	assert_string_equal(leaves_by(&t, 100), "1@6 2@7 3@8 4@9 6@10");
	assert_int_equal(enters(&t, 8, 50, NULL), DEED_NONE);
	assert_string_equal(leaves_by(&t, 100), "8@56");
	link_close(&t.link);
}

static void test_a_delayed_frame_is_overtaken(void **state)
{
	static const struct wire_rule delay = {.deed = DEED_DELAY, .ns = 20 * MS};
	struct tried t;
	(void)state;
	tried_open(&t, (struct link_config){.delay_ns = 10 * MS});
	enters(&t, 1, 0, NULL);
	assert_int_equal(enters(&t, 2, 1, &delay), DEED_DELAY);
	enters(&t, 3, 2, NULL);
	enters(&t, 4, 40, NULL);
	assert_string_equal(leaves_by(&t, 100), "1@10 3@12 2@31 4@50");
	link_close(&t.link);
}

static void test_a_held_frame_leaves_behind_the_kth_that_passes_it(void **state)
{
	static const struct wire_rule hold = {.deed = DEED_HOLD, .by = 2};
	static const struct wire_rule hold_one = {.deed = DEED_HOLD};
	struct tried t;
	(void)state;
	tried_open(&t, (struct link_config){.delay_ns = 10 * MS});
	enters(&t, 9, 0, NULL); /* goes before them: it passes nobody */
	assert_int_equal(enters(&t, 1, 0, &hold), DEED_HOLD);
	assert_int_equal(enters(&t, 2, 0, &hold_one), DEED_HOLD);
	for (uint32_t i = 3; i <= 6; i++)
		enters(&t, i, i, NULL);
	assert_string_equal(leaves_by(&t, 100), "9@10 3@13 2@13 4@14 1@14 5@15 6@16");
	link_close(&t.link);
}

static void test_a_held_frame_that_nobody_passes_leaves_after_300_ms(void **state)
{
	static const struct wire_rule hold = {.deed = DEED_HOLD, .by = 2};
	struct tried t;
	(void)state;
	tried_open(&t, (struct link_config){.delay_ns = 10 * MS});
	enters(&t, 1, 0, &hold);
	enters(&t, 2, 0, NULL);
	assert_string_equal(leaves_by(&t, 1000), "2@10 1@310");
	link_close(&t.link);
}

static void test_no_more_than_the_table_holds_are_held(void **state)
{
	static const struct wire_rule hold = {.deed = DEED_HOLD, .by = 1000};
	struct tried t;
	(void)state;
	tried_open(&t, (struct link_config){0});
	for (uint32_t i = 0; i < LINK_HELD; i++)
		assert_int_equal(enters(&t, i, 0, &hold), DEED_HOLD);
	assert_int_equal(enters(&t, 999, 0, &hold), DEED_NONE);
	assert_string_equal(leaves_by(&t, 1), "999@0");
	link_close(&t.link);
}

static void test_a_stall_lets_nothing_leave_and_keeps_order(void **state)
{
	struct tried t;
	(void)state;
	tried_open(&t, (struct link_config){.delay_ns = 10 * MS, .stall_from_ns = 20 * MS,
					    .stall_ns = 30 * MS});
	assert_int_equal(enters(&t, 1, 9, NULL), DEED_NONE);
	assert_int_equal(enters(&t, 2, 10, NULL), DEED_STALL);
	assert_int_equal(enters(&t, 3, 39, NULL), DEED_STALL);
	assert_int_equal(enters(&t, 4, 41, NULL), DEED_NONE);
	assert_string_equal(leaves_by(&t, 1000), "1@19 2@50 3@50 4@51");
	link_close(&t.link);
}

static void test_a_stall_by_a_rule_begins_when_its_frame_would_leave(void **state)
{
	static const struct wire_rule stall = {.deed = DEED_STALL, .ns = 30 * MS};
	struct tried t;
	(void)state;
	tried_open(&t, (struct link_config){.delay_ns = 10 * MS});
	enters(&t, 1, 0, NULL);
	assert_int_equal(enters(&t, 2, 1, &stall), DEED_STALL);
	assert_int_equal(enters(&t, 3, 2, NULL), DEED_STALL);
	assert_int_equal(enters(&t, 4, 50, NULL), DEED_NONE);
	assert_string_equal(leaves_by(&t, 1000), "1@10 2@41 3@41 4@60");
	link_close(&t.link);
}

static void test_a_sentinel_overtakes_nobody_and_delays_nobody(void **state)
{
	static const struct wire_rule delay = {.deed = DEED_DELAY, .ns = 20 * MS};
	struct link_frame sentinel = {.id = 9, .len = 80, .sentinel = true,
				      .arrived_ns = 1003 * MS};
	struct tried t;
	(void)state;
	tried_open(&t, (struct link_config){.delay_ns = 10 * MS});
	link_enter(&t.link, &sentinel);
	assert_string_equal(leaves_by(&t, 3), "9@3");
	enters(&t, 1, 3, &delay);
	link_enter(&t.link, &sentinel);
	enters(&t, 2, 4, NULL);
	assert_string_equal(leaves_by(&t, 100), "2@14 1@33 9@33");
	link_close(&t.link);
}

static void test_more_frames_than_fit_are_dropped_at_the_tail(void **state)
{
	struct tried t;
	uint32_t id;
	uint64_t due;
	(void)state;
	tried_open(&t, (struct link_config){.delay_ns = 10 * MS});
	for (uint32_t i = 0; i < LINK_FRAMES; i++)
		assert_int_equal(enters(&t, i, 0, NULL), DEED_NONE);
	assert_int_equal(enters(&t, 1, 0, NULL), DEED_QUEUE_DROP);
	for (uint32_t i = 0; i < LINK_FRAMES; i++) {
		assert_true(link_leave(&t.link, 2000 * MS, &id, &due));
		assert_int_equal(id, i);
	}
	assert_false(link_leave(&t.link, 2000 * MS, &id, &due));
	link_close(&t.link);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_delay_is_the_same_for_all_and_keeps_order),
		cmocka_unit_test(
			test_a_rate_lets_one_after_another_and_a_full_queue_drops_the_last),
		cmocka_unit_test(test_a_delayed_frame_is_overtaken),
		cmocka_unit_test(test_a_held_frame_leaves_behind_the_kth_that_passes_it),
		cmocka_unit_test(test_a_held_frame_that_nobody_passes_leaves_after_300_ms),
		cmocka_unit_test(test_no_more_than_the_table_holds_are_held),
		cmocka_unit_test(test_a_stall_lets_nothing_leave_and_keeps_order),
		cmocka_unit_test(test_a_stall_by_a_rule_begins_when_its_frame_would_leave),
		cmocka_unit_test(test_a_sentinel_overtakes_nobody_and_delays_nobody),
		cmocka_unit_test(test_more_frames_than_fit_are_dropped_at_the_tail),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
