/* What the builders of layers share. Private to stack*.c. */
#ifndef WIRELADDER_TESTS_STACK_DRAFT_H
#define WIRELADDER_TESTS_STACK_DRAFT_H

#include "stack.h"

#include <arpa/inet.h>

enum ethertype {
	TYPE_IP4 = 0x0800, TYPE_VLAN = 0x8100, TYPE_IP6 = 0x86dd, TYPE_MPLS = 0x8847,
	TYPE_MPLS_MULTICAST = 0x8848, TYPE_PPPOE = 0x8864, TYPE_QINQ = 0x88a8,
	TYPE_PBB = 0x88e7, TYPE_QINQ_OLD = 0x9100,
};

/* Ports that decode takes for tunnels. */
enum { PORT_GTP_U = 2152, PORT_TEREDO = 3544, PORT_VXLAN = 4789, PORT_GENEVE = 6081 };

uint32_t draw(struct draft *d, uint32_t below); /* 0 .. below - 1 */
bool one_in(struct draft *d, uint32_t n);
void draw_bytes(struct draft *d, uint8_t *bytes, size_t count);
void stack_must(bool possible, const char *what);

/* A header before what there is; the segment's offsets move. */
void header_put(struct draft *d, const void *bytes, size_t count);
void offsets_move(struct draft *d, size_t from, size_t count); /* those behind `from` */

/* A layer's word goes to the front of the list: it is outermost now. */
void word_put(struct draft *d, enum tunnel_kind kind);
void word_put_number(struct draft *d, enum tunnel_kind kind, uint32_t number);

/* An IP header as it was drawn. It holds what spec points to: it cannot be copied. */
struct ip_drawn {
	struct ip_spec spec;
	uint8_t family;
	bool atomic;
	uint32_t id;
	char src[64], dst[64], route_end[64];
	uint8_t options[160];
	size_t next_at; /* IPv6: where the last extension header names the next */
};

struct ports {
	uint16_t src, dst;
};

void ip_draw(struct draft *d, struct ip_drawn *ip, uint8_t family, struct ports ports);
void ip_name_payload(struct ip_drawn *ip, uint8_t protocol); /* before it is built */
void ip_entered(struct draft *d, const struct ip_drawn *ip); /* after it was */
void ip_around(struct draft *d, uint8_t family, uint8_t protocol);
void udp_around(struct draft *d, uint8_t family, struct ports ports);

/* stack_inner.c: the packet to begin with */
void inner_draw(struct draft *d);

/* A header in the making, in network order. */
struct header {
	size_t len;
	uint8_t bytes[256];
};

void add8(struct header *h, uint32_t value);
void add16(struct header *h, uint32_t value);
void add32(struct header *h, uint32_t value);
void add_bytes(struct header *h, const void *bytes, size_t count);
void add_drawn(struct header *h, struct draft *d, size_t count);

/* The layers of the table, by file. */
typedef void layer_put(struct draft *d);
layer_put ah_put, ip4_put, ip6_put; /* stack_ip.c */
layer_put mpls_put, mpls_in_ip_put, gre_put, erspan_put, pptp_put, vxlan_put, geneve_put, gtp_u_put,
	teredo_put; /* stack_tunnels.c */
layer_put vlan_put, pbb_put, pppoe_put, ethernet_put, snap_put, sap_put, null_put, loop_put,
	ppp_put, ppp_hdlc_put, ppp_session_put, cisco_put, fddi_put, wifi_put, radiotap_put,
	ppi_put, sll_put, sll2_put; /* stack_links.c */

void ppp_protocol_put(struct draft *d, bool may_compress); /* names what stands behind it */
bool fragments_cut(struct stack *s); /* false: there was nothing to cut */

#endif
