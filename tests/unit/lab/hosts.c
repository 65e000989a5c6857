/* The two hosts: what they are, and whom they reach. */
#include "../../support/cm.h"

#include "../../support/labtest.h"
#include "wireladder/decode.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct lesson plain = {.name = "plain"};

/* "lo c0" */
static void interfaces_here(char text[static 128])
{
	struct if_nameindex *all = if_nameindex();
	size_t at = 0;
	CHECK(all != NULL);
	text[0] = '\0';
	for (struct if_nameindex *one = all; one->if_index; one++)
		at += (size_t)snprintf(text + at, 128 - at, "%s%s", at ? " " : "",
				       one->if_name);
	if_freenameindex(all);
}

static void two_interfaces_each(void)
{
	struct stat before, host, after;
	bool root = geteuid() == 0;
	struct err err = {0};
	struct lab *lab;
	char text[128];
	CHECK(stat("/proc/self/ns/net", &before) == 0);
	lab = labtest_open(&plain, 1);
	interfaces_here(text);
	CHECK(strstr(text, "w0") && strstr(text, "w1") && !strstr(text, "c0"));
	CHECK(lab_enter(lab, END_CLIENT, &err));
	interfaces_here(text);
	CHECK(strcmp(text, "lo c0") == 0);
	CHECK(lab_enter(lab, END_SERVER, &err));
	interfaces_here(text);
	CHECK(strcmp(text, "lo s0") == 0);
	CHECK(stat("/proc/self/ns/net", &host) == 0);
	lab_close(lab);
	CHECK(stat("/proc/self/ns/net", &after) == 0 && after.st_ino != host.st_ino);
	CHECK(!root || after.st_ino == before.st_ino);
	interfaces_here(text);
	CHECK(!strstr(text, "c0") && !strstr(text, "s0") && !strstr(text, "w0"));
}

static void two_interfaces_of_nobody(void)
{
	labtest_become_nobody();
	two_interfaces_each();
}

static void test_each_host_has_its_loopback_and_one_cable(void **state)
{
	(void)state;
	labtest_in_child(two_interfaces_of_nobody);
	labtest_in_child(two_interfaces_each);
}

static bool frame_is_right(const struct labtest_frame *seen)
{
	struct frame frame = {.bytes = seen->bytes, .caplen = (uint32_t)seen->count,
			      .len = (uint32_t)seen->count, .linktype = 1};
	struct segment segment;
	decode_frame(&frame, &segment);
	return segment.flaws == 0 && segment.kind != SEGMENT_OTHER;
}

/* Sends 100 kB through a connection, and back; every frame at both interfaces is right. */
static void converse(struct lab *lab, bool six)
{
	static char bytes[100000], back[100000];
	struct labtest_address server =
		labtest_address(labtest_addr(END_SERVER, six), LABTEST_PORT);
	int taps[] = {labtest_tap(lab, END_CLIENT), labtest_tap(lab, END_SERVER)};
	int listener = labtest_socket(lab, END_SERVER, six, SOCK_STREAM), client, peer;
	struct labtest_frame frame;
	size_t seen = 0;
	CHECK(listen(listener, 1) == 0);
	client = labtest_socket(lab, END_CLIENT, six, SOCK_STREAM);
	CHECK(connect(client, &server.any, server.length) == 0);
	peer = accept(listener, NULL, NULL);
	memset(bytes, six ? '6' : '4', sizeof(bytes));
	CHECK(send(client, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes));
	CHECK(recv(peer, back, sizeof(back), MSG_WAITALL) == (ssize_t)sizeof(back));
	CHECK(memcmp(bytes, back, sizeof(bytes)) == 0);
	close(client);
	close(peer);
	close(listener);
	labtest_settle(lab);
	for (size_t i = 0; i < ARRAY_COUNT(taps); i++) {
		for (; labtest_tap_next(taps[i], &frame); seen++) {
			CHECK(frame.count <= 1514);
			CHECK(lab_is_noise(frame.bytes, frame.count) || frame_is_right(&frame));
		}
		close(taps[i]);
	}
	CHECK(seen > 2 * 69);
}

static void tcp_both_families(void)
{
	struct lab *lab = labtest_open(&plain, 1);
	converse(lab, false);
	converse(lab, true);
	lab_close(lab);
}

static void tcp_of_nobody(void)
{
	labtest_become_nobody();
	tcp_both_families();
}

static void test_tcp_crosses_in_segments_with_right_checksums(void **state)
{
	(void)state;
	labtest_in_child(tcp_both_families);
}

static void test_an_ordinary_user_can_do_the_same(void **state)
{
	(void)state;
	labtest_in_child(tcp_of_nobody);
}

static void udp_both_families(void)
{
	struct lab *lab = labtest_open(&plain, 1);
	for (int six = 0; six < 2; six++) {
		int server = labtest_socket(lab, END_SERVER, six, SOCK_DGRAM);
		int client = labtest_socket(lab, END_CLIENT, six, SOCK_DGRAM);
		char text[256];
		labtest_send(client, &(struct labtest_burst){END_SERVER, six, 3, 4000});
		labtest_receive(server, 300, text);
		CHECK(strcmp(text, "1 2 3") == 0);
		labtest_send(server, &(struct labtest_burst){END_CLIENT, six, 2, 10});
		labtest_receive(client, 300, text);
		CHECK(strcmp(text, "1 2") == 0);
		close(server);
		close(client);
	}
	lab_close(lab);
}

static void test_datagrams_and_their_fragments_cross_both_ways(void **state)
{
	(void)state;
	labtest_in_child(udp_both_families);
}

static void jumbo(void)
{
	static const uint32_t mtus[] = {9000, 65535};
	for (size_t i = 0; i < ARRAY_COUNT(mtus); i++) {
		const struct lesson lesson = {.name = "jumbo",
					      .link = {{.mtu = mtus[i]}, {.mtu = mtus[i]}}};
		struct lab *lab = labtest_open(&lesson, 1);
		int server = labtest_socket(lab, END_SERVER, false, SOCK_DGRAM);
		int client = labtest_socket(lab, END_CLIENT, false, SOCK_DGRAM);
		size_t count;
		uint64_t missed;
		char text[256];
		labtest_send(client, &(struct labtest_burst){END_SERVER, false, 3, 4000});
		labtest_settle(lab);
		labtest_receive(server, 20, text);
		CHECK(strcmp(text, "1 2 3") == 0);
		lab_truth(lab, &count, &missed);
		CHECK(count == 3 && missed == 0);
		lab_close(lab);
	}
}

static void test_a_larger_mtu_needs_no_fragments(void **state)
{
	(void)state;
	labtest_in_child(jumbo);
}

static void nobody_speaks(void)
{
	struct lab *lab = labtest_open(&plain, 1);
	int taps[] = {labtest_tap(lab, END_CLIENT), labtest_tap(lab, END_SERVER)};
	struct labtest_frame frame;
	size_t count;
	uint64_t missed;
	clock_sleep_ns(200 * NS_PER_MS); /* the kernel's own reports come a while later */
	for (size_t i = 0; i < ARRAY_COUNT(taps); i++) {
		while (labtest_tap_next(taps[i], &frame))
			CHECK(frame.outgoing && lab_is_noise(frame.bytes, frame.count));
	}
	lab_truth(lab, &count, &missed);
	CHECK(count == 0 && missed == 0);
	lab_close(lab);
}

static void test_when_no_program_speaks_nothing_passes(void **state)
{
	(void)state;
	labtest_in_child(nobody_speaks);
}

static void address_of_nobody(void)
{
	static const char *const addrs[] = {"10.77.0.9", "fd77::9", "192.0.2.1", "2001:db8::1"};
	struct lab *lab = labtest_open(&plain, 1);
	const struct truth *truth;
	size_t count;
	uint64_t missed;
	for (size_t i = 0; i < ARRAY_COUNT(addrs); i++) {
		struct labtest_address to = labtest_address(addrs[i], 80);
		int error = -1, fd;
		socklen_t size = sizeof(error);
		struct err err = {0};
		CHECK(lab_enter(lab, END_CLIENT, &err));
		fd = socket(to.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
		CHECK(connect(fd, &to.any, to.length) != 0 && errno == EINPROGRESS);
		labtest_settle(lab);
		CHECK(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0);
		close(fd);
	}
	truth = lab_truth(lab, &count, &missed);
	CHECK(count == ARRAY_COUNT(addrs));
	for (size_t i = 0; i < count; i++)
		CHECK(truth[i].to == END_SERVER && truth[i].copies == 1);
	lab_close(lab);
}

static void test_an_address_that_nobody_has_leads_to_silence(void **state)
{
	(void)state;
	labtest_in_child(address_of_nobody);
}

static void setting_here(const char *path, char text[static 64])
{
	int fd = open(path, O_RDONLY);
	ssize_t got = read(fd, text, 63);
	CHECK(got > 0);
	text[got - 1] = '\0'; /* its newline */
	close(fd);
}

static void settings_per_host(void)
{
	static const struct setting client[] = {{"net.ipv4.tcp_sack", "0", 0},
						{"net.ipv4.conf.c0.forwarding", "1", 0}};
	static const struct setting server[] = {{"net.ipv4.tcp_window_scaling", "0", 0}};
	const struct lesson lesson = {.name = "set", .hosts = {{client, 2}, {server, 1}}};
	struct lab *lab = labtest_open(&lesson, 1);
	struct err err = {0};
	char text[64];
	CHECK(lab_enter(lab, END_CLIENT, &err));
	setting_here("/proc/sys/net/ipv4/tcp_sack", text);
	CHECK(strcmp(text, "0") == 0);
	setting_here("/proc/sys/net/ipv4/tcp_window_scaling", text);
	CHECK(strcmp(text, "1") == 0);
	setting_here("/proc/sys/net/ipv4/tcp_congestion_control", text);
	CHECK(strcmp(text, "reno") == 0);
	CHECK(lab_enter(lab, END_SERVER, &err));
	setting_here("/proc/sys/net/ipv4/tcp_sack", text);
	CHECK(strcmp(text, "1") == 0);
	setting_here("/proc/sys/net/ipv4/tcp_window_scaling", text);
	CHECK(strcmp(text, "0") == 0);
	lab_close(lab);
}

static void test_settings_hold_for_their_host_alone(void **state)
{
	(void)state;
	labtest_in_child(settings_per_host);
}

static void wrong_settings(void)
{
	static const struct setting wrong[] = {{"net.ipv4.tcp_sock", "0", 0},
					       {"net.ipv4.tcp_sack", "1000", 0},
					       {"net./../../tmp/x", "7", 0},
					       {"kernel.hostname", "x", 0}};
	lab_close(labtest_open(&plain, 1));
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		const struct lesson lesson = {.name = "strange", .hosts = {{&wrong[i], 1}}};
		struct err err = {0};
		CHECK(lab_open(&lesson, 1, &err) == NULL);
		CHECK(err.status == EXIT_USAGE && strstr(err.text, "lesson strange"));
		CHECK(strstr(err.text, wrong[i].name) && strstr(err.text, "client"));
	}
}

static void test_a_setting_that_cannot_be_is_said_with_the_lessons_name(void **state)
{
	(void)state;
	labtest_in_child(wrong_settings);
}

/* What the kernel of this machine alone can tell, told with the line and before any step. */
static void mistakes_of_names(void)
{
	static const struct setting settings[] = {{"net.ipv4.tcp_sak", "0", 5}};
	static const struct setting values[] = {{"net.ipv4.tcp_congestion_control", "rno", 5}};
	static const struct expectation counter = {.kind = EXPECT_COUNTER, .line = 6,
						   .what = "TcpExtTCPFastRetran"};
	static const struct expectation wild = {.kind = EXPECT_COUNTER, .line = 6,
						.what = "xyzzy", .host = END_SERVER};
	static const struct step step = {.kind = STEP_SETSOCKOPT, .text = "TCP_CONGESTION",
					 .to = "rno", .line = 7, .repeat = 1};
	static const struct program chooses = {.name = "p", .host = END_SERVER, .steps = &step,
					       .step_count = 1};
	const struct {
		struct lesson lesson;
		const char *sentence;
	} mistakes[] = {
		{{.hosts = {{settings, 1}}},
		 "my.json, line 5: the client's kernel has no setting `net.ipv4.tcp_sak` for "
		 "one network alone: did you mean `net.ipv4.tcp_sack`?"},
		{{.hosts = {{NULL, 0}, {values, 1}}},
		 "my.json, line 5: `net.ipv4.tcp_congestion_control` cannot be `rno` on the "
		 "server: Invalid argument; take a value that the kernel knows, or for a "
		 "congestion control a `setsockopt` step"},
		{{.expects = &counter, .expect_count = 1},
		 "my.json, line 6: the client's kernel has no counter `TcpExtTCPFastRetran`: "
		 "did you mean `TcpExtTCPFastRetrans`?"},
		{{.expects = &wild, .expect_count = 1},
		 "my.json, line 6: the server's kernel has no counter `xyzzy`; `nstat -az` "
		 "lists those that there are"},
		{{.programs = &chooses, .program_count = 1},
		 "my.json, line 7: the server's kernel has no congestion control `rno`: did "
		 "you mean `reno`?"},
	};
	lab_close(labtest_open(&plain, 1));
	for (size_t i = 0; i < ARRAY_COUNT(mistakes); i++) {
		struct lesson lesson = mistakes[i].lesson;
		struct err err = {0};
		lesson.file = "my.json";
		CHECK(lab_open(&lesson, 1, &err) == NULL);
		CHECK(err.status == EXIT_USAGE);
		if (strcmp(err.text, mistakes[i].sentence) != 0)
			fprintf(stderr, "%s\n", err.text);
		CHECK(strcmp(err.text, mistakes[i].sentence) == 0);
	}
}

static void test_names_that_no_kernel_has_are_told_with_file_and_line(void **state)
{
	(void)state;
	labtest_in_child(mistakes_of_names);
}

/* One that a program expects to be refused is the kernel's to refuse. */
static void refusal_expected(void)
{
	static const struct step step = {.kind = STEP_SETSOCKOPT, .text = "TCP_CONGESTION",
					 .to = "rno", .fails = "ENOENT", .repeat = 1};
	static const struct program chooses = {.name = "p", .steps = &step, .step_count = 1};
	const struct lesson lesson = {.programs = &chooses, .program_count = 1};
	lab_close(labtest_open(&lesson, 1));
}

static void test_a_refusal_that_the_lesson_expects_is_no_mistake(void **state)
{
	(void)state;
	labtest_in_child(refusal_expected);
}

static void counters_from_zero(void)
{
	struct lab *lab = labtest_open(&plain, 1);
	struct labtest_address server = labtest_address(LAB_SERVER_ADDR4, 80);
	int64_t value = -1;
	int fd;
	CHECK(lab_counter(lab, END_SERVER, "UdpInDatagrams", &value) && value == 0);
	CHECK(lab_counter(lab, END_SERVER, "Udp6InDatagrams", &value) && value == 0);
	fd = labtest_socket(lab, END_CLIENT, false, SOCK_STREAM);
	CHECK(connect(fd, &server.any, server.length) != 0 && errno == ECONNREFUSED);
	CHECK(lab_counter(lab, END_CLIENT, "TcpAttemptFails", &value) && value == 1);
	CHECK(lab_counter(lab, END_SERVER, "TcpOutRsts", &value) && value == 1);
	CHECK(lab_counter(lab, END_CLIENT, "TcpOutRsts", &value) && value == 0);
	CHECK(lab_counter(lab, END_CLIENT, "TcpExtTCPFastRetrans", &value) && value == 0);
	CHECK(!lab_counter(lab, END_CLIENT, "TcpExtTCPFastRetran", &value));
	CHECK(!lab_counter(lab, END_CLIENT, "TcpExt", &value));
	CHECK(!lab_counter(lab, END_CLIENT, "", &value));
	lab_close(lab);
}

static void test_counters_begin_at_zero_and_are_each_hosts_own(void **state)
{
	(void)state;
	labtest_in_child(counters_from_zero);
}

static void twice(void)
{
	for (int i = 0; i < 2; i++) {
		struct lab *lab = labtest_open(&plain, 1);
		converse(lab, i == 1);
		lab_close(lab);
	}
	lab_close(NULL);
}

static void twice_of_nobody(void)
{
	labtest_become_nobody();
	twice();
}

static void test_a_lab_can_be_opened_again(void **state)
{
	(void)state;
	labtest_in_child(twice);
	labtest_in_child(twice_of_nobody);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_host_has_its_loopback_and_one_cable),
		cmocka_unit_test(test_tcp_crosses_in_segments_with_right_checksums),
		cmocka_unit_test(test_an_ordinary_user_can_do_the_same),
		cmocka_unit_test(test_datagrams_and_their_fragments_cross_both_ways),
		cmocka_unit_test(test_a_larger_mtu_needs_no_fragments),
		cmocka_unit_test(test_when_no_program_speaks_nothing_passes),
		cmocka_unit_test(test_an_address_that_nobody_has_leads_to_silence),
		cmocka_unit_test(test_settings_hold_for_their_host_alone),
		cmocka_unit_test(test_a_setting_that_cannot_be_is_said_with_the_lessons_name),
		cmocka_unit_test(test_names_that_no_kernel_has_are_told_with_file_and_line),
		cmocka_unit_test(test_a_refusal_that_the_lesson_expects_is_no_mistake),
		cmocka_unit_test(test_counters_begin_at_zero_and_are_each_hosts_own),
		cmocka_unit_test(test_a_lab_can_be_opened_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
