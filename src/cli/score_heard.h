/* What our own pipeline makes of the captures of a run, frame by frame. */
#ifndef WIRELADDER_CLI_SCORE_HEARD_H
#define WIRELADDER_CLI_SCORE_HEARD_H

#include "lab_run.h"

#include "wireladder/model_event.h"

/* As it stands in the segment, whatever anybody makes of it. */
struct score_report {
	bool permitted; /* a SYN's SACK-permitted */
	uint16_t window;
	uint8_t count;
	int32_t blocks[TCP_SACK_MAX][2]; /* SACK: left and right, counted from its ACK */
};

struct score_said { /* of one frame */
	bool known;
	struct score_report report;
	size_t count;
	struct verdict verdicts[VERDICTS_MAX];
};

struct score_heard {
	const struct lab_run *run;
	int tap; /* whose capture alone is read; END_COUNT: both are joined */
	struct buf packets;                   /* struct score_packet, by packet number - 1 */
	struct score_said *said[END_COUNT];   /* by tap, then the frame's number - 1 */
	size_t count[END_COUNT];
};

bool score_heard_open(struct score_heard *heard, const struct lab_run *run, int tap,
		      struct err *err);
/* NULL: there is no such frame. */
const struct score_said *score_heard_of(const struct score_heard *heard, enum end tap,
					size_t frame);
void score_heard_close(struct score_heard *heard); /* safe on a zeroed one */

/* Of all that is said of a frame: why it was sent. NULL: nothing. */
const struct verdict *score_said_cause(const struct score_said *said);
const struct verdict *score_said_find(const struct score_said *said, enum verdict_id id);

#endif
