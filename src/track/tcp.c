#include "verdict.h"

/* One TCP segment on its way through a conversation. */

/* A SYN with another number than the one this end began with opens a new conversation, though
 * both ends are the same (RFC 9293 3.6.1, RFC 6191): the ports are used again. */
static bool syn_is_new(const struct conversation *c, const struct segment *segment)
{
	const struct side *self, *peer;
	enum end from;
	if ((segment->tcp.flags & (TCP_SYN | TCP_ACK)) != TCP_SYN)
		return false;
	from = conversation_from(c, &segment->ends);
	self = &c->side[from];
	peer = &c->side[!from];
	if (self->isn_known)
		return self->isn != segment->tcp.seq;
	/* The other end's SYN alone is known so far: they cross (simultaneous open). */
	return !(peer->syn_n && !peer->synack_n && peer->high == 0);
}

/* Sequence numbers get their zero: the latest SYN, else the first number seen (timeline.md). */
static void tcp_number(struct passage *passage)
{
	struct conversation *c = passage->conversation;
	struct side *self = &c->side[passage->from], *peer = &c->side[!passage->from];
	const struct segment *segment = &passage->packet->segment;
	if (segment->tcp.flags & TCP_SYN) {
		if (!self->isn_known || self->isn != segment->tcp.seq) {
			sent_forget(passage->shard, self);
			holes_forget(passage->shard, self);
			self->answers.begins = false;
			side_begin(self, segment->tcp.seq, false);
			self->syn_n = segment->tcp.flags & TCP_ACK ? self->syn_n : 0;
			self->synack_n = 0;
		}
		self->isn_assumed = false;
		self->syn_seen = true;
	} else if (!self->isn_known) {
		side_begin(self, segment->tcp.seq - 1, true);
	}
	if (segment->tcp.flags & TCP_ACK && !peer->isn_known)
		side_begin(peer, segment->tcp.ack - 1, true);
}

/* A D-SACK: the first block lies below the ACK, or inside the second block (RFC 2883 4). */
static bool sack_is_dsack(const struct packet *packet)
{
	const struct tcp_options *options = &packet->segment.tcp.options;
	if (options->sack_count == 0)
		return false;
	if (packet->sack[0][1] <= packet->ack)
		return true;
	return options->sack_count > 1 && packet->sack[0][0] >= packet->sack[1][0] &&
	       packet->sack[0][1] <= packet->sack[1][1];
}

/* Windows are scaled if both SYNs were seen and both offered it; a SYN's own never is (RFC 7323
 * 2.2); a shift above 14 is used as 14 (2.3). */
static void tcp_window_read(const struct passage *passage)
{
	const struct conversation *c = passage->conversation;
	struct packet *packet = passage->packet;
	const struct side *peer = &c->side[!passage->from];
	const struct side *self = &c->side[passage->from];
	bool both = self->options.present & peer->options.present & OPTION_WSCALE;
	packet->window = packet->segment.tcp.window;
	if (packet->segment.tcp.flags & TCP_SYN)
		return;
	packet->scale_unknown =
		!self->syn_seen || !peer->syn_seen || self->options.cut || peer->options.cut;
	if (!packet->scale_unknown && both)
		packet->window <<= self->options.wscale > 14 ? 14 : self->options.wscale;
}

/* After it was held against the window before. A copy's sender said it before, and may have
 * said more since. */
static void tcp_window_keep(struct passage *passage)
{
	const struct packet *packet = passage->packet;
	struct side *self = &passage->conversation->side[passage->from];
	if (packet->segment.tcp.flags & TCP_SYN || packet->way.copy_of)
		return;
	self->window = packet->window;
	self->window_known = !packet->scale_unknown;
}

static void tcp_relative(struct passage *passage)
{
	struct packet *packet = passage->packet;
	const struct segment *segment = &packet->segment;
	const struct side *self = &passage->conversation->side[passage->from];
	const struct side *peer = &passage->conversation->side[!passage->from];
	packet->seq = side_relative(self, segment->tcp.seq);
	if (segment->tcp.flags & TCP_ACK)
		packet->ack = side_relative(peer, segment->tcp.ack);
	for (size_t i = 0; i < segment->tcp.options.sack_count; i++) {
		packet->sack[i][0] = side_relative(peer, segment->tcp.options.sack[i][0]);
		packet->sack[i][1] = side_relative(peer, segment->tcp.options.sack[i][1]);
	}
	packet->dsack = sack_is_dsack(packet);
	passage->start = packet->seq;
	passage->data = packet->seq + (segment->tcp.flags & TCP_SYN ? 1 : 0);
	passage->data_end = passage->data + segment->len;
	passage->end = passage->data_end + (segment->tcp.flags & TCP_FIN ? 1 : 0);
}

/* SYN, SYN-ACK and the ACK that completes it: their numbers and the time from first to last. */
static void tcp_handshake(struct passage *passage)
{
	struct conversation *c = passage->conversation;
	const struct packet *packet = passage->packet;
	uint16_t flags = packet->segment.tcp.flags;
	bool resent = c->verdicts[VERDICT_SYN_RETRANSMISSION] ||
		      c->verdicts[VERDICT_SYNACK_RETRANSMISSION];
	if ((flags & (TCP_SYN | TCP_ACK)) == TCP_SYN) {
		if (c->handshake_syn_n && passage->from != END_CLIENT &&
		    c->opened == OPENED_HANDSHAKE)
			c->opened = OPENED_SIMULTANEOUS;
		if (passage->from == END_CLIENT && !c->handshake_synack_n) {
			c->handshake_syn_n = packet->n;
			c->handshake_syn_ns = passage->event->ns;
		}
	} else if (flags & TCP_SYN && passage->from == END_SERVER) {
		c->handshake_synack_n = packet->n;
		if (c->opened == OPENED_HANDSHAKE && packet->ack > 1)
			c->opened = OPENED_FAST_OPEN; /* the SYN's data was taken (RFC 7413) */
	} else if (flags & TCP_ACK && !(flags & (TCP_SYN | TCP_RST)) && c->handshake_synack_n &&
		   !c->handshake_ack_n && passage->from == END_CLIENT && packet->ack >= 1) {
		c->handshake_ack_n = packet->n;
		if (c->handshake_syn_n && !resent && passage->event->ns > c->handshake_syn_ns)
			c->handshake_rtt_ns = passage->event->ns - c->handshake_syn_ns;
	}
}

static bool side_is_closed(const struct side *side)
{
	return side->fin >= 0 && side->una > side->fin;
}

/* Where the conversation now stands: half-open, open, finished. */
static void tcp_progress(struct passage *passage)
{
	struct conversation *c = passage->conversation;
	bool closed =
		side_is_closed(&c->side[END_CLIENT]) && side_is_closed(&c->side[END_SERVER]);
	if (c->list == LIST_FINISHED)
		return;
	if (passage->reset || closed) {
		c->ended = passage->reset ? ENDED_RST : ENDED_FIN;
		conversation_list(passage->shard, c, LIST_FINISHED);
		if (c->active_ns + LINGER_NS < passage->tracker->linger_ns)
			passage->tracker->linger_ns = c->active_ns + LINGER_NS;
	} else if (c->list == LIST_HALF_OPEN && c->side[END_CLIENT].syn_acked_n &&
		   c->side[END_SERVER].syn_acked_n) {
		conversation_list(passage->shard, c, LIST_OPEN);
	}
}

static bool tcp_emit_changes(const struct passage *passage)
{
	struct event state = {
		.kind = EVENT_STATE,
		.ns = passage->event->ns,
		.conv = passage->event->conv,
		.vantage = passage->event->vantage,
	};
	for (size_t i = 0; i < passage->change_count; i++) {
		state.state = passage->changes[i];
		if (!tracker_emit(passage->tracker, &state))
			return false;
	}
	return true;
}

/* Most packets change no state: only where one does is an event made for it. When it arrives
 * its own record has long been written. */
static bool tcp_emit(const struct passage *passage, const struct arrival *arrival)
{
	return (arrival || tracker_emit(passage->tracker, passage->event)) &&
	       (passage->change_count == 0 || tcp_emit_changes(passage));
}

/* The conversation of this segment, opened or opened anew if need be. NULL: the sink failed, or
 * no memory is left even after letting go. */
static struct conversation *tcp_conversation(struct passage *passage)
{
	struct tracker *tracker = passage->tracker;
	const struct segment *segment = &passage->packet->segment;
	struct flow_key key;
	struct conversation *c = flow_find(tracker, &segment->ends, &key);
	passage->shard = flow_shard(tracker, &key);
	if (c && syn_is_new(c, segment)) {
		passage->reuses = true;
		passage->reused_syn_n = c->handshake_syn_n;
		if (!conversation_close(tracker, passage->shard,
					conversation_index(passage->shard, c)))
			return NULL;
		c = NULL;
	}
	return c ? c : conversation_open(passage, &key);
}

/* The segment as it is seen first: whose it is, and what its numbers mean. False as above. */
static bool tcp_begin(struct passage *passage, bool *received)
{
	struct event *event = passage->event;
	struct conversation *c = tcp_conversation(passage);
	if (!c)
		return false;
	passage->conversation = c;
	passage->from = conversation_from(c, &event->packet.segment.ends);
	event->conv = c->number;
	event->packet.from = passage->from;
	tcp_number(passage);
	tcp_relative(passage);
	return !event->packet.way.known || crossing_begin(passage, received);
}

/* A segment's way through both ends: what its sender does by sending it, and what its receiver
 * makes of it. Mostly that is one moment; between two taps it leaves now, and arrives later. */
bool tcp_pass(struct tracker *tracker, struct event *event, const struct arrival *arrival)
{
	struct passage passage;
	bool received = !(event->packet.segment.flaws & FLAW_BAD_CHECKSUM);
	bool sent = !arrival && !event->packet.way.copy_of;
	passage_begin(&passage, tracker, event);
	if (arrival)
		crossing_resume(&passage, arrival);
	else if (!tcp_begin(&passage, &received))
		return false;
	if (sent && artefact_seen(&passage)) {
		tcp_window_read(&passage);
		conversation_touch(&passage);
		return tracker_emit(tracker, event) && artefact_tells(&passage);
	}
	if (!arrival) {
		tcp_window_read(&passage);
		cause_crosses(&passage);
	}
	if (sent) {
		silence_looks(&passage);
		place_learns(&passage);
		answer_sends(&passage);
		if (event->packet.way.known)
			crossing_measures(&passage);
		side_sends(&passage);
		if (event->packet.way.known)
			amends_accepts(&passage);
		quality_sends(&passage);
	}
	if (!arrival)
		tcp_window_keep(&passage);
	if (sent) {
		tcp_handshake(&passage);
		state_sends(&passage);
	}
	if (received && !passage.stray) {
		side_receives(&passage);
		state_receives(&passage);
	}
	if (sent) {
		control_sends(&passage);
		half_looks(&passage);
	}
	conversation_touch(&passage);
	tcp_progress(&passage);
	if (sent && event->packet.verdict_count > 0)
		amends_keep(&passage);
	return tcp_emit(&passage, arrival) && (!passage.amended || amends_tell(&passage)) &&
	       (!sent || (artefact_tells(&passage) && half_tells(&passage) &&
			 stall_tells(&passage))) &&
	       (arrival || !event->packet.way.known || crossing_departs(&passage));
}

bool tcp_packet(struct tracker *tracker, struct event *event)
{
	return tcp_pass(tracker, event, NULL);
}
