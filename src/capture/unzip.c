/* Theory of operation. Both formats are a row of parts, gzip's members and zstd's frames, each
 * with its own beginning and end, that unpack to one stream. Between two of them, and behind
 * the last, there may be zeros (a tape's padding). What else follows the last is not ours: it
 * is counted and told.
 *
 * Memory is one block of input, the library's state and, for zstd, its window, which is capped.
 * A step makes at most UNZIP_PIECE bytes, so that neither a block nor a ratio can run away.
 *
 * Damage ends the data: what was made before it stands. libzstd forgets what a failing call has
 * made, so it is given the bytes of one block at a time, as many as it asks for. */
#include "unzip.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#define UNZIP_BLOCK (UINT32_C(1) << 20)
#define UNZIP_PIECE (UINT32_C(1) << 20)
#define GZIP_ONLY   16 /* added to the window's bits: RFC 1952 and nothing else */
#define ZSTD_FIRST  5  /* bytes of a frame that say how long its header is */
#define MAGIC_MOST  4
#define WHY_BYTES   160

enum stage { STAGE_BORDER, STAGE_INSIDE, STAGE_BEHIND, STAGE_ENDED, STAGE_COUNT };
enum outcome { OUTCOME_MORE, OUTCOME_PART_ENDS, OUTCOME_DAMAGED, OUTCOME_NO_MEMORY };

struct unzip {
	const struct method *method;
	int fd;
	z_stream gzip;
	ZSTD_DCtx *zstd;
	size_t asked; /* bytes that libzstd wants next */
	uint8_t *in;
	size_t at, have; /* bytes [at, have) of the input are not taken yet */
	uint64_t taken, made;
	bool dry;  /* the file has ended */
	bool full; /* the latest piece filled its room: more may come without any input */
	enum stage stage;
	uint64_t behind_at, behind_bytes;
	char why[WHY_BYTES];
};

struct piece {
	uint8_t *to;
	size_t room, made;
};

struct method {
	const char *name;
	size_t magic_bytes;
	bool (*begins)(const uint8_t *bytes);
	bool (*open)(struct unzip *unzip);
	bool (*begin)(struct unzip *unzip); /* another part */
	enum outcome (*unpack)(struct unzip *unzip, struct piece *piece);
	void (*close)(struct unzip *unzip);
};

static size_t unzip_left(const struct unzip *unzip)
{
	return unzip->have - unzip->at;
}

static void unzip_take(struct unzip *unzip, size_t count)
{
	unzip->at += count;
	unzip->taken += count;
}

static enum outcome unzip_damaged(struct unzip *unzip, const char *detail)
{
	snprintf(unzip->why, sizeof(unzip->why),
		 "its %s data are damaged before byte %" PRIu64 " of the file (%.60s)",
		 unzip->method->name, unzip->taken, detail);
	return OUTCOME_DAMAGED;
}

static bool gzip_begins(const uint8_t *bytes)
{
	return bytes[0] == 0x1F && bytes[1] == 0x8B;
}

static bool gzip_open(struct unzip *unzip)
{
	return inflateInit2(&unzip->gzip, MAX_WBITS + GZIP_ONLY) == Z_OK;
}

static bool gzip_begin(struct unzip *unzip)
{
	return inflateReset(&unzip->gzip) == Z_OK;
}

static enum outcome gzip_unpack(struct unzip *unzip, struct piece *piece)
{
	z_stream *gzip = &unzip->gzip;
	int status;
	gzip->next_in = unzip->in + unzip->at;
	gzip->avail_in = (uInt)unzip_left(unzip);
	gzip->next_out = piece->to;
	gzip->avail_out = (uInt)piece->room;
	status = inflate(gzip, Z_SYNC_FLUSH);
	unzip_take(unzip, unzip_left(unzip) - gzip->avail_in);
	piece->made = piece->room - gzip->avail_out;
	if (status == Z_STREAM_END)
		return OUTCOME_PART_ENDS;
	if (status == Z_MEM_ERROR)
		return OUTCOME_NO_MEMORY;
	/* Z_BUF_ERROR only says that it could not go on without more bytes. */
	if (status == Z_OK || status == Z_BUF_ERROR)
		return OUTCOME_MORE;
	return unzip_damaged(unzip, gzip->msg ? gzip->msg : "no such data");
}

static void gzip_close(struct unzip *unzip)
{
	inflateEnd(&unzip->gzip);
}

static bool zstd_begins(const uint8_t *bytes)
{
	static const uint8_t frame[] = {0x28, 0xB5, 0x2F, 0xFD},
			     skippable[] = {0x2A, 0x4D, 0x18};
	return memcmp(bytes, frame, sizeof(frame)) == 0 ||
	       ((bytes[0] & 0xF0) == 0x50 &&
		memcmp(bytes + 1, skippable, sizeof(skippable)) == 0);
}

static bool zstd_begin(struct unzip *unzip)
{
	unzip->asked = ZSTD_FIRST;
	return true; /* a decoder that has ended a frame expects another one */
}

static bool zstd_open(struct unzip *unzip)
{
	unzip->zstd = ZSTD_createDCtx();
	return unzip->zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(
				      unzip->zstd, ZSTD_d_windowLogMax, UNZIP_WINDOW_LOG));
}

static enum outcome zstd_failed(struct unzip *unzip, size_t status)
{
	ZSTD_ErrorCode code = ZSTD_getErrorCode(status);
	if (code == ZSTD_error_memory_allocation)
		return OUTCOME_NO_MEMORY;
	if (code != ZSTD_error_frameParameter_windowTooLarge)
		return unzip_damaged(unzip, ZSTD_getErrorName(status));
	snprintf(unzip->why, sizeof(unzip->why),
		 "its zstd data need a window of more than %u MiB (unpack it with "
		 "`zstd -d --long=31` and read that)",
		 1U << (UNZIP_WINDOW_LOG - 20));
	return OUTCOME_DAMAGED;
}

static enum outcome zstd_unpack(struct unzip *unzip, struct piece *piece)
{
	/* What fills the room is followed by what is left of it, before anything new. */
	size_t asked = unzip->full ? 0 : unzip->asked, left = unzip_left(unzip);
	ZSTD_inBuffer in = {unzip->in + unzip->at, asked < left ? asked : left, 0};
	ZSTD_outBuffer out = {piece->to, piece->room, 0};
	size_t status = ZSTD_decompressStream(unzip->zstd, &out, &in);
	unzip_take(unzip, in.pos);
	piece->made = out.pos;
	if (ZSTD_isError(status))
		return zstd_failed(unzip, status);
	unzip->asked = status;
	return status == 0 ? OUTCOME_PART_ENDS : OUTCOME_MORE;
}

static void zstd_close(struct unzip *unzip)
{
	ZSTD_freeDCtx(unzip->zstd);
}

static const struct method methods[] = {
	{"gzip", 2, gzip_begins, gzip_open, gzip_begin, gzip_unpack, gzip_close},
	{"zstd", MAGIC_MOST, zstd_begins, zstd_open, zstd_begin, zstd_unpack, zstd_close},
};

static const struct method *method_find(const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < ARRAY_COUNT(methods); i++) {
		if (count >= methods[i].magic_bytes && methods[i].begins(bytes))
			return &methods[i];
	}
	return NULL;
}

const char *unzip_recognise(const uint8_t *bytes, size_t count)
{
	const struct method *method = method_find(bytes, count);
	return method ? method->name : NULL;
}

struct unzip *unzip_open(int fd, const uint8_t *bytes, size_t count)
{
	struct unzip *unzip = calloc(1, sizeof(*unzip));
	if (!unzip)
		return NULL;
	unzip->method = method_find(bytes, count);
	unzip->fd = fd;
	unzip->in = malloc(UNZIP_BLOCK);
	if (!unzip->method->open(unzip) || !unzip->in) {
		unzip_close(unzip);
		return NULL;
	}
	unzip->have = count < UNZIP_BLOCK ? count : UNZIP_BLOCK;
	memcpy(unzip->in, bytes, unzip->have);
	return unzip;
}

void unzip_close(struct unzip *unzip)
{
	if (!unzip)
		return;
	unzip->method->close(unzip);
	free(unzip->in);
	free(unzip);
}

const char *unzip_name(const struct unzip *unzip)
{
	return unzip->method->name;
}

/* Between two parts: another one, padding, the end, or something else. */
static bool unzip_border(struct unzip *unzip, struct piece *piece)
{
	size_t magic_bytes = unzip->method->magic_bytes;
	(void)piece;
	while (unzip_left(unzip) > 0 && unzip->in[unzip->at] == 0)
		unzip_take(unzip, 1);
	if (unzip_left(unzip) < magic_bytes && !unzip->dry)
		return true;
	if (unzip_left(unzip) == 0) {
		unzip->stage = STAGE_ENDED;
	} else if (unzip_left(unzip) >= magic_bytes &&
		   unzip->method->begins(unzip->in + unzip->at)) {
		unzip->stage = STAGE_INSIDE;
		return unzip->method->begin(unzip);
	} else {
		unzip->stage = STAGE_BEHIND;
		unzip->behind_at = unzip->taken;
	}
	return true;
}

static bool unzip_dense(struct unzip *unzip)
{
	if (unzip->made <= UNZIP_FREE_BYTES || unzip->made / UNZIP_RATIO_MAX <= unzip->taken)
		return false;
	snprintf(unzip->why, sizeof(unzip->why),
		 "it unpacks to more than %d times its size (if you trust it, unpack it "
		 "with `%s -d` and read that)",
		 UNZIP_RATIO_MAX, unzip->method->name);
	return true;
}

static bool unzip_inside(struct unzip *unzip, struct piece *piece)
{
	enum outcome outcome;
	if (unzip_dense(unzip)) {
		unzip->stage = STAGE_ENDED;
		return true;
	}
	outcome = unzip->method->unpack(unzip, piece);
	unzip->full = outcome == OUTCOME_MORE && piece->made == piece->room;
	if (outcome == OUTCOME_PART_ENDS) {
		unzip->stage = STAGE_BORDER;
	} else if (outcome == OUTCOME_DAMAGED) {
		unzip->stage = STAGE_ENDED;
	} else if (unzip->dry && unzip_left(unzip) == 0 && piece->made == 0) {
		snprintf(unzip->why, sizeof(unzip->why), "its %s data are cut short",
			 unzip->method->name);
		unzip->stage = STAGE_ENDED;
	}
	return outcome != OUTCOME_NO_MEMORY;
}

static bool unzip_behind(struct unzip *unzip, struct piece *piece)
{
	(void)piece;
	unzip->behind_bytes += unzip_left(unzip);
	unzip_take(unzip, unzip_left(unzip));
	if (unzip->dry)
		unzip->stage = STAGE_ENDED;
	return true;
}

/* Each returns false when out of memory. */
static bool (*const stages[STAGE_COUNT])(struct unzip *unzip, struct piece *piece) = {
	[STAGE_BORDER] = unzip_border,
	[STAGE_INSIDE] = unzip_inside,
	[STAGE_BEHIND] = unzip_behind,
};

bool unzip_waits(const struct unzip *unzip)
{
	size_t wanted = unzip->stage == STAGE_BORDER ? unzip->method->magic_bytes : 1;
	return !unzip->dry && !unzip->full && unzip->stage != STAGE_ENDED &&
	       unzip_left(unzip) < wanted;
}

static ssize_t unzip_refill(struct unzip *unzip)
{
	ssize_t got;
	memmove(unzip->in, unzip->in + unzip->at, unzip_left(unzip));
	unzip->have -= unzip->at;
	unzip->at = 0;
	got = read(unzip->fd, unzip->in + unzip->have, UNZIP_BLOCK - unzip->have);
	if (got < 0)
		return -1;
	unzip->have += (size_t)got;
	unzip->dry = got == 0;
	return 0;
}

ssize_t unzip_step(struct unzip *unzip, uint8_t *to, size_t room)
{
	struct piece piece = {.to = to, .room = room < UNZIP_PIECE ? room : UNZIP_PIECE};
	if (unzip_waits(unzip))
		return unzip_refill(unzip);
	if (unzip->stage == STAGE_ENDED)
		return 0;
	if (!stages[unzip->stage](unzip, &piece)) {
		errno = ENOMEM;
		return -1;
	}
	unzip->made += piece.made;
	return (ssize_t)piece.made;
}

bool unzip_ended(const struct unzip *unzip, struct unzip_end *end)
{
	*end = (struct unzip_end){
		.why = unzip->why,
		.behind_at = unzip->behind_at,
		.behind_bytes = unzip->behind_bytes,
	};
	return unzip->stage == STAGE_ENDED;
}
