/* Whom descriptors are borrowed from. */
#ifndef WIRELADDER_TRACE_LENDERS_H
#define WIRELADDER_TRACE_LENDERS_H

#include <sys/types.h>

#define LENDERS_MAX 64 /* beyond: one goes, and is opened again when it is asked */

struct lenders { /* all zeros: none */
	struct lender {
		pid_t tid; /* 0: none */
		int pidfd;
	} known[LENDERS_MAX];
};

/* That thread's descriptor as one of ours, close-on-exec; -1 with errno. */
int lenders_borrow(struct lenders *lenders, pid_t tid, int fd);
void lenders_close(struct lenders *lenders);

#endif
