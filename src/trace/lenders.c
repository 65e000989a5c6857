/* To borrow a descriptor (pidfd_getfd(2), which needs the right to trace the process) takes a
 * pidfd, and to open that takes longer than to borrow: those of the last who were asked are
 * kept. A pidfd outlives what it stands for and is never anybody else, though the number may
 * be: then it says ESRCH, and who has the number now is asked. It stays good through execve(2),
 * after which the process goes by the same number. */
#include "lenders.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OPEN_THREAD O_EXCL /* PIDFD_THREAD, since Linux 6.9; not in every libc's headers */

static int lender_open(pid_t tid)
{
	long pidfd = syscall(SYS_pidfd_open, tid, 0);
	if (pidfd < 0) /* not its process's first thread */
		pidfd = syscall(SYS_pidfd_open, tid, OPEN_THREAD);
	return (int)pidfd;
}

static void lender_close(struct lender *lender)
{
	if (lender->tid)
		close(lender->pidfd);
	lender->tid = 0;
}

static int lender_lends(const struct lender *lender, int fd)
{
	return (int)syscall(SYS_pidfd_getfd, lender->pidfd, fd, 0);
}

int lenders_borrow(struct lenders *lenders, pid_t tid, int fd)
{
	struct lender *lender = &lenders->known[(unsigned)tid % LENDERS_MAX];
	if (lender->tid == tid) {
		int borrowed = lender_lends(lender, fd);
		if (borrowed >= 0 || errno != ESRCH)
			return borrowed;
	}
	lender_close(lender);
	lender->pidfd = lender_open(tid);
	if (lender->pidfd < 0)
		return -1;
	lender->tid = tid;
	return lender_lends(lender, fd);
}

void lenders_close(struct lenders *lenders)
{
	for (size_t i = 0; i < LENDERS_MAX; i++)
		lender_close(&lenders->known[i]);
}
