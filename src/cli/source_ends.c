#include "pipeline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Two captures of the same traffic as an observer. Both are read twice: to see how their clocks
 * stand to each other and by what their packets are known, then to join them. */

#define PAIRS_ENOUGH 8     /* one packet in so many is known again, or something is wrong */
#define COMPARED     65536 /* of so many at most */

struct ends_source {
	const struct options *options;
	struct options each[VANTAGES]; /* the same, with one file */
	struct file_source *files[VANTAGES];
	struct source sources[VANTAGES];
	struct comparison *comparison;
	struct match_content content;
	struct match_config config;
	bool known; /* given, not learned */
	struct match *match;
	struct observer joined;
	size_t pairs;
	uint64_t read[VANTAGES];
	struct addr opener; /* who sent the first SYN, or the first packet of all */
	bool opener_syn;
	struct event first; /* waits while the note on the clocks goes before it */
	enum { FIRST_UNREAD, FIRST_WAITS, FIRST_GIVEN } state;
	uint64_t start_ns;
	bool started;
	struct vantage vantages[VANTAGES];
	struct host *hosts;
	struct skipped *skipped;
};

static bool ends_open_file(struct ends_source *ends, size_t vantage, struct err *err)
{
	file_source_close(ends->files[vantage]);
	ends->files[vantage] = file_source_open(&ends->each[vantage], err);
	if (!ends->files[vantage])
		return false;
	file_source_get(ends->files[vantage], &ends->sources[vantage]);
	return true;
}

static void ends_remember_opener(struct ends_source *ends, const struct event *event)
{
	const struct segment *segment = &event->packet.segment;
	bool syn = segment->kind == SEGMENT_TCP &&
		   (segment->tcp.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	if (!segment->ends.src.family || (ends->opener.family && (!syn || ends->opener_syn)))
		return;
	ends->opener = segment->ends.src;
	ends->opener_syn = syn;
}

/* The first reading of one capture. */
static bool ends_compare_file(struct ends_source *ends, size_t vantage, struct err *err)
{
	struct observer *observer = &ends->sources[vantage].observer;
	struct event event = {0};
	enum observed seen;
	if (!ends_open_file(ends, vantage, err))
		return false;
	ends->read[vantage] = 0;
	observer = &ends->sources[vantage].observer;
	while ((seen = observer->next(observer->self, &event, err)) != OBSERVED_END) {
		if (seen == OBSERVED_FAILED)
			return false;
		if (signals_stop())
			return true;
		if (seen != OBSERVED_EVENT || event.kind != EVENT_PACKET)
			continue;
		event.vantage = (uint8_t)vantage;
		ends->read[vantage]++;
		ends_remember_opener(ends, &event);
		comparison_add(ends->comparison, &event);
	}
	return true;
}

static bool ends_compare_by(struct ends_source *ends, const struct match_content *content,
			    struct err *err)
{
	const struct clocks given = {.offset_ns = ends->options->clock_offset_ns,
				     .drift_ppb = ends->options->clock_drift_ppb};
	bool is_given = ends->options->has_clock_offset;
	comparison_close(ends->comparison);
	ends->comparison = comparison_open(content, err);
	if (!ends->comparison)
		return false;
	for (size_t v = 0; v < VANTAGES; v++) {
		if (!ends_compare_file(ends, v, err))
			return false;
	}
	ends->content = *content;
	ends->pairs = comparison_finish(ends->comparison, is_given ? &given : NULL,
					&ends->config.clocks);
	return true;
}

static bool ends_pairs_are_enough(const struct ends_source *ends)
{
	uint64_t fewer = ends->read[0] < ends->read[1] ? ends->read[0] : ends->read[1];
	if (fewer > COMPARED)
		fewer = COMPARED;
	return ends->pairs >= (fewer + PAIRS_ENOUGH - 1) / PAIRS_ENOUGH;
}

/* Again with less, where the captures turn out to have kept less, or where something on the way
 * seems to rewrite identifications; if that was not it, then with them after all. */
static bool ends_compare(struct ends_source *ends, struct err *err)
{
	struct match_content content = MATCH_CONTENT_ALL, kept;
	size_t pairs;
	if (!ends_compare_by(ends, &content, err))
		return false;
	kept = comparison_content(ends->comparison);
	if (kept.payload_bytes < content.payload_bytes || !kept.options) {
		content = kept;
		if (!ends_compare_by(ends, &content, err))
			return false;
	}
	if (ends_pairs_are_enough(ends))
		return true;
	pairs = ends->pairs;
	content.ip_id = false;
	if (!ends_compare_by(ends, &content, err))
		return false;
	content.ip_id = true;
	return ends->pairs > pairs || ends_compare_by(ends, &content, err);
}

static bool ends_can_read_twice(const struct ends_source *ends)
{
	for (size_t v = 0; v < VANTAGES; v++) {
		struct stat file;
		const char *name = ends->options->words[v];
		if (strcmp(name, "-") == 0 ||
		    (stat(name, &file) == 0 && !S_ISREG(file.st_mode)))
			return false;
	}
	return true;
}

/* By whatever names. */
static bool ends_is_one_file(const struct ends_source *ends)
{
	struct stat first, second;
	return stat(ends->options->words[0], &first) == 0 &&
	       stat(ends->options->words[1], &second) == 0 && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}

static bool ends_one_tap(const struct ends_source *ends, struct err *err)
{
	const char *const *names = ends->options->words;
	return err_set(err, EXIT_USAGE,
		       "%s and %s both hold what one tap saw: no packet takes any time between "
		       "them; --ends wants the captures of the two ends",
		       names[0], names[1]);
}

static bool ends_prepare(struct ends_source *ends, struct err *err)
{
	bool twice = ends_can_read_twice(ends);
	ends->content = MATCH_CONTENT_ALL;
	ends->config.clocks.offset_ns = ends->options->clock_offset_ns;
	ends->config.clocks.drift_ppb = ends->options->clock_drift_ppb;
	if (ends_is_one_file(ends))
		return ends_one_tap(ends, err);
	if (!twice && !ends->options->has_clock_offset)
		return err_set(err, EXIT_USAGE,
			       "clocks are compared by reading both captures twice, which a "
			       "pipe cannot: save it to a file, or say --clock-offset SECS");
	if (twice && !ends_compare(ends, err))
		return false;
	if (ends->comparison && comparison_is_one_tap(ends->comparison))
		return ends_one_tap(ends, err);
	for (size_t v = 0; v < VANTAGES && ends->comparison; v++)
		ends->config.local[v] =
			comparison_local(ends->comparison, v, &ends->config.local_count[v]);
	ends->config.content = ends->content;
	ends->config.window_ns = ends->options->match_window_ns;
	return true;
}

static bool ends_join(struct ends_source *ends, struct err *err)
{
	struct observer observers[VANTAGES];
	for (size_t v = 0; v < VANTAGES; v++) {
		if (!ends_open_file(ends, v, err))
			return false;
		observers[v] = ends->sources[v].observer;
	}
	ends->match = match_open(observers, &ends->config, err);
	if (!ends->match)
		return false;
	match_get(ends->match, &ends->joined);
	return true;
}

struct ends_source *ends_source_open(const struct options *options,
				     const struct match_config *known, struct err *err)
{
	struct ends_source *ends = calloc(1, sizeof(*ends));
	if (!ends) {
		err_memory(err);
		return NULL;
	}
	ends->options = options;
	for (size_t v = 0; v < VANTAGES; v++) {
		ends->each[v] = *options;
		ends->each[v].words = &options->words[v];
		ends->each[v].word_count = 1;
	}
	ends->known = known != NULL;
	if (known)
		ends->config = *known;
	if ((known || ends_prepare(ends, err)) && ends_join(ends, err))
		return ends;
	ends_source_close(ends);
	return NULL;
}

/* What is added to the second clock at the start. */
static int64_t ends_offset(const struct ends_source *ends)
{
	const struct clocks *clocks = match_clocks(ends->match);
	uint64_t second_ns = ends->start_ns - (uint64_t)clocks->offset_ns;
	return (int64_t)(clocks_align(clocks, second_ns) - second_ns);
}

#define NUMBER_TEXT 40

static void seconds_text(char text[static NUMBER_TEXT], uint64_t ns)
{
	snprintf(text, NUMBER_TEXT, "%" PRIu64 ".%09" PRIu64 " s", ns / NS_PER_S,
		 ns % NS_PER_S);
}

static void drift_text(char text[static 2 * NUMBER_TEXT], const struct clocks *clocks)
{
	uint64_t within = clocks->drift_uncertainty_ppb;
	if (!within)
		snprintf(text, 2 * NUMBER_TEXT, "%" PRId64 " ns more each second",
			 clocks->drift_ppb);
	else if (clocks->drift_ppb == 0)
		snprintf(text, 2 * NUMBER_TEXT,
			 "no drift found (if any, below %" PRIu64 " ns a second)", within);
	else
		snprintf(text, 2 * NUMBER_TEXT,
			 "%" PRId64 " ns more each second (give or take %" PRIu64 ")",
			 clocks->drift_ppb, within);
}

/* By what was found out about the clocks. */
static void ends_note_sentence(const struct ends_source *ends, struct note *note)
{
	const struct clocks *clocks = &ends->config.clocks;
	bool one_way = !clocks->pairs[0] || !clocks->pairs[1];
	char offset[NUMBER_TEXT], within[NUMBER_TEXT], drift[2 * NUMBER_TEXT];
	const char *sign = ends_offset(ends) < 0 ? "-" : "+";
	seconds_text(offset, (uint64_t)llabs(ends_offset(ends)));
	seconds_text(within, clocks->uncertainty_ns);
	drift_text(drift, clocks);
	note->warning = clocks->crooked || (ends->comparison && one_way);
	if (!ends->comparison)
		snprintf(note->text, sizeof(note->text),
			 "The second capture's clock is put on the first's as given: %s%s at "
			 "the start, %s.",
			 sign, offset, drift);
	else if (ends->pairs == 0)
		snprintf(note->text, sizeof(note->text),
			 "No packet was found in both captures: they stand side by side, and "
			 "nothing is said about losses.");
	else if (clocks->crooked)
		snprintf(
			note->text, sizeof(note->text),
			"By %s%s on the second capture's clock some packets arrive up to %s "
			"before they leave: a clock was set meanwhile, or the offset is wrong.",
			sign, offset, within);
	else
		snprintf(note->text, sizeof(note->text),
			 "The second capture's clock is put on the first's: %s%s at the start, "
			 "%s, right within %s%s.",
			 sign, offset, drift, within,
			 one_way ? "; all packets go one way: the clocks are taken as they are"
				 : "");
}

static void ends_note(struct ends_source *ends, struct event *event)
{
	const struct clocks *clocks = &ends->config.clocks;
	struct note *note = &event->note;
	*event = (struct event){
		.kind = EVENT_NOTE, .ns = ends->start_ns, .note = {.code = NOTE_CLOCKS}};
	ends_note_sentence(ends, note);
	if (!ends->comparison || ends->pairs == 0)
		return;
	note->facts[0].key = "uncertainty_ns";
	note->facts[0].value = (int64_t)clocks->uncertainty_ns;
	note->facts[1].key = "packets_there";
	note->facts[1].value = (int64_t)clocks->pairs[0];
	note->facts[2].key = "packets_back";
	note->facts[2].value = (int64_t)clocks->pairs[1];
	note->facts[3].key = "drift_uncertainty_ppb";
	note->facts[3].value = (int64_t)clocks->drift_uncertainty_ppb;
	note->fact_count = 4;
}

static enum observed ends_next(void *self, struct event *event, struct err *err)
{
	struct ends_source *ends = self;
	enum observed seen;
	if (ends->state == FIRST_WAITS) {
		*event = ends->first;
		ends->state = FIRST_GIVEN;
		return OBSERVED_EVENT;
	}
	seen = ends->joined.next(ends->joined.self, event, err);
	if (seen != OBSERVED_EVENT || ends->state == FIRST_GIVEN)
		return seen;
	ends->start_ns = event->ns;
	ends->started = true;
	ends->state = FIRST_GIVEN;
	if (ends->known) /* then there is nothing to say of the clocks */
		return OBSERVED_EVENT;
	ends->first = *event;
	ends->state = FIRST_WAITS;
	ends_note(ends, event);
	return OBSERVED_EVENT;
}

static uint64_t ends_watermark(void *self)
{
	struct ends_source *ends = self;
	return ends->joined.watermark(ends->joined.self);
}

/* Whose tap is it? The one that the opener's address is next to is the client's. */
static void ends_name(struct ends_source *ends)
{
	for (size_t v = 0; v < VANTAGES; v++) {
		for (size_t i = 0; i < ends->config.local_count[v]; i++) {
			if (!addr_equal(&ends->config.local[v][i], &ends->opener))
				continue;
			ends->vantages[v].name = "client";
			ends->vantages[!v].name = "server";
			return;
		}
	}
}

static void ends_add_hosts(struct ends_source *ends, struct meta *meta,
			   const struct meta *of_file)
{
	size_t count = meta->host_count + of_file->host_count;
	struct host *hosts = realloc(ends->hosts, (count + 1) * sizeof(*hosts));
	if (!hosts)
		return;
	if (of_file->host_count > 0)
		memcpy(hosts + meta->host_count, of_file->hosts,
		       of_file->host_count * sizeof(*hosts));
	meta->hosts = ends->hosts = hosts;
	meta->host_count = count;
}

static void ends_describe(void *self, struct meta *meta)
{
	struct ends_source *ends = self;
	const struct options *options = ends->options;
	const struct clocks *clocks = &ends->config.clocks;
	*meta = (struct meta){
		.start_ns = ends->start_ns,
		.has_start = ends->started,
		.source = "read",
		.name = options->words[0],
		.filter = options->filter,
		.files = options->words,
		.file_count = options->word_count,
		.vantages = ends->vantages,
		.vantage_count = VANTAGES,
	};
	for (size_t v = 0; v < VANTAGES; v++) {
		struct meta of_file;
		ends->sources[v].describe(ends->sources[v].observer.self, &of_file);
		if (of_file.vantage_count > 0)
			ends->vantages[v] = of_file.vantages[0];
		ends_add_hosts(ends, meta, &of_file);
	}
	ends_name(ends);
	ends->vantages[1].aligned = ends->pairs > 0 || options->has_clock_offset;
	ends->vantages[1].offset_ns = ends_offset(ends);
	ends->vantages[1].drift_ppb = clocks->drift_ppb;
	ends->vantages[1].uncertainty_ns = clocks->uncertainty_ns;
}

static void joins_add(struct join_counts *sum, const struct join_counts *joins)
{
	sum->joined += joins->joined;
	sum->incomplete += joins->incomplete;
	sum->timed_out += joins->timed_out;
	sum->refused += joins->refused;
	sum->evicted += joins->evicted;
}

/* What both say of themselves, together; of what was passed over, the first's and then the
 * second's. */
static void ends_report(void *self, struct summary *summary)
{
	struct ends_source *ends = self;
	size_t skipped = 0;
	for (size_t v = 0; v < VANTAGES; v++) {
		struct summary one = {0};
		struct skipped *list;
		ends->sources[v].report(ends->sources[v].observer.self, &one);
		summary->dropped_kernel += one.dropped_kernel;
		summary->dropped_interface += one.dropped_interface;
		summary->truncated |= one.truncated;
		joins_add(&summary->joins, &one.joins);
		list = realloc(ends->skipped,
			       (skipped + one.skipped_count + 1) * sizeof(*list));
		if (!list)
			continue;
		ends->skipped = list;
		if (one.skipped_count > 0)
			memcpy(list + skipped, one.skipped, one.skipped_count * sizeof(*list));
		skipped += one.skipped_count;
	}
	summary->skipped = ends->skipped;
	summary->skipped_count = skipped;
}

const char *ends_source_missing(struct ends_source *ends)
{
	const char *first = file_source_missing(ends->files[0]);
	return first[0] ? first : file_source_missing(ends->files[1]);
}

void ends_source_get(struct ends_source *ends, struct source *source)
{
	*source = (struct source){
		.observer = {.next = ends_next,
			     .watermark = ends_watermark,
			     .self = ends,
			     .sorted = true},
		.fd = -1,
		.describe = ends_describe,
		.report = ends_report,
	};
}

void ends_source_close(struct ends_source *ends)
{
	if (!ends)
		return;
	match_close(ends->match);
	comparison_close(ends->comparison);
	for (size_t v = 0; v < VANTAGES; v++)
		file_source_close(ends->files[v]);
	free(ends->hosts);
	free(ends->skipped);
	free(ends);
}
