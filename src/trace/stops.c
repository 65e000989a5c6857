/* What a stop of a traced thread means (ptrace(2), "Stopped states"). */
#include "watch.h"

#include <sys/ptrace.h>
#include <linux/ptrace.h> /* after libc's */
#include <sys/wait.h>

#define SYSCALL_STOP (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */

void thread_resume(struct thread *thread, int signal)
{
	/* On failure it was killed meanwhile: its end will be reported. */
	ptrace(thread->awaits == AWAITS_NOTHING ? PTRACE_CONT : PTRACE_SYSCALL,
	       thread->item.pid, 0, signal);
}

static void stop_family(struct watch *watch, struct thread *thread)
{
	unsigned long child = 0;
	if (ptrace(PTRACE_GETEVENTMSG, thread->item.pid, 0, &child) == 0)
		thread_born(watch, thread, (pid_t)child);
	thread_resume(thread, 0);
}

static void stop_exec(struct watch *watch, struct thread *thread)
{
	unsigned long former = 0;
	ptrace(PTRACE_GETEVENTMSG, thread->item.pid, 0, &former);
	thread_executed(watch, thread, (pid_t)former);
	thread_resume(thread, 0);
}

/* Stopped by SIGSTOP or the terminal it stays so, and hears SIGCONT; new threads begin with
 * such a stop, too, and then the signal is SIGTRAP. */
static void stop_group(struct thread *thread, int signal)
{
	if (signal != SIGTRAP)
		ptrace(PTRACE_LISTEN, thread->item.pid, 0, 0);
	else if (thread->process)
		thread_resume(thread, 0);
}

static void stop_of(struct watch *watch, struct thread *thread, int status)
{
	int event = status >> 16, signal = WSTOPSIG(status);
	switch (event) {
	case PTRACE_EVENT_SECCOMP:
		call_enters(watch, thread);
		break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		stop_family(watch, thread);
		break;
	case PTRACE_EVENT_EXEC:
		stop_exec(watch, thread);
		break;
	case PTRACE_EVENT_STOP:
		stop_group(thread, signal);
		break;
	default:
		if (signal == SYSCALL_STOP)
			call_returns(watch, thread);
		else
			thread_resume(thread, event ? 0 : signal);
	}
}

void stop_take(struct watch *watch, pid_t tid, int status)
{
	struct thread *thread = pids_find(&watch->threads, tid);
	if (!WIFSTOPPED(status)) {
		thread_gone(watch, tid);
		launch_ended(watch, tid, status);
		return;
	}
	if (!thread)
		thread = thread_stranger(watch, tid);
	if (thread)
		stop_of(watch, thread, status);
	else
		ptrace(PTRACE_CONT, tid, 0, status >> 16 ? 0 : WSTOPSIG(status));
}
