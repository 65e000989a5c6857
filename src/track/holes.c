#include "least.h"
#include "tracker.h"

/* Which bytes of a stream have not been seen: a short ordered list of holes below the highest.
 * It answers one question: how many bytes of this range are new? */

static struct hole *hole_at(struct shard *shard, uint32_t index)
{
	return index ? pool_at(&shard->holes, index) : NULL;
}

/* Puts a hole between *link and what follows. When there is no room for it, its bytes count as
 * seen: a later filling of it will look like a copy, the lesser of two wrongs (tables have
 * caps). */
static void hole_insert(struct shard *shard, struct side *side, uint32_t *link,
			struct hole hole)
{
	uint32_t index;
	if (hole.start >= hole.end || side->hole_count == HOLES_MAX)
		return;
	index = pool_take(&shard->holes);
	if (!index)
		return;
	hole.next = *link;
	*hole_at(shard, index) = hole;
	*link = index;
	side->hole_count++;
}

static void hole_remove(struct shard *shard, struct side *side, uint32_t *link)
{
	uint32_t index = *link;
	*link = hole_at(shard, index)->next;
	pool_give(&shard->holes, index);
	side->hole_count--;
}

/* What of [start, end) lay in holes; those bytes are seen from now on. */
static uint64_t holes_cover(struct shard *shard, struct side *side, int64_t start, int64_t end)
{
	uint64_t filled = 0;
	uint32_t *link = &side->holes;
	while (*link) {
		struct hole *hole = hole_at(shard, *link), old = *hole;
		int64_t from = most(old.start, start), to = least(old.end, end);
		if (from >= to) {
			link = &hole->next;
			continue;
		}
		filled += (uint64_t)(to - from);
		hole->end = from;
		hole_insert(shard, side, &hole->next,
			    (struct hole){.start = to, .end = old.end});
		if (hole->start >= hole->end)
			hole_remove(shard, side, link);
	}
	return filled;
}

static uint32_t *holes_last(struct shard *shard, struct side *side)
{
	uint32_t *link = &side->holes;
	while (*link)
		link = &hole_at(shard, *link)->next;
	return link;
}

/* Marks [start, end) as seen and says how many bytes of it were not before. */
uint64_t holes_fill(struct shard *shard, struct side *side, int64_t start, int64_t end)
{
	uint64_t fresh = 0;
	if (start >= end)
		return 0;
	if (side->low == side->high && !side->bytes) {
		/* The first data of all. What may lie between a SYN and it was not seen either.
		 */
		int64_t begin = side->syn_seen ? 1 : start;
		side->low = begin;
		side->high = begin;
	}
	if (start < side->low) {
		fresh += (uint64_t)(least(end, side->low) - start);
		hole_insert(shard, side, &side->holes,
			    (struct hole){.start = end, .end = side->low});
		side->low = start;
	}
	if (side->holes)
		fresh += holes_cover(shard, side, start, end);
	if (end > side->high) {
		if (start > side->high)
			hole_insert(shard, side, holes_last(shard, side),
				    (struct hole){.start = side->high, .end = start});
		fresh += (uint64_t)(end - most(start, side->high));
		side->high = end;
	}
	return fresh;
}

/* Where the lowest begins; INT64_MAX: there is none. */
int64_t holes_lowest(struct shard *shard, const struct side *side)
{
	return side->holes ? hole_at(shard, side->holes)->start : INT64_MAX;
}

void holes_forget(struct shard *shard, struct side *side)
{
	while (side->holes)
		hole_remove(shard, side, &side->holes);
}
