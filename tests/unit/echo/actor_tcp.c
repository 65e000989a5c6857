#include "actor_stage.h"

static void test_a_tcp_session_is_played_by_both_sides(void **state)
{
	struct stage stage = stage_open();
	size_t server, client;
	(void)state;
	server = plays(&stage, SERVER(TAKES_ONE(stage), PLAIN(ECHO), PLAIN(CLOSE)));
	client = plays(&stage, CLIENT(CONNECTS(stage), WORD(SEND, "hello"), COUNT(RECV, 5),
				      WORD(SHUTDOWN, "write"), WORD(RECV, "eof"), PLAIN(CLOSE)));
	succeeds(ended(&stage, server));
	succeeds(ended(&stage, client));
	assert_int_equal(call_of(report_of(&stage, server), STEP_SEND, 0)->result, 5);
	assert_int_equal(call_of(report_of(&stage, client), STEP_RECV, 0)->result, 5);
	stage_ends(&stage);
}

static void test_a_server_answers_in_the_manner_that_its_echo_names(void **state)
{
	static const char *const manners[][3] = {
		{NULL, "Good day\n", "Good day\n"},
		{"echo", "Good day\n", "Good day\n"},
		{"upper", "Good day\n", "GOOD DAY\n"},
		{"thanks", "Good day\n", "Got your message, thank you\n"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(manners); i++) {
		struct stage stage = stage_open();
		int fd;
		plays(&stage, SERVER(TAKES_ONE(stage), WORD(ECHO, manners[i][0])));
		reaches(&stage, "listening");
		fd = connect_ip(INADDR_LOOPBACK, stage.port_number, SOCK_STREAM);
		sends(fd, manners[i][1]);
		hears(fd, manners[i][2]);
		shutdown(fd, SHUT_WR);
		hears_end(fd);
		close(fd);
		stage_ends(&stage);
	}
}

static void test_each_byte_of_a_pattern_tells_its_place_on_the_socket(void **state)
{
	struct stage stage = stage_open();
	uint8_t bytes[16];
	int fd;
	(void)state;
	plays(&stage, SERVER(TAKES_ONE(stage), COUNT(SEND, 20), COUNT(SEND, 2, .repeat = 2)));
	reaches(&stage, "listening");
	fd = connect_ip(INADDR_LOOPBACK, stage.port_number, SOCK_STREAM);
	hears(fd, "0000000 0000008 0000016 ");
	hears_end(fd);
	close(fd);
	actor_pattern(12345670, bytes, sizeof(bytes));
	assert_memory_equal(bytes, "4 2345672 234568", 16); /* the last seven digits */
	stage_ends(&stage);
}

static void test_a_large_send_is_one_call_and_recv_takes_exactly_what_it_names(void **state)
{
	struct stage stage = stage_open();
	size_t client;
	(void)state;
	plays(&stage, SERVER(TAKES_ONE(stage), COUNT(RECV, 99999), COUNT(RECV, 1),
			     WORD(RECV, "eof")));
	client = plays(&stage, CLIENT(CONNECTS(stage), COUNT(SEND, 100000)));
	succeeds(ended(&stage, client));
	assert_int_equal(calls_of(report_of(&stage, client), STEP_SEND), 1);
	assert_int_equal(call_of(report_of(&stage, client), STEP_SEND, 0)->result, 100000);
	stage_ends(&stage);
}

static void test_more_than_a_call_holds_is_sent_in_several(void **state)
{
	struct stage stage = stage_open();
	size_t client;
	(void)state;
	plays(&stage, SERVER(TAKES_ONE(stage), COUNT(RECV, 2500000), WORD(RECV, "eof")));
	client = plays(&stage, CLIENT(CONNECTS(stage), COUNT(SEND, 2500000)));
	succeeds(ended(&stage, client));
	assert_int_equal(calls_of(report_of(&stage, client), STEP_SEND), 3);
	stage_ends(&stage);
}

static void test_a_stream_that_ends_early_is_not_what_the_lesson_says(void **state)
{
	struct stage stage = stage_open();
	struct program client = CLIENT(CONNECTS(stage), COUNT(RECV, 10, .line = 31));
	(void)state;
	plays(&stage, SERVER(TAKES_ONE(stage), WORD(SEND, "abc")));
	says(runs(&stage, client), EXIT_PARTIAL,
	     "client, line 31: recv met the end of the stream after 3 of 10 bytes, the lesson "
	     "expects them all");
	stage_ends(&stage);
}

static void test_recv_some_is_one_call_and_may_meet_the_end(void **state)
{
	struct stage stage = stage_open();
	size_t server;
	(void)state;
	server = plays(&stage, SERVER(TAKES_ONE(stage), WORD(WAIT, "sent"), WORD(RECV, "some"),
				      WORD(RECV, "some")));
	plays(&stage, CLIENT(CONNECTS(stage), WORD(SEND, "abc"), WORD(SEND, "def"),
			     WORD(SHUTDOWN, "write"), WORD(MARK, "sent"), WORD(RECV, "eof")));
	succeeds(ended(&stage, server));
	assert_int_equal(calls_of(report_of(&stage, server), STEP_RECV), 2);
	assert_int_equal(call_of(report_of(&stage, server), STEP_RECV, 0)->result, 6);
	assert_int_equal(call_of(report_of(&stage, server), STEP_RECV, 1)->result, 0);
	stage_ends(&stage);
}

static void test_half_closed_the_other_way_stays_open(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	plays(&stage, SERVER(TAKES_ONE(stage), WORD(RECV, "eof"), COUNT(SEND, 1000),
			     PLAIN(CLOSE)));
	plays(&stage, CLIENT(CONNECTS(stage), WORD(SHUTDOWN, "write"),
			     WORD(SEND, "too late", .fails = "EPIPE"), COUNT(RECV, 1000),
			     WORD(RECV, "eof"), PLAIN(CLOSE)));
	stage_ends(&stage);
}

static void test_after_a_reset_recv_tells_it_once_and_send_gives_epipe(void **state)
{
	struct stage stage = stage_open();
	size_t server;
	(void)state;
	server = plays(&stage, SERVER(TAKES_ONE(stage), PLAIN(ABORT), WORD(MARK, "gone")));
	plays(&stage, CLIENT(CONNECTS(stage), WORD(WAIT, "gone"),
			     WORD(RECV, "some", .fails = "ECONNRESET"),
			     WORD(SEND, "x", .fails = "EPIPE", .repeat = 3)));
	succeeds(ended(&stage, server));
	assert_int_equal(calls_of(report_of(&stage, server), STEP_SETSOCKOPT), 1);
	assert_int_equal(calls_of(report_of(&stage, server), STEP_CLOSE), 1);
	stage_ends(&stage);
}

static void test_linger_of_no_seconds_makes_close_a_reset(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	plays(&stage, SERVER(TAKES_ONE(stage), OPTION("SO_LINGER", 0), PLAIN(CLOSE)));
	plays(&stage, CLIENT(CONNECTS(stage), WORD(RECV, "some", .fails = "ECONNRESET")));
	stage_ends(&stage);
}

static void test_nobody_listens_is_refused_as_the_lesson_says(void **state)
{
	struct stage stage = stage_open();
	size_t client;
	(void)state;
	client = plays(&stage, CLIENT(WORD(SOCKET, "tcp"),
				      WORD(CONNECT, stage.server, .fails = "ECONNREFUSED")));
	succeeds(ended(&stage, client));
	assert_int_equal(call_of(report_of(&stage, client), STEP_CONNECT, 0)->error,
			 ECONNREFUSED);
	assert_int_equal(call_of(report_of(&stage, client), STEP_CONNECT, 0)->result, -1);
	stage_ends(&stage);
}

static void test_a_failure_that_the_lesson_does_not_expect_is_told_with_its_line(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	says(runs(&stage, CLIENT(WORD(SOCKET, "tcp"),
				 {.kind = STEP_CONNECT, .text = stage.server, .line = 31})),
	     EXIT_PARTIAL,
	     "client, line 31: connect gave ECONNREFUSED, the lesson expects success");
	says(runs(&stage,
		  CLIENT(WORD(SOCKET, "tcp"), {.kind = STEP_CONNECT, .text = stage.server,
					       .line = 32, .fails = "ETIMEDOUT"})),
	     EXIT_PARTIAL,
	     "client, line 32: connect gave ECONNREFUSED, the lesson expects ETIMEDOUT");
	stage_ends(&stage);
}

static void test_a_success_that_the_lesson_does_not_expect_is_told_with_its_line(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	plays(&stage, SERVER(TAKES_ONE(stage)));
	says(runs(&stage, CLIENT(WORD(SOCKET, "tcp"), WORD(WAIT, "listening"),
				 {.kind = STEP_CONNECT, .text = stage.server, .line = 8,
				  .fails = "ECONNREFUSED"})),
	     EXIT_PARTIAL, "client, line 8: connect succeeded, the lesson expects ECONNREFUSED");
	stage_ends(&stage);
}

static void test_after_a_step_that_fails_nothing_more_is_done(void **state)
{
	struct stage stage = stage_open();
	struct err err = runs(&stage, CLIENT(WORD(SOCKET, "tcp"), WORD(CONNECT, stage.server),
					     WORD(MARK, "connected")));
	(void)state;
	assert_string_not_equal(err.text, "");
	assert_int_equal(calls_of(report_of(&stage, 0), STEP_MARK), 0);
	stage_ends(&stage);
}

static void test_any_means_either(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	succeeds(runs(&stage, CLIENT(WORD(SOCKET, "tcp"),
				     WORD(CONNECT, stage.server, .fails = "any"),
				     WORD(SOCKET, "tcp", .fails = "any"))));
	plays(&stage, SERVER(TAKES_ONE(stage), WORD(SEND, "abc")));
	succeeds(runs(&stage, CLIENT(CONNECTS(stage), COUNT(RECV, 10, .fails = "any"))));
	stage_ends(&stage);
}

static void test_a_port_in_use_is_refused_to_the_second(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	succeeds(runs(&stage, SERVER(WORD(SOCKET, "tcp", .as = "first"), WORD(BIND, stage.port),
				     COUNT(LISTEN, 1), WORD(SOCKET, "tcp", .as = "second"),
				     WORD(BIND, stage.port, .fails = "EADDRINUSE"),
				     PLAIN(CLOSE, .on = "first"),
				     WORD(BIND, stage.port, .on = "second"))));
	stage_ends(&stage);
}

static void test_a_step_without_a_name_means_the_latest_socket_that_is_open(void **state)
{
	struct stage stage = stage_open();
	int a, b;
	(void)state;
	plays(&stage, SERVER(LISTENS(stage), PLAIN(ACCEPT), WORD(SEND, "1"), PLAIN(CLOSE),
			     PLAIN(ACCEPT), /* the listener again */ WORD(SEND, "2")));
	reaches(&stage, "listening");
	a = connect_ip(INADDR_LOOPBACK, stage.port_number, SOCK_STREAM);
	b = connect_ip(INADDR_LOOPBACK, stage.port_number, SOCK_STREAM);
	hears(a, "1");
	hears_end(a);
	hears(b, "2");
	hears_end(b);
	close(a);
	close(b);
	stage_ends(&stage);
}

static void test_connections_of_one_listener_keep_apart_by_their_names(void **state)
{
	struct stage stage = stage_open();
	int a, b;
	(void)state;
	plays(&stage, SERVER(WORD(SOCKET, "tcp", .as = "listener"), WORD(BIND, stage.server),
			     PLAIN(LISTEN), WORD(MARK, "listening"), PLAIN(ACCEPT, .as = "a"),
			     PLAIN(ACCEPT, .as = "b", .on = "listener"),
			     WORD(SEND, "B", .on = "b"), WORD(SEND, "A", .on = "a")));
	reaches(&stage, "listening");
	a = connect_ip(INADDR_LOOPBACK, stage.port_number, SOCK_STREAM);
	b = connect_ip(INADDR_LOOPBACK, stage.port_number, SOCK_STREAM);
	hears(b, "B");
	hears(a, "A");
	hears_end(a);
	hears_end(b);
	close(a);
	close(b);
	stage_ends(&stage);
}

static void test_a_name_used_again_means_the_newer_socket(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	succeeds(runs(&stage, CLIENT(WORD(SOCKET, "tcp", .as = "s"),
				     WORD(SOCKET, "udp", .as = "s"),
				     WORD(CONNECT, stage.server, .on = "s")))); /* sends nothing */
	stage_ends(&stage);
}

static void test_a_call_on_a_closed_socket_gives_ebadf(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	succeeds(runs(&stage, CLIENT(WORD(SOCKET, "tcp"), PLAIN(CLOSE),
				     WORD(SEND, "x", .fails = "EBADF"),
				     PLAIN(CLOSE, .fails = "EBADF"))));
	succeeds(runs(&stage, CLIENT(WORD(SOCKET, "udp"), PLAIN(CLOSE),
				     PLAIN(ECHO, .fails = "EBADF"))));
	stage_ends(&stage);
}

static void test_a_socket_that_connects_to_itself_opens_simultaneously(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	succeeds(runs(&stage, CLIENT(WORD(SOCKET, "tcp"), WORD(BIND, stage.server),
				     WORD(CONNECT, stage.server), COUNT(SEND, 100),
				     COUNT(RECV, 100))));
	stage_ends(&stage);
}

static void test_send_to_an_address_opens_fast(void **state)
{
	struct stage stage = stage_open();
	FILE *file = fopen("/proc/sys/net/ipv4/tcp_fastopen", "r");
	int mode = 0;
	(void)state;
	if (file) {
		if (fscanf(file, "%d", &mode) != 1)
			mode = 0;
		fclose(file);
	}
	if (!(mode & 1)) {
		actor_board_close(stage.board);
		skip();
	}
	plays(&stage, SERVER(TAKES_ONE(stage), PLAIN(ECHO)));
	plays(&stage, CLIENT(WORD(SOCKET, "tcp"), WORD(WAIT, "listening"),
			     WORD(SEND, "in the SYN", .to = stage.server), COUNT(RECV, 10)));
	succeeds(ended(&stage, 1));
	assert_int_equal(calls_of(report_of(&stage, 1), STEP_CONNECT), 0);
	stage_ends(&stage);
}

static void test_urgent_data_stays_in_line_when_asked(void **state)
{
	struct stage stage = stage_open();
	size_t client;
	(void)state;
	plays(&stage, SERVER(TAKES_ONE(stage), OPTION("SO_OOBINLINE", 1), WORD(MARK, "inline"),
			     COUNT(RECV, 5), WORD(RECV, "eof")));
	client = plays(&stage, CLIENT(CONNECTS(stage), WORD(WAIT, "inline"), WORD(SEND, "ab"),
				      WORD(SEND_OOB, "!"), WORD(SEND, "cd")));
	succeeds(ended(&stage, client));
	assert_int_equal(calls_of(report_of(&stage, client), STEP_SEND_OOB), 1);
	stage_ends(&stage);
}

static void test_the_ipv6_twin_of_a_lesson_is_the_same_lesson(void **state)
{
	struct stage stage = stage_open();
	struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	(void)state;
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
		actor_board_close(stage.board);
		skip();
	}
	close(fd);
	stage.ipv6 = true;
	plays(&stage, SERVER(TAKES_ONE(stage), PLAIN(ECHO)));
	plays(&stage, CLIENT(WORD(SOCKET, "tcp"), WORD(BIND, "[::1]:0"), /* not for IPv4 */
			     WORD(WAIT, "listening"), WORD(CONNECT, stage.server),
			     COUNT(SEND, 30), COUNT(RECV, 30)));
	stage_ends(&stage);
	stage = stage_open();
	plays(&stage, SERVER(WORD(SOCKET, "tcp6"), WORD(BIND, stage.server), PLAIN(LISTEN),
			     WORD(MARK, "listening"), PLAIN(ACCEPT), PLAIN(ECHO)));
	plays(&stage, CLIENT(WORD(SOCKET, "tcp"), WORD(WAIT, "listening"), /* IPv4: not there */
			     WORD(CONNECT, stage.server, .fails = "ECONNREFUSED"),
			     WORD(SOCKET, "tcp6"), WORD(CONNECT, stage.server),
			     COUNT(SEND, 30), COUNT(RECV, 30)));
	stage_ends(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_tcp_session_is_played_by_both_sides),
		cmocka_unit_test(test_a_server_answers_in_the_manner_that_its_echo_names),
		cmocka_unit_test(test_each_byte_of_a_pattern_tells_its_place_on_the_socket),
		cmocka_unit_test(test_a_large_send_is_one_call_and_recv_takes_exactly_what_it_names),
		cmocka_unit_test(test_more_than_a_call_holds_is_sent_in_several),
		cmocka_unit_test(test_a_stream_that_ends_early_is_not_what_the_lesson_says),
		cmocka_unit_test(test_recv_some_is_one_call_and_may_meet_the_end),
		cmocka_unit_test(test_half_closed_the_other_way_stays_open),
		cmocka_unit_test(test_after_a_reset_recv_tells_it_once_and_send_gives_epipe),
		cmocka_unit_test(test_linger_of_no_seconds_makes_close_a_reset),
		cmocka_unit_test(test_nobody_listens_is_refused_as_the_lesson_says),
		cmocka_unit_test(test_a_failure_that_the_lesson_does_not_expect_is_told_with_its_line),
		cmocka_unit_test(test_a_success_that_the_lesson_does_not_expect_is_told_with_its_line),
		cmocka_unit_test(test_after_a_step_that_fails_nothing_more_is_done),
		cmocka_unit_test(test_any_means_either),
		cmocka_unit_test(test_a_port_in_use_is_refused_to_the_second),
		cmocka_unit_test(test_a_step_without_a_name_means_the_latest_socket_that_is_open),
		cmocka_unit_test(test_connections_of_one_listener_keep_apart_by_their_names),
		cmocka_unit_test(test_a_name_used_again_means_the_newer_socket),
		cmocka_unit_test(test_a_call_on_a_closed_socket_gives_ebadf),
		cmocka_unit_test(test_a_socket_that_connects_to_itself_opens_simultaneously),
		cmocka_unit_test(test_send_to_an_address_opens_fast),
		cmocka_unit_test(test_urgent_data_stays_in_line_when_asked),
		cmocka_unit_test(test_the_ipv6_twin_of_a_lesson_is_the_same_lesson),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
