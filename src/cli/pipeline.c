#include "pipeline.h"

#include "amended.h"

#include "wireladder/trace.h"
#include "wireladder/track.h"

#include <poll.h>
#include <string.h>

#define WAIT_MS 50 /* how often a live source is asked whether it is done */
/* Where there are calls each packet waits for those before it, which come together: to awake
 * for each takes a processor from the programs. So the tracer alone is awaited, not for long:
 * the packets of that time must find room in the kernel. */
#define CALLS_WAIT_MS 5
/* A tracer on a busy machine has its turn late, and its calls belong before the packets. */
#define CALLS_WINDOW_NS (5 * NS_PER_S)

/* One run: what the sink that the tracker writes to needs to know. */
struct pipeline {
	const struct source *source;
	const struct options *options;
	struct output *outputs[OUTPUTS_MAX];
	size_t output_count;
	struct tracker *tracker;
	struct weave *weave; /* NULL: there are no calls */
	struct meta meta;
	uint64_t flushed_ns;
	bool begun;
	struct err err; /* why an output could not go on */
};

/* The default: a person gets the ladder, a program gets the lines. */
static const char *stdout_format(const struct options *options)
{
	if (options->format)
		return options->format;
	if (options->stdout_format)
		return options->stdout_format;
	return terminal_is(stdout) ? "txt" : "jsonl";
}

static bool output_add(struct pipeline *pipeline, const char *path, const char *format)
{
	const struct options *options = pipeline->options;
	bool to_terminal = strcmp(path, "-") == 0;
	struct output_config config = {
		.path = path,
		.format = format,
		.bytes = options->bytes,
		.conv = (uint32_t)options->conv,
		.times = options->times,
		.quiet = options->quiet,
		.why = options->verbose,
		.color = to_terminal && terminal_wants_color(options),
		.columns = to_terminal && terminal_is(stdout) ? terminal_columns() : 80,
	};
	struct output *output = output_open(&config, &pipeline->err);
	if (!output)
		return false;
	pipeline->outputs[pipeline->output_count++] = output;
	return true;
}

static bool outputs_open(struct pipeline *pipeline)
{
	const struct options *options = pipeline->options;
	if (options->no_outputs)
		return true;
	if (options->output_count == 0)
		return output_add(pipeline, "-", stdout_format(options));
	for (size_t i = 0; i < options->output_count; i++) {
		const char *path = options->outputs[i];
		bool bare = strcmp(path, "-") == 0;
		if (!output_add(pipeline, path,
				bare ? stdout_format(options) : options->format))
			return false;
	}
	return true;
}

static bool outputs_take(struct pipeline *pipeline, const struct event *event)
{
	for (size_t i = 0; i < pipeline->output_count; i++) {
		if (!output_take(pipeline->outputs[i], event, &pipeline->err))
			return false;
	}
	return true;
}

static bool outputs_flush(struct pipeline *pipeline)
{
	uint64_t now = clock_monotonic_ns();
	if (now - pipeline->flushed_ns < NS_PER_S)
		return true;
	pipeline->flushed_ns = now;
	for (size_t i = 0; i < pipeline->output_count; i++) {
		if (!output_flush(pipeline->outputs[i], &pipeline->err))
			return false;
	}
	return true;
}

/* Every output is ended, also after one of them failed: the others may still be whole. */
static bool outputs_close(struct pipeline *pipeline, bool whole)
{
	bool closed = true;
	for (size_t i = 0; i < pipeline->output_count; i++) {
		struct err *err = closed && !pipeline->err.text[0] ? &pipeline->err : NULL;
		if (!whole)
			output_abandon(pipeline->outputs[i]);
		else if (!output_close(pipeline->outputs[i], err))
			closed = false;
	}
	pipeline->output_count = 0;
	return closed;
}

static bool pipeline_begin(struct pipeline *pipeline)
{
	struct event event = {.kind = EVENT_META, .meta = &pipeline->meta};
	pipeline->begun = true;
	pipeline->source->describe(pipeline->source->observer.self, &pipeline->meta);
	event.ns = pipeline->meta.start_ns;
	return outputs_take(pipeline, &event);
}

/* --verdict leaves packets with it, what amends them, and what is said of whole conversations.
 */
static bool pipeline_chooses_verdict(const struct pipeline *pipeline, const struct event *event)
{
	const struct amended *amended = pipeline->source->amended;
	const struct packet *packet = &event->packet;
	const struct amend *amend = &event->amend;
	enum verdict_id id = pipeline->options->verdict;
	if (!pipeline->options->has_verdict)
		return true;
	if (event->kind == EVENT_PACKET)
		return amended_has(amended, packet->n,
				   verdicts_find(packet->verdicts, packet->verdict_count, id));
	if (event->kind == EVENT_AMEND)
		return amended_has(amended, amend->n,
				   verdicts_find(amend->verdicts, amend->verdict_count, id));
	return event->kind != EVENT_STATE && event->kind != EVENT_NOTE &&
	       event->kind != EVENT_CALL && event->kind != EVENT_KERNEL;
}

/* A call on a socket that has no conversation yet may turn out to belong to this one. */
static bool pipeline_chooses_conv(const struct options *options, const struct event *event)
{
	bool open = event->conv == 0 &&
		    (event->kind == EVENT_PROGRAM || event->kind == EVENT_CALL);
	return !options->conv || event->conv == options->conv || open;
}

/* --conv, --from and --to, --verdict choose records; what they leave out is still tracked. */
static bool pipeline_chooses(const struct pipeline *pipeline, const struct event *event)
{
	const struct options *options = pipeline->options;
	int64_t t = (int64_t)(event->ns - pipeline->meta.start_ns);
	bool timed = event->kind == EVENT_PACKET || event->kind == EVENT_STATE ||
		     event->kind == EVENT_NOTE || event->kind == EVENT_AMEND;
	if (!pipeline_chooses_conv(options, event) ||
	    !pipeline_chooses_verdict(pipeline, event))
		return false;
	if (timed && options->has_from && t < (int64_t)options->from_ns)
		return false;
	return !(timed && options->has_to && t > (int64_t)options->to_ns);
}

static bool pipeline_take(void *context, const struct event *event)
{
	struct pipeline *pipeline = context;
	const struct source *source = pipeline->source;
	if (source->hear)
		source->hear(source->listener ? source->listener : source->observer.self,
			     event);
	return !pipeline_chooses(pipeline, event) || outputs_take(pipeline, event);
}

static bool pipeline_event(struct pipeline *pipeline, struct event *event)
{
	if (!pipeline->begun && !pipeline_begin(pipeline))
		return false;
	if (event->kind == EVENT_PACKET)
		return tracker_packet(pipeline->tracker, event);
	if (event->kind == EVENT_AMEND)
		return tracker_amend(pipeline->tracker, event);
	if (!pipeline->weave)
		return pipeline_take(pipeline, event);
	return tracker_reaches(pipeline->tracker, event->ns) &&
	       weave_take(pipeline->weave, event);
}

/* What the tracker says of an event. */
static bool pipeline_weave(void *context, const struct event *event)
{
	struct pipeline *pipeline = context;
	return weave_take(pipeline->weave, event);
}

/* Waits for a live source, and asks it now and then whether it is done. */
static bool pipeline_wait(struct pipeline *pipeline, bool *draining)
{
	const struct source *source = pipeline->source;
	bool calls = source->calls.next != NULL;
	struct pollfd poll_fds[] = {{.fd = calls ? -1 : source->fd, .events = POLLIN},
				    {.fd = *draining ? -1 : signals_fd(), .events = POLLIN},
				    {.fd = calls ? source->calls_fd : -1, .events = POLLIN}};
	if (!outputs_flush(pipeline))
		return false;
	poll(poll_fds, ARRAY_COUNT(poll_fds), calls ? CALLS_WAIT_MS : WAIT_MS);
	if (*draining ||
	    !(signals_stop() || (source->tick && source->tick(source->observer.self))))
		return true;
	*draining = true;
	return !source->drain || source->drain(source->observer.self, &pipeline->err);
}

static bool pipeline_loop(struct pipeline *pipeline, struct timeline *timeline)
{
	const struct source *source = pipeline->source;
	struct event event = {0};
	bool draining = false;
	uint64_t asked_ns = clock_monotonic_ns(), events = 0;
	for (;;) {
		/* A source that never pauses must still be asked whether it is done. */
		bool due = source->live && ++events % 256 == 0 &&
			   clock_monotonic_ns() - asked_ns > WAIT_MS * NS_PER_MS;
		if (!source->live && signals_stop())
			return true;
		if (due) {
			asked_ns = clock_monotonic_ns();
			if (!pipeline_wait(pipeline, &draining))
				return false;
		}
		switch (timeline_next(timeline, &event, &pipeline->err)) {
		case OBSERVED_EVENT:
			if (!pipeline_event(pipeline, &event))
				return false;
			break;
		case OBSERVED_NOT_YET:
			if (!pipeline_wait(pipeline, &draining))
				return false;
			break;
		case OBSERVED_END:
			return true;
		case OBSERVED_FAILED:
			return false;
		}
	}
}

static bool pipeline_finish(struct pipeline *pipeline, struct summary *summary)
{
	struct event event = {.kind = EVENT_SUMMARY, .summary = summary};
	if (!pipeline->begun && !pipeline_begin(pipeline))
		return false;
	if (!tracker_finish(pipeline->tracker))
		return false;
	tracker_summary(pipeline->tracker, summary);
	pipeline->source->report(pipeline->source->observer.self, summary);
	event.ns = pipeline->meta.start_ns + summary->elapsed_ns;
	return outputs_take(pipeline, &event);
}

/* False without a sentence and without a closed pipe's status means that memory ran out. */
static bool pipeline_failed(struct pipeline *pipeline, struct err *err)
{
	if (!pipeline->err.text[0] && pipeline->err.status != EXIT_DONE)
		err_memory(&pipeline->err);
	*err = pipeline->err;
	return false;
}

/* Who hears the tracker: the outputs, or weave before them where there are calls. */
static bool pipeline_rooms(struct pipeline *pipeline)
{
	const struct source *source = pipeline->source;
	struct tracker_config tracking = {
		.max_memory_bytes = pipeline->options->max_memory_bytes,
		.taps_at_both_ends = source->taps_at_both_ends,
		.local = source->local,
		.local_count = source->local_count,
	};
	struct weave_config weaving = {.no_rw = pipeline->options->no_rw};
	struct sink sink = {.take = pipeline_take, .context = pipeline};
	if (source->calls.next) {
		pipeline->weave = weave_open(&weaving, sink, &pipeline->err);
		if (!pipeline->weave)
			return false;
		sink.take = pipeline_weave;
	}
	pipeline->tracker = tracker_open(&tracking, sink, &pipeline->err);
	return pipeline->tracker != NULL;
}

static struct timeline *pipeline_timeline(struct pipeline *pipeline)
{
	const struct source *source = pipeline->source;
	const struct observer observers[] = {source->observer, source->calls};
	struct timeline_config order = {0};
	bool calls = source->calls.next != NULL;
	if (calls)
		order.window_ns = CALLS_WINDOW_NS;
	return timeline_open(observers, calls ? 2 : 1, &order, &pipeline->err);
}

static bool pipeline_start(struct pipeline *pipeline)
{
	const struct source *source = pipeline->source;
	if (!outputs_open(pipeline) || (source->live && !pipeline_begin(pipeline)))
		return false;
	return !source->begin || source->begin(source->observer.self, &pipeline->err);
}

bool pipeline_run(const struct source *source, const struct options *options,
		  struct pipeline_end *end, struct err *err)
{
	struct pipeline pipeline = {
		.source = source,
		.options = options,
		.err = {.status = EXIT_MEMORY},
	};
	struct timeline *timeline = pipeline_timeline(&pipeline);
	bool done;
	memset(end, 0, sizeof(*end));
	done = timeline && pipeline_rooms(&pipeline) && pipeline_start(&pipeline) &&
	       pipeline_loop(&pipeline, timeline) && pipeline_finish(&pipeline, &end->summary);
	end->interrupted = signals_stop();
	if (!outputs_close(&pipeline, done))
		done = false;
	tracker_close(pipeline.tracker);
	weave_close(pipeline.weave);
	timeline_close(timeline);
	return done || pipeline_failed(&pipeline, err);
}
