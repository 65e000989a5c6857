/* Live capture on a loopback of the test's own. Each test runs in a child, which enters the
 * private network first; where that is refused the test is skipped with the reason (under CI it
 * fails). */
#include "../../support/cm.h"

#include "wireladder/capture.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define REFUSED 77

/* In the child cmocka cannot catch a failure: it ends there and says where. */
#define CHECK(holds) check(holds, #holds, __LINE__)
static void check(bool holds, const char *what, int line)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, line, what);
	exit(1);
}

static void become_nobody(void)
{
	if (geteuid() == 0)
		CHECK(setgid(65534) == 0 && setuid(65534) == 0);
}

static void enter(void)
{
	struct err err = {0};
	if (loopback_enter(&err))
		return;
	printf("skip: %s\n", err.text);
	exit(REFUSED);
}

static void in_child(void (*body)(void))
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

static struct tap *open_tap(struct tap_config config)
{
	struct err err = {0};
	struct tap *tap;
	config.interface = "lo";
	config.private_loopback = true;
	tap = tap_open(&config, &err);
	if (!tap)
		fprintf(stderr, "%s\n", err.text);
	CHECK(tap != NULL);
	return tap;
}

#define KEPT 64
struct caught {
	uint64_t count, dropped, interface_dropped;
	struct frame frames[KEPT];
	uint8_t bytes[KEPT][128]; /* of the first frames */
};

/* Drains the tap and keeps what it saw. */
static void drain(struct tap *tap, struct caught *caught)
{
	struct pollfd readable = {.fd = tap_fd(tap), .events = POLLIN};
	struct err err = {0};
	struct frame frame;
	enum frame_status status;
	memset(caught, 0, sizeof(*caught));
	CHECK(tap_drain(tap, &err));
	while ((status = tap_next(tap, &frame, &err)) != FRAME_END) {
		CHECK(status != FRAME_FAILED);
		if (status == FRAME_NOT_YET) {
			poll(&readable, 1, 100);
			continue;
		}
		if (caught->count < KEPT) {
			size_t kept = frame.caplen < 128 ? frame.caplen : 128;
			memcpy(caught->bytes[caught->count], frame.bytes, kept);
			caught->frames[caught->count] = frame;
		}
		CHECK(frame.n == ++caught->count);
	}
	CHECK(err.text[0] == '\0');
	CHECK(tap_dropped(tap, &caught->dropped, &caught->interface_dropped));
}

static struct sockaddr_in local(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static int bound(int type, struct sockaddr_in *address)
{
	socklen_t size = sizeof(*address);
	int fd = socket(AF_INET, type, 0);
	*address = local(0);
	CHECK(bind(fd, (const struct sockaddr *)address, size) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)address, &size) == 0);
	return fd;
}

/* A connection from its first SYN to its last ACK, with 3000 bytes in between. */
static void converse(void)
{
	static char bytes[3000];
	struct sockaddr_in address;
	int listener = bound(SOCK_STREAM, &address), client = socket(AF_INET, SOCK_STREAM, 0),
	    server;
	ssize_t got = 0;
	CHECK(listen(listener, 1) == 0);
	CHECK(connect(client, (const struct sockaddr *)&address, sizeof(address)) == 0);
	server = accept(listener, NULL, NULL);
	CHECK(write(client, bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes));
	while (got < (ssize_t)sizeof(bytes))
		got += read(server, bytes, sizeof(bytes));
	close(client);
	CHECK(read(server, bytes, sizeof(bytes)) == 0);
	close(server);
	close(listener);
}

static uint8_t flags_of(const struct caught *caught, uint64_t i)
{
	const uint8_t *bytes = caught->bytes[i];
	CHECK(bytes[12] == 8 && bytes[13] == 0 && bytes[14] == 0x45 &&
	      bytes[23] == IPPROTO_TCP);
	return bytes[14 + 20 + 13] & 0x17;
}

static void twenty_conversations(void)
{
	enter();
	for (int i = 0; i < 20; i++) {
		struct tap *tap = open_tap((struct tap_config){0});
		struct caught caught;
		unsigned syns = 0, fins = 0;
		converse();
		drain(tap, &caught);
		for (uint64_t k = 0; k < caught.count; k++) {
			syns += (flags_of(&caught, k) & TCP_SYN) != 0;
			fins += (flags_of(&caught, k) & TCP_FIN) != 0;
			CHECK(caught.frames[k].len <= 1514 && caught.frames[k].linktype == 1);
		}
		CHECK(flags_of(&caught, 0) == TCP_SYN);
		CHECK(flags_of(&caught, caught.count - 1) == TCP_ACK);
		CHECK(syns == 2 && fins == 2 && caught.dropped == 0);
		tap_close(tap);
	}
}

static void twenty_conversations_of_nobody(void)
{
	become_nobody();
	twenty_conversations();
}

static void test_first_syn_and_last_ack_are_never_missed(void **state)
{
	(void)state;
	in_child(twenty_conversations);
}

static void test_an_ordinary_user_can_do_the_same(void **state)
{
	(void)state;
	in_child(twenty_conversations_of_nobody);
}

static void with_filters(void)
{
	static const struct {
		const char *filter;
		uint64_t least, most;
	} cases[] = {
		{"tcp[tcpflags] & tcp-syn != 0", 2, 2},
		{"udp", 1, 1},
		{"", 9, KEPT},
		{"tcp or udp", 9, KEPT},
		{"port 1", 0, 0},
	};
	enter();
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct tap *tap = open_tap((struct tap_config){.filter = cases[i].filter});
		struct sockaddr_in address;
		int fd = bound(SOCK_DGRAM, &address);
		struct caught caught;
		converse();
		CHECK(sendto(fd, "hello", 5, 0, (const struct sockaddr *)&address,
			     sizeof(address)) == 5);
		drain(tap, &caught);
		CHECK(caught.count >= cases[i].least && caught.count <= cases[i].most);
		/* The only datagram is ours; a sentinel would be another. */
		for (uint64_t k = 0; k < caught.count; k++)
			CHECK(caught.bytes[k][23] != IPPROTO_UDP ||
			      caught.frames[k].len == 14 + 28 + 5);
		tap_close(tap);
		close(fd);
	}
}

static void test_the_sentinel_passes_the_users_filter_and_is_never_delivered(void **state)
{
	(void)state;
	in_child(with_filters);
}

static void overflow(void)
{
	enum { SENT = 20000 };
	struct tap *tap;
	struct sockaddr_in address;
	struct caught caught;
	char bytes[1000] = {0};
	int fd;
	enter();
	tap = open_tap((struct tap_config){.ring_bytes = 2 << 20});
	fd = bound(SOCK_DGRAM, &address);
	for (int i = 0; i < SENT; i++)
		CHECK(sendto(fd, bytes, sizeof(bytes), 0, (const struct sockaddr *)&address,
			     sizeof(address)) == (ssize_t)sizeof(bytes));
	drain(tap, &caught);
	CHECK(caught.dropped > 0 && caught.count > 0);
	/* Each one is here or counted; a few sentinels may have found the ring full too. */
	CHECK(caught.count + caught.dropped >= SENT &&
	      caught.count + caught.dropped <= SENT + 20);
	tap_close(tap);
}

static void test_what_a_full_ring_drops_is_counted(void **state)
{
	(void)state;
	in_child(overflow);
}

static void short_snaplen(void)
{
	struct tap *tap;
	struct caught caught;
	struct vantage vantage;
	enter();
	tap = open_tap((struct tap_config){.snaplen = 40});
	tap_vantage(tap, &vantage);
	CHECK(vantage.snaplen == 40 && vantage.linktype == 1 && vantage.nanoseconds);
	CHECK(strcmp(vantage.name, "lo") == 0);
	converse();
	drain(tap, &caught);
	CHECK(caught.count >= 9);
	for (uint64_t i = 0; i < caught.count; i++)
		CHECK(caught.frames[i].caplen == 40 && caught.frames[i].len > 40);
	tap_close(tap);
}

static void test_a_snap_length_below_the_sentinels_is_kept(void **state)
{
	(void)state;
	in_child(short_snaplen);
}

static void other_interface(void)
{
	struct tap_config config = {.interface = "lo"};
	struct err err = {0};
	struct caught caught;
	struct tap *tap;
	enter();
	tap = tap_open(&config, &err);
	CHECK(tap != NULL);
	converse();
	drain(tap, &caught);
	CHECK(caught.count >= 9);
	tap_close(tap);
}

static void test_an_interface_that_is_not_ours_is_drained_when_nothing_waits(void **state)
{
	(void)state;
	in_child(other_interface);
}

static void missing_interface(void)
{
	struct tap_config config = {.interface = "nowhere0"};
	struct err err = {0};
	enter();
	CHECK(tap_open(&config, &err) == NULL);
	CHECK(err.status == EXIT_PERMISSION && strstr(err.text, "`wireladder capture -D`"));
	config.interface = "lo";
	config.filter = "tcp prot 80";
	CHECK(tap_open(&config, &err) == NULL);
	CHECK(err.status == EXIT_USAGE && strstr(err.text, "`tcp prot 80`"));
}

static void test_a_missing_interface_and_a_wrong_filter_are_said(void **state)
{
	(void)state;
	in_child(missing_interface);
}

static void forbidden_interface(void)
{
	struct tap_config config = {.interface = "lo"};
	struct err err = {0};
	become_nobody();
	CHECK(tap_open(&config, &err) == NULL);
	CHECK(err.status == EXIT_PERMISSION);
	CHECK(strstr(err.text, "sudo setcap cap_net_raw,cap_net_admin+ep") != NULL);
	CHECK(strstr(err.text, "`wireladder demo`") != NULL);
}

static void test_a_forbidden_interface_says_the_remedy(void **state)
{
	(void)state;
	in_child(forbidden_interface);
}

/* What a container's seccomp policy does to unshare. */
static void forbid_unshare(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1 /* EPERM */),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = ARRAY_COUNT(code), .filter = code};
	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static void refused_namespace(void)
{
	struct err err = {0};
	forbid_unshare();
	CHECK(!loopback_enter(&err));
	CHECK(err.status == EXIT_PERMISSION);
	CHECK(strstr(err.text, "unshare: Operation not permitted") != NULL);
	CHECK(strstr(err.text, "`wireladder read`") != NULL);
}

static void test_refused_namespaces_are_said_with_a_way_out(void **state)
{
	(void)state;
	in_child(refused_namespace);
}

static void count_loopback(void *context, const struct interface_listed *one)
{
	unsigned *found = context;
	if (strcmp(one->name, "lo") != 0)
		return;
	CHECK(one->up && one->loopback);
	for (size_t i = 0; i < one->addr_count; i++)
		*found += addr_is_loopback(&one->addrs[i]);
}

static void list_interfaces(void)
{
	struct err err = {0};
	unsigned found = 0;
	enter();
	CHECK(tap_list(count_loopback, &found, &err));
	CHECK(found >= 1);
}

static void test_interfaces_are_listed_with_their_addresses(void **state)
{
	(void)state;
	in_child(list_interfaces);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_syn_and_last_ack_are_never_missed),
		cmocka_unit_test(test_an_ordinary_user_can_do_the_same),
		cmocka_unit_test(
			test_the_sentinel_passes_the_users_filter_and_is_never_delivered),
		cmocka_unit_test(test_what_a_full_ring_drops_is_counted),
		cmocka_unit_test(test_a_snap_length_below_the_sentinels_is_kept),
		cmocka_unit_test(
			test_an_interface_that_is_not_ours_is_drained_when_nothing_waits),
		cmocka_unit_test(test_a_missing_interface_and_a_wrong_filter_are_said),
		cmocka_unit_test(test_a_forbidden_interface_says_the_remedy),
		cmocka_unit_test(test_refused_namespaces_are_said_with_a_way_out),
		cmocka_unit_test(test_interfaces_are_listed_with_their_addresses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
