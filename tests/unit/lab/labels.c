/* Why a frame was sent again, by the counters: a host's files of /proc are files of ours. */
#include "../../support/cm.h"

#include "../../../src/lab/labels.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LINES 64

struct reasons { /* since the host was made */
	int fast, slow_start, probes, timeouts, window_probes, keep_alives, resent, entries;
};

struct bench {
	int fds[END_COUNT][TALLY_FILES];
	struct truth log[LINES];
	uint64_t line, ns;
	uint32_t high;
	struct labels labels;
};

static void bench_write(int fd, const char *text)
{
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, text, strlen(text), 0), (ssize_t)strlen(text));
}

/* The client's kernel has counted so many. */
static void counts(struct bench *bench, struct reasons counted)
{
	char text[500];
	snprintf(text, sizeof(text),
		 "TcpExt: TCPRenoRecovery TCPSackRecovery TCPFastRetrans TCPSlowStartRetrans "
		 "TCPTimeouts TCPLossProbes TCPWinProbe TCPKeepAlive\n"
		 "TcpExt: 0 %d %d %d %d %d %d %d\nIpExt: InNoRoutes\nIpExt: 0\n",
		 counted.entries, counted.fast, counted.slow_start, counted.timeouts,
		 counted.probes, counted.window_probes, counted.keep_alives);
	bench_write(bench->fds[END_CLIENT][TALLY_NETSTAT], text);
	snprintf(text, sizeof(text),
		 "Ip: Forwarding\nIp: 1\nTcp: MaxConn RetransSegs InErrs\nTcp: -1 %d 7\n",
		 counted.resent);
	bench_write(bench->fds[END_CLIENT][TALLY_SNMP], text);
}

#define COUNTS(bench, ...) counts(bench, (struct reasons){__VA_ARGS__})

static void bench_open(struct bench *bench)
{
	*bench = (struct bench){.ns = 1000, .high = 1};
	for (size_t i = 0; i < END_COUNT; i++) {
		for (size_t k = 0; k < TALLY_FILES; k++)
			bench->fds[i][k] = memfd_create("counters", MFD_CLOEXEC);
	}
	COUNTS(bench, .fast = 3, .resent = 4, .timeouts = 1, .entries = 1);
	bench_write(bench->fds[END_SERVER][TALLY_NETSTAT],
		    "TcpExt: TCPFastRetrans\nTcpExt: 0\n");
	bench_write(bench->fds[END_SERVER][TALLY_SNMP], "Tcp: RetransSegs\nTcp: 0\n");
	labels_open(&bench->labels, (const int(*)[TALLY_FILES])bench->fds, bench->log);
	assert_true(bench->labels.on);
	/* Nothing of what was counted before is anybody's. */
	COUNTS(bench, .fast = 3, .resent = 4, .timeouts = 1, .entries = 1);
}

static void bench_close(struct bench *bench)
{
	labels_finish(&bench->labels);
	for (size_t i = 0; i < END_COUNT; i++) {
		for (size_t k = 0; k < TALLY_FILES; k++)
			close(bench->fds[i][k]);
	}
}

#define ISN 4294967000U /* the numbers wrap on the way */

/* The client sends [from, to) with these flags; what the log says of it. */
static enum wire_cause passes(struct bench *bench, uint32_t from, uint32_t to, uint16_t flags)
{
	struct meaning meaning = {.protocol = PROTOCOL_TCP,
				  .first = true,
				  .sport = 1000,
				  .dport = 7,
				  .tcp_flags = flags | TCP_ACK,
				  .seq = ISN + from,
				  .payload_len = to - from};
	struct place place = {.from = from, .to = to, .high = bench->high};
	uint64_t line = bench->line++;
	assert_true(line < LINES);
	bench->log[line] = (struct truth){.to = END_SERVER,
					  .n = (uint32_t)line + 1,
					  .arrived_ns = bench->ns++,
					  .ports = {1000, 7},
					  .tcp_flags = meaning.tcp_flags};
	labels_frame(&bench->labels, &meaning, &place, line);
	to += (flags & TCP_FIN) != 0;
	bench->high = to > bench->high ? to : bench->high;
	return bench->log[line].cause;
}

static void hears(struct bench *bench, uint32_t ack)
{
	struct label_ack heard = {END_CLIENT, 1000U << 16 | 7, ISN + ack, bench->ns++};
	labels_heard(&bench->labels, &heard);
}

static void test_new_bytes_have_no_cause(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	assert_int_equal(passes(&bench, 1, 1001, 0), CAUSE_NONE);
	assert_int_equal(passes(&bench, 1001, 1001, 0), CAUSE_NONE); /* a bare ACK */
	assert_int_equal(passes(&bench, 1001, 2001, 0), CAUSE_NONE);
	bench_close(&bench);
}

static void test_what_was_counted_since_the_last_frame_names_it(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	passes(&bench, 1, 5001, 0);
	COUNTS(&bench, .fast = 3, .resent = 5, .timeouts = 1, .entries = 1, .probes = 1);
	assert_int_equal(passes(&bench, 4001, 5001, 0), CAUSE_TLP);
	COUNTS(&bench, .fast = 3, .resent = 6, .timeouts = 2, .entries = 1, .probes = 1);
	assert_int_equal(passes(&bench, 1, 1001, 0), CAUSE_RTO);
	COUNTS(&bench, .fast = 3, .resent = 8, .timeouts = 2, .entries = 1, .probes = 1,
	       .slow_start = 2);
	assert_int_equal(passes(&bench, 1001, 2001, 0), CAUSE_RTO_RECOVERY);
	assert_int_equal(passes(&bench, 2001, 3001, 0), CAUSE_RTO_RECOVERY);
	bench_close(&bench);
}

static void test_the_first_hole_of_an_episode_is_told_from_the_later_ones(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	passes(&bench, 1, 5001, 0);
	COUNTS(&bench, .fast = 5, .resent = 6, .timeouts = 1, .entries = 2);
	assert_int_equal(passes(&bench, 1, 1001, 0), CAUSE_FAST);
	assert_int_equal(passes(&bench, 2001, 3001, 0), CAUSE_RECOVERY);
	passes(&bench, 5001, 6001, 0);
	hears(&bench, 4001); /* not all that was sent when it began */
	COUNTS(&bench, .fast = 6, .resent = 7, .timeouts = 1, .entries = 2);
	assert_int_equal(passes(&bench, 4001, 5001, 0), CAUSE_RECOVERY);
	hears(&bench, 5001);
	COUNTS(&bench, .fast = 7, .resent = 8, .timeouts = 1, .entries = 3);
	assert_int_equal(passes(&bench, 5001, 6001, 0), CAUSE_FAST);
	bench_close(&bench);
}

static void test_a_later_hole_with_which_the_kernel_enters_anew_is_left_out(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	passes(&bench, 1, 5001, 0);
	COUNTS(&bench, .fast = 4, .resent = 5, .timeouts = 1, .entries = 2);
	assert_int_equal(passes(&bench, 1, 1001, 0), CAUSE_FAST);
	COUNTS(&bench, .fast = 5, .resent = 6, .timeouts = 1, .entries = 3);
	assert_int_equal(passes(&bench, 2001, 3001, 0), CAUSE_MIXED);
	bench_close(&bench);
}

/* The host enters as it hears the ACK; the wire, which is behind, reads that with a frame that
 * had left before. */
static void test_an_entry_with_the_ack_that_ends_an_episode_is_the_next_ones(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	passes(&bench, 1, 5001, 0);
	COUNTS(&bench, .fast = 4, .resent = 5, .timeouts = 1, .entries = 2);
	assert_int_equal(passes(&bench, 1, 1001, 0), CAUSE_FAST);
	passes(&bench, 5001, 9001, 0);
	bench.ns += 5;
	hears(&bench, 5001);
	bench.ns -= 5;
	COUNTS(&bench, .fast = 5, .resent = 6, .timeouts = 1, .entries = 3);
	assert_int_equal(passes(&bench, 2001, 3001, 0), CAUSE_RECOVERY);
	bench.ns += 5;
	COUNTS(&bench, .fast = 7, .resent = 8, .timeouts = 1, .entries = 3);
	assert_int_equal(passes(&bench, 5001, 6001, 0), CAUSE_FAST);
	assert_int_equal(passes(&bench, 7001, 8001, 0), CAUSE_RECOVERY);
	bench_close(&bench);
}

/* What it sends between that ACK and the first hole of the next recovery is not in it. */
static void test_a_recovery_that_begins_with_an_ack_lasts_until_what_was_sent_then(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	passes(&bench, 1, 5001, 0);
	COUNTS(&bench, .fast = 4, .resent = 5, .timeouts = 1, .entries = 2);
	assert_int_equal(passes(&bench, 1, 1001, 0), CAUSE_FAST);
	passes(&bench, 5001, 9001, 0);
	COUNTS(&bench, .fast = 4, .resent = 5, .timeouts = 1, .entries = 3);
	hears(&bench, 5001);
	passes(&bench, 9001, 12001, 0);
	COUNTS(&bench, .fast = 5, .resent = 6, .timeouts = 1, .entries = 3);
	assert_int_equal(passes(&bench, 6001, 7001, 0), CAUSE_FAST);
	COUNTS(&bench, .fast = 5, .resent = 6, .timeouts = 1, .entries = 4);
	hears(&bench, 9001);
	COUNTS(&bench, .fast = 7, .resent = 8, .timeouts = 1, .entries = 4);
	assert_int_equal(passes(&bench, 9001, 10001, 0), CAUSE_FAST);
	assert_int_equal(passes(&bench, 11001, 12001, 0), CAUSE_RECOVERY);
	bench_close(&bench);
}

static void test_two_reasons_at_once_leave_their_frames_without_a_name(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	passes(&bench, 1, 5001, 0);
	COUNTS(&bench, .fast = 4, .resent = 6, .timeouts = 2, .entries = 2);
	passes(&bench, 1, 1001, 0);
	assert_int_equal(passes(&bench, 1001, 2001, 0), CAUSE_MIXED);
	assert_int_equal(bench.log[1].cause, CAUSE_MIXED);
	COUNTS(&bench, .fast = 4, .resent = 7, .timeouts = 3, .entries = 2);
	assert_int_equal(passes(&bench, 1, 1001, 0), CAUSE_RTO); /* and that is behind us */
	bench_close(&bench);
}

static void test_a_loss_probe_of_new_bytes_names_no_frame_that_comes_later(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	passes(&bench, 1, 5001, 0);
	COUNTS(&bench, .fast = 3, .resent = 4, .timeouts = 1, .entries = 1, .probes = 1);
	assert_int_equal(passes(&bench, 5001, 6001, 0), CAUSE_NONE);
	COUNTS(&bench, .fast = 4, .resent = 5, .timeouts = 1, .entries = 2, .probes = 1);
	assert_int_equal(passes(&bench, 1, 1001, 0), CAUSE_FAST);
	bench_close(&bench);
}

static void test_what_no_counter_explains_is_said_to_be_so(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	passes(&bench, 1, 5001, 0);
	COUNTS(&bench, .fast = 3, .resent = 5, .timeouts = 1, .entries = 1);
	assert_int_equal(passes(&bench, 1, 1001, 0), CAUSE_UNCOUNTED);
	bench_close(&bench);
}

static void test_probes_of_the_window_and_keep_alives_are_told_apart(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	passes(&bench, 1, 5001, 0);
	assert_int_equal(passes(&bench, 5000, 5000, 0), CAUSE_NONE); /* an ACK, if an odd one */
	COUNTS(&bench, .fast = 3, .resent = 4, .timeouts = 1, .entries = 1, .window_probes = 1);
	assert_int_equal(passes(&bench, 5000, 5000, 0), CAUSE_WINDOW_PROBE);
	COUNTS(&bench, .fast = 3, .resent = 4, .timeouts = 1, .entries = 1, .window_probes = 1,
	       .keep_alives = 1);
	assert_int_equal(passes(&bench, 5000, 5000, 0), CAUSE_KEEP_ALIVE);
	bench_close(&bench);
}

static void test_a_fin_without_data_is_a_fin_whatever_timer_sent_it(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	passes(&bench, 1, 1001, 0);
	assert_int_equal(passes(&bench, 1001, 1001, TCP_FIN), CAUSE_NONE);
	COUNTS(&bench, .fast = 3, .resent = 5, .timeouts = 1, .entries = 1, .probes = 1);
	assert_int_equal(passes(&bench, 1001, 1001, TCP_FIN), CAUSE_FIN);
	bench_close(&bench);
}

static void test_a_syn_ack_that_follows_a_syn_is_the_same_again_only_when_counted(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	bench.high = 0;
	assert_int_equal(passes(&bench, 1, 1, TCP_SYN), CAUSE_NONE);
	assert_int_equal(passes(&bench, 1, 1, TCP_SYN), CAUSE_NONE); /* simultaneous open */
	COUNTS(&bench, .fast = 3, .resent = 5, .timeouts = 2, .entries = 1);
	assert_int_equal(passes(&bench, 1, 1, TCP_SYN), CAUSE_SYN_ACK);
	COUNTS(&bench, .fast = 4, .resent = 6, .timeouts = 2, .entries = 2);
	passes(&bench, 1, 1001, 0);
	assert_int_equal(passes(&bench, 1, 1001, 0), CAUSE_FAST);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_bytes_have_no_cause),
		cmocka_unit_test(test_what_was_counted_since_the_last_frame_names_it),
		cmocka_unit_test(test_the_first_hole_of_an_episode_is_told_from_the_later_ones),
		cmocka_unit_test(
			test_a_later_hole_with_which_the_kernel_enters_anew_is_left_out),
		cmocka_unit_test(
			test_an_entry_with_the_ack_that_ends_an_episode_is_the_next_ones),
		cmocka_unit_test(
			test_a_recovery_that_begins_with_an_ack_lasts_until_what_was_sent_then),
		cmocka_unit_test(test_two_reasons_at_once_leave_their_frames_without_a_name),
		cmocka_unit_test(
			test_a_loss_probe_of_new_bytes_names_no_frame_that_comes_later),
		cmocka_unit_test(test_what_no_counter_explains_is_said_to_be_so),
		cmocka_unit_test(test_probes_of_the_window_and_keep_alives_are_told_apart),
		cmocka_unit_test(
			test_a_syn_ack_that_follows_a_syn_is_the_same_again_only_when_counted),
		cmocka_unit_test(test_a_fin_without_data_is_a_fin_whatever_timer_sent_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
