/* Events that are held longer than what they borrow lives. */
#include "../../support/cm.h"

#include "../../../src/timeline/keep.h"

#include <stdlib.h>
#include <string.h>

static void test_a_kept_call_outlives_its_arguments(void **state)
{
	char args[] = "3, \"hello\", 5";
	struct event event = {.kind = EVENT_CALL, .call = {.args = args}};
	uint8_t *bytes;
	(void)state;
	assert_int_equal(event_kept_bytes(&event), sizeof(args));
	assert_true(event_keep(&event, &bytes));
	memset(args, 'x', sizeof(args));
	assert_string_equal(event.call.args, "3, \"hello\", 5");
	free(bytes);
}

static void test_a_kept_program_outlives_its_name_and_command(void **state)
{
	char name[] = "client", first[] = "nc", second[] = "127.0.0.1";
	const char *argv[] = {first, second};
	struct event event = {.kind = EVENT_PROGRAM,
			      .program = {.name = name, .argv = argv, .argc = 2}};
	uint8_t *bytes;
	(void)state;
	assert_true(event_keep(&event, &bytes));
	memset(name, 'x', sizeof(name));
	memset(first, 'x', sizeof(first));
	memset(second, 'x', sizeof(second));
	argv[0] = argv[1] = NULL;
	assert_string_equal(event.program.name, "client");
	assert_string_equal(event.program.argv[0], "nc");
	assert_string_equal(event.program.argv[1], "127.0.0.1");
	free(bytes);
}

static void test_a_kept_packet_outlives_its_frame(void **state)
{
	uint8_t frame[] = {1, 2, 3};
	uint64_t fragments[] = {7, 8};
	char comment[] = {'h', 'i'};
	struct event event = {.kind = EVENT_PACKET};
	uint8_t *bytes;
	(void)state;
	event.packet.bytes = frame;
	event.packet.byte_count = 3;
	event.packet.fragments = fragments;
	event.packet.fragment_count = 2;
	event.packet.comment = comment;
	event.packet.comment_len = 2;
	assert_true(event_keep(&event, &bytes));
	memset(frame, 0, sizeof(frame));
	memset(fragments, 0, sizeof(fragments));
	memset(comment, 0, sizeof(comment));
	assert_memory_equal(event.packet.bytes, "\1\2\3", 3);
	assert_int_equal(event.packet.fragments[1], 8);
	assert_memory_equal(event.packet.comment, "hi", 2);
	free(bytes);
}

static void test_what_borrows_nothing_needs_no_memory(void **state)
{
	struct event event = {.kind = EVENT_KERNEL, .kernel = {.cwnd = 10}};
	struct event call = {.kind = EVENT_CALL}; /* of no arguments */
	uint8_t *bytes;
	(void)state;
	assert_int_equal(event_kept_bytes(&event), 0);
	assert_true(event_keep(&event, &bytes));
	assert_null(bytes);
	assert_int_equal(event.kernel.cwnd, 10);
	assert_true(event_keep(&call, &bytes));
	assert_null(call.call.args);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_kept_call_outlives_its_arguments),
		cmocka_unit_test(test_a_kept_program_outlives_its_name_and_command),
		cmocka_unit_test(test_a_kept_packet_outlives_its_frame),
		cmocka_unit_test(test_what_borrows_nothing_needs_no_memory),
	};
	return cmocka_run_group_tests_name("keep", tests, NULL, NULL);
}
