/* What a tracer tells, as an observer of the timeline: while it is told, or kept for later. */
#ifndef WIRELADDER_CLI_CALLS_H
#define WIRELADDER_CLI_CALLS_H

#include "wireladder/timeline.h"
#include "wireladder/trace.h"

#define KERNEL_EVERY_NS (5 * NS_PER_MS) /* TCP_INFO is taken so often, unless told otherwise */

struct calls_live {
	struct tracer *tracer; /* borrowed */
	bool over;   /* every program has ended and all was told, or the tracer failed: */
	bool failed; /* a note in the timeline says so */
};
void calls_live_get(struct calls_live *live, struct observer *observer);

/* For a run whose packets are looked at once it is over. */
#define CALLS_KEPT_BYTES (UINT64_C(256) << 20)
struct calls_kept {
	struct calls_live live; /* where they come from */
	bool unwanted;          /* they are only read */
	struct buf bytes;
	size_t at;     /* what is read next */
	uint64_t lost; /* events beyond what is kept; a note in the end */
	uint64_t last_ns;
	uint64_t since_ns; /* programs that were started before are told as of then */
};
/* All that the tracer has now. False: out of memory. */
bool calls_kept_read(struct calls_kept *kept, struct err *err);
void calls_kept_get(struct calls_kept *kept, struct observer *observer);
void calls_kept_close(struct calls_kept *kept);

#endif
