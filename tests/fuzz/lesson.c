/* A lesson of the shelf with a piece replaced by random bytes, or nothing but these. Whatever it
 * says, it is read or refused with one sentence, and what is read can be used. */
#include "../../src/lab/lesson.h"

#include <stdlib.h>
#include <string.h>

static void lesson_use(const struct lesson *lesson)
{
	size_t length = strlen(lesson->title) + strlen(lesson->story);
	for (size_t i = 0; i < lesson->program_count; i++) {
		for (size_t k = 0; k < lesson->programs[i].step_count; k++) {
			const struct step *step = &lesson->programs[i].steps[k];
			if (step->kind >= STEP_COUNT || step->repeat == 0 || step->line == 0)
				abort();
			length += step->text ? strlen(step->text) : 0;
		}
	}
	for (size_t i = 0; i < lesson->rule_count; i++)
		length += strlen(lesson->rules[i].text);
	for (size_t i = 0; i < lesson->expect_count; i++) {
		if (lesson->expects[i].value_count > EXPECT_VALUES || !lesson->expects[i].what)
			abort();
	}
	if (length == 0)
		abort();
}

/* The text of a lesson of the shelf, with the bytes laid over it at a place. */
static void text_lay_over(struct buf *text, struct cursor bytes)
{
	size_t count, place;
	const struct shelf_lesson *shelf = lesson_shelf(&count);
	const struct shelf_lesson *chosen = &shelf[cursor_u8(&bytes) % count];
	buf_add(text, chosen->text, chosen->length);
	place = cursor_u16(&bytes) % chosen->length;
	if (text->failed || cursor_left(&bytes) > chosen->length - place)
		return;
	memcpy(text->at + place, bytes.at, cursor_left(&bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor bytes = cursor_init(data, size);
	struct buf text = {0};
	struct err err = {0};
	struct lesson *lesson;
	if (cursor_u8(&bytes) & 1)
		text_lay_over(&text, bytes);
	else
		buf_add(&text, bytes.at, cursor_left(&bytes));
	lesson = lesson_read("fuzz", "fuzz.json", cursor_init((uint8_t *)text.at, text.len), &err);
	if (!lesson == !err.text[0])
		abort();
	if (lesson)
		lesson_use(lesson);
	lesson_close(lesson);
	buf_close(&text);
	return 0;
}
