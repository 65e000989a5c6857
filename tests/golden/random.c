/* One random capture in every form it can have: byte orders, clocks, file formats, compression,
 * link types, and in two at random places. IP packets and stamps are the same in all. */
#include "captures.h"

#include <stdio.h>
#include <stdlib.h>

#define PACKETS 500
#define CONVERSATIONS 12 /* every third one UDP */
#define SPLITS 20

struct random { /* the packets, from their IP header on, and how far each conversation is */
	uint64_t rng;
	struct stack *stack;
	struct buf bytes;
	struct {
		size_t at, len;
		uint64_t ns; /* whole microseconds */
		bool back;
	} packets[PACKETS];
	size_t count;
	struct {
		uint32_t seq[2], steps;
	} conversations[CONVERSATIONS];
	uint64_t ns;
};

static uint32_t random_below(struct random *r, uint32_t below)
{
	return (uint32_t)(rng_next(&r->rng) % below);
}

static void packet_keep(struct random *r, const struct packet_bytes *p, bool back)
{
	if (r->count == PACKETS)
		return;
	r->ns += 1000u * random_below(r, 5000);
	r->packets[r->count].at = r->bytes.len;
	r->packets[r->count].len = p->len;
	r->packets[r->count].ns = r->ns;
	r->packets[r->count++].back = back;
	buf_add(&r->bytes, p->bytes, p->len);
}

struct between {
	char src[64], dst[64];
};

static void end_write(char text[64], bool six, uint32_t host, uint32_t port)
{
	snprintf(text, 64, six ? "[2001:db8::%u]:%u" : "10.0.0.%u:%u", host, port);
}

static struct ip_spec ip_of(struct random *r, struct between *between, uint32_t which,
			    bool back)
{
	end_write(back ? between->dst : between->src, which % 2, 1 + which, 40000 + which);
	end_write(back ? between->src : between->dst, which % 2, 100 + which, 80);
	return (struct ip_spec){.src = between->src,
				.dst = between->dst,
				.id = (uint16_t)random_below(r, 65536)};
}

/* A handshake, then data either way, now and then some of it again. */
static void tcp_next(struct random *r, uint32_t which)
{
	static const uint16_t opening[] = {TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK};
	uint32_t step = r->conversations[which].steps++;
	bool back = step < 3 ? step == 1 : random_below(r, 2);
	uint32_t *seq = &r->conversations[which].seq[back];
	uint32_t ack = r->conversations[which].seq[!back];
	uint32_t len = step < 3 ? 0 : random_below(r, 900);
	uint32_t again = step > 3 && random_below(r, 12) == 0 ? random_below(r, 900) : 0;
	struct between between;
	struct packet_bytes p;

	packet_tcp(&p, &(struct tcp_spec){.ip = ip_of(r, &between, which, back),
					  .seq = *seq - again,
					  .ack = step ? ack : 0,
					  .flags = step < 3 ? opening[step] : TCP_PSH | TCP_ACK,
					  .window = 60000,
					  .len = len});
	*seq += step < 2 ? 1 : again > len ? 0 : len - again;
	packet_keep(r, &p, back);
}

/* A long one may come in three fragments. */
static void udp_next(struct random *r, uint32_t which)
{
	bool back = random_below(r, 2), cut = random_below(r, 3) == 0;
	uint32_t len = cut ? 1200 : random_below(r, 600), id = random_below(r, UINT32_MAX);
	struct between between;
	struct packet_bytes p, part;

	packet_udp(&p, &(struct udp_spec){.ip = ip_of(r, &between, which, back), .len = len});
	for (size_t from = 0; cut && from < 1208; from += 480) {
		bool more = from < 960;
		packet_copy(&part, &p);
		piece_keep(&part, &(struct piece){from, more ? from + 480 : 1208, more, id});
		packet_keep(r, &part, back);
	}
	if (!cut)
		packet_keep(r, &p, back);
}

static void echo_next(struct random *r, uint32_t which)
{
	bool back = random_below(r, 2);
	struct between between;
	struct packet_bytes p;

	packet_icmp(&p, &(struct icmp_spec){
		.ip = ip_of(r, &between, which, back),
		.type = which % 2 ? (back ? 129 : 128) : (back ? 0 : 8),
		.rest = random_below(r, UINT32_MAX), .len = 48});
	packet_keep(r, &p, back);
}

static void packets_draw(struct random *r)
{
	for (size_t i = 0; i < CONVERSATIONS; i++) {
		r->conversations[i].seq[0] = random_below(r, UINT32_MAX);
		r->conversations[i].seq[1] = random_below(r, UINT32_MAX);
	}
	while (r->count < PACKETS) {
		uint32_t which = random_below(r, CONVERSATIONS);
		if (random_below(r, 20) == 0)
			echo_next(r, which);
		else if (which % 3 == 2)
			udp_next(r, which);
		else
			tcp_next(r, which);
	}
}

/* In r->stack: the packet with what is around it on this link. */
static const struct packet_bytes *frame_make(struct random *r, size_t i, const char *layers)
{
	struct packet_bytes p = {.len = 0};

	packet_append(&p, r->bytes.at + r->packets[i].at, r->packets[i].len);
	stack_begin(r->stack, &p, i);
	r->stack->draft.tidy = true;
	r->stack->draft.back = r->packets[i].back;
	stack_put(r->stack, layers);
	return &r->stack->frames[0];
}

struct form {
	const char *layers;
	bool ng, big_endian, nanoseconds;
	size_t from, to; /* packets */
};

static struct buf pcap_make(struct random *r, const struct form *form)
{
	struct packet_file_spec spec = {
		.big_endian = form->big_endian, .nanoseconds = form->nanoseconds};
	struct buf file = {0};

	frame_make(r, form->from, form->layers);
	spec.linktype = r->stack->linktype;
	packet_file_begin(&file, &spec);
	for (size_t i = form->from; i < form->to; i++)
		packet_file_add(&file, &spec, r->packets[i].ns, frame_make(r, i, form->layers));
	return file;
}

static struct buf ng_make(struct random *r, const struct form *form)
{
	struct ng_file file = {.big_endian = form->big_endian};
	struct ng_interface interface = {.tsresol = form->nanoseconds ? 9 : 6};

	frame_make(r, form->from, form->layers);
	interface.linktype = r->stack->linktype;
	ng_section(&file);
	ng_interface(&file, &interface);
	for (size_t i = form->from; i < form->to; i++)
		ng_packet(&file, &(struct ng_packet){
			.stamp = r->packets[i].ns / (form->nanoseconds ? 1 : 1000),
			.p = frame_make(r, i, form->layers)});
	return file.buf;
}

static struct buf form_make(struct random *r, const struct form *form)
{
	return form->ng ? ng_make(r, form) : pcap_make(r, form);
}

#define ETHERNET "ethernet ETHERNET"

static void forms_write(struct random *r, const char *folder)
{
	static const struct {
		const char *name;
		struct form form;
		void (*pack)(struct buf *packed, const struct buf *bytes);
	} forms[] = {
		{"form-le-us.pcap", {ETHERNET, false, false, false, 0, PACKETS}, NULL},
		{"form-be-us.pcap", {ETHERNET, false, true, false, 0, PACKETS}, NULL},
		{"form-le-ns.pcap", {ETHERNET, false, false, true, 0, PACKETS}, NULL},
		{"form-be-ns.pcap", {ETHERNET, false, true, true, 0, PACKETS}, NULL},
		{"form-le.pcapng", {ETHERNET, true, false, false, 0, PACKETS}, NULL},
		{"form-be.pcapng", {ETHERNET, true, true, true, 0, PACKETS}, NULL},
		{"form.pcap.gz", {ETHERNET, false, false, false, 0, PACKETS}, pack_gzip},
		{"form.pcap.zst", {ETHERNET, false, false, true, 0, PACKETS}, pack_zstd},
		{"form.pcapng.gz", {ETHERNET, true, false, false, 0, PACKETS}, pack_gzip},
		{"form.pcapng.zst", {ETHERNET, true, true, false, 0, PACKETS}, pack_zstd},
	};

	for (size_t i = 0; i < ARRAY_COUNT(forms); i++) {
		struct buf file = form_make(r, &forms[i].form), packed = {0};
		if (forms[i].pack)
			forms[i].pack(&packed, &file);
		bytes_write(folder, forms[i].name, forms[i].pack ? &packed : &file);
		buf_close(&packed);
		buf_close(&file);
	}
}

static void links_write(struct random *r, const char *folder)
{
	static const char *const links[] = {
		"NULL", "ethernet ETHERNET", "snap ETHERNET", "PPP", "FDDI", "RAW-12", "RAW-14",
		"PPP_HDLC", "RAW", "C_HDLC", "IEEE802_11", "LOOP", "LINUX_SLL", "RADIOTAP",
		"PPI", "LINUX_SLL2",
	};

	for (size_t i = 0; i < ARRAY_COUNT(links); i++) {
		struct form form = {.layers = links[i], .to = PACKETS};
		struct buf file = pcap_make(r, &form);
		char name[32];
		snprintf(name, sizeof(name), "link-%zu.pcap", i);
		bytes_write(folder, name, &file);
		buf_close(&file);
	}
}

static void splits_write(struct random *r, const char *folder)
{
	for (int split = 0; split < SPLITS; split++) {
		size_t at = 1 + random_below(r, PACKETS - 1);
		for (int part = 0; part < 4; part++) {
			bool ng = part / 2, second = part % 2;
			struct form form = {.layers = ETHERNET, .ng = ng,
				.from = second ? at : 0, .to = second ? PACKETS : at};
			struct buf file = form_make(r, &form);
			char name[40];
			snprintf(name, sizeof(name), "split-%02d-%d.pcap%s", split, 1 + second,
				ng ? "ng" : "");
			bytes_write(folder, name, &file);
			buf_close(&file);
		}
	}
}

void random_write(const char *folder, struct stack *stack, uint64_t seed)
{
	struct random *r = calloc(1, sizeof(*r));

	if (!r)
		abort();
	r->rng = seed;
	r->stack = stack;
	r->ns = START_NS;
	packets_draw(r);
	forms_write(r, folder);
	links_write(r, folder);
	splits_write(r, folder);
	buf_close(&r->bytes);
	free(r);
}
