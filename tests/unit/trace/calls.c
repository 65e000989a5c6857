/* Calls of real programs: functions of this test, in processes of their own. */
#include "../../support/cm.h"

#include "../../support/session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int program_talks_to_itself(void)
{
	struct sockaddr_in name;
	int listener = must_listen(&name), client = must_connect(&name), server;
	char bytes[16];
	server = accept(listener, NULL, NULL);
	must(send(client, "hello", 5, 0) == 5 && recv(server, bytes, sizeof(bytes), 0) == 5);
	close(server);
	must(recv(client, bytes, sizeof(bytes), 0) == 0);
	close(client);
	close(listener);
	return 0;
}

static void test_a_session_is_told_in_its_order(void **state)
{
	static const char *const order[] = {"socket", "bind",  "listen", "socket",
					    "connect", "accept", "send",  "recv",
					    "close",  "recv",  "close",  "close"};
	struct session *session = session_of(program_talks_to_itself);
	(void)state;
	assert_int_equal(session->call_count, ARRAY_COUNT(order));
	for (size_t i = 0; i < ARRAY_COUNT(order); i++) {
		const struct call *call = &session->calls[i].call;
		assert_string_equal(call->name, order[i]);
		assert_int_equal(call->id, i + 1);
		assert_true(call->entered_ns > 0 && call->returned_ns >= call->entered_ns);
		assert_null(call->error);
	}
	free(session);
}

static void test_accept_makes_a_socket_that_recv_is_about(void **state)
{
	struct session *session = session_of(program_talks_to_itself);
	const struct call *accepted = session_call(session, "accept", 0);
	const struct call *received = session_call(session, "recv", 0);
	const struct call *connected = session_call(session, "connect", 0);
	(void)state;
	assert_int_equal(accepted->sock, session_call(session, "listen", 0)->sock);
	assert_true(accepted->new_sock > 0 && accepted->new_sock != accepted->sock);
	assert_int_equal(received->sock, accepted->new_sock);
	assert_int_equal(received->fd, accepted->ret);
	assert_int_equal(received->bytes, 5);
	assert_int_equal(received->wanted, 16);
	assert_int_equal(connected->sock, session_call(session, "send", 0)->sock);
	assert_int_equal(connected->ends.local_port, accepted->ends.peer_port);
	assert_int_equal(connected->ends.peer_port, accepted->ends.local_port);
	assert_true(connected->ends.local_port != 0);
	free(session);
}

static int program_uses_files(void)
{
	int pipes[2], pair[2], unix_socket = socket(AF_UNIX, SOCK_STREAM, 0);
	int netlink = socket(AF_NETLINK, SOCK_RAW, 0), file = open("/dev/null", O_RDWR);
	struct pollfd fds[2];
	char byte = 0;
	must(pipe(pipes) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	must(write(pipes[1], &byte, 1) == 1 && read(pipes[0], &byte, 1) == 1);
	must(send(pair[0], &byte, 1, 0) == 1 && recv(pair[1], &byte, 1, 0) == 1);
	must(write(file, &byte, 1) == 1 && read(file, &byte, 1) == 0);
	fds[0] = (struct pollfd){.fd = pipes[0], .events = POLLIN};
	fds[1] = (struct pollfd){.fd = pair[0], .events = POLLIN};
	must(poll(fds, 2, 0) == 0);
	must(dup(file) >= 0 && close(unix_socket) == 0 && close(file) == 0);
	close(netlink);
	return 0;
}

static void test_files_pipes_and_other_families_are_not_told(void **state)
{
	struct session *session = session_of(program_uses_files);
	(void)state;
	assert_int_equal(session->entered, 0);
	assert_int_equal(session->call_count, 0);
	free(session);
}

static int program_reads_and_writes(void)
{
	struct sockaddr_in name;
	int listener = must_listen(&name), client = must_connect(&name), server;
	char byte = 'x';
	server = accept(listener, NULL, NULL);
	must(write(client, &byte, 1) == 1 && read(server, &byte, 1) == 1);
	return 0;
}

static void test_read_and_write_on_sockets_are_told_unless_they_are_switched_off(void **state)
{
	struct session *session = session_of(program_reads_and_writes);
	const struct session_plan without = {.programs = {program_reads_and_writes},
					     .config = {.no_rw = true}};
	(void)state;
	assert_int_equal(session_call(session, "write", 0)->bytes, 1);
	assert_int_equal(session_call(session, "read", 0)->bytes, 1);
	session_run(session, &without);
	assert_int_equal(session->ends[0].status, 0);
	assert_int_equal(session_count(session, "write") + session_count(session, "read"), 0);
	assert_int_equal(session_count(session, "accept"), 1);
	free(session);
}

static int program_polls(void)
{
	struct sockaddr_in name;
	int listener = must_listen(&name), other = must_listen(&name), pipes[2];
	struct pollfd fds[3] = {{.fd = -1}, {.fd = listener, .events = POLLIN}};
	must(pipe(pipes) == 0);
	fds[0] = (struct pollfd){.fd = pipes[0], .events = POLLIN};
	must(poll(fds, 2, 0) == 0);
	fds[2] = (struct pollfd){.fd = other, .events = POLLIN};
	must(poll(fds, 3, 0) == 0);
	return 0;
}

static fd_set set_of_two(int first, int second)
{
	fd_set set;
	FD_ZERO(&set);
	FD_SET(first, &set);
	FD_SET(second, &set);
	return set;
}

/* Two connections; something has come for the second, in three words. */
static int program_waits_for_two(void)
{
	struct sockaddr_in name;
	int listener = must_listen(&name), client = must_connect(&name);
	int server = accept(listener, NULL, NULL), epoll = epoll_create1(0);
	struct pollfd polled[2] = {{.fd = client, .events = POLLIN},
				   {.fd = server, .events = POLLIN}};
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = 77}, other = event;
	fd_set set = set_of_two(client, server);
	must(send(client, "hello", 5, 0) == 5);
	must(poll(polled, 2, -1) == 1);
	must(select(server + 1, &set, NULL, NULL, NULL) == 1);
	other.data.u64 = 78;
	must(epoll_ctl(epoll, EPOLL_CTL_ADD, client, &other) == 0);
	must(epoll_ctl(epoll, EPOLL_CTL_ADD, server, &event) == 0);
	must(epoll_wait(epoll, &other, 1, -1) == 1);
	return 0;
}

static uint32_t sock_of(const struct session *session, const char *first, const char *second)
{
	bool has = session_count(session, first) > 0;
	return session_call(session, has ? first : second, 0)->sock;
}

static void test_a_wait_for_several_is_of_the_socket_that_was_ready(void **state)
{
	struct session *session = session_of(program_waits_for_two);
	uint32_t server = session_call(session, "accept", 0)->new_sock;
	(void)state;
	assert_int_not_equal(server, 0);
	assert_int_equal(sock_of(session, "poll", "ppoll"), server);
	assert_int_equal(sock_of(session, "select", "pselect6"), server);
	assert_int_equal(sock_of(session, "epoll_wait", "epoll_pwait"), server);
	free(session);
}

static void test_a_poll_is_of_its_socket_if_it_has_only_one(void **state)
{
	struct session *session = session_of(program_polls);
	(void)state;
	assert_int_equal(session_call(session, "poll", 0)->sock,
			 session_call(session, "listen", 0)->sock);
	assert_int_equal(session_call(session, "poll", 1)->sock, 0);
	assert_int_equal(session_call(session, "poll", 1)->fd, -1);
	free(session);
}

static int program_fails(void)
{
	struct sockaddr_in name;
	int listener = must_listen(&name), fd = socket(AF_INET, SOCK_STREAM, 0);
	close(listener);
	must(connect(fd, (struct sockaddr *)&name, sizeof(name)) == -1);
	must(errno == ECONNREFUSED);
	return 0;
}

static void test_a_failed_call_has_its_errors_name(void **state)
{
	struct session *session = session_of(program_fails);
	const struct call *call = session_call(session, "connect", 0);
	(void)state;
	assert_int_equal(call->ret, -1);
	assert_string_equal(call->error, "ECONNREFUSED");
	free(session);
}

static int program_copies(void)
{
	struct sockaddr_in name;
	int listener = must_listen(&name), copy = dup(listener), status;
	pid_t child;
	must(copy > listener);
	child = fork();
	if (child == 0)
		_exit(close(copy));
	must(waitpid(child, &status, 0) == child && status == 0);
	close(listener);
	return 0;
}

static void test_a_socket_is_the_same_after_dup_and_fork(void **state)
{
	struct session *session = session_of(program_copies);
	const struct call *childs = session_call(session, "close", 0);
	uint32_t sock = session_call(session, "listen", 0)->sock;
	(void)state;
	assert_int_equal(session_call(session, "dup", 0)->sock, sock);
	assert_int_equal(childs->sock, sock);
	assert_int_equal(session_call(session, "close", 1)->sock, sock);
	assert_int_equal(childs->program, 2);
	assert_int_equal(session_call(session, "close", 1)->program, 1);
	assert_int_equal(session->programs, 2);
	assert_int_equal(session->program[1].pid, childs->pid);
	free(session);
}

static void *thread_listens(void *unused)
{
	struct sockaddr_in name;
	must_listen(&name);
	return unused;
}

static int program_has_threads(void)
{
	pthread_t threads[4];
	for (size_t i = 0; i < 4; i++)
		must(pthread_create(&threads[i], NULL, thread_listens, NULL) == 0);
	for (size_t i = 0; i < 4; i++)
		must(pthread_join(threads[i], NULL) == 0);
	return 0;
}

static void test_each_thread_has_its_number_and_all_are_one_program(void **state)
{
	struct session *session = session_of(program_has_threads);
	(void)state;
	assert_int_equal(session_count(session, "listen"), 4);
	assert_int_equal(session->programs, 1);
	for (size_t i = 0; i < 4; i++) {
		const struct call *call = session_call(session, "listen", i);
		assert_int_equal(call->pid, session->program[0].pid);
		assert_int_not_equal(call->tid, call->pid);
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(call->tid, session_call(session, "listen", k)->tid);
	}
	free(session);
}

static void test_the_kernel_is_asked_while_something_may_change(void **state)
{
	const struct session_plan plan = {.programs = {program_talks_to_itself},
					  .config = {.kernel_ns = NS_PER_MS}};
	struct session *session = session_new();
	(void)state;
	session_run(session, &plan);
	assert_true(session->states[STATE_LISTEN] && session->states[STATE_ESTABLISHED]);
	assert_true(session->states[STATE_CLOSE_WAIT]); /* asked as the close goes in */
	free(session);
}

static void test_the_kernel_is_not_asked_unless_it_is_to_be(void **state)
{
	struct session *session = session_of(program_talks_to_itself);
	(void)state;
	assert_int_equal(session->samples, 0);
	free(session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_session_is_told_in_its_order),
		cmocka_unit_test(test_accept_makes_a_socket_that_recv_is_about),
		cmocka_unit_test(test_files_pipes_and_other_families_are_not_told),
		cmocka_unit_test(
			test_read_and_write_on_sockets_are_told_unless_they_are_switched_off),
		cmocka_unit_test(test_a_wait_for_several_is_of_the_socket_that_was_ready),
		cmocka_unit_test(test_a_poll_is_of_its_socket_if_it_has_only_one),
		cmocka_unit_test(test_a_failed_call_has_its_errors_name),
		cmocka_unit_test(test_a_socket_is_the_same_after_dup_and_fork),
		cmocka_unit_test(test_each_thread_has_its_number_and_all_are_one_program),
		cmocka_unit_test(test_the_kernel_is_asked_while_something_may_change),
		cmocka_unit_test(test_the_kernel_is_not_asked_unless_it_is_to_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
