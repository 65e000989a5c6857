/* Socket calls on their way to the ladders: which ladder, and in which words. */
#ifndef OUT_TEXT_CALLS_H
#define OUT_TEXT_CALLS_H

#include "text_ladder.h"

#define CALLERS     256  /* programs whose names are remembered; others have none */
#define EARLY_CALLS 1000 /* calls that wait for their socket's conversation, or have none */
#define CALLS_SHOWN 2000 /* in all ladders; what is beyond these two is counted */

struct early { /* a call of no conversation */
	uint32_t sock; /* 0: of none in particular */
	uint32_t conv; /* in whose ladder it stands; 0: in none so far */
	bool makes;    /* the socket what it is: it stands in the ladder of each conversation */
	bool waits;
	struct caller caller;
	struct beside beside;
};

struct calls {
	struct caller *callers;
	struct early *early;
	size_t caller_count, early_count;
	uint64_t shown, left_out;
	bool conversing; /* there was a conversation */
};

bool calls_open(struct calls *calls);
void calls_program(struct calls *calls, const struct style *style, const struct event *event);
/* ladder: of the call's conversation; NULL: it has none, or it is not drawn. */
void calls_take(struct calls *calls, const struct style *style, struct ladder *ladder,
		const struct event *event);
void calls_add(struct calls *calls, const struct style *style, struct ladder *ladder,
	       const struct early *early);
/* Another call of this socket, in the latest ladder that has one; NULL: there is none. */
const struct early *calls_latest(const struct calls *calls, uint32_t sock);
/* Those of no conversation, below the ladders. */
void calls_list(struct calls *calls, const struct style *style, struct buf *out);
void calls_close(struct calls *calls);

#endif
