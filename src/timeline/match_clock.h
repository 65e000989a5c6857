/* Two clocks, from when packets left and arrived by each. */
#ifndef WIRELADDER_TIMELINE_MATCH_CLOCK_H
#define WIRELADDER_TIMELINE_MATCH_CLOCK_H

#include "match.h"

/* Clocks that nothing else compares are right if packets need less than this by them. */
#define STAMPS_TRUSTED_NS ((int64_t)NS_PER_S)

struct instant {           /* one packet, by both clocks */
	int64_t second_ns; /* the second's, since the first instant */
	int64_t ahead_ns;  /* how far the first clock's stamp is ahead of the second's, … */
	uint8_t leaves;    /* … and at which vantage it left */
};

struct instants {
	const struct instant *at;
	size_t count;
	int64_t end_ns; /* of the second capture, since the first instant */
	int64_t since_ns; /* when the drift counts from */
	bool keep;      /* offset and drift are given: say only how good they are */
};

/* Fills in all but since_ns and pairs; ahead_ns are relative to base_ns, which is added. */
void clocks_fit(const struct instants *instants, int64_t base_ns, struct clocks *clocks);

#endif
