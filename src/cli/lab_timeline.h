/* From the two captures of a run to its timeline. */
#ifndef WIRELADDER_CLI_LAB_TIMELINE_H
#define WIRELADDER_CLI_LAB_TIMELINE_H

#include "lab_expect.h"

/* Joins both ends' captures, adds what the wire did, and writes the outputs that the options
 * name. What lessons ask about goes to *heard. */
bool lab_timeline(const struct lab_run *run, const struct lesson *lesson,
		  struct options *options, struct lab_heard *heard, struct err *err);

#endif
