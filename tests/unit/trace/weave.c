/* Which packets a call made, which bytes it moved, and which states it shows. */
#include "scene.h"

static void test_a_syn_is_made_by_the_connect_that_is_under_way(void **state)
{
	struct scene *s = *state;
	connected(s);
	assert_int_equal(told_last(s, EVENT_PACKET)->packet.call, 2);
	assert_int_equal(told_last(s, EVENT_CALL)->conv, 1);
	assert_int_equal(told_last(s, EVENT_CALL)->call.from, END_CLIENT);
}

static void test_a_syn_that_is_sent_again_is_the_kernels(void **state)
{
	struct scene *s = *state;
	RETURNS(1, .id = 1, .kind = CALL_SOCKET, .sock = 1);
	ENTERS(2, .id = 2, .kind = CALL_CONNECT, .sock = 1, .ends = to_server());
	conversation(s, 1, CLIENT_PORT, false);
	PACKET(3, .conv = 1, .flags = TCP_SYN);
	assert_int_equal(PACKET(1003, .conv = 1, .flags = TCP_SYN, .again = true)->call, 0);
}

static void test_of_two_connects_to_one_place_the_return_tells(void **state)
{
	struct scene *s = *state;
	ENTERS(1, .id = 1, .kind = CALL_CONNECT, .sock = 1, .ends = to_server());
	ENTERS(1, .id = 2, .kind = CALL_CONNECT, .sock = 2, .ends = to_server());
	conversation(s, 1, 40001, false);
	assert_int_equal(PACKET(2, .conv = 1, .flags = TCP_SYN)->call, 0);
	RETURNS(9, .id = 2, .kind = CALL_CONNECT, .sock = 2, .ends = client_ends(40001));
	assert_int_equal(told_last(s, EVENT_AMEND)->amend.n, 1);
	assert_int_equal(told_last(s, EVENT_AMEND)->amend.call, 2);
	conversation(s, 2, 40002, false);
	assert_int_equal(PACKET(10, .conv = 2, .flags = TCP_SYN)->call, 1);
}

static void test_a_connect_in_progress_made_its_syn(void **state)
{
	struct scene *s = *state;
	ENTERS(1, .id = 1, .kind = CALL_CONNECT, .sock = 1, .ends = to_server());
	conversation(s, 1, CLIENT_PORT, false);
	PACKET(1, .conv = 1, .flags = TCP_SYN);
	RETURNS(2, .id = 1, .kind = CALL_CONNECT, .sock = 1, .ret = -1, .error = "EINPROGRESS",
		.ends = client_ends(CLIENT_PORT));
	assert_int_equal(told_last(s, EVENT_PACKET)->packet.call, 1);
	assert_int_equal(told_last(s, EVENT_CALL)->conv, 1);
}

static void test_a_socket_that_was_refused_connects_anew(void **state)
{
	struct scene *s = *state;
	connected(s);
	ENTERS(10, .id = 3, .kind = CALL_CONNECT, .sock = 2, .ends = to_server());
	conversation(s, 2, 40001, false);
	PACKET(11, .conv = 2, .flags = TCP_SYN);
	RETURNS(12, .id = 3, .kind = CALL_CONNECT, .sock = 2, .ret = -1,
		.error = "ECONNREFUSED", .ends = client_ends(40001));
	ENTERS(13, .id = 4, .kind = CALL_CONNECT, .sock = 2, .ends = to_server());
	conversation(s, 3, 40002, false);
	assert_int_equal(PACKET(14, .conv = 3, .flags = TCP_SYN)->call, 4);
}

static void test_a_segment_is_made_by_the_send_of_its_first_byte(void **state)
{
	struct scene *s = *state;
	connected(s);
	sends(s, 10, 3, 5);
	sends(s, 11, 4, 7);
	assert_int_equal(PACKET(12, .conv = 1, .seq = 1, .len = 8)->call, 3);
	assert_int_equal(PACKET(13, .conv = 1, .seq = 9, .len = 4)->call, 4);
}

static void test_one_send_makes_many_segments(void **state)
{
	struct scene *s = *state;
	connected(s);
	sends(s, 10, 3, 4000);
	for (int64_t seq = 1; seq < 4000; seq += 1000)
		assert_int_equal(PACKET(12, .conv = 1, .seq = seq, .len = 1000)->call, 3);
	assert_int_equal(PACKET(13, .conv = 1, .seq = 4001, .len = 10)->call, 0);
}

static void test_a_send_under_way_covers_what_it_was_asked_for(void **state)
{
	struct scene *s = *state;
	connected(s);
	ENTERS(10, .id = 3, .kind = CALL_SENDTO, .sock = 1, .wanted = 1000000);
	assert_int_equal(PACKET(11, .conv = 1, .seq = 65001, .len = 1000)->call, 3);
	RETURNS(12, .id = 3, .kind = CALL_SENDTO, .sock = 1, .wanted = 1000000,
		.bytes = 70000);
	sends(s, 13, 4, 500);
	assert_int_equal(PACKET(14, .conv = 1, .seq = 70001, .len = 500)->call, 4);
}

static void test_what_is_sent_again_has_no_call(void **state)
{
	struct scene *s = *state;
	connected(s);
	sends(s, 10, 3, 100);
	PACKET(11, .conv = 1, .seq = 1, .len = 100);
	assert_int_equal(PACKET(300, .conv = 1, .seq = 1, .len = 100, .again = true)->call, 0);
}

static void test_an_ack_has_no_call(void **state)
{
	struct scene *s = *state;
	connected(s);
	sends(s, 10, 3, 100);
	assert_int_equal(PACKET(10, .conv = 1, .seq = 1, .flags = TCP_ACK)->call, 0);
}

static void test_bytes_are_counted_beyond_4_gib(void **state)
{
	struct scene *s = *state;
	connected(s);
	for (uint64_t id = 3; id < 3 + 5; id++) {
		sends(s, 10, id, UINT64_C(1) << 30);
		PACKET(10, .conv = 1, .seq = (int64_t)((id - 3) << 30) + 1, .len = 1000);
	}
	sends(s, 11, 20, 10);
	assert_int_equal(PACKET(12, .conv = 1, .seq = (INT64_C(5) << 30) + 1, .len = 10)->call,
			 20);
}

static void test_send_and_recv_know_their_sequence_numbers(void **state)
{
	struct scene *s = *state;
	connected(s);
	sends(s, 10, 3, 5);
	assert_int_equal(told_last(s, EVENT_CALL)->call.range[0], 1);
	assert_int_equal(told_last(s, EVENT_CALL)->call.range[1], 6);
	sends(s, 11, 4, 7);
	assert_int_equal(told_last(s, EVENT_CALL)->call.range[0], 6);
	RETURNS(12, .id = 5, .kind = CALL_RECVFROM, .sock = 1, .bytes = 12, .peek = true);
	RETURNS(13, .id = 6, .kind = CALL_RECVFROM, .sock = 1, .bytes = 3);
	assert_int_equal(told_last(s, EVENT_CALL)->call.range[1], 4);
	RETURNS(14, .id = 7, .kind = CALL_RECVFROM, .sock = 1, .bytes = 9);
	assert_int_equal(told_last(s, EVENT_CALL)->call.range[0], 4);
	assert_int_equal(told_last(s, EVENT_CALL)->call.range[1], 13);
}

static void test_a_socket_that_was_there_before_has_no_sequence_numbers(void **state)
{
	struct scene *s = *state;
	conversation(s, 1, CLIENT_PORT, false);
	sends(s, 10, 3, 5);
	assert_int_equal(told_last(s, EVENT_CALL)->conv, 1);
	assert_int_equal(told_last(s, EVENT_CALL)->call.range[1], 0);
}

static void listening(struct scene *s)
{
	struct socket_ends any = {.local = {.family = 4}, .local_port = SERVER_PORT};
	RETURNS(1, .id = 1, .kind = CALL_SOCKET, .sock = 1);
	RETURNS(2, .id = 2, .kind = CALL_BIND, .sock = 1, .ends = any);
	RETURNS(3, .id = 3, .kind = CALL_LISTEN, .sock = 1, .ends = any);
}

static void test_listen_is_a_state_of_each_conversation_born_of_it(void **state)
{
	struct scene *s = *state;
	listening(s);
	conversation(s, 1, CLIENT_PORT, false);
	assert_int_equal(told_last(s, EVENT_STATE)->conv, 1);
	assert_int_equal(told_last(s, EVENT_STATE)->ns, 3 * NS_PER_MS);
	conversation(s, 2, CLIENT_PORT + 1, false);
	assert_int_equal(told_last(s, EVENT_STATE)->conv, 2);
	assert_int_equal(told_last(s, EVENT_STATE)->state.state, STATE_LISTEN);
	assert_int_equal(told_last(s, EVENT_STATE)->state.because_call, 3);
	assert_int_equal(told_last(s, EVENT_STATE)->state.who, END_SERVER);
}

static void test_of_two_families_the_conversations_own_listens(void **state)
{
	struct scene *s = *state;
	struct socket_ends six = {.local = {.family = 6}, .local_port = SERVER_PORT};
	listening(s);
	RETURNS(4, .id = 4, .kind = CALL_LISTEN, .sock = 2, .ends = six);
	conversation(s, 1, CLIENT_PORT, false);
	assert_int_equal(told_last(s, EVENT_STATE)->state.because_call, 3);
}

static void test_closed_is_a_clients_state_before_its_syn(void **state)
{
	struct scene *s = *state;
	connected(s);
	assert_int_equal(told_state(s, STATE_CLOSED)->state.because_call, 1);
	assert_int_equal(told_state(s, STATE_CLOSED)->state.who, END_CLIENT);
	assert_int_equal(told_state(s, STATE_CLOSED)->ns, NS_PER_MS);
}

static void test_accept_makes_a_socket_of_the_conversation(void **state)
{
	struct scene *s = *state;
	listening(s);
	conversation(s, 1, 40001, false);
	conversation(s, 2, 40002, false);
	RETURNS(9, .id = 4, .kind = CALL_ACCEPT, .sock = 1, .new_sock = 2,
		.ends = server_ends(40002));
	assert_int_equal(told_last(s, EVENT_CALL)->conv, 2);
	assert_int_equal(told_last(s, EVENT_CALL)->call.from, END_SERVER);
	ENTERS(10, .id = 5, .kind = CALL_WRITE, .sock = 2, .wanted = 5);
	assert_int_equal(
		PACKET(11, .conv = 2, .from = END_SERVER, .seq = 1, .len = 5)->call, 5);
	RETURNS(12, .id = 5, .kind = CALL_WRITE, .sock = 2, .wanted = 5, .bytes = 5);
	assert_int_equal(told_last(s, EVENT_CALL)->call.range[1], 6);
}

static void test_calls_that_enter_are_kept_from_a_file(void **state)
{
	struct scene *s = *state;
	ENTERS(1, .id = 1, .kind = CALL_CONNECT, .sock = 1, .ends = to_server());
	assert_null(told_last(s, EVENT_CALL));
}

static struct socket_ends datagram(uint8_t own, uint16_t port, uint8_t peer, uint16_t peer_port)
{
	return (struct socket_ends){.udp = true,
				    .local = host(own),
				    .local_port = port,
				    .peer = host(peer),
				    .peer_port = peer_port};
}

static void test_a_datagram_is_made_by_the_sendto_to_its_destination(void **state)
{
	struct scene *s = *state;
	struct socket_ends ends = datagram(1, 0, 2, SERVER_PORT);
	ends.local = (struct addr){0};
	ENTERS(1, .id = 1, .kind = CALL_SENDTO, .sock = 1, .wanted = 5, .ends = ends);
	conversation(s, 1, CLIENT_PORT, true);
	assert_int_equal(PACKET(1, .conv = 1, .udp = true, .len = 5)->call, 1);
	RETURNS(1, .id = 1, .kind = CALL_SENDTO, .sock = 1, .bytes = 5,
		.ends = datagram(1, CLIENT_PORT, 2, SERVER_PORT));
	assert_int_equal(told_last(s, EVENT_CALL)->conv, 1);
	assert_int_equal(PACKET(50, .conv = 1, .udp = true, .len = 5)->call, 0);
}

static void test_one_datagram_socket_serves_two_clients(void **state)
{
	struct scene *s = *state;
	conversation(s, 1, 40001, true);
	conversation(s, 2, 40002, true);
	RETURNS(2, .id = 1, .kind = CALL_RECVFROM, .sock = 1, .bytes = 5,
		.ends = datagram(2, SERVER_PORT, 1, 40002));
	assert_int_equal(told_last(s, EVENT_CALL)->conv, 2);
	assert_int_equal(told_last(s, EVENT_CALL)->call.from, END_SERVER);
	ENTERS(3, .id = 2, .kind = CALL_SENDTO, .sock = 1, .wanted = 5,
	       .ends = datagram(2, SERVER_PORT, 1, 40001));
	assert_int_equal(PACKET(3, .conv = 1, .from = END_SERVER, .udp = true)->call, 2);
	RETURNS(3, .id = 2, .kind = CALL_SENDTO, .sock = 1, .bytes = 5,
		.ends = datagram(2, SERVER_PORT, 1, 40001));
	assert_int_equal(told_last(s, EVENT_CALL)->conv, 1);
}

static void state_is(struct scene *s, enum end who, enum tcp_state state)
{
	struct event event = {.kind = EVENT_STATE, .conv = 1};
	event.state = (struct state_change){.who = who, .state = state};
	assert_true(weave_take(s->weave, &event));
}

static void samples(struct scene *s, uint64_t ms, enum tcp_state state)
{
	struct event event = {.kind = EVENT_KERNEL, .ns = ms * NS_PER_MS};
	event.kernel.sock = 1;
	event.kernel.state = state;
	assert_true(weave_take(s->weave, &event));
}

static void test_a_sample_belongs_to_an_end_of_a_conversation(void **state)
{
	struct scene *s = *state;
	connected(s);
	state_is(s, END_CLIENT, STATE_ESTABLISHED);
	samples(s, 10, STATE_ESTABLISHED);
	assert_int_equal(told_last(s, EVENT_KERNEL)->conv, 1);
	assert_int_equal(told_last(s, EVENT_KERNEL)->kernel.who, END_CLIENT);
	assert_null(told_last(s, EVENT_NOTE));
}

static void test_the_kernel_in_another_state_is_noted_once(void **state)
{
	struct scene *s = *state;
	connected(s);
	state_is(s, END_CLIENT, STATE_ESTABLISHED);
	samples(s, 500, STATE_CLOSE_WAIT);
	assert_int_equal(told_last(s, EVENT_NOTE)->note.code, NOTE_KERNEL_STATE);
	assert_non_null(strstr(told_last(s, EVENT_NOTE)->note.text, "CLOSE-WAIT"));
	s->count = 0;
	samples(s, 600, STATE_CLOSE_WAIT);
	assert_null(told_last(s, EVENT_NOTE));
}

static void test_what_a_packet_may_just_have_changed_is_not_compared(void **state)
{
	struct scene *s = *state;
	connected(s);
	state_is(s, END_CLIENT, STATE_ESTABLISHED);
	PACKET(500, .conv = 1, .from = END_SERVER, .flags = TCP_FIN | TCP_ACK);
	samples(s, 501, STATE_CLOSE_WAIT);
	assert_null(told_last(s, EVENT_NOTE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_syn_is_made_by_the_connect_that_is_under_way),
		T(test_a_syn_that_is_sent_again_is_the_kernels),
		T(test_of_two_connects_to_one_place_the_return_tells),
		T(test_a_connect_in_progress_made_its_syn),
		T(test_a_socket_that_was_refused_connects_anew),
		T(test_a_segment_is_made_by_the_send_of_its_first_byte),
		T(test_one_send_makes_many_segments),
		T(test_a_send_under_way_covers_what_it_was_asked_for),
		T(test_what_is_sent_again_has_no_call),
		T(test_an_ack_has_no_call),
		T(test_bytes_are_counted_beyond_4_gib),
		T(test_send_and_recv_know_their_sequence_numbers),
		T(test_a_socket_that_was_there_before_has_no_sequence_numbers),
		T(test_listen_is_a_state_of_each_conversation_born_of_it),
		T(test_of_two_families_the_conversations_own_listens),
		T(test_closed_is_a_clients_state_before_its_syn),
		T(test_accept_makes_a_socket_of_the_conversation),
		T(test_calls_that_enter_are_kept_from_a_file),
		T(test_a_datagram_is_made_by_the_sendto_to_its_destination),
		T(test_one_datagram_socket_serves_two_clients),
		T(test_a_sample_belongs_to_an_end_of_a_conversation),
		T(test_the_kernel_in_another_state_is_noted_once),
		T(test_what_a_packet_may_just_have_changed_is_not_compared),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
