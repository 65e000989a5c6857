#include "verdict.h"

#include <stdlib.h>
#include <string.h>

/* A conversation's life: opened by its first packet, kept in a list by how far it has come,
 * closed by lingering, letting go, a new SYN on its ports or the end of the input. */

#define LIST_GRAIN_NS NS_PER_S /* order to the second: moving costs three cache lines */

static struct conversation *conversation_at(const struct shard *shard, uint32_t index)
{
	return pool_at(&shard->conversations, index);
}

static void list_take_out(struct shard *shard, struct conversation *c)
{
	if (c->previous)
		conversation_at(shard, c->previous)->next = c->next;
	else
		shard->lists[c->list].first = c->next;
	if (c->next)
		conversation_at(shard, c->next)->previous = c->previous;
	else
		shard->lists[c->list].last = c->previous;
}

static void list_append(struct shard *shard, struct conversation *c, uint32_t index)
{
	c->previous = shard->lists[c->list].last;
	c->next = 0;
	if (c->previous)
		conversation_at(shard, c->previous)->next = index;
	else
		shard->lists[c->list].first = index;
	shard->lists[c->list].last = index;
}

uint32_t conversation_index(const struct shard *shard, const struct conversation *c)
{
	if (c->previous)
		return conversation_at(shard, c->previous)->next;
	return shard->lists[c->list].first;
}

void conversation_list(struct shard *shard, struct conversation *c, enum list_kind list)
{
	uint32_t index = conversation_index(shard, c);
	list_take_out(shard, c);
	c->list = list;
	c->listed_ns = c->active_ns;
	list_append(shard, c, index);
}

/* Finished ones are few and their order decides when they are written: always exact. */
void conversation_touch(struct passage *passage)
{
	struct conversation *c = passage->conversation;
	if (passage->event->ns > c->last_ns)
		c->last_ns = passage->event->ns;
	c->active_ns = passage->tracker->now_ns;
	if (c->list == LIST_FINISHED ? c->active_ns != c->listed_ns
				     : c->active_ns - c->listed_ns > LIST_GRAIN_NS)
		conversation_list(passage->shard, c, c->list);
}

/* Who is the client? The sender of the SYN, else the receiver of the SYN-ACK, else the higher
 * port, else the first sender (timeline.md). UDP: the first sender. */
static bool first_is_client(const struct segment *segment)
{
	uint16_t flags = segment->tcp.flags;
	if (segment->kind == SEGMENT_UDP)
		return true;
	if (flags & TCP_SYN)
		return !(flags & TCP_ACK);
	return segment->ends.sport >= segment->ends.dport;
}

/* Which end sends a packet with these two? */
enum end conversation_from(const struct conversation *c, const struct tuple *ends)
{
	bool client = ends->sport == c->ends.port[END_CLIENT] &&
		      addr_equal(&ends->src, &c->ends.addr[END_CLIENT]);
	return client ? END_CLIENT : END_SERVER;
}

static void conversation_begin(struct conversation *c, const struct event *event)
{
	const struct segment *segment = &event->packet.segment;
	enum end source = first_is_client(segment) ? END_CLIENT : END_SERVER;
	c->ends.udp = segment->kind == SEGMENT_UDP;
	c->ends.addr[source] = segment->ends.src;
	c->ends.port[source] = segment->ends.sport;
	c->ends.addr[!source] = segment->ends.dst;
	c->ends.port[!source] = segment->ends.dport;
	c->opened = !c->ends.udp && segment->tcp.flags & TCP_SYN ? OPENED_HANDSHAKE
								 : OPENED_MID_CAPTURE;
	c->list = c->opened == OPENED_HANDSHAKE ? LIST_HALF_OPEN : LIST_OPEN;
	c->side[END_CLIENT].fin = c->side[END_SERVER].fin = -1;
	c->side[END_CLIENT].fin_acked_shown = c->side[END_SERVER].fin_acked_shown = -1;
}

static bool tracker_is_at(const struct tracker *tracker, const struct addr *addr)
{
	for (size_t i = 0; i < tracker->config.local_count; i++) {
		if (addr_equal(&tracker->config.local[i], addr))
			return true;
	}
	return tracker->config.taps_at_both_ends;
}

/* At which ends is the tap? Both, where two loopback addresses talk. */
static void conversation_place(const struct tracker *tracker, struct conversation *c)
{
	bool loopback = addr_is_loopback(&c->ends.addr[END_CLIENT]) &&
			addr_is_loopback(&c->ends.addr[END_SERVER]);
	for (size_t end = 0; end < END_COUNT; end++)
		c->near[end] = loopback || tracker_is_at(tracker, &c->ends.addr[end]);
}

static bool conversation_announce(struct tracker *tracker, const struct conversation *c,
				  const struct event *packet)
{
	struct event event = {
		.kind = EVENT_CONVERSATION,
		.ns = packet->ns,
		.conv = c->number,
		.vantage = packet->vantage,
		.conversation = c->ends,
	};
	return tracker_emit(tracker, &event);
}

/* Makes room in a full shard: finished ones go first, then half-open, then idle ones. */
static bool conversation_evict(struct tracker *tracker, struct shard *shard)
{
	for (size_t list = 0; list < LIST_COUNT; list++) {
		uint32_t index = shard->lists[list].first;
		if (!index)
			continue;
		if (list != LIST_FINISHED)
			conversation_at(shard, index)->ended = ENDED_EVICTED;
		tracker->summary.evicted++;
		return conversation_close(tracker, shard, index);
	}
	return false;
}

struct conversation *conversation_open(struct passage *passage, const struct flow_key *key)
{
	struct tracker *tracker = passage->tracker;
	struct shard *shard = passage->shard;
	struct conversation *c;
	uint32_t index;
	if (shard->count >= shard->max && !conversation_evict(tracker, shard))
		return NULL;
	index = pool_take(&shard->conversations);
	if (!index)
		return NULL;
	c = conversation_at(shard, index);
	c->key = *key;
	c->number = ++tracker->conversations;
	c->first_ns = c->last_ns = passage->event->ns;
	c->active_ns = c->listed_ns = tracker->now_ns;
	conversation_begin(c, passage->event);
	conversation_place(tracker, c);
	list_append(shard, c, index);
	if (!flow_add(tracker, shard, index))
		return NULL;
	return conversation_announce(tracker, c, passage->event) ? c : NULL;
}

/* Its sender gave up: the oldest outstanding bytes were sent again and again, and when the next
 * copy was due (back-off doubles the wait, RFC 6298 5.5) none came. */
static bool side_gave_up(const struct side *side, uint64_t now_ns)
{
	return side->resend_gap_ns && side->sent_unacked &&
	       now_ns > side->sent_ns + 2 * side->resend_gap_ns + side->resend_gap_ns / 2;
}

static void closed_side(const struct conversation *c, enum end end, struct closed *closed)
{
	const struct side *side = &c->side[end];
	closed->packets[end] = side->packets;
	closed->bytes[end] = side->bytes;
	closed->near[end] = c->near[end];
	closed->isn[end] = side->isn;
	closed->isn_known[end] = side->isn_known;
	closed->isn_assumed[end] = side->isn_assumed;
	closed->options[end] = side->options;
	closed->rtt[end] = side->rtt;
	closed->data_first_ns[end] = side->data_first_ns;
	closed->data_last_ns[end] = side->data_last_ns;
}

static void closed_fill(const struct shard *shard, const struct conversation *c,
			uint64_t now_ns, struct closed *closed)
{
	*closed = (struct closed){
		.ends = c->ends,
		.first_ns = c->first_ns,
		.last_ns = c->last_ns,
		.opened = c->opened,
		.ended = c->ended,
		.syn = c->handshake_syn_n,
		.synack = c->handshake_synack_n,
		.ack = c->handshake_ack_n,
		.handshake_rtt_ns = c->handshake_rtt_ns,
	};
	closed_side(c, END_CLIENT, closed);
	closed_side(c, END_SERVER, closed);
	closed->crossed = c->crossing != 0;
	closed->lost = crossing_lost(shard, c);
	memcpy(closed->verdicts, c->verdicts, sizeof(closed->verdicts));
	closed->place = place_of(c, closed->place_why);
	if (c->ended == ENDED_OPEN && !c->ends.udp &&
	    (side_gave_up(&c->side[END_CLIENT], now_ns) ||
	     side_gave_up(&c->side[END_SERVER], now_ns)))
		closed->ended = ENDED_TIMEOUT;
}

/* Writes `closed` and forgets. False when the sink failed; it is forgotten all the same. */
bool conversation_close(struct tracker *tracker, struct shard *shard, uint32_t index)
{
	struct conversation *c = conversation_at(shard, index);
	struct closed closed;
	struct event event = {.kind = EVENT_CLOSED, .ns = c->last_ns, .conv = c->number};
	bool told;
	told = datagrams_close(tracker, c);
	closed_fill(shard, c, tracker->now_ns, &closed);
	event.closed = &closed;
	told = tracker_emit(tracker, &event) && told;
	quality_closes(tracker, c);
	crossing_forget(shard, c);
	for (size_t end = 0; end < END_COUNT; end++) {
		sent_forget(shard, &c->side[end]);
		holes_forget(shard, &c->side[end]);
		sender_forget(shard, &c->side[end]);
		amends_forget(shard, &c->side[end]);
		if (!c->ends.udp)
			scoreboard_forget(shard, &c->side[end]);
	}
	if (tracker->latest == c)
		tracker->latest = NULL;
	list_take_out(shard, c);
	flow_remove(tracker, shard, index);
	c->number = 0; /* what is still under way to it comes to nobody */
	pool_give(&shard->conversations, index);
	return told;
}

struct due { /* a conversation to be closed, and where it is */
	uint32_t number, index;
	struct shard *shard;
};

static int due_compare(const void *a, const void *b)
{
	const struct due *x = a, *y = b;
	return (x->number > y->number) - (x->number < y->number);
}

static bool dues_close(struct tracker *tracker, struct buf *dues)
{
	struct due *due = (struct due *)(void *)dues->at;
	size_t count = dues->len / sizeof(*due);
	bool told = !dues->failed;
	if (count > 0)
		qsort(due, count, sizeof(*due), due_compare);
	for (size_t i = 0; i < count; i++)
		told = conversation_close(tracker, due[i].shard, due[i].index) && told;
	buf_close(dues);
	return told;
}

/* The first of a shard's finished ones that are due; the rest say when the next look is worth
 * it. */
static void shard_dues(struct tracker *tracker, struct shard *shard, struct buf *dues)
{
	uint32_t index = shard->lists[LIST_FINISHED].first;
	while (index) {
		struct conversation *c = conversation_at(shard, index);
		struct due due = {c->number, index, shard};
		uint64_t at = c->active_ns + LINGER_NS;
		if (at >= tracker->now_ns) {
			if (at < tracker->linger_ns)
				tracker->linger_ns = at;
			return;
		}
		buf_add(dues, &due, sizeof(due));
		index = c->next;
	}
}

/* Called with every packet's time, before its record. */
bool conversations_expire(struct tracker *tracker, uint64_t now_ns)
{
	struct buf dues = {0};
	if (now_ns > tracker->now_ns)
		tracker->now_ns = now_ns;
	if (tracker->now_ns <= tracker->linger_ns)
		return true;
	tracker->linger_ns = UINT64_MAX;
	for (size_t i = 0; i < SHARD_COUNT; i++)
		shard_dues(tracker, &tracker->shards[i], &dues);
	return dues_close(tracker, &dues);
}

bool conversations_finish(struct tracker *tracker)
{
	struct buf dues = {0};
	for (size_t i = 0; i < SHARD_COUNT; i++) {
		struct shard *shard = &tracker->shards[i];
		for (size_t list = 0; list < LIST_COUNT; list++) {
			for (uint32_t index = shard->lists[list].first; index;) {
				struct conversation *c = conversation_at(shard, index);
				struct due due = {c->number, index, shard};
				buf_add(&dues, &due, sizeof(due));
				index = c->next;
			}
		}
	}
	return dues_close(tracker, &dues);
}
