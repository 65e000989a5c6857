#include "verdict.h"

/* One end of a TCP conversation: what it sent, what was acknowledged, what is outstanding. */

/* The position that this raw number means: of all that are equal modulo 2^32 the one nearest to
 * where the end has come (RFC 9293 3.4). */
int64_t side_relative(const struct side *side, uint32_t raw)
{
	int64_t near = side->una > side->high ? side->una : side->high;
	return near + seq_diff(raw, side->isn + (uint32_t)near);
}

/* The end's numbers begin here, perhaps anew: a SYN-ACK may bring another initial number. */
void side_begin(struct side *side, uint32_t isn, bool assumed)
{
	side->isn = isn;
	side->isn_known = true;
	side->isn_assumed = assumed;
	side->low = side->high = side->una = 0;
	side->una_known = false;
	side->fin = side->fin_acked_shown = -1;
}

/* A SYN or SYN-ACK with the number that this end's last one had is that one again. */
static bool side_sends_syn(struct passage *passage, struct side *side)
{
	bool answers = passage->packet->segment.tcp.flags & TCP_ACK;
	uint64_t *seen = answers ? &side->synack_n : &side->syn_n;
	bool again = *seen;
	if (!again) {
		*seen = passage->packet->n;
		side->repeats = 0;
	}
	if (!(passage->packet->segment.flaws & FLAW_BAD_CHECKSUM) &&
	    !passage->packet->way.known)
		side->syn_heard_n = passage->packet->n;
	side->options = passage->packet->segment.tcp.options;
	return again;
}

static bool side_sends_fin(struct passage *passage, struct side *side)
{
	bool again = side->fin == passage->data_end;
	if (!again) {
		side->fin = passage->data_end;
		side->repeats = 0;
		side->fin_n = passage->packet->n;
		side->fin_acked_n = 0;
		side->fin_acked_shown = -1;
	}
	return again;
}

/* A damaged segment may carry any number: beyond what the other end's window admits it says
 * nothing about where its sender is. */
static bool side_is_wild(const struct passage *passage, const struct side *side)
{
	const struct side *peer = &passage->conversation->side[!passage->from];
	int64_t room = peer->window_known ? (int64_t)peer->window : UINT16_MAX;
	return passage->packet->segment.flaws & FLAW_BAD_CHECKSUM && side->segment_seen &&
	       (passage->end > side->high + room || passage->start < side->low - room);
}

static void side_sends_new(struct passage *passage, struct side *side, bool data)
{
	const struct packet *packet = passage->packet;
	struct sent *item;
	if (!side->sent_unacked)
		side->sent_ns = passage->event->ns;
	item = sent_add(passage->shard, side);
	if (!item)
		return;
	item->start = passage->start;
	item->end = passage->end;
	item->n = item->last_n = packet->n;
	item->ns = item->last_ns = passage->event->ns;
	item->tsval = item->last_tsval = packet->segment.tcp.options.tsval;
	item->ip_id = item->last_ip_id = (uint16_t)packet->segment.ip_id;
	item->data = data;
	item->late = verdict_is_on(packet, VERDICT_OUT_OF_ORDER);
	sent_crosses(item, packet);
}

static void side_data_time(struct side *side, uint64_t ns)
{
	if (!side->data_first_ns)
		side->data_first_ns = ns;
	if (ns > side->data_last_ns)
		side->data_last_ns = ns;
}

/* A segment that takes up sequence space: new, or seen before, all or in part? */
static void side_sends_sequence(struct passage *passage, struct side *side)
{
	uint16_t flags = passage->packet->segment.tcp.flags;
	bool data = passage->data_end > passage->data;
	bool probe = data && cause_is_probe(passage, side);
	struct news news = {.high = side->fin >= side->high ? side->fin + 1 : side->high};
	bool again = flags & TCP_FIN && side_sends_fin(passage, side);
	news.fresh = holes_fill(passage->shard, side, passage->data, passage->data_end);
	if (data)
		side_data_time(side, passage->event->ns);
	side->bytes += news.fresh;
	if (flags & TCP_SYN)
		again = side_sends_syn(passage, side);
	news.again = again && (!data || flags & TCP_SYN);
	if (probe)
		cause_probes(passage, side);
	else if (cause_sends(passage, side, &news))
		side_sends_new(passage, side, data);
}

/* Bytes of payload outstanding: sent, and not yet covered by an ACK that was seen. Where no ACK
 * of this end can be seen at all, nothing is known to be outstanding. */
static uint64_t side_flight(const struct side *side)
{
	int64_t from = side->una > side->low ? side->una : side->low;
	if (!side->una_known && !side->syn_seen)
		return 0;
	return side->high > from ? (uint64_t)(side->high - from) : 0;
}

void side_sends(struct passage *passage)
{
	struct side *side = &passage->conversation->side[passage->from];
	struct packet *packet = passage->packet;
	side->packets++;
	if (passage->end > passage->start && !(packet->segment.tcp.flags & TCP_RST) &&
	    !side_is_wild(passage, side))
		side_sends_sequence(passage, side);
	else if (passage->end == passage->start && cause_is_probe(passage, side))
		cause_probes(passage, side);
	stamps_sends(passage, side);
	side->segment_seen = true;
	if (packet->segment.tcp.flags & TCP_ACK && !passage->stray &&
	    packet->ack > side->rcv_nxt)
		side->rcv_nxt = packet->ack;
	packet->flight = side_flight(side);
}

void side_rtt(struct side *side, uint64_t ns)
{
	struct rtt_stats *rtt = &side->rtt;
	if (rtt->samples == 0 || ns < rtt->min_ns)
		rtt->min_ns = ns;
	if (ns > rtt->max_ns)
		rtt->max_ns = ns;
	rtt->sum_ns += ns;
	rtt->samples++;
}

/* The other end hears an ACK: what it sent is acknowledged up to there (RFC 9293 3.10.7.4). */
void side_receives(struct passage *passage)
{
	struct side *side = &passage->conversation->side[!passage->from];
	struct packet *packet = passage->packet;
	const struct sent *newest;
	uint64_t echo_ns;
	if (!(packet->segment.tcp.flags & TCP_ACK) || packet->segment.tcp.flags & TCP_RST)
		return;
	side->una_known = true;
	if (packet->dsack || (side->resents && side->una < side->resent_high))
		amends_hears(passage, side);
	sender_hears(passage, side);
	if (packet->ack <= side->una)
		return;
	side->una = packet->ack;
	side->resend_gap_ns = 0;
	side->sent_ns = passage->event->ns;
	newest = sent_acked(passage->shard, side);
	if (packet->way.known && packet->rtt_ns)
		sender_rtt(passage, side, packet->rtt_ns);
	if (!newest || packet->way.known || passage->event->ns <= newest->ns)
		return;
	packet->rtt_ns = passage->event->ns - newest->ns;
	echo_ns = place_echo_ns(passage->conversation, !passage->from);
	if (echo_ns) /* else this may be a small part of its round trip */
		sender_rtt(passage, side, packet->rtt_ns + echo_ns);
	if (newest->data)
		side_rtt(side, packet->rtt_ns);
}
