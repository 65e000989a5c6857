/* The TCP header (RFC 9293 3.1). */
#include "decoding.h"

#define TCP_HEADER 20
#define TCP_FLAGS 0x1ff /* eight flags, and AE above them where NS once was (RFC 9768) */

static size_t at_most(size_t count, size_t limit)
{
	return count < limit ? count : limit;
}

/* The header's length in bytes: at least the fixed part, at most all that IP has for TCP. */
static size_t header_length(struct decoding *d, uint16_t offset_and_flags, size_t length)
{
	size_t header = (offset_and_flags >> 12) * 4u;

	if (header >= TCP_HEADER && header <= length)
		return header;
	decoding_flaw(d, FLAW_BAD_HEADER);
	return header < TCP_HEADER ? TCP_HEADER : length;
}

void tcp_decode(struct decoding *d)
{
	struct segment *segment = d->segment;
	struct cursor message = d->cursor, *rest = &d->cursor;
	size_t start = decoding_offset(d), length = (size_t)decoding_left(d);
	struct cursor c = cursor_sub(rest, TCP_HEADER); /* whole, as in ip4.c */

	if (c.failed)
		return;
	segment->kind = SEGMENT_TCP;
	segment->ends.sport = cursor_u16(&c);
	segment->ends.dport = cursor_u16(&c);
	segment->tcp.seq = cursor_u32(&c);
	segment->tcp.ack = cursor_u32(&c);
	uint16_t offset_and_flags = cursor_u16(&c);
	segment->tcp.flags = offset_and_flags & TCP_FLAGS;
	segment->tcp.window = cursor_u16(&c);
	uint16_t checksum = cursor_u16(&c);
	segment->tcp.urgent = cursor_u16(&c);

	size_t header = header_length(d, offset_and_flags, length);
	size_t options = header - TCP_HEADER, kept = at_most(options, cursor_left(rest));
	segment->len = (uint32_t)(length - header);
	segment->payload_offset = (uint32_t)(start + header);
	if (options > 0)
		tcp_options_decode(segment, cursor_sub(rest, kept), kept < options);
	checksum_judge(d, message, checksum);
}

void tcp_quoted(struct decoding *d)
{
	d->segment->kind = SEGMENT_TCP;
	d->segment->ends.sport = cursor_u16(&d->cursor);
	d->segment->ends.dport = cursor_u16(&d->cursor);
	d->segment->tcp.seq = cursor_u32(&d->cursor);
}
