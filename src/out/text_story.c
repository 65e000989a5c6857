#include "text_story.h"

#include <string.h>

#include "wireladder/model_lesson.h"

#define STORY_COLUMNS 96 /* longer lines are hard to read, however wide the terminal is */

/* How much of the text stands before the first line that ends a sentence; all, if none does.
 * A lesson's lines are as long as its file wants them: the others flow on. */
static size_t story_paragraph(const char *text, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (text[i] == '\n' && strchr(".:;!?", text[i - 1]))
			return i;
	}
	return count;
}

static void story_sentences(const struct style *style, const char *text, struct buf *out)
{
	size_t left = strlen(text);
	while (left > 0) {
		size_t count = story_paragraph(text, left);
		struct buf line = {0};
		buf_add(&line, text, count);
		for (size_t i = 0; i < line.len; i++) {
			if (line.at[i] == '\n')
				line.at[i] = ' ';
		}
		if (!line.failed)
			style_sentence(style, out, 0,
				       cursor_init((const uint8_t *)line.at, line.len));
		out->failed |= line.failed;
		buf_close(&line);
		count += count < left; /* the line's end */
		text += count;
		left -= count;
	}
}

static void story_cites(const struct style *style, const struct lesson *lesson, struct buf *out)
{
	struct buf line = {0};
	for (size_t i = 0; i < lesson->cite_count; i++)
		buf_printf(&line, "%s%s", i ? "; " : "See ", lesson->cites[i]);
	if (line.len > 0 && buf_add(&line, "", 1))
		story_sentences(style, line.at, out);
	out->failed |= line.failed;
	buf_close(&line);
}

void story_text(const struct style *style, const struct lesson *lesson, struct buf *out)
{
	struct style narrow = *style;
	if (narrow.columns > STORY_COLUMNS)
		narrow.columns = STORY_COLUMNS;
	style_paint(style, out, PAINT_HEADING);
	story_sentences(&narrow, lesson->title ? lesson->title : lesson->name, out);
	style_plain(style, out);
	if (lesson->story)
		story_sentences(&narrow, lesson->story, out);
	story_cites(&narrow, lesson, out);
	buf_add(out, "\n", 1);
}
