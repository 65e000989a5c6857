/*
 * run: a program as it is, its packets and its socket calls.
 *
 * It gets a private loopback, and a tap listens there; or, with --host, the network of the
 * machine, where a tap listens if we may. The tracer is forked first, from a process that has
 * nothing open yet, so that programs inherit what the shell gave us and nothing else. From then
 * on terminal signals are the programs' own; what is sent to us alone is passed on.
 */
#include "run.h"

#include "pipeline.h"

#include "wireladder/capture.h"

#include <stdlib.h>
#include <string.h>

#define QUIET_NS (300 * NS_PER_MS) /* on a real network: the last answers are under way */

static bool run_begin(void *context, struct err *err)
{
	struct run *run = context;
	return tracer_begin(run->tracer, err);
}

static bool run_finished(void *context)
{
	struct run *run = context;
	uint64_t now = clock_monotonic_ns();
	if (!run->live.over) {
		run_tend(run, run->tracer, true); /* a loopback delivers at once */
		return false;
	}
	if (run->quiet_ns == 0)
		run->quiet_ns = now;
	return !run->options->on_host || now - run->quiet_ns >= QUIET_NS;
}

/* Before the tap's own sentinels are counted. */
static void run_ending(void *context)
{
	struct run *run = context;
	if (run->counters)
		network_counters_take(run->counters, &run->counted, NULL);
}

static void run_report(void *context, struct summary *summary)
{
	struct run *run = context;
	summary->counters = counted_list(&run->counted, &summary->counter_count);
}

/* Of the first program that could not begin, else of the last. */
static const struct traced_end *run_end(const struct run *run)
{
	for (size_t i = 0; i < run->count; i++) {
		const struct traced_end *end = tracer_ends(run->tracer, i);
		if (end->why[0])
			return end;
	}
	return tracer_ends(run->tracer, run->count - 1);
}

/* A timeline of programs none of which began is no use to anybody. */
static enum observed run_next(void *self, struct event *event, struct err *err)
{
	struct run *run = self;
	struct observer calls;
	enum observed seen;
	calls_live_get(&run->live, &calls);
	seen = calls.next(calls.self, event, err);
	if (seen != OBSERVED_END || run->live.failed)
		return seen;
	for (size_t i = 0; i < run->count; i++) {
		if (tracer_ends(run->tracer, i)->begun)
			return seen;
	}
	run_status(run_end(run), err);
	return OBSERVED_FAILED;
}

static uint64_t run_watermark(void *self)
{
	struct run *run = self;
	return tracer_watermark_ns(run->tracer);
}

/* Where no packets can be captured a note is all that there is beside the calls. */
static enum observed none_next(void *self, struct event *event, struct err *err)
{
	struct run *run = self;
	(void)err;
	if (run->quiet_ns)
		return OBSERVED_END;
	run->quiet_ns = clock_now_ns();
	*event = (struct event){.kind = EVENT_NOTE,
				.ns = run->quiet_ns,
				.note = {.code = NOTE_TRACE, .warning = true}};
	snprintf(event->note.text, sizeof(event->note.text),
		 "Packets are not shown, only calls: %.260s.", run->uncaptured.text);
	return OBSERVED_EVENT;
}

static uint64_t none_watermark(void *self)
{
	(void)self;
	return UINT64_MAX;
}

static void none_describe(void *self, struct meta *meta)
{
	(void)self;
	*meta = (struct meta){.start_ns = clock_now_ns(), .has_start = true, .source = "run"};
}

static bool none_tick(void *self)
{
	struct run *run = self;
	run_tend(run, run->tracer, true);
	return false; /* the calls' end is the end */
}

static void none_report(void *self, struct summary *summary)
{
	(void)self;
	(void)summary;
}

static void run_source_none(struct run *run, struct source *source)
{
	*source = (struct source){
		.observer = {.next = none_next, .watermark = none_watermark, .self = run},
		.fd = -1,
		.live = true,
		.describe = none_describe,
		.begin = run_begin,
		.tick = none_tick,
		.report = none_report,
	};
}

static bool run_tap(struct run *run, struct tap_source **tap, struct err *err)
{
	const struct options *options = run->options;
	struct tap_source_config config = {
		.kind = "run",
		.interface = options->on_host ? "any" : "lo",
		.write_pcap = options->write_pcap,
		.private_loopback = !options->on_host,
		.begin = run_begin,
		.finished = run_finished,
		.ending = run_ending,
		.report = run_report,
		.context = run,
	};
	*tap = tap_source_open(&config, err);
	if (*tap && options->on_host)
		say(options, "all packets of this machine are captured, on every interface");
	if (*tap || !options->on_host || options->write_pcap || err->status != EXIT_PERMISSION)
		return *tap != NULL;
	run->uncaptured = *err;
	*err = (struct err){0};
	say(options, "socket calls only, no packets: %s", run->uncaptured.text);
	return true;
}

static bool run_trace(struct run *run, struct err *err)
{
	struct tracer_config config = {
		.programs = run->programs,
		.count = run->count,
		.no_rw = run->options->no_rw,
		.own_signals = true,
		.kernel_ns = options_kernel_ns(run->options),
	};
	run->tracer = tracer_open(&config, err);
	run->live.tracer = run->tracer;
	if (run->tracer)
		signals_pass();
	return run->tracer != NULL;
}

static bool run_network(struct run *run, struct err *err)
{
	if (run->options->on_host)
		return true;
	if (loopback_enter(err))
		return true;
	return err_set(err, err->status, "%.300s, or `wireladder run --host`", err->text);
}

static bool run_captured(struct run *run, struct tap_source *tap, struct err *err)
{
	struct source source;
	struct pipeline_end end;
	if (tap)
		tap_source_get(tap, &source);
	else
		run_source_none(run, &source);
	source.calls = (struct observer){
		.next = run_next, .watermark = run_watermark, .self = run, .sorted = true};
	source.calls_fd = tracer_fd(run->tracer);
	source.hear = run_hear;
	source.listener = run;
	run_stdout(run->options);
	return pipeline_run(&source, run->options, &end, err);
}

/* In the network that is to be seen. */
static enum exit_status run_watch(struct run *run, struct err *err)
{
	struct tap_source *tap = NULL;
	bool done = run_trace(run, err) && run_tap(run, &tap, err);
	if (done && !run->options->on_host) {
		run->counters = network_counters_open("lo", err);
		done = run->counters != NULL;
	}
	done = done && run_captured(run, tap, err);
	if (!tap_source_close(tap, done ? err : NULL))
		done = false;
	if (!done && (err->status != EXIT_DONE || err->text[0]))
		return err->status;
	run_say_private(run);
	if (run->live.failed) {
		err_set(err, EXIT_PARTIAL,
			"the tracer ended before its programs: what was seen until then is "
			"there");
		return err->status;
	}
	return run_status(run_end(run), err);
}

static bool run_usage(const struct run *run, struct err *err)
{
	const struct options *options = run->options;
	if (options->lesson && options->on_host)
		return err_set(err, EXIT_USAGE,
			       "--lab and --host are two networks: one of them, please");
	if (options->lesson && run->count != 2)
		return err_set(err, EXIT_USAGE,
			       "--lab wants two programs: `wireladder run --lab %.80s -- "
			       "SERVER … --and CLIENT …`",
			       options->lesson);
	if (options->lesson && options->write_pcap)
		return err_set(err, EXIT_USAGE,
			       "with --lab there are two captures: --pcap DIR keeps them");
	if (!options->lesson && options->folder)
		return err_set(err, EXIT_USAGE,
			       "--pcap goes with --lab; -w FILE saves packets");
	return true;
}

enum exit_status command_run(struct options *options, struct err *err)
{
	struct run run = {.options = options};
	enum exit_status status;
	options_bytes_default(options, OUTPUT_BYTES_DEMO);
	if (!options->stdout_format && options->output_count == 0)
		options->stdout_format = "txt";
	if (!run_programs(&run, err) || !run_usage(&run, err))
		status = err->status;
	else if (options->lesson)
		status = run_lab(&run, err);
	else
		status = run_network(&run, err) ? run_watch(&run, err) : err->status;
	fflush(stdout);
	tracer_close(run.tracer);
	network_counters_close(run.counters);
	counted_close(&run.counted);
	free(run.words);
	return status;
}
