/* Which rule of the wire a frame meets. */
#ifndef WIRELADDER_LAB_MATCHER_H
#define WIRELADDER_LAB_MATCHER_H

#include "flows.h"

struct rule_state;
struct matcher {
	const struct wire_rule *rules; /* borrowed */
	size_t count;
	struct rule_state *states;
	struct flows flows;
	struct place place; /* of the latest frame */
};

bool matcher_open(struct matcher *matcher, const struct lesson *lesson, uint64_t seed);
/* The first rule that this frame meets, counted from 1; 0: none. Every rule counts the frames
 * that it looks for, whichever rule acts, and a rule with a chance draws one number for each
 * frame that meets all its other conditions: so what happens to the fifth data segment does not
 * depend on how many ACKs there were. */
uint32_t matcher_rule(struct matcher *matcher, const struct meaning *meaning, enum end to);
void matcher_close(struct matcher *matcher);

#endif
