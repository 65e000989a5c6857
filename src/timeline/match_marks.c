#include "match.h"

#include <stdlib.h>

/* What is remembered of packets that left, until so many younger ones came that it makes room.
 * Three lists run through the same marks, each linked both ways, so that a mark leaves them at
 * once however many share its number. The first of a list is the youngest, but by age. */

bool marks_open(struct marks *marks, size_t max)
{
	size_t heads = 64;
	while (heads < max)
		heads *= 2;
	*marks = (struct marks){.mask = (uint32_t)heads - 1};
	pool_init(&marks->pool, sizeof(struct mark), max);
	pool_init(&marks->ranges, sizeof(struct range), max);
	for (size_t link = 0; link < LINK_AGE; link++) {
		marks->heads[link] = calloc(heads, sizeof(uint32_t));
		if (!marks->heads[link])
			return false;
	}
	return true;
}

struct mark *mark_at(const struct marks *marks, uint32_t index)
{
	return index ? pool_at(&marks->pool, index) : NULL;
}

/* The list's first, or for age its last, which is where new ones are put. */
static uint32_t *marks_head(struct marks *marks, enum mark_link link, uint64_t hash)
{
	if (link == LINK_AGE)
		return &marks->newest;
	return &marks->heads[link][hash & marks->mask];
}

static void mark_list(struct marks *marks, uint32_t index, enum mark_link link)
{
	struct mark *mark = mark_at(marks, index);
	uint32_t *head = marks_head(marks, link, mark->hash[link]);
	mark->next[link] = *head;
	mark->previous[link] = 0;
	if (*head)
		mark_at(marks, *head)->previous[link] = index;
	*head = index;
}

void mark_unlist(struct marks *marks, struct mark *mark, enum mark_link link)
{
	struct mark *next = mark_at(marks, mark->next[link]);
	struct mark *previous = mark_at(marks, mark->previous[link]);
	if (!mark->hash[link])
		return;
	if (next)
		next->previous[link] = mark->previous[link];
	if (previous)
		previous->next[link] = mark->next[link];
	else
		*marks_head(marks, link, mark->hash[link]) = mark->next[link];
	if (link == LINK_AGE && !next)
		marks->oldest = mark->previous[link];
	mark->hash[link] = 0;
}

uint32_t mark_index(const struct marks *marks, const struct mark *mark)
{
	if (mark->previous[LINK_AGE])
		return mark_at(marks, mark->previous[LINK_AGE])->next[LINK_AGE];
	return marks->newest;
}

static void mark_forget_ranges(struct marks *marks, struct mark *mark)
{
	while (mark->missing) {
		uint32_t index = mark->missing;
		mark->missing = ((struct range *)pool_at(&marks->ranges, index))->next;
		pool_give(&marks->ranges, index);
	}
}

void mark_remove(struct marks *marks, struct mark *mark)
{
	uint32_t index = mark_index(marks, mark);
	mark_forget_ranges(marks, mark);
	for (size_t link = 0; link < LINK_COUNT; link++)
		mark_unlist(marks, mark, (enum mark_link)link);
	pool_give(&marks->pool, index);
}

struct mark *marks_add(struct marks *marks, const struct mark *mark)
{
	uint32_t index = pool_take(&marks->pool);
	struct mark *added;
	if (!index && marks->oldest) {
		mark_remove(marks, mark_at(marks, marks->oldest));
		index = pool_take(&marks->pool);
	}
	if (!index)
		return NULL;
	added = mark_at(marks, index);
	*added = *mark;
	added->serial = ++marks->serial;
	added->hash[LINK_AGE] = 1;
	for (size_t link = 0; link < LINK_COUNT; link++) {
		if (added->hash[link])
			mark_list(marks, index, (enum mark_link)link);
	}
	if (!marks->oldest)
		marks->oldest = index;
	return added;
}

struct mark *marks_first(const struct marks *marks, enum mark_link link, uint64_t hash)
{
	return mark_at(marks, marks->heads[link][hash & marks->mask]);
}

void marks_close(struct marks *marks)
{
	pool_close(&marks->pool);
	pool_close(&marks->ranges);
	for (size_t link = 0; link < LINK_AGE; link++)
		free(marks->heads[link]);
}
