#include "taps.h"

/* What becomes of packets between two taps: see taps.h for the language. */

static void test_a_departure_and_its_arrival_are_one_packet(void **state)
{
	struct taps *t = *state;
	crosses(t, 0, 10, DATA(.seq = 1));
	crosses(t, 12, 21, PURE_ACK(BACK, .seq = 1, .ack = 101));
	assert_string_equal(joined(t), "1@0>10 2@12>21 .");
	assert_int_equal(t->given[1].packet.way.frames[0], 2);
	assert_int_equal(t->given[1].packet.way.frames[1], 2);
	assert_int_equal(t->given[1].vantage, 1);
}

static void test_what_does_not_arrive_in_two_seconds_is_lost(void **state)
{
	struct taps *t = *state;
	taps_are_on(t);
	sees(t, 0, 0, DATA(.seq = 1));
	crosses(t, 5, 15, DATA(.seq = 101));
	crosses(t, 3000, 3010, DATA(.seq = 201));
	assert_string_equal(joined(t), "1@-1000>-990 2@0x 3@5>15 4@3000>3010 .");
	assert_int_equal(t->given[1].packet.way.frames[1], 0);
}

static void test_order_is_that_of_departure_when_the_network_reorders(void **state)
{
	struct taps *t = *state;
	crosses(t, 0, 30, DATA(.seq = 1));
	crosses(t, 1, 11, DATA(.seq = 101));
	assert_string_equal(joined(t), "1@0>30 2@1>11 .");
}

static void test_a_way_that_begins_slowly_may_become_fast(void **state)
{
	struct taps *t = *state;
	crosses(t, 0, 39, DATA(.seq = 1));
	crosses(t, 50, 61, DATA(.seq = 101));
	assert_string_equal(joined(t), "1@0>39 2@50>61 .");
}

static void test_a_second_arrival_is_a_copy_of_the_same_departure(void **state)
{
	struct taps *t = *state;
	crosses(t, 0, 10, DATA(.seq = 1));
	sees(t, 1, 12, DATA(.seq = 1));
	crosses(t, 20, 30, DATA(.seq = 101));
	assert_string_equal(joined(t), "1@0>10 2=1@0>12 3@20>30 .");
	assert_int_equal(t->given[1].packet.way.frames[0], 1);
	assert_int_equal(t->given[1].packet.way.frames[1], 2);
}

static void test_a_copy_names_an_original_that_is_still_held(void **state)
{
	struct taps *t = *state;
	taps_are_on(t);
	sees(t, 0, 0, DATA(.seq = 1)); /* lost: it holds up the others */
	crosses(t, 1, 11, DATA(.seq = 101));
	sees(t, 1, 12, DATA(.seq = 101));
	crosses(t, 3000, 3010, DATA(.seq = 201));
	assert_string_equal(joined(t), "1@-1000>-990 2@0x 3@1>11 4=3@1>12 5@3000>3010 .");
}

static void test_a_retransmission_is_known_by_its_identification(void **state)
{
	struct taps *t = *state;
	taps_are_on(t);
	sees(t, 0, 0, DATA(.seq = 1, .id = 1));
	crosses(t, 200, 210, DATA(.seq = 1, .id = 2));
	crosses(t, 4000, 4010, DATA(.seq = 101, .id = 3));
	assert_string_equal(joined(t), "1@-1000>-990 2@0x 3@200>210 4@4000>4010 .");
}

static void test_of_equal_copies_the_one_with_the_usual_delay_arrived(void **state)
{
	struct taps *t = *state;
	crosses(t, 0, 10, DATA(.seq = 1));
	sees(t, 0, 100, DATA(.seq = 101));
	crosses(t, 300, 310, DATA(.seq = 101));
	crosses(t, 4000, 4010, DATA(.seq = 201));
	assert_string_equal(joined(t), "1@0>10 2@100x 3@300>310 4@4000>4010 .");
}

/* Both delays are usual ones, but then the first would have been overtaken. */
static void test_of_equal_copies_the_one_that_nothing_has_overtaken_arrived(void **state)
{
	struct taps *t = *state;
	taps_are_on(t);
	sees(t, 0, 0, DATA(.seq = 1));
	crosses(t, 1, 11, DATA(.seq = 101));
	crosses(t, 5, 15, DATA(.seq = 1));
	crosses(t, 4000, 4010, DATA(.seq = 201));
	assert_string_equal(joined(t), "1@-1000>-990 2@0x 3@1>11 4@5>15 5@4000>4010 .");
}

static void test_equal_copies_that_a_stall_held_up_arrive_in_order(void **state)
{
	struct taps *t = *state;
	crosses(t, 0, 10, DATA(.seq = 1));
	crosses(t, 100, 800, DATA(.seq = 101));
	crosses(t, 300, 801, DATA(.seq = 101));
	assert_string_equal(joined(t), "1@0>10 2@100>800 3@300>801 .");
}

static void test_equal_duplicate_acks_are_matched_in_order(void **state)
{
	struct taps *t = *state;
	for (int i = 0; i < 4; i++)
		crosses(t, i, 10 + i, PURE_ACK(BACK, .seq = 1, .ack = 101));
	assert_string_equal(joined(t), "1@0>10 2@1>11 3@2>12 4@3>13 .");
}

static void test_an_arrival_after_the_window_amends(void **state)
{
	struct taps *t = *state;
	taps_are_on(t);
	sees(t, 0, 0, DATA(.seq = 1));
	crosses(t, 2500, 2510, DATA(.seq = 101));
	sees(t, 1, 2600, DATA(.seq = 1));
	assert_string_equal(joined(t), "1@-1000>-990 2@0x 3@2500>2510 !2>2600 .");
}

static void test_the_window_can_be_wider(void **state)
{
	struct taps *t = *state;
	t->config.window_ns = 5 * NS_PER_S;
	sees(t, 0, 0, DATA(.seq = 1));
	crosses(t, 2500, 2510, DATA(.seq = 101));
	sees(t, 1, 2600, DATA(.seq = 1));
	assert_string_equal(joined(t), "1@0>2600 2@2500>2510 .");
}

static void test_a_full_window_gives_up_the_eldest(void **state)
{
	struct taps *t = *state;
	taps_are_on(t);
	t->config.max_waiting = 3;
	for (uint32_t i = 0; i < 5; i++)
		sees(t, 0, i, DATA(.seq = 1 + 100 * i));
	for (uint32_t i = 0; i < 5; i++)
		sees(t, 1, 10 + i, DATA(.seq = 1 + 100 * i));
	assert_string_equal(joined(t), "1@-1000>-990 2@0x 3@1x 4@2>12 5@3>13 6@4>14 !2>10 !3>11 .");
}

static void test_what_is_seen_only_arriving_left_as_the_fastest_would(void **state)
{
	struct taps *t = *state;
	crosses(t, 0, 10, DATA(.seq = 1));
	sees(t, 1, 60, DATA(.seq = 101));
	crosses(t, 70, 81, DATA(.seq = 201));
	assert_string_equal(joined(t), "1@0>10 2@~50>60 3@70>81 .");
	assert_int_equal(t->given[1].packet.way.frames[0], 0);
	assert_int_equal(t->given[1].packet.way.frames[1], 2);
	assert_int_equal(t->given[1].vantage, 0);
}

static void test_rewriting_on_the_way_does_not_matter(void **state)
{
	struct taps *t = *state;
	sees(t, 0, 0, DATA(.seq = 1, .ttl = 64, .flaws = FLAW_CHECKSUM_OFFLOADED));
	sees(t, 1, 10, DATA(.seq = 1, .ttl = 57, .tunnel = {1, {TUNNEL_VLAN}, 1, {7}}));
	assert_string_equal(joined(t), "1@0>10 .");
	assert_int_equal(t->given[0].packet.segment.ttl, 64); /* as it left */
}

static void test_captures_that_keep_less_match_by_what_both_keep(void **state)
{
	struct taps *t = *state;
	t->config.content.payload_bytes = 20;
	sees(t, 0, 0, DATA(.seq = 1));
	sees(t, 1, 10, DATA(.seq = 1, .kept = 20, .flaws = FLAW_TRUNCATED));
	assert_string_equal(joined(t), "1@0>10 .");
}

static void test_datagrams_of_equal_length_differ_by_their_bytes(void **state)
{
	struct taps *t = *state;
	crosses(t, 0, 30, DATAGRAM(.payload = 1));
	crosses(t, 1, 11, DATAGRAM(.payload = 2));
	assert_string_equal(joined(t), "1@0>30 2@1>11 .");
}

static void test_one_large_segment_arrives_with_the_last_of_its_pieces(void **state)
{
	struct taps *t = *state;
	sees(t, 0, 0, DATA(.seq = 1, .len = 300));
	sees(t, 1, 10, DATA(.seq = 1));
	sees(t, 1, 12, DATA(.seq = 201));
	sees(t, 1, 14, DATA(.seq = 101));
	crosses(t, 20, 30, DATA(.seq = 301));
	assert_string_equal(joined(t), "1@0>14 2@20>30 .");
	assert_int_equal(t->given[0].packet.way.frames[1], 3);
}

static void test_a_large_segment_of_which_a_piece_is_missing_is_not_called_lost(void **state)
{
	struct taps *t = *state;
	sees(t, 0, 0, DATA(.seq = 1, .len = 300));
	sees(t, 1, 10, DATA(.seq = 1));
	sees(t, 1, 14, DATA(.seq = 201));
	crosses(t, 3000, 3010, DATA(.seq = 301));
	assert_string_equal(joined(t), "1@0? 2@3000>3010 .");
}

static void test_segments_that_were_merged_arrive_together(void **state)
{
	struct taps *t = *state;
	for (uint32_t i = 0; i < 3; i++)
		sees(t, 0, i, DATA(.seq = 1 + 100 * i));
	sees(t, 1, 12, DATA(.seq = 1, .len = 300));
	assert_string_equal(joined(t), "1@0>12 2@1>12 3@2>12 .");
}

static void test_sides_are_learned_from_who_sees_a_packet_first(void **state)
{
	struct taps *t = *state;
	t->config.local_count[0] = t->config.local_count[1] = 0;
	crosses(t, 0, 10, DATA(.seq = 1));
	sees(t, 0, 5, DATA(.seq = 101));
	crosses(t, 20, 30, PURE_ACK(BACK, .seq = 1, .ack = 101));
	crosses(t, 3000, 3010, DATA(.seq = 201));
	assert_string_equal(joined(t), "1@0>10 2@5x 3@20>30 4@3000>3010 .");
}

static void test_traffic_that_one_tap_alone_can_see_is_no_loss(void **state)
{
	struct taps *t = *state;
	crosses(t, 0, 10, DATA(.seq = 1));
	sees(t, 1, 12, DATA(.alien = true, .seq = 1));
	sees(t, 1, 14, PURE_ACK(BACK, .alien = true, .seq = 1, .ack = 101));
	crosses(t, 3000, 3010, DATA(.seq = 101));
	assert_string_equal(joined(t), "1@0>10 2@12 3@14 4@3000>3010 .");
	assert_int_equal(t->given[1].packet.way.frames[1], 2);
}

static void test_what_is_sent_to_many_is_for_the_other_host_where_there_are_only_two(void **state)
{
	struct taps *t = *state;
	t->config.one_wire = t->config.whole = true;
	crosses(t, 0, 10, DATAGRAM(.group = true));
	crosses(t, 20, 30, DATAGRAM(BACK, .group = true));
	sees(t, 0, 40, DATAGRAM(.group = true, .payload = 1));
	assert_string_equal(joined(t), "1@0>10 2@20>30 3@40x .");
}

static void test_an_arrival_may_precede_its_departure_by_what_clocks_are_off(void **state)
{
	struct taps *t = *state;
	t->config.clocks.uncertainty_ns = 5 * NS_PER_MS;
	crosses(t, 10, 7, DATA(.seq = 1));
	crosses(t, 20, 30, DATA(.seq = 101));
	assert_string_equal(joined(t), "1@10>7 2@20>30 .");
}

static void test_the_second_clock_is_set_right(void **state)
{
	struct taps *t = *state;
	t->config.clocks.offset_ns = -1500 * (int64_t)NS_PER_MS;
	sees(t, 0, 0, DATA(.seq = 1));
	sees(t, 1, 1510, DATA(.seq = 1));
	assert_string_equal(joined(t), "1@0>10 .");
}

static void test_fragments_and_what_they_make_keep_each_others_numbers(void **state)
{
	struct taps *t = *state;
	static const uint64_t frames[] = {2, 3};
	crosses(t, 0, 10, DATA(.seq = 1));
	for (uint32_t i = 0; i < 2; i++) {
		crosses(t, 20 + i, 30 + i, DATAGRAM(.id = 5));
		for (size_t v = 0; v < VANTAGES; v++) {
			struct segment *s = &t->tap[v].events[t->tap[v].count - 1].packet.segment;
			s->kind = SEGMENT_FRAGMENT;
			s->fragment.offset = i * 1000;
			s->fragment.len = 1000;
		}
	}
	sees(t, 0, 21, DATAGRAM(.id = 5, .len = 2000, .kept = 100));
	sees(t, 1, 31, DATAGRAM(.id = 5, .len = 2000, .kept = 100));
	for (size_t v = 0; v < VANTAGES; v++) {
		struct packet *whole = &t->tap[v].events[3].packet;
		whole->n = 3;
		whole->fragments = frames;
		whole->fragment_count = 2;
	}
	assert_string_equal(joined(t), "1@0>10 2@20>30 3@21>31 3@21>31 .");
	assert_int_equal(t->given[3].packet.fragment_count, 2);
}

static void test_a_packet_damaged_on_the_way_arrives_damaged(void **state)
{
	struct taps *t = *state;
	sees(t, 0, 0, DATA(.seq = 1, .id = 4, .payload = 1));
	sees(t, 1, 10, DATA(.seq = 1, .id = 4, .payload = 2, .flaws = FLAW_BAD_CHECKSUM));
	sees(t, 0, 20, DATAGRAM(.payload = 1));
	sees(t, 1, 30, DATAGRAM(.payload = 2, .flaws = FLAW_BAD_CHECKSUM));
	assert_string_equal(joined(t), "1@0>10 2@20>30 .");
	assert_true(t->given[0].packet.segment.flaws & FLAW_BAD_CHECKSUM);
	assert_true(t->given[1].packet.segment.flaws & FLAW_BAD_CHECKSUM);
}

static void test_a_checksum_that_is_right_on_arrival_is_right(void **state)
{
	struct taps *t = *state;
	sees(t, 0, 0, DATA(.seq = 1, .flaws = FLAW_BAD_CHECKSUM));
	sees(t, 1, 10, DATA(.seq = 1));
	assert_string_equal(joined(t), "1@0>10 .");
	assert_int_equal(t->given[0].packet.segment.flaws, 0);
}

/* Any traffic, any network: each frame of each capture is in the joined timeline exactly once,
 * but for a copy's departure, and numbers count up. */
static void assert_every_frame_once(struct taps *t)
{
	bool told[VANTAGES][512] = {{false}};
	uint64_t n = 0;
	for (size_t i = 0; i < t->given_count; i++) {
		const struct event *event = &t->given[i];
		const struct way *way = &event->packet.way;
		if (event->kind != EVENT_PACKET)
			continue;
		assert_int_equal(event->packet.n, ++n);
		assert_false(way->lost && way->arrives_ns);
		for (size_t v = 0; v < VANTAGES; v++) {
			if (!way->frames[v] || (way->copy_of && v == event->vantage))
				continue;
			assert_false(told[v][way->frames[v]]);
			told[v][way->frames[v]] = true;
		}
	}
	for (size_t i = 0; i < t->given_count; i++) { /* late arrivals have no frame to show */
		if (t->given[i].kind == EVENT_AMEND)
			n++;
	}
	assert_true(n >= t->tap[0].count && n >= t->tap[1].count);
}

static void test_what_is_sent_to_many_is_joined_but_never_called_lost(void **state)
{
	struct taps *t = *state;
	static const struct addr many = {4, {224, 0, 0, 251}};
	crosses(t, 0, 10, DATAGRAM(.id = 1));
	sees(t, 0, 20, DATAGRAM(.id = 2));
	crosses(t, 30, 40, DATAGRAM(BACK, .id = 3));
	crosses(t, 3000, 3010, DATA(.seq = 1));
	for (size_t v = 0; v < VANTAGES; v++) {
		for (size_t i = 0; i + 1 < t->tap[v].count; i++)
			t->tap[v].events[i].packet.segment.ends.dst = many;
	}
	assert_string_equal(joined(t), "1@0>10 2@20 3@30>40 4@3000>3010 .");
}

static void test_any_network_gives_every_frame_once(void **state)
{
	struct taps *t = *state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		uint64_t rng = seed;
		t->tap[0].count = t->tap[1].count = t->tap[0].at = t->tap[1].at = 0;
		t->given_count = 0;
		t->config.whole = rng_next(&rng) % 2;
		t->config.max_waiting = rng_next(&rng) % 3 ? 0 : 5;
		t->config.local_count[0] = t->config.local_count[1] = rng_next(&rng) % 2;
		for (uint32_t i = 0; i < 100; i++) {
			struct seen_packet seen = PURE_ACK(.seq = 1, .back = rng_next(&rng) % 2,
							   .ack = (uint32_t)(rng_next(&rng) % 9));
			double leaves = (double)(rng_next(&rng) % 4000);
			uint64_t copies = rng_next(&rng) % 4;
			seen.id = (uint32_t)(rng_next(&rng) % 2) * (i + 1);
			if (copies != 3)
				sees(t, seen.back, leaves, seen);
			for (uint64_t k = 0; k < copies; k++)
				sees(t, !seen.back,
				     leaves + (double)(1 + rng_next(&rng) % 40), seen);
		}
		joined(t);
		assert_every_frame_once(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TAPS_TEST(test_a_departure_and_its_arrival_are_one_packet),
		TAPS_TEST(test_what_does_not_arrive_in_two_seconds_is_lost),
		TAPS_TEST(test_order_is_that_of_departure_when_the_network_reorders),
		TAPS_TEST(test_a_way_that_begins_slowly_may_become_fast),
		TAPS_TEST(test_a_second_arrival_is_a_copy_of_the_same_departure),
		TAPS_TEST(test_a_copy_names_an_original_that_is_still_held),
		TAPS_TEST(test_a_retransmission_is_known_by_its_identification),
		TAPS_TEST(test_of_equal_copies_the_one_with_the_usual_delay_arrived),
		TAPS_TEST(test_of_equal_copies_the_one_that_nothing_has_overtaken_arrived),
		TAPS_TEST(test_equal_copies_that_a_stall_held_up_arrive_in_order),
		TAPS_TEST(test_equal_duplicate_acks_are_matched_in_order),
		TAPS_TEST(test_an_arrival_after_the_window_amends),
		TAPS_TEST(test_the_window_can_be_wider),
		TAPS_TEST(test_a_full_window_gives_up_the_eldest),
		TAPS_TEST(test_what_is_seen_only_arriving_left_as_the_fastest_would),
		TAPS_TEST(test_rewriting_on_the_way_does_not_matter),
		TAPS_TEST(test_captures_that_keep_less_match_by_what_both_keep),
		TAPS_TEST(test_datagrams_of_equal_length_differ_by_their_bytes),
		TAPS_TEST(test_one_large_segment_arrives_with_the_last_of_its_pieces),
		TAPS_TEST(test_a_large_segment_of_which_a_piece_is_missing_is_not_called_lost),
		TAPS_TEST(test_segments_that_were_merged_arrive_together),
		TAPS_TEST(test_sides_are_learned_from_who_sees_a_packet_first),
		TAPS_TEST(test_traffic_that_one_tap_alone_can_see_is_no_loss),
		TAPS_TEST(test_what_is_sent_to_many_is_for_the_other_host_where_there_are_only_two),
		TAPS_TEST(test_an_arrival_may_precede_its_departure_by_what_clocks_are_off),
		TAPS_TEST(test_the_second_clock_is_set_right),
		TAPS_TEST(test_a_packet_damaged_on_the_way_arrives_damaged),
		TAPS_TEST(test_a_checksum_that_is_right_on_arrival_is_right),
		TAPS_TEST(test_what_is_sent_to_many_is_joined_but_never_called_lost),
		TAPS_TEST(test_any_network_gives_every_frame_once),
		TAPS_TEST(test_fragments_and_what_they_make_keep_each_others_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
