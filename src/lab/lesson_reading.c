#include "lesson.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const lesson_ends[END_COUNT] = {"client", "server"};

bool reading_mistake(const struct reading *r, const cJSON *node, const char *format, ...)
{
	char text[600];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return err_set(r->err, EXIT_USAGE, "%s, line %u: %s", r->file,
		       lines_find(&r->lines, node), text);
}

bool reading_memory(const struct reading *r)
{
	return err_set(r->err, EXIT_MEMORY, "%s: out of memory; end other programs", r->file);
}

bool reading_unknown(const struct reading *r, const cJSON *node, const char *what,
		     const char *word, const struct words *known)
{
	const char *nearest = words_nearest(known, word);
	struct buf list = {0};
	words_list(known, &list);
	buf_add(&list, "", 1);
	if (list.failed)
		reading_memory(r);
	else if (nearest)
		reading_mistake(r, node, "%s \"%.40s\" is not one of %s: did you mean \"%s\"?",
				what, word, list.at, nearest);
	else
		reading_mistake(r, node, "%s \"%.40s\" is not one of %s", what, word, list.at);
	buf_close(&list);
	return false;
}

/* How a sentence calls the value. */
struct node_name {
	char text[LESSON_NAME];
};

static struct node_name node_name(const cJSON *node)
{
	struct node_name name = {"an item of this list"};
	if (node->string)
		snprintf(name.text, sizeof(name.text), "\"%.40s\"", node->string);
	return name;
}

bool reading_object(const struct reading *r, const cJSON *node, const struct form *form,
		    const cJSON **slots)
{
	const cJSON *member;
	size_t index;
	for (size_t i = 0; i < form->keys.count; i++)
		slots[i] = NULL;
	if (!cJSON_IsObject(node))
		return reading_mistake(r, node, "%s is written in braces, {\"%s\": …}",
				       form->what, form->keys.at[0]);
	cJSON_ArrayForEach(member, node)
	{
		char what[80];
		snprintf(what, sizeof(what), "in %s the key", form->what);
		if (!words_find(&form->keys, member->string, &index))
			return reading_unknown(r, member, what, member->string, &form->keys);
		if (slots[index])
			return reading_mistake(r, member, "%s \"%s\" stands twice", what,
					       member->string);
		slots[index] = member;
	}
	for (size_t i = 0; i < form->keys.count; i++) {
		if (!slots[i] && form->required & UINT32_C(1) << i)
			return reading_mistake(r, node, "%s needs \"%s\"", form->what,
					       form->keys.at[i]);
	}
	return true;
}

bool reading_text(const struct reading *r, const cJSON *node, size_t longest, const char **out)
{
	size_t count;
	if (!node)
		return true;
	if (!cJSON_IsString(node))
		return reading_mistake(r, node, "%s is a text in quotes", node_name(node).text);
	count = strlen(node->valuestring);
	if (count == 0 || count > longest)
		return reading_mistake(r, node, "%s has %zu bytes; it may have 1 to %zu",
				       node_name(node).text, count, longest);
	*out = arena_text(r->arena, node->valuestring);
	return *out || reading_memory(r);
}

static bool node_is_whole(const cJSON *node, struct range range)
{
	if (!cJSON_IsNumber(node) || !(node->valuedouble >= (double)range.least) ||
	    !(node->valuedouble <= (double)range.most))
		return false;
	return (double)(int64_t)node->valuedouble == node->valuedouble;
}

bool reading_number(const struct reading *r, const cJSON *node, struct range range,
		    int64_t *out)
{
	if (!node)
		return true;
	if (!node_is_whole(node, range))
		return reading_mistake(r, node, "%s is a whole number from %lld to %lld",
				       node_name(node).text, (long long)range.least,
				       (long long)range.most);
	*out = (int64_t)node->valuedouble;
	return true;
}

bool reading_numbers(const struct reading *r, const cJSON *node, struct range range,
		     int64_t out[static 2])
{
	const cJSON *item;
	size_t count = 0;
	if (!cJSON_IsArray(node)) {
		if (!reading_number(r, node, range, &out[0]))
			return false;
		out[1] = node ? out[0] : out[1];
		return true;
	}
	if (!reading_list(r, node, (struct range){1, 2}, &count))
		return false;
	count = 0;
	cJSON_ArrayForEach(item, node)
	{
		if (!reading_number(r, item, range, &out[count++]))
			return false;
	}
	if (count == 2 && out[0] > out[1])
		return reading_mistake(r, node, "%s ends before it begins",
				       node_name(node).text);
	return true;
}

bool reading_ms(const struct reading *r, const cJSON *node, uint64_t *ns)
{
	double value;
	if (!node)
		return true;
	value = cJSON_IsNumber(node) ? node->valuedouble : -1;
	if (!(value >= 0 && value <= LESSON_WAIT_MS))
		return reading_mistake(r, node, "%s is a number of milliseconds from 0 to %d",
				       node_name(node).text, LESSON_WAIT_MS);
	*ns = (uint64_t)(value * (double)NS_PER_MS + 0.5);
	return true;
}

bool reading_word(const struct reading *r, const cJSON *node, const struct words *words,
		  size_t *index)
{
	if (!node)
		return true;
	if (!cJSON_IsString(node))
		return reading_mistake(r, node, "%s is a word in quotes", node_name(node).text);
	return words_find(words, node->valuestring, index) ||
	       reading_unknown(r, node, node->string ? node->string : "the word",
			       node->valuestring, words);
}

bool reading_flag(const struct reading *r, const cJSON *node, bool *out)
{
	if (!node)
		return true;
	if (!cJSON_IsBool(node))
		return reading_mistake(r, node, "%s is true or false", node_name(node).text);
	*out = cJSON_IsTrue(node);
	return true;
}

bool reading_list(const struct reading *r, const cJSON *node, struct range range, size_t *count)
{
	*count = 0;
	if (!node)
		return true;
	if (!cJSON_IsArray(node))
		return reading_mistake(r, node, "%s is a list, […]", node_name(node).text);
	*count = (size_t)cJSON_GetArraySize(node);
	if ((int64_t)*count < range.least || (int64_t)*count > range.most)
		return reading_mistake(r, node, "%s has %zu items; it may have %lld to %lld",
				       node_name(node).text, *count, (long long)range.least,
				       (long long)range.most);
	return true;
}
