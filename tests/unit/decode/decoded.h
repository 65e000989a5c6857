/* What the tests of this room share: packets go in, at a guard page, segments come out. */
#ifndef TESTS_DECODE_DECODED_H
#define TESTS_DECODE_DECODED_H

#include "../../support/cm.h"
#include "../../support/guard.h"
#include "../../support/packet.h"

#include "wireladder/decode.h"

#include <string.h>

#define ENDS4 .src = "10.0.0.1:1000", .dst = "10.0.0.2:7"
#define ENDS6 .src = "[2001:db8::1]:1000", .dst = "[2001:db8::2]:7"
#define IP4(...) .ip = {ENDS4, __VA_ARGS__}
#define IP6(...) .ip = {ENDS6, __VA_ARGS__}
#define TCP(...) &(struct tcp_spec){__VA_ARGS__}
#define UDP(...) &(struct udp_spec){__VA_ARGS__}
#define ICMP(...) &(struct icmp_spec){__VA_ARGS__}

/* As a capture that keeps only so many bytes of each packet has it. */
static inline struct segment decoded_cut(const struct packet_bytes *p, uint16_t linktype,
	size_t kept)
{
	struct guard guard;
	struct segment segment;

	assert_true(guard_open(&guard, kept));
	struct frame frame = {
		.bytes = guard_place(&guard, p->bytes, kept),
		.caplen = (uint32_t)kept,
		.len = (uint32_t)p->len,
		.linktype = linktype,
	};
	memset(&segment, 0xa5, sizeof(segment)); /* decode_frame has to fill all of it */
	decode_frame(&frame, &segment);
	guard_close(&guard);
	return segment;
}

static inline struct segment decoded(const struct packet_bytes *p, uint16_t linktype)
{
	return decoded_cut(p, linktype, p->len);
}

static inline struct segment decoded_tcp(const struct tcp_spec *spec)
{
	struct packet_bytes p;

	packet_tcp(&p, spec);
	return decoded(&p, LINK_RAW);
}

static inline struct segment decoded_udp(const struct udp_spec *spec)
{
	struct packet_bytes p;

	packet_udp(&p, spec);
	return decoded(&p, LINK_RAW);
}

/* The tunnels passed, outermost first: "vlan 7, gre". */
static inline void assert_layers(const struct segment *segment, const char *text)
{
	const struct tunnel *tunnel = &segment->tunnel;
	struct buf is = {0};

	for (size_t i = 0; i < tunnel->count; i++) {
		buf_printf(&is, "%s%s", i ? ", " : "", tunnel_words[tunnel->kind[i]]);
		if (tunnel->numbered >> i & 1)
			buf_printf(&is, " %u", tunnel->number[i]);
	}
	buf_add(&is, "", 1);
	assert_string_equal(is.at, text);
	buf_close(&is);
}

/* Puts these bytes before the packet. */
#define BEFORE(packet, ...) \
	packet_prepend(packet, (const uint8_t[]){__VA_ARGS__}, \
		sizeof((const uint8_t[]){__VA_ARGS__}))

/* A TCP segment with two bytes of payload, without a link layer. */
static inline void packet_hi(struct packet_bytes *p)
{
	packet_tcp(p, TCP(IP4(), .seq = 7, .payload = "hi"));
}

static inline void assert_hi(const struct segment *segment, const char *layers)
{
	assert_int_equal(segment->kind, SEGMENT_TCP);
	assert_int_equal(segment->flaws, 0);
	assert_int_equal(segment->tcp.seq, 7);
	assert_int_equal(segment->len, 2);
	assert_int_equal(segment->ends.sport, 1000);
	assert_int_equal(segment->payload_offset, segment->network_offset + 40);
	assert_layers(segment, layers);
}

static inline void assert_addr(const struct addr *addr, const char *text)
{
	char is[ADDR_TEXT];

	addr_text(addr, is);
	assert_string_equal(is, text);
}

static inline void assert_other(const struct segment *segment, enum layer layer,
	uint32_t number)
{
	assert_int_equal(segment->kind, SEGMENT_OTHER);
	assert_int_equal(segment->other.layer, layer);
	assert_int_equal(segment->other.number, number);
}

#endif
