/* Link layers by LINKTYPE_ (tcpdump.org/linktypes.html), and the plain ones themselves. */
#include "decoding.h"

#define SLL_LLC 4 /* in the place of an ethertype: an 802.2 header follows */

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
	else if (ethertype_known(family & 0xffff))
		ethertype_decode(d, (uint16_t)family);
}

static void cooked_decode(struct decoding *d, uint16_t protocol)
{
	if (protocol == SLL_LLC)
		llc_decode(d);
	else
		ethertype_decode(d, protocol);
}

static void sll_decode(struct decoding *d)
{
	cursor_skip(&d->cursor, 14); /* packet type, device type, address length, address */
	cooked_decode(d, cursor_u16(&d->cursor));
}

static void sll2_decode(struct decoding *d)
{
	uint16_t protocol = cursor_u16(&d->cursor);

	cursor_skip(&d->cursor, 18); /* reserved, interface, device and packet type, address */
	cooked_decode(d, protocol);
}

struct link {
	uint16_t linktype;
	decode_step *decode;
};

static const struct link links[] = {
	{1, ethernet_decode},   /* ETHERNET */
	{0, loopback_decode},   /* NULL */
	{9, ppp_decode},        /* PPP */
	{10, fddi_decode},      /* FDDI */
	{12, ip_decode},        /* RAW, as most systems' DLT_RAW wrote it into old files */
	{14, ip_decode},        /* the same, OpenBSD */
	{50, ppp_decode},       /* PPP_HDLC */
	{51, pppoe_decode},     /* PPP_ETHER */
	{101, ip_decode},       /* RAW */
	{104, hdlc_decode},     /* C_HDLC */
	{105, wifi_decode},     /* IEEE802_11 */
	{108, loopback_decode}, /* LOOP */
	{113, sll_decode},      /* LINUX_SLL */
	{127, radiotap_decode}, /* IEEE802_11_RADIOTAP */
	{166, ppp_dir_decode},  /* PPP_PPPD */
	{192, ppi_decode},      /* PPI */
	{204, ppp_dir_decode},  /* PPP_WITH_DIR */
	{205, hdlc_dir_decode}, /* C_HDLC_WITH_DIR */
	{219, mpls_decode},     /* MPLS */
	{228, ip_decode},       /* IPV4 */
	{229, ip_decode},       /* IPV6 */
	{276, sll2_decode},     /* LINUX_SLL2 */
};

decode_step *link_find(uint32_t linktype)
{
	for (size_t i = 0; i < ARRAY_COUNT(links); i++)
		if (links[i].linktype == linktype)
			return links[i].decode;
	return NULL;
}
