/* Packets in packets: valid stacks of every layer that decode knows, at random or by name, and
 * the segment that decode has to make of them.
 *
 *	stack_begin(s, &ip_packet, seed);
 *	stack_put(s, "vxlan vlan ethernet ETHERNET"); // from the inside out
 *
 * stack_random does both by its own choice. Where a layer named "fragments" was put, the stack
 * has several frames, and what decode has to make of them when they are joined is that segment.
 *
 * stack_layers.c is the table: which layer may stand around which. The headers themselves are
 * in stack_inner.c (TCP, UDP, ICMP), stack_ip.c (IP, AH, fragments), stack_tunnels.c and
 * stack_links.c, each built as it stands on the wire. */
#ifndef WIRELADDER_TESTS_STACK_H
#define WIRELADDER_TESTS_STACK_H

#include "packet.h"

#define STACK_FRAMES 16

/* What is outermost so far, and so what may stand around it. One bit each. */
enum stack_form {
	FORM_IP = 1,        /* an IP packet */
	FORM_SEALED = 2,    /* the same, an authentication header inside */
	FORM_PIECES = 4,    /* fragments of one */
	FORM_MPLS = 8,      /* an MPLS label */
	FORM_TYPED = 16,    /* something else that an ethertype names */
	FORM_FRAME = 32,    /* an Ethernet frame */
	FORM_DONE = 64,     /* a frame of stack.linktype */
	FORM_MIRROR = 128,  /* a mirrored frame, which only GRE carries */
	FORM_ANY_IP = FORM_IP | FORM_SEALED | FORM_PIECES,
};

/* What the builder of the next layer has to know. All frames of a stack are treated alike: each
 * starts from the same draft, and so draws the same numbers. */
struct draft {
	struct packet_bytes *p; /* the frame at hand, and which of them it is */
	size_t index;
	uint64_t rng;
	uint32_t serial;    /* added to every identification: packets of one capture differ */
	bool back;          /* outer addresses the other way round: an answer */
	bool tidy;          /* no padding: frames end where the packet ends */
	enum stack_form form;
	uint8_t family;     /* of the outermost IP header, if form is one */
	uint16_t ethertype; /* that names what is outermost */
	uint8_t packets;    /* IP headers so far */
	bool atomic;        /* the outermost has a fragment header already */
	bool fragmented; /* offsets of the segment no longer move: they are those of `whole` */
	struct segment expected;
};

struct stack {
	struct draft draft;
	uint16_t linktype;
	uint64_t layers; /* bit i: layer i of the table was put */
	size_t frame_count;
	struct packet_bytes frames[STACK_FRAMES];
	struct packet_bytes whole; /* the innermost datagram that was cut, before it was */
};

/* Starts with a packet whose IP header comes first; what is expected is not known then. */
void stack_begin(struct stack *s, const struct packet_bytes *ip, uint64_t seed);
void stack_put(struct stack *s, const char *names); /* layers, a space between */

/* A packet, at most so many layers and a link layer. */
void stack_random(struct stack *s, uint64_t seed, uint32_t layers_max);

/* Leaves of an IP packet these bytes of its payload, as a fragment. */
struct piece {
	size_t from, to;
	bool more;
	uint32_t id; /* IPv6; in IPv4 the packet has one */
};
void piece_keep(struct packet_bytes *p, const struct piece *piece);

size_t stack_layer_count(void);
const char *stack_layer_name(size_t layer);

#endif
