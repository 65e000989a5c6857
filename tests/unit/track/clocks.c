#include "causes.h"

/* What spans of time do not say: a pause is no round trip, and a clock may be set back. */

static void lets_be(struct dialogue *d, enum end from, struct said said, uint32_t tsval,
		    uint32_t tsecr)
{
	said.options = stamped(tsval, tsecr);
	says(d, from, said);
}

/* Begun in the middle. The server speaks after 9 s; its last bytes go unanswered. */
static void test_a_pause_is_no_round_trip(void **state)
{
	struct dialogue *d = *state;
	lets_be(d, SERVER, ACK(.seq = 5001, .ack = 1001), 100, 50);
	lets_be(d, CLIENT, ACK(.seq = 1001, .ack = 5001, .after_us = 50), 60, 100);
	lets_be(d, SERVER, DATA(.seq = 5001, .ack = 1001, .len = 46, .after_ms = 9000), 9100,
		60);
	lets_be(d, CLIENT, ACK(.seq = 1001, .ack = 5047, .after_us = 50), 9060, 9100);
	says(d, SERVER, DATA(.seq = 5047, .ack = 1001, .len = 30));
	says(d, SERVER, DATA(.seq = 5047, .ack = 1001, .len = 30, .after_ms = 1500));
	assert_int_equal(why(d)->sure, SURE_AMBIGUOUS);
	assert_int_equal(fact_of(why(d), FACT_SRTT), -1);
	says(d, SERVER, DATA(.seq = 5047, .ack = 1001, .len = 30, .after_ms = 3000));
	assert_int_equal(why(d)->id, VERDICT_RTO_RETRANSMISSION);
	assert_int_equal(why(d)->number, 2);
}

/* RFC 6298 5.1: the timer runs on. */
static void test_new_bytes_do_not_hide_that_a_timer_doubled(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	sends(d, 0, 0);
	sends(d, 0, 240);
	sends(d, 1, 200);
	sends(d, 0, 280);
	assert_int_equal(why(d)->id, VERDICT_RTO_RETRANSMISSION);
	assert_non_null(amended(d, 5));
	assert_int_equal(amended(d, 5)->id, VERDICT_RTO_RETRANSMISSION);
}

static void test_a_silence_neither_equal_nor_doubled_tells_nothing_of_the_first(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	sends(d, 0, 0);
	sends(d, 0, 240);
	sends(d, 0, 320);
	assert_int_equal(why(d)->id, VERDICT_RTO_RETRANSMISSION);
	assert_null(amended(d, 5));
}

static void test_where_the_clock_was_set_back_no_cause_is_certain(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	flight(d, 0, 5);
	acks(d, 1, RTT_MS);
	acks_sacking(d, 1, 2, 5);
	d->now_ns -= NS_PER_S;
	sends(d, 1, 230);
	assert_int_equal(why(d)->sure, SURE_AMBIGUOUS);
	assert_int_equal(why(d)->candidates[0], VERDICT_FAST_RETRANSMISSION);
	assert_int_equal(why(d)->candidates[1], VERDICT_RTO_RETRANSMISSION);
}

static void
test_a_later_hole_on_a_clock_that_was_set_back_is_likely_the_recovery_s(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	flight(d, 0, 8);
	acks(d, 1, RTT_MS);
	acks_sacking(d, 1, 2, 4);
	acks_sacking(d, 1, 5, 8);
	sends(d, 1, 0);
	d->now_ns -= NS_PER_S;
	sends(d, 4, 1);
	assert_int_equal(why(d)->id, VERDICT_RECOVERY_RETRANSMISSION);
	assert_int_equal(why(d)->sure, SURE_LIKELY);
}

static void test_a_syn_again_on_a_clock_that_was_set_back_waited_no_time(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000, .ip_id = 7));
	d->now_ns -= 5 * NS_PER_S;
	says(d, CLIENT, SYN(.seq = 1000, .ip_id = 8, .after_ms = 1000));
	assert_int_equal(why(d)->id, VERDICT_SYN_RETRANSMISSION);
	assert_int_equal(fact_of(why(d), FACT_SILENCE), 0);
}

static void test_a_syn_again_says_what_had_answered_it(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001));
	says(d, CLIENT, RST(.seq = 1001));
	says(d, SERVER, ACK(.seq = 7000, .ack = 1001));
	says(d, CLIENT, SYN(.seq = 1000, .after_ms = 990));
	assert_int_equal(why(d)->id, VERDICT_SYN_RETRANSMISSION);
	assert_int_equal(why(d)->because[0], 2);
	assert_int_equal(fact_of(why(d), FACT_SILENCE), -1);
	says(d, CLIENT, SYN(.seq = 1000, .after_ms = 2000));
	assert_int_equal(why(d)->because[0], 0);
	assert_int_equal(fact_of(why(d), FACT_SILENCE), 2000 * NS_PER_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cause_test(test_a_pause_is_no_round_trip),
		cause_test(test_new_bytes_do_not_hide_that_a_timer_doubled),
		cause_test(test_a_silence_neither_equal_nor_doubled_tells_nothing_of_the_first),
		cause_test(test_where_the_clock_was_set_back_no_cause_is_certain),
		cause_test(
			test_a_later_hole_on_a_clock_that_was_set_back_is_likely_the_recovery_s),
		cause_test(test_a_syn_again_on_a_clock_that_was_set_back_waited_no_time),
		cause_test(test_a_syn_again_says_what_had_answered_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
