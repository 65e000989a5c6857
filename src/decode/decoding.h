/* Private to src/decode: a frame on its way to become a segment.
 *
 * Theory of operation. Decoding is a chain of functions, one for each header, that read through
 * one cursor and hand on to the next: link -> IP -> TCP, UDP or ICMP. Each may stop at any
 * time; what it has learned so far stays. Two ends are kept apart: the cursor ends where the
 * capture ends, `end` is where the layer ends by its own length field. Sizes come from `end`,
 * bytes from the cursor. A header that does not fit leaves the cursor failed; decode_frame then
 * says whether the capture is to blame (truncated) or the packet (bad-length).
 *
 * Tunnels lead from IP or UDP back to IP or to a link layer. Each IP header that is entered
 * makes the segment anew (decoding_packet), flaws and layers excepted: the segment is that of
 * the innermost IP packet. A layer is entered by name, TUNNEL_MAX of them at most, so that no
 * nesting runs away; what is deeper stays an unknown protocol of the packet around it. Where
 * nothing but a port number or a guess says that a tunnel begins, it is attempted
 * (decoding_attempt), and if no IP packet comes of it nothing has happened. Attempts within
 * attempts could double with every layer: a frame may fail ATTEMPTS_MAX times.
 *
 * Not handled here: anything above TCP, UDP and ICMP; what is encrypted. Joining fragments has
 * a file of its own (joiner.c), which feeds whole datagrams in again. */
#ifndef DECODE_DECODING_H
#define DECODE_DECODING_H

#include "wireladder/decode.h"

enum ip_protocol { /* IANA protocol numbers that this room knows by name */
	IP_HOP_BY_HOP = 0, IP_ICMP = 1, IP_IP4 = 4, IP_TCP = 6, IP_UDP = 17, IP_IP6 = 41,
	IP_ROUTING = 43, IP_FRAGMENT = 44, IP_GRE = 47, IP_AH = 51, IP_ICMP6 = 58,
	IP_NO_NEXT = 59, IP_DESTINATION = 60, IP_MOBILITY = 135, IP_MPLS = 137, IP_HIP = 139,
	IP_SHIM6 = 140,
};

struct decoding {
	const struct frame *frame;
	struct segment *segment;
	struct cursor cursor;     /* what was captured of the layer that is being read */
	uint64_t end;             /* where that layer ends, counted from the frame's start */
	const uint8_t *route_end; /* last address of a source route, in the frame, or NULL */
	bool route_unknown;       /* a source route of a kind that nobody here can follow */
	bool quoted;              /* a packet that an ICMP error quotes: only its beginning */
	enum layer layer;         /* the newest layer that was named, and its number */
	uint32_t number;
	uint32_t packets;         /* IP headers so far whose lengths can be */
	uint32_t attempts;        /* that have failed: there is an end to trying */
};

static inline uint32_t decoding_offset(const struct decoding *d)
{
	return (uint32_t)(d->cursor.at - d->frame->bytes);
}

/* Bytes of this layer that are still to come, captured or not. */
static inline uint64_t decoding_left(const struct decoding *d)
{
	return d->end - decoding_offset(d);
}

static inline void decoding_flaw(struct decoding *d, enum flaw flaw)
{
	d->segment->flaws |= (uint32_t)flaw;
}

/* If nobody knows what comes next, this is what the packet is counted as. */
static inline void decoding_name(struct decoding *d, enum layer layer, uint32_t number)
{
	d->layer = layer;
	d->number = number;
}

/* An IP header was read that begins at this offset: what was learned of the packet around it is
 * history. */
void decoding_packet(struct decoding *d, uint32_t offset);

/* A tunnel's layer begins. False: too deep, do not go on. */
bool decoding_enter(struct decoding *d, enum tunnel_kind kind);
bool decoding_enter_numbered(struct decoding *d, enum tunnel_kind kind, uint32_t number);

/* The layer says that only so many bytes are left of it: what follows them is padding. False,
 * and a flaw: so many were not on the wire. */
bool decoding_limit(struct decoding *d, uint64_t length);

typedef void decode_step(struct decoding *d);

/* link.c: NULL for a LINKTYPE_ that cannot be taken apart */
decode_step *link_find(uint32_t linktype);

/* ethernet.c: each starts at the header of its name; ethertype_decode behind a type */
decode_step ethernet_decode, llc_decode, fddi_decode;
void ethertype_decode(struct decoding *d, uint16_t type);
bool ethertype_known(uint32_t type);

/* ppp.c, wifi.c, mpls.c */
decode_step ppp_decode, ppp_dir_decode, hdlc_decode, hdlc_dir_decode, pppoe_decode;
decode_step wifi_decode, radiotap_decode, ppi_decode, subframe_decode, mpls_decode;

/* tunnel.c, tunnel_udp.c */
decode_step ip_in_ip_decode, gre_decode, ah_decode;
bool udp_tunnel_decode(struct decoding *d); /* false: plain payload, and nothing has happened */
bool ah_read(struct decoding *d, uint8_t *next); /* false: too deep to go on */
/* What GRE and Geneve carry: an ethertype, or a protocol of their own. */
void protocol_decode(struct decoding *d, uint16_t protocol);

#define ATTEMPTS_MAX 32

/* frame.c: runs the step; false, and nothing has happened, if no IP packet came of it. */
bool decoding_attempt(struct decoding *d, decode_step *step);
/* A packet that begins with its IP header, inside of the layers that *segment names. */
void decoding_whole(const struct frame *frame, struct segment *segment);

/* ip.c: ip_fragment says whether the segment is now a fragment: do not read its payload */
void ip_decode(struct decoding *d);
void ip_payload(struct decoding *d, uint8_t protocol);
bool ip_fragment(struct decoding *d, uint32_t offset, bool more);
void ip4_decode(struct decoding *d);
void ip6_decode(struct decoding *d);

void tcp_decode(struct decoding *d);
void tcp_quoted(struct decoding *d);
/* cut: the capture kept only this beginning of the options */
void tcp_options_decode(struct segment *segment, struct cursor area, bool cut);

void udp_decode(struct decoding *d);
void udp_quoted(struct decoding *d);
void icmp_decode(struct decoding *d);

/* checksum.c: message is the header and payload that the checksum covers, as far as captured */
void checksum_judge(struct decoding *d, struct cursor message, uint16_t field);
void checksum_judge_header(struct decoding *d, struct cursor header, uint16_t field);

#endif
