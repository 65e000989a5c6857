/* Fragments: joined, in any order, twice, overlapping, with a hole, around and in tunnels; seen
 * at two interfaces, and an identification that is used again. */
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

/* Two datagrams; text: what is in them, NULL: what the builder likes. */
static void datagrams_make(struct packet_bytes *four, struct packet_bytes *six,
	const char *text)
{
	packet_udp(four, &(struct udp_spec){
		.ip = {.src = "192.0.2.10:1000", .dst = "192.0.2.20:7", .id = 77},
		.payload = text, .len = DATAGRAM - 8});
	packet_udp(six, &(struct udp_spec){
		.ip = {.src = "[2001:db8::10]:1000", .dst = "[2001:db8::20]:7"},
		.payload = text, .len = DATAGRAM - 8});
}

static void arrivals_write(struct capture *capture)
{
	struct packet_bytes four, six;

	datagrams_make(&four, &six, NULL);
	capture->layers = "RAW";
	for (size_t i = 0; i < ARRAY_COUNT(arrivals); i++) {
		capture_begin(capture);
		arrival_say(capture, &arrivals[i], &four);
		arrival_say(capture, &arrivals[i], &six);
		capture_end(capture, arrivals[i].name);
	}
}

/* Another datagram right after, in fragments of the same shape and identification. */
static void used_again_write(struct capture *capture)
{
	struct packet_bytes four, six;
	char text[DATAGRAM - 8 + 1] = {0};

	capture->layers = "RAW";
	capture_begin(capture);
	for (char letter = 'a'; letter <= 'b'; letter++) {
		memset(text, letter, DATAGRAM - 8);
		datagrams_make(&four, &six, text);
		arrival_say(capture, &arrivals[0], &four);
		arrival_say(capture, &arrivals[0], &six);
	}
	capture_end(capture, "fragments-id-used-again.pcap");
}

/* Each fragment at one interface and then at the other, a microsecond later. */
static void twice_add(struct ng_file *file, const struct packet_bytes *whole, uint64_t us)
{
	struct packet_bytes p;

	for (size_t from = 0; from < DATAGRAM; from += 480, us += STEP_NS / 1000) {
		bool more = from + 480 < DATAGRAM;
		packet_copy(&p, whole);
		piece_keep(&p, &(struct piece){
			.from = from, .to = more ? from + 480 : DATAGRAM, .more = more,
			.id = 0x01020304});
		for (uint32_t interface = 0; interface < 2; interface++)
			ng_packet(file, &(struct ng_packet){
				.interface = interface, .stamp = us + interface, .p = &p});
	}
}

static void seen_twice_write(const char *folder)
{
	struct ng_file file = {0};
	struct packet_bytes four, six;

	datagrams_make(&four, &six, NULL);
	ng_section(&file);
	ng_interface(&file, &(struct ng_interface){
		.linktype = LINK_RAW, .tsresol = 6, .name = "veth0"});
	ng_interface(&file, &(struct ng_interface){
		.linktype = LINK_RAW, .tsresol = 6, .name = "veth1"});
	twice_add(&file, &four, START_NS / 1000);
	twice_add(&file, &six, (START_NS + 5 * STEP_NS) / 1000);
	bytes_write(folder, "fragments-seen-twice.pcapng", &file.buf);
	buf_close(&file.buf);
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
	used_again_write(&capture);
	seen_twice_write(folder);
	talks_write(&capture);
}
