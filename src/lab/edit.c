#include "edit.h"

#include <arpa/inet.h>
#include <string.h>

#include "network.h"

static uint16_t checksum_add(uint16_t sum, const uint8_t *bytes, size_t count)
{
	struct cursor c = cursor_init(bytes, count);
	uint32_t total = sum;
	while (cursor_left(&c) > 1)
		total += cursor_u16(&c);
	if (cursor_left(&c))
		total += (uint32_t)cursor_u8(&c) << 8;
	while (total >> 16)
		total = (total & 0xFFFF) + (total >> 16);
	return (uint16_t)total;
}

static void put_u16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

void edit_corrupt(uint8_t *bytes, const struct meaning *meaning)
{
	uint32_t at = meaning->payload_len ? meaning->payload_offset
					   : ETHERNET_BYTES + meaning->ip_len - 1;
	if (meaning->ip_len > 0)
		bytes[at] ^= 1;
}

bool edit_mark_ce(uint8_t *bytes, const struct meaning *meaning)
{
	uint8_t *ip = bytes + ETHERNET_BYTES;
	/* The traffic class of IPv6 lies across two bytes (RFC 8200 3). */
	unsigned shift = meaning->family == 4 ? 0 : 4;
	if (meaning->ip_len < 20 || !(ip[1] >> shift & 3))
		return false;
	ip[1] = (uint8_t)(ip[1] | 3U << shift);
	if (meaning->family == 4) {
		put_u16(ip + 10, 0);
		put_u16(ip + 10, (uint16_t)~checksum_add(0, ip, (ip[0] & 0x0FU) * 4U));
	}
	return true;
}

/* RFC 1122 3.2.2, RFC 4443: no error about an error, about a later fragment, or to many. */
static bool too_big_is_told(const struct meaning *m)
{
	bool icmp = m->protocol == (m->family == 4 ? 1 : 58);
	bool many = m->family == 4 ? (m->dst[0] & 0xF0) == 0xE0 || m->dst[3] == 255
				   : m->dst[0] == 0xFF;
	return m->first && !icmp && !many;
}

/* RFC 792 with RFC 1191: the next hop's MTU. As much is quoted as 576 bytes hold (RFC 1812
 * 4.3.2.3). */
static size_t too_big_ip4(const struct too_big *frame, const struct meaning *m, uint8_t *ip)
{
	uint16_t quoted = (uint16_t)(m->ip_len < 548 ? m->ip_len : 548);
	uint8_t *icmp = ip + 20;
	memset(ip, 0, 28);
	ip[0] = 0x45;
	put_u16(ip + 2, (uint16_t)(28 + quoted));
	ip[8] = 64;
	ip[9] = 1;
	inet_pton(AF_INET, NETWORK_ROUTER_ADDR4, ip + 12);
	memcpy(ip + 16, m->src, 4);
	put_u16(ip + 10, (uint16_t)~checksum_add(0, ip, 20));
	icmp[0] = 3;
	icmp[1] = 4;
	put_u16(icmp + 6, (uint16_t)frame->mtu);
	memcpy(icmp + 8, frame->bytes + ETHERNET_BYTES, quoted);
	put_u16(icmp + 2, (uint16_t)~checksum_add(0, icmp, 8U + quoted));
	return 28U + quoted;
}

/* RFC 4443 3.2; its checksum covers the addresses too. */
static size_t too_big_ip6(const struct too_big *frame, const struct meaning *m, uint8_t *ip)
{
	uint16_t quoted = (uint16_t)(m->ip_len < 1232 ? m->ip_len : 1232), sum;
	uint8_t *icmp = ip + 40;
	memset(ip, 0, 48);
	ip[0] = 0x60;
	put_u16(ip + 4, (uint16_t)(8 + quoted));
	ip[6] = 58;
	ip[7] = 64;
	inet_pton(AF_INET6, NETWORK_ROUTER_ADDR6, ip + 8);
	memcpy(ip + 24, m->src, 16);
	icmp[0] = 2;
	put_u16(icmp + 6, (uint16_t)frame->mtu);
	memcpy(icmp + 8, frame->bytes + ETHERNET_BYTES, quoted);
	sum = checksum_add((uint16_t)(8 + quoted + 58), ip + 8, 32);
	put_u16(icmp + 2, (uint16_t)~checksum_add(sum, icmp, 8U + quoted));
	return 48U + quoted;
}

size_t edit_too_big(const struct too_big *frame, const struct meaning *meaning,
		    uint8_t reply[static EDIT_TOO_BIG_MAX])
{
	static const uint8_t router[6] = NETWORK_ROUTER_MAC;
	if (!too_big_is_told(meaning))
		return 0;
	memcpy(reply, frame->bytes + 6, 6);
	memcpy(reply + 6, router, 6);
	memcpy(reply + 12, frame->bytes + 12, 2);
	return ETHERNET_BYTES +
	       (meaning->family == 4
			? too_big_ip4(frame, meaning, reply + ETHERNET_BYTES)
			: too_big_ip6(frame, meaning, reply + ETHERNET_BYTES));
}
