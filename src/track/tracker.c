#include "verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define MEMORY_DEFAULT (UINT64_C(256) << 20)

bool tracker_emit(struct tracker *tracker, const struct event *event)
{
	return tracker->sink.take(tracker->sink.context, event);
}

bool tracker_note(struct tracker *tracker, uint64_t ns, enum note_code code, const char *text)
{
	struct event event = {
		.kind = EVENT_NOTE, .ns = ns, .note = {.code = code, .warning = true}};
	snprintf(event.note.text, sizeof(event.note.text), "%s", text);
	return tracker_emit(tracker, &event);
}

#define SENTS_A_HOLE   4 /* so many segments are remembered for each hole … */
#define SENTS_A_RESENT 16 /* … and for each that was sent again */

/* Half of a shard's share of the memory is for conversations with their slots and the shadows
 * of both senders, half for what they remember of segments. Every shard can hold a few, however
 * small the cap. */
static void shard_init(struct shard *shard, size_t share_bytes)
{
	size_t each = sizeof(struct conversation) + END_COUNT * sizeof(struct sender) +
		      sizeof(struct crossing) + 4 * sizeof(struct slot);
	size_t remembered = sizeof(struct sent) + sizeof(struct hole) / SENTS_A_HOLE +
			    sizeof(struct resent) / SENTS_A_RESENT;
	size_t conversations = share_bytes / 2 / each + 4;
	size_t sents = share_bytes / 2 / remembered + 64;
	*shard = (struct shard){.max = (uint32_t)(conversations < UINT32_MAX / 4
							  ? conversations
							  : UINT32_MAX / 4)};
	pool_init(&shard->conversations, sizeof(struct conversation), 0);
	pool_init(&shard->sents, sizeof(struct sent), sents);
	pool_init(&shard->holes, sizeof(struct hole), sents / SENTS_A_HOLE);
	pool_init(&shard->crossings, sizeof(struct crossing), 0);
	pool_init(&shard->resents, sizeof(struct resent), sents / SENTS_A_RESENT);
	pool_init(&shard->senders, sizeof(struct sender), END_COUNT * (size_t)shard->max);
}

struct tracker *tracker_open(const struct tracker_config *config, struct sink sink,
			     struct err *err)
{
	struct tracker *tracker = calloc(1, sizeof(*tracker));
	size_t memory = config->max_memory_bytes ? config->max_memory_bytes : MEMORY_DEFAULT;
	if (!tracker) {
		err_memory(err);
		return NULL;
	}
	tracker->config = *config;
	tracker->sink = sink;
	tracker->linger_ns = UINT64_MAX;
	if (getrandom(&tracker->seed, sizeof(tracker->seed), GRND_NONBLOCK) < 0)
		tracker->seed = clock_now_ns();
	for (size_t i = 0; i < SHARD_COUNT; i++)
		shard_init(&tracker->shards[i], memory / SHARD_COUNT);
	return tracker;
}

static void count_add(struct count *count, uint32_t bytes)
{
	count->packets++;
	count->bytes += bytes;
}

/* What nobody here can read is counted by what it says it is; the table has a cap, and what
 * comes after the first kinds is still in `other`. */
static void unknown_add(struct summary *summary, const struct packet *packet)
{
	struct unknown_kind *kind = summary->unknown;
	const struct segment *segment = &packet->segment;
	size_t i = 0;
	while (i < summary->unknown_count && (kind[i].layer != segment->other.layer ||
					      kind[i].number != segment->other.number))
		i++;
	if (i == UNKNOWN_KINDS)
		return;
	if (i == summary->unknown_count) {
		kind[i] = (struct unknown_kind){
			segment->other.layer, segment->other.number, {0, 0}};
		summary->unknown_count++;
	}
	count_add(&kind[i].count, packet->len);
}

static bool other_packet(struct tracker *tracker, struct event *event)
{
	unknown_add(&tracker->summary, &event->packet);
	return tracker_emit(tracker, event);
}

/* A datagram joined from fragments, each of which was counted as it came, counts once more as
 * what it is, by its own length. */
static void packet_count(struct tracker *tracker, const struct packet *packet)
{
	struct summary *summary = &tracker->summary;
	if (packet->fragment_count == 0 && !packet->aggregated)
		count_add(&summary->all, packet->len);
	count_add(&tracker->kinds[packet->segment.kind], packet->len);
	for (uint32_t flaws = packet->segment.flaws; flaws; flaws &= flaws - 1)
		summary->flaws[__builtin_ctz(flaws)]++; /* the lowest that is left */
}

static void packet_blank(struct packet *packet)
{
	packet->from = END_CLIENT;
	packet->seq = packet->ack = 0;
	packet->window = packet->flight = packet->rtt_ns = packet->quotes = 0;
	packet->scale_unknown = packet->dsack = false;
	packet->verdict_count = 0;
}

bool tracker_packet(struct tracker *tracker, struct event *event)
{
	static bool (*const passes[])(struct tracker *, struct event *) = {
		[SEGMENT_OTHER] = other_packet,       [SEGMENT_TCP] = tcp_packet,
		[SEGMENT_UDP] = udp_packet,           [SEGMENT_ICMP] = icmp_packet,
		[SEGMENT_FRAGMENT] = fragment_packet,
	};
	uint64_t evicted = tracker->summary.evicted;
	if (tracker->summary.all.packets == 0)
		tracker->first_ns = event->ns;
	packet_blank(&event->packet);
	event->conv = 0;
	packet_count(tracker, &event->packet);
	if (event->packet.fragment_count)
		fragment_joined(tracker, &event->packet);
	quality_sees(tracker, event);
	if ((tracker->crossings.count > 0 && !crossings_arrive(tracker, event->ns)) ||
	    !conversations_expire(tracker, event->ns) ||
	    !passes[event->packet.segment.kind](tracker, event))
		return false;
	if (tracker->summary.evicted == evicted || tracker->memory_noted)
		return true;
	tracker->memory_noted = true;
	return tracker_note(
		tracker, event->ns, NOTE_TABLE_FULL,
		"The table of conversations is full: the oldest are closed early from here "
		"on (evicted). --max-memory makes it larger.");
}

bool tracker_amend(struct tracker *tracker, struct event *amend)
{
	return crossings_arrive(tracker, amend->ns) && crossing_amend(tracker, amend);
}

bool tracker_reaches(struct tracker *tracker, uint64_t ns)
{
	return crossings_arrive(tracker, ns);
}

bool tracker_finish(struct tracker *tracker)
{
	return crossings_arrive(tracker, UINT64_MAX) && fragments_finish(tracker) &&
	       conversations_finish(tracker);
}

void tracker_summary(const struct tracker *tracker, struct summary *summary)
{
	const struct summary mine = tracker->summary;
	summary->all = mine.all;
	summary->tcp = tracker->kinds[SEGMENT_TCP];
	summary->udp = tracker->kinds[SEGMENT_UDP];
	summary->icmp = tracker->kinds[SEGMENT_ICMP];
	summary->fragments = tracker->kinds[SEGMENT_FRAGMENT];
	summary->other = tracker->kinds[SEGMENT_OTHER];
	summary->unknown_count = mine.unknown_count;
	memcpy(summary->unknown, mine.unknown, sizeof(mine.unknown));
	memcpy(summary->verdicts, mine.verdicts, sizeof(mine.verdicts));
	quality_sentences(tracker, summary);
	memcpy(summary->flaws, mine.flaws, sizeof(mine.flaws));
	summary->conversations = tracker->conversations;
	summary->evicted = mine.evicted;
	if (mine.all.packets)
		summary->elapsed_ns = tracker->now_ns - tracker->first_ns;
}

void tracker_close(struct tracker *tracker)
{
	if (!tracker)
		return;
	for (size_t i = 0; i < SHARD_COUNT; i++) {
		struct shard *shard = &tracker->shards[i];
		free(shard->slots);
		pool_close(&shard->conversations);
		pool_close(&shard->sents);
		pool_close(&shard->holes);
		pool_close(&shard->crossings);
		pool_close(&shard->senders);
		pool_close(&shard->resents);
	}
	free(tracker->crossings.heap);
	free(tracker->crossings.given_up);
	free(tracker);
}
