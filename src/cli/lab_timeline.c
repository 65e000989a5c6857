/* The captures of a run are joined like those of any two machines, by their content; only then
 * the wire's own log is asked what it did to each packet. So the truth and the figure stay
 * apart, and can be held against each other. */
#include "lab_timeline.h"

#include "pipeline.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define ADDRS_OF_HOST  2  /* IPv4 and IPv6 */
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
	struct host hosts[END_COUNT * ADDRS_OF_HOST];
	struct lab_fragment fragments[FRAGMENTS_KEPT];
	const struct truth **sent[END_COUNT]; /* by sender, then as which of its frames */
	size_t sent_count[END_COUNT];
	uint32_t entered[END_COUNT]; /* how many of the sender's frames came to the wire */
};

static const char *const end_names[END_COUNT] = {"client", "server"};

#define APART_MAX 64 /* frames that lie between the places of one in tap and wire */

/* Two processors may send for one host at once, and its tap and the wire need not agree on who
 * was first. A frame is known by its bytes; those before it have found their places. */
static void lab_place(const struct lab_source *lab, enum end end, const struct lab_frame *frame)
{
	const struct truth **sent = lab->sent[end];
	size_t from = frame->n, most = lab->sent_count[end];
	if (most - from > APART_MAX)
		most = from + APART_MAX;
	for (size_t at = from; at < most && sent[at]; at++) {
		const struct truth *truth = sent[at];
		if (truth->hash != frame->hash)
			continue;
		sent[at] = sent[from];
		sent[from] = truth;
		return;
	}
}

static void lab_places(const struct lab_source *lab)
{
	for (size_t end = 0; end < END_COUNT; end++) {
		const struct lab_frames *frames = &lab->run->frames[end];
		for (size_t i = 0; i < frames->count; i++) {
			const struct lab_frame *frame = &frames->at[i];
			if (frame->hash && frame->n < lab->sent_count[end])
				lab_place(lab, (enum end)end, frame);
		}
	}
}

static bool lab_index(struct lab_source *lab, struct err *err)
{
	const struct lab_run *run = lab->run;
	for (size_t i = 0; i < END_COUNT; i++) {
		lab->sent[i] = calloc(run->truth_count + 1, sizeof(struct truth *));
		if (!lab->sent[i])
			return err_memory(err);
		lab->sent_count[i] = run->truth_count + 1;
	}
	for (size_t i = 0; i < run->truth_count; i++) {
		const struct truth *truth = &run->truth[i];
		if (truth->n == 0 || truth->n >= lab->sent_count[!truth->to])
			continue;
		lab->sent[!truth->to][truth->n] = truth;
		if (truth->n > lab->entered[!truth->to])
			lab->entered[!truth->to] = truth->n;
	}
	lab_places(lab);
	return true;
}

/* What the wire logged of the frame that this packet left in; NULL: it is not known, and
 * *ended says whether it left after the wire had taken its last. */
static const struct truth *lab_truth_of(const struct lab_source *lab, const struct way *way,
					bool *ended)
{
	*ended = false;
	for (size_t end = 0; end < END_COUNT; end++) {
		const struct lab_frames *frames = &lab->run->frames[end];
		uint64_t frame = way->frames[end];
		uint32_t n = frame > 0 && frame <= frames->count ? frames->at[frame - 1].n : 0;
		*ended = *ended || n > lab->entered[end];
		if (n > 0 && n < lab->sent_count[end])
			return lab->sent[end][n];
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

static struct addr lab_addr(const char *text)
{
	struct addr addr = {.family = strchr(text, ':') ? 6 : 4};
	inet_pton(addr.family == 6 ? AF_INET6 : AF_INET, text, addr.bytes);
	return addr;
}

static void lab_describe_hosts(struct lab_source *lab, struct meta *meta)
{
	static const char *const addrs[END_COUNT][ADDRS_OF_HOST] = {
		{LAB_CLIENT_ADDR4, LAB_CLIENT_ADDR6}, {LAB_SERVER_ADDR4, LAB_SERVER_ADDR6}};
	for (size_t i = 0; i < ARRAY_COUNT(lab->hosts); i++) {
		size_t end = i / ADDRS_OF_HOST;
		lab->hosts[i] = (struct host){.name = end_names[end],
					      .addr = lab_addr(addrs[end][i % ADDRS_OF_HOST]),
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
}

static void lab_heard(void *self, const struct event *event)
{
	struct lab_source *lab = self;
	lab_hear(lab->heard, event);
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
	const struct addr locals[END_COUNT][2] = {
		{lab_addr(LAB_CLIENT_ADDR4), lab_addr(LAB_CLIENT_ADDR6)},
		{lab_addr(LAB_SERVER_ADDR4), lab_addr(LAB_SERVER_ADDR6)}};
	const struct match_config known = {
		.content = MATCH_CONTENT_ALL,
		.local = {locals[END_CLIENT], locals[END_SERVER]},
		.local_count = {2, 2},
		.one_wire = true,
		.whole = run->missed == 0,
	};
	struct ends_source *ends = NULL;
	struct pipeline_end end;
	bool done = lab_index(&lab, err);
	two.words = words;
	two.word_count = END_COUNT;
	ends = done ? ends_source_open(&two, &known, err) : NULL;
	if (ends) {
		ends_source_get(ends, &lab.inner);
		source.observer.self = &lab;
		done = pipeline_run(&source, &two, &end, err);
	}
	ends_source_close(ends);
	free(lab.sent[END_CLIENT]);
	free(lab.sent[END_SERVER]);
	return ends && done;
}
