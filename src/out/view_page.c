/* The data elements of a page (blocks.c writes them), each on a line of its own. */
#include "view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define UNZIP_CHUNK 65536

static const char block_start[] = "<script type=\"application/x-wireladder+gzip\"";
static const char end_start[] = "<script type=\"application/x-wireladder-end\"";

/* Moves behind the text; false when it does not stand in the line. */
static bool page_find(struct cursor *line, const char *text)
{
	size_t count = strlen(text);
	const uint8_t *at = NULL;
	if (cursor_left(line) > 0)
		at = memmem(line->at, cursor_left(line), text, count);
	return at && cursor_skip(line, (size_t)(at - line->at) + count);
}

/* The number of an element's attribute, `name="` included; UINT64_MAX when there is none. */
static uint64_t page_number(struct cursor element, const char *name, int base)
{
	char digits[24] = "";
	size_t count = 0;
	char *end;
	uint64_t value;
	if (!page_find(&element, name))
		return UINT64_MAX;
	while (count + 1 < sizeof(digits) && cursor_left(&element) > 0 && element.at[0] != '"')
		digits[count++] = (char)cursor_u8(&element);
	value = strtoull(digits, &end, base);
	return count > 0 && *end == '\0' ? value : UINT64_MAX;
}

/* 0 to 63, or 64 for what is no character of base64. */
static uint8_t base64_value(uint8_t c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (uint8_t)(at - digits) : 64;
}

/* Up to the first character that is none of base64; its padding, or the element's end. */
static bool page_base64(struct cursor text, struct buf *bytes)
{
	uint8_t values[256];
	uint32_t bits = 0;
	unsigned count = 0;
	for (size_t i = 0; i < sizeof(values); i++)
		values[i] = base64_value((uint8_t)i);
	if (!buf_reserve(bytes, cursor_left(&text)))
		return false;
	while (cursor_left(&text) > 0) {
		uint8_t value = values[cursor_u8(&text)];
		if (value == 64)
			break;
		bits = bits << 6 | value;
		if (++count % 4 != 1)
			bytes->at[bytes->len++] = (char)(bits >> (6 - 2 * ((count - 1) % 4)));
	}
	return true;
}

struct unzip {
	z_stream zip;
	struct buf line;   /* the line so far */
	bool too_long;
	uint64_t bytes;
	uint32_t crc;
};

static struct cursor unzip_line(const struct unzip *unzip)
{
	return cursor_init((const uint8_t *)unzip->line.at, unzip->line.len);
}

/* Cuts what came out of a block into lines; a line's beginning waits for the rest. */
static bool unzip_lines(struct unzip *unzip, struct view *view, struct cursor raw,
			struct err *err)
{
	while (cursor_left(&raw) > 0) {
		const uint8_t *newline = memchr(raw.at, '\n', cursor_left(&raw));
		size_t count = newline ? (size_t)(newline - raw.at) : cursor_left(&raw);
		bool going = true;
		unzip->too_long |= unzip->line.len + count > LINE_BYTES;
		if (!unzip->too_long && !buf_add(&unzip->line, raw.at, count))
			return err_memory(err);
		cursor_skip(&raw, count + (newline ? 1 : 0));
		if (!newline)
			return true;
		view->damaged += unzip->too_long;
		if (!unzip->too_long && unzip->line.len > 0)
			going = view_line(view, unzip_line(unzip), err);
		unzip->line.len = 0;
		unzip->too_long = false;
		if (!going)
			return false;
	}
	return true;
}

/* *whole says whether gzip found its own end and checksum. */
static bool unzip_run(struct unzip *unzip, struct view *view, bool *whole, struct err *err)
{
	struct buf out = {0};
	int status = Z_OK;
	bool going = buf_reserve(&out, UNZIP_CHUNK) || err_memory(err);
	while (going && status == Z_OK) {
		size_t count;
		unzip->zip.next_out = (Bytef *)out.at;
		unzip->zip.avail_out = UNZIP_CHUNK;
		status = inflate(&unzip->zip, Z_NO_FLUSH);
		count = UNZIP_CHUNK - unzip->zip.avail_out;
		unzip->bytes += count;
		unzip->crc = (uint32_t)crc32(unzip->crc, (Bytef *)out.at, (uInt)count);
		going = unzip_lines(unzip, view, cursor_init((const uint8_t *)out.at, count),
				    err);
	}
	*whole = status == Z_STREAM_END;
	buf_close(&out);
	return going;
}

static bool page_block(struct view *view, struct cursor element, struct err *err)
{
	struct unzip unzip = {.crc = (uint32_t)crc32(0, NULL, 0)};
	struct cursor text = element;
	struct buf zipped = {0};
	bool going, whole = false;
	if (!page_find(&text, ">") || !page_base64(text, &zipped)) {
		buf_close(&zipped);
		return err_memory(err);
	}
	unzip.zip.next_in = (Bytef *)zipped.at;
	unzip.zip.avail_in = (uInt)zipped.len;
	going = inflateInit2(&unzip.zip, 15 + 16) == Z_OK || err_memory(err); /* 16: gzip */
	going = going && unzip_run(&unzip, view, &whole, err);
	if (!whole || unzip.line.len > 0 ||
	    unzip.bytes != page_number(element, "data-length=\"", 10) ||
	    unzip.crc != page_number(element, "data-crc32=\"", 16))
		buf_printf(&view->missing, "; block %" PRIu32 " is damaged", view->blocks);
	inflateEnd(&unzip.zip);
	buf_close(&unzip.line);
	buf_close(&zipped);
	return going;
}

static void page_missing(struct view *view, uint64_t first, uint64_t last)
{
	if (first < last)
		buf_printf(&view->missing, "; blocks %" PRIu64 " to %" PRIu64 " are missing",
			   first, last);
	else if (first == last)
		buf_printf(&view->missing, "; block %" PRIu64 " is missing", first);
}

static void page_end(struct view *view, struct cursor element)
{
	uint64_t blocks = page_number(element, "data-blocks=\"", 10);
	uint64_t records = page_number(element, "data-records=\"", 10);
	if (blocks != UINT64_MAX)
		page_missing(view, view->blocks + 1ULL, blocks);
	if (records != view->container.records && view->missing.len == 0 && view->damaged == 0)
		buf_printf(&view->missing,
			   "; it has %" PRIu64 " records and should have %" PRIu64,
			   view->container.records, records);
}

bool view_page_line(struct view *view, struct cursor line, struct err *err)
{
	struct cursor element = line;
	uint64_t number;
	if (page_find(&element, end_start)) {
		page_end(view, element);
		return true;
	}
	element = line;
	if (!page_find(&element, block_start))
		return true;
	number = page_number(element, "data-block=\"", 10);
	if (number > UINT32_MAX)
		number = view->blocks + 1ULL;
	page_missing(view, view->blocks + 1ULL, number - 1);
	view->blocks = (uint32_t)number;
	return page_block(view, element, err);
}
