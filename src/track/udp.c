#include "verdict.h"

/* UDP has no states; a conversation is whatever two ends send each other (RFC 768). */

/* A reply's round-trip time is known only where one datagram alone can have caused it. Where
 * both ends were tapped it takes until the reply arrives, and what was lost caused none. */
static void udp_rtt(struct passage *passage)
{
	struct side *self = &passage->conversation->side[passage->from];
	struct side *peer = &passage->conversation->side[!passage->from];
	const struct way *way = &passage->packet->way;
	uint64_t ns = way->known ? way->arrives_ns : passage->event->ns;
	if (way->lost)
		return;
	if (passage->from == END_SERVER && peer->unanswered == 1 && ns > peer->sent_ns) {
		passage->packet->rtt_ns = ns - peer->sent_ns;
		side_rtt(peer, passage->packet->rtt_ns);
	}
	peer->unanswered = 0;
	self->unanswered++;
	self->sent_ns = passage->event->ns;
}

static void udp_sends(struct passage *passage)
{
	struct side *self = &passage->conversation->side[passage->from];
	const struct segment *segment = &passage->packet->segment;
	const struct packet *packet = passage->packet;
	struct sent *item;
	self->packets++;
	self->bytes += segment->len;
	if (!self->data_first_ns)
		self->data_first_ns = passage->event->ns;
	if (passage->event->ns > self->data_last_ns)
		self->data_last_ns = passage->event->ns;
	item = sent_add(passage->shard, self);
	if (item) {
		item->start = segment->ip_id;
		item->end = segment->len;
		item->n = packet->n;
		item->ns = packet->way.arrives_ns ? packet->way.arrives_ns : passage->event->ns;
		item->resent = packet->verdict_count > 0; /* what a verdict would replace */
	}
	/* Nothing is ever acknowledged: kept for ICMP's quotes only. */
	self->sent_unacked = self->sent_open = 0;
}

bool udp_packet(struct tracker *tracker, struct event *event)
{
	struct passage passage;
	bool received = true;
	const struct tuple *ends = &event->packet.segment.ends;
	struct conversation *c;
	struct flow_key key;
	passage_begin(&passage, tracker, event);
	c = flow_find(tracker, ends, &key);
	passage.shard = flow_shard(tracker, &key);
	if (!c)
		c = conversation_open(&passage, &key);
	if (!c)
		return false;
	passage.conversation = c;
	passage.from = conversation_from(c, ends);
	event->conv = c->number;
	event->packet.from = passage.from;
	if (event->packet.way.known && !crossing_begin(&passage, &received))
		return false;
	if (!event->packet.way.copy_of && artefact_seen(&passage)) {
		conversation_touch(&passage);
		return tracker_emit(tracker, event) && artefact_tells(&passage);
	}
	datagram_sends(&passage);
	if (!event->packet.way.copy_of) {
		udp_rtt(&passage);
		udp_sends(&passage);
	}
	conversation_touch(&passage);
	return tracker_emit(tracker, event) && artefact_tells(&passage) &&
	       datagram_tells(&passage) &&
	       (!event->packet.way.known || crossing_departs(&passage));
}
