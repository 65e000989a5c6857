/*
 * Theory of operation
 *
 * Was it needed that a packet was sent again? It was if it brings a number that nothing sent
 * before had brought; it was not if its receiver had accepted all of it by then. Where both
 * ends are tapped the first is seen. But to arrive is not to be accepted: a receiver without
 * room drops what comes (RFC 9293 3.10.7.4), and one whose queue is full, or that is not there,
 * leaves a SYN without an answer. What a receiver accepted its ACKs and SACKs say when they
 * leave it.
 *
 * What arrived and was not acknowledged yet is taken to be accepted while that may be: an ACK
 * is late by as much as a round trip. Later, or where it lies beyond the window that is now
 * offered, it stays open. For bytes that were next in order it is settled by the ACK that
 * covers them: it left before the copy came, and the copy was needless; or it left after, and
 * another that left late enough still awaited them: then the copy brought them.
 *
 * A window can only be held against bytes where its scale is known. A D-SACK and an echoed
 * timestamp tell more (amends.c).
 */
#include "least.h"
#include "verdict.h"

#define LATE_LEAST_NS (10 * NS_PER_MS) /* a busy host takes that long to answer */

static struct receiver *receiver_of(const struct passage *passage, enum end end)
{
	return &crossing_at(passage->shard, passage->conversation)->at[end];
}

/* An ACK that leaves this long after bytes arrived would cover them, had they been taken. */
static uint64_t needed_late_ns(const struct conversation *c, const struct side *side)
{
	uint64_t rtt_ns = side->rtt.samples ? side->rtt.min_ns : c->handshake_rtt_ns;
	return rtt_ns > LATE_LEAST_NS ? rtt_ns : LATE_LEAST_NS;
}

/* Has this end said so, by its ACK or by SACKs? */
bool needed_accepted(const struct shard *shard, const struct side *self, int64_t start,
		     int64_t end)
{
	if (self->rcv_nxt >= end)
		return true;
	start = most(start, self->rcv_nxt);
	for (uint32_t i = self->answers.islands; i;) {
		const struct hole *island = pool_at(&shard->holes, i);
		if (island->start <= start && island->end >= end)
			return true;
		i = island->next;
	}
	return false;
}

static bool needed_beyond_window(const struct side *peer, int64_t end)
{
	return peer->window_known && end > peer->rcv_nxt + (int64_t)peer->window;
}

struct earlier { /* what brought any of it before */
	uint64_t came_ns; /* the latest that arrives; 0: none */
	bool unsure;      /* one may have arrived, and nobody saw */
	bool in_syn;      /* data of a SYN: its answer says what is taken (RFC 7413 3) */
};

/* It came in order so long ago that an ACK which awaits it at `ns` does so because it was not
 * taken. earlier->came_ns: by when it had all come. */
static bool needed_is_due(const struct passage *passage, struct earlier *earlier, uint64_t ns)
{
	const struct conversation *c = passage->conversation;
	const struct receiver *receiver = receiver_of(passage, !passage->from);
	uint64_t late_ns = needed_late_ns(c, &c->side[passage->from]);
	if (earlier->in_syn && c->side[!passage->from].rcv_nxt > 0)
		late_ns = 0;
	for (size_t i = 0; i < ARRAY_COUNT(receiver->grew); i++) {
		const struct growth *grew = &receiver->grew[i];
		uint64_t last_ns =
			grew->last_ns > earlier->came_ns ? grew->last_ns : earlier->came_ns;
		if (!grew->last_ns || grew->next < passage->data_end || ns < last_ns + late_ns)
			continue;
		earlier->came_ns = last_ns;
		return true;
	}
	return false;
}

/* All of it comes. */
static enum needed needed_of_what_comes(struct passage *passage, struct earlier *earlier)
{
	const struct packet *packet = passage->packet;
	uint64_t ns = packet->way.arrives_ns ? packet->way.arrives_ns : passage->event->ns;
	if (needed_is_due(passage, earlier, ns))
		passage->refused_ns = earlier->came_ns;
	else if (!needed_beyond_window(&passage->conversation->side[!passage->from],
				       passage->end))
		return NEEDED_NO;
	return NEEDED_UNKNOWN;
}

/* What has arrived in order grows: the time goes in steps, as long as an ACK may be late. */
void needed_grows(const struct passage *passage)
{
	struct receiver *receiver = receiver_of(passage, !passage->from);
	const struct conversation *c = passage->conversation;
	struct growth *grew = receiver->grew;
	uint64_t ns = passage->event->ns;
	if (grew->last_ns && receiver->came.next <= grew->next)
		return;
	if (ns > grew->from_ns + needed_late_ns(c, &c->side[passage->from])) {
		grew[1] = grew[0];
		grew->from_ns = ns;
	}
	grew->next = receiver->came.next;
	grew->last_ns = ns;
}

static struct earlier needed_earlier(const struct passage *passage, const struct side *side)
{
	struct earlier earlier = {0};
	const struct sent *item = NULL;
	while ((item = sent_next(passage->shard, side, item))) {
		if (item->end <= passage->start || item->start >= passage->end)
			continue;
		earlier.unsure = earlier.unsure || item->unsure;
		earlier.in_syn = earlier.in_syn || (item->start == 0 && passage->start > 0);
		if (item->arrives_ns > earlier.came_ns)
			earlier.came_ns = item->arrives_ns;
	}
	return earlier;
}

/* Before the packet itself is among what is coming. */
enum needed needed_asks(struct passage *passage, const struct side *side)
{
	const struct reach *coming = &receiver_of(passage, !passage->from)->coming;
	struct earlier earlier;
	if (needed_accepted(passage->shard, &passage->conversation->side[!passage->from],
			    passage->start, passage->end))
		return NEEDED_NO;
	earlier = needed_earlier(passage, side);
	if (reach_has(passage->shard, coming, passage->start, passage->end))
		return needed_of_what_comes(passage, &earlier);
	if (earlier.unsure || coming->full || passage->start < coming->first)
		return NEEDED_UNKNOWN;
	return NEEDED_YES;
}

bool needed_was_refused(const struct passage *passage, const struct resent *resent)
{
	const struct side *side = &passage->conversation->side[!passage->from];
	uint64_t said_ns = receiver_of(passage, passage->from)->said_ns;
	return resent->start == 0 ||
	       said_ns > resent->refused_ns + needed_late_ns(passage->conversation, side);
}

/* It arrives. */
void needed_comes(struct passage *passage)
{
	struct reach *coming = &receiver_of(passage, !passage->from)->coming;
	if (passage->end > passage->start && !(passage->packet->segment.tcp.flags & TCP_RST))
		reach_takes(passage->shard, coming, passage->start, passage->end);
}

/* The packet is under way, or lost. */
void needed_departs(struct passage *passage)
{
	const struct packet *packet = passage->packet;
	uint16_t flags = packet->segment.tcp.flags;
	if (flags & TCP_ACK && !passage->stray)
		receiver_of(passage, passage->from)->said_ns = passage->event->ns;
	if (passage->end > passage->start && !(flags & TCP_RST))
		reach_begins(&receiver_of(passage, !passage->from)->coming, passage->start);
	if (sent_arrives(packet))
		needed_comes(passage);
}
