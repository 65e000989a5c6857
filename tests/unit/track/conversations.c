#include "../../support/cm.h"
#include "../../support/dialogue.h"

/* Conversations: who is the client, how long they last, what happens when memory is short; UDP and
 * the ICMP errors that quote them. */

static const struct conversation_ends *announced(const struct dialogue *d)
{
	for (size_t i = d->event_count; i-- > 0;) {
		if (d->events[i].kind == EVENT_CONVERSATION)
			return &d->events[i].conversation;
	}
	return NULL;
}

static void test_client_is_who_sends_the_syn(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1, .sport = 5, .dport = 40000));
	assert_int_equal(announced(d)->port[CLIENT], 5);
	assert_int_equal(heard(d)->from, CLIENT);
}

static void test_client_is_who_receives_the_syn_ack(void **state)
{
	struct dialogue *d = *state;
	says(d, SERVER, SYN_ACK(.seq = 1, .ack = 2, .sport = 5, .dport = 40000));
	assert_int_equal(announced(d)->port[CLIENT], 5);
	assert_int_equal(heard(d)->from, SERVER);
}

static void test_client_is_the_higher_port_without_either(void **state)
{
	struct dialogue *d = *state;
	says(d, SERVER, DATA(.seq = 1, .ack = 2, .len = 3));
	assert_int_equal(announced(d)->port[CLIENT], 40000);
	assert_int_equal(heard(d)->from, SERVER);
}

static void test_udp_client_is_the_first_sender(void **state)
{
	struct dialogue *d = *state;
	says(d, SERVER, DATAGRAM(.len = 10));
	assert_int_equal(announced(d)->port[CLIENT], 7);
	assert_int_equal(heard(d)->from, CLIENT);
}

static void test_new_syn_on_the_same_ports_is_a_new_conversation(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, SYN(.seq = 99000));
	assert_int_equal(heard_event(d)->conv, 2);
	assert_int_equal(heard(d)->seq, 0);
	assert_int_equal(d->closed_count, 1);
	assert_int_equal(d->closed[0].ended, ENDED_OPEN);
}

static void test_syn_that_fits_what_was_assumed_is_the_same(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001));
	says(d, CLIENT, SYN(.seq = 1000));
	assert_int_equal(heard_event(d)->conv, 1);
}

static void reset_after_handshake(struct dialogue *d)
{
	handshake(d);
	says(d, CLIENT, RST(.seq = 1001));
}

static void test_finished_conversation_lingers_two_minutes(void **state)
{
	struct dialogue *d = *state;
	reset_after_handshake(d);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1001, .after_ms = 119000));
	assert_int_equal(heard_event(d)->conv, 1);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1001, .after_ms = 119000));
	assert_int_equal(heard_event(d)->conv, 1);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1001, .after_ms = 120001));
	assert_int_equal(heard_event(d)->conv, 2);
	assert_int_equal(d->closed_count, 1);
	assert_int_equal(d->closed[0].packets[SERVER], 3);
}

static void test_closed_comes_before_the_first_record_past_the_deadline(void **state)
{
	struct dialogue *d = *state;
	reset_after_handshake(d);
	says(d, CLIENT, DATAGRAM(.len = 1, .after_ms = 120001));
	for (size_t i = 0; i < d->event_count; i++) {
		if (d->events[i].kind != EVENT_CLOSED)
			continue;
		assert_int_equal(d->events[i].conv, 1);
		assert_int_equal(d->events[i + 1].kind, EVENT_CONVERSATION);
		return;
	}
	fail();
}

static void test_sender_that_gave_up_timed_out(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, CLIENT, SYN(.seq = 1000, .after_ms = 1000));
	says(d, CLIENT, SYN(.seq = 1000, .after_ms = 2000));
	says(d, CLIENT, DATAGRAM(.len = 1, .after_ms = 20000));
	ends(d);
	assert_int_equal(d->closed[0].ended, ENDED_TIMEOUT);
}

static void test_sender_that_may_still_try_did_not_time_out(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, CLIENT, SYN(.seq = 1000, .after_ms = 1000));
	says(d, CLIENT, DATAGRAM(.len = 1, .after_ms = 1500));
	ends(d);
	assert_int_equal(d->closed[0].ended, ENDED_OPEN);
}

static void test_conversations_are_closed_in_their_order(void **state)
{
	struct dialogue *d = *state;
	for (uint16_t port = 1; port <= 200; port++)
		says(d, CLIENT, SYN(.seq = port, .sport = port));
	ends(d);
	assert_int_equal(d->closed_count, 200);
	for (uint16_t i = 0; i < 200; i++)
		assert_int_equal(d->closed[i].ends.port[CLIENT], i + 1);
}

static void test_full_table_lets_go_and_says_so(void **state)
{
	struct dialogue *d = *state;
	struct summary summary = {0};
	size_t notes = 0;
	dialogue_close(d);
	dialogue_open_sized(d, FAR, 1);
	for (uint32_t i = 0; i < 400; i++)
		says(d, CLIENT, SYN(.seq = i, .sport = (uint16_t)(1000 + i)));
	tracker_summary(d->tracker, &summary);
	assert_int_equal(summary.evicted, d->closed_count);
	assert_in_range(summary.evicted, 100, 400);
	assert_int_equal(summary.conversations, 400);
	assert_int_equal(d->closed[0].ended, ENDED_EVICTED);
	for (size_t i = 0; i < d->event_count; i++)
		notes += d->events[i].kind == EVENT_NOTE && d->events[i].note.code == NOTE_TABLE_FULL;
	assert_int_equal(notes, 1);
}

static void test_udp_reply_gives_a_round_trip(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, DATAGRAM(.len = 10));
	says(d, SERVER, DATAGRAM(.len = 20, .after_ms = 7));
	assert_int_equal(heard(d)->rtt_ns, 7 * NS_PER_MS);
	says(d, CLIENT, DATAGRAM(.len = 10));
	says(d, CLIENT, DATAGRAM(.len = 10));
	says(d, SERVER, DATAGRAM(.len = 20));
	assert_int_equal(heard(d)->rtt_ns, 0); /* which of the two does it answer? */
	ends(d);
	assert_int_equal(d->closed[0].rtt[CLIENT].samples, 1);
	assert_int_equal(d->closed[0].bytes[CLIENT], 30);
	assert_int_equal(d->closed[0].packets[SERVER], 2);
}

static void test_icmp_error_names_the_datagram_it_quotes(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, DATAGRAM(.len = 10, .ip_id = 77));
	says(d, CLIENT, DATAGRAM(.len = 10, .ip_id = 78));
	quotes(d, CLIENT, DATAGRAM(.ip_id = 77, .len = 10));
	assert_int_equal(heard_event(d)->conv, 1);
	assert_int_equal(heard(d)->quotes, 1);
	quotes(d, CLIENT, DATAGRAM(.ip_id = 79, .len = 10));
	assert_int_equal(heard(d)->quotes, 0);
}

static void test_icmp_error_without_identification_goes_by_length(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, DATAGRAM(.len = 10));
	says(d, CLIENT, DATAGRAM(.len = 20));
	quotes(d, CLIENT, DATAGRAM(.len = 10));
	assert_int_equal(heard(d)->quotes, 1);
	says(d, CLIENT, DATAGRAM(.len = 10));
	quotes(d, CLIENT, DATAGRAM(.len = 10));
	assert_int_equal(heard(d)->quotes, 0); /* which of the two? */
}

static void test_reset_that_nobody_received_ends_nothing(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, SERVER, RST(.seq = 5001, .flaws = FLAW_BAD_CHECKSUM));
	says(d, SERVER, RST(.seq = 4900));
	says(d, SERVER, RST(.seq = 5001 + 70000));
	ends(d);
	assert_int_equal(d->closed[0].ended, ENDED_OPEN);
}

static void test_last_is_the_conversation_s_own(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATAGRAM(.len = 1, .after_ms = 1000000));
	d->now_ns -= 900000 * NS_PER_MS;
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 1));
	ends(d);
	assert_int_equal(d->closed[0].last_ns, d->now_ns);
}

static void test_icmp_error_names_the_segment_it_quotes(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	says(d, CLIENT, DATA(.seq = 1101, .ack = 5001, .len = 100));
	quotes(d, CLIENT, DATA(.seq = 1001));
	assert_int_equal(heard(d)->quotes, 4);
}

static void test_icmp_error_about_a_stranger_has_no_conversation(void **state)
{
	struct dialogue *d = *state;
	quotes(d, CLIENT, DATAGRAM(.ip_id = 5));
	assert_int_equal(heard_event(d)->conv, 0);
	assert_int_equal(heard(d)->quotes, 0);
}

#define conversation_test(test) cmocka_unit_test_setup_teardown(test, dialogue_far, dialogue_over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		conversation_test(test_client_is_who_sends_the_syn),
		conversation_test(test_client_is_who_receives_the_syn_ack),
		conversation_test(test_client_is_the_higher_port_without_either),
		conversation_test(test_udp_client_is_the_first_sender),
		conversation_test(test_new_syn_on_the_same_ports_is_a_new_conversation),
		conversation_test(test_syn_that_fits_what_was_assumed_is_the_same),
		conversation_test(test_finished_conversation_lingers_two_minutes),
		conversation_test(test_closed_comes_before_the_first_record_past_the_deadline),
		conversation_test(test_sender_that_gave_up_timed_out),
		conversation_test(test_sender_that_may_still_try_did_not_time_out),
		conversation_test(test_conversations_are_closed_in_their_order),
		conversation_test(test_full_table_lets_go_and_says_so),
		conversation_test(test_udp_reply_gives_a_round_trip),
		conversation_test(test_icmp_error_names_the_datagram_it_quotes),
		conversation_test(test_icmp_error_without_identification_goes_by_length),
		conversation_test(test_reset_that_nobody_received_ends_nothing),
		conversation_test(test_last_is_the_conversation_s_own),
		conversation_test(test_icmp_error_names_the_segment_it_quotes),
		conversation_test(test_icmp_error_about_a_stranger_has_no_conversation),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
