/* The tracer as an observer. What it tells while a lesson is played is kept as it came, one
 * entry behind the other: how long it is, the event as far as its kind has anything, and the
 * strings that it borrows. */
#include "calls.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static enum observed live_failed(struct calls_live *live, struct event *event,
				 const struct err *err)
{
	live->over = live->failed = true;
	*event = (struct event){.kind = EVENT_NOTE,
				.ns = tracer_watermark_ns(live->tracer),
				.note = {.code = NOTE_TRACE, .warning = true}};
	snprintf(event->note.text, sizeof(event->note.text), "%.300s", err->text);
	return OBSERVED_EVENT;
}

static enum observed live_next(void *self, struct event *event, struct err *err)
{
	struct calls_live *live = self;
	if (live->over)
		return OBSERVED_END;
	switch (tracer_next(live->tracer, event, err)) {
	case TRACE_EVENT:
		return OBSERVED_EVENT;
	case TRACE_NOT_YET:
		return OBSERVED_NOT_YET;
	case TRACE_END:
		live->over = true;
		return OBSERVED_END;
	case TRACE_FAILED:
		break;
	}
	return live_failed(live, event, err); /* the packets are as good as before */
}

static uint64_t live_watermark(void *self)
{
	struct calls_live *live = self;
	return tracer_watermark_ns(live->tracer);
}

void calls_live_get(struct calls_live *live, struct observer *observer)
{
	*observer = (struct observer){
		.next = live_next, .watermark = live_watermark, .self = live, .sorted = true};
}

#define BODY_OFFSET offsetof(struct event, program) /* all bodies begin there */

struct entry_head {
	size_t bytes; /* of the event */
	size_t strings;
};

static size_t event_bytes(const struct event *event)
{
	switch (event->kind) {
	case EVENT_PROGRAM:
		return BODY_OFFSET + sizeof(event->program);
	case EVENT_CALL:
		return BODY_OFFSET + sizeof(event->call);
	case EVENT_KERNEL:
		return BODY_OFFSET + sizeof(event->kernel);
	default:
		return BODY_OFFSET + sizeof(event->note);
	}
}

/* A program's arguments are strings behind room for the pointers to them. */
static void strings_add(struct buf *bytes, const struct event *event)
{
	const struct program_seen *program = &event->program;
	if (event->kind == EVENT_CALL)
		buf_add(bytes, event->call.args, strlen(event->call.args) + 1);
	if (event->kind != EVENT_PROGRAM)
		return;
	buf_add(bytes, program->argv, (program->argc + 1) * sizeof(*program->argv));
	for (size_t i = 0; i < program->argc; i++)
		buf_add(bytes, program->argv[i], strlen(program->argv[i]) + 1);
}

static void kept_pad(struct buf *bytes)
{
	static const char nothing[sizeof(void *)];
	size_t beyond = bytes->len % sizeof(nothing);
	if (beyond > 0)
		buf_add(bytes, nothing, sizeof(nothing) - beyond);
}

static void kept_add(struct calls_kept *kept, const struct event *event)
{
	struct buf *bytes = &kept->bytes;
	struct entry_head head = {.bytes = event_bytes(event)};
	size_t at = bytes->len, strings;
	if (kept->unwanted)
		return;
	kept->last_ns = event->ns;
	if (bytes->len >= CALLS_KEPT_BYTES) {
		kept->lost++;
		return;
	}
	buf_add(bytes, &head, sizeof(head));
	buf_add(bytes, event, head.bytes);
	kept_pad(bytes);
	strings = bytes->len;
	strings_add(bytes, event);
	kept_pad(bytes);
	head.strings = bytes->len - strings;
	if (!bytes->failed)
		memcpy(bytes->at + at, &head, sizeof(head));
}

bool calls_kept_read(struct calls_kept *kept, struct err *err)
{
	struct event event;
	while (live_next(&kept->live, &event, err) == OBSERVED_EVENT)
		kept_add(kept, &event);
	return !kept->bytes.failed || err_memory(err);
}

static void strings_lend(struct event *event, char *strings)
{
	struct program_seen *program = &event->program;
	const char **argv = (const char **)(void *)strings;
	char *at;
	if (event->kind == EVENT_CALL)
		event->call.args = strings;
	if (event->kind != EVENT_PROGRAM)
		return;
	at = strings + (program->argc + 1) * sizeof(*argv);
	for (size_t i = 0; i < program->argc; i++, at += strlen(at) + 1)
		argv[i] = at;
	argv[program->argc] = NULL;
	program->argv = argv;
}

static enum observed kept_lost(struct calls_kept *kept, struct event *event)
{
	*event = (struct event){.kind = EVENT_NOTE,
				.ns = kept->last_ns,
				.note = {.code = NOTE_TRACE, .warning = true}};
	snprintf(event->note.text, sizeof(event->note.text),
		 "%" PRIu64 " calls and samples are not shown: no more than %" PRIu64
		 " MiB of them are kept.",
		 kept->lost, CALLS_KEPT_BYTES >> 20);
	kept->lost = 0;
	return OBSERVED_EVENT;
}

static enum observed kept_next(void *self, struct event *event, struct err *err)
{
	struct calls_kept *kept = self;
	struct entry_head head;
	(void)err;
	if (kept->at == kept->bytes.len)
		return kept->lost ? kept_lost(kept, event) : OBSERVED_END;
	memcpy(&head, kept->bytes.at + kept->at, sizeof(head));
	kept->at += sizeof(head);
	memcpy(event, kept->bytes.at + kept->at, head.bytes);
	kept->at += (head.bytes + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *);
	strings_lend(event, kept->bytes.at + kept->at);
	kept->at += head.strings;
	if (event->ns < kept->since_ns)
		event->ns = kept->since_ns;
	return OBSERVED_EVENT;
}

static uint64_t kept_watermark(void *self)
{
	(void)self;
	return UINT64_MAX; /* it never has to be waited for */
}

void calls_kept_get(struct calls_kept *kept, struct observer *observer)
{
	*observer = (struct observer){
		.next = kept_next, .watermark = kept_watermark, .self = kept, .sorted = true};
}

void calls_kept_close(struct calls_kept *kept)
{
	buf_close(&kept->bytes);
}
