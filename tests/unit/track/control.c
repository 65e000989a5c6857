#include "../../support/cm.h"
#include "../../support/judged.h"

/* What flags and the course of a connection say. */

static void test_rst_to_a_syn_refuses_it(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, SERVER, RST_ACK(.ack = 1001));
	assert_int_equal(judged(d, VERDICT_RST_REFUSED)->of, 1);
	assert_null(judged(d, VERDICT_RST_ABORT));
}

static void test_rst_of_an_idle_connection_aborts_it(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 5));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1006));
	says(d, CLIENT, RST_ACK(.seq = 1006, .ack = 5001));
	assert_int_equal(judged(d, VERDICT_RST_ABORT)->sure, SURE_CERTAIN);
}

static void test_rst_right_after_data_leaves_them_unread(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 15));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1016));
	says(d, SERVER, RST_ACK(.seq = 5001, .ack = 1016, .after_ms = 60));
	assert_int_equal(fact_of(judged(d, VERDICT_RST_UNREAD_DATA), FACT_LEN), 15);
	assert_int_equal(judged(d, VERDICT_RST_UNREAD_DATA)->sure, SURE_LIKELY);
}

static void test_rst_long_after_data_aborts(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 15));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1016));
	says(d, SERVER, RST_ACK(.seq = 5001, .ack = 1016, .after_ms = 30000));
	assert_non_null(judged(d, VERDICT_RST_ABORT));
}

static void test_data_after_a_close_are_never_read(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, SERVER, FIN(.seq = 5001, .ack = 1001));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5002, .len = 40));
	says(d, SERVER, RST(.seq = 5002));
	assert_int_equal(fact_of(judged(d, VERDICT_RST_UNREAD_DATA), FACT_LEN), 40);
	says(d, SERVER, RST(.seq = 5002));
	assert_int_equal(heard(d)->verdict_count, 0);
	assert_null(judged_later(d, 4, VERDICT_HALF_CLOSE));
}

static void test_data_heard_after_a_fin_show_a_half_close(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, FIN(.seq = 1001, .ack = 5001));
	says(d, SERVER, DATA(.seq = 5001, .ack = 1002, .len = 100));
	assert_null(judged_later(d, 4, VERDICT_HALF_CLOSE));
	says(d, CLIENT, ACK(.seq = 1002, .ack = 5101));
	assert_int_equal(judged_later(d, 4, VERDICT_HALF_CLOSE)->because[0], 5);
	ends(d);
	assert_int_equal(d->closed[0].verdicts[VERDICT_HALF_CLOSE], 1);
}

static void test_data_that_crossed_the_fin_show_none(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, FIN(.seq = 1001, .ack = 5001));
	says(d, SERVER, DATA(.seq = 5001, .ack = 1001, .len = 100));
	says(d, CLIENT, ACK(.seq = 1002, .ack = 5101));
	assert_null(judged_later(d, 4, VERDICT_HALF_CLOSE));
}

static void test_syns_that_cross_open_simultaneously(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, SERVER, SYN(.seq = 5000));
	assert_int_equal(judged(d, VERDICT_SIMULTANEOUS_OPEN)->of, 1);
	says(d, SERVER, SYN(.seq = 5000));
	assert_null(judged(d, VERDICT_SIMULTANEOUS_OPEN));
}

static void test_fins_that_cross_close_simultaneously(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, FIN(.seq = 1001, .ack = 5001));
	says(d, SERVER, FIN(.seq = 5001, .ack = 1001));
	assert_int_equal(judged(d, VERDICT_SIMULTANEOUS_CLOSE)->of, 4);
}

static void test_fin_that_acknowledges_the_other_does_not(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, FIN(.seq = 1001, .ack = 5001));
	says(d, SERVER, FIN(.seq = 5001, .ack = 1002));
	assert_null(judged(d, VERDICT_SIMULTANEOUS_CLOSE));
}

static void test_new_syn_on_known_ports_uses_them_again(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, SYN(.seq = 99000));
	assert_int_equal(judged(d, VERDICT_PORT_REUSE)->of, 1);
	says(d, CLIENT, SYN(.seq = 99000));
	assert_null(judged(d, VERDICT_PORT_REUSE));
}

static void test_old_connection_challenges_a_new_syn(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, SYN(.seq = 99000));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1001));
	assert_int_equal(judged(d, VERDICT_CHALLENGE_ACK)->of, 4);
	assert_null(judged(d, VERDICT_ACK_OF_UNSEEN));
	says(d, CLIENT, RST(.seq = 1001));
	says(d, CLIENT, SYN(.seq = 99000));
	says(d, SERVER, SYN_ACK(.seq = 8000, .ack = 99001));
	says(d, CLIENT, ACK(.seq = 99001, .ack = 8001));
	says(d, CLIENT, DATA(.seq = 99001, .ack = 8001, .len = 10));
	assert_int_equal(heard(d)->flight, 10);
}

static void test_rst_that_may_be_forged_is_challenged(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 10));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1011));
	says(d, CLIENT, RST(.seq = 1111));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1011));
	assert_int_equal(judged(d, VERDICT_CHALLENGE_ACK)->of, 6);
}

static void ecn_handshake(struct dialogue *d, uint16_t offers, uint16_t agrees)
{
	says(d, CLIENT, SAYS(TCP_SYN | offers, .seq = 1000, .window = 65535));
	says(d, SERVER,
	     SAYS(TCP_SYN | TCP_ACK | agrees, .seq = 5000, .ack = 1001, .window = 65535));
	assert_int_equal(heard(d)->verdict_count, 0);
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001));
}

static void test_a_mark_is_echoed_and_the_echo_is_heard(void **state)
{
	struct dialogue *d = *state;
	ecn_handshake(d, TCP_ECE | TCP_CWR, TCP_ECE);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .ecn = 3));
	assert_non_null(judged(d, VERDICT_CE_MARK));
	says(d, SERVER,
	     SAYS(TCP_ACK | TCP_ECE, .seq = 5001, .ack = 1101, .window = 500));
	assert_int_equal(judged(d, VERDICT_ECE)->of, 4);
	says(d, CLIENT,
	     SAYS(TCP_ACK | TCP_CWR, .seq = 1101, .ack = 5001, .len = 9, .window = 500));
	assert_int_equal(judged(d, VERDICT_CWR)->of, 5);
}

static void test_flags_of_accurate_ecn_are_a_counter(void **state)
{
	struct dialogue *d = *state;
	ecn_handshake(d, TCP_AE | TCP_ECE | TCP_CWR, TCP_CWR);
	says(d, SERVER, SAYS(TCP_ACK | TCP_ECE | TCP_CWR, .seq = 5001, .ack = 1001,
			     .window = 500));
	assert_null(judged(d, VERDICT_ECE));
	assert_null(judged(d, VERDICT_CWR));
}

#define control_test(test) cmocka_unit_test_setup_teardown(test, dialogue_far, dialogue_over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		control_test(test_rst_to_a_syn_refuses_it),
		control_test(test_rst_of_an_idle_connection_aborts_it),
		control_test(test_rst_right_after_data_leaves_them_unread),
		control_test(test_rst_long_after_data_aborts),
		control_test(test_data_after_a_close_are_never_read),
		control_test(test_data_heard_after_a_fin_show_a_half_close),
		control_test(test_data_that_crossed_the_fin_show_none),
		control_test(test_syns_that_cross_open_simultaneously),
		control_test(test_fins_that_cross_close_simultaneously),
		control_test(test_fin_that_acknowledges_the_other_does_not),
		control_test(test_new_syn_on_known_ports_uses_them_again),
		control_test(test_old_connection_challenges_a_new_syn),
		control_test(test_rst_that_may_be_forged_is_challenged),
		control_test(test_a_mark_is_echoed_and_the_echo_is_heard),
		control_test(test_flags_of_accurate_ecn_are_a_counter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
