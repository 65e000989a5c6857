/* The UDP header (RFC 768). */
#include "decoding.h"

#define UDP_HEADER 8

/* The length of header and payload by UDP's own field, checked against what IP has for it. 0 is
 * for jumbograms (RFC 2675 4) and for packets whose lengths offload left out. */
static uint32_t length_judge(struct decoding *d, uint16_t field, uint32_t rest)
{
	bool left_out = rest > UINT16_MAX || (d->segment->flaws & FLAW_OFFLOAD_LENGTH);

	if (field == 0 && left_out)
		return rest;
	if (field != rest)
		decoding_flaw(d, FLAW_BAD_LENGTH);
	return field < UDP_HEADER ? rest : field;
}

/* A checksum of 0 says that the sender made none (RFC 768). IPv6 does not allow that (RFC 8200
 * 8.1), except for tunnels (RFC 6935 5). */
static void payload_decode(struct decoding *d, struct cursor message, uint16_t checksum)
{
	if (checksum != 0)
		checksum_judge(d, message, checksum);
	if (!udp_tunnel_decode(d) && checksum == 0 && d->segment->ends.src.family == 6)
		checksum_judge(d, message, checksum);
}

void udp_decode(struct decoding *d)
{
	struct segment *segment = d->segment;
	struct cursor message = d->cursor, *c = &d->cursor;
	uint32_t rest = (uint32_t)decoding_left(d);

	if (cursor_left(c) < UDP_HEADER) {
		c->failed = true;
		return;
	}
	segment->kind = SEGMENT_UDP;
	segment->ends.sport = cursor_u16(c);
	segment->ends.dport = cursor_u16(c);
	segment->len = length_judge(d, cursor_u16(c), rest) - UDP_HEADER;
	uint16_t checksum = cursor_u16(c);
	segment->payload_offset = decoding_offset(d);
	payload_decode(d, message, checksum);
}

void udp_quoted(struct decoding *d)
{
	d->segment->kind = SEGMENT_UDP;
	d->segment->ends.sport = cursor_u16(&d->cursor);
	d->segment->ends.dport = cursor_u16(&d->cursor);
	if (cursor_left(&d->cursor) >= 2) { /* an old router's quote may end before it */
		uint16_t length = cursor_u16(&d->cursor);
		d->segment->len = length > UDP_HEADER ? length - UDP_HEADER : 0;
	}
}
