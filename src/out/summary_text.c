#include "record.h"

#include <inttypes.h>

/* Numbers of IANA and IEEE that a capture is likely to hold and nobody here decodes. */
static const struct {
	enum layer layer;
	uint32_t number;
	const char *name;
} unknown_names[] = {
	{LAYER_ETHERTYPE, 0x0800, "IPv4, cut or damaged"},
	{LAYER_ETHERTYPE, 0x0806, "ARP"},
	{LAYER_ETHERTYPE, 0x0842, "Wake-on-LAN"},
	{LAYER_ETHERTYPE, 0x2000, "CDP"},
	{LAYER_ETHERTYPE, 0x8035, "RARP"},
	{LAYER_ETHERTYPE, 0x8100, "VLAN"},
	{LAYER_ETHERTYPE, 0x86DD, "IPv6, cut or damaged"},
	{LAYER_ETHERTYPE, 0x8808, "Ethernet flow control"},
	{LAYER_ETHERTYPE, 0x8809, "LACP"},
	{LAYER_ETHERTYPE, 0x8847, "MPLS"},
	{LAYER_ETHERTYPE, 0x8848, "MPLS multicast"},
	{LAYER_ETHERTYPE, 0x8863, "PPPoE discovery"},
	{LAYER_ETHERTYPE, 0x8864, "PPPoE"},
	{LAYER_ETHERTYPE, 0x888E, "EAPOL"},
	{LAYER_ETHERTYPE, 0x88A8, "provider VLAN"},
	{LAYER_ETHERTYPE, 0x9100, "provider VLAN"},
	{LAYER_ETHERTYPE, 0x9200, "provider VLAN"},
	{LAYER_ETHERTYPE, 0x88CC, "LLDP"},
	{LAYER_ETHERTYPE, 0x88E5, "MACsec"},
	{LAYER_ETHERTYPE, 0x88F7, "PTP"},
	{LAYER_ETHERTYPE, 0x9000, "loopback test"},
	{LAYER_IP_PROTOCOL, 0, "hop-by-hop options"},
	{LAYER_IP_PROTOCOL, 1, "ICMP, cut or damaged"},
	{LAYER_IP_PROTOCOL, 2, "IGMP"},
	{LAYER_IP_PROTOCOL, 4, "IP in IP"},
	{LAYER_IP_PROTOCOL, 6, "TCP, cut or damaged"},
	{LAYER_IP_PROTOCOL, 17, "UDP, cut or damaged"},
	{LAYER_IP_PROTOCOL, 41, "IPv6 in IP"},
	{LAYER_IP_PROTOCOL, 46, "RSVP"},
	{LAYER_IP_PROTOCOL, 47, "GRE"},
	{LAYER_IP_PROTOCOL, 50, "ESP"},
	{LAYER_IP_PROTOCOL, 51, "AH"},
	{LAYER_IP_PROTOCOL, 58, "ICMPv6, cut or damaged"},
	{LAYER_IP_PROTOCOL, 59, "no next header"},
	{LAYER_IP_PROTOCOL, 88, "EIGRP"},
	{LAYER_IP_PROTOCOL, 89, "OSPF"},
	{LAYER_IP_PROTOCOL, 103, "PIM"},
	{LAYER_IP_PROTOCOL, 112, "VRRP"},
	{LAYER_IP_PROTOCOL, 132, "SCTP"},
	{LAYER_IP_PROTOCOL, 136, "UDP-Lite"},
	{LAYER_IP_PROTOCOL, 137, "MPLS in IP"},
	{LAYER_PPP, 0x8021, "IPCP"},
	{LAYER_PPP, 0x8057, "IPV6CP"},
	{LAYER_PPP, 0x80FD, "CCP"},
	{LAYER_PPP, 0xC021, "LCP"},
	{LAYER_PPP, 0xC023, "PAP"},
	{LAYER_PPP, 0xC025, "LQR"},
	{LAYER_PPP, 0xC223, "CHAP"},
	{LAYER_PPP, 0x00FD, "compressed"},
	{LAYER_SAP, 0x42, "spanning tree"},
	{LAYER_SAP, 0xE0, "NetWare"},
	{LAYER_SAP, 0xF0, "NetBIOS"},
	{LAYER_SAP, 0xFE, "OSI"},
	{LAYER_SAP, 0xAA, "SNAP"},
	{LAYER_WIFI, WIFI_MANAGEMENT, "management"},
	{LAYER_WIFI, WIFI_CONTROL, "control"},
	{LAYER_WIFI, WIFI_EXTENSION, "extension"},
	{LAYER_WIFI, WIFI_NO_DATA, "data without data"},
	{LAYER_WIFI, WIFI_ENCRYPTED, "encrypted data"},
	{LAYER_WIFI, WIFI_FRAGMENT, "a fragment"},
};

static const char *const layer_words[] = {
	[LAYER_LINK] = "link type",
	[LAYER_ETHERTYPE] = "ethertype",
	[LAYER_IP_PROTOCOL] = "IP protocol",
	[LAYER_PPP] = "PPP protocol",
	[LAYER_SAP] = "802.2 SAP",
	[LAYER_WIFI] = "802.11 frame",
};

void unknown_text(const struct unknown_kind *kind, struct buf *out)
{
	const char *name = NULL;
	char linktype[LINKTYPE_TEXT];
	for (size_t i = 0; i < ARRAY_COUNT(unknown_names); i++) {
		if (unknown_names[i].layer == kind->layer &&
		    unknown_names[i].number == kind->number)
			name = unknown_names[i].name;
	}
	if (kind->layer == LAYER_ETHERTYPE || kind->layer == LAYER_PPP)
		buf_printf(out, "%s 0x%04" PRIx32, layer_words[kind->layer], kind->number);
	else
		buf_printf(out, "%s %" PRIu32, layer_words[kind->layer], kind->number);
	if (kind->layer == LAYER_LINK && kind->number <= UINT16_MAX) {
		linktype_text((uint16_t)kind->number, linktype);
		name = linktype[0] < '0' || linktype[0] > '9' ? linktype : NULL;
	}
	if (name)
		buf_printf(out, " (%s)", name);
}

struct card { /* sentences, as many as fit on it */
	struct buf *out;
	size_t count;
};

static void quality_add(struct card *card, uint64_t count, const char *one, const char *many)
{
	if (count && card->count++ < QUALITY_MAX)
		buf_printf(card->out, "%" PRIu64 " %s\n", count, count == 1 ? one : many);
}

static void quality_say(struct card *card, const char *sentence)
{
	if (card->count++ < QUALITY_MAX)
		buf_printf(card->out, "%s\n", sentence);
}

static const struct {
	enum flaw_bit bit;
	const char *one, *many;
} quality_flaws[] = {
	{FLAW_BIT_CHECKSUM_OFFLOADED,
	 "packet left its checksum to the hardware, which is normal for what this machine "
	 "itself sent",
	 "packets left their checksum to the hardware, which is normal for what this machine "
	 "itself sent"},
	{FLAW_BIT_BAD_CHECKSUM, "packet has a wrong checksum: its receiver drops it",
	 "packets have a wrong checksum: their receivers drop them"},
	{FLAW_BIT_BAD_TIME,
	 "packet has no time that can be: it took that of the packet beside it",
	 "packets have no time that can be: they took that of the packet beside them"},
	{FLAW_BIT_BAD_HEADER, "packet has a header field that cannot be",
	 "packets have a header field that cannot be"},
	{FLAW_BIT_BAD_LENGTH, "packet has a length that contradicts another",
	 "packets have a length that contradicts another"},
	{FLAW_BIT_BAD_OPTION, "packet has a TCP option that cannot be",
	 "packets have a TCP option that cannot be"},
	{FLAW_BIT_OVERLAP, "packet has bytes that came twice, in overlapping fragments",
	 "packets have bytes that came twice, in overlapping fragments"},
	{FLAW_BIT_LINK_ERROR, "packet was damaged on the wire, as its interface saw",
	 "packets were damaged on the wire, as their interface saw"},
	{FLAW_BIT_OFFLOAD_LENGTH,
	 "packet left its IP length to the hardware (0): it was taken from the frame",
	 "packets left their IP length to the hardware (0): it was taken from the frame"},
};

/* What was lost on the way into the capture or out of the file. */
static void quality_losses(struct card *card, const struct summary *summary)
{
	quality_add(card, summary->dropped_kernel,
		    "packet was dropped by the kernel: a gap may be ours, not the network's",
		    "packets were dropped by the kernel: gaps may be ours, not the network's");
	quality_add(card, summary->dropped_interface,
		    "packet was dropped by the interface: a gap may be the capture's, not the "
		    "network's",
		    "packets were dropped by the interface: gaps may be the capture's, not the "
		    "network's");
	quality_add(card, summary->skipped_bytes,
		    "byte of the input is no packet and was passed over",
		    "bytes of the input are no packets and were passed over");
	if (summary->truncated)
		quality_say(card,
			    "the input ends early or is damaged at its end: there may have "
			    "been more packets");
	quality_add(card, summary->evicted,
		    "conversation was let go before its end: --max-memory was used up",
		    "conversations were let go before their end: --max-memory was used up");
}

static void quality_joins(struct card *card, const struct join_counts *joins)
{
	quality_add(card, joins->incomplete + joins->timed_out,
		    "datagram stays in pieces: some of its fragments were not seen, or could "
		    "not be used",
		    "datagrams stay in pieces: some of their fragments were not seen, or could "
		    "not be used");
	quality_add(card, joins->refused,
		    "IPv6 datagram has overlapping fragments: its receiver drops it (RFC 5722)",
		    "IPv6 datagrams have overlapping fragments: their receivers drop them (RFC "
		    "5722)");
	quality_add(card, joins->evicted,
		    "datagram was not put together: too many, or too large ones, were open at "
		    "once",
		    "datagrams were not put together: too many, or too large ones, were open "
		    "at once");
}

/* Where nothing else is wrong: that nothing is missing is not known of these either. */
static void quality_foreign(struct card *card, const struct summary *summary)
{
	uint64_t foreign = 0;
	for (size_t i = 0; i < summary->unknown_count && i < UNKNOWN_KINDS; i++) {
		if (summary->unknown[i].layer == LAYER_LINK)
			foreign += summary->unknown[i].count.packets;
	}
	quality_add(card, foreign,
		    "packet came over a link that could not be taken apart: what it carries is "
		    "not known",
		    "packets came over a link that could not be taken apart: what they carry "
		    "is not known");
}

bool quality_text(const struct summary *summary, struct buf *out)
{
	struct card card = {out, 0};
	quality_losses(&card, summary);
	for (size_t i = 0; i < summary->quality_count && i < QUALITY_MAX; i++)
		quality_say(&card, summary->quality[i]);
	quality_joins(&card, &summary->joins);
	for (size_t i = 0; i < ARRAY_COUNT(quality_flaws); i++)
		quality_add(&card, summary->flaws[quality_flaws[i].bit], quality_flaws[i].one,
			    quality_flaws[i].many);
	if (card.count == 0)
		quality_foreign(&card, summary);
	if (card.count > 0)
		return false;
	if (summary->all.packets > 0)
		quality_say(&card, "a clean capture: nothing is known to be missing, cut or "
				   "captured twice");
	return true;
}
