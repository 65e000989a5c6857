#include "causes.h"

/* Why was this sent again, as a tap at the receiver can know it: a round trip later than its
 * sender, and blind to what died on the way. */

static void either_is(const struct dialogue *d, enum verdict_id one, enum verdict_id other)
{
	assert_int_equal(why(d)->id, VERDICT_RETRANSMISSION);
	assert_int_equal(why(d)->sure, SURE_AMBIGUOUS);
	assert_int_equal(why(d)->candidates[0], one);
	assert_int_equal(why(d)->candidates[1], other);
}

/* Segment `hole` is missing, and the three behind it are SACKed. */
static void misses(struct dialogue *d, uint32_t hole)
{
	for (uint32_t k = hole + 1; k < hole + 4; k++) {
		sends(d, k, 0);
		acks_sacking(d, hole, hole + 1, k + 1);
	}
}

static void test_a_slow_sender_s_first_is_not_taken_for_its_second(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	sends(d, 0, 0);
	acks(d, 1, 0);
	stamps(d, 2, 100, 0);
	acks_sacking(d, 1, 2, 3);
	stamps(d, 3, 100, 0);
	acks_sacking(d, 1, 2, 4);
	stamps(d, 4, 100, 0);
	acks_sacking(d, 1, 2, 5);
	stamps(d, 1, 170, 3 * RTT_MS);
	assert_int_equal(why(d)->id, VERDICT_FAST_RETRANSMISSION);
	assert_int_equal(why(d)->sure, SURE_CERTAIN);
}

static void test_later_holes_behind_a_pause_may_be_the_timeout_s(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	stamps(d, 0, 100, 0);
	acks(d, 1, 0);
	stamps(d, 1, 400, 300);
	acks(d, 2, 0);
	stamps(d, 4, 420, RTT_MS);
	acks_sacking(d, 2, 4, 5);
	stamps(d, 3, 440, RTT_MS);
	either_is(d, VERDICT_RECOVERY_RETRANSMISSION, VERDICT_RTO_RECOVERY);
}

static void test_what_new_bytes_leave_out_was_outstanding_at_the_timeout(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	stamps(d, 0, 100, 0);
	acks(d, 1, 0);
	stamps(d, 2, 100, 0);
	acks_sacking(d, 1, 2, 3);
	stamps(d, 1, 400, 300);
	assert_int_equal(why(d)->id, VERDICT_RTO_RETRANSMISSION);
	acks(d, 3, 0);
	stamps(d, 5, 420, RTT_MS);
	acks_sacking(d, 3, 5, 6);
	stamps(d, 3, 440, RTT_MS);
	assert_int_equal(why(d)->id, VERDICT_RTO_RECOVERY);
}

static void test_a_copy_that_comes_an_echo_later_may_be_the_sender_s(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	flight(d, 0, 3);
	acks(d, 3, 0);
	sends(d, 1, 2 * RTT_MS);
	assert_int_equal(why(d)->sure, SURE_AMBIGUOUS);
	assert_int_equal(why(d)->candidates[0], VERDICT_NETWORK_DUPLICATE);
	sends(d, 1, 0);
	assert_int_equal(why(d)->id, VERDICT_NETWORK_DUPLICATE);
}

static void test_a_copy_where_the_repair_stopped_continues_it(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	sends(d, 0, 0);
	acks(d, 1, 0);
	flight(d, 2, 1);
	acks_sacking(d, 1, 2, 3);
	sends(d, 3, 200);
	acks_sacking(d, 1, 2, 4);
	sends(d, 1, 100);
	assert_int_equal(why(d)->id, VERDICT_RTO_RETRANSMISSION);
	acks(d, 4, 0);
	sends(d, 2, RTT_MS);
	assert_int_equal(why(d)->id, VERDICT_RTO_RECOVERY);
	sends(d, 3, 0);
	assert_int_equal(why(d)->id, VERDICT_RTO_RECOVERY);
}

static void test_what_a_link_held_back_may_be_a_timeout_s(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	sends(d, 0, 0);
	acks(d, 1, 0);
	misses(d, 1);
	sends(d, 6, 0);
	acks_sacking(d, 1, 6, 7);
	sends(d, 1, RTT_MS);
	acks(d, 5, 270);
	sends(d, 7, 30);
	sends(d, 5, 1);
	either_is(d, VERDICT_RECOVERY_RETRANSMISSION, VERDICT_RTO_RETRANSMISSION);
}

/* The next hole was asked for by SACK, long before the ACK came to it. */
static void test_a_hole_that_was_known_before_tells_nothing_of_the_way(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	for (uint32_t k = 0; k < 9; k += 3) {
		stamps(d, k, 100 + k, 0);
		stamps(d, k + 2, 100 + k, RTT_MS);
		acks(d, k + 1, 0);
		stamps(d, k + 1, 190 + k, 1);
		acks(d, k + 3, 0);
	}
	stamps(d, 10, 200, 0);
	acks_sacking(d, 9, 10, 11);
	stamps(d, 9, 210, 1); /* no answer comes as soon as that */
	assert_int_not_equal(why(d)->id, VERDICT_FAST_RETRANSMISSION);
}

/* It had heard of gaps, of what reordering did, and not yet of what filled them. */
static void test_what_has_arrived_and_comes_again_without_a_silence_is_a_recovery_s(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	for (uint32_t k = 0; k < 6; k++) {
		stamps(d, k, 100, 1);
		acks(d, k + 1, 0);
	}
	stamps(d, 6, 120, RTT_MS);
	stamps(d, 2, 121, 1);
	either_is(d, VERDICT_FAST_RETRANSMISSION, VERDICT_RECOVERY_RETRANSMISSION);
	stamps(d, 3, 121, 1);
	assert_int_equal(why(d)->id, VERDICT_RECOVERY_RETRANSMISSION);
	assert_int_not_equal(why(d)->episode, 0);
}

/* Segment 1 does not arrive, and later ones do, 15 ms apart, or after a silence. */
static void asks_in_vain(struct dialogue *d, uint64_t silence_ms)
{
	opens(d, SERVER, (struct tcp_options){0});
	sends(d, 0, 0);
	acks(d, 1, 0);
	for (uint32_t k = 2; k < 20; k++) {
		sends(d, k, k == 8 ? 15 + silence_ms : 15);
		acks(d, 1, 0);
	}
	sends(d, 1, 1);
}

/* RFC 5681 3.2: after the third duplicate ACK, whose answer died before the tap. */
static void test_without_sack_what_was_asked_for_in_vain_comes_of_the_timer(void **state)
{
	asks_in_vain(*state, 0);
	assert_int_equal(why(*state)->id, VERDICT_RTO_RETRANSMISSION);
}

/* The silence in which the timer ran out was its sender's: here one millisecond has passed. */
static void test_a_timeout_is_not_said_to_come_of_a_silence_shorter_than_any_timer(void **state)
{
	asks_in_vain(*state, 0);
	assert_int_equal(why(*state)->id, VERDICT_RTO_RETRANSMISSION);
	assert_int_equal(fact_of(why(*state), FACT_SILENCE), -1);
	assert_int_equal(fact_of(why(*state), FACT_SRTTS), -1);
	assert_int_equal(why(*state)->because[0], 0);
}

static void test_a_link_that_stood_still_has_held_it_back(void **state)
{
	asks_in_vain(*state, 150);
	assert_int_not_equal(why(*state)->id, VERDICT_RTO_RETRANSMISSION);
}

/* RFC 6582 3.2: segment 1 is asked for, and an ACK then covers 2 and 3 at once. Without it 2 may
 * be the next hole. */
static void goes_through_all(struct dialogue *d, uint32_t then)
{
	opens(d, SERVER, (struct tcp_options){0});
	stamps(d, 0, 100, 0);
	acks(d, 1, 0);
	for (uint32_t k = 3; k < 9; k++) {
		stamps(d, k, 100, 0);
		acks(d, 1, 0);
	}
	stamps(d, 1, 120, RTT_MS);
	assert_int_equal(why(d)->id, VERDICT_FAST_RETRANSMISSION);
	acks(d, then, 0);
	stamps(d, 2, 140, RTT_MS);
}

static void test_without_sack_what_no_ack_asked_for_follows_a_timeout(void **state)
{
	struct dialogue *d = *state;
	goes_through_all(d, 4);
	assert_int_equal(why(d)->id, VERDICT_RTO_RECOVERY);
	stamps(d, 3, 140, 0);
	assert_int_equal(why(d)->id, VERDICT_RTO_RECOVERY);
}

static void test_without_sack_the_next_hole_that_an_ack_asks_for_is_the_recovery_s(void **state)
{
	goes_through_all(*state, 2);
	assert_int_equal(why(*state)->id, VERDICT_RECOVERY_RETRANSMISSION);
}

/* RFC 6675 4: a recovery begins with the lowest, and that segment 1 had come its sender has not
 * heard. */
static void test_one_above_a_hole_that_its_sender_knew_may_be_a_recovery_s(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	stamps(d, 0, 100, 0);
	acks(d, 1, 0);
	stamps(d, 2, 100, 0);
	acks_sacking(d, 1, 2, 3);
	stamps(d, 4, 100, 0);
	acks_sacking(d, 1, 4, 5);
	stamps(d, 1, 99, RTT_MS);
	acks_sacking(d, 3, 4, 5);
	stamps(d, 3, 121, 1);
	either_is(d, VERDICT_FAST_RETRANSMISSION, VERDICT_RECOVERY_RETRANSMISSION);
}

/* The ACK of all but the last has come to the sender, which waits two round trips from there.
 */
static void test_a_probe_is_told_at_the_receiver_too(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	for (uint32_t k = 0; k < 3; k++) {
		stamps(d, k, 100, 0);
		acks(d, k < 2 ? k + 1 : 2, 0);
	}
	stamps(d, 2, 165, 3 * RTT_MS + 5);
	assert_int_equal(why(d)->id, VERDICT_TAIL_LOSS_PROBE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cause_test(test_a_slow_sender_s_first_is_not_taken_for_its_second),
		cause_test(test_later_holes_behind_a_pause_may_be_the_timeout_s),
		cause_test(test_what_new_bytes_leave_out_was_outstanding_at_the_timeout),
		cause_test(test_a_copy_that_comes_an_echo_later_may_be_the_sender_s),
		cause_test(test_a_copy_where_the_repair_stopped_continues_it),
		cause_test(test_what_a_link_held_back_may_be_a_timeout_s),
		cause_test(test_a_hole_that_was_known_before_tells_nothing_of_the_way),
		cause_test(
			test_what_has_arrived_and_comes_again_without_a_silence_is_a_recovery_s),
		cause_test(test_without_sack_what_was_asked_for_in_vain_comes_of_the_timer),
		cause_test(
			test_a_timeout_is_not_said_to_come_of_a_silence_shorter_than_any_timer),
		cause_test(test_a_link_that_stood_still_has_held_it_back),
		cause_test(test_without_sack_what_no_ack_asked_for_follows_a_timeout),
		cause_test(
			test_without_sack_the_next_hole_that_an_ack_asks_for_is_the_recovery_s),
		cause_test(test_a_probe_is_told_at_the_receiver_too),
		cause_test(test_one_above_a_hole_that_its_sender_knew_may_be_a_recovery_s),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
