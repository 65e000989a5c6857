/* One run of a lesson, and what came of its promises. */
#ifndef WIRELADDER_CLI_LAB_VERDICT_H
#define WIRELADDER_CLI_LAB_VERDICT_H

#include "lab_run.h"

#define LAB_EXPECTS_MAX 64

struct lab_job {
	const struct lesson *lesson;
	struct options *options;
	struct lab_progress progress;
};

/* Plain bytes: it is shared with the process that makes the run. */
struct lab_verdict {
	bool done;     /* it could be run at all */
	bool stopped;  /* by a signal: then nothing is held against it */
	bool programs; /* they did as the lesson says */
	bool held[LAB_EXPECTS_MAX];
	char is[LAB_EXPECTS_MAX][40]; /* what was found instead, or the same */
	struct err err;
};

/* Runs it and writes what the options name. False: verdict->err says why that could not be. */
bool lab_once(struct lab_job *job, struct lab_verdict *verdict);
/* False: *err says the first promise that the run did not keep. */
bool lab_verdict_holds(const struct lab_verdict *verdict, const struct lesson *lesson,
		       struct err *err);

/* lab_repeat.c: as often as the options say, and prints how often each expectation held. */
enum exit_status lab_repeat(struct lab_job *job, struct err *err);

#endif
