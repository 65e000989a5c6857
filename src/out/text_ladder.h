/* One conversation's ladder: rows of arrows, with the states on both sides. */
#ifndef OUT_TEXT_LADDER_H
#define OUT_TEXT_LADDER_H

#include "sentence.h"
#include "text_beside.h"

#define KEPT_BYTES 512 /* of a packet: headers, and more payload than a row can show */

struct arrow { /* what is drawn between the lifelines */
	const struct packet *packet;
	bool window_is_new, to_right;
};

/* A row as it was drawn, to be drawn anew when later evidence changes its packet's verdicts. */
struct kept {
	struct packet packet; /* its bytes are those below */
	uint8_t bytes[KEPT_BYTES];
	bool window_is_new, to_right;
	size_t arrow_at, arrow_len, why_at, why_len; /* in the ladder's lines, once there */
};

struct caller { /* a program, as the heading names it */
	uint32_t id, pid;
	char name[64];
};

struct ladder {
	uint32_t conv;
	bool streams;                /* rows go out as they come, and are not kept */
	bool wide;                   /* it has margins */
	struct caller callers[END_COUNT]; /* id 0: not known */
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
	struct verdict verdicts[VERDICTS_MAX]; /* of its packet */
	size_t verdict_count;
	struct kept *kept;           /* rows of packets; none if it streams */
	size_t kept_count, kept_room;
	bool kept_waits;             /* the last of them is the row that waits */
	struct mark *marks;          /* text_beside.c; none while rows go out as they come */
	size_t mark_count, mark_room;
	struct beside *besides;
	size_t beside_count, beside_room;
};

/* "#1 TCP …" and the names of the columns. Without counts while the packets still come. */
void ladder_heading(const struct ladder *ladder, const struct style *style, bool counts,
		    struct buf *out);
void ladder_packet(struct ladder *ladder, const struct style *style, const struct event *event);
void ladder_state(struct ladder *ladder, const struct style *style, const struct event *event);
/* Room for one more of these in a list of a ladder's; NULL: there is no memory. */
void *ladder_grow(void *list, size_t count, size_t *room, size_t bytes);
void ladder_amend(struct ladder *ladder, const struct style *style, const struct amend *amend);
void ladder_note(struct ladder *ladder, const struct style *style, const struct note *note);
/* Below a row, what its packet's verdicts say. */
void ladder_why(const struct style *style, const struct verdict *verdicts, size_t count,
		struct buf *out);
void ladder_state_text(const struct state_change *change, struct buf *out);
void ladder_end_line(struct buf *out);
/* If the silence deserves a line of its own. */
void ladder_gap(const struct style *style, uint64_t ns, struct buf *out);
void ladder_finish_row(struct ladder *ladder, const struct style *style);
void ladder_close(struct ladder *ladder);

/* text_arrow.c */
void arrow_life(const struct style *style, struct buf *out, const char *glyph);
void arrow_draw(const struct style *style, const struct arrow *arrow, struct buf *out);
bool arrow_to_right(const struct conversation_ends *ends, const struct packet *packet);

/* text_kept.c. Without memory a row is drawn, but not kept. */
void kept_add(struct ladder *ladder, const struct arrow *arrow);
/* False: that packet's row is not kept. */
bool kept_amend(struct ladder *ladder, const struct style *style, const struct amend *amend);
void kept_close(struct ladder *ladder);

/* text_label.c: what is written on an arrow. Appends at most `room` columns. */
void label_packet(const struct style *style, const struct packet *packet, bool window_is_new,
		  struct buf *out, unsigned room);
enum paint label_paint(const struct packet *packet, enum stroke *stroke);

#endif
