#include "blocks.h"

#include "json.h"

#include <inttypes.h>

#define BLOCK_LEVEL 5 /* 6 takes a third longer for half a percent */
#define ZIP_CHUNK 65536
#define BASE64_CHUNK 49152 /* a multiple of 3, so that only the last has padding */

static bool blocks_begin(struct blocks *blocks, struct err *err)
{
	int gzip = 15 + 16; /* the largest window; + 16 asks for a gzip header (zlib.h) */
	blocks->header = (gz_header){.os = 255}; /* 255: unknown (RFC 1952 2.3) */
	if (!blocks->zipping) {
		blocks->zipping = deflateInit2(&blocks->zip, BLOCK_LEVEL, Z_DEFLATED, gzip, 8,
					       Z_DEFAULT_STRATEGY) == Z_OK;
		if (!blocks->zipping)
			return err_memory(err);
	}
	deflateReset(&blocks->zip);
	deflateSetHeader(&blocks->zip, &blocks->header);
	blocks->zipped.len = 0;
	blocks->crc = (uint32_t)crc32(0, NULL, 0);
	return true;
}

static bool blocks_zip(struct blocks *blocks, struct cursor raw, int flush, struct err *err)
{
	struct buf *zipped = &blocks->zipped;
	int status;
	blocks->zip.next_in = (Bytef *)(uintptr_t)raw.at; /* zlib only reads it */
	blocks->zip.avail_in = (uInt)cursor_left(&raw);
	blocks->raw_bytes += cursor_left(&raw);
	blocks->crc = (uint32_t)crc32(blocks->crc, raw.at, (uInt)cursor_left(&raw));
	do {
		if (!buf_reserve(zipped, ZIP_CHUNK))
			return err_memory(err);
		blocks->zip.next_out = (Bytef *)zipped->at + zipped->len;
		blocks->zip.avail_out = ZIP_CHUNK;
		status = deflate(&blocks->zip, flush);
		zipped->len += ZIP_CHUNK - blocks->zip.avail_out;
	} while (blocks->zip.avail_out == 0 || (flush == Z_FINISH && status == Z_OK));
	return true;
}

static bool blocks_add_text(struct blocks *blocks, struct file *file, struct err *err)
{
	const uint8_t *bytes = (const uint8_t *)blocks->zipped.at;
	struct cursor zipped = cursor_init(bytes, blocks->zipped.len);
	struct buf text = {0};
	bool added = true;
	while (added && cursor_left(&zipped) > 0) {
		size_t left = cursor_left(&zipped);
		struct cursor some;
		some = cursor_sub(&zipped, left < BASE64_CHUNK ? left : BASE64_CHUNK);
		text.len = 0;
		json_base64(&text, some.at, cursor_left(&some));
		added = text.failed ? err_memory(err) : file_add(file, text.at, text.len, err);
	}
	buf_close(&text);
	return added;
}

static bool blocks_write(struct blocks *blocks, struct file *file, struct err *err)
{
	static const char tail[] = "</script>\n";
	struct buf head = {0};
	bool written;
	if (blocks->raw_bytes == 0)
		return true;
	if (!blocks_zip(blocks, cursor_init((const uint8_t *)"", 0), Z_FINISH, err))
		return false;
	buf_printf(&head,
		   "<script type=\"application/x-wireladder+gzip\" data-block=\"%u\" "
		   "data-length=\"%" PRIu64 "\" data-crc32=\"%08" PRIx32 "\">",
		   ++blocks->count, blocks->raw_bytes, blocks->crc);
	written = (!head.failed || err_memory(err)) && file_add(file, head.at, head.len, err) &&
		  blocks_add_text(blocks, file, err) &&
		  file_add(file, tail, sizeof(tail) - 1, err);
	blocks->raw_bytes = 0;
	buf_close(&head);
	return written;
}

bool blocks_line(struct blocks *blocks, struct file *file, struct cursor line, struct err *err)
{
	if (cursor_left(&line) > LINE_BYTES)
		return err_set(err, EXIT_OUTPUT,
			       "a record of %zu bytes is longer than a page can "
			       "hold; write .jsonl instead",
			       cursor_left(&line));
	if (blocks->raw_bytes + cursor_left(&line) + 1 > BLOCK_BYTES &&
	    !blocks_write(blocks, file, err))
		return false;
	if (blocks->raw_bytes == 0 && !blocks_begin(blocks, err))
		return false;
	return blocks_zip(blocks, line, Z_NO_FLUSH, err) &&
	       blocks_zip(blocks, cursor_init((const uint8_t *)"\n", 1), Z_NO_FLUSH, err);
}

bool blocks_end(struct blocks *blocks, struct file *file, uint64_t records, struct err *err)
{
	struct buf end = {0};
	bool written = blocks_write(blocks, file, err);
	buf_printf(&end,
		   "<script type=\"application/x-wireladder-end\" data-blocks=\"%u\" "
		   "data-records=\"%" PRIu64 "\"></script>\n", blocks->count, records);
	written = written && (!end.failed || err_memory(err)) &&
		  file_add(file, end.at, end.len, err);
	buf_close(&end);
	return written;
}

void blocks_close(struct blocks *blocks)
{
	if (blocks->zipping)
		deflateEnd(&blocks->zip);
	buf_close(&blocks->zipped);
	*blocks = (struct blocks){0};
}
