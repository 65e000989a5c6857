/* The programs of a run in the lab, each on its host, started by the tracer. */
#ifndef WIRELADDER_CLI_LAB_PROGRAMS_H
#define WIRELADDER_CLI_LAB_PROGRAMS_H

#include "calls.h"

#include "wireladder/echo_actor.h"
#include "wireladder/lab.h"

/* How programs are traced, as the command line says. */
struct tracing {
	bool on;     /* off: they only run */
	bool no_rw;
	uint64_t kernel_ns;
};

/* Somebody's own programs instead of the lesson's. */
struct lab_guests {
	const struct traced *programs;
	size_t count;
	/* Asked every few milliseconds, until all have ended: passes signals on, ends those
	 * that are not awaited. settled: nothing is under way, nobody waits for an answer. */
	void (*tend)(void *context, struct tracer *tracer, bool settled);
	void *context;
};

struct lab_programs {
	const struct lesson *lesson;
	struct lab *lab;
	struct actor_board *board;       /* NULL: guests */
	const struct lab_guests *guests; /* NULL: the lesson's own */
	struct tracer *tracer;
	struct calls_kept calls;
	int ready, gate; /* eventfds: each of them adds one; takes one before it begins */
	struct traced traced[ACTOR_PROGRAMS_MAX];
	const char *argv[ACTOR_PROGRAMS_MAX][2];
	size_t count;
};

/* Zeroed but for what is borrowed: lesson, lab, board, guests. The lesson's own wait at the
 * gate afterwards, in their networks. */
bool lab_programs_open(struct lab_programs *programs, const struct tracing *tracing,
		       struct err *err);
bool lab_programs_go(struct lab_programs *programs, struct err *err);
/* What the tracer has to tell by now is kept. */
bool lab_programs_read(struct lab_programs *programs, struct err *err);
size_t lab_programs_running(const struct lab_programs *programs);
void lab_programs_kill(struct lab_programs *programs); /* returns when none is left */
void lab_programs_close(struct lab_programs *programs); /* safe on a zeroed one */

#endif
