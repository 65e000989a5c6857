#include "packet.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A test that asks for the impossible is wrong, and says so at once. */
static void must(bool possible, const char *what)
{
	if (!possible) {
		fprintf(stderr, "packet builder: %s\n", what);
		abort();
	}
}

void packet_append(struct packet_bytes *p, const void *bytes, size_t count)
{
	must(count <= PACKET_MAX - p->len, "packet too long");
	if (count > 0)
		memcpy(p->bytes + p->len, bytes, count);
	p->len += count;
}

void packet_insert(struct packet_bytes *p, size_t at, const void *bytes, size_t count)
{
	must(at <= p->len, "insert past the end");
	must(count <= PACKET_MAX - p->len, "packet too long");
	memmove(p->bytes + at + count, p->bytes + at, p->len - at);
	if (count > 0)
		memcpy(p->bytes + at, bytes, count);
	p->len += count;
}

void packet_prepend(struct packet_bytes *p, const void *bytes, size_t count)
{
	packet_insert(p, 0, bytes, count);
}

void packet_copy(struct packet_bytes *p, const struct packet_bytes *from)
{
	p->len = 0;
	packet_append(p, from->bytes, from->len);
}

void packet_poke8(struct packet_bytes *p, size_t at, uint8_t value)
{
	must(at < p->len, "poke past the end");
	p->bytes[at] = value;
}

void packet_poke16(struct packet_bytes *p, size_t at, uint16_t value)
{
	packet_poke8(p, at, (uint8_t)(value >> 8));
	packet_poke8(p, at + 1, (uint8_t)value);
}

void packet_poke32(struct packet_bytes *p, size_t at, uint32_t value)
{
	packet_poke16(p, at, (uint16_t)(value >> 16));
	packet_poke16(p, at + 2, (uint16_t)value);
}

uint16_t packet_sum(uint32_t sum, const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)sum;
}

void packet_seal4(struct packet_bytes *p, size_t at)
{
	packet_poke16(p, at + 10, 0);
	uint16_t sum = packet_sum(0, p->bytes + at, (p->bytes[at] & 15u) * 4u);
	packet_poke16(p, at + 10, (uint16_t)~sum);
}

struct address {
	int family;
	uint8_t addr[16];
	size_t addr_len;
	uint16_t port;
};

/* "10.0.0.1", "10.0.0.1:7", "[2001:db8::1]", "[2001:db8::1]:7" */
static struct address address_read(const char *text)
{
	struct address address = {.family = text[0] == '[' ? AF_INET6 : AF_INET};
	char addr[80];
	size_t bracket = address.family == AF_INET6;
	size_t count = strcspn(text + bracket, bracket ? "]" : ":");
	const char *rest = text + bracket + count + bracket;

	must(count < sizeof(addr), "address too long");
	memcpy(addr, text + bracket, count);
	addr[count] = '\0';
	must(inet_pton(address.family, addr, address.addr) == 1, text);
	address.addr_len = bracket ? 16 : 4;
	if (rest[0] == ':')
		address.port = (uint16_t)strtoul(rest + 1, NULL, 10);
	return address;
}

/* Fills in the checksum of the message in p, at this offset, for the ends of spec. */
static void seal(struct packet_bytes *p, const struct ip_spec *spec, uint8_t protocol,
	size_t at)
{
	struct address src = address_read(spec->src);
	struct address dst = address_read(spec->checksum_dst ? spec->checksum_dst : spec->dst);
	uint32_t length = (uint32_t)p->len, sum = protocol + (length >> 16) + (length & 0xffff);

	sum = packet_sum(sum, src.addr, src.addr_len);
	sum = packet_sum(sum, dst.addr, dst.addr_len);
	if (protocol == IPPROTO_ICMP) /* no pseudo-header */
		sum = 0;
	sum = packet_sum(sum, p->bytes, p->len);
	packet_poke16(p, at, (uint16_t)~sum);
}

static void append_payload(struct packet_bytes *p, const char *payload, size_t len)
{
	if (payload) {
		packet_append(p, payload, strlen(payload));
		return;
	}
	for (size_t i = 0; i < len; i++)
		packet_append(p, &(uint8_t){(uint8_t)(i * 7 + 1)}, 1);
}

static void ip4_prepend(struct packet_bytes *p, const struct ip_spec *spec, uint8_t protocol)
{
	struct address src = address_read(spec->src), dst = address_read(spec->dst);
	size_t header = 20 + spec->options_len, payload = p->len;
	uint8_t fixed[20] = {0};

	must(header <= 60 && header % 4 == 0, "IPv4 options");
	packet_prepend(p, spec->options, spec->options_len);
	packet_prepend(p, fixed, sizeof(fixed));
	packet_poke8(p, 0, (uint8_t)(0x40 | header / 4));
	packet_poke8(p, 1, spec->tos);
	packet_poke16(p, 2, header + payload > UINT16_MAX ? 0 : (uint16_t)(header + payload));
	packet_poke16(p, 4, spec->id);
	packet_poke16(p, 6, spec->fragment);
	packet_poke8(p, 8, spec->ttl ? spec->ttl : 64);
	packet_poke8(p, 9, protocol);
	memcpy(p->bytes + 12, src.addr, 4);
	memcpy(p->bytes + 16, dst.addr, 4);
	packet_seal4(p, 0);
}

static void ip6_prepend(struct packet_bytes *p, const struct ip_spec *spec, uint8_t protocol)
{
	struct address src = address_read(spec->src), dst = address_read(spec->dst);
	uint8_t fixed[40] = {0};

	packet_prepend(p, spec->options, spec->options_len);
	size_t payload = p->len;
	packet_prepend(p, fixed, sizeof(fixed));
	packet_poke32(p, 0, 0x60000000u | (uint32_t)spec->tos << 20);
	packet_poke16(p, 4, payload > UINT16_MAX ? 0 : (uint16_t)payload);
	packet_poke8(p, 6, spec->options_len > 0 ? spec->first : protocol);
	packet_poke8(p, 7, spec->ttl ? spec->ttl : 64);
	memcpy(p->bytes + 8, src.addr, 16);
	memcpy(p->bytes + 24, dst.addr, 16);
}

void packet_ip(struct packet_bytes *p, const struct ip_spec *spec, uint8_t protocol)
{
	if (spec->src[0] == '[')
		ip6_prepend(p, spec, protocol);
	else
		ip4_prepend(p, spec, protocol);
}

void packet_tcp(struct packet_bytes *p, const struct tcp_spec *spec)
{
	static const uint8_t nothing[60];
	size_t header = 20 + (spec->options_len + 3) / 4 * 4;

	must(header <= 60, "TCP options too long");
	p->len = 0;
	packet_append(p, nothing, header);
	packet_poke16(p, 0, address_read(spec->ip.src).port);
	packet_poke16(p, 2, address_read(spec->ip.dst).port);
	packet_poke32(p, 4, spec->seq);
	packet_poke32(p, 8, spec->ack);
	packet_poke16(p, 12, (uint16_t)(header / 4 << 12 | spec->flags));
	packet_poke16(p, 14, spec->window);
	packet_poke16(p, 18, spec->urgent);
	if (spec->options_len > 0)
		memcpy(p->bytes + 20, spec->options, spec->options_len);
	append_payload(p, spec->payload, spec->len);
	seal(p, &spec->ip, IPPROTO_TCP, 16);
	packet_ip(p, &spec->ip, IPPROTO_TCP);
}

void packet_udp(struct packet_bytes *p, const struct udp_spec *spec)
{
	p->len = 0;
	append_payload(p, spec->payload, spec->len);
	packet_udp_around(p, spec);
}

void packet_udp_around(struct packet_bytes *p, const struct udp_spec *spec)
{
	static const uint8_t nothing[8];

	packet_prepend(p, nothing, sizeof(nothing));
	packet_poke16(p, 0, address_read(spec->ip.src).port);
	packet_poke16(p, 2, address_read(spec->ip.dst).port);
	packet_poke16(p, 4, p->len > UINT16_MAX ? 0 : (uint16_t)p->len);
	if (!spec->no_checksum)
		seal(p, &spec->ip, IPPROTO_UDP, 6);
	packet_ip(p, &spec->ip, IPPROTO_UDP);
}

void packet_icmp(struct packet_bytes *p, const struct icmp_spec *spec)
{
	static const uint8_t nothing[8];
	uint8_t protocol = spec->ip.src[0] == '[' ? IPPROTO_ICMPV6 : IPPROTO_ICMP;

	p->len = 0;
	packet_append(p, nothing, sizeof(nothing));
	packet_poke8(p, 0, spec->type);
	packet_poke8(p, 1, spec->code);
	packet_poke32(p, 4, spec->rest);
	if (spec->quote)
		packet_append(p, spec->quote->bytes,
			spec->quote_len ? spec->quote_len : spec->quote->len);
	else
		append_payload(p, NULL, spec->len);
	seal(p, &spec->ip, protocol, 2);
	packet_ip(p, &spec->ip, protocol);
}

/* A link header, in which the protocol is an ethertype at this offset, if it has one. */
struct link_header {
	enum packet_link link;
	size_t len, ethertype_at;
	uint8_t bytes[20];
};

static const struct link_header link_headers[] = {
	{LINK_NULL, 4, 0, {0}},
	{LINK_ETHERNET, 14, 12, {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}},
	{LINK_LOOP, 4, 0, {0}},
	{LINK_SLL, 16, 14, {0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1}},
	{LINK_SLL2, 20, 0, {0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1}},
};

void packet_link(struct packet_bytes *p, enum packet_link link)
{
	bool is6 = p->bytes[0] >> 4 == 6;

	for (size_t i = 0; i < ARRAY_COUNT(link_headers); i++) {
		const struct link_header *header = &link_headers[i];
		if (header->link != link)
			continue;
		packet_prepend(p, header->bytes, header->len);
		if (link == LINK_LOOP) /* address families, of OpenBSD */
			packet_poke32(p, 0, is6 ? 24 : 2);
		else if (link == LINK_NULL) /* of macOS, as a little-endian machine writes it */
			packet_poke8(p, 0, is6 ? 30 : 2);
		else
			packet_poke16(p, header->ethertype_at, is6 ? 0x86dd : 0x0800);
	}
}

void packet_vlan(struct packet_bytes *p, uint16_t tag_type, uint16_t id)
{
	uint8_t addresses[12];

	memcpy(addresses, p->bytes, sizeof(addresses));
	packet_prepend(p, addresses, 4);
	memcpy(p->bytes, addresses, sizeof(addresses));
	packet_poke16(p, 12, tag_type);
	packet_poke16(p, 14, id);
}

static void number_add(struct buf *file, const struct packet_file_spec *spec, uint32_t value,
	int bytes)
{
	for (int i = 0; i < bytes; i++) {
		int shift = 8 * (spec->big_endian ? bytes - 1 - i : i);
		must(buf_add(file, &(uint8_t){(uint8_t)(value >> shift)}, 1), "out of memory");
	}
}

static uint32_t file_snaplen(const struct packet_file_spec *spec)
{
	return spec->snaplen ? spec->snaplen : 262144;
}

void packet_file_begin(struct buf *file, const struct packet_file_spec *spec)
{
	number_add(file, spec, spec->nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, 4);
	number_add(file, spec, 2, 2); /* version 2.4 */
	number_add(file, spec, 4, 2);
	number_add(file, spec, 0, 4); /* time zone and accuracy, always 0 */
	number_add(file, spec, 0, 4);
	number_add(file, spec, file_snaplen(spec), 4);
	number_add(file, spec, spec->linktype, 4);
}

void packet_file_add(struct buf *file, const struct packet_file_spec *spec, uint64_t ns,
	const struct packet_bytes *p)
{
	uint32_t len = (uint32_t)p->len, snaplen = file_snaplen(spec);
	uint32_t kept = len < snaplen ? len : snaplen;
	uint64_t fraction = ns % NS_PER_S / (spec->nanoseconds ? 1 : 1000);

	number_add(file, spec, (uint32_t)(ns / NS_PER_S), 4);
	number_add(file, spec, (uint32_t)fraction, 4);
	number_add(file, spec, kept, 4);
	number_add(file, spec, len, 4);
	must(buf_add(file, p->bytes, kept), "out of memory");
}
