/* Records of what a tracer sees: programs, calls, the kernel's own numbers. */
#include "lines.h"

static struct event send_call(void)
{
	struct event event = event_of(EVENT_CALL, 1, 20);
	event.call = (struct call){
		.id = 3, .kind = CALL_SENDTO, .name = "send", .program = 1, .pid = 40, .tid = 41,
		.fd = 0, .args = "0, \"<b>\\n\", 6", .entered_ns = START_NS + 10000,
		.returned_ns = START_NS + 20000, .ret = 0, .bytes = 6, .sock = 2,
		.from = END_SERVER, .range = {1, 7}, .reads = {3, 4},
	};
	return event;
}

static void test_a_program_says_its_command_and_host(void **state)
{
	static const char *const argv[] = {"nc", "", "7"};
	struct event event = event_of(EVENT_PROGRAM, 0, 1);
	(void)state;
	event.program = (struct program_seen){.id = 1, .pid = 40, .name = "client",
					      .argv = argv, .argc = 3};
	assert_line(&event, "{\"k\":\"program\",\"t\":1000,\"id\":1,\"name\":\"client\","
			    "\"argv\":[\"nc\",\"\",\"7\"],\"pid\":40}");
	event.program = (struct program_seen){.id = 2, .host = END_SERVER, .has_host = true};
	assert_line(&event, "{\"k\":\"program\",\"t\":1000,\"id\":2,\"host\":\"server\"}");
}

static void test_a_call_stands_at_its_entry_and_zero_is_a_value(void **state)
{
	struct event event = send_call();
	(void)state;
	assert_line(&event, "{\"k\":\"call\",\"id\":3,\"t\":10000,\"end\":20000,\"program\":1,"
			    "\"pid\":40,\"tid\":41,\"call\":\"send\",\"fd\":0,"
			    "\"args\":\"0, \\\"\\u003cb>\\\\n\\\", 6\",\"ret\":0,\"bytes\":6,"
			    "\"sock\":2,\"conv\":1,\"from\":\"server\",\"range\":[1,7],"
			    "\"reads\":[3,4]}");
}

static void test_a_call_that_failed_names_its_error_and_what_it_lacks_is_left_out(void **state)
{
	struct event event = event_of(EVENT_CALL, 0, 20);
	(void)state;
	event.call = (struct call){.id = 4, .kind = CALL_ACCEPT, .fd = -1, .ret = -1,
				   .error = "EINTR", .new_sock = 9, .blocked = true,
				   .interrupted = true, .peek = true,
				   .entered_ns = START_NS, .returned_ns = START_NS + 5};
	assert_line(&event, "{\"k\":\"call\",\"id\":4,\"t\":0,\"end\":5,\"call\":\"accept\","
			    "\"ret\":-1,\"errno\":\"EINTR\",\"new_sock\":9,\"blocked\":true,"
			    "\"interrupted\":true,\"peek\":true}");
}

static void test_a_call_that_never_returned_is_open_ended(void **state)
{
	struct event event = send_call();
	char *line;
	(void)state;
	event.call.returned_ns = 0;
	line = line_of(&event);
	assert_null(strstr(line, "\"end\""));
	assert_null(strstr(line, "\"ret\""));
	free(line);
}

/* How many records a call makes that is told as it begins and as it returns. */
static size_t records_of_a_call(bool live)
{
	struct written written = {0};
	struct event event = send_call();
	struct output_config config = {.live = live};
	struct output *output;
	size_t count;
	scratch_open(&written.scratch, "x.jsonl");
	config.path = written.scratch.path;
	output = opened(&config);
	meta(output);
	event.call.entering = true;
	take(output, &event);
	event.call.entering = false;
	take(output, &event);
	ended(output);
	lines_read(&written);
	count = written.count - 1;
	lines_close(&written);
	return count;
}

static void test_only_a_live_stream_tells_a_call_as_it_begins(void **state)
{
	(void)state;
	assert_int_equal(records_of_a_call(false), 1);
	assert_int_equal(records_of_a_call(true), 2);
}

static void test_the_kernels_numbers_leave_out_zeros(void **state)
{
	struct event event = event_of(EVENT_KERNEL, 1, 2);
	(void)state;
	event.kernel = (struct kernel_sample){.sock = 2, .state = STATE_ESTABLISHED,
					      .ca_state = CA_RECOVERY, .who = END_SERVER,
					      .cwnd = 10, .pacing_rate = UINT64_MAX};
	assert_line(&event, "{\"k\":\"kernel\",\"t\":2000,\"conv\":1,\"who\":\"server\","
			    "\"sock\":2,\"state\":\"ESTABLISHED\",\"ca_state\":\"Recovery\","
			    "\"cwnd\":10,\"pacing_rate\":18446744073709551615}");
}

static void test_packets_states_and_amends_name_their_call(void **state)
{
	struct event event = event_of(EVENT_PACKET, 1, 0);
	(void)state;
	event.packet.n = 1;
	event.packet.call = 3;
	event.packet.segment.kind = SEGMENT_TCP;
	assert_line(&event, "{\"k\":\"tcp\",\"n\":1,\"t\":0,\"conv\":1,\"from\":\"client\","
			    "\"call\":3}");
	event.packet.segment.kind = SEGMENT_UDP;
	assert_line(&event, "{\"k\":\"udp\",\"n\":1,\"t\":0,\"conv\":1,\"from\":\"client\","
			    "\"call\":3}");
	event = event_of(EVENT_STATE, 1, 0);
	event.state = (struct state_change){.state = STATE_LISTEN, .because_call = 3};
	assert_line(&event, "{\"k\":\"state\",\"t\":0,\"conv\":1,\"who\":\"client\","
			    "\"state\":\"LISTEN\",\"because_call\":3}");
	event = event_of(EVENT_AMEND, 1, 0);
	event.amend = (struct amend){.n = 1, .call = 3};
	assert_line(&event, "{\"k\":\"amend\",\"n\":1,\"call\":3}");
}

static void test_counters_stand_by_host_and_those_that_stood_still_are_left_out(void **state)
{
	static const struct kernel_counter counters[] = {
		{"client", "TcpExtTCPFastRetrans", 1}, {"client", "TcpActiveOpens", 0},
		{"client", "TcpCurrEstab", -1}, {"server", "TcpInSegs", 0}};
	struct summary facts = {.counters = counters, .counter_count = 4};
	struct event event = event_of(EVENT_SUMMARY, 0, 0);
	char *line;
	(void)state;
	event.summary = &facts;
	line = line_of(&event);
	assert_non_null(strstr(line, "\"counters\":{\"client\":{\"TcpExtTCPFastRetrans\":1,"
				     "\"TcpCurrEstab\":-1}}"));
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_program_says_its_command_and_host),
		cmocka_unit_test(test_a_call_stands_at_its_entry_and_zero_is_a_value),
		cmocka_unit_test(
			test_a_call_that_failed_names_its_error_and_what_it_lacks_is_left_out),
		cmocka_unit_test(test_a_call_that_never_returned_is_open_ended),
		cmocka_unit_test(test_only_a_live_stream_tells_a_call_as_it_begins),
		cmocka_unit_test(test_the_kernels_numbers_leave_out_zeros),
		cmocka_unit_test(test_packets_states_and_amends_name_their_call),
		cmocka_unit_test(
			test_counters_stand_by_host_and_those_that_stood_still_are_left_out),
	};
	return cmocka_run_group_tests_name("records of calls", tests, NULL, NULL);
}
