#include "lab_programs.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define READY_NS (5 * NS_PER_S)
#define KILL_NS  (2 * NS_PER_S)
#define WAIT_MS  5

static bool event_add(int fd, uint64_t count)
{
	return write(fd, &count, sizeof(count)) == (ssize_t)sizeof(count);
}

/* In the program's process: its host's network, and the gate, so that all begin at once. */
static bool program_enter(void *context, size_t index, struct err *err)
{
	const struct lab_programs *programs = context;
	uint64_t one;
	if (!lab_enter(programs->lab, programs->traced[index].host, err))
		return false;
	if (programs->guests)
		return true;
	if (!event_add(programs->ready, 1))
		return err_set(err, EXIT_PERMISSION, "the lesson's gate: %s", strerror(errno));
	while (read(programs->gate, &one, sizeof(one)) < 0 && errno == EINTR)
		continue;
	return true;
}

static int program_run(void *context, size_t index)
{
	const struct lab_programs *programs = context;
	struct actor_config config = {
		.program = &programs->lesson->programs[index],
		.board = programs->board,
		.addrs4 = {LAB_CLIENT_ADDR4, LAB_SERVER_ADDR4},
		.addrs6 = {LAB_CLIENT_ADDR6, LAB_SERVER_ADDR6},
		.ipv6 = programs->lesson->ipv6,
	};
	struct err err = {0};
	bool done = actor_run(&config, actor_board_report(programs->board, index), &err);
	return done ? (int)EXIT_DONE : (int)err.status;
}

static void programs_list(struct lab_programs *programs)
{
	const struct lesson *lesson = programs->lesson;
	const struct lab_guests *guests = programs->guests;
	programs->count = guests ? guests->count : lesson->program_count;
	for (size_t i = 0; i < programs->count; i++) {
		if (guests) {
			programs->traced[i] = guests->programs[i];
			continue;
		}
		programs->argv[i][0] = lesson->programs[i].name;
		programs->traced[i] = (struct traced){.name = lesson->programs[i].name,
						      .argv = programs->argv[i],
						      .host = lesson->programs[i].host,
						      .has_host = true};
	}
}

/* Each has its network and stands before the gate, or has ended before it. */
static bool programs_await(struct lab_programs *programs, struct err *err)
{
	struct pollfd fds[] = {{.fd = programs->ready, .events = POLLIN},
			       {.fd = tracer_fd(programs->tracer), .events = POLLIN}};
	uint64_t end = clock_monotonic_ns() + READY_NS, ready = 0, more;
	while (ready + programs->count - lab_programs_running(programs) < programs->count) {
		if (clock_monotonic_ns() > end)
			return err_set(err, EXIT_PERMISSION,
				       "the lesson's programs did not begin in five seconds: "
				       "is the machine very busy? Run the lesson again");
		poll(fds, ARRAY_COUNT(fds), WAIT_MS);
		if (read(programs->ready, &more, sizeof(more)) == (ssize_t)sizeof(more))
			ready += more;
		if (!lab_programs_read(programs, err))
			return false;
	}
	return true;
}

static bool programs_gate(struct lab_programs *programs, struct err *err)
{
	programs->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	programs->gate = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
	return (programs->ready >= 0 && programs->gate >= 0) ||
	       err_set(err, EXIT_PERMISSION,
		       "no gate for the lesson's programs: %s; raise `ulimit -n`",
		       strerror(errno));
}

bool lab_programs_open(struct lab_programs *programs, const struct tracing *tracing,
		       struct err *err)
{
	struct tracer_config config = {
		.programs = programs->traced,
		.context = programs,
		.enter = program_enter,
		.run = programs->guests ? NULL : program_run,
		.no_trace = !tracing->on,
		.no_rw = tracing->no_rw,
		.own_signals = programs->guests != NULL,
		.kernel_ns = tracing->kernel_ns,
	};
	programs_list(programs);
	programs->calls.unwanted = !tracing->on;
	config.count = programs->count;
	programs->ready = programs->gate = -1;
	if (!programs_gate(programs, err))
		return false;
	programs->tracer = tracer_open(&config, err);
	programs->calls.live.tracer = programs->tracer;
	if (!programs->tracer || programs->guests)
		return programs->tracer != NULL;
	return tracer_begin(programs->tracer, err) && programs_await(programs, err);
}

bool lab_programs_go(struct lab_programs *programs, struct err *err)
{
	if (programs->guests)
		return tracer_begin(programs->tracer, err);
	return event_add(programs->gate, programs->count) ||
	       err_set(err, EXIT_PERMISSION, "the lesson's gate does not open: %s",
		       strerror(errno));
}

bool lab_programs_read(struct lab_programs *programs, struct err *err)
{
	return calls_kept_read(&programs->calls, err);
}

size_t lab_programs_running(const struct lab_programs *programs)
{
	return programs->calls.live.failed ? 0 : tracer_running(programs->tracer);
}

void lab_programs_kill(struct lab_programs *programs)
{
	uint64_t end = clock_monotonic_ns() + KILL_NS;
	struct pollfd told = {.fd = tracer_fd(programs->tracer), .events = POLLIN};
	if (lab_programs_running(programs) > 0)
		tracer_signal(programs->tracer, SIZE_MAX, SIGKILL);
	while (!programs->calls.live.over && clock_monotonic_ns() < end) {
		poll(&told, 1, WAIT_MS);
		if (!lab_programs_read(programs, NULL))
			return;
	}
}

void lab_programs_close(struct lab_programs *programs)
{
	tracer_close(programs->tracer);
	calls_kept_close(&programs->calls);
	if (programs->count > 0 && programs->ready >= 0)
		close(programs->ready);
	if (programs->count > 0 && programs->gate >= 0)
		close(programs->gate);
	*programs = (struct lab_programs){0};
}
