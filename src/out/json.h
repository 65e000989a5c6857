/* JSON as it is written here: appended to a buf, keys as literals with their punctuation. */
#ifndef OUT_JSON_H
#define OUT_JSON_H

#include "wireladder/base.h"

#include <string.h>

/* Ready-made JSON. Inline, so that a literal's length is known and its copy is a few moves:
 * there are twenty of them in a record, and millions of records. */
static inline void json_raw(struct buf *out, const char *literal)
{
	size_t count = strlen(literal);
	if (out->cap - out->len >= count) {
		memcpy(out->at + out->len, literal, count);
		out->len += count;
	} else {
		buf_add(out, literal, count);
	}
}

void json_u64(struct buf *out, uint64_t value);
void json_i64(struct buf *out, int64_t value);
/* Anything from outside, quoted: valid UTF-8, no control, no '<' (timeline.md, "Text"). */
void json_string(struct buf *out, const char *text, size_t count);
/* JSON that a library printed: the same promises for what stands in its strings. */
void json_printed(struct buf *out, const char *text);
void json_hex(struct buf *out, const uint8_t *bytes, size_t count);
void json_base64(struct buf *out, const uint8_t *bytes, size_t count); /* RFC 4648 4, padded */

/* The rule of defaults: a number that is zero is left out, and so is its key. */
static inline void json_field(struct buf *out, const char *key, uint64_t value)
{
	if (value) {
		json_raw(out, key);
		json_u64(out, value);
	}
}

static inline void json_field_signed(struct buf *out, const char *key, int64_t value)
{
	if (value) {
		json_raw(out, key);
		json_i64(out, value);
	}
}

static inline void json_field_true(struct buf *out, const char *key_and_true, bool value)
{
	if (value)
		json_raw(out, key_and_true);
}

#endif
