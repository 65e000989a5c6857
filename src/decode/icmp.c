/* ICMP for both versions of IP (RFC 792, RFC 4443 2.1), and the packet that an error quotes. */
#include "decoding.h"

#define ICMP_HEADER 8

/* Messages that quote the packet which caused them (RFC 1122 3.2.2, RFC 4443 3). */
static const bool icmp4_quotes[256] = {
	[3] = true,  /* destination unreachable */
	[4] = true,  /* source quench */
	[5] = true,  /* redirect */
	[11] = true, /* time exceeded */
	[12] = true, /* parameter problem */
};

static const bool icmp6_quotes[256] = {
	[1] = true, /* destination unreachable */
	[2] = true, /* packet too big */
	[3] = true, /* time exceeded */
	[4] = true, /* parameter problem */
};

/* The quoted packet goes through the same readers, into a segment of its own. They know that
 * they read a quote, and none of them reads ICMP there: no quote within a quote. */
static void quote_read(struct decoding *d)
{
	struct segment *segment = d->segment, quoted = {0};
	struct decoding inner = {
		.frame = d->frame,
		.segment = &quoted,
		.cursor = d->cursor,
		.end = d->end,
		.quoted = true,
	};

	ip_decode(&inner);
	if (inner.cursor.failed || quoted.ends.src.family == 0)
		return;
	segment->icmp.quotes = true;
	segment->icmp.quoted = quoted.ends;
	segment->icmp.quoted_ip_id = quoted.ip_id;
	segment->icmp.quoted_len = quoted.len;
	if (quoted.kind == SEGMENT_TCP)
		segment->icmp.quoted_seq = quoted.tcp.seq;
}

void icmp_decode(struct decoding *d)
{
	struct segment *segment = d->segment;
	struct cursor message = d->cursor, *c = &d->cursor;
	uint32_t length = (uint32_t)decoding_left(d);
	uint8_t type = cursor_u8(c), code = cursor_u8(c);
	uint16_t checksum = cursor_u16(c);

	if (c->failed)
		return;
	segment->kind = SEGMENT_ICMP;
	segment->icmp.type = type;
	segment->icmp.code = code;
	segment->len = length > ICMP_HEADER ? length - ICMP_HEADER : 0;
	checksum_judge(d, message, checksum);
	bool error = segment->ends.src.family == 4 ? icmp4_quotes[type] : icmp6_quotes[type];
	if (cursor_skip(c, 4) && error)
		quote_read(d);
}
