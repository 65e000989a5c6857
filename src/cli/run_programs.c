#include "run.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SETTLE_NS (100 * NS_PER_MS) /* packets and calls that the last one's end brings */
#define ASKED_NS  NS_PER_S          /* from SIGTERM to SIGKILL */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

static bool programs_empty(struct err *err)
{
	return err_set(err, EXIT_USAGE,
		       "`wireladder run -- PROGRAM ARGS… --and PROGRAM ARGS…`: a program is "
		       "missing");
}

/* Two are a pair: the first serves, the second asks. */
static void programs_name(struct run *run)
{
	static const char *const pair[] = {"server", "client"};
	for (size_t i = 0; i < run->count; i++) {
		struct traced *program = &run->programs[i];
		program->name = run->count == 2 ? pair[i] : base_name(program->argv[0]);
		program->waits = i > 0;
		if (!run->options->lesson)
			continue;
		program->host = i == 0 ? END_SERVER : END_CLIENT;
		program->has_host = true;
	}
}

bool run_programs(struct run *run, struct err *err)
{
	const struct options *options = run->options;
	size_t begin = 0;
	run->words = calloc(options->word_count + 1, sizeof(*run->words));
	if (!run->words)
		return err_memory(err);
	for (size_t i = 0; i <= options->word_count; i++) {
		bool ends = i == options->word_count || strcmp(options->words[i], "--and") == 0;
		if (!ends) {
			run->words[i] = options->words[i];
			continue;
		}
		if (i == begin)
			return programs_empty(err);
		if (run->count == RUN_PROGRAMS_MAX)
			return err_set(err, EXIT_USAGE, "no more than %d programs at once",
				       RUN_PROGRAMS_MAX);
		run->programs[run->count++].argv = run->words + begin;
		begin = i + 1;
	}
	programs_name(run);
	return true;
}

static void signal_others(const struct run *run, struct tracer *tracer, int signal)
{
	for (size_t i = 0; i + 1 < run->count; i++)
		tracer_signal(tracer, i, signal);
}

void run_tend(void *context, struct tracer *tracer, bool settled)
{
	struct run *run = context;
	uint64_t now = clock_monotonic_ns();
	for (int signal; (signal = signals_passed()) != 0;)
		tracer_signal(tracer, SIZE_MAX, signal);
	if (!tracer_ends(tracer, run->count - 1)->ended || tracer_running(tracer) == 0)
		return;
	if (run->ended_ns == 0)
		run->ended_ns = now;
	if (run->asked_ns == 0 && settled && now - run->ended_ns >= SETTLE_NS) {
		run->asked_ns = now;
		signal_others(run, tracer, SIGTERM);
	} else if (run->asked_ns > 0 && now - run->asked_ns >= ASKED_NS) {
		run->asked_ns = now;
		signal_others(run, tracer, SIGKILL);
	}
}

enum exit_status run_status(const struct traced_end *end, struct err *err)
{
	if (end->why[0])
		err_set(err, (enum exit_status)end->status, "%s", end->why);
	return (enum exit_status)end->status;
}

#define DNS_PORT 53

static void hear_call(struct run_lookups *lookups, const struct call *call)
{
	bool names = call->ends.peer_port == DNS_PORT && call_classes[call->kind] != CALLS_MAKE;
	if (call->entering || call_classes[call->kind] == CALLS_SHUT)
		return;
	lookups->asked |= names;
	if (call->error && (strcmp(call->error, "ENETUNREACH") == 0 ||
			    strcmp(call->error, "EHOSTUNREACH") == 0))
		lookups->unreachable = true;
}

void run_hear(void *context, const struct event *event)
{
	struct run *run = context;
	const struct segment *segment = &event->packet.segment;
	if (event->kind == EVENT_CALL)
		hear_call(&run->lookups, &event->call);
	if (event->kind != EVENT_PACKET)
		return;
	run->lookups.asked |= segment->ends.dport == DNS_PORT;
	run->lookups.answered |= segment->ends.sport == DNS_PORT;
}

void run_say_private(const struct run *run)
{
	const struct run_lookups *lookups = &run->lookups;
	if (run->options->on_host ||
	    !(lookups->unreachable || (lookups->asked && !lookups->answered)))
		return;
	say(run->options,
	    "the program looked for something outside, and this network is private: no names "
	    "are looked up in it and nothing else is reached; `wireladder run --host -- …` "
	    "uses the real one");
}

void run_stdout(const struct options *options)
{
	for (size_t i = 0; i < options->output_count; i++) {
		if (strcmp(options->outputs[i], "-") == 0)
			return;
	}
	dup2(STDERR_FILENO, STDOUT_FILENO);
}
