/* A line on the terminal that says how far a long lesson is. */
#ifndef WIRELADDER_CLI_LAB_PROGRESS_H
#define WIRELADDER_CLI_LAB_PROGRESS_H

#include "cli.h"

struct lab_progress {
	const char *name;   /* of the lesson; borrowed */
	uint64_t run, runs; /* which of how many, from 1 */
	uint64_t begun_ns, next_ns;
	bool wanted, shown;
};

/* Only where somebody looks: standard error is a terminal, and nobody asked for quiet. */
void lab_progress_open(struct lab_progress *progress, const struct options *options,
		       const char *name);
/* So many frames so far. Says nothing in the first second. */
void lab_progress_tell(struct lab_progress *progress, uint64_t frames);
void lab_progress_close(struct lab_progress *progress); /* the line is gone */

#endif
