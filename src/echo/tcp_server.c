/* The TCP server.
 *
 * Theory of operation. Goals: many clients at once in one process without threads; no client
 * can stop the others, fill the memory or lose a byte by being slow.
 * A listening socket only makes connections: for each client accept() returns a socket of its
 * own, with the same local port; the four addresses and ports together tell them apart. One
 * epoll instance says which sockets have something to do, and each gets one turn a round.
 * Limits: answers that a client does not take wait in its queue, QUEUE_BYTES at most; then it
 * is not read until it takes them (chat.c has rules of its own). When this process has no
 * descriptor left, clients wait in the kernel's queue until one is free.
 * Not handled: a client that is connected and silent may stay for ever; keep-alive (two hours,
 * RFC 9293 3.8.4) finds the ones that are gone.
 * Stopping: no new clients; what has arrived is answered, what is queued is sent, then our FIN,
 * then the clients have until theirs, STOP_NS in all and STOP_QUIET_MS of silence. */
#include "tcp_server.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "talk.h"

#define STOP_NS (2 * NS_PER_S)

enum {
	ROUND_EVENTS = 256,
	ROUND_ACCEPTS = 256, /* clients who are here already want a turn, too */
	STOP_QUIET_MS = 300,
	CHAT_TICK_MS = 100,
	ACCEPT_RETRY_MS = 1000,
};

bool server_watch(struct tcp_server *s, int fd, enum watch watch, uint32_t index)
{
	struct epoll_event event = {.events = EPOLLIN};
	event.data.u64 = (uint64_t)watch << 32 | index;
	return epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* Waiting at accept() without a descriptor to give would be a busy loop. */
static void server_accept_pause(struct tcp_server *s, bool pause)
{
	if (pause == s->accept_paused)
		return;
	s->accept_paused = pause;
	for (uint32_t i = 0; i < s->listeners.count; i++) {
		int listen_fd = s->listeners.at[i].fd;
		if (pause)
			(void)epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, listen_fd, NULL);
		else
			(void)server_watch(s, listen_fd, WATCH_LISTENER, i);
	}
}

static void server_accept_failed(struct tcp_server *s, int cause)
{
	/* Everything else is about one client that is gone already, see accept(2). */
	if (cause != EMFILE && cause != ENFILE && cause != ENOBUFS && cause != ENOMEM)
		return;
	server_accept_pause(s, true);
	if (!s->accept_limit_said)
		talk_say(&s->config->talk,
			 "%" PRIu64 " clients are served, for more there is no room (%s): they "
			 "wait until one leaves; `ulimit -n` shows and raises the limit",
			 s->open_count, strerror(cause));
	s->accept_limit_said = true;
}

static void server_accept(struct tcp_server *s, uint32_t listener)
{
	uint64_t most = s->config->max_clients;
	for (int i = 0; i < ROUND_ACCEPTS && s->listeners.count > 0; i++) {
		struct address peer = {.len = sizeof(struct sockaddr_in6)};
		int connection_fd = accept4(s->listeners.at[listener].fd, &peer.any, &peer.len,
					    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (connection_fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (connection_fd < 0) {
			if (errno != EAGAIN)
				server_accept_failed(s, errno);
			return;
		}
		connection_open(s, connection_fd, &peer);
		if (++s->accepted_count == most)
			listeners_close(&s->listeners);
	}
}

static void server_stop(struct tcp_server *s)
{
	struct connection *next;
	if (s->stopping)
		return;
	listeners_close(&s->listeners);
	for (struct connection *c = s->open; c; c = c->next)
		connection_read(s, c); /* what has arrived is answered */
	s->stopping = true;
	s->stop_by_ns = clock_monotonic_ns() + STOP_NS;
	for (struct connection *c = s->open; c; c = next) {
		next = c->next;
		connection_settle(s, c);
	}
	/* The stop descriptor stays readable: it must not wake us again. */
	(void)epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, s->config->stop_fd, NULL);
}

static void server_event(struct tcp_server *s, const struct epoll_event *event)
{
	uint32_t index = (uint32_t)event->data.u64;
	switch ((enum watch)(event->data.u64 >> 32)) {
	case WATCH_LISTENER:
		server_accept(s, index);
		break;
	case WATCH_STOP:
		server_stop(s);
		break;
	case WATCH_CONNECTION:
		connection_ready(s, pool_at(&s->pool, index), event->events);
		break;
	}
}

static int server_patience_ms(const struct tcp_server *s)
{
	if (s->stopping)
		return STOP_QUIET_MS;
	if (chat_waits(s))
		return CHAT_TICK_MS;
	return s->accept_paused ? ACCEPT_RETRY_MS : -1;
}

/* What a round of events has left to do. Says whether descriptors became free. */
static bool server_round_end(struct tcp_server *s)
{
	struct connection *c, *next;
	bool any_ended;
	if (chat_waits(s))
		chat_tick(s);
	if (s->full_changed) {
		s->full_changed = false;
		for (c = s->open; c; c = next) {
			next = c->next;
			connection_settle(s, c);
		}
	}
	any_ended = s->ended != NULL;
	for (c = s->ended; c; c = next) {
		next = c->previous;
		connection_close(s, c);
	}
	s->ended = NULL;
	return any_ended;
}

static bool server_has_unsent(const struct tcp_server *s)
{
	for (const struct connection *c = s->open; c; c = c->next)
		if (queue_count(&c->out) > 0)
			return true;
	return false;
}

static bool server_is_done(const struct tcp_server *s, bool quiet)
{
	bool over = s->open_count == 0 && s->listeners.count == 0;
	if (over || !s->stopping)
		return over;
	return clock_monotonic_ns() >= s->stop_by_ns || (quiet && !server_has_unsent(s));
}

static bool server_loop(struct tcp_server *s, struct err *err)
{
	struct epoll_event events[ROUND_EVENTS];
	bool quiet = false;
	while (!server_is_done(s, quiet)) {
		int patience_ms = server_patience_ms(s);
		int count = epoll_wait(s->epoll_fd, events, ROUND_EVENTS, patience_ms);
		if (count < 0 && errno != EINTR)
			return err_set(err, EXIT_PERMISSION, "cannot wait for clients: %s",
				       strerror(errno));
		quiet = count == 0;
		for (int i = 0; i < count; i++)
			server_event(s, &events[i]);
		if (server_round_end(s) || quiet)
			server_accept_pause(s, false);
	}
	return true;
}

/* Each client takes a descriptor; 1024, the usual soft limit, is fewer than this can serve. */
static void server_raise_file_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit); /* else fewer clients: said then */
	}
}

static bool server_start(struct tcp_server *s, struct err *err)
{
	int stop_fd = s->config->stop_fd;
	bool watched = true;
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll_fd < 0)
		return err_set(err, EXIT_PERMISSION, "cannot make an epoll instance: %s",
			       strerror(errno));
	if (!listeners_open(&s->listeners, s->config, err))
		return false;
	for (uint32_t i = 0; i < s->listeners.count; i++)
		watched = watched && server_watch(s, s->listeners.at[i].fd, WATCH_LISTENER, i);
	if (!watched || (stop_fd >= 0 && !server_watch(s, stop_fd, WATCH_STOP, 0)))
		return err_set(err, EXIT_PERMISSION,
			       "cannot watch the server's descriptors: %s", strerror(errno));
	listeners_tell_port(&s->listeners, s->config);
	return true;
}

bool tcp_server(const struct echo_server_config *config, struct err *err)
{
	struct tcp_server *s = calloc(1, sizeof(*s));
	bool ok;
	if (!s)
		return err_memory(err);
	s->config = config;
	pool_init(&s->pool, sizeof(struct connection), 0);
	server_raise_file_limit();
	ok = server_start(s, err) && server_loop(s, err);
	while (s->open)
		connection_end(s, s->open, "server stopped");
	server_round_end(s);
	if (ok)
		talk_say(&config->talk, "server stopped: %" PRIu64 " clients in all",
			 s->accepted_count);
	listeners_close(&s->listeners);
	if (s->epoll_fd >= 0)
		close(s->epoll_fd);
	pool_close(&s->pool);
	free(s);
	return ok;
}
