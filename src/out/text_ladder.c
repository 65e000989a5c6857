#include "text_ladder.h"

#include "record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GAP_NS     (200 * NS_PER_MS) /* a silence that deserves a line of its own */
#define LIST_FIRST 8

static void ladder_add(struct buf *out, const char *text)
{
	buf_add(out, text, strlen(text));
}

/* Where the text column of a row begins: behind the time. */
static unsigned ladder_indent(const struct style *style)
{
	return style->time + 2;
}

void ladder_end_line(struct buf *out)
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

/* "client", and where there are margins for it the program. */
static void ladder_caller(const struct ladder *ladder, const struct style *style, enum end end,
			  struct buf *out)
{
	const struct caller *caller = &ladder->callers[end];
	struct buf name = {0}, tail = {0};
	buf_printf(&name, "%s", end_words[end]);
	if (caller->id && style->margin > 0) {
		buf_printf(&name, ": %s", caller->name);
		buf_printf(&tail, ", pid %" PRIu32, caller->pid);
	}
	if (!name.failed)
		beside_fit(style, cursor_init((const uint8_t *)name.at, name.len), &tail,
			   style->margin + STATE_COLUMNS, out);
	out->failed |= name.failed;
	buf_close(&name);
	buf_close(&tail);
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
	ladder_add(out, "  ");
	ladder_caller(ladder, style, END_CLIENT, out);
	style_pad(out, line, style_lifeline(style));
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
	ladder_add(out, " ");
	ladder_caller(ladder, style, END_SERVER, out);
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

void ladder_state_text(const struct state_change *change, struct buf *out)
{
	/* In question: nothing on the wire can show it. */
	buf_printf(out, change->inferred ? "%s?" : "%s", state_words[change->state]);
}

void ladder_why(const struct style *style, const struct verdict *verdicts, size_t count,
		struct buf *out)
{
	for (size_t i = 0; style->config.why && i < count && i < VERDICTS_MAX; i++) {
		struct buf text = {0};
		verdict_why(&verdicts[i], style->ascii, &text);
		style_fill(out, " ", style->time - 1);
		ladder_add(out, "-  ");
		if (!text.failed)
			style_sentence(style, out, ladder_indent(style),
				       cursor_init((const uint8_t *)text.at, text.len));
		out->failed |= text.failed;
		buf_close(&text);
	}
}

/* The row's arrow, and where it stands, if it may have to be drawn again. */
static void ladder_finish_arrow(struct ladder *ladder)
{
	struct buf *out = &ladder->lines;
	if (ladder->kept_waits) {
		struct kept *kept = &ladder->kept[ladder->kept_count - 1];
		kept->arrow_at = out->len;
		kept->arrow_len = ladder->arrow.len;
	}
	buf_add(out, ladder->arrow.at, ladder->arrow.len);
	out->failed |= ladder->arrow.failed;
}

static void ladder_finish_why(struct ladder *ladder, const struct style *style)
{
	struct buf *out = &ladder->lines;
	size_t start = out->len;
	ladder_why(style, ladder->verdicts, ladder->verdict_count, out);
	if (ladder->kept_waits) {
		struct kept *kept = &ladder->kept[ladder->kept_count - 1];
		kept->why_at = start;
		kept->why_len = out->len - start;
	}
	ladder->kept_waits = false;
	ladder->verdict_count = 0;
}

void ladder_finish_row(struct ladder *ladder, const struct style *style)
{
	struct buf *out = &ladder->lines;
	size_t line = out->len;
	if (!ladder->waiting)
		return;
	if (ladder->timed)
		style_time(style, out, ladder->row_ns, ladder->before_ns);
	style_pad(out, line, ladder_indent(style) + style->margin);
	ladder_state_text(&ladder->states[END_CLIENT], out);
	style_pad(out, line, style_lifeline(style));
	ladder_finish_arrow(ladder);
	ladder_add(out, " ");
	ladder_state_text(&ladder->states[END_SERVER], out);
	ladder_end_line(out);
	ladder_finish_why(ladder, style);
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

/* A long silence: the lifelines are broken, and how long it was stands under the times. */
void ladder_gap(const struct style *style, uint64_t ns, struct buf *out)
{
	size_t line = out->len;
	if (ns <= GAP_NS)
		return;
	buf_printf(out, "%s ", style->glyphs->gap);
	style_duration(style, out, ns);
	style_pad_left(out, line, style->time);
	style_pad(out, line, style_lifeline(style));
	arrow_life(style, out, style->glyphs->gap);
	style_fill(out, " ", style->wire);
	arrow_life(style, out, style->glyphs->gap);
	ladder_add(out, "\n");
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

/* A row with a time of its own, after a gap if it was silent for long; where calls may break a
 * silence it is drawn as the ladder is composed. */
static void ladder_row_at(struct ladder *ladder, const struct style *style, uint64_t ns)
{
	bool first = ladder->row_ns == 0;
	ladder_begin_row(ladder, style, true);
	if (!first && ns > ladder->row_ns && (!ladder->wide || ladder->streams))
		ladder_gap(style, ns - ladder->row_ns, &ladder->lines);
	ladder->before_ns = first ? ns : ladder->row_ns;
	ladder->row_ns = ns;
}

static void ladder_row_arrow(struct ladder *ladder, const struct style *style,
			     const struct packet *packet)
{
	struct arrow arrow = {
		.packet = packet,
		.window_is_new = packet->window != ladder->window[packet->from],
		.to_right = arrow_to_right(&ladder->ends, packet),
	};
	arrow_draw(style, &arrow, &ladder->arrow);
	ladder->verdict_count =
		packet->verdict_count < VERDICTS_MAX ? packet->verdict_count : VERDICTS_MAX;
	memcpy(ladder->verdicts, packet->verdicts,
	       ladder->verdict_count * sizeof(*packet->verdicts));
	if (!ladder->streams)
		kept_add(ladder, &arrow);
}

void ladder_packet(struct ladder *ladder, const struct style *style, const struct event *event)
{
	const struct packet *packet = &event->packet;
	ladder_finish_row(ladder, style);
	beside_mark(ladder, event->ns);
	if (ladder->packets == 0)
		ladder_tunnel(ladder, style, &packet->segment.tunnel);
	ladder_comment(ladder, style, packet);
	ladder_row_at(ladder, style, event->ns);
	if (ladder->packets == 0)
		ladder->first_ns = event->ns;
	ladder->last_ns = event->ns;
	ladder->crossed = packet->way.known;
	ladder->packets++;
	ladder_row_arrow(ladder, style, packet);
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
	if (change->because_call && !change->because[0]) {
		beside_state(ladder, style, event);
		return;
	}
	if (later || !free) {
		ladder_finish_row(ladder, style);
		if (later) {
			beside_mark(ladder, event->ns);
			ladder_row_at(ladder, style, event->ns);
		} else {
			ladder_begin_row(ladder, style, false);
		}
		arrow_life(style, &ladder->arrow, style->glyphs->life);
		style_fill(&ladder->arrow, " ", style->wire);
		arrow_life(style, &ladder->arrow, style->glyphs->life);
	}
	ladder->states[change->who] = *change;
}

void ladder_note(struct ladder *ladder, const struct style *style, const struct note *note)
{
	ladder_aside(ladder, style, note->warning ? "!  " : "-  ",
		     cursor_init((const uint8_t *)note->text,
				 strnlen(note->text, sizeof(note->text))));
}

/* The row has gone out: what it should have said comes behind. */
static void ladder_amend_verdicts(struct ladder *ladder, const struct style *style,
				  const struct amend *amend)
{
	struct buf text = {0};
	buf_printf(&text, "Packet %" PRIu64 " was", amend->n);
	for (size_t i = 0; i < amend->verdict_count && i < VERDICTS_MAX; i++) {
		buf_printf(&text, i ? "; " : ": ");
		verdict_label(&amend->verdicts[i], false, &text);
	}
	if (amend->because)
		buf_printf(&text, ". Packet %" PRIu64 " shows it", amend->because);
	buf_printf(&text, ".");
	ladder_aside_buf(ladder, style, &text);
}

static void ladder_amend_arrival(struct ladder *ladder, const struct style *style,
				 const struct amend *amend)
{
	struct buf text = {0};
	uint64_t ns = amend->arrives_ns;
	buf_printf(&text, "Packet %" PRIu64 " was given up too early: it arrives ", amend->n);
	style_duration(style, &text, ns > style->start_ns ? ns - style->start_ns : 0);
	buf_printf(&text, " after the start.");
	ladder_aside_buf(ladder, style, &text);
}

void ladder_amend(struct ladder *ladder, const struct style *style, const struct amend *amend)
{
	if (amend->found)
		ladder_amend_arrival(ladder, style, amend);
	if (!kept_amend(ladder, style, amend) && amend->verdict_count > 0)
		ladder_amend_verdicts(ladder, style, amend);
}

void *ladder_grow(void *list, size_t count, size_t *room, size_t bytes)
{
	size_t more = *room ? 2 * *room : LIST_FIRST;
	void *grown = count < *room ? list : realloc(list, more * bytes);
	if (grown && count == *room)
		*room = more;
	return grown;
}

void ladder_close(struct ladder *ladder)
{
	buf_close(&ladder->lines);
	buf_close(&ladder->arrow);
	kept_close(ladder);
	beside_close(ladder);
	*ladder = (struct ladder){0};
}
