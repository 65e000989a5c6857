/* Socket calls beside the ladder in the terminal. */
#include "calls.h"

#include <fcntl.h>

static void datagrams(struct output *output)
{
	program(output, 1, "echo-server");
	program(output, 2, "echo-client");
	SERVER_CALLS(output, .kind = CALL_BIND, .from_us = 5, .to_us = 10,
		     .args = "3, 127.0.0.1:7");
	conversation(output, 1, true);
	CLIENT_SENDS(output, 1, .us = 30, .udp = true, .text = "hello");
	CLIENT_CALLS(output, .kind = CALL_SENDTO, .from_us = 20, .to_us = 40, .conv = 1,
		     .args = "3, \"hello\", 5, 127.0.0.1:7", .ret = 5);
	SERVER_CALLS(output, .kind = CALL_RECVFROM, .from_us = 15, .to_us = 50, .conv = 1,
		     .args = "3, \"hello\", 99, 127.0.0.1:41822", .ret = 5);
	CLIENT_CALLS(output, .kind = CALL_RECVFROM, .from_us = 60, .to_us = 70, .conv = 1,
		     .args = "3, 99, MSG_DONTWAIT", .ret = -1, .error = "EAGAIN");
}

static void test_a_session_at_120_columns(void **state)
{
	(void)state;
	assert_text((struct output_config){.columns = 120}, session,
		"#1 TCP  127.0.0.1:41822 → 127.0.0.1:7   4 packets   300 ms\n"
		"       ms  client: python3 echo.…, pid 4122 127.0.0.1:41822                 127.0.0.1:7 server: echo-server, pid 4121\n"
		"    0.010                                   │                                         │ socket(AF_INET, SOCK_STREAM) = 3\n"
		"    0.030                                   │                                         │ bind(3, 127.0.0.1:7) = 0\n"
		"    0.050                                   │                                         │ LISTEN       listen(3, 5) = 0\n"
		"    0.070                                   │                                         │              accept(3, …\n"
		"    0.100  socket(AF_INE…) = 3 CLOSED       │                                         │\n"
		"    0.120  connect(3, 127.0.0.1:7)          │                                         │\n"
		"    0.130                      SYN-SENT     │─── SYN seq=0 win=65536 mss=65495 ──────▶│\n"
		"    0.140                      ESTABLISHED  │◀────── SYN ACK seq=0 ack=1 win=65536 ───│ SYN-RECEIVED\n"
		"    0.150                                   │─── ACK ack=1 ──────────────────────────▶│ ESTABLISHED\n"
		"    0.160                                   │                                         │ …127.0.0.1:…) = 4  after 90.0 µs\n"
		"    0.170  = 0  after 50.0 µs               │                                         │\n"
		"    0.200                                   │                                         │              recv(4, …\n"
		" ⋮ 299 ms                                   ⋮                                         ⋮\n"
		"  300.170  send(3, \"hello\", 5)              │                                         │\n"
		"  300.180                                   │━━━ PSH ACK seq=1 ack=1 len=5 \"hello\" ━━▶│\n"
		"  300.190  = 5  after 20.0 µs               │                                         │\n"
		"  300.210                                   │                                         │ = 5  after 300 ms, interrupted\n"
		"  300.220                                   │                                         │              close(4) = 0\n"
		"  300.240                                   │                                         │              close(3) = 0\n"
		"  300.260  recv(3, 1024) …                  │                                         │\n"
		"\n");
}

static void test_a_session_at_160_columns(void **state)
{
	(void)state;
	assert_text((struct output_config){.columns = 160}, session,
		"#1 TCP  127.0.0.1:41822 → 127.0.0.1:7   4 packets   300 ms\n"
		"       ms  client: python3 echo.py, pid 4122          127.0.0.1:41822                                     127.0.0.1:7 server: echo-server, pid 4121\n"
		"    0.010                                             │                                                             │ socket(AF_INET, SOCK_STREAM) = 3\n"
		"    0.030                                             │                                                             │              bind(3, 127.0.0.1:7) = 0\n"
		"    0.050                                             │                                                             │ LISTEN       listen(3, 5) = 0\n"
		"    0.070                                             │                                                             │              accept(3, …\n"
		"    0.100  socket(AF_INET, SOCK_ST…) = 3 CLOSED       │                                                             │\n"
		"    0.120  connect(3, 127.0.0.1:7)                    │                                                             │\n"
		"    0.130                                SYN-SENT     │─── SYN seq=0 win=65536 mss=65495 ──────────────────────────▶│\n"
		"    0.140                                ESTABLISHED  │◀──────────────── SYN ACK seq=0 ack=1 win=65536 mss=65495 ───│ SYN-RECEIVED\n"
		"    0.150                                             │─── ACK ack=1 ──────────────────────────────────────────────▶│ ESTABLISHED\n"
		"    0.160                                             │                                                             │ …127.0.0.1:41822) = 4  after 90.0 µs\n"
		"    0.170  = 0  after 50.0 µs                         │                                                             │\n"
		"    0.200                                             │                                                             │              recv(4, …\n"
		" ⋮ 299 ms                                             ⋮                                                             ⋮\n"
		"  300.170  send(3, \"hello\", 5)                        │                                                             │\n"
		"  300.180                                             │━━━ PSH ACK seq=1 ack=1 len=5 \"hello\" ━━━━━━━━━━━━━━━━━━━━━━▶│\n"
		"  300.190  = 5  after 20.0 µs                         │                                                             │\n"
		"  300.210                                             │                                                             │ …\"hello\",…) = 5  after 300 ms, interrupted\n"
		"  300.220                                             │                                                             │              close(4) = 0\n"
		"  300.240                                             │                                                             │              close(3) = 0\n"
		"  300.260  recv(3, 1024) …                            │                                                             │\n"
		"\n");
}

static void test_datagrams_have_their_calls_beside_them(void **state)
{
	(void)state;
	assert_text((struct output_config){.columns = 120}, datagrams,
		"#1 UDP  127.0.0.1:41822 → 127.0.0.1:7   1 packet   0.00 µs\n"
		"       ms  client: echo-client, pid 4122    127.0.0.1:41822                 127.0.0.1:7 server: echo-server, pid 4121\n"
		"    0.005                                   │                                         │ bind(3, 127.0.0.1:7) = 0\n"
		"    0.015                                   │                                         │              recvfrom(3, …\n"
		"    0.020  sendto(3, \"hello\", 5, 127.0.0.…) │                                         │\n"
		"    0.030                                   │━━━ UDP len=5 \"hello\" ━━━━━━━━━━━━━━━━━━▶│\n"
		"    0.040  = 5  after 20.0 µs               │                                         │\n"
		"    0.050                                   │                                         │ …\"hello\", 9…) = 5  after 35.0 µs\n"
		"    0.060  recvfrom(3, 99, MSG_D…) = EAGAIN │                                         │\n"
		"\n");
}

/* A terminal whose locale is not UTF-8. */
static void test_an_old_terminal_gets_calls_in_ascii(void **state)
{
	struct output_config config = {.format = "txt", .columns = 120};
	struct output *output;
	char text[16384];
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	ssize_t count;
	(void)state;
	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
		skip(); /* no terminals to be had here */
	setenv("LC_ALL", "C", 1);
	config.path = ptsname(master);
	output = opened(&config);
	meta(output);
	conversation(output, 2, true); /* before any program: without calls */
	session(output);
	CLIENT_CALLS(output, .kind = CALL_POLL, .from_us = 300300, .to_us = 300310, .conv = 1,
		     .args = "[3 POLLIN → POLLERR, …]", .ret = 1);
	ended(output);
	count = read(master, text, sizeof(text) - 1);
	close(master);
	assert_true(count > 0);
	text[count] = '\0';
	for (ssize_t i = 0; i < count; i++)
		assert_true((uint8_t)text[i] < 0x80);
	assert_non_null(strstr(text, " accept(3, ..."));
	assert_non_null(strstr(text, "poll([3 POLLIN -> POLLERR,~) = 1"));
}

static void test_with_less_than_120_columns_there_are_states_of_calls_but_no_calls(void **state)
{
	static const char *const rows[] = {
		"\n    0.060               │                                         │ LISTEN\n",
		"    0.110  CLOSED       │                                         │\n",
		"    0.130  SYN-SENT     │─── SYN "};
	char *text = text_of((struct output_config){.columns = 80}, session);
	(void)state;
	assert_order(text, rows, ARRAY_COUNT(rows));
	assert_null(strstr(text, "connect"));
	free(text);
	text = text_of((struct output_config){.columns = 119}, session);
	assert_null(strstr(text, "connect"));
	free(text);
}

static void untraced(struct output *output)
{
	echo_session(output);
}

static void test_without_programs_the_wire_is_as_wide_as_it_was(void **state)
{
	char *text = text_of((struct output_config){.columns = 120}, untraced);
	(void)state;
	assert_non_null(strstr(text, "\n    0.000  SYN-SENT     │─── SYN "));
	free(text);
}

static void test_one_conversation_with_calls_is_drawn_whole(void **state)
{
	char *all = text_of((struct output_config){.columns = 160}, session);
	char *one = text_of((struct output_config){.columns = 160, .conv = 1}, session);
	(void)state;
	assert_string_equal(all, one);
	free(one);
	one = text_of((struct output_config){.columns = 160, .conv = 2}, session);
	assert_null(strstr(one, "listen"));
	free(one);
	free(all);
}

static void long_session(struct output *output)
{
	session(output);
	for (uint64_t n = 5; n <= 201; n++)
		CLIENT_SENDS(output, n, .us = 400000, .flags = TCP_ACK);
	CLIENT_CALLS(output, .kind = CALL_RECVFROM, .name = "recv", .from_us = 399000,
		     .to_us = 401000, .conv = 1, .args = "3, \"x\", 9", .ret = 1);
	CLIENT_SENDS(output, 202, .us = 402000, .flags = TCP_ACK);
}

static void test_beyond_200_packets_calls_stand_where_they_return(void **state)
{
	static const char *const rows[] = {
		"0.120  connect(3, 127.0.0.1:7) ", "0.170  = 0  after 50.0 µs", "\n  400.000 ",
		"\n  401.000  recv(3, \"x\", 9) = 1  after 2.00 ms ", "\n  402.000 "};
	char *text = text_of((struct output_config){.columns = 160, .conv = 1}, long_session);
	(void)state;
	assert_order(text, rows, ARRAY_COUNT(rows));
	free(text);
}

static void two_clients(struct output *output)
{
	program(output, 1, "server");
	server_begins(output);
	for (uint32_t conv = 1; conv <= 2; conv++) {
		int64_t us = 1000 * conv;
		conversation(output, conv, false);
		packet_said(output, conv, conv, (struct said){.us = us, .flags = TCP_SYN});
		SERVER_CALLS(output, .kind = CALL_POLL, .from_us = us - 9, .to_us = us - 5,
			     .args = "[3 POLLIN], 1", .fd = -1);
		SERVER_CALLS(output, .kind = CALL_ACCEPT, .from_us = us + 10, .to_us = us + 20,
			     .args = "3", .ret = 4, .new_sock = 2 + conv, .conv = conv);
	}
	SERVER_CALLS(output, .kind = CALL_CLOSE, .from_us = 9000, .to_us = 9010, .args = "3");
}

static void test_how_a_listening_socket_came_to_be_stands_in_each_ladder_of_it(void **state)
{
	static const char *const rows[] = {
		"#1 TCP", "server: python3 echo.py, pid 4121", "listen(3, 5) = 0", "poll(",
		"accept(3) = 4", "#2 TCP", "listen(3, 5) = 0", "poll(", "accept(3) = 4",
		"close(3) = 0"};
	char *text = text_of((struct output_config){.columns = 160}, two_clients);
	(void)state;
	assert_order(text, rows, ARRAY_COUNT(rows));
	assert_int_equal(times_in(text, "listen("), 2);
	assert_int_equal(times_in(text, "poll("), 2);
	assert_int_equal(times_in(text, "close("), 1);
	free(text);
}

static void executed(struct output *output)
{
	static const char *const argv[] = {"/bin/nc", "-l", "7"};
	struct event event = event_of(EVENT_PROGRAM, 0, 0);
	program(output, 1, "server");
	program(output, 2, "client");
	event.program = (struct program_seen){
		.id = 1, .pid = 4121, .name = "server", .argv = argv, .argc = 3};
	take(output, &event);
	conversation(output, 1, true);
	CLIENT_SENDS(output, 1, .us = 130, .udp = true, .text = "x");
	SERVER_CALLS(output, .kind = CALL_RECVFROM, .from_us = 190, .to_us = 300, .ret = 1,
		     .args = "3, \"x\", 9", .conv = 1);
}

static void test_a_program_has_the_name_of_what_it_executed_last(void **state)
{
	char *text = text_of((struct output_config){.columns = 160}, executed);
	(void)state;
	assert_non_null(strstr(text, "server: nc -l 7, pid 4121"));
	free(text);
}

static void hostile(struct output *output)
{
	program(output, 2, "bad\033[2J");
	program(output, 1, "\xff………………………………………………………………………………………………………………………………");
	conversation(output, 1, true);
	CLIENT_SENDS(output, 1, .us = 130, .udp = true, .text = "x");
	CLIENT_CALLS(output, .kind = CALL_SENDTO, .from_us = 200, .to_us = 300, .ret = 1,
		     .args = "3, \"\033]0;owned\a\"", .conv = 1);
	SERVER_CALLS(output, .kind = CALL_RECVFROM, .from_us = 190, .to_us = 300, .ret = 1,
		     .args = "\xe2", .conv = 1);
}

static void test_programs_and_arguments_can_do_no_harm(void **state)
{
	char *text = text_of((struct output_config){.columns = 160}, hostile);
	const uint8_t *at = (const uint8_t *)text;
	size_t left = strlen(text);
	(void)state;
	for (size_t used; left > 0; at += used, left -= used) {
		uint32_t c;
		used = text_utf8_next(at, left, &c);
		assert_false(c == 0xFFFD && used == 1);
		assert_true(c >= 0x20 || c == '\n');
	}
	assert_non_null(strstr(text, "client: bad\\x1b[2J, pid 4122"));
	free(text);
}

static void test_no_line_with_calls_is_wider_than_the_terminal(void **state)
{
	static const unsigned widths[] = {120, 121, 122, 123, 132, 160, 200, 300};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(widths); i++) {
		struct output_config config = {.columns = widths[i], .times = TIMES_UTC};
		char *text = text_of(config, session);
		for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
			unsigned columns = 0;
			for (; *line; line++)
				columns += ((uint8_t)*line & 0xC0) != 0x80;
			assert_in_range(columns, 0, widths[i]);
		}
		free(text);
	}
}

static void amended(struct output *output)
{
	struct event event = event_of(EVENT_AMEND, 1, 400000);
	session(output);
	event.amend = (struct amend){.n = 1, .because = 4, .verdict_count = 1};
	event.amend.verdicts[0] = (struct verdict){.id = VERDICT_SYN_RETRANSMISSION, .of = 1};
	take(output, &event);
}

static void test_a_row_that_is_put_right_moves_no_call(void **state)
{
	static const char *const rows[] = {
		"connect(3, 127.0.0.1:7)", "⟳ SYN seq=0", "SYN ACK seq=0", "─── ACK ack=1",
		"…127.0.0.1:41822) = 4  after 90.0 µs\n", "= 0  after 50.0 µs"};
	char *text = text_of((struct output_config){.columns = 160, .why = true}, amended);
	(void)state;
	assert_order(text, rows, ARRAY_COUNT(rows));
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (strstr(line, "connect(") || strstr(line, "= 0  after"))
			assert_int_equal(times_in(line, "│"), 2);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_session_at_120_columns),
		cmocka_unit_test(test_a_session_at_160_columns),
		cmocka_unit_test(test_datagrams_have_their_calls_beside_them),
		cmocka_unit_test(
			test_with_less_than_120_columns_there_are_states_of_calls_but_no_calls),
		cmocka_unit_test(test_without_programs_the_wire_is_as_wide_as_it_was),
		cmocka_unit_test(test_one_conversation_with_calls_is_drawn_whole),
		cmocka_unit_test(test_beyond_200_packets_calls_stand_where_they_return),
		cmocka_unit_test(
			test_how_a_listening_socket_came_to_be_stands_in_each_ladder_of_it),
		cmocka_unit_test(test_a_program_has_the_name_of_what_it_executed_last),
		cmocka_unit_test(test_programs_and_arguments_can_do_no_harm),
		cmocka_unit_test(test_no_line_with_calls_is_wider_than_the_terminal),
		cmocka_unit_test(test_a_row_that_is_put_right_moves_no_call),
		cmocka_unit_test(test_an_old_terminal_gets_calls_in_ascii),
	};
	return cmocka_run_group_tests_name("calls in the terminal", tests, NULL, NULL);
}
