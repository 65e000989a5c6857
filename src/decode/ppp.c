/* Point-to-point links: PPP (RFC 1661) bare, in HDLC-like framing (RFC 1662) and over Ethernet
 * (RFC 2516), and Cisco's HDLC, which has ethertypes. */
#include "decoding.h"

#define ALL_STATIONS   0xff /* HDLC's address and control, which RFC 1662 3.1 makes constant */
#define UNNUMBERED     0x03
#define CISCO_UNICAST  0x0f
#define CISCO_MULTICAST 0x8f

#define PPPOE_VERSION_TYPE 0x11
#define PPPOE_SESSION_DATA 0

static const struct {
	uint16_t protocol;
	decode_step *decode;
} protocols[] = {
	{0x0021, ip_decode},
	{0x0057, ip_decode},
	{0x0281, mpls_decode}, /* RFC 3032 4.3 */
	{0x0283, mpls_decode},
};

/* A low byte that is odd is the last: then the high byte was 0 and left out (RFC 1661 6.5). */
static void ppp_protocol(struct decoding *d)
{
	uint16_t protocol = cursor_u8(&d->cursor);

	if (!(protocol & 1))
		protocol = (uint16_t)(protocol << 8 | cursor_u8(&d->cursor));
	if (d->cursor.failed)
		return;
	decoding_name(d, LAYER_PPP, protocol);
	for (size_t i = 0; i < ARRAY_COUNT(protocols); i++)
		if (protocols[i].protocol == protocol)
			protocols[i].decode(d);
}

/* Address and control may have been agreed away (RFC 1662 3.2). */
void ppp_decode(struct decoding *d)
{
	struct cursor peek = d->cursor;
	uint8_t address = cursor_u8(&peek), control = cursor_u8(&peek);

	if ((address == CISCO_UNICAST || address == CISCO_MULTICAST) && control == 0) {
		hdlc_decode(d);
		return;
	}
	if (address == ALL_STATIONS && control == UNNUMBERED)
		d->cursor = peek;
	ppp_protocol(d);
}

void hdlc_decode(struct decoding *d)
{
	cursor_skip(&d->cursor, 2); /* address and control */
	ethertype_decode(d, cursor_u16(&d->cursor));
}

/* The capture's own first byte says which way the frame went: for PPP_WITH_DIR before the
 * frame, for PPP_PPPD in the place of its address. */
void ppp_dir_decode(struct decoding *d)
{
	struct cursor peek;

	cursor_skip(&d->cursor, 1);
	peek = d->cursor;
	if (cursor_u8(&peek) == UNNUMBERED)
		d->cursor = peek;
	ppp_decode(d);
}

void hdlc_dir_decode(struct decoding *d)
{
	cursor_skip(&d->cursor, 1);
	hdlc_decode(d);
}

void pppoe_decode(struct decoding *d)
{
	uint8_t version_type = cursor_u8(&d->cursor), code = cursor_u8(&d->cursor);
	uint16_t session = cursor_u16(&d->cursor), length = cursor_u16(&d->cursor);

	if (d->cursor.failed || version_type != PPPOE_VERSION_TYPE ||
	    code != PPPOE_SESSION_DATA || !decoding_enter_numbered(d, TUNNEL_PPPOE, session))
		return;
	decoding_limit(d, length);
	ppp_protocol(d);
}
