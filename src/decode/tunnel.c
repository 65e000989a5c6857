/* Tunnels that have an IP protocol number: IP in IP, GRE, AH. */
#include "decoding.h"

#define GRE_CHECKSUM   0x8000
#define GRE_ROUTING    0x4000
#define GRE_KEY        0x2000
#define GRE_SEQUENCE   0x1000
#define GRE_ACK        0x0080 /* version 1 */
#define GRE_VERSION    0x0007
#define GRE_PPP        0x880b
#define GRE_EOIP       0x6400

#define ERSPAN_SESSION   0x03ff
#define ERSPAN_SUBHEADER 0x01 /* another 8 bytes follow */

/* IP in IP (RFC 2003, RFC 2473, RFC 4213), named by the versions of both. */
void ip_in_ip_decode(struct decoding *d)
{
	struct cursor peek = d->cursor;
	uint8_t version = cursor_u8(&peek) >> 4;
	bool around6 = d->segment->ends.src.family == 6;

	if (version == 4 && decoding_enter(d, around6 ? TUNNEL_4IN6 : TUNNEL_4IN4))
		ip_decode(d);
	else if (version == 6 && decoding_enter(d, around6 ? TUNNEL_6IN6 : TUNNEL_6IN4))
		ip_decode(d);
}

/* A switch's mirror: version, VLAN and session (draft-foschiano-erspan 4.2), then the frame. */
static void erspan_header(struct decoding *d, size_t header)
{
	cursor_skip(&d->cursor, 2);
	uint16_t session = cursor_u16(&d->cursor) & ERSPAN_SESSION;

	cursor_skip(&d->cursor, header - 4);
	if (!d->cursor.failed && decoding_enter_numbered(d, TUNNEL_ERSPAN, session))
		ethernet_decode(d);
}

static void erspan2_decode(struct decoding *d)
{
	erspan_header(d, 8);
}

static void erspan3_decode(struct decoding *d)
{
	struct cursor peek = d->cursor;

	cursor_skip(&peek, 11);
	erspan_header(d, cursor_u8(&peek) & ERSPAN_SUBHEADER ? 20 : 12);
}

/* Version 2 of Cisco's web cache protocol puts four bytes before IP, version 1 none. */
static void wccp_decode(struct decoding *d)
{
	struct cursor peek = d->cursor;

	if (cursor_u8(&peek) >> 4 != 4)
		cursor_skip(&d->cursor, 4);
	ip_decode(d);
}

static const struct {
	uint16_t protocol;
	decode_step *decode;
} protocols[] = {
	{0x6558, ethernet_decode}, /* transparent Ethernet bridging (RFC 1701) */
	{0x880b, ppp_decode},
	{0x883e, wccp_decode},
	{0x88be, erspan2_decode},
	{0x22eb, erspan3_decode},
};

void protocol_decode(struct decoding *d, uint16_t protocol)
{
	for (size_t i = 0; i < ARRAY_COUNT(protocols); i++) {
		if (protocols[i].protocol == protocol) {
			decoding_name(d, LAYER_ETHERTYPE, protocol);
			protocols[i].decode(d);
			return;
		}
	}
	ethertype_decode(d, protocol);
}

/* The source route of RFC 1701: address family, offset, length and addresses, up to an empty
 * one. Nobody uses it; RFC 2784 took it out. */
static void gre_routing_skip(struct cursor *c)
{
	uint16_t family;
	uint8_t length;

	do {
		family = cursor_u16(c);
		cursor_skip(c, 1);
		length = cursor_u8(c);
		cursor_skip(c, length);
	} while (!c->failed && (family || length));
}

/* RFC 2784 2, with key and sequence number of RFC 2890 2. */
static void gre0_decode(struct decoding *d, struct cursor message, uint16_t flags)
{
	struct cursor *c = &d->cursor;
	uint16_t protocol = cursor_u16(c);
	bool entered;

	if (flags & (GRE_CHECKSUM | GRE_ROUTING)) {
		uint16_t checksum = cursor_u16(c);
		cursor_skip(c, 2);
		if (flags & GRE_CHECKSUM && !c->failed)
			checksum_judge(d, message, checksum);
	}
	uint32_t key = flags & GRE_KEY ? cursor_u32(c) : 0;
	if (flags & GRE_SEQUENCE)
		cursor_skip(c, 4);
	if (flags & GRE_ROUTING)
		gre_routing_skip(c);
	if (c->failed)
		return;
	entered = flags & GRE_KEY ? decoding_enter_numbered(d, TUNNEL_GRE, key)
				  : decoding_enter(d, TUNNEL_GRE);
	if (entered)
		protocol_decode(d, protocol);
}

/* PPTP's: the key is the payload's length and a call id, the payload is PPP (RFC 2637 4.1). A
 * router's maker carries Ethernet the same way and calls it EoIP. */
static void gre1_decode(struct decoding *d, uint16_t flags)
{
	struct cursor *c = &d->cursor;
	uint16_t protocol = cursor_u16(c), length = cursor_u16(c), call = cursor_u16(c);

	if (flags & GRE_SEQUENCE)
		cursor_skip(c, 4);
	if (flags & GRE_ACK)
		cursor_skip(c, 4);
	if (c->failed || (protocol != GRE_PPP && protocol != GRE_EOIP) || length == 0 ||
	    length > decoding_left(d) || !decoding_enter_numbered(d, TUNNEL_GRE, call))
		return;
	decoding_limit(d, length);
	if (protocol == GRE_PPP)
		ppp_decode(d);
	else
		ethernet_decode(d);
}

void gre_decode(struct decoding *d)
{
	struct cursor message = d->cursor;
	uint16_t flags = cursor_u16(&d->cursor);

	if ((flags & GRE_VERSION) == 0)
		gre0_decode(d, message, flags);
	else if ((flags & GRE_VERSION) == 1)
		gre1_decode(d, flags);
}

bool ah_read(struct decoding *d, uint8_t *next)
{
	struct cursor *c = &d->cursor;

	*next = cursor_u8(c);
	size_t rest = 4u * cursor_u8(c); /* in 4-byte units, minus 2 (RFC 4302 2.2) */
	cursor_skip(c, 2);
	uint32_t spi = cursor_u32(c);
	cursor_skip(c, rest);
	return !c->failed && decoding_enter_numbered(d, TUNNEL_AH, spi);
}

void ah_decode(struct decoding *d)
{
	uint8_t next;

	if (ah_read(d, &next))
		ip_payload(d, next);
}
