#include "../../support/cm.h"

#include "wireladder/timeline.h"

#include <stdio.h>
#include <string.h>

/* Observers that say what the test scripts: events at times, pauses, the end. */

enum { NOT_YET = -1, FAIL = -2 };

struct script {
	const int64_t *steps; /* times in ms, or NOT_YET or FAIL; the end comes after the last */
	size_t count, at;
	uint64_t mark_ms;     /* the watermark */
	uint8_t vantage;
	uint8_t byte;
};

static enum observed script_next(void *self, struct event *event, struct err *err)
{
	struct script *script = self;
	int64_t step;
	if (script->at == script->count)
		return OBSERVED_END;
	step = script->steps[script->at++];
	if (step == NOT_YET)
		return OBSERVED_NOT_YET;
	if (step == FAIL) {
		err_set(err, EXIT_PARTIAL, "the script says so");
		return OBSERVED_FAILED;
	}
	memset(event, 0, sizeof(*event));
	event->kind = EVENT_PACKET;
	event->ns = (uint64_t)step * NS_PER_MS;
	event->vantage = script->vantage;
	script->byte = (uint8_t)step;
	event->packet.bytes = &script->byte;
	event->packet.byte_count = 1;
	return OBSERVED_EVENT;
}

static uint64_t script_mark(void *self)
{
	const struct script *script = self;
	return script->mark_ms * NS_PER_MS;
}

#define SCRIPT(tap, mark, ...) \
	{.steps = (const int64_t[]){__VA_ARGS__}, \
	 .count = sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t), .mark_ms = (mark), \
	 .vantage = (tap)}

/* What comes out, as "0@10 1@12 back late ." with "." for the end, "?" for not yet, "!" failed. */
static const char *merged(struct script *scripts, size_t count, struct timeline_config config)
{
	static char text[2000];
	struct observer observers[4];
	struct timeline *timeline;
	struct event event;
	struct err err = {0};
	size_t length = 0, pauses = 0;
	for (size_t i = 0; i < count; i++)
		observers[i] = (struct observer){.next = script_next,
						 .watermark = script_mark,
						 .self = &scripts[i]};
	timeline = timeline_open(observers, count, &config, &err);
	assert_non_null(timeline);
	for (;;) {
		enum observed seen = timeline_next(timeline, &event, &err);
		const char *word = seen == OBSERVED_END ? "." : seen == OBSERVED_FAILED ? "!" : "?";
		char place[40];
		if (seen == OBSERVED_EVENT && event.kind == EVENT_NOTE)
			word = event.note.code == NOTE_LATE ? "late" : "back";
		if (seen == OBSERVED_EVENT && event.kind == EVENT_PACKET) {
			snprintf(place, sizeof(place), "%d@%d", event.vantage, (int)(event.ns / NS_PER_MS));
			assert_int_equal(event.packet.bytes[0], (uint8_t)(event.ns / NS_PER_MS));
			word = place;
		}
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s",
					   length ? " " : "", word);
		if (seen == OBSERVED_END || seen == OBSERVED_FAILED || length > 1900)
			break;
		assert_true(seen != OBSERVED_NOT_YET || ++pauses < 100);
	}
	timeline_close(timeline);
	return text;
}

static void test_one_observer_keeps_its_order_and_its_steps_back_are_noted(void **state)
{
	struct script one[] = {SCRIPT(0, 0, 10, 20, 15, 30)};
	(void)state;
	assert_string_equal(merged(one, 1, (struct timeline_config){0}), "0@10 0@20 0@15 back 0@30 .");
}

static void test_two_observers_are_merged_by_time(void **state)
{
	struct script two[] = {SCRIPT(0, 0, 10, 30, 50), SCRIPT(1, 0, 20, 40)};
	(void)state;
	assert_string_equal(merged(two, 2, (struct timeline_config){0}),
			    "0@10 1@20 0@30 1@40 0@50 .");
}

static void test_ties_go_by_observer(void **state)
{
	struct script two[] = {SCRIPT(0, 0, 10, 10), SCRIPT(1, 0, 10)};
	(void)state;
	assert_string_equal(merged(two, 2, (struct timeline_config){0}), "0@10 0@10 1@10 .");
}

static void test_nothing_goes_before_the_watermark_allows_it(void **state)
{
	struct script two[] = {SCRIPT(0, 0, 10, 30), SCRIPT(1, 5, NOT_YET, NOT_YET, NOT_YET, NOT_YET, 20)};
	(void)state;
	assert_string_equal(merged(two, 2, (struct timeline_config){0}), "? 0@10 1@20 0@30 .");
}

static void test_a_promised_watermark_lets_the_other_go(void **state)
{
	struct script two[] = {SCRIPT(0, 0, 10, 30), SCRIPT(1, 25, NOT_YET, 40)};
	(void)state;
	assert_string_equal(merged(two, 2, (struct timeline_config){0}), "0@10 0@30 1@40 .");
}

static void test_step_back_stays_behind_what_came_before_it(void **state)
{
	struct script two[] = {SCRIPT(0, 0, 10, 30, 20, 40), SCRIPT(1, 0, 25, 35)};
	(void)state;
	assert_string_equal(merged(two, 2, (struct timeline_config){0}),
			    "0@10 1@25 0@30 0@20 back 1@35 0@40 .");
}

static void test_full_window_goes_on_and_what_is_late_is_noted(void **state)
{
	struct script two[] = {SCRIPT(0, 0, 10, 20, 30, 40),
			       SCRIPT(1, 0, NOT_YET, NOT_YET, NOT_YET, NOT_YET, NOT_YET, NOT_YET, 15)};
	struct timeline_config small = {.max_waiting = 2};
	(void)state;
	assert_string_equal(merged(two, 2, small), "0@10 0@20 0@30 1@15 late 0@40 .");
}

static void test_window_in_time_bounds_the_wait(void **state)
{
	struct script two[] = {SCRIPT(0, 0, 10, 5000), SCRIPT(1, 0, NOT_YET, NOT_YET, NOT_YET, 6000)};
	(void)state;
	assert_int_equal(strncmp(merged(two, 2, (struct timeline_config){0}), "0@10 ", 5), 0);
}

static void test_what_is_held_goes_out_before_a_failure(void **state)
{
	struct script two[] = {SCRIPT(0, 0, 10, 20, 30), SCRIPT(1, 0, NOT_YET, FAIL)};
	(void)state;
	assert_non_null(strstr(merged(two, 2, (struct timeline_config){0}), "0@10 0@20"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_observer_keeps_its_order_and_its_steps_back_are_noted),
		cmocka_unit_test(test_two_observers_are_merged_by_time),
		cmocka_unit_test(test_ties_go_by_observer),
		cmocka_unit_test(test_nothing_goes_before_the_watermark_allows_it),
		cmocka_unit_test(test_a_promised_watermark_lets_the_other_go),
		cmocka_unit_test(test_step_back_stays_behind_what_came_before_it),
		cmocka_unit_test(test_full_window_goes_on_and_what_is_late_is_noted),
		cmocka_unit_test(test_window_in_time_bounds_the_wait),
		cmocka_unit_test(test_what_is_held_goes_out_before_a_failure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
