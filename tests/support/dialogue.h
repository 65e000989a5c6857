/* Two ends talk to each other before a tracker, and the test reads what it made of that:
 *
 *	dialogue_open(&d, NEAR);
 *	says(&d, CLIENT, SYN(.seq = 1000));
 *	says(&d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001));
 *	assert_string_equal(states_of(&d, CLIENT), "SYN-SENT ESTABLISHED");
 *
 * Sequence numbers are raw. Every packet comes 10 ms after the one before unless .after_ms or
 * .after_us says so.
 */
#ifndef WIRELADDER_TESTS_DIALOGUE_H
#define WIRELADDER_TESTS_DIALOGUE_H

#include "wireladder/track.h"

#define CLIENT END_CLIENT
#define SERVER END_SERVER
#define NEAR true  /* the tap is at both ends, as on a loopback */
#define FAR false  /* both ends are somewhere else */

#define SAID_MAX 4096

struct said {
	uint16_t flags;
	uint32_t seq, ack, len, flaws;
	uint16_t window, sport, dport;
	struct tcp_options options;
	uint64_t after_ms, after_us;
	bool udp, at_once;
	uint32_t ip_id, kept; /* kept: bytes of it, from the network header on */
	bool too_big; /* an ICMP error: that it is, not that nobody is there */
	uint16_t interface;
	uint8_t ttl;
	uint8_t ecn;
	/* Two vantages: it arrives so much later, or is lost, or arrives a second time. */
	uint64_t takes_ms, copy_of;
	bool lost;
};

#define SAYS(bits, ...) ((struct said){.flags = (bits), __VA_ARGS__})
#define SYN(...) SAYS(TCP_SYN, .window = 65535, __VA_ARGS__)
#define SYN_ACK(...) SAYS(TCP_SYN | TCP_ACK, .window = 65535, __VA_ARGS__)
#define ACK(...) SAYS(TCP_ACK, .window = 500, __VA_ARGS__)
#define DATA(...) SAYS(TCP_ACK | TCP_PSH, .window = 500, __VA_ARGS__)
#define FIN(...) SAYS(TCP_FIN | TCP_ACK, .window = 500, __VA_ARGS__)
#define RST(...) SAYS(TCP_RST, __VA_ARGS__)
#define RST_ACK(...) SAYS(TCP_RST | TCP_ACK, __VA_ARGS__)
#define DATAGRAM(...) SAYS(0, .udp = true, __VA_ARGS__)

struct dialogue {
	struct tracker *tracker;
	struct event events[SAID_MAX];
	struct closed closed[SAID_MAX / 8];
	uint64_t dropped; /* events beyond those kept */
	size_t event_count, closed_count;
	uint64_t now_ns, n;
	char states[256];
};

void dialogue_open(struct dialogue *d, bool near);
void dialogue_open_sized(struct dialogue *d, bool near, size_t max_memory_bytes);
struct sink dialogue_sink(struct dialogue *d);
void dialogue_close(struct dialogue *d);
/* For cmocka: *state becomes an open dialogue, and is closed again. */
int dialogue_near(void **state);
int dialogue_far(void **state);
int dialogue_over(void **state);
void says(struct dialogue *d, enum end from, struct said said);
/* SYN 1000, SYN-ACK 5000, ACK: both at relative 1 afterwards. */
void handshake(struct dialogue *d);
void quotes(struct dialogue *d, enum end whose, struct said said); /* an ICMP error about that */
void ends(struct dialogue *d); /* the input is over */
/* The record of the packet said last. */
const struct packet *heard(const struct dialogue *d);
const struct event *heard_event(const struct dialogue *d);
/* All states that this end of the latest conversation went through, "*" behind inferred ones. */
const char *states_of(struct dialogue *d, enum end who);
const struct state_change *state_find(const struct dialogue *d, enum end who, enum tcp_state state);

#endif
