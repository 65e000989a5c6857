/* A run's stacks prove something when, for each host, they add up to what its kernel counted:
 * then none is missing and none is another's. */
#include "score_stacks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Which calls a counter is the sum of. Loss probes count as resent only where their bytes are
 * old; an empty segment is a probe only where it carries nothing. */
static const struct sum {
	const char *counter;
	bool again; /* only what is sent again */
	enum stack_call calls[6];
} sums[] = {
	{"TcpRetransSegs", true,
	 {STACK_RETRANSMIT, STACK_LOSS, STACK_TIMEOUT, STACK_LOSS_PROBE, STACK_SYN_ACK,
	  STACK_SYN_ACK_TIMER}},
	{"TcpExtTCPFastRetrans", false, {STACK_RETRANSMIT}},
	{"TcpExtTCPSlowStartRetrans", false, {STACK_LOSS}},
	{"TcpExtTCPTimeouts", false, {STACK_TIMEOUT, STACK_SYN_ACK_TIMER}},
	{"TcpExtTCPLossProbes", false, {STACK_LOSS_PROBE}},
	{"TcpExtTCPWinProbe", true, {STACK_WINDOW_PROBE}},
	{"TcpExtTCPKeepAlive", true, {STACK_KEEP_ALIVE}},
};

static int64_t sum_host(const struct sum *sum, enum end host, const struct lab_run *run,
			const struct stack_word *words)
{
	int64_t count = 0;
	for (size_t i = 0; i < run->truth_count; i++) {
		if (run->truth[i].to == host || words[i].call == STACK_OTHER ||
		    (sum->again && words[i].cause == CAUSE_NONE))
			continue;
		for (size_t k = 0; k < ARRAY_COUNT(sum->calls); k++)
			count += words[i].call == sum->calls[k];
	}
	return count;
}

/* A run that was stopped in its middle may have counted more since. */
static bool stacks_add_up(struct score_stacks *score, const struct lab_run *run,
			  const struct stack_word *words)
{
	for (size_t i = 0; i < END_COUNT * ARRAY_COUNT(sums); i++) {
		const struct sum *sum = &sums[i / END_COUNT];
		enum end host = i % END_COUNT;
		int64_t counted = 0, seen = sum_host(sum, host, run, words);
		if (lab_run_counter(run, host, sum->counter, &counted) &&
		    (counted == seen || (run->timed_out && counted > seen)))
			continue;
		snprintf(score->dropped, sizeof(score->dropped),
			 "the %s has %lld by its stacks and counted %lld %s",
			 host == END_CLIENT ? "client" : "server", (long long)seen,
			 (long long)counted, sum->counter);
		return false;
	}
	return true;
}

static bool cause_is_named(enum wire_cause cause)
{
	return cause != CAUSE_NONE && cause != CAUSE_MIXED && cause != CAUSE_UNCOUNTED;
}

static void stacks_line(struct score_stacks *score, const struct truth *truth,
			const struct stack_word *word)
{
	score->counts[truth->cause][word->cause]++;
	score->new_probes += word->call == STACK_LOSS_PROBE && word->cause == CAUSE_NONE;
	if (truth->cause == word->cause || truth->cause == CAUSE_MIXED ||
	    truth->cause == CAUSE_UNCOUNTED)
		return;
	if (score->unlike_count < SCORE_UNLIKE)
		score->unlike[score->unlike_count] = (struct score_unlike){
			truth->to == END_CLIENT ? END_SERVER : END_CLIENT, truth->n,
			truth->cause, word->cause};
	score->unlike_count++;
}

/* The run's log with their labels. The wire's own answers, and what is no TCP, have none. */
static struct truth *stacks_named(struct score_stacks *score, const struct lab_run *run,
				  const struct stack_word *words)
{
	struct truth *named = calloc(run->truth_count + 1, sizeof(*named));
	if (!named)
		return NULL;
	memcpy(named, run->truth, run->truth_count * sizeof(*named));
	for (size_t i = 0; i < run->truth_count; i++) {
		if (!named[i].tcp_flags || named[i].n == 0)
			continue;
		stacks_line(score, &named[i], &words[i]);
		named[i].cause = words[i].cause;
	}
	return named;
}

void score_stacks_compare(struct score_stacks *score, const struct stacks *stacks,
			  struct lab_run *run, struct truth **named)
{
	struct stack_word *words = calloc(run->truth_count + 1, sizeof(*words));
	struct err err = {0};
	*score = (struct score_stacks){0};
	*named = NULL;
	if (!words)
		err_memory(&err);
	else if (stacks_end(stacks, run->truth, run->truth_count, words, &err) &&
		 stacks_add_up(score, run, words))
		*named = stacks_named(score, run, words);
	if (*named) {
		run->truth = *named;
		score->compared = true;
	} else if (!score->dropped[0]) {
		snprintf(score->dropped, sizeof(score->dropped), "%.190s", err.text);
	}
	free(words);
}

void score_stacks_add(struct score_stacks *total, const struct score_stacks *run)
{
	for (size_t i = 0; i < CAUSE_COUNT; i++) {
		for (size_t k = 0; k < CAUSE_COUNT; k++)
			total->counts[i][k] += run->counts[i][k];
	}
	total->new_probes += run->new_probes;
	total->unlike_count += run->unlike_count;
}

struct score_stacks_sum score_stacks_sum(const struct score_stacks *score)
{
	struct score_stacks_sum sum = {0};
	for (enum wire_cause label = 0; label < CAUSE_COUNT; label++) {
		for (enum wire_cause stack = 0; stack < CAUSE_COUNT; stack++) {
			uint32_t count = score->counts[label][stack];
			bool mute = label == CAUSE_MIXED || label == CAUSE_UNCOUNTED;
			if (label == CAUSE_NONE && stack == CAUSE_NONE)
				continue;
			sum.both += mute ? 0 : count;
			sum.alike += label == stack ? count : 0;
			sum.unnamed += mute ? count : 0;
			sum.named += mute && cause_is_named(stack) ? count : 0;
		}
	}
	return sum;
}
