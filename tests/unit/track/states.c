#include "../../support/cm.h"
#include "../../support/dialogue.h"

/* RFC 9293 3.3.2 for both ends, from packets alone. "*" marks what is inferred. */

static void test_three_way_handshake_at_the_tap(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	assert_string_equal(states_of(d, CLIENT), "SYN-SENT ESTABLISHED");
	assert_string_equal(states_of(d, SERVER), "SYN-RECEIVED ESTABLISHED");
	assert_int_equal(state_find(d, CLIENT, STATE_ESTABLISHED)->because[0], 2);
	assert_int_equal(state_find(d, SERVER, STATE_ESTABLISHED)->because[0], 3);
}

static void test_far_server_is_established_when_it_next_speaks(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	assert_string_equal(states_of(d, CLIENT), "SYN-SENT ESTABLISHED");
	assert_string_equal(states_of(d, SERVER), "SYN-RECEIVED");
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 10));
	assert_string_equal(states_of(d, SERVER), "SYN-RECEIVED");
	says(d, SERVER, ACK(.seq = 5001, .ack = 1011));
	assert_string_equal(states_of(d, SERVER), "SYN-RECEIVED ESTABLISHED");
	assert_int_equal(state_find(d, SERVER, STATE_ESTABLISHED)->because[0], 3);
	assert_int_equal(state_find(d, SERVER, STATE_ESTABLISHED)->because[1], 5);
}

static void test_far_client_names_both_packets(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	assert_int_equal(state_find(d, CLIENT, STATE_ESTABLISHED)->because[0], 2);
	assert_int_equal(state_find(d, CLIENT, STATE_ESTABLISHED)->because[1], 3);
	assert_int_equal(state_find(d, SERVER, STATE_SYN_RECEIVED)->because[0], 1);
	assert_int_equal(state_find(d, SERVER, STATE_SYN_RECEIVED)->because[1], 2);
}

static void close_in_order(struct dialogue *d)
{
	handshake(d);
	says(d, CLIENT, FIN(.seq = 1001, .ack = 5001));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1002));
	says(d, SERVER, FIN(.seq = 5001, .ack = 1002));
	says(d, CLIENT, ACK(.seq = 1002, .ack = 5002));
}

static void test_normal_close_at_the_tap(void **state)
{
	struct dialogue *d = *state;
	close_in_order(d);
	assert_string_equal(states_of(d, CLIENT),
			    "SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT");
	assert_string_equal(states_of(d, SERVER),
			    "SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED");
	ends(d);
	assert_int_equal(d->closed[0].ended, ENDED_FIN);
	assert_int_equal(d->closed[0].opened, OPENED_HANDSHAKE);
}

static void test_normal_close_far_away(void **state)
{
	struct dialogue *d = *state;
	close_in_order(d);
	assert_string_equal(states_of(d, CLIENT),
			    "SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT");
	assert_string_equal(states_of(d, SERVER),
			    "SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED*");
	assert_int_equal(state_find(d, CLIENT, STATE_FIN_WAIT_2)->because[0], 5);
	assert_int_equal(state_find(d, CLIENT, STATE_FIN_WAIT_2)->because[1], 7);
}

static void test_fin_and_ack_in_one_segment(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, SERVER, FIN(.seq = 5001, .ack = 1001));
	says(d, CLIENT, FIN(.seq = 1001, .ack = 5002));
	says(d, SERVER, ACK(.seq = 5002, .ack = 1002));
	assert_string_equal(states_of(d, SERVER),
			    "SYN-RECEIVED ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT");
	assert_string_equal(states_of(d, CLIENT), "SYN-SENT ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED");
}

static void test_simultaneous_close(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, FIN(.seq = 1001, .ack = 5001));
	says(d, SERVER, FIN(.seq = 5001, .ack = 1001));
	says(d, CLIENT, ACK(.seq = 1002, .ack = 5002));
	says(d, SERVER, ACK(.seq = 5002, .ack = 1002));
	assert_string_equal(states_of(d, CLIENT),
			    "SYN-SENT ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT*");
	assert_string_equal(states_of(d, SERVER),
			    "SYN-RECEIVED ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT*");
}

static void test_half_close_leaves_the_other_way_open(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, FIN(.seq = 1001, .ack = 5001));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1002));
	says(d, SERVER, DATA(.seq = 5001, .ack = 1002, .len = 100));
	says(d, CLIENT, ACK(.seq = 1002, .ack = 5101));
	assert_string_equal(states_of(d, CLIENT), "SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2");
	assert_string_equal(states_of(d, SERVER), "SYN-RECEIVED ESTABLISHED CLOSE-WAIT");
	ends(d);
	assert_int_equal(d->closed[0].ended, ENDED_OPEN);
}

static void test_simultaneous_open(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, SERVER, SYN(.seq = 5000));
	says(d, CLIENT, SYN_ACK(.seq = 1000, .ack = 5001));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001));
	assert_string_equal(states_of(d, CLIENT), "SYN-SENT SYN-RECEIVED ESTABLISHED");
	assert_string_equal(states_of(d, SERVER), "SYN-SENT SYN-RECEIVED ESTABLISHED");
	ends(d);
	assert_int_equal(d->closed_count, 1);
	assert_int_equal(d->closed[0].opened, OPENED_SIMULTANEOUS);
	assert_int_equal(d->closed[0].verdicts[VERDICT_SYN_RETRANSMISSION], 0);
}

static void test_refused_connection_closes_the_client(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, SERVER, RST_ACK(.seq = 0, .ack = 1001));
	assert_string_equal(states_of(d, CLIENT), "SYN-SENT CLOSED");
	assert_string_equal(states_of(d, SERVER), "");
	ends(d);
	assert_int_equal(d->closed[0].ended, ENDED_RST);
}

static void test_reset_from_far_away_is_inferred(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1001));
	says(d, SERVER, RST(.seq = 5001));
	assert_string_equal(states_of(d, SERVER), "SYN-RECEIVED ESTABLISHED CLOSED");
	assert_string_equal(states_of(d, CLIENT), "SYN-SENT ESTABLISHED CLOSED*");
}

static void test_reset_outside_the_window_is_not_received(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, SERVER, DATA(.seq = 5001, .ack = 1001, .len = 500));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5501));
	says(d, SERVER, RST(.seq = 5100));
	assert_string_equal(states_of(d, CLIENT), "SYN-SENT ESTABLISHED");
}

static void test_mid_capture_is_established_by_inference(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, DATA(.seq = 70000, .ack = 90000, .len = 10));
	says(d, SERVER, FIN(.seq = 90000, .ack = 70010));
	assert_string_equal(states_of(d, CLIENT), "ESTABLISHED*");
	assert_string_equal(states_of(d, SERVER), "ESTABLISHED* FIN-WAIT-1");
	ends(d);
	assert_int_equal(d->closed[0].opened, OPENED_MID_CAPTURE);
	assert_true(d->closed[0].isn_assumed[CLIENT]);
}

static void test_segment_with_bad_checksum_is_not_received(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .flaws = FLAW_BAD_CHECKSUM));
	assert_string_equal(states_of(d, CLIENT), "SYN-SENT");
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001));
	assert_string_equal(states_of(d, CLIENT), "SYN-SENT ESTABLISHED");
}

static void test_reset_that_acknowledges_no_syn_is_not_received(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, SERVER, RST_ACK(.seq = 0, .ack = 1500));
	assert_string_equal(states_of(d, CLIENT), "SYN-SENT");
}

static void test_damaged_syn_is_no_evidence(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, SYN(.seq = 1000, .flaws = FLAW_BAD_CHECKSUM));
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001));
	assert_int_equal(state_find(d, SERVER, STATE_SYN_RECEIVED)->because[0], 2);
}

static void test_one_end_at_the_tap_receives_at_once(void **state)
{
	struct dialogue *d = *state;
	const struct addr client = {4, {10, 0, 0, 1}};
	struct tracker_config config = {.local = &client, .local_count = 1};
	dialogue_close(d);
	d->tracker = tracker_open(&config, dialogue_sink(d), NULL);
	handshake(d);
	assert_int_equal(state_find(d, CLIENT, STATE_ESTABLISHED)->because[0], 2);
	assert_int_equal(state_find(d, CLIENT, STATE_ESTABLISHED)->because[1], 0);
	assert_string_equal(states_of(d, SERVER), "SYN-RECEIVED");
	ends(d);
	assert_true(d->closed[0].near[CLIENT] && !d->closed[0].near[SERVER]);
}

static void test_fin_that_came_before_its_data_waits(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, FIN(.seq = 1101, .ack = 5001));
	assert_string_equal(states_of(d, SERVER), "SYN-RECEIVED ESTABLISHED");
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100));
	assert_string_equal(states_of(d, SERVER), "SYN-RECEIVED ESTABLISHED CLOSE-WAIT");
}

#define near_test(test) cmocka_unit_test_setup_teardown(test, dialogue_near, dialogue_over)
#define far_test(test) cmocka_unit_test_setup_teardown(test, dialogue_far, dialogue_over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		near_test(test_three_way_handshake_at_the_tap),
		far_test(test_far_server_is_established_when_it_next_speaks),
		far_test(test_far_client_names_both_packets),
		near_test(test_normal_close_at_the_tap),
		far_test(test_normal_close_far_away),
		near_test(test_fin_and_ack_in_one_segment),
		far_test(test_simultaneous_close),
		near_test(test_half_close_leaves_the_other_way_open),
		near_test(test_simultaneous_open),
		near_test(test_refused_connection_closes_the_client),
		far_test(test_reset_from_far_away_is_inferred),
		near_test(test_reset_outside_the_window_is_not_received),
		far_test(test_mid_capture_is_established_by_inference),
		near_test(test_segment_with_bad_checksum_is_not_received),
		near_test(test_fin_that_came_before_its_data_waits),
		far_test(test_reset_that_acknowledges_no_syn_is_not_received),
		far_test(test_damaged_syn_is_no_evidence),
		far_test(test_one_end_at_the_tap_receives_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
