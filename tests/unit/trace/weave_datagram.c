/* Which datagrams a call received, and what of a socket without a peer is whose. */
#include "scene.h"

/* Server socket 1, bound to every address. */
static struct socket_ends serving(void)
{
	return (struct socket_ends){
		.udp = true, .local = {.family = 4}, .local_port = SERVER_PORT};
}

static struct socket_ends serving_peer(uint16_t port)
{
	struct socket_ends ends = serving();
	ends.peer = host(1);
	ends.peer_port = port;
	return ends;
}

static void bound(struct scene *s)
{
	RETURNS(1, .id = 1, .kind = CALL_SOCKET, .sock = 1, .ends.udp = true);
	RETURNS(2, .id = 2, .kind = CALL_BIND, .sock = 1, .ends = serving());
	conversation(s, 1, 40001, true);
	conversation(s, 2, 40002, true);
}

static void came(struct scene *s, uint64_t ms, uint32_t conv, uint32_t len)
{
	PACKET(ms, .conv = conv, .udp = true, .len = len);
}

static const struct event *received(struct scene *s, uint64_t ms, struct call call)
{
	call.kind = call.kind ? call.kind : CALL_RECVFROM;
	call.sock = 1;
	call.returned_ns = 1;
	call.wanted = call.wanted ? call.wanted : 2000;
	call_at(s, ms, &call);
	return told_last(s, EVENT_CALL);
}

static void assert_reads(const struct event *event, uint32_t conv, uint64_t first, uint64_t last)
{
	assert_int_equal(event->conv, conv);
	assert_int_equal(event->call.reads[0], first);
	assert_int_equal(event->call.reads[1], last);
}

static void test_datagrams_are_read_in_the_order_in_which_they_came(void **state)
{
	struct scene *s = *state;
	bound(s);
	came(s, 3, 1, 5);
	came(s, 4, 2, 5);
	came(s, 5, 1, 5);
	assert_reads(received(s, 6, (struct call){.bytes = 5, .ends = serving()}), 1, 1, 1);
	assert_int_equal(told_last(s, EVENT_CALL)->call.from, END_SERVER);
	assert_reads(received(s, 7, (struct call){.bytes = 5, .ends = serving()}), 2, 2, 2);
	assert_reads(received(s, 8, (struct call){.bytes = 5, .ends = serving()}), 1, 3, 3);
	assert_int_equal(received(s, 9, (struct call){.bytes = 5, .ends = serving()})
				 ->call.reads[0], 0);
}

static void test_an_address_goes_before_the_order(void **state)
{
	struct scene *s = *state;
	bound(s);
	came(s, 3, 1, 5);
	came(s, 4, 2, 5);
	assert_reads(received(s, 6, (struct call){.bytes = 5, .ends = serving_peer(40002)}), 2,
		     2, 2);
}

static void test_a_client_that_asks_for_no_address_has_its_reply(void **state)
{
	struct scene *s = *state;
	struct socket_ends own = {.udp = true, .local = {.family = 4}, .local_port = 40001};
	struct socket_ends ends = own;
	ends.peer = host(2);
	ends.peer_port = SERVER_PORT;
	conversation(s, 1, 40001, true);
	ENTERS(1, .id = 1, .kind = CALL_SENDTO, .sock = 1, .wanted = 3, .ends = ends);
	came(s, 1, 1, 3);
	RETURNS(1, .id = 1, .kind = CALL_SENDTO, .sock = 1, .bytes = 3, .ends = ends);
	PACKET(2, .conv = 1, .from = END_SERVER, .udp = true, .len = 3);
	assert_reads(received(s, 3, (struct call){.bytes = 3, .ends = own}), 1, 2, 2);
	assert_int_equal(told_last(s, EVENT_CALL)->call.from, END_CLIENT);
}

static void test_a_datagram_that_nobody_read_is_not_read_later(void **state)
{
	struct scene *s = *state;
	bound(s);
	came(s, 3, 1, 5); /* dropped: its checksum was wrong */
	came(s, 4, 1, 7);
	assert_reads(received(s, 6, (struct call){.bytes = 7, .ends = serving()}), 1, 2, 2);
	assert_int_equal(received(s, 7, (struct call){.bytes = 5, .ends = serving()})
				 ->call.reads[0], 0);
}

static void test_a_short_buffer_cuts_a_datagram(void **state)
{
	struct scene *s = *state;
	bound(s);
	came(s, 3, 1, 20);
	assert_reads(received(s, 4, (struct call){.bytes = 6, .wanted = 6, .ends = serving()}), 1,
		     1, 1);
}

static void test_a_peek_leaves_the_datagram(void **state)
{
	struct scene *s = *state;
	bound(s);
	came(s, 3, 1, 5);
	assert_reads(received(s, 4, (struct call){.bytes = 5, .peek = true, .ends = serving()}),
		     1, 1, 1);
	assert_reads(received(s, 5, (struct call){.bytes = 5, .ends = serving()}), 1, 1, 1);
}

static void test_recvmmsg_reads_as_many_as_it_returned(void **state)
{
	struct scene *s = *state;
	bound(s);
	for (uint32_t i = 0; i < 4; i++)
		came(s, 3, 1, 5 + i);
	assert_reads(received(s, 4, (struct call){.kind = CALL_RECVMMSG, .ret = 3, .bytes = 18,
						  .ends = serving()}), 1, 1, 3);
	assert_reads(received(s, 5, (struct call){.bytes = 8, .ends = serving()}), 1, 4, 4);
}

static void test_what_a_socket_sent_it_does_not_receive(void **state)
{
	struct scene *s = *state;
	bound(s);
	ENTERS(3, .id = 9, .kind = CALL_SENDTO, .sock = 1, .wanted = 5,
	       .ends = serving_peer(40001));
	PACKET(3, .conv = 1, .from = END_SERVER, .udp = true, .len = 5);
	RETURNS(3, .id = 9, .kind = CALL_SENDTO, .sock = 1, .bytes = 5,
		.ends = serving_peer(40001));
	assert_int_equal(received(s, 4, (struct call){.bytes = 5, .ends = serving()})
				 ->call.reads[0], 0);
}

static void test_close_is_of_the_only_conversation_of_its_socket(void **state)
{
	struct scene *s = *state;
	bound(s);
	came(s, 3, 1, 5);
	received(s, 4, (struct call){.bytes = 5, .ends = serving()});
	RETURNS(5, .id = 8, .kind = CALL_SETSOCKOPT, .sock = 1, .ends = serving());
	assert_int_equal(told_last(s, EVENT_CALL)->conv, 1);
	assert_int_equal(told_last(s, EVENT_CALL)->call.from, END_SERVER);
	came(s, 6, 2, 5);
	received(s, 7, (struct call){.bytes = 5, .ends = serving()});
	RETURNS(8, .id = 9, .kind = CALL_CLOSE, .sock = 1, .ends = serving());
	assert_int_equal(told_last(s, EVENT_CALL)->conv, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_datagrams_are_read_in_the_order_in_which_they_came),
		T(test_an_address_goes_before_the_order),
		T(test_a_client_that_asks_for_no_address_has_its_reply),
		T(test_a_datagram_that_nobody_read_is_not_read_later),
		T(test_a_short_buffer_cuts_a_datagram),
		T(test_a_peek_leaves_the_datagram),
		T(test_recvmmsg_reads_as_many_as_it_returned),
		T(test_what_a_socket_sent_it_does_not_receive),
		T(test_close_is_of_the_only_conversation_of_its_socket),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
