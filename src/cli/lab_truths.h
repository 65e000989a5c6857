/* What the wire logged of the frames that left, found by their numbers in the captures; and
 * what is known of the captures of a run before they are read. */
#ifndef WIRELADDER_CLI_LAB_TRUTHS_H
#define WIRELADDER_CLI_LAB_TRUTHS_H

#include "lab_run.h"

#include "wireladder/timeline.h"

struct lab_truths {
	const struct lab_run *run;            /* borrowed */
	const struct truth **sent[END_COUNT]; /* by sender, then as which of its frames */
	size_t count[END_COUNT];
	uint32_t entered[END_COUNT]; /* how many of the sender's frames came to the wire */
};

bool lab_truths_open(struct lab_truths *truths, const struct lab_run *run, struct err *err);
/* Of the frame with this number in the capture at its sender; NULL: it did not leave there, or
 * the log does not have it. */
const struct truth *lab_truths_of(const struct lab_truths *truths, enum end end,
				  uint64_t frame);
/* It left there after the wire had taken its last. */
bool lab_truths_ended(const struct lab_truths *truths, enum end end, uint64_t frame);
void lab_truths_close(struct lab_truths *truths); /* also after a failure */

/* How the two captures are to be joined: both taps saw all, and one clock. */
struct lab_known {
	struct match_config config; /* points into: */
	struct addr locals[END_COUNT][2];
};
void lab_known_init(struct lab_known *known, const struct lab_run *run);

#endif
