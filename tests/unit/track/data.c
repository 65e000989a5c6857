#include "../../support/cm.h"
#include "../../support/dialogue.h"

/* Relative numbers, windows, what is outstanding, round trips, copies. */

static void test_numbers_are_relative_to_the_syn(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	assert_int_equal(heard(d)->seq, 0);
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001));
	assert_int_equal(heard(d)->seq, 0);
	assert_int_equal(heard(d)->ack, 1);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 10));
	assert_int_equal(heard(d)->seq, 1);
	assert_int_equal(heard(d)->ack, 1);
}

static void test_numbers_run_on_across_the_wrap(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 0xFFFFFFF0U));
	says(d, SERVER, SYN_ACK(.seq = 0xFFFFFFFFU, .ack = 0xFFFFFFF1U));
	says(d, CLIENT, DATA(.seq = 0xFFFFFFF1U, .ack = 0, .len = 100));
	assert_int_equal(heard(d)->seq, 1);
	assert_int_equal(heard(d)->ack, 1);
	says(d, CLIENT, DATA(.seq = 85, .ack = 0, .len = 100));
	assert_int_equal(heard(d)->seq, 101);
	says(d, SERVER, ACK(.seq = 0, .ack = 185));
	assert_int_equal(heard(d)->ack, 201);
	assert_int_equal(heard(d)->seq, 1);
}

static void test_numbers_are_carried_past_four_gibibytes(void **state)
{
	struct dialogue *d = *state;
	const uint32_t step = UINT32_C(1) << 29;
	handshake(d);
	for (uint32_t i = 0; i < 20; i++) {
		says(d, CLIENT, DATA(.seq = 1001 + i * step, .ack = 5001, .len = step));
		says(d, SERVER, ACK(.seq = 5001, .ack = 1001 + (i + 1) * step));
		assert_int_equal(heard(d)->ack, 1 + (int64_t)(i + 1) * step);
	}
	ends(d);
	assert_int_equal(d->closed[0].bytes[CLIENT], 20 * (uint64_t)step);
}

static void test_without_a_syn_the_first_number_is_one(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, DATA(.seq = 70000, .ack = 90000, .len = 10));
	assert_int_equal(heard(d)->seq, 1);
	assert_int_equal(heard(d)->ack, 1);
	says(d, CLIENT, DATA(.seq = 69990, .ack = 90000, .len = 10));
	assert_int_equal(heard(d)->seq, -9);
	says(d, SERVER, ACK(.seq = 90000, .ack = 70010));
	assert_int_equal(heard(d)->seq, 1);
	assert_int_equal(heard(d)->ack, 11);
	ends(d);
	assert_int_equal(d->closed[0].isn[CLIENT], 69999);
	assert_int_equal(d->closed[0].bytes[CLIENT], 20);
}

static void test_new_number_of_a_syn_ack_moves_the_zero(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001));
	says(d, SERVER, SYN_ACK(.seq = 8000, .ack = 1001));
	assert_int_equal(heard(d)->seq, 0);
	says(d, CLIENT, ACK(.seq = 1001, .ack = 8001));
	assert_int_equal(heard(d)->ack, 1);
}

static struct tcp_options scale(uint8_t shift)
{
	return (struct tcp_options){.present = OPTION_WSCALE, .wscale = shift};
}

static void test_window_is_scaled_when_both_offer_it(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000, .options = scale(7)));
	assert_int_equal(heard(d)->window, 65535);
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .options = scale(2)));
	assert_int_equal(heard(d)->window, 65535);
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001));
	assert_int_equal(heard(d)->window, 500 << 7);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1001));
	assert_int_equal(heard(d)->window, 500 << 2);
	assert_false(heard(d)->scale_unknown);
}

static void test_window_is_bare_when_one_does_not_offer_it(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000, .options = scale(7)));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001));
	assert_int_equal(heard(d)->window, 500);
	assert_false(heard(d)->scale_unknown);
}

static void test_scale_is_unknown_without_both_syns(void **state)
{
	struct dialogue *d = *state;
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .options = scale(7)));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001));
	assert_int_equal(heard(d)->window, 500);
	assert_true(heard(d)->scale_unknown);
}

static void test_flight_is_what_no_ack_covers(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	assert_int_equal(heard(d)->flight, 0);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 1000));
	says(d, CLIENT, DATA(.seq = 2001, .ack = 5001, .len = 1000));
	assert_int_equal(heard(d)->flight, 2000);
	says(d, SERVER, ACK(.seq = 5001, .ack = 2001));
	assert_int_equal(heard(d)->flight, 0);
	says(d, CLIENT, DATA(.seq = 3001, .ack = 5001, .len = 500));
	assert_int_equal(heard(d)->flight, 1500);
}

static void test_ack_gives_the_round_trip_of_what_it_covers_last(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	says(d, CLIENT, DATA(.seq = 1101, .ack = 5001, .len = 100, .after_ms = 5));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1201, .after_ms = 30));
	assert_int_equal(heard(d)->rtt_ns, 30 * NS_PER_MS);
	ends(d);
	assert_int_equal(d->closed[0].rtt[CLIENT].samples, 1);
	assert_int_equal(d->closed[0].rtt[CLIENT].max_ns, 30 * NS_PER_MS);
	assert_int_equal(d->closed[0].handshake_rtt_ns, 20 * NS_PER_MS);
}

static void test_no_round_trip_of_what_was_sent_twice(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .after_ms = 200));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101));
	assert_int_equal(heard(d)->rtt_ns, 0);
}

static void test_copy_names_its_original(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	says(d, CLIENT, DATA(.seq = 1101, .ack = 5001, .len = 100));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .after_ms = 200));
	assert_int_equal(heard(d)->verdict_count, 1);
	assert_int_equal(heard(d)->verdicts[0].id, VERDICT_RTO_RETRANSMISSION);
	assert_int_equal(heard(d)->verdicts[0].of, 4);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 200));
	assert_int_equal(heard(d)->verdicts[0].of, 4);
	ends(d);
	assert_int_equal(d->closed[0].bytes[CLIENT], 200);
	assert_int_equal(d->closed[0].verdicts[VERDICT_RTO_RETRANSMISSION], 1);
	assert_int_equal(d->closed[0].verdicts[VERDICT_RTO_RECOVERY], 1);
}

static void test_copy_of_acknowledged_data_still_names_it(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	assert_int_equal(heard(d)->verdict_count, 1);
	assert_int_equal(heard(d)->verdicts[0].of, 4);
}

static void test_filled_hole_is_no_copy(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1101, .ack = 5001, .len = 100));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	assert_int_equal(heard(d)->verdicts[0].id, VERDICT_OUT_OF_ORDER);
	ends(d);
	assert_int_equal(d->closed[0].bytes[CLIENT], 200);
}

static void test_holes_split_and_close(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1901, .ack = 5001, .len = 100));
	says(d, CLIENT, DATA(.seq = 1301, .ack = 5001, .len = 100));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 400));
	says(d, CLIENT, DATA(.seq = 1201, .ack = 5001, .len = 800));
	assert_int_equal(heard(d)->verdicts[0].of, 4); /* its last hundred */
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 1000));
	assert_int_equal(heard(d)->verdicts[0].id, VERDICT_RETRANSMISSION);
	ends(d);
	assert_int_equal(d->closed[0].bytes[CLIENT], 1000);
}

static void test_partly_new_segment_is_a_copy_too(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 200, .after_ms = 300));
	assert_int_equal(heard(d)->verdicts[0].id, VERDICT_RTO_RETRANSMISSION);
	assert_int_equal(heard(d)->verdicts[0].of, 4);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101));
	assert_int_equal(heard(d)->rtt_ns, 0);
	ends(d);
	assert_int_equal(d->closed[0].bytes[CLIENT], 200);
}

static void test_damaged_number_moves_no_book(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 10));
	says(d, CLIENT, DATA(.seq = 1000001001, .ack = 5001, .len = 10, .flaws = FLAW_BAD_CHECKSUM));
	assert_int_equal(heard(d)->flight, 10);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1011));
	assert_int_equal(heard(d)->rtt_ns, 20 * NS_PER_MS);
}

static void test_scale_is_unknown_when_a_syn_was_cut(void **state)
{
	struct dialogue *d = *state;
	struct tcp_options cut = {.cut = true};
	says(d, CLIENT, SYN(.seq = 1000, .options = cut));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .options = scale(7)));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001));
	assert_true(heard(d)->scale_unknown);
}

static void test_shift_above_14_is_used_as_14(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000, .options = scale(20)));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .options = scale(2)));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001));
	assert_int_equal(heard(d)->window, 500 << 14);
}

static void test_keep_alive_byte_is_no_copy(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101));
	says(d, CLIENT, DATA(.seq = 1100, .ack = 5001, .len = 1));
	assert_int_equal(heard(d)->verdict_count, 1);
	assert_int_equal(heard(d)->verdicts[0].id, VERDICT_KEEP_ALIVE);
	says(d, CLIENT, DATA(.seq = 1050, .ack = 5001, .len = 1));
	assert_int_equal(heard(d)->verdict_count, 1);
}

static void test_syn_syn_ack_and_fin_again(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, CLIENT, SYN(.seq = 1000, .after_ms = 1000));
	assert_int_equal(heard(d)->verdicts[0].id, VERDICT_SYN_RETRANSMISSION);
	assert_int_equal(heard(d)->verdicts[0].of, 1);
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .after_ms = 1000));
	assert_int_equal(heard(d)->verdicts[0].id, VERDICT_SYNACK_RETRANSMISSION);
	assert_int_equal(heard(d)->verdicts[0].of, 3);
	says(d, CLIENT, FIN(.seq = 1001, .ack = 5001));
	assert_int_equal(heard(d)->verdict_count, 0);
	says(d, CLIENT, FIN(.seq = 1001, .ack = 5001));
	assert_int_equal(heard(d)->verdicts[0].id, VERDICT_FIN_RETRANSMISSION);
	assert_int_equal(heard(d)->verdicts[0].of, 5);
	ends(d);
	assert_int_equal(d->closed[0].handshake_rtt_ns, 0);
}

static void test_sack_is_relative_and_dsack_is_told_apart(void **state)
{
	struct dialogue *d = *state;
	struct tcp_options sack = {.present = OPTION_SACK, .sack_count = 1, .sack = {{1201, 1301}}};
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 300));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101, .options = sack));
	assert_int_equal(heard(d)->sack[0][0], 201);
	assert_int_equal(heard(d)->sack[0][1], 301);
	assert_false(heard(d)->dsack);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1301, .options = sack));
	assert_true(heard(d)->dsack);
}

#define data_test(test) cmocka_unit_test_setup_teardown(test, dialogue_far, dialogue_over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		data_test(test_numbers_are_relative_to_the_syn),
		data_test(test_numbers_run_on_across_the_wrap),
		data_test(test_numbers_are_carried_past_four_gibibytes),
		data_test(test_without_a_syn_the_first_number_is_one),
		data_test(test_new_number_of_a_syn_ack_moves_the_zero),
		data_test(test_window_is_scaled_when_both_offer_it),
		data_test(test_window_is_bare_when_one_does_not_offer_it),
		data_test(test_scale_is_unknown_without_both_syns),
		data_test(test_flight_is_what_no_ack_covers),
		data_test(test_ack_gives_the_round_trip_of_what_it_covers_last),
		data_test(test_no_round_trip_of_what_was_sent_twice),
		data_test(test_copy_names_its_original),
		data_test(test_copy_of_acknowledged_data_still_names_it),
		data_test(test_filled_hole_is_no_copy),
		data_test(test_holes_split_and_close),
		data_test(test_partly_new_segment_is_a_copy_too),
		data_test(test_damaged_number_moves_no_book),
		data_test(test_scale_is_unknown_when_a_syn_was_cut),
		data_test(test_shift_above_14_is_used_as_14),
		data_test(test_keep_alive_byte_is_no_copy),
		data_test(test_syn_syn_ack_and_fin_again),
		data_test(test_sack_is_relative_and_dsack_is_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
