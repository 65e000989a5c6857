/* ngblock: finding pcapng blocks (draft-ietf-opsawg-pcapng 3), also in damaged files. A block
 * says its length at both ends; a place where a known type and two equal lengths stand is a
 * block. */
#include "ngfile.h"

#include <stdio.h>

#define ORDER_MAGIC UINT32_C(0x1a2b3c4d)

enum search { SEARCH_BLOCK, SEARCH_SECTION };

bool block_reaches(struct reader *reader, size_t count)
{
	while (!intake_need(&reader->intake, count)) {
		if (!reader->intake.interrupted)
			return false;
	}
	return true;
}

/* A section header says the byte order of all that follows, its own lengths included. */
static bool block_order(struct reader *reader, size_t offset, struct block *block)
{
	uint32_t magic;
	if (!block_reaches(reader, offset + BLOCK_FRAME_BYTES))
		return false;
	magic = field_u32(intake_at(&reader->intake) + offset + BLOCK_HEAD_BYTES, false);
	block->swapped = magic == __builtin_bswap32(ORDER_MAGIC);
	return block->swapped || magic == ORDER_MAGIC;
}

bool block_load(struct reader *reader, size_t offset, struct block *block)
{
	const uint8_t *head;
	if (!block_reaches(reader, offset + BLOCK_HEAD_BYTES))
		return false;
	*block = (struct block){.swapped = reader->ng.swapped};
	block->type = field_u32(intake_at(&reader->intake) + offset, block->swapped);
	if (block->type == BLOCK_SECTION && !block_order(reader, offset, block))
		block->type = 0; /* its own mark is missing: nothing that can be read */
	head = intake_at(&reader->intake) + offset;
	block->total = field_u32(head + 4, block->swapped);
	return true;
}

static bool block_length_sane(const struct block *block)
{
	uint32_t least = block->type == BLOCK_SECTION ? SECTION_BYTES_MIN : BLOCK_FRAME_BYTES;
	return block->total >= least && block->total <= BLOCK_BYTES_MAX && block->type != 0;
}

static bool block_closed(struct reader *reader, size_t offset, const struct block *block)
{
	const uint8_t *closing = intake_at(&reader->intake) + offset + block->total - 4;
	return field_u32(closing, block->swapped) == block->total;
}

/* Types in the registry; a search believes in no others. */
static bool block_type_known(uint32_t type)
{
	static const uint32_t others[] = {7, 8, 9, 10, 0xbad, 0x40000bad, 0x80000001};
	if (type == BLOCK_SECTION || (type >= BLOCK_INTERFACE && type <= BLOCK_PACKET))
		return true;
	for (size_t i = 0; i < ARRAY_COUNT(others); i++) {
		if (type == others[i])
			return true;
	}
	return false;
}

static bool block_begins(struct reader *reader, size_t offset, enum search search)
{
	struct block block;
	return block_load(reader, offset, &block) && block_length_sane(&block) &&
	       block_type_known(block.type) && block.total % 4 == 0 &&
	       (search == SEARCH_BLOCK || block.type == BLOCK_SECTION) &&
	       block_reaches(reader, offset + block.total) &&
	       block_closed(reader, offset, &block);
}

/* The first offset in [from, to) where a block begins, or NOT_FOUND. */
static size_t block_search(struct reader *reader, size_t from, size_t to, enum search search)
{
	for (size_t offset = from; offset < to; offset++) {
		if (!block_reaches(reader, offset + BLOCK_FRAME_BYTES))
			break;
		if (block_begins(reader, offset, search))
			return offset;
	}
	return NOT_FOUND;
}

/* Passes over everything up to the next block, or to the file's end. */
static void block_search_on(struct reader *reader, enum search search, const char *why)
{
	size_t from = 1, found;
	for (;;) {
		found = block_search(reader, from, SEARCH_WINDOW, search);
		if (found != NOT_FOUND) {
			reader_pass_over(reader, found, why);
			return;
		}
		if (!block_reaches(reader, SEARCH_WINDOW + BLOCK_FRAME_BYTES))
			break;
		reader_pass_over(reader, SEARCH_WINDOW, why);
		from = 0;
	}
	reader_pass_over(reader, intake_left(&reader->intake), why);
}

void section_search(struct reader *reader, const char *why)
{
	block_search_on(reader, SEARCH_SECTION, why);
}

/* The file's end lies inside this block: a cut file, unless its length is wrong. */
static void block_judge_cut(struct reader *reader, const struct block *block)
{
	size_t left = intake_left(&reader->intake);
	size_t found = block_search(reader, 1, left, SEARCH_BLOCK);
	char what[40] = "a block";
	if (found != NOT_FOUND) {
		reader_pass_over(reader, found, "a block whose length cannot be");
		return;
	}
	if (block_is_packet(block))
		snprintf(what, sizeof(what), "packet %llu", (unsigned long long)reader->n + 1);
	reader_cut(reader, what);
}

void section_begin(struct reader *reader, const struct block *block)
{
	reader->ng.swapped = block->swapped;
	interfaces_begin_section(&reader->interfaces);
}

/* Where this block cannot be read: a section's byte order is still worth knowing. */
static void block_damaged(struct reader *reader, const struct block *block, const char *why)
{
	if (block->type == BLOCK_SECTION)
		section_begin(reader, block);
	block_search_on(reader, SEARCH_BLOCK, why);
}

bool block_check(struct reader *reader, const struct block *block)
{
	if (!block_length_sane(block)) {
		block_damaged(reader, block, "no block begins here");
		return false;
	}
	if (!intake_need(&reader->intake, block->total)) {
		if (!reader_stalled(reader))
			block_judge_cut(reader, block);
		return false;
	}
	if (block_closed(reader, 0, block))
		return true;
	/* Only the closing length is wrong when another block begins right behind it. */
	if (block_type_known(block->type) &&
	    (block_begins(reader, block->total, SEARCH_BLOCK) ||
	     intake_left(&reader->intake) == block->total))
		return true;
	block_damaged(reader, block, "a block whose two lengths differ");
	return false;
}

struct cursor block_body(const struct reader *reader, const struct block *block)
{
	return cursor_init(intake_at(&reader->intake) + BLOCK_HEAD_BYTES,
			   block->total - BLOCK_FRAME_BYTES);
}
