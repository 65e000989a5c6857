#include "wireladder/base.h"

#include <string.h>

#define REPLACEMENT 0xFFFDU

/* How many bytes a UTF-8 sequence has by its first one, and the least character that needs them
 * (RFC 3629 3: longer forms of a character are forbidden). 0: no sequence begins like this. */
static size_t utf8_length(uint8_t first, uint32_t *least)
{
	static const struct {
		uint8_t mask, bits;
		uint32_t least;
	} forms[] = {{0x80, 0x00, 0},
		     {0xE0, 0xC0, 0x80},
		     {0xF0, 0xE0, 0x800},
		     {0xF8, 0xF0, 0x10000}};
	for (size_t i = 0; i < ARRAY_COUNT(forms); i++) {
		if ((first & forms[i].mask) == forms[i].bits) {
			*least = forms[i].least;
			return i + 1;
		}
	}
	return 0;
}

size_t text_utf8_next(const uint8_t *s, size_t count, uint32_t *character)
{
	static const uint8_t first_bits[] = {0x7F, 0x1F, 0x0F, 0x07};
	uint32_t least = 0, value;
	size_t length = utf8_length(s[0], &least);
	*character = REPLACEMENT;
	if (length == 0 || length > count)
		return 1;
	value = s[0] & first_bits[length - 1];
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return 1;
		value = value << 6 | (s[i] & 0x3FU);
	}
	if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
		return 1;
	*character = value;
	return length;
}

/* What could move the cursor, change the colours or turn the reading direction round. */
static bool text_is_hidden(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{0x00, 0x1F},     {0x7F, 0x9F},       {0xAD, 0xAD},     {0x061C, 0x061C},
		{0x200B, 0x200F}, {0x2028, 0x202E},   {0x2060, 0x206F}, {0xFEFF, 0xFEFF},
		{0xFFF9, 0xFFFB}, {0xE0000, 0xE007F},
	};
	for (size_t i = 0; i < ARRAY_COUNT(hidden); i++) {
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	}
	return false;
}

static void text_add_escape(struct buf *buf, uint8_t byte)
{
	static const char named[] = "\nn\rr\tt", digits[] = "0123456789abcdef";
	const char escape[] = {'\\', 'x', digits[byte >> 4], digits[byte & 0xF]};
	for (size_t i = 0; i + 1 < sizeof(named); i += 2) {
		if (named[i] == (char)byte) {
			buf_add(buf, (const char[]){'\\', named[i + 1]}, 2);
			return;
		}
	}
	buf_add(buf, escape, sizeof(escape));
}

void text_add_visible(struct buf *buf, const void *bytes, size_t count)
{
	const uint8_t *s = bytes;
	while (count > 0) {
		uint32_t c;
		size_t used = text_utf8_next(s, count, &c);
		bool bad = c == REPLACEMENT && used == 1;
		if (bad || c < 0x20 || c == 0x7F)
			text_add_escape(buf, s[0]);
		else if (text_is_hidden(c))
			buf_printf(buf, "\\u{%x}", (unsigned)c);
		else
			buf_add(buf, s, used);
		s += used;
		count -= used;
	}
}
