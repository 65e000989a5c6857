/* One fragment, read for joining: decode has found it, here it is taken apart. */
#include "joining.h"

#define NEXT_HEADER_AT 6 /* in the fixed header of IPv6 */
#define OFFSET_AND_MORE 0xfff9

/* What no receiver would take, and what ends at a guess. */
#define UNFIT (FLAW_BAD_CHECKSUM | FLAW_BAD_HEADER | FLAW_BAD_LENGTH | FLAW_OFFLOAD_LENGTH)

/* Moves the cursor to the payload; false: this cannot be read. */
typedef bool header_step(struct cursor *c, struct segment *segment, struct fragment *fragment);

static bool header4_read(struct cursor *c, struct segment *segment, struct fragment *fragment)
{
	struct cursor peek = *c;
	size_t header = (cursor_u8(&peek) & 15u) * 4u;

	(void)segment;
	fragment->header = cursor_sub(c, header);
	fragment->overhead = fragment->offset == 0 ? (uint32_t)header : IP4_FIXED_BYTES;
	return header >= IP4_FIXED_BYTES && !c->failed;
}

/* Passes a header of the chain; false: it is that of this fragment. One that says it is no
 * fragment at all (RFC 6946 4) is a header like others. */
static bool extension_pass(struct cursor *c, uint8_t *kind)
{
	struct cursor peek = *c;
	uint8_t next = cursor_u8(&peek), length = cursor_u8(&peek);
	bool plain = *kind != IP_FRAGMENT;

	if (!plain && (cursor_u16(&peek) & OFFSET_AND_MORE))
		return false;
	*kind = next;
	return cursor_skip(c, plain ? 8 + 8 * (size_t)length : 8);
}

/* Authentication comes after fragmentation (RFC 4302 3.3.4), so that a header of it before the
 * fragment header, whose length has another unit, is nobody's. */
static bool header6_read(struct cursor *c, struct segment *segment, struct fragment *fragment)
{
	struct cursor start = *c;

	cursor_skip(c, 4);
	uint16_t length = cursor_u16(c);
	uint8_t kind = cursor_u8(c);
	cursor_skip(c, IP6_FIXED_BYTES - NEXT_HEADER_AT - 1);
	fragment->next_at = NEXT_HEADER_AT;
	const uint8_t *passed = c->at;
	while (kind != IP_AH && extension_pass(c, &kind)) {
		fragment->next_at = (size_t)(passed - start.at); /* its first byte */
		passed = c->at;
	}
	size_t header = (size_t)(c->at - start.at);
	fragment->header = cursor_sub(&start, header);
	fragment->next = cursor_u8(c);
	cursor_skip(c, 7);
	if (length == 0) /* a jumbogram can be no fragment (RFC 2675 3) */
		segment->flaws |= FLAW_BAD_LENGTH;
	if (fragment->offset == 0)
		fragment->overhead = (uint32_t)header - IP6_FIXED_BYTES;
	return kind == IP_FRAGMENT && length > 0 && !c->failed;
}

/* It has to bring something, and the whole has to be as long as a length field can say (RFC
 * 8200 4.5; RFC 791 3.1). */
static bool length_fits(const struct fragment *fragment, struct segment *segment)
{
	uint64_t end = (uint64_t)fragment->offset + fragment->len;

	if (fragment->len > 0 && end + fragment->overhead <= IP_LENGTH_MAX)
		return true;
	segment->flaws |= FLAW_BAD_LENGTH;
	return false;
}

bool fragment_read(struct cursor packet, struct segment *segment, struct fragment *fragment)
{
	uint8_t family = segment->ends.src.family;
	header_step *read = family == 4 ? header4_read : header6_read;
	struct cursor c = packet;

	fragment->offset = segment->fragment.offset;
	fragment->len = segment->fragment.len;
	fragment->more = segment->fragment.more;
	fragment->ecn = segment->ecn;
	if ((segment->flaws & UNFIT) || cursor_u8(&packet) >> 4 != family ||
	    !read(&c, segment, fragment) || !length_fits(fragment, segment))
		return false;
	size_t kept = cursor_left(&c);
	fragment->payload = cursor_sub(&c, kept < fragment->len ? kept : fragment->len);
	return true;
}
