#include "text_quality.h"

#include "record.h"

#include <inttypes.h>
#include <string.h>

/* The capture-quality card: a sentence a row, with a sign where something is wrong. */
void quality_rows(const struct style *style, const struct summary *summary, struct buf *out)
{
	struct buf quality = {0};
	struct cursor left = {0};
	bool clean = quality_text(summary, &quality);
	buf_add(&quality, "\n", 1); /* an empty line is the end */
	out->failed |= quality.failed;
	if (!quality.failed)
		left = cursor_init((uint8_t *)quality.at, quality.len);
	while (cursor_left(&left) > 1) {
		const uint8_t *newline = memchr(left.at, '\n', cursor_left(&left));
		buf_add(out, clean ? "- " : "! ", 2);
		style_sentence(style, out, 2, cursor_sub(&left, (size_t)(newline - left.at)));
		cursor_skip(&left, 1);
	}
	buf_close(&quality);
}

void stalls_add(struct stalls *stalls, const struct event *event)
{
	struct stall_row row = {.conv = event->conv, .ns = event->ns, .note = event->note};
	size_t at;
	if (event->note.code != NOTE_STALL)
		return;
	row.silence_ns = event->note.end_ns - event->ns;
	stalls->all++;
	at = stalls->count < STALLS_SHOWN ? stalls->count++ : STALLS_SHOWN;
	while (at > 0 && stalls->rows[at - 1].silence_ns < row.silence_ns) {
		if (at < STALLS_SHOWN)
			stalls->rows[at] = stalls->rows[at - 1];
		at--;
	}
	if (at < STALLS_SHOWN)
		stalls->rows[at] = row;
}

void stalls_rows(const struct stalls *stalls, const struct style *style, struct buf *out)
{
	if (stalls->count == 0)
		return;
	buf_printf(out, "%" PRIu64 " silence%s, the longest:\n", stalls->all,
		   stalls->all == 1 ? "" : "s");
	for (size_t i = 0; i < stalls->count; i++) {
		const struct stall_row *row = &stalls->rows[i];
		struct buf line = {0};
		uint64_t t = row->ns > style->start_ns ? row->ns - style->start_ns : 0;
		buf_printf(&line, "#%" PRIu32 " at ", row->conv);
		style_duration(style, &line, t);
		buf_printf(&line, ": %s", row->note.text);
		out->failed |= line.failed;
		buf_add(out, "  ", 2);
		if (!line.failed)
			style_sentence(style, out, 4,
				       cursor_init((uint8_t *)line.at, line.len));
		buf_close(&line);
	}
}
