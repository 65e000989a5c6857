/* TCP connections on the wire: where each began, and what of it has passed. */
#ifndef WIRELADDER_LAB_FLOWS_H
#define WIRELADDER_LAB_FLOWS_H

#include "meaning.h"
#include "passes.h"

struct flow;
struct flows { /* 1,024 connections; beyond that the one longest silent is forgotten */
	struct flow *slots;
	uint64_t clock;
};

struct place { /* of a segment in its direction, relative to the SYN, which is 0 */
	uint32_t from, to; /* its payload: [from, to) */
	uint32_t high;     /* before it, bytes and flags up to here had passed */
	uint32_t ack;      /* relative to the other way's SYN; 0: that is not known */
	uint32_t copy;     /* the how many-th time that its first byte, SYN or FIN passes */
};

bool flows_open(struct flows *flows);
/* Of a TCP segment that goes to this end; it has passed once more thereafter. */
struct place flows_place(struct flows *flows, const struct meaning *meaning, enum end to);
void flows_close(struct flows *flows);

#endif
