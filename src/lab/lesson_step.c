/* Steps of a program: one object each, {"call": value} and what modifies the call. */
#include "lesson.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "wireladder/model_call.h"

enum {
	TAKES_TRUE = 1,
	TAKES_NUMBER = 2,
	TAKES_TEXT = 4,
	TAKES_WORD = 8,
	TAKES_ADDRESS = 16,
	TAKES_PAIR = 32,
};
enum step_key { KEY_ON, KEY_AS, KEY_TO, KEY_FAILS, KEY_REPEAT, KEY_COUNT };
enum { /* keys that a step may have beside its call */
	MAY_ON = 1 << KEY_ON,
	MAY_AS = 1 << KEY_AS,
	MAY_TO = 1 << KEY_TO,
	MAY_FAIL = 1 << KEY_FAILS,
	MAY_REPEAT = 1 << KEY_REPEAT,
	CALL = MAY_ON | MAY_FAIL | MAY_REPEAT,
};

static const char *const key_words[KEY_COUNT] = {"on", "as", "to", "fails", "repeat"};
static const char *const socket_words[] = {"tcp", "udp", "tcp6", "udp6"};
static const char *const recv_words[] = {"eof", "some"};
static const char *const echo_words[] = {"echo", "upper", "thanks"};
static const char *const shutdown_words[] = {"write", "read", "both"};
#define WORDS(array) {array, ARRAY_COUNT(array)}

/* What a step may be: kinds of values, their range and words, and all of it for a sentence. */
static const struct step_form {
	unsigned may, takes;
	struct range range;
	struct words words;
	const char *sentence;
} forms[STEP_COUNT] = {
	[STEP_SOCKET] = {MAY_AS | MAY_FAIL | MAY_REPEAT, TAKES_WORD, {0, 0},
			 WORDS(socket_words), "\"tcp\", \"udp\", \"tcp6\" or \"udp6\""},
	[STEP_BIND] = {CALL, TAKES_NUMBER | TAKES_ADDRESS, {0, 65535}, {0},
		       "a port, \"7777\", or an address, \"10.77.0.1:0\""},
	[STEP_LISTEN] = {CALL, TAKES_NUMBER, {0, 65535}, {0}, "a backlog from 0 to 65535"},
	[STEP_ACCEPT] = {CALL | MAY_AS, TAKES_TRUE, {0, 0}, {0}, "true"},
	[STEP_CONNECT] = {CALL, TAKES_ADDRESS, {0, 0}, {0}, "an address, \"server:7777\""},
	[STEP_SEND] = {CALL | MAY_TO, TAKES_NUMBER | TAKES_TEXT, {1, LESSON_SEND_BYTES}, {0},
		       "a text, or how many bytes, 1 to 67108864"},
	[STEP_SEND_OOB] = {CALL, TAKES_TEXT, {0, 0}, {0}, "a text"},
	[STEP_RECV] = {CALL, TAKES_NUMBER | TAKES_WORD, {1, LESSON_SEND_BYTES},
		       WORDS(recv_words),
		       "how many bytes, 1 to 67108864, or \"eof\" or \"some\""},
	[STEP_SENDTO] = {CALL | MAY_TO, TAKES_NUMBER | TAKES_TEXT, {0, 65507}, {0},
			 "a text, or how many bytes, 0 to 65507"},
	[STEP_RECVFROM] = {CALL, TAKES_NUMBER, {1, 1000000}, {0},
			   "how many datagrams, 1 to 1000000"},
	[STEP_ECHO] = {CALL, TAKES_TRUE | TAKES_NUMBER | TAKES_WORD | TAKES_PAIR, {1, 1000000},
		       WORDS(echo_words),
		       "true, \"upper\", \"thanks\", how many datagrams, or [\"upper\", 3]"},
	[STEP_SHUTDOWN] = {CALL, TAKES_WORD, {0, 0}, WORDS(shutdown_words),
			   "\"write\", \"read\" or \"both\""},
	[STEP_CLOSE] = {CALL, TAKES_TRUE, {0, 0}, {0}, "true"},
	[STEP_ABORT] = {CALL, TAKES_TRUE, {0, 0}, {0}, "true"},
	[STEP_SETSOCKOPT] = {CALL, TAKES_PAIR, {0, INT32_MAX}, {0},
			     "an option and its value, [\"TCP_NODELAY\", 1]"},
	[STEP_SLEEP] = {MAY_REPEAT, TAKES_NUMBER, {0, LESSON_WAIT_MS}, {0},
			"how many milliseconds, 0 to 600000"},
	[STEP_MARK] = {0, TAKES_TEXT, {0, 0}, {0}, "the mark's name"},
	[STEP_WAIT] = {0, TAKES_TEXT, {0, 0}, {0}, "the name of a mark"},
};

#define X(name) #name,
static const char *const errno_list[] = {"any" /* or not at all */, ERRNO_LIST(X)};
#undef X
static const struct words errnos = WORDS(errno_list);

static bool port_is_good(const char *text)
{
	size_t count = strspn(text, "0123456789");
	return count > 0 && count <= 5 && text[count] == '\0' &&
	       strtoul(text, NULL, 10) <= 65535;
}

/* HOST:PORT, where HOST is "server", "client", an IPv4 address or an IPv6 one in brackets. */
static bool address_is_good(const char *text)
{
	const char *colon = strrchr(text, ':');
	char host[ADDR_TEXT + 2];
	uint8_t bytes[16];
	size_t count = colon ? (size_t)(colon - text) : sizeof(host);
	if (count == 0 || count >= sizeof(host) || !port_is_good(colon + 1))
		return false;
	memcpy(host, text, count);
	host[count] = '\0';
	if (strcmp(host, "server") == 0 || strcmp(host, "client") == 0)
		return true;
	if (host[0] != '[')
		return inet_pton(AF_INET, host, bytes) == 1;
	if (host[count - 1] != ']')
		return false;
	host[count - 1] = '\0';
	return inet_pton(AF_INET6, host + 1, bytes) == 1;
}

static bool step_address(struct reading *r, const cJSON *node, const char **out)
{
	if (!reading_text(r, node, LESSON_NAME, out))
		return false;
	if (!node || address_is_good(*out))
		return true;
	return reading_mistake(r, node, "\"%.60s\" is no address; one is written server:7777, "
			       "client:0, 10.77.0.9:7 or [fd77::9]:7", *out);
}

static bool step_misuse(const struct reading *r, const cJSON *node, const struct step *step)
{
	return reading_mistake(r, node, "\"%s\" takes %s", step_words[step->kind],
			       forms[step->kind].sentence);
}

static bool step_string(struct reading *r, const cJSON *node, struct step *step)
{
	const struct step_form *form = &forms[step->kind];
	size_t index;
	if (form->takes & TAKES_TEXT)
		return reading_text(r, node,
				    step->kind == STEP_MARK || step->kind == STEP_WAIT ?
					    LESSON_NAME : LESSON_TEXT,
				    &step->text);
	if (form->takes & TAKES_ADDRESS) {
		if (step->kind == STEP_BIND && port_is_good(node->valuestring))
			return reading_text(r, node, LESSON_NAME, &step->text);
		return step_address(r, node, &step->text);
	}
	if (!(form->takes & TAKES_WORD))
		return step_misuse(r, node, step);
	if (!reading_word(r, node, &form->words, &index))
		return false;
	step->text = form->words.at[index];
	return true;
}

/* [word, number] or, for options that take a word, [word, word]: `to` keeps the second. */
static bool step_pair(struct reading *r, const cJSON *node, struct step *step)
{
	const struct step_form *form = &forms[step->kind];
	const cJSON *word = cJSON_GetArrayItem(node, 0), *value = cJSON_GetArrayItem(node, 1);
	size_t index;
	if (!(form->takes & TAKES_PAIR) || cJSON_GetArraySize(node) != 2 ||
	    !cJSON_IsString(word))
		return step_misuse(r, node, step);
	if (form->words.count > 0 && !reading_word(r, word, &form->words, &index))
		return false;
	if (!reading_text(r, word, LESSON_NAME, &step->text))
		return false;
	if (step->kind == STEP_SETSOCKOPT &&
	    (cJSON_IsString(value) || cJSON_IsNumber(value)) && !lesson_option(r, word, value))
		return false;
	if (cJSON_IsString(value) && step->kind == STEP_SETSOCKOPT)
		return reading_text(r, value, LESSON_NAME, &step->to);
	return cJSON_IsNumber(value) ? reading_number(r, value, form->range, &step->number) :
				       step_misuse(r, node, step);
}

static bool step_value(struct reading *r, const cJSON *node, struct step *step)
{
	const struct step_form *form = &forms[step->kind];
	if (cJSON_IsString(node))
		return step_string(r, node, step);
	if (cJSON_IsArray(node))
		return step_pair(r, node, step);
	if (cJSON_IsNumber(node) && form->takes & TAKES_NUMBER)
		return reading_number(r, node, form->range, &step->number);
	return (cJSON_IsTrue(node) && form->takes & TAKES_TRUE) || step_misuse(r, node, step);
}

/* Sorts the members: the call, and slots for what modifies it. */
static bool step_members(struct reading *r, const cJSON *node, const cJSON **call,
			 const cJSON **slots)
{
	static const struct words calls = WORDS(step_words), keys = WORDS(key_words);
	const cJSON *member;
	size_t index;
	cJSON_ArrayForEach(member, node)
	{
		if (words_find(&keys, member->string, &index)) {
			if (slots[index])
				return reading_mistake(r, member,
						       "\"%s\" stands twice in a step",
						       member->string);
			slots[index] = member;
		} else if (!words_find(&calls, member->string, &index)) {
			return reading_unknown(r, member, "step", member->string, &calls);
		} else if (*call) {
			return reading_mistake(r, member,
					       "a step makes one call; this one names "
					       "\"%s\" and \"%s\"",
					       (*call)->string, member->string);
		} else {
			*call = member;
		}
	}
	return *call || reading_mistake(r, node, "a step names a call, {\"listen\": 1}");
}

static bool step_modifiers(struct reading *r, const cJSON *const *slots, struct step *step)
{
	int64_t repeat = 1;
	size_t index = 0;
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (slots[i] && !(forms[step->kind].may & 1U << i))
			return reading_mistake(r, slots[i], "\"%s\" has no meaning for \"%s\"",
					       key_words[i], step_words[step->kind]);
	}
	if (!reading_text(r, slots[KEY_ON], LESSON_NAME, &step->on) ||
	    !reading_text(r, slots[KEY_AS], LESSON_NAME, &step->as) ||
	    !step_address(r, slots[KEY_TO], &step->to) ||
	    !reading_word(r, slots[KEY_FAILS], &errnos, &index) ||
	    !reading_number(r, slots[KEY_REPEAT], (struct range){1, LESSON_REPEAT}, &repeat))
		return false;
	if (slots[KEY_FAILS])
		step->fails = errnos.at[index];
	step->repeat = (uint32_t)repeat;
	return true;
}

bool step_needs_socket(enum step_kind kind)
{
	return forms[kind].may & MAY_ON;
}

bool lesson_step(struct reading *r, const cJSON *node, struct step *step)
{
	const cJSON *call = NULL, *slots[KEY_COUNT] = {0};
	static const struct words calls = WORDS(step_words);
	size_t kind = 0;
	if (!cJSON_IsObject(node))
		return reading_mistake(r, node, "a step is written in braces, {\"listen\": 1}");
	if (!step_members(r, node, &call, slots) || !words_find(&calls, call->string, &kind))
		return false;
	*step = (struct step){
		.kind = (enum step_kind)kind,
		.number = -1,
		.line = lines_find(&r->lines, node),
	};
	return step_modifiers(r, slots, step) && step_value(r, call, step);
}
