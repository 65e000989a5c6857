/* One conversation's ladder: rows of arrows, with the states on both sides. */
#ifndef OUT_TEXT_LADDER_H
#define OUT_TEXT_LADDER_H

#include "text_style.h"

struct ladder {
	uint32_t conv;
	struct conversation_ends ends;
	struct buf lines;            /* ready text */
	uint64_t packets, first_ns, last_ns;
	uint64_t window[END_COUNT];  /* as it was last said */
	bool waiting;                /* a row that waits for the states behind its packet */
	bool timed;                  /* it begins with its time */
	bool crossed;                /* with two vantages: states have times of their own */
	uint64_t row_ns, before_ns;  /* its time, and that of the row before it */
	struct buf arrow;            /* of that row, from lifeline to lifeline */
	struct state_change states[END_COUNT]; /* of that row; STATE_UNKNOWN: none */
};

/* "#1 TCP …" and the names of the columns. Without counts while the packets still come. */
void ladder_heading(const struct ladder *ladder, const struct style *style, bool counts,
		    struct buf *out);
void ladder_packet(struct ladder *ladder, const struct style *style, const struct event *event);
void ladder_state(struct ladder *ladder, const struct style *style, const struct event *event);
void ladder_amend(struct ladder *ladder, const struct style *style, const struct event *event);
void ladder_note(struct ladder *ladder, const struct style *style, const struct note *note);
void ladder_finish_row(struct ladder *ladder, const struct style *style);
void ladder_close(struct ladder *ladder);

/* text_label.c: what is written on an arrow. Appends at most `room` columns. */
void label_packet(const struct style *style, const struct packet *packet, bool window_is_new,
		  struct buf *out, unsigned room);
enum paint label_paint(const struct packet *packet, enum stroke *stroke);

#endif
