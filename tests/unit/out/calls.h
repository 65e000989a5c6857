/* Socket calls as the tests of the terminal say them, and what is written of them. */
#ifndef TESTS_OUT_CALLS_H
#define TESTS_OUT_CALLS_H

#include "events.h"

static inline void program(struct output *output, uint32_t id, const char *name)
{
	static const char *const argv[] = {"/usr/bin/python3", "echo.py"};
	struct event event = event_of(EVENT_PROGRAM, 0, 0);
	event.program = (struct program_seen){
		.id = id, .pid = 4120 + id, .name = name, .argv = argv, .argc = 2};
	take(output, &event);
}

struct told { /* what a test says of a call */
	enum call_kind kind;
	int64_t from_us, to_us; /* to 0: it never returned */
	const char *name, *args, *error;
	int64_t ret;
	int32_t fd;    /* 0: 3 */
	uint32_t sock; /* 0: 1 is the server's, 2 the client's */
	uint32_t new_sock, conv;
	enum end end;
	bool interrupted, blocked;
	bool no_sock;  /* it is of no socket, or of several */
};

static inline void call_told(struct output *output, struct told told)
{
	struct event event = event_of(EVENT_CALL, told.conv, told.to_us);
	uint32_t program = told.end == END_CLIENT ? 2 : 1;
	event.call = (struct call){
		.id = 1, .kind = told.kind, .name = told.name, .program = program,
		.pid = 4120 + program, .tid = 4120 + program, .fd = told.fd ? told.fd : 3,
		.args = told.args, .entered_ns = START_NS + (uint64_t)(told.from_us * 1000),
		.returned_ns = told.to_us ? event.ns : 0, .ret = told.ret, .error = told.error,
		.sock = told.no_sock ? 0 : told.sock ? told.sock : program,
		.new_sock = told.new_sock, .interrupted = told.interrupted, .blocked = told.blocked,
		.from = told.conv ? told.end : END_CLIENT,
	};
	take(output, &event);
}

#define SERVER_CALLS(output, ...) \
	call_told(output, (struct told){.end = END_SERVER, __VA_ARGS__})
#define CLIENT_CALLS(output, ...) \
	call_told(output, (struct told){.end = END_CLIENT, __VA_ARGS__})

static inline void state_of_call(struct output *output, enum end who, enum tcp_state now, int64_t us)
{
	struct event event = event_of(EVENT_STATE, 1, us);
	event.state = (struct state_change){.who = who, .state = now, .because_call = 1};
	take(output, &event);
}

static inline void server_begins(struct output *output)
{
	SERVER_CALLS(output, .kind = CALL_SOCKET, .from_us = 10, .to_us = 20, .fd = -1,
		     .args = "AF_INET, SOCK_STREAM", .ret = 3);
	SERVER_CALLS(output, .kind = CALL_BIND, .from_us = 30, .to_us = 40,
		     .args = "3, 127.0.0.1:7");
	SERVER_CALLS(output, .kind = CALL_LISTEN, .from_us = 50, .to_us = 60, .args = "3, 5");
}

/* From the socket to the first bytes, as they come from weave: each call as it returns. */
static inline void session(struct output *output)
{
	program(output, 1, "echo-server");
	program(output, 2, "client");
	server_begins(output);
	CLIENT_CALLS(output, .kind = CALL_SOCKET, .from_us = 100, .to_us = 110, .fd = -1,
		     .args = "AF_INET, SOCK_STREAM", .ret = 3);
	conversation(output, 1, false);
	state_of_call(output, END_SERVER, STATE_LISTEN, 60);
	CLIENT_SENDS(output, 1, .us = 130, .flags = TCP_SYN, .mss = 65495);
	state(output, END_CLIENT, STATE_SYN_SENT);
	SERVER_SENDS(output, 2, .us = 140, .flags = TCP_SYN | TCP_ACK, .ack = 1, .mss = 65495);
	state(output, END_SERVER, STATE_SYN_RECEIVED);
	state(output, END_CLIENT, STATE_ESTABLISHED);
	CLIENT_SENDS(output, 3, .us = 150, .flags = TCP_ACK, .seq = 1, .ack = 1);
	state(output, END_SERVER, STATE_ESTABLISHED);
	SERVER_CALLS(output, .kind = CALL_ACCEPT, .from_us = 70, .to_us = 160, .conv = 1,
		     .args = "3, 127.0.0.1:41822", .ret = 4, .new_sock = 3);
	state_of_call(output, END_CLIENT, STATE_CLOSED, 110);
	CLIENT_CALLS(output, .kind = CALL_CONNECT, .from_us = 120, .to_us = 170, .conv = 1,
		     .args = "3, 127.0.0.1:7");
	CLIENT_SENDS(output, 4, .us = 300180, .flags = TCP_PSH | TCP_ACK, .seq = 1, .ack = 1,
		     .text = "hello");
	CLIENT_CALLS(output, .kind = CALL_SENDTO, .name = "send", .from_us = 300170,
		     .to_us = 300190, .conv = 1, .args = "3, \"hello\", 5", .ret = 5);
	SERVER_CALLS(output, .kind = CALL_RECVFROM, .name = "recv", .from_us = 200,
		     .to_us = 300210, .conv = 1, .args = "4, \"hello\", 1024", .ret = 5,
		     .fd = 4, .sock = 3, .interrupted = true);
	SERVER_CALLS(output, .kind = CALL_CLOSE, .from_us = 300220, .to_us = 300230, .conv = 1,
		     .args = "4", .fd = 4, .sock = 3);
	SERVER_CALLS(output, .kind = CALL_CLOSE, .from_us = 300240, .to_us = 300250,
		     .args = "3");
	CLIENT_CALLS(output, .kind = CALL_RECVFROM, .name = "recv", .from_us = 300260,
		     .conv = 1, .args = "3, 1024");
}

/* Everything an output of these events writes; the caller frees. */
static inline char *text_of(struct output_config config, void (*events)(struct output *))
{
	struct scratch scratch;
	struct output *output;
	char *text;
	scratch_open(&scratch, "x.txt");
	config.path = scratch.path;
	output = opened(&config);
	meta(output);
	events(output);
	ended(output);
	text = file_text(scratch.path);
	scratch_close(&scratch);
	return text;
}

static inline void assert_text(struct output_config config, void (*events)(struct output *),
			const char *expected)
{
	char *text = text_of(config, events);
	assert_string_equal(text, expected);
	free(text);
}

static inline void assert_order(const char *text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *at = strstr(text, words[i]);
		if (!at)
			fail_msg("no '%s' from here on:\n%s", words[i], text);
		text = at + strlen(words[i]);
	}
}

static inline unsigned times_in(const char *text, const char *word)
{
	unsigned count = 0;
	for (; (text = strstr(text, word)); text++)
		count++;
	return count;
}

#endif
