#include "tracker.h"

/* The segments of one end that took up sequence space, oldest first: those not yet
 * acknowledged, and a few that are, so that a copy can name its original. */

static struct sent *sent_at(struct shard *shard, uint32_t index)
{
	return index ? pool_at(&shard->sents, index) : NULL;
}

static void sent_drop_first(struct shard *shard, struct side *side)
{
	uint32_t index = side->sent_first;
	if (side->sent_unacked == index) {
		side->sent_unacked = sent_at(shard, index)->next;
		side->sent_open--;
	}
	side->sent_first = sent_at(shard, index)->next;
	if (!side->sent_first)
		side->sent_last = 0;
	pool_give(&shard->sents, index);
	side->sent_count--;
}

static bool sent_is_over(const struct side *side)
{
	if (side->sent_count >= SENT_MAX)
		return true;
	return side->sent_count - side->sent_open >= SENT_KEPT;
}

/* A zeroed one, behind the others, to be filled in where it stays. NULL: there is no memory for
 * it. */
struct sent *sent_add(struct shard *shard, struct side *side)
{
	uint32_t index;
	while (sent_is_over(side))
		sent_drop_first(shard, side);
	index = pool_take(&shard->sents);
	if (!index && side->sent_first) { /* the pool is full: our own oldest makes room */
		sent_drop_first(shard, side);
		index = pool_take(&shard->sents);
	}
	if (!index)
		return NULL;
	if (side->sent_last)
		sent_at(shard, side->sent_last)->next = index;
	else
		side->sent_first = index;
	side->sent_last = index;
	if (!side->sent_unacked)
		side->sent_unacked = index;
	side->sent_count++;
	side->sent_open++;
	return sent_at(shard, index);
}

/* All of them, as they were first seen. after NULL: the first. */
struct sent *sent_next(const struct shard *shard, const struct side *side,
		       const struct sent *after)
{
	uint32_t index = after ? after->next : side->sent_first;
	return index ? pool_at(&shard->sents, index) : NULL;
}

/* The oldest one that shares a number with [start, end). */
struct sent *sent_find(struct shard *shard, const struct side *side, int64_t start, int64_t end)
{
	struct sent *item = NULL;
	while ((item = sent_next(shard, side, item))) {
		if (item->end > start && item->start < end)
			return item;
	}
	return NULL;
}

/* Whole, as two vantages saw. */
bool sent_arrives(const struct packet *packet)
{
	return packet->way.arrives_ns && !(packet->segment.flaws & FLAW_BAD_CHECKSUM);
}

/* Whether it came to its receiver, as far as two vantages tell. */
void sent_crosses(struct sent *item, const struct packet *packet)
{
	bool gone = packet->way.lost || packet->segment.flaws & FLAW_BAD_CHECKSUM;
	if (!sent_arrives(packet))
		item->unsure = item->unsure || !gone;
	else if (packet->way.arrives_ns > item->arrives_ns)
		item->arrives_ns = packet->way.arrives_ns;
}

/* All that share a number with this segment were sent again with it. */
void sent_again(struct passage *passage, const struct side *side)
{
	const struct packet *packet = passage->packet;
	struct sent *item = NULL;
	while ((item = sent_next(passage->shard, side, item))) {
		if (item->end <= passage->start || item->start >= passage->end)
			continue;
		item->resent = true;
		item->late = false;
		item->last_n = packet->n;
		item->last_ns = passage->event->ns;
		item->last_tsval = packet->segment.tcp.options.tsval;
		item->last_ip_id = (uint16_t)packet->segment.ip_id;
		sent_crosses(item, packet);
	}
}

/* A SACK reports [left, right) to have arrived. */
void sent_sacked(struct passage *passage, const struct side *side, const int64_t block[2])
{
	uint32_t index = side->sent_unacked;
	while (index) {
		struct sent *item = sent_at(passage->shard, index);
		index = item->next;
		if (item->sacked_n || item->start < block[0] || item->end > block[1])
			continue;
		item->sacked_n = passage->packet->n;
		item->sacked_ns = passage->event->ns;
		item->sacked_tsval = passage->packet->segment.tcp.options.tsval;
	}
}

/* Passes over what side->una now covers, and gives the last one covered where that makes a
 * round-trip time, else NULL. None of them may have been sent again, for nobody knows which
 * copy was acknowledged (Karn's algorithm, RFC 6298 3), and a repaired hole delays those behind
 * it too. */
const struct sent *sent_acked(struct shard *shard, struct side *side)
{
	const struct sent *newest = NULL;
	bool clean = true;
	while (side->sent_unacked) {
		const struct sent *item = sent_at(shard, side->sent_unacked);
		if (item->end > side->una)
			break;
		clean = clean && !item->resent;
		newest = item;
		side->sent_unacked = item->next;
		side->sent_open--;
	}
	return clean ? newest : NULL;
}

/* The same for an ACK that has not been heard yet, which will cover [from, to). */
const struct sent *sent_covered(struct shard *shard, const struct side *side, int64_t from,
				int64_t to)
{
	const struct sent *newest = NULL, *item;
	bool clean = true;
	for (uint32_t i = side->sent_unacked; i; i = item->next) {
		item = sent_at(shard, i);
		if (item->end > to)
			break;
		if (item->end <= from)
			continue;
		clean = clean && !item->resent;
		newest = item;
	}
	return clean ? newest : NULL;
}

void sent_forget(struct shard *shard, struct side *side)
{
	while (side->sent_first)
		sent_drop_first(shard, side);
}
