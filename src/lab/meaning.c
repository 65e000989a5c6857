#include "meaning.h"

#include <string.h>

enum {
	ETHERTYPE_IP4 = 0x0800,
	ETHERTYPE_IP6 = 0x86DD,
};

enum {
	IP_HOP_BY_HOP = 0,
	IP_ICMP = 1,
	IP_IGMP = 2,
	IP_TCP = 6,
	IP_UDP = 17,
	IP_ROUTING = 43,
	IP_FRAGMENT = 44,
	IP_ICMP6 = 58,
	IP_DESTINATION = 60,
};

/* Multicast listeners and neighbours speak without being asked (RFC 2710, 3810, 4861). */
static bool meaning_icmp6_is_noise(uint8_t type)
{
	return (type >= 130 && type <= 137) || type == 143;
}

static void meaning_tcp(struct meaning *m, struct cursor *c)
{
	uint8_t header_words;
	m->sport = cursor_u16(c);
	m->dport = cursor_u16(c);
	m->seq = cursor_u32(c);
	m->ack = cursor_u32(c);
	m->tcp_flags = cursor_u16(c);
	header_words = (uint8_t)(m->tcp_flags >> 12);
	m->tcp_flags &= 0x0FFF;
	cursor_skip(c, 6);
	cursor_skip(c, header_words > 5 ? (header_words - 5U) * 4U : 0);
}

static void meaning_udp(struct meaning *m, struct cursor *c)
{
	static const char magic[] = SENTINEL_MAGIC;
	struct cursor text;
	const uint8_t *start;
	m->sport = cursor_u16(c);
	m->dport = cursor_u16(c);
	cursor_skip(c, 4);
	text = *c;
	start = cursor_bytes(&text, sizeof(magic) - 1);
	m->sentinel = m->dport == SENTINEL_PORT && start &&
		      memcmp(start, magic, sizeof(magic) - 1) == 0;
}

/* What rides on IP: only its beginning can be understood. */
static void meaning_upper(struct meaning *m, struct cursor *c)
{
	struct cursor peek = *c;
	if (!m->first)
		return;
	m->noise = m->protocol == IP_IGMP ||
		   (m->protocol == IP_ICMP6 && meaning_icmp6_is_noise(cursor_u8(&peek)));
	if (m->protocol == IP_TCP)
		meaning_tcp(m, c);
	else if (m->protocol == IP_UDP)
		meaning_udp(m, c);
}

/* The packet's own bytes: a short frame is padded behind them. */
static struct cursor meaning_packet(struct meaning *m, const struct cursor *start, size_t len)
{
	struct cursor rest = *start;
	m->ip_len = (uint32_t)(len < cursor_left(start) ? len : cursor_left(start));
	return cursor_sub(&rest, m->ip_len);
}

/* RFC 791 3.1. */
static struct cursor meaning_ip4(struct meaning *m, const struct cursor *start)
{
	struct cursor peek = *start, c;
	uint8_t header_words = cursor_u8(&peek) & 0x0F;
	uint16_t offset;
	cursor_skip(&peek, 1);
	c = meaning_packet(m, start, cursor_u16(&peek));
	cursor_skip(&c, 6);
	offset = cursor_u16(&c);
	m->first = (offset & 0x1FFF) == 0;
	m->fragment = (offset & 0x3FFF) != 0;
	cursor_skip(&c, 1);
	m->protocol = cursor_u8(&c);
	cursor_skip(&c, 2);
	for (size_t i = 0; i < 4; i++)
		m->src[i] = cursor_u8(&c);
	for (size_t i = 0; i < 4; i++)
		m->dst[i] = cursor_u8(&c);
	cursor_skip(&c, header_words > 5 ? (header_words - 5U) * 4U : 0);
	return c;
}

/* One extension header; false when it is none (RFC 8200 4). */
static bool meaning_extension(struct meaning *m, struct cursor *c)
{
	uint8_t next, length;
	if (m->protocol != IP_HOP_BY_HOP && m->protocol != IP_ROUTING &&
	    m->protocol != IP_DESTINATION && m->protocol != IP_FRAGMENT)
		return false;
	next = cursor_u8(c);
	length = cursor_u8(c);
	if (m->protocol == IP_FRAGMENT) {
		uint16_t offset = cursor_u16(c);
		m->first = (offset & 0xFFF8) == 0;
		m->fragment = (offset & 0xFFF9) != 0;
		cursor_skip(c, 4);
	} else {
		cursor_skip(c, 6 + (size_t)length * 8);
	}
	m->protocol = next;
	return !c->failed && m->first;
}

static struct cursor meaning_ip6(struct meaning *m, const struct cursor *start)
{
	struct cursor peek = *start, c;
	cursor_skip(&peek, 4);
	c = meaning_packet(m, start, 40U + cursor_u16(&peek));
	cursor_skip(&c, 6);
	m->first = true;
	m->protocol = cursor_u8(&c);
	cursor_skip(&c, 1);
	for (size_t i = 0; i < 16; i++)
		m->src[i] = cursor_u8(&c);
	for (size_t i = 0; i < 16; i++)
		m->dst[i] = cursor_u8(&c);
	while (meaning_extension(m, &c))
		continue;
	return c;
}

void meaning_read(struct meaning *meaning, const uint8_t *bytes, size_t count)
{
	struct cursor c = cursor_init(bytes, count);
	uint16_t ethertype;
	*meaning = (struct meaning){0};
	cursor_skip(&c, 12);
	ethertype = cursor_u16(&c);
	if (c.failed || (ethertype != ETHERTYPE_IP4 && ethertype != ETHERTYPE_IP6)) {
		meaning->noise = true;
		return;
	}
	meaning->family = ethertype == ETHERTYPE_IP4 ? 4 : 6;
	c = meaning->family == 4 ? meaning_ip4(meaning, &c) : meaning_ip6(meaning, &c);
	meaning_upper(meaning, &c);
	meaning->payload_offset = (uint32_t)(c.at - bytes);
	meaning->payload_len = (uint32_t)cursor_left(&c);
}
