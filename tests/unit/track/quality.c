#include "../../support/cm.h"
#include "../../support/dialogue.h"

#include <string.h>

/* What the capture-quality card says of the capture itself. */

static bool card_says(const struct dialogue *d, const char *words)
{
	struct summary summary = {0};
	tracker_summary(d->tracker, &summary);
	for (size_t i = 0; i < summary.quality_count; i++) {
		if (strstr(summary.quality[i], words))
			return true;
	}
	return false;
}

static size_t card_length(const struct dialogue *d)
{
	struct summary summary = {0};
	tracker_summary(d->tracker, &summary);
	return summary.quality_count;
}

static void test_nothing_is_said_of_a_clean_capture(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .after_us = 10001));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101));
	ends(d);
	assert_int_equal(card_length(d), 0);
}

static void test_conversations_without_their_syn_are_counted(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .sport = 40001));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101, .sport = 40001));
	ends(d);
	assert_true(card_says(d, "1 of 2 TCP conversations began before the capture"));
}

static void test_a_conversation_of_which_one_end_went_elsewhere_is_counted(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	ends(d);
	assert_true(card_says(d, "1 of 1 TCP conversations shows one direction only"));
}

static void test_a_syn_that_nobody_answers_is_no_capture_of_one_direction(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, CLIENT, SYN(.seq = 1000, .after_ms = 1000));
	ends(d);
	assert_false(card_says(d, "one direction"));
}

static void test_packets_seen_twice_are_counted(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .ip_id = 1));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .ip_id = 1, .interface = 1,
			     .after_us = 10));
	assert_true(card_says(d, "1 packet was captured twice"));
}

static void test_cut_packets_are_counted_with_what_was_kept(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 900, .flaws = FLAW_TRUNCATED,
			     .kept = 82));
	says(d, CLIENT, DATA(.seq = 1901, .ack = 5001, .len = 900, .flaws = FLAW_TRUNCATED,
			     .kept = 96));
	assert_true(card_says(d, "2 packets were cut when captured (96 bytes kept at most)"));
}

static struct tcp_options mss(uint16_t bytes)
{
	return (struct tcp_options){.present = OPTION_MSS, .mss = bytes};
}

static void test_segments_that_fit_no_packet_are_offload(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000, .options = mss(1460)));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .options = mss(1400)));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 1400));
	assert_false(card_says(d, "network card"));
	says(d, CLIENT, DATA(.seq = 2401, .ack = 5001, .len = 7000));
	assert_true(card_says(d, "1 segment is larger than the MSS of 1400 (up to 7000 bytes)"));
}

static void test_a_clock_that_was_set_back_is_told(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	d->now_ns -= 3500 * NS_PER_MS;
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .at_once = true));
	assert_true(card_says(d, "steps back 1 time, by 3.5 s at most: times across"));
}

static void test_a_clock_of_whole_milliseconds_is_told(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	for (uint32_t i = 0; i < 20; i++)
		says(d, CLIENT, DATA(.seq = 1001 + i, .ack = 5001, .len = 1));
	assert_true(card_says(d, "whole millisecond"));
	says(d, CLIENT, DATA(.seq = 1021, .ack = 5001, .len = 1, .after_us = 1));
	assert_false(card_says(d, "whole millisecond"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, dialogue_far, dialogue_over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_is_said_of_a_clean_capture),
		TEST(test_conversations_without_their_syn_are_counted),
		TEST(test_a_conversation_of_which_one_end_went_elsewhere_is_counted),
		TEST(test_a_syn_that_nobody_answers_is_no_capture_of_one_direction),
		TEST(test_packets_seen_twice_are_counted),
		TEST(test_cut_packets_are_counted_with_what_was_kept),
		TEST(test_segments_that_fit_no_packet_are_offload),
		TEST(test_a_clock_that_was_set_back_is_told),
		TEST(test_a_clock_of_whole_milliseconds_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
