#include "causes.h"

/* Was what was sent again needed? What ACKs tell of it when nothing is stamped. */

/* Segments 1 to 6 are outstanding, and 1 is sent again by the timer: packet 12. */
#define TIMEOUT_N 12
static void times_out(struct dialogue *d)
{
	opens(d, CLIENT, (struct tcp_options){0});
	flight(d, 0, 1);
	acks(d, 1, RTT_MS);
	flight(d, 1, 6);
	sends(d, 1, 230);
	assert_int_equal(heard(d)->n, TIMEOUT_N);
	assert_int_equal(why(d)->id, VERDICT_RTO_RETRANSMISSION);
}

/* RFC 5682 2.1. */
static void test_two_acks_that_advance_say_that_a_timeout_was_spurious(void **state)
{
	struct dialogue *d = *state;
	times_out(d);
	acks(d, 2, 2);
	flight(d, 7, 2);
	assert_null(amended(d, TIMEOUT_N));
	acks(d, 3, 2);
	assert_non_null(amended(d, TIMEOUT_N));
	assert_int_equal(amended(d, TIMEOUT_N)->needed, NEEDED_NO);
	assert_int_equal(amended(d, TIMEOUT_N)->because[1], 13);
	assert_int_equal(amended(d, TIMEOUT_N)->because[2], 16);
}

static void test_an_ack_that_the_copy_may_have_drawn_says_nothing(void **state)
{
	struct dialogue *d = *state;
	times_out(d);
	acks(d, 2, RTT_MS);
	flight(d, 7, 2);
	acks(d, 3, 2);
	assert_null(amended(d, TIMEOUT_N));
}

static void test_an_ack_of_all_says_nothing_of_the_timeout(void **state)
{
	struct dialogue *d = *state;
	times_out(d);
	acks(d, 7, 2);
	flight(d, 7, 2);
	acks(d, 8, 2);
	assert_null(amended(d, TIMEOUT_N));
}

static void test_after_a_duplicate_ack_nothing_says_that_a_timeout_was_spurious(void **state)
{
	struct dialogue *d = *state;
	times_out(d);
	acks(d, 2, 2);
	flight(d, 7, 2);
	acks(d, 2, 2);
	acks(d, 3, 2);
	assert_null(amended(d, TIMEOUT_N));
}

static void test_where_more_is_sent_again_two_acks_say_nothing(void **state)
{
	struct dialogue *d = *state;
	times_out(d);
	acks(d, 2, 2);
	flight(d, 2, 1);
	acks(d, 3, 2);
	assert_null(amended(d, TIMEOUT_N));
}

/* Two copies of segment 0, packets 6 and 7, the second by the timer. */
static void sends_thrice(struct dialogue *d)
{
	opens(d, CLIENT, sack_ok());
	flight(d, 0, 2);
	sends(d, 0, 250);
	sends(d, 0, 500);
}

static void reports(struct dialogue *d, uint32_t k, uint32_t from, uint64_t after_ms)
{
	says(d, SERVER,
	     ACK(.seq = 5001, .ack = 1001 + 100 * k, .after_ms = after_ms,
		 .options = sacks(1001 + 100 * from, 1101 + 100 * from)));
}

/* The first of the two that arrived was the original or the first copy. */
static void test_of_two_copies_a_dsack_tells_of_the_last(void **state)
{
	struct dialogue *d = *state;
	sends_thrice(d);
	reports(d, 2, 0, RTT_MS);
	assert_null(amended(d, 6));
	assert_non_null(amended(d, 7));
	assert_int_equal(amended(d, 7)->needed, NEEDED_NO);
	reports(d, 2, 0, 1);
	assert_non_null(amended(d, 6));
	assert_int_equal(amended(d, 6)->needed, NEEDED_NO);
}

static void test_a_dsack_that_comes_too_soon_for_the_last_tells_of_the_one_before(void **state)
{
	struct dialogue *d = *state;
	sends_thrice(d);
	reports(d, 2, 0, 1);
	assert_non_null(amended(d, 6));
	assert_null(amended(d, 7));
}

/* A receiver at the tap answers within microseconds, now and then sooner than ever before. */
static void test_a_dsack_at_once_names_the_copy_where_the_receiver_is_near(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000, .options = sack_ok()));
	says(d, SERVER,
	     SYN_ACK(.seq = 5000, .ack = 1001, .options = sack_ok(), .after_us = 58));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001, .after_ms = RTT_MS));
	sends(d, 0, 0);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101, .after_us = 60));
	sends(d, 0, 250);
	says(d, SERVER,
	     ACK(.seq = 5001, .ack = 1101, .after_us = 18, .options = sacks(1001, 1101)));
	assert_non_null(amended(d, 6));
	assert_int_equal(amended(d, 6)->needed, NEEDED_NO);
}

/* Segment 1 is sent again, packet 9, and overtakes its original, packet 11. */
static void test_a_late_original_makes_the_copy_that_overtook_it_needless(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	stamps(d, 0, 100, 0);
	acks(d, 1, 0);
	stamps(d, 2, 101, 0);
	acks_sacking(d, 1, 2, 3);
	stamps(d, 3, 102, 0);
	stamps(d, 1, 130, RTT_MS);
	acks(d, 4, 0);
	stamps(d, 1, 101, RTT_MS);
	assert_int_equal(why(d)->id, VERDICT_OUT_OF_ORDER);
	reports(d, 4, 1, 1);
	assert_int_equal(judged(d, VERDICT_DSACK)->of, 11);
	assert_non_null(amended(d, 9));
	assert_int_equal(amended(d, 9)->needed, NEEDED_NO);
}

/* RFC 3708 3: segment 0 was sent once. */
static void test_where_the_network_doubles_a_dsack_proves_nothing(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	flight(d, 0, 1);
	acks(d, 1, RTT_MS);
	reports(d, 1, 0, 1);
	flight(d, 1, 2);
	sends(d, 1, 250);
	assert_int_equal(heard(d)->n, 9);
	reports(d, 3, 1, RTT_MS);
	assert_null(amended(d, 9));
}

static void test_a_dsack_of_a_part_does_not_say_that_the_rest_had_arrived(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	flight(d, 0, 2);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 200, .after_ms = 250));
	reports(d, 2, 1, RTT_MS);
	assert_null(amended(d, 6));
}

/* RFC 6582 3.2: it was sent for the ACK that came up to it, and new bytes go on drawing duplicate
 * ACKs until the very moment. */
static void test_without_sack_duplicate_acks_do_not_hide_a_timeout(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, (struct tcp_options){0});
	flight(d, 0, 12);
	acks(d, 1, RTT_MS);
	for (int i = 0; i < 3; i++)
		acks(d, 1, 0);
	sends(d, 1, 0);
	assert_int_equal(why(d)->id, VERDICT_FAST_RETRANSMISSION);
	for (uint32_t i = 0; i < 11; i++) {
		sends(d, 12 + i, 0);
		acks(d, 1, RTT_MS);
	}
	sends(d, 1, 0);
	assert_int_equal(why(d)->id, VERDICT_RTO_RETRANSMISSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cause_test(test_two_acks_that_advance_say_that_a_timeout_was_spurious),
		cause_test(test_an_ack_that_the_copy_may_have_drawn_says_nothing),
		cause_test(test_an_ack_of_all_says_nothing_of_the_timeout),
		cause_test(test_after_a_duplicate_ack_nothing_says_that_a_timeout_was_spurious),
		cause_test(test_where_more_is_sent_again_two_acks_say_nothing),
		cause_test(test_of_two_copies_a_dsack_tells_of_the_last),
		cause_test(
			test_a_dsack_that_comes_too_soon_for_the_last_tells_of_the_one_before),
		cause_test(test_a_dsack_at_once_names_the_copy_where_the_receiver_is_near),
		cause_test(test_a_late_original_makes_the_copy_that_overtook_it_needless),
		cause_test(test_where_the_network_doubles_a_dsack_proves_nothing),
		cause_test(test_a_dsack_of_a_part_does_not_say_that_the_rest_had_arrived),
		cause_test(test_without_sack_duplicate_acks_do_not_hide_a_timeout),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
