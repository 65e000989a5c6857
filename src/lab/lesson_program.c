#include "lesson.h"

#include <string.h>

enum program_key { KEY_HOST, KEY_NAME, KEY_STEPS, KEY_COUNT };
static const char *const key_words[KEY_COUNT] = {"host", "name", "steps"};
static const struct form program_form = {"a program", {key_words, KEY_COUNT},
					 1 << KEY_HOST | 1 << KEY_STEPS};
static const struct words ends = {lesson_ends, END_COUNT};

/* A socket that a step names must have got its name before; without a name it means the latest,
 * and there must be one. */
static bool program_check_names(const struct reading *r, const struct program *program,
				const cJSON *steps)
{
	const char *names[LESSON_STEPS];
	struct words known = {names, 0};
	const cJSON *node;
	size_t i = 0, index;
	bool made = false;
	cJSON_ArrayForEach(node, steps)
	{
		const struct step *step = &program->steps[i++];
		made = made || step->kind == STEP_SOCKET;
		if (!step->on && !made && step_needs_socket(step->kind))
			return reading_mistake(r, node,
					       "\"%s\" has no socket yet: let {\"socket\": "
					       "\"tcp\"} come first",
					       step_words[step->kind]);
		if (step->on && known.count == 0)
			return reading_mistake(r, node,
					       "no socket has a name yet: give \"%s\" by "
					       "\"as\" where it is made",
					       step->on);
		if (step->on && !words_find(&known, step->on, &index))
			return reading_unknown(r, node, "socket", step->on, &known);
		if (step->as)
			names[known.count++] = step->as;
	}
	return true;
}

static bool lesson_program(struct reading *r, const cJSON *node, struct program *program)
{
	const cJSON *slots[KEY_COUNT], *item;
	struct step *steps;
	size_t host = 0, count, i = 0;
	if (!reading_object(r, node, &program_form, slots) ||
	    !reading_word(r, slots[KEY_HOST], &ends, &host) ||
	    !reading_list(r, slots[KEY_STEPS], (struct range){1, LESSON_STEPS}, &count))
		return false;
	program->host = (enum end)host;
	program->name = lesson_ends[host];
	if (!reading_text(r, slots[KEY_NAME], LESSON_NAME, &program->name))
		return false;
	steps = arena_take(r->arena, count, sizeof(*steps));
	if (!steps)
		return reading_memory(r);
	cJSON_ArrayForEach(item, slots[KEY_STEPS])
	{
		if (!lesson_step(r, item, &steps[i++]))
			return false;
	}
	program->steps = steps;
	program->step_count = count;
	return program_check_names(r, program, slots[KEY_STEPS]);
}

/* All names of marks that programs set. */
static const char **lesson_marks(struct reading *r, const struct lesson *lesson, size_t *count)
{
	size_t total = 0;
	const char **marks;
	for (size_t i = 0; i < lesson->program_count; i++)
		total += lesson->programs[i].step_count;
	marks = arena_take(r->arena, total, sizeof(*marks));
	*count = 0;
	for (size_t i = 0; marks && i < lesson->program_count; i++) {
		const struct program *program = &lesson->programs[i];
		for (size_t k = 0; k < program->step_count; k++) {
			if (program->steps[k].kind == STEP_MARK)
				marks[(*count)++] = program->steps[k].text;
		}
	}
	return marks;
}

/* A program that waits for what nobody says would wait until the lesson's limit. */
static bool program_check_waits(const struct reading *r, const struct program *program,
				const struct words *marks, const cJSON *steps)
{
	const cJSON *node;
	size_t i = 0, index;
	cJSON_ArrayForEach(node, steps)
	{
		const struct step *step = &program->steps[i++];
		if (step->kind != STEP_WAIT || words_find(marks, step->text, &index))
			continue;
		if (marks->count > 0)
			return reading_unknown(r, node, "mark", step->text, marks);
		return reading_mistake(r, node, "no program sets the mark \"%.40s\": one needs "
				       "{\"mark\": \"%.40s\"}", step->text, step->text);
	}
	return true;
}

bool lesson_programs(struct reading *r, const cJSON *node, struct lesson *lesson)
{
	struct program *programs;
	struct words marks = {0};
	const cJSON *item;
	size_t i = 0;
	if (!reading_list(r, node, (struct range){1, LESSON_PROGRAMS}, &lesson->program_count))
		return false;
	programs = arena_take(r->arena, lesson->program_count, sizeof(*programs));
	if (!programs)
		return reading_memory(r);
	lesson->programs = programs;
	cJSON_ArrayForEach(item, node)
	{
		if (!lesson_program(r, item, &programs[i++]))
			return false;
	}
	marks.at = lesson_marks(r, lesson, &marks.count);
	if (!marks.at)
		return reading_memory(r);
	i = 0;
	cJSON_ArrayForEach(item, node)
	{
		const cJSON *steps =
			cJSON_GetObjectItemCaseSensitive(item, key_words[KEY_STEPS]);
		if (!program_check_waits(r, &programs[i++], &marks, steps))
			return false;
	}
	return true;
}
