/* Events as the tests say them: a short language of packets, and what was written read back. */
#ifndef TESTS_OUT_EVENTS_H
#define TESTS_OUT_EVENTS_H

#include "../../support/cm.h"

#include "wireladder/out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define START_NS UINT64_C(1700000000123456789)

/* A place for the files of one test. */
struct scratch {
	char directory[64], path[128];
};

static inline void scratch_open(struct scratch *scratch, const char *name)
{
	snprintf(scratch->directory, sizeof(scratch->directory), "/tmp/wireladder-out-XXXXXX");
	assert_non_null(mkdtemp(scratch->directory));
	snprintf(scratch->path, sizeof(scratch->path), "%s/%s", scratch->directory, name);
}

static inline void scratch_close(struct scratch *scratch)
{
	unlink(scratch->path);
	assert_int_equal(rmdir(scratch->directory), 0); /* so nothing else was left there */
}

/* The whole file with a NUL behind it; the caller frees. */
static inline char *file_text(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t size;
	char *text;
	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	size = (size_t)ftell(file);
	rewind(file);
	text = calloc(1, size + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, size, file), size);
	fclose(file);
	return text;
}

#define IP4(a, b, c, d) ((struct addr){.family = 4, .bytes = {a, b, c, d}})

static inline struct conversation_ends echo_ends(bool udp)
{
	return (struct conversation_ends){
		.udp = udp,
		.addr = {IP4(127, 0, 0, 1), IP4(127, 0, 0, 1)},
		.port = {41822, 7},
	};
}

static inline struct event event_of(enum event_kind kind, uint32_t conv, int64_t t_us)
{
	struct event event = {.kind = kind, .conv = conv};
	event.ns = START_NS + (uint64_t)(t_us * 1000);
	return event;
}

static inline void take(struct output *output, const struct event *event)
{
	struct err err = {0};
	if (!output_take(output, event, &err))
		fail_msg("%s", err.text);
}

static inline void meta(struct output *output)
{
	static const char *const files[] = {"echo.pcap"};
	static const struct vantage lo = {.name = "lo", .linktype = 1, .snaplen = 262144};
	static const struct meta facts = {
		.start_ns = START_NS, .has_start = true, .source = "read", .files = files,
		.file_count = 1, .vantages = &lo, .vantage_count = 1,
	};
	struct event event = event_of(EVENT_META, 0, 0);
	event.meta = &facts;
	take(output, &event);
}

static inline void conversation(struct output *output, uint32_t conv, bool udp)
{
	struct event event = event_of(EVENT_CONVERSATION, conv, 0);
	event.conversation = echo_ends(udp);
	take(output, &event);
}

/* What a test says of a packet; the rest is as in an ordinary echo session. */
struct said {
	enum end from;
	int64_t us, seq, ack;
	uint16_t flags;
	const char *text;   /* its payload */
	uint32_t len;       /* of a payload that nobody reads */
	uint64_t of;
	enum verdict_id verdict;
	bool again, udp, shut; /* shut: its window is closed */
	uint16_t mss;
};

#define HEADERS 40 /* IPv4 and TCP; kept in front of the payload as in a capture */

static inline void packet_said(struct output *output, uint32_t conv, uint64_t n,
			       struct said said)
{
	struct event event = event_of(EVENT_PACKET, conv, said.us);
	struct packet *packet = &event.packet;
	struct segment *segment = &packet->segment;
	uint8_t bytes[256] = {0};
	uint32_t length = said.text ? (uint32_t)strlen(said.text) : said.len;
	packet->n = n;
	packet->from = said.from;
	packet->seq = said.seq;
	packet->ack = said.ack;
	packet->window = said.shut ? 0 : 65536;
	segment->kind = said.udp ? SEGMENT_UDP : SEGMENT_TCP;
	segment->len = length;
	segment->network_offset = 14;
	segment->payload_offset = 14 + HEADERS;
	if (!said.udp) {
		segment->tcp.flags = said.flags;
		segment->tcp.options.mss = said.mss;
		segment->tcp.options.present = said.mss ? OPTION_MSS : 0;
	}
	if (said.again) {
		packet->verdicts[0] = (struct verdict){.id = said.verdict, .of = said.of};
		packet->verdict_count = 1;
	}
	if (said.text)
		memcpy(bytes + HEADERS, said.text, length);
	packet->bytes = bytes;
	packet->byte_count = HEADERS + (said.text ? length : 0);
	take(output, &event);
}

#define CLIENT_SENDS(output, n, ...) \
	packet_said(output, 1, n, (struct said){.from = END_CLIENT, __VA_ARGS__})
#define SERVER_SENDS(output, n, ...) \
	packet_said(output, 1, n, (struct said){.from = END_SERVER, __VA_ARGS__})

static inline void state(struct output *output, enum end who, enum tcp_state now)
{
	struct event event = event_of(EVENT_STATE, 1, 0);
	event.state = (struct state_change){.who = who, .state = now};
	take(output, &event);
}

static inline void note(struct output *output, uint32_t conv, const char *text)
{
	struct event event = event_of(EVENT_NOTE, conv, 0);
	event.note = (struct note){.code = NOTE_CAPTURE_LOSS, .warning = true};
	snprintf(event.note.text, sizeof(event.note.text), "%s", text);
	take(output, &event);
}

static inline void closed(struct output *output, uint32_t conv, uint64_t packets)
{
	struct closed facts = {.ends = echo_ends(false),
			       .packets = {packets, 0},
			       .bytes = {5, 0},
			       .first_ns = START_NS,
			       .last_ns = START_NS + 1000,
			       .ended = ENDED_FIN};
	struct event event = event_of(EVENT_CLOSED, conv, 0);
	event.closed = &facts;
	take(output, &event);
}

static inline void summary(struct output *output, uint64_t packets)
{
	struct summary facts = {.all = {packets, 60 * packets}, .conversations = 1,
				.elapsed_ns = 1500000};
	struct event event = event_of(EVENT_SUMMARY, 0, 0);
	event.summary = &facts;
	take(output, &event);
}

static inline struct output *opened(const struct output_config *config)
{
	struct err err = {0};
	struct output *output = output_open(config, &err);
	if (!output)
		fail_msg("%s", err.text);
	return output;
}

static inline void ended(struct output *output)
{
	struct err err = {0};
	if (!output_close(output, &err))
		fail_msg("%s", err.text);
}

/* An echo of five bytes, from the first SYN to the last ACK: 10 packets. */
static inline void echo_session(struct output *output)
{
	conversation(output, 1, false);
	CLIENT_SENDS(output, 1, .us = 0, .flags = TCP_SYN, .mss = 65495);
	state(output, END_CLIENT, STATE_SYN_SENT);
	SERVER_SENDS(output, 2, .us = 31, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 65495);
	state(output, END_SERVER, STATE_SYN_RECEIVED);
	CLIENT_SENDS(output, 3, .us = 45, .flags = TCP_ACK, .seq = 1, .ack = 1);
	state(output, END_CLIENT, STATE_ESTABLISHED);
	state(output, END_SERVER, STATE_ESTABLISHED);
	CLIENT_SENDS(output, 4, .us = 120, .flags = TCP_PSH | TCP_ACK, .seq = 1, .ack = 1,
		     .text = "hello");
	SERVER_SENDS(output, 5, .us = 140, .flags = TCP_ACK, .seq = 1, .ack = 6);
	SERVER_SENDS(output, 6, .us = 300140, .flags = TCP_PSH | TCP_ACK, .seq = 1, .ack = 6,
		     .text = "hello");
	CLIENT_SENDS(output, 7, .us = 300200, .flags = TCP_FIN | TCP_ACK, .seq = 6, .ack = 6);
	state(output, END_CLIENT, STATE_FIN_WAIT_1);
	SERVER_SENDS(output, 8, .us = 300300, .flags = TCP_FIN | TCP_ACK, .seq = 6, .ack = 7);
	state(output, END_SERVER, STATE_CLOSE_WAIT);
	state(output, END_SERVER, STATE_LAST_ACK);
	SERVER_SENDS(output, 9, .us = 300900, .flags = TCP_FIN | TCP_ACK, .seq = 6, .ack = 7,
		     .again = true, .verdict = VERDICT_FIN_RETRANSMISSION, .of = 8);
	CLIENT_SENDS(output, 10, .us = 300950, .flags = TCP_ACK, .seq = 7, .ack = 7);
	state(output, END_CLIENT, STATE_TIME_WAIT);
}

#endif
