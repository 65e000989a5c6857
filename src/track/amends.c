#include "verdict.h"

/* Packets that were sent again are remembered until what they were, and whether they were
 * needed, has come to light: a D-SACK says that bytes arrived twice (RFC 2883 4), an echoed
 * timestamp older than the retransmission's that the original had arrived (Eifel, RFC
 * 3522 3.2), a second silence what the first one was. Then their record is amended. */

static struct resent *resent_at(const struct shard *shard, uint32_t index)
{
	return index ? pool_at(&shard->resents, index) : NULL;
}

static struct resent *resent_find(const struct shard *shard, const struct side *side,
				  uint64_t n)
{
	struct resent *resent = resent_at(shard, side->resents);
	while (resent && resent->n != n)
		resent = resent_at(shard, resent->next);
	return resent;
}

static void resent_drop_first(struct shard *shard, struct side *side)
{
	uint32_t index = side->resents;
	side->resents = resent_at(shard, index)->next;
	side->resent_count--;
	pool_give(&shard->resents, index);
}

void amends_forget(struct shard *shard, struct side *side)
{
	while (side->resents)
		resent_drop_first(shard, side);
}

static bool verdict_is_resent(enum verdict_id id)
{
	static const bool resent[VERDICT_COUNT] = {
		[VERDICT_RETRANSMISSION] = true,
		[VERDICT_SYN_RETRANSMISSION] = true,
		[VERDICT_SYNACK_RETRANSMISSION] = true,
		[VERDICT_FIN_RETRANSMISSION] = true,
		[VERDICT_RTO_RETRANSMISSION] = true,
		[VERDICT_RTO_RECOVERY] = true,
		[VERDICT_FAST_RETRANSMISSION] = true,
		[VERDICT_RECOVERY_RETRANSMISSION] = true,
		[VERDICT_TAIL_LOSS_PROBE] = true,
	};
	return resent[id];
}

/* The verdict that says why it was sent, or NULL. */
static struct verdict *resent_cause(struct resent *resent)
{
	for (size_t i = 0; i < resent->verdict_count; i++) {
		if (verdict_is_resent(resent->verdicts[i].id))
			return &resent->verdicts[i];
	}
	return NULL;
}

static bool packet_is_kept(const struct packet *packet)
{
	for (size_t i = 0; i < packet->verdict_count; i++) {
		enum verdict_id id = packet->verdicts[i].id;
		if (verdict_is_resent(id) || id == VERDICT_NETWORK_DUPLICATE)
			return true;
	}
	return false;
}

/* Bytes of a packet that was sent again for them: this late original makes that needless, once
 * a D-SACK says that both arrived. */
static bool packet_follows_its_copy(const struct passage *passage, const struct side *side)
{
	const struct resent *resent = resent_at(passage->shard, side->resents);
	if (!verdict_is_on(passage->packet, VERDICT_OUT_OF_ORDER))
		return false;
	while (resent && (resent->start >= passage->end || resent->end <= passage->start))
		resent = resent_at(passage->shard, resent->next);
	return resent;
}

/* When it has all its verdicts. */
void amends_keep(struct passage *passage)
{
	struct shard *shard = passage->shard;
	struct side *side = &passage->conversation->side[passage->from];
	const struct packet *packet = passage->packet;
	uint32_t index, *link = &side->resents;
	struct resent *resent;
	if (passage->end == passage->start ||
	    (!packet_is_kept(packet) && !packet_follows_its_copy(passage, side)))
		return;
	if (side->resent_count == RESENTS_KEPT)
		resent_drop_first(shard, side);
	index = pool_take(&shard->resents);
	if (!index)
		return;
	while (*link)
		link = &resent_at(shard, *link)->next;
	*link = index;
	side->resent_count++;
	if (passage->end > side->resent_high)
		side->resent_high = passage->end;
	resent = resent_at(shard, index);
	*resent = (struct resent){
		.n = packet->n,
		.ns = passage->event->ns,
		.start = passage->start,
		.end = passage->end,
		.tsval = packet->segment.tcp.options.tsval,
		.stamped = packet->segment.tcp.options.present & OPTION_TS,
		.original = verdict_is_on(packet, VERDICT_OUT_OF_ORDER),
		.vantage = passage->event->vantage,
		.arrives_ns = packet->way.arrives_ns,
		.refused_ns = passage->refused_ns,
		.verdict_count = packet->verdict_count,
	};
	for (size_t i = 0; i < packet->verdict_count; i++)
		resent->verdicts[i] = packet->verdicts[i];
}

/* The other end's capture has told that nothing it brings was there. */
static bool resent_was_needed(struct resent *resent)
{
	const struct verdict *cause = resent_cause(resent);
	return cause && cause->needed == NEEDED_YES;
}

/* Of this D-SACK: bytes of it, in a copy that can have arrived by then. An end that answers at
 * once may do so sooner than it ever did. */
static bool resent_may_be(const struct passage *passage, struct resent *resent,
			  const int64_t block[2])
{
	uint64_t echo_ns = place_echo_ns(passage->conversation, passage->from);
	return !resent->reported && resent->end > block[0] && resent->start < block[1] &&
	       !resent_was_needed(resent) &&
	       passage->event->ns + JITTER_NS >= resent->ns + echo_ns / 2;
}

/* All of it must have come twice; and once bytes that were sent once did, the network doubles
 * packets, and may have doubled this one (RFC 3708 3). */
static bool report_is_proof(const struct sender *sender, const struct resent *resent,
			    const int64_t block[2])
{
	return !(sender && sender->doubled) && resent->start >= block[0] &&
	       resent->end <= block[1];
}

/* Of several copies one D-SACK tells that two have arrived, and not which. The first of those
 * two was sent before the last of all: so the last is what came twice, a second D-SACK's is the
 * one before it, and whether an earlier one was needed stays open (RFC 2883 5). */
static struct resent *resent_reported(const struct passage *passage, const struct side *side,
				      const int64_t block[2])
{
	struct resent *found = NULL, *resent;
	for (uint32_t i = side->resents; i; i = resent->next) {
		resent = resent_at(passage->shard, i);
		if (resent_may_be(passage, resent, block))
			found = resent;
	}
	return found;
}

uint64_t amends_reported(const struct passage *passage, const struct side *side,
			 const int64_t block[2])
{
	const struct resent *resent = resent_reported(passage, side, block);
	return resent ? resent->n : 0;
}

static void resent_changes(struct passage *passage, struct resent *resent)
{
	resent->changed = true;
	resent->because = passage->packet->n;
	passage->amended = true;
}

static void resent_needless(struct passage *passage, struct resent *resent)
{
	struct verdict *cause = resent_cause(resent);
	if (!cause || cause->needed != NEEDED_UNKNOWN)
		return;
	cause->needed = NEEDED_NO;
	resent_changes(passage, resent);
}

/* Has every byte that it sent again in this trouble arrived twice (RFC 3708 3)? */
static bool trouble_was_needless(const struct shard *shard, const struct side *side,
				 const struct sender *sender)
{
	const struct resent *resent = resent_at(shard, side->resents);
	bool all = sender->since_n > 0;
	for (; resent && all; resent = resent_at(shard, resent->next))
		all = resent->reported || resent->original || resent->n < sender->since_n;
	return all;
}

/* An echo older than the first that was sent again (RFC 3522 3.2, step 4), or D-SACKs of all:
 * the timeout or recovery is undone once its sender hears of it (sender_undoes). */
static void amends_undoes(const struct passage *passage, const struct side *side, bool echoed)
{
	const struct tcp_options *options = &passage->packet->segment.tcp.options;
	struct sender *sender = sender_of(passage->shard, side);
	if (!sender || !sender->since_n || sender->undo_ns)
		return;
	if (!(echoed && seq_diff(options->tsecr, sender->since_tsval) < 0) &&
	    !(passage->packet->dsack && trouble_was_needless(passage->shard, side, sender)))
		return;
	sender->undo_ns = passage->event->ns;
	sender->undo_tsval = options->tsval;
	sender->undo_echoed = echoed;
}

/* The ACK that first covers its first byte echoes what made the receiver's left edge move. */
static bool resent_had_arrived(const struct passage *passage, const struct side *side,
			       const struct resent *resent)
{
	const struct tcp_options *options = &passage->packet->segment.tcp.options;
	return resent->stamped && options->present & OPTION_TS && resent->start <= side->una &&
	       resent->end > side->una && passage->packet->ack > side->una &&
	       seq_diff(options->tsecr, resent->tsval) < 0;
}

/* True: an echo older than a copy says so. */
static bool amends_echoes(struct passage *passage, const struct side *side)
{
	bool echoed = false;
	struct resent *resent;
	for (uint32_t i = side->resents; i; i = resent->next) {
		resent = resent_at(passage->shard, i);
		if (!resent_had_arrived(passage, side, resent))
			continue;
		resent_needless(passage, resent);
		echoed = true;
	}
	return echoed;
}

static void amends_reports(struct passage *passage, const struct side *side)
{
	const int64_t *block = passage->packet->sack[0];
	struct sender *sender = sender_of(passage->shard, side);
	const struct sent *item = sent_find(passage->shard, side, block[0], block[1]);
	struct resent *resent = resent_reported(passage, side, block);
	if (resent && resent->original) { /* the other of the two was its copy */
		resent->reported = true;
		resent = resent_reported(passage, side, block);
	} else if (sender && item && !item->resent) {
		sender->doubled = true;
	}
	if (!resent)
		return;
	resent->reported = true;
	if (report_is_proof(sender, resent, block))
		resent_needless(passage, resent);
}

/* RFC 5682 2.1, step 3: the timeout was spurious. */
static void amends_frto(struct passage *passage, const struct side *side)
{
	struct sender *sender = sender_of(passage->shard, side);
	struct resent *resent;
	struct verdict *cause;
	if (!sender || !frto_hears(passage, side, sender))
		return;
	resent = resent_find(passage->shard, side, sender->frto_n);
	sender->frto_n = 0;
	cause = resent ? resent_cause(resent) : NULL;
	if (!cause || cause->needed != NEEDED_UNKNOWN)
		return;
	verdict_because(cause, sender->frto_first_n);
	verdict_because(cause, passage->packet->n);
	resent_needless(passage, resent);
}

/* An ACK comes, and side->una is still what it was before. */
void amends_hears(struct passage *passage, struct side *side)
{
	amends_frto(passage, side);
	if (passage->packet->dsack &&
	    !verdict_is_on(passage->packet, VERDICT_NETWORK_DUPLICATE))
		amends_reports(passage, side);
	amends_undoes(passage, side, amends_echoes(passage, side));
}

void amends_settle(struct passage *passage, uint64_t n, enum verdict_id id)
{
	const struct side *side = &passage->conversation->side[passage->from];
	struct resent *resent = resent_find(passage->shard, side, n);
	struct verdict *cause = resent ? resent_cause(resent) : NULL;
	if (!cause)
		return;
	verdict_becomes(passage, cause, id);
	resent_changes(passage, resent);
}

/* Was a later copy of some of it there, too, when this packet left? */
static bool resent_is_last(const struct passage *passage, const struct resent *resent)
{
	const struct resent *later = resent;
	while ((later = resent_at(passage->shard, later->next))) {
		if (later->end > resent->start && later->start < resent->end &&
		    later->arrives_ns && later->arrives_ns <= passage->event->ns)
			return false;
	}
	return true;
}

/* All that it brings is accepted, and was not before this packet. A D-SACK is told of when it
 * is heard. */
static void resent_accepted(struct passage *passage, struct resent *resent)
{
	struct verdict *cause = resent_cause(resent);
	bool here = resent->arrives_ns && resent->arrives_ns <= passage->event->ns;
	if (!cause || cause->needed != NEEDED_UNKNOWN || !resent->arrives_ns)
		return;
	if (!here) {
		resent_needless(passage, resent);
	} else if (!passage->packet->dsack && needed_was_refused(passage, resent) &&
		   resent_is_last(passage, resent)) {
		cause->needed = NEEDED_YES;
		resent_changes(passage, resent);
	}
}

void amends_accepts(struct passage *passage)
{
	const struct conversation *c = passage->conversation;
	const struct side *self = &c->side[passage->from];
	struct resent *resent;
	if (!(passage->packet->segment.tcp.flags & TCP_ACK) || passage->stray)
		return;
	for (uint32_t i = c->side[!passage->from].resents; i; i = resent->next) {
		resent = resent_at(passage->shard, i);
		if (!resent->refused_ns ||
		    !needed_accepted(passage->shard, self, resent->start, resent->end))
			continue;
		resent_accepted(passage, resent);
		resent->refused_ns = 0;
	}
}

static bool resent_tell(struct passage *passage, struct resent *resent)
{
	struct event event = {
		.kind = EVENT_AMEND,
		.ns = passage->event->ns,
		.conv = passage->conversation->number,
		.vantage = resent->vantage,
		.amend = {.n = resent->n,
			  .because = resent->because,
			  .verdict_count = resent->verdict_count},
	};
	for (size_t i = 0; i < resent->verdict_count; i++)
		event.amend.verdicts[i] = resent->verdicts[i];
	resent->changed = false;
	return tracker_emit(passage->tracker, &event);
}

bool amends_tell(struct passage *passage)
{
	for (size_t end = 0; end < END_COUNT; end++) {
		uint32_t i = passage->conversation->side[end].resents;
		for (struct resent *resent; i; i = resent->next) {
			resent = resent_at(passage->shard, i);
			if (resent->changed && !resent_tell(passage, resent))
				return false;
		}
	}
	return true;
}
