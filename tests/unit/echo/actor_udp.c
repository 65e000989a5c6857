#include "actor_stage.h"

#define BINDS(stage) WORD(SOCKET, "udp"), WORD(BIND, (stage).port), WORD(MARK, "bound")

static void test_a_udp_server_answers_so_many_datagrams_to_where_they_came_from(void **state)
{
	struct stage stage = stage_open();
	int one, other;
	(void)state;
	plays(&stage, SERVER(BINDS(stage), COUNT(ECHO, 3, .text = "upper")));
	reaches(&stage, "bound");
	one = connect_ip(INADDR_LOOPBACK, stage.port_number, SOCK_DGRAM);
	other = connect_ip(INADDR_LOOPBACK, stage.port_number, SOCK_DGRAM);
	sends(one, "one");
	sends(other, "other");
	hears(one, "ONE");
	hears(other, "OTHER");
	sends(one, "last");
	hears(one, "LAST");
	succeeds(ended(&stage, 0));
	assert_int_equal(calls_of(report_of(&stage, 0), STEP_RECVFROM), 3);
	assert_int_equal(calls_of(report_of(&stage, 0), STEP_SENDTO), 3);
	close(one);
	close(other);
	stage_ends(&stage);
}

static void test_datagrams_go_both_ways(void **state)
{
	struct stage stage = stage_open();
	size_t client;
	(void)state;
	plays(&stage, SERVER(BINDS(stage), COUNT(RECVFROM, 2), WORD(SENDTO, "answer"),
			     COUNT(SENDTO, 100)));
	client = plays(&stage, CLIENT(WORD(SOCKET, "udp"), WORD(WAIT, "bound"),
				      WORD(SENDTO, "hello", .to = stage.server, .repeat = 2),
				      PLAIN(RECVFROM, .repeat = 2)));
	succeeds(ended(&stage, client));
	assert_int_equal(call_of(report_of(&stage, client), STEP_RECVFROM, 0)->result, 6);
	assert_int_equal(call_of(report_of(&stage, client), STEP_RECVFROM, 1)->result, 100);
	stage_ends(&stage);
}

static void test_an_echo_without_a_number_rests_until_the_lesson_is_over(void **state)
{
	struct stage stage = stage_open();
	size_t server, client;
	(void)state;
	server = plays(&stage, SERVER(BINDS(stage), PLAIN(ECHO), WORD(MARK, "after it")));
	client = plays(&stage, CLIENT(WORD(SOCKET, "udp"), WORD(WAIT, "bound"),
				      WORD(SENDTO, "hello", .to = stage.server, .repeat = 5),
				      COUNT(RECVFROM, 5)));
	succeeds(ended(&stage, client));
	while (actor_board_resting(stage.board) == 0)
		sched_yield();
	assert_int_equal(actor_board_resting(stage.board), 1);
	actor_board_over(stage.board);
	succeeds(ended(&stage, server));
	assert_int_equal(actor_board_resting(stage.board), 0);
	assert_int_equal(calls_of(report_of(&stage, server), STEP_SENDTO), 5);
	assert_int_equal(calls_of(report_of(&stage, server), STEP_MARK), 2);
	stage_ends(&stage);
}

static void test_what_has_arrived_when_the_lesson_is_over_is_still_answered(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	actor_board_over(stage.board);
	succeeds(runs(&stage,
		      SERVER(WORD(SOCKET, "udp", .as = "server"), WORD(BIND, stage.server),
			     WORD(SOCKET, "udp", .as = "client"),
			     WORD(SENDTO, "hello", .to = stage.server, .repeat = 3),
			     PLAIN(ECHO, .on = "server"), COUNT(RECVFROM, 3, .on = "client"))));
	stage_ends(&stage);
}

static void test_a_closed_port_is_told_by_the_next_call(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	succeeds(runs(&stage, CLIENT(WORD(SOCKET, "udp"), WORD(CONNECT, stage.server),
				     WORD(SEND, "anybody?"),
				     WORD(RECV, "some", .fails = "ECONNREFUSED"))));
	stage_ends(&stage);
}

static void test_a_datagram_larger_than_ip_can_carry_is_not_sent(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	succeeds(runs(&stage, CLIENT(WORD(SOCKET, "udp"),
				     COUNT(SENDTO, 65508, .to = stage.server,
					   .fails = "EMSGSIZE"))));
	stage_ends(&stage);
}

static void test_recv_of_a_datagram_is_one_call_and_loses_what_has_no_room(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	succeeds(runs(&stage,
		      CLIENT(WORD(SOCKET, "udp"), WORD(BIND, stage.server),
			     WORD(CONNECT, stage.server), /* to itself */
			     WORD(SEND, "abcdef"), WORD(SEND, ""), WORD(SEND, "gh"),
			     COUNT(RECV, 4), COUNT(RECV, 4), WORD(RECV, "some"))));
	assert_int_equal(call_of(report_of(&stage, 0), STEP_RECV, 0)->result, 4);
	assert_int_equal(call_of(report_of(&stage, 0), STEP_RECV, 1)->result, 0);
	assert_int_equal(call_of(report_of(&stage, 0), STEP_RECV, 2)->result, 2);
	stage_ends(&stage);
}

static void test_datagrams_of_a_pattern_tell_which_one_they_are(void **state)
{
	struct stage stage = stage_open();
	int fd;
	(void)state;
	plays(&stage, SERVER(BINDS(stage), PLAIN(RECVFROM), COUNT(SENDTO, 8, .repeat = 2)));
	reaches(&stage, "bound");
	fd = connect_ip(INADDR_LOOPBACK, stage.port_number, SOCK_DGRAM);
	sends(fd, "hello");
	hears(fd, "0000000 ");
	hears(fd, "0000008 ");
	close(fd);
	stage_ends(&stage);
}

static void test_a_time_limit_of_the_socket_ends_the_wait_for_an_answer(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	succeeds(runs(&stage, CLIENT(WORD(SOCKET, "udp"), WORD(BIND, "client:0"),
				     OPTION("SO_RCVTIMEO", 1),
				     PLAIN(RECVFROM, .fails = "EAGAIN"))));
	stage_ends(&stage);
}

static void test_who_was_never_written_to_has_nobody_to_answer(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	says(runs(&stage, SERVER(WORD(SOCKET, "udp"), WORD(SENDTO, "hello", .line = 3))),
	     EXIT_USAGE,
	     "server, line 3: sendto has nobody to answer, no datagram came: name an address in "
	     "\"to\"");
	stage_ends(&stage);
}

static void test_broadcast_has_to_be_allowed_first(void **state)
{
	struct stage stage = stage_open();
	char everybody[32];
	(void)state;
	snprintf(everybody, sizeof(everybody), "127.255.255.255:%s", stage.port);
	succeeds(runs(&stage,
		      CLIENT(WORD(SOCKET, "udp", .as = "hears"), WORD(BIND, stage.port),
			     WORD(SOCKET, "udp", .as = "tells"),
			     WORD(SENDTO, "all", .to = everybody, .fails = "EACCES"),
			     OPTION("SO_BROADCAST", 1), WORD(SENDTO, "all", .to = everybody),
			     COUNT(RECV, 3, .on = "hears"))));
	stage_ends(&stage);
}

static void test_who_joins_a_group_hears_it(void **state)
{
	struct stage stage = stage_open();
	char group[32];
	(void)state;
	snprintf(group, sizeof(group), "239.7.7.7:%s", stage.port);
	succeeds(runs(&stage,
		      CLIENT(WORD(SOCKET, "udp", .as = "hears"), WORD(BIND, stage.port),
			     WORD(SETSOCKOPT, "IP_ADD_MEMBERSHIP", .to = "239.7.7.7"),
			     WORD(SOCKET, "udp", .as = "tells"),
			     WORD(SETSOCKOPT, "IP_MULTICAST_IF", .to = "own"),
			     WORD(SENDTO, "all", .to = group), COUNT(RECV, 3, .on = "hears"))));
	stage_ends(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_udp_server_answers_so_many_datagrams_to_where_they_came_from),
		cmocka_unit_test(test_datagrams_go_both_ways),
		cmocka_unit_test(test_an_echo_without_a_number_rests_until_the_lesson_is_over),
		cmocka_unit_test(
			test_what_has_arrived_when_the_lesson_is_over_is_still_answered),
		cmocka_unit_test(test_a_closed_port_is_told_by_the_next_call),
		cmocka_unit_test(test_a_datagram_larger_than_ip_can_carry_is_not_sent),
		cmocka_unit_test(test_recv_of_a_datagram_is_one_call_and_loses_what_has_no_room),
		cmocka_unit_test(test_datagrams_of_a_pattern_tell_which_one_they_are),
		cmocka_unit_test(test_a_time_limit_of_the_socket_ends_the_wait_for_an_answer),
		cmocka_unit_test(test_who_was_never_written_to_has_nobody_to_answer),
		cmocka_unit_test(test_broadcast_has_to_be_allowed_first),
		cmocka_unit_test(test_who_joins_a_group_hears_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
