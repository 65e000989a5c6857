/*
 * What only the capture did: it saw a packet twice.
 *
 * Theory of operation. A packet keeps its IP identification and everything in its TCP header on
 * its whole way; a small table of the latest packets, found by all of these, finds a second
 * copy at once. What comes twice within a moment was seen twice by the capture, or sent twice
 * by the network; nobody resends that fast. The capture it was, for certain, where the copy
 * came over another interface, with another TTL (before and behind a router), or on a loopback,
 * where no network is.
 *
 * On one interface both look alike: a mirror port (SPAN) that copies what enters and what
 * leaves, or a network that duplicates. A mirror does so to nearly every packet, both ways or
 * one; a network to a few. So single copies are left to others (network-duplicate) until the
 * capture has shown that it doubles; then those before are amended.
 *
 * Equal packets that were really sent twice: ACKs and resets without an IP identification
 * (IPv6, or 0) may follow each other at once and be equal to the last bit. On one interface
 * these are copies only of a capture that doubles, and one of each. Not handled: a
 * super-segment that another interface shows in pieces.
 */
#include "verdict.h"

#define COPY_NS         NS_PER_MS    /* between two interfaces, routers between them */
#define MIRROR_NS       (500 * 1000) /* on one interface */
#define PAYLOAD_WORDS   16           /* looked at, of 4 bytes */
#define DOUBLED_LEAST   2            /* of each end … and half of all */
#define DOUBLED_ONE_WAY 8            /* or of one end, and nine of ten */

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
	return hash ^ hash >> 29;
}

/* Of a datagram, which has no numbers, and an identification that may be constant. */
static uint64_t payload_identity(const struct packet *packet, uint64_t hash)
{
	const struct segment *segment = &packet->segment;
	struct cursor bytes = cursor_init(packet->bytes, packet->byte_count);
	if (!cursor_skip(&bytes, segment->payload_offset - segment->network_offset))
		return hash;
	for (size_t i = 0; i < PAYLOAD_WORDS && cursor_left(&bytes) > 0; i++)
		hash = mix(hash,
			   cursor_left(&bytes) >= 4 ? cursor_u32(&bytes) : cursor_u8(&bytes));
	return hash;
}

/* All but the TTL that a packet keeps on its way; addresses and ports are in the key's hash. */
static uint64_t packet_identity(const struct passage *passage)
{
	const struct segment *segment = &passage->packet->segment;
	const struct tcp_options *options = &segment->tcp.options;
	uint64_t hash = mix(passage->conversation->key.hash, passage->from), numbers, stamps;
	hash = mix(hash, (uint64_t)segment->ip_id << 32 | segment->len);
	if (segment->kind != SEGMENT_TCP)
		return payload_identity(passage->packet, hash);
	/* Two by two: none waits for the one before. */
	numbers = mix((uint64_t)segment->tcp.seq << 32 | segment->tcp.ack,
		      (uint64_t)segment->tcp.flags << 48 |
			      (uint64_t)segment->tcp.window << 32 | options->present);
	stamps = (uint64_t)options->tsval << 32 | options->tsecr;
	hash = mix(mix(hash, numbers), stamps);
	for (size_t i = 0; i < options->sack_count; i++)
		hash = mix(hash, (uint64_t)options->sack[i][0] << 32 | options->sack[i][1]);
	return hash;
}

/* Nothing in it tells it from another one like it. */
static bool packet_is_plain(const struct passage *passage)
{
	const struct segment *segment = &passage->packet->segment;
	if (segment->ip_id)
		return false;
	return segment->kind != SEGMENT_TCP || passage->end == passage->start;
}

/* Does the capture double what passes? See above. */
static bool artefacts_double(const struct artefacts *artefacts)
{
	const uint64_t *seen = artefacts->seen, *doubled = artefacts->doubled;
	uint64_t all = seen[END_CLIENT] + seen[END_SERVER];
	if (doubled[END_CLIENT] >= DOUBLED_LEAST && doubled[END_SERVER] >= DOUBLED_LEAST &&
	    2 * (doubled[END_CLIENT] + doubled[END_SERVER]) >= all)
		return true;
	for (size_t end = 0; end < END_COUNT; end++) {
		if (doubled[end] >= DOUBLED_ONE_WAY && 10 * doubled[end] >= 9 * seen[end])
			return true;
	}
	return false;
}

/* It may have been sent twice, or seen twice: who doubled it will be known later. */
static void suspect_add(struct passage *passage, const struct recent *recent, uint64_t gap_ns)
{
	struct artefacts *artefacts = &passage->tracker->artefacts;
	if (artefacts->suspect_count == SUSPECTS_MAX)
		return;
	artefacts->suspects[artefacts->suspect_count++] = (struct suspect){
		.n = passage->packet->n,
		.of = recent->n,
		.gap_ns = gap_ns,
		.conversation = passage->conversation,
		.number = passage->conversation->number,
	};
}

/* A second copy on one interface. */
static bool copy_is_mirrored(struct passage *passage, struct recent *recent, uint64_t gap_ns)
{
	const struct conversation *c = passage->conversation;
	struct artefacts *artefacts = &passage->tracker->artefacts;
	bool plain = packet_is_plain(passage);
	if (gap_ns > MIRROR_NS)
		return false;
	/* The other end said something since, which may have asked for it again. */
	if (!passage->packet->segment.ip_id &&
	    recent->answers != c->side[!passage->from].packets)
		return false;
	recent->copied = true;
	if (c->near[END_CLIENT] && c->near[END_SERVER])
		return !plain;
	if (!plain)
		artefacts->doubled[passage->from]++;
	if (artefacts_double(artefacts))
		return true;
	if (!plain)
		suspect_add(passage, recent, gap_ns);
	return false;
}

static void recent_keep(struct passage *passage, struct recent *recent, uint64_t identity)
{
	const struct packet *packet = passage->packet;
	*recent = (struct recent){
		.identity = identity,
		.ns = passage->event->ns,
		.n = packet->n,
		.answers = passage->conversation->side[!passage->from].packets,
		.interface = packet->interface,
		.ttl = packet->segment.ttl,
	};
	if (!packet_is_plain(passage))
		passage->tracker->artefacts.seen[passage->from]++;
}

bool artefact_seen(struct passage *passage)
{
	const struct packet *packet = passage->packet;
	uint64_t identity, ns = passage->event->ns, gap_ns;
	struct recent *recent;
	struct verdict *verdict;
	bool elsewhere, copied;
	if (packet->way.known || packet->aggregated || packet->fragment_count)
		return false; /* two vantages, or a packet that has no way of its own */
	identity = packet_identity(passage);
	recent = &passage->tracker->artefacts.recent[identity % RECENT_SLOTS];
	gap_ns = ns > recent->ns ? ns - recent->ns : recent->ns - ns;
	if (recent->identity != identity || !recent->n || gap_ns > COPY_NS) {
		recent_keep(passage, recent, identity);
		return false;
	}
	elsewhere =
		recent->interface != packet->interface || recent->ttl != packet->segment.ttl;
	copied = recent->copied && packet_is_plain(passage);
	if (!elsewhere && (copied || !copy_is_mirrored(passage, recent, gap_ns))) {
		if (copied || !recent->copied) /* a third, or no copy after all */
			recent_keep(passage, recent, identity);
		return false;
	}
	verdict = verdict_add(passage, VERDICT_CAPTURE_DUPLICATE);
	if (verdict) {
		verdict->of = recent->n;
		verdict_fact(verdict, FACT_GAP, (int64_t)gap_ns);
	}
	return true;
}

/* What it was given before was wrong: it is counted as what it is. */
static void suspect_recount(struct tracker *tracker, const struct suspect *suspect)
{
	struct conversation *c = suspect->conversation;
	bool open = c->number == suspect->number;
	for (size_t i = 0; i < suspect->verdict_count; i++) {
		tracker->summary.verdicts[suspect->verdicts[i]]--;
		if (open)
			c->verdicts[suspect->verdicts[i]]--;
	}
	tracker->summary.verdicts[VERDICT_CAPTURE_DUPLICATE]++;
	if (open)
		c->verdicts[VERDICT_CAPTURE_DUPLICATE]++;
}

static bool suspects_amend(struct passage *passage)
{
	struct artefacts *artefacts = &passage->tracker->artefacts;
	size_t count = artefacts->suspect_count;
	artefacts->suspect_count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct suspect *suspect = &artefacts->suspects[i];
		struct event event = {
			.kind = EVENT_AMEND,
			.ns = passage->event->ns,
			.conv = suspect->number,
			.vantage = passage->event->vantage,
			.amend = {.n = suspect->n,
				  .because = passage->packet->n,
				  .verdict_count = 1},
		};
		struct verdict *verdict = &event.amend.verdicts[0];
		verdict->id = VERDICT_CAPTURE_DUPLICATE;
		verdict->sure = SURE_LIKELY;
		verdict->of = suspect->of;
		verdict_fact(verdict, FACT_GAP, (int64_t)suspect->gap_ns);
		suspect_recount(passage->tracker, suspect);
		if (!tracker_emit(passage->tracker, &event))
			return false;
	}
	return true;
}

bool artefact_tells(struct passage *passage)
{
	struct artefacts *artefacts = &passage->tracker->artefacts;
	const struct packet *packet = passage->packet;
	struct suspect *latest;
	if (artefacts->suspect_count == 0)
		return true;
	latest = &artefacts->suspects[artefacts->suspect_count - 1];
	if (latest->n == packet->n) {
		latest->verdict_count = packet->verdict_count;
		for (size_t i = 0; i < packet->verdict_count; i++)
			latest->verdicts[i] = packet->verdicts[i].id;
	}
	return !artefacts_double(artefacts) || suspects_amend(passage);
}
