#include "causes.h"

/* What the network doubles though its sender, too, might have sent it again: the flags that
 * open a connection, and ACKs that carry nothing. */

static struct tcp_options mss(void)
{
	return (struct tcp_options){.present = OPTION_MSS, .mss = 1460};
}

static void test_a_syn_once_more_before_any_timer_is_the_network_s(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000, .ip_id = 77));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .after_us = 30));
	says(d, CLIENT, SYN(.seq = 1000, .ip_id = 77, .after_us = 10));
	assert_int_equal(why(d)->id, VERDICT_NETWORK_DUPLICATE);
	assert_int_equal(why(d)->of, 1);
}

static void test_a_syn_with_another_identification_was_sent_again(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000, .ip_id = 77));
	says(d, CLIENT, SYN(.seq = 1000, .ip_id = 78, .after_us = 40));
	assert_int_equal(why(d)->id, VERDICT_SYN_RETRANSMISSION);
}

static void test_a_syn_a_second_later_was_sent_again(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, CLIENT, SYN(.seq = 1000, .after_ms = 1000));
	assert_int_equal(why(d)->id, VERDICT_SYN_RETRANSMISSION);
}

/* RFC 9293 3.8.1: each SYN is answered. */
static void test_the_syn_ack_behind_a_doubled_syn_was_sent_again(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000, .ip_id = 77));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .after_us = 30));
	says(d, CLIENT, SYN(.seq = 1000, .ip_id = 77, .after_us = 10));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .after_us = 30));
	assert_int_equal(why(d)->id, VERDICT_SYNACK_RETRANSMISSION);
}

static void test_a_syn_ack_twice_for_one_syn_was_doubled_or_its_syn_was(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000, .ip_id = 77));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .after_ms = RTT_MS));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .after_us = 100));
	assert_int_equal(why(d)->sure, SURE_AMBIGUOUS);
	assert_int_equal(why(d)->candidates[0], VERDICT_NETWORK_DUPLICATE);
	assert_int_equal(why(d)->candidates[1], VERDICT_SYNACK_RETRANSMISSION);
}

static void test_a_syn_ack_with_the_identification_of_the_last_is_that_one(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000, .ip_id = 77));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .ip_id = 9, .after_ms = RTT_MS));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .ip_id = 9, .after_us = 100));
	assert_int_equal(why(d)->id, VERDICT_NETWORK_DUPLICATE);
}

/* A tail loss probe may be a FIN, and no timestamp tells. */
static void test_a_fin_two_round_trips_later_may_have_been_sent_again(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	says(d, CLIENT, FIN(.seq = 1001, .ack = 5001));
	says(d, CLIENT, FIN(.seq = 1001, .ack = 5001, .after_ms = 2 * RTT_MS));
	assert_int_equal(why(d)->id, VERDICT_FIN_RETRANSMISSION);
	says(d, CLIENT, FIN(.seq = 1001, .ack = 5001, .after_us = 10));
	assert_int_equal(why(d)->id, VERDICT_NETWORK_DUPLICATE);
}

static void acks_numbered(struct dialogue *d, uint32_t k, uint32_t ip_id)
{
	says(d, SERVER,
	     ACK(.seq = 5001, .ack = 1001 + 100 * k, .ip_id = ip_id, .after_us = 10));
}

/* Ten segments, and ACKs of the first two of them. */
static void acks_two(struct dialogue *d, struct tcp_options options, uint32_t step)
{
	opens(d, CLIENT, options);
	flight(d, 0, 10);
	acks(d, 0, RTT_MS);
	acks_numbered(d, 1, 30);
	acks_numbered(d, 2, 30 + step);
}

static void test_without_sack_an_ack_that_is_doubled_is_no_duplicate_ack(void **state)
{
	struct dialogue *d = *state;
	uint64_t of;
	acks_two(d, mss(), 1);
	of = heard(d)->n;
	for (int i = 0; i < 2; i++) {
		acks_numbered(d, 2, 31);
		assert_int_equal(heard(d)->verdict_count, 1);
		assert_int_equal(why(d)->id, VERDICT_NETWORK_DUPLICATE);
		assert_int_equal(why(d)->of, of);
	}
	acks_numbered(d, 2, 32);
	assert_int_equal(why(d)->id, VERDICT_DUP_ACK);
	assert_int_equal(why(d)->number, 1);
}

static void test_with_sack_an_ack_that_is_doubled_says_so(void **state)
{
	struct dialogue *d = *state;
	acks_two(d, sack_ok(), 1);
	acks_numbered(d, 2, 31);
	assert_int_equal(why(d)->id, VERDICT_NETWORK_DUPLICATE);
}

static void test_where_all_bear_one_identification_it_tells_of_no_copy(void **state)
{
	struct dialogue *d = *state;
	acks_two(d, mss(), 0);
	acks_numbered(d, 2, 30);
	assert_int_equal(why(d)->id, VERDICT_DUP_ACK);
}

static void test_where_none_bears_an_identification_nothing_tells_of_a_copy(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, mss());
	flight(d, 0, 10);
	acks(d, 1, RTT_MS);
	acks(d, 2, 0);
	acks(d, 2, 0);
	assert_int_equal(why(d)->id, VERDICT_DUP_ACK);
}

/* RFC 2883 5: two copies are out, and one of them was reported twice. */
static void test_a_doubled_dsack_reports_once(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	flight(d, 0, 2);
	sends(d, 0, 250);
	sends(d, 0, 500);
	acks_numbered(d, 1, 30);
	for (int i = 0; i < 2; i++)
		says(d, SERVER,
		     ACK(.seq = 5001, .ack = 1101, .ip_id = 31, .after_ms = i ? 1 : RTT_MS,
			 .options = sacks(1001, 1101)));
	assert_int_equal(why(d)->id, VERDICT_NETWORK_DUPLICATE);
	assert_int_equal(amended(d, 7)->needed, NEEDED_NO);
	assert_null(amended(d, 6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cause_test(test_a_syn_once_more_before_any_timer_is_the_network_s),
		cause_test(test_a_syn_with_another_identification_was_sent_again),
		cause_test(test_a_syn_a_second_later_was_sent_again),
		cause_test(test_the_syn_ack_behind_a_doubled_syn_was_sent_again),
		cause_test(test_a_syn_ack_twice_for_one_syn_was_doubled_or_its_syn_was),
		cause_test(test_a_syn_ack_with_the_identification_of_the_last_is_that_one),
		cause_test(test_a_fin_two_round_trips_later_may_have_been_sent_again),
		cause_test(test_without_sack_an_ack_that_is_doubled_is_no_duplicate_ack),
		cause_test(test_with_sack_an_ack_that_is_doubled_says_so),
		cause_test(test_where_all_bear_one_identification_it_tells_of_no_copy),
		cause_test(test_where_none_bears_an_identification_nothing_tells_of_a_copy),
		cause_test(test_a_doubled_dsack_reports_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
