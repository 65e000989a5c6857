#include "../../support/cm.h"
#include "../../support/crosses.h"
#include "../../support/judged.h"

#include <stdio.h>
#include <string.h>

/* Two vantages: states, round trips, losses and copies stand where and when they happen. */

/* "SYN-SENT@0 ESTABLISHED@20" */
static const char *states_at(struct dialogue *d, enum end who)
{
	size_t length = 0;
	d->states[0] = '\0';
	for (size_t i = 0; i < d->event_count; i++) {
		const struct event *event = &d->events[i];
		if (event->kind != EVENT_STATE || event->state.who != who)
			continue;
		length += (size_t)snprintf(d->states + length, sizeof(d->states) - length,
					   "%s%s@%g", length ? " " : "",
					   state_words[event->state.state],
					   ((double)event->ns - 1000e9) / 1e6);
		assert_true(length < sizeof(d->states));
	}
	return d->states;
}

static void test_states_stand_at_the_time_of_what_caused_them(void **state)
{
	struct dialogue *d = *state;
	shake_hands(d);
	ends(d);
	assert_string_equal(states_at(d, CLIENT), "SYN-SENT@0 ESTABLISHED@21");
	assert_string_equal(states_at(d, SERVER), "SYN-RECEIVED@11 ESTABLISHED@32");
	assert_int_equal(state_find(d, SERVER, STATE_SYN_RECEIVED)->because[0], 1);
}

static void test_records_are_in_order_of_time(void **state)
{
	struct dialogue *d = *state;
	uint64_t before = 0;
	shake_hands(d);
	for (int i = 0; i < 3; i++)
		crosses(d, CLIENT, AT(40 + i, 50 + i), DATA(.seq = 1001, .ack = 5001, .len = 10));
	crosses(d, SERVER, AT(45, 46), FIN(.seq = 5001, .ack = 1001));
	crosses(d, CLIENT, AT(47, 57), ACK(.seq = 1011, .ack = 5002));
	ends(d);
	for (size_t i = 0; i < d->event_count; i++) {
		if (d->events[i].kind == EVENT_CLOSED)
			continue;
		assert_true(d->events[i].ns >= before);
		before = d->events[i].ns;
	}
}

static void test_a_lost_syn_is_never_received(void **state)
{
	struct dialogue *d = *state;
	crosses(d, CLIENT, AT(0, LOST), SYN(.seq = 1000));
	crosses(d, CLIENT, AT(1000, 1010), SYN(.seq = 1000));
	crosses(d, SERVER, AT(1011, 1021), SYN_ACK(.seq = 5000, .ack = 1001));
	crosses(d, CLIENT, AT(1022, LOST), ACK(.seq = 1001, .ack = 5001));
	ends(d);
	assert_string_equal(states_at(d, CLIENT), "SYN-SENT@0 ESTABLISHED@1021");
	assert_string_equal(states_at(d, SERVER), "SYN-RECEIVED@1011");
	assert_int_equal(state_find(d, SERVER, STATE_SYN_RECEIVED)->because[0], 2);
	assert_int_equal(d->closed[0].lost, 2);
	assert_true(d->closed[0].near[CLIENT] && d->closed[0].near[SERVER]);
}

static void test_an_orderly_close_at_its_own_times(void **state)
{
	struct dialogue *d = *state;
	shake_hands(d);
	crosses(d, CLIENT, AT(100, 110), FIN(.seq = 1001, .ack = 5001));
	crosses(d, SERVER, AT(111, 121), ACK(.seq = 5001, .ack = 1002));
	crosses(d, SERVER, AT(130, 140), FIN(.seq = 5001, .ack = 1002));
	crosses(d, CLIENT, AT(141, 151), ACK(.seq = 1002, .ack = 5002));
	ends(d);
	assert_string_equal(states_at(d, CLIENT), "SYN-SENT@0 ESTABLISHED@21 FIN-WAIT-1@100 "
						  "FIN-WAIT-2@121 TIME-WAIT@140");
	assert_string_equal(states_at(d, SERVER), "SYN-RECEIVED@11 ESTABLISHED@32 "
						  "CLOSE-WAIT@110 LAST-ACK@130 CLOSED@151");
	assert_int_equal(d->closed[0].ended, ENDED_FIN);
}

static void test_a_fin_waits_for_the_data_before_it(void **state)
{
	struct dialogue *d = *state;
	shake_hands(d);
	crosses(d, CLIENT, AT(100, LOST), DATA(.seq = 1001, .ack = 5001, .len = 10));
	crosses(d, CLIENT, AT(101, 111), FIN(.seq = 1011, .ack = 5001));
	crosses(d, CLIENT, AT(300, 310), DATA(.seq = 1001, .ack = 5001, .len = 10));
	ends(d);
	assert_string_equal(states_at(d, SERVER),
			    "SYN-RECEIVED@11 ESTABLISHED@32 CLOSE-WAIT@310");
	assert_int_equal(state_find(d, SERVER, STATE_CLOSE_WAIT)->because[0], 5);
	assert_int_equal(state_find(d, SERVER, STATE_CLOSE_WAIT)->because[1], 6);
}

static void test_segments_that_arrive_out_of_order_let_the_fin_in(void **state)
{
	struct dialogue *d = *state;
	shake_hands(d);
	crosses(d, CLIENT, AT(100, 130), DATA(.seq = 1001, .ack = 5001, .len = 10));
	crosses(d, CLIENT, AT(101, 111), DATA(.seq = 1011, .ack = 5001, .len = 10));
	crosses(d, CLIENT, AT(102, 112), FIN(.seq = 1021, .ack = 5001));
	ends(d);
	assert_string_equal(states_at(d, SERVER),
			    "SYN-RECEIVED@11 ESTABLISHED@32 CLOSE-WAIT@130");
}

static void test_syns_that_cross_are_received_when_they_arrive(void **state)
{
	struct dialogue *d = *state;
	crosses(d, CLIENT, AT(0, 10), SYN(.seq = 1000));
	crosses(d, SERVER, AT(2, 12), SYN(.seq = 5000));
	crosses(d, SERVER, AT(11, 21), SYN_ACK(.seq = 5000, .ack = 1001));
	crosses(d, CLIENT, AT(13, 23), SYN_ACK(.seq = 1000, .ack = 5001));
	ends(d);
	assert_string_equal(states_at(d, CLIENT), "SYN-SENT@0 SYN-RECEIVED@12 ESTABLISHED@21");
	assert_string_equal(states_at(d, SERVER), "SYN-SENT@2 SYN-RECEIVED@10 ESTABLISHED@23");
}

static void test_a_reset_takes_effect_when_it_arrives(void **state)
{
	struct dialogue *d = *state;
	crosses(d, CLIENT, AT(0, 10), SYN(.seq = 1000));
	crosses(d, SERVER, AT(11, 21), RST_ACK(.ack = 1001));
	ends(d);
	assert_string_equal(states_at(d, CLIENT), "SYN-SENT@0 CLOSED@21");
	assert_int_equal(d->closed[0].ended, ENDED_RST);
}

static void test_an_rtt_is_from_departure_to_the_acks_arrival(void **state)
{
	struct dialogue *d = *state;
	shake_hands(d);
	crosses(d, CLIENT, AT(100, 110), DATA(.seq = 1001, .ack = 5001, .len = 10));
	crosses(d, SERVER, AT(111, 125), ACK(.seq = 5001, .ack = 1011));
	assert_int_equal(heard(d)->rtt_ns, 25 * NS_PER_MS);
	ends(d);
	assert_int_equal(d->closed[0].rtt[CLIENT].samples, 1);
}

static void test_a_lost_ack_gives_no_rtt_and_the_next_one_does(void **state)
{
	struct dialogue *d = *state;
	shake_hands(d);
	crosses(d, CLIENT, AT(100, 110), DATA(.seq = 1001, .ack = 5001, .len = 10));
	crosses(d, CLIENT, AT(102, 112), DATA(.seq = 1011, .ack = 5001, .len = 10));
	crosses(d, SERVER, AT(111, LOST), ACK(.seq = 5001, .ack = 1011));
	assert_int_equal(heard(d)->rtt_ns, 0);
	crosses(d, SERVER, AT(113, 123), ACK(.seq = 5001, .ack = 1021));
	assert_int_equal(heard(d)->rtt_ns, 21 * NS_PER_MS);
	crosses(d, SERVER, AT(114, 124), ACK(.seq = 5001, .ack = 1021));
	assert_int_equal(heard(d)->rtt_ns, 0);
}

static void test_flight_counts_until_the_ack_arrives(void **state)
{
	struct dialogue *d = *state;
	shake_hands(d);
	crosses(d, CLIENT, AT(100, 110), DATA(.seq = 1001, .ack = 5001, .len = 10));
	crosses(d, SERVER, AT(111, 121), ACK(.seq = 5001, .ack = 1011));
	crosses(d, CLIENT, AT(120, 130), DATA(.seq = 1011, .ack = 5001, .len = 10));
	assert_int_equal(heard(d)->flight, 20);
	crosses(d, CLIENT, AT(122, 132), DATA(.seq = 1021, .ack = 5001, .len = 10));
	assert_int_equal(heard(d)->flight, 20);
}

static void test_a_copy_is_received_again_but_not_sent_again(void **state)
{
	struct dialogue *d = *state;
	shake_hands(d);
	crosses(d, CLIENT, AT(100, 110), DATA(.seq = 1001, .ack = 5001, .len = 10));
	crosses(d, CLIENT, ((struct crossing_said){100, 111, 4}),
		DATA(.seq = 1001, .ack = 5001, .len = 10));
	assert_int_equal(heard(d)->verdict_count, 1);
	assert_int_equal(heard(d)->verdicts[0].id, VERDICT_NETWORK_DUPLICATE);
	assert_int_equal(heard(d)->verdicts[0].of, 4);
	assert_int_equal(heard(d)->seq, 1);
	assert_int_equal(heard(d)->window, 500);
	ends(d);
	assert_int_equal(d->closed[0].packets[CLIENT], 3);
	assert_int_equal(d->closed[0].bytes[CLIENT], 10);
}

static void test_a_retransmission_after_a_loss_names_the_lost_one(void **state)
{
	struct dialogue *d = *state;
	shake_hands(d);
	crosses(d, CLIENT, AT(100, LOST), DATA(.seq = 1001, .ack = 5001, .len = 10));
	crosses(d, CLIENT, AT(300, 310), DATA(.seq = 1001, .ack = 5001, .len = 10));
	assert_int_equal(heard(d)->verdict_count, 1);
	assert_int_equal(heard(d)->verdicts[0].of, 4);
}

static void test_an_ack_that_is_under_way_tells_its_sender_no_round_trip_yet(void **state)
{
	struct dialogue *d = *state;
	shake_hands(d);
	crosses(d, CLIENT, AT(100, 110), DATA(.seq = 1001, .ack = 5001, .len = 10));
	crosses(d, SERVER, AT(111, 900), ACK(.seq = 5001, .ack = 1011));
	crosses(d, CLIENT, AT(400, 410), DATA(.seq = 1001, .ack = 5001, .len = 10));
	assert_int_equal(heard(d)->verdict_count, 1);
	assert_int_equal(fact_of(&heard(d)->verdicts[0], FACT_SRTT), 22 * NS_PER_MS);
}

static void test_an_ack_that_has_arrived_does(void **state)
{
	struct dialogue *d = *state;
	shake_hands(d);
	crosses(d, CLIENT, AT(100, 110), DATA(.seq = 1001, .ack = 5001, .len = 10));
	crosses(d, SERVER, AT(111, 130), ACK(.seq = 5001, .ack = 1011));
	crosses(d, CLIENT, AT(200, 210), DATA(.seq = 1011, .ack = 5001, .len = 10));
	crosses(d, CLIENT, AT(500, 510), DATA(.seq = 1011, .ack = 5001, .len = 10));
	assert_int_equal(heard(d)->verdict_count, 1);
	assert_int_equal(fact_of(&heard(d)->verdicts[0], FACT_SRTT), 23 * NS_PER_MS);
}

static void test_an_arrival_nobody_saw_is_believed_when_it_is_shown(void **state)
{
	struct dialogue *d = *state;
	crosses(d, CLIENT, AT(0, 10), SYN(.seq = 1000));
	crosses(d, SERVER, AT(11, 21), SYN_ACK(.seq = 5000, .ack = 1001));
	crosses(d, CLIENT, AT(22, UNSEEN), ACK(.seq = 1001, .ack = 5001));
	assert_string_equal(states_at(d, SERVER), "SYN-RECEIVED@11");
	crosses(d, SERVER, AT(40, 50), DATA(.seq = 5001, .ack = 1001, .len = 10));
	assert_string_equal(states_at(d, SERVER), "SYN-RECEIVED@11 ESTABLISHED@40");
	ends(d);
	assert_int_equal(d->closed[0].lost, 0);
}

static void test_a_packet_that_arrives_after_all_is_received(void **state)
{
	struct dialogue *d = *state;
	struct event amend = {.kind = EVENT_AMEND, .ns = at_ms(2500),
			      .amend = {.n = 3, .found = true, .arrives_ns = at_ms(2500)}};
	crosses(d, CLIENT, AT(0, 10), SYN(.seq = 1000));
	crosses(d, SERVER, AT(11, 21), SYN_ACK(.seq = 5000, .ack = 1001));
	crosses(d, CLIENT, AT(22, LOST), ACK(.seq = 1001, .ack = 5001));
	assert_true(tracker_amend(d->tracker, &amend));
	assert_int_equal(amend.conv, 1);
	assert_string_equal(states_at(d, SERVER), "SYN-RECEIVED@11 ESTABLISHED@2500");
	ends(d);
	assert_int_equal(d->closed[0].lost, 0);
}

static void test_what_arrives_after_all_is_not_called_lost_any_more(void **state)
{
	struct dialogue *d = *state;
	struct event amend;
	shake_hands(d);
	crosses(d, CLIENT, AT(100, LOST), DATA(.seq = 1001, .ack = 5001, .len = 10));
	assert_non_null(judged(d, VERDICT_LOST));
	amend = found(d, 4, 2500);
	assert_true(amend.amend.cleared);
	assert_int_equal(amend.amend.verdict_count, 0);
	crosses(d, CLIENT, AT(2600, LOST), DATAGRAM(.len = 4));
	assert_non_null(judged(d, VERDICT_LOST));
	assert_true(found(d, 5, 4700).amend.cleared);
	ends(d);
	assert_int_equal(d->closed[0].verdicts[VERDICT_LOST], 0);
	assert_int_equal(d->closed[1].verdicts[VERDICT_LOST], 0);
}

static void test_what_else_was_said_of_it_stays(void **state)
{
	struct dialogue *d = *state;
	struct event amend;
	shake_hands(d);
	crosses(d, CLIENT, AT(100, LOST), DATA(.seq = 1001, .ack = 5001, .len = 10));
	crosses(d, CLIENT, AT(400, LOST), DATA(.seq = 1001, .ack = 5001, .len = 10));
	amend = found(d, 5, 2500);
	assert_false(amend.amend.cleared);
	assert_int_equal(amend.amend.verdict_count, 1);
	assert_int_not_equal(amend.amend.verdicts[0].id, VERDICT_LOST);
	assert_int_equal(amend.amend.verdicts[0].of, 4);
	assert_false(found(d, 5, 2500).amend.cleared); /* told twice, counted once */
	ends(d);
	assert_int_equal(d->closed[0].verdicts[VERDICT_LOST], 1);
}

/* RFC 9293 3.5.1, figure 9: the ACK of a former connection. */
static void test_an_ack_of_a_former_connection_acknowledges_nothing_when_it_arrives(void **state)
{
	struct dialogue *d = *state;
	crosses(d, CLIENT, AT(0, 10), SYN(.seq = 1000));
	crosses(d, SERVER, AT(11, 21), ACK(.seq = 7000, .ack = 3000));
	assert_non_null(judged(d, VERDICT_CHALLENGE_ACK));
	assert_int_equal(heard(d)->rtt_ns, 0);
	crosses(d, CLIENT, AT(1000, 1010), SYN(.seq = 1000));
	crosses(d, SERVER, AT(1011, 1021), SYN_ACK(.seq = 5000, .ack = 1001));
	crosses(d, CLIENT, AT(1022, 1032), DATA(.seq = 1001, .ack = 5001, .len = 10));
	assert_int_equal(heard(d)->flight, 10);
	ends(d);
	assert_string_equal(states_at(d, CLIENT), "SYN-SENT@0 ESTABLISHED@1021");
}

static void test_what_is_under_way_to_a_connection_that_is_over_comes_to_nobody(void **state)
{
	struct dialogue *d = *state;
	shake_hands(d);
	crosses(d, SERVER, AT(100, 400), DATA(.seq = 5001, .ack = 1001, .len = 10));
	crosses(d, CLIENT, AT(200, 210), SYN(.seq = 9000)); /* the same ports again */
	crosses(d, CLIENT, AT(500, 510), SYN(.seq = 9000));
	assert_string_equal(states_of(d, CLIENT), "SYN-SENT");
	ends(d);
	assert_int_equal(d->closed_count, 2);
}

static void test_a_datagrams_round_trip_ends_when_the_reply_arrives(void **state)
{
	struct dialogue *d = *state;
	crosses(d, CLIENT, AT(0, LOST), DATAGRAM(.len = 4));
	crosses(d, CLIENT, AT(100, 110), DATAGRAM(.len = 4));
	crosses(d, SERVER, AT(111, 125), DATAGRAM(.len = 4));
	assert_int_equal(heard(d)->rtt_ns, 25 * NS_PER_MS);
	ends(d);
	assert_int_equal(d->closed[0].lost, 1);
}

static void test_more_under_way_than_can_be_kept_arrives_early(void **state)
{
	struct dialogue *d = *state;
	crosses(d, CLIENT, AT(0, 10), SYN(.seq = 1000));
	crosses(d, SERVER, AT(11, 21), SYN_ACK(.seq = 5000, .ack = 1001));
	for (uint32_t i = 0; i < 65534; i++)
		crosses(d, CLIENT, AT(22, 5000), ACK(.seq = 1001, .ack = 5001));
	d->event_count = 0;
	assert_string_equal(states_at(d, SERVER), "");
	for (uint32_t i = 0; i < 10; i++)
		crosses(d, CLIENT, AT(22, 5000), ACK(.seq = 1001, .ack = 5001));
	assert_string_equal(states_at(d, SERVER), "ESTABLISHED@5000");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, dialogue_far, dialogue_over)
	const struct CMUnitTest tests[] = {
		T(test_states_stand_at_the_time_of_what_caused_them),
		T(test_records_are_in_order_of_time),
		T(test_a_lost_syn_is_never_received),
		T(test_an_orderly_close_at_its_own_times),
		T(test_a_fin_waits_for_the_data_before_it),
		T(test_segments_that_arrive_out_of_order_let_the_fin_in),
		T(test_syns_that_cross_are_received_when_they_arrive),
		T(test_a_reset_takes_effect_when_it_arrives),
		T(test_an_rtt_is_from_departure_to_the_acks_arrival),
		T(test_a_lost_ack_gives_no_rtt_and_the_next_one_does),
		T(test_flight_counts_until_the_ack_arrives),
		T(test_a_copy_is_received_again_but_not_sent_again),
		T(test_a_retransmission_after_a_loss_names_the_lost_one),
		T(test_an_ack_that_is_under_way_tells_its_sender_no_round_trip_yet),
		T(test_an_ack_that_has_arrived_does),
		T(test_an_arrival_nobody_saw_is_believed_when_it_is_shown),
		T(test_a_packet_that_arrives_after_all_is_received),
		T(test_what_arrives_after_all_is_not_called_lost_any_more),
		T(test_what_else_was_said_of_it_stays),
		T(test_an_ack_of_a_former_connection_acknowledges_nothing_when_it_arrives),
		T(test_what_is_under_way_to_a_connection_that_is_over_comes_to_nobody),
		T(test_a_datagrams_round_trip_ends_when_the_reply_arrives),
		T(test_more_under_way_than_can_be_kept_arrives_early),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
