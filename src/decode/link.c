/* Link layers: what stands before the IP header, by LINKTYPE_ (tcpdump.org/linktypes.html). */
#include "decoding.h"

#define TAGS_MAX 8        /* stacked VLAN tags; with more, the frame is counted by its tag */
#define ETHERTYPE_802_2 4 /* what LINKTYPE_LINUX_SLL calls an 802.2 frame, which has no type */

static void ethertype_ip(struct decoding *d);
static void ethertype_tag(struct decoding *d);

struct ethertype {
	uint16_t type;
	decode_step *decode;
};

static const struct ethertype ethertypes[] = {
	{0x0800, ethertype_ip},
	{0x86dd, ethertype_ip},
	{0x8100, ethertype_tag}, /* 802.1Q */
	{0x88a8, ethertype_tag}, /* 802.1ad */
};

static const struct ethertype *ethertype_find(uint32_t type)
{
	for (size_t i = 0; i < ARRAY_COUNT(ethertypes); i++)
		if (ethertypes[i].type == type)
			return &ethertypes[i];
	return NULL;
}

static void ethertype_ip(struct decoding *d)
{
	ip_decode(d);
}

/* A number up to 1500 is a length (IEEE 802.3 3.2.6): an 802.2 frame, which has no type. */
static void ethertype_read(struct decoding *d)
{
	uint16_t type = cursor_u16(&d->cursor);

	if (!d->cursor.failed)
		decoding_name(d, LAYER_ETHERTYPE, type <= 1500 ? ETHERTYPE_802_2 : type);
}

static void ethertype_tag(struct decoding *d)
{
	uint16_t id = cursor_u16(&d->cursor) & 0x0fff;

	ethertype_read(d);
	if (!d->cursor.failed)
		decoding_enter_numbered(d, TUNNEL_VLAN, id);
}

static void ethertype_decode(struct decoding *d)
{
	for (int tags = 0; tags <= TAGS_MAX && !d->cursor.failed; tags++) {
		const struct ethertype *row = ethertype_find(d->number);
		if (!row)
			return;
		row->decode(d);
		if (row->decode != ethertype_tag)
			return;
	}
}

static void ethernet_decode(struct decoding *d)
{
	cursor_skip(&d->cursor, 12);
	ethertype_read(d);
	if (!d->cursor.failed)
		ethertype_decode(d);
}

static void protocol_decode(struct decoding *d, uint16_t protocol)
{
	if (d->cursor.failed)
		return;
	decoding_name(d, LAYER_ETHERTYPE, protocol);
	ethertype_decode(d);
}

static bool is_ip_family(uint32_t family) /* AF_INET, and AF_INET6 of several systems */
{
	static const uint8_t families[] = {2, 10, 24, 28, 30};

	for (size_t i = 0; i < ARRAY_COUNT(families); i++)
		if (families[i] == family)
			return true;
	return false;
}

/* BSD loopback: an address family, for NULL in the byte order of the machine that captured, for
 * LOOP in network order. Some put an Ethernet type into the last two bytes instead. */
static void loopback_decode(struct decoding *d)
{
	uint32_t family = cursor_u32(&d->cursor);

	if (is_ip_family(family) || is_ip_family(__builtin_bswap32(family)))
		ip_decode(d);
	else if (ethertype_find(family & 0xffff))
		protocol_decode(d, (uint16_t)family);
}

static void sll_decode(struct decoding *d)
{
	cursor_skip(&d->cursor, 14); /* packet type, device type, address length, address */
	protocol_decode(d, cursor_u16(&d->cursor));
}

static void sll2_decode(struct decoding *d)
{
	uint16_t protocol = cursor_u16(&d->cursor);

	cursor_skip(&d->cursor, 18); /* reserved, interface, device and packet type, address */
	protocol_decode(d, protocol);
}

struct link {
	uint16_t linktype;
	decode_step *decode;
};

static const struct link links[] = {
	{1, ethernet_decode},   /* ETHERNET */
	{0, loopback_decode},   /* NULL */
	{12, ip_decode},        /* RAW, as most systems' DLT_RAW wrote it into old files */
	{14, ip_decode},        /* the same, OpenBSD */
	{101, ip_decode},       /* RAW */
	{108, loopback_decode}, /* LOOP */
	{113, sll_decode},      /* LINUX_SLL */
	{228, ip_decode},       /* IPV4 */
	{229, ip_decode},       /* IPV6 */
	{276, sll2_decode},     /* LINUX_SLL2 */
};

decode_step *link_find(uint16_t linktype)
{
	for (size_t i = 0; i < ARRAY_COUNT(links); i++)
		if (links[i].linktype == linktype)
			return links[i].decode;
	return NULL;
}
