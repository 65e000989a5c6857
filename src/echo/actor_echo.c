#include "actor.h"

#include "reply.h"

static int echo_stream(struct actor *a, struct actor_socket *s, enum echo_reply reply)
{
	static const struct actor_sending how = {.kind = STEP_SEND};
	for (;;) {
		size_t count, sent;
		const uint8_t *bytes;
		int error = actor_recv(a, s, ACTOR_BYTES, &count);
		if (error || count == 0)
			return error;
		bytes = reply_make(reply, a->bytes, &count);
		for (; count > 0; bytes += sent, count -= sent) {
			error = actor_send(a, s, &how, bytes, count, &sent);
			if (error)
				return error;
		}
	}
}

/* A UDP server learns from each datagram where its answer goes; no end is ever told to it, so
 * without a number of datagrams the board has to say when it is over. */
static int echo_datagrams(struct actor *a, struct actor_socket *s, enum echo_reply reply)
{
	bool counted = a->step->number >= 0;
	for (int64_t i = 0; counted ? i < a->step->number : board_rest(a->config->board, s->fd);
	     i++) {
		struct actor_sending how = {.kind = STEP_SENDTO, .to = &s->peer};
		size_t count, sent;
		const uint8_t *bytes;
		int error = actor_recvfrom(a, s, &count);
		if (error)
			return error;
		bytes = reply_make(reply, a->bytes, &count);
		error = actor_send(a, s, &how, bytes, count, &sent);
		if (error)
			return error;
	}
	return 0;
}

int step_echo(struct actor *a, struct actor_socket *s)
{
	const char *word = a->step->text;
	enum echo_reply reply = REPLY_ECHO;
	if (word && (!echo_reply_parse(word, &reply) || reply == REPLY_CHAT))
		return actor_tell(
			a, EXIT_USAGE,
			"echo answers \"echo\", \"upper\" or \"thanks\", not \"%.40s\"", word);
	return s->type == SOCK_STREAM ? echo_stream(a, s, reply) : echo_datagrams(a, s, reply);
}
