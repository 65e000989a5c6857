/* Ethernet and what shares its protocol numbers: tags in front of a frame's ethertype, 802.2
 * headers instead of one, FDDI. Nobody nests without a tag, and of tags there are
 * TUNNEL_MAX. */
#include "decoding.h"

#define LENGTH_MAX 1500 /* an ethertype up to here is a length (IEEE 802.3 3.2.6) */

#define SAP_IP        0x06
#define SAP_SNAP      0xaa
#define CONTROL_UI    0x03
#define OUI_ETHERTYPE 0x000000 /* RFC 1042 */
#define OUI_BRIDGE    0x0000f8 /* the same, carried over a bridge (IEEE 802.1H) */

#define FDDI_CLASS 0xf0
#define FDDI_LLC   0x50

static decode_step tag_decode, backbone_decode;

static const struct {
	uint16_t type;
	decode_step *decode;
} ethertypes[] = {
	{0x0800, ip_decode},
	{0x86dd, ip_decode},
	{0x8100, tag_decode},      /* 802.1Q */
	{0x88a8, tag_decode},      /* 802.1ad */
	{0x9100, tag_decode},      /* the same before the standard */
	{0x9200, tag_decode},      /* likewise */
	{0x8847, mpls_decode},     /* RFC 3032 5 */
	{0x8848, mpls_decode},     /* RFC 5332 */
	{0x8864, pppoe_decode},    /* the session stage; discovery is 0x8863 */
	{0x88e7, backbone_decode}, /* 802.1ah */
};

static decode_step *ethertype_find(uint32_t type)
{
	for (size_t i = 0; i < ARRAY_COUNT(ethertypes); i++)
		if (ethertypes[i].type == type)
			return ethertypes[i].decode;
	return NULL;
}

bool ethertype_known(uint32_t type)
{
	return ethertype_find(type) != NULL;
}

void ethertype_decode(struct decoding *d, uint16_t type)
{
	decode_step *decode = ethertype_find(type);

	if (d->cursor.failed)
		return;
	decoding_name(d, LAYER_ETHERTYPE, type);
	if (decode)
		decode(d);
}

/* An ethertype, or the length of an 802.2 frame, behind which there may be padding. */
static void ethertype_read(struct decoding *d)
{
	uint16_t type = cursor_u16(&d->cursor);

	if (d->cursor.failed)
		return;
	if (type > LENGTH_MAX) {
		ethertype_decode(d, type);
		return;
	}
	if (type < decoding_left(d))
		decoding_limit(d, type);
	llc_decode(d);
}

void ethernet_decode(struct decoding *d)
{
	cursor_skip(&d->cursor, 12);
	ethertype_read(d);
}

static void tag_decode(struct decoding *d)
{
	uint16_t id = cursor_u16(&d->cursor) & 0x0fff;

	if (!d->cursor.failed && decoding_enter_numbered(d, TUNNEL_VLAN, id))
		ethertype_read(d);
}

/* An I-TAG holds a service instance and the customer's addresses (IEEE 802.1Q 9.7). */
static void backbone_decode(struct decoding *d)
{
	uint32_t service = cursor_u32(&d->cursor) & 0xffffff;

	if (!d->cursor.failed && decoding_enter_numbered(d, TUNNEL_PBB, service))
		ethernet_decode(d);
}

static void snap_decode(struct decoding *d)
{
	uint32_t first = cursor_u8(&d->cursor), oui = first << 16 | cursor_u16(&d->cursor);

	if (oui == OUI_ETHERTYPE || oui == OUI_BRIDGE)
		ethertype_decode(d, cursor_u16(&d->cursor));
}

void llc_decode(struct decoding *d)
{
	uint8_t dsap = cursor_u8(&d->cursor), ssap = cursor_u8(&d->cursor);
	uint8_t control = cursor_u8(&d->cursor);

	if (d->cursor.failed)
		return;
	decoding_name(d, LAYER_SAP, dsap);
	if (dsap != ssap || control != CONTROL_UI)
		return;
	if (dsap == SAP_SNAP)
		snap_decode(d);
	else if (dsap == SAP_IP)
		ip_decode(d);
}

void fddi_decode(struct decoding *d)
{
	uint8_t frame_control = cursor_u8(&d->cursor);

	cursor_skip(&d->cursor, 12);
	if ((frame_control & FDDI_CLASS) == FDDI_LLC)
		llc_decode(d);
}
