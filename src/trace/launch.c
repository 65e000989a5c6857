/* How a program begins. Its process is forked and waits at a gate; the tracer seizes it, and
 * looks whether this kernel tells what a call is. Only then may it go on: once its filter is
 * in, every call of the list fails without a tracer. Its `enter` comes before the filter: it is
 * not the program's, and is not told. */
#include "watch.h"

#include "filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <linux/ptrace.h> /* after libc's */
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>

#define SEIZE_OPTIONS \
	(PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | \
	 PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)

enum gate { GATE_TRACED = 't', GATE_UNTRACED = 'u' };

struct launch { /* of one program, between its two processes */
	size_t index;
	int gate[2]; /* it waits for a byte: enum gate */
	int why[2];  /* its last words */
	bool gone;   /* it was killed before it was seized; */
	int status;  /* so it ended */
};

struct last_words { /* why it cannot begin */
	int status;
	char text[400];
};

/* A program before has ended when nothing of it is left: what starts a server in the background
 * and ends has not made it listen yet. */
struct remaining {
	size_t program, processes;
};

static void launch_count(void *context, void *item)
{
	struct remaining *remaining = context;
	remaining->processes += ((const struct process *)item)->program == remaining->program;
}

static bool launch_awaited(struct watch *watch)
{
	const struct started *before = &watch->programs[watch->next - 1];
	struct remaining remaining = {watch->next - 1, 0};
	if (before->listens ||
	    clock_monotonic_ns() - watch->started_ns >= (uint64_t)TRACE_WAIT_NS)
		return false;
	if (before->end.ended)
		pids_each(&watch->processes, launch_count, &remaining);
	return !before->end.ended || remaining.processes > 0;
}

bool launch_due(struct watch *watch)
{
	const struct tracer_config *config = watch->config;
	if (watch->next >= config->count)
		return false;
	return watch->next == 0 || !config->programs[watch->next].waits ||
	       !launch_awaited(watch);
}

static _Noreturn void launch_fails(int why, int status, const char *text)
{
	struct last_words words = {.status = status};
	ssize_t wrote;
	snprintf(words.text, sizeof(words.text), "%s", text);
	wrote = write(why, &words, sizeof(words)); /* less than what a pipe takes at once */
	_exit(wrote < 0 ? EXIT_NOT_FOUND : status);
}

static _Noreturn void launch_refused(int why, const char *program, int error)
{
	struct err err;
	int status = refused_program(program, error, &err);
	launch_fails(why, status, err.text);
}

static bool launch_filter(const struct watch *watch, struct err *err)
{
	int error;
	return filter_install(watch->abi, watch->config->no_rw, &error) ||
	       err_set(err, EXIT_PERMISSION,
		       "a program cannot be traced here, its filter is refused (%s)",
		       strerror(error));
}

static _Noreturn void launch_child(struct watch *watch, struct launch *launch)
{
	const struct tracer_config *config = watch->config;
	const char *const *argv = config->programs[launch->index].argv;
	struct err err = {0};
	char gate = 0;
	close(watch->out.fd);
	sockets_seen_close(watch->sockets); /* what it keeps open has numbers here, too */
	close(launch->gate[1]);
	close(launch->why[0]);
	if (read(launch->gate[0], &gate, 1) != 1)
		_exit(EXIT_NOT_FOUND);
	close(launch->gate[0]);
	signals_restore(&watch->kept, config->own_signals, config->run != NULL);
	if (config->enter && !config->enter(config->context, launch->index, &err))
		launch_fails(launch->why[1], (int)err.status, err.text);
	if (gate == GATE_TRACED && !launch_filter(watch, &err))
		launch_fails(launch->why[1], (int)err.status, err.text);
	if (config->run) {
		int status;
		close(launch->why[1]);
		status = config->run(config->context, launch->index);
		fflush(NULL);
		_exit(status);
	}
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	launch_refused(launch->why[1], argv[0], errno);
}

/* It is seized, and stops for a moment: does this kernel say what a call is (since 5.3)? False
 * with errno. */
static bool launch_seize(struct launch *launch, pid_t pid)
{
	struct ptrace_syscall_info info;
	int error;
	long known;
	if (ptrace(PTRACE_SEIZE, pid, 0, SEIZE_OPTIONS) != 0)
		return false;
	ptrace(PTRACE_INTERRUPT, pid, 0, 0);
	while (waitpid(pid, &launch->status, __WALL) < 0 && errno == EINTR)
		continue;
	launch->gone = !WIFSTOPPED(launch->status);
	if (launch->gone)
		return true;
	known = ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info);
	error = errno;
	ptrace(known > 0 ? PTRACE_CONT : PTRACE_DETACH, pid, 0, 0);
	errno = error;
	return known > 0;
}

/* May programs be traced at all? Asked before the first is started. */
static void launch_probe(struct watch *watch)
{
	int error;
	watch->traced = !watch->config->no_trace;
	if (!watch->traced)
		return;
	if (!watch->abi)
		refused_tracing(watch, "an architecture whose calls are not known", ENOSYS);
	else if (!filter_can(&error))
		refused_tracing(watch, "seccomp", error);
}

static void launch_opens(struct watch *watch, struct launch *launch, pid_t pid)
{
	struct started *started = &watch->programs[launch->index];
	char gate;
	if (watch->traced && !launch_seize(launch, pid))
		refused_ptrace(watch, pid, errno);
	started->pid = pid;
	started->why = launch->why[0];
	started->forked = started->end.begun = true;
	if (launch->gone) {
		launch_ended(watch, pid, launch->status);
		return;
	}
	thread_first(watch, pid, launch->index);
	gate = watch->traced ? GATE_TRACED : GATE_UNTRACED;
	if (write(launch->gate[1], &gate, 1) != 1)
		kill(pid, SIGKILL);
}

static void launch_tell(struct watch *watch, size_t index)
{
	struct message message = {.kind = MESSAGE_ENDED, .ns = clock_now_ns(), .index = index};
	message.ended = watch->programs[index].end;
	outbox_put(&watch->out, &message, (struct strings){0});
}

/* What was started together is of no use in parts: those that were to follow do not begin. They
 * have no sentence of their own. */
static void launch_no_more(struct watch *watch, int status)
{
	while (watch->next < watch->config->count) {
		size_t index = watch->next++;
		watch->programs[index].end =
			(struct traced_end){.ended = true, .status = status};
		launch_tell(watch, index);
	}
}

static void launch_failed(struct watch *watch, size_t index, int error)
{
	struct started *started = &watch->programs[index];
	started->end = (struct traced_end){.ended = true, .status = EXIT_NOT_EXECUTABLE};
	snprintf(started->end.why, sizeof(started->end.why),
		 "`%.100s` cannot begin: %s; raise `ulimit -u` or `ulimit -n`",
		 watch->config->programs[index].argv[0], strerror(error));
	launch_tell(watch, index);
	launch_no_more(watch, started->end.status);
}

static bool launch_pipes(struct launch *launch)
{
	if (pipe2(launch->gate, O_CLOEXEC) != 0)
		return false;
	if (pipe2(launch->why, O_CLOEXEC | O_NONBLOCK) == 0)
		return true;
	close(launch->gate[0]);
	close(launch->gate[1]);
	return false;
}

void launch_next(struct watch *watch)
{
	struct launch launch = {.index = watch->next++};
	pid_t parent = getpid(), pid;
	watch->started_ns = clock_monotonic_ns();
	if (launch.index == 0)
		launch_probe(watch);
	if (!launch_pipes(&launch)) {
		launch_failed(watch, launch.index, errno);
		return;
	}
	outbox_flush(&watch->out);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			launch_child(watch, &launch);
		_exit(EXIT_NOT_FOUND);
	}
	if (pid > 0)
		launch_opens(watch, &launch, pid);
	else
		launch_failed(watch, launch.index, errno);
	close(launch.gate[0]);
	close(launch.gate[1]);
	close(launch.why[1]);
	if (pid < 0)
		close(launch.why[0]);
}

void launch_ended(struct watch *watch, pid_t pid, int status)
{
	for (size_t i = 0; i < watch->next; i++) {
		struct started *started = &watch->programs[i];
		struct last_words words;
		if (!started->forked || started->pid != pid || started->end.ended)
			continue;
		started->end.ended = true;
		started->end.status =
			WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
		/* Without writer it ends at once; a child of its own may hold it open. */
		if (read(started->why, &words, sizeof(words)) == (ssize_t)sizeof(words)) {
			started->end.begun = false;
			snprintf(started->end.why, sizeof(started->end.why), "%s", words.text);
		}
		close(started->why);
		started->why = -1;
		launch_tell(watch, i);
		if (!started->end.begun)
			launch_no_more(watch, started->end.status);
	}
}
