/* What a tracker counts of the capture itself (quality.c). */
#ifndef WIRELADDER_TRACK_QUALITY_H
#define WIRELADDER_TRACK_QUALITY_H

#include "wireladder/model.h"

struct quality {
	uint64_t conversations, mid_capture, one_way; /* of TCP, as they close */
	uint64_t cut;                                 /* packets kept in part … */
	uint32_t cut_at;                 /* … and the most bytes that were kept of one */
	uint64_t super;                  /* segments larger than their receiver takes … */
	uint32_t super_bytes, super_mss; /* … the largest, and what it takes */
	uint64_t backs, back_ns;         /* steps back of the clock, and the largest … */
	uint64_t sets; /* … and those too large for packets that passed others */
	uint64_t stamps, previous_ns;
	bool finer; /* than a millisecond is at least one stamp */
};

#endif
