/* Packets for tests, built from the inside out and with right checksums:
 *
 *	struct packet_bytes p;
 *	packet_tcp(&p, &(struct tcp_spec){
 *		.ip = {.src = "10.0.0.1:1000", .dst = "10.0.0.2:7"},
 *		.seq = 1, .flags = TCP_ACK | TCP_PSH, .payload = "hi"});
 *	packet_link(&p, LINK_ETHERNET);
 *
 * Brackets make it IPv6: "[2001:db8::1]:1000". What is left out has a sensible value. What a
 * test wants wrong it breaks afterwards, with packet_poke8, 16 and 32. */
#ifndef WIRELADDER_TESTS_PACKET_H
#define WIRELADDER_TESTS_PACKET_H

#include "wireladder/model.h"

#define PACKET_MAX 100000

struct packet_bytes {
	size_t len;
	uint8_t bytes[PACKET_MAX];
};

enum packet_link {
	LINK_NULL = 0, LINK_ETHERNET = 1, LINK_RAW = 101, LINK_LOOP = 108, LINK_SLL = 113,
	LINK_IPV4 = 228, LINK_IPV6 = 229, LINK_SLL2 = 276,
};

struct ip_spec {
	const char *src, *dst;    /* "address:port"; the port may be missing */
	uint8_t ttl;              /* 0: 64 */
	uint8_t tos;              /* or traffic class */
	uint16_t id;
	uint16_t fragment;        /* IPv4: flags and offset in units of 8, as they stand */
	const uint8_t *options;   /* IPv4: a multiple of 4; IPv6: extension headers, */
	size_t options_len;       /* the last of which names the payload's protocol */
	uint8_t first;            /* IPv6: number of the first extension header */
	const char *checksum_dst; /* what checksums are made for, if it is not dst */
};

struct tcp_spec {
	struct ip_spec ip;
	uint32_t seq, ack;
	uint16_t flags, window, urgent; /* window 0 stays 0 */
	const uint8_t *options;         /* padded with EOL to 4 bytes */
	size_t options_len;
	const char *payload;            /* text; NULL: len bytes of a pattern */
	size_t len;
};

struct udp_spec {
	struct ip_spec ip;
	const char *payload;
	size_t len;
	bool no_checksum;
};

struct icmp_spec {
	struct ip_spec ip; /* ICMPv6 when its addresses are */
	uint8_t type, code;
	uint32_t rest;     /* the four bytes after the checksum */
	const struct packet_bytes *quote;
	size_t quote_len;  /* how much of it; 0: all */
	size_t len;        /* bytes of a pattern, where nothing is quoted */
};

#define OPTION_BYTES(...) \
	.options = (const uint8_t[]){__VA_ARGS__}, \
	.options_len = sizeof((const uint8_t[]){__VA_ARGS__})

void packet_tcp(struct packet_bytes *p, const struct tcp_spec *spec);
void packet_udp(struct packet_bytes *p, const struct udp_spec *spec);
void packet_icmp(struct packet_bytes *p, const struct icmp_spec *spec);

/* packet_ip puts an IP header before what p holds, packet_udp_around UDP and IP; packet_link,
 * before that, a link header; packet_vlan a tag into an Ethernet header. */
void packet_udp_around(struct packet_bytes *p, const struct udp_spec *spec);
void packet_ip(struct packet_bytes *p, const struct ip_spec *spec, uint8_t protocol);
void packet_link(struct packet_bytes *p, enum packet_link link);
void packet_vlan(struct packet_bytes *p, uint16_t tag_type, uint16_t id);
void packet_prepend(struct packet_bytes *p, const void *bytes, size_t count);
void packet_append(struct packet_bytes *p, const void *bytes, size_t count);
void packet_insert(struct packet_bytes *p, size_t at, const void *bytes, size_t count);
void packet_copy(struct packet_bytes *p, const struct packet_bytes *from);

void packet_poke8(struct packet_bytes *p, size_t at, uint8_t value);
void packet_poke16(struct packet_bytes *p, size_t at, uint16_t value); /* network order */
void packet_poke32(struct packet_bytes *p, size_t at, uint32_t value);
void packet_seal4(struct packet_bytes *p, size_t at); /* checksums the IPv4 header there */

/* RFC 1071 over count bytes, added to sum; the checksum is ~ of it. As slow as it is plain. */
uint16_t packet_sum(uint32_t sum, const uint8_t *bytes, size_t count);

/* A capture file in memory: begin once, then add. */
struct packet_file_spec {
	bool big_endian, nanoseconds;
	uint16_t linktype;
	uint32_t snaplen; /* 0: 262144 */
};

void packet_file_begin(struct buf *file, const struct packet_file_spec *spec);
void packet_file_add(struct buf *file, const struct packet_file_spec *spec, uint64_t ns,
	const struct packet_bytes *p);

#endif
