#include "peers.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static void test_echo_answers_what_it_got(void **state)
{
	struct server server = serve(REPLY_ECHO, false);
	int client = connect_tcp(&server);
	(void)state;
	sends(client, "hello");
	hears(client, "hello");
	sends(client, "again\n");
	hears(client, "again\n");
	close(client);
	assert_true(server_says(&server, "left: closed (11 bytes received, 11 sent"));
	server_stops(&server);
}

static void test_ipv6_and_ipv4_share_the_port(void **state)
{
	struct server server = serve(REPLY_UPPER, false);
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(server.port)};
	int six = socket(AF_INET6, SOCK_STREAM, 0), four = connect_tcp(&server);
	(void)state;
	to.sin6_addr = in6addr_loopback;
	bound_waits(six);
	if (six < 0 || connect(six, (struct sockaddr *)&to, sizeof(to)) != 0) {
		server_stops(&server);
		skip(); /* a machine without IPv6 */
	}
	sends(six, "six");
	sends(four, "four");
	hears(four, "FOUR");
	hears(six, "SIX");
	close(six);
	close(four);
	server_stops(&server);
}

static void test_every_client_has_its_own_connection_socket(void **state)
{
	struct server server = serve(REPLY_ECHO, false);
	int clients[50];
	char text[32];
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(clients); i++)
		clients[i] = connect_tcp(&server);
	for (size_t i = 0; i < ARRAY_COUNT(clients); i++) {
		snprintf(text, sizeof(text), "I am %zu", i);
		sends(clients[i], text);
	}
	for (size_t i = ARRAY_COUNT(clients); i-- > 0;) {
		snprintf(text, sizeof(text), "I am %zu", i);
		hears(clients[i], text);
		close(clients[i]);
	}
	server_stops(&server);
}

static void test_half_close_still_gets_every_answer_then_the_end(void **state)
{
	struct server server = serve(REPLY_UPPER, false);
	int client = connect_tcp(&server);
	(void)state;
	sends(client, "the last words");
	shutdown(client, SHUT_WR);
	hears(client, "THE LAST WORDS");
	hears_end(client);
	close(client);
	server_stops(&server);
}

static void test_reset_ends_one_connection_and_no_other(void **state)
{
	struct server server = serve(REPLY_ECHO, false);
	int calm = connect_tcp(&server), rude = connect_tcp(&server);
	(void)state;
	sends(rude, "x");
	hears(rude, "x");
	resets(rude);
	assert_true(server_says(&server, "left: reset the connection (RST)"));
	sends(calm, "still there?");
	hears(calm, "still there?");
	close(calm);
	server_stops(&server);
}

/* Sends as much as the server and both kernels take; returns how much. */
static size_t sends_until_full(int fd)
{
	static uint8_t bytes[65536];
	size_t total = 0;
	for (;;) {
		struct pollfd wait = {.fd = fd, .events = POLLOUT};
		ssize_t sent;
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)((total + i) * 7 >> 3);
		if (poll(&wait, 1, 500) == 0)
			return total;
		sent = send(fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent > 0)
			total += (size_t)sent;
	}
}

static void hears_counted(int fd, size_t count)
{
	static uint8_t bytes[65536];
	size_t total = 0;
	ssize_t got;
	while ((got = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
		for (size_t i = 0; i < (size_t)got; i++)
			if (bytes[i] != (uint8_t)((total + i) * 7 >> 3))
				fail_msg("byte %zu is wrong", total + i);
		total += (size_t)got;
	}
	assert_int_equal(got, 0);
	assert_int_equal(total, count);
}

static void test_slow_reader_is_held_back_and_loses_nothing(void **state)
{
	struct server server = serve(REPLY_ECHO, false);
	int slow = connect_tcp(&server), quick = connect_tcp(&server);
	size_t sent = sends_until_full(slow);
	(void)state;
	sends(quick, "not held back");
	hears(quick, "not held back");
	shutdown(slow, SHUT_WR);
	hears_counted(slow, sent);
	close(slow);
	close(quick);
	server_stops(&server);
}

static void test_reset_of_a_held_back_client_is_noticed(void **state)
{
	struct server server = serve(REPLY_ECHO, false);
	int slow = connect_tcp(&server);
	(void)state;
	sends_until_full(slow);
	resets(slow);
	assert_true(server_says(&server, "left: reset the connection (RST)"));
	server_stops(&server);
}

static void test_stopping_answers_what_has_arrived(void **state)
{
	struct server server = serve(REPLY_UPPER, false);
	int client = connect_tcp(&server);
	(void)state;
	sends(client, "first");
	hears(client, "FIRST");
	kill(server.pid, SIGSTOP);
	sends(client, "in time");
	assert_int_equal(write(server.stop_fd, "", 1), 1);
	kill(server.pid, SIGCONT);
	hears(client, "IN TIME");
	hears_end(client);
	close(client);
	assert_int_equal(server_wait(&server), EXIT_DONE);
}

static void test_stopping_does_not_wait_for_idle_clients(void **state)
{
	struct server server = serve(REPLY_ECHO, false);
	int idle = connect_tcp(&server);
	(void)state;
	sends(idle, "x");
	hears(idle, "x");
	server_stops(&server);
	hears_end(idle);
	close(idle);
}

static void test_stopping_does_not_wait_for_ever_for_a_slow_reader(void **state)
{
	struct server server = serve(REPLY_ECHO, false);
	int slow = connect_tcp(&server);
	(void)state;
	sends_until_full(slow);
	server_stops(&server);
	close(slow);
}

static void test_ends_after_the_last_of_max_clients(void **state)
{
	struct server server = server_start((struct echo_server_config){.max_clients = 2});
	int one = connect_tcp(&server), two = connect_tcp(&server);
	(void)state;
	sends(one, "1");
	hears(one, "1");
	close(one);
	sends(two, "2");
	hears(two, "2");
	close(two);
	assert_int_equal(server_wait(&server), EXIT_DONE);
}

static struct server serve_on_port(const char *host, uint16_t port, bool udp)
{
	char text[8];
	snprintf(text, sizeof(text), "%u", port);
	return server_start(
		(struct echo_server_config){.host = host, .port = text, .udp = udp});
}

static void test_port_in_use_is_said_with_its_remedy(void **state)
{
	static const char *const protocols[] = {"TCP", "UDP"};
	(void)state;
	for (int udp = 0; udp < 2; udp++) {
		struct server first = serve(REPLY_ECHO, udp);
		struct server second = serve_on_port("127.0.0.1", first.port, udp);
		assert_int_equal(second.port, 0);
		assert_true(server_says(&second, "is in use by another program"));
		assert_true(server_says(&second, protocols[udp]));
		assert_int_equal(server_wait(&second), EXIT_PERMISSION);
		server_stops(&first);
	}
}

/* The first server's side of the connection is in TIME-WAIT: it closed first. */
static void test_time_wait_does_not_keep_the_port(void **state)
{
	struct server first = serve(REPLY_ECHO, false), second;
	int client = connect_tcp(&first);
	(void)state;
	server_stops(&first);
	hears_end(client);
	close(client);
	second = serve_on_port(NULL, first.port, false);
	assert_int_equal(second.port, first.port);
	server_stops(&second);
}

static void test_no_address_and_no_port_are_said(void **state)
{
	static const struct {
		const char *host, *port, *words;
		enum exit_status status;
	} cases[] = {
		{"127.0.0.1", "65536", "is no port", EXIT_USAGE},
		{"127.0.0.1", "", "is no port", EXIT_USAGE},
		{"127.0.0.1", "7x", "is no port", EXIT_USAGE},
		{"127.0.0.1", "-7", "is no port", EXIT_USAGE},
		{"localhost", "0", "is no address to serve on", EXIT_USAGE},
		{"", "0", "is no address to serve on", EXIT_USAGE},
		{"192.0.2.1", "0", "is not this machine's", EXIT_PERMISSION},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct server server = server_start((struct echo_server_config){
			.host = cases[i].host, .port = cases[i].port});
		assert_true(server_says(&server, cases[i].words));
		assert_int_equal(server_wait(&server), cases[i].status);
	}
}

/* Without descriptors: clients wait, and are served when others leave; and no busy loop. */
static void test_descriptors_run_out_and_clients_wait_their_turn(void **state)
{
	struct rlimit few = {.rlim_cur = 40, .rlim_max = 40};
	struct server server = serve(REPLY_ECHO, false);
	int clients[60];
	char byte = 0;
	(void)state;
	assert_int_equal(prlimit(server.pid, RLIMIT_NOFILE, &few, NULL), 0);
	for (size_t i = 0; i < ARRAY_COUNT(clients); i++) {
		clients[i] = connect_tcp(&server);
		sends(clients[i], "?");
	}
	assert_true(server_says(&server, "for more there is no room"));
	for (size_t i = 0; i < ARRAY_COUNT(clients); i++) {
		assert_int_equal(recv(clients[i], &byte, 1, 0), 1);
		close(clients[i]);
	}
	server_stops(&server);
	assert_null(strstr(strstr(server.talk, "no room") + 1, "no room")); /* said once */
}

/* From here on the kernel knows no IPv6, like one that was booted with ipv6.disable=1. */
static void forget_ipv6(void)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = ARRAY_COUNT(rules), .filter = rules};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		_exit(99);
}

static void test_without_ipv6_the_server_says_so_and_serves_ipv4(void **state)
{
	struct server server =
		server_start_after((struct echo_server_config){.max_clients = 1}, forget_ipv6);
	int client;
	(void)state;
	assert_true(server_says(&server, "this machine has no IPv6: serving without it"));
	assert_true(server_says(&server, "listening on 0.0.0.0:"));
	client = connect_tcp(&server);
	sends(client, "four");
	hears(client, "four");
	close(client);
	assert_int_equal(server_wait(&server), EXIT_DONE);
}

static void test_without_ipv6_an_ipv6_address_is_refused(void **state)
{
	struct server server =
		server_start_after((struct echo_server_config){.host = "::1"}, forget_ipv6);
	(void)state;
	assert_true(server_says(&server, "this machine has no IPv6"));
	assert_int_equal(server_wait(&server), EXIT_PERMISSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo_answers_what_it_got),
		cmocka_unit_test(test_ipv6_and_ipv4_share_the_port),
		cmocka_unit_test(test_every_client_has_its_own_connection_socket),
		cmocka_unit_test(test_half_close_still_gets_every_answer_then_the_end),
		cmocka_unit_test(test_reset_ends_one_connection_and_no_other),
		cmocka_unit_test(test_slow_reader_is_held_back_and_loses_nothing),
		cmocka_unit_test(test_reset_of_a_held_back_client_is_noticed),
		cmocka_unit_test(test_stopping_answers_what_has_arrived),
		cmocka_unit_test(test_stopping_does_not_wait_for_idle_clients),
		cmocka_unit_test(test_stopping_does_not_wait_for_ever_for_a_slow_reader),
		cmocka_unit_test(test_ends_after_the_last_of_max_clients),
		cmocka_unit_test(test_port_in_use_is_said_with_its_remedy),
		cmocka_unit_test(test_time_wait_does_not_keep_the_port),
		cmocka_unit_test(test_no_address_and_no_port_are_said),
		cmocka_unit_test(test_descriptors_run_out_and_clients_wait_their_turn),
		cmocka_unit_test(test_without_ipv6_the_server_says_so_and_serves_ipv4),
		cmocka_unit_test(test_without_ipv6_an_ipv6_address_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
