/* The reader's side: forks the tracer's process (watch.c), reads what it tells, gives it
 * commands by signals that queue, and sees it end. */
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIPE_BYTES (1 << 20) /* asked for; less is as good, only slower */
#define QUIT_NS    (2 * NS_PER_S)

struct tracer {
	pid_t pid; /* of the tracer's process; 0: it was seen to end */
	struct inbox inbox;
	struct traced_end *ends;
	size_t count;
	uint64_t watermark_ns;
	bool over;
	const char **argv; /* of the program that was told last */
	size_t argv_room;
};

struct birth { /* of the tracer's process */
	pid_t parent;
	sigset_t mask; /* of signals, as the caller had it */
	int fds[2];
};

static _Noreturn void tracer_child(const struct tracer_config *config,
				   const struct birth *birth)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(birth->fds[0]);
	if (!watch || getppid() != birth->parent)
		_exit(EXIT_MEMORY);
	watch->config = config;
	watch->out.fd = birth->fds[1];
	watch->abi = abi_native();
	watch->programs = calloc(config->count + 1, sizeof(*watch->programs));
	watch->sockets = sockets_seen_open();
	watch->sampling = sampling_open(watch->sockets, &watch->out, config->kernel_ns);
	pids_init(&watch->processes, sizeof(struct process));
	pids_init(&watch->threads, sizeof(struct thread));
	if (!watch->programs || !watch->sockets || !watch->sampling)
		_exit(EXIT_MEMORY);
	signals_keep(&watch->kept, &birth->mask, &watch->commands);
	watch_run(watch);
}

static bool tracer_fork(struct tracer *tracer, const struct tracer_config *config,
			struct err *err)
{
	struct birth birth = {.parent = getpid()};
	sigset_t all;
	if (pipe2(birth.fds, O_CLOEXEC) != 0)
		return err_set(err, EXIT_PERMISSION,
			       "no pipe to the tracer: %s; raise `ulimit -n`", strerror(errno));
	fcntl(birth.fds[1], F_SETPIPE_SZ, PIPE_BYTES);
	fcntl(birth.fds[0], F_SETFL, O_NONBLOCK);
	fflush(NULL); /* or what is held is written by both */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &birth.mask); /* a command may come at once */
	tracer->pid = fork();
	if (tracer->pid == 0)
		tracer_child(config, &birth);
	sigprocmask(SIG_SETMASK, &birth.mask, NULL);
	close(birth.fds[1]);
	tracer->inbox.fd = birth.fds[0];
	if (tracer->pid > 0)
		return true;
	tracer->pid = 0;
	return err_set(err, EXIT_PERMISSION, "the tracer did not start: %s; raise `ulimit -u`",
		       strerror(errno));
}

struct tracer *tracer_open(const struct tracer_config *config, struct err *err)
{
	struct tracer *tracer = calloc(1, sizeof(*tracer));
	if (!tracer) {
		err_memory(err);
		return NULL;
	}
	tracer->inbox.fd = -1;
	tracer->count = config->count;
	tracer->ends = calloc(config->count + 1, sizeof(*tracer->ends));
	if (!tracer->ends)
		err_memory(err);
	else if (tracer_fork(tracer, config, err))
		return tracer;
	tracer_close(tracer);
	return NULL;
}

static bool tracer_command(struct tracer *tracer, enum watch_command command, int value)
{
	return tracer->pid > 0 && sigqueue(tracer->pid, SIGRTMIN + (int)command,
					   (union sigval){.sival_int = value}) == 0;
}

bool tracer_begin(struct tracer *tracer, struct err *err)
{
	return tracer_command(tracer, WATCH_BEGIN, 0) ||
	       err_set(err, EXIT_PERMISSION, "the tracer cannot be reached: %s; run it again",
		       strerror(errno));
}

void tracer_signal(struct tracer *tracer, size_t index, int signal)
{
	tracer_command(tracer, WATCH_SIGNAL, watch_signal_value(index, signal));
}

/* Its arguments, NULL-ended. */
static bool tracer_argv(struct tracer *tracer, struct program_seen *program,
			struct strings strings)
{
	const char *at = strings.at;
	if (program->argc + 1 > tracer->argv_room) {
		size_t room = program->argc + 16;
		const char **argv = realloc(tracer->argv, room * sizeof(*argv));
		if (!argv)
			return false;
		tracer->argv = argv;
		tracer->argv_room = room;
	}
	for (size_t i = 0; i < program->argc; i++) {
		tracer->argv[i] = at;
		at += strlen(at) + 1;
	}
	tracer->argv[program->argc] = NULL;
	program->argv = tracer->argv;
	return true;
}

/* True: it is an event. */
static bool tracer_take(struct tracer *tracer, struct message *message, struct strings strings,
			struct event *event)
{
	static const int kinds[MESSAGE_COUNT] = {
		[MESSAGE_PROGRAM] = EVENT_PROGRAM,
		[MESSAGE_CALL] = EVENT_CALL,
		[MESSAGE_KERNEL] = EVENT_KERNEL,
		[MESSAGE_NOTE] = EVENT_NOTE,
	};
	tracer->watermark_ns = message->ns;
	tracer->over = message->kind == MESSAGE_OVER;
	if (message->kind == MESSAGE_ENDED && message->index < tracer->count)
		tracer->ends[message->index] = message->ended;
	if (!kinds[message->kind])
		return false;
	*event = (struct event){.kind = (enum event_kind)kinds[message->kind],
				.ns = message->ns};
	if (message->kind == MESSAGE_CALL) {
		event->call = message->call;
		event->call.args = strings.at;
	} else if (message->kind == MESSAGE_KERNEL) {
		event->kernel = message->kernel;
	} else if (message->kind == MESSAGE_NOTE) {
		event->note = message->note;
	} else {
		if (!tracer_argv(tracer, &message->program, strings))
			return false;
		event->program = message->program;
	}
	return true;
}

enum trace_status tracer_next(struct tracer *tracer, struct event *event, struct err *err)
{
	struct message message;
	struct strings strings;
	enum inbox_status status = INBOX_MESSAGE;
	while (!tracer->over) {
		status = inbox_next(&tracer->inbox, &message, &strings);
		if (status == INBOX_NOT_YET)
			return TRACE_NOT_YET;
		if (status != INBOX_MESSAGE)
			break;
		if (tracer_take(tracer, &message, strings, event))
			return TRACE_EVENT;
	}
	if (tracer->over)
		return TRACE_END;
	err_set(err, EXIT_PARTIAL,
		"the tracer ended before its programs: was it killed, or is memory short?");
	return TRACE_FAILED;
}

uint64_t tracer_watermark_ns(const struct tracer *tracer)
{
	return tracer->over ? UINT64_MAX : tracer->watermark_ns;
}

int tracer_fd(const struct tracer *tracer)
{
	return tracer->inbox.fd;
}

const struct traced_end *tracer_ends(const struct tracer *tracer, size_t index)
{
	return &tracer->ends[index];
}

size_t tracer_running(const struct tracer *tracer)
{
	size_t running = 0;
	for (size_t i = 0; i < tracer->count; i++)
		running += !tracer->ends[i].ended;
	return running;
}

/* It ends all that runs and then itself; it is killed when it does not, and they with it. */
static void tracer_quit(struct tracer *tracer)
{
	uint64_t until_ns = clock_monotonic_ns() + QUIT_NS;
	tracer_command(tracer, WATCH_QUIT, 0);
	while (waitpid(tracer->pid, NULL, WNOHANG) == 0) {
		clock_sleep_ns(NS_PER_MS);
		if (clock_monotonic_ns() < until_ns)
			continue;
		kill(tracer->pid, SIGKILL);
		waitpid(tracer->pid, NULL, 0);
		break;
	}
	tracer->pid = 0;
}

void tracer_close(struct tracer *tracer)
{
	if (!tracer)
		return;
	if (tracer->inbox.fd >= 0)
		close(tracer->inbox.fd); /* ends a write that waits for us */
	if (tracer->pid > 0)
		tracer_quit(tracer);
	buf_close(&tracer->inbox.bytes);
	free(tracer->argv);
	free(tracer->ends);
	free(tracer);
}
