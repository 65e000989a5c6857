#include "pipeline.h"

#include "wireladder/capture.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Saved captures as an observer: reader -> filter -> decode. */

struct file_source {
	const struct options *options;
	struct reader *reader;
	struct filter *filter;
	struct unpacker unpacker;
	struct frame frame; /* read, not yet given out, while notes go before it */
	bool frame_waits;
	uint64_t start_ns, ns, given;
	bool started;
	size_t told_interfaces; /* by meta or by a note */
	size_t told_skipped;
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
	if (!file->given || index >= count)
		return false;
	linktype_text(interfaces[index].linktype, linktype);
	file_note(file, event, NOTE_INTERFACE);
	snprintf(event->note.text, sizeof(event->note.text),
		 "Interface %zu%s%.40s is described here: %s.", index,
		 interfaces[index].name ? " " : "",
		 interfaces[index].name ? interfaces[index].name : "", linktype);
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

static bool file_note_skipped(struct file_source *file, struct event *event)
{
	const struct skipped *skipped;
	if (file->told_skipped >= reader_skipped_count(file->reader))
		return false;
	reader_report(file->reader, &file->report);
	skipped = &file->report.skipped[file->told_skipped++];
	file_note(file, event, NOTE_SKIPPED);
	event->note.warning = true;
	snprintf(event->note.text, sizeof(event->note.text),
		 "%" PRIu64 " bytes at byte %" PRIu64 " of the input were passed over: %.90s",
		 skipped->bytes, skipped->at, skipped->why);
	event->note.facts[0].key = "at";
	event->note.facts[0].value = (int64_t)skipped->at;
	event->note.facts[1].key = "bytes";
	event->note.facts[1].value = (int64_t)skipped->bytes;
	event->note.fact_count = 2;
	return true;
}

static void file_packet(struct file_source *file, struct event *event)
{
	size_t interfaces;
	unpacker_frame(&file->unpacker, &file->frame, file->ns, event);
	if (!file->given++) {
		reader_interfaces(file->reader, &interfaces);
		file->told_interfaces = interfaces;
	}
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
		if (!file->frame.bad_time)
			file->ns = file->frame.ns;
		if (!file->started)
			file->start_ns = file->ns;
		file->started = true;
		matches = true;
		if (file->filter && !filter_matches(file->filter, &file->frame, &matches, err))
			return OBSERVED_FAILED;
	}
	file->frame_waits = true;
	return OBSERVED_EVENT;
}

static enum observed file_next(void *self, struct event *event, struct err *err)
{
	struct file_source *file = self;
	if (unpacker_whole(&file->unpacker, event))
		return OBSERVED_EVENT;
	if (!file->frame_waits) {
		enum observed seen;
		if (file->options->count && file->given >= file->options->count)
			return OBSERVED_END;
		seen = file_read(file, err);
		if (seen == OBSERVED_END && file_note_skipped(file, event))
			return OBSERVED_EVENT;
		if (seen != OBSERVED_EVENT)
			return seen;
	}
	if (file_note_skipped(file, event) || file_note_interface(file, event))
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
}

static void file_report(void *self, struct summary *summary)
{
	struct file_source *file = self;
	reader_report(file->reader, &file->report);
	summary->skipped = file->report.skipped;
	summary->skipped_count = file->report.skipped_count;
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
