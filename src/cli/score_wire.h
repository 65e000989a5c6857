/* A lesson that nobody wrote: wire, hosts and programs follow from a number. */
#ifndef WIRELADDER_CLI_SCORE_WIRE_H
#define WIRELADDER_CLI_SCORE_WIRE_H

#include "wireladder/model_lesson.h"

#define SCORE_RULES    24
#define SCORE_STEPS    1000
#define SCORE_SETTINGS 12

struct score_wire {
	struct lesson lesson; /* points into: */
	struct wire_rule rules[SCORE_RULES];
	struct step steps[END_COUNT][SCORE_STEPS];
	struct program programs[END_COUNT];
	struct setting settings[SCORE_SETTINGS];
	char text[240]; /* what it is, in words */
	uint64_t rng, rtt_ns;
	uint32_t loss_ppm;
	const char *congestion;
	bool compresses; /* its hosts answer several segments beyond a hole by one ACK */
	size_t rule_count, step_counts[END_COUNT], setting_count;
};

/* The same seed, the same lesson. short_run: of about a second, else three. */
void score_wire_make(struct score_wire *wire, uint64_t seed, bool short_run);

#endif
