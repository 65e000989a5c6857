/* A silence that a packet ends, and how things stood in it (stall.c). */
#ifndef WIRELADDER_TRACK_STALL_H
#define WIRELADDER_TRACK_STALL_H

#include "wireladder/model.h"

struct latest { /* the last packets of a conversation */
	uint64_t ns, n[END_COUNT];
	enum end from;
};

struct stall {
	uint64_t silence_ns; /* 0: there was none */
	uint64_t rtt_ns;
	bool half_open;
	struct latest before;
	int64_t flight[END_COUNT], high[END_COUNT], una[END_COUNT]; /* flight: with a FIN */
	int64_t room[END_COUNT]; /* that the other end's window left it; INT64_MAX: unknown */
	uint64_t window[END_COUNT]; /* as it last advertised */
};

#endif
