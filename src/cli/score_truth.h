/* What each frame of both captures truly is, in the words of the verdicts. */
#ifndef WIRELADDER_CLI_SCORE_TRUTH_H
#define WIRELADDER_CLI_SCORE_TRUTH_H

#include "lab_truths.h"

#include "wireladder/model_event.h"

/* What a frame can truly be: one of the verdicts, or */
enum {
	SCORE_ORIGINAL = VERDICT_COUNT, /* bytes that pass for the first time, in order */
	SCORE_TRUTHS,
	SCORE_NOTHING, /* nothing that is asked about, or nobody knows */
};

struct score_frame {
	unsigned is; /* a verdict_id, or one of the above */
	enum needed needed;
	bool departs, again; /* again: the wire sent it on once more */
	bool fin;            /* a FIN's own verdict is right too */
	const struct truth *truth;
};

struct score_truth {
	struct score_frame *frames[END_COUNT]; /* by tap, then the frame's number - 1 */
	size_t count[END_COUNT];
	uint64_t mixed, uncounted; /* sent again, and not judged */
	/* Bare ACKs of an end that say a number again, while bytes above it have come. */
	int64_t repeated[END_COUNT];
};

/* False with a sentence: the captures and the log do not fit each other. */
bool score_truth_open(struct score_truth *truth, const struct lab_run *run, struct err *err);
void score_truth_close(struct score_truth *truth); /* safe on a zeroed one */

#endif
