/* Somebody's own programs, with their socket calls and packets on one clock. */
#ifndef WIRELADDER_CLI_RUN_H
#define WIRELADDER_CLI_RUN_H

#include "calls.h"
#include "cli.h"

#include "wireladder/lab.h"

#define RUN_PROGRAMS_MAX 16

struct run_lookups { /* what a private network cannot answer */
	bool unreachable;     /* connect said that no way leads there */
	bool asked, answered; /* a name server */
};

struct run {
	struct options *options;
	const char **words; /* owned: the command line, cut by NULLs into programs */
	struct traced programs[RUN_PROGRAMS_MAX];
	size_t count;
	struct tracer *tracer;
	struct calls_live live;
	struct network_counters *counters; /* NULL: the network is not ours */
	struct net_counts counted;
	struct run_lookups lookups;
	uint64_t ended_ns;  /* when the last program was seen to have ended; 0: it runs */
	uint64_t asked_ns;  /* when the others were asked to end */
	uint64_t quiet_ns;  /* since when nothing is left to be told */
	struct err uncaptured; /* why there are no packets, "" when there are */
};

/* run_programs.c: fills in words, programs, count. */
bool run_programs(struct run *run, struct err *err);
/* Passes signals on. Once the last program has ended, and what was under way has settled, the
 * others are asked to end, and then made to. */
void run_tend(void *context, struct tracer *tracer, bool settled);
/* The status that is ours, too; says why the program did not begin. */
enum exit_status run_status(const struct traced_end *end, struct err *err);
/* What shows that the program looked for the world outside; one sentence says that it is not
 * there. */
void run_hear(void *context, const struct event *event);
void run_say_private(const struct run *run);
/* Ours goes where the program's standard output is not; once the programs have theirs. */
void run_stdout(const struct options *options);

/* run_lab.c: on the two hosts of a lesson. */
enum exit_status run_lab(struct run *run, struct err *err);

#endif
