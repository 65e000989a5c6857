#include "../../support/cm.h"
#include "../../support/judged.h"

#include "../../../src/track/tracker.h"

/* What a segment without data says: duplicate ACKs, D-SACKs, window updates, probes' answers. */

static struct tcp_options sack_ok(void)
{
	return (struct tcp_options){.present = OPTION_SACK_OK};
}

/* One block, raw. */
static struct tcp_options sack(uint32_t left, uint32_t right)
{
	return (struct tcp_options){
		.present = OPTION_SACK, .sack_count = 1, .sack = {{left, right}}};
}

static void handshake_with_sack(struct dialogue *d)
{
	says(d, CLIENT, SYN(.seq = 1000, .options = sack_ok()));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .options = sack_ok()));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001));
}

/* Five segments of 100 bytes, the first of which is acknowledged by the last packet. */
static void flight(struct dialogue *d)
{
	for (uint32_t i = 0; i < 5; i++)
		says(d, CLIENT, DATA(.seq = 1001 + 100 * i, .ack = 5001, .len = 100));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101));
}

static void test_new_sack_information_makes_a_dup_ack(void **state)
{
	struct dialogue *d = *state;
	uint64_t of;
	handshake_with_sack(d);
	flight(d);
	of = heard(d)->n;
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101, .options = sack(1201, 1301)));
	assert_int_equal(judged(d, VERDICT_DUP_ACK)->number, 1);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101, .options = sack(1201, 1401)));
	assert_int_equal(judged(d, VERDICT_DUP_ACK)->number, 2);
	assert_int_equal(judged(d, VERDICT_DUP_ACK)->of, of);
}

static void test_a_window_that_grows_makes_no_window_update_of_a_dup_ack(void **state)
{
	struct dialogue *d = *state;
	handshake_with_sack(d);
	flight(d);
	says(d, SERVER,
	     SAYS(TCP_ACK, .seq = 5001, .ack = 1101, .window = 900, .options = sack(1201, 1301)));
	assert_non_null(judged(d, VERDICT_DUP_ACK));
	assert_null(judged(d, VERDICT_WINDOW_UPDATE));
}

static void test_sack_blocks_that_say_nothing_new_make_no_dup_ack(void **state)
{
	struct dialogue *d = *state;
	handshake_with_sack(d);
	flight(d);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101, .options = sack(1201, 1501)));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101, .options = sack(1301, 1401)));
	assert_int_equal(heard(d)->verdict_count, 0);
}

static void test_islands_of_sack_grow_together(void **state)
{
	struct dialogue *d = *state;
	handshake_with_sack(d);
	flight(d);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101, .options = sack(1201, 1301)));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101, .options = sack(1401, 1501)));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101, .options = sack(1301, 1401)));
	assert_int_equal(judged(d, VERDICT_DUP_ACK)->number, 3);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101, .options = sack(1201, 1501)));
	assert_null(judged(d, VERDICT_DUP_ACK));
}

static void test_same_ack_again_without_sack_is_a_dup_ack_while_more_is_out(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	flight(d);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101));
	assert_int_equal(judged(d, VERDICT_DUP_ACK)->number, 1);
}

static void test_one_segment_outstanding_cannot_come_out_of_order(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	flight(d);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1401));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1401));
	assert_null(judged(d, VERDICT_DUP_ACK));
}

static void test_number_begins_anew_when_the_ack_moves(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	flight(d);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1201));
	assert_null(judged(d, VERDICT_DUP_ACK));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1201));
	assert_int_equal(judged(d, VERDICT_DUP_ACK)->number, 1);
}

static void test_ack_of_a_repeated_syn_ack_is_a_plain_ack(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001));
	assert_int_equal(heard(d)->verdict_count, 0);
}

static void test_dsack_names_the_copy_and_is_no_dup_ack(void **state)
{
	struct dialogue *d = *state;
	uint64_t copy;
	handshake_with_sack(d);
	flight(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	copy = heard(d)->n;
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101, .options = sack(1001, 1101)));
	assert_int_equal(judged(d, VERDICT_DSACK)->of, copy);
	assert_int_equal(fact_of(judged(d, VERDICT_DSACK), FACT_LEFT), 1);
	assert_int_equal(fact_of(judged(d, VERDICT_DSACK), FACT_RIGHT), 101);
	assert_null(judged(d, VERDICT_DUP_ACK));
}

static void test_another_window_with_the_same_ack_is_a_window_update(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101));
	says(d, SERVER, SAYS(TCP_ACK, .seq = 5001, .ack = 1101, .window = 900));
	assert_int_equal(fact_of(judged(d, VERDICT_WINDOW_UPDATE), FACT_WINDOW_BEFORE), 500);
	assert_int_equal(fact_of(judged(d, VERDICT_WINDOW_UPDATE), FACT_WINDOW), 900);
	says(d, SERVER, SAYS(TCP_ACK, .seq = 5001, .ack = 1101, .window = 900));
	assert_int_equal(heard(d)->verdict_count, 0);
}

static void test_no_room_is_a_zero_window_and_no_window_update(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101));
	says(d, SERVER, SAYS(TCP_ACK, .seq = 5001, .ack = 1101));
	assert_non_null(judged(d, VERDICT_ZERO_WINDOW));
	assert_null(judged(d, VERDICT_WINDOW_UPDATE));
	says(d, SERVER, RST(.seq = 5001));
	assert_null(judged(d, VERDICT_ZERO_WINDOW));
}

/* Whether a packet is a probe is told by the causes. */
static void probed(struct dialogue *d, enum end by, enum verdict_id id)
{
	d->tracker->latest->side[by].probe_n = heard(d)->n;
	d->tracker->latest->side[by].probed_ns = d->now_ns;
	d->tracker->latest->side[by].probe_id = id;
}

static void probe_and_answer(struct dialogue *d, enum verdict_id id)
{
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101));
	says(d, CLIENT, ACK(.seq = 1100, .ack = 5001));
	probed(d, CLIENT, id);
	says(d, SERVER, SAYS(TCP_ACK, .seq = 5001, .ack = 1101, .window = 900));
}

static void test_keep_alive_is_answered_once(void **state)
{
	struct dialogue *d = *state;
	probe_and_answer(d, VERDICT_KEEP_ALIVE);
	assert_int_equal(judged(d, VERDICT_KEEP_ALIVE_ACK)->of, 6);
	assert_null(judged(d, VERDICT_WINDOW_UPDATE));
	says(d, SERVER, SAYS(TCP_ACK, .seq = 5001, .ack = 1101, .window = 900));
	assert_int_equal(heard(d)->verdict_count, 0);
}

static void test_window_probe_is_answered_with_the_window(void **state)
{
	struct dialogue *d = *state;
	probe_and_answer(d, VERDICT_ZERO_WINDOW_PROBE);
	assert_int_equal(fact_of(judged(d, VERDICT_ZERO_WINDOW_PROBE_ACK), FACT_WINDOW), 900);
}

/* The server is at the tap or 20 ms away, has no room, and is probed; packet 6. */
static void probes_a_closed_window(struct dialogue *d, uint64_t echo_ms)
{
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .after_ms = echo_ms, .after_us = 50));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	says(d, SERVER,
	     SAYS(TCP_ACK, .seq = 5001, .ack = 1101, .after_ms = echo_ms, .after_us = 50));
	says(d, CLIENT, ACK(.seq = 1100, .ack = 5001, .after_ms = 220));
	assert_non_null(judged(d, VERDICT_ZERO_WINDOW_PROBE));
}

static void has_room(struct dialogue *d, uint64_t after_ms)
{
	says(d, SERVER,
	     SAYS(TCP_ACK, .seq = 5001, .ack = 1101, .window = 900, .after_ms = after_ms));
}

static void test_room_long_after_an_unanswered_probe_is_a_window_update(void **state)
{
	struct dialogue *d = *state;
	probes_a_closed_window(d, 0);
	has_room(d, 424);
	assert_non_null(judged(d, VERDICT_WINDOW_UPDATE));
	assert_null(judged(d, VERDICT_ZERO_WINDOW_PROBE_ACK));
}

static void test_room_that_crosses_the_probe_is_a_window_update(void **state)
{
	struct dialogue *d = *state;
	probes_a_closed_window(d, 20);
	has_room(d, 2);
	assert_non_null(judged(d, VERDICT_WINDOW_UPDATE));
	has_room(d, 18);
	assert_int_equal(judged(d, VERDICT_ZERO_WINDOW_PROBE_ACK)->of, 6);
}

static void test_room_an_echo_later_answers_the_probe(void **state)
{
	struct dialogue *d = *state;
	probes_a_closed_window(d, 20);
	has_room(d, 22);
	assert_non_null(judged(d, VERDICT_ZERO_WINDOW_PROBE_ACK));
}

static void test_keep_alive_itself_answers_nothing(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	flight(d);
	says(d, CLIENT, SAYS(TCP_ACK, .seq = 1500, .ack = 5001, .window = 700));
	assert_null(judged(d, VERDICT_WINDOW_UPDATE));
}

static void test_ack_of_bytes_in_no_packet_says_how_many(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1301));
	assert_int_equal(fact_of(judged(d, VERDICT_ACK_OF_UNSEEN), FACT_LEN), 200);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1301));
	assert_null(judged(d, VERDICT_ACK_OF_UNSEEN));
}

static void test_ack_of_a_hole_is_one_of_bytes_unseen(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	says(d, CLIENT, DATA(.seq = 1201, .ack = 5001, .len = 100));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1301));
	assert_int_equal(fact_of(judged(d, VERDICT_ACK_OF_UNSEEN), FACT_LEN), 100);
}

static void test_bytes_unseen_before_a_fin_are_counted_too(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	says(d, CLIENT, FIN(.seq = 1151, .ack = 5001));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1152));
	assert_int_equal(fact_of(judged(d, VERDICT_ACK_OF_UNSEEN), FACT_LEN), 50);
}

static void test_what_came_before_the_capture_is_not_missing(void **state)
{
	struct dialogue *d = *state;
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101));
	says(d, CLIENT, DATA(.seq = 1501, .ack = 5001, .len = 100));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1301));
	assert_null(judged(d, VERDICT_ACK_OF_UNSEEN));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1601));
	assert_null(judged(d, VERDICT_ACK_OF_UNSEEN));
}

static void test_ack_that_stops_inside_what_was_sacked_reneges(void **state)
{
	struct dialogue *d = *state;
	uint64_t n;
	handshake_with_sack(d);
	flight(d);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101, .options = sack(1201, 1401)));
	n = heard(d)->n;
	says(d, SERVER, ACK(.seq = 5001, .ack = 1301));
	assert_int_equal(judged(d, VERDICT_SACK_RENEGING)->because[0], n);
}

static void test_ack_that_takes_all_that_was_sacked_does_not(void **state)
{
	struct dialogue *d = *state;
	handshake_with_sack(d);
	flight(d);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101, .options = sack(1201, 1401)));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1401));
	assert_null(judged(d, VERDICT_SACK_RENEGING));
}

static void test_more_islands_than_are_kept_forget_the_lowest(void **state)
{
	struct dialogue *d = *state;
	uint32_t count = HOLES_MAX + 10;
	handshake_with_sack(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100000));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101));
	for (uint32_t i = 0; i < count; i++) {
		uint32_t left = 2001 + 200 * i;
		says(d, SERVER,
		     ACK(.seq = 5001, .ack = 1101, .options = sack(left, left + 100)));
		assert_int_equal(judged(d, VERDICT_DUP_ACK)->number, i + 1);
	}
	says(d, SERVER,
	     ACK(.seq = 5001, .ack = 1101,
		 .options = sack(2001 + 200 * (count - 1), 2101 + 200 * (count - 1))));
	assert_null(judged(d, VERDICT_DUP_ACK));
}

static void test_damaged_ack_says_nothing(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	flight(d);
	says(d, SERVER, ACK(.seq = 5001, .ack = 91101, .flaws = FLAW_BAD_CHECKSUM));
	assert_int_equal(heard(d)->verdict_count, 0);
}

#define answer_test(test) cmocka_unit_test_setup_teardown(test, dialogue_far, dialogue_over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		answer_test(test_new_sack_information_makes_a_dup_ack),
		answer_test(test_a_window_that_grows_makes_no_window_update_of_a_dup_ack),
		answer_test(test_sack_blocks_that_say_nothing_new_make_no_dup_ack),
		answer_test(test_islands_of_sack_grow_together),
		answer_test(test_same_ack_again_without_sack_is_a_dup_ack_while_more_is_out),
		answer_test(test_one_segment_outstanding_cannot_come_out_of_order),
		answer_test(test_number_begins_anew_when_the_ack_moves),
		answer_test(test_ack_of_a_repeated_syn_ack_is_a_plain_ack),
		answer_test(test_dsack_names_the_copy_and_is_no_dup_ack),
		answer_test(test_another_window_with_the_same_ack_is_a_window_update),
		answer_test(test_no_room_is_a_zero_window_and_no_window_update),
		answer_test(test_keep_alive_is_answered_once),
		answer_test(test_window_probe_is_answered_with_the_window),
		answer_test(test_room_long_after_an_unanswered_probe_is_a_window_update),
		answer_test(test_room_that_crosses_the_probe_is_a_window_update),
		answer_test(test_room_an_echo_later_answers_the_probe),
		answer_test(test_keep_alive_itself_answers_nothing),
		answer_test(test_ack_of_bytes_in_no_packet_says_how_many),
		answer_test(test_ack_of_a_hole_is_one_of_bytes_unseen),
		answer_test(test_bytes_unseen_before_a_fin_are_counted_too),
		answer_test(test_what_came_before_the_capture_is_not_missing),
		answer_test(test_ack_that_stops_inside_what_was_sacked_reneges),
		answer_test(test_ack_that_takes_all_that_was_sacked_does_not),
		answer_test(test_more_islands_than_are_kept_forget_the_lowest),
		answer_test(test_damaged_ack_says_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
