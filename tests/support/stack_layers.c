/* Which layers there are, what each may stand around, and how one is chosen. */
#include "stack_draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stack_layer {
	const char *name;
	layer_put *put;    /* NULL: nothing stands there */
	uint8_t around;    /* enum stack_form bits */
	uint8_t makes;
	uint8_t family;    /* only around this version of IP; 0: any */
	bool worded;       /* it is one of the layers that a record names */
	uint16_t longest;  /* around at most so many bytes; 0: any */
	uint16_t linktype; /* where it makes FORM_DONE */
};

#define ANY_PPP (FORM_ANY_IP | FORM_MPLS)
#define ANY_TYPE (FORM_ANY_IP | FORM_MPLS | FORM_TYPED)
#define LONGEST_802_2 1492 /* 1500 is the greatest length; SNAP takes 8 of it */

static const struct stack_layer layers[] = {
	/* inside IP */
	{"ah", ah_put, FORM_IP, FORM_SEALED, 0, true, 0, 0},
	{"fragments", NULL, FORM_IP | FORM_SEALED, FORM_PIECES, 0, false, 0, 0},
	/* around IP: tunnels that IP or UDP carry; each comes with its outer IP header */
	{"ip4", ip4_put, FORM_ANY_IP, FORM_IP, 0, true, 0, 0},
	{"ip6", ip6_put, FORM_ANY_IP, FORM_IP, 0, true, 0, 0},
	{"gre", gre_put, FORM_ANY_IP | FORM_FRAME | FORM_MPLS | FORM_MIRROR, FORM_IP, 0, true,
		0, 0},
	{"erspan", erspan_put, FORM_FRAME, FORM_MIRROR, 0, true, 0, 0},
	{"pptp", pptp_put, ANY_PPP, FORM_IP, 0, true, 0, 0},
	{"mpls-in-ip", mpls_in_ip_put, FORM_MPLS, FORM_IP, 0, false, 0, 0},
	{"vxlan", vxlan_put, FORM_FRAME, FORM_IP, 0, true, 0, 0},
	{"geneve", geneve_put, FORM_ANY_IP | FORM_FRAME, FORM_IP, 0, true, 0, 0},
	{"gtp-u", gtp_u_put, FORM_ANY_IP, FORM_IP, 0, true, 0, 0},
	{"teredo", teredo_put, FORM_ANY_IP, FORM_IP, 6, true, 0, 0},
	/* below IP */
	{"mpls", mpls_put, FORM_ANY_IP | FORM_MPLS | FORM_FRAME, FORM_MPLS, 0, true, 0, 0},
	{"vlan", vlan_put, ANY_TYPE, FORM_TYPED, 0, true, 0, 0},
	{"pppoe", pppoe_put, ANY_PPP, FORM_TYPED, 0, true, 0, 0},
	{"pbb", pbb_put, FORM_FRAME, FORM_TYPED, 0, true, 0, 0},
	{"ethernet", ethernet_put, ANY_TYPE, FORM_FRAME, 0, false, 0, 0},
	{"snap", snap_put, ANY_TYPE, FORM_FRAME, 0, false, LONGEST_802_2, 0},
	{"sap", sap_put, FORM_ANY_IP, FORM_FRAME, 4, false, LONGEST_802_2, 0},
	/* the link layers of captures */
	{"NULL", null_put, FORM_ANY_IP, FORM_DONE, 0, false, 0, 0},
	{"ETHERNET", NULL, FORM_FRAME, FORM_DONE, 0, false, 0, 1},
	{"PPP", ppp_put, ANY_PPP, FORM_DONE, 0, false, 0, 9},
	{"FDDI", fddi_put, ANY_TYPE, FORM_DONE, 0, false, 0, 10},
	{"RAW-12", NULL, FORM_ANY_IP, FORM_DONE, 0, false, 0, 12},
	{"RAW-14", NULL, FORM_ANY_IP, FORM_DONE, 0, false, 0, 14},
	{"PPP_HDLC", ppp_hdlc_put, ANY_PPP, FORM_DONE, 0, false, 0, 50},
	{"PPP_ETHER", ppp_session_put, ANY_PPP, FORM_DONE, 0, true, 0, 51},
	{"RAW", NULL, FORM_ANY_IP, FORM_DONE, 0, false, 0, 101},
	{"C_HDLC", cisco_put, ANY_TYPE, FORM_DONE, 0, false, 0, 104},
	{"IEEE802_11", wifi_put, ANY_TYPE, FORM_DONE, 0, false, 0, 105},
	{"LOOP", loop_put, FORM_ANY_IP, FORM_DONE, 0, false, 0, 108},
	{"LINUX_SLL", sll_put, ANY_TYPE, FORM_DONE, 0, false, 0, 113},
	{"RADIOTAP", radiotap_put, ANY_TYPE, FORM_DONE, 0, false, 0, 127},
	{"PPI", ppi_put, ANY_TYPE, FORM_DONE, 0, false, 0, 192},
	{"IPV4", NULL, FORM_ANY_IP, FORM_DONE, 4, false, 0, 228},
	{"IPV6", NULL, FORM_ANY_IP, FORM_DONE, 6, false, 0, 229},
	{"LINUX_SLL2", sll2_put, ANY_TYPE, FORM_DONE, 0, false, 0, 276},
};

_Static_assert(ARRAY_COUNT(layers) <= 64, "stack.layers has a bit for each");

size_t stack_layer_count(void)
{
	return ARRAY_COUNT(layers);
}

const char *stack_layer_name(size_t layer)
{
	return layers[layer].name;
}

static bool layer_fits(const struct stack *s, const struct stack_layer *layer)
{
	const struct draft *d = &s->draft;

	if (!(layer->around & d->form) || (layer->family && layer->family != d->family))
		return false;
	if (layer->worded && d->expected.tunnel.count == TUNNEL_MAX)
		return false;
	if (layer->makes == FORM_MIRROR && d->expected.tunnel.count + 1 == TUNNEL_MAX)
		return false; /* GRE has to follow */
	for (size_t i = 0; i < s->frame_count && layer->longest; i++)
		if (s->frames[i].len > layer->longest)
			return false;
	return true;
}

/* False: it fits, but has nothing to do here. */
static bool layer_apply(struct stack *s, const struct stack_layer *layer)
{
	struct draft before = s->draft;

	if (layer->makes == FORM_PIECES && !fragments_cut(s))
		return false;
	for (size_t i = 0; layer->put && i < s->frame_count; i++) {
		s->draft = before;
		s->draft.p = &s->frames[i];
		s->draft.index = i;
		layer->put(&s->draft);
	}
	s->draft.form = (enum stack_form)layer->makes;
	if (s->draft.form == FORM_DONE)
		s->linktype = layer->linktype;
	s->layers |= UINT64_C(1) << (layer - layers);
	return true;
}

/* One of those that fit; `last`: only of those that end the stack. There always is one. */
static const struct stack_layer *layer_choose(struct stack *s, bool last)
{
	const struct stack_layer *fitting[ARRAY_COUNT(layers)];
	uint32_t count = 0;

	for (size_t i = 0; i < ARRAY_COUNT(layers); i++)
		if (last == (layers[i].makes == FORM_DONE) && layer_fits(s, &layers[i]))
			fitting[count++] = &layers[i];
	return count ? fitting[draw(&s->draft, count)] : NULL;
}

static void stack_empty(struct stack *s, uint64_t seed)
{
	s->draft = (struct draft){.p = &s->frames[0], .rng = seed};
	s->layers = 0;
	s->frame_count = 1;
	s->frames[0].len = s->whole.len = 0;
}

void stack_begin(struct stack *s, const struct packet_bytes *ip, uint64_t seed)
{
	bool is6 = ip->bytes[0] >> 4 == 6;

	stack_empty(s, seed);
	packet_copy(&s->frames[0], ip);
	s->draft.form = FORM_IP;
	s->draft.family = is6 ? 6 : 4;
	s->draft.ethertype = is6 ? TYPE_IP6 : TYPE_IP4;
	s->draft.packets = 1;
}

/* Every layer draws from its own seed: packets of one dialogue get the same numbers. */
void stack_put(struct stack *s, const char *names)
{
	uint64_t seed = s->draft.rng;

	while (*names) {
		size_t count = strcspn(names, " "), i = 0;
		while (i < ARRAY_COUNT(layers) && (strlen(layers[i].name) != count ||
					strncmp(layers[i].name, names, count) != 0))
			i++;
		stack_must(i < ARRAY_COUNT(layers) && layer_fits(s, &layers[i]), names);
		s->draft.rng = ++seed;
		layer_apply(s, &layers[i]);
		names += count + (names[count] == ' ');
	}
}

void stack_random(struct stack *s, uint64_t seed, uint32_t layers_max)
{
	stack_empty(s, seed);
	inner_draw(&s->draft);
	uint32_t left = draw(&s->draft, layers_max + 1);
	while (left > 0 || s->draft.form == FORM_MIRROR) { /* that alone ends no stack */
		const struct stack_layer *layer = layer_choose(s, false);
		if (layer)
			layer_apply(s, layer);
		left -= left > 0;
	}
	stack_must(layer_apply(s, layer_choose(s, true)), "a stack without a link layer");
}

void stack_must(bool possible, const char *what)
{
	if (!possible) {
		fprintf(stderr, "stack builder: impossible here: %s\n", what);
		abort();
	}
}

uint32_t draw(struct draft *d, uint32_t below)
{
	return (uint32_t)(rng_next(&d->rng) % below);
}

bool one_in(struct draft *d, uint32_t n)
{
	return draw(d, n) == 0;
}

void draw_bytes(struct draft *d, uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bytes[i] = (uint8_t)draw(d, 256);
}

void offsets_move(struct draft *d, size_t from, size_t count)
{
	struct segment *expected = &d->expected;

	if (d->fragmented)
		return;
	if (expected->network_offset >= from)
		expected->network_offset = (uint16_t)(expected->network_offset + count);
	if (expected->kind != SEGMENT_ICMP)
		expected->payload_offset = (uint16_t)(expected->payload_offset + count);
}

void header_put(struct draft *d, const void *bytes, size_t count)
{
	packet_prepend(d->p, bytes, count);
	offsets_move(d, 0, count);
}

void word_put(struct draft *d, enum tunnel_kind kind)
{
	struct tunnel *tunnel = &d->expected.tunnel;
	size_t count = tunnel->count;

	stack_must(count < TUNNEL_MAX, "more words than a record has");
	memmove(tunnel->kind + 1, tunnel->kind, count * sizeof(tunnel->kind[0]));
	memmove(tunnel->number + 1, tunnel->number, count * sizeof(tunnel->number[0]));
	tunnel->kind[0] = (uint8_t)kind;
	tunnel->number[0] = 0;
	tunnel->numbered = (uint16_t)(tunnel->numbered << 1);
	tunnel->count++;
}

void word_put_number(struct draft *d, enum tunnel_kind kind, uint32_t number)
{
	word_put(d, kind);
	d->expected.tunnel.number[0] = number;
	d->expected.tunnel.numbered |= 1;
}

void add8(struct header *h, uint32_t value)
{
	stack_must(h->len < sizeof(h->bytes), "header too long");
	h->bytes[h->len++] = (uint8_t)value;
}

void add16(struct header *h, uint32_t value)
{
	add8(h, value >> 8);
	add8(h, value);
}

void add32(struct header *h, uint32_t value)
{
	add16(h, value >> 16);
	add16(h, value);
}

void add_bytes(struct header *h, const void *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add8(h, ((const uint8_t *)bytes)[i]);
}

void add_drawn(struct header *h, struct draft *d, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add8(h, draw(d, 256));
}
