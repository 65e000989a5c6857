/* Fragments: joined, in any order, twice, overlapping, with a hole, around and in tunnels. */
#include "captures.h"

#include <string.h>

#define DATAGRAM 1200 /* bytes of UDP in each, header included */

/* How a datagram arrives: its pieces, in units of 8 bytes. The last is the one that ends it. */
struct arrival {
	const char *name;
	struct {
		uint8_t from, to;
		bool other; /* its bytes are not those of the datagram */
	} pieces[5];
};

#define END (DATAGRAM / 8)

static const struct arrival arrivals[] = {
	{"fragments-in-order.pcap", {{0, 60, 0}, {60, 120, 0}, {120, END, 0}}},
	{"fragments-reversed.pcap", {{120, END, 0}, {60, 120, 0}, {0, 60, 0}}},
	{"fragments-duplicate.pcap", {{0, 60, 0}, {0, 60, 0}, {60, 120, 0}, {60, 120, 0},
		{120, END, 0}}},
	{"fragments-missing.pcap", {{0, 60, 0}, {120, END, 0}}},
	{"fragments-overlap.pcap", {{0, 60, 0}, {50, 120, 0}, {120, END, 0}}},
	{"fragments-overlap-other-bytes.pcap", {{0, 60, 0}, {0, 60, 1}, {60, END, 0}}},
	{"fragments-beyond-the-end.pcap", {{0, 60, 0}, {120, END, 0}, {140, 160, 1},
		{60, 120, 0}}},
};

static void piece_say(struct capture *capture, const struct packet_bytes *whole,
	const struct piece *piece, bool other)
{
	struct packet_bytes p;

	packet_copy(&p, whole);
	while (p.len < whole->len + 100) /* for one beyond the end */
		packet_append(&p, "beyond", 6);
	piece_keep(&p, piece);
	if (other)
		packet_poke8(&p, p.len - 1, 0xee);
	capture_say(capture, false, &p);
}

static void arrival_say(struct capture *capture, const struct arrival *arrival,
	const struct packet_bytes *whole)
{
	for (size_t i = 0; i < ARRAY_COUNT(arrival->pieces) && arrival->pieces[i].to; i++) {
		struct piece piece = {
			.from = 8u * arrival->pieces[i].from,
			.to = 8u * arrival->pieces[i].to,
			.more = arrival->pieces[i].to != END,
			.id = 0x01020304,
		};
		piece_say(capture, whole, &piece, arrival->pieces[i].other);
	}
}

static void arrivals_write(struct capture *capture)
{
	struct packet_bytes four, six;

	packet_udp(&four, &(struct udp_spec){
		.ip = {.src = "192.0.2.10:1000", .dst = "192.0.2.20:7", .id = 77},
		.len = DATAGRAM - 8});
	packet_udp(&six, &(struct udp_spec){
		.ip = {.src = "[2001:db8::10]:1000", .dst = "[2001:db8::20]:7"},
		.len = DATAGRAM - 8});
	capture->layers = "RAW";
	for (size_t i = 0; i < ARRAY_COUNT(arrivals); i++) {
		capture_begin(capture);
		arrival_say(capture, &arrivals[i], &four);
		arrival_say(capture, &arrivals[i], &six);
		capture_end(capture, arrivals[i].name);
	}
}

/* A session whose data come in fragments, of the packet itself or of what is around it. */
static void talks_write(struct capture *capture)
{
	static const struct {
		const char *name, *layers;
		uint8_t family;
	} talks[] = {
		{"fragments-tcp.pcap", "fragments ethernet ETHERNET", 4},
		{"fragments-tcp6.pcap", "fragments vlan ethernet ETHERNET", 6},
		{"fragments-inside-gre.pcap", "fragments gre ethernet ETHERNET", 4},
		{"fragments-of-vxlan.pcap", "ethernet vxlan fragments ethernet ETHERNET", 4},
		{"fragments-of-fragments.pcap", "fragments ip6 fragments ethernet ETHERNET", 4},
		{"fragments-of-ah.pcap", "ah fragments ethernet ETHERNET", 6},
	};

	for (size_t i = 0; i < ARRAY_COUNT(talks); i++) {
		capture->layers = talks[i].layers;
		capture_begin(capture);
		talk_tcp(capture, talks[i].family, 500);
		talk_udp(capture, talks[i].family, 900);
		capture_end(capture, talks[i].name);
	}
}

void fragments_write(const char *folder, struct stack *stack)
{
	struct capture capture = {.folder = folder, .stack = stack, .seed = 7};

	arrivals_write(&capture);
	talks_write(&capture);
}
