/* What a summary says of the capture itself, and the longest silences of a long one. */
#ifndef OUT_TEXT_QUALITY_H
#define OUT_TEXT_QUALITY_H

#include "text_style.h"

#define STALLS_SHOWN 5

struct stalls { /* the longest, longest first */
	struct stall_row {
		uint32_t conv;
		uint64_t ns, silence_ns;
		struct note note;
	} rows[STALLS_SHOWN];
	size_t count;
	uint64_t all;
};

/* In one line, what the kernels counted that a person wants to know. */
void counters_rows(const struct style *style, const struct summary *summary, struct buf *out);
void quality_rows(const struct style *style, const struct summary *summary, struct buf *out);
void stalls_add(struct stalls *stalls, const struct event *note); /* others are no stalls */
void stalls_rows(const struct stalls *stalls, const struct style *style, struct buf *out);

#endif
