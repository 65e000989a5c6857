#include "weave.h"

static bool pending_fits(const struct pending *pending, const struct talk *talk, enum end from,
			 uint64_t ns)
{
	const struct conversation_ends *ends = &talk->ends;
	if (!pending->sock || pending->udp != ends->udp ||
	    pending->peer_port != ends->port[!from] ||
	    !addr_fits(&pending->peer, &ends->addr[!from]) ||
	    (pending->local_port && pending->local_port != ends->port[from]))
		return false;
	return pending->until_ns == 0 || ns < pending->until_ns ||
	       ns - pending->until_ns <= GRACE_NS;
}

/* The connect that is under way to there; NULL: none, or more than one might be it. */
static const struct pending *pending_connect(const struct weave *weave, const struct talk *talk,
					     enum end from, uint64_t ns)
{
	const struct pending *found = NULL;
	for (size_t i = 0; i < PENDING; i++) {
		const struct pending *pending = &weave->pending[i];
		const struct strand *strand = strand_known(weave, pending->sock);
		if (!pending_fits(pending, talk, from, ns) || (strand && strand->conv))
			continue;
		if (found)
			return NULL;
		found = pending;
	}
	return found;
}

/* The oldest call that sent a datagram there. */
static struct pending *pending_datagram(struct weave *weave, const struct talk *talk,
					const struct event *event)
{
	struct pending *found = NULL;
	for (size_t i = 0; i < PENDING; i++) {
		struct pending *pending = &weave->pending[i];
		if (pending_fits(pending, talk, event->packet.from, event->ns) &&
		    (!found || pending->id < found->id))
			found = pending;
	}
	return found;
}

static bool packet_datagram(struct weave *weave, struct talk *talk, struct event *event)
{
	struct pending *pending = pending_datagram(weave, talk, event);
	struct strand *strand = pending ? strand_known(weave, pending->sock) : NULL;
	arrival_add(weave, talk, event);
	if (!strand)
		return true;
	event->packet.call = pending->id;
	if (pending->until_ns)
		*pending = (struct pending){0};
	talk->socks[event->packet.from] = strand->sock;
	return true;
}

static bool packet_syn(struct weave *weave, struct talk *talk, struct event *event)
{
	enum end from = event->packet.from;
	const struct pending *pending;
	struct strand *strand = strand_known(weave, talk->socks[from]);
	if (!strand) {
		pending = pending_connect(weave, talk, from, event->ns);
		strand = pending ? strand_known(weave, pending->sock) : NULL;
	}
	if (!strand) {
		talk->syn_n = from == END_CLIENT ? event->packet.n : 0;
		return true;
	}
	event->packet.call = strand->connect_id;
	return weave_tie(weave, talk, from, strand);
}

/* Sent again by the kernel, whatever made it first. */
static bool packet_is_resent(const struct packet *packet)
{
	static const enum verdict_id resent[] = {
		VERDICT_RETRANSMISSION,	     VERDICT_SYN_RETRANSMISSION,
		VERDICT_SYNACK_RETRANSMISSION, VERDICT_FIN_RETRANSMISSION,
		VERDICT_RTO_RETRANSMISSION,  VERDICT_RTO_RECOVERY,
		VERDICT_FAST_RETRANSMISSION, VERDICT_RECOVERY_RETRANSMISSION,
		VERDICT_ZERO_WINDOW_PROBE,   VERDICT_KEEP_ALIVE,
		VERDICT_CAPTURE_DUPLICATE,   VERDICT_NETWORK_DUPLICATE,
	};
	for (size_t i = 0; i < packet->verdict_count; i++) {
		const struct verdict *verdict = &packet->verdicts[i];
		if (verdict->id == VERDICT_TAIL_LOSS_PROBE && verdict->of)
			return true;
		for (size_t k = 0; k < ARRAY_COUNT(resent); k++) {
			if (verdict->id == resent[k])
				return true;
		}
	}
	return packet->way.copy_of != 0;
}

static void packet_stream(struct weave *weave, struct strand *strand, struct packet *packet,
			  uint64_t ns)
{
	uint16_t flags = packet->segment.tcp.flags;
	int64_t first = packet->seq + (flags & TCP_SYN ? 1 : 0);
	uint64_t end = first >= 1 ? (uint64_t)(first - 1) + packet->segment.len : 0;
	const struct waiting_send *send;
	if (end > strand->seen)
		strand->seen = end;
	if (packet->segment.len > 0 && first >= 1 && strand->whole) {
		send = sends_at(weave, strand, (uint64_t)(first - 1));
		if (send && !packet->call)
			packet->call = send->id;
	}
	if (flags & (TCP_FIN | TCP_RST)) {
		uint64_t made = shut_made(weave, strand, flags, ns);
		packet->call = packet->call ? packet->call : made;
	}
}

bool weave_packet(struct weave *weave, struct event *event)
{
	struct packet *packet = &event->packet;
	struct talk *talk = talk_of(weave, event->conv);
	struct strand *strand;
	packet->call = 0;
	if (!talk)
		return true;
	talk->packet_ns = event->ns;
	if (packet->segment.kind == SEGMENT_UDP)
		return packet_datagram(weave, talk, event);
	if (packet->segment.kind != SEGMENT_TCP || packet_is_resent(packet))
		return true;
	if ((packet->segment.tcp.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN &&
	    !packet_syn(weave, talk, event))
		return false;
	strand = strand_known(weave, talk->socks[packet->from]);
	if (strand)
		packet_stream(weave, strand, packet, event->ns);
	return true;
}
