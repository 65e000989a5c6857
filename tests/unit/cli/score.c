/* The judge: what is right, and what a frame truly is. */
#include "../../support/cm.h"

#include "../../../src/cli/score_print.h"
#include "../../../src/cli/score_wire.h"

#include <stdlib.h>
#include <string.h>

/* --- random wires */

static void test_a_seed_means_one_wire(void **state)
{
	static struct score_wire one, two;
	size_t differ = 0;
	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		score_wire_make(&one, seed, false);
		score_wire_make(&two, seed, false);
		assert_string_equal(one.text, two.text);
		assert_int_equal(one.rtt_ns, two.rtt_ns);
		assert_true(one.rtt_ns >= 200000 && one.rtt_ns <= 200 * NS_PER_MS);
		assert_true(one.rule_count <= SCORE_RULES && one.rule_count > 0);
		for (size_t i = 0; i < END_COUNT; i++)
			assert_true(one.step_counts[i] <= SCORE_STEPS);
		score_wire_make(&two, seed + 1, false);
		differ += strcmp(one.text, two.text) != 0;
	}
	assert_true(differ >= 299);
}

/* --- what a frame is: what leaves the client, and comes to the server in another order */

#define FRAMES 8
struct bench {
	struct truth log[FRAMES];
	struct lab_frame frames[END_COUNT][FRAMES];
	struct lab_run run;
	struct score_truth truth;
};

struct leaves {
	uint32_t from, copies;
	enum wire_cause cause;
	uint64_t sent_ns;
};

static void leaves(struct bench *bench, struct leaves leaves)
{
	uint32_t n = (uint32_t)++bench->run.truth_count;
	bench->log[n - 1] = (struct truth){
		.to = END_SERVER, .n = n, .arrived_ns = n, .sent_ns = leaves.sent_ns,
		.copies = leaves.copies, .len = 100, .hash = n * 100, .cause = leaves.cause,
		.deed = leaves.copies ? DEED_NONE : DEED_DROP, .from = leaves.from,
		.to_byte = leaves.from + 10, .ports = {1000, 7}, .tcp_flags = TCP_ACK};
	bench->frames[END_CLIENT][n - 1] = (struct lab_frame){n, n * 100};
	bench->run.frames[END_CLIENT].count++;
}

#define LEAVES(bench, ...) leaves(bench, (struct leaves){__VA_ARGS__})

static void arrives(struct bench *bench, uint32_t n)
{
	size_t at = bench->run.frames[END_SERVER].count++;
	bench->frames[END_SERVER][at] = (struct lab_frame){0, n * 100};
}

static bool bench_truth(struct bench *bench, struct err *err)
{
	bench->run.truth = bench->log;
	for (size_t i = 0; i < END_COUNT; i++)
		bench->run.frames[i].at = bench->frames[i];
	return score_truth_open(&bench->truth, &bench->run, err);
}

static const struct score_frame *at_server(const struct bench *bench, size_t frame)
{
	return &bench->truth.frames[END_SERVER][frame - 1];
}

static const struct score_frame *at_client(const struct bench *bench, size_t frame)
{
	return &bench->truth.frames[END_CLIENT][frame - 1];
}

static void test_arrivals_are_what_the_wire_sent_in_its_order(void **state)
{
	struct bench bench = {0};
	struct err err;
	(void)state;
	LEAVES(&bench, .from = 1);                              /* lost */
	LEAVES(&bench, .from = 11, .copies = 1, .sent_ns = 90); /* held back */
	LEAVES(&bench, .from = 21, .copies = 2, .sent_ns = 30); /* sent on twice */
	LEAVES(&bench, .from = 1, .copies = 1, .sent_ns = 50, .cause = CAUSE_FAST);
	LEAVES(&bench, .from = 21, .copies = 1, .sent_ns = 99, .cause = CAUSE_TLP);
	arrives(&bench, 3);
	arrives(&bench, 3);
	arrives(&bench, 4);
	arrives(&bench, 2);
	arrives(&bench, 5);
	assert_true(bench_truth(&bench, &err));
	assert_int_equal(at_server(&bench, 1)->is, SCORE_ORIGINAL);
	assert_int_equal(at_server(&bench, 2)->is, VERDICT_NETWORK_DUPLICATE);
	assert_int_equal(at_server(&bench, 3)->is, VERDICT_FAST_RETRANSMISSION);
	assert_int_equal(at_server(&bench, 4)->is, VERDICT_OUT_OF_ORDER);
	assert_int_equal(at_server(&bench, 5)->is, VERDICT_TAIL_LOSS_PROBE);
	assert_int_equal(at_client(&bench, 1)->is, SCORE_ORIGINAL);
	assert_int_equal(at_client(&bench, 4)->is, VERDICT_FAST_RETRANSMISSION);
	assert_int_equal(at_client(&bench, 4)->needed, NEEDED_YES);
	assert_int_equal(at_client(&bench, 5)->needed, NEEDED_NO);
	score_truth_close(&bench.truth);
}

/* The server answers in the same moment. */
static void answers(struct bench *bench, uint32_t n, uint32_t ack)
{
	size_t line = bench->run.truth_count++;
	size_t at = bench->run.frames[END_SERVER].count++;
	bench->log[line] = (struct truth){.to = END_CLIENT, .n = n, .arrived_ns = 1000 + n,
					  .hash = 7000 + n, .ack = ack, .ports = {1000, 7},
					  .deed = DEED_DROP, .tcp_flags = TCP_ACK};
	bench->frames[END_SERVER][at] = (struct lab_frame){n, 7000 + n};
}

/* A closed window: the first copy came, and was dropped (RFC 9293 3.10.7.4). */
static void test_whether_a_copy_of_what_was_thrown_away_was_needed_is_not_judged(void **state)
{
	struct bench bench = {0};
	struct err err;
	(void)state;
	LEAVES(&bench, .from = 1, .copies = 1, .sent_ns = 10 * NS_PER_MS);
	LEAVES(&bench, .from = 11, .copies = 1, .sent_ns = 11 * NS_PER_MS);
	arrives(&bench, 1);
	arrives(&bench, 2);
	answers(&bench, 1, 11);
	bench.log[2].arrived_ns = 200 * NS_PER_MS;
	LEAVES(&bench, .from = 1, .copies = 1, .sent_ns = 300 * NS_PER_MS, .cause = CAUSE_RTO);
	LEAVES(&bench, .from = 11, .copies = 1, .sent_ns = 301 * NS_PER_MS, .cause = CAUSE_RTO);
	for (uint32_t n = 3; n <= 4; n++) { /* the answer is a line of the log, too */
		bench.log[n].n = n;
		bench.frames[END_CLIENT][n - 1] = (struct lab_frame){n, bench.log[n].hash};
	}
	arrives(&bench, 4);
	arrives(&bench, 5);
	assert_true(bench_truth(&bench, &err));
	assert_int_equal(at_client(&bench, 3)->needed, NEEDED_NO);
	assert_int_equal(at_client(&bench, 4)->needed, NEEDED_UNKNOWN);
	score_truth_close(&bench.truth);
}

static void test_an_ack_is_repeated_when_bytes_above_it_have_come(
	void **state)
{
	struct bench bench = {0};
	struct err err;
	(void)state;
	LEAVES(&bench, .from = 1, .copies = 1, .sent_ns = 10);
	LEAVES(&bench, .from = 11); /* lost */
	LEAVES(&bench, .from = 21, .copies = 1, .sent_ns = 30);
	LEAVES(&bench, .from = 31, .copies = 1, .sent_ns = 40);
	arrives(&bench, 1); /* its ACK is delayed … */
	arrives(&bench, 3);
	answers(&bench, 1, 11); /* … until this one */
	arrives(&bench, 4);
	answers(&bench, 2, 11);
	answers(&bench, 3, 11);
	assert_true(bench_truth(&bench, &err));
	assert_int_equal(bench.truth.repeated[END_SERVER], 2);
	assert_int_equal(bench.truth.repeated[END_CLIENT], 0);
	score_truth_close(&bench.truth);
}

static void test_a_run_whose_arrivals_are_others_is_refused(void **state)
{
	struct bench bench = {0};
	struct err err;
	(void)state;
	LEAVES(&bench, .from = 1, .copies = 1, .sent_ns = 10);
	LEAVES(&bench, .from = 11, .copies = 1, .sent_ns = 20);
	arrives(&bench, 2);
	assert_false(bench_truth(&bench, &err));
	score_truth_close(&bench.truth);
}

/* --- duplicate ACKs against the kernel's counts. Its SACK blocks count from the ACK. */

struct speaks {
	uint32_t ack;
	enum verdict_id verdict; /* 0: none */
	struct score_report report;
};

static struct score_acks acks_of(struct bench *bench, const struct speaks *speaks)
{
	struct score_said said[FRAMES] = {0};
	struct score_heard heard = {.said = {NULL, said}, .count = {0, FRAMES}};
	struct score_acks acks = {0};
	struct err err;
	assert_true(bench_truth(bench, &err));
	for (size_t i = 0; i < bench->run.frames[END_SERVER].count; i++) {
		if (!at_server(bench, i + 1)->departs)
			continue;
		said[i].report = speaks->report;
		said[i].count = speaks->verdict != 0;
		said[i].verdicts[0].id = speaks->verdict;
		speaks++;
	}
	score_acks_count(&acks, &bench->truth, &heard, END_SERVER);
	score_truth_close(&bench->truth);
	return acks;
}

static void test_an_ack_that_advances_and_reports_is_counted_beside_the_duplicates(void **state)
{
	static const struct speaks speaks[] = {
		{11, 0, {.count = 1, .blocks = {{10, 20}}}},
		{11, VERDICT_DUP_ACK, {.count = 1, .blocks = {{10, 30}}}}};
	struct bench bench = {0};
	struct score_acks acks;
	(void)state;
	LEAVES(&bench, .from = 1, .copies = 1, .sent_ns = 10);
	LEAVES(&bench, .from = 11); /* lost */
	LEAVES(&bench, .from = 21, .copies = 1, .sent_ns = 30);
	LEAVES(&bench, .from = 31, .copies = 1, .sent_ns = 40);
	arrives(&bench, 1); /* its ACK is delayed until the next */
	arrives(&bench, 3);
	answers(&bench, 1, 11);
	arrives(&bench, 4);
	answers(&bench, 2, 11);
	acks = acks_of(&bench, speaks);
	acks.queued = 2;
	assert_int_equal(acks.dup_acks, 1);
	assert_int_equal(acks.others, 1);
	assert_int_equal(acks.arrivals, 2);
	assert_int_equal(acks.flushes + acks.repeats + acks.together + acks.unanswered, 0);
	assert_int_equal(score_acks_off(&acks), 0);
}

static void test_a_filled_hole_flushes_what_was_compressed(void **state)
{
	static const struct speaks speaks[] = {
		{21, 0, {.count = 1, .blocks = {{10, 20}}}}};
	struct bench bench = {0};
	struct score_acks acks;
	(void)state;
	LEAVES(&bench, .from = 31, .copies = 1, .sent_ns = 10);
	LEAVES(&bench, .from = 1, .copies = 1, .sent_ns = 20);
	LEAVES(&bench, .from = 11, .copies = 1, .sent_ns = 30);
	arrives(&bench, 1);
	arrives(&bench, 2);
	arrives(&bench, 3);
	answers(&bench, 1, 21);
	acks = acks_of(&bench, speaks);
	acks.queued = acks.compressed = 1;
	assert_int_equal(acks.others, 1);
	assert_int_equal(acks.flushes, 1);
	assert_int_equal(acks.together, 1);
	assert_int_equal(score_acks_off(&acks), 0);
}

/* Bytes from 11 and 31 are told of; 61 finds 41 waiting and sets off its ACK, which begins with
 * the block of 41; nothing answers 61. */
static void sweeps_begin(struct bench *bench)
{
	static const uint32_t from[] = {11, 31, 41, 61};
	for (size_t i = 0; i < ARRAY_COUNT(from); i++)
		LEAVES(bench, .from = from[i], .copies = 1, .sent_ns = 10 * i + 10);
	for (uint32_t n = 1; n <= 2; n++) {
		arrives(bench, n);
		answers(bench, n, 1);
	}
	arrives(bench, 3);
	arrives(bench, 4);
	answers(bench, 3, 1);
}

static const struct speaks sweeping[] = {
	{1, VERDICT_DUP_ACK, {.count = 1, .blocks = {{10, 20}}}},
	{1, VERDICT_DUP_ACK, {.count = 2, .blocks = {{30, 40}, {10, 20}}}},
	{1, VERDICT_DUP_ACK, {.count = 2, .blocks = {{30, 50}, {10, 20}}}},
	{1, VERDICT_DUP_ACK, {.count = 3, .blocks = {{60, 70}, {30, 50}, {10, 20}}}}};

static void test_an_arrival_that_sets_off_the_ack_of_others_has_none_of_its_own(void **state)
{
	struct bench bench = {0};
	struct score_acks acks;
	(void)state;
	sweeps_begin(&bench);
	acks = acks_of(&bench, sweeping);
	acks.queued = 4;
	assert_int_equal(acks.dup_acks, 3);
	assert_int_equal(acks.sweeps, 1);
	assert_int_equal(score_acks_off(&acks), 0);
}

static void test_it_does_not_when_its_own_follows(void **state)
{
	struct bench bench = {0};
	struct score_acks acks;
	(void)state;
	sweeps_begin(&bench);
	answers(&bench, 4, 1);
	acks = acks_of(&bench, sweeping);
	acks.queued = 4;
	assert_int_equal(acks.dup_acks, 4);
	assert_int_equal(acks.sweeps, 0);
	assert_int_equal(score_acks_off(&acks), 0);
}

static void test_a_late_ack_of_bytes_before_the_hole_answers_nothing_beyond_it(void **state)
{
	static const struct speaks speaks[] = {{11, 0, {0}}, {21, 0, {0}},
					       {21, VERDICT_DUP_ACK, {0}}};
	struct bench bench = {0};
	struct score_acks acks;
	(void)state;
	LEAVES(&bench, .from = 1, .copies = 1, .sent_ns = 10);
	LEAVES(&bench, .from = 11, .copies = 1, .sent_ns = 20);
	LEAVES(&bench, .from = 31, .copies = 1, .sent_ns = 30);
	LEAVES(&bench, .from = 41, .copies = 1, .sent_ns = 40);
	for (uint32_t n = 1; n <= 4; n++)
		arrives(&bench, n);
	for (uint32_t n = 1; n <= 3; n++)
		answers(&bench, n, n == 1 ? 11 : 21);
	acks = acks_of(&bench, speaks);
	acks.queued = 2;
	assert_int_equal(acks.others, 1);
	assert_int_equal(acks.repeats, 0);
	assert_int_equal(score_acks_off(&acks), 0);
}

static void test_a_missed_duplicate_ack_is_not_counted_as_another_answer(void **state)
{
	static const struct speaks speaks[] = {
		{1, 0, {.count = 1, .blocks = {{10, 20}}}}, /* the first ACK of all advances */
		{1, 0, {.count = 1, .blocks = {{10, 30}}}},
		{1, 0, {.count = 1, .blocks = {{10, 40}}}}};
	struct bench bench = {0};
	struct score_acks acks;
	(void)state;
	LEAVES(&bench, .from = 11, .copies = 1, .sent_ns = 10);
	LEAVES(&bench, .from = 21, .copies = 1, .sent_ns = 20);
	LEAVES(&bench, .from = 31, .copies = 1, .sent_ns = 30);
	for (uint32_t n = 1; n <= 3; n++) {
		arrives(&bench, n);
		answers(&bench, n, 1);
	}
	acks = acks_of(&bench, speaks);
	acks.queued = 3;
	assert_int_equal(acks.others, 1);
	assert_int_equal(score_acks_off(&acks), -2);
	assert_int_equal(acks.together, 0);
	assert_false(score_acks_explained(&acks));
}

/* --- the judge */

static struct score_table judged(unsigned is, const struct verdict *verdict)
{
	struct score_frame frame = {.is = is, .departs = true};
	struct score_said said = {.known = true, .count = verdict != NULL};
	struct score_truth truth = {.frames = {&frame, NULL}, .count = {1, 0}};
	struct score_heard heard[END_COUNT + 1] = {{.said = {&said}, .count = {1}}};
	struct score_run *run = calloc(1, sizeof(*run));
	struct score_table table;
	assert_non_null(run);
	if (verdict)
		said.verdicts[0] = *verdict;
	score_judge(run, &truth, heard);
	table = run->tables[SCORE_SENDER];
	free(run);
	return table;
}

static struct score_sum sum_of(unsigned is, const struct verdict *verdict)
{
	struct score_table table = judged(is, verdict);
	return score_sum(&table);
}

static void test_right_is_the_same_or_among_the_candidates(void **state)
{
	struct verdict verdict = {.id = VERDICT_TAIL_LOSS_PROBE};
	(void)state;
	assert_int_equal(sum_of(VERDICT_TAIL_LOSS_PROBE, &verdict).right, 1);
	assert_int_equal(sum_of(VERDICT_RTO_RETRANSMISSION, &verdict).wrong, 1);
	verdict = (struct verdict){
		.id = VERDICT_RETRANSMISSION,
		.sure = SURE_AMBIGUOUS,
		.candidates = {VERDICT_TAIL_LOSS_PROBE, VERDICT_RTO_RETRANSMISSION}};
	assert_int_equal(sum_of(VERDICT_RTO_RETRANSMISSION, &verdict).named, 1);
	assert_int_equal(sum_of(VERDICT_FAST_RETRANSMISSION, &verdict).wrong, 1);
}

static void test_to_say_nothing_or_too_little_is_neither(void **state)
{
	struct verdict verdict = {.id = VERDICT_RETRANSMISSION};
	(void)state;
	assert_int_equal(sum_of(VERDICT_FAST_RETRANSMISSION, NULL).silent, 1);
	assert_int_equal(sum_of(VERDICT_FAST_RETRANSMISSION, &verdict).unnamed, 1);
}

static void test_an_original_that_is_called_anything_is_a_false_alarm(void **state)
{
	struct verdict verdict = {.id = VERDICT_OUT_OF_ORDER};
	(void)state;
	assert_int_equal(sum_of(SCORE_ORIGINAL, &verdict).false_alarms, 1);
	assert_int_equal(sum_of(SCORE_ORIGINAL, &verdict).events, 0);
	assert_int_equal(sum_of(SCORE_ORIGINAL, NULL).false_alarms, 0);
	verdict.id = VERDICT_WINDOW_FULL; /* says nothing of why it was sent */
	assert_int_equal(sum_of(SCORE_ORIGINAL, &verdict).false_alarms, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_seed_means_one_wire),
		cmocka_unit_test(test_arrivals_are_what_the_wire_sent_in_its_order),
		cmocka_unit_test(
			test_an_ack_is_repeated_when_bytes_above_it_have_come),
		cmocka_unit_test(
			test_whether_a_copy_of_what_was_thrown_away_was_needed_is_not_judged),
		cmocka_unit_test(
			test_an_ack_that_advances_and_reports_is_counted_beside_the_duplicates),
		cmocka_unit_test(test_a_filled_hole_flushes_what_was_compressed),
		cmocka_unit_test(
			test_an_arrival_that_sets_off_the_ack_of_others_has_none_of_its_own),
		cmocka_unit_test(test_it_does_not_when_its_own_follows),
		cmocka_unit_test(
			test_a_late_ack_of_bytes_before_the_hole_answers_nothing_beyond_it),
		cmocka_unit_test(
			test_a_missed_duplicate_ack_is_not_counted_as_another_answer),
		cmocka_unit_test(test_a_run_whose_arrivals_are_others_is_refused),
		cmocka_unit_test(test_right_is_the_same_or_among_the_candidates),
		cmocka_unit_test(test_to_say_nothing_or_too_little_is_neither),
		cmocka_unit_test(test_an_original_that_is_called_anything_is_a_false_alarm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
