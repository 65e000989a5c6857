/* One client of the TCP server: its socket, what waits to be sent, how it ends. */
#include "tcp_server.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "reply.h"
#include "talk.h"

void connection_open(struct tcp_server *s, int connection_fd, const struct address *peer)
{
	char text[ADDRESS_TEXT_SIZE];
	uint32_t index = pool_take(&s->pool);
	struct connection *c;
	address_text(peer, text);
	if (!index || !server_watch(s, connection_fd, WATCH_CONNECTION, index)) {
		talk_say(&s->config->talk, "%s turned away: out of memory", text);
		if (index)
			pool_give(&s->pool, index);
		close(connection_fd);
		return;
	}
	c = pool_at(&s->pool, index);
	c->connection_fd = connection_fd;
	c->index = index;
	c->events = EPOLLIN;
	c->peer = *peer;
	c->next = s->open;
	if (s->open)
		s->open->previous = c;
	s->open = c;
	s->open_count++;
	talk_say(&s->config->talk, "%s connected (connection socket %d)", text, connection_fd);
}

void connection_end(struct tcp_server *s, struct connection *c, const char *why)
{
	char text[ADDRESS_TEXT_SIZE];
	if (c->ended)
		return;
	c->ended = true;
	chat_leave(s, c);
	address_text(&c->peer, text);
	talk_say(&s->config->talk,
		 "%s left: %s (%" PRIu64 " bytes received, %" PRIu64 " sent, %zu not taken)",
		 text, why, c->received_bytes, c->sent_bytes, queue_count(&c->out));
	if (c->previous)
		c->previous->next = c->next;
	else
		s->open = c->next;
	if (c->next)
		c->next->previous = c->previous;
	s->open_count--;
	/* Its descriptor and index stay taken until this round of events is through: one of
	 * them might be about it, and must not meet a new client of the same number. */
	c->previous = s->ended;
	s->ended = c;
}

void connection_close(struct tcp_server *s, struct connection *c)
{
	close(c->connection_fd);
	queue_close(&c->out);
	buf_close(&c->line);
	pool_give(&s->pool, c->index);
}

static void connection_fail(struct tcp_server *s, struct connection *c, int cause)
{
	if (cause == ECONNRESET || cause == EPIPE)
		connection_end(s, c, "reset the connection (RST)");
	else
		connection_end(s, c, strerror(cause));
}

/* How many bytes the socket had room for; the connection is over if it has failed. */
static size_t connection_send(struct tcp_server *s, struct connection *c, const void *bytes,
			      size_t count)
{
	/* Without MSG_NOSIGNAL one client's RST would end the server with SIGPIPE. */
	ssize_t sent = send(c->connection_fd, bytes, count, MSG_NOSIGNAL);
	if (sent < 0) {
		if (errno != EAGAIN && errno != EINTR)
			connection_fail(s, c, errno);
		return 0;
	}
	c->sent_bytes += (uint64_t)sent;
	return (size_t)sent;
}

void connection_give(struct tcp_server *s, struct connection *c, const void *bytes,
		     size_t count)
{
	size_t sent = 0;
	if (c->ended)
		return;
	if (queue_count(&c->out) == 0)
		sent = connection_send(s, c, bytes, count);
	if (c->ended || sent == count)
		return;
	if (!queue_add(&c->out, (const uint8_t *)bytes + sent, count - sent))
		connection_end(s, c, "disconnected, out of memory for its answers");
	chat_measure(s, c, sent > 0);
}

static void connection_flush(struct tcp_server *s, struct connection *c)
{
	size_t sent;
	if (queue_count(&c->out) == 0)
		return;
	sent = connection_send(s, c, queue_bytes(&c->out), queue_count(&c->out));
	if (c->ended)
		return;
	queue_drop(&c->out, sent);
	chat_measure(s, c, sent > 0);
}

/* Backpressure: who does not take answers is not asked for more, so memory stays bounded and
 * TCP's own window holds the sender back; no byte is lost. */
static bool connection_wants_read(const struct tcp_server *s, const struct connection *c)
{
	if (c->read_ended)
		return false;
	if (s->stopping)
		return true;
	if (s->config->reply == REPLY_CHAT)
		return !chat_holds_back(s, c);
	return queue_count(&c->out) < QUEUE_BYTES;
}

static size_t connection_read_room(const struct tcp_server *s, const struct connection *c)
{
	if (s->stopping || s->config->reply == REPLY_CHAT)
		return CHUNK_BYTES;
	return QUEUE_BYTES - queue_count(&c->out);
}

/* One recv(), one answer, as the textbook's servers do it. TCP keeps no message borders: two
 * sends of a client may arrive in one recv(), and one send in several. */
void connection_read(struct tcp_server *s, struct connection *c)
{
	const uint8_t *answer;
	size_t count;
	ssize_t got;
	if (c->ended || !connection_wants_read(s, c))
		return;
	got = recv(c->connection_fd, s->chunk, connection_read_room(s, c), 0);
	if (got < 0) {
		if (errno != EAGAIN && errno != EINTR)
			connection_fail(s, c, errno);
		return;
	}
	if (got == 0) { /* the client's FIN, after everything that it sent */
		c->read_ended = true;
		chat_pass_unfinished(s, c);
		chat_measure(s, c, false);
		return;
	}
	c->received_bytes += (uint64_t)got;
	count = (size_t)got;
	if (s->stopping)
		return; /* read only to be thrown away: close() with unread bytes sends RST */
	if (s->config->reply == REPLY_CHAT) {
		chat_take(s, c, s->chunk, count);
		return;
	}
	answer = reply_make(s->config->reply, s->chunk, &count);
	connection_give(s, c, answer, count);
}

/* Half-close: a client that has sent its FIN still gets every answer; then comes ours. */
void connection_settle(struct tcp_server *s, struct connection *c)
{
	struct epoll_event event = {.events = 0};
	bool empty = queue_count(&c->out) == 0;
	if (c->ended)
		return;
	if (c->read_ended && empty) {
		connection_end(s, c, s->stopping ? "server stopping" : "closed");
		return;
	}
	if (s->stopping && empty && !c->write_ended) {
		c->write_ended = true;
		(void)shutdown(c->connection_fd, SHUT_WR); /* fails only if it is gone anyway */
	}
	if (connection_wants_read(s, c))
		event.events |= EPOLLIN;
	if (!empty)
		event.events |= EPOLLOUT;
	if (event.events == c->events)
		return;
	c->events = event.events;
	event.data.u64 = (uint64_t)WATCH_CONNECTION << 32 | c->index;
	if (epoll_ctl(s->epoll_fd, EPOLL_CTL_MOD, c->connection_fd, &event) != 0)
		connection_end(s, c, strerror(errno));
}

void connection_ready(struct tcp_server *s, struct connection *c, uint32_t events)
{
	if (c->ended)
		return;
	if (events & EPOLLOUT)
		connection_flush(s, c);
	if (events & EPOLLIN)
		connection_read(s, c);
	/* A client that is held back can still reset; nothing else would notice. */
	if (events & (EPOLLERR | EPOLLHUP) && c->events == 0)
		connection_fail(s, c, ECONNRESET);
	connection_settle(s, c);
}
