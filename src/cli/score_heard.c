#include "score_heard.h"

#include "lab_truths.h"
#include "pipeline.h"

#include <stdlib.h>
#include <string.h>

struct score_packet {
	uint64_t frames[END_COUNT]; /* where what is said of it belongs; 0: nowhere */
	struct score_said said;
};

struct score_source {
	struct source inner;
	struct score_heard *heard;
};

static const enum verdict_id causes[] = {
	VERDICT_RETRANSMISSION,    VERDICT_SYN_RETRANSMISSION,
	VERDICT_FIN_RETRANSMISSION, VERDICT_SYNACK_RETRANSMISSION,
	VERDICT_RTO_RETRANSMISSION, VERDICT_RTO_RECOVERY,
	VERDICT_FAST_RETRANSMISSION, VERDICT_RECOVERY_RETRANSMISSION,
	VERDICT_TAIL_LOSS_PROBE,   VERDICT_OUT_OF_ORDER,
	VERDICT_NETWORK_DUPLICATE, VERDICT_CAPTURE_DUPLICATE,
	VERDICT_ZERO_WINDOW_PROBE, VERDICT_KEEP_ALIVE,
	VERDICT_OLD_DUPLICATE,     VERDICT_PAWS_DROP,
};

const struct verdict *score_said_find(const struct score_said *said, enum verdict_id id)
{
	return verdicts_find(said->verdicts, said->count, id);
}

const struct verdict *score_said_cause(const struct score_said *said)
{
	for (size_t i = 0; i < said->count; i++) {
		for (size_t k = 0; k < ARRAY_COUNT(causes); k++) {
			if (said->verdicts[i].id == causes[k])
				return &said->verdicts[i];
		}
	}
	return NULL;
}

/* Of one capture a packet's number is its frame's. Of two, what is said of a second arrival
 * belongs to where it arrived, and of any other packet to where it left. */
static void packet_frames(const struct score_heard *heard, const struct packet *packet,
			  uint64_t frames[static END_COUNT])
{
	for (size_t end = 0; end < END_COUNT; end++) {
		const struct lab_frames *known = &heard->run->frames[end];
		uint64_t frame = packet->way.frames[end];
		bool departs = frame > 0 && frame <= known->count && known->at[frame - 1].n > 0;
		frames[end] = departs == (packet->way.copy_of == 0) ? frame : 0;
	}
	if (heard->tap != END_COUNT) {
		memset(frames, 0, END_COUNT * sizeof(*frames));
		frames[heard->tap] = packet->n;
	}
}

static void said_keep(struct score_said *said, const struct verdict *verdicts, size_t count)
{
	said->known = true;
	said->count = count;
	memcpy(said->verdicts, verdicts, count * sizeof(*verdicts));
}

static void said_report(struct score_said *said, const struct segment *segment)
{
	struct score_report *report = &said->report;
	report->permitted = segment->tcp.options.present & OPTION_SACK_OK;
	report->window = segment->tcp.window;
	report->count = segment->tcp.options.sack_count;
	for (size_t i = 0; i < report->count; i++) {
		const uint32_t *block = segment->tcp.options.sack[i];
		report->blocks[i][0] = seq_diff(block[0], segment->tcp.ack);
		report->blocks[i][1] = seq_diff(block[1], segment->tcp.ack);
	}
}

static struct score_packet *heard_packet(struct score_heard *heard, uint64_t n)
{
	struct score_packet none = {0};
	while (heard->packets.len < n * sizeof(none)) {
		if (!buf_add(&heard->packets, &none, sizeof(none)))
			return NULL;
	}
	return (struct score_packet *)(void *)heard->packets.at + n - 1;
}

static void heard_event(void *self, const struct event *event)
{
	struct score_heard *heard = ((struct score_source *)self)->heard;
	const struct packet *packet = &event->packet;
	const struct amend *amend = &event->amend;
	struct score_packet *kept;
	if (event->kind == EVENT_PACKET) {
		kept = heard_packet(heard, packet->n);
		if (!kept)
			return;
		packet_frames(heard, packet, kept->frames);
		said_keep(&kept->said, packet->verdicts, packet->verdict_count);
		if (packet->segment.kind == SEGMENT_TCP)
			said_report(&kept->said, &packet->segment);
	} else if (event->kind == EVENT_AMEND &&
		   (amend->verdict_count > 0 || amend->cleared)) {
		kept = heard_packet(heard, amend->n);
		if (kept)
			said_keep(&kept->said, amend->verdicts, amend->verdict_count);
	}
}

static enum observed score_next(void *self, struct event *event, struct err *err)
{
	const struct observer *inner = &((struct score_source *)self)->inner.observer;
	return inner->next(inner->self, event, err);
}

static uint64_t score_watermark(void *self)
{
	const struct observer *inner = &((struct score_source *)self)->inner.observer;
	return inner->watermark(inner->self);
}

static void score_describe(void *self, struct meta *meta)
{
	const struct source *inner = &((struct score_source *)self)->inner;
	inner->describe(inner->observer.self, meta);
}

static void score_report(void *self, struct summary *summary)
{
	const struct source *inner = &((struct score_source *)self)->inner;
	inner->report(inner->observer.self, summary);
}

static bool heard_run(struct score_source *score, const struct options *options,
		      struct err *err)
{
	struct source source = score->inner;
	struct pipeline_end end;
	source.observer.self = score;
	source.observer.next = score_next;
	source.observer.watermark = score_watermark;
	source.describe = score_describe;
	source.report = score_report;
	source.hear = heard_event;
	return pipeline_run(&source, options, &end, err);
}

static bool heard_one(struct score_heard *heard, struct err *err)
{
	const char *const word = heard->run->paths[heard->tap];
	struct options options = {.words = &word, .word_count = 1, .no_outputs = true};
	struct score_source score = {.heard = heard};
	struct file_source *file = file_source_open(&options, err);
	bool done = file != NULL;
	if (done) {
		file_source_get(file, &score.inner);
		done = heard_run(&score, &options, err);
	}
	file_source_close(file);
	return done;
}

static bool heard_two(struct score_heard *heard, struct err *err)
{
	const char *const words[END_COUNT] = {heard->run->paths[END_CLIENT],
					      heard->run->paths[END_SERVER]};
	struct options options = {.words = words, .word_count = 2, .no_outputs = true};
	struct score_source score = {.heard = heard};
	struct lab_known known;
	struct ends_source *ends;
	bool done;
	lab_known_init(&known, heard->run);
	ends = ends_source_open(&options, &known.config, err);
	done = ends != NULL;
	if (done) {
		ends_source_get(ends, &score.inner);
		done = heard_run(&score, &options, err);
	}
	ends_source_close(ends);
	return done;
}

static bool heard_index(struct score_heard *heard, struct err *err)
{
	const struct score_packet *packets =
		(const struct score_packet *)(const void *)heard->packets.at;
	size_t count = heard->packets.len / sizeof(*packets);
	for (size_t end = 0; end < END_COUNT; end++) {
		heard->count[end] = heard->run->frames[end].count;
		heard->said[end] = calloc(heard->count[end] + 1, sizeof(struct score_said));
		if (!heard->said[end] || heard->packets.failed)
			return err_memory(err);
		for (size_t i = 0; i < count; i++) {
			uint64_t frame = packets[i].frames[end];
			if (frame > 0 && frame <= heard->count[end])
				heard->said[end][frame - 1] = packets[i].said;
		}
	}
	return true;
}

bool score_heard_open(struct score_heard *heard, const struct lab_run *run, int tap,
		      struct err *err)
{
	*heard = (struct score_heard){.run = run, .tap = tap};
	return (tap == END_COUNT ? heard_two(heard, err) : heard_one(heard, err)) &&
	       heard_index(heard, err);
}

const struct score_said *score_heard_of(const struct score_heard *heard, enum end tap,
					size_t frame)
{
	return frame >= 1 && frame <= heard->count[tap] ? &heard->said[tap][frame - 1] : NULL;
}

void score_heard_close(struct score_heard *heard)
{
	buf_close(&heard->packets);
	for (size_t end = 0; end < END_COUNT; end++)
		free(heard->said[end]);
	*heard = (struct score_heard){0};
}
