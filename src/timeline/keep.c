#include "keep.h"

#include <stdlib.h>
#include <string.h>

static size_t text_bytes(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

/* A copy at *at, which moves behind it; NULL stays NULL. */
static const void *keep_copy(uint8_t **at, const void *from, size_t count)
{
	uint8_t *copy = *at;
	if (count == 0)
		return from;
	*at += count;
	return memcpy(copy, from, count);
}

static size_t packet_bytes(const struct event *event)
{
	const struct packet *packet = &event->packet;
	return packet->fragment_count * sizeof(*packet->fragments) + packet->byte_count +
	       packet->comment_len;
}

/* Side by side, here as below, what must be aligned first. */
static void packet_copy(struct event *event, uint8_t *at)
{
	struct packet *packet = &event->packet;
	packet->fragments = keep_copy(&at, packet->fragments,
				      packet->fragment_count * sizeof(*packet->fragments));
	packet->bytes = keep_copy(&at, packet->bytes, packet->byte_count);
	packet->comment = keep_copy(&at, packet->comment, packet->comment_len);
}

static size_t call_bytes(const struct event *event)
{
	return text_bytes(event->call.args);
}

static void call_copy(struct event *event, uint8_t *at)
{
	event->call.args = keep_copy(&at, event->call.args, text_bytes(event->call.args));
}

static size_t program_bytes(const struct event *event)
{
	const struct program_seen *program = &event->program;
	size_t count = program->argc * sizeof(*program->argv) + text_bytes(program->name);
	for (size_t i = 0; i < program->argc; i++)
		count += text_bytes(program->argv[i]);
	return count;
}

static void program_copy(struct event *event, uint8_t *at)
{
	struct program_seen *program = &event->program;
	const char **argv = (const char **)(void *)at; /* malloc's: aligned */
	at += program->argc * sizeof(*argv);
	for (size_t i = 0; i < program->argc; i++)
		argv[i] = keep_copy(&at, program->argv[i], text_bytes(program->argv[i]));
	program->argv = argv;
	program->name = keep_copy(&at, program->name, text_bytes(program->name));
}

/* The kinds that observers give and that borrow; all others are kept as they are. */
static const struct {
	size_t (*bytes)(const struct event *event);
	void (*copy)(struct event *event, uint8_t *at);
} keepers[EVENT_SUMMARY + 1] = {
	[EVENT_PACKET] = {packet_bytes, packet_copy},
	[EVENT_CALL] = {call_bytes, call_copy},
	[EVENT_PROGRAM] = {program_bytes, program_copy},
};

size_t event_kept_bytes(const struct event *event)
{
	return keepers[event->kind].bytes ? keepers[event->kind].bytes(event) : 0;
}

bool event_keep(struct event *event, uint8_t **bytes)
{
	*bytes = NULL;
	if (!keepers[event->kind].copy)
		return true;
	*bytes = malloc(event_kept_bytes(event) + 1);
	if (!*bytes)
		return false;
	keepers[event->kind].copy(event, *bytes);
	return true;
}
