/* Link layers: what stands before an IP packet on the wire or in a capture. */
#include "stack_draft.h"

#include <string.h>

#define ETHERNET_LEAST 60 /* shorter frames are filled up (IEEE 802.3 4A.2.3.2.4) */
#define ORGANISATION "\xaa\xaa\x03\x00\x00\x00" /* LLC for SNAP; its type is an ethertype */

static void put(struct draft *d, const struct header *h)
{
	header_put(d, h->bytes, h->len);
}

static void add16_little(struct header *h, uint32_t value)
{
	add8(h, value);
	add8(h, value >> 8);
}

static void add32_little(struct header *h, uint32_t value)
{
	add16_little(h, value);
	add16_little(h, value >> 16);
}

static void pad(struct draft *d, size_t least)
{
	while (d->p->len < least)
		packet_append(d->p, "", 1);
}

/* 802.1Q: | priority 3, 1, id 12 | type of what is tagged |; the tag's own type stands before,
 * where the type was. */
void vlan_put(struct draft *d)
{
	static const enum ethertype types[] = {TYPE_VLAN, TYPE_QINQ, TYPE_QINQ_OLD};
	struct header h = {0};
	uint32_t control = draw(d, 0x10000);

	add16(&h, control);
	add16(&h, d->ethertype);
	put(d, &h);
	word_put_number(d, TUNNEL_VLAN, control & 0xfff);
	d->ethertype = (uint16_t)types[draw(d, 3)];
}

/* 802.1ah: | priority and flags 8, service 24 |, then the customer's frame */
void pbb_put(struct draft *d)
{
	struct header h = {0};
	uint32_t service = draw(d, 1u << 24);

	add32(&h, draw(d, 8) << 29 | service);
	put(d, &h);
	word_put_number(d, TUNNEL_PBB, service);
	d->ethertype = TYPE_PBB;
}

static void addresses_add(struct header *h, struct draft *d)
{
	uint8_t ends[2][6] = {{2, 0, 0, 0, 0, 2}, {2, 0, 0, 0, 0, 1}};

	ends[0][4] = ends[1][4] = (uint8_t)draw(d, 256);
	add_bytes(h, ends[d->back], 6);
	add_bytes(h, ends[!d->back], 6);
}

/* | to 6 | from 6 | type 2 | */
void ethernet_put(struct draft *d)
{
	struct header h = {0};

	addresses_add(&h, d);
	add16(&h, d->ethertype);
	put(d, &h);
	if (one_in(d, 2) && !d->tidy)
		pad(d, ETHERNET_LEAST);
}

/* IEEE 802.3: a length where Ethernet has the type, then 802.2 says what it is */
static void length_put(struct draft *d)
{
	struct header h = {0};
	size_t len = d->p->len;

	addresses_add(&h, d);
	add16(&h, (uint32_t)len);
	put(d, &h);
	if (one_in(d, 2) && !d->tidy)
		pad(d, ETHERNET_LEAST);
}

/* 802.2 with SNAP: | aa aa 03 | organisation 00 00 00 | type 2 | */
static void organisation_put(struct draft *d)
{
	struct header h = {0};

	add_bytes(&h, ORGANISATION, 6);
	add16(&h, d->ethertype);
	put(d, &h);
}

void snap_put(struct draft *d)
{
	organisation_put(d);
	length_put(d);
}

/* 802.2 with IP's own service access point: | 06 06 03 | */
void sap_put(struct draft *d)
{
	header_put(d, "\x06\x06\x03", 3);
	length_put(d);
}

/* PPP's numbers for protocols; one below 256 may be sent as one byte (RFC 1661 6.5). */
void ppp_protocol_put(struct draft *d, bool may_compress)
{
	struct header h = {0};
	uint32_t protocol = d->form == FORM_MPLS ? 0x0281 : d->family == 6 ? 0x0057 : 0x0021;

	if (may_compress && protocol < 256 && one_in(d, 2))
		add8(&h, protocol);
	else
		add16(&h, protocol);
	put(d, &h);
}

/* | version and type 11 | code 00 | session 2 | length 2 |, then PPP (RFC 2516 4) */
void ppp_session_put(struct draft *d)
{
	struct header h = {0};
	uint32_t session = draw(d, 0x10000);

	ppp_protocol_put(d, false);
	add16(&h, 0x1100);
	add16(&h, session);
	add16(&h, (uint32_t)d->p->len);
	put(d, &h);
	word_put_number(d, TUNNEL_PPPOE, session);
}

void pppoe_put(struct draft *d)
{
	ppp_session_put(d);
	d->ethertype = TYPE_PPPOE;
}

/* | address ff | control 03 |, which both ends may agree to leave out (RFC 1661 6.6) */
void ppp_put(struct draft *d)
{
	ppp_protocol_put(d, true);
	if (one_in(d, 2))
		header_put(d, "\xff\x03", 2);
}

void ppp_hdlc_put(struct draft *d)
{
	ppp_protocol_put(d, false);
	header_put(d, "\xff\x03", 2);
}

/* | unicast 0f | 00 | type 2 | */
void cisco_put(struct draft *d)
{
	struct header h = {0};

	add16(&h, 0x0f00);
	add16(&h, d->ethertype);
	put(d, &h);
}

/* | frame control 50: 802.2 | to 6 | from 6 |, then 802.2 */
void fddi_put(struct draft *d)
{
	struct header h = {0};

	organisation_put(d);
	add8(&h, 0x50);
	addresses_add(&h, d);
	put(d, &h);
}

/* BSD loopback: an address family, here as a little-endian machine has it in memory; that of
 * IPv6 is another on each of NetBSD, FreeBSD and macOS. */
void null_put(struct draft *d)
{
	static const uint8_t families6[] = {24, 28, 30};
	uint8_t family = families6[draw(d, 3)];

	header_put(d, (uint8_t[]){d->family == 6 ? family : 2, 0, 0, 0}, 4);
}

/* The same of OpenBSD, in network order. */
void loop_put(struct draft *d)
{
	header_put(d, (uint8_t[]){0, 0, 0, d->family == 6 ? 24 : 2}, 4);
}

/* Linux cooked: | packet type 2 | device type 2 | address length 2 | address 8 | type 2 | */
void sll_put(struct draft *d)
{
	struct header h = {0};

	add16(&h, d->back ? 0 : 4);
	add16(&h, 1);
	add16(&h, 6);
	add_bytes(&h, "\x02\0\0\0\0\x01\0\0", 8);
	add16(&h, d->ethertype);
	put(d, &h);
}

/* | type 2 | 0 | interface 4 | device type 2 | packet type 1 | address length 1 |
 * address 8 | */
void sll2_put(struct draft *d)
{
	struct header h = {0};

	add16(&h, d->ethertype);
	add16(&h, 0);
	add32(&h, 2);
	add16(&h, 1);
	add8(&h, d->back ? 0 : 4);
	add8(&h, 6);
	add_bytes(&h, "\x02\0\0\0\0\x01\0\0", 8);
	put(d, &h);
}

/* How the header of 802.11 was made: what radiotap and PPI say about it. */
struct wifi {
	size_t header;  /* bytes */
	bool pads;      /* the card fills it up to a multiple of 4 */
	bool checksum;  /* four bytes behind the frame */
};

#define WIFI_DATA 0x08 /* frame control, first byte: type; the second: flags */
#define WIFI_QOS 0x80
#define WIFI_TO_AP 0x01
#define WIFI_FROM_AP 0x02
#define WIFI_ORDER 0x80 /* with QoS: four bytes of HT control (IEEE 802.11 9.2.4.1.10) */

/* | control 2 | duration 2 | three addresses of 6 | sequence 2 |, [a fourth: from one access
 * point to another], [QoS 2], [HT control 4], then 802.2 */
static void wifi_around(struct draft *d, struct wifi *wifi)
{
	struct header h = {0};
	uint32_t flags = draw(d, 4);
	bool four = flags == (WIFI_TO_AP | WIFI_FROM_AP), qos = one_in(d, 2);
	bool ht = qos && one_in(d, 3);

	organisation_put(d);
	add8(&h, WIFI_DATA | (qos ? WIFI_QOS : 0));
	add8(&h, flags | (ht ? WIFI_ORDER : 0));
	add16(&h, 0);
	addresses_add(&h, d);
	add_bytes(&h, "\x02\0\0\0\0\x03", 6);
	add16_little(&h, draw(d, 0x1000) << 4); /* its low four bits: fragment 0 */
	add_bytes(&h, "\x02\0\0\0\0\x04", four ? 6 : 0);
	add_bytes(&h, "\x05\0", qos ? 2 : 0); /* its bit 7: no A-MSDU */
	add_bytes(&h, "\0\0\0\0", ht ? 4 : 0);
	wifi->header = h.len;
	if (wifi->pads)
		add_bytes(&h, "\0\0\0", (0 - h.len) & 3);
	put(d, &h);
	if (wifi->checksum)
		packet_append(d->p, "\x01\x02\x03\x04", 4);
}

void wifi_put(struct draft *d)
{
	struct wifi wifi = {0};

	wifi_around(d, &wifi);
}

#define RADIOTAP_TSFT 1u
#define RADIOTAP_FLAGS 2u
#define RADIOTAP_RATE 4u
#define RADIOTAP_MORE 0x80000000u /* another word of presence bits follows */
#define RADIOTAP_FLAG_CHECKSUM 0x10
#define RADIOTAP_FLAG_PADS 0x20

/* | version 0 | 0 | length 2 | presence bits 4 |, [more of them], fields in the order of their
 * bits, each aligned to its own size; all little-endian (radiotap.org) */
void radiotap_put(struct draft *d)
{
	struct header h = {0};
	bool flags = one_in(d, 2), stamp = one_in(d, 2), more = one_in(d, 3);
	struct wifi wifi = {
		.pads = flags && one_in(d, 2), .checksum = flags && one_in(d, 2) && !d->tidy};

	wifi_around(d, &wifi);
	add32(&h, 0);
	add32_little(&h, (stamp ? RADIOTAP_TSFT : 0) | (flags ? RADIOTAP_FLAGS : 0) |
			RADIOTAP_RATE | (more ? RADIOTAP_MORE : 0));
	add_bytes(&h, "\0\0\0\0", more ? 4 : 0);
	if (stamp) {
		add_bytes(&h, "\0\0\0\0", (0 - h.len) & 7);
		add_drawn(&h, d, 8);
	}
	if (flags)
		add8(&h, (wifi.checksum ? RADIOTAP_FLAG_CHECKSUM : 0) |
				(wifi.pads ? RADIOTAP_FLAG_PADS : 0));
	add8(&h, 12); /* rate: 6 Mb/s */
	h.bytes[2] = (uint8_t)h.len;
	put(d, &h);
}

#define PPI_COMMON 2     /* field: 802.11-Common, 20 bytes */
#define PPI_FLAGS_AT 8   /* in it; bit 0: checksum at the end */

/* | version 0 | flags 0 | length 2 | LINKTYPE_ 4 |, then fields: | type 2 | length 2 | … |; all
 * little-endian */
void ppi_put(struct draft *d)
{
	struct header h = {0};
	bool common = one_in(d, 2);
	uint8_t field[20] = {0};
	struct wifi wifi = {.checksum = common && one_in(d, 2) && !d->tidy};

	wifi_around(d, &wifi);
	field[PPI_FLAGS_AT] = wifi.checksum;
	add16(&h, 0);
	add16_little(&h, common ? 32 : 8);
	add32_little(&h, 105);
	if (common) {
		add16_little(&h, PPI_COMMON);
		add16_little(&h, sizeof(field));
		add_bytes(&h, field, sizeof(field));
	}
	put(d, &h);
}
