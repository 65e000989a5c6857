/* What only a host's kernel knows of a lesson: its settings, counters, congestion controls. */
#ifndef WIRELADDER_LAB_KERNEL_H
#define WIRELADDER_LAB_KERNEL_H

#include "counters.h"

/* In the calling thread's network. False: errno; ENOENT: there is none of that name. */
bool sysctl_set(const char *name, const char *value);
/* The sentence for a setting that was not taken, with errno; returns false. */
bool kernel_refuses(const struct setting *setting, enum end host, const struct lesson *lesson,
		    struct err *err);
/* Before any step: does it have the counters that the lesson expects something of, and the
 * congestion controls that programs choose? In the host's network. */
bool kernel_knows(const struct counters *counters, enum end host, const struct lesson *lesson,
		  struct err *err);

#endif
