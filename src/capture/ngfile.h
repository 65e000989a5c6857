/* ngfile: what the parts of the pcapng reader share: blocks and the search for them
 * (ngblock.c), options, and the blocks themselves (ngfile.c, ngpacket.c, ngnames.c). */
#ifndef WIRELADDER_CAPTURE_NGFILE_H
#define WIRELADDER_CAPTURE_NGFILE_H

#include "reader.h"

#define BLOCK_SECTION       UINT32_C(0x0a0d0d0a) /* the same in both byte orders */
#define BLOCK_INTERFACE     1
#define BLOCK_PACKET_OLD    2
#define BLOCK_PACKET_SIMPLE 3
#define BLOCK_NAMES         4
#define BLOCK_STATISTICS    5
#define BLOCK_PACKET        6

#define BLOCK_HEAD_BYTES  8  /* type and total length */
#define BLOCK_FRAME_BYTES 12 /* those and the total length again */
#define BLOCK_BYTES_MAX   (FRAME_BYTES_MAX + (UINT32_C(1) << 20)) /* a frame and its options */

#define SECTION_BYTES_MIN 28

struct block {
	uint32_t type, total;
	bool swapped; /* its section's byte order */
};

static inline bool block_is_packet(const struct block *block)
{
	return block->type == BLOCK_PACKET || block->type == BLOCK_PACKET_SIMPLE ||
	       block->type == BLOCK_PACKET_OLD;
}

/* Are that many bytes there? Signals do not end the wait. */
bool block_reaches(struct reader *reader, size_t count);
/* The block's head at this offset beyond the intake's place; false when the file ends before.
 * The type is 0 when it is a section's without a byte order mark. */
bool block_load(struct reader *reader, size_t offset, struct block *block);
/* Makes the whole block available if it is in order. Otherwise passes over what is damaged and
 * returns false; the intake then stands at the next block or at the file's end. */
bool block_check(struct reader *reader, const struct block *block);
/* The bytes inside, by a cursor; only after block_check. */
struct cursor block_body(const struct reader *reader, const struct block *block);

/* From here on this section's byte order and no interfaces. */
void section_begin(struct reader *reader, const struct block *block);
/* Passes over everything up to the next section, or to the file's end. */
void section_search(struct reader *reader, const char *why);

/* Integers inside a block. */
static inline uint16_t ng_u16(struct cursor *c, bool swapped)
{
	const uint8_t *bytes = cursor_bytes(c, 2);
	return bytes ? field_u16(bytes, swapped) : 0;
}

static inline uint32_t ng_u32(struct cursor *c, bool swapped)
{
	const uint8_t *bytes = cursor_bytes(c, 4);
	return bytes ? field_u32(bytes, swapped) : 0;
}

static inline uint64_t ng_u64(struct cursor *c, bool swapped)
{
	uint32_t first = ng_u32(c, swapped), second = ng_u32(c, swapped);
	bool big_endian = swapped == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
	return big_endian ? (uint64_t)first << 32 | second : (uint64_t)second << 32 | first;
}

/* A name resolution block's records have the form of options, too. */
struct option {
	uint16_t code;
	struct cursor value;
};

#define OPTION_END 0

/* The next option of a block; false at the end of the list or where it is damaged. */
bool option_next(struct cursor *c, bool swapped, struct option *option);

/* The packet of a block, taken off the intake: FRAME_READY, or FRAME_NOT_YET when it is passed
 * over because it cannot be. */
enum frame_status ngpacket_deliver(struct reader *reader, const struct block *block,
				   struct frame *frame);
/* Addresses and their names. false when out of memory. */
bool ngnames_read(struct reader *reader, const struct block *block);

#endif
