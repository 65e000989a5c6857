/* A silence that a packet ends, and how things stood in it (silence.c, stall.c). */
#ifndef WIRELADDER_TRACK_STALL_H
#define WIRELADDER_TRACK_STALL_H

#include "wireladder/model.h"

struct latest {                    /* the last packets of a conversation */
	uint64_t ns, n[END_COUNT]; /* ns 0: none yet, or it had no time */
	uint64_t clock_sets;       /* as many as there had been */
	enum end from;
};

struct stall {
	uint64_t silence_ns; /* 0: there was none */
	uint64_t rtt_ns;     /* between the ends, there and back; 0: not known yet */
	bool exceeds_rtt;    /* whatever the round trip is */
	bool held;           /* the packet was on its way, says its timestamp, … */
	uint64_t left_ns;    /* … so soon after it began */
	bool half_open;
	struct latest before;
	int64_t flight[END_COUNT], high[END_COUNT], una[END_COUNT]; /* flight: payload */
	bool fin[END_COUNT];     /* a FIN is outstanding, too */
	int64_t room[END_COUNT]; /* that the other end's window left it; INT64_MAX: unknown */
	uint64_t window[END_COUNT]; /* as it last advertised */
};

#endif
