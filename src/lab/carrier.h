/* The inside of the wire's process: from ring to rules to link to the other side. */
#ifndef WIRELADDER_LAB_CARRIER_H
#define WIRELADDER_LAB_CARRIER_H

#include <stdatomic.h>

#include "labels.h"
#include "link.h"
#include "matcher.h"
#include "port.h"
#include "wire.h"

#define WIRE_LOG_MAX 1048576
#define TAKE_AT_ONCE 32 /* then what is due goes out first */

enum wire_order { WIRE_CARRY_ON, WIRE_RESTART, WIRE_STOP };

/* Between the wire and who opened it; pages that nobody touches cost nothing. */
struct wire_shared {
	_Atomic uint32_t wanted;    /* an enum wire_order; the wire sets it back when done */
	_Atomic uint32_t under_way; /* counted before the ring's slot is given back */
	_Atomic uint64_t logged, beyond; /* beyond what the log holds */
	struct truth log[WIRE_LOG_MAX];
};

struct carrier_frame {
	uint32_t log;    /* index + 1 of its truth; 0: it has none */
	uint32_t len, copies;
	enum end to;
	bool acks;          /* what its receiver hears by it: */
	uint32_t ports, ack;
};

struct carrier {
	const struct wire_config *config;
	struct wire_shared *shared;
	struct port *ports; /* by host: what arrives at one leaves at the other */
	struct matcher matcher;
	struct labels labels;
	struct link links[END_COUNT]; /* by where they lead */
	uint32_t numbers[END_COUNT];
	bool begun;         /* the first frame was there: the clock of stalls runs */
	struct carrier_frame *frames;
	uint8_t *bytes;     /* of frame i from i * frame_bytes on */
	size_t frame_bytes;
	uint32_t *free;     /* a stack of unused frames */
	size_t free_count;
};

bool carrier_open(struct carrier *carrier);
/* Takes what has arrived, in order of arrival, TAKE_AT_ONCE at most; false: nothing there. */
bool carrier_take(struct carrier *carrier);
void carrier_give(struct carrier *carrier, uint64_t now_ns); /* sends what is due */
uint64_t carrier_next_ns(const struct carrier *carrier);
void carrier_restart(struct carrier *carrier);

#endif
