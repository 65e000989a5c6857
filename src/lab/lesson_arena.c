#include "lesson.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 8192

struct arena_block {
	struct arena_block *next;
	size_t used;
	alignas(max_align_t) uint8_t bytes[];
};

void *arena_take(struct arena *arena, size_t count, size_t size)
{
	size_t align = alignof(max_align_t), bytes = BLOCK_BYTES, wanted;
	struct arena_block *block;
	if (size > 0 && count > (SIZE_MAX - 2 * BLOCK_BYTES) / size)
		return NULL;
	wanted = (count * size + align - 1) / align * align;
	if (!arena->blocks || wanted > arena->left) {
		bytes = wanted > bytes ? wanted : bytes;
		block = calloc(1, sizeof(*block) + bytes);
		if (!block)
			return NULL;
		block->next = arena->blocks;
		arena->blocks = block;
		arena->left = bytes;
	}
	block = arena->blocks;
	arena->left -= wanted;
	block->used += wanted;
	return block->bytes + block->used - wanted;
}

const char *arena_text(struct arena *arena, const char *text)
{
	size_t count = strlen(text) + 1;
	char *copy = arena_take(arena, count, 1);
	return copy ? memcpy(copy, text, count) : NULL;
}

void arena_close(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *block = arena->blocks;
		arena->blocks = block->next;
		free(block);
	}
	arena->left = 0;
}
