#include "least.h"
#include "tracker.h"

/* Which numbers of a stream have come: all from the first on up to `next`, and islands beyond
 * it, in order, none touching another. */

static struct hole *island_at(const struct shard *shard, uint32_t index)
{
	return pool_at(&shard->holes, index);
}

static void island_remove(struct shard *shard, struct reach *reach, uint32_t *link)
{
	uint32_t index = *link;
	*link = island_at(shard, index)->next;
	reach->island_count--;
	pool_give(&shard->holes, index);
}

/* Beyond the cap it is forgotten, and `full` says so. */
static void island_add(struct shard *shard, struct reach *reach, struct hole island)
{
	uint32_t index, *link = &reach->islands;
	while (*link) {
		const struct hole *old = island_at(shard, *link);
		if (old->end < island.start || old->start > island.end) {
			link = &island_at(shard, *link)->next;
			continue;
		}
		island.start = least(island.start, old->start);
		island.end = most(island.end, old->end);
		island_remove(shard, reach, link);
	}
	index = reach->island_count < HOLES_MAX ? pool_take(&shard->holes) : 0;
	reach->full = reach->full || !index;
	if (!index)
		return;
	link = &reach->islands;
	while (*link && island_at(shard, *link)->start < island.start)
		link = &island_at(shard, *link)->next;
	island.next = *link;
	*island_at(shard, index) = island;
	*link = index;
	reach->island_count++;
}

void reach_begins(struct reach *reach, int64_t start)
{
	if (!reach->begun)
		reach->first = reach->next = start;
	reach->begun = true;
}

void reach_takes(struct shard *shard, struct reach *reach, int64_t start, int64_t end)
{
	reach_begins(reach, start);
	if (start > reach->next) {
		if (end > start)
			island_add(shard, reach, (struct hole){.start = start, .end = end});
		return;
	}
	reach->next = most(reach->next, end);
	while (reach->islands && island_at(shard, reach->islands)->start <= reach->next) {
		reach->next = most(reach->next, island_at(shard, reach->islands)->end);
		island_remove(shard, reach, &reach->islands);
	}
}

bool reach_has(const struct shard *shard, const struct reach *reach, int64_t start, int64_t end)
{
	if (!reach->begun || start < reach->first)
		return false;
	if (end <= reach->next)
		return true;
	for (uint32_t i = reach->islands; i; i = island_at(shard, i)->next) {
		if (island_at(shard, i)->start <= most(start, reach->next))
			start = most(start, island_at(shard, i)->end);
	}
	return start >= end;
}

void reach_forget(struct shard *shard, struct reach *reach)
{
	while (reach->islands)
		island_remove(shard, reach, &reach->islands);
	*reach = (struct reach){0};
}
