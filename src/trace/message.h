/* What the tracer's process tells the one that reads: plain structs with their strings behind
 * them, through a pipe. */
#ifndef WIRELADDER_TRACE_MESSAGE_H
#define WIRELADDER_TRACE_MESSAGE_H

#include "tracing.h"

enum message_kind {
	MESSAGE_BEAT, /* nothing that is older than its time will follow */
	MESSAGE_PROGRAM, MESSAGE_CALL, MESSAGE_KERNEL, MESSAGE_NOTE,
	MESSAGE_ENDED, /* a program; `index` says which */
	MESSAGE_OVER,  /* the last */
	MESSAGE_COUNT,
};

/* One process is a fork of the other: pointers to static text mean the same in both. Those to
 * other text are set anew from the strings that follow. */
struct message {
	enum message_kind kind;
	size_t index;
	uint64_t ns;
	union {
		struct program_seen program; /* strings: its arguments */
		struct call call;            /* string: args */
		struct kernel_sample kernel;
		struct note note;
		struct traced_end ended;
	};
};

struct strings { /* each with its NUL */
	const char *at;
	size_t bytes;
};

struct outbox {
	int fd;          /* a write waits when the pipe is full: nothing is lost */
	struct buf held; /* not yet written */
	bool broken;     /* nobody reads any more */
};
#define OUTBOX_HELD_MAX 32768 /* bytes, beyond which outbox_put writes */

void outbox_put(struct outbox *outbox, const struct message *message, struct strings strings);
void outbox_flush(struct outbox *outbox);

struct inbox {
	int fd; /* does not wait */
	struct buf bytes;
	size_t at;
};

enum inbox_status { INBOX_MESSAGE, INBOX_NOT_YET, INBOX_END, INBOX_DAMAGED };
/* The strings live until the next call. */
enum inbox_status inbox_next(struct inbox *inbox, struct message *message,
			     struct strings *strings);

#endif
