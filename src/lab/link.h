/* One direction of the wire: when each frame leaves it. Knows no bytes and reads no clock. */
#ifndef WIRELADDER_LAB_LINK_H
#define WIRELADDER_LAB_LINK_H

#include "wireladder/lab.h"

#define LINK_FRAMES      65536 /* under way at once; one more is dropped as by a full queue */
#define LINK_HELD        64    /* held back at once; one more is not held */
#define LINK_HELD_NS     (300 * NS_PER_MS)
#define LINK_QUEUE       1000
#define LINK_STALL_NEVER UINT64_MAX

struct link_due;
struct link {
	const struct link_config *config; /* borrowed */
	uint64_t free_ns;                 /* its transmitter is busy until then */
	uint64_t latest_ns;               /* nothing that keeps its place leaves before */
	uint64_t last_ns;                 /* nothing at all is due after */
	uint64_t stall_ns[2];             /* nothing leaves from the one to the other */
	uint64_t stalled_until_ns;        /* what waits until then waits for a stall */
	uint64_t order;
	struct link_due *due;             /* a heap: the earliest on top */
	size_t count;
	struct link_held {
		uint32_t id, left; /* frames behind it that are still to pass it */
		uint64_t order, until_ns;
	} held[LINK_HELD];
	size_t held_count;
	uint64_t *departs;                /* when the frames in the queue leave it: a ring */
	size_t departs_first, departs_count, departs_max;
};

struct link_frame {
	uint32_t id, len;
	uint64_t arrived_ns;
	bool sentinel;              /* no delay of its own, but overtakes nobody */
	const struct wire_rule *rule; /* that acts on it, or NULL */
};

struct link_fate {
	enum wire_deed deed; /* QUEUE_DROP: it is not under way */
	uint64_t due_ns;
};

bool link_open(struct link *link, const struct link_config *config);
/* Nothing has happened on it yet, and this is when its clock of stalls begins. */
void link_begin(struct link *link, uint64_t zero_ns);
struct link_fate link_enter(struct link *link, const struct link_frame *frame);
/* A frame that leaves by now, which is off the link then. */
bool link_leave(struct link *link, uint64_t now_ns, uint32_t *id, uint64_t *due_ns);
uint64_t link_next_ns(const struct link *link); /* when one leaves; UINT64_MAX: none is there */
void link_close(struct link *link);

#endif
