/* Tunnels: what IP, UDP and labels carry. Each but MPLS comes with the IP header around it. */
#include "stack_draft.h"

static uint8_t family_draw(struct draft *d)
{
	return one_in(d, 2) ? 6 : 4;
}

static void put(struct draft *d, const struct header *h)
{
	header_put(d, h->bytes, h->len);
}

/* What GRE and Geneve call their payload: an ethertype, or a frame by this number. */
static uint32_t payload_type(const struct draft *d)
{
	if (d->form == FORM_FRAME)
		return 0x6558;
	if (d->form == FORM_MIRROR)
		return 0x88be;
	return d->form == FORM_MPLS ? TYPE_MPLS : d->ethertype;
}

/* draft-foschiano-erspan 4.2, type II: | version 4, VLAN 12 | class and flags 6, session 10 |
 * 0 12, index 20 | */
void erspan_put(struct draft *d)
{
	struct header h = {0};
	uint32_t session = draw(d, 1u << 10);

	add16(&h, 1u << 12 | draw(d, 1u << 12));
	add16(&h, draw(d, 8) << 13 | session);
	add32(&h, draw(d, 1u << 20));
	put(d, &h);
	word_put_number(d, TUNNEL_ERSPAN, session);
}

#define GRE_CHECKSUM 0x8000
#define GRE_KEY 0x2000
#define GRE_SEQUENCE 0x1000
#define GRE_ACK 0x0080 /* version 1 */

/* RFC 2784, 2890: | flags and version 2 | type 2 |, [checksum 2, 0 2], [key 4], [sequence 4] */
void gre_put(struct draft *d)
{
	struct header h = {0};
	bool checksum = one_in(d, 2), key = one_in(d, 2), sequence = one_in(d, 2);
	uint32_t number = draw(d, UINT32_MAX);

	add16(&h, (checksum ? GRE_CHECKSUM : 0) | (key ? GRE_KEY : 0) |
			(sequence ? GRE_SEQUENCE : 0));
	add16(&h, payload_type(d));
	add_bytes(&h, "\0\0\0\0", checksum ? 4 : 0);
	if (key)
		add32(&h, number);
	add_drawn(&h, d, sequence ? 4 : 0);
	put(d, &h);
	if (checksum)
		packet_poke16(d->p, 4, (uint16_t)~packet_sum(0, d->p->bytes, d->p->len));
	ip_around(d, family_draw(d), IPPROTO_GRE);
	if (key)
		word_put_number(d, TUNNEL_GRE, number);
	else
		word_put(d, TUNNEL_GRE);
}

/* RFC 2637 4.1: | flags and version 2 | 880b | length 2 | call 2 |,
 * [sequence 4], [ACK 4], PPP */
void pptp_put(struct draft *d)
{
	struct header h = {0};
	bool ack = one_in(d, 2);
	uint32_t call = draw(d, 0x10000);

	ppp_protocol_put(d, true);
	if (one_in(d, 2))
		header_put(d, "\xff\x03", 2);
	add16(&h, GRE_KEY | GRE_SEQUENCE | (ack ? GRE_ACK : 0) | 1);
	add16(&h, 0x880b);
	add16(&h, (uint32_t)d->p->len);
	add16(&h, call);
	add_drawn(&h, d, ack ? 8 : 4);
	put(d, &h);
	ip_around(d, family_draw(d), IPPROTO_GRE);
	word_put_number(d, TUNNEL_GRE, call);
}

/* RFC 3032 2.1: | label 20, class 3, bottom of the stack 1, TTL 8 |. Behind the last one a
 * frame has a control word of zeros, so that it does not look like IP (RFC 4385 3). */
void mpls_put(struct draft *d)
{
	struct header h = {0};
	uint32_t label = 16 + draw(d, (1u << 20) - 16); /* those below are reserved */
	bool bottom = d->form != FORM_MPLS;

	add32(&h, label << 12 | draw(d, 8) << 9 | (uint32_t)bottom << 8 | (1 + draw(d, 255)));
	add_bytes(&h, "\0\0\0\0", d->form == FORM_FRAME ? 4 : 0);
	put(d, &h);
	word_put_number(d, TUNNEL_MPLS, label);
	d->ethertype = one_in(d, 4) ? TYPE_MPLS_MULTICAST : TYPE_MPLS;
}

void mpls_in_ip_put(struct draft *d)
{
	ip_around(d, family_draw(d), IPPROTO_MPLS);
}

static struct ports ports_to(struct draft *d, uint16_t port)
{
	return (struct ports){(uint16_t)(49152 + draw(d, 16384)), port};
}

/* RFC 7348 5: | flags 08 | 0 | network 24 | 0 | */
void vxlan_put(struct draft *d)
{
	struct header h = {0};
	uint32_t network = draw(d, 1u << 24);

	add32(&h, 0x08000000);
	add32(&h, network << 8);
	put(d, &h);
	udp_around(d, family_draw(d), ports_to(d, PORT_VXLAN));
	word_put_number(d, TUNNEL_VXLAN, network);
}

/* RFC 8926 3.4: | version 2, options' length 6, in units of 4 | flags | type 2 |
 * network 24 | 0 |, options: | class 2 | type 1 | length 1, in units of 4 | data | */
void geneve_put(struct draft *d)
{
	struct header h = {0};
	uint32_t network = draw(d, 1u << 24), units = one_in(d, 2) ? 0 : 1 + draw(d, 8);

	add8(&h, units);
	add8(&h, 0);
	add16(&h, payload_type(d));
	add32(&h, network << 8);
	if (units > 0) {
		add32(&h, 0x01020300 | (units - 1));
		add_drawn(&h, d, (units - 1) * 4);
	}
	put(d, &h);
	udp_around(d, family_draw(d), ports_to(d, PORT_GENEVE));
	word_put_number(d, TUNNEL_GENEVE, network);
}

#define GTP_EXTENSION 4
#define GTP_SEQUENCE 2
#define GTP_N_PDU 1

/* 3GPP TS 29.281 5.1: | version 1, GTP, flags 1 | G-PDU ff | length 2 | tunnel 4 |, and if any
 * flag is set [sequence 2, N-PDU 1, next extension 1]; extension: | length 1, in units of 4 |
 * data | next extension 1 |. The length does not count the first eight bytes. */
void gtp_u_put(struct draft *d)
{
	struct header h = {0};
	uint32_t tunnel = draw(d, UINT32_MAX), flags = draw(d, 8), len;

	add8(&h, 0x30 | flags);
	add8(&h, 0xff);
	add16(&h, 0);
	add32(&h, tunnel);
	if (flags > 0) {
		add_drawn(&h, d, 3);
		add8(&h, flags & GTP_EXTENSION ? 0x85 : 0); /* PDU session container */
	}
	if (flags & GTP_EXTENSION) {
		add8(&h, 1);
		add_drawn(&h, d, 2);
		add8(&h, 0);
	}
	put(d, &h);
	len = (uint32_t)d->p->len - 8;
	packet_poke16(d->p, 2, (uint16_t)len);
	udp_around(d, family_draw(d), (struct ports){PORT_GTP_U, PORT_GTP_U});
	word_put_number(d, TUNNEL_GTP_U, tunnel);
}

/* RFC 4380 5.1.1: [| 00 01 | id length 1 | value length 1 | id | value | nonce 8 |
 * confirmation 1 |], [| 00 00 | port 2 | address 4 |], then IPv6 */
void teredo_put(struct draft *d)
{
	struct header h = {0};
	bool authentication = one_in(d, 2), origin = one_in(d, 2), answer = one_in(d, 2);
	uint32_t id = draw(d, 5), value = draw(d, 21);
	uint16_t other = (uint16_t)(49152 + draw(d, 16384));

	if (authentication) {
		add16(&h, 1);
		add8(&h, id);
		add8(&h, value);
		add_drawn(&h, d, id + value + 8);
		add8(&h, 0);
	}
	if (origin) {
		add16(&h, 0);
		add_drawn(&h, d, 6);
	}
	put(d, &h);
	udp_around(d, 4, answer ? (struct ports){PORT_TEREDO, other}
				: (struct ports){other, PORT_TEREDO});
	word_put(d, TUNNEL_TEREDO);
}
