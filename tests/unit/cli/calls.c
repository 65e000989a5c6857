/* What a tracer told and is kept for later comes out as it went in. */
#include "../../support/cm.h"

#include "../../../src/cli/calls.h"

#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOLD_MAX 64

static int program_names_a_socket(void *context, size_t index)
{
	struct sockaddr_in nobody = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	(void)context;
	bind(fd, (struct sockaddr *)&nobody, sizeof(nobody));
	close(fd);
	return (int)index;
}

static struct tracer *tracer_of_two(struct calls_kept *kept)
{
	static const char *const words[] = {"first", "of \"two\"", NULL};
	static const struct traced programs[] = {{.name = "one", .argv = words},
						 {.name = "two", .argv = words + 1}};
	const struct tracer_config config = {
		.programs = programs, .count = 2, .run = program_names_a_socket};
	struct err err;
	struct tracer *tracer = tracer_open(&config, &err);
	assert_non_null(tracer);
	assert_true(tracer_begin(tracer, &err));
	kept->live.tracer = tracer;
	return tracer;
}

static void read_all(struct calls_kept *kept)
{
	struct pollfd told = {.fd = tracer_fd(kept->live.tracer), .events = POLLIN};
	struct err err;
	while (!kept->live.over) {
		poll(&told, 1, 5000);
		assert_true(calls_kept_read(kept, &err));
	}
	assert_false(kept->live.failed);
}

/* How many calls; skips where none can be told. */
static size_t give_all(struct calls_kept *kept, size_t *programs)
{
	struct observer calls;
	struct event event;
	struct err err;
	size_t told = 0;
	uint64_t before = 0;
	*programs = 0;
	calls_kept_get(kept, &calls);
	while (calls.next(calls.self, &event, &err) == OBSERVED_EVENT) {
		assert_true(event.ns >= before);
		before = event.ns;
		if (event.kind == EVENT_NOTE)
			skip(); /* ptrace is refused here */
		if (event.kind == EVENT_PROGRAM && strcmp(event.program.name, "one") == 0) {
			assert_int_equal(event.program.argc, 2);
			assert_string_equal(event.program.argv[1], "of \"two\"");
			assert_null(event.program.argv[2]);
		}
		*programs += event.kind == EVENT_PROGRAM;
		told += event.kind == EVENT_CALL;
		if (event.kind == EVENT_CALL && event.call.kind == CALL_SOCKET)
			assert_memory_equal(event.call.args, "AF_INET, SOCK_DGRAM", 19);
	}
	return told;
}

static void test_what_is_kept_comes_out_in_its_order_with_its_strings(void **state)
{
	struct calls_kept kept = {0};
	struct tracer *tracer = tracer_of_two(&kept);
	size_t programs;
	(void)state;
	read_all(&kept);
	assert_int_equal(tracer_ends(tracer, 1)->status, 1);
	tracer_close(tracer);
	assert_int_equal(give_all(&kept, &programs), 2 * 2 * 3); /* each enters and returns */
	assert_int_equal(programs, 2);
	calls_kept_close(&kept);
}

static void test_what_was_before_the_timelines_start_stands_at_it(void **state)
{
	struct calls_kept kept = {0};
	struct tracer *tracer = tracer_of_two(&kept);
	struct observer calls;
	struct event event;
	struct err err;
	(void)state;
	read_all(&kept);
	tracer_close(tracer);
	kept.since_ns = clock_now_ns();
	calls_kept_get(&kept, &calls);
	while (calls.next(calls.self, &event, &err) == OBSERVED_EVENT)
		assert_true(event.ns == kept.since_ns);
	calls_kept_close(&kept);
}

static void test_what_nobody_wants_is_read_and_not_kept(void **state)
{
	struct calls_kept kept = {.unwanted = true};
	struct tracer *tracer = tracer_of_two(&kept);
	(void)state;
	read_all(&kept);
	tracer_close(tracer);
	assert_int_equal(kept.bytes.len, 0);
	calls_kept_close(&kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_kept_comes_out_in_its_order_with_its_strings),
		cmocka_unit_test(test_what_was_before_the_timelines_start_stands_at_it),
		cmocka_unit_test(test_what_nobody_wants_is_read_and_not_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
