/* --verdict shows packets by what they turn out to be: what a first reading tells of those that
 * later evidence changes, so that the second knows it from the start. */
#ifndef WIRELADDER_CLI_AMENDED_H
#define WIRELADDER_CLI_AMENDED_H

#include "cli.h"

struct event;

struct amended_packet {
	uint64_t n;
	uint32_t order; /* of several amends of one packet the last holds */
	bool has;       /* the verdict, once amended */
};

struct amended {
	enum verdict_id verdict;
	struct amended_packet *packets; /* in order of n once finished */
	size_t count, room;
	bool full;        /* there were more: those stay as they were first judged */
	bool failed;      /* memory ran out */
	int64_t input_at; /* where standard input began, a file or the copy of a pipe */
};

void amended_hear(void *self, const struct event *event); /* self: struct amended */
void amended_finish(struct amended *amended);
/* Has this packet the verdict in the end? `had`: it has without amends. NULL: nobody knows of
 * any. */
bool amended_has(const struct amended *amended, uint64_t n, bool had);
void amended_close(struct amended *amended);

/* Can what the options name be read a second time? A standard input that is a pipe is copied
 * into a file without a name for that; one that cannot be copied is an error. */
bool amended_can_reread(struct amended *amended, const struct options *options, bool *can,
			struct err *err);
bool amended_rewind(const struct amended *amended, const struct options *options,
		    struct err *err);

#endif
