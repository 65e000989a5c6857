/* captures FOLDER            writes the captures of the golden tests
 * captures random SEED FOLDER  writes one random capture in every form it can have */
#include "captures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool possible, const char *what)
{
	if (!possible) {
		perror(what);
		exit(1);
	}
}

void bytes_write(const char *folder, const char *name, const struct buf *bytes)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "wb");
	must(file && !bytes->failed, path);
	must(fwrite(bytes->at, 1, bytes->len, file) == bytes->len, path);
	must(fclose(file) == 0, path);
}

void capture_begin(struct capture *capture)
{
	capture->file = (struct buf){0};
	capture->ns = START_NS;
	capture->serial = 0;
}

/* The header is written with the first packet, which brings the link type. */
void capture_frame(struct capture *capture, const struct packet_bytes *frame)
{
	if (capture->file.len == 0)
		packet_file_begin(&capture->file, &capture->spec);
	packet_file_add(&capture->file, &capture->spec, capture->ns, frame);
	capture->ns += STEP_NS;
}

void capture_say(struct capture *capture, bool back, const struct packet_bytes *ip)
{
	struct stack *stack = capture->stack;

	if (!capture->layers) {
		capture_frame(capture, ip);
		return;
	}
	stack_begin(stack, ip, capture->seed);
	stack->draft.back = back;
	stack->draft.tidy = capture->tidy;
	stack->draft.serial = capture->serial++;
	stack_put(stack, capture->layers);
	capture->spec.linktype = stack->linktype;
	for (size_t i = 0; i < stack->frame_count; i++)
		capture_frame(capture, &stack->frames[i]);
}

void capture_end(struct capture *capture, const char *name)
{
	if (capture->file.len == 0)
		packet_file_begin(&capture->file, &capture->spec);
	bytes_write(capture->folder, name, &capture->file);
	buf_close(&capture->file);
}

struct ends {
	char client[64], server[64];
};

static void ends_write(const struct capture *capture, uint8_t family, struct ends *ends)
{
	unsigned port = capture->client_port ? capture->client_port : 40000;

	snprintf(ends->client, sizeof(ends->client),
		family == 6 ? "[2001:db8::10]:%u" : "192.0.2.10:%u", port);
	snprintf(ends->server, sizeof(ends->server),
		family == 6 ? "[2001:db8::20]:80" : "192.0.2.20:80");
}

static struct ip_spec ip_between(const struct ends *ends, bool back)
{
	return (struct ip_spec){
		.src = back ? ends->server : ends->client,
		.dst = back ? ends->client : ends->server,
	};
}

void say_tcp(struct capture *capture, uint8_t family, const struct said *said)
{
	static const uint8_t options[] = {2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2};
	struct packet_bytes p;
	struct ends ends;

	ends_write(capture, family, &ends);
	struct ip_spec ip = ip_between(&ends, said->back);
	ip.id = (uint16_t)(100 + capture->serial);
	packet_tcp(&p, &(struct tcp_spec){
		.ip = ip,
		.seq = said->seq,
		.ack = said->ack,
		.flags = said->flags,
		.window = 64240,
		.options = options,
		.options_len = said->flags & TCP_SYN ? sizeof(options) : 0,
		.payload = said->text,
		.len = said->len,
	});
	capture_say(capture, said->back, &p);
}

void talk_tcp(struct capture *capture, uint8_t family, size_t len)
{
	uint32_t c = 1000, s = 5000; /* initial sequence numbers */
	uint32_t there = c + 1 + (uint32_t)len, back = s + 1 + (uint32_t)len;
	const struct said talk[] = {
		{false, TCP_SYN, c, 0, 0, NULL},
		{true, TCP_SYN | TCP_ACK, s, c + 1, 0, NULL},
		{false, TCP_ACK, c + 1, s + 1, 0, NULL},
		{false, TCP_PSH | TCP_ACK, c + 1, s + 1, len, NULL},
		{true, TCP_PSH | TCP_ACK, s + 1, there, len, NULL},
		{false, TCP_FIN | TCP_ACK, there, back, 0, NULL},
		{true, TCP_FIN | TCP_ACK, back, there + 1, 0, NULL},
		{false, TCP_ACK, there + 1, back + 1, 0, NULL},
	};

	for (size_t i = 0; i < ARRAY_COUNT(talk); i++)
		say_tcp(capture, family, &talk[i]);
}

void talk_udp(struct capture *capture, uint8_t family, size_t len)
{
	struct packet_bytes p;
	struct ends ends;

	ends_write(capture, family, &ends);
	for (int back = 0; back < 2; back++) {
		struct ip_spec ip = ip_between(&ends, back);
		ip.id = (uint16_t)(100 + capture->serial);
		packet_udp(&p, &(struct udp_spec){.ip = ip, .len = len});
		capture_say(capture, back, &p);
	}
}

int main(int argc, char **argv)
{
	struct stack *stack = malloc(sizeof(*stack));

	must(stack != NULL, "memory");
	if (argc == 4 && strcmp(argv[1], "random") == 0) {
		random_write(argv[3], stack, strtoull(argv[2], NULL, 0));
	} else if (argc == 2) {
		layered_write(argv[1], stack);
		fragments_write(argv[1], stack);
		odd_write(argv[1], stack);
		formats_write(argv[1], stack);
	} else {
		fprintf(stderr, "usage: captures FOLDER | captures random SEED FOLDER\n");
		return 1;
	}
	free(stack);
	return 0;
}
