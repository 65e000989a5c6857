#include "wireladder/model_lesson.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define X(name, word) word,
const char *const state_words[STATE_COUNT] = {TCP_STATE_LIST(X)};
const char *const flaw_words[FLAW_COUNT] = {FLAW_LIST(X)};
const char *const tunnel_words[TUNNEL_COUNT] = {TUNNEL_LIST(X)};
const char *const note_words[NOTE_COUNT] = {NOTE_LIST(X)};
const char *const wait_words[WAIT_COUNT] = {WAIT_LIST(X)};
const char *const opened_words[] = {OPENED_LIST(X)};
const char *const ended_words[] = {ENDED_LIST(X)};
const char *const place_words[] = {PLACE_LIST(X)};
const char *const wire_match_words[WIRE_MATCH_COUNT] = {WIRE_MATCH_LIST(X)};
const char *const wire_deed_words[DEED_COUNT] = {WIRE_DEED_LIST(X)};
const char *const wire_cause_words[CAUSE_COUNT] = {WIRE_CAUSE_LIST(X)};
const char *const step_words[STEP_COUNT] = {STEP_LIST(X)};
const char *const expect_words[EXPECT_COUNT] = {EXPECT_LIST(X)};
#undef X

#define X(name, word) word,
const char *const ca_state_words[CA_COUNT] = {CA_STATE_LIST(X)};
#undef X

#define X(name, word, class) word,
const char *const call_words[CALL_COUNT] = {CALL_LIST(X)};
#undef X

#define X(name, word, class) CALLS_##class,
const enum call_class call_classes[CALL_COUNT] = {CALL_LIST(X)};
#undef X

#define X(name, word) #word,
const char *const fact_words[FACT_COUNT] = {FACT_LIST(X)};
#undef X

#define X(name, id, label, text, cite) {id, label, text, cite},
const struct glossary_entry glossary[VERDICT_COUNT] = {VERDICT_LIST(X)};
#undef X

static const struct {
	const char *word;
	uint16_t bit;
} tcp_flags[] = {
#define X(word, bit) {#word, bit},
	TCP_FLAG_LIST(X)
#undef X
};

#define X(word, bit) +sizeof(#word)
static_assert(TCP_FLAG_LIST(X) <= TCP_FLAGS_TEXT, "all flags with one character between them");
#undef X

void tcp_flags_text(uint16_t flags, const char *between, char text[static TCP_FLAGS_TEXT])
{
	size_t length = 0;
	text[0] = '\0';
	for (size_t i = 0; i < ARRAY_COUNT(tcp_flags); i++) {
		if (!(flags & tcp_flags[i].bit))
			continue;
		length += (size_t)snprintf(text + length, TCP_FLAGS_TEXT - length, "%s%s",
					   length ? between : "", tcp_flags[i].word);
		if (length >= TCP_FLAGS_TEXT)
			return;
	}
}
