#include "reply.h"

#include <assert.h>
#include <string.h>

static const uint8_t *reply_same(uint8_t *bytes, size_t *count)
{
	(void)count;
	return bytes;
}

/* ASCII only, by hand: toupper(3) would follow the locale and break UTF-8 apart. */
static const uint8_t *reply_upper(uint8_t *bytes, size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		if (bytes[i] >= 'a' && bytes[i] <= 'z')
			bytes[i] = (uint8_t)(bytes[i] - 'a' + 'A');
	return bytes;
}

/* The receipt ends its line if the message did, so that it suits netcat, which talks in lines,
 * as well as the textbook's clients, which print what one recv() gave them. */
static const uint8_t *reply_thanks(uint8_t *bytes, size_t *count)
{
	static const char receipt[] = "Got your message, thank you\n";
	bool line = *count > 0 && bytes[*count - 1] == '\n';
	*count = strlen(receipt) - (line ? 0 : 1);
	return (const uint8_t *)receipt;
}

static const struct {
	const char *name;
	const uint8_t *(*make)(uint8_t *bytes, size_t *count);
} replies[] = {
	[REPLY_ECHO] = {"echo", reply_same},
	[REPLY_UPPER] = {"upper", reply_upper},
	[REPLY_THANKS] = {"thanks", reply_thanks},
	[REPLY_CHAT] = {"chat", reply_same},
};
static_assert(ARRAY_COUNT(replies) == REPLY_CHAT + 1, "a row for every echo_reply");

bool echo_reply_parse(const char *word, enum echo_reply *reply)
{
	for (size_t i = 0; i < ARRAY_COUNT(replies); i++) {
		if (strcmp(word, replies[i].name) == 0) {
			*reply = (enum echo_reply)i;
			return true;
		}
	}
	return false;
}

const char *reply_name(enum echo_reply reply)
{
	return replies[reply].name;
}

const uint8_t *reply_make(enum echo_reply reply, uint8_t *bytes, size_t *count)
{
	return replies[reply].make(bytes, count);
}
