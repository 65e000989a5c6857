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
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .after_ms = 800));
	assert_waits(d, CLIENT, WAIT_HANDSHAKE);
	assert_non_null(strstr(stalled(d)->text, "waited 800.0 ms for an answer"));
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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
