/* Calls and packets on one axis: what is told to weave stands in the order of time, one line
 * each; `ms` is its place. */
#ifndef UNIT_TRACE_SCENE_H
#define UNIT_TRACE_SCENE_H

#include "../../support/cm.h"

#include "wireladder/trace.h"

#include <stdlib.h>
#include <string.h>

#define TOLD_MAX 256

struct scene {
	struct weave *weave;
	uint64_t n;
	struct event told[TOLD_MAX];
	size_t count;
};

static inline bool scene_hear(void *context, const struct event *event)
{
	struct scene *s = context;
	assert_true(s->count < TOLD_MAX);
	s->told[s->count++] = *event;
	return true;
}

static inline int scene_open_with(void **state, const struct weave_config *config)
{
	struct scene *s = calloc(1, sizeof(*s));
	s->weave = weave_open(config, (struct sink){scene_hear, s}, NULL);
	*state = s;
	return s->weave ? 0 : -1;
}

static inline int scene_open(void **state)
{
	return scene_open_with(state, &(struct weave_config){0});
}

static inline int scene_close(void **state)
{
	struct scene *s = *state;
	weave_close(s->weave);
	free(s);
	return 0;
}

#define CLIENT_PORT 40000
#define SERVER_PORT 7

static inline struct addr host(uint8_t last)
{
	return (struct addr){4, {10, 77, 0, last}};
}

static inline struct socket_ends client_ends(uint16_t port)
{
	return (struct socket_ends){.local = host(1),
				    .local_port = port,
				    .peer = host(2),
				    .peer_port = SERVER_PORT};
}

static inline struct socket_ends server_ends(uint16_t port)
{
	return (struct socket_ends){.local = host(2),
				    .local_port = SERVER_PORT,
				    .peer = host(1),
				    .peer_port = port};
}

/* Where it goes is known, where it comes from is not. */
static inline struct socket_ends to_server(void)
{
	struct socket_ends ends = client_ends(0);
	ends.local = (struct addr){0};
	return ends;
}

static inline void call_at(struct scene *s, uint64_t ms, const struct call *call)
{
	struct event event = {.kind = EVENT_CALL, .ns = ms * NS_PER_MS, .call = *call};
	event.call.name = call_words[call->kind];
	event.call.args = "";
	assert_true(weave_take(s->weave, &event));
}

#define ENTERS(ms, ...) call_at(s, ms, &(struct call){.entering = true, __VA_ARGS__})
#define RETURNS(ms, ...) call_at(s, ms, &(struct call){.returned_ns = 1, __VA_ARGS__})

static inline void conversation(struct scene *s, uint32_t conv, uint16_t port, bool udp)
{
	struct event event = {.kind = EVENT_CONVERSATION, .conv = conv};
	event.conversation.udp = udp;
	event.conversation.addr[END_CLIENT] = host(1);
	event.conversation.addr[END_SERVER] = host(2);
	event.conversation.port[END_CLIENT] = port;
	event.conversation.port[END_SERVER] = SERVER_PORT;
	assert_true(weave_take(s->weave, &event));
}

struct sent {
	uint32_t conv, len;
	enum end from;
	uint16_t flags;
	int64_t seq;
	bool udp, again;
};

/* The packet as it was passed on; until the next. */
static inline const struct packet *packet_at(struct scene *s, uint64_t ms,
					     const struct sent *sent)
{
	struct event event = {.kind = EVENT_PACKET, .ns = ms * NS_PER_MS, .conv = sent->conv};
	event.packet.n = ++s->n;
	event.packet.from = sent->from;
	event.packet.seq = sent->seq;
	event.packet.segment.kind = sent->udp ? SEGMENT_UDP : SEGMENT_TCP;
	event.packet.segment.len = sent->len;
	event.packet.segment.tcp.flags = sent->udp ? 0 : sent->flags;
	if (sent->again) {
		event.packet.verdicts[0].id = VERDICT_RTO_RETRANSMISSION;
		event.packet.verdict_count = 1;
	}
	assert_true(weave_take(s->weave, &event));
	for (size_t i = s->count; i-- > 0;) {
		if (s->told[i].kind == EVENT_PACKET)
			return &s->told[i].packet;
	}
	return NULL;
}

#define PACKET(ms, ...) packet_at(s, ms, &(struct sent){__VA_ARGS__})

static inline const struct event *told_last(const struct scene *s, enum event_kind kind)
{
	for (size_t i = s->count; i-- > 0;) {
		if (s->told[i].kind == kind)
			return &s->told[i];
	}
	return NULL;
}

static inline const struct event *told_state(const struct scene *s, enum tcp_state state)
{
	for (size_t i = 0; i < s->count; i++) {
		if (s->told[i].kind == EVENT_STATE && s->told[i].state.state == state)
			return &s->told[i];
	}
	return NULL;
}

/* Client socket 1, whose connect is call 2, in conversation 1; the server is not traced. */
static inline void connected(struct scene *s)
{
	RETURNS(1, .id = 1, .kind = CALL_SOCKET, .sock = 1);
	ENTERS(2, .id = 2, .kind = CALL_CONNECT, .sock = 1, .ends = to_server());
	conversation(s, 1, CLIENT_PORT, false);
	PACKET(3, .conv = 1, .flags = TCP_SYN);
	RETURNS(9, .id = 2, .kind = CALL_CONNECT, .sock = 1, .ends = client_ends(CLIENT_PORT));
}

static inline void sends(struct scene *s, uint64_t ms, uint64_t id, uint64_t bytes)
{
	ENTERS(ms, .id = id, .kind = CALL_SENDTO, .sock = 1, .wanted = bytes,
	       .ends = client_ends(CLIENT_PORT));
	RETURNS(ms, .id = id, .kind = CALL_SENDTO, .sock = 1, .wanted = bytes, .bytes = bytes,
		.ends = client_ends(CLIENT_PORT));
}

#define T(name) cmocka_unit_test_setup_teardown(name, scene_open, scene_close)

#endif
