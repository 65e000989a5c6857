/* IPv6 and its chain of extension headers (RFC 8200 3 and 4). */
#include "decoding.h"

#include <string.h>

#define CHAIN_MAX 16 /* extension headers; no sender needs a fraction of that (RFC 8200 4.1) */
#define JUMBO_OPTION 0xc2

/* Reads one header of the chain and returns the number of the next. */
typedef uint8_t extension_step(struct decoding *d, uint8_t kind);

static extension_step plain_read, routing_read, fragment_read, authentication_read;

struct extension {
	extension_step *read;
	uint8_t unit, beyond; /* bytes = unit * (length field + beyond) */
};

static const struct extension extensions[256] = {
	[IP_HOP_BY_HOP] = {plain_read, 8, 1},
	[IP_ROUTING] = {routing_read, 8, 1},
	[IP_FRAGMENT] = {fragment_read, 0, 0},
	[IP_AH] = {authentication_read, 0, 0},
	[IP_DESTINATION] = {plain_read, 8, 1},
	[IP_MOBILITY] = {plain_read, 8, 1},
	[IP_HIP] = {plain_read, 8, 1},
	[IP_SHIM6] = {plain_read, 8, 1},
};

/* The header after its two first bytes, which are next header and length. */
static struct cursor body_read(struct cursor *c, uint8_t kind, uint8_t *next)
{
	const struct extension *extension = &extensions[kind];

	*next = cursor_u8(c);
	size_t count = (size_t)extension->unit * (cursor_u8(c) + (size_t)extension->beyond);
	return cursor_sub(c, count - 2);
}

static uint8_t plain_read(struct decoding *d, uint8_t kind)
{
	uint8_t next;

	body_read(&d->cursor, kind, &next);
	return next;
}

/* A packet under way has its checksums made for the last address of its route (RFC 8200 8.1).
 * Types 0 and 2 list addresses in the order of travel (RFC 8200 4.4, RFC 6275 6.4), 4 the other
 * way round (RFC 8754 2); in each of them the list starts after 8 bytes. */
static uint8_t routing_read(struct decoding *d, uint8_t kind)
{
	uint8_t next;
	struct cursor body = body_read(&d->cursor, kind, &next);
	uint8_t type = cursor_u8(&body), segments_left = cursor_u8(&body);

	cursor_skip(&body, 4);
	if (body.failed || segments_left == 0)
		return next;
	if (type != 4 && cursor_left(&body) > 16)
		cursor_skip(&body, cursor_left(&body) - 16);
	d->route_end = cursor_bytes(&body, 16);
	d->route_unknown = !d->route_end || (type != 0 && type != 2 && type != 4);
	return next;
}

/* Here it is one header of the chain: too many layers to name them all stop nobody. */
static uint8_t authentication_read(struct decoding *d, uint8_t kind)
{
	uint8_t next;

	(void)kind;
	ah_read(d, &next);
	return next;
}

/* One whose offset and M flag are 0 is the whole packet (RFC 6946 4): read on. */
static uint8_t fragment_read(struct decoding *d, uint8_t kind)
{
	(void)kind;
	uint8_t next = cursor_u8(&d->cursor);
	cursor_skip(&d->cursor, 1);
	uint16_t word = cursor_u16(&d->cursor);
	uint32_t id = cursor_u32(&d->cursor);

	if (d->cursor.failed)
		return next;
	d->segment->ip_id = id;
	d->segment->ends.protocol = next;
	ip_fragment(d, word & 0xfff8u, word & 1);
	return next;
}

static void chain_walk(struct decoding *d, uint8_t next)
{
	for (int headers = 0; headers <= CHAIN_MAX; headers++) {
		extension_step *read = extensions[next].read;
		decoding_name(d, LAYER_IP_PROTOCOL, next);
		d->segment->ends.protocol = next;
		if (!read) {
			ip_payload(d, next);
			return;
		}
		next = read(d, next);
		if (d->cursor.failed || d->segment->kind == SEGMENT_FRAGMENT)
			return;
	}
	decoding_flaw(d, FLAW_BAD_HEADER);
}

/* The jumbo payload option (RFC 2675 2) of a hop-by-hop header that stands here; 0: none. */
static uint32_t jumbo_find(struct cursor c)
{
	uint8_t next;
	struct cursor options = body_read(&c, IP_HOP_BY_HOP, &next);

	while (cursor_left(&options) > 0) {
		uint8_t kind = cursor_u8(&options);
		if (kind == 0) /* Pad1 has no length (RFC 8200 4.2) */
			continue;
		struct cursor data = cursor_sub(&options, cursor_u8(&options));
		if (kind == JUMBO_OPTION && cursor_left(&data) == 4)
			return cursor_u32(&data);
	}
	return 0;
}

/* The payload length is 0: a jumbogram says its length in an option; segmentation offload
 * leaves it out; and a packet with no next header may really have none. */
static bool length_find(struct decoding *d, uint8_t next)
{
	uint32_t jumbo = next == IP_HOP_BY_HOP ? jumbo_find(d->cursor) : 0;

	if (jumbo > 0 && jumbo <= UINT16_MAX)
		decoding_flaw(d, FLAW_BAD_LENGTH); /* RFC 2675 3 */
	if (jumbo > 0)
		return decoding_limit(d, jumbo);
	if (next == IP_NO_NEXT)
		return decoding_limit(d, 0);
	decoding_flaw(d, FLAW_OFFLOAD_LENGTH);
	return true;
}

void ip6_decode(struct decoding *d)
{
	struct segment *segment = d->segment;
	struct cursor *c = &d->cursor;
	uint32_t offset = decoding_offset(d), class_word = cursor_u32(c);
	uint16_t length = cursor_u16(c);
	uint8_t next = cursor_u8(c), hop_limit = cursor_u8(c);
	const uint8_t *src = cursor_bytes(c, 16), *dst = cursor_bytes(c, 16);

	if (c->failed)
		return;
	decoding_packet(d, offset);
	segment->ecn = class_word >> 20 & 3; /* low bits of the traffic class (RFC 3168 5) */
	segment->ttl = hop_limit;
	segment->ends.src.family = segment->ends.dst.family = 6;
	memcpy(segment->ends.src.bytes, src, 16);
	memcpy(segment->ends.dst.bytes, dst, 16);
	d->packets += length > 0 ? decoding_limit(d, length) : length_find(d, next);
	chain_walk(d, next);
}
