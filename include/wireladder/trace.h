/* The door of src/trace: socket calls of any program, by ptrace, and what the kernel says
 * of its sockets. */
#ifndef WIRELADDER_TRACE_H
#define WIRELADDER_TRACE_H

#include "wireladder/model.h"

struct traced { /* a program that is to run */
	const char *name;        /* in the timeline: "server"; borrowed, like all here */
	const char *const *argv; /* NULL-ended; execvp(3), or, with `run`, only shown */
	enum end host;
	bool has_host;
	bool waits; /* begins only when the one before it listens or has bound a datagram
		     * socket, has ended, or after TRACE_WAIT_NS; never if one before it could
		     * not begin: its end is then as that one's, without a sentence */
};
#define TRACE_WAIT_NS (3 * NS_PER_S)

struct tracer_config {
	const struct traced *programs;
	size_t count;
	void *context;
	/* In the program's process, before anything of it runs: to enter its network, to await
	 * a gate. NULL: nothing to do. False: the program does not begin; err's text and status
	 * are its end. */
	bool (*enter)(void *context, size_t index, struct err *err);
	/* A program that is built in: runs in its process, returns its exit status. NULL: argv
	 * is executed. */
	int (*run)(void *context, size_t index);
	bool no_trace;      /* only run them */
	bool no_rw;         /* without read, write, readv, writev */
	bool own_signals;   /* terminal signals reach the programs themselves (run); else SIGINT
			     * is ignored there */
	uint64_t kernel_ns; /* how often TCP_INFO is taken while a call blocks or data is
			     * outstanding; 0: never, not even as calls return */
};

/* Forks the tracer, a process of its own that starts the programs and dies with the caller; its
 * programs die with it. To be called before any thread is made. Where ptrace is refused they
 * run all the same: the observer's first event is a note that says why there are no calls. */
struct tracer;
struct tracer *tracer_open(const struct tracer_config *config, struct err *err);
bool tracer_begin(struct tracer *tracer, struct err *err); /* the programs may run */

/* Program, call, kernel and note events, as they come: calls twice, entering and returned (the
 * event's time is then that of the return), those that never returned once more at the end.
 * TRACE_END once every program has ended and all was told. What an event borrows lives until
 * the next call. */
enum trace_status { TRACE_EVENT, TRACE_NOT_YET, TRACE_END, TRACE_FAILED };
enum trace_status tracer_next(struct tracer *tracer, struct event *event, struct err *err);
uint64_t tracer_watermark_ns(const struct tracer *tracer); /* nothing older will come */
int tracer_fd(const struct tracer *tracer);                /* poll it for reading */

struct traced_end {
	bool begun, ended;
	int status; /* exit status, or 128 + the signal that ended it; 126, 127 as a shell */
	char why[400]; /* a sentence, when it did not begin; "" */
};
/* As far as events were read. Borrowed; changes with tracer_next. */
const struct traced_end *tracer_ends(const struct tracer *tracer, size_t index);
size_t tracer_running(const struct tracer *tracer); /* programs that have not ended */
/* To every process of the program; index SIZE_MAX: of all. */
void tracer_signal(struct tracer *tracer, size_t index, int signal);
void tracer_close(struct tracer *tracer); /* what still runs is killed; safe on NULL */

/* weave: joins calls, kernel samples and packets, behind the tracker. Takes every event in the
 * timeline's order and passes it on, with what it found: conv, from, range of calls; `call` of
 * packets; states that only calls know (LISTEN, CLOSED); a note where the kernel's state and
 * the packets' do not agree. */
struct weave;
struct weave_config {
	bool live;  /* calls are passed on as they enter, too */
	bool no_rw; /* read, write and their kin are not told: nobody's bytes can be counted,
		     * so that calls have no range and packets with data no call */
};
/* The sink is copied. NULL when out of memory. */
struct weave *weave_open(const struct weave_config *config, struct sink sink, struct err *err);
bool weave_take(struct weave *weave, const struct event *event); /* false: the sink refused */
void weave_close(struct weave *weave); /* safe on NULL */

#endif
