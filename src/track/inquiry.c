#include "inquiry.h"

/* Gathers what a sender knew when it sent something (theory: sender.h). */

#define DUP_THRESHOLD     3 /* RFC 5681 3.2 */
#define HIDDEN_TICKS      20
#define HIDDEN_TICKS_MOST 120000                     /* no timer is longer: another clock */
#define SET_BACK_NS       (10 * NS_PER_MS)           /* the taps' own disorder is less */

static uint64_t later_ns(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Was this item, which was told at that time to have arrived, sent after the one in question,
 * as far as can be seen? What was told before its latest copy left is its first that arrived.
 * One whose original is not in the capture left before what lies above it (RFC 8985 6.2). */
static bool inquiry_is_later(const struct inquiry *inquiry, const struct sent *item,
			     uint64_t told_ns)
{
	uint64_t n = told_ns > item->last_ns ? item->last_n : item->n;
	return inquiry->original && !inquiry->original->late ? n > inquiry->original->last_n
							     : item->start >= inquiry->end;
}

/* What arrived though it was sent later says that this one is missing. */
static void inquiry_delivered(struct inquiry *inquiry, const struct sent *item)
{
	bool sacked = item->sacked_n &&
		      sender_knew(&inquiry->knew, item->sacked_ns, item->sacked_tsval);
	if (sacked)
		inquiry->idle_ns = later_ns(inquiry->idle_ns, item->sacked_ns);
	if (item->start >= inquiry->end &&
	    (!inquiry->above || item->start < inquiry->above->start))
		inquiry->above = (struct sent *)item;
	if ((!sacked && item->end > inquiry->una.una) ||
	    !inquiry_is_later(inquiry, item, sacked ? item->sacked_ns : inquiry->una.ns))
		return;
	inquiry->sacked_bytes += (uint64_t)(item->end - item->start);
	inquiry->sacked_n = sacked ? item->sacked_n : inquiry->una.n;
	inquiry->fresh_ns = later_ns(inquiry->fresh_ns, item->ns);
}

static uint64_t since_ns(const struct inquiry *inquiry, uint64_t then_ns)
{
	uint64_t now = inquiry->passage->event->ns;
	return then_ns && now > then_ns ? now - then_ns : 0;
}

static void inquiry_dups(struct inquiry *inquiry)
{
	const struct dups *dups = sender_dups(inquiry->sender, inquiry->start);
	const struct sent *original = inquiry->original;
	if (!dups)
		return;
	if (dups->count >= DUP_THRESHOLD)
		inquiry->asked_ns = dups->ns[DUP_THRESHOLD - 1];
	for (uint32_t i = 0; i < ARRAY_COUNT(dups->n) && i < dups->count; i++) {
		if (!sender_knew(&inquiry->knew, dups->ns[i], dups->tsval[i]))
			return;
		inquiry->idle_ns = later_ns(inquiry->idle_ns, dups->ns[i]);
		if (original && !original->late && original->last_ns > dups->ns[i])
			continue; /* it was sent since: they told of the one before */
		inquiry->dup_n[inquiry->dup_acks++] = dups->n[i];
	}
}

/* How much longer the sender was silent before this than the tap was: its timestamps run on
 * where a link stands still. A tick is a millisecond or more (RFC 7323 5.4). */
static uint64_t inquiry_hidden_ns(const struct inquiry *inquiry)
{
	const struct stamps *stamps = &inquiry->side->stamps;
	const struct sender *sender = inquiry->sender;
	const struct tcp_options *options = &inquiry->passage->packet->segment.tcp.options;
	uint64_t now = inquiry->passage->event->ns, sent_ns, seen_ns;
	int32_t ticks = seq_diff(options->tsval, stamps->tsval);
	if (!(options->present & OPTION_TS) || !stamps->first_ns || ticks < HIDDEN_TICKS ||
	    ticks > HIDDEN_TICKS_MOST || now < stamps->ns || stamps->fine)
		return 0;
	if (sender->heard_ns > stamps->ns &&
	    sender_knew(&inquiry->knew, sender->heard_ns, sender->heard_tsval))
		return 0; /* it has heard since of what passed here last */
	sent_ns = (uint64_t)ticks * NS_PER_MS;
	seen_ns = now - stamps->ns;
	return sent_ns > seen_ns + HIDDEN_TICKS * NS_PER_MS ? sent_ns - seen_ns : 0;
}

/* Bytes that died before the tap, or were overtaken, left before what lies above them. */
static uint64_t inquiry_head_ns(const struct inquiry *inquiry)
{
	if (inquiry->original && !inquiry->original->late)
		return since_ns(inquiry, inquiry->original->last_ns);
	return since_ns(inquiry,
			inquiry->above ? inquiry->above->ns : inquiry->sender->last_ns);
}

/* idle_ns is a moment until here, and a span of time after. */
static void inquiry_silences(struct inquiry *inquiry, uint64_t echo_ns)
{
	const struct sender *sender = inquiry->sender;
	uint64_t now = inquiry->passage->event->ns;
	uint64_t heard = inquiry->una.n ? inquiry->una.ns + echo_ns : 0;
	bool acked = heard > sender->last_ns;
	uint64_t since = acked ? heard : sender->last_ns;
	inquiry->silence_n = acked ? inquiry->una.n : sender->last_n;
	inquiry->silence_ns = now > since ? now - since : 0;
	since = later_ns(since, inquiry->idle_ns ? inquiry->idle_ns + echo_ns : 0);
	inquiry->idle_ns = now > since ? now - since : 0;
	inquiry->silence_ns += inquiry_hidden_ns(inquiry);
	inquiry->idle_ns += inquiry_hidden_ns(inquiry);
	inquiry->head_ns = inquiry_head_ns(inquiry);
	if (inquiry->sack_off && inquiry->asked_ns)
		inquiry->stale_ns = since_ns(inquiry, inquiry->asked_ns + echo_ns);
}

/* An answer takes longer at one time than at another: a quarter of the way is allowed. Where
 * the clock was set back, all that it heard is in the future, and known. */
static void inquiry_knew(struct inquiry *inquiry, uint64_t echo_ns)
{
	const struct passage *passage = inquiry->passage;
	uint64_t before_ns = later_ns(inquiry->sender->last_ns, inquiry->sender->heard_ns);
	const struct side *peer = &passage->conversation->side[!passage->from];
	const struct tcp_options *options = &passage->packet->segment.tcp.options;
	inquiry->knew.ns = passage->event->ns;
	if (echo_ns - echo_ns / 4 > JITTER_NS)
		inquiry->knew.ns -= echo_ns - echo_ns / 4 - JITTER_NS;
	inquiry->set_back = before_ns > passage->event->ns + SET_BACK_NS ||
			    (inquiry->original &&
			     inquiry->original->last_ns > passage->event->ns + SET_BACK_NS);
	if (inquiry->set_back)
		inquiry->knew.ns = UINT64_MAX;
	inquiry->knew.stamped = options->present & OPTION_TS && peer->stamps.first_ns;
	inquiry->knew.tsval = options->tsecr;
}

void inquiry_open(struct inquiry *inquiry, int64_t high)
{
	struct passage *passage = inquiry->passage;
	struct side *side = inquiry->side;
	const struct side *peer = &passage->conversation->side[!passage->from];
	uint64_t echo_ns = place_echo_ns(passage->conversation, passage->from);
	const struct sent *item = NULL;
	inquiry->start = passage->start;
	inquiry->end = passage->end;
	inquiry->high = high;
	inquiry->original = sent_find(passage->shard, side, inquiry->start, inquiry->end);
	inquiry_knew(inquiry, echo_ns);
	sender_undoes(inquiry->sender, &inquiry->knew);
	inquiry->una = sender_una_at(inquiry->sender, &inquiry->knew, INT64_MAX);
	inquiry->acked = inquiry->end <= inquiry->una.una;
	inquiry->acked_n = inquiry->una.n;
	inquiry->una = sender_una_at(inquiry->sender, &inquiry->knew, inquiry->start);
	inquiry->first = inquiry->start <= inquiry->una.una;
	inquiry->last = inquiry->end >= high;
	inquiry->sack_off = side->syn_seen && peer->syn_seen &&
			    !(side->options.present & peer->options.present & OPTION_SACK_OK);
	while ((item = sent_next(passage->shard, side, item)))
		inquiry_delivered(inquiry, item);
	inquiry_dups(inquiry);
	inquiry_silences(inquiry, echo_ns);
}

void inquiry_times(struct inquiry *inquiry)
{
	const struct sender *sender = inquiry->sender;
	const struct advance *una = &sender->una;
	struct inquiry again = {
		.passage = inquiry->passage, .side = inquiry->side, .sender = inquiry->sender};
	bool recovers = una->una < sender->recovery_point;
	bool asked =
		recovers ? inquiry->sack_off : inquiry->above && inquiry->above->ns > una->ns;
	if (inquiry->original || una->una != inquiry->start || !una->n || !asked ||
	    una->una < sender->loss_point || !place_answers(inquiry->passage, una->ns))
		return;
	inquiry_open(&again, inquiry->high);
	*inquiry = again;
}

/* Anything delivered that was sent later will do: RFC 8985's timer makes the threshold of RFC
 * 6675 a matter of time. */
bool inquiry_triggered(const struct inquiry *inquiry)
{
	return inquiry->sacked_bytes || inquiry->dup_acks >= DUP_THRESHOLD;
}

void inquiry_facts(const struct inquiry *inquiry, struct verdict *verdict)
{
	const struct sender *sender = inquiry->sender;
	verdict_fact(verdict, FACT_SILENCE, (int64_t)inquiry->silence_ns);
	if (!sender->srtt_ns)
		return;
	verdict_fact(verdict, FACT_SRTT, (int64_t)sender->srtt_ns);
	verdict_fact(verdict, FACT_SRTTS,
		     (int64_t)(inquiry->silence_ns * 10 / sender->srtt_ns));
	verdict_fact(verdict, FACT_RTO, (int64_t)sender_rto_ns(sender));
}
