#include "verdict.h"

/* The shadow of an end that sends data: what it hears, and its timers. */

#define RTO_MIN_NS     (200 * NS_PER_MS) /* Linux's; RFC 6298 2.4 asks for 1 s */
#define RTO_FIRST_NS   NS_PER_S          /* RFC 6298 2.1 */
#define DELAYED_ACK_NS (200 * NS_PER_MS) /* what a probe of a lone segment allows for one */

struct sender *sender_of(const struct shard *shard, const struct side *side)
{
	return side->sender ? pool_at(&shard->senders, side->sender) : NULL;
}

/* From its first data on. NULL: no memory is left, and nothing is said of its causes. */
struct sender *sender_open(struct passage *passage, struct side *side)
{
	struct sender *sender = sender_of(passage->shard, side);
	if (sender)
		return sender;
	side->sender = pool_take(&passage->shard->senders);
	sender = sender_of(passage->shard, side);
	if (!sender)
		return NULL;
	sender->una = (struct advance){.ns = passage->event->ns, .una = side->una};
	sender->recovery_point = sender->loss_point = sender->probe_point = INT64_MIN;
	sender->too_big_point = INT64_MIN;
	sender->loss_una = sender->edge = INT64_MIN;
	sender->pause_end = sender->doubt_point = sender->resent_end = INT64_MIN;
	if (passage->conversation->handshake_rtt_ns)
		sender_rtt(passage, side, passage->conversation->handshake_rtt_ns);
	return sender;
}

void sender_forget(struct shard *shard, struct side *side)
{
	if (side->sender)
		pool_give(&shard->senders, side->sender);
	side->sender = 0;
}

/* RFC 6298 2.2, 2.3. */
void sender_rtt(struct passage *passage, const struct side *side, uint64_t ns)
{
	struct sender *sender = sender_of(passage->shard, side);
	uint64_t off;
	if (!sender)
		return;
	if (!sender->srtt_ns) {
		sender->srtt_ns = ns;
		sender->rttvar_ns = ns / 2;
		return;
	}
	off = ns > sender->srtt_ns ? ns - sender->srtt_ns : sender->srtt_ns - ns;
	sender->rttvar_ns = sender->rttvar_ns - sender->rttvar_ns / 4 + off / 4;
	sender->srtt_ns = sender->srtt_ns - sender->srtt_ns / 8 + ns / 8;
}

/* The least that Linux takes: it holds the variation, not the sum, to its minimum. */
uint64_t sender_rto_ns(const struct sender *sender)
{
	uint64_t spread = 4 * sender->rttvar_ns;
	if (!sender->srtt_ns)
		return RTO_FIRST_NS;
	return sender->srtt_ns + (spread > RTO_MIN_NS ? spread : RTO_MIN_NS);
}

/* RFC 8985 7.2. alone: one segment is outstanding, whose ACK may be delayed. */
uint64_t sender_pto_ns(const struct sender *sender, bool alone)
{
	return 2 * sender->srtt_ns + (alone ? DELAYED_ACK_NS : 0);
}

/* One in a thirty-second of the way to the sender and back is as much as it takes; the latest
 * of those that are closer stays. */
static void sender_advances(const struct passage *passage, struct sender *sender)
{
	uint64_t ns = passage->event->ns;
	uint64_t grain = place_echo_ns(passage->conversation, !passage->from) / HEARD_KEPT;
	const struct advance *former = &sender->past[(sender->past_at - 2) % HEARD_KEPT];
	if (sender->past_at < 2 || sender->una.ns >= former->ns + grain)
		sender->past_at++;
	sender->past[(sender->past_at - 1) % HEARD_KEPT] = sender->una;
	sender->una_was = sender->una.una;
	sender->una = (struct advance){ns, passage->packet->n, passage->packet->ack,
				       passage->packet->segment.tcp.options.tsval};
	sender->lone_n = 0;
}

/* RFC 5681 2: no data, nothing new acknowledged, data outstanding, and no news of the window,
 * or what is better than that: a SACK of something new (RFC 6675 2). */
static bool sender_is_told_twice(const struct passage *passage, const struct side *side,
				 const struct sender *sender)
{
	const struct packet *packet = passage->packet;
	bool sacks = packet->segment.tcp.options.sack_count > packet->dsack;
	return packet->ack == side->una && side->high > side->una &&
	       passage->end == passage->start && !(packet->segment.tcp.flags & TCP_SYN) &&
	       (sacks || (packet->window == sender->window_heard && !packet->dsack));
}

static void sender_counts(struct passage *passage, struct sender *sender, int64_t una)
{
	struct dups *dups = &sender->dups[sender->dups_at % DUPS_KEPT];
	if (dups->una != una || !dups->count) {
		dups = &sender->dups[++sender->dups_at % DUPS_KEPT];
		*dups = (struct dups){.una = una};
	}
	if (dups->count < ARRAY_COUNT(dups->n)) {
		dups->ns[dups->count] = passage->event->ns;
		dups->n[dups->count] = passage->packet->n;
		dups->tsval[dups->count] = passage->packet->segment.tcp.options.tsval;
	}
	dups->count++;
}

/* An ACK comes, and side->una is still what it was before. */
void sender_hears(struct passage *passage, struct side *side)
{
	struct sender *sender = sender_of(passage->shard, side);
	const struct packet *packet = passage->packet;
	uint8_t sacks = packet->segment.tcp.options.sack_count;
	if (!sender)
		return;
	for (uint8_t i = packet->dsack; i < sacks; i++)
		sent_sacked(passage, side, packet->sack[i]);
	if (packet->ack > side->una)
		sender_advances(passage, sender);
	else if (sender_is_told_twice(passage, side, sender))
		sender_counts(passage, sender, side->una);
	sender->window_heard = packet->window;
	sender->heard_n = packet->n;
	sender->heard_ns = passage->event->ns;
	sender->heard_tsval = packet->segment.tcp.options.tsval;
	if (!packet->scale_unknown && packet->ack + (int64_t)packet->window > sender->edge) {
		sender->edge = packet->ack + (int64_t)packet->window;
		sender->edge_n = packet->n;
	}
}

bool sender_knew(const struct knowledge *knew, uint64_t ns, uint32_t tsval)
{
	return ns <= knew->ns && (!knew->stamped || seq_diff(tsval, knew->tsval) <= 0);
}

/* How far its bytes were acknowledged as far as it knew, when it had heard of nothing above
 * most: bytes that it sends again it has not heard of. */
struct advance sender_una_at(const struct sender *sender, const struct knowledge *knew,
			     int64_t most)
{
	struct advance una = sender->una;
	for (uint32_t i = 1;
	     ((una.n && !sender_knew(knew, una.ns, una.tsval)) || una.una > most) &&
	     i <= HEARD_KEPT && i <= sender->past_at;
	     i++)
		una = sender->past[(sender->past_at - i) % HEARD_KEPT];
	return una;
}

/* It goes on as if nothing had been lost. */
void sender_undoes(struct sender *sender, const struct knowledge *knew)
{
	if (!sender->undo_ns || !sender_knew(knew, sender->undo_ns, sender->undo_tsval))
		return;
	sender->loss_point = sender->recovery_point = INT64_MIN;
	sender->since_n = 0;
	sender->undone_ns = sender->undo_ns;
	sender->undo_ns = 0;
}

/* New bytes from `start` on: how far had it come when its timer ran out? The tail of what
 * was outstanding then may have died before the tap, and they are the first to show it. */
void sender_goes_on(struct sender *sender, int64_t high, int64_t start)
{
	if (sender->loss_point == high)
		sender->loss_point = start;
	if (sender->doubt_point == high)
		sender->doubt_point = start;
}

/* What it sends again meanwhile is one more whose D-SACK has to come. */
void sender_resends(struct sender *sender)
{
	sender->frto_n = 0;
	if (!sender->undo_echoed)
		sender->undo_ns = 0;
}

const struct dups *sender_dups(const struct sender *sender, int64_t una)
{
	for (uint32_t i = 0; i < DUPS_KEPT; i++) {
		const struct dups *dups = &sender->dups[i];
		if (dups->count && dups->una == una)
			return dups;
	}
	return NULL;
}
