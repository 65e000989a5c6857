#include "json.h"

static const char digit_pairs[] =
	"00010203040506070809101112131415161718192021222324252627282930313233343536373839"
	"40414243444546474849505152535455565758596061626364656667686970717273747576777879"
	"8081828384858687888990919293949596979899";

/* Two digits a step: half the divisions, which are what a number costs. */
void json_u64(struct buf *out, uint64_t value)
{
	char digits[20]; /* of UINT64_MAX */
	size_t at = sizeof(digits);
	while (value >= 10) {
		at -= 2;
		memcpy(digits + at, digit_pairs + value % 100 * 2, 2);
		value /= 100;
	}
	if (value > 0 || at == sizeof(digits))
		digits[--at] = (char)('0' + value);
	if (buf_reserve(out, sizeof(digits))) {
		memcpy(out->at + out->len, digits + at, sizeof(digits) - at);
		out->len += sizeof(digits) - at;
	}
}

void json_i64(struct buf *out, int64_t value)
{
	if (value < 0)
		json_raw(out, "-");
	json_u64(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/* Characters that a string shall not hold as they are: they end it, or a terminal or a page
 * that the text is pasted into would obey them (C0, C1, line separators). */
static bool json_must_escape(uint32_t c, const char *special)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 ||
	       (c < 0x7F && strchr(special, (int)c));
}

static void json_escape(struct buf *out, uint32_t c)
{
	uint8_t bytes[2] = {(uint8_t)(c >> 8), (uint8_t)c};
	char plain[3] = {'\\', (char)c};
	if (c == '"' || c == '\\') {
		json_raw(out, plain);
		return;
	}
	json_raw(out, "\\u");
	json_hex(out, bytes, sizeof(bytes));
}

static void json_text(struct buf *out, struct cursor text, const char *special)
{
	const uint8_t *run = text.at; /* what needs no change is copied in one go */
	while (cursor_left(&text) > 0) {
		const uint8_t *at = text.at;
		uint32_t c;
		size_t used = text_utf8_next(at, cursor_left(&text), &c);
		bool bad = c == 0xFFFD && used == 1;
		cursor_skip(&text, used);
		if (!bad && !json_must_escape(c, special))
			continue;
		buf_add(out, run, (size_t)(at - run));
		run = text.at;
		if (bad)
			json_raw(out, "\xEF\xBF\xBD");
		else
			json_escape(out, c);
	}
	buf_add(out, run, (size_t)(text.end - run));
}

void json_string(struct buf *out, const char *text, size_t count)
{
	json_raw(out, "\"");
	json_text(out, cursor_init((const uint8_t *)text, count), "\"\\<");
	json_raw(out, "\"");
}

void json_printed(struct buf *out, const char *text)
{
	json_text(out, cursor_init((const uint8_t *)text, strlen(text)), "<");
}

void json_hex(struct buf *out, const uint8_t *bytes, size_t count)
{
	static const char digits[] = "0123456789abcdef";
	if (!buf_reserve(out, 2 * count))
		return;
	for (size_t i = 0; i < count; i++) {
		out->at[out->len++] = digits[bytes[i] >> 4];
		out->at[out->len++] = digits[bytes[i] & 15];
	}
}

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void base64_group(char to[static 4], uint32_t bits)
{
	for (size_t i = 0; i < 4; i++)
		to[i] = base64_digits[bits >> (18 - 6 * i) & 63];
}

void json_base64(struct buf *out, const uint8_t *bytes, size_t count)
{
	struct cursor left = cursor_init(bytes, count);
	char *to;
	if (!buf_reserve(out, (count + 2) / 3 * 4))
		return;
	to = out->at + out->len;
	out->len += (count + 2) / 3 * 4;
	for (; cursor_left(&left) >= 3; to += 4) {
		const uint8_t *three = cursor_bytes(&left, 3);
		base64_group(to, (uint32_t)three[0] << 16 | (uint32_t)three[1] << 8 | three[2]);
	}
	if (cursor_left(&left) > 0) {
		bool two = cursor_left(&left) == 2;
		uint32_t bits = (uint32_t)cursor_u8(&left) << 16;
		bits |= two ? (uint32_t)cursor_u8(&left) << 8 : 0;
		base64_group(to, bits);
		to[3] = '=';
		to[2] = two ? to[2] : '=';
	}
}
