/* IP headers with options and extension headers, what goes into them (AH), and fragments. */
#include "stack_draft.h"

#include <stdio.h>
#include <string.h>

enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, AUTHENTICATION = 51, DESTINATION = 60 };

#define MORE_FRAGMENTS 0x2000
#define DO_NOT_FRAGMENT 0x4000
#define PIECES 4 /* of one packet, at most */

/* "10.a.b.c" or "2001:db8::a:b": never one that means something */
static void address_draw(struct draft *d, uint8_t family, uint8_t address[16])
{
	memset(address, 0, 16);
	memcpy(address, family == 6 ? "\x20\x01\x0d\xb8" : "\x0a", 4);
	draw_bytes(d, address + (family == 6 ? 12 : 1), family == 6 ? 4 : 3);
}

static void address_write(uint8_t family, const uint8_t address[16], uint16_t port,
	char text[64])
{
	char plain[INET6_ADDRSTRLEN];

	inet_ntop(family == 6 ? AF_INET6 : AF_INET, address, plain, sizeof(plain));
	snprintf(text, 64, family == 6 ? "[%s]:%u" : "%s:%u", plain, port);
}

static void options_add(struct ip_drawn *ip, const void *bytes, size_t count)
{
	stack_must(ip->spec.options_len + count <= sizeof(ip->options), "options too long");
	memcpy(ip->options + ip->spec.options_len, bytes, count);
	ip->spec.options = ip->options;
	ip->spec.options_len += count;
}

/* One of none, four NOP, router alert (RFC 2113), record route, source routes: one under way,
 * whose checksums are made for its last address, and one that has arrived (RFC 791 3.1). */
static void options4_draw(struct draft *d, struct ip_drawn *ip)
{
	static const struct {
		uint8_t len, bytes[8];
		bool under_way;
	} options[] = {
		{4, {1, 1, 1, 1}, false}, {4, {148, 4, 0, 0}, false},
		{8, {7, 7, 4, 0, 0, 0, 0, 0}, false}, {8, {131, 7, 4, 10, 9, 8, 7, 0}, true},
		{8, {137, 7, 8, 10, 9, 8, 7, 0}, false},
	};
	uint32_t which = draw(d, 2 * ARRAY_COUNT(options));

	if (which >= ARRAY_COUNT(options))
		return;
	options_add(ip, options[which].bytes, options[which].len);
	if (options[which].under_way)
		ip->spec.checksum_dst = "10.9.8.7";
}

/* An extension header: | next 1 | body |. The one before gets to know its number. */
static void extension_add(struct ip_drawn *ip, uint8_t kind, const struct header *body)
{
	if (ip->spec.options_len == 0)
		ip->spec.first = kind;
	else
		ip->options[ip->next_at] = kind;
	ip->next_at = ip->spec.options_len;
	options_add(ip, "", 1);
	options_add(ip, body->bytes, body->len);
}

/* | length 1, in units of 8 beyond the first | PadN |: hop-by-hop and destination options */
static void padding_add(struct draft *d, struct ip_drawn *ip, uint8_t kind)
{
	struct header h = {0};
	uint8_t units = (uint8_t)draw(d, 3), bytes = (uint8_t)(8 * units + 4);
	static const uint8_t zeros[32];

	add8(&h, units);
	add8(&h, 1);
	add8(&h, bytes);
	add_bytes(&h, zeros, bytes);
	extension_add(ip, kind, &h);
}

/* | length 1 | type 1 | segments left 1 | 4 | addresses of 16 |. Checksums are made for the
 * last of the journey: the end of the list, or in type 4 its beginning (RFC 8200 8.1). */
static void routing_add(struct draft *d, struct ip_drawn *ip)
{
	static const uint8_t types[] = {0, 2, 4};
	struct header h = {0};
	uint8_t type = types[draw(d, 3)], address[16];
	uint32_t count = type == 2 ? 1 : 1 + draw(d, 2), left = draw(d, count + 1);

	add8(&h, 2 * count);
	add8(&h, type);
	add8(&h, left);
	add32(&h, type == 4 ? (count - 1) << 24 : 0);
	for (uint32_t i = 0; i < count; i++) {
		address_draw(d, 6, address);
		add_bytes(&h, address, 16);
		if (left > 0 && i == (type == 4 ? 0 : count - 1)) {
			address_write(6, address, 0, ip->route_end);
			ip->spec.checksum_dst = ip->route_end;
		}
	}
	extension_add(ip, ROUTING, &h);
}

/* A fragment that is the whole packet (RFC 6946): | 0 | offset and M 0 | identification 4 | */
static void atomic_add(struct draft *d, struct ip_drawn *ip)
{
	struct header h = {0};

	ip->atomic = true;
	ip->id = draw(d, UINT32_MAX);
	add8(&h, 0);
	add16(&h, 0);
	add32(&h, ip->id);
	extension_add(ip, FRAGMENT, &h);
}

static void extensions_draw(struct draft *d, struct ip_drawn *ip)
{
	if (one_in(d, 6))
		padding_add(d, ip, HOP_BY_HOP);
	if (one_in(d, 12))
		padding_add(d, ip, DESTINATION);
	if (one_in(d, 6))
		routing_add(d, ip);
	if (one_in(d, 8))
		atomic_add(d, ip);
	if (one_in(d, 8))
		padding_add(d, ip, DESTINATION);
}

void ip_draw(struct draft *d, struct ip_drawn *ip, uint8_t family, struct ports ports)
{
	uint8_t client[16], server[16];

	*ip = (struct ip_drawn){.family = family};
	address_draw(d, family, client);
	address_draw(d, family, server);
	address_write(family, d->back ? server : client, ports.src, ip->src);
	address_write(family, d->back ? client : server, ports.dst, ip->dst);
	ip->spec.src = ip->src;
	ip->spec.dst = ip->dst;
	ip->spec.ttl = (uint8_t)(1 + draw(d, 255));
	ip->spec.tos = (uint8_t)draw(d, 256);
	uint32_t id = draw(d, 0x10000) + d->serial * STACK_FRAMES + (uint32_t)d->index;
	if (family == 6) {
		extensions_draw(d, ip);
		return;
	}
	ip->id = ip->spec.id = (uint16_t)id;
	ip->spec.fragment = one_in(d, 2) ? DO_NOT_FRAGMENT : 0;
	options4_draw(d, ip);
}

void ip_name_payload(struct ip_drawn *ip, uint8_t protocol)
{
	if (ip->family == 6 && ip->spec.options_len > 0)
		ip->options[ip->next_at] = protocol;
}

void ip_entered(struct draft *d, const struct ip_drawn *ip)
{
	d->family = ip->family;
	d->ethertype = ip->family == 6 ? TYPE_IP6 : TYPE_IP4;
	d->atomic = ip->atomic;
	d->packets++;
}

void ip_around(struct draft *d, uint8_t family, uint8_t protocol)
{
	struct ip_drawn ip;
	size_t before = d->p->len;

	ip_draw(d, &ip, family, (struct ports){0});
	ip_name_payload(&ip, protocol);
	packet_ip(d->p, &ip.spec, protocol);
	offsets_move(d, 0, d->p->len - before);
	ip_entered(d, &ip);
}

/* A sender over IPv4 may leave UDP's checksum out (RFC 768). */
void udp_around(struct draft *d, uint8_t family, struct ports ports)
{
	struct ip_drawn ip;
	size_t before = d->p->len;

	ip_draw(d, &ip, family, ports);
	ip_name_payload(&ip, IPPROTO_UDP);
	packet_udp_around(d->p, &(struct udp_spec){
		.ip = ip.spec, .no_checksum = family == 4 && one_in(d, 2)});
	offsets_move(d, 0, d->p->len - before);
	ip_entered(d, &ip);
}

void ip4_put(struct draft *d)
{
	bool is6 = d->family == 6;

	ip_around(d, 4, is6 ? IPPROTO_IPV6 : IPPROTO_IPIP);
	word_put(d, is6 ? TUNNEL_6IN4 : TUNNEL_4IN4);
}

void ip6_put(struct draft *d)
{
	bool is6 = d->family == 6;

	ip_around(d, 6, is6 ? IPPROTO_IPV6 : IPPROTO_IPIP);
	word_put(d, is6 ? TUNNEL_6IN6 : TUNNEL_4IN6);
}

/* A place inside an IP packet, and where the number is that says what stands there. */
struct place {
	size_t at, next_at;
};

static size_t extension_size(const uint8_t *extension, uint8_t kind)
{
	switch (kind) {
	case HOP_BY_HOP:
	case ROUTING:
	case DESTINATION:
		return 8u * (extension[1] + 1u);
	case FRAGMENT:
		return 8;
	default:
		return 0;
	}
}

/* Where the payload starts or, for a router, all that need not be in every fragment: what
 * stands behind the last header that is read on the way (RFC 8200 4.5). */
static struct place place_find(const struct packet_bytes *p, bool of_payload)
{
	struct place place = {40, 6}, end = place;
	size_t size;

	if (p->bytes[0] >> 4 == 4)
		return (struct place){(p->bytes[0] & 15u) * 4u, 9};
	while ((size = extension_size(p->bytes + end.at, p->bytes[end.next_at])) > 0) {
		uint8_t kind = p->bytes[end.next_at];
		end = (struct place){end.at + size, end.at};
		if (of_payload || kind == HOP_BY_HOP || kind == ROUTING)
			place = end;
	}
	return place;
}

static void length_write(struct packet_bytes *p)
{
	if (p->bytes[0] >> 4 == 6) {
		packet_poke16(p, 4, (uint16_t)(p->len - 40));
		return;
	}
	packet_poke16(p, 2, (uint16_t)p->len);
	packet_seal4(p, 0);
}

/* RFC 4302 2: | next 1 | length 1, in units of 4 beyond two | 0 | SPI 4 | sequence 4 |
 * check 12 | */
void ah_put(struct draft *d)
{
	struct place place = place_find(d->p, true);
	struct header h = {0};
	uint32_t spi = 256 + draw(d, UINT32_MAX - 256);

	add8(&h, d->p->bytes[place.next_at]);
	add8(&h, 24 / 4 - 2);
	add16(&h, 0);
	add32(&h, spi);
	add32(&h, draw(d, UINT32_MAX));
	add_drawn(&h, d, 12);
	packet_poke8(d->p, place.next_at, AUTHENTICATION);
	packet_insert(d->p, place.at, h.bytes, h.len);
	length_write(d->p);
	offsets_move(d, place.at, h.len);
	word_put_number(d, TUNNEL_AH, spi);
}

/* All but the first leave out an option that is not marked to be copied (RFC 791 3.1). */
static size_t header4_in_piece(struct packet_bytes *p, size_t header, const struct piece *piece)
{
	if (header == 20 || piece->from == 0 || p->bytes[20] & 0x80)
		return header;
	memmove(p->bytes + 20, p->bytes + header, p->len - header);
	p->len -= header - 20;
	packet_poke8(p, 0, 0x45);
	return 20;
}

void piece_keep(struct packet_bytes *p, const struct piece *piece)
{
	struct place place = place_find(p, false);
	struct header h = {0};

	if (p->bytes[0] >> 4 == 4) {
		place.at = header4_in_piece(p, place.at, piece);
		packet_poke16(p, 6, (uint16_t)((piece->more ? MORE_FRAGMENTS : 0) |
					    piece->from / 8));
	}
	memmove(p->bytes + place.at, p->bytes + place.at + piece->from,
		piece->to - piece->from);
	p->len = place.at + piece->to - piece->from;
	if (p->bytes[0] >> 4 == 6) { /* | next 1 | 0 | offset and M 2 | identification 4 | */
		add8(&h, p->bytes[place.next_at]);
		add8(&h, 0);
		add16(&h, (uint32_t)piece->from | piece->more);
		add32(&h, piece->id);
		packet_poke8(p, place.next_at, FRAGMENT);
		packet_insert(p, place.at, h.bytes, h.len);
	}
	length_write(p);
}

/* The first piece takes the packet's place, the others go to the end of the list. */
static void packet_cut(struct stack *s, size_t index, uint32_t id)
{
	struct packet_bytes *p = &s->frames[index];
	size_t payload = p->len - place_find(p, false).at;
	uint32_t units = (uint32_t)((payload - 1) / 8), start = 0;
	uint32_t count = 2 + draw(&s->draft, PIECES - 1);
	struct piece first = {.id = id};

	if (count > units + 1)
		count = units + 1;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t later = count - 1 - i; /* each of them takes a unit at least */
		uint32_t end = start;
		if (later > 0)
			end += 1 + draw(&s->draft, units + 1 - start - later);
		struct piece piece = {start * 8, later ? end * 8 : payload, later > 0, id};
		start = end;
		if (i == 0) {
			first = piece;
			continue;
		}
		packet_copy(&s->frames[s->frame_count], p);
		piece_keep(&s->frames[s->frame_count++], &piece);
	}
	if (count > 1)
		piece_keep(p, &first);
}

/* Every packet so far is cut. In what was fragmented already, inside, each fragment is. */
bool fragments_cut(struct stack *s)
{
	struct draft *d = &s->draft;
	size_t count = s->frame_count, innermost = place_find(&s->frames[0], false).at;
	uint32_t id = draw(d, UINT32_MAX) + d->serial * STACK_FRAMES;

	if (d->atomic || count * PIECES > STACK_FRAMES || s->frames[0].len < innermost + 9)
		return false;
	for (size_t i = 0; i < count && d->family == 4; i++) {
		packet_poke16(&s->frames[i], 6, 0); /* may be fragmented */
		packet_seal4(&s->frames[i], 0);
	}
	if (!d->fragmented)
		packet_copy(&s->whole, &s->frames[0]);
	if (d->packets == 1 && d->family == 6)
		d->expected.ip_id = id;
	d->fragmented = true;
	for (size_t i = 0; i < count; i++)
		packet_cut(s, i, id + (uint32_t)i);
	return true;
}
