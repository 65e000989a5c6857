/* Why did bytes come again at the end of a silence, as their verdicts have it (again.c)? */
#ifndef WIRELADDER_TRACK_AGAIN_H
#define WIRELADDER_TRACK_AGAIN_H

#include "verdict.h"

enum again {
	AGAIN_NOT,
	AGAIN_TIMER,  /* its retransmission timer ran out */
	AGAIN_PROBE,  /* the timer of a tail loss probe (RFC 8985 7.2) */
	AGAIN_TIMERS, /* one of the two */
	AGAIN_ASKED,  /* ACKs made its sender do it */
	AGAIN_EITHER, /* one or the other, a timer or ACKs */
	AGAIN_UNKNOWN,
	AGAIN_LATE, /* it was sent once, and overtaken */
	AGAIN_COPY, /* the network's: nobody sent it, so nobody waited for it */
};

/* Before this packet nothing was heard (passage->stall). *of: what was sent again; left as it
 * is, where that is not known. */
enum again again_why(const struct passage *passage, uint64_t *of);

#endif
