/* A tracer that runs functions of a test as programs, and what was heard of them. */
#ifndef WIRELADDER_TESTS_SESSION_H
#define WIRELADDER_TESTS_SESSION_H

#include "wireladder/trace.h"

#include <netinet/in.h>

#define HEARD_CALLS 400
#define HEARD_ARGS  120

struct heard { /* a call, once it is known how it ended */
	struct call call;
	char args[HEARD_ARGS];
};

struct session;
struct session_plan {
	int (*programs[4])(void); /* each is run in its process and returns its status */
	const char *const *argv;  /* instead: one program that is executed */
	struct tracer_config config; /* the rest of it */
	bool waits;               /* each for the one before */
	/* Sees each event, and is called each time there is none. */
	void (*event)(struct session *session, const struct event *event);
	void (*idle)(struct session *session);
};

struct session {
	const struct session_plan *plan;
	struct tracer *tracer;
	struct heard calls[HEARD_CALLS];
	size_t entered, call_count, programs, samples, notes;
	char note[400]; /* the first */
	struct program_seen program[32];
	bool states[STATE_COUNT]; /* that the kernel told of */
	bool refused;     /* this system does not let programs be traced */
	struct traced_end ends[4];
	uint64_t beats, last_ns;
	size_t waiting_for; /* for the plan's functions */
};

struct session *session_new(void); /* to be freed */
/* A fresh one that has run: the calls of one program, which must end with 0. */
struct session *session_of(int (*program)(void));
/* Until the end, which must come. Skips the test where tracing is refused, unless the plan says
 * that programs are only run. */
void session_run(struct session *session, const struct session_plan *plan);
/* The nth call of that name (from 0) in order of entry; fails the test if there is none. */
const struct call *session_call(const struct session *session, const char *name, size_t nth);
size_t session_count(const struct session *session, const char *name);
bool thread_sleeps(pid_t tid);

/* For programs: they end with 99 where something is not as they need it. */
void must(bool holds);
int must_listen(struct sockaddr_in *name); /* on a free port of 127.0.0.1 */
int must_connect(const struct sockaddr_in *name);

#endif
