#include "score_print.h"

#include <stdlib.h>

const char *const score_vantages[SCORE_VANTAGES] = {"sender", "receiver", "both"};

const char *score_truth_word(unsigned is)
{
	return is < VERDICT_COUNT ? glossary[is].id : "original";
}

const char *score_answer_word(unsigned said)
{
	static const char *const words[] = {"ambiguous, named", "ambiguous, misnamed",
					    "nothing"};
	return said < VERDICT_COUNT ? glossary[said].id : words[said - VERDICT_COUNT];
}

static void table_add(struct score_table *to, const struct score_table *from)
{
	for (size_t i = 0; i < SCORE_TRUTHS; i++) {
		for (size_t k = 0; k < SCORE_ANSWERS; k++)
			to->counts[i][k] += from->counts[i][k];
	}
	for (size_t i = 0; i < 3; i++) {
		for (size_t k = 0; k < 3; k++)
			to->needed[i][k] += from->needed[i][k];
	}
}

static void total_add_peers(struct score_total *total, const struct score_run *run)
{
	total->tshark = total->tshark || run->tshark;
	for (size_t v = 0; v < 2; v++) {
		for (size_t i = 0; i < SCORE_TRUTHS; i++) {
			for (size_t k = 0; k < TSHARK_COUNT; k++)
				total->peers[v][i][k] += run->peers[v][i][k];
		}
	}
}

static void total_add_acks(struct score_total *total, const struct score_run *run)
{
	size_t hosts = 0, within = 0;
	for (size_t i = 0; i < END_COUNT; i++) {
		const struct score_acks *acks = &run->acks[i];
		if (acks->queued == 0 && acks->dup_acks + run->repeated[i] == 0)
			continue;
		hosts++;
		within += llabs(score_acks_off(acks)) <= 1;
		total->explained += score_acks_explained(acks);
	}
	total->hosts[run->compresses] += hosts;
	total->within_one[run->compresses] += within;
	total->acked_runs += hosts > 0;
	total->runs_within += hosts > 0 && within == hosts;
}

void score_total_add(struct score_total *total, const struct score_run *run)
{
	total->runs++;
	total->stopped += run->stopped;
	total->dropped += run->dropped[0] != '\0';
	if (!run->done || run->dropped[0])
		return;
	total->connections += run->connections;
	total->events += run->events;
	total->frames += run->frames;
	total->mixed += run->mixed;
	total->uncounted += run->uncounted;
	total_add_acks(total, run);
	total->stacks_runs += run->stacks.compared;
	total->stacks_dropped += run->stacks.dropped[0] != '\0';
	score_stacks_add(&total->stacks, &run->stacks);
	for (size_t v = 0; v < SCORE_VANTAGES; v++)
		table_add(&total->tables[v], &run->tables[v]);
	total_add_peers(total, run);
}

struct score_sum score_sum(const struct score_table *table)
{
	struct score_sum sum = {0};
	for (unsigned is = 0; is < VERDICT_COUNT; is++) {
		for (unsigned said = 0; said < SCORE_ANSWERS; said++) {
			uint64_t count = table->counts[is][said];
			sum.events += count;
			if (said == is)
				sum.right += count;
			else if (said == SCORE_NAMED)
				sum.named += count;
			else if (said == SCORE_SILENT)
				sum.silent += count;
			else if (said == VERDICT_RETRANSMISSION)
				sum.unnamed += count;
			else
				sum.wrong += count;
		}
	}
	for (unsigned said = 0; said < SCORE_ANSWERS; said++) {
		if (said != SCORE_SILENT)
			sum.false_alarms += table->counts[SCORE_ORIGINAL][said];
	}
	return sum;
}

uint64_t score_needed_right(const struct score_table *table, uint64_t *of)
{
	*of = 0;
	for (size_t is = NEEDED_YES; is <= NEEDED_NO; is++) {
		for (size_t said = 0; said < 3; said++)
			*of += table->needed[is][said];
	}
	return (uint64_t)table->needed[NEEDED_YES][NEEDED_YES] +
	       table->needed[NEEDED_NO][NEEDED_NO];
}
