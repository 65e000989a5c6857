/* The packet that all else stands around: TCP with its options, UDP, an echo. */
#include "stack_draft.h"

#include <string.h>

#define PAYLOAD_MAX 1400
#define OPTIONS_MAX 40

/* An option: | kind 1 | length 1 | data |, and what decode has to say of it. */
typedef void option_draw(struct draft *d, struct header *h, struct tcp_options *expected);

static uint32_t add32_drawn(struct header *h, struct draft *d)
{
	uint32_t value = draw(d, UINT32_MAX);

	add32(h, value);
	return value;
}

static void mss_draw(struct draft *d, struct header *h, struct tcp_options *expected)
{
	expected->mss = (uint16_t)draw(d, 0x10000);
	add16(h, 0x0204);
	add16(h, expected->mss);
}

static void wscale_draw(struct draft *d, struct header *h, struct tcp_options *expected)
{
	expected->wscale = (uint8_t)draw(d, 15);
	add16(h, 0x0303);
	add8(h, expected->wscale);
}

static void sack_ok_draw(struct draft *d, struct header *h, struct tcp_options *expected)
{
	(void)d, (void)expected;
	add16(h, 0x0402);
}

static void sack_draw(struct draft *d, struct header *h, struct tcp_options *expected)
{
	expected->sack_count = (uint8_t)(1 + draw(d, TCP_SACK_MAX));
	add8(h, 5);
	add8(h, 2 + 8u * expected->sack_count);
	for (size_t i = 0; i < expected->sack_count; i++) {
		expected->sack[i][0] = add32_drawn(h, d);
		expected->sack[i][1] = add32_drawn(h, d);
	}
}

static void timestamps_draw(struct draft *d, struct header *h, struct tcp_options *expected)
{
	add16(h, 0x080a);
	expected->tsval = add32_drawn(h, d);
	expected->tsecr = add32_drawn(h, d);
}

static void cookie_draw(struct draft *d, struct header *h, struct tcp_options *expected)
{
	static const uint8_t lengths[] = {0, 4, 6, 8, 16};

	expected->cookie_len = lengths[draw(d, ARRAY_COUNT(lengths))];
	draw_bytes(d, expected->cookie, expected->cookie_len);
	add_bytes(h, expected->cookie, expected->cookie_len);
}

static void fastopen_draw(struct draft *d, struct header *h, struct tcp_options *expected)
{
	add16(h, 0x2200); /* the length is filled in below */
	cookie_draw(d, h, expected);
	h->bytes[h->len - expected->cookie_len - 1u] = (uint8_t)(2 + expected->cookie_len);
}

static void fastopen_exp_draw(struct draft *d, struct header *h, struct tcp_options *expected)
{
	add16(h, 0xfe00);
	add16(h, 0xf989);
	cookie_draw(d, h, expected);
	h->bytes[h->len - expected->cookie_len - 3u] = (uint8_t)(4 + expected->cookie_len);
}

static void mptcp_draw(struct draft *d, struct header *h, struct tcp_options *expected)
{
	expected->mptcp_subtype = (uint8_t)draw(d, 16);
	add16(h, 0x1e04);
	add8(h, (uint32_t)expected->mptcp_subtype << 4);
	add_drawn(h, d, 1);
}

static void md5_draw(struct draft *d, struct header *h, struct tcp_options *expected)
{
	(void)expected;
	add16(h, 0x1312);
	add_drawn(h, d, 16);
}

static void ao_draw(struct draft *d, struct header *h, struct tcp_options *expected)
{
	(void)expected;
	add16(h, 0x1d10);
	add_drawn(h, d, 14);
}

static void unknown_draw(struct draft *d, struct header *h, struct tcp_options *expected)
{
	size_t start = h->len, count = draw(d, 6);

	add8(h, 100 + draw(d, 100));
	add8(h, (uint32_t)count + 2);
	add_drawn(h, d, count);
	memcpy(expected->unknown, h->bytes + start, count + 2);
	expected->unknown_len = (uint8_t)(count + 2);
}

static const struct {
	option_draw *draw;
	uint16_t present;
	uint8_t longest;
} options[] = {
	{mss_draw, OPTION_MSS, 4},
	{wscale_draw, OPTION_WSCALE, 3},
	{sack_ok_draw, OPTION_SACK_OK, 2},
	{sack_draw, OPTION_SACK, 34},
	{timestamps_draw, OPTION_TS, 10},
	{fastopen_draw, OPTION_FASTOPEN, 18},
	{fastopen_exp_draw, OPTION_FASTOPEN | OPTION_FASTOPEN_EXP, 20},
	{mptcp_draw, OPTION_MPTCP, 4},
	{md5_draw, OPTION_MD5, 18},
	{ao_draw, OPTION_AO, 16},
	{unknown_draw, OPTION_UNKNOWN, 7},
};

/* Some options, each at most once, with NOPs between. */
static void options_draw(struct draft *d, struct header *h, struct tcp_options *expected)
{
	for (uint32_t tries = draw(d, 6); tries > 0; tries--) {
		uint32_t i = draw(d, ARRAY_COUNT(options));
		if (expected->present & options[i].present ||
			h->len + options[i].longest + 1u > OPTIONS_MAX)
			continue;
		if (one_in(d, 2))
			add8(h, 1);
		options[i].draw(d, h, expected);
		expected->present |= options[i].present;
	}
}

static void tcp_draw(struct draft *d, struct ip_drawn *ip)
{
	struct segment *expected = &d->expected;
	struct header h = {0};

	expected->kind = SEGMENT_TCP;
	options_draw(d, &h, &expected->tcp.options);
	struct tcp_spec spec = {
		.ip = ip->spec,
		.seq = expected->tcp.seq = draw(d, UINT32_MAX),
		.ack = expected->tcp.ack = draw(d, UINT32_MAX),
		.flags = expected->tcp.flags = (uint16_t)draw(d, 0x200),
		.window = expected->tcp.window = (uint16_t)draw(d, 0x10000),
		.urgent = expected->tcp.urgent = (uint16_t)draw(d, 0x10000),
		.options = h.bytes,
		.options_len = h.len,
		.len = expected->len,
	};
	packet_tcp(d->p, &spec);
}

static void udp_draw(struct draft *d, struct ip_drawn *ip)
{
	d->expected.kind = SEGMENT_UDP;
	packet_udp(d->p, &(struct udp_spec){.ip = ip->spec, .len = d->expected.len,
		.no_checksum = ip->family == 4 && one_in(d, 4)});
}

static void echo_draw(struct draft *d, struct ip_drawn *ip)
{
	static const uint8_t types[2][2] = {{8, 0}, {128, 129}}; /* request, reply */
	struct segment *expected = &d->expected;

	expected->kind = SEGMENT_ICMP;
	expected->ends.sport = expected->ends.dport = 0;
	expected->icmp.type = types[ip->family == 6][draw(d, 2)];
	packet_icmp(d->p, &(struct icmp_spec){.ip = ip->spec, .type = expected->icmp.type,
		.rest = draw(d, UINT32_MAX), .len = expected->len});
}

/* Never a tunnel's: what a datagram to one of those carries is not said to be data. */
static uint16_t port_draw(struct draft *d)
{
	uint16_t port = (uint16_t)(1 + draw(d, 0xffff));

	return port == PORT_GTP_U || port == PORT_TEREDO || port == PORT_VXLAN ||
		port == PORT_GENEVE ? 7 : port;
}

static void end_expect(struct addr *addr, const char *text)
{
	char plain[64] = {0};
	bool is6 = text[0] == '[';
	size_t count = strcspn(text + is6, is6 ? "]" : ":");

	memcpy(plain, text + is6, count);
	addr->family = is6 ? 6 : 4;
	stack_must(inet_pton(is6 ? AF_INET6 : AF_INET, plain, addr->bytes) == 1, text);
}

static void ip_expect(struct segment *expected, const struct ip_drawn *ip)
{
	expected->ttl = ip->spec.ttl;
	expected->ecn = ip->spec.tos & 3;
	expected->ip_id = ip->id;
	end_expect(&expected->ends.src, ip->src);
	end_expect(&expected->ends.dst, ip->dst);
}

static const struct {
	void (*draw)(struct draft *d, struct ip_drawn *ip);
	uint8_t protocol[2]; /* over IPv4, over IPv6 */
	uint8_t header;      /* before the payload, without options */
} inners[] = {
	{tcp_draw, {IPPROTO_TCP, IPPROTO_TCP}, 20},
	{udp_draw, {IPPROTO_UDP, IPPROTO_UDP}, 8},
	{echo_draw, {IPPROTO_ICMP, IPPROTO_ICMPV6}, 8},
};

void inner_draw(struct draft *d)
{
	struct segment *expected = &d->expected;
	struct ports ports = {port_draw(d), port_draw(d)};
	uint8_t family = one_in(d, 2) ? 6 : 4;
	uint32_t which = draw(d, ARRAY_COUNT(inners));
	struct ip_drawn ip;

	ip_draw(d, &ip, family, ports);
	ip_name_payload(&ip, inners[which].protocol[family == 6]);
	expected->ends.sport = ports.src;
	expected->ends.dport = ports.dst;
	expected->ends.protocol = inners[which].protocol[family == 6];
	expected->len = one_in(d, 4) ? 0 : draw(d, PAYLOAD_MAX + 1);
	ip_expect(expected, &ip);
	inners[which].draw(d, &ip);
	if (expected->kind != SEGMENT_ICMP)
		expected->payload_offset = (uint16_t)(d->p->len - expected->len);
	ip_entered(d, &ip);
	d->form = FORM_IP;
}
