/* What stands below the ladders in the terminal: calls without packets, notes, counters. */
#include "calls.h"

static void unreachable(struct output *output)
{
	program(output, 2, "client");
	CLIENT_CALLS(output, .kind = CALL_SOCKET, .from_us = 10, .to_us = 20, .fd = -1,
		     .args = "AF_INET, SOCK_STREAM", .ret = 3);
	CLIENT_CALLS(output, .kind = CALL_CONNECT, .from_us = 30, .to_us = 40,
		     .args = "3, 10.9.9.9:80", .ret = -1, .error = "ENETUNREACH");
}

static void test_a_socket_without_packets_is_told_below_the_ladders(void **state)
{
	(void)state;
	assert_text((struct output_config){.columns = 120}, unreachable,
		"calls without packets:\n"
		"    0.010  python3 echo.py[4122]: socket(AF_INET, SOCK_STREAM) = 3  in 10.0 µs\n"
		"    0.030  python3 echo.py[4122]: connect(3, 10.9.9.9:80) = ENETUNREACH  in 10.0 µs\n"
		"\n");
}

static void uncaptured(struct output *output)
{
	program(output, 1, "server");
	program(output, 2, "client");
	CLIENT_CALLS(output, .kind = CALL_CONNECT, .from_us = 120, .to_us = 170,
		     .args = "3, 127.0.0.1:7");
	SERVER_CALLS(output, .kind = CALL_ACCEPT, .from_us = 70, .to_us = 220,
		     .args = "3, 127.0.0.1:41822", .ret = 4, .new_sock = 3, .blocked = true);
	SERVER_CALLS(output, .kind = CALL_POLL, .from_us = 230, .to_us = 330, .fd = -1,
		     .args = "[3 POLLIN, 4 POLLIN], 5", .ret = 1, .no_sock = true,
		     .blocked = true);
	CLIENT_CALLS(output, .kind = CALL_SENDTO, .name = "send", .from_us = 180, .to_us = 240,
		     .args = "9, \"x\", 1", .ret = -1, .error = "EBADF", .no_sock = true);
	SERVER_CALLS(output, .kind = CALL_RECVFROM, .name = "recv", .from_us = 340,
		     .args = "4, 9", .fd = 4, .sock = 3);
}

static void test_without_packets_all_calls_are_listed_by_entry_in_a_narrow_terminal(void **state)
{
	static const char expected[] =
		"calls without packets:\n"
		"    0.070  python3 echo.py[4121]: accept(3, 127.0.0.1:41822) = 4  blocked 150 µs\n"
		"    0.120  python3 echo.py[4122]: connect(3, 127.0.0.1:7) = 0  in 50.0 µs\n"
		"    0.180  python3 echo.py[4122]: send(9, \"x\", 1) = EBADF  in 60.0 µs\n"
		"    0.230  python3 echo.py[4121]: poll([3 POLLIN, 4 POLLIN…) = 1  blocked 100 µs\n"
		"    0.340  python3 echo.py[4121]: recv(4, 9) …\n"
		"\n";
	(void)state;
	assert_text((struct output_config){.columns = 80}, uncaptured, expected);
	assert_text((struct output_config){0}, uncaptured, expected);
}

static void in_use(struct output *output)
{
	session(output);
	SERVER_CALLS(output, .kind = CALL_BIND, .from_us = 500000, .to_us = 500010, .sock = 9,
		     .args = "6, 127.0.0.1:7", .ret = -1, .error = "EADDRINUSE", .fd = 6);
	SERVER_CALLS(output, .kind = CALL_POLL, .from_us = 600000, .to_us = 600010, .fd = -1,
		     .args = "[3 POLLIN, 4 POLLIN], 5", .ret = 2, .no_sock = true);
}

static void test_below_a_ladder_stand_the_calls_of_sockets_that_no_ladder_has(void **state)
{
	static const unsigned widths[] = {0, 80, 119, 120, 160};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(widths); i++) {
		char *text = text_of((struct output_config){.columns = widths[i]}, in_use);
		const char *list = strstr(text, "calls without packets:\n");
		assert_non_null(list);
		assert_string_equal(list,
			"calls without packets:\n"
			"  500.000  echo-server[4121]: bind(6, 127.0.0.1:7) = EADDRINUSE  in 10.0 µs\n\n");
		free(text);
	}
}

static void hoarder(struct output *output)
{
	program(output, 2, "client");
	for (unsigned i = 0; i < 1044; i++)
		CLIENT_CALLS(output, .kind = CALL_SOCKET, .from_us = 10, .to_us = 20,
			     .sock = 10 + i, .args = "", .ret = 3);
	conversation(output, 1, false);
	CLIENT_SENDS(output, 1, .us = 130, .flags = TCP_SYN);
	for (unsigned i = 0; i < 2100; i++)
		CLIENT_CALLS(output, .kind = CALL_SENDTO, .from_us = 200, .to_us = 300,
			     .args = "3", .ret = 1, .conv = 1);
}

static void test_of_too_many_calls_the_first_are_shown_and_the_rest_counted(void **state)
{
	char *text = text_of((struct output_config){.columns = 120}, hoarder);
	(void)state;
	assert_int_equal(times_in(text, "sendto("), 2000);
	assert_int_equal(times_in(text, "socket("), 1000);
	assert_non_null(strstr(text, "\n144 more calls are not shown\n"));
	free(text);
}

static void noted(struct output *output)
{
	struct event event = event_of(EVENT_NOTE, 0, 0);
	event.note = (struct note){.code = NOTE_TRACE, .warning = true,
				   .text = "no calls: ptrace was refused"};
	take(output, &event);
	conversation(output, 1, false);
	CLIENT_SENDS(output, 1, .flags = TCP_ACK);
	event.conv = 1;
	event.note = (struct note){.code = NOTE_KERNEL_STATE, .warning = true,
				   .text = "The kernel has the client's socket in CLOSED"};
	take(output, &event);
}

static void test_what_the_tracer_notes_is_shown_as_other_notes(void **state)
{
	static const char *const rows[] = {
		"▶│\n        !  The kernel has the client's socket in CLOSED\n",
		"\n        !  no calls: ptrace was refused\n"};
	char *text = text_of((struct output_config){0}, noted);
	(void)state;
	assert_order(text, rows, ARRAY_COUNT(rows));
	free(text);
}

static void counted(struct output *output)
{
	static const struct kernel_counter counters[] = {
		{"client", "TcpInSegs", 9}, {"client", "TcpExtTCPTimeouts", 1},
		{"client", "TcpRetransSegs", 2}, {"server", "TcpOutRsts", 3},
		{"server", "TcpExtTCPKeepAlive", 0}};
	struct summary facts = {.all = {1, 60}, .counters = counters, .counter_count = 5};
	struct event event = event_of(EVENT_SUMMARY, 0, 0);
	event.summary = &facts;
	take(output, &event);
}

static void counted_nothing(struct output *output)
{
	static const struct kernel_counter counters[] = {{"lo", "TcpInSegs", 9}};
	struct summary facts = {.all = {1, 60}, .counters = counters, .counter_count = 1};
	struct event event = event_of(EVENT_SUMMARY, 0, 0);
	event.summary = &facts;
	take(output, &event);
}

static void test_what_the_kernels_counted_stands_before_the_captures_quality(void **state)
{
	char *text;
	(void)state;
	assert_text((struct output_config){.columns = 120}, counted,
		"1 packet in 0 conversations, 0.00 µs\n"
		"- the kernel counted on client: 2 segments sent again, 1 timeout; "
		"server: 3 resets sent\n"
		"- a clean capture: nothing is known to be missing, cut or captured twice\n");
	text = text_of((struct output_config){0}, counted_nothing);
	assert_null(strstr(text, "the kernel counted"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_socket_without_packets_is_told_below_the_ladders),
		cmocka_unit_test(
			test_without_packets_all_calls_are_listed_by_entry_in_a_narrow_terminal),
		cmocka_unit_test(
			test_below_a_ladder_stand_the_calls_of_sockets_that_no_ladder_has),
		cmocka_unit_test(
			test_of_too_many_calls_the_first_are_shown_and_the_rest_counted),
		cmocka_unit_test(test_what_the_tracer_notes_is_shown_as_other_notes),
		cmocka_unit_test(
			test_what_the_kernels_counted_stands_before_the_captures_quality),
	};
	return cmocka_run_group_tests_name("below the ladders", tests, NULL, NULL);
}
