#include "pipeline.h"

#include "wireladder/capture.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Saved captures as an observer: reader -> filter -> decode. */

#define LOOK_AHEAD_FRAMES 10000 /* for the first stamp, when the first frame has none */

struct file_source {
	const struct options *options;
	struct reader *reader;
	struct filter *filter;
	struct unpacker unpacker;
	struct frame frame; /* read, not yet given out, while notes go before it */
	bool frame_waits;
	uint64_t start_ns, ns, given;
	bool started, described;            /* described: meta has gone out */
	size_t told_interfaces, told_hosts; /* by meta or by a note */
	size_t told_skipped;
	uint64_t told_news; /* reader_news when all of the above was up to date */
	uint64_t lost;      /* packets dropped before the frame that waits */
	bool told_beyond;
	struct reader_report report;
};

static void file_note(struct file_source *file, struct event *event, enum note_code code)
{
	*event = (struct event){.kind = EVENT_NOTE, .ns = file->ns, .note = {.code = code}};
}

/* An interface that was described only after meta went out. */
static bool file_note_interface(struct file_source *file, struct event *event)
{
	size_t count, index = file->told_interfaces;
	const struct vantage *interfaces = reader_interfaces(file->reader, &count);
	char linktype[LINKTYPE_TEXT];
	if (!file->described || index >= count)
		return false;
	linktype_text(interfaces[index].linktype, linktype);
	file_note(file, event, NOTE_INTERFACE);
	snprintf(event->note.text, sizeof(event->note.text),
		 "Interface %zu%s%.40s is described here: %s.", index,
		 interfaces[index].name[0] ? " " : "", interfaces[index].name, linktype);
	event->note.facts[0].key = "id";
	event->note.facts[0].value = (int64_t)index;
	event->note.facts[1].key = "linktype";
	event->note.facts[1].value = interfaces[index].linktype;
	event->note.facts[2].key = "snaplen";
	event->note.facts[2].value = interfaces[index].snaplen;
	event->note.fact_count = 3;
	file->told_interfaces++;
	return true;
}

/* A name that came after meta. */
static bool file_note_name(struct file_source *file, struct event *event)
{
	size_t count;
	const struct host *hosts = reader_hosts(file->reader, &count);
	char addr[ADDR_TEXT];
	if (!file->described || file->told_hosts >= count)
		return false;
	file_note(file, event, NOTE_NAMES);
	addr_text(&hosts[file->told_hosts].addr, addr);
	snprintf(event->note.text, sizeof(event->note.text), "%s is %s.", addr,
		 hosts[file->told_hosts].name);
	file->told_hosts++;
	return true;
}

/* Once, at the end: only then is it known how many names there were. */
static bool file_note_names_beyond(struct file_source *file, struct event *event)
{
	reader_report(file->reader, &file->report);
	if (file->told_beyond || file->report.hosts_beyond == 0)
		return false;
	file->told_beyond = true;
	file_note(file, event, NOTE_TABLE_FULL);
	snprintf(event->note.text, sizeof(event->note.text),
		 "The input names more addresses than are kept: %" PRIu64
		 " names were left out.",
		 file->report.hosts_beyond);
	event->note.facts[0].key = "names";
	event->note.facts[0].value = (int64_t)file->report.hosts_beyond;
	event->note.fact_count = 1;
	return true;
}

/* What a file says was dropped is said where it happened: nobody may take it for loss. */
static bool file_note_lost(struct file_source *file, struct event *event)
{
	uint64_t lost = file->lost;
	if (lost == 0)
		return false;
	file->lost = 0;
	file_note(file, event, NOTE_CAPTURE_LOSS);
	event->note.warning = true;
	snprintf(event->note.text, sizeof(event->note.text),
		 "The file says that %" PRIu64
		 " packet%s dropped just before this one: gaps here are the capture's, not "
		 "the network's.",
		 lost, lost == 1 ? " was" : "s were");
	event->note.facts[0].key = "packets";
	event->note.facts[0].value = lost > INT64_MAX ? INT64_MAX : (int64_t)lost;
	event->note.fact_count = 1;
	return true;
}

static bool file_note_skipped(struct file_source *file, struct event *event)
{
	const struct skipped *skipped;
	reader_report(file->reader, &file->report);
	if (file->told_skipped >= file->report.skipped_count)
		return false;
	skipped = &file->report.skipped[file->told_skipped++];
	file_note(file, event, NOTE_SKIPPED);
	event->note.warning = true;
	snprintf(event->note.text, sizeof(event->note.text),
		 "%" PRIu64 " byte%s at byte %" PRIu64 " of the input %s passed over: %.90s",
		 skipped->bytes, skipped->bytes == 1 ? "" : "s", skipped->at,
		 skipped->bytes == 1 ? "was" : "were", skipped->why);
	event->note.facts[0].key = "at";
	event->note.facts[0].value = (int64_t)skipped->at;
	event->note.facts[1].key = "bytes";
	event->note.facts[1].value = (int64_t)skipped->bytes;
	event->note.fact_count = 2;
	return true;
}

static void file_packet(struct file_source *file, struct event *event)
{
	unpacker_frame(&file->unpacker, &file->frame, file->ns, event);
	file->given++;
}

/* The first stamp in the files, or 0. Looks for it with a reader of its own, and only in what
 * may be opened twice; what fails here fails again, and is told, where it is read in earnest.
 */
static uint64_t file_first_stamp(const struct options *options)
{
	struct reader *reader;
	struct frame frame = {.bad_time = true};
	struct err err;
	size_t count = 0, frames = 0;
	struct stat status;
	while (count < options->word_count && strcmp(options->words[count], "-") != 0 &&
	       stat(options->words[count], &status) == 0 && S_ISREG(status.st_mode))
		count++;
	reader = count > 0 ? reader_open(options->words, count, &err) : NULL;
	while (reader && frame.bad_time && frames++ < LOOK_AHEAD_FRAMES &&
	       reader_next(reader, &frame, &err) == FRAME_READY)
		continue;
	if (reader)
		reader_close(reader);
	return frame.bad_time ? 0 : frame.ns;
}

/* The clock begins with the first stamp that can be; packets without one before it stand at the
 * same moment. Where it cannot be looked for it is what the frame has of a time. */
static void file_start(struct file_source *file)
{
	uint64_t first_ns = file->frame.bad_time ? file_first_stamp(file->options) : 0;
	file->ns = file->start_ns = first_ns ? first_ns : file->frame.ns;
	file->started = true;
}

/* The next frame that the filter lets through. The clock takes those that it does not, too. */
static enum observed file_read(struct file_source *file, struct err *err)
{
	bool matches = false;
	while (!matches) {
		enum frame_status status = reader_next(file->reader, &file->frame, err);
		if (status == FRAME_NOT_YET) /* a signal came while a pipe was silent */
			return OBSERVED_NOT_YET;
		if (status != FRAME_READY)
			return status == FRAME_END ? OBSERVED_END : OBSERVED_FAILED;
		file->lost += file->frame.lost_before;
		if (!file->started)
			file_start(file);
		else if (!file->frame.bad_time)
			file->ns = file->frame.ns;
		matches = true;
		if (file->filter && !filter_matches(file->filter, &file->frame, &matches, err))
			return OBSERVED_FAILED;
	}
	file->frame_waits = true;
	return OBSERVED_EVENT;
}

/* What is to be said before the packet that waits, or before the end. */
static bool file_says(struct file_source *file, struct event *event)
{
	if (file_note_skipped(file, event) || file_note_interface(file, event) ||
	    file_note_name(file, event) || file_note_lost(file, event))
		return true;
	file->told_news = file->described ? reader_news(file->reader) : 0;
	return false;
}

static enum observed file_next(void *self, struct event *event, struct err *err)
{
	struct file_source *file = self;
	if (unpacker_more(&file->unpacker, event))
		return OBSERVED_EVENT;
	if (!file->frame_waits) {
		enum observed seen;
		if (file->options->count && file->given >= file->options->count)
			return OBSERVED_END;
		seen = file_read(file, err);
		if (seen == OBSERVED_END &&
		    (file_says(file, event) || file_note_names_beyond(file, event)))
			return OBSERVED_EVENT;
		if (seen != OBSERVED_EVENT)
			return seen;
	}
	if ((file->lost || file->told_news != reader_news(file->reader)) &&
	    file_says(file, event))
		return OBSERVED_EVENT;
	file->frame_waits = false;
	file_packet(file, event);
	return OBSERVED_EVENT;
}

static uint64_t file_watermark(void *self)
{
	struct file_source *file = self;
	return file->ns;
}

static void file_describe(void *self, struct meta *meta)
{
	struct file_source *file = self;
	const struct options *options = file->options;
	*meta = (struct meta){
		.start_ns = file->start_ns,
		.has_start = file->started,
		.source = "read",
		.name = options->words[0],
		.filter = options->filter,
		.files = options->words,
		.file_count = options->word_count,
	};
	meta->vantages = reader_interfaces(file->reader, &meta->vantage_count);
	meta->hosts = reader_hosts(file->reader, &meta->host_count);
	file->told_interfaces = meta->vantage_count;
	file->told_hosts = meta->host_count;
	file->described = true;
}

static void file_report(void *self, struct summary *summary)
{
	struct file_source *file = self;
	reader_report(file->reader, &file->report);
	summary->skipped = file->report.skipped;
	summary->skipped_count = file->report.skipped_count;
	summary->skipped_places = file->report.skipped_places;
	summary->skipped_bytes = file->report.skipped_bytes;
	summary->dropped_kernel = file->report.dropped_kernel;
	summary->dropped_interface = file->report.dropped_interface;
	summary->truncated = file->report.truncated;
	joiner_counts(file->unpacker.joiner, &summary->joins);
}

const char *file_source_missing(struct file_source *file)
{
	reader_report(file->reader, &file->report);
	return file->report.sentence;
}

struct file_source *file_source_open(const struct options *options, struct err *err)
{
	struct file_source *file = calloc(1, sizeof(*file));
	if (!file) {
		err_memory(err);
		return NULL;
	}
	file->options = options;
	if (options->filter && !(file->filter = filter_open(options->filter, err)))
		goto fail;
	if (!unpacker_open(&file->unpacker, err))
		goto fail;
	file->reader = reader_open(options->words, options->word_count, err);
	if (file->reader)
		return file;
fail:
	file_source_close(file);
	return NULL;
}

void file_source_get(struct file_source *file, struct source *source)
{
	*source = (struct source){
		.observer = {.next = file_next, .watermark = file_watermark, .self = file},
		.fd = -1,
		.describe = file_describe,
		.report = file_report,
	};
}

void file_source_close(struct file_source *file)
{
	if (!file)
		return;
	if (file->reader)
		reader_close(file->reader);
	if (file->filter)
		filter_close(file->filter);
	unpacker_close(&file->unpacker);
	free(file);
}
