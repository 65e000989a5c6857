/* Blocks: lines as gzip + base64 in elements of the viewer's page, written and read back. */
#ifndef OUT_BLOCKS_H
#define OUT_BLOCKS_H

#include "file.h"

#include <zlib.h>

/* A browser's longest string is about 512 MB and fails in silence: blocks stay far below. */
#define BLOCK_BYTES (16U << 20)
#define LINE_BYTES (BLOCK_BYTES - 1) /* the longest line that is written or read */

struct blocks {
	z_stream zip;
	bool zipping;       /* zip is initialised */
	gz_header header;   /* without time and system, so that equal lines give equal bytes */
	struct buf zipped;  /* the block so far */
	uint64_t raw_bytes; /* of the block so far */
	uint32_t crc;
	unsigned count;     /* blocks written */
};

/* Adds the line and its newline; writes the block out when it is full. */
bool blocks_line(struct blocks *blocks, struct file *file, struct cursor line, struct err *err);
/* The last block, and the element that says how many there are. */
bool blocks_end(struct blocks *blocks, struct file *file, uint64_t records, struct err *err);
void blocks_close(struct blocks *blocks);

#endif
