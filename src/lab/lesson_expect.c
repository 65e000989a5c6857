#include "lesson.h"

#include <string.h>

enum { KEY_HOST = EXPECT_COUNT, KEY_END, KEY_CONV, KEY_IN, KEY_LEAST, KEY_MOST, KEY_COUNT };
#define X(name, word) [EXPECT_##name] = word,
static const char *const key_words[KEY_COUNT] = {
	EXPECT_LIST(X) [KEY_HOST] = "host", [KEY_END] = "end",	   [KEY_CONV] = "conv",
	[KEY_IN] = "in",      [KEY_LEAST] = "least", [KEY_MOST] = "most",
};
#undef X
static const struct form expect_form = {"an expectation", {key_words, KEY_COUNT}, 0};
static const struct words ends = {lesson_ends, END_COUNT};
static const struct words states = {state_words, STATE_COUNT};
static const struct words deed_words = {wire_deed_words, DEED_COUNT};
static const char *const record_list[] = {"tcp", "udp", "icmp", "fragment", "lost"};
static const struct words records = {record_list, ARRAY_COUNT(record_list)};

#define MOST (INT64_C(1) << 53) /* beyond it a number in JSON is not exact */

/* {"state": "TIME-WAIT"}: that one; "in" names others that will do as well. */
static bool expect_states(struct reading *r, const cJSON *const *slots, struct expectation *e)
{
	const cJSON *item;
	size_t index = 0;
	if (slots[KEY_LEAST] || slots[KEY_MOST])
		return reading_mistake(r, slots[EXPECT_STATE],
				       "a state is no number: others that "
				       "will do stand in \"in\"");
	if (!reading_word(r, slots[EXPECT_STATE], &states, &index))
		return false;
	e->what = e->words[e->value_count++] = states.at[index];
	cJSON_ArrayForEach(item, slots[KEY_IN])
	{
		if (!reading_word(r, item, &states, &index))
			return false;
		if (states.at[index] == e->what)
			continue;
		if (e->value_count == EXPECT_VALUES)
			return reading_mistake(r, item, "more than %d states", EXPECT_VALUES);
		e->words[e->value_count++] = states.at[index];
	}
	return true;
}

static bool expect_numbers(struct reading *r, const cJSON *const *slots, struct expectation *e)
{
	struct range range = {0, MOST};
	const cJSON *item;
	bool bounded = slots[KEY_LEAST] || slots[KEY_MOST];
	if (bounded == (slots[KEY_IN] != NULL))
		return reading_mistake(r, slots[e->kind], "an expectation has either \"in\": "
				       "[values] or \"least\" and \"most\"");
	cJSON_ArrayForEach(item, slots[KEY_IN])
	{
		if (!reading_number(r, item, range, &e->numbers[e->value_count++]))
			return false;
	}
	e->most = slots[KEY_IN] ? 0 : INT64_MAX;
	if (!reading_number(r, slots[KEY_LEAST], range, &e->least) ||
	    !reading_number(r, slots[KEY_MOST], range, &e->most))
		return false;
	return e->least <= e->most ||
	       reading_mistake(r, slots[KEY_LEAST], "\"least\" is more than \"most\"");
}

/* A deed, or one of the lesson's own rules. */
static bool expect_wire(struct reading *r, const cJSON *node, const struct lesson *lesson,
			struct expectation *e)
{
	const char *texts[LESSON_RULES + DEED_COUNT];
	struct words known = {texts, 0};
	size_t index;
	if (!reading_text(r, node, LESSON_TEXT, &e->what) ||
	    words_find(&deed_words, e->what, &index))
		return e->what != NULL;
	for (size_t i = 0; i < lesson->rule_count; i++)
		texts[known.count++] = lesson->rules[i].text;
	for (size_t i = 0; i < DEED_COUNT; i++)
		texts[known.count++] = wire_deed_words[i];
	return words_find(&known, e->what, &index) ||
	       reading_unknown(r, node, "wire", e->what, &known);
}

static bool expect_what(struct reading *r, const cJSON *const *slots,
			const struct lesson *lesson, struct expectation *e)
{
	size_t index = 0;
	if (e->kind == EXPECT_STATE)
		return expect_states(r, slots, e);
	if (e->kind == EXPECT_WIRE)
		return expect_wire(r, slots[EXPECT_WIRE], lesson, e) &&
		       expect_numbers(r, slots, e);
	if (e->kind == EXPECT_COUNTER)
		return reading_text(r, slots[EXPECT_COUNTER], LESSON_NAME, &e->what) &&
		       expect_numbers(r, slots, e);
	if (!reading_word(r, slots[EXPECT_RECORDS], &records, &index))
		return false;
	e->what = records.at[index];
	return expect_numbers(r, slots, e);
}

/* Which end an expectation is about has its own name for each kind, or none. */
static bool expect_end(struct reading *r, const cJSON *const *slots, struct expectation *e)
{
	static const size_t end_keys[EXPECT_COUNT] = {
		[EXPECT_COUNTER] = KEY_HOST, [EXPECT_STATE] = KEY_END};
	size_t wanted = end_keys[e->kind], end = 0;
	int64_t conv = 0;
	for (size_t i = KEY_HOST; i <= KEY_CONV; i++) {
		bool may = i == wanted || (i == KEY_CONV && e->kind == EXPECT_STATE);
		if (slots[i] && !may)
			return reading_mistake(r, slots[i], "\"%s\" has no meaning for \"%s\"",
					       key_words[i], expect_words[e->kind]);
	}
	if (wanted && !slots[wanted])
		return reading_mistake(r, slots[e->kind],
				       "\"%s\" needs \"%s\": client or server",
				       expect_words[e->kind], key_words[wanted]);
	if (!reading_word(r, wanted ? slots[wanted] : NULL, &ends, &end) ||
	    !reading_number(r, slots[KEY_CONV], (struct range){1, 100000}, &conv))
		return false;
	e->host = (enum end)end;
	e->conv = (uint32_t)conv;
	return true;
}

static bool lesson_expect(struct reading *r, const cJSON *node, const struct lesson *lesson,
			  struct expectation *e)
{
	const cJSON *slots[KEY_COUNT];
	size_t kinds = 0, count;
	if (!reading_object(r, node, &expect_form, slots))
		return false;
	for (size_t i = 0; i < EXPECT_COUNT; i++) {
		if (slots[i]) {
			e->kind = (enum expect_kind)i;
			kinds++;
		}
	}
	if (kinds != 1)
		return reading_mistake(r, node, "an expectation is about one of \"counter\", "
				       "\"wire\", \"state\", \"records\"");
	e->line = lines_find(&r->lines, node);
	return reading_list(r, slots[KEY_IN], (struct range){1, EXPECT_VALUES}, &count) &&
	       expect_end(r, slots, e) && expect_what(r, slots, lesson, e);
}

bool lesson_expects(struct reading *r, const cJSON *node, struct lesson *lesson)
{
	struct expectation *expects;
	const cJSON *item;
	size_t i = 0;
	if (!reading_list(r, node, (struct range){0, LESSON_EXPECTS}, &lesson->expect_count))
		return false;
	expects = arena_take(r->arena, lesson->expect_count, sizeof(*expects));
	if (!expects)
		return reading_memory(r);
	cJSON_ArrayForEach(item, node)
	{
		if (!lesson_expect(r, item, lesson, &expects[i++]))
			return false;
	}
	lesson->expects = expects;
	return true;
}
