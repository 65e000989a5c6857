#include "actor.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const socket_words[] = {"tcp", "udp", "tcp6", "udp6"};
static const struct {
	int family, type;
} socket_kinds[] = {
	{AF_INET, SOCK_STREAM},
	{AF_INET, SOCK_DGRAM},
	{AF_INET6, SOCK_STREAM},
	{AF_INET6, SOCK_DGRAM},
};

static const char *const shutdown_words[] = {"read", "write", "both"};
static const int shutdown_ways[] = {SHUT_RD, SHUT_WR, SHUT_RDWR};

/* The oldest that is closed makes room: names of long ago are the least likely to be meant. */
struct actor_socket *actor_socket_new(struct actor *a)
{
	struct actor_socket *best = NULL;
	for (size_t i = 0; i < ARRAY_COUNT(a->sockets); i++) {
		struct actor_socket *s = &a->sockets[i];
		bool open = s->made && s->fd >= 0;
		if (!open && (!best || s->made < best->made))
			best = s;
	}
	if (!best)
		actor_tell(a, EXIT_USAGE,
			   "%d sockets are open, one more is too many: close some",
			   ACTOR_SOCKETS_MAX);
	return best;
}

static void socket_fill(struct actor *a, struct actor_socket *row, struct actor_socket made)
{
	made.name = a->step->as;
	made.made = ++a->made;
	*row = made;
}

/* Without a name an open one is meant, if there is any; with one, the newest that bears it. */
struct actor_socket *actor_socket_find(struct actor *a)
{
	struct actor_socket *best = NULL;
	const char *name = a->step->on;
	for (size_t i = 0; i < ARRAY_COUNT(a->sockets); i++) {
		struct actor_socket *s = &a->sockets[i];
		bool better = !best || s->made > best->made;
		if (!s->made || (name && (!s->name || strcmp(s->name, name) != 0)))
			continue;
		if (!name && best && (s->fd >= 0) != (best->fd >= 0))
			better = s->fd >= 0;
		if (better)
			best = s;
	}
	return best;
}

/* In the order of their descriptors, as the kernel does for a process that exits. */
void actor_sockets_close(struct actor *a)
{
	for (;;) {
		struct actor_socket *least = NULL;
		for (size_t i = 0; i < ARRAY_COUNT(a->sockets); i++) {
			struct actor_socket *s = &a->sockets[i];
			if (s->made && s->fd >= 0 && (!least || s->fd < least->fd))
				least = s;
		}
		if (!least)
			return;
		close(least->fd);
		least->fd = -1;
	}
}

int step_socket(struct actor *a, struct actor_socket *s)
{
	const char *word = a->step->text ? a->step->text : "";
	static const struct words words = {socket_words, ARRAY_COUNT(socket_words)};
	struct actor_socket made = {.fd = -1}, *row;
	struct actor_call *call;
	size_t kind;
	(void)s;
	if (!words_find(&words, word, &kind))
		return actor_tell(
			a, EXIT_USAGE,
			"socket makes \"tcp\", \"udp\", \"tcp6\" or \"udp6\", not \"%.40s\"",
			word);
	row = actor_socket_new(a);
	if (!row)
		return STEP_TOLD;
	made.family = a->config->ipv6 ? AF_INET6 : socket_kinds[kind].family;
	made.type = socket_kinds[kind].type;
	call = actor_call_open(a, STEP_SOCKET, -1);
	made.fd = socket(made.family, made.type | SOCK_CLOEXEC, 0);
	if (made.fd >= 0)
		socket_fill(a, row, made);
	return actor_call_close(call, made.fd);
}

int step_bind(struct actor *a, struct actor_socket *s)
{
	const char *text = a->step->text;
	struct actor_call *call;
	struct address at;
	char port[24];
	if (!text) {
		snprintf(port, sizeof(port), "%lld", (long long)a->step->number);
		text = port;
	}
	if (!actor_address(a, s->family, text, &at))
		return STEP_TOLD;
	call = actor_call_open(a, STEP_BIND, s->fd);
	return actor_call_close(call, bind(s->fd, &at.any, at.len));
}

int step_listen(struct actor *a, struct actor_socket *s)
{
	int64_t number = a->step->number;
	int backlog = number < 0 || number > INT_MAX ? SOMAXCONN : (int)number;
	struct actor_call *call = actor_call_open(a, STEP_LISTEN, s->fd);
	return actor_call_close(call, listen(s->fd, backlog));
}

int step_accept(struct actor *a, struct actor_socket *s)
{
	struct actor_socket made = {.family = s->family, .type = s->type};
	struct actor_socket *row = actor_socket_new(a);
	struct actor_call *call;
	if (!row)
		return STEP_TOLD;
	call = actor_call_open(a, STEP_ACCEPT, s->fd);
	do
		made.fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
	while (made.fd < 0 && errno == EINTR);
	if (made.fd >= 0)
		socket_fill(a, row, made);
	return actor_call_close(call, made.fd);
}

/* connect() that a signal interrupts goes on in the kernel; a second call would only be told
 * EALREADY. What became of it is in SO_ERROR once the socket is writable (connect(2)). */
static int connect_finish(int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLOUT};
	int error = 0;
	socklen_t size = sizeof(error);
	while (poll(&wait, 1, -1) < 0 && errno == EINTR)
		continue;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		return -1;
	errno = error;
	return error ? -1 : 0;
}

int step_connect(struct actor *a, struct actor_socket *s)
{
	struct actor_call *call;
	struct address to;
	int result;
	if (!actor_address(a, s->family, a->step->text, &to))
		return STEP_TOLD;
	call = actor_call_open(a, STEP_CONNECT, s->fd);
	result = connect(s->fd, &to.any, to.len);
	if (result < 0 && errno == EINTR)
		result = connect_finish(s->fd);
	return actor_call_close(call, result);
}

int step_shutdown(struct actor *a, struct actor_socket *s)
{
	const char *word = a->step->text ? a->step->text : "";
	static const struct words words = {shutdown_words, ARRAY_COUNT(shutdown_words)};
	struct actor_call *call;
	size_t way;
	if (!words_find(&words, word, &way))
		return actor_tell(
			a, EXIT_USAGE,
			"shutdown ends \"write\", \"read\" or \"both\", not \"%.40s\"", word);
	call = actor_call_open(a, STEP_SHUTDOWN, s->fd);
	return actor_call_close(call, shutdown(s->fd, shutdown_ways[way]));
}

int step_close(struct actor *a, struct actor_socket *s)
{
	struct actor_call *call = actor_call_open(a, STEP_CLOSE, s->fd);
	int error = actor_call_close(call, close(s->fd));
	s->fd = -1; /* even when a signal came: Linux has let the descriptor go by then */
	return error;
}

int step_abort(struct actor *a, struct actor_socket *s)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0}; /* close drops all and sends RST */
	struct actor_call *call = actor_call_open(a, STEP_SETSOCKOPT, s->fd);
	int result = setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	int error = actor_call_close(call, result);
	return error ? error : step_close(a, s);
}
