#include "dialogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool dialogue_take(void *context, const struct event *event)
{
	struct dialogue *d = context;
	struct event *kept;
	if (d->event_count == SAID_MAX) {
		d->dropped++;
		return true;
	}
	kept = &d->events[d->event_count++];
	*kept = *event;
	if (event->kind == EVENT_CLOSED) {
		if (d->closed_count == ARRAY_COUNT(d->closed))
			abort();
		d->closed[d->closed_count] = *event->closed;
		kept->closed = &d->closed[d->closed_count++];
	}
	return true;
}

struct sink dialogue_sink(struct dialogue *d)
{
	return (struct sink){dialogue_take, d};
}

void dialogue_open_sized(struct dialogue *d, bool near, size_t max_memory_bytes)
{
	struct tracker_config config = {
		.taps_at_both_ends = near, .max_memory_bytes = max_memory_bytes,
	};
	memset(d, 0, sizeof(*d));
	d->now_ns = 1000 * NS_PER_S;
	d->tracker = tracker_open(&config, (struct sink){dialogue_take, d}, NULL);
	if (!d->tracker)
		abort();
}

void dialogue_open(struct dialogue *d, bool near)
{
	dialogue_open_sized(d, near, 0);
}

void dialogue_close(struct dialogue *d)
{
	tracker_close(d->tracker);
}

static void ends_of(const struct said *said, enum end from, struct tuple *ends)
{
	static const struct addr client = {4, {10, 0, 0, 1}}, server = {4, {10, 0, 0, 2}};
	uint16_t sport = said->sport ? said->sport : 40000, dport = said->dport ? said->dport : 7;
	bool forth = from == CLIENT;
	*ends = (struct tuple){
		.src = forth ? client : server, .dst = forth ? server : client,
		.sport = forth ? sport : dport, .dport = forth ? dport : sport,
		.protocol = said->udp ? 17 : 6,
	};
}

static void passes(struct dialogue *d, struct event *event, const struct said *said)
{
	bool timed = said->at_once || said->after_ms || said->after_us;
	d->now_ns += timed ? said->after_ms * NS_PER_MS + said->after_us * 1000 : 10 * NS_PER_MS;
	event->kind = EVENT_PACKET;
	event->ns = d->now_ns;
	event->packet.n = ++d->n;
	event->packet.len = 54 + said->len;
	event->packet.segment.ecn = said->ecn;
	event->packet.way.known = said->takes_ms || said->lost;
	event->packet.way.lost = said->lost;
	event->packet.way.copy_of = said->copy_of;
	event->packet.way.arrives_ns =
		said->takes_ms ? d->now_ns + said->takes_ms * NS_PER_MS : 0;
	if (!tracker_packet(d->tracker, event))
		abort();
}

void says(struct dialogue *d, enum end from, struct said said)
{
	struct event event = {0};
	struct segment *segment = &event.packet.segment;
	segment->kind = said.udp ? SEGMENT_UDP : SEGMENT_TCP;
	segment->flaws = said.flaws;
	segment->len = said.len;
	segment->ip_id = said.ip_id;
	segment->ttl = said.ttl;
	event.packet.interface = said.interface;
	event.packet.byte_count = said.kept;
	ends_of(&said, from, &segment->ends);
	segment->tcp.seq = said.seq;
	segment->tcp.ack = said.ack;
	segment->tcp.flags = said.flags;
	segment->tcp.window = said.window;
	segment->tcp.options = said.options;
	passes(d, &event, &said);
}

void quotes(struct dialogue *d, enum end whose, struct said said)
{
	struct event event = {0};
	struct segment *segment = &event.packet.segment;
	segment->kind = SEGMENT_ICMP;
	segment->icmp.type = 3;
	segment->icmp.code = said.too_big ? 4 : 3;
	segment->icmp.quotes = true;
	ends_of(&said, whose, &segment->icmp.quoted);
	segment->icmp.quoted_seq = said.seq;
	segment->icmp.quoted_ip_id = said.ip_id;
	segment->icmp.quoted_len = said.len;
	segment->ends.src = segment->icmp.quoted.dst;
	segment->ends.dst = segment->icmp.quoted.src;
	passes(d, &event, &said);
}

void handshake(struct dialogue *d)
{
	says(d, CLIENT, SYN(.seq = 1000));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001));
}

void ends(struct dialogue *d)
{
	if (!tracker_finish(d->tracker))
		abort();
}

const struct event *heard_event(const struct dialogue *d)
{
	for (size_t i = d->event_count; i-- > 0;) {
		if (d->events[i].kind == EVENT_PACKET)
			return &d->events[i];
	}
	abort();
}

const struct packet *heard(const struct dialogue *d)
{
	return &heard_event(d)->packet;
}

const char *states_of(struct dialogue *d, enum end who)
{
	size_t length = 0;
	uint32_t conv = 0;
	for (size_t i = 0; i < d->event_count; i++) {
		if (d->events[i].kind == EVENT_CONVERSATION)
			conv = d->events[i].conv;
	}
	d->states[0] = '\0';
	for (size_t i = 0; i < d->event_count; i++) {
		const struct event *event = &d->events[i];
		if (event->kind != EVENT_STATE || event->conv != conv || event->state.who != who)
			continue;
		length += (size_t)snprintf(d->states + length, sizeof(d->states) - length, "%s%s%s",
					   length ? " " : "", state_words[event->state.state],
					   event->state.inferred ? "*" : "");
		if (length >= sizeof(d->states))
			abort();
	}
	return d->states;
}

const struct state_change *state_find(const struct dialogue *d, enum end who, enum tcp_state state)
{
	for (size_t i = 0; i < d->event_count; i++) {
		const struct event *event = &d->events[i];
		if (event->kind == EVENT_STATE && event->state.who == who && event->state.state == state)
			return &event->state;
	}
	return NULL;
}

static int dialogue_new(void **state, bool near)
{
	struct dialogue *d = malloc(sizeof(*d));
	if (!d)
		abort();
	dialogue_open(d, near);
	*state = d;
	return 0;
}

int dialogue_near(void **state)
{
	return dialogue_new(state, NEAR);
}

int dialogue_far(void **state)
{
	return dialogue_new(state, FAR);
}

int dialogue_over(void **state)
{
	dialogue_close(*state);
	free(*state);
	return 0;
}
