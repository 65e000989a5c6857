#include "pipeline.h"

#include "wireladder/capture.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A live interface as an observer: tap -> dump -> decode. */

#define LOCAL_MAX 64
/* A packet has its stamp before it can be read: what interrupts the kernel in between makes it
 * late. Longer than that is told as a note, not silently put in the wrong place. */
#define UNREAD_NS (20 * NS_PER_MS)

struct tap_source {
	struct tap_source_config config;
	struct tap *tap;
	struct dump *dump;
	struct unpacker unpacker;
	struct vantage vantage;
	uint64_t start_ns, end_ns, given, ns;
	uint64_t dropped_kernel, dropped_interface, asked_ns, flushed_ns;
	struct addr local[LOCAL_MAX];
	size_t local_count;
	uint64_t quiet_ns; /* when it was last asked and had nothing */
	bool quiet;        /* so it was the last time */
	bool ended;
	struct err gone; /* why the interface ended before we did, "" when it did not */
};

/* What the kernel could not keep is said where it happened: nobody may take it for loss. */
static bool tap_note_drops(struct tap_source *source, struct event *event)
{
	uint64_t kernel = 0, interface = 0, more, now = clock_monotonic_ns();
	if (now - source->asked_ns < NS_PER_S && !source->ended)
		return false;
	source->asked_ns = now;
	if (!tap_dropped(source->tap, &kernel, &interface))
		return false;
	more = kernel + interface - source->dropped_kernel - source->dropped_interface;
	source->dropped_kernel = kernel;
	source->dropped_interface = interface;
	if (more == 0)
		return false;
	*event = (struct event){
		.kind = EVENT_NOTE,
		.ns = source->ns,
		.note = {.code = NOTE_CAPTURE_LOSS, .warning = true, .fact_count = 1},
	};
	event->note.facts[0].key = "packets";
	event->note.facts[0].value = (int64_t)more;
	snprintf(event->note.text, sizeof(event->note.text),
		 "The kernel dropped %" PRIu64 " packets before we saw them: gaps here are the "
		 "capture's, not the network's.",
		 more);
	return true;
}

static void tap_packet(struct tap_source *source, struct frame *frame,
		       struct event *event)
{
	source->ns = frame->ns;
	frame->n = ++source->given;
	unpacker_frame(&source->unpacker, frame, frame->ns, event);
}

/* A quiet line must not keep what was captured from those who read the file meanwhile. */
static bool tap_flush_dump(struct tap_source *source, struct err *err)
{
	uint64_t now = clock_monotonic_ns();
	if (now - source->flushed_ns < NS_PER_S)
		return true;
	source->flushed_ns = now;
	return dump_flush(source->dump, err);
}

static enum observed tap_next_event(void *self, struct event *event, struct err *err)
{
	struct tap_source *source = self;
	struct frame frame;
	uint64_t asked_ns;
	if (unpacker_more(&source->unpacker, event) || tap_note_drops(source, event))
		return OBSERVED_EVENT;
	if (source->ended || (source->config.count && source->given >= source->config.count))
		return OBSERVED_END;
	/* While packets come they tell the time, and no clock need be asked. */
	asked_ns = source->quiet ? clock_now_ns() : 0;
	switch (tap_next(source->tap, &frame, &source->gone)) {
	case FRAME_READY:
		source->quiet = false;
		if (source->dump && !dump_frame(source->dump, &frame, err))
			return OBSERVED_FAILED;
		tap_packet(source, &frame, event);
		return OBSERVED_EVENT;
	case FRAME_NOT_YET:
		source->quiet = true;
		if (asked_ns > UNREAD_NS)
			source->quiet_ns = asked_ns - UNREAD_NS;
		if (source->dump && !tap_flush_dump(source, err))
			return OBSERVED_FAILED;
		return OBSERVED_NOT_YET;
	case FRAME_END:
		source->ended = true;
		return tap_note_drops(source, event) ? OBSERVED_EVENT : OBSERVED_END;
	case FRAME_FAILED:
		break;
	}
	*err = source->gone;
	return OBSERVED_FAILED;
}

static uint64_t tap_watermark(void *self)
{
	struct tap_source *source = self;
	return source->quiet_ns > source->ns ? source->quiet_ns : source->ns;
}

static void tap_describe(void *self, struct meta *meta)
{
	struct tap_source *source = self;
	tap_vantage(source->tap, &source->vantage);
	*meta = (struct meta){
		.start_ns = source->start_ns,
		.has_start = true,
		.source = source->config.kind,
		.name = source->config.interface,
		.filter = source->config.filter,
		.vantages = &source->vantage,
		.vantage_count = 1,
	};
}

static bool tap_tick(void *self)
{
	struct tap_source *source = self;
	if (source->end_ns && clock_monotonic_ns() >= source->end_ns)
		return true;
	return source->config.finished && source->config.finished(source->config.context);
}

static bool tap_drain_now(void *self, struct err *err)
{
	struct tap_source *source = self;
	if (source->config.ending)
		source->config.ending(source->config.context);
	return tap_drain(source->tap, err);
}

static bool tap_begin(void *self, struct err *err)
{
	struct tap_source *source = self;
	return !source->config.begin || source->config.begin(source->config.context, err);
}

static void tap_report(void *self, struct summary *summary)
{
	struct tap_source *source = self;
	tap_dropped(source->tap, &summary->dropped_kernel, &summary->dropped_interface);
	joiner_counts(source->unpacker.joiner, &summary->joins);
	if (source->config.report)
		source->config.report(source->config.context, summary);
}

/* Packets to and from the interface's own addresses are received and sent right here. */
static void tap_local(void *context, const struct interface_listed *one)
{
	struct tap_source *source = context;
	bool all = strcmp(source->config.interface, "any") == 0;
	if (!all && strcmp(one->name, source->config.interface) != 0)
		return;
	for (size_t i = 0; i < one->addr_count && source->local_count < LOCAL_MAX; i++)
		source->local[source->local_count++] = one->addrs[i];
}

struct tap_source *tap_source_open(const struct tap_source_config *config, struct err *err)
{
	struct tap_config tapping = {
		.interface = config->interface,
		.filter = config->filter,
		.snaplen = config->snaplen,
		.private_loopback = config->private_loopback,
	};
	struct tap_source *source = calloc(1, sizeof(*source));
	if (!source) {
		err_memory(err);
		return NULL;
	}
	source->config = *config;
	source->tap = tap_open(&tapping, err);
	if (!source->tap || !unpacker_open(&source->unpacker, err))
		goto fail;
	tap_vantage(source->tap, &source->vantage);
	if (config->write_pcap &&
	    !(source->dump = dump_open(config->write_pcap, source->vantage.linktype,
				       source->vantage.snaplen, err)))
		goto fail;
	/* Without it both ends are far: less is known, nothing is wrong. */
	tap_list(tap_local, source, NULL);
	source->start_ns = source->ns = clock_now_ns();
	source->asked_ns = clock_monotonic_ns();
	if (config->duration_ns)
		source->end_ns = source->asked_ns + config->duration_ns;
	return source;
fail:
	tap_source_close(source, NULL);
	return NULL;
}

void tap_source_get(struct tap_source *tap, struct source *source)
{
	*source = (struct source){
		.observer = {.next = tap_next_event, .watermark = tap_watermark, .self = tap},
		.fd = tap_fd(tap->tap),
		.live = true,
		.describe = tap_describe,
		.tick = tap_tick,
		.drain = tap_drain_now,
		.begin = tap_begin,
		.report = tap_report,
		.local = tap->local,
		.local_count = tap->local_count,
		.taps_at_both_ends = tap->config.private_loopback,
	};
}

bool tap_source_gone(const struct tap_source *tap, struct err *err)
{
	if (!tap->gone.text[0])
		return false;
	*err = tap->gone;
	return true;
}

bool tap_source_close(struct tap_source *tap, struct err *err)
{
	bool closed = true;
	if (!tap)
		return true;
	if (tap->dump)
		closed = dump_close(tap->dump, err);
	if (tap->tap)
		tap_close(tap->tap);
	unpacker_close(&tap->unpacker);
	free(tap);
	return closed;
}
