/* The counters' labels of what was sent again, held against the kernel's call stacks. */
#ifndef WIRELADDER_CLI_SCORE_STACKS_H
#define WIRELADDER_CLI_SCORE_STACKS_H

#include "lab_run.h"

#include "wireladder/lab_stacks.h"

#define SCORE_UNLIKE     32
#define SCORE_STACKS_WHY 200
/* Of one run, or of all. Plain bytes: it is shared with the process that makes the run. */
struct score_stacks {
	bool compared;
	char dropped[SCORE_STACKS_WHY]; /* why not; "": nobody asked */
	uint32_t counts[CAUSE_COUNT][CAUSE_COUNT]; /* the label, then the stack's word */
	uint32_t new_probes; /* loss probes of new bytes, which no label names */
	struct score_unlike {
		uint8_t host; /* that sent it */
		uint32_t n;   /* as which of its frames */
		enum wire_cause label, stack;
	} unlike[SCORE_UNLIKE]; /* named by both, and not alike */
	uint32_t unlike_count; /* of all, however many are kept */
};

struct score_stacks_sum {
	uint64_t both, alike;    /* the label is a cause, and the stack's is the same */
	uint64_t unnamed, named; /* it is none, and the stack has one */
};

/* Compares, and lets the stacks have the last word: *named is the run's log then, in which the
 * labels are theirs, for the caller to free. Where they prove nothing it stays as it is. */
void score_stacks_compare(struct score_stacks *score, const struct stacks *stacks,
			  struct lab_run *run, struct truth **named);
void score_stacks_add(struct score_stacks *total, const struct score_stacks *run);
struct score_stacks_sum score_stacks_sum(const struct score_stacks *score);

#endif
