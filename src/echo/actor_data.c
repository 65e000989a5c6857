#include "actor.h"

#include <errno.h>
#include <string.h>

static size_t at_most(uint64_t wanted, size_t limit)
{
	return wanted < limit ? (size_t)wanted : limit;
}

void actor_pattern(uint64_t place, uint8_t *bytes, size_t count)
{
	static const uint32_t tens[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
	for (size_t i = 0; i < count; i++) {
		uint64_t at = place + i, block = at - at % 8;
		size_t digit = (size_t)(at % 8);
		bytes[i] = digit == 7 ? ' ' : (uint8_t)('0' + block / tens[digit] % 10);
	}
}

int actor_send(struct actor *a, struct actor_socket *s, const struct actor_sending *how,
	       const void *bytes, size_t count, size_t *sent)
{
	struct actor_call *call = actor_call_open(a, how->kind, s->fd);
	const struct sockaddr *to = how->to ? &how->to->any : NULL;
	socklen_t to_len = how->to ? how->to->len : 0;
	ssize_t result;
	do /* a reset is told as EPIPE, not by a signal that would end the program */
		result = sendto(s->fd, bytes, count, how->flags | MSG_NOSIGNAL, to, to_len);
	while (result < 0 && errno == EINTR);
	*sent = result < 0 ? 0 : (size_t)result;
	return actor_call_close(call, result);
}

int actor_recv(struct actor *a, struct actor_socket *s, size_t room, size_t *got)
{
	struct actor_call *call = actor_call_open(a, STEP_RECV, s->fd);
	ssize_t result;
	do
		result = recv(s->fd, a->bytes, room, 0);
	while (result < 0 && errno == EINTR);
	*got = result < 0 ? 0 : (size_t)result;
	return actor_call_close(call, result);
}

int actor_recvfrom(struct actor *a, struct actor_socket *s, size_t *got)
{
	struct actor_call *call = actor_call_open(a, STEP_RECVFROM, s->fd);
	struct address from = {.len = 0};
	ssize_t result;
	do {
		from.len = sizeof(from.v6);
		result = recvfrom(s->fd, a->bytes, ACTOR_BYTES, 0, &from.any, &from.len);
	} while (result < 0 && errno == EINTR);
	if (result >= 0 && from.len > 0)
		s->peer = from;
	*got = result < 0 ? 0 : (size_t)result;
	return actor_call_close(call, result);
}

/* The step's text or pattern, in one call where that can be: a send() of 10,000 bytes is one
 * call and many segments. */
static int data_send(struct actor *a, struct actor_socket *s, struct actor_sending how)
{
	const char *text = a->step->text;
	uint64_t count = text ? strlen(text) : (uint64_t)a->step->number, done = 0;
	if (!text && a->step->number < 0)
		return actor_tell(a, EXIT_USAGE, "%s needs a number of bytes, or a text",
				  step_words[a->step->kind]);
	do {
		size_t part = at_most(count - done, ACTOR_BYTES), sent;
		const void *bytes = text ? (const void *)(text + done) : a->bytes;
		int error;
		if (!text)
			actor_pattern(s->sent, a->bytes, part);
		error = actor_send(a, s, &how, bytes, part, &sent);
		if (error)
			return error;
		done += sent;
		s->sent += sent;
		if (how.flags & MSG_FASTOPEN) { /* the SYN is under way */
			how.flags &= ~MSG_FASTOPEN;
			how.to = NULL;
		}
	} while (done < count);
	return 0;
}

int step_send(struct actor *a, struct actor_socket *s)
{
	struct actor_sending how = {.kind = STEP_SEND};
	struct address to;
	if (a->step->to) {
		if (!actor_address(a, s->family, a->step->to, &to))
			return STEP_TOLD;
		how.to = &to;
		how.flags = s->type == SOCK_STREAM ? MSG_FASTOPEN : 0;
	}
	return data_send(a, s, how);
}

int step_send_oob(struct actor *a, struct actor_socket *s)
{
	return data_send(a, s, (struct actor_sending){.kind = STEP_SEND_OOB, .flags = MSG_OOB});
}

int step_sendto(struct actor *a, struct actor_socket *s)
{
	struct actor_sending how = {.kind = STEP_SENDTO};
	struct address to = s->peer;
	if (a->step->to && !actor_address(a, s->family, a->step->to, &to))
		return STEP_TOLD;
	if (to.len == 0)
		return actor_tell(
			a, EXIT_USAGE,
			"sendto has nobody to answer, no datagram came: name an address "
			"in \"to\"");
	how.to = &to;
	return data_send(a, s, how);
}

static int recv_end(struct actor *a, struct actor_socket *s)
{
	size_t got;
	int error;
	do
		error = actor_recv(a, s, ACTOR_BYTES, &got);
	while (!error && got > 0);
	return error;
}

static int recv_exactly(struct actor *a, struct actor_socket *s)
{
	a->wanted = (uint64_t)a->step->number;
	for (a->got = 0; a->got < a->wanted;) {
		size_t got;
		int error = actor_recv(a, s, at_most(a->wanted - a->got, ACTOR_BYTES), &got);
		if (error)
			return error;
		if (got == 0)
			return STEP_ENDED;
		a->got += got;
	}
	return 0;
}

int step_recv(struct actor *a, struct actor_socket *s)
{
	const char *text = a->step->text;
	bool stream = s->type == SOCK_STREAM;
	size_t got;
	if (text && strcmp(text, "some") == 0)
		return actor_recv(a, s, ACTOR_BYTES, &got);
	if (text && strcmp(text, "eof") == 0 && stream)
		return recv_end(a, s);
	if (text && strcmp(text, "eof") == 0)
		return actor_tell(a, EXIT_USAGE,
				  "datagrams have no end to wait for: recv \"some\" takes one");
	if (text || a->step->number <= 0)
		return actor_tell(a, EXIT_USAGE,
				  "recv takes a number of bytes from 1, \"some\" or \"eof\"");
	if (stream)
		return recv_exactly(a, s);
	return actor_recv(a, s, at_most((uint64_t)a->step->number, ACTOR_BYTES), &got);
}

int step_recvfrom(struct actor *a, struct actor_socket *s)
{
	int64_t count = a->step->number < 0 ? 1 : a->step->number;
	int error = 0;
	for (; count > 0 && !error; count--) {
		size_t got;
		error = actor_recvfrom(a, s, &got);
	}
	return error;
}
