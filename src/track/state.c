#include "tracker.h"

/* RFC 9293 3.3.2, figure 5, as a table, for both ends. An end changes its state by what it
 * sends, which we see, and by what it receives, which we see only where the tap is that end.
 * Elsewhere a change by receiving is written when a later segment of that end shows it, or,
 * where nothing ever could show it, at once as inferred (timeline.md, `state`). */

enum happening {
	SENDS_SYN,
	SENDS_SYN_ACK,
	SENDS_OTHER,
	SENDS_FIN,
	SENDS_RST,
	GOT_SYN,
	SYN_ACKED,
	FIN_ACKED,
	GOT_FIN,
	GOT_RST,
	HAPPENING_COUNT,
};

/* A row for each state: where each happening leads. What is not named changes nothing. */
static const enum tcp_state states_next[STATE_COUNT][HAPPENING_COUNT] = {
	[STATE_UNKNOWN][SENDS_SYN] = STATE_SYN_SENT,
	[STATE_UNKNOWN][SENDS_SYN_ACK] = STATE_SYN_RECEIVED,
	[STATE_UNKNOWN][SENDS_OTHER] = STATE_ESTABLISHED, /* or later: seen from the middle */
	[STATE_CLOSED][SENDS_SYN] = STATE_SYN_SENT,
	[STATE_CLOSED][SENDS_SYN_ACK] = STATE_SYN_RECEIVED,
	[STATE_SYN_SENT][GOT_SYN] = STATE_SYN_RECEIVED, /* simultaneous open, 3.5 figure 7 */
	[STATE_SYN_SENT][SENDS_SYN_ACK] = STATE_SYN_RECEIVED, /* the same, shown */
	[STATE_SYN_SENT][SYN_ACKED] = STATE_ESTABLISHED,
	[STATE_SYN_RECEIVED][SYN_ACKED] = STATE_ESTABLISHED,
	[STATE_SYN_RECEIVED][SENDS_FIN] = STATE_FIN_WAIT_1,
	[STATE_ESTABLISHED][SENDS_FIN] = STATE_FIN_WAIT_1,
	[STATE_ESTABLISHED][GOT_FIN] = STATE_CLOSE_WAIT,
	[STATE_CLOSE_WAIT][SENDS_FIN] = STATE_LAST_ACK,
	[STATE_FIN_WAIT_1][FIN_ACKED] = STATE_FIN_WAIT_2,
	[STATE_FIN_WAIT_1][GOT_FIN] = STATE_CLOSING, /* simultaneous close, 3.6 figure 13 */
	[STATE_FIN_WAIT_2][GOT_FIN] = STATE_TIME_WAIT,
	[STATE_CLOSING][FIN_ACKED] = STATE_TIME_WAIT,
	[STATE_LAST_ACK][FIN_ACKED] = STATE_CLOSED,
};

/* A reset ends every state but those that have nothing to end; in TIME-WAIT it is best ignored
 * (RFC 1337). */
static enum tcp_state state_after_reset(enum tcp_state state)
{
	bool nothing = state == STATE_UNKNOWN || state == STATE_CLOSED ||
		       state == STATE_LISTEN || state == STATE_TIME_WAIT;
	return nothing ? state : STATE_CLOSED;
}

static enum tcp_state state_next(enum tcp_state from, enum happening happening)
{
	if (happening == SENDS_RST || happening == GOT_RST)
		return state_after_reset(from);
	/* Nothing leads to UNKNOWN, which is 0: an empty place. */
	return states_next[from][happening] ? states_next[from][happening] : from;
}

struct evidence {
	uint64_t because[2];
	bool inferred;
};

static void state_changes(struct passage *passage, enum end who, enum tcp_state next,
			  const struct evidence *evidence)
{
	const uint64_t *because = evidence->because;
	struct state_change *change;
	if (passage->change_count == ARRAY_COUNT(passage->changes))
		return;
	passage->conversation->side[who].state = next;
	change = &passage->changes[passage->change_count++];
	*change = (struct state_change){
		.who = who, .state = next, .inferred = evidence->inferred};
	change->because[0] = because[0] ? because[0] : because[1];
	change->because[1] = because[0] && because[0] != because[1] ? because[1] : 0;
}

/* Most happenings change nothing. */
static inline void state_happens(struct passage *passage, enum end who,
				 enum happening happening, struct evidence evidence)
{
	enum tcp_state state = passage->conversation->side[who].state;
	enum tcp_state next = state_next(state, happening);
	if (next != state)
		state_changes(passage, who, next, &evidence);
}

/* Its own segment shows what the sender must have received before. */
static void state_shown(struct passage *passage)
{
	struct conversation *c = passage->conversation;
	struct side *self = &c->side[passage->from], *peer = &c->side[!passage->from];
	uint16_t flags = passage->packet->segment.tcp.flags;
	uint64_t n = passage->packet->n;
	if (flags & (TCP_RST | TCP_SYN) || !(flags & TCP_ACK))
		return;
	if (self->syn_acked_n)
		state_happens(passage, passage->from, SYN_ACKED,
			      (struct evidence){{self->syn_acked_n, n}, false});
	/* Whoever acknowledges what came with or after the ACK of a FIN has had that ACK too.
	 */
	if (self->fin_acked_shown >= 0 && self->rcv_nxt >= self->fin_acked_shown)
		state_happens(passage, passage->from, FIN_ACKED,
			      (struct evidence){{self->fin_acked_n, n}, false});
	if (peer->fin >= 0 && self->rcv_nxt > peer->fin)
		state_happens(passage, passage->from, GOT_FIN,
			      (struct evidence){{peer->fin_n, n}, false});
	/* The ACK of our FIN passed the tap, bare: nothing will show that it arrived. */
	if (self->state == STATE_CLOSING && self->fin_acked_n)
		state_happens(passage, passage->from, FIN_ACKED,
			      (struct evidence){{self->fin_acked_n, n}, true});
}

void state_sends(struct passage *passage)
{
	uint16_t flags = passage->packet->segment.tcp.flags;
	struct conversation *c = passage->conversation;
	struct evidence now = {{passage->packet->n, 0}, false};
	bool first = c->side[passage->from].state == STATE_UNKNOWN;
	if (flags & TCP_RST) {
		state_happens(passage, passage->from, SENDS_RST, now);
		return;
	}
	if (flags & TCP_SYN) {
		now.because[0] = flags & TCP_ACK ? c->side[!passage->from].syn_heard_n : 0;
		now.because[1] = passage->packet->n;
		state_happens(passage, passage->from,
			      flags & TCP_ACK ? SENDS_SYN_ACK : SENDS_SYN, now);
		/* The SYNs cross: the other one was on its way when this one was sent. Where
		 * that one's arrival is seen, it tells when. */
		if (c->near[passage->from] && !passage->packet->way.known &&
		    !(flags & TCP_ACK) && c->side[!passage->from].syn_heard_n)
			state_happens(passage, passage->from, GOT_SYN,
				      (struct evidence){
					      {c->side[!passage->from].syn_heard_n,
					       now.because[1]},
					      false});
	} else {
		state_happens(passage, passage->from, SENDS_OTHER,
			      (struct evidence){{passage->packet->n, 0}, first});
	}
	state_shown(passage);
	if (flags & TCP_FIN)
		state_happens(passage, passage->from, SENDS_FIN, now);
}

/* An ACK of this end's FIN has passed. Remember what would show that it was received. */
static void fin_acked_passes(struct passage *passage, struct side *side)
{
	if (!side->fin_acked_n)
		side->fin_acked_n = passage->packet->n;
	if (side->fin_acked_shown < 0 && passage->end > passage->start)
		side->fin_acked_shown = passage->end;
}

/* All of the stream up to the FIN has passed the tap, so that the FIN can be taken at once. */
static bool fin_is_in_order(const struct side *sender)
{
	int64_t next = sender->bytes ? sender->high : sender->syn_seen ? 1 : sender->fin;
	return sender->fin >= 0 && !sender->holes && sender->fin <= next;
}

/* A reset counts only in the window, in SYN-SENT only if it acknowledges what was sent (RFC
 * 9293 3.5.3, 3.10.7.3). RFC 5961 3.2 asks for RCV.NXT exactly: only the receiver knows it. */
static bool reset_is_acceptable(const struct passage *passage, const struct side *receiver)
{
	const struct packet *packet = passage->packet;
	int64_t sent = receiver->high > 1 ? receiver->high : 1;
	int64_t right = receiver->rcv_nxt + (int64_t)receiver->window;
	if (receiver->state == STATE_SYN_SENT)
		return packet->segment.tcp.flags & TCP_ACK && packet->ack > 0 &&
		       packet->ack <= sent;
	if (receiver->window_known && packet->seq > right)
		return false;
	return packet->seq >= receiver->rcv_nxt;
}

/* That this end receives the packet, and when, is seen. */
static bool is_seen(const struct passage *passage, enum end who)
{
	return passage->conversation->near[who] && !passage->unseen;
}

static void acks_received(struct passage *passage, enum end who, struct evidence now)
{
	struct conversation *c = passage->conversation;
	bool seen = is_seen(passage, who);
	struct side *side = &c->side[who];
	bool last = side->state == STATE_LAST_ACK || side->state == STATE_CLOSING;
	bool answers_syn = side->state != STATE_SYN_SENT || c->side[!who].syn_seen;
	if (side->una > 0 && !side->syn_acked_n && answers_syn)
		side->syn_acked_n = now.because[0];
	if (seen && side->syn_acked_n)
		state_happens(passage, who, SYN_ACKED, now);
	if (side->fin < 0 || side->una <= side->fin)
		return;
	fin_acked_passes(passage, side);
	now.inferred = !seen;
	if (seen || last)
		state_happens(passage, who, FIN_ACKED, now);
}

/* The packet that brought a FIN which can now be taken; 0: none. */
static uint64_t fin_taken(const struct passage *passage)
{
	const struct side *sender = &passage->conversation->side[passage->from];
	if (passage->packet->way.known)
		return passage->fin_n;
	return fin_is_in_order(sender) ? sender->fin_n : 0;
}

void state_receives(struct passage *passage)
{
	struct conversation *c = passage->conversation;
	enum end who = passage->from == END_CLIENT ? END_SERVER : END_CLIENT;
	struct evidence now = {{passage->packet->n, 0}, false};
	uint16_t flags = passage->packet->segment.tcp.flags;
	bool seen = is_seen(passage, who);
	uint64_t fin_n;
	if (flags & TCP_RST) {
		now.inferred = !seen;
		passage->reset = reset_is_acceptable(passage, &c->side[who]);
		if (passage->reset)
			state_happens(passage, who, GOT_RST, now);
		return;
	}
	if (seen && flags & TCP_SYN && !(flags & TCP_ACK))
		state_happens(passage, who, GOT_SYN, now);
	if (flags & TCP_ACK)
		acks_received(passage, who, now);
	fin_n = seen ? fin_taken(passage) : 0;
	if (fin_n)
		state_happens(passage, who, GOT_FIN,
			      (struct evidence){{fin_n, passage->packet->n}, false});
}
