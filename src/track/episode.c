#include "inquiry.h"

/* Recoveries, timeouts and probes: which of them made a sender send again, and what that begins
 * or belongs to. */

#define QUIET_TICKS    190
#define QUIET_NS       (QUIET_TICKS * NS_PER_MS) /* no timer is shorter, but for a tick */
#define PROBE_LEAST_NS (2 * NS_PER_MS)
#define REORDER_NS     (10 * NS_PER_MS) /* its timer's grain, and the host's */
#define UNTOLD_NS      (2 * NS_PER_MS)  /* nearer than that, an answer may come at once */

static bool episode_recovers(const struct inquiry *inquiry)
{
	return inquiry->una.una < inquiry->sender->recovery_point;
}

static bool episode_lost(const struct inquiry *inquiry)
{
	return inquiry->una.una < inquiry->sender->loss_point;
}

bool episode_goes_on(const struct inquiry *inquiry)
{
	return episode_recovers(inquiry) || episode_lost(inquiry);
}

/* Linux probes only with SACK, once, and when it sees nothing wrong yet (RFC 8985 7.2). */
static bool episode_may_probe(const struct inquiry *inquiry)
{
	return !inquiry->sack_off && !inquiry->sacked_bytes && !episode_recovers(inquiry) &&
	       !episode_lost(inquiry) && inquiry->una.una >= inquiry->sender->probe_point;
}

/* Silence alone: a timer. Of a lone segment either may have been sent for either. */
static enum verdict_id episode_timer(const struct inquiry *inquiry)
{
	bool probe = inquiry->last && episode_may_probe(inquiry);
	if (inquiry->first)
		return probe ? VERDICT_RETRANSMISSION : VERDICT_RTO_RETRANSMISSION;
	return probe ? VERDICT_TAIL_LOSS_PROBE : VERDICT_RETRANSMISSION;
}

/* The last outstanding, after as long as a probe waits. */
bool episode_is_probe(const struct inquiry *inquiry)
{
	uint64_t pto_ns = sender_pto_ns(inquiry->sender, false);
	return inquiry->last && episode_may_probe(inquiry) && pto_ns > 0 &&
	       inquiry->silence_ns >= PROBE_LEAST_NS &&
	       inquiry->silence_ns >= pto_ns - pto_ns / 8;
}

/* It followed its original sooner than anything about that one could come back: a link stood
 * still and let both go at once, and the silence between them is not to be seen here. */
static bool episode_is_untold(const struct inquiry *inquiry)
{
	const struct tcp_options *options = &inquiry->passage->packet->segment.tcp.options;
	const struct stamps *stamps = &inquiry->side->stamps;
	return inquiry->original && !inquiry->original->late &&
	       inquiry->original->last_ns > inquiry->knew.ns &&
	       (!inquiry->knew.stamped || stamps->fine ||
		seq_diff(options->tsval, inquiry->original->last_tsval) >= QUIET_TICKS) &&
	       place_echo_ns(inquiry->passage->conversation, inquiry->passage->from) >
		       UNTOLD_NS;
}

/* A hole right behind the ACK that ended the recovery, and nothing of it came by here: had its
 * bytes been sent when the recovery began, so that they belong to it? */
static bool episode_may_recover(const struct inquiry *inquiry)
{
	const struct sender *sender = inquiry->sender;
	int64_t una = inquiry->una.una;
	return !inquiry->original && inquiry->start == una && una >= sender->recovery_point &&
	       sender_una_at(sender, &inquiry->knew, una - 1).una < sender->recovery_point;
}

/* The first hole lies right behind bytes that came after a silence, and what lies above it came
 * a while later. Did a timeout send those, whose original died before the tap? */
static bool episode_may_follow(const struct inquiry *inquiry)
{
	const struct sender *sender = inquiry->sender;
	uint64_t echo_ns =
		place_echo_ns(inquiry->passage->conversation, inquiry->passage->from);
	return !inquiry->original && inquiry->una.una == sender->pause_end && inquiry->above &&
	       inquiry->above->ns > sender->pause_ns + echo_ns / 2;
}

/* It comes with what a link held back for as long as a timer takes, and no timestamp tells when
 * each of them left. */
static bool episode_is_held(const struct inquiry *inquiry)
{
	const struct passage *passage = inquiry->passage;
	uint64_t echo_ns = place_echo_ns(passage->conversation, passage->from);
	return inquiry->first && !inquiry->knew.stamped && inquiry->sender->pause_ns &&
	       passage->event->ns < inquiry->sender->pause_ns + echo_ns;
}

/* All of it had been acknowledged, and nothing was silent: its sender had heard of gaps, not of
 * what filled them. Or, without SACK, it takes the duplicate ACKs that its own needless copies
 * draw for another loss (RFC 6582 4). Nothing says at a distance where its recovery began. */
static bool episode_is_drawn(const struct inquiry *inquiry)
{
	const struct sender *sender = inquiry->sender;
	if (inquiry->quiet)
		return false;
	return inquiry->sack_off ? inquiry->acked && sender->recovery_n
				 : inquiry->original && inquiry->end <= sender->una.una;
}

/* Something has arrived that left only after the third duplicate ACK had come to the sender: by
 * then these bytes were sent again, and that may have died before the tap, which shows that it
 * was lost, too (RFC 8985 6.2). Or its sender was slow. */
static bool episode_is_overdue(const struct inquiry *inquiry)
{
	uint64_t echo_ns =
		place_echo_ns(inquiry->passage->conversation, inquiry->passage->from);
	return !inquiry->original && !inquiry->sack_off && inquiry->asked_ns &&
	       inquiry->fresh_ns >= inquiry->asked_ns + echo_ns - echo_ns / 4;
}

/* Lost bytes are sent again from the lowest on (RFC 6675 4): a lower hole that nothing has
 * filled says that this is not the first, which died before the tap. */
static bool episode_is_later(const struct inquiry *inquiry)
{
	const struct passage *passage = inquiry->passage;
	return !inquiry->original &&
	       holes_lowest(passage->shard, inquiry->side) < inquiry->start;
}

/* Without SACK a recovery sends its lowest hole once, for the ACK that came up to it (RFC 6582
 * 3.2): however many duplicate ACKs still come, nothing but the timer sends it once more. */
static bool episode_is_stuck(const struct inquiry *inquiry)
{
	const struct sent *original = inquiry->original;
	return inquiry->sack_off && episode_recovers(inquiry) && original && original->resent &&
	       original->last_n >= inquiry->sender->recovery_n &&
	       original->last_ns > inquiry->una.ns;
}

/* Without SACK a recovery sends nothing but what an ACK asks for (RFC 6582 3.2). These bytes
 * lie in the midst of what the latest one acknowledged at once: their sender goes through all
 * that was outstanding, as after a timeout. */
static bool episode_is_unasked(const struct inquiry *inquiry)
{
	const struct sender *sender = inquiry->sender;
	return inquiry->sack_off && sender->una_was < inquiry->start &&
	       inquiry->start < sender->una.una;
}

/* New bytes kept coming since, so that no link stood still: what the duplicate ACKs asked for
 * left, and died before the tap. */
static bool episode_is_asked_in_vain(const struct inquiry *inquiry)
{
	return !inquiry->original &&
	       inquiry->sender->pause_ns + inquiry->stale_ns < inquiry->passage->event->ns;
}

/* A timer runs from when the oldest bytes were sent, whatever new ones go out meanwhile (RFC
 * 6298 5.1). What an ACK makes a sender send follows it at once; a wait for reordering takes up
 * to a round trip more (RFC 8985 6.2). Without SACK the third duplicate ACK is the last one
 * that makes it send these bytes (RFC 5681 3.2): after that only the timer can. */
bool episode_is_timed(const struct inquiry *inquiry)
{
	uint64_t wait_ns = inquiry->sender->srtt_ns + inquiry->sender->srtt_ns / 4 + REORDER_NS;
	uint64_t echo_ns =
		place_echo_ns(inquiry->passage->conversation, inquiry->passage->from);
	if (!inquiry->first || inquiry->head_ns < QUIET_NS)
		return false;
	if (inquiry->idle_ns >= wait_ns || episode_is_stuck(inquiry))
		return true;
	return inquiry->stale_ns >= QUIET_NS && (episode_is_asked_in_vain(inquiry) ||
						 inquiry->idle_ns >= UNTOLD_NS + echo_ns / 4);
}

/* Sooner than half of its timer, and what it sends was acknowledged: after a timeout every ACK
 * lets it send the next bytes, and from a distance their ACKs and its silences look alike. */
static bool episode_is_early(const struct inquiry *inquiry)
{
	return inquiry->acked && inquiry->sender->srtt_ns &&
	       inquiry->silence_ns < sender_rto_ns(inquiry->sender) / 2;
}

/* At a distance it is a matter of luck whether the news that undid the last recovery had come
 * to the sender by then. */
static bool episode_may_be_undone(const struct inquiry *inquiry)
{
	const struct passage *passage = inquiry->passage;
	uint64_t echo_ns = place_echo_ns(passage->conversation, passage->from);
	return inquiry->sender->undone_ns &&
	       passage->event->ns < inquiry->sender->undone_ns + 2 * echo_ns;
}

/* The clock was set back, so that no silence is to be seen, and the timer may have sent it. */
static bool episode_is_timeless(const struct inquiry *inquiry, enum verdict_id id)
{
	return inquiry->set_back && inquiry->first && id != VERDICT_RETRANSMISSION &&
	       id != VERDICT_RTO_RETRANSMISSION;
}

/* Which two may it be, though its cause seems to be known? */
static bool episode_doubts(const struct inquiry *inquiry, enum verdict_id id,
			   enum verdict_id either[static 2])
{
	bool fast = id == VERDICT_FAST_RETRANSMISSION;
	bool repairs = fast || id == VERDICT_RECOVERY_RETRANSMISSION;
	bool early = id == VERDICT_RTO_RETRANSMISSION && episode_is_early(inquiry);
	either[0] = id;
	either[1] = VERDICT_RTO_RETRANSMISSION;
	if ((repairs && episode_is_held(inquiry)) || episode_is_timeless(inquiry, id))
		return true;
	either[1] = VERDICT_RTO_RECOVERY;
	if (early || (repairs && (episode_may_follow(inquiry) ||
				  inquiry->una.una < inquiry->sender->doubt_point)))
		return true;
	either[1] = VERDICT_RECOVERY_RETRANSMISSION;
	return fast && (!inquiry->first || episode_is_overdue(inquiry) ||
			episode_may_be_undone(inquiry));
}

/* Without SACK nothing but duplicate ACKs and the timer makes a sender send again. When it has
 * little outstanding, or has seen reordering, fewer than three will do (RFC 5827 3.1). At a
 * distance that is not to be told from what a recovery or a timeout sends. */
static bool episode_is_hasty(const struct inquiry *inquiry)
{
	const struct passage *passage = inquiry->passage;
	return inquiry->sack_off && inquiry->first && inquiry->dup_acks && !inquiry->quiet &&
	       place_echo_ns(passage->conversation, passage->from) <= UNTOLD_NS / 8;
}

/* Why was this sent again? VERDICT_RETRANSMISSION: it was, and nobody can say why. */
enum verdict_id episode_cause(struct inquiry *inquiry)
{
	inquiry->quiet = episode_is_untold(inquiry) || episode_is_timed(inquiry) ||
			 (inquiry->silence_ns >= QUIET_NS && inquiry->idle_ns >= QUIET_NS);
	if (inquiry->quiet &&
	    (inquiry->first || (inquiry->last && !inquiry_triggered(inquiry))))
		return episode_timer(inquiry);
	if (episode_lost(inquiry) || episode_is_unasked(inquiry))
		return VERDICT_RTO_RECOVERY;
	if (episode_may_recover(inquiry))
		return VERDICT_RETRANSMISSION;
	if (inquiry_triggered(inquiry))
		return episode_recovers(inquiry) || episode_is_later(inquiry)
			       ? VERDICT_RECOVERY_RETRANSMISSION
			       : VERDICT_FAST_RETRANSMISSION;
	if (episode_recovers(inquiry))
		return VERDICT_RECOVERY_RETRANSMISSION;
	if (episode_is_hasty(inquiry))
		return VERDICT_FAST_RETRANSMISSION;
	return episode_is_probe(inquiry) ? VERDICT_TAIL_LOSS_PROBE : VERDICT_RETRANSMISSION;
}

/* Of a lone segment a probe or a timeout was sent for the same silence. The next one tells: a
 * timer that ran out doubles (RFC 6298 5.5), whatever new went out meanwhile (5.1); after a
 * probe it is as it was. Between the two an ACK that was not seen may have started it anew, and
 * nothing is told. True: the first was a timeout. */
static bool tell_lone(struct inquiry *inquiry)
{
	struct sender *sender = inquiry->sender;
	bool doubled = inquiry->head_ns > sender->lone_silence_ns * 3 / 2;
	bool equal = inquiry->head_ns < sender->lone_silence_ns * 5 / 4;
	if (doubled || equal)
		amends_settle(inquiry->passage, sender->lone_n,
			      doubled ? VERDICT_RTO_RETRANSMISSION : VERDICT_TAIL_LOSS_PROBE);
	sender->lone_n = 0;
	return doubled;
}

/* A recovery that begins where another stopped belongs to the same trouble: without SACK a
 * sender waits for an ACK beyond the point (RFC 6582 3.2). */
static void tell_since(struct inquiry *inquiry)
{
	struct sender *sender = inquiry->sender;
	int64_t una = inquiry->una.una - inquiry->sack_off;
	if (sender->since_n && (una < sender->recovery_point || una < sender->loss_point))
		return;
	sender->undo_ns = 0;
	sender->since_n = inquiry->passage->packet->n;
	sender->since_tsval = inquiry->passage->packet->segment.tcp.options.tsval;
}

static void tell_timeout(struct inquiry *inquiry, struct verdict *verdict)
{
	struct sender *sender = inquiry->sender;
	bool lone = sender->lone_n && tell_lone(inquiry);
	tell_since(inquiry);
	bool backs_off = lone || (sender->timeouts && sender->loss_una == inquiry->una.una);
	sender->timeouts = lone ? 1 : sender->timeouts;
	sender->timeouts = backs_off ? sender->timeouts + 1 : 1;
	if (!backs_off && !episode_lost(inquiry))
		frto_begins(inquiry->passage, inquiry->side, inquiry->high);
	sender->loss_una = inquiry->una.una;
	sender->loss_point = inquiry->high;
	sender->loss_n = inquiry->passage->packet->n;
	sender->recovery_point = INT64_MIN;
	verdict->number = sender->timeouts;
	if (inquiry->silence_ns < QUIET_NS)
		return; /* at a distance: what its sender waited for is not to be seen here */
	verdict_because(verdict, inquiry->silence_n);
	inquiry_facts(inquiry, verdict);
}

static void tell_after_timeout(struct inquiry *inquiry, struct verdict *verdict)
{
	struct sender *sender = inquiry->sender;
	if (!episode_lost(inquiry)) { /* its timeout was not seen as one */
		tell_since(inquiry);
		sender->loss_point = inquiry->high;
		sender->loss_una = inquiry->una.una;
		sender->loss_n = 0;
		sender->recovery_point = INT64_MIN;
	}
	verdict_because(verdict, sender->loss_n);
}

static void tell_evidence(const struct inquiry *inquiry, struct verdict *verdict)
{
	for (uint32_t i = 0; i < inquiry->dup_acks; i++)
		verdict_because(verdict, inquiry->dup_n[i]);
	verdict_because(verdict, inquiry->sacked_n);
	verdict_fact(verdict, FACT_DUP_ACKS, inquiry->dup_acks);
	if (!inquiry->sack_off)
		verdict_fact(verdict, FACT_SACKED, (int64_t)inquiry->sacked_bytes);
}

static void tell_begins(struct inquiry *inquiry, uint64_t n)
{
	struct sender *sender = inquiry->sender;
	tell_since(inquiry);
	sender->recovery_point = inquiry->high;
	sender->recovery_n = n;
	sender->episode = ++inquiry->passage->conversation->episodes;
}

static void tell_fast(struct inquiry *inquiry, struct verdict *verdict)
{
	tell_begins(inquiry, inquiry->passage->packet->n);
	verdict->episode = inquiry->sender->episode;
	tell_evidence(inquiry, verdict);
}

static void tell_recovery(struct inquiry *inquiry, struct verdict *verdict)
{
	if (!episode_recovers(inquiry))
		tell_begins(inquiry, 0);
	verdict->episode = inquiry->sender->episode;
	verdict_because(verdict, inquiry->sender->recovery_n);
	tell_evidence(inquiry, verdict);
}

static void tell_probe(struct inquiry *inquiry, struct verdict *verdict)
{
	inquiry->sender->probe_point = inquiry->high;
	if (inquiry->first) /* most wait longer with a lone segment (RFC 8985 7.2) */
		verdict->sure = SURE_LIKELY;
	verdict_because(verdict, inquiry->silence_n);
	inquiry_facts(inquiry, verdict);
}

static void tell_either(struct verdict *verdict, enum verdict_id one, enum verdict_id other)
{
	verdict->sure = SURE_AMBIGUOUS;
	verdict->candidates[0] = one;
	verdict->candidates[1] = other;
}

/* It was too big for a link on the way, and its sender was told (RFC 1191 6.4). */
static bool episode_is_resized(const struct inquiry *inquiry)
{
	return inquiry->sender->too_big_n && !inquiry->quiet &&
	       inquiry->start < inquiry->sender->too_big_point;
}

/* A lone segment after a silence was a probe or the timer; what else has no known cause. */
static void tell_unknown(struct inquiry *inquiry, struct verdict *verdict)
{
	struct sender *sender = inquiry->sender;
	if (episode_is_resized(inquiry)) {
		verdict_because(verdict, sender->too_big_n);
		return;
	}
	verdict->sure = SURE_LIKELY;
	if (episode_may_recover(inquiry) || episode_is_drawn(inquiry)) {
		tell_fast(inquiry, verdict);
		tell_either(verdict, VERDICT_FAST_RETRANSMISSION,
			    VERDICT_RECOVERY_RETRANSMISSION);
		return;
	}
	verdict_because(verdict, inquiry->silence_n);
	inquiry_facts(inquiry, verdict);
	if (!inquiry->quiet || !inquiry->first || !inquiry->last)
		return;
	tell_either(verdict, VERDICT_TAIL_LOSS_PROBE, VERDICT_RTO_RETRANSMISSION);
	sender->probe_point = inquiry->high;
	sender->lone_n = inquiry->passage->packet->n;
	sender->lone_silence_ns = inquiry->silence_ns;
}

/* Says so, and keeps what it begins. */
void episode_tells(struct inquiry *inquiry, enum verdict_id id)
{
	static const struct {
		enum verdict_id id;
		void (*tell)(struct inquiry *inquiry, struct verdict *verdict);
	} rows[] = {
		{VERDICT_RTO_RETRANSMISSION, tell_timeout},
		{VERDICT_RTO_RECOVERY, tell_after_timeout},
		{VERDICT_FAST_RETRANSMISSION, tell_fast},
		{VERDICT_RECOVERY_RETRANSMISSION, tell_recovery},
		{VERDICT_TAIL_LOSS_PROBE, tell_probe},
		{VERDICT_RETRANSMISSION, tell_unknown},
	};
	enum verdict_id either[2];
	bool doubts = episode_doubts(inquiry, id, either);
	struct verdict *verdict = verdict_add(inquiry->passage, id);
	sender_resends(inquiry->sender);
	if (!verdict)
		return;
	verdict->of = inquiry->original ? inquiry->original->n : 0;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if (rows[i].id == id)
			rows[i].tell(inquiry, verdict);
	}
	if (inquiry->set_back && verdict->sure == SURE_CERTAIN)
		verdict->sure = SURE_LIKELY;
	if (!doubts)
		return;
	if (either[1] != VERDICT_RECOVERY_RETRANSMISSION)
		inquiry->sender->doubt_point = inquiry->high;
	verdict_becomes(inquiry->passage, verdict, VERDICT_RETRANSMISSION);
	tell_either(verdict, either[0], either[1]);
}
