/* Fragments that contradict each other. */
#include "joined.h"

struct range {
	size_t from, to;
};

/* Each overlaps [32, 64) of a datagram of 104 bytes. */
static const struct range overlaps[] = {
	{40, 48}, {24, 40}, {56, 72}, {24, 72}, {32, 64}, {32, 40}, {56, 64}, {16, 64},
};

static void test_ipv4_takes_the_latest_of_overlapping_bytes(void **state)
{
	struct whole_packet w;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(overlaps); i++) {
		const struct range *o = &overlaps[i];
		struct joining j = joining_open();
		whole_udp4(&w, 7, 96);
		assert_false(give_part(&j, &w, 32, 64));
		assert_false(give_other(&j, &w, o->from, o->to));
		assert_int_equal(j.segment.flaws, FLAW_OVERLAP);
		if (o->from > 16)
			assert_false(give_part(&j, &w, 16, o->from < 32 ? o->from : 32));
		assert_false(give_part(&j, &w, o->to > 64 ? o->to : 64, 96));
		assert_int_equal(j.segment.flaws, 0);
		assert_false(give_part(&j, &w, 96, 104));
		assert_true(give_part(&j, &w, 0, 16));
		assert_int_equal(j.segment.flaws, 0);
		assert_int_equal(j.whole.segment.flaws, FLAW_OVERLAP | FLAW_BAD_CHECKSUM);
		memset(w.p.bytes + 20 + o->from, '!', o->to - o->from);
		assert_int_equal(j.whole.caplen, w.p.len);
		assert_memory_equal(j.whole.bytes, w.p.bytes, w.p.len);
		assert_int_equal(j.whole.fragments[1], 2);
		COUNTS(&j, 1);
		joining_close(&j);
	}
}

static void test_ipv4_bytes_that_were_there_many_times_are_joined_once(void **state)
{
	struct joining j = joining_open();
	struct whole_packet w;

	(void)state;
	whole_udp4(&w, 7, 88);
	for (size_t at = 8; at < 80; at += 16)
		assert_false(give_other(&j, &w, at, at + 8));
	assert_false(give_part(&j, &w, 0, 80)); /* covers five pieces and the holes between */
	assert_int_equal(j.segment.flaws, FLAW_OVERLAP);
	assert_true(give_part(&j, &w, 80, 96));
	assert_int_equal(j.whole.segment.flaws, FLAW_OVERLAP);
	assert_memory_equal(j.whole.bytes, w.p.bytes, w.p.len);
	assert_int_equal(j.whole.fragment_count, 7);
	joining_close(&j);
}

static void test_ipv4_overlaps_of_cut_fragments_keep_what_is_known(void **state)
{
	struct joining j = joining_open();
	struct whole_packet w;

	(void)state;
	whole_udp4(&w, 7, 96);
	assert_false(give_part(&j, &w, 0, 64));
	j.snaplen = 20 + 4;
	assert_false(give_part(&j, &w, 16, 32)); /* of which 4 bytes are captured */
	j.snaplen = 0;
	assert_true(give_part(&j, &w, 64, 104));
	assert_int_equal(j.whole.len, w.p.len);
	assert_int_equal(j.whole.caplen, 20 + 16 + 4);
	assert_memory_equal(j.whole.bytes, w.p.bytes, 20 + 16 + 4);
	assert_int_equal(j.whole.segment.flaws, FLAW_OVERLAP | FLAW_TRUNCATED);
	joining_close(&j);
}

static void test_ipv4_parts_of_cut_fragments_are_cut_likewise(void **state)
{
	struct joining j = joining_open();
	struct whole_packet w;

	(void)state;
	whole_udp4(&w, 7, 96);
	j.snaplen = 20 + 20;
	assert_false(give_part(&j, &w, 0, 64)); /* of which 20 bytes are captured */
	j.snaplen = 0;
	assert_false(give_part(&j, &w, 24, 40));
	assert_true(give_part(&j, &w, 64, 104));
	assert_int_equal(j.whole.caplen, 20 + 20);
	assert_memory_equal(j.whole.bytes, w.p.bytes, 20 + 20);
	joining_close(&j);
}

static void test_ipv4_takes_the_latest_first_fragment_with_its_header(void **state)
{
	struct joining j = joining_open();
	struct whole_packet w;
	struct packet_bytes f;

	(void)state;
	whole_udp4(&w, 7, 96);
	fragment_make(&f, &w, 0, 48, true);
	packet_poke8(&f, 8, 3); /* another time to live */
	packet_seal4(&f, 0);
	assert_false(give(&j, &f));
	assert_false(give_part(&j, &w, 0, 40));
	assert_int_equal(j.segment.flaws, FLAW_OVERLAP);
	assert_true(give_part(&j, &w, 48, 104));
	assert_int_equal(j.whole.segment.flaws, FLAW_OVERLAP);
	assert_int_equal(j.whole.caplen, w.p.len);
	assert_memory_equal(j.whole.bytes, w.p.bytes, w.p.len);
	joining_close(&j);
}

static void test_the_same_bytes_in_another_place_are_no_duplicate(void **state)
{
	static const struct range ranges[] = {{40, 72}, {32, 56}, {32, 72}};
	struct whole_packet w;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(ranges); i++) {
		struct joining j = joining_open();
		whole_udp6(&w, 7, 96);
		assert_false(give_other(&j, &w, 32, 64));
		assert_false(give_other(&j, &w, 32, 64));
		assert_int_equal(j.segment.flaws, 0);
		assert_false(give_other(&j, &w, ranges[i].from, ranges[i].to));
		assert_int_equal(j.segment.flaws, FLAW_OVERLAP);
		joining_close(&j);
	}
}

static void test_ipv6_refuses_a_datagram_with_overlaps(void **state)
{
	struct whole_packet w;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(overlaps); i++) {
		struct joining j = joining_open();
		whole_udp6(&w, 7, 96);
		assert_false(give_part(&j, &w, 32, 64));
		assert_false(give_other(&j, &w, overlaps[i].from, overlaps[i].to));
		assert_int_equal(j.segment.flaws, FLAW_OVERLAP);
		for (size_t at = 0; at < 104; at += 8) { /* those not yet received go too */
			assert_false(give_part(&j, &w, at, at + 8));
			assert_int_equal(j.segment.flaws, 0);
		}
		COUNTS(&j, 0, 0, 0, 1, 0);
		j.ns += 61 * NS_PER_S; /* then the identification is free again */
		assert_false(give_part(&j, &w, 0, 8));
		assert_true(give_part(&j, &w, 8, 104));
		assert_joined(&j, &w);
		COUNTS(&j, 1, 0, 0, 1, 0);
		joining_close(&j);
	}
}

/* Of 48 bytes [24, 48) or [0, 24) came; now it ends twice, or goes on after the end. */
static void contradict(struct joining *j, const struct whole_packet *w, int kind)
{
	struct packet_bytes f;

	if (kind < 3) {
		give_part(j, w, 40, 48);
		give_part(j, w, 24, 40);
	} else {
		give_part(j, w, 8, 24);
		give_part(j, w, 0, 8);
	}
	switch (kind) {
	case 0: /* a second end, further on */
		fragment_make(&f, w, 40, 47, false);
		packet_poke16(&f, is_ip6(w) ? 42 : 6, is_ip6(w) ? 56 : 7);
		break;
	case 1: /* a second end, before */
		fragment_make(&f, w, 0, 16, false);
		packet_poke16(&f, is_ip6(w) ? 42 : 6, is_ip6(w) ? 8 : 1);
		break;
	case 2: /* more after the end */
		fragment_make(&f, w, 24, 48, true);
		break;
	default: /* the end where more was to come */
		fragment_make(&f, w, 8, 24, false);
	}
	if (!is_ip6(w))
		packet_seal4(&f, 0);
	assert_false(give(j, &f));
	assert_int_equal(j->segment.flaws, FLAW_BAD_LENGTH);
}

static void test_ipv4_ignores_a_fragment_that_contradicts(void **state)
{
	struct whole_packet w;

	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		struct joining j = joining_open();
		whole_udp4(&w, 7, 40);
		contradict(&j, &w, kind);
		assert_true(give_part(&j, &w, kind < 3 ? 0 : 24, kind < 3 ? 24 : 48));
		assert_joined(&j, &w);
		CAME_IN(&j, 1, 2, 4);
		joining_close(&j);
	}
}

static void test_ipv6_refuses_a_datagram_with_contradictions(void **state)
{
	struct whole_packet w;

	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		struct joining j = joining_open();
		whole_udp6(&w, 7, 40);
		contradict(&j, &w, kind);
		assert_false(give_part(&j, &w, kind < 3 ? 0 : 24, kind < 3 ? 24 : 48));
		COUNTS(&j, 0, 0, 0, 1, 0);
		joining_close(&j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipv4_takes_the_latest_of_overlapping_bytes),
		cmocka_unit_test(test_ipv4_bytes_that_were_there_many_times_are_joined_once),
		cmocka_unit_test(test_ipv4_overlaps_of_cut_fragments_keep_what_is_known),
		cmocka_unit_test(test_ipv4_parts_of_cut_fragments_are_cut_likewise),
		cmocka_unit_test(test_ipv4_takes_the_latest_first_fragment_with_its_header),
		cmocka_unit_test(test_the_same_bytes_in_another_place_are_no_duplicate),
		cmocka_unit_test(test_ipv6_refuses_a_datagram_with_overlaps),
		cmocka_unit_test(test_ipv4_ignores_a_fragment_that_contradicts),
		cmocka_unit_test(test_ipv6_refuses_a_datagram_with_contradictions),
	};
	return cmocka_run_group_tests_name("decode: joiner refuses", tests, NULL, NULL);
}
