/* The captures of a run are joined like those of any two machines, by their content; only then
 * the wire's own log is asked what it did to each packet. So the truth and the figure stay
 * apart, and can be held against each other. */
#include "lab_timeline.h"

#include "lab_truths.h"
#include "pipeline.h"

#define FRAGMENTS_KEPT 64 /* the last ones: a datagram comes in no more than 46 of 1500 bytes */

struct lab_fragment {
	uint64_t n; /* of its packet; 0: none */
	const struct truth *truth;
};

struct lab_source {
	const struct lab_run *run;
	const struct lesson *lesson;
	const struct options *options;
	struct lab_heard *heard;
	struct source inner; /* the two captures, joined */
	struct vantage vantages[END_COUNT];
	struct host hosts[END_COUNT * 2]; /* two addresses each */
	struct lab_known known;
	struct lab_truths truths;
	struct lab_fragment fragments[FRAGMENTS_KEPT];
	struct net_counts counted;
};

static const char *const end_names[END_COUNT] = {"client", "server"};

/* What the wire logged of the frame that this packet left in; NULL: it is not known, and
 * *ended says whether it left after the wire had taken its last. */
static const struct truth *lab_truth_of(const struct lab_source *lab, const struct way *way,
					bool *ended)
{
	*ended = false;
	for (size_t end = 0; end < END_COUNT; end++) {
		const struct truth *truth =
			lab_truths_of(&lab->truths, (enum end)end, way->frames[end]);
		*ended = *ended ||
			 lab_truths_ended(&lab->truths, (enum end)end, way->frames[end]);
		if (truth)
			return truth;
	}
	return NULL;
}

/* Of what a lost datagram came in, the fragment that did not get through. */
static const struct truth *lab_lost_fragment(const struct lab_source *lab,
					     const struct packet *packet)
{
	for (size_t i = 0; i < packet->fragment_count; i++) {
		const struct lab_fragment *slot =
			&lab->fragments[packet->fragments[i] % FRAGMENTS_KEPT];
		if (slot->n == packet->fragments[i] && slot->truth->copies == 0)
			return slot->truth;
	}
	return NULL;
}

/* Lost though nothing was done to it: it was under way when the taps were read last. */
static void lab_fate(struct lab_source *lab, struct packet *packet)
{
	bool ended;
	struct way *way = &packet->way;
	const struct truth *truth = lab_truth_of(lab, way, &ended);
	bool untouched = truth ? truth->deed == DEED_NONE : ended;
	if (truth && packet->segment.kind == SEGMENT_FRAGMENT)
		lab->fragments[packet->n % FRAGMENTS_KEPT] =
			(struct lab_fragment){packet->n, truth};
	if (packet->fragment_count > 0 && way->lost) {
		truth = lab_lost_fragment(lab, packet);
		untouched = !truth;
	}
	if (way->lost && untouched)
		way->fate.did = DEED_ENDED;
	if (!truth || truth->deed == DEED_NONE)
		return;
	way->fate.did = truth->deed;
	way->fate.rule = truth->rule ? lab->lesson->rules[truth->rule - 1].text : NULL;
}

static enum observed lab_next(void *self, struct event *event, struct err *err)
{
	struct lab_source *lab = self;
	enum observed seen = lab->inner.observer.next(lab->inner.observer.self, event, err);
	if (seen == OBSERVED_EVENT && event->kind == EVENT_PACKET)
		lab_fate(lab, &event->packet);
	return seen;
}

static uint64_t lab_watermark(void *self)
{
	struct lab_source *lab = self;
	return lab->inner.observer.watermark(lab->inner.observer.self);
}

static void lab_describe_hosts(struct lab_source *lab, struct meta *meta)
{
	for (size_t i = 0; i < ARRAY_COUNT(lab->hosts); i++) {
		size_t end = i / 2;
		lab->hosts[i] = (struct host){.name = end_names[end],
					      .addr = lab->known.locals[end][i % 2],
					      .tapped = true,
					      .vantage = (uint16_t)end};
	}
	meta->hosts = lab->hosts;
	meta->host_count = ARRAY_COUNT(lab->hosts);
}

static void lab_describe(void *self, struct meta *meta)
{
	struct lab_source *lab = self;
	lab->inner.describe(lab->inner.observer.self, meta);
	for (size_t i = 0; i < meta->vantage_count && i < END_COUNT; i++) {
		lab->vantages[i] = meta->vantages[i];
		lab->vantages[i].name = end_names[i];
	}
	meta->vantages = lab->vantages;
	lab_describe_hosts(lab, meta);
	if (lab->run->begun_ns > 0) { /* a run of just now, not a shipped one */
		meta->start_ns = lab->run->begun_ns;
		meta->has_start = true;
	}
	meta->source = "lab";
	meta->name = lab->lesson->name;
	meta->files = NULL;
	meta->file_count = 0;
	meta->lesson = lab->lesson;
	meta->seed = lab->options->seed;
	meta->has_seed = lab->run->begun_ns > 0;
}

static void lab_report(void *self, struct summary *summary)
{
	struct lab_source *lab = self;
	lab->inner.report(lab->inner.observer.self, summary);
	if (lab->run->inside && lab_run_counted(lab->run, &lab->counted, NULL))
		summary->counters = counted_list(&lab->counted, &summary->counter_count);
}

static void lab_heard(void *self, const struct event *event)
{
	struct lab_source *lab = self;
	lab_hear(lab->heard, event);
}

/* Where nothing was traced the timeline is the packets'. */
static void lab_calls(const struct lab_run *run, struct source *source)
{
	struct calls_kept *kept = lab_run_calls(run);
	source->calls_fd = -1;
	kept->since_ns = run->begun_ns;
	if (kept->bytes.len > 0)
		calls_kept_get(kept, &source->calls);
}

bool lab_timeline(const struct lab_run *run, const struct lesson *lesson,
		  struct options *options, struct lab_heard *heard, struct err *err)
{
	const char *const words[END_COUNT] = {run->paths[END_CLIENT], run->paths[END_SERVER]};
	struct options two = *options;
	struct lab_source lab = {
		.run = run, .lesson = lesson, .options = options, .heard = heard};
	struct source source = {
		.observer = {.next = lab_next, .watermark = lab_watermark, .sorted = true},
		.fd = -1,
		.describe = lab_describe,
		.report = lab_report,
		.hear = lab_heard,
	};
	struct ends_source *ends = NULL;
	struct pipeline_end end;
	bool done = lab_truths_open(&lab.truths, run, err);
	lab_known_init(&lab.known, run);
	two.words = words;
	two.word_count = END_COUNT;
	ends = done ? ends_source_open(&two, &lab.known.config, err) : NULL;
	if (ends) {
		ends_source_get(ends, &lab.inner);
		source.observer.self = &lab;
		if (run->inside)
			lab_calls(run, &source);
		done = pipeline_run(&source, &two, &end, err);
	}
	ends_source_close(ends);
	lab_truths_close(&lab.truths);
	counted_close(&lab.counted);
	return ends && done;
}
