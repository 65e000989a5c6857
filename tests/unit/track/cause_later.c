#include "causes.h"

/* Why was this sent again: what comes to light later, and what is easily mistaken. */

static void test_a_dsack_amends_the_retransmission(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	flight(d, 0, 4);
	sends(d, 3, 50);
	assert_int_equal(why(d)->needed, NEEDED_UNKNOWN);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1401, .options = sacks(1301, 1401)));
	assert_non_null(amended(d, 8));
	assert_int_equal(amended(d, 8)->needed, NEEDED_NO);
	assert_int_equal(amended(d, 8)->id, VERDICT_TAIL_LOSS_PROBE);
}

static void test_an_older_echo_amends_the_retransmission(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	stamps(d, 0, 100, 0);
	stamps(d, 1, 100, 0);
	stamps(d, 0, 340, 240);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101, .options = stamped(9, 100)));
	assert_non_null(amended(d, 6));
	assert_int_equal(amended(d, 6)->needed, NEEDED_NO);
}

static void test_an_echo_of_the_copy_amends_nothing(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	stamps(d, 0, 100, 0);
	stamps(d, 1, 100, 0);
	stamps(d, 0, 340, 240);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101, .options = stamped(9, 340)));
	assert_null(amended(d, 6));
}

static void test_below_a_closed_window_it_is_a_window_probe(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	sends(d, 0, 0);
	says(d, SERVER, SAYS(TCP_ACK, .seq = 5001, .ack = 1101));
	says(d, CLIENT, ACK(.seq = 1100, .ack = 5001, .after_ms = 220));
	assert_int_equal(why(d)->id, VERDICT_ZERO_WINDOW_PROBE);
	assert_int_equal(why(d)->number, 1);
	assert_int_equal(why(d)->because[0], 5);
	says(d, CLIENT, ACK(.seq = 1100, .ack = 5001, .after_ms = 440));
	assert_int_equal(why(d)->number, 2);
}

static void test_below_an_open_window_it_is_a_keep_alive(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	says(d, CLIENT, ACK(.seq = 1000, .ack = 5001, .after_ms = 1000));
	assert_int_equal(why(d)->id, VERDICT_KEEP_ALIVE);
	assert_int_equal(why(d)->facts[0].value, 1000 * NS_PER_MS);
}

static void test_all_that_the_window_allows_is_a_full_window(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	flight(d, 0, 1);
	acks(d, 1, RTT_MS);
	flight(d, 1, 4);
	assert_int_equal(why(d)->id, VERDICT_COUNT);
	flight(d, 5, 1);
	assert_int_equal(why(d)->id, VERDICT_WINDOW_FULL);
	assert_int_equal(why(d)->because[0], 5);
}

static void test_a_recovery_may_wrap(void **state)
{
	struct dialogue *d = *state;
	uint32_t base = UINT32_MAX - 150;
	says(d, CLIENT, SYN(.seq = base - 1, .options = sack_ok()));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = base, .options = sack_ok(),
				.after_ms = RTT_MS));
	for (uint32_t k = 0; k < 6; k++)
		says(d, CLIENT, DATA(.seq = base + 100 * k, .ack = 5001, .len = 100,
				     .at_once = true));
	says(d, SERVER, ACK(.seq = 5001, .ack = base, .after_ms = RTT_MS,
			    .options = sacks(base + 100, base + 400)));
	says(d, CLIENT, DATA(.seq = base, .ack = 5001, .len = 100, .at_once = true));
	assert_int_equal(why(d)->id, VERDICT_FAST_RETRANSMISSION);
	says(d, SERVER, ACK(.seq = 5001, .ack = base + 400, .after_ms = RTT_MS,
			    .options = sacks(base + 500, base + 600)));
	says(d, CLIENT, DATA(.seq = base + 400, .ack = 5001, .len = 100, .at_once = true));
	assert_int_equal(why(d)->id, VERDICT_RECOVERY_RETRANSMISSION);
}

/* RFC 6298 5.1: what is sent meanwhile does not start the timer anew. */
static void test_new_data_does_not_delay_a_timeout(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	flight(d, 0, 1);
	acks(d, 1, RTT_MS);
	flight(d, 1, 3);
	sends(d, 4, 100);
	sends(d, 1, 130);
	assert_int_equal(why(d)->id, VERDICT_RTO_RETRANSMISSION);
	assert_int_equal(why(d)->of, 6);
}

/* Duplicate ACKs go on coming: without SACK only the timer sends these bytes a second time. */
static void test_without_sack_a_lost_retransmission_waits_for_the_timer(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, (struct tcp_options){0});
	flight(d, 0, 12);
	acks(d, 1, RTT_MS);
	for (int i = 0; i < 3; i++)
		acks(d, 1, 0);
	sends(d, 1, 0);
	assert_int_equal(why(d)->id, VERDICT_FAST_RETRANSMISSION);
	for (int i = 0; i < 10; i++)
		acks(d, 1, RTT_MS);
	sends(d, 1, 10);
	assert_int_equal(why(d)->id, VERDICT_RTO_RETRANSMISSION);
}

/* RFC 3708 3: every byte that was sent again arrived twice, so that nothing had been lost. */
static void test_dsacks_of_all_undo_a_timeout(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	flight(d, 0, 1);
	acks(d, 1, RTT_MS);
	flight(d, 1, 6);
	sends(d, 1, 230);
	assert_int_equal(why(d)->id, VERDICT_RTO_RETRANSMISSION);
	acks(d, 2, RTT_MS);
	acks_sacking(d, 2, 1, 2);
	acks_sacking(d, 2, 3, 6);
	sends(d, 2, 0);
	assert_int_equal(why(d)->id, VERDICT_FAST_RETRANSMISSION);
}

static void acks_stamped(struct dialogue *d, uint32_t k, uint32_t to,
			 struct tcp_options options)
{
	options.present |= OPTION_SACK;
	options.sack_count = 1;
	options.sack[0][0] = 1001 + 100 * (k + 1);
	options.sack[0][1] = 1001 + 100 * to;
	says(d, SERVER,
	     ACK(.seq = 5001, .ack = 1001 + 100 * k, .at_once = true, .options = options));
}

/* At the receiver: the first was sent at once, as its echo tells; the second after news. */
static void test_one_that_comes_later_than_what_asked_for_it_may_be_the_second(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	stamps(d, 0, 100, 0);
	says(d, SERVER,
	     ACK(.seq = 5001, .ack = 1101, .at_once = true, .options = stamped(50, 100)));
	for (uint32_t k = 2; k < 6; k++) {
		stamps(d, k, 100, 0);
		acks_stamped(d, 1, k + 1, stamped(50, 100));
	}
	stamps(d, 6, 120, RTT_MS);
	acks_stamped(d, 1, 7, stamped(70, 100));
	says(d, CLIENT,
	     DATA(.seq = 1101, .ack = 5001, .len = 100, .after_ms = RTT_MS,
		  .options = stamped(140, 70)));
	assert_int_equal(why(d)->id, VERDICT_RETRANSMISSION);
	assert_int_equal(why(d)->sure, SURE_AMBIGUOUS);
	assert_int_equal(why(d)->candidates[0], VERDICT_FAST_RETRANSMISSION);
	assert_int_equal(why(d)->candidates[1], VERDICT_RECOVERY_RETRANSMISSION);
}

static void identified(struct dialogue *d, uint32_t id)
{
	says(d, CLIENT,
	     DATA(.seq = 1001, .ack = 5001, .len = 100, .at_once = true, .ip_id = id));
}

static void test_with_another_identification_it_is_no_copy_of_the_network_s(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, sack_ok());
	identified(d, 7);
	identified(d, 7);
	assert_int_equal(why(d)->id, VERDICT_NETWORK_DUPLICATE);
	identified(d, 9);
	assert_int_equal(why(d)->id, VERDICT_RETRANSMISSION);
}

/* At the receiver, over a way that has become long: all was acknowledged before the sender's
 * timer ran out, and each ACK that it hears then lets it send the next again. */
static void test_ack_clocked_copies_after_a_timeout_are_not_each_a_timeout(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	for (uint32_t k = 0; k < 6; k++) {
		sends(d, k, 250);
		acks(d, k + 1, 0);
	}
	sends(d, 0, 130);
	for (uint32_t k = 1; k < 5; k++) {
		sends(d, k, 210);
		assert_false(why(d)->id == VERDICT_RTO_RETRANSMISSION &&
			     why(d)->sure == SURE_CERTAIN);
		assert_int_not_equal(why(d)->id, VERDICT_FAST_RETRANSMISSION);
	}
}

static void test_an_ack_from_before_a_copy_left_is_no_news_of_the_copy(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER, sack_ok());
	flight(d, 0, 3);
	acks(d, 3, 0);
	sends(d, 0, 300);
	sends(d, 1, 30); /* 0 came again since, but what acknowledged it was its original */
	assert_int_not_equal(why(d)->id, VERDICT_FAST_RETRANSMISSION);
	assert_int_not_equal(why(d)->id, VERDICT_RECOVERY_RETRANSMISSION);
}

/* RFC 5827 3.1: of so few segments no three duplicate ACKs can come. */
static void test_without_sack_fewer_dup_acks_make_a_fast_retransmission(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT, (struct tcp_options){0});
	identified(d, 7);
	sends(d, 1, 0);
	acks(d, 0, RTT_MS);
	acks(d, 0, 0);
	identified(d, 9);
	assert_int_equal(why(d)->id, VERDICT_FAST_RETRANSMISSION);
	assert_int_equal(why(d)->of, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cause_test(test_a_dsack_amends_the_retransmission),
		cause_test(test_an_older_echo_amends_the_retransmission),
		cause_test(test_an_echo_of_the_copy_amends_nothing),
		cause_test(test_below_a_closed_window_it_is_a_window_probe),
		cause_test(test_below_an_open_window_it_is_a_keep_alive),
		cause_test(test_all_that_the_window_allows_is_a_full_window),
		cause_test(test_a_recovery_may_wrap),
		cause_test(test_new_data_does_not_delay_a_timeout),
		cause_test(test_without_sack_a_lost_retransmission_waits_for_the_timer),
		cause_test(test_dsacks_of_all_undo_a_timeout),
		cause_test(test_without_sack_fewer_dup_acks_make_a_fast_retransmission),
		cause_test(test_one_that_comes_later_than_what_asked_for_it_may_be_the_second),
		cause_test(test_with_another_identification_it_is_no_copy_of_the_network_s),
		cause_test(test_ack_clocked_copies_after_a_timeout_are_not_each_a_timeout),
		cause_test(test_an_ack_from_before_a_copy_left_is_no_news_of_the_copy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
