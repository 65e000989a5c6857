/* Things that have a process or thread number: found by it. */
#ifndef WIRELADDER_TRACE_PIDS_H
#define WIRELADDER_TRACE_PIDS_H

#include "tracing.h"

#define PIDS_HEADS 1024
#define PIDS_MAX   32768 /* beyond: pids_add gives NULL */

struct pid_item { /* the first member of each of them */
	pid_t pid;
	uint32_t index, next;
};

struct pids {
	struct pool pool;
	uint32_t heads[PIDS_HEADS];
};

void pids_init(struct pids *pids, size_t item_size);
void *pids_find(const struct pids *pids, pid_t pid); /* or NULL; items never move */
void *pids_add(struct pids *pids, pid_t pid);        /* zeroed; NULL: full, or no memory */
void pids_drop(struct pids *pids, void *item);
/* Each may drop itself. */
void pids_each(struct pids *pids, void (*each)(void *context, void *item), void *context);
void pids_close(struct pids *pids);

#endif
