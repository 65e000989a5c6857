#include "peers.h"

/* A client whose line is known to have reached the server has joined for certain. */
static int joins(struct server *server)
{
	int fd = connect_tcp(server);
	struct sockaddr_in own;
	socklen_t size = sizeof(own);
	char words[64];
	getsockname(fd, (struct sockaddr *)&own, &size);
	snprintf(words, sizeof(words), "127.0.0.1:%u connected", ntohs(own.sin_port));
	assert_true(server_says(server, words));
	return fd;
}

static void hears_nothing(int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	assert_int_equal(poll(&wait, 1, 50), 0);
}

static void test_each_line_goes_to_every_other_client(void **state)
{
	struct server server = serve(REPLY_CHAT, false);
	int a = joins(&server), b = joins(&server), c = joins(&server);
	(void)state;
	sends(a, "hello\nall\n");
	hears(b, "hello\nall\n");
	hears(c, "hello\nall\n");
	sends(c, "hi a\n");
	hears(a, "hi a\n");
	hears(b, "hi a\n");
	hears_nothing(c);
	close(a);
	close(b);
	close(c);
	server_stops(&server);
}

static void test_lines_in_pieces_reach_the_others_whole(void **state)
{
	struct server server = serve(REPLY_CHAT, false);
	int a = joins(&server), b = joins(&server), c = joins(&server);
	(void)state;
	sends(a, "the beginning ");
	sends(b, "of b's line, ");
	hears_nothing(c);
	sends(a, "and the end\n");
	hears(c, "the beginning and the end\n");
	sends(b, "whole\n");
	hears(c, "of b's line, whole\n");
	close(a);
	close(b);
	close(c);
	server_stops(&server);
}

static void test_what_never_gets_its_newline_is_passed_on_in_the_end(void **state)
{
	struct server server = serve(REPLY_CHAT, false);
	int textbook = joins(&server), other = joins(&server);
	(void)state;
	sends(textbook, "hello");
	hears(other, "hello");
	sends(textbook, "last words");
	shutdown(textbook, SHUT_WR);
	hears(other, "last words");
	hears_end(textbook);
	close(textbook);
	close(other);
	server_stops(&server);
}

static void test_line_over_the_bound_goes_in_pieces_and_loses_nothing(void **state)
{
	enum { COUNT = 300 * 1000 };
	struct server server = serve(REPLY_CHAT, false);
	int a = joins(&server), b = joins(&server);
	char *line = malloc(COUNT + 1), *got = calloc(1, COUNT + 1);
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		line[i] = (char)('a' + i * 7 % 26);
	line[COUNT - 1] = '\n';
	line[COUNT] = '\0';
	sends_bytes(a, line, COUNT);
	assert_int_equal(recv(b, got, COUNT, MSG_WAITALL), COUNT);
	assert_string_equal(got, line);
	free(line);
	free(got);
	close(a);
	close(b);
	server_stops(&server);
}

static void number_line(char line[static 1025], unsigned number)
{
	snprintf(line, 1025, "%01023u\n", number);
}

/* Sends numbered lines of 1024 bytes until nothing more is taken; returns how many bytes. */
static size_t sends_lines_until_full(int fd)
{
	char line[1025];
	size_t total = 0;
	for (;;) {
		struct pollfd wait = {.fd = fd, .events = POLLOUT};
		ssize_t sent;
		number_line(line, (unsigned)(total / 1024));
		if (poll(&wait, 1, 500) == 0)
			return total;
		sent = send(fd, line + total % 1024, 1024 - total % 1024,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent > 0)
			total += (size_t)sent;
	}
}

static void hears_lines(int fd, size_t count)
{
	char line[1025], got[1025] = "";
	for (size_t total = 0; total < count; total += 1024) {
		size_t part = count - total < 1024 ? count - total : 1024;
		number_line(line, (unsigned)(total / 1024));
		assert_int_equal(recv(fd, got, part, MSG_WAITALL), (ssize_t)part);
		assert_memory_equal(got, line, part);
	}
}

static size_t memory_kib(pid_t pid)
{
	char path[64], line[256];
	size_t kib = 0;
	FILE *status;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = fopen(path, "r");
	assert_non_null(status);
	while (fgets(line, sizeof(line), status))
		if (sscanf(line, "VmHWM: %zu", &kib) == 1)
			break;
	fclose(status);
	return kib;
}

static void test_slow_reader_holds_the_others_back_and_loses_nothing(void **state)
{
	struct server server = serve(REPLY_CHAT, false);
	int loud = joins(&server), slow = joins(&server);
	size_t before = memory_kib(server.pid), sent;
	(void)state;
	sent = sends_lines_until_full(loud);
	assert_true(memory_kib(server.pid) - before < 8 * 1024);
	shutdown(loud, SHUT_WR);
	hears_lines(slow, sent);
	hears_nothing(slow);
	hears_end(loud);
	close(loud);
	close(slow);
	server_stops(&server);
}

static void test_who_takes_nothing_for_too_long_is_disconnected(void **state)
{
	struct server server = server_start((struct echo_server_config){
		.reply = REPLY_CHAT, .stall_ns = 1500 * NS_PER_MS});
	int loud = joins(&server), stuck = joins(&server), third;
	(void)state;
	sends_lines_until_full(loud);
	assert_true(server_says(&server, "took nothing for 1500 ms while others waited"));
	third = joins(&server);
	sends(third, "is somebody there?\n");
	hears(loud, "is somebody there?\n");
	close(loud);
	close(stuck);
	close(third);
	server_stops(&server);
}

/* Both are full of the other's lines; each may still be read, for it hears none of its own. */
static void test_two_that_send_before_they_read_do_not_lock_each_other(void **state)
{
	struct server server = serve(REPLY_CHAT, false);
	int a = joins(&server), b = joins(&server);
	size_t from_a = sends_lines_until_full(a), from_b = sends_lines_until_full(b);
	(void)state;
	hears_lines(b, from_a);
	hears_lines(a, from_b);
	close(a);
	close(b);
	server_stops(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_line_goes_to_every_other_client),
		cmocka_unit_test(test_lines_in_pieces_reach_the_others_whole),
		cmocka_unit_test(test_what_never_gets_its_newline_is_passed_on_in_the_end),
		cmocka_unit_test(test_line_over_the_bound_goes_in_pieces_and_loses_nothing),
		cmocka_unit_test(test_slow_reader_holds_the_others_back_and_loses_nothing),
		cmocka_unit_test(test_who_takes_nothing_for_too_long_is_disconnected),
		cmocka_unit_test(test_two_that_send_before_they_read_do_not_lock_each_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
