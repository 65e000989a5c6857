#include "verdict.h"

/* What flags and the course of a connection say: how it begins and ends, what ECN reports, and
 * what a segment says beside the main thing. */

/* RST right after data: nobody writes an answer, and then throws the connection away, in less
 * than that; an idle connection is aborted later. */
#define UNREAD_NS NS_PER_S

static struct side *control_self(const struct passage *passage)
{
	return &passage->conversation->side[passage->from];
}

static struct side *control_peer(const struct passage *passage)
{
	return &passage->conversation->side[!passage->from];
}

/* A SYN where nobody listens is answered with RST (RFC 9293 3.5.2, group 1). */
static bool reset_refuses(const struct passage *passage)
{
	const struct side *peer = control_peer(passage);
	return !control_self(passage)->signs.spoke && peer->syn_n;
}

/* What its receiver never read, as far as that can be told from outside: all that it had not
 * acknowledged, or what arrived last, which it left without an answer. A close with data
 * unread, or data that come after it, make a RST (RFC 1122 4.2.2.13, RFC 2525 2.17). */
static uint64_t reset_unread(const struct passage *passage)
{
	const struct side *self = control_self(passage), *peer = control_peer(passage);
	uint64_t ns = passage->event->ns;
	int64_t from = self->rcv_nxt > peer->low ? self->rcv_nxt : peer->low;
	if (!peer->bytes)
		return 0;
	if (peer->high > from)
		return (uint64_t)(peer->high - from);
	if (self->fin >= 0 || ns > peer->data_last_ns + UNREAD_NS)
		return 0;
	return peer->signs.unanswered;
}

static void control_resets(struct passage *passage)
{
	struct side *self = control_self(passage);
	const struct side *peer = control_peer(passage);
	uint64_t unread;
	struct verdict *verdict;
	if (reset_refuses(passage)) {
		verdict_of(passage, VERDICT_RST_REFUSED,
			   peer->syn_heard_n ? peer->syn_heard_n : peer->syn_n);
		return;
	}
	if (!self->signs.spoke || self->signs.reset)
		return; /* nothing of it was seen; or it only says again what it said */
	self->signs.reset = true;
	unread = reset_unread(passage);
	verdict = verdict_add(passage, unread ? VERDICT_RST_UNREAD_DATA : VERDICT_RST_ABORT);
	if (!verdict)
		return;
	verdict->sure = unread || self->fin >= 0 ? SURE_LIKELY : SURE_CERTAIN;
	if (unread)
		verdict_fact(verdict, FACT_LEN, (int64_t)unread);
}

/* Both began before either heard the other: SYN against SYN, FIN against FIN. */
static void control_crosses(struct passage *passage)
{
	const struct side *self = control_self(passage), *peer = control_peer(passage);
	const struct packet *packet = passage->packet;
	uint16_t flags = packet->segment.tcp.flags;
	if (passage->conversation->opened == OPENED_SIMULTANEOUS && self->syn_n == packet->n &&
	    !(flags & TCP_ACK))
		verdict_of(passage, VERDICT_SIMULTANEOUS_OPEN, peer->syn_n);
	if (flags & TCP_FIN && flags & TCP_ACK && self->fin_n == packet->n && peer->fin >= 0 &&
	    packet->ack <= peer->fin)
		verdict_of(passage, VERDICT_SIMULTANEOUS_CLOSE, peer->fin_n);
}

#define ECN_FLAGS (TCP_AE | TCP_CWR | TCP_ECE)

/* Do ECE and CWR mean what RFC 3168 says? Not after a handshake that did not agree on it; with
 * accurate ECN they are a counter (RFC 9768 3.1.1, table 2). */
static bool control_ecn(const struct conversation *c)
{
	const struct side *client = &c->side[END_CLIENT], *server = &c->side[END_SERVER];
	if (!client->syn_seen || !server->syn_seen || c->opened == OPENED_SIMULTANEOUS)
		return !((client->signs.syn_flags | server->signs.syn_flags) & TCP_AE);
	return (client->signs.syn_flags & (TCP_CWR | TCP_ECE)) == (TCP_CWR | TCP_ECE) &&
	       (server->signs.syn_flags & (TCP_CWR | TCP_ECE)) == TCP_ECE;
}

static void control_congestion(struct passage *passage)
{
	struct side *self = control_self(passage);
	const struct side *peer = control_peer(passage);
	uint64_t n = passage->packet->n;
	uint16_t flags = passage->packet->segment.tcp.flags;
	if (passage->packet->segment.ecn == ECN_CE) {
		self->signs.ce_n = n;
		verdict_of(passage, VERDICT_CE_MARK, 0);
	}
	if (flags & TCP_SYN || !(flags & (TCP_ECE | TCP_CWR)) ||
	    !control_ecn(passage->conversation))
		return;
	if (flags & TCP_ECE) {
		self->signs.ece_n = n;
		verdict_of(passage, VERDICT_ECE, peer->signs.ce_n);
	}
	if (flags & TCP_CWR)
		verdict_of(passage, VERDICT_CWR, peer->signs.ece_n);
}

/* Beside what the segment is for. */
static void control_adds(struct passage *passage)
{
	const struct packet *packet = passage->packet;
	struct verdict *verdict;
	if (passage->unseen_bytes) {
		verdict = verdict_add(passage, VERDICT_ACK_OF_UNSEEN);
		if (verdict)
			verdict_fact(verdict, FACT_LEN, (int64_t)passage->unseen_bytes);
	}
	if (packet->window == 0 && !(packet->segment.tcp.flags & (TCP_SYN | TCP_FIN | TCP_RST)))
		verdict_of(passage, VERDICT_ZERO_WINDOW, 0);
}

static void control_remembers(struct passage *passage)
{
	struct side *self = control_self(passage), *peer = control_peer(passage);
	uint16_t flags = passage->packet->segment.tcp.flags;
	if (flags & TCP_SYN)
		self->signs.syn_flags = flags & ECN_FLAGS;
	if (!(flags & TCP_RST))
		self->signs.spoke = true;
	if (!passage->fresh)
		return;
	peer->signs.unanswered = 0;
	self->signs.unanswered += (uint64_t)(passage->data_end - passage->data);
}

void control_sends(struct passage *passage)
{
	if (passage->packet->segment.flaws & FLAW_BAD_CHECKSUM)
		return;
	if (passage->reuses)
		verdict_of(passage, VERDICT_PORT_REUSE, passage->reused_syn_n);
	if (passage->packet->segment.tcp.flags & TCP_RST)
		control_resets(passage);
	control_crosses(passage);
	control_adds(passage);
	control_congestion(passage);
	control_remembers(passage);
}
