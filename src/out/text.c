/* Theory of operation. Ladders are grouped by conversation, so each conversation's rows are
 * kept as ready text until the end; that is bounded because beyond 200 packets all ladders are
 * dropped and only the table goes on. With one conversation asked for, its rows are written as
 * they come; where calls are to stand between them, it is kept as the others are until it has
 * more than 200 packets. */
#include "text.h"

#include "record.h"
#include "text_calls.h"
#include "text_story.h"
#include "text_quality.h"
#include "text_table.h"

#include <inttypes.h>
#include <stdlib.h>

#define LADDER_PACKETS 200
#define LADDER_NOTES 200 /* a capture can have one per packet, and states a few */
#define ASIDE_LABEL_MIN 36

struct text {
	struct style style;
	struct style wide;       /* with margins for calls */
	bool traced;             /* programs are seen: ladders that begin now are wide */
	struct calls calls;
	struct file *file;       /* borrowed */
	struct ladder *ladders;  /* of at most LADDER_PACKETS conversations, in order of conv */
	size_t ladder_count;
	uint64_t packets, notes;
	bool too_many;           /* the table it is */
	bool found;              /* the conversation that was asked for */
	struct buf opening;      /* a lesson's story */
	struct buf asides;       /* packets that belong to no conversation, and their notes */
	struct buf ending;       /* what the summary says */
	struct table table;
	struct stalls stalls;    /* for the table: ladders show them where they are */
};

struct text *text_open(const struct output_config *config, struct file *file, struct err *err)
{
	struct text *text = calloc(1, sizeof(*text));
	if (text) {
		text->file = file;
		style_init(&text->style, config, file->fd);
		text->wide = text->style;
		style_widen(&text->wide);
		text->ladders = calloc(LADDER_PACKETS, sizeof(*text->ladders));
		if (text->ladders && table_open(&text->table) && calls_open(&text->calls))
			return text;
	}
	text_close(text);
	err_memory(err);
	return NULL;
}

static void text_drop_ladders(struct text *text)
{
	for (size_t i = 0; i < text->ladder_count; i++)
		ladder_close(&text->ladders[i]);
	text->ladder_count = 0;
	buf_close(&text->asides);
}

void text_close(struct text *text)
{
	if (!text)
		return;
	text_drop_ladders(text);
	table_close(&text->table);
	calls_close(&text->calls);
	buf_close(&text->opening);
	buf_close(&text->ending);
	free(text->ladders);
	free(text);
}

static struct ladder *text_ladder_find(const struct text *text, uint32_t conv)
{
	for (size_t i = 0; conv && i < text->ladder_count; i++) {
		if (text->ladders[i].conv == conv)
			return &text->ladders[i];
	}
	return NULL;
}

static const struct style *text_style(const struct text *text, const struct ladder *ladder)
{
	return ladder->wide ? &text->wide : &text->style;
}

static void text_meta(struct text *text, const struct event *event)
{
	text->style.start_ns = text->wide.start_ns = event->meta->start_ns;
	if (event->meta->lesson && !text->style.config.quiet)
		story_text(&text->style, event->meta, &text->opening);
}

static void text_conversation(struct text *text, const struct event *event)
{
	uint32_t wanted = text->style.config.conv;
	struct ladder *ladder;
	if (text->too_many || (wanted && event->conv != wanted))
		return;
	if (text->ladder_count == LADDER_PACKETS) {
		text->too_many = true;
		text_drop_ladders(text);
		return;
	}
	ladder = &text->ladders[text->ladder_count++];
	*ladder = (struct ladder){.conv = event->conv, .ends = event->conversation};
	ladder->wide = text->traced && text->wide.margin > 0;
	ladder->streams = wanted && !ladder->wide;
	text->found = true;
	if (ladder->streams)
		ladder_heading(ladder, &text->style, false, &ladder->lines);
}

/* That it was lost, and by which rule or deed of the wire, as far as that is known. */
static void text_aside_lost(const struct style *style, const struct way *way, struct buf *out)
{
	const char *why = way->fate.rule ? way->fate.rule : wire_deed_words[way->fate.did];
	buf_printf(out, " %s", style->glyphs->lost);
	if (why && *why)
		buf_add(out, " ", 1);
	style_text(style, out, cursor_init((const uint8_t *)why, why ? strlen(why) : 0));
}

/* A packet of no conversation: an ICMP query, a fragment. */
static void text_aside(struct text *text, const struct event *event)
{
	const struct style *style = &text->style;
	const struct tuple *ends = &event->packet.segment.ends;
	struct buf *out = &text->asides;
	char src[ADDR_TEXT], dst[ADDR_TEXT];
	size_t line = out->len;
	unsigned used, room;
	addr_text(&ends->src, src);
	addr_text(&ends->dst, dst);
	style_time(style, out, event->ns, event->ns);
	style_pad(out, line, style->time + 2);
	buf_printf(out, "%s %s %s  ", src, style->glyphs->to, dst);
	used = style_columns(out, line);
	room = style->columns < used + ASIDE_LABEL_MIN ? ASIDE_LABEL_MIN
						       : style->columns - used;
	label_packet(style, &event->packet, false, out, room);
	if (event->packet.way.lost)
		text_aside_lost(style, &event->packet.way, out);
	buf_add(out, "\n", 1);
	ladder_why(style, event->packet.verdicts, event->packet.verdict_count, out);
}

/* It is too long to be kept. */
static void text_release(struct text *text, struct ladder *ladder)
{
	struct buf lines = {0};
	ladder_finish_row(ladder, text_style(text, ladder));
	ladder_heading(ladder, text_style(text, ladder), false, &lines);
	beside_compose(ladder, text_style(text, ladder), &lines);
	kept_close(ladder);
	beside_close(ladder);
	buf_close(&ladder->lines);
	ladder->lines = lines;
	ladder->streams = true;
}

static void text_packet(struct text *text, const struct event *event)
{
	struct ladder *ladder = text_ladder_find(text, event->conv);
	bool shown = event->packet.segment.kind != SEGMENT_OTHER;
	text->packets += shown;
	if (text->packets > LADDER_PACKETS && !text->style.config.conv && !text->too_many) {
		text->too_many = true;
		text_drop_ladders(text);
		return;
	}
	if (ladder && shown && ladder->packets == LADDER_PACKETS && !ladder->streams)
		text_release(text, ladder);
	if (ladder && shown)
		ladder_packet(ladder, text_style(text, ladder), event);
	else if (shown && !text->too_many && event->conv == 0 && !text->style.config.conv)
		text_aside(text, event);
}

static void text_state(struct text *text, const struct event *event)
{
	struct ladder *ladder = text_ladder_find(text, event->conv);
	if (ladder)
		ladder_state(ladder, text_style(text, ladder), event);
}

static void text_note(struct text *text, const struct event *event)
{
	struct ladder *ladder = text_ladder_find(text, event->conv);
	struct ladder aside = {.lines = text->asides};
	stalls_add(&text->stalls, event);
	if (text->notes == LADDER_NOTES || text->too_many)
		return;
	text->notes++;
	if (ladder) {
		ladder_note(ladder, text_style(text, ladder), &event->note);
	} else if (event->conv == 0 && !text->style.config.conv) {
		ladder_note(&aside, &text->style, &event->note);
		text->asides = aside.lines;
	}
}

static void text_amend(struct text *text, const struct event *event)
{
	struct ladder *ladder = text_ladder_find(text, event->conv);
	struct ladder aside = {.lines = text->asides};
	if (ladder) {
		ladder_amend(ladder, text_style(text, ladder), &event->amend);
	} else if (event->conv == 0 && !text->style.config.conv && !text->too_many) {
		ladder_amend(&aside, &text->style, &event->amend);
		text->asides = aside.lines;
	}
}

static void text_program(struct text *text, const struct event *event)
{
	text->traced = true;
	calls_program(&text->calls, &text->wide, event);
}

static void text_call(struct text *text, const struct event *event)
{
	struct ladder *ladder = text_ladder_find(text, event->conv);
	if (!text->too_many)
		calls_take(&text->calls, &text->wide, ladder && ladder->wide ? ladder : NULL,
			   event);
}

/* Calls that waited for a conversation until now; those of none are listed. */
static void text_late_calls(struct text *text)
{
	for (size_t i = 0; i < text->calls.early_count && !text->too_many; i++) {
		struct early *early = &text->calls.early[i];
		const struct early *other = calls_latest(&text->calls, early->sock);
		struct ladder *ladder = other ? text_ladder_find(text, other->conv) : NULL;
		if (early->conv)
			continue;
		if (ladder && ladder->wide) {
			early->beside.end = other->beside.end;
			calls_add(&text->calls, &text->wide, ladder, early);
		}
	}
	if (!text->too_many && !text->style.config.conv)
		calls_list(&text->calls, &text->style, &text->asides);
}

static void text_closed(struct text *text, const struct event *event)
{
	table_add(&text->table, event);
}

static void text_unknown(const struct summary *summary, struct buf *out)
{
	if (summary->unknown_count == 0)
		return;
	buf_printf(out, "; not read: ");
	for (size_t i = 0; i < summary->unknown_count && i < UNKNOWN_KINDS; i++) {
		buf_printf(out, "%s%" PRIu64 " of ", i ? ", " : "",
			   summary->unknown[i].count.packets);
		unknown_text(&summary->unknown[i], out);
	}
}

static void text_summary(struct text *text, const struct event *event)
{
	const struct summary *summary = event->summary;
	struct buf line = {0};
	buf_printf(&line, "%" PRIu64 " packet%s in %" PRIu64 " conversation%s, ",
		   summary->all.packets, summary->all.packets == 1 ? "" : "s",
		   summary->conversations, summary->conversations == 1 ? "" : "s");
	style_duration(&text->style, &line, summary->elapsed_ns);
	text_unknown(summary, &line);
	text->ending.failed |= line.failed;
	if (!line.failed)
		style_sentence(&text->style, &text->ending, 0,
			       cursor_init((uint8_t *)line.at, line.len));
	buf_close(&line);
	counters_rows(&text->style, summary, &text->ending);
	quality_rows(&text->style, summary, &text->ending);
	if (text->too_many)
		stalls_rows(&text->stalls, &text->style, &text->ending);
}

static bool text_write(struct text *text, struct buf *lines, struct err *err)
{
	if (lines->failed)
		return err_memory(err);
	if (lines->len > 0 && !file_add(text->file, lines->at, lines->len, err))
		return false;
	lines->len = 0;
	return true;
}

bool text_take(struct text *text, const struct event *event, struct err *err)
{
	static void (*const by_kind[])(struct text *, const struct event *) = {
		[EVENT_META] = text_meta,     [EVENT_CONVERSATION] = text_conversation,
		[EVENT_PACKET] = text_packet, [EVENT_STATE] = text_state,
		[EVENT_NOTE] = text_note,     [EVENT_CLOSED] = text_closed,
		[EVENT_SUMMARY] = text_summary, [EVENT_AMEND] = text_amend,
		[EVENT_PROGRAM] = text_program, [EVENT_CALL] = text_call,
	};
	struct ladder *ladder;
	if (by_kind[event->kind])
		by_kind[event->kind](text, event);
	if (event->kind == EVENT_META && !text_write(text, &text->opening, err))
		return false;
	ladder = text->style.config.conv && text->ladder_count > 0 ? text->ladders : NULL;
	return !ladder || !ladder->streams || text_write(text, &ladder->lines, err);
}

static bool text_end_ladders(struct text *text, struct buf *out, struct err *err)
{
	for (size_t i = 0; i < text->ladder_count; i++) {
		struct ladder *ladder = &text->ladders[i];
		const struct style *style = text_style(text, ladder);
		ladder_finish_row(ladder, style);
		if (ladder->packets == 0 && !text->style.config.conv)
			continue; /* none of its packets was asked for */
		if (!ladder->streams) {
			ladder_heading(ladder, style, true, out);
			beside_compose(ladder, style, out);
			ladder->lines.len = 0;
		}
		if (!text_write(text, out, err) || !text_write(text, &ladder->lines, err))
			return false;
		buf_add(out, "\n", 1);
	}
	return true;
}

bool text_end(struct text *text, struct err *err)
{
	struct buf out = {0};
	bool written;
	text_late_calls(text);
	written = text_end_ladders(text, &out, err);
	if (text->calls.left_out > 0 && !text->too_many)
		buf_printf(&out, "%" PRIu64 " more calls are not shown\n\n",
			   text->calls.left_out);
	if (text->style.config.conv && !text->found)
		buf_printf(&out,
			   "there is no conversation %" PRIu32 "; leave --conv out to see "
			   "which there are\n\n",
			   text->style.config.conv);
	if (text->too_many && !text->style.config.conv)
		table_text(&text->table, &text->style, &out);
	if (text->asides.len > 0 || text->too_many)
		buf_add(&text->asides, "\n", 1);
	written = written && text_write(text, &out, err) &&
		  text_write(text, &text->asides, err) && text_write(text, &text->ending, err);
	buf_close(&out);
	return written;
}
