#include "text_ladder.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define GAP_NS (200 * NS_PER_MS) /* a silence that deserves a line of its own */
#define TAIL 3                   /* strokes between an arrow's tail and its label */
#define AROUND_LABEL 5           /* two spaces, at least one stroke on each side, the head */
#define AROUND_LOST 3            /* what else a lost packet's label leaves: room at the end */

static void ladder_add(struct buf *out, const char *text)
{
	buf_add(out, text, strlen(text));
}

/* Where the text column of a row begins: behind the time. */
static unsigned ladder_indent(const struct style *style)
{
	return style->time + 2;
}

static void ladder_end_line(struct buf *out)
{
	while (out->len > 0 && out->at[out->len - 1] == ' ')
		out->len--;
	ladder_add(out, "\n");
}

static void ladder_heading_counts(const struct ladder *ladder, const struct style *style,
				  struct buf *out)
{
	uint64_t first = ladder->first_ns, last = ladder->last_ns;
	buf_printf(out, "   %" PRIu64 " packet%s   ", ladder->packets,
		   ladder->packets == 1 ? "" : "s");
	style_duration(style, out, last > first ? last - first : 0);
}

static void ladder_columns(const struct ladder *ladder, const struct style *style,
			   struct buf *out)
{
	struct buf server = {0};
	size_t line = out->len, wire;
	unsigned behind;
	bool clock = style->config.times == TIMES_UTC || style->config.times == TIMES_LOCAL;
	ladder_add(out, clock ? "time" : "ms");
	style_pad_left(out, line, style->time);
	ladder_add(out, "  client");
	style_pad(out, line, ladder_indent(style) + STATE_COLUMNS + 1);
	wire = out->len;
	behind = style->wire + 2;
	style_endpoint(out, &ladder->ends, END_CLIENT);
	style_endpoint(&server, &ladder->ends, END_SERVER);
	if (style_columns(out, wire) + 1 + (unsigned)server.len <= behind) {
		style_pad(out, wire, behind - (unsigned)server.len);
		buf_add(out, server.at, server.len);
	} else {
		out->len = wire; /* two long addresses: the line above has them */
		style_pad(out, wire, behind);
	}
	ladder_add(out, " server");
	buf_close(&server);
}

void ladder_heading(const struct ladder *ladder, const struct style *style, bool counts,
		    struct buf *out)
{
	size_t line = out->len;
	bool long_ends;
	style_paint(style, out, PAINT_HEADING);
	buf_printf(out, "#%" PRIu32 " %s  ", ladder->conv, ladder->ends.udp ? "UDP" : "TCP");
	style_endpoint(out, &ladder->ends, END_CLIENT);
	/* Two long addresses take two lines. */
	long_ends = ladder->ends.addr[END_CLIENT].family == 6 &&
		    out->len - line > style->columns / 2;
	buf_printf(out, long_ends ? "\n   %s " : " %s ", style->glyphs->to);
	style_endpoint(out, &ladder->ends, END_SERVER);
	if (counts)
		ladder_heading_counts(ladder, style, out);
	style_plain(style, out);
	ladder_add(out, "\n");
	style_paint(style, out, PAINT_FAINT);
	ladder_columns(ladder, style, out);
	style_plain(style, out);
	ladder_add(out, "\n");
}

static void ladder_state_text(const struct state_change *change, struct buf *out)
{
	/* In question: nothing on the wire can show it. */
	buf_printf(out, change->inferred ? "%s?" : "%s", state_words[change->state]);
}

void ladder_finish_row(struct ladder *ladder, const struct style *style)
{
	struct buf *out = &ladder->lines;
	size_t line = out->len;
	if (!ladder->waiting)
		return;
	if (ladder->timed)
		style_time(style, out, ladder->row_ns, ladder->before_ns);
	style_pad(out, line, ladder_indent(style));
	ladder_state_text(&ladder->states[END_CLIENT], out);
	style_pad(out, line, ladder_indent(style) + STATE_COLUMNS + 1);
	buf_add(out, ladder->arrow.at, ladder->arrow.len);
	out->failed |= ladder->arrow.failed;
	ladder_add(out, " ");
	ladder_state_text(&ladder->states[END_SERVER], out);
	ladder_end_line(out);
	ladder->waiting = false;
}

static void ladder_begin_row(struct ladder *ladder, const struct style *style, bool timed)
{
	ladder_finish_row(ladder, style);
	ladder->arrow.len = 0;
	ladder->waiting = true;
	ladder->timed = timed;
	for (enum end end = END_CLIENT; end < END_COUNT; end++)
		ladder->states[end] = (struct state_change){.state = STATE_UNKNOWN};
}

static void ladder_life(const struct style *style, struct buf *out, const char *glyph)
{
	style_paint(style, out, PAINT_FAINT);
	ladder_add(out, glyph);
	style_plain(style, out);
}

/* A long silence: the lifelines are broken, and how long it was stands under the times. */
static void ladder_gap(struct ladder *ladder, const struct style *style, uint64_t ns)
{
	struct buf *out = &ladder->lines;
	size_t line = out->len;
	buf_printf(out, "%s ", style->glyphs->gap);
	style_duration(style, out, ns);
	style_pad_left(out, line, style->time);
	style_pad(out, line, ladder_indent(style) + STATE_COLUMNS + 1);
	ladder_life(style, out, style->glyphs->gap);
	style_fill(out, " ", style->wire);
	ladder_life(style, out, style->glyphs->gap);
	ladder_add(out, "\n");
}

/* Which rule did it, else what the wire did of its own, as far as there is room; a space in
 * front. */
static void ladder_rule(const struct style *style, const struct packet *packet, struct buf *out)
{
	const struct fate *fate = &packet->way.fate;
	const char *rule = fate->rule ? fate->rule : wire_deed_words[fate->did];
	struct cursor text = cursor_init((const uint8_t *)rule, rule ? strlen(rule) : 0);
	if (cursor_left(&text) > 0)
		ladder_add(out, " ");
	while (cursor_left(&text) > 0 && style_columns(out, 0) < style->wire / 2) {
		uint32_t c;
		size_t used = text_utf8_next(text.at, cursor_left(&text), &c);
		style_text(style, out, cursor_sub(&text, used));
	}
	if (cursor_left(&text) > 0)
		ladder_add(out, style->glyphs->cut);
}

/* A lost packet: an arrow that does not get to the other lifeline, and why. The rule is read
 * from left to right whichever way the arrow goes. */
static void ladder_arrow_lost(struct ladder *ladder, const struct style *style, bool to_right,
			      const struct packet *packet)
{
	struct buf *out = &ladder->arrow;
	struct buf label = {0}, rule = {0};
	enum stroke stroke;
	enum paint paint = label_paint(packet, &stroke);
	const char *glyph = style->glyphs->strokes[stroke];
	unsigned used, tail, rest;
	bool new_window = packet->window != ladder->window[packet->from];
	ladder_rule(style, packet, &rule);
	used = style_columns(&rule, 0) + AROUND_LABEL + AROUND_LOST;
	label_packet(style, packet, new_window, &label, style->wire - used);
	rest = style->wire - used - style_columns(&label, 0) + AROUND_LOST;
	tail = rest > TAIL + 1 ? TAIL : 1;
	rest -= tail - 1; /* what is left empty */
	ladder_life(style, out, style->glyphs->life);
	style_paint(style, out, paint);
	if (to_right) {
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
	ladder_life(style, out, style->glyphs->life);
	out->failed |= label.failed | rule.failed;
	buf_close(&label);
	buf_close(&rule);
}

/* The label stands near the tail, so that the direction is seen before anything is read. */
static void ladder_arrow(struct ladder *ladder, const struct style *style, bool to_right,
			 const struct packet *packet)
{
	struct buf *out = &ladder->arrow;
	struct buf label = {0};
	enum stroke stroke;
	enum paint paint = label_paint(packet, &stroke);
	const char *glyph = style->glyphs->strokes[stroke];
	unsigned tail, used, rest;
	bool new_window = packet->window != ladder->window[packet->from];
	label_packet(style, packet, new_window, &label, style->wire - AROUND_LABEL);
	used = style_columns(&label, 0);
	rest = style->wire - used - 3; /* but for the spaces and the head */
	tail = rest > TAIL ? TAIL : rest - 1;
	rest -= tail;
	ladder_life(style, out, style->glyphs->life);
	style_paint(style, out, paint);
	ladder_add(out, to_right ? "" : style->glyphs->left);
	style_fill(out, glyph, to_right ? tail : rest);
	ladder_add(out, " ");
	buf_add(out, label.at, label.len);
	ladder_add(out, " ");
	style_fill(out, glyph, to_right ? rest : tail);
	ladder_add(out, to_right ? style->glyphs->right : "");
	style_plain(style, out);
	ladder_life(style, out, style->glyphs->life);
	out->failed |= label.failed;
	buf_close(&label);
}

/* An ICMP error goes to the end whose packet it quotes; nothing else says which end that is
 * when both have one address. */
static bool ladder_to_right(const struct ladder *ladder, const struct packet *packet)
{
	const struct segment *segment = &packet->segment;
	const struct addr *client = &ladder->ends.addr[END_CLIENT];
	if (segment->kind == SEGMENT_TCP || segment->kind == SEGMENT_UDP)
		return packet->from == END_CLIENT;
	if (segment->kind == SEGMENT_ICMP && segment->icmp.quotes)
		return !(addr_equal(&segment->icmp.quoted.src, client) &&
			 segment->icmp.quoted.sport == ladder->ends.port[END_CLIENT]);
	return !addr_equal(&segment->ends.dst, client);
}

/* A sentence of its own between the rows. */
static void ladder_aside(struct ladder *ladder, const struct style *style, const char *mark,
			 struct cursor text)
{
	struct buf *out = &ladder->lines;
	ladder_finish_row(ladder, style);
	style_fill(out, " ", style->time - 1);
	ladder_add(out, mark);
	style_sentence(style, out, ladder_indent(style), text);
}

static void ladder_aside_buf(struct ladder *ladder, const struct style *style, struct buf *text)
{
	if (!text->failed)
		ladder_aside(ladder, style, "-  ",
			     cursor_init((const uint8_t *)text->at, text->len));
	ladder->lines.failed |= text->failed;
	buf_close(text);
}

static void ladder_tunnel(struct ladder *ladder, const struct style *style,
			  const struct tunnel *tunnel)
{
	struct buf text = {0};
	for (size_t i = 0; i < tunnel->count && i < TUNNEL_MAX; i++) {
		buf_printf(&text, "%s%s", i ? ", " : "through ", tunnel_words[tunnel->kind[i]]);
		if (tunnel->numbered >> i & 1)
			buf_printf(&text, " %" PRIu32, tunnel->number[i]);
	}
	if (tunnel->count > 0)
		ladder_aside_buf(ladder, style, &text);
}

/* What somebody wrote to the packet that comes next. */
static void ladder_comment(struct ladder *ladder, const struct style *style,
			   const struct packet *packet)
{
	struct buf text = {0};
	if (packet->comment_len == 0)
		return;
	buf_add(&text, "\"", 1);
	buf_add(&text, packet->comment, packet->comment_len);
	buf_add(&text, "\"", 1);
	ladder_aside_buf(ladder, style, &text);
}

/* A row with a time of its own, after a gap if it was silent for long. */
static void ladder_row_at(struct ladder *ladder, const struct style *style, uint64_t ns)
{
	bool first = ladder->row_ns == 0;
	ladder_begin_row(ladder, style, true);
	if (!first && ns > ladder->row_ns && ns - ladder->row_ns > GAP_NS)
		ladder_gap(ladder, style, ns - ladder->row_ns);
	ladder->before_ns = first ? ns : ladder->row_ns;
	ladder->row_ns = ns;
}

void ladder_packet(struct ladder *ladder, const struct style *style, const struct event *event)
{
	const struct packet *packet = &event->packet;
	if (ladder->packets == 0)
		ladder_tunnel(ladder, style, &packet->segment.tunnel);
	ladder_comment(ladder, style, packet);
	ladder_row_at(ladder, style, event->ns);
	if (ladder->packets == 0)
		ladder->first_ns = event->ns;
	ladder->last_ns = event->ns;
	ladder->crossed = packet->way.known;
	ladder->packets++;
	(packet->way.lost ? ladder_arrow_lost : ladder_arrow)(
		ladder, style, ladder_to_right(ladder, packet), packet);
	if (packet->segment.kind == SEGMENT_TCP)
		ladder->window[packet->from] = packet->window;
}

/* Behind the packet that made it known. Where both ends were tapped, what an arrival changes is
 * changed later than that packet left, and others may have left meanwhile: a row of its own. */
void ladder_state(struct ladder *ladder, const struct style *style, const struct event *event)
{
	const struct state_change *change = &event->state;
	bool later = ladder->crossed && event->ns > ladder->row_ns;
	bool free = ladder->waiting && ladder->states[change->who].state == STATE_UNKNOWN;
	if (later || !free) {
		if (later)
			ladder_row_at(ladder, style, event->ns);
		else
			ladder_begin_row(ladder, style, false);
		ladder_life(style, &ladder->arrow, style->glyphs->life);
		style_fill(&ladder->arrow, " ", style->wire);
		ladder_life(style, &ladder->arrow, style->glyphs->life);
	}
	ladder->states[change->who] = *change;
}

void ladder_note(struct ladder *ladder, const struct style *style, const struct note *note)
{
	ladder_aside(ladder, style, note->warning ? "!  " : "-  ",
		     cursor_init((const uint8_t *)note->text,
				 strnlen(note->text, sizeof(note->text))));
}

void ladder_amend(struct ladder *ladder, const struct style *style, const struct event *event)
{
	struct buf text = {0};
	uint64_t ns = event->amend.arrives_ns;
	buf_printf(&text, "Packet %" PRIu64 " was given up too early: it arrives ",
		   event->amend.n);
	style_duration(style, &text, ns > style->start_ns ? ns - style->start_ns : 0);
	buf_printf(&text, " after the start.");
	ladder_aside_buf(ladder, style, &text);
}

void ladder_close(struct ladder *ladder)
{
	buf_close(&ladder->lines);
	buf_close(&ladder->arrow);
	*ladder = (struct ladder){0};
}
