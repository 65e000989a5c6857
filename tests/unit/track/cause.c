#include "causes.h"

/* Why was this sent again: what decides at once. */

static void test_three_duplicate_acks_make_a_fast_retransmission(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, (struct tcp_options){0});
	flight(d, 0, 5);
	acks(d, 1, RTT_MS);
	for (int i = 0; i < 3; i++)
		acks(d, 1, 0);
	sends(d, 1, 0);
	assert_int_equal(why(d)->id, VERDICT_FAST_RETRANSMISSION);
	assert_int_equal(why(d)->of, 5);
	assert_int_equal(why(d)->episode, 1);
	assert_int_equal(why(d)->because[0], 10);
	assert_int_equal(why(d)->because[2], 12);
	assert_int_equal(fact_of(why(d), FACT_DUP_ACKS), 3);
	assert_int_equal(fact_of(why(d), FACT_SACKED), -1); /* nobody can say SACK here */
}

static void test_two_duplicate_acks_do_not(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, (struct tcp_options){0});
	flight(d, 0, 5);
	acks(d, 1, RTT_MS);
	acks(d, 1, 0);
	acks(d, 1, 0);
	sends(d, 1, 0);
	assert_int_not_equal(why(d)->id, VERDICT_FAST_RETRANSMISSION);
}

static void test_what_fills_a_hole_without_a_stamp_is_ambiguous(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	flight(d, 0, 1);
	acks(d, 1, 0);
	flight(d, 2, 3);
	acks_sacking(d, 1, 2, 3);
	acks_sacking(d, 1, 2, 5);
	sends(d, 1, RTT_MS);
	assert_int_equal(why(d)->id, VERDICT_RETRANSMISSION); /* nothing tells it from a late one */
	assert_int_equal(why(d)->sure, SURE_AMBIGUOUS);
	assert_int_equal(why(d)->candidates[0], VERDICT_OUT_OF_ORDER);
	assert_int_equal(why(d)->candidates[1], VERDICT_FAST_RETRANSMISSION);
}

static void test_a_newer_timestamp_tells_the_copy_from_the_late_original(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	stamps(d, 0, 100, 0);
	acks(d, 1, 0);
	stamps(d, 2, 100, 0);
	acks_sacking(d, 1, 2, 3);
	stamps(d, 1, 120, RTT_MS);
	assert_int_equal(why(d)->id, VERDICT_FAST_RETRANSMISSION);
	assert_int_equal(why(d)->sure, SURE_CERTAIN);
}

static void test_an_older_timestamp_is_a_late_original(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	stamps(d, 0, 100, 0);
	stamps(d, 2, 102, 0);
	acks_sacking(d, 1, 2, 3);
	stamps(d, 1, 101, 2 * RTT_MS);
	assert_int_equal(why(d)->id, VERDICT_OUT_OF_ORDER);
	assert_int_equal(why(d)->of, 5);
}

static void test_what_fills_a_hole_too_soon_was_not_sent_for_it(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	flight(d, 0, 1);
	acks(d, 1, 0);
	flight(d, 2, 4);
	acks_sacking(d, 1, 2, 6);
	sends(d, 1, RTT_MS / 2);
	assert_int_equal(why(d)->id, VERDICT_OUT_OF_ORDER);
}

static void test_a_later_hole_belongs_to_the_episode(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	flight(d, 0, 8);
	acks(d, 1, RTT_MS);
	acks_sacking(d, 1, 2, 4);
	acks_sacking(d, 1, 5, 8);
	sends(d, 1, 0);
	assert_int_equal(why(d)->id, VERDICT_FAST_RETRANSMISSION);
	sends(d, 4, 0);
	assert_int_equal(why(d)->id, VERDICT_RECOVERY_RETRANSMISSION);
	assert_int_equal(why(d)->episode, 1);
	assert_int_equal(why(d)->because[0], heard(d)->n - 1);
}

static void test_after_its_recovery_point_a_second_episode_begins(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	flight(d, 0, 4);
	acks(d, 0, RTT_MS);
	acks_sacking(d, 0, 1, 4);
	sends(d, 0, 0);
	acks(d, 4, RTT_MS);
	flight(d, 4, 4);
	acks_sacking(d, 4, 5, 8);
	sends(d, 4, 0);
	assert_int_equal(why(d)->id, VERDICT_FAST_RETRANSMISSION);
	assert_int_equal(why(d)->episode, 2);
}

static void test_the_last_after_two_round_trips_is_a_probe(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	flight(d, 0, 4);
	acks(d, 2, RTT_MS);
	sends(d, 3, 50);
	assert_int_equal(why(d)->id, VERDICT_TAIL_LOSS_PROBE);
	assert_int_equal(why(d)->of, 7);
	assert_int_equal(why(d)->because[0], 8);
}

static void test_the_first_after_a_long_silence_is_a_timeout(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	flight(d, 0, 4);
	sends(d, 0, 230);
	assert_int_equal(why(d)->id, VERDICT_RTO_RETRANSMISSION);
	assert_int_equal(why(d)->number, 1);
	assert_int_equal(fact_of(why(d), FACT_SILENCE), 230 * NS_PER_MS);
	sends(d, 0, 460);
	assert_int_equal(why(d)->id, VERDICT_RTO_RETRANSMISSION);
	assert_int_equal(why(d)->number, 2);
	acks(d, 1, RTT_MS);
	sends(d, 1, 0);
	assert_int_equal(why(d)->id, VERDICT_RTO_RECOVERY);
	assert_int_equal(why(d)->because[0], 9);
}

static void test_a_lone_segment_is_a_probe_or_a_timeout(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	sends(d, 0, 0);
	sends(d, 0, 240);
	assert_int_equal(why(d)->id, VERDICT_RETRANSMISSION);
	assert_int_equal(why(d)->sure, SURE_AMBIGUOUS);
	assert_int_equal(why(d)->candidates[0], VERDICT_TAIL_LOSS_PROBE);
	assert_int_equal(why(d)->candidates[1], VERDICT_RTO_RETRANSMISSION);
}

static void test_a_doubled_silence_tells_that_the_first_was_a_timeout(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	sends(d, 0, 0);
	sends(d, 0, 240);
	sends(d, 0, 480);
	assert_int_equal(why(d)->id, VERDICT_RTO_RETRANSMISSION);
	assert_int_equal(why(d)->number, 2);
	assert_int_equal(amended(d, 5)->id, VERDICT_RTO_RETRANSMISSION);
	ends(d);
	assert_int_equal(d->closed[0].verdicts[VERDICT_RETRANSMISSION], 0);
	assert_int_equal(d->closed[0].verdicts[VERDICT_RTO_RETRANSMISSION], 2);
}

static void test_an_equal_silence_tells_that_the_first_was_a_probe(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	sends(d, 0, 0);
	sends(d, 0, 240);
	sends(d, 0, 230);
	assert_int_equal(why(d)->id, VERDICT_RTO_RETRANSMISSION);
	assert_int_equal(why(d)->number, 1);
	assert_int_equal(amended(d, 5)->id, VERDICT_TAIL_LOSS_PROBE);
}

static void test_without_sack_nobody_probes(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, (struct tcp_options){0});
	sends(d, 0, 0);
	sends(d, 0, 240);
	assert_int_equal(why(d)->id, VERDICT_RTO_RETRANSMISSION);
	assert_int_equal(why(d)->sure, SURE_CERTAIN);
}

static void test_the_same_twice_with_no_cause_is_the_network_s(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	flight(d, 0, 3);
	sends(d, 1, 1);
	assert_int_equal(why(d)->id, VERDICT_NETWORK_DUPLICATE);
	assert_int_equal(why(d)->of, 5);
	assert_int_equal(why(d)->sure, SURE_LIKELY); /* it bears no stamp */
}

static void test_nothing_is_a_probe_before_a_round_trip_is_known(void **state)
{
	struct dialogue *d = *state;
	sends(d, 0, 0);
	sends(d, 0, 6);
	assert_int_equal(why(d)->id, VERDICT_NETWORK_DUPLICATE);
}

static void test_the_original_behind_its_copy_is_late(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	stamps(d, 0, 100, 0);
	acks(d, 1, 0);
	stamps(d, 2, 101, 0);
	acks_sacking(d, 1, 2, 3);
	stamps(d, 1, 121, RTT_MS);
	stamps(d, 1, 101, 1);
	assert_int_equal(why(d)->id, VERDICT_OUT_OF_ORDER);
}

/* RFC 1191 6.4: a router says that they are too big, and they are sent again in smaller ones. */
static void test_what_was_too_big_is_sent_again_because_icmp_said_so(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	flight(d, 0, 3);
	quotes(d, CLIENT, DATA(.seq = 1001, .too_big = true, .after_ms = 10));
	for (uint32_t half = 0; half < 6; half++) {
		says(d, CLIENT, DATA(.seq = 1001 + 50 * half, .ack = 5001, .len = 50,
				     .at_once = true));
		assert_int_equal(why(d)->id, VERDICT_RETRANSMISSION);
		assert_int_equal(why(d)->sure, SURE_CERTAIN);
		assert_int_equal(why(d)->of, 4 + half / 2);
		assert_int_equal(why(d)->because[0], 7);
		assert_int_equal(why(d)->because[1], 0);
		if (half == 0) /* what the second router error says changes nothing more */
			quotes(d, CLIENT, DATA(.seq = 1101, .too_big = true, .at_once = true));
	}
}

static void test_an_error_about_one_flight_does_not_explain_the_next(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	flight(d, 0, 1);
	quotes(d, CLIENT, DATA(.seq = 1001, .too_big = true, .after_ms = 10));
	sends(d, 0, 0);
	acks(d, 1, RTT_MS);
	flight(d, 1, 2);
	sends(d, 1, RTT_MS);
	assert_int_not_equal(why(d)->because[0], 5);
	quotes(d, CLIENT, DATA(.seq = 1101, .after_ms = 1)); /* nobody is there, says this */
	sends(d, 2, 1);
	assert_int_not_equal(why(d)->because[0], heard(d)->n - 1);
}

static void test_bytes_that_are_acknowledged_and_in_no_packet_are_a_gap(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	flight(d, 0, 1);
	acks(d, 3, RTT_MS);
	sends(d, 3, 0);
	assert_int_equal(why(d)->id, VERDICT_GAP);
	assert_int_equal(why(d)->because[0], 5);
	assert_int_equal(fact_of(why(d), FACT_LEN), 200);
	sends(d, 5, 0);
	assert_int_equal(why(d)->id, VERDICT_COUNT); /* 4 may still come */
}

/* RFC 7413 4.2. */
static void test_data_in_a_syn_are_counted(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000, .len = 24));
	assert_int_equal(why(d)->id, VERDICT_SYN_DATA);
	assert_int_equal(fact_of(why(d), FACT_LEN), 24);
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1025));
	assert_int_equal(why(d)->id, VERDICT_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cause_test(test_what_was_too_big_is_sent_again_because_icmp_said_so),
		cause_test(test_an_error_about_one_flight_does_not_explain_the_next),
		cause_test(test_three_duplicate_acks_make_a_fast_retransmission),
		cause_test(test_two_duplicate_acks_do_not),
		cause_test(test_what_fills_a_hole_without_a_stamp_is_ambiguous),
		cause_test(test_a_newer_timestamp_tells_the_copy_from_the_late_original),
		cause_test(test_an_older_timestamp_is_a_late_original),
		cause_test(test_what_fills_a_hole_too_soon_was_not_sent_for_it),
		cause_test(test_a_later_hole_belongs_to_the_episode),
		cause_test(test_after_its_recovery_point_a_second_episode_begins),
		cause_test(test_the_last_after_two_round_trips_is_a_probe),
		cause_test(test_the_first_after_a_long_silence_is_a_timeout),
		cause_test(test_a_lone_segment_is_a_probe_or_a_timeout),
		cause_test(test_a_doubled_silence_tells_that_the_first_was_a_timeout),
		cause_test(test_an_equal_silence_tells_that_the_first_was_a_probe),
		cause_test(test_without_sack_nobody_probes),
		cause_test(test_the_same_twice_with_no_cause_is_the_network_s),
		cause_test(test_nothing_is_a_probe_before_a_round_trip_is_known),
		cause_test(test_the_original_behind_its_copy_is_late),
		cause_test(test_bytes_that_are_acknowledged_and_in_no_packet_are_a_gap),
		cause_test(test_data_in_a_syn_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
