/* What a datagram leaves behind when it is joined: fragments that come once more are nothing,
 * and others are a datagram of their own. */
#include "joined.h"

#define PARTS 3

static const size_t part_ends[PARTS + 1] = {0, 24, 48, 60};

static void whole_make(struct whole_packet *w, bool ip6)
{
	if (ip6)
		whole_udp6(w, 7, 52);
	else
		whole_udp4(w, 7, 52);
}

static bool give_nth(struct joining *j, const struct whole_packet *w, size_t part)
{
	return give_part(j, w, part_ends[part], part_ends[part + 1]);
}

/* All of it, in order; whole with the last one. */
static void give_all(struct joining *j, const struct whole_packet *w)
{
	for (size_t i = 0; i < PARTS; i++)
		assert_int_equal(give_nth(j, w, i), i == PARTS - 1);
	assert_joined(j, w);
}

static void test_each_fragment_seen_twice_is_one_datagram(void **state)
{
	struct whole_packet w;

	(void)state;
	for (int ip6 = 0; ip6 < 2; ip6++) {
		struct joining j = joining_open();
		whole_make(&w, ip6);
		for (size_t i = 0; i < PARTS; i++) {
			assert_int_equal(give_nth(&j, &w, i), i == PARTS - 1);
			if (i == PARTS - 1)
				CAME_IN(&j, 1, 3, 5);
			assert_false(give_nth(&j, &w, i));
			assert_int_equal(j.segment.flaws, 0);
		}
		COUNTS(&j, 1);
		joining_close(&j);
	}
}

static void test_a_datagram_seen_many_times_in_any_order_is_joined_once(void **state)
{
	struct whole_packet w;

	(void)state;
	for (int ip6 = 0; ip6 < 2; ip6++) {
		struct joining j = joining_open();
		whole_make(&w, ip6);
		give_all(&j, &w);
		for (size_t i = 0; i < 3 * PARTS; i++) {
			assert_false(give_nth(&j, &w, i * 2 % PARTS));
			assert_int_equal(j.segment.flaws, 0);
		}
		COUNTS(&j, 1);
		joining_close(&j);
	}
}

static void test_a_double_of_the_last_fragment_does_not_spoil_the_next_datagram(void **state)
{
	struct whole_packet w, next;

	(void)state;
	for (int ip6 = 0; ip6 < 2; ip6++) {
		struct joining j = joining_open();
		whole_make(&w, ip6);
		whole_make(&next, ip6);
		memset(next.p.bytes + next.fixed + 8, '!', 52);
		packet_poke16(&next.p, next.fixed + 6, 0x1234); /* a checksum of its own */
		give_all(&j, &w);
		assert_false(give_nth(&j, &w, PARTS - 1));
		give_all(&j, &next);
		assert_false(give_nth(&j, &next, PARTS - 1));
		give_all(&j, &w); /* and of next nothing is left */
		COUNTS(&j, 3);
		joining_close(&j);
	}
}

/* One that differs in a single way from the second of the three. */
static void differing_make(struct packet_bytes *f, const struct whole_packet *w, int way)
{
	static const struct {
		size_t from, to;
		bool more;
	} ways[] = {{24, 48, true}, {24, 48, false}, {24, 40, true}, {32, 48, true}};

	fragment_make(f, w, ways[way].from, ways[way].to, ways[way].more);
	if (way == 0)
		f->bytes[f->len - 1] ^= 1;
}

static void test_what_differs_in_a_byte_or_an_end_is_no_double(void **state)
{
	struct packet_bytes f;
	struct whole_packet w;

	(void)state;
	for (int way = 0; way < 2 * 4; way++) {
		struct joining j = joining_open();
		whole_make(&w, way % 2);
		give_all(&j, &w);
		differing_make(&f, &w, way / 2);
		assert_false(give(&j, &f));
		assert_int_equal(j.segment.flaws, 0); /* nothing to contradict */
		COUNTS(&j, 1, 1);
		joining_close(&j);
	}
}

static void test_of_cut_fragments_what_was_captured_is_compared(void **state)
{
	static const size_t snaplens[] = {48, 60}; /* of IPv6: no payload, 12 bytes of it */
	struct whole_packet w;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(snaplens); i++) {
		struct joining j = joining_open();
		whole_make(&w, true);
		j.snaplen = snaplens[i];
		for (size_t part = 0; part < PARTS; part++)
			assert_int_equal(give_nth(&j, &w, part), part == PARTS - 1);
		for (size_t part = 0; part < PARTS; part++)
			assert_false(give_nth(&j, &w, part));
		COUNTS(&j, 1);
		assert_false(give_part(&j, &w, 24, 40));
		COUNTS(&j, 1, 1);
		joining_close(&j);
	}
}

static void test_ipv4_doubles_of_overlapping_fragments_are_nothing(void **state)
{
	struct joining j = joining_open();
	struct whole_packet w;

	(void)state;
	whole_make(&w, false);
	assert_false(give_part(&j, &w, 0, 32));
	assert_false(give_part(&j, &w, 0, 32));
	assert_false(give_part(&j, &w, 24, 48));
	assert_int_equal(j.segment.flaws, FLAW_OVERLAP);
	assert_false(give_part(&j, &w, 24, 48));
	assert_int_equal(j.segment.flaws, 0);
	assert_true(give_part(&j, &w, 48, 60));
	assert_false(give_part(&j, &w, 48, 60));
	assert_false(give_part(&j, &w, 24, 48));
	COUNTS(&j, 1);
	joining_close(&j);
}

static void test_a_tombstone_lasts_for_the_timeout_from_the_joining_on(void **state)
{
	struct joining j = joining_with(&(struct joiner_config){.timeout_ns = 100});
	struct whole_packet w;

	(void)state;
	whole_make(&w, false);
	assert_false(give_nth(&j, &w, 0));
	j.ns += 60;
	assert_false(give_nth(&j, &w, 1));
	assert_true(give_nth(&j, &w, 2));
	j.ns += 100;
	assert_false(give_nth(&j, &w, 2));
	COUNTS(&j, 1);
	j.ns += 1;
	give_all(&j, &w);
	COUNTS(&j, 2);
	joining_close(&j);
}

static void test_tombstones_give_way_first_and_are_no_loss(void **state)
{
	struct joining j = joining_with(&(struct joiner_config){.max_datagrams = 3});
	struct whole_packet w, waiting;

	(void)state;
	whole_udp4(&waiting, 99, 40);
	assert_false(give_part(&j, &waiting, 0, 24)); /* older than all that are joined */
	for (uint16_t id = 0; id < 10; id++) {
		whole_udp4(&w, id, 40);
		assert_false(give_part(&j, &w, 0, 24));
		assert_true(give_part(&j, &w, 24, 48));
		assert_false(give_part(&j, &w, 24, 48));
	}
	assert_true(give_part(&j, &waiting, 24, 48));
	assert_joined(&j, &waiting);
	COUNTS(&j, 11);
	joining_close(&j);
}

static void test_tombstones_give_way_to_bytes_too(void **state)
{
	struct joining j = joining_with(&(struct joiner_config){.max_bytes = 10000});
	struct whole_packet w, waiting;

	(void)state;
	whole_udp6(&waiting, 999, 3000);
	assert_false(give_part(&j, &waiting, 0, 1480));
	for (uint16_t id = 0; id < 100; id++) {
		whole_udp6(&w, id, 40);
		assert_false(give_part(&j, &w, 0, 24));
		assert_true(give_part(&j, &w, 24, 48));
		assert_false(give_part(&j, &w, 0, 24));
	}
	assert_true(give_part(&j, &waiting, 1480, 3008));
	assert_joined(&j, &waiting);
	COUNTS(&j, 101);
	joining_close(&j);
}

static void test_a_refused_datagram_that_gave_way_is_not_counted_as_evicted(void **state)
{
	struct joining j = joining_with(&(struct joiner_config){.max_datagrams = 2});
	struct whole_packet w, waiting;

	(void)state;
	whole_udp6(&waiting, 99, 40);
	assert_false(give_part(&j, &waiting, 0, 24));
	for (uint16_t id = 0; id < 5; id++) {
		whole_udp6(&w, id, 40);
		assert_false(give_part(&j, &w, 0, 24));
		assert_false(give_part(&j, &w, 16, 48));
		assert_int_equal(j.segment.flaws, FLAW_OVERLAP);
	}
	assert_true(give_part(&j, &waiting, 24, 48));
	COUNTS(&j, 1, 0, 0, 5, 0);
	joining_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_fragment_seen_twice_is_one_datagram),
		cmocka_unit_test(test_a_datagram_seen_many_times_in_any_order_is_joined_once),
		cmocka_unit_test(
			test_a_double_of_the_last_fragment_does_not_spoil_the_next_datagram),
		cmocka_unit_test(test_what_differs_in_a_byte_or_an_end_is_no_double),
		cmocka_unit_test(test_of_cut_fragments_what_was_captured_is_compared),
		cmocka_unit_test(test_ipv4_doubles_of_overlapping_fragments_are_nothing),
		cmocka_unit_test(test_a_tombstone_lasts_for_the_timeout_from_the_joining_on),
		cmocka_unit_test(test_tombstones_give_way_first_and_are_no_loss),
		cmocka_unit_test(test_tombstones_give_way_to_bytes_too),
		cmocka_unit_test(
			test_a_refused_datagram_that_gave_way_is_not_counted_as_evicted),
	};
	return cmocka_run_group_tests_name("decode: joiner's tombstones", tests, NULL, NULL);
}
