#include "text_ladder.h"

#include <string.h>

/* Arrows between the lifelines. */

#define TAIL 3         /* strokes between an arrow's tail and its label */
#define AROUND_LABEL 5 /* two spaces, at least one stroke on each side, the head */
#define AROUND_LOST 3  /* what else a lost packet's label leaves: room at the end */

static void arrow_add(struct buf *out, const char *text)
{
	buf_add(out, text, strlen(text));
}

void arrow_life(const struct style *style, struct buf *out, const char *glyph)
{
	style_paint(style, out, PAINT_FAINT);
	arrow_add(out, glyph);
	style_plain(style, out);
}

/* Which rule did it, else what the wire did of its own, as far as there is room; a space in
 * front. */
static void arrow_rule(const struct style *style, const struct packet *packet, struct buf *out)
{
	const struct fate *fate = &packet->way.fate;
	const char *rule = fate->rule ? fate->rule : wire_deed_words[fate->did];
	struct cursor text = cursor_init((const uint8_t *)rule, rule ? strlen(rule) : 0);
	if (cursor_left(&text) > 0)
		arrow_add(out, " ");
	while (cursor_left(&text) > 0 && style_columns(out, 0) < style->wire / 2) {
		uint32_t c;
		size_t used = text_utf8_next(text.at, cursor_left(&text), &c);
		style_text(style, out, cursor_sub(&text, used));
	}
	if (cursor_left(&text) > 0)
		arrow_add(out, style->glyphs->cut);
}

/* A lost packet: an arrow that does not get to the other lifeline, and why. The rule is read
 * from left to right whichever way the arrow goes. */
static void arrow_lost(const struct style *style, const struct arrow *arrow, struct buf *out)
{
	const struct packet *packet = arrow->packet;
	struct buf label = {0}, rule = {0};
	enum stroke stroke;
	enum paint paint = label_paint(packet, &stroke);
	const char *glyph = style->glyphs->strokes[stroke];
	unsigned used, tail, rest;
	arrow_rule(style, packet, &rule);
	used = style_columns(&rule, 0) + AROUND_LABEL + AROUND_LOST;
	label_packet(style, packet, arrow->window_is_new, &label, style->wire - used);
	rest = style->wire - used - style_columns(&label, 0) + AROUND_LOST;
	tail = rest > TAIL + 1 ? TAIL : 1;
	rest -= tail - 1; /* what is left empty */
	arrow_life(style, out, style->glyphs->life);
	style_paint(style, out, paint);
	if (arrow->to_right) {
		style_fill(out, glyph, tail);
		buf_printf(out, " %.*s %s%s%.*s", (int)label.len, label.at, glyph,
			   style->glyphs->lost, (int)rule.len, rule.len ? rule.at : "");
		style_fill(out, " ", rest);
	} else {
		style_fill(out, " ", rest - 1);
		buf_printf(out, "%.*s %s%s %.*s ", (int)rule.len, rule.len ? rule.at : "",
			   style->glyphs->lost, glyph, (int)label.len, label.at);
		style_fill(out, glyph, tail);
	}
	style_plain(style, out);
	arrow_life(style, out, style->glyphs->life);
	out->failed |= label.failed | rule.failed;
	buf_close(&label);
	buf_close(&rule);
}

/* The label stands near the tail, so that the direction is seen before anything is read. */
static void arrow_whole(const struct style *style, const struct arrow *arrow, struct buf *out)
{
	const struct packet *packet = arrow->packet;
	struct buf label = {0};
	enum stroke stroke;
	enum paint paint = label_paint(packet, &stroke);
	const char *glyph = style->glyphs->strokes[stroke];
	bool to_right = arrow->to_right;
	unsigned tail, used, rest;
	label_packet(style, packet, arrow->window_is_new, &label, style->wire - AROUND_LABEL);
	used = style_columns(&label, 0);
	rest = style->wire - used - 3; /* but for the spaces and the head */
	tail = rest > TAIL ? TAIL : rest - 1;
	rest -= tail;
	arrow_life(style, out, style->glyphs->life);
	style_paint(style, out, paint);
	arrow_add(out, to_right ? "" : style->glyphs->left);
	style_fill(out, glyph, to_right ? tail : rest);
	arrow_add(out, " ");
	buf_add(out, label.at, label.len);
	arrow_add(out, " ");
	style_fill(out, glyph, to_right ? rest : tail);
	arrow_add(out, to_right ? style->glyphs->right : "");
	style_plain(style, out);
	arrow_life(style, out, style->glyphs->life);
	out->failed |= label.failed;
	buf_close(&label);
}

void arrow_draw(const struct style *style, const struct arrow *arrow, struct buf *out)
{
	(arrow->packet->way.lost ? arrow_lost : arrow_whole)(style, arrow, out);
}

/* An ICMP error goes to the end whose packet it quotes; nothing else says which end that is
 * when both have one address. */
bool arrow_to_right(const struct conversation_ends *ends, const struct packet *packet)
{
	const struct segment *segment = &packet->segment;
	const struct addr *client = &ends->addr[END_CLIENT];
	if (segment->kind == SEGMENT_TCP || segment->kind == SEGMENT_UDP)
		return packet->from == END_CLIENT;
	if (segment->kind == SEGMENT_ICMP && segment->icmp.quotes)
		return !(addr_equal(&segment->icmp.quoted.src, client) &&
			 segment->icmp.quoted.sport == ends->port[END_CLIENT]);
	return !addr_equal(&segment->ends.dst, client);
}
