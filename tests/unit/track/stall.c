#include "../../support/cm.h"
#include "../../support/dialogue.h"

#include <string.h>

/* Silences: who waited for what? */

static size_t stalls(const struct dialogue *d)
{
	size_t count = 0;
	for (size_t i = 0; i < d->event_count; i++)
		count += d->events[i].kind == EVENT_NOTE && d->events[i].note.code == NOTE_STALL;
	return count;
}

/* The latest record, which has to be that note. */
static const struct note *stalled(const struct dialogue *d)
{
	const struct event *event = &d->events[d->event_count - 1];
	assert_int_equal(event->kind, EVENT_NOTE);
	assert_int_equal(event->note.code, NOTE_STALL);
	assert_true(event->note.end_ns == d->now_ns);
	assert_int_equal(event->note.end_ns - event->ns, event->note.facts[0].value);
	return &event->note;
}

static void assert_waits(const struct dialogue *d, enum end who, enum wait waits)
{
	assert_int_equal(stalled(d)->waits, waits);
	assert_int_equal(stalled(d)->who, who);
}

static void test_nothing_to_send_is_the_programs_silence(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101));
	says(d, SERVER, DATA(.seq = 5001, .ack = 1101, .len = 10, .after_ms = 1200));
	assert_waits(d, SERVER, WAIT_PROGRAM);
	assert_int_equal(stalled(d)->because[0], 5);
	assert_int_equal(stalled(d)->because[1], 6);
	assert_int_equal(stalled(d)->because[2], 4);
	assert_false(stalled(d)->inferred);
	assert_non_null(strstr(stalled(d)->text, "for 1.2 s the server's program"));
}

static void test_far_from_the_sender_a_loss_looks_like_the_programs_silence(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .after_ms = 1200));
	assert_waits(d, CLIENT, WAIT_PROGRAM);
	assert_true(stalled(d)->inferred);
	assert_non_null(strstr(stalled(d)->text, "or what it sent was lost before"));
}

static void test_what_is_sent_again_ends_the_timers_silence(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .after_ms = 230));
	assert_waits(d, CLIENT, WAIT_TIMER);
	assert_int_equal(stalled(d)->because[0], 4);
	assert_int_equal(stalled(d)->facts[2].value, 100);
	assert_non_null(strstr(stalled(d)->text, "100 bytes outstanding"));
}

static void test_a_window_without_room_holds_its_sender(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 500));
	says(d, SERVER, SAYS(TCP_ACK, .seq = 5001, .ack = 1501, .window = 0));
	says(d, CLIENT, ACK(.seq = 1500, .ack = 5001, .after_ms = 240));
	assert_waits(d, CLIENT, WAIT_WINDOW);
	assert_int_equal(stalled(d)->because[0], 5);
	assert_non_null(strstr(stalled(d)->text, "probe"));
	says(d, SERVER, SAYS(TCP_ACK, .seq = 5001, .ack = 1501, .window = 0));
	says(d, SERVER, SAYS(TCP_ACK, .seq = 5001, .ack = 1501, .window = 500, .after_ms = 700));
	assert_waits(d, CLIENT, WAIT_WINDOW);
	assert_non_null(strstr(stalled(d)->text, "After 700.0 ms it is 500"));
}

static void test_the_same_probe_before_an_open_window_is_a_keep_alive(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 500));
	says(d, SERVER, SAYS(TCP_ACK, .seq = 5001, .ack = 1501, .window = 9000));
	says(d, CLIENT, ACK(.seq = 1500, .ack = 5001, .after_ms = 7200000));
	assert_waits(d, CLIENT, WAIT_KEEP_ALIVE);
}

static void test_a_small_segments_late_ack_is_delayed(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 4));
	says(d, SERVER, SAYS(TCP_ACK, .seq = 5001, .ack = 1005, .window = 9000, .after_ms = 210));
	assert_waits(d, CLIENT, WAIT_DELAYED_ACK);
	assert_true(stalled(d)->inferred);
}

static void test_no_ack_is_delayed_for_a_second(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 4));
	says(d, SERVER, SAYS(TCP_ACK, .seq = 5001, .ack = 1005, .window = 500, .after_ms = 1000));
	assert_waits(d, CLIENT, WAIT_ACK);
}

static void test_full_segments_outstanding_are_held_by_the_congestion_window(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001));
	says(d, SERVER, SAYS(TCP_ACK, .seq = 5001, .ack = 1001, .window = 60000));
	for (uint32_t i = 0; i < 3; i++)
		says(d, CLIENT, DATA(.seq = 1001 + i * 1460, .ack = 5001, .len = 1460));
	says(d, SERVER, SAYS(TCP_ACK, .seq = 5001, .ack = 2461, .window = 60000, .after_ms = 900));
	assert_waits(d, CLIENT, WAIT_CONGESTION);
	assert_true(stalled(d)->inferred);
	assert_int_equal(stalled(d)->facts[2].value, 4380);
}

static void test_an_unanswered_syn_waits_for_its_handshake(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, CLIENT, SYN(.seq = 1000, .after_ms = 1000));
	assert_waits(d, CLIENT, WAIT_HANDSHAKE);
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .after_ms = 1800));
	assert_waits(d, CLIENT, WAIT_HANDSHAKE);
	assert_non_null(strstr(stalled(d)->text, "waited 1.8 s for an answer"));
}

static void test_a_silence_of_less_than_four_round_trips_is_none(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .after_ms = 150));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001, .after_ms = 150));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 10, .after_ms = 1190));
	assert_int_equal(stalls(d), 0);
}

static void test_a_silence_after_the_end_is_none(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, RST(.seq = 1001));
	says(d, CLIENT, RST(.seq = 1001, .after_ms = 3000));
	assert_int_equal(stalls(d), 0);
}

static void test_a_second_copy_in_the_capture_ends_no_silence(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 10, .ip_id = 9, .after_ms = 500));
	assert_int_equal(stalls(d), 1);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 10, .ip_id = 9, .after_us = 10));
	assert_int_equal(stalls(d), 1);
}

/* The tap is at the server: what this acknowledges at once says nothing of the way. */
static void handshake_from_afar(struct dialogue *d, uint64_t rtt_ms)
{
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .after_us = 50));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001, .after_ms = rtt_ms));
}

static void test_at_the_receiver_a_round_trip_is_no_silence(void **state)
{
	struct dialogue *d = *state;
	handshake_from_afar(d, 300);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .at_once = true));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101, .after_us = 20));
	says(d, CLIENT, DATA(.seq = 1101, .ack = 5001, .len = 100, .after_ms = 300));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1201, .after_us = 20));
	assert_int_equal(stalls(d), 0);
	says(d, CLIENT, DATA(.seq = 1201, .ack = 5001, .len = 100, .after_ms = 1210));
	assert_waits(d, CLIENT, WAIT_PROGRAM);
	assert_in_range(stalled(d)->facts[1].value, 300 * NS_PER_MS, 301 * NS_PER_MS);
}

static void test_the_first_round_trip_is_no_silence(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .after_ms = 700));
	assert_int_equal(stalls(d), 0);
}

static void test_without_a_handshake_samples_at_the_tap_are_no_round_trip(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101, .after_us = 20));
	says(d, CLIENT, DATA(.seq = 1101, .ack = 5001, .len = 100, .after_ms = 400));
	assert_int_equal(stalls(d), 0);
	says(d, CLIENT, DATA(.seq = 1101, .ack = 5001, .len = 100, .after_ms = 400));
	assert_waits(d, CLIENT, WAIT_TIMER);
}

static void test_the_timer_of_a_timeout_is_named(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	says(d, CLIENT, DATA(.seq = 1101, .ack = 5001, .len = 100));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .after_ms = 230));
	assert_int_equal(heard(d)->verdicts[0].id, VERDICT_RTO_RETRANSMISSION);
	assert_non_null(strstr(stalled(d)->text,
			       "200 bytes outstanding and heard nothing for 230.0 ms: its "
			       "retransmission timer ran out"));
}

static void test_a_fin_outstanding_is_no_byte(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, FIN(.seq = 1001, .ack = 5001));
	says(d, CLIENT, FIN(.seq = 1001, .ack = 5001, .after_ms = 230));
	assert_waits(d, CLIENT, WAIT_TIMER);
	assert_non_null(strstr(stalled(d)->text, "had a FIN outstanding"));
	assert_int_equal(stalled(d)->facts[2].value, 0);
}

static void test_bytes_and_a_fin_are_outstanding(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 1));
	says(d, CLIENT, FIN(.seq = 1002, .ack = 5001));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 1, .after_ms = 230));
	assert_non_null(strstr(stalled(d)->text, "had 1 byte and a FIN outstanding"));
}

static void test_who_is_not_in_the_capture_cannot_be_said_to_wait(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 10, .after_ms = 15000));
	says(d, CLIENT, ACK(.seq = 1011, .ack = 5501, .after_ms = 15000));
	assert_int_equal(stalls(d), 0);
}

static void test_a_syn_that_was_not_seen_waits_for_no_answer(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, SERVER, DATA(.seq = 5001, .ack = 1001, .len = 10));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5011, .len = 10, .after_ms = 2000));
	assert_waits(d, CLIENT, WAIT_PROGRAM);
}

static void test_nobody_waits_for_a_year(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .after_ms = 1472003999360));
	assert_int_equal(stalls(d), 0);
}

/* It is another connection's packet that shows it. */
static void test_across_a_clock_that_was_set_back_there_is_no_silence(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, SERVER, DATAGRAM(.len = 10, .sport = 50000));
	says(d, SERVER, DATAGRAM(.len = 10, .sport = 50000, .after_ms = (uint64_t)-1000));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 10, .after_ms = 1500));
	assert_int_equal(stalls(d), 0);
	says(d, CLIENT, DATA(.seq = 1011, .ack = 5001, .len = 10, .after_ms = 1500));
	assert_int_equal(stalls(d), 1);
}

static void test_a_handshake_across_a_clock_that_was_set_back_hides_no_silence(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .after_ms = (uint64_t)-1000));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001, .after_us = 20));
	says(d, SERVER, DATA(.seq = 5001, .ack = 1001, .len = 10));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5011, .len = 10, .after_ms = 1500));
	assert_waits(d, CLIENT, WAIT_PROGRAM);
}

static void test_a_packet_without_a_time_ends_and_begins_no_silence(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 10, .after_ms = 1500,
			     .flaws = FLAW_BAD_TIME));
	says(d, CLIENT, DATA(.seq = 1011, .ack = 5001, .len = 10, .after_ms = 1500));
	assert_int_equal(stalls(d), 0);
}

static struct tcp_options stamped(uint32_t tsval, uint32_t tsecr)
{
	return (struct tcp_options){
		.present = OPTION_TS | OPTION_SACK_OK, .tsval = tsval, .tsecr = tsecr};
}

static void stamped_handshake(struct dialogue *d)
{
	says(d, CLIENT, SYN(.seq = 1000, .options = stamped(100, 0)));
	says(d, SERVER,
	     SYN_ACK(.seq = 5000, .ack = 1001, .options = stamped(900, 100), .after_us = 50));
	says(d, CLIENT,
	     ACK(.seq = 1001, .ack = 5001, .options = stamped(120, 900), .after_ms = 20));
}

static void test_of_two_timers_that_may_have_run_out_none_is_named(void **state)
{
	struct dialogue *d = *state;
	stamped_handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .options = stamped(130, 900)));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .after_ms = 230,
			     .options = stamped(360, 900)));
	assert_int_equal(heard(d)->verdicts[0].sure, SURE_AMBIGUOUS);
	assert_waits(d, CLIENT, WAIT_TIMER);
	assert_non_null(
		strstr(stalled(d)->text, "retransmission timer or its probe timer ran out"));
}

static void test_what_left_long_before_it_came_was_held_up_on_the_way(void **state)
{
	struct dialogue *d = *state;
	stamped_handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .after_ms = 400,
			     .options = stamped(120, 900)));
	assert_waits(d, SERVER, WAIT_DELIVERY);
	assert_false(stalled(d)->inferred);
	assert_int_equal(stalled(d)->because[0], 3);
	assert_non_null(strstr(stalled(d)->text, "on its way after 1.0 ms at most"));
}

static void test_what_left_late_was_not_held_up(void **state)
{
	struct dialogue *d = *state;
	stamped_handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .after_ms = 400,
			     .options = stamped(520, 900)));
	assert_waits(d, CLIENT, WAIT_PROGRAM);
}

static void test_stamps_without_a_known_tick_hold_nothing_up(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000, .options = stamped(100, 0)));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .options = stamped(900, 100)));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001, .options = stamped(100, 900)));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .after_ms = 400,
			     .options = stamped(100, 900)));
	assert_waits(d, CLIENT, WAIT_PROGRAM);
}

/* Its IP identification says that it left before what overtook it. */
static void test_a_late_original_ends_no_timers_silence(void **state)
{
	struct dialogue *d = *state;
	handshake_from_afar(d, 20);
	for (uint32_t i = 0; i < 6; i++)
		says(d, CLIENT, DATA(.seq = 1001 + i * 100, .ack = 5001, .len = 100,
				     .ip_id = 10 + i, .after_us = 50));
	says(d, CLIENT, DATA(.seq = 1701, .ack = 5001, .len = 100, .ip_id = 17, .after_us = 50));
	says(d, CLIENT, DATA(.seq = 1601, .ack = 5001, .len = 100, .ip_id = 16, .after_ms = 230));
	assert_int_equal(heard(d)->verdicts[0].id, VERDICT_OUT_OF_ORDER);
	assert_waits(d, SERVER, WAIT_DELIVERY);
	assert_non_null(strstr(stalled(d)->text, "comes with what it had sent before"));
}

static void test_a_copy_that_the_network_made_ends_no_silence(void **state)
{
	struct dialogue *d = *state;
	stamped_handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .options = stamped(140, 900)));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1101, .options = stamped(930, 140)));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .after_ms = 2000,
			     .options = stamped(140, 900)));
	assert_int_equal(heard(d)->verdicts[0].id, VERDICT_NETWORK_DUPLICATE);
	assert_int_equal(stalls(d), 0);
}

#define FAR_TEST(name)  cmocka_unit_test_setup_teardown(name, dialogue_far, dialogue_over)
#define NEAR_TEST(name) cmocka_unit_test_setup_teardown(name, dialogue_near, dialogue_over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NEAR_TEST(test_nothing_to_send_is_the_programs_silence),
		FAR_TEST(test_far_from_the_sender_a_loss_looks_like_the_programs_silence),
		FAR_TEST(test_what_is_sent_again_ends_the_timers_silence),
		FAR_TEST(test_a_window_without_room_holds_its_sender),
		FAR_TEST(test_the_same_probe_before_an_open_window_is_a_keep_alive),
		FAR_TEST(test_a_small_segments_late_ack_is_delayed),
		FAR_TEST(test_no_ack_is_delayed_for_a_second),
		FAR_TEST(test_full_segments_outstanding_are_held_by_the_congestion_window),
		FAR_TEST(test_an_unanswered_syn_waits_for_its_handshake),
		FAR_TEST(test_a_silence_of_less_than_four_round_trips_is_none),
		FAR_TEST(test_a_silence_after_the_end_is_none),
		NEAR_TEST(test_a_second_copy_in_the_capture_ends_no_silence),
		FAR_TEST(test_at_the_receiver_a_round_trip_is_no_silence),
		FAR_TEST(test_the_first_round_trip_is_no_silence),
		FAR_TEST(test_without_a_handshake_samples_at_the_tap_are_no_round_trip),
		FAR_TEST(test_of_two_timers_that_may_have_run_out_none_is_named),
		FAR_TEST(test_the_timer_of_a_timeout_is_named),
		FAR_TEST(test_a_fin_outstanding_is_no_byte),
		FAR_TEST(test_bytes_and_a_fin_are_outstanding),
		FAR_TEST(test_who_is_not_in_the_capture_cannot_be_said_to_wait),
		FAR_TEST(test_a_syn_that_was_not_seen_waits_for_no_answer),
		FAR_TEST(test_nobody_waits_for_a_year),
		FAR_TEST(test_across_a_clock_that_was_set_back_there_is_no_silence),
		FAR_TEST(test_a_handshake_across_a_clock_that_was_set_back_hides_no_silence),
		FAR_TEST(test_a_packet_without_a_time_ends_and_begins_no_silence),
		FAR_TEST(test_what_left_long_before_it_came_was_held_up_on_the_way),
		FAR_TEST(test_what_left_late_was_not_held_up),
		FAR_TEST(test_stamps_without_a_known_tick_hold_nothing_up),
		FAR_TEST(test_a_late_original_ends_no_timers_silence),
		FAR_TEST(test_a_copy_that_the_network_made_ends_no_silence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
