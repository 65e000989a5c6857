/* The wire: a process that carries frames from one host to the other. */
#ifndef WIRELADDER_LAB_WIRE_H
#define WIRELADDER_LAB_WIRE_H

#include "tally.h"
#include "wireladder/lab.h"

struct wire;
struct wire_config {
	const struct lesson *lesson; /* borrowed until wire_close */
	uint64_t seed;
	uint32_t mtu; /* of the interfaces */
	int counters[END_COUNT][TALLY_FILES]; /* of each host's kernel; borrowed likewise */
};

/* In the calling thread's network; it carries frames from now on. */
struct wire *wire_open(const struct wire_config *config, struct err *err);
/* The log and the frames' numbers begin anew; frames that are under way are not in it. */
bool wire_restart(struct wire *wire, struct err *err);
bool wire_idle(const struct wire *wire);
/* It takes no more frames, and sends those that it has, for two seconds at most. */
const struct truth *wire_stop(struct wire *wire, size_t *count, uint64_t *missed);
void wire_close(struct wire *wire);

#endif
