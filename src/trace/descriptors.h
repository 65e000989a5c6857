/* Which socket a descriptor is, as long as that is certain. */
#ifndef WIRELADDER_TRACE_DESCRIPTORS_H
#define WIRELADDER_TRACE_DESCRIPTORS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define DESCRIPTOR_SETS 1024
#define DESCRIPTOR_WAYS 4 /* processes that have the same number */

struct descriptors { /* all zeros: nothing is known */
	struct descriptor {
		pid_t pid;
		int fd;
		uint64_t inode; /* 0: none */
	} known[DESCRIPTOR_SETS][DESCRIPTOR_WAYS];
	uint32_t closing; /* calls under way that close */
	bool unsure;      /* something closes that nobody tells of: never again */
};

/* The inode; 0: it has to be asked for. */
uint64_t descriptors_find(const struct descriptors *descriptors, pid_t pid, int fd);
void descriptors_learn(struct descriptors *descriptors, pid_t pid, int fd, uint64_t inode);
/* A call that closes that number begins, one has ended. */
void descriptors_closing(struct descriptors *descriptors, int fd);
void descriptors_closed(struct descriptors *descriptors);
/* It is closed by a call that nobody awaits. */
void descriptors_lose(struct descriptors *descriptors, int fd);
void descriptors_unsure(struct descriptors *descriptors);
void descriptors_forget(struct descriptors *descriptors, pid_t pid); /* it ended, or executes */

#endif
