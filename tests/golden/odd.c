/* What is odd about a packet or a session without being damage, and what is damage. */
#include "captures.h"

#include <string.h>

#define ENDS .src = "192.0.2.10:40000", .dst = "192.0.2.20:80"
#define ENDS_BACK .src = "192.0.2.20:80", .dst = "192.0.2.10:40000"
#define ENDS6 .src = "[2001:db8::10]:40000", .dst = "[2001:db8::20]:80"

struct talk {
	const char *name;
	struct said said[8]; /* up to one without flags */
};

static const struct talk talks[] = {
	{"tcp-no-syn.pcap", {
		{false, TCP_PSH | TCP_ACK, 700, 900, 10, NULL},
		{true, TCP_ACK, 900, 710, 0, NULL},
		{true, TCP_PSH | TCP_ACK, 900, 710, 20, NULL},
		{false, TCP_ACK, 710, 920, 0, NULL}}},
	{"tcp-new-isn.pcap", {
		{false, TCP_SYN, 1000, 0, 0, NULL},
		{false, TCP_SYN, 1000, 0, 0, NULL},
		{false, TCP_SYN, 900000, 0, 0, NULL},
		{true, TCP_SYN | TCP_ACK, 5000, 900001, 0, NULL},
		{false, TCP_ACK, 900001, 5001, 0, NULL}}},
	{"tcp-wrap.pcap", {
		{false, TCP_SYN, 0xfffffff0, 0, 0, NULL},
		{true, TCP_SYN | TCP_ACK, 0xffffffff, 0xfffffff1, 0, NULL},
		{false, TCP_ACK, 0xfffffff1, 0, 0, NULL},
		{false, TCP_PSH | TCP_ACK, 0xfffffff1, 0, 100, NULL},
		{true, TCP_ACK, 0, 85, 0, NULL},
		{false, TCP_PSH | TCP_ACK, 85, 0, 100, NULL}}},
	{"tcp-data-on-syn.pcap", {
		{false, TCP_SYN, 1000, 0, 0, "early"},
		{true, TCP_SYN | TCP_ACK, 5000, 1006, 0, NULL},
		{false, TCP_ACK, 1006, 5001, 0, NULL}}},
	{"tcp-data-on-rst.pcap", {
		{false, TCP_SYN, 1000, 0, 0, NULL},
		{true, TCP_SYN | TCP_ACK, 5000, 1001, 0, NULL},
		{false, TCP_ACK, 1001, 5001, 0, NULL},
		{true, TCP_RST | TCP_ACK, 5001, 1001, 0, "go away"}}},
};

static void talks_write(struct capture *capture)
{
	capture->layers = "ethernet ETHERNET";
	for (size_t i = 0; i < ARRAY_COUNT(talks); i++) {
		const struct said *said = talks[i].said;
		capture_begin(capture);
		for (size_t s = 0; s < ARRAY_COUNT(talks[i].said) && said[s].flags; s++)
			say_tcp(capture, 4, &said[s]);
		capture_end(capture, talks[i].name);
	}
}

/* Segmentation offload: longer than any length field can say, which is then 0. */
static void offload_write(struct capture *capture)
{
	struct packet_bytes p;

	capture_begin(capture);
	packet_tcp(&p, &(struct tcp_spec){.ip = {ENDS},
					  .seq = 1,
					  .ack = 1,
					  .flags = TCP_ACK,
					  .window = 500,
					  .len = 70000});
	capture_say(capture, false, &p);
	packet_tcp(&p, &(struct tcp_spec){.ip = {ENDS6},
					  .seq = 1,
					  .ack = 1,
					  .flags = TCP_ACK,
					  .window = 500,
					  .len = 70000});
	capture_say(capture, false, &p);
	capture_end(capture, "offload-64k.pcap");
}

/* RFC 2675: the length is in a hop-by-hop option | c2 | 4 | length 4 |. */
static void jumbo_write(struct capture *capture)
{
	enum { TCP_JUMBO = 8 + 20 + 70000, UDP_JUMBO = 8 + 8 + 70000 };
	uint8_t tcp[8] = {6, 0, 0xc2, 4, 0, TCP_JUMBO >> 16, TCP_JUMBO >> 8 & 255,
		TCP_JUMBO & 255};
	uint8_t udp[8] = {17, 0, 0xc2, 4, 0, UDP_JUMBO >> 16, UDP_JUMBO >> 8 & 255,
		UDP_JUMBO & 255};
	struct packet_bytes p;

	capture_begin(capture);
	packet_tcp(&p, &(struct tcp_spec){
		.ip = {ENDS6, .options = tcp, .options_len = sizeof(tcp)},
		.seq = 1, .ack = 1, .flags = TCP_ACK, .window = 500, .len = 70000});
	capture_say(capture, false, &p);
	packet_udp(&p, &(struct udp_spec){
		.ip = {ENDS6, .options = udp, .options_len = sizeof(udp)}, .len = 70000});
	capture_say(capture, false, &p);
	capture_end(capture, "jumbo.pcap");
}

/* The same session as captures that keep less and less of each packet have it. */
static void cut_write(struct capture *capture)
{
	static const struct {
		const char *name;
		uint32_t snaplen;
	} cuts[] = {
		{"cut-payload.pcap", 60}, {"cut-tcp-options.pcap", 58}, {"cut-tcp.pcap", 40},
		{"cut-ip.pcap", 24}, {"cut-ethernet.pcap", 10},
	};

	for (size_t i = 0; i < ARRAY_COUNT(cuts); i++) {
		capture->spec.snaplen = cuts[i].snaplen;
		capture_begin(capture);
		talk_tcp(capture, 4, 20);
		capture_end(capture, cuts[i].name);
	}
	capture->spec.snaplen = 0;
}

#define UDP4_LENGTH 24 /* where it stands in a packet that starts with IPv4 */

static void udp_write(struct capture *capture)
{
	static const uint16_t lies[] = {0, 7, 8, 13, 200};
	struct packet_bytes p;

	capture_begin(capture);
	talk_udp(capture, 4, 0);
	talk_udp(capture, 6, 0);
	capture_end(capture, "udp-empty.pcap");
	capture_begin(capture);
	for (size_t i = 0; i < ARRAY_COUNT(lies); i++) {
		packet_udp(&p, &(struct udp_spec){.ip = {ENDS}, .payload = "twelve bytes"});
		packet_poke16(&p, UDP4_LENGTH, lies[i]);
		capture_say(capture, false, &p);
	}
	capture_end(capture, "udp-length-lies.pcap");
}

/* Checksums are made for the last address of a route (RFC 8200 8.1, RFC 791 3.1): good ones,
 * and one that was made for the address in the header. */
static void route_write(struct capture *capture)
{
	static const uint8_t six[24] = {6, 2, 0, 1, [8] = 0x20, 1, 0xd, 0xb8, [23] = 0x99};
	static const uint8_t four[8] = {131, 7, 4, 198, 51, 100, 9, 0};
	struct packet_bytes p;

	capture_begin(capture);
	for (int wrong = 0; wrong < 2; wrong++) {
		packet_tcp(&p, &(struct tcp_spec){
			.ip = {ENDS6, .first = 43, .options = six, .options_len = sizeof(six),
				.checksum_dst = wrong ? NULL : "[2001:db8::99]"},
			.seq = 1, .flags = TCP_ACK, .payload = "routed"});
		capture_say(capture, false, &p);
		packet_tcp(&p, &(struct tcp_spec){
			.ip = {ENDS, .options = four, .options_len = sizeof(four),
				.checksum_dst = wrong ? NULL : "198.51.100.9"},
			.seq = 1, .flags = TCP_ACK, .payload = "routed"});
		capture_say(capture, false, &p);
	}
	capture_end(capture, "checksum-route.pcap");
}

/* One checksum that is wrong, one that the hardware was to fill in. */
static void checksum_write(struct capture *capture)
{
	struct packet_bytes p;

	capture_begin(capture);
	packet_tcp(&p, &(struct tcp_spec){.ip = {ENDS}, .seq = 1, .flags = TCP_ACK, .len = 9});
	packet_poke16(&p, 36, 0x1234);
	capture_say(capture, false, &p);
	packet_tcp(&p, &(struct tcp_spec){.ip = {ENDS_BACK}, .seq = 1, .flags = TCP_ACK});
	packet_poke16(&p, 36, 0);
	capture_say(capture, true, &p);
	capture_end(capture, "checksum-wrong.pcap");
}

/* 802.11 sends several packets in one frame (A-MSDU): each has a record, the frame counts once. */
static void aggregated_write(struct capture *capture)
{
	static const char *const texts[] = {"one", "two, longer", "three"};
	static const uint8_t header[] = {0x88, 0x02, 0, 0, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2,
		2, 0, 0, 0, 0, 3, 0x10, 0, 0x80, 0};
	struct packet_bytes frame = {.len = 0}, p;

	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		uint8_t subframe[22] = {2, 0, 0, 0, 0, 5, 2, 0, 0, 0, 0, 6, 0, 0,
			0xaa, 0xaa, 3, 0, 0, 0, 8, 0};
		packet_udp(&p, &(struct udp_spec){.ip = {ENDS}, .payload = texts[i]});
		subframe[13] = (uint8_t)(p.len + 8); /* with the 802.2 header */
		packet_append(&frame, "\0\0\0", (0 - frame.len) & 3);
		packet_append(&frame, subframe, sizeof(subframe));
		packet_append(&frame, p.bytes, p.len);
	}
	packet_prepend(&frame, header, sizeof(header));
	capture->spec.linktype = 105;
	capture_begin(capture);
	capture_frame(capture, &frame);
	capture_end(capture, "links-802-11-aggregated.pcap");
}

/* A link type that nobody here takes apart: counted, by its number. */
static void foreign_write(struct capture *capture)
{
	struct packet_bytes p = {.len = 40};

	capture->spec.linktype = 147;
	capture_begin(capture);
	memset(p.bytes, 0x45, p.len);
	capture_frame(capture, &p);
	capture_end(capture, "links-foreign.pcap");
}

void odd_write(const char *folder, struct stack *stack)
{
	struct capture capture = {.folder = folder, .stack = stack};

	talks_write(&capture);
	offload_write(&capture);
	jumbo_write(&capture);
	cut_write(&capture);
	udp_write(&capture);
	route_write(&capture);
	checksum_write(&capture);
	aggregated_write(&capture);
	foreign_write(&capture);
}
