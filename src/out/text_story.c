#include "text_story.h"

#include <inttypes.h>
#include <string.h>

#include "wireladder/model_lesson.h"

#define STORY_COLUMNS 96 /* longer lines are hard to read, however wide the terminal is */

static void story_lines(const struct style *style, const char *text, struct buf *out)
{
	while (*text) {
		size_t count = strcspn(text, "\n");
		style_sentence(style, out, 0, cursor_init((const uint8_t *)text, count));
		text += count + (text[count] == '\n');
	}
}

static void story_cites(const struct style *style, const struct lesson *lesson, struct buf *out)
{
	struct buf line = {0};
	for (size_t i = 0; i < lesson->cite_count; i++)
		buf_printf(&line, "%s%s", i ? "; " : "See ", lesson->cites[i]);
	if (line.len > 0 && buf_add(&line, "", 1))
		story_lines(style, line.at, out);
	out->failed |= line.failed;
	buf_close(&line);
}

void story_text(const struct style *style, const struct meta *meta, struct buf *out)
{
	const struct lesson *lesson = meta->lesson;
	struct style narrow = *style;
	if (narrow.columns > STORY_COLUMNS)
		narrow.columns = STORY_COLUMNS;
	style_paint(style, out, PAINT_HEADING);
	story_lines(&narrow, lesson->title ? lesson->title : lesson->name, out);
	style_plain(style, out);
	if (lesson->story)
		story_lines(&narrow, lesson->story, out);
	story_cites(&narrow, lesson, out);
	if (meta->has_seed)
		buf_printf(out,
			   "Seed %" PRIu64 "; --seed %" PRIu64 " repeats what the wire did.\n",
			   meta->seed, meta->seed);
	buf_add(out, "\n", 1);
}
