/* The conversation table: what a capture too long for ladders holds. Bounded. */
#ifndef OUT_TEXT_TABLE_H
#define OUT_TEXT_TABLE_H

#include "text_style.h"

#define TABLE_ROWS 1000

struct table_row {
	uint32_t conv;
	struct conversation_ends ends;
	uint64_t packets, bytes, ns, rtt_ns, again;
	enum ended ended;
};

struct table {
	struct table_row *rows; /* a heap: the row that would be let go first is first */
	size_t count;
	uint64_t more;          /* rows that were let go */
};

bool table_open(struct table *table);
void table_add(struct table *table, const struct event *closed);
void table_text(struct table *table, const struct style *style, struct buf *out);
void table_close(struct table *table);

#endif
