/* Both ends are tapped: what is sent at one time is received at another, or never. Times are ms
 * since the dialogue began; sequence numbers raw as in dialogue.h. */
#ifndef WIRELADDER_TESTS_CROSSES_H
#define WIRELADDER_TESTS_CROSSES_H

#include "cm.h"
#include "dialogue.h"

enum { LOST = -1, UNSEEN = -2 };

struct crossing_said {
	double leaves, arrives; /* arrives: or LOST, UNSEEN */
	uint64_t copy_of;
};

static inline uint64_t at_ms(double ms)
{
	return 1000 * NS_PER_S + (uint64_t)(ms * 1e6);
}

static inline void crosses(struct dialogue *d, enum end from, struct crossing_said way,
			   struct said said)
{
	static const struct addr addrs[] = {{4, {10, 0, 0, 1}}, {4, {10, 0, 0, 2}}};
	static const uint16_t ports[] = {40000, 7};
	struct event event = {.kind = EVENT_PACKET, .ns = at_ms(way.leaves)};
	struct segment *segment = &event.packet.segment;
	segment->kind = said.udp ? SEGMENT_UDP : SEGMENT_TCP;
	segment->ends = (struct tuple){.src = addrs[from], .dst = addrs[!from],
				       .sport = ports[from], .dport = ports[!from],
				       .protocol = said.udp ? 17 : 6};
	segment->len = said.len;
	segment->flaws = said.flaws;
	segment->tcp.seq = said.seq;
	segment->tcp.ack = said.ack;
	segment->tcp.flags = said.flags;
	segment->tcp.window = said.window;
	segment->tcp.options = said.options;
	event.packet.n = ++d->n;
	event.packet.way.known = true;
	event.packet.way.lost = (int)way.arrives == LOST;
	event.packet.way.arrives_ns = way.arrives < 0 ? 0 : at_ms(way.arrives);
	event.packet.way.copy_of = way.copy_of;
	assert_true(tracker_packet(d->tracker, &event));
}

#define AT(left, arrived) ((struct crossing_said){left, arrived, 0})

/* SYN 1000, SYN-ACK 5000, ACK; 10 ms each way. */
static inline void shake_hands(struct dialogue *d)
{
	crosses(d, CLIENT, AT(0, 10), SYN(.seq = 1000));
	crosses(d, SERVER, AT(11, 21), SYN_ACK(.seq = 5000, .ack = 1001));
	crosses(d, CLIENT, AT(22, 32), ACK(.seq = 1001, .ack = 5001));
}

/* Packet n arrives after all. */
static inline struct event found(struct dialogue *d, uint64_t n, double ms)
{
	struct event amend = {.kind = EVENT_AMEND, .ns = at_ms(ms),
			      .amend = {.n = n, .found = true, .arrives_ns = at_ms(ms)}};
	assert_true(tracker_amend(d->tracker, &amend));
	return amend;
}

#endif
