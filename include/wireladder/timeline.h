/* The door of src/timeline: one clock. Merges what observers saw by time (timeline.md,
 * "Order"). */
#ifndef WIRELADDER_TIMELINE_H
#define WIRELADDER_TIMELINE_H

#include "wireladder/model.h"

enum observed {
	OBSERVED_EVENT,   /* *event is filled; what it borrows lives until the next call */
	OBSERVED_NOT_YET, /* nothing now, more may come */
	OBSERVED_END,     /* nothing will ever come */
	OBSERVED_FAILED,  /* *err says why; nothing will come */
};

/* Anybody who sees the same moment from a side of his own: a tap, a call tracer, a sampler. */
struct observer {
	enum observed (*next)(void *self, struct event *event, struct err *err);
	uint64_t (*watermark)(void *self); /* ns: nothing older than this will come from it */
	void *self;
};

struct timeline_config {
	size_t max_waiting; /* events held back for the slowest observer; 0: 65,536 */
	uint64_t window_ns; /* and for how long in their own time; 0: one second */
};

struct timeline;

/* Copies the list; the observers must live as long. NULL when out of memory. */
struct timeline *timeline_open(const struct observer *observers, size_t count,
			       const struct timeline_config *config, struct err *err);
/* The next event in the order of the timeline, with its notes (clock-back, late) right behind.
 * One observer's events keep their order whatever their stamps say. */
enum observed timeline_next(struct timeline *timeline, struct event *event, struct err *err);
void timeline_close(struct timeline *timeline);

#endif
