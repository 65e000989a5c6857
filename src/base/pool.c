#include "wireladder/base.h"

#include <stdlib.h>
#include <string.h>

void pool_init(struct pool *pool, size_t item_size, size_t max_items)
{
	size_t align = sizeof(uint64_t);
	*pool = (struct pool){
		.item_size = (item_size + align - 1) / align * align,
		.max_items = max_items,
	};
}

/* The list of chunks moves when it grows; the chunks, and so the items, never do. */
static bool pool_grow(struct pool *pool)
{
	uint8_t **chunks = realloc(pool->chunks, (pool->chunk_count + 1) * sizeof(*chunks));
	if (!chunks)
		return false;
	pool->chunks = chunks;
	chunks[pool->chunk_count] = malloc(pool->item_size * POOL_CHUNK);
	if (!chunks[pool->chunk_count])
		return false;
	pool->chunk_count++;
	return true;
}

uint32_t pool_take(struct pool *pool)
{
	uint32_t index = pool->free_head;
	if (pool->max_items && pool->live >= pool->max_items)
		return 0;
	if (index) {
		memcpy(&pool->free_head, pool_at(pool, index), sizeof(pool->free_head));
	} else {
		if (pool->used == UINT32_MAX - 1)
			return 0;
		if (pool->used / POOL_CHUNK == pool->chunk_count && !pool_grow(pool))
			return 0;
		index = ++pool->used;
	}
	pool->live++;
	memset(pool_at(pool, index), 0, pool->item_size);
	return index;
}

/* A free item's first bytes name the next free one. */
void pool_give(struct pool *pool, uint32_t index)
{
	memcpy(pool_at(pool, index), &pool->free_head, sizeof(pool->free_head));
	pool->free_head = index;
	pool->live--;
}

void pool_close(struct pool *pool)
{
	for (size_t i = 0; i < pool->chunk_count; i++)
		free(pool->chunks[i]);
	free(pool->chunks);
	*pool = (struct pool){0};
}
