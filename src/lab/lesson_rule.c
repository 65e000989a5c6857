#include "lesson.h"

#include <string.h>

enum rule_key {
	KEY_TO, KEY_MATCH, KEY_K, KEY_EVERY, KEY_BYTES, KEY_COPY, KEY_CHANCE, KEY_PORT, KEY_DO,
	KEY_MS, KEY_BY, KEY_COUNT,
};
static const char *const key_words[KEY_COUNT] = {
	"to", "match", "k", "every", "bytes", "copy", "chance", "port", "do", "ms", "by",
};
static const struct form rule_form = {"a wire rule", {key_words, KEY_COUNT},
				      1 << KEY_TO | 1 << KEY_DO};
static const char *const to_list[] = {"client", "server", "both"}; /* as enum end, and both */
static const struct words to_words = {to_list, ARRAY_COUNT(to_list)};
static const struct words match_words = {wire_match_words, WIRE_MATCH_COUNT};

/* What a rule can do; the other deeds are the link's own. */
static const struct deed_form {
	enum wire_deed deed;
	bool takes_ms, takes_by;
} deeds[] = {
	{DEED_DROP, false, false}, {DEED_DELAY, true, false},    {DEED_HOLD, false, true},
	{DEED_DUPLICATE, false, true}, {DEED_CORRUPT, false, false}, {DEED_STALL, true, false},
	{DEED_MARK_CE, false, false},
};

#define PPM 1000000

const char *rule_text(struct arena *arena, const struct wire_rule *rule)
{
	struct buf text = {0};
	const char *kept = NULL;
	buf_printf(&text, "%s %s", wire_deed_words[rule->deed], wire_match_words[rule->match]);
	if (rule->first)
		buf_printf(&text, " %u", rule->first);
	if (rule->last > rule->first)
		buf_printf(&text, "-%u", rule->last);
	else if (rule->last < rule->first)
		buf_printf(&text, " on");
	if (rule->every)
		buf_printf(&text, " every %u", rule->every);
	if (rule->bytes[0] >= 0)
		buf_printf(&text, " bytes %lld", (long long)rule->bytes[0]);
	if (rule->bytes[1] >= 0)
		buf_printf(&text, "-%lld", (long long)rule->bytes[1]);
	else if (rule->bytes[0] >= 0)
		buf_printf(&text, " on");
	if (rule->deed == DEED_STALL || rule->deed == DEED_DELAY)
		buf_printf(&text, " %s %g ms", rule->deed == DEED_STALL ? "for" : "by",
			   (double)rule->ns / (double)NS_PER_MS);
	if (rule->deed == DEED_HOLD || (rule->deed == DEED_DUPLICATE && rule->by > 1))
		buf_printf(&text, " by %u", rule->by);
	if (rule->copy)
		buf_printf(&text, ", copy %u", rule->copy);
	if (rule->port)
		buf_printf(&text, ", port %u", rule->port);
	if (rule->chance_ppm)
		buf_printf(&text, ", chance %g", (double)rule->chance_ppm / PPM);
	buf_add(&text, "", 1);
	if (!text.failed)
		kept = arena_text(arena, text.at);
	buf_close(&text);
	return kept;
}

static bool rule_deed(struct reading *r, const cJSON *const *slots, struct wire_rule *rule)
{
	const char *names[ARRAY_COUNT(deeds)];
	struct words words = {names, ARRAY_COUNT(deeds)};
	int64_t by = 1;
	size_t index = 0;
	for (size_t i = 0; i < ARRAY_COUNT(deeds); i++)
		names[i] = wire_deed_words[deeds[i].deed];
	if (!reading_word(r, slots[KEY_DO], &words, &index))
		return false;
	rule->deed = deeds[index].deed;
	if (slots[KEY_MS] && !deeds[index].takes_ms)
		return reading_mistake(r, slots[KEY_MS], "\"ms\" has no meaning for \"%s\"",
				       names[index]);
	if (!slots[KEY_MS] && deeds[index].takes_ms)
		return reading_mistake(r, slots[KEY_DO], "\"%s\" needs \"ms\": for how long",
				       names[index]);
	if (slots[KEY_BY] && !deeds[index].takes_by)
		return reading_mistake(r, slots[KEY_BY], "\"by\" has no meaning for \"%s\"",
				       names[index]);
	if (!reading_ms(r, slots[KEY_MS], &rule->ns) ||
	    !reading_number(r, slots[KEY_BY], (struct range){1, 1000}, &by))
		return false;
	rule->by = deeds[index].takes_by ? (uint32_t)by : 0;
	return true;
}

static bool rule_chance(const struct reading *r, const cJSON *node, uint32_t *ppm)
{
	if (!node)
		return true;
	if (!cJSON_IsNumber(node) ||
	    !(node->valuedouble >= 1.0 / PPM && node->valuedouble <= 1))
		return reading_mistake(r, node, "\"chance\" is a number from 0.000001 to 1");
	*ppm = (uint32_t)(node->valuedouble * PPM + 0.5);
	return true;
}

/* Which of the frames that match: by count, by bytes, by copy, by chance. */
static bool rule_picks(struct reading *r, const cJSON *const *slots, struct wire_rule *rule)
{
	struct range counts = {1, UINT32_MAX};
	int64_t k[2] = {0, 0}, every = 0, copy = 0, port = 0;
	rule->bytes[0] = rule->bytes[1] = -1;
	if (!reading_numbers(r, slots[KEY_K], counts, k) ||
	    !reading_number(r, slots[KEY_EVERY], counts, &every) ||
	    !reading_numbers(r, slots[KEY_BYTES], (struct range){0, UINT32_MAX}, rule->bytes) ||
	    !reading_number(r, slots[KEY_COPY], counts, &copy) ||
	    !reading_number(r, slots[KEY_PORT], (struct range){1, 65535}, &port) ||
	    !rule_chance(r, slots[KEY_CHANCE], &rule->chance_ppm))
		return false;
	rule->first = (uint32_t)k[0];
	rule->last = (uint32_t)k[1];
	rule->every = (uint32_t)every;
	rule->copy = (uint32_t)copy;
	rule->port = (uint16_t)port;
	return true;
}

static bool lesson_rule(struct reading *r, const cJSON *node, struct wire_rule *rule)
{
	const cJSON *slots[KEY_COUNT];
	size_t to = 0, match = WIRE_ANY;
	if (!reading_object(r, node, &rule_form, slots) ||
	    !reading_word(r, slots[KEY_TO], &to_words, &to) ||
	    !reading_word(r, slots[KEY_MATCH], &match_words, &match) ||
	    !rule_deed(r, slots, rule) || !rule_picks(r, slots, rule))
		return false;
	rule->match = (enum wire_match)match;
	rule->to[END_CLIENT] = to != END_SERVER;
	rule->to[END_SERVER] = to != END_CLIENT;
	rule->text = rule_text(r->arena, rule);
	return rule->text || reading_memory(r);
}

bool lesson_rules(struct reading *r, const cJSON *node, struct lesson *lesson)
{
	struct wire_rule *rules;
	const cJSON *item;
	size_t i = 0;
	if (!reading_list(r, node, (struct range){0, LESSON_RULES}, &lesson->rule_count))
		return false;
	rules = arena_take(r->arena, lesson->rule_count, sizeof(*rules));
	if (!rules)
		return reading_memory(r);
	cJSON_ArrayForEach(item, node)
	{
		if (!lesson_rule(r, item, &rules[i++]))
			return false;
	}
	lesson->rules = rules;
	return true;
}
