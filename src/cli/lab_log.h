/* What the wire did, as a file: the truth that captures and figures can be held against. */
#ifndef WIRELADDER_CLI_LAB_LOG_H
#define WIRELADDER_CLI_LAB_LOG_H

#include "lab_run.h"

#define LAB_LOG_FILE "wire.jsonl"

/* FOLDER/wire.jsonl: a line about the run, then one a frame, in the order in which frames came
 * to the wire. Times are nanoseconds since the run's start, like a timeline's; `due` and `sent`
 * are missing where a frame was never to leave; `hash` is hash_bytes of what came. */
bool lab_log_write(const struct lab_run *run, const struct lesson *lesson,
		   const struct options *options, struct err *err);

#endif
