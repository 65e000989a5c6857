#include "inquiry.h"

/* Why does an end send bytes? (theory: sender.h; the order of questions: cause_sends) */

#define QUIET_LEAST_NS    (150 * NS_PER_MS)
#define LONG_BEFORE_NS    NS_PER_S                   /* a copy that late is from the past */
#define NEAR_NS           (100 * (NS_PER_MS / 1000)) /* an echo of a tap at the sender */
#define HANDSHAKE_COPY_NS (200 * NS_PER_MS) /* no timer of a SYN or FIN is that short */

/* 0: a clock was set back meanwhile. */
static uint64_t cause_since_ns(const struct passage *passage, uint64_t then_ns)
{
	return passage->event->ns > then_ns ? passage->event->ns - then_ns : 0;
}

static void cause_twice(struct inquiry *inquiry, const struct sent *item, enum sure sure)
{
	uint64_t gap_ns = cause_since_ns(inquiry->passage, item->last_ns);
	bool old = gap_ns > LONG_BEFORE_NS && inquiry->acked;
	struct verdict *verdict = verdict_add(
		inquiry->passage, old ? VERDICT_OLD_DUPLICATE : VERDICT_NETWORK_DUPLICATE);
	if (!verdict)
		return;
	verdict->of = item->last_n;
	verdict->sure = sure;
	if (old)
		verdict_because(verdict, inquiry->acked_n);
	verdict_fact(verdict, FACT_GAP, (int64_t)gap_ns);
	verdict_fact(verdict, FACT_IP_ID, inquiry->passage->packet->segment.ip_id);
}

static void cause_late(struct inquiry *inquiry, const struct sent *before, enum sure sure)
{
	struct verdict *verdict = verdict_add(inquiry->passage, VERDICT_OUT_OF_ORDER);
	if (!verdict)
		return;
	verdict->sure = sure;
	if (!before)
		return;
	verdict->of = before->n;
	verdict_fact(verdict, FACT_LATE, (int64_t)cause_since_ns(inquiry->passage, before->ns));
}

/* The other end's tap helps to tell, where there is one. */
static void cause_needed(const struct inquiry *inquiry)
{
	struct packet *packet = inquiry->passage->packet;
	if (packet->way.known && packet->verdict_count && inquiry->original)
		packet->verdicts[packet->verdict_count - 1].needed =
			needed_asks(inquiry->passage, inquiry->side);
}

/* The timer of the oldest outstanding bytes, for who gives up (conversation.c). */
static void cause_resends(struct inquiry *inquiry)
{
	struct side *side = inquiry->side;
	uint64_t ns = inquiry->passage->event->ns;
	if (inquiry->start <= side->una) {
		side->resend_gap_ns = ns > side->sent_ns ? ns - side->sent_ns : 0;
		side->sent_ns = ns;
	}
	sent_again(inquiry->passage, side);
	if (!inquiry->sender)
		return;
	inquiry->sender->last_ns = ns;
	inquiry->sender->last_n = inquiry->passage->packet->n;
	inquiry->sender->resent_end = inquiry->end;
}

/* The network doubled it. Where nothing stamps it, equal identifications say so if no timer is
 * that short, or nobody can have missed an answer yet. A SYN-ACK behind one more SYN answers
 * that one. */
static bool cause_flag_is_copy(const struct inquiry *inquiry, enum sure *sure)
{
	const struct passage *passage = inquiry->passage;
	const struct sent *item = inquiry->original;
	uint64_t gap_ns = item ? cause_since_ns(passage, item->last_ns) : 0;
	uint64_t echo_ns = place_echo_ns(passage->conversation, passage->from);
	uint16_t flags = passage->packet->segment.tcp.flags;
	bool syn = flags & TCP_SYN, answers = syn && flags & TCP_ACK;
	enum likeness like;
	struct stamp stamp;
	if (!item || gap_ns >= HANDSHAKE_COPY_NS || passage->packet->way.known ||
	    (answers && passage->conversation->side[!passage->from].syn_heard_n > item->last_n))
		return false;
	stamp = (struct stamp){item->last_tsval, item->last_ip_id, item->last_ns};
	like = stamps_compare(inquiry->side, passage->packet, &stamp, passage->event->ns);
	*sure = like == LIKE_SAME ? SURE_CERTAIN : SURE_LIKELY;
	return like == LIKE_SAME || (like == LIKE_UNKNOWN && (syn || gap_ns < echo_ns / 2) &&
				     stamp.ip_id == (uint16_t)passage->packet->segment.ip_id);
}

/* The SYN was doubled beyond the tap, so that its answer was sent twice, or this was doubled on
 * its way: most SYN-ACKs bear no identification. */
static bool cause_is_either_syn_ack(const struct inquiry *inquiry, enum sure sure)
{
	struct passage *passage = inquiry->passage;
	struct verdict *verdict;
	if (sure == SURE_CERTAIN || !(passage->packet->segment.tcp.flags & TCP_ACK) ||
	    !(passage->packet->segment.tcp.flags & TCP_SYN) || passage->packet->segment.ip_id)
		return false;
	verdict = verdict_add(passage, VERDICT_RETRANSMISSION);
	if (!verdict)
		return true;
	verdict->of = inquiry->original->n;
	verdict->sure = SURE_AMBIGUOUS;
	verdict->candidates[0] = VERDICT_NETWORK_DUPLICATE;
	verdict->candidates[1] = VERDICT_SYNACK_RETRANSMISSION;
	return true;
}

/* How long it waited, and what came back in that time, if anything did. */
static void cause_flag_waits(const struct inquiry *inquiry, struct verdict *verdict)
{
	const struct conversation *c = inquiry->passage->conversation;
	const struct packet *packet = inquiry->passage->packet;
	const struct sent *item = inquiry->original;
	const struct side *peer = &c->side[!inquiry->passage->from];
	uint64_t answer_n = peer->synack_n ? peer->syn_heard_n : 0;
	uint64_t waited_ns;
	if (!item)
		return;
	waited_ns = cause_since_ns(inquiry->passage, item->last_ns);
	if (answer_n <= item->last_n && !packet->way.known)
		answer_n = c->latest.n[!inquiry->passage->from];
	if (verdict->id != VERDICT_SYN_RETRANSMISSION || answer_n <= item->last_n) {
		verdict_fact(verdict, FACT_SILENCE, (int64_t)waited_ns);
		return;
	}
	verdict_fact(verdict, FACT_GAP, (int64_t)waited_ns);
	verdict_because(verdict, answer_n);
}

/* A SYN, SYN-ACK or FIN alone, again. */
static void cause_flag_again(struct passage *passage, struct side *side)
{
	struct inquiry inquiry = {
		.passage = passage,
		.side = side,
		.sender = sender_of(passage->shard, side),
		.original = sent_find(passage->shard, side, passage->start, passage->end),
		.start = passage->start,
		.end = passage->end};
	uint16_t flags = passage->packet->segment.tcp.flags;
	enum verdict_id id = !(flags & TCP_SYN) ? VERDICT_FIN_RETRANSMISSION
			     : flags & TCP_ACK  ? VERDICT_SYNACK_RETRANSMISSION
						: VERDICT_SYN_RETRANSMISSION;
	const struct sent *item = inquiry.original;
	struct verdict *verdict;
	enum sure sure;
	if (cause_flag_is_copy(&inquiry, &sure)) {
		if (!cause_is_either_syn_ack(&inquiry, sure))
			cause_twice(&inquiry, item, sure);
		return;
	}
	verdict = verdict_add(passage, id);
	side->repeats++;
	if (verdict) {
		verdict->of = item ? item->n : flags & TCP_SYN ? 0 : side->fin_n;
		verdict->number = side->repeats;
		cause_flag_waits(&inquiry, verdict);
	}
	cause_needed(&inquiry);
	cause_resends(&inquiry);
}

/* A way seldom delays or doubles a packet for as long as a timer takes. */
static bool cause_is_timely(const struct inquiry *inquiry)
{
	return inquiry->head_ns < QUIET_LEAST_NS;
}

/* Did anything make its sender send again? */
static bool cause_is_moved(const struct inquiry *inquiry)
{
	return !cause_is_timely(inquiry) || inquiry_triggered(inquiry) ||
	       inquiry->silence_ns >= QUIET_LEAST_NS || episode_goes_on(inquiry) ||
	       episode_is_probe(inquiry) || episode_is_timed(inquiry);
}

/* Nothing about the copy before it can have come back to its sender by then. */
static bool cause_is_at_once(const struct inquiry *inquiry)
{
	return inquiry->head_ns <
	       place_echo_ns(inquiry->passage->conversation, inquiry->passage->from) / 2;
}

/* A sender that repairs goes on where it stopped. */
static bool cause_continues(const struct inquiry *inquiry)
{
	return episode_goes_on(inquiry) && inquiry->start == inquiry->sender->resent_end;
}

static bool cause_may_be_copy(const struct inquiry *inquiry)
{
	bool past = cause_is_timely(inquiry) || inquiry->head_ns > LONG_BEFORE_NS;
	return cause_is_at_once(inquiry) || !cause_is_moved(inquiry) ||
	       (inquiry->acked && past && !cause_continues(inquiry));
}

/* A copy that looks the same and comes when its sender may have spoken of the first: doubled on
 * the way, or sent again; or that one was, and this is its late original. */
static bool cause_is_either(struct inquiry *inquiry)
{
	struct verdict *verdict;
	uint64_t echo_ns =
		place_echo_ns(inquiry->passage->conversation, inquiry->passage->from);
	if (cause_is_at_once(inquiry) || echo_ns < NEAR_NS || inquiry->head_ns > LONG_BEFORE_NS)
		return false;
	verdict = verdict_add(inquiry->passage, VERDICT_RETRANSMISSION);
	if (verdict) {
		verdict->of = inquiry->original->last_n;
		verdict->sure = SURE_AMBIGUOUS;
		verdict->candidates[0] = VERDICT_NETWORK_DUPLICATE;
		verdict->candidates[1] =
			cause_is_moved(inquiry) ? episode_cause(inquiry) : VERDICT_OUT_OF_ORDER;
	}
	cause_resends(inquiry);
	return true;
}

/* Of two copies that came before it, was it sent after the first? */
static bool cause_is_resent(const struct inquiry *inquiry)
{
	const struct sent *item = inquiry->original;
	struct stamp first = {item->tsval, item->ip_id, item->ns};
	return item->resent && stamps_compare(inquiry->side, inquiry->passage->packet, &first,
					      inquiry->passage->event->ns) == LIKE_NEWER;
}

/* Sent again, and overtaken by a later copy. What its sender knew then is not to be told any
 * more: it was in a recovery, or began it. */
static void cause_overtaken(struct inquiry *inquiry)
{
	struct verdict *verdict = verdict_add(inquiry->passage, VERDICT_RETRANSMISSION);
	if (!verdict)
		return;
	verdict->of = inquiry->original->n;
	verdict->sure = SURE_AMBIGUOUS;
	verdict->candidates[0] = VERDICT_FAST_RETRANSMISSION;
	verdict->candidates[1] = VERDICT_RECOVERY_RETRANSMISSION;
}

/* All its bytes were seen before: sent again, the late original, or copied on the way? */
static void cause_again(struct inquiry *inquiry)
{
	const struct passage *passage = inquiry->passage;
	const struct sent *item = inquiry->original;
	enum likeness like = LIKE_UNKNOWN;
	struct stamp stamp = {0};
	bool whole = item && item->start == inquiry->start && item->end == inquiry->end;
	if (item) {
		stamp = (struct stamp){item->last_tsval, item->last_ip_id, item->last_ns};
		like = stamps_compare(inquiry->side, passage->packet, &stamp,
				      passage->event->ns);
	}
	if (like == LIKE_OLDER && cause_is_resent(inquiry)) {
		cause_overtaken(inquiry);
		return;
	}
	if (like == LIKE_OLDER) {
		cause_late(inquiry, item, SURE_CERTAIN);
		return;
	}
	if (whole &&
	    (like == LIKE_SAME || (like == LIKE_UNKNOWN && cause_may_be_copy(inquiry) &&
				   stamp.ip_id == (uint16_t)passage->packet->segment.ip_id))) {
		if (like == LIKE_SAME || !cause_is_either(inquiry))
			cause_twice(inquiry, item,
				    like == LIKE_SAME ? SURE_CERTAIN : SURE_LIKELY);
		return;
	}
	episode_tells(inquiry, episode_cause(inquiry));
	cause_needed(inquiry);
	cause_resends(inquiry);
}

/* Which of the two nobody can tell from here: the late original, or its copy sent for this. */
static void cause_either(struct inquiry *inquiry, enum verdict_id id)
{
	struct packet *packet = inquiry->passage->packet;
	struct verdict *verdict = &packet->verdicts[packet->verdict_count - 1];
	if (verdict->sure == SURE_AMBIGUOUS)
		return;
	verdict_becomes(inquiry->passage, verdict, VERDICT_RETRANSMISSION);
	verdict->sure = SURE_AMBIGUOUS;
	verdict->candidates[0] = VERDICT_OUT_OF_ORDER;
	verdict->candidates[1] = id;
}

/* Below the highest, and never seen: the original, late, or its copy, the original having died
 * before the tap. */
static void cause_fills(struct inquiry *inquiry)
{
	const struct passage *passage = inquiry->passage;
	const struct sent *above = inquiry->above;
	enum likeness like = LIKE_UNKNOWN;
	size_t count = passage->packet->verdict_count;
	struct stamp stamp;
	enum verdict_id id;
	if (above) {
		stamp = (struct stamp){above->tsval, above->ip_id, above->ns};
		like = stamps_compare(inquiry->side, passage->packet, &stamp,
				      passage->event->ns);
	}
	if (like == LIKE_OLDER || like == LIKE_SAME ||
	    (like == LIKE_UNKNOWN && !cause_is_moved(inquiry))) {
		cause_late(inquiry, above, like == LIKE_UNKNOWN ? SURE_LIKELY : SURE_CERTAIN);
		return;
	}
	if (like == LIKE_NEWER)
		inquiry_times(inquiry);
	id = episode_cause(inquiry);
	episode_tells(inquiry, id);
	if (like == LIKE_UNKNOWN && !inquiry->quiet && passage->packet->verdict_count > count)
		cause_either(inquiry, id);
	cause_resends(inquiry);
}

/* RFC 9293 3.8.6: no more may be sent until the other end says so. */
static void cause_fills_window(struct passage *passage, const struct side *side)
{
	const struct sender *sender = sender_of(passage->shard, side);
	struct verdict *verdict;
	if (passage->data_end == passage->data || passage->data_end != sender->edge ||
	    sender->edge <= side->una)
		return;
	verdict = verdict_add(passage, VERDICT_WINDOW_FULL);
	if (!verdict)
		return;
	verdict_because(verdict, sender->edge_n);
	verdict_fact(verdict, FACT_FLIGHT, sender->edge - side->una);
}

/* The other end has acknowledged what lies before it, and the capture never saw that. */
static void cause_gap(struct passage *passage, const struct side *side, int64_t high)
{
	struct verdict *verdict;
	if (high == 0 && side->syn_seen)
		high = 1;
	if (high <= 0 || passage->data <= high || side->una < passage->data ||
	    passage->packet->way.known)
		return;
	verdict = verdict_add(passage, VERDICT_GAP);
	if (!verdict)
		return;
	verdict_because(verdict, sender_of(passage->shard, side)->una.n);
	verdict_fact(verdict, FACT_LEN, passage->data - high);
}

/* RFC 7323 5.3: older than what came last in order. By one tick a packet is older that was
 * overtaken on the way: Linux takes it. */
static void cause_is_too_old(struct passage *passage, const struct side *side)
{
	const struct tcp_options *options = &passage->packet->segment.tcp.options;
	struct verdict *verdict;
	if (!(options->present & OPTION_TS) || !side->stamps.ts_recent_known ||
	    seq_diff(options->tsval, side->stamps.ts_recent) >= -1)
		return;
	verdict = verdict_add(passage, VERDICT_PAWS_DROP);
	if (!verdict)
		return;
	verdict->sure = SURE_LIKELY;
	verdict->of = side->stamps.ts_recent_n;
	verdict_fact(verdict, FACT_TSVAL, options->tsval);
}

/* Data in a SYN: with a cookie its receiver may take it at once. */
static void cause_syn_data(struct passage *passage)
{
	struct verdict *verdict;
	if (!(passage->packet->segment.tcp.flags & TCP_SYN) ||
	    passage->data_end == passage->data)
		return;
	verdict = verdict_add(passage, VERDICT_SYN_DATA);
	if (verdict)
		verdict_fact(verdict, FACT_LEN, passage->data_end - passage->data);
}

/* The way of most packets. */
static void cause_new(struct passage *passage, const struct side *side, int64_t high)
{
	struct sender *sender = sender_of(passage->shard, side);
	cause_is_too_old(passage, side);
	cause_gap(passage, side, high);
	cause_fills_window(passage, side);
	sender_goes_on(sender, high, passage->data);
	if (sender->last_ns && passage->event->ns >= sender->last_ns + QUIET_LEAST_NS) {
		sender->pause_ns = passage->event->ns;
		sender->pause_end = passage->end;
	}
	sender->last_ns = passage->event->ns;
	sender->last_n = passage->packet->n;
}

/* Bytes that lie below the highest. */
static void cause_old(struct passage *passage, struct side *side, const struct news *news)
{
	struct inquiry inquiry = {.passage = passage, .side = side};
	inquiry.sender = sender_of(passage->shard, side);
	inquiry_open(&inquiry, news->high);
	if (news->fresh == (uint64_t)(passage->data_end - passage->data))
		cause_fills(&inquiry);
	else
		cause_again(&inquiry);
}

bool cause_sends(struct passage *passage, struct side *side, const struct news *news)
{
	uint64_t len = (uint64_t)(passage->data_end - passage->data);
	side->probes = 0;
	cause_syn_data(passage);
	if (news->again) {
		cause_flag_again(passage, side);
		return false;
	}
	if (len ? !sender_open(passage, side) : !side->sender)
		return true;
	if (!len || (passage->data >= news->high && news->fresh == len)) {
		cause_new(passage, side, news->high);
		return true;
	}
	cause_old(passage, side, news);
	return news->fresh > 0;
}

/* The other end has no room, as far as this one has heard. */
static bool cause_is_shut_out(const struct passage *passage, const struct side *side)
{
	const struct sender *sender = sender_of(passage->shard, side);
	const struct side *peer = &passage->conversation->side[!passage->from];
	if (sender && sender->heard_n)
		return sender->window_heard == 0;
	return peer->window_known && peer->window == 0;
}

/* RFC 9293 3.8.4: asks for an ACK, and carries nothing that is missing; 3.8.6.1: or one byte
 * more than a closed window takes. */
bool cause_is_probe(const struct passage *passage, const struct side *side)
{
	const struct packet *packet = passage->packet;
	int64_t len = passage->data_end - passage->data;
	if (len > 1 || passage->data > side->una || !side->una_known || side->una < 1 ||
	    !side->segment_seen || packet->segment.tcp.flags & (TCP_SYN | TCP_FIN | TCP_RST))
		return false;
	if (passage->data == side->una - 1)
		return side->una >= side->high;
	return len == 1 && passage->data == side->una && cause_is_shut_out(passage, side);
}

void cause_probes(struct passage *passage, struct side *side)
{
	const struct conversation *c = passage->conversation;
	const struct sender *sender = sender_of(passage->shard, side);
	bool shut_out = cause_is_shut_out(passage, side);
	enum verdict_id id = shut_out ? VERDICT_ZERO_WINDOW_PROBE : VERDICT_KEEP_ALIVE;
	const struct way *way = &passage->packet->way;
	struct verdict *verdict = verdict_add(passage, id);
	side->probes++;
	side->probe_n = way->lost ? 0 : passage->packet->n;
	side->probed_ns = way->arrives_ns ? way->arrives_ns : passage->event->ns;
	side->probe_id = id;
	if (!verdict)
		return;
	verdict->number = side->probes;
	if (shut_out)
		verdict_fact(verdict, FACT_WINDOW, 0);
	if (sender)
		verdict_because(verdict, sender->heard_n);
	if (passage->event->ns > c->last_ns)
		verdict_fact(verdict, FACT_SILENCE, (int64_t)(passage->event->ns - c->last_ns));
}

/* It was sent once, and arrived twice; or it was sent, and did not arrive. */
void cause_crosses(struct passage *passage)
{
	const struct way *way = &passage->packet->way;
	struct verdict *verdict;
	if (way->lost)
		verdict_add(passage, VERDICT_LOST);
	if (!way->copy_of)
		return;
	verdict = verdict_add(passage, VERDICT_NETWORK_DUPLICATE);
	if (verdict)
		verdict->of = way->copy_of;
}
