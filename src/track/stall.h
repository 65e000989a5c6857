/* A silence that a packet ends, and how things stood in it (stall.c). */
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
	uint64_t left_ns;    /* the packet left so long after it began, say its stamps; */
	bool left_known;     /* or they do not say */
	bool half_open;
	struct latest before;
	int64_t flight[END_COUNT], high[END_COUNT], una[END_COUNT]; /* flight: payload */
	bool fin[END_COUNT];     /* a FIN is outstanding, too */
	int64_t room[END_COUNT]; /* that the other end's window left it; INT64_MAX: unknown */
	uint64_t window[END_COUNT]; /* as it last advertised */
};

#endif
