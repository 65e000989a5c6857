#include "cm.h"

#include "labtest.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define REFUSED 77

void labtest_check(bool holds, const char *what, const char *file, int line)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	exit(1);
}

void labtest_in_child(void (*body)(void))
{
	pid_t child;
	int status;
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		body();
		exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == REFUSED && !getenv("CI"))
		skip();
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

void labtest_become_nobody(void)
{
	if (geteuid() == 0)
		CHECK(setgid(65534) == 0 && setuid(65534) == 0);
}

struct lab *labtest_open(const struct lesson *lesson, uint64_t seed)
{
	struct err err = {0};
	struct lab *lab = lab_open(lesson, seed, &err);
	if (!lab && err.status == EXIT_PERMISSION) {
		printf("skip: %s\n", err.text);
		exit(REFUSED);
	}
	CHECK(lab != NULL);
	if (!lab_ready(lab, &err))
		fprintf(stderr, "%s\n", err.text);
	CHECK(err.text[0] == '\0');
	return lab;
}

/* What a host has sent may be on its way to the wire, and what the wire has handed over on its
 * way into the host: idle it is when it stays so. */
void labtest_settle(struct lab *lab)
{
	uint64_t end = clock_monotonic_ns() + 10 * NS_PER_S, since = 0;
	while (since == 0 || clock_monotonic_ns() - since < 50 * NS_PER_MS) {
		CHECK(clock_monotonic_ns() < end);
		clock_sleep_ns(NS_PER_MS / 2);
		if (!lab_idle(lab))
			since = 0;
		else if (since == 0)
			since = clock_monotonic_ns();
	}
}

struct labtest_address labtest_address(const char *addr, uint16_t port)
{
	struct labtest_address address = {.length = 0};
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	if (inet_pton(AF_INET, addr, &four.sin_addr) == 1) {
		address.length = sizeof(four);
		memcpy(address.bytes, &four, sizeof(four));
	} else {
		CHECK(inet_pton(AF_INET6, addr, &six.sin6_addr) == 1);
		address.length = sizeof(six);
		memcpy(address.bytes, &six, sizeof(six));
	}
	return address;
}

const char *labtest_addr(enum end host, bool six)
{
	if (host == END_CLIENT)
		return six ? LAB_CLIENT_ADDR6 : LAB_CLIENT_ADDR4;
	return six ? LAB_SERVER_ADDR6 : LAB_SERVER_ADDR4;
}

int labtest_socket(struct lab *lab, enum end host, bool six, int type)
{
	struct labtest_address own = labtest_address(labtest_addr(host, six), LABTEST_PORT);
	struct err err = {0};
	int fd;
	CHECK(lab_enter(lab, host, &err));
	fd = socket(six ? AF_INET6 : AF_INET, type, 0);
	CHECK(fd >= 0 && bind(fd, &own.any, own.length) == 0);
	return fd;
}

void labtest_send(int fd, const struct labtest_burst *burst)
{
	struct labtest_address to =
		labtest_address(labtest_addr(burst->to, burst->six), LABTEST_PORT);
	char bytes[4096] = {0};
	for (unsigned i = 1; i <= burst->count; i++) {
		snprintf(bytes, sizeof(bytes), "%u", i);
		CHECK(sendto(fd, bytes, burst->bytes, 0, &to.any, to.length) ==
		      (ssize_t)burst->bytes);
	}
}

void labtest_receive(int fd, int quiet_ms, char text[static 256])
{
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	size_t at = 0;
	text[0] = '\0';
	while (at < 240 && poll(&readable, 1, quiet_ms) > 0) {
		char bytes[4096] = {0};
		CHECK(recv(fd, bytes, sizeof(bytes) - 1, 0) >= 0);
		at += (size_t)snprintf(text + at, 256 - at, "%s%.4s", at ? " " : "", bytes);
	}
}

int labtest_tap(struct lab *lab, enum end host)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET};
	struct err err = {0};
	int fd, bytes = 4 << 20;
	CHECK(lab_enter(lab, host, &err));
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
	address.sll_protocol = htons(ETH_P_ALL);
	address.sll_ifindex = (int)if_nametoindex(lab_interface(host));
	CHECK(fd >= 0 && address.sll_ifindex > 0);
	CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)) == 0);
	CHECK(bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
	return fd;
}

bool labtest_tap_next(int fd, struct labtest_frame *frame)
{
	struct sockaddr_ll from;
	socklen_t length = sizeof(from);
	ssize_t got = recvfrom(fd, frame->bytes, sizeof(frame->bytes), 0,
			       (struct sockaddr *)&from, &length);
	if (got < 0)
		return false;
	frame->count = (size_t)got;
	frame->outgoing = from.sll_pkttype == PACKET_OUTGOING;
	return true;
}
