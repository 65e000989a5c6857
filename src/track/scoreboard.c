#include "tracker.h"

/* What an end has SACKed above its ACK: a short ordered list of islands (RFC 6675 3). It
 * answers two questions: what of a block is new, and is something that was SACKed given up
 * again? */

static struct hole *island_at(struct shard *shard, uint32_t index)
{
	return pool_at(&shard->holes, index);
}

static void island_remove(struct shard *shard, struct answers *answers, uint32_t *link)
{
	uint32_t index = *link;
	*link = island_at(shard, index)->next;
	pool_give(&shard->holes, index);
	answers->island_count--;
}

/* The lowest makes room when there are too many: it is the next to be acknowledged, and blocks
 * that are said again are the latest (RFC 2018 4). */
static void island_insert(struct shard *shard, struct answers *answers, struct hole island)
{
	uint32_t *link = &answers->islands;
	uint32_t index;
	if (answers->island_count == HOLES_MAX)
		island_remove(shard, answers, &answers->islands);
	index = pool_take(&shard->holes);
	if (!index)
		return;
	while (*link && island_at(shard, *link)->start < island.start)
		link = &island_at(shard, *link)->next;
	island.next = *link;
	*island_at(shard, index) = island;
	*link = index;
	answers->island_count++;
}

/* Adds a block that packet block.n reports, and says how many bytes of it are new. */
uint64_t scoreboard_add(struct shard *shard, struct side *side, struct hole block)
{
	struct answers *answers = &side->answers;
	uint64_t fresh = (uint64_t)(block.end - block.start);
	struct hole whole = block;
	uint32_t *link = &answers->islands;
	while (*link) {
		struct hole *island = island_at(shard, *link);
		int64_t from = island->start > block.start ? island->start : block.start;
		int64_t to = island->end < block.end ? island->end : block.end;
		if (island->end < block.start || island->start > block.end) {
			link = &island->next;
			continue;
		}
		fresh -= (uint64_t)(to - from);
		if (fresh == 0 && from == block.start && to == block.end)
			return 0;
		whole.start = island->start < whole.start ? island->start : whole.start;
		whole.end = island->end > whole.end ? island->end : whole.end;
		island_remove(shard, answers, link);
	}
	island_insert(shard, answers, whole);
	return fresh;
}

/* The end's ACK has come to here. An ACK that stops inside an island says that its bytes are
 * not held any more (RFC 2018 8): the number of the packet that had SACKed them; 0: none. */
uint64_t scoreboard_acked(struct shard *shard, struct side *side, int64_t ack)
{
	struct answers *answers = &side->answers;
	uint64_t reneged = 0;
	while (answers->islands && island_at(shard, answers->islands)->start <= ack) {
		const struct hole *island = island_at(shard, answers->islands);
		if (island->end > ack)
			reneged = island->n;
		island_remove(shard, answers, &answers->islands);
	}
	return reneged;
}

void scoreboard_forget(struct shard *shard, struct side *side)
{
	while (side->answers.islands)
		island_remove(shard, &side->answers, &side->answers.islands);
}
