/* How often each byte of a stream has passed: pieces of the sequence space, each with a count.
 *
 * New data extend the last piece, so that a stream without retransmissions is one piece. Only
 * 2^32 bytes from the SYN on are told apart, and only so many pieces are kept: when there would
 * be more, the oldest is forgotten and its bytes count from 1 again. */
#ifndef WIRELADDER_LAB_PASSES_H
#define WIRELADDER_LAB_PASSES_H

#include "wireladder/base.h"

#define PASSES_MAX 64

struct passes {
	uint32_t count;
	struct pass {
		uint32_t from, to, times; /* [from, to); in order, none empty */
	} pieces[PASSES_MAX];
};

/* [from, to) passes once more; the how many-th time that is for its first byte. */
uint32_t passes_add(struct passes *passes, uint32_t from, uint32_t to);
uint32_t passes_high(const struct passes *passes); /* behind the last byte so far; 0: none */

#endif
