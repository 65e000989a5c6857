/* Why a frame was sent, by the kernel's call stack: the trace is text of ours. */
#include "../../support/cm.h"

#include "../../../src/lab/stacks.h"

#include <stdio.h>
#include <string.h>

#define LINES 16
#define ZERO_NS (1000 * NS_PER_S) /* between the trace's clock and the wire's */

struct bench {
	struct stack_text text;
	struct truth log[LINES];
	struct stack_word words[LINES];
	size_t lines;
	unsigned us;
	bool named;
	struct err err;
};

static void bench_line(struct bench *bench, const char *line)
{
	assert_true(stack_text_line(&bench->text, line));
}

/* The trace has these functions behind a frame of the client's or the server's. */
static void traced(struct bench *bench, const char *device, unsigned len, const char *functions)
{
	char line[400];
	bench->us += 10;
	snprintf(line, sizeof(line),
		 "          <idle>-0       [001] b.s1.     7.%06u: net_dev_start_xmit: dev=%s "
		 "queue_mapping=0 skbaddr=00000000aa vlan_tagged=0 protocol=0x0800 ip_summed=3 "
		 "len=%u data_len=0 network_offset=14 gso_size=0\n",
		 bench->us, device, len);
	bench_line(bench, line);
	bench_line(bench, "          <idle>-0       [001] b.s1.     7.000009: <stack trace>\n");
	bench_line(bench, " => dev_hard_start_xmit\n");
	bench_line(bench, " => __tcp_transmit_skb\n");
	for (const char *at = functions; *at; at += *at == ' ') {
		int length = (int)strcspn(at, " ");
		snprintf(line, sizeof(line), " => %.*s\n", length, at);
		bench_line(bench, line);
		at += length;
	}
}

struct leaves {
	uint32_t from, to;
	uint16_t flags;
};

/* The client sends it, and the log has it. */
static size_t leaves(struct bench *bench, const char *functions, struct leaves leaves)
{
	size_t line = bench->lines++;
	assert_true(line < LINES);
	traced(bench, "c0", 66 + leaves.to - leaves.from, functions);
	bench->log[line] = (struct truth){
		.to = END_SERVER, .n = (uint32_t)line + 1, .len = 66 + leaves.to - leaves.from,
		.arrived_ns = ZERO_NS + 7 * NS_PER_S + (bench->us + 4) * UINT64_C(1000),
		.from = leaves.from, .to_byte = leaves.to, .ports = {1000, 7},
		.tcp_flags = leaves.flags | TCP_ACK};
	return line;
}

static size_t sends(struct bench *bench, const char *functions, uint32_t from, uint32_t to)
{
	return leaves(bench, functions, (struct leaves){from, to, 0});
}

/* The client's socket, or another one, is in this state now. */
static void becomes(struct bench *bench, unsigned sport, unsigned congestion)
{
	char line[300];
	snprintf(line, sizeof(line),
		 "      wireladder-21625   [001] ..s2.     7.%06u: tcp_cong_state_set: "
		 "family=AF_INET sport=%u dport=7 saddr=10.77.0.1 daddr=10.77.0.2 "
		 "saddrv6=:: daddrv6=:: cong_state=%u\n", ++bench->us, sport, congestion);
	bench_line(bench, line);
}

static void bench_open(struct bench *bench)
{
	*bench = (struct bench){.text.zero_ns = ZERO_NS};
	sends(bench, "tcp_write_xmit tcp_sendmsg", 1, 1001);
	sends(bench, "tcp_write_xmit tcp_sendmsg", 1001, 2001);
	sends(bench, "tcp_write_xmit tcp_sendmsg", 2001, 3001);
}

static bool bench_named(struct bench *bench)
{
	if (!bench->named)
		bench->named = stack_names(&bench->text, bench->log, bench->lines, bench->words,
					   &bench->err);
	return bench->named;
}

/* What the stacks say of this line, when all is told. */
static enum wire_cause cause(struct bench *bench, size_t line)
{
	assert_true(bench_named(bench));
	return bench->words[line].cause;
}

static enum stack_call call(struct bench *bench, size_t line)
{
	assert_true(bench_named(bench));
	return bench->words[line].call;
}

#define RECEIVING "tcp_ack tcp_v4_rcv net_rx_action handle_softirqs"

static void test_a_function_names_what_it_sends_again(void **state)
{
	static const struct {
		const char *functions;
		enum stack_call call;
		enum wire_cause cause;
	} rows[] = {
		{"tcp_retransmit_skb tcp_retransmit_timer run_timers", STACK_TIMEOUT, CAUSE_RTO},
		{"tcp_retransmit_skb tcp_send_loss_probe", STACK_LOSS_PROBE, CAUSE_TLP},
		{"tcp_xmit_retransmit_queue.part.0 " RECEIVING, STACK_RETRANSMIT, CAUSE_FAST},
		{"tcp_write_xmit " RECEIVING, STACK_OTHER, CAUSE_NONE},
		{"tcp_xmit_retransmit_queue_not", STACK_OTHER, CAUSE_NONE},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct bench bench;
		size_t line;
		bench_open(&bench);
		line = sends(&bench, rows[i].functions, 1, 1001);
		assert_int_equal(call(&bench, line), rows[i].call);
		assert_int_equal(cause(&bench, line), rows[i].cause);
		assert_int_equal(cause(&bench, 0), CAUSE_NONE);
		stack_text_close(&bench.text);
	}
}

static void test_empty_probes_are_told_from_what_a_probe_finds_to_send(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	sends(&bench, "tcp_write_wakeup tcp_send_probe0", 3000, 3000);
	sends(&bench, "tcp_write_wakeup tcp_keepalive_timer", 3000, 3000);
	sends(&bench, "tcp_write_wakeup tcp_send_probe0", 3001, 3101);
	assert_int_equal(cause(&bench, 3), CAUSE_WINDOW_PROBE);
	assert_int_equal(cause(&bench, 4), CAUSE_KEEP_ALIVE);
	assert_int_equal(cause(&bench, 5), CAUSE_NONE);
	stack_text_close(&bench.text);
}

static void test_the_first_of_a_recovery_is_fast_and_those_behind_it_are_later_holes(void **state)
{
	static const enum wire_cause expected[] = {CAUSE_FAST, CAUSE_RECOVERY, CAUSE_FAST};
	struct bench bench;
	(void)state;
	bench_open(&bench);
	becomes(&bench, 1000, CONGESTION_RECOVERY);
	sends(&bench, "tcp_xmit_retransmit_queue " RECEIVING, 1, 1001);
	becomes(&bench, 1001, CONGESTION_LOSS); /* another's */
	sends(&bench, "tcp_xmit_retransmit_queue " RECEIVING, 1001, 2001);
	becomes(&bench, 1000, 0);
	becomes(&bench, 1000, CONGESTION_RECOVERY);
	sends(&bench, "tcp_xmit_retransmit_queue tcp_tsq_handler", 2001, 3001);
	for (size_t i = 0; i < ARRAY_COUNT(expected); i++)
		assert_int_equal(cause(&bench, 3 + i), expected[i]);
	stack_text_close(&bench.text);
}

static void test_the_same_function_resends_after_a_timeout_too(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	becomes(&bench, 1000, CONGESTION_RECOVERY);
	sends(&bench, "tcp_xmit_retransmit_queue " RECEIVING, 1, 1001);
	becomes(&bench, 1000, CONGESTION_LOSS);
	sends(&bench, "tcp_retransmit_skb tcp_retransmit_timer", 1, 1001);
	sends(&bench, "tcp_xmit_retransmit_queue " RECEIVING, 1001, 2001);
	sends(&bench, "tcp_xmit_retransmit_queue " RECEIVING, 2001, 3001);
	assert_int_equal(cause(&bench, 3), CAUSE_FAST);
	assert_int_equal(cause(&bench, 4), CAUSE_RTO);
	for (size_t line = 5; line < 7; line++) {
		assert_int_equal(cause(&bench, line), CAUSE_RTO_RECOVERY);
		assert_int_equal(call(&bench, line), STACK_LOSS);
	}
	stack_text_close(&bench.text);
}

static void test_what_goes_out_after_a_recovery_is_undone_is_a_later_hole_of_it(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	becomes(&bench, 1000, CONGESTION_RECOVERY);
	sends(&bench, "tcp_xmit_retransmit_queue " RECEIVING, 1, 1001);
	becomes(&bench, 1000, 0);
	sends(&bench, "tcp_xmit_retransmit_queue " RECEIVING, 1001, 2001);
	becomes(&bench, 1000, CONGESTION_LOSS);
	becomes(&bench, 1000, 1);
	sends(&bench, "tcp_xmit_retransmit_queue " RECEIVING, 2001, 3001);
	assert_int_equal(cause(&bench, 4), CAUSE_RECOVERY);
	assert_int_equal(cause(&bench, 5), CAUSE_FAST);
	assert_int_equal(call(&bench, 5), STACK_RETRANSMIT); /* as the kernel counts it */
	stack_text_close(&bench.text);
}

static void test_what_a_softirq_interrupted_did_not_send_its_frames(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	sends(&bench, "tcp_send_ack " RECEIVING " __dev_queue_xmit tcp_retransmit_timer", 3001,
	       3001);
	assert_int_equal(call(&bench, 3), STACK_OTHER);
	stack_text_close(&bench.text);
}

static void test_a_loss_probe_of_new_bytes_is_one_probe_and_resends_nothing(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	sends(&bench, "tcp_write_xmit tcp_send_loss_probe", 3001, 4001);
	sends(&bench, "tcp_write_xmit tcp_send_loss_probe", 4001, 5001);
	bench.us += 2000;
	sends(&bench, "tcp_write_xmit tcp_send_loss_probe", 5001, 6001);
	for (size_t line = 3; line < 6; line++) {
		assert_int_equal(cause(&bench, line), CAUSE_NONE);
		assert_int_equal(call(&bench, line), line == 4 ? STACK_OTHER : STACK_LOSS_PROBE);
	}
	stack_text_close(&bench.text);
}

static void test_syns_and_bare_fins_have_names_of_their_own(void **state)
{
	static const struct {
		const char *functions;
		struct leaves leaves;
		enum wire_cause cause;
	} rows[] = {
		{"tcp_retransmit_timer", {0, 0, TCP_SYN}, CAUSE_SYN_ACK},
		{"tcp_rtx_synack tcp_check_req", {0, 0, TCP_SYN}, CAUSE_SYN_ACK},
		{"tcp_retransmit_timer", {3001, 3001, TCP_FIN}, CAUSE_FIN},
		{"tcp_retransmit_timer", {2001, 3001, TCP_FIN}, CAUSE_RTO},
	};
	struct bench bench;
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		bench_open(&bench);
		leaves(&bench, "tcp_write_xmit", (struct leaves){3001, 3001, TCP_FIN});
		leaves(&bench, rows[i].functions, rows[i].leaves);
		assert_int_equal(cause(&bench, 4), rows[i].cause);
		stack_text_close(&bench.text);
	}
	bench_open(&bench);
	leaves(&bench, "tcp_retransmit_timer", (struct leaves){0, 0, TCP_SYN});
	bench.log[3].tcp_flags = TCP_SYN;
	assert_int_equal(cause(&bench, 3), CAUSE_SYN);
	stack_text_close(&bench.text);
}

static void test_a_synack_that_its_timer_resends_is_told_from_one_that_is_asked_for(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	leaves(&bench, "tcp_rtx_synack tcp_check_req " RECEIVING, (struct leaves){0, 0, TCP_SYN});
	leaves(&bench, "tcp_rtx_synack reqsk_timer_handler", (struct leaves){0, 0, TCP_SYN});
	assert_int_equal(call(&bench, 3), STACK_SYN_ACK);
	assert_int_equal(call(&bench, 4), STACK_SYN_ACK_TIMER);
	stack_text_close(&bench.text);
}

static void test_frames_of_others_are_looked_over(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	traced(&bench, "eth0", 1066, "tcp_retransmit_timer");
	traced(&bench, "s0", 1066, "tcp_retransmit_timer");
	sends(&bench, "tcp_send_loss_probe", 1, 1001);
	assert_int_equal(cause(&bench, 3), CAUSE_TLP);
	stack_text_close(&bench.text);
}

static void test_a_frame_too_many_or_too_few_is_a_refusal(void **state)
{
	struct bench bench;
	(void)state;
	bench_open(&bench);
	traced(&bench, "c0", 66, "tcp_send_ack");
	sends(&bench, "tcp_send_loss_probe", 1, 1001);
	assert_false(bench_named(&bench));
	assert_non_null(strstr(bench.err.text, "frame 4"));
	stack_text_close(&bench.text);
	bench_open(&bench);
	bench.log[bench.lines] = bench.log[0];
	bench.log[bench.lines++].n = 4;
	assert_false(bench_named(&bench));
	stack_text_close(&bench.text);
}

static void test_the_frames_of_a_run_that_was_given_up_are_passed_over(void **state)
{
	struct bench bench = {.text.zero_ns = ZERO_NS};
	(void)state;
	traced(&bench, "c0", 1066, "tcp_retransmit_timer");
	bench.us += 900000;
	sends(&bench, "tcp_write_xmit", 1, 1001);
	assert_int_equal(cause(&bench, 0), CAUSE_NONE);
	stack_text_close(&bench.text);
}

static void test_lines_that_make_no_sense_are_nobodys(void **state)
{
	static const char *const lines[] = {
		"", "\n", "# tracer: nop\n", " => \n", " => tcp_retransmit_timer\n",
		"x: net_dev_start_xmit: \n", ": net_dev_start_xmit: dev=\n",
		": net_dev_start_xmit: dev=c0 len=\n", ": tcp_cong_state_set: nothing\n",
		"CPU:1 [LOST 7 EVENTS]\n"};
	struct bench bench = {.text.zero_ns = ZERO_NS};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(lines); i++)
		bench_line(&bench, lines[i]);
	sends(&bench, "tcp_write_xmit", 1, 1001);
	assert_int_equal(cause(&bench, 0), CAUSE_NONE);
	stack_text_close(&bench.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_function_names_what_it_sends_again),
		cmocka_unit_test(test_empty_probes_are_told_from_what_a_probe_finds_to_send),
		cmocka_unit_test(
			test_the_first_of_a_recovery_is_fast_and_those_behind_it_are_later_holes),
		cmocka_unit_test(test_the_same_function_resends_after_a_timeout_too),
		cmocka_unit_test(
			test_what_goes_out_after_a_recovery_is_undone_is_a_later_hole_of_it),
		cmocka_unit_test(test_what_a_softirq_interrupted_did_not_send_its_frames),
		cmocka_unit_test(
			test_a_loss_probe_of_new_bytes_is_one_probe_and_resends_nothing),
		cmocka_unit_test(test_syns_and_bare_fins_have_names_of_their_own),
		cmocka_unit_test(
			test_a_synack_that_its_timer_resends_is_told_from_one_that_is_asked_for),
		cmocka_unit_test(test_frames_of_others_are_looked_over),
		cmocka_unit_test(test_a_frame_too_many_or_too_few_is_a_refusal),
		cmocka_unit_test(test_the_frames_of_a_run_that_was_given_up_are_passed_over),
		cmocka_unit_test(test_lines_that_make_no_sense_are_nobodys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
