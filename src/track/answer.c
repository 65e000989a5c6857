#include "least.h"
#include "verdict.h"

/* What a segment says by its ACK, its window and its SACK blocks: an answer, or a sign of life.
 *
 * A duplicate ACK is one that repeats the highest ACK of its end because a segment came out of
 * order. Where SACK is on it says so itself: it reports bytes that it had not reported before
 * (RFC 6675 2), whatever its window. Elsewhere it is known by the five conditions of RFC 5681
 * 2: data are outstanding, it carries none, no SYN or FIN, and ACK and window are as before. */

#define MSS_USUAL      1460               /* of Ethernet, where the SYN was not seen */
#define LARGEST_WINDOW (INT64_C(1) << 30) /* RFC 7323 2.3: no ACK is farther off */
#define ANSWER_SLACK_NS (50 * NS_PER_MS)   /* of a busy host, beside twice the way */

struct answer { /* a segment without data, and what its blocks brought */
	struct passage *passage;
	struct side *self, *peer;
	uint64_t sacked;  /* bytes reported for the first time */
	uint64_t reneged; /* the packet that had SACKed what is not held any more */
};

/* Bytes between those that this end has acknowledged and `ack` that were in no packet. */
static uint64_t unseen_in_holes(const struct shard *shard, const struct side *peer,
				int64_t from, int64_t ack)
{
	uint64_t unseen = 0;
	for (uint32_t i = peer->holes; i;) {
		const struct hole *hole = pool_at(&shard->holes, i);
		int64_t left = most(hole->start, from), right = least(hole->end, ack);
		unseen += right > left ? (uint64_t)(right - left) : 0;
		i = hole->next;
	}
	return unseen;
}

/* What it acknowledges has arrived; where it was in no packet the capture missed some. Before
 * the other end was heard nothing is missing: the capture began in the middle. */
static uint64_t answer_unseen(const struct passage *passage)
{
	const struct side *self = &passage->conversation->side[passage->from];
	const struct side *peer = &passage->conversation->side[!passage->from];
	int64_t ack = passage->packet->ack, from = self->rcv_nxt, seen, fin;
	uint64_t unseen = 0;
	if (ack <= from || !peer->answers.begins)
		return 0;
	seen = peer->bytes ? peer->high : peer->answers.begun;
	from = most(from, peer->syn_seen ? 1 : peer->bytes ? peer->low : peer->answers.begun);
	seen = most(seen, from);
	fin = peer->fin >= seen ? peer->fin : ack; /* of what lies beyond, it alone was seen */
	if (least(fin, ack) > seen)
		unseen += (uint64_t)(least(fin, ack) - seen);
	if (ack > fin + 1)
		unseen += (uint64_t)(ack - fin - 1);
	/* Its first was a keep-alive, one below its next number (RFC 9293 3.8.4). */
	if (unseen == 1 && !peer->bytes && !peer->syn_seen)
		return 0;
	if (unseen > (uint64_t)LARGEST_WINDOW)
		return 0;
	return unseen + unseen_in_holes(passage->shard, peer, from, ack);
}

/* Are SACK blocks to be expected? Both SYNs offered it (RFC 2018 2), or there were some. */
static bool answer_sacks(const struct answer *answer)
{
	const struct tcp_options *options = &answer->passage->packet->segment.tcp.options;
	bool both =
		answer->self->options.present & answer->peer->options.present & OPTION_SACK_OK;
	bool cut = options->cut && options->sack_count == 0;
	return !cut && (both || answer->self->answers.sacks);
}

/* Blocks above the ACK; the first may be a D-SACK, which reports nothing new. */
static void answer_reads_blocks(struct answer *answer)
{
	struct packet *packet = answer->passage->packet;
	for (size_t i = packet->dsack; i < packet->segment.tcp.options.sack_count; i++) {
		struct hole block = {
			.start = most(packet->sack[i][0], packet->ack),
			.end = packet->sack[i][1],
			.n = packet->n,
		};
		if (block.end <= block.start || block.end > packet->ack + LARGEST_WINDOW)
			continue;
		answer->sacked += scoreboard_add(answer->passage->shard, answer->self, block);
	}
}

/* A probe: at most one byte, just below what this end has sent (RFC 9293 3.8.4, 3.8.6.1). It
 * asks; it answers nothing. */
static bool answer_asks(const struct passage *passage, const struct side *self)
{
	int64_t next = most(most(self->high, self->una), self->syn_seen);
	return passage->data_end - passage->data <= 1 && passage->start == next - 1;
}

static bool answer_repeats(const struct answer *answer)
{
	return answer->self->answers.ack_n &&
	       answer->passage->packet->ack == answer->self->rcv_nxt;
}

static bool answer_same_window(const struct answer *answer)
{
	return !answer->self->answers.window_said ||
	       answer->passage->packet->window == answer->self->window;
}

/* What is outstanding must be able to have come out of order: beyond the segment that is due,
 * and sent so long ago that this can be the answer. Else it answers bytes that were sent
 * needlessly, or a probe. */
static bool answer_outstanding(const struct answer *answer)
{
	const struct passage *passage = answer->passage;
	const struct side *self = answer->self;
	int64_t due = self->options.mss ? self->options.mss : MSS_USUAL;
	uint64_t echo_ns = place_echo_ns(passage->conversation, passage->from);
	for (uint32_t i = answer->peer->sent_unacked; i;) {
		const struct sent *item = pool_at(&passage->shard->sents, i);
		if (item->ns + echo_ns / 4 * 3 > passage->event->ns)
			return false;
		if (item->start > self->rcv_nxt || item->end > self->rcv_nxt + due)
			return true;
		i = item->next;
	}
	return false;
}

/* A probe is answered at once (RFC 9293 3.10.7.4), or not at all: hosts answer only so many a
 * second. Another window that comes sooner than the way takes, or much later, is news of the
 * window. */
static bool answer_in_time(const struct answer *answer)
{
	const struct passage *passage = answer->passage;
	uint64_t echo_ns = place_echo_ns(passage->conversation, passage->from);
	uint64_t asked_ns = answer->peer->probed_ns, ns = passage->event->ns;
	bool placed = echo_ns || passage->packet->way.known;
	if (!placed || answer_same_window(answer))
		return true;
	return ns >= asked_ns + echo_ns / 2 && ns <= asked_ns + 2 * echo_ns + ANSWER_SLACK_NS;
}

/* The other end probed: this is the answer, whether it took the probe's byte or not. */
static bool answer_to_probe(const struct answer *answer)
{
	static const enum verdict_id ids[VERDICT_COUNT] = {
		[VERDICT_ZERO_WINDOW_PROBE] = VERDICT_ZERO_WINDOW_PROBE_ACK,
		[VERDICT_KEEP_ALIVE] = VERDICT_KEEP_ALIVE_ACK,
	};
	struct side *peer = answer->peer;
	const struct packet *packet = answer->passage->packet;
	enum verdict_id id = ids[peer->probe_id];
	uint64_t of = peer->probe_n;
	struct verdict *verdict;
	if (!of || !answer_in_time(answer))
		return false;
	peer->probe_n = 0;
	if (packet->ack > answer->self->rcv_nxt + 1)
		return false;
	verdict = verdict_add(answer->passage, id);
	if (verdict) {
		verdict->of = of;
		verdict_fact(verdict, FACT_WINDOW, (int64_t)packet->window);
	}
	return true;
}

/* A SYN on a connection that stands, and a RST that only lies in the window, may be forged:
 * they are answered by an ACK, which their sender, if it is the true one, answers with a RST
 * (RFC 5961 3.2, 4.2). So it is with a SYN on ports where the other end still has a connection:
 * its ACK has the numbers of that one (RFC 9293 3.5.1, figure 9). */
static bool answer_challenges(const struct answer *answer)
{
	const struct passage *passage = answer->passage;
	struct side *peer = answer->peer;
	bool alone = peer->syn_n && !peer->synack_n && peer->una <= 0 && peer->high <= 1;
	bool old = alone && !answer->self->syn_seen && passage->packet->ack != 1;
	uint64_t of = old ? peer->syn_n : peer->answers.doubtful_n;
	peer->answers.doubtful_n = 0;
	if (!of || (!old && !answer_repeats(answer)))
		return false;
	answer->passage->stray = old;
	verdict_of(answer->passage, VERDICT_CHALLENGE_ACK, of);
	return true;
}

/* The packet that brought any of these bytes last; 0: not known any more. */
static uint64_t sent_latest(const struct shard *shard, const struct side *side, int64_t start,
			    int64_t end)
{
	uint64_t latest = 0;
	for (uint32_t i = side->sent_first; i;) {
		const struct sent *item = pool_at(&shard->sents, i);
		uint64_t n = item->last_n ? item->last_n : item->n;
		if (item->start < end && item->end > start && n > latest)
			latest = n;
		i = item->next;
	}
	return latest;
}

/* Bytes that arrived twice, and the packet that brought them last. */
static bool answer_dsack(const struct answer *answer)
{
	const struct passage *passage = answer->passage;
	const int64_t *block = passage->packet->sack[0];
	struct verdict *verdict;
	if (!passage->packet->dsack)
		return false;
	verdict = verdict_add(answer->passage, VERDICT_DSACK);
	if (!verdict)
		return true;
	verdict->of = amends_reported(passage, answer->peer, block);
	if (!verdict->of)
		verdict->of = sent_latest(passage->shard, answer->peer, block[0], block[1]);
	verdict_fact(verdict, FACT_LEFT, block[0]);
	verdict_fact(verdict, FACT_RIGHT, block[1]);
	return true;
}

static bool answer_dup_ack(const struct answer *answer)
{
	struct answers *answers = &answer->self->answers;
	bool dup = answer_sacks(answer)
			   ? answer->sacked > 0
			   : answer_same_window(answer) && answer_outstanding(answer);
	struct verdict *verdict;
	if (!dup || !answer_repeats(answer))
		return false;
	answers->dup_acks++;
	verdict = verdict_add(answer->passage, VERDICT_DUP_ACK);
	if (verdict) {
		verdict->of = answers->ack_n;
		verdict->number = answers->dup_acks;
	}
	return true;
}

static bool answer_window_update(const struct answer *answer)
{
	const struct packet *packet = answer->passage->packet;
	struct verdict *verdict;
	if (!answer_repeats(answer) || answer_same_window(answer) || packet->window == 0)
		return false;
	verdict = verdict_add(answer->passage, VERDICT_WINDOW_UPDATE);
	if (verdict) {
		verdict->of = answer->self->answers.ack_n;
		verdict_fact(verdict, FACT_WINDOW_BEFORE, (int64_t)answer->self->window);
		verdict_fact(verdict, FACT_WINDOW, (int64_t)packet->window);
	}
	return true;
}

/* The ACK before it once more: nothing has arrived that it tells of. */
static bool answer_is_copy(const struct answer *answer)
{
	const struct passage *passage = answer->passage;
	const struct stamps *stamps = &answer->self->stamps;
	struct verdict *verdict;
	if (passage->packet->way.known || answer->sacked || !answer_repeats(answer) ||
	    !answer_same_window(answer) ||
	    !stamps_repeats(passage->packet, stamps, passage->event->ns))
		return false;
	verdict = verdict_add(answer->passage, VERDICT_NETWORK_DUPLICATE);
	if (!verdict)
		return true;
	verdict->of = stamps->id_n;
	verdict_fact(verdict, FACT_GAP, (int64_t)(passage->event->ns - stamps->id_ns));
	verdict_fact(verdict, FACT_IP_ID, passage->packet->segment.ip_id);
	return true;
}

/* What a segment without data is; the first that fits, but for a D-SACK that is a duplicate ACK
 * too. */
static void answer_bare(const struct answer *answer)
{
	bool dsack;
	if (answer_asks(answer->passage, answer->self) || answer_is_copy(answer))
		return;
	if (answer_challenges(answer) || answer_to_probe(answer))
		return;
	dsack = answer_dsack(answer);
	if (!answer_dup_ack(answer) && !dsack)
		answer_window_update(answer);
}

static void answer_reneges(const struct answer *answer)
{
	struct verdict *verdict;
	if (!answer->reneged)
		return;
	verdict = verdict_add(answer->passage, VERDICT_SACK_RENEGING);
	if (verdict)
		verdict_because(verdict, answer->reneged);
}

static void answer_reads(struct passage *passage)
{
	struct conversation *c = passage->conversation;
	struct answer answer = {
		.passage = passage,
		.self = &c->side[passage->from],
		.peer = &c->side[!passage->from],
	};
	struct answers *answers = &answer.self->answers;
	bool moves = passage->packet->ack > answer.self->rcv_nxt || !answers->ack_n;
	passage->unseen_bytes = answer_unseen(passage);
	if (moves && answers->islands)
		answer.reneged =
			scoreboard_acked(passage->shard, answer.self, passage->packet->ack);
	if (passage->packet->segment.tcp.options.sack_count) {
		answers->sacks = true;
		answer_reads_blocks(&answer);
	}
	if (passage->end == passage->start)
		answer_bare(&answer);
	else if (passage->data_end - passage->data > 1)
		answer.peer->probe_n = answer.peer->answers.doubtful_n = 0;
	answer_reneges(&answer);
	if (passage->stray)
		return;
	if (moves) {
		answers->ack_n = passage->packet->n;
		answers->dup_acks = 0;
	}
	answers->window_said = true;
}

/* A SYN again, though the other end has answered the first, and any RST: see
 * answer_challenges. */
static bool answer_is_doubtful(const struct passage *passage)
{
	const struct side *self = &passage->conversation->side[passage->from];
	uint16_t flags = passage->packet->segment.tcp.flags;
	return flags & TCP_RST ||
	       ((flags & (TCP_SYN | TCP_ACK)) == TCP_SYN && self->syn_n && self->una > 0);
}

void answer_sends(struct passage *passage)
{
	struct side *self = &passage->conversation->side[passage->from];
	const struct segment *segment = &passage->packet->segment;
	if (segment->flaws & FLAW_BAD_CHECKSUM)
		return;
	passage->fresh = passage->data_end > passage->data &&
			 (!self->bytes || passage->data >= self->high);
	self->answers.doubtful_n = answer_is_doubtful(passage) ? passage->packet->n : 0;
	if (!(segment->tcp.flags & (TCP_SYN | TCP_RST)) && segment->tcp.flags & TCP_ACK)
		answer_reads(passage);
	if (!self->answers.begins && !(segment->tcp.flags & TCP_RST)) {
		self->answers.begins = true;
		self->answers.begun = passage->data;
	}
}
