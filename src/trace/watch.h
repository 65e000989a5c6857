/* What the files of the tracer's own process share. watch.c tells how they work together. */
#ifndef WIRELADDER_TRACE_WATCH_H
#define WIRELADDER_TRACE_WATCH_H

#include "descriptors.h"
#include "message.h"
#include "pids.h"
#include "sampling.h"

#include <signal.h>

#define ARGV_BYTES 4096 /* of a program's arguments that are told */

struct span { /* a call under way */
	struct call call;
	struct asked asked;
	uint64_t ip; /* where the thread goes on after it */
	bool doubted; /* its descriptor is no socket: told only if it fails of that */
	char args[ARGS_BYTES + 1];
};

enum awaits {
	AWAITS_NOTHING,
	AWAITS_RETURN,    /* of span */
	AWAITS_SIGRETURN, /* of a handler that may have interrupted `suspended` */
};

struct process {
	struct pid_item item;
	uint32_t id;
	size_t program; /* index of the traced one it belongs to */
	struct buf argv; /* as strings of messages are */
	size_t argc;
	unsigned images; /* executed so far */
	bool told;     /* as what it is now */
	bool io_uring; /* it was told that it uses it */
};

struct thread {
	struct pid_item item;
	struct process *process; /* NULL: stopped until it is known who made it */
	enum awaits awaits;
	bool judged;   /* whether the call blocks is known */
	bool in_fresh; /* its number is in watch.fresh */
	bool has_suspended;
	struct span span, suspended; /* suspended: interrupted by a signal; it may be taken up
				      * again */
};

struct started { /* a program of the configuration */
	pid_t pid;
	int why; /* its last words, if it cannot begin; -1: none */
	bool forked, listens;
	struct traced_end end;
};

struct kept_signals { /* the caller's, which programs get back */
	sigset_t mask;
	struct sigaction actions[16];
};

struct watch {
	const struct tracer_config *config;
	struct outbox out;
	const struct abi *abi;
	bool traced;   /* programs are; else they only run */
	bool let_go;   /* tracer_begin was called */
	bool quit;     /* tracer_close was */
	size_t next;   /* program to start */
	uint64_t started_ns; /* when the one before it did; monotonic, as these: */
	uint64_t over_ns;    /* since when no program runs; 0: one does */
	uint64_t beat_ns;    /* when the last was sent, */
	uint64_t flush_ns;   /* what was told was written, */
	uint64_t judge_ns;   /* and it was asked who sleeps */
	uint64_t alarm_ns;   /* when it goes off */
	uint64_t now_ns;     /* when the stop that is looked at was seen; since 1970 */
	struct started *programs;
	struct pids processes, threads;
	uint32_t last_process;
	uint64_t last_call;
	bool table_full;
	bool refusal_told; /* that sockets cannot be borrowed */
	struct buf fresh; /* pid_t: of threads in a call that was not asked for sleeping yet */
	struct buf text;  /* for arguments */
	struct sockets_seen *sockets;
	struct descriptors descriptors;
	struct sampling *sampling;
	struct kept_signals kept;
	sigset_t commands;
};

/* watch.c: the process's own; does not return. */
_Noreturn void watch_run(struct watch *watch);
/* Commands, as signals that queue; the value of WATCH_SIGNAL is from watch_signal_value. */
enum watch_command { WATCH_BEGIN, WATCH_SIGNAL, WATCH_QUIT, WATCH_COMMANDS };
int watch_signal_value(size_t index, int signal);
void watch_note(struct watch *watch, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* signals.c */
/* None disturbs this process any more; SIGALRM ends a wait, commands (the set) are kept until
 * asked for. The mask is what the caller had. */
void signals_keep(struct kept_signals *kept, const sigset_t *mask, sigset_t *commands);
void signals_restore(const struct kept_signals *kept, bool own, bool built_in);

/* launch.c */
bool launch_due(struct watch *watch); /* the next program may begin now */
void launch_next(struct watch *watch);
void launch_ended(struct watch *watch, pid_t pid, int status); /* perhaps one of them */

/* refused.c: why a program does not begin, or is not traced. */
#define EXIT_NOT_EXECUTABLE 126 /* as in shells */
#define EXIT_NOT_FOUND      127
int refused_program(const char *program, int error, struct err *err); /* its status */
/* From now on programs only run; a note says why. */
void refused_tracing(struct watch *watch, const char *cause, int error);
void refused_ptrace(struct watch *watch, pid_t pid, int error);

/* threads.c */
struct thread *thread_first(struct watch *watch, pid_t pid, size_t program);
/* A new one of that thread's, of which the kernel told us. */
void thread_born(struct watch *watch, const struct thread *parent, pid_t tid);
/* One that stopped before the kernel told us of it. NULL: the table is full. */
struct thread *thread_stranger(struct watch *watch, pid_t tid);
void thread_executed(struct watch *watch, struct thread *thread, pid_t former);
void thread_gone(struct watch *watch, pid_t tid);
void process_tell(struct watch *watch, struct process *process); /* unless it was */

/* kin.c: to all descendants of that process, traced or not. */
void kin_signal(pid_t pid, int signal);

/* stops.c: a thread has stopped, or ended. */
void stop_take(struct watch *watch, pid_t tid, int status);
/* On, with that signal (0: none). */
void thread_resume(struct thread *thread, int signal);

/* span.c */
void span_args(struct watch *watch, struct span *span); /* its arguments, its name */
/* What it is about; false: no socket of ours. A call that waits for several has none in
 * particular before it returns. */
bool span_finds(struct watch *watch, struct span *span);
/* A call that only sockets have, on what is none: closed, or a file. */
bool span_misses(struct span *span);
void span_sockets(struct watch *watch, struct span *span); /* once it has returned */

/* calls.c */
void call_enters(struct watch *watch, struct thread *thread);
void call_returns(struct watch *watch, struct thread *thread);
void call_abandoned(struct watch *watch, struct thread *thread); /* the thread ended in it */

/* judge.c: does it block? */
#define JUDGE_NS NS_PER_MS /* between two looks at those that have not come back */
void call_judge_later(struct watch *watch, struct thread *thread);
void calls_judge(struct watch *watch); /* those that have not come back yet; not too often */

/* image.c: what a process executes. */
void image_seen(struct watch *watch, struct process *process);

#endif
