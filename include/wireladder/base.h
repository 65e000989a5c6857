/* The door of src/base: what knows no protocol. Everything here is safe on hostile input. */
#ifndef WIRELADDER_BASE_H
#define WIRELADDER_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRELADDER_VERSION "0.1.0"
#define ARRAY_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* err: one sentence that says cause, place and remedy; the caller owns it */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_USAGE = 1,      /* usage, or the input is not a capture, lesson or timeline */
	EXIT_PERMISSION = 2, /* permission or interface; the sentence says the remedy */
	EXIT_PARTIAL = 3,    /* all that was readable was written, something is missing */
	EXIT_OUTPUT = 4,     /* output could not be written */
	EXIT_MEMORY = 5,
	EXIT_EXPECTATION = 6, /* a lesson's expectation did not hold */
};

struct err {
	enum exit_status status; /* what a command that fails with this should exit with */
	char text[400];          /* valid UTF-8, no final newline; "" when nothing failed */
};

/* Fills *err (which may be NULL) and returns false: callers can `return err_set(...)`. */
bool err_set(struct err *err, enum exit_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool err_memory(struct err *err); /* "out of memory", EXIT_MEMORY */

/* cursor: the only way to read packet bytes; it remembers that it ran off the end */
struct cursor {
	const uint8_t *at, *end; /* borrowed from whoever owns the bytes */
	bool failed;             /* a read went past the end; every later read gives 0 */
};

static inline struct cursor cursor_init(const uint8_t *bytes, size_t count)
{
	return (struct cursor){.at = bytes, .end = count ? bytes + count : bytes};
}

static inline size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

/* The next count bytes, borrowed, or NULL (and failed) when there are fewer. */
static inline const uint8_t *cursor_bytes(struct cursor *c, size_t count)
{
	const uint8_t *bytes = c->at;
	if (count > cursor_left(c)) {
		c->failed = true;
		c->at = c->end;
		return NULL;
	}
	c->at += count;
	return bytes;
}

static inline bool cursor_skip(struct cursor *c, size_t count)
{
	return cursor_bytes(c, count) != NULL;
}

/* A cursor over the next count bytes (fewer, and both failed, when there are not as many). */
static inline struct cursor cursor_sub(struct cursor *c, size_t count)
{
	const uint8_t *start = c->at;
	bool whole = cursor_skip(c, count);
	return (struct cursor){.at = start, .end = c->at, .failed = !whole};
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	const uint8_t *b = cursor_bytes(c, 1);
	return b ? b[0] : 0;
}

static inline uint16_t cursor_u16(struct cursor *c) /* network byte order */
{
	const uint8_t *b = cursor_bytes(c, 2);
	return b ? (uint16_t)((uint32_t)b[0] << 8 | b[1]) : 0;
}

static inline uint32_t cursor_u32(struct cursor *c) /* network byte order */
{
	const uint8_t *b = cursor_bytes(c, 4);
	return b ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3] : 0;
}

/* seq: positions on the 32-bit circle (RFC 9293 3.4); never compare them with < */
static inline int32_t seq_diff(uint32_t a, uint32_t b) /* how far a is ahead of b */
{
	return (int32_t)(a - b);
}

/* clock: nanoseconds since 1970 as uint64_t; never a double */
#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

uint64_t clock_now_ns(void);       /* CLOCK_REALTIME, the clock of captures */
uint64_t clock_monotonic_ns(void); /* for waiting only */
void clock_sleep_ns(uint64_t ns);  /* a signal may end it early */
void clock_rfc3339(uint64_t ns, char text[static 31]); /* UTC, 9 decimals, ends in Z */

/* buf: bytes that grow; a failed growth is remembered and later calls do nothing */
struct buf {
	char *at;
	size_t len, cap;
	bool failed;
};

bool buf_reserve(struct buf *buf, size_t more); /* room for that many bytes after len */
bool buf_add(struct buf *buf, const void *bytes, size_t count);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_close(struct buf *buf); /* frees; the buf is empty and usable again */

/* text: anything from outside becomes valid UTF-8 before it leaves */
/* Decodes one character of s[0..count), count > 0; bad: U+FFFD. Returns bytes used. */
size_t text_utf8_next(const uint8_t *s, size_t count, uint32_t *character);
/* Appends it for a terminal: controls, bidi marks and bad bytes as visible escapes. */
void text_add_visible(struct buf *buf, const void *bytes, size_t count);

/* pool: equal items named by index from 1 (0 is none); memory never moves */
struct pool {
	size_t item_size, max_items; /* max_items 0: as many as memory holds */
	uint32_t used, free_head, live;
	uint8_t **chunks;
	size_t chunk_count;
};

void pool_init(struct pool *pool, size_t item_size, size_t max_items);
uint32_t pool_take(struct pool *pool); /* a zeroed item; 0 when full or out of memory */
void pool_give(struct pool *pool, uint32_t index);
void pool_close(struct pool *pool);
#define POOL_CHUNK 256 /* items that are allocated at once */

static inline void *pool_at(const struct pool *pool, uint32_t index) /* until given back */
{
	uint32_t i = index - 1;
	return pool->chunks[i / POOL_CHUNK] + i % POOL_CHUNK * pool->item_size;
}

/* hash and rng */
uint64_t hash_bytes(const void *bytes, size_t count, uint64_t seed);
uint64_t rng_next(uint64_t *state); /* splitmix64: the same seed gives the same numbers */

#endif
