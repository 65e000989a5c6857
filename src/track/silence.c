#include "verdict.h"

/* Does a packet end a silence, and how did things stand in it? A silence is longer than four
 * round trips between the two ends, wherever the tap is: what an end at the tap acknowledges at
 * once says nothing of the way to the other. A clock that was set tells no silence; that it was
 * set forward is seen only where nobody can have waited so long. */

#define SILENCE_NS     (200 * NS_PER_MS)
#define SILENCE_RTTS   4
#define UNKNOWN_RTT_NS NS_PER_S /* a sender's patience before it knows more (RFC 6298 2.1) */
#define CLOCK_SET_NS   (365 * 86400 * NS_PER_S) /* nobody waits for a year */

/* Between both ends, there and back: the echo of one end and that of the other, or the
 * handshake's whole. An echo that took longer than any way may be a program's silence. Samples
 * may be larger, by what queues on the way; alone they are but the part of it that is behind
 * the tap. 0: unknown. */
static uint64_t conversation_rtt_ns(const struct conversation *c)
{
	uint64_t client_ns = place_echo_ns(c, END_CLIENT);
	uint64_t server_ns = place_echo_ns(c, END_SERVER);
	uint64_t rtt_ns = c->handshake_rtt_ns;
	if (client_ns && server_ns && client_ns + server_ns < UNKNOWN_RTT_NS)
		rtt_ns = client_ns + server_ns;
	if (!rtt_ns && !c->crossing)
		return 0;
	for (size_t end = 0; end < END_COUNT; end++) {
		const struct rtt_stats *rtt = &c->side[end].rtt;
		uint64_t mean_ns = rtt->samples ? rtt->sum_ns / rtt->samples : 0;
		rtt_ns = mean_ns > rtt_ns ? mean_ns : rtt_ns;
	}
	return rtt_ns;
}

static uint64_t silence_least_ns(uint64_t rtt_ns)
{
	uint64_t least_ns = SILENCE_RTTS * rtt_ns;
	return least_ns > SILENCE_NS ? least_ns : SILENCE_NS;
}

/* Payload bytes outstanding, and whether a FIN is. Where no ACK of this end can be seen at all,
 * nothing is known to be. */
static void stall_flight(struct stall *stall, enum end end, const struct side *side)
{
	int64_t from = side->una > side->low ? side->una : side->low;
	bool known = side->una_known || side->syn_seen;
	stall->flight[end] = known && side->high > from ? side->high - from : 0;
	stall->fin[end] = known && side->fin >= 0 && side->una <= side->fin;
}

/* When did the packet leave, by its own timestamp? The one with the newest before it may have
 * passed before the silence. Held up: so soon that nobody would speak of a silence. */
static void stall_stamps(struct stall *stall, const struct passage *passage)
{
	const struct side *side = &passage->conversation->side[passage->from];
	uint64_t since_ns = 0, left_ns;
	bool known = stamps_since(side, passage->packet, &since_ns);
	left_ns = side->stamps.ns + since_ns;
	stall->left_ns = left_ns > stall->before.ns ? left_ns - stall->before.ns : 0;
	stall->held = known && stall->left_ns <= stall->silence_ns / 2 &&
		      stall->left_ns <= silence_least_ns(stall->rtt_ns);
}

static void stall_keeps(struct stall *stall, const struct conversation *c)
{
	stall->before = c->latest;
	stall->half_open = c->list == LIST_HALF_OPEN;
	for (enum end end = 0; end < END_COUNT; end++) {
		const struct side *side = &c->side[end], *peer = &c->side[!end];
		stall_flight(stall, end, side);
		stall->high[end] = side->high;
		stall->una[end] = side->una;
		stall->window[end] = side->window;
		stall->room[end] = peer->window_known
					   ? side->una + (int64_t)peer->window - side->high
					   : INT64_MAX;
	}
}

/* Since the packet before; 0: nobody can tell how long, for the clock was set. */
static uint64_t silence_ns(const struct passage *passage)
{
	const struct latest *latest = &passage->conversation->latest;
	uint64_t ns = passage->event->ns;
	if (passage->packet->segment.flaws & FLAW_BAD_TIME || !latest->ns || ns <= latest->ns ||
	    latest->clock_sets != passage->tracker->quality.sets ||
	    ns - latest->ns >= CLOCK_SET_NS)
		return 0;
	return ns - latest->ns;
}

static void silence_begins(const struct passage *passage, struct latest *latest)
{
	bool timeless = passage->packet->segment.flaws & FLAW_BAD_TIME;
	latest->ns = timeless ? 0 : passage->event->ns;
	latest->clock_sets = passage->tracker->quality.sets;
	latest->n[passage->from] = passage->packet->n;
	latest->from = passage->from;
}

void silence_looks(struct passage *passage)
{
	struct conversation *c = passage->conversation;
	struct stall *stall = &passage->stall;
	uint64_t ns = silence_ns(passage), rtt_ns;
	if (ns > SILENCE_NS && c->list != LIST_FINISHED) {
		rtt_ns = conversation_rtt_ns(c);
		if (ns > silence_least_ns(rtt_ns)) {
			stall_keeps(stall, c);
			stall->silence_ns = ns;
			stall->rtt_ns = rtt_ns;
			stall->exceeds_rtt = rtt_ns || ns >= UNKNOWN_RTT_NS;
			stall_stamps(stall, passage);
		}
	}
	silence_begins(passage, &c->latest);
}
