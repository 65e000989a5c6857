/* A socket option and its value, as far as the text tells whether they fit. */
#include "lesson.h"

#include <arpa/inet.h>
#include <string.h>

#include "wireladder/model_call.h"

static bool word_is_pmtudisc(const char *word)
{
	size_t index;
	return words_find(&pmtudisc_words, word, &index);
}

static bool word_is_any(const char *word)
{
	return word[0] != '\0';
}

static bool word_is_group4(const char *word)
{
	uint8_t bytes[16];
	return inet_pton(AF_INET, word, bytes) == 1;
}

static bool word_is_own4(const char *word)
{
	return strcmp(word, "own") == 0 || word_is_group4(word);
}

static bool word_is_group6(const char *word)
{
	uint8_t bytes[16];
	return inet_pton(AF_INET6, word, bytes) == 1;
}

static const struct {
	bool number;
	bool (*word)(const char *word); /* NULL: none will do */
} forms[SOCKOPT_VALUE_COUNT] = {
	[SOCKOPT_INT] = {true, word_is_pmtudisc}, [SOCKOPT_WORD] = {false, word_is_any},
	[SOCKOPT_LINGER] = {true, NULL},          [SOCKOPT_TIME] = {true, NULL},
	[SOCKOPT_OWN4] = {false, word_is_own4},   [SOCKOPT_GROUP4] = {false, word_is_group4},
	[SOCKOPT_GROUP6] = {false, word_is_group6},
};

bool lesson_option(struct reading *r, const cJSON *name, const cJSON *value)
{
	enum sockopt_value kind;
	size_t index;
	bool fits;
	if (!words_find(&sockopt_words, name->valuestring, &index))
		return reading_unknown(r, name, "socket option", name->valuestring,
				       &sockopt_words);
	kind = sockopt_values[index];
	fits = cJSON_IsNumber(value) ? forms[kind].number :
				       forms[kind].word && forms[kind].word(value->valuestring);
	return fits || reading_mistake(r, value, "\"%s\" takes %s", name->valuestring,
				       sockopt_takes[kind]);
}
