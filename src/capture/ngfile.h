/* ngfile: what the two halves of the pcapng reader share: blocks and the search for them. */
#ifndef WIRELADDER_CAPTURE_NGFILE_H
#define WIRELADDER_CAPTURE_NGFILE_H

#include "reader.h"

#define BLOCK_SECTION       UINT32_C(0x0a0d0d0a) /* the same in both byte orders */
#define BLOCK_INTERFACE     1
#define BLOCK_PACKET_OLD    2
#define BLOCK_PACKET_SIMPLE 3
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

#endif
