#include "client.h"

static const uint64_t SHORT_NS = 100 * NS_PER_MS;

static void echo_act(int fd)
{
	char bytes[65536];
	ssize_t got;
	while ((got = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		send(fd, bytes, (size_t)got, 0);
}

static void echo_in_pieces_act(int fd)
{
	char bytes[4096];
	ssize_t got;
	while ((got = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
		for (ssize_t i = 0; i < got; i++) {
			send(fd, bytes + i, 1, 0);
			clock_sleep_ns(NS_PER_MS);
		}
	}
}

static void thanks_once_act(int fd)
{
	char bytes[1024];
	(void)!recv(fd, bytes, sizeof(bytes), 0);
	send(fd, "Thank you for connecting", 24, 0);
}

static void mute_act(int fd)
{
	char bytes[1024];
	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		;
	pause();
}

static void reply_but_stay_act(int fd)
{
	char bytes[1024];
	ssize_t got = recv(fd, bytes, sizeof(bytes), 0);
	send(fd, bytes, (size_t)got, 0);
	pause();
}

static void reset_act(int fd)
{
	char byte;
	(void)!recv(fd, &byte, 1, 0); /* the rest stays unread, so that close() sends RST */
	resets(fd);
}

/* Says everything at once, closes its side, and goes on reading until the client's end. */
static void half_close_act(int fd)
{
	char bytes[65536];
	size_t total = 0;
	ssize_t got;
	send(fd, "goodbye\n", 8, 0);
	shutdown(fd, SHUT_WR);
	while ((got = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		total += (size_t)got;
	_exit(total == 21 ? 0 : 1);
}

static void answer_after_the_end_act(int fd)
{
	char bytes[1024];
	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		;
	send(fd, "now I know it all", 17, 0);
}

static const struct outcome *asks(void (*act)(int fd), struct echo_client_config config,
				  const char *input)
{
	struct actor actor = actor_start(SOCK_STREAM, act);
	const struct outcome *outcome;
	config.port = actor.port;
	outcome = client_runs(config, input);
	actor_ends(&actor);
	return outcome;
}

static void test_each_text_is_a_line_and_gets_its_reply(void **state)
{
	(void)state;
	succeeds_with(
		asks(echo_act, (struct echo_client_config){TEXTS("one", "", "three")}, NULL),
		"one\n\nthree\n");
}

static void test_reply_in_pieces_is_read_whole(void **state)
{
	(void)state;
	succeeds_with(asks(echo_in_pieces_act,
			   (struct echo_client_config){TEXTS("two\nlines", "more")}, NULL),
		      "two\nlines\nmore\n");
}

static void test_reply_without_newline_is_taken_and_ends_its_line(void **state)
{
	(void)state;
	succeeds_with(asks(thanks_once_act, (struct echo_client_config){TEXTS("hi")}, NULL),
		      "Thank you for connecting\n");
}

static void test_reply_shorter_than_the_message_is_taken_after_a_silence(void **state)
{
	(void)state;
	succeeds_with(
		asks(thanks_once_act,
		     (struct echo_client_config){TEXTS("a longer message than its reply")},
		     NULL),
		"Thank you for connecting\n");
}

static void test_server_of_one_message_only_is_said(void **state)
{
	const struct outcome *outcome =
		asks(thanks_once_act, (struct echo_client_config){TEXTS("hi", "more")}, NULL);
	(void)state;
	assert_string_equal(outcome->output, "Thank you for connecting\n");
	assert_false(outcome->ok);
	assert_int_equal(outcome->err.status, EXIT_PARTIAL);
}

static void test_no_reply_is_said_and_no_hang(void **state)
{
	(void)state;
	fails_with(asks(mute_act,
			(struct echo_client_config){TEXTS("hi"), .wait_ns = SHORT_NS}, NULL),
		   EXIT_PARTIAL, "no reply within 100 ms from 127.0.0.1 port ");
}

static void test_server_that_does_not_close_is_left_after_the_wait(void **state)
{
	const struct outcome *outcome =
		asks(reply_but_stay_act,
		     (struct echo_client_config){TEXTS("hi"), .wait_ns = SHORT_NS}, NULL);
	(void)state;
	succeeds_with(outcome, "hi\n");
	assert_non_null(strstr(outcome->talk, "did not close its side within 100 ms"));
}

static void test_reset_is_said(void **state)
{
	(void)state;
	fails_with(asks(reset_act, (struct echo_client_config){TEXTS("hello")}, NULL),
		   EXIT_PARTIAL, "reset the connection (RST)");
	fails_with(asks(reset_act, (struct echo_client_config){.text_count = 0}, "hello"),
		   EXIT_PARTIAL, "reset the connection (RST)");
}

static void test_text_larger_than_the_sockets_takes_is_echoed_whole(void **state)
{
	enum { COUNT = 60 * 1000 };
	char *text = malloc(COUNT + 1);
	const struct outcome *outcome;
	(void)state;
	memset(text, 'x', COUNT);
	text[COUNT] = '\0';
	outcome = asks(echo_act, (struct echo_client_config){TEXTS(text)}, NULL);
	assert_true(outcome->ok);
	assert_int_equal(outcome->output_count, COUNT + 1);
	free(text);
}

static void test_input_is_copied_byte_for_byte(void **state)
{
	(void)state;
	succeeds_with(
		asks(echo_act, (struct echo_client_config){.text_count = 0}, "no\nnewline"),
		"no\nnewline");
	succeeds_with(asks(echo_act, (struct echo_client_config){.text_count = 0}, ""), "");
}

static void test_input_end_is_a_half_close_and_the_answer_still_comes(void **state)
{
	(void)state;
	succeeds_with(asks(answer_after_the_end_act,
			   (struct echo_client_config){.text_count = 0}, "tell me all"),
		      "now I know it all");
}

static void test_server_that_half_closes_first_still_gets_the_input(void **state)
{
	struct actor actor = actor_start(SOCK_STREAM, half_close_act);
	struct echo_client_config config = {.port = actor.port};
	int status = -1;
	(void)state;
	succeeds_with(client_runs(config, "for you all the same\n"), "goodbye\n");
	assert_int_equal(waitpid(actor.pid, &status, 0), actor.pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void test_server_that_never_closes_is_said_and_no_hang(void **state)
{
	(void)state;
	fails_with(asks(mute_act, (struct echo_client_config){.wait_ns = SHORT_NS}, "hello\n"),
		   EXIT_PARTIAL, "neither answered nor closed its side within 100 ms");
}

static void test_full_disk_is_said(void **state)
{
	struct actor actor = actor_start(SOCK_STREAM, echo_act);
	struct echo_client_config config = {
		.host = "127.0.0.1", .port = actor.port, TEXTS("hi"), .input_fd = -1};
	struct outcome outcome = {.ok = true};
	FILE *full = fopen("/dev/full", "w");
	(void)state;
	assert_non_null(full);
	config.output_fd = fileno(full);
	outcome.ok = echo_client(&config, &outcome.err);
	fails_with(&outcome, EXIT_OUTPUT, "cannot write the replies");
	fclose(full);
	actor_ends(&actor);
}

static void test_reader_that_goes_away_ends_the_client_quietly(void **state)
{
	struct actor actor = actor_start(SOCK_STREAM, echo_act);
	struct echo_client_config config = {
		.host = "127.0.0.1", .port = actor.port, TEXTS("hi"), .input_fd = -1};
	struct err err = {.text = ""};
	int ends[2];
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	config.output_fd = ends[1];
	assert_true(echo_client(&config, &err));
	assert_string_equal(err.text, "");
	close(ends[1]);
	actor_ends(&actor);
}

static void test_source_port_is_the_one_that_was_asked_for(void **state)
{
	int fd = bind_loopback(SOCK_STREAM);
	uint16_t port = bound_port(fd);
	char words[64];
	(void)state;
	close(fd);
	snprintf(words, sizeof(words), "from 127.0.0.1:%u", port);
	for (int i = 0; i < 2; i++) { /* the first one's TIME-WAIT does not matter */
		const struct outcome *outcome = asks(
			echo_act, (struct echo_client_config){TEXTS("hi"), .source_port = port},
			NULL);
		succeeds_with(outcome, "hi\n");
		assert_non_null(strstr(outcome->talk, words));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_text_is_a_line_and_gets_its_reply),
		cmocka_unit_test(test_reply_in_pieces_is_read_whole),
		cmocka_unit_test(test_reply_without_newline_is_taken_and_ends_its_line),
		cmocka_unit_test(test_reply_shorter_than_the_message_is_taken_after_a_silence),
		cmocka_unit_test(test_server_of_one_message_only_is_said),
		cmocka_unit_test(test_no_reply_is_said_and_no_hang),
		cmocka_unit_test(test_server_that_does_not_close_is_left_after_the_wait),
		cmocka_unit_test(test_reset_is_said),
		cmocka_unit_test(test_text_larger_than_the_sockets_takes_is_echoed_whole),
		cmocka_unit_test(test_input_is_copied_byte_for_byte),
		cmocka_unit_test(test_input_end_is_a_half_close_and_the_answer_still_comes),
		cmocka_unit_test(test_server_that_half_closes_first_still_gets_the_input),
		cmocka_unit_test(test_server_that_never_closes_is_said_and_no_hang),
		cmocka_unit_test(test_full_disk_is_said),
		cmocka_unit_test(test_reader_that_goes_away_ends_the_client_quietly),
		cmocka_unit_test(test_source_port_is_the_one_that_was_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
