/* Duplicate ACKs, held against what the host's kernel counted. */
#ifndef WIRELADDER_CLI_SCORE_ACKS_H
#define WIRELADDER_CLI_SCORE_ACKS_H

#include "score_heard.h"
#include "score_truth.h"

/* Of one host, from the capture at it: its segments by what they say of arrivals beyond a hole,
 * and those arrivals. */
struct score_acks {
	int64_t dup_acks; /* the verdict says so */
	int64_t others;   /* they say the same, and are none: they acknowledge, or carry data */
	int64_t flushes;  /* of both: sent for another arrival, and compressed ones with it */
	int64_t repeats;  /* of both: nothing had come beyond a hole since the last */
	int64_t sweeps;   /* arrivals that set off others' ACKs, and had none of their own */
	int64_t arrivals; /* beyond a hole */
	int64_t together; /* of these: another came before an answer went out */
	int64_t unanswered; /* of these: nothing was sent any more */
	int64_t queued, compressed; /* as its kernel counts */
};

void score_acks_count(struct score_acks *acks, const struct score_truth *truth,
		      const struct score_heard *heard, enum end tap);
/* How many more of them answer an arrival beyond a hole than its kernel has reason for. */
int64_t score_acks_off(const struct score_acks *acks);
/* Is that because one answer went out for several arrivals, or for the last none? */
bool score_acks_explained(const struct score_acks *acks);

#endif
