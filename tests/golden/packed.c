/* Compressed captures. gzip by zlib; zstd (RFC 8878) by hand, which compresses nothing but has
 * everything that a reader must know: frames, skippable frames, blocks as they are and runs. */
#include "captures.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#define ROOM (1u << 16)

/* One member of a .gz; several behind each other are one file (RFC 1952 2.2). */
void pack_gzip(struct buf *packed, const struct buf *bytes)
{
	enum { GZIP = 15 + 16 }; /* the greatest window, and a gzip header */
	z_stream stream = {0};
	uint8_t room[ROOM];
	int status = deflateInit2(&stream, 9, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY);

	stream.next_in = (uint8_t *)bytes->at;
	stream.avail_in = (uInt)bytes->len;
	while (status == Z_OK) {
		stream.next_out = room;
		stream.avail_out = sizeof(room);
		status = deflate(&stream, Z_FINISH);
		buf_add(packed, room, sizeof(room) - stream.avail_out);
	}
	deflateEnd(&stream);
	if (status != Z_STREAM_END) {
		fprintf(stderr, "deflate: %d\n", status);
		abort();
	}
}

static void little(struct buf *to, uint32_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_add(to, &(uint8_t){(uint8_t)(value >> 8 * i)}, 1);
}

#define ZSTD_FRAME 0xfd2fb528
#define ZSTD_SKIPPABLE 0x184d2a50
#define ZSTD_SINGLE 0xa0 /* descriptor: all in one segment, its size in four bytes */

enum zstd_block { ZSTD_RAW = 0, ZSTD_RUN = 1 };

/* | last 1 bit, kind 2, size 21 |, little-endian, then the bytes, or the one to repeat */
static void zstd_block(struct buf *packed, enum zstd_block kind, uint32_t size, bool last)
{
	little(packed, size << 3 | (uint32_t)kind << 1 | last, 3);
}

static size_t run_length(const struct buf *bytes, size_t at)
{
	size_t end = at + 1;

	while (end < bytes->len && end - at < ROOM && bytes->at[end] == bytes->at[at])
		end++;
	return end - at;
}

/* Skipped: | magic 4 | length 4 | … |; read: | magic 4 | descriptor 1 | size 4 | blocks |. */
void pack_zstd(struct buf *packed, const struct buf *bytes)
{
	size_t at = 0;

	little(packed, ZSTD_SKIPPABLE, 4);
	little(packed, 5, 4);
	buf_add(packed, "hello", 5);
	little(packed, ZSTD_FRAME, 4);
	little(packed, ZSTD_SINGLE, 1);
	little(packed, (uint32_t)bytes->len, 4);
	while (at < bytes->len) {
		size_t count = run_length(bytes, at);
		enum zstd_block kind = count >= 8 ? ZSTD_RUN : ZSTD_RAW;
		if (kind == ZSTD_RAW)
			count = 0;
		while (kind == ZSTD_RAW && at + count < bytes->len && count < ROOM &&
			run_length(bytes, at + count) < 8)
			count++;
		zstd_block(packed, kind, (uint32_t)count, at + count == bytes->len);
		buf_add(packed, bytes->at + at, kind == ZSTD_RUN ? 1 : count);
		at += count;
	}
}
