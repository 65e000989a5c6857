/* How text is drawn: characters, colours and columns, and numbers as a person writes them. */
#ifndef OUT_TEXT_STYLE_H
#define OUT_TEXT_STYLE_H

#include "wireladder/out.h"

enum stroke { STROKE_THIN, STROKE_HEAVY, STROKE_DOUBLE, STROKE_COUNT };

struct glyphs {
	const char *strokes[STROKE_COUNT];
	const char *right, *left, *life, *gap, *again, *cut, *to, *micro, *lost, *more;
};

/* Colours are never the only cue: strokes, signs and words say the same. */
enum paint {
	PAINT_HEADING, PAINT_DATA, PAINT_ACK, PAINT_CONTROL, PAINT_AGAIN, PAINT_ERROR,
	PAINT_FAINT, PAINT_COUNT,
};

struct style {
	struct output_config config;
	const struct glyphs *glyphs;
	bool ascii;
	unsigned columns;  /* of everything */
	unsigned time;     /* of the time */
	unsigned margin;   /* of each margin, with the space beside it; 0: there are none */
	unsigned wire;     /* between the lifelines */
	uint64_t start_ns; /* where times count from */
};

#define STATE_COLUMNS 12 /* SYN-RECEIVED */

/* fd: where it goes. A terminal whose locale is not UTF-8 gets ASCII. */
void style_init(struct style *style, const struct output_config *config, int fd);
/* With margins for calls, if there is room for them. */
void style_widen(struct style *style);
/* Where the left lifeline stands. */
unsigned style_lifeline(const struct style *style);
void style_paint(const struct style *style, struct buf *out, enum paint paint);
void style_plain(const struct style *style, struct buf *out); /* ends what style_paint began */

/* Anything from outside, made visible; in ASCII what that cannot show becomes '?'. */
void style_text(const struct style *style, struct buf *out, struct cursor text);
void style_sentence(const struct style *style, struct buf *out, unsigned indent,
		    struct cursor text); /* wrapped; the first line is indented by its caller */
void style_time(const struct style *style, struct buf *out, uint64_t ns, uint64_t previous_ns);
void style_duration(const struct style *style, struct buf *out, uint64_t ns); /* "1.23 ms" */
void style_quantity(struct buf *out, uint64_t value);                         /* "1.23M" */
void style_endpoint(struct buf *out, const struct conversation_ends *ends, enum end end);
void style_fill(struct buf *out, const char *glyph, unsigned count);

/* Characters from this byte of the buf on; what is drawn here is one column wide each. */
unsigned style_columns(const struct buf *out, size_t from);
/* Spaces, until what stands from this byte on has so many columns. */
void style_pad(struct buf *out, size_t from, unsigned columns);
/* The same, but with the spaces in front. */
void style_pad_left(struct buf *out, size_t from, unsigned columns);

#endif
