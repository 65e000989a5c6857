/* Tunnels over UDP. Only a port number says that they are there, and anybody may use it: the
 * payload is a tunnel's if an IP packet comes of it, and plain payload otherwise. */
#include "decoding.h"

#define VXLAN_VNI_VALID 0x08 /* RFC 7348 5 */
#define VXLAN_NEXT_PROTOCOL 0x04
#define GENEVE_CONTROL  0x80 /* not data */
#define GENEVE_OPTIONS  0x3f /* length in units of 4, below the version (RFC 8926 3.4) */

#define GTP_VERSION_1  0x30 /* version 1, protocol type GTP (3GPP TS 29.281 5.1) */
#define GTP_KIND       0xf0
#define GTP_OPTIONAL   0x07 /* any of: extension header, sequence number, N-PDU number */
#define GTP_EXTENSION  0x04
#define GTP_PACKET     0xff /* message type G-PDU */

#define TEREDO_AUTHENTICATION 0x0001 /* RFC 4380 5.1.1 */
#define TEREDO_ORIGIN         0x0000

static uint32_t number24(struct cursor *c)
{
	uint32_t high = cursor_u8(c);
	return high << 16 | cursor_u16(c);
}

static void vxlan_decode(struct decoding *d)
{
	uint8_t flags = cursor_u8(&d->cursor);

	cursor_skip(&d->cursor, 3);
	uint32_t vni = number24(&d->cursor);
	cursor_skip(&d->cursor, 1);
	if (flags & VXLAN_VNI_VALID && decoding_enter_numbered(d, TUNNEL_VXLAN, vni))
		ethernet_decode(d);
}

/* The generic extension says what follows (draft-ietf-nvo3-vxlan-gpe 3.1). */
static void vxlan_gpe_decode(struct decoding *d)
{
	static decode_step *const protocols[] = {
		[1] = ip_decode, [2] = ip_decode, [3] = ethernet_decode, [5] = mpls_decode,
	};
	uint8_t flags = cursor_u8(&d->cursor);

	cursor_skip(&d->cursor, 2);
	uint8_t protocol = cursor_u8(&d->cursor);
	uint32_t vni = number24(&d->cursor);
	cursor_skip(&d->cursor, 1);
	if (flags & VXLAN_VNI_VALID && flags & VXLAN_NEXT_PROTOCOL &&
	    protocol < ARRAY_COUNT(protocols) && protocols[protocol] &&
	    decoding_enter_numbered(d, TUNNEL_VXLAN, vni))
		protocols[protocol](d);
}

static void geneve_decode(struct decoding *d)
{
	uint8_t version_length = cursor_u8(&d->cursor), flags = cursor_u8(&d->cursor);
	uint16_t protocol = cursor_u16(&d->cursor);
	uint32_t vni = number24(&d->cursor);
	cursor_skip(&d->cursor, 1u + (version_length & GENEVE_OPTIONS) * 4u);
	if (version_length <= GENEVE_OPTIONS && !(flags & GENEVE_CONTROL) &&
	    decoding_enter_numbered(d, TUNNEL_GENEVE, vni))
		protocol_decode(d, protocol);
}

/* Each extension header is as long as its first byte says, in units of 4, and ends with the
 * type of the next (TS 29.281 5.2.1). */
static bool gtp_extensions_skip(struct cursor *c, uint8_t next)
{
	while (next && !c->failed) {
		size_t length = cursor_u8(c) * 4u;
		if (length == 0)
			return false;
		cursor_skip(c, length - 2);
		next = cursor_u8(c);
	}
	return !c->failed;
}

static void gtp_decode(struct decoding *d)
{
	struct cursor *c = &d->cursor;
	uint8_t flags = cursor_u8(c), type = cursor_u8(c), next = 0;
	uint16_t length = cursor_u16(c); /* of all behind the first 8 bytes */
	uint32_t teid = cursor_u32(c);

	if ((flags & GTP_KIND) != GTP_VERSION_1 || type != GTP_PACKET ||
	    length > decoding_left(d))
		return;
	decoding_limit(d, length);
	if (flags & GTP_OPTIONAL) {
		cursor_skip(c, 3);
		next = cursor_u8(c);
	}
	if (!gtp_extensions_skip(c, flags & GTP_EXTENSION ? next : 0) ||
	    !decoding_enter_numbered(d, TUNNEL_GTP_U, teid))
		return;
	if (!decoding_attempt(d, ip_decode))
		ethernet_decode(d); /* a session may be for that (TS 23.501 5.6.10) */
}

/* Steps over the indications that a Teredo server may put before the packet. */
static void teredo_indications_skip(struct cursor *c)
{
	struct cursor peek = *c;
	uint16_t kind = cursor_u16(&peek);

	if (kind == TEREDO_AUTHENTICATION) {
		size_t client = cursor_u8(&peek), value = cursor_u8(&peek);
		cursor_skip(&peek, client + value + 9); /* nonce and confirmation */
		*c = peek;
		kind = cursor_u16(&peek);
	}
	if (kind == TEREDO_ORIGIN) {
		cursor_skip(&peek, 6); /* port and address */
		*c = peek;
	}
}

static void teredo_decode(struct decoding *d)
{
	teredo_indications_skip(&d->cursor);
	struct cursor peek = d->cursor;
	if (cursor_u8(&peek) >> 4 == 6 && decoding_enter(d, TUNNEL_TEREDO))
		ip_decode(d);
}

static const struct {
	uint16_t port;
	decode_step *decode;
} tunnels[] = {
	{2152, gtp_decode}, {3544, teredo_decode}, {4789, vxlan_decode},
	{4790, vxlan_gpe_decode}, {6081, geneve_decode}, {6635, mpls_decode}, /* RFC 7510 */
	{8472, vxlan_decode}, /* Linux, before there was a number */
};

static decode_step *tunnel_find(uint16_t port)
{
	for (size_t i = 0; i < ARRAY_COUNT(tunnels); i++)
		if (tunnels[i].port == port)
			return tunnels[i].decode;
	return NULL;
}

bool udp_tunnel_decode(struct decoding *d)
{
	decode_step *to = tunnel_find(d->segment->ends.dport);
	decode_step *from = tunnel_find(d->segment->ends.sport);

	return (to && decoding_attempt(d, to)) ||
		(from && from != to && decoding_attempt(d, from));
}
