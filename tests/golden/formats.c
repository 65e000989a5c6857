/* What stands around packets in capture files: pcap of each kind, pcapng with all that it says
 * besides, several sections and interfaces, gzip and zstd. */
#include "captures.h"

#include <stdio.h>
#include <string.h>

struct talked { /* the packets of a session, to be put into blocks */
	struct packet_bytes frames[8];
	size_t count;
};

/* A session on a link, read back from the capture in memory that it was written to. */
static void talked_make(struct talked *talked, struct stack *stack, const char *layers)
{
	enum { FILE_HEADER = 24, RECORD_HEADER = 16, LENGTH_AT = 8 };
	struct capture capture = {.stack = stack, .layers = layers};
	size_t at = FILE_HEADER;

	capture_begin(&capture);
	talk_tcp(&capture, 4, 20);
	for (talked->count = 0; at < capture.file.len; talked->count++) {
		const uint8_t *record = (const uint8_t *)capture.file.at + at;
		uint32_t len = record[LENGTH_AT] | (uint32_t)record[LENGTH_AT + 1] << 8;
		struct packet_bytes *frame = &talked->frames[talked->count];
		frame->len = 0;
		packet_append(frame, record + RECORD_HEADER, len);
		at += RECORD_HEADER + len;
	}
	buf_close(&capture.file);
}

static uint64_t stamp(size_t i, uint8_t tsresol)
{
	return (START_NS + i * STEP_NS) / (tsresol == 9 ? 1 : 1000);
}

static void packets_add(struct ng_file *file, const struct talked *talked, size_t from,
			size_t to)
{
	for (size_t i = from; i < to; i++)
		ng_packet(file, &(struct ng_packet){
			.stamp = stamp(i, 6), .p = &talked->frames[i]});
}

static void ng_write(const char *folder, const char *name, struct ng_file *file)
{
	bytes_write(folder, name, &file->buf);
	buf_close(&file->buf);
}

/* Comments, one of them in two parts and one that is no UTF-8; inbound and outbound; a frame
 * that the card saw damaged; packets that were lost in between. */
static void comments_write(const char *folder, const struct talked *talked)
{
	enum { INBOUND = 1, OUTBOUND = 2, CHECKSUM_ERROR = 1 << 24 };
	struct ng_file file = {0};

	ng_section(&file);
	ng_interface(&file,
		     &(struct ng_interface){.linktype = 1, .tsresol = 6, .name = "eth0"});
	for (size_t i = 0; i < talked->count; i++) {
		struct ng_packet packet = {
			.stamp = stamp(i, 6), .p = &talked->frames[i],
			.flags = i % 2 ? INBOUND : OUTBOUND};
		if (i == 0)
			packet.comments[0] = "here it begins <b>";
		if (i == 3) {
			packet.comments[0] = "the question";
			packet.comments[1] = "\xff in two parts";
			packet.flags |= CHECKSUM_ERROR;
		}
		packet.dropped = i == 5 ? 3 : 0;
		ng_packet(&file, &packet);
	}
	ng_write(folder, "ng-comments.pcapng", &file);
}

/* Names before the first packet go into meta, later ones are a note. */
static void names_write(const char *folder, const struct talked *talked)
{
	struct ng_file file = {.big_endian = true};

	ng_section(&file);
	ng_name(&file, &(struct ng_name){
		{4, {192, 0, 2, 10}}, {"client.example", "desk.example"}});
	ng_interface(&file, &(struct ng_interface){.linktype = 1, .tsresol = 6});
	packets_add(&file, talked, 0, 3);
	ng_name(&file, &(struct ng_name){{4, {192, 0, 2, 20}}, {"server.example", NULL}});
	ng_name(&file, &(struct ng_name){
		{6, {0x20, 1, 0xd, 0xb8, [15] = 0x20}}, {"six.example", NULL}});
	packets_add(&file, talked, 3, talked->count);
	ng_write(folder, "ng-names.pcapng", &file);
}

/* Counts are since the capture began: the last ones hold. */
static void statistics_write(const char *folder, const struct talked *talked)
{
	struct ng_file file = {0};

	ng_section(&file);
	ng_interface(&file, &(struct ng_interface){.linktype = 1, .tsresol = 6});
	packets_add(&file, talked, 0, 4);
	ng_statistics(&file, &(struct ng_counts){.dropped_interface = 1, .dropped_kernel = 2});
	packets_add(&file, talked, 4, talked->count);
	ng_statistics(&file, &(struct ng_counts){.dropped_interface = 4, .dropped_kernel = 7});
	ng_write(folder, "ng-statistics.pcapng", &file);
}

/* Each direction of the session at an interface of its own, with its own clock and link. */
static void interfaces_write(const char *folder, const struct talked *ethernet,
	const struct talked *cooked)
{
	struct ng_file file = {0};

	ng_section(&file);
	ng_interface(&file,
		     &(struct ng_interface){.linktype = 1, .tsresol = 6, .name = "eth0"});
	ng_interface(&file, &(struct ng_interface){
		.linktype = 113, .snaplen = 65535, .tsresol = 9, .name = "any"});
	for (size_t i = 0; i < ethernet->count; i++) {
		uint32_t second = i % 2;
		ng_packet(&file, &(struct ng_packet){
			.interface = second, .stamp = stamp(i, second ? 9 : 6),
			.p = second ? &cooked->frames[i] : &ethernet->frames[i]});
	}
	ng_write(folder, "ng-interfaces.pcapng", &file);
}

/* Three sections, of both byte orders; the last has simple packets, which have no stamp. */
static void sections_write(const char *folder, const struct talked *ethernet,
	const struct talked *cooked)
{
	struct ng_file file = {0};

	ng_section(&file);
	ng_interface(&file, &(struct ng_interface){.linktype = 1, .tsresol = 6});
	packets_add(&file, ethernet, 0, 3);
	file.big_endian = true;
	ng_section(&file);
	ng_interface(&file, &(struct ng_interface){.linktype = 113, .tsresol = 6});
	packets_add(&file, cooked, 3, 6);
	file.big_endian = false;
	ng_section(&file);
	ng_interface(&file, &(struct ng_interface){.linktype = 1, .tsresol = 6});
	for (size_t i = 6; i < ethernet->count; i++)
		ng_packet_simple(&file, &ethernet->frames[i]);
	ng_write(folder, "ng-sections.pcapng", &file);
}

static void pcap_write(struct capture *capture, const char *name, struct packet_file_spec spec)
{
	capture->spec = spec;
	capture_begin(capture);
	talk_tcp(capture, 4, 20);
	capture_end(capture, name);
}

/* In two members of gzip, in one frame of zstd, and cut in the middle. */
static void packed_write(struct capture *capture)
{
	struct buf whole, packed = {0};

	capture->spec = (struct packet_file_spec){0};
	capture_begin(capture);
	talk_tcp(capture, 4, 20);
	whole = capture->file;
	struct buf first = {.at = whole.at, .len = 300};
	struct buf second = {.at = whole.at + 300, .len = whole.len - 300};
	pack_gzip(&packed, &first);
	pack_gzip(&packed, &second);
	bytes_write(capture->folder, "packed.pcap.gz", &packed);
	packed.len = 0;
	pack_zstd(&packed, &whole);
	bytes_write(capture->folder, "packed.pcap.zst", &packed);
	packed.len = packed.len * 3 / 4;
	bytes_write(capture->folder, "packed-cut.pcap.zst", &packed);
	buf_close(&packed);
	buf_close(&capture->file);
}

void formats_write(const char *folder, struct stack *stack)
{
	struct capture capture = {
		.folder = folder, .stack = stack, .layers = "ethernet ETHERNET"};
	struct talked ethernet, cooked;

	talked_make(&ethernet, stack, "ethernet ETHERNET");
	talked_make(&cooked, stack, "LINUX_SLL");
	comments_write(folder, &ethernet);
	names_write(folder, &ethernet);
	statistics_write(folder, &ethernet);
	interfaces_write(folder, &ethernet, &cooked);
	sections_write(folder, &ethernet, &cooked);
	pcap_write(&capture, "pcap-big-endian.pcap",
		   (struct packet_file_spec){.big_endian = true});
	pcap_write(&capture, "pcap-nanoseconds.pcap",
		(struct packet_file_spec){.nanoseconds = true});
	packed_write(&capture);
}
