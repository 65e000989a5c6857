#include "../../support/cm.h"
#include "../../support/dialogue.h"
#include "../../support/judged.h"

/* What is late or old, who knew what by then, and where the tap is. */

#define RTT_MS    20
#define ANSWER_US 50 /* of the host where the tap is */

static struct tcp_options stamped(uint32_t tsval, uint32_t tsecr)
{
	return (struct tcp_options){
		.present = OPTION_TS | OPTION_SACK_OK, .tsval = tsval, .tsecr = tsecr};
}

static void opens(struct dialogue *d, enum end at)
{
	says(d, CLIENT, SYN(.seq = 1000, .options = stamped(100, 0)));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .options = stamped(7, 100),
				.after_ms = at == CLIENT ? RTT_MS : 0,
				.after_us = at == SERVER ? ANSWER_US : 0));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001, .options = stamped(100, 7),
			    .after_ms = at == SERVER ? RTT_MS : 0, .at_once = at == CLIENT));
}

/* Segment k of 100 bytes, from 0. */
static void sends(struct dialogue *d, uint32_t k, uint64_t after_ms, struct tcp_options options)
{
	says(d, CLIENT, DATA(.seq = 1001 + 100 * k, .ack = 5001, .len = 100, .options = options,
			     .after_ms = after_ms, .at_once = !after_ms));
}

/* The server has all below segment k, and tells besides of those from left on, until right. */
static void acks(struct dialogue *d, uint32_t k, const uint32_t tells[2],
		 struct tcp_options options)
{
	if (tells) {
		options.present |= OPTION_SACK;
		options.sack_count = 1;
		options.sack[0][0] = 1001 + 100 * tells[0];
		options.sack[0][1] = 1001 + 100 * tells[1];
	}
	says(d, SERVER, ACK(.seq = 5001, .ack = 1001 + 100 * k, .after_us = ANSWER_US,
			    .options = options));
}

static void test_an_older_timestamp_in_order_is_dropped(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT);
	sends(d, 0, 10, stamped(120, 7));
	sends(d, 1, 10, stamped(90, 7));
	assert_non_null(judged(d, VERDICT_PAWS_DROP));
	assert_int_equal(judged(d, VERDICT_PAWS_DROP)->of, 4);
	assert_int_equal(fact_of(judged(d, VERDICT_PAWS_DROP), FACT_TSVAL), 90);
}

static void test_an_equal_timestamp_is_not(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT);
	sends(d, 0, 10, stamped(120, 7));
	sends(d, 1, 10, stamped(120, 7));
	assert_null(judged(d, VERDICT_PAWS_DROP));
}

static void test_one_tick_older_was_overtaken_and_is_taken(void **state)
{
	struct dialogue *d = *state;
	opens(d, CLIENT);
	sends(d, 0, 10, stamped(120, 7));
	sends(d, 1, 10, stamped(119, 7));
	assert_null(judged(d, VERDICT_PAWS_DROP));
	sends(d, 2, 10, stamped(118, 7));
	assert_non_null(judged(d, VERDICT_PAWS_DROP));
}

static void test_what_was_acknowledged_long_ago_is_an_old_duplicate(void **state)
{
	struct dialogue *d = *state;
	static const struct tcp_options none = {0};
	handshake(d);
	sends(d, 0, 10, none);
	acks(d, 1, NULL, none);
	sends(d, 0, 3000, none);
	assert_non_null(judged(d, VERDICT_OLD_DUPLICATE));
	assert_int_equal(judged(d, VERDICT_OLD_DUPLICATE)->of, 4);
	assert_int_equal(judged(d, VERDICT_OLD_DUPLICATE)->because[0], 5);
}

static void test_a_copy_that_a_later_copy_overtook_is_no_late_original(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER);
	sends(d, 0, 0, stamped(120, 7));
	sends(d, 1, 0, stamped(120, 7));
	sends(d, 0, RTT_MS, stamped(160, 7));
	sends(d, 0, 0, stamped(140, 7));
	assert_null(judged(d, VERDICT_OUT_OF_ORDER));
	assert_non_null(judged(d, VERDICT_RETRANSMISSION));
	assert_int_equal(judged(d, VERDICT_RETRANSMISSION)->sure, SURE_AMBIGUOUS);
}

static void test_its_original_that_both_overtook_is(void **state)
{
	struct dialogue *d = *state;
	opens(d, SERVER);
	sends(d, 0, 0, stamped(120, 7));
	sends(d, 1, 0, stamped(120, 7));
	sends(d, 0, RTT_MS, stamped(160, 7));
	sends(d, 0, 0, stamped(110, 7));
	assert_non_null(judged(d, VERDICT_OUT_OF_ORDER));
}

/* At the receiver: a recovery whose only copy is found needless, and the next hole is filled by
 * one that had heard so, or had not: it echoes the D-SACK's timestamp, or an earlier one. */
static enum verdict_id after_a_needless_one(struct dialogue *d, uint32_t echo,
					    uint64_t after_ms)
{
	static const uint32_t above[2] = {1, 3}, again[2] = {0, 1}, beyond[2] = {4, 6};
	opens(d, SERVER);
	sends(d, 1, 0, stamped(120, 7));
	sends(d, 2, 0, stamped(120, 7));
	acks(d, 0, above, stamped(30, 100));
	sends(d, 4, 0, stamped(121, 7));
	sends(d, 5, 0, stamped(121, 7));
	sends(d, 0, RTT_MS, stamped(145, 30));
	assert_int_equal(heard(d)->verdicts[0].id, VERDICT_FAST_RETRANSMISSION);
	acks(d, 3, beyond, stamped(50, 145));
	sends(d, 0, 0, stamped(119, 7));
	acks(d, 3, again, stamped(51, 145));
	sends(d, 3, after_ms, stamped(145 + (uint32_t)after_ms, echo));
	return heard(d)->verdicts[0].id;
}

static void test_a_recovery_goes_on_while_its_sender_has_not_heard_that_it_was_needless(void **state)
{
	assert_int_equal(after_a_needless_one(*state, 50, RTT_MS),
			 VERDICT_RECOVERY_RETRANSMISSION);
}

static void test_once_its_sender_has_heard_so_another_begins(void **state)
{
	assert_int_equal(after_a_needless_one(*state, 51, 3 * RTT_MS),
			 VERDICT_FAST_RETRANSMISSION);
}

static enum tap_place place_when(struct dialogue *d, uint64_t server_ms, uint64_t client_ms)
{
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .after_ms = server_ms));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001, .after_ms = client_ms));
	ends(d);
	assert_int_equal(d->closed_count, 1);
	return d->closed[0].place;
}

static void test_the_tap_is_at_the_client_whose_answers_are_fast(void **state)
{
	assert_int_equal(place_when(*state, 20, 1), PLACE_CLIENT);
}

static void test_the_tap_is_at_the_server_whose_answers_are_fast(void **state)
{
	assert_int_equal(place_when(*state, 1, 20), PLACE_SERVER);
}

static void test_between_them_both_take_their_time(void **state)
{
	assert_int_equal(place_when(*state, 12, 10), PLACE_BETWEEN);
}

static void test_without_an_answer_the_place_is_unknown(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	ends(d);
	assert_int_equal(d->closed[0].place, PLACE_UNKNOWN);
}

static void test_a_syn_that_was_sent_again_tells_no_place(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, CLIENT, SYN(.seq = 1000, .after_ms = 1000));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .after_ms = 1));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001, .after_ms = 20));
	ends(d);
	assert_int_equal(d->closed[0].place, PLACE_UNKNOWN);
}

#define past_test(test) cmocka_unit_test_setup_teardown(test, dialogue_far, dialogue_over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		past_test(test_an_older_timestamp_in_order_is_dropped),
		past_test(test_an_equal_timestamp_is_not),
		past_test(test_one_tick_older_was_overtaken_and_is_taken),
		past_test(test_what_was_acknowledged_long_ago_is_an_old_duplicate),
		past_test(test_a_copy_that_a_later_copy_overtook_is_no_late_original),
		past_test(test_its_original_that_both_overtook_is),
		past_test(test_a_recovery_goes_on_while_its_sender_has_not_heard_that_it_was_needless),
		past_test(test_once_its_sender_has_heard_so_another_begins),
		past_test(test_the_tap_is_at_the_client_whose_answers_are_fast),
		past_test(test_the_tap_is_at_the_server_whose_answers_are_fast),
		past_test(test_between_them_both_take_their_time),
		past_test(test_without_an_answer_the_place_is_unknown),
		past_test(test_a_syn_that_was_sent_again_tells_no_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
