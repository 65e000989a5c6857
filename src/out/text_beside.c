/* Theory of operation. A call is told as it returns, and its entry is to stand among rows that
 * were drawn long before. So the rows of packets stay the ready text that they are, with a mark
 * where each begins in time; calls are kept beside them, and both are merged as the ladder is
 * written: a call in two lines if a packet's row lies between its entry and its return, else in
 * one, at its entry. Of equal times entries come before the packet that they may have made,
 * returns behind it. Silences are drawn while merging, for a call may break them. */
#include "text_ladder.h"

#include <stdlib.h>
#include <string.h>

void beside_mark(struct ladder *ladder, uint64_t ns)
{
	struct mark *marks;
	if (ladder->streams)
		return;
	marks = ladder_grow(ladder->marks, ladder->mark_count, &ladder->mark_room,
			    sizeof(*marks));
	if (!marks) {
		ladder->lines.failed = true;
		return;
	}
	ladder->marks = marks;
	marks[ladder->mark_count++] = (struct mark){ns, ladder->lines.len};
}

void beside_moved(struct ladder *ladder, size_t at, size_t old, size_t new)
{
	for (size_t i = 0; i < ladder->mark_count; i++) {
		struct mark *mark = &ladder->marks[i];
		if (mark->at >= at + old)
			mark->at = mark->at - old + new;
	}
}

/* A call and the state that it shows are told apart, and in either order. */
static bool beside_join(struct ladder *ladder, struct beside *beside)
{
	bool alone = beside->text.len == 0;
	for (size_t i = 0; i < ladder->beside_count; i++) {
		struct beside *other = &ladder->besides[i];
		struct beside *call = alone ? other : beside, *state = alone ? beside : other;
		if (other->end != beside->end || other->returned_ns != beside->returned_ns ||
		    call->text.len == 0 || call->state.state != STATE_UNKNOWN ||
		    state->text.len > 0)
			continue;
		call->state = state->state;
		*other = *call;
		return true;
	}
	return false;
}

static void beside_keep(struct ladder *ladder, struct beside *beside)
{
	struct beside *besides;
	if (beside_join(ladder, beside))
		return;
	besides = ladder_grow(ladder->besides, ladder->beside_count, &ladder->beside_room,
			      sizeof(*besides));
	if (!besides) {
		ladder->lines.failed = true;
		buf_close(&beside->text);
		return;
	}
	ladder->besides = besides;
	besides[ladder->beside_count++] = *beside;
}

struct place { /* a line that is to stand between the rows */
	uint64_t ns;
	const struct beside *beside;
	enum phase phase;
};

static void beside_side(const struct style *style, const struct place *place, enum end end,
			struct buf *out)
{
	const struct beside *beside = place->beside;
	bool state = beside->state.state != STATE_UNKNOWN && place->phase != PHASE_ENTRY;
	unsigned room = style->margin + STATE_COLUMNS, used;
	struct buf text = {0};
	size_t from = out->len;
	if (beside->end != end)
		return;
	if (state)
		room = style->margin > 0 ? style->margin - 1 : 0;
	beside_text(style, beside, place->phase, room, &text);
	used = style_columns(&text, 0);
	out->failed |= text.failed;
	if (end == END_CLIENT)
		buf_add(out, text.at, text.len);
	if (end == END_CLIENT && state)
		style_pad(out, from, style->margin);
	if (state)
		ladder_state_text(&beside->state, out);
	if (end == END_SERVER && state)
		style_pad(out, from, STATE_COLUMNS + 1);
	/* In the margin; what has no room there begins at the lifeline. */
	if (end == END_SERVER && !state && used < style->margin)
		style_fill(out, " ", STATE_COLUMNS + 1);
	if (end == END_SERVER)
		buf_add(out, text.at, text.len);
	buf_close(&text);
}

static void beside_draw(const struct style *style, const struct place *place,
			uint64_t before_ns, struct buf *out)
{
	size_t line = out->len;
	style_time(style, out, place->ns, before_ns);
	style_pad(out, line, style->time + 2);
	beside_side(style, place, END_CLIENT, out);
	style_pad(out, line, style_lifeline(style));
	arrow_life(style, out, style->glyphs->life);
	style_fill(out, " ", style->wire);
	arrow_life(style, out, style->glyphs->life);
	buf_add(out, " ", 1);
	beside_side(style, place, END_SERVER, out);
	ladder_end_line(out);
}

/* The rows have gone out: what began before the last of them is told as it ended. */
static void beside_stream(struct ladder *ladder, const struct style *style,
			  const struct beside *beside)
{
	struct place place = {beside->entered_ns, beside, PHASE_WHOLE};
	if (beside->entered_ns < ladder->row_ns && beside->text.len == 0)
		return;
	if (beside->entered_ns < ladder->row_ns && beside->returned_ns > 0) {
		place.ns = beside->returned_ns;
		place.phase = PHASE_LATE;
	}
	ladder_finish_row(ladder, style);
	beside_draw(style, &place, ladder->row_ns ? ladder->row_ns : place.ns, &ladder->lines);
}

void beside_add(struct ladder *ladder, const struct style *style, struct beside *beside)
{
	ladder->lines.failed |= beside->text.failed;
	if (!ladder->streams) {
		beside_keep(ladder, beside);
		return;
	}
	beside_stream(ladder, style, beside);
	buf_close(&beside->text);
}

void beside_state(struct ladder *ladder, const struct style *style, const struct event *event)
{
	struct beside beside = {.entered_ns = event->ns,
				.returned_ns = event->ns,
				.end = event->state.who,
				.state = event->state};
	beside_add(ladder, style, &beside);
}

static bool beside_splits(const struct ladder *ladder, const struct beside *beside)
{
	for (size_t i = 0; i < ladder->mark_count && beside->text.len > 0; i++) {
		if (ladder->marks[i].ns >= beside->entered_ns &&
		    ladder->marks[i].ns <= beside->returned_ns)
			return true;
	}
	return false;
}

static int place_by_time(const void *a, const void *b)
{
	const struct place *left = a, *right = b;
	if (left->ns != right->ns)
		return left->ns < right->ns ? -1 : 1;
	if (left->beside != right->beside)
		return left->beside < right->beside ? -1 : 1;
	return (left->phase > right->phase) - (left->phase < right->phase);
}

static size_t beside_places(const struct ladder *ladder, struct place *places)
{
	size_t count = 0;
	for (size_t i = 0; i < ladder->beside_count; i++) {
		const struct beside *beside = &ladder->besides[i];
		bool splits = beside_splits(ladder, beside);
		places[count++] = (struct place){beside->entered_ns, beside,
						 splits ? PHASE_ENTRY : PHASE_WHOLE};
		if (splits)
			places[count++] =
				(struct place){beside->returned_ns, beside, PHASE_RETURN};
	}
	if (count > 0)
		qsort(places, count, sizeof(*places), place_by_time);
	return count;
}

struct composing {
	const struct ladder *ladder;
	const struct style *style;
	struct buf *out;
	struct place *places;
	size_t count, next;
	uint64_t latest_ns, row_ns; /* of all lines, of packets' rows; 0: none yet */
};

static void compose_time(struct composing *composing, uint64_t ns)
{
	uint64_t latest = composing->latest_ns;
	if (composing->style->margin > 0 && latest > 0 && ns > latest)
		ladder_gap(composing->style, ns - latest, composing->out);
	composing->latest_ns = ns;
}

/* The lines that stand before the row of this mark; NULL: those behind the last row. */
static void compose_beside(struct composing *composing, const struct mark *mark)
{
	while (composing->next < composing->count) {
		const struct place *place = &composing->places[composing->next];
		bool returns = place->phase == PHASE_RETURN;
		if (mark && (returns ? place->ns >= mark->ns : place->ns > mark->ns))
			return;
		compose_time(composing, place->ns);
		beside_draw(composing->style, place,
			    composing->row_ns ? composing->row_ns : place->ns, composing->out);
		composing->next++;
	}
}

void beside_compose(const struct ladder *ladder, const struct style *style, struct buf *out)
{
	struct composing composing = {.ladder = ladder, .style = style, .out = out};
	const struct buf *lines = &ladder->lines;
	size_t at = 0;
	composing.places = calloc(2 * ladder->beside_count + 1, sizeof(*composing.places));
	out->failed |= !composing.places || lines->failed;
	if (out->failed) {
		free(composing.places);
		return;
	}
	composing.count = beside_places(ladder, composing.places);
	for (size_t i = 0; i < ladder->mark_count; i++) {
		const struct mark *mark = &ladder->marks[i];
		buf_add(out, lines->at + at, mark->at - at);
		at = mark->at;
		compose_beside(&composing, mark);
		compose_time(&composing, mark->ns);
		composing.row_ns = mark->ns;
	}
	if (lines->len > at)
		buf_add(out, lines->at + at, lines->len - at);
	compose_beside(&composing, NULL);
	free(composing.places);
}

void beside_close(struct ladder *ladder)
{
	for (size_t i = 0; i < ladder->beside_count; i++)
		buf_close(&ladder->besides[i].text);
	free(ladder->besides);
	free(ladder->marks);
	ladder->besides = NULL;
	ladder->marks = NULL;
	ladder->beside_count = ladder->beside_room = 0;
	ladder->mark_count = ladder->mark_room = 0;
}
