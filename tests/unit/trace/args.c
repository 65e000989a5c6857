/* Calls as a person writes them. The "program" is this process: its own memory is read. */
#include "../../../src/trace/tracing.h"
#include "../../support/cm.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define P(pointer) ((uint64_t)(uintptr_t)(pointer))
#define ENTERS(call, ...) {.kind = CALL_##call, .args = {__VA_ARGS__}}
#define RETURNS(value, call, ...) \
	{.kind = CALL_##call, .args = {__VA_ARGS__}, .returned = true, .ret = value}

/* "name(arguments)" */
static void says(struct asked asked, const char *text)
{
	struct buf out = {0};
	const char *name = NULL;
	char whole[1000];
	asked.tid = getpid();
	args_write(&out, &asked, &name);
	snprintf(whole, sizeof(whole), "%s(%.*s)", name, (int)out.len, out.len ? out.at : "");
	assert_string_equal(whole, text);
	buf_close(&out);
}

static struct asked here(struct asked asked)
{
	asked.tid = getpid();
	return asked;
}

static const struct sockaddr_in v4 = {.sin_family = AF_INET};

static struct sockaddr_in v4_name(const char *text, uint16_t port)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};
	inet_pton(AF_INET, text, &name.sin_addr);
	return name;
}

static struct sockaddr_in6 v6_name(const char *text, uint16_t port)
{
	struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	inet_pton(AF_INET6, text, &name.sin6_addr);
	return name;
}

static void test_numbers_have_the_names_of_a_programs_source(void **state)
{
	(void)state;
	const struct {
		struct asked asked;
		const char *text;
	} calls[] = {
		{ENTERS(SOCKET, AF_INET, SOCK_STREAM, 0), "socket(AF_INET, SOCK_STREAM)"},
		{ENTERS(SOCKET, AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP),
		 "socket(AF_INET6, SOCK_DGRAM|SOCK_NONBLOCK|SOCK_CLOEXEC, IPPROTO_UDP)"},
		{ENTERS(SOCKET, 77, 9, 0), "socket(77, 9)"},
		{ENTERS(LISTEN, 3, 128), "listen(3, 128)"},
		{ENTERS(ACCEPT, 3, 0, 0), "accept(3)"},
		{ENTERS(ACCEPT4, 3, 0, 0, SOCK_CLOEXEC), "accept4(3, SOCK_CLOEXEC)"},
		{ENTERS(SHUTDOWN, 4, SHUT_WR), "shutdown(4, SHUT_WR)"},
		{ENTERS(CLOSE, UINT32_MAX), "close(-1)"},
		{ENTERS(DUP, 3), "dup(3)"},
		{ENTERS(DUP2, 3, 4), "dup2(3, 4)"},
		{ENTERS(DUP3, 3, 4, 02000000), "dup3(3, 4, O_CLOEXEC)"},
		{ENTERS(SENDFILE, 4, 5, 0, 1000), "sendfile(4, 5, NULL, 1000)"},
		{ENTERS(SPLICE, 5, 0, 4, 0, 4096, 1), "splice(5, NULL, 4, NULL, 4096, SPLICE_F_MOVE)"},
	};
	for (size_t i = 0; i < ARRAY_COUNT(calls); i++)
		says(calls[i].asked, calls[i].text);
}

static void test_addresses_are_written_with_their_ports(void **state)
{
	(void)state;
	struct sockaddr_in server = v4_name("10.77.0.2", 7);
	struct sockaddr_in6 six = v6_name("fd77::2", 7), mapped = v6_name("::ffff:10.77.0.2", 7);
	struct sockaddr_in6 link = v6_name("fe80::1", 7);
	struct sockaddr_un path = {.sun_family = AF_UNIX, .sun_path = "/run/log"};
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	link.sin6_scope_id = 3;
	says((struct asked)ENTERS(CONNECT, 3, P(&server), sizeof(server)),
	     "connect(3, 10.77.0.2:7)");
	says((struct asked)ENTERS(BIND, 3, P(&six), sizeof(six)), "bind(3, [fd77::2]:7)");
	says((struct asked)ENTERS(BIND, 3, P(&mapped), sizeof(mapped)), "bind(3, 10.77.0.2:7)");
	says((struct asked)ENTERS(BIND, 3, P(&link), sizeof(link)), "bind(3, [fe80::1%3]:7)");
	says((struct asked)ENTERS(CONNECT, 3, P(&path), sizeof(path)), "connect(3, \"/run/log\")");
	says((struct asked)ENTERS(CONNECT, 3, P(&none), sizeof(none)), "connect(3, AF_UNSPEC)");
	says((struct asked)ENTERS(CONNECT, 3, 0x10, 16), "connect(3, 0x10)");
	says((struct asked)ENTERS(CONNECT, 3, P(&v4), 8), "connect(3, AF_INET)");
}

static void test_accept_names_the_peer_once_it_has_returned(void **state)
{
	(void)state;
	struct sockaddr_in peer = v4_name("10.77.0.1", 41822);
	socklen_t size = sizeof(peer);
	struct asked enters = here((struct asked)ENTERS(ACCEPT, 3, P(&peer), P(&size)));
	struct asked returns = here((struct asked)RETURNS(4, ACCEPT, 3, P(&peer), P(&size)));
	struct addr addr;
	uint16_t port;
	says(enters, "accept(3)");
	says(returns, "accept(3, 10.77.0.1:41822)");
	assert_false(args_address(&enters, &addr, &port));
	assert_true(args_address(&returns, &addr, &port));
	assert_int_equal(addr.family, 4);
	assert_int_equal(port, 41822);
}

static void test_payload_is_shown_as_far_as_it_is_text(void **state)
{
	(void)state;
	static const char long_text[] = "0123456789012345678901234567890é and more";
	struct sockaddr_in to = v4_name("10.77.0.2", 7);
	says((struct asked)ENTERS(SENDTO, 4, P("hello\n"), 6, 0, 0, 0), "send(4, \"hello\\n\", 6)");
	says((struct asked)ENTERS(SENDTO, 4, P("a\"\\\xff\0b"), 6, MSG_NOSIGNAL, 0, 0),
	     "send(4, \"a\\\"\\\\\\xff\\x00b\", 6, MSG_NOSIGNAL)");
	says((struct asked)ENTERS(SENDTO, 4, P("grün"), 5, MSG_DONTWAIT, P(&to), sizeof(to)),
	     "sendto(4, \"grün\", 5, MSG_DONTWAIT, 10.77.0.2:7)");
	says((struct asked)ENTERS(WRITE, 4, P(long_text), sizeof(long_text) - 1),
	     "write(4, \"0123456789012345678901234567890é\"…, 42)");
	says((struct asked)ENTERS(SENDTO, 4, 0x10, 6, 0x8000000, 0, 0), "send(4, 0x10, 6, 0x8000000)");
}

static void test_received_bytes_are_there_once_it_has_returned(void **state)
{
	(void)state;
	struct sockaddr_in from = v4_name("10.77.0.1", 4000);
	socklen_t size = sizeof(from);
	const char *text = "hello, not yet";
	says((struct asked)ENTERS(RECVFROM, 3, P(text), 1024, 0, 0, 0), "recv(3, 1024)");
	says((struct asked)RETURNS(5, RECVFROM, 3, P(text), 1024, MSG_PEEK, 0, 0),
	     "recv(3, \"hello\", 1024, MSG_PEEK)");
	says((struct asked)RETURNS(0, RECVFROM, 3, P(text), 1024, 0, 0, 0), "recv(3, \"\", 1024)");
	says((struct asked)RETURNS(-EAGAIN, READ, 3, P(text), 1024), "read(3, 1024)");
	says((struct asked)RETURNS(5, RECVFROM, 3, P(text), 5, 0, P(&from), P(&size)),
	     "recvfrom(3, \"hello\", 5, 10.77.0.1:4000)");
	says((struct asked)RETURNS(5, RECVFROM, 3, P(text), 5, MSG_TRUNC, 0, 0),
	     "recv(3, 5, MSG_TRUNC)");
}

static void test_vectors_are_joined_and_messages_counted(void **state)
{
	(void)state;
	struct iovec parts[] = {{"hel", 3}, {NULL, 0}, {"lo\n", 3}};
	struct sockaddr_in to = v4_name("10.77.0.2", 7);
	struct msghdr header = {.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = parts,
				.msg_iovlen = 3};
	struct mmsghdr two[2] = {{.msg_hdr = header, .msg_len = 6}, {.msg_hdr = header, .msg_len = 5}};
	struct asked enters = here((struct asked)ENTERS(SENDMMSG, 3, P(two), 2, 0));
	struct asked returns = here((struct asked)RETURNS(2, SENDMMSG, 3, P(two), 2, 0));
	says((struct asked)ENTERS(WRITEV, 3, P(parts), 3), "writev(3, \"hello\\n\", 6)");
	says((struct asked)ENTERS(SENDMSG, 3, P(&header), 0), "sendmsg(3, \"hello\\n\", 6, 10.77.0.2:7)");
	says((struct asked)ENTERS(SENDMSG, 3, 0x10, 0), "sendmsg(3, 0x10)");
	says(enters, "sendmmsg(3, [2 messages], \"hello\\n\", 10.77.0.2:7)");
	assert_int_equal(args_bytes(&enters), 12);
	assert_int_equal(args_bytes(&returns), 11);
}

static void test_options_and_their_values_are_named(void **state)
{
	(void)state;
	int one = 1, refused = ECONNREFUSED, want = IP_PMTUDISC_DO;
	socklen_t size = sizeof(int);
	struct linger linger = {1, 0};
	struct timeval time = {.tv_sec = 1, .tv_usec = 500000};
	struct ip_mreqn group = {.imr_ifindex = 2};
	inet_pton(AF_INET, "239.7.7.7", &group.imr_multiaddr);
	const struct {
		struct asked asked;
		const char *text;
	} calls[] = {
		{ENTERS(SETSOCKOPT, 3, IPPROTO_TCP, TCP_NODELAY, P(&one), 4),
		 "setsockopt(3, TCP_NODELAY, 1)"},
		{ENTERS(SETSOCKOPT, 3, SOL_SOCKET, SO_LINGER, P(&linger), sizeof(linger)),
		 "setsockopt(3, SO_LINGER, {on, 0 s})"},
		{ENTERS(SETSOCKOPT, 3, SOL_SOCKET, SO_RCVTIMEO, P(&time), sizeof(time)),
		 "setsockopt(3, SO_RCVTIMEO, 1500 ms)"},
		{ENTERS(SETSOCKOPT, 3, IPPROTO_TCP, TCP_CONGESTION, P("reno"), 4),
		 "setsockopt(3, TCP_CONGESTION, \"reno\")"},
		{ENTERS(SETSOCKOPT, 3, IPPROTO_IP, IP_ADD_MEMBERSHIP, P(&group), sizeof(group)),
		 "setsockopt(3, IP_ADD_MEMBERSHIP, 239.7.7.7 on interface 2)"},
		{ENTERS(SETSOCKOPT, 3, IPPROTO_IP, IP_MTU_DISCOVER, P(&want), 4),
		 "setsockopt(3, IP_MTU_DISCOVER, IP_PMTUDISC_DO)"},
		{ENTERS(SETSOCKOPT, 3, SOL_SOCKET, 999, P(&one), 4),
		 "setsockopt(3, SOL_SOCKET, 999, 1)"},
		{ENTERS(SETSOCKOPT, 3, IPPROTO_TCP, TCP_NODELAY, 0x10, 4),
		 "setsockopt(3, TCP_NODELAY, 0x10)"},
		{ENTERS(GETSOCKOPT, 3, SOL_SOCKET, SO_ERROR, P(&refused), P(&size)),
		 "getsockopt(3, SO_ERROR)"},
		{RETURNS(0, GETSOCKOPT, 3, SOL_SOCKET, SO_ERROR, P(&refused), P(&size)),
		 "getsockopt(3, SO_ERROR, ECONNREFUSED)"},
		{RETURNS(0, GETSOCKOPT, 3, IPPROTO_TCP, TCP_INFO, P(&one), P(&size)),
		 "getsockopt(3, TCP_INFO, …)"},
	};
	for (size_t i = 0; i < ARRAY_COUNT(calls); i++)
		says(calls[i].asked, calls[i].text);
}

static void test_waiting_shows_what_is_awaited_and_then_what_came(void **state)
{
	(void)state;
	struct pollfd polled[] = {{3, POLLIN, 0}, {4, POLLOUT, POLLOUT | POLLERR}};
	struct timeval time = {.tv_usec = 500000};
	fd_set set;
	int fds[4];
	struct asked asked = here((struct asked)ENTERS(POLL, P(polled), 2, 1000));
	FD_ZERO(&set);
	FD_SET(3, &set);
	FD_SET(5, &set);
	says(asked, "poll([3 POLLIN, 4 POLLOUT], 1000)");
	assert_int_equal(args_fds(&asked, fds, 4), 2);
	assert_int_equal(fds[1], 4);
	says((struct asked)RETURNS(1, POLL, P(polled), 2, UINT32_MAX),
	     "poll([3 POLLIN, 4 POLLOUT → POLLOUT|POLLERR], -1)");
	asked = here((struct asked)ENTERS(SELECT, 6, P(&set), 0, 0, P(&time)));
	says(asked, "select(6, read [3, 5], 0.5 s)");
	assert_int_equal(args_fds(&asked, fds, 1), 1);
	says((struct asked)RETURNS(2, SELECT, 6, P(&set), 0, 0, P(&time)),
	     "select(6, read → [3, 5], 0.5 s left)");
}

static void test_epoll_events_are_told_by_descriptor_whatever_the_program_calls_them(void **state)
{
	(void)state;
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = 0x7fff12345678};
	char text[80];
	int pair[2], set = epoll_create1(0), fds[4];
	struct asked asked;
	assert_int_equal(pipe(pair), 0);
	assert_int_equal(epoll_ctl(set, EPOLL_CTL_ADD, pair[0], &event), 0);
	asked = here((struct asked)RETURNS(1, EPOLL_WAIT, (uint64_t)set, P(&event), 8, 100));
	snprintf(text, sizeof(text), "epoll_wait(%d, [%d EPOLLIN], 8, 100)", set, pair[0]);
	says(asked, text);
	assert_int_equal(args_fds(&asked, fds, 4), 1);
	assert_int_equal(fds[0], pair[0]);
	close(pair[0]);
	close(pair[1]);
	close(set);
}

static void test_memory_ends_where_it_cannot_be_read(void **state)
{
	(void)state;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t bytes[16];
	assert_int_equal(mprotect(two + page, page, PROT_NONE), 0);
	memcpy(two + page - 4, "last", 4);
	assert_int_equal(memory_read(getpid(), P(two + page - 4), bytes, sizeof(bytes)), 4);
	assert_memory_equal(bytes, "last", 4);
	assert_int_equal(memory_read(getpid(), 0, bytes, sizeof(bytes)), 0);
	says((struct asked)ENTERS(WRITE, 4, P(two + page - 4), 100), "write(4, \"last\"…, 100)");
	munmap(two, 2 * page);
}

static uint64_t garbage_word(uint64_t *seed, const void *near)
{
	static const uint64_t edges[] = {0, 1, 6, 0x7fffffff, 0xffffffff, UINT64_MAX, 1ULL << 47};
	uint64_t word = rng_next(seed);
	if (word % 3 == 0)
		return edges[word / 3 % ARRAY_COUNT(edges)];
	return word % 3 == 1 ? P(near) + word / 3 % 256 : word;
}

static void test_garbage_gives_short_and_valid_text(void **state)
{
	(void)state;
	uint64_t seed = 6, near[64];
	for (int turn = 0; turn < 20000; turn++) {
		struct asked asked = {.kind = (enum call_kind)(turn % CALL_COUNT)};
		struct buf out = {0};
		const char *name;
		struct addr addr;
		uint16_t port;
		int fds[8];
		for (size_t i = 0; i < ARRAY_COUNT(near); i++)
			near[i] = garbage_word(&seed, near);
		for (size_t i = 0; i < CALL_ARGS; i++)
			asked.args[i] = garbage_word(&seed, near);
		asked.returned = rng_next(&seed) & 1;
		asked.ret = (int64_t)garbage_word(&seed, near);
		asked = here(asked);
		args_write(&out, &asked, &name);
		args_bytes(&asked);
		args_address(&asked, &addr, &port);
		assert_in_range(args_fds(&asked, fds, 8), 0, 8);
		assert_in_range(out.len, 1, ARGS_BYTES);
		for (size_t at = 0; at < out.len;) {
			uint32_t c;
			size_t used = text_utf8_next((uint8_t *)out.at + at, out.len - at, &c);
			assert_false(c == 0xFFFD && used == 1);
			at += used;
		}
		buf_close(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_have_the_names_of_a_programs_source),
		cmocka_unit_test(test_addresses_are_written_with_their_ports),
		cmocka_unit_test(test_accept_names_the_peer_once_it_has_returned),
		cmocka_unit_test(test_payload_is_shown_as_far_as_it_is_text),
		cmocka_unit_test(test_received_bytes_are_there_once_it_has_returned),
		cmocka_unit_test(test_vectors_are_joined_and_messages_counted),
		cmocka_unit_test(test_options_and_their_values_are_named),
		cmocka_unit_test(test_waiting_shows_what_is_awaited_and_then_what_came),
		cmocka_unit_test(test_epoll_events_are_told_by_descriptor_whatever_the_program_calls_them),
		cmocka_unit_test(test_memory_ends_where_it_cannot_be_read),
		cmocka_unit_test(test_garbage_gives_short_and_valid_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
