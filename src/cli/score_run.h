/* One run that is scored, and how many are made beside each other. */
#ifndef WIRELADDER_CLI_SCORE_RUN_H
#define WIRELADDER_CLI_SCORE_RUN_H

#include "cli.h"
#include "score_judge.h"

struct score_config {
	const struct options *options;
	struct stacks *stacks; /* NULL: nobody asked, or there are none */
	struct score_run *runs; /* memory that processes share; seed and lesson are given */
	size_t count;
};

/* Makes all the runs, twice as many at once as there are processors: most of
 * the time they wait for the wire. With stacks one after the other. */
bool score_runs_make(const struct score_config *config, struct err *err);

#endif
