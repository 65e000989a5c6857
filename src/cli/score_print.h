/* The score as a person reads it, and as a program does. */
#ifndef WIRELADDER_CLI_SCORE_PRINT_H
#define WIRELADDER_CLI_SCORE_PRINT_H

#include "score_run.h"

#include <stdio.h>

/* All runs together. */
struct score_total {
	const struct score_config *config;
	size_t runs, dropped, stopped;
	uint64_t connections, events, frames, mixed, uncounted;
	/* By dup-ACKs (score_acks.h): runs in which anything came out of order, and in which
	 * every host is within 1; its hosts, those where each segment is answered first. */
	uint64_t acked_runs, runs_within, hosts[2], within_one[2], explained;
	struct score_table tables[SCORE_VANTAGES];
	size_t stacks_runs, stacks_dropped;
	struct score_stacks stacks;
	bool tshark;
	uint64_t peers[2][SCORE_TRUTHS][TSHARK_COUNT];
};

struct score_sum { /* of a table: all but originals */
	uint64_t events, right, named, wrong, unnamed, silent, false_alarms;
};

extern const char *const score_vantages[SCORE_VANTAGES];
void score_total_add(struct score_total *total, const struct score_run *run);
struct score_sum score_sum(const struct score_table *table);
const char *score_truth_word(unsigned is);
const char *score_answer_word(unsigned said);
/* Of the verdicts on whether it was needed; *of: all that were asked about. */
uint64_t score_needed_right(const struct score_table *table, uint64_t *of);

void score_print(const struct score_total *total, FILE *to);
/* score_stacks_print.c */
void score_print_stacks(const struct score_total *total, FILE *to);
void score_write_stacks(const struct score_total *total, FILE *file);
/* score_json.c */
bool score_write(const struct score_total *total, const char *path, struct err *err);

#endif
