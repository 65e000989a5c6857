/* The pipe between the tracer's process and its reader. */
#include "../../support/cm.h"

#include "../../../src/trace/message.h"

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct ends {
	struct outbox out;
	struct inbox in;
};

static struct ends ends_open(void)
{
	int fds[2];
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	return (struct ends){.out = {.fd = fds[1]}, .in = {.fd = fds[0]}};
}

static void ends_close(struct ends *ends)
{
	close(ends->out.fd);
	close(ends->in.fd);
	buf_close(&ends->out.held);
	buf_close(&ends->in.bytes);
}

static struct message call_message(uint64_t id)
{
	struct message message = {.kind = MESSAGE_CALL, .ns = 1000 + id};
	message.call = (struct call){.id = id, .kind = CALL_BIND, .fd = -1};
	return message;
}

static void call_put(struct outbox *out, uint64_t id, const char *args)
{
	struct message message = call_message(id);
	outbox_put(out, &message, (struct strings){args, strlen(args) + 1});
}

static void assert_call(struct inbox *in, uint64_t id, const char *args)
{
	struct message message;
	struct strings strings;
	assert_int_equal(inbox_next(in, &message, &strings), INBOX_MESSAGE);
	assert_int_equal(message.kind, MESSAGE_CALL);
	assert_int_equal(message.ns, 1000 + id);
	assert_int_equal(message.call.id, id);
	assert_int_equal(message.call.kind, CALL_BIND);
	assert_int_equal(message.call.fd, -1);
	assert_int_equal(strings.bytes, strlen(args) + 1);
	assert_string_equal(strings.at, args);
}

static void test_messages_arrive_whole_and_in_order(void **state)
{
	struct ends ends = ends_open();
	struct message message;
	struct strings strings;
	(void)state;
	call_put(&ends.out, 1, "3, 10.77.0.2:7");
	call_put(&ends.out, 2, "");
	assert_int_equal(inbox_next(&ends.in, &message, &strings), INBOX_NOT_YET);
	outbox_flush(&ends.out);
	assert_call(&ends.in, 1, "3, 10.77.0.2:7");
	assert_call(&ends.in, 2, "");
	assert_int_equal(inbox_next(&ends.in, &message, &strings), INBOX_NOT_YET);
	ends_close(&ends);
}

static void test_a_message_in_pieces_waits_for_its_last_byte(void **state)
{
	struct ends ends = ends_open();
	struct message message = call_message(7);
	struct strings strings = {"4", 2};
	struct buf whole;
	int pipe_end = ends.out.fd;
	(void)state;
	outbox_put(&ends.out, &message, strings);
	whole = ends.out.held;
	for (size_t i = 0; i + 1 < whole.len; i++) {
		assert_int_equal(write(pipe_end, whole.at + i, 1), 1);
		assert_int_equal(inbox_next(&ends.in, &message, &strings), INBOX_NOT_YET);
	}
	assert_int_equal(write(pipe_end, whole.at + whole.len - 1, 1), 1);
	assert_call(&ends.in, 7, "4");
	ends_close(&ends);
}

static void test_the_end_is_told_after_what_came_before_it(void **state)
{
	struct ends ends = ends_open();
	struct message message;
	struct strings strings;
	(void)state;
	call_put(&ends.out, 1, "3");
	outbox_flush(&ends.out);
	close(ends.out.fd);
	assert_call(&ends.in, 1, "3");
	assert_int_equal(inbox_next(&ends.in, &message, &strings), INBOX_END);
	ends.out.fd = -1;
	ends_close(&ends);
}

static void test_what_is_no_message_is_damage(void **state)
{
	static const uint32_t heads[][6] = {
		{0, MESSAGE_COUNT},     /* no such kind */
		{1, MESSAGE_CALL},      /* shorter than a call */
		{1u << 30, MESSAGE_CALL}, /* longer than anything */
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(heads); i++) {
		struct ends ends = ends_open();
		struct message message;
		struct strings strings;
		assert_int_equal(write(ends.out.fd, heads[i], sizeof(heads[i])),
				 sizeof(heads[i]));
		assert_int_equal(inbox_next(&ends.in, &message, &strings), INBOX_DAMAGED);
		ends_close(&ends);
	}
}

#define MANY 2000 /* several times what a pipe holds */

static void test_a_full_pipe_makes_the_writer_wait_and_nothing_is_lost(void **state)
{
	struct ends ends = ends_open();
	char args[300];
	pid_t writer;
	int status;
	(void)state;
	memset(args, 'x', sizeof(args) - 1);
	args[sizeof(args) - 1] = '\0';
	fcntl(ends.in.fd, F_SETFL, 0); /* the reader waits here, too */
	writer = fork();
	if (writer == 0) {
		for (uint64_t i = 0; i < MANY; i++)
			call_put(&ends.out, i, args);
		outbox_flush(&ends.out);
		_exit(ends.out.broken);
	}
	for (uint64_t i = 0; i < MANY; i++)
		assert_call(&ends.in, i, args);
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_int_equal(status, 0);
	ends_close(&ends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages_arrive_whole_and_in_order),
		cmocka_unit_test(test_a_message_in_pieces_waits_for_its_last_byte),
		cmocka_unit_test(test_the_end_is_told_after_what_came_before_it),
		cmocka_unit_test(test_what_is_no_message_is_damage),
		cmocka_unit_test(
			test_a_full_pipe_makes_the_writer_wait_and_nothing_is_lost),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
