/* Two taps and a network between them, in a short language of packets:
 *
 *	sees(&t, 0, 10, DATA(.seq = 1, .len = 100));     the first tap, at 10 ms
 *	sees(&t, 1, 15, DATA(.seq = 1, .len = 100));     the second
 *	assert_string_equal(joined(&t), "1@10>15 .");
 *
 * FORTH is from the client, next to the first tap, BACK from the server. In what is joined
 * "2@10>15" left at 10 and arrived at 15, "x" is lost, "?" unknown, "~" estimated, "=1" a copy
 * of packet 1, "!1>15" an amend, "loss 1" a note that a capture missed packet 1. */
#ifndef TESTS_TIMELINE_TAPS_H
#define TESTS_TIMELINE_TAPS_H

#include "../../support/cm.h"

#include "wireladder/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAP_MAX 70000

struct tap {
	struct event *events;
	size_t count, at;
};

struct taps {
	struct tap tap[VANTAGES];
	struct match_config config;
	char text[4000];
	struct event given[512];
	size_t given_count;
};

static const struct addr client_addr = {4, {192, 0, 2, 1}}, server_addr = {4, {192, 0, 2, 2}};

struct seen_packet {
	bool back, udp;
	uint16_t flags;
	uint32_t seq, ack, id, tsval;
	uint32_t brings, len; /* bytes of payload: len, or if that is 0, brings */
	uint8_t ttl, payload;
	struct tunnel tunnel;
	uint32_t flaws, kept; /* kept: bytes of the payload; 0: all */
	uint32_t sack[2];
	bool alien; /* its client is somebody else */
	bool group; /* it goes to a group */
};

#define SEEN(...) ((struct seen_packet){__VA_ARGS__})
#define DATA(...) SEEN(.flags = TCP_ACK | TCP_PSH, .brings = 100, __VA_ARGS__)
#define PURE_ACK(...) SEEN(.flags = TCP_ACK, __VA_ARGS__)
#define DATAGRAM(...) SEEN(.udp = true, .brings = 20, __VA_ARGS__)
#define BACK .back = true

#define HEADER_BYTES 40

static inline void taps_open(struct taps *t)
{
	memset(t, 0, sizeof(*t));
	t->config.content = MATCH_CONTENT_ALL;
	t->config.local[0] = &client_addr;
	t->config.local[1] = &server_addr;
	t->config.local_count[0] = t->config.local_count[1] = 1;
	for (size_t v = 0; v < VANTAGES; v++) {
		t->tap[v].events = calloc(TAP_MAX, sizeof(struct event));
		assert_non_null(t->tap[v].events);
	}
}

static inline void taps_close(struct taps *t)
{
	for (size_t v = 0; v < VANTAGES; v++)
		free(t->tap[v].events);
}

static inline void packet_seen(struct packet *packet, const struct seen_packet *seen)
{
	static uint8_t bytes[256][HEADER_BYTES + 300];
	struct segment *segment = &packet->segment;
	static const struct addr alien = {4, {203, 0, 113, 9}};
	static const struct addr group = {4, {239, 7, 7, 7}};
	struct addr client = seen->alien ? alien : client_addr;
	uint8_t *content = bytes[seen->payload];
	uint32_t len = seen->len ? seen->len : seen->brings;
	memset(content + HEADER_BYTES, seen->payload, 300);
	segment->kind = seen->udp ? SEGMENT_UDP : SEGMENT_TCP;
	segment->ends.src = seen->back ? server_addr : client;
	segment->ends.dst = seen->back ? client : server_addr;
	if (seen->group)
		segment->ends.dst = group;
	segment->ends.sport = seen->back ? 7 : 40000;
	segment->ends.dport = seen->back ? 40000 : 7;
	segment->ends.protocol = seen->udp ? 17 : 6;
	segment->ip_id = seen->id;
	segment->ttl = seen->ttl;
	segment->len = len;
	segment->flaws = seen->flaws;
	segment->tunnel = seen->tunnel;
	segment->payload_offset = HEADER_BYTES;
	if (!seen->udp) {
		segment->tcp.seq = seen->seq;
		segment->tcp.ack = seen->ack;
		segment->tcp.flags = seen->flags;
		segment->tcp.options.tsval = seen->tsval;
		segment->tcp.options.sack_count = seen->sack[1] > 0;
		memcpy(segment->tcp.options.sack[0], seen->sack, sizeof(seen->sack));
	}
	packet->bytes = content;
	packet->byte_count = HEADER_BYTES + (seen->kept ? seen->kept
					     : len < 300 ? len : 300);
}

/* Whatever was said before, the tap sees it in its place. */
static inline void sees_ns(struct taps *t, size_t vantage, uint64_t ns, struct seen_packet seen)
{
	struct tap *tap = &t->tap[vantage];
	size_t at = tap->count++;
	struct event event = {.kind = EVENT_PACKET, .ns = ns, .vantage = (uint8_t)vantage};
	assert_true(tap->count <= TAP_MAX);
	packet_seen(&event.packet, &seen);
	for (; at > 0 && tap->events[at - 1].ns > ns; at--) {
		tap->events[at] = tap->events[at - 1];
		tap->events[at].packet.n = at + 1;
	}
	event.packet.n = at + 1;
	tap->events[at] = event;
}

#define START_S 1000
static inline void sees(struct taps *t, size_t vantage, double ms, struct seen_packet seen)
{
	sees_ns(t, vantage, START_S * NS_PER_S + (uint64_t)(ms * 1e6), seen);
}

/* What is seen to arrive, a second before the start, says that the tap there is on. */
static inline void taps_are_on(struct taps *t)
{
	uint64_t ns = (START_S - 1) * NS_PER_S;
	sees_ns(t, 0, ns, DATAGRAM(.id = 77));
	sees_ns(t, 1, ns + 10 * NS_PER_MS, DATAGRAM(.id = 77));
}

/* It leaves at its sender's tap and arrives at the other. */
static inline void crosses(struct taps *t, double leaves_ms, double arrives_ms,
			   struct seen_packet seen)
{
	sees(t, seen.back, leaves_ms, seen);
	sees(t, !seen.back, arrives_ms, seen);
}

static inline enum observed tap_gives(void *self, struct event *event, struct err *err)
{
	struct tap *tap = self;
	(void)err;
	if (tap->at == tap->count)
		return OBSERVED_END;
	*event = tap->events[tap->at++];
	return OBSERVED_EVENT;
}

static inline uint64_t tap_promises(void *self)
{
	const struct tap *tap = self;
	return tap->at < tap->count ? tap->events[tap->at].ns : UINT64_MAX;
}

static inline double ms_of(uint64_t ns)
{
	return ((double)ns - START_S * 1e9) / 1e6;
}

static inline void given_text(const struct event *event, char *text, size_t size)
{
	const struct way *way = &event->packet.way;
	char arrives[40] = "", copy[40] = "";
	if (event->kind == EVENT_AMEND) {
		snprintf(text, size, "!%d>%g", (int)event->amend.n,
			 ms_of(event->amend.arrives_ns));
		return;
	}
	if (event->kind == EVENT_NOTE) {
		snprintf(text, size, "%s %d", event->note.code == NOTE_CAPTURE_LOSS ? "loss" : "note",
			 (int)event->note.facts[0].value);
		return;
	}
	if (way->arrives_ns)
		snprintf(arrives, sizeof(arrives), ">%g", ms_of(way->arrives_ns));
	if (way->copy_of)
		snprintf(copy, sizeof(copy), "=%d", (int)way->copy_of);
	snprintf(text, size, "%d%s@%s%g%s", (int)event->packet.n, copy,
		 way->estimated ? "~" : "", ms_of(event->ns),
		 way->arrives_ns ? arrives
		 : way->lost	 ? "x"
		 : way->known	 ? "?"
				 : "");
}

/* What match makes of it all; the end is ".". The events themselves are in t->given. */
static inline const char *joined(struct taps *t)
{
	struct observer observers[VANTAGES], both;
	struct event event;
	struct err err = {0};
	struct match *match;
	size_t length = 0;
	for (size_t v = 0; v < VANTAGES; v++)
		observers[v] = (struct observer){.next = tap_gives, .watermark = tap_promises,
						 .self = &t->tap[v]};
	match = match_open(observers, &t->config, &err);
	assert_non_null(match);
	match_get(match, &both);
	t->text[0] = '\0';
	while (both.next(both.self, &event, &err) == OBSERVED_EVENT) {
		char text[100];
		if (t->given_count < ARRAY_COUNT(t->given))
			t->given[t->given_count++] = event;
		given_text(&event, text, sizeof(text));
		if (length < sizeof(t->text) - 100)
			length += (size_t)snprintf(t->text + length, sizeof(t->text) - length,
						   "%s ", text);
	}
	strcat(t->text, ".");
	match_close(match);
	return t->text;
}

/* For cmocka: *state becomes open taps, and they are closed again. */
static inline int open_taps(void **state)
{
	struct taps *t = malloc(sizeof(*t));
	if (!t)
		return -1;
	taps_open(t);
	*state = t;
	return 0;
}

static inline int close_taps(void **state)
{
	taps_close(*state);
	free(*state);
	return 0;
}

#define TAPS_TEST(name) cmocka_unit_test_setup_teardown(name, open_taps, close_taps)

#endif
