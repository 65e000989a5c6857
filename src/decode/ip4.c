/* IPv4 (RFC 791 3.1). */
#include "decoding.h"

#include <string.h>

#define IP4_HEADER 20
#define MORE_FRAGMENTS 0x2000
#define FRAGMENT_OFFSET 0x1fff

enum ip4_option { IP4_END = 0, IP4_NOP = 1, IP4_LSRR = 131, IP4_SSRR = 137 };

struct ip4 {
	size_t header; /* bytes, options included */
	uint16_t total, fragment, checksum;
	uint8_t protocol;
};

/* The fixed part is taken whole: one check of its length, and the compiler knows that each read
 * of it succeeds. */
static bool header_read(struct decoding *d, struct ip4 *ip)
{
	struct segment *segment = d->segment;
	uint32_t offset = decoding_offset(d);
	struct cursor c = cursor_sub(&d->cursor, IP4_HEADER);

	if (c.failed)
		return false;
	ip->header = (cursor_u8(&c) & 15u) * 4u;
	uint8_t service = cursor_u8(&c);
	ip->total = cursor_u16(&c);
	uint16_t id = cursor_u16(&c);
	ip->fragment = cursor_u16(&c);
	uint8_t ttl = cursor_u8(&c);
	ip->protocol = cursor_u8(&c);
	ip->checksum = cursor_u16(&c);
	const uint8_t *src = cursor_bytes(&c, 4), *dst = cursor_bytes(&c, 4);
	decoding_packet(d, offset);
	segment->ecn = service & 3;
	segment->ip_id = id;
	segment->ttl = ttl;
	segment->ends.src.family = segment->ends.dst.family = 4;
	memcpy(segment->ends.src.bytes, src, 4);
	memcpy(segment->ends.dst.bytes, dst, 4);
	segment->ends.protocol = ip->protocol;
	decoding_name(d, LAYER_IP_PROTOCOL, ip->protocol);
	return true;
}

/* Data of a route option: pointer, then addresses. While the pointer is not past them the
 * packet is under way, and its checksums are made for the last of them (RFC 791 3.1). */
static void route_read(struct decoding *d, struct cursor data)
{
	size_t length = cursor_left(&data) + 2; /* kind and length stand before */
	uint8_t pointer = cursor_u8(&data);

	if (pointer > length || cursor_left(&data) < 4)
		return;
	cursor_skip(&data, cursor_left(&data) - 4);
	d->route_end = cursor_bytes(&data, 4);
}

static void options_read(struct decoding *d, struct cursor options)
{
	while (cursor_left(&options) > 0) {
		uint8_t kind = cursor_u8(&options);
		if (kind == IP4_END)
			return;
		if (kind == IP4_NOP)
			continue;
		uint8_t length = cursor_u8(&options);
		struct cursor data = cursor_sub(&options, length < 2 ? SIZE_MAX : length - 2u);
		if (data.failed) {
			decoding_flaw(d, FLAW_BAD_OPTION);
			return;
		}
		if (kind == IP4_LSRR || kind == IP4_SSRR)
			route_read(d, data);
	}
}

/* False: it cannot be. Segmentation offload leaves 0 in packets too long for the field. */
static bool length_apply(struct decoding *d, const struct ip4 *ip)
{
	if (ip->total == 0) {
		decoding_flaw(d, FLAW_OFFLOAD_LENGTH);
		return true;
	}
	if (ip->total >= ip->header)
		return decoding_limit(d, ip->total - ip->header);
	decoding_flaw(d, FLAW_BAD_LENGTH);
	decoding_limit(d, 0);
	return false;
}

void ip4_decode(struct decoding *d)
{
	struct cursor start = d->cursor;
	struct ip4 ip;

	if (!header_read(d, &ip))
		return;
	if (ip.header < IP4_HEADER) {
		decoding_flaw(d, FLAW_BAD_HEADER);
		return;
	}
	struct cursor options = cursor_sub(&d->cursor, ip.header - IP4_HEADER);
	if (options.failed)
		return;
	if (ip.header > IP4_HEADER)
		options_read(d, options);
	checksum_judge_header(d, cursor_sub(&start, ip.header), ip.checksum);
	d->packets += length_apply(d, &ip);
	if (!ip_fragment(d, (ip.fragment & FRAGMENT_OFFSET) * 8u, ip.fragment & MORE_FRAGMENTS))
		ip_payload(d, ip.protocol);
}
