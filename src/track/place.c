#include "verdict.h"

#include <stdio.h>

/* Where is the tap, between the two ends? An end near it answers at once; from a far one an
 * answer takes the way there and back. The least of what was seen counts: an end may take its
 * time. */

#define NEAR_PART       4 /* near: its answers take less than such a part of the round trip */
#define SILENCE_MOST_NS NS_PER_S /* what RFC 6298 2.1 takes the longest way to be */

static void place_sample(struct conversation *c, enum end end, uint64_t ns)
{
	if (ns && (!c->echo_ns[end] || ns < c->echo_ns[end]))
		c->echo_ns[end] = ns;
}

/* An end that echoes a timestamp has heard it (RFC 7323 4): the first packet that bore it went
 * from here to there before this one came from there. Behind a long silence it tells nothing:
 * its program had nothing to say, or its timer sent it. */
static void place_stamps(struct passage *passage)
{
	bool silent = passage->event->ns > passage->conversation->last_ns + SILENCE_MOST_NS;
	struct side *self = &passage->conversation->side[passage->from];
	struct side *peer = &passage->conversation->side[!passage->from];
	const struct tcp_options *options = &passage->packet->segment.tcp.options;
	uint64_t ns = passage->event->ns;
	if (!(options->present & OPTION_TS))
		return;
	if (peer->probe_ns && passage->packet->segment.tcp.flags & TCP_ACK &&
	    seq_diff(options->tsecr, peer->probe_tsval) >= 0) {
		if (options->tsecr == peer->probe_tsval && ns > peer->probe_ns && !silent)
			place_sample(passage->conversation, passage->from, ns - peer->probe_ns);
		peer->probe_ns = 0;
	}
	if (!self->probe_ns &&
	    (!self->stamps.first_ns || seq_diff(options->tsval, self->stamps.tsval) > 0)) {
		self->probe_tsval = options->tsval;
		self->probe_ns = ns;
	}
}

/* The handshake: SYN to SYN-ACK is the server's echo, SYN-ACK to ACK the client's. Of one that
 * was sent again nobody knows which copy was answered. */
static void place_handshake(struct passage *passage)
{
	struct conversation *c = passage->conversation;
	uint16_t flags = passage->packet->segment.tcp.flags;
	const struct side *peer = &c->side[!passage->from];
	const struct sent *syn = sent_find(passage->shard, peer, 0, 1);
	if (!(flags & TCP_ACK) || flags & TCP_RST || c->side[passage->from].rcv_nxt > 0)
		return;
	if (syn && !syn->resent && passage->packet->ack == syn->end &&
	    passage->event->ns > syn->ns)
		place_sample(c, passage->from, passage->event->ns - syn->ns);
}

/* Bytes are sent again no sooner after the duplicate ACK that asked for them than the way
 * takes. Twice, for a link that stood still may bring a timeout's copy just then. True: the way
 * is shorter than was thought. */
bool place_answers(struct passage *passage, uint64_t asked_ns)
{
	struct conversation *c = passage->conversation;
	struct side *self = &c->side[passage->from];
	uint64_t ns = passage->event->ns - asked_ns, former_ns = self->answered_ns;
	uint64_t longer_ns = ns > former_ns ? ns : former_ns;
	if (c->crossing || passage->event->ns <= asked_ns)
		return false;
	self->answered_ns = ns;
	if (!former_ns || longer_ns >= place_echo_ns(c, passage->from))
		return false;
	place_sample(c, passage->from, longer_ns);
	return true;
}

void place_learns(struct passage *passage)
{
	if (passage->packet->way.known)
		return;
	place_stamps(passage);
	if (!passage->conversation->side[passage->from].rcv_nxt)
		place_handshake(passage);
}

uint64_t place_echo_ns(const struct conversation *c, enum end end)
{
	const struct rtt_stats *rtt = &c->side[!end].rtt;
	uint64_t echo_ns = c->echo_ns[end];
	if (c->crossing)
		return 0;
	if (rtt->samples && (!echo_ns || rtt->min_ns < echo_ns))
		echo_ns = rtt->min_ns;
	return echo_ns;
}

enum tap_place place_of(const struct conversation *c, char why[static 160])
{
	double client_ms = (double)place_echo_ns(c, END_CLIENT) / 1e6;
	double server_ms = (double)place_echo_ns(c, END_SERVER) / 1e6;
	double all_ms = client_ms + server_ms;
	why[0] = '\0';
	if (c->crossing)
		snprintf(why, 160, "Both ends were tapped.");
	else if (c->near[END_CLIENT] && c->near[END_SERVER])
		snprintf(why, 160, "Both ends are on the machine of the tap.");
	if (why[0])
		return PLACE_BOTH;
	if (client_ms <= 0 || server_ms <= 0)
		return PLACE_UNKNOWN;
	snprintf(why, 160,
		 "At the tap the client answers within %.3f ms, the server within %.3f.",
		 client_ms, server_ms);
	if (client_ms * NEAR_PART < all_ms)
		return PLACE_CLIENT;
	return server_ms * NEAR_PART < all_ms ? PLACE_SERVER : PLACE_BETWEEN;
}
