/* The door of src/timeline: one clock. Merges what observers saw by time (timeline.md,
 * "Order"), and joins what two taps saw of the same packets ("Two vantages"). */
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
	bool sorted; /* no tap: a step back of its events is not a clock's */
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

/* Two vantages: the tap at one side of a network and the tap at the other. */
#define VANTAGES 2

/* By what of its content a packet is known again. */
struct match_content {
	uint32_t payload_bytes; /* its beginning, as much as both captures keep; at most 64 */
	bool options;           /* TCP's timestamps and SACK blocks, unless they were cut off */
	bool ip_id;             /* identification, unless something on the way rewrites it */
};
#define MATCH_CONTENT_ALL ((struct match_content){64, true, true})

/* How the second vantage's clock is put on the first's. */
struct clocks {
	int64_t offset_ns;           /* is added to the second's time, */
	int64_t drift_ppb;           /* and so much of what has passed since then: */
	uint64_t since_ns;           /* by its own clock; 0: since its first packet */
	uint64_t drift_uncertainty_ppb; /* so much may drift_ppb be off; 0: it was given */
	uint64_t uncertainty_ns;     /* the time that results is off by no more than this */
	uint64_t least_ns[VANTAGES]; /* fastest way of what leaves at each; 0: unknown */
	uint64_t pairs[VANTAGES];    /* packets compared, by the vantage where they left */
	bool crooked; /* no straight line fits: a clock was set, or the offset given is wrong */
};
/* Unchanged by drift as long as since_ns is 0. */
uint64_t clocks_align(const struct clocks *clocks, uint64_t second_ns);

/* comparison: the first reading of two captures that end: what they know packets by, which side
 * each address is on, and how their clocks stand to each other. */
struct comparison;
struct comparison *comparison_open(const struct match_content *content, struct err *err);
/* Every event of the capture that its vantage names, one capture after the other. */
void comparison_add(struct comparison *comparison, const struct event *event);
/* Fills *clocks, keeping offset and drift of *given, which may be NULL. The result is how many
 * packets both captures have. */
size_t comparison_finish(struct comparison *comparison, const struct clocks *given,
			 struct clocks *clocks);
/* Both hold the same stamps, or all of them as far apart: one tap saw them, not two. */
bool comparison_is_one_tap(const struct comparison *comparison);
/* What both captures keep of every packet. */
struct match_content comparison_content(const struct comparison *comparison);
/* The addresses at the side of this vantage. Borrowed. */
const struct addr *comparison_local(const struct comparison *comparison, size_t vantage,
				    size_t *count);
void comparison_close(struct comparison *comparison); /* safe on NULL */

/* match: joins departures and arrivals. Packets of addresses that only one of the vantages can
 * see are passed on as they are. */
struct match_config {
	struct match_content content;
	struct clocks clocks;        /* zeroed: both have one clock */
	uint64_t window_ns;          /* a departure waits for its arrival; 0: two seconds */
	size_t max_waiting;          /* and so do as many; 0: 65,536 */
	const struct addr *local[VANTAGES]; /* addresses at each side, as far as they are known;
					     * the others are learned. Borrowed by match_open */
	size_t local_count[VANTAGES];
	bool one_wire; /* between two hosts: what one sends to many arrives at the other */
	bool whole; /* both taps ran from before the first packet until after the last */
};
struct match;
/* The observers, one for each vantage, must live as long. NULL when out of memory. */
struct match *match_open(const struct observer vantages[static VANTAGES],
			 const struct match_config *config, struct err *err);
/* What it makes of them: packets with `way`, numbered anew in order of departure, amends, and
 * the notes of both. */
void match_get(struct match *match, struct observer *observer);
/* As in its config, with since_ns once the second vantage's first packet was read. */
const struct clocks *match_clocks(const struct match *match);
void match_close(struct match *match);

#endif
