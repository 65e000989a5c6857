/* Verdicts against the truth: what is counted. */
#ifndef WIRELADDER_CLI_SCORE_JUDGE_H
#define WIRELADDER_CLI_SCORE_JUDGE_H

#include "score_acks.h"
#include "score_stacks.h"

enum score_vantage { SCORE_SENDER, SCORE_RECEIVER, SCORE_BOTH, SCORE_VANTAGES };

/* What was said: a verdict, or */
enum {
	SCORE_NAMED = VERDICT_COUNT, /* ambiguous, and the truth is one of the candidates */
	SCORE_MISNAMED,              /* ambiguous, and it is neither */
	SCORE_SILENT,                /* nothing */
	SCORE_ANSWERS,
};

struct score_table {
	uint32_t counts[SCORE_TRUTHS][SCORE_ANSWERS];
	uint32_t needed[3][3]; /* enum needed: truth, then verdict */
};

struct score_error {
	uint8_t vantage, tap;
	unsigned is, said;
	uint64_t frame; /* of this tap's capture */
};

/* tshark may say several of a frame: the first in this list counts. */
#define TSHARK_LIST(X) \
	X(FAST, "fast_retransmission") X(SPURIOUS, "spurious_retransmission") \
	X(RETRANSMISSION, "retransmission") X(OUT_OF_ORDER, "out_of_order") \
	X(ZERO_WINDOW_PROBE, "zero_window_probe") X(KEEP_ALIVE, "keep_alive")
enum tshark_word {
#define X(name, word) TSHARK_##name,
	TSHARK_LIST(X)
#undef X
	TSHARK_NONE,
	TSHARK_COUNT,
};
extern const char *const tshark_words[TSHARK_COUNT];

#define SCORE_ERRORS 64
#define SCORE_TEXT   240
#define SCORE_WHY    400
/* Plain bytes: it is shared with the process that makes the run. */
struct score_run {
	uint64_t seed;
	char lesson[80];         /* of the shelf; "": a random wire */
	char text[SCORE_TEXT];   /* what the wire is */
	char dropped[SCORE_WHY]; /* why nothing is judged; "": it is */
	bool done, stopped, tshark, compresses;
	uint64_t connections, events, frames, mixed, uncounted;
	int64_t repeated[END_COUNT];     /* ACKs, as the wire has them (score_truth.h) */
	struct score_acks acks[END_COUNT];
	struct score_stacks stacks;
	struct score_table tables[SCORE_VANTAGES];
	uint32_t peers[2][SCORE_TRUTHS][TSHARK_COUNT]; /* sender, receiver */
	struct score_error errors[SCORE_ERRORS];
	uint32_t error_count; /* of all, however many are kept */
};

/* heard: of the client's tap, the server's, and both. */
void score_judge(struct score_run *score, const struct score_truth *truth,
		 const struct score_heard heard[static END_COUNT + 1]);

/* score_tshark.c: what tshark says of the run's captures. False: it is not there. */
bool score_tshark(struct score_run *score, const struct lab_run *run,
		  const struct score_truth *truth);

#endif
