/* Chat over TCP: each line goes to every other client.
 *
 * Goals. A line reaches the others whole, not mixed with somebody else's; no byte is lost; a
 * client that reads slowly or never cannot fill the memory nor stop the chat for good.
 * Lines. What follows the last newline waits for the rest of its line, but for LINE_WAIT_NS
 * only: the textbook's clients send no newlines at all. A line over LINE_BYTES goes in pieces.
 * Slow readers. When nearly FULL_BYTES wait for one client, the others are not read until half
 * of it is gone (it may be read itself: it hears nothing of its own). A client that takes
 * nothing for stall_ns while it holds others back is disconnected.
 * Leaving. A half-close means that the client leaves: it gets what waits for it, then our
 * FIN. */
#include "tcp_server.h"

#include <stdio.h>
#include <string.h>

#include "talk.h"

#define LINE_WAIT_NS (200 * NS_PER_MS)
#define TICK_NS (100 * NS_PER_MS)
#define STALL_NS (30 * NS_PER_S)

enum {
	/* One recv() can bring as much again as the unfinished line before it: with that on
	 * top, no client's queue is ever over 1 MiB. */
	FULL_BYTES = 1024 * 1024 - LINE_BYTES - CHUNK_BYTES,
	RELIEVED_BYTES = FULL_BYTES / 2,
};

bool chat_holds_back(const struct tcp_server *s, const struct connection *c)
{
	return s->full_count > (c->full ? 1U : 0U);
}

static bool chat_is_full(const struct connection *c)
{
	size_t waiting = queue_count(&c->out);
	if (c->ended || c->read_ended)
		return false; /* nobody writes to it any more */
	return waiting >= (c->full ? (size_t)RELIEVED_BYTES : (size_t)FULL_BYTES);
}

void chat_measure(struct tcp_server *s, struct connection *c, bool took_something)
{
	bool full = s->config->reply == REPLY_CHAT && chat_is_full(c);
	if (full && (took_something || !c->full))
		c->full_ns = clock_monotonic_ns();
	if (full == c->full)
		return;
	c->full = full;
	s->full_count += full ? 1U : (uint32_t)-1;
	s->full_changed = true;
}

static void chat_pass(struct tcp_server *s, const struct connection *from, const void *bytes,
		      size_t count)
{
	struct connection *next;
	for (struct connection *c = s->open; c && count > 0; c = next) {
		next = c->next; /* giving may end c, which takes it off this list */
		if (c == from || c->read_ended || c->write_ended)
			continue;
		connection_give(s, c, bytes, count);
		connection_settle(s, c);
	}
}

static void chat_drop_line(struct tcp_server *s, struct connection *c)
{
	if (c->line.len > 0)
		s->unfinished_count--;
	buf_close(&c->line);
}

static void chat_keep_line(struct tcp_server *s, struct connection *c, const uint8_t *bytes,
			   size_t count)
{
	bool first = c->line.len == 0;
	if (count == 0)
		return;
	if (!buf_add(&c->line, bytes, count)) {
		connection_end(s, c, "disconnected, out of memory for its line");
		return;
	}
	s->unfinished_count += first ? 1U : 0U;
	c->line_ns = clock_monotonic_ns();
}

void chat_pass_unfinished(struct tcp_server *s, struct connection *from)
{
	chat_pass(s, from, from->line.at, from->line.len);
	chat_drop_line(s, from);
}

void chat_leave(struct tcp_server *s, struct connection *c)
{
	chat_drop_line(s, c);
	chat_measure(s, c, false);
}

void chat_take(struct tcp_server *s, struct connection *from, const uint8_t *bytes,
	       size_t count)
{
	const uint8_t *newline = memrchr(bytes, '\n', count);
	size_t whole = newline ? (size_t)(newline + 1 - bytes) : 0;
	if (newline || from->line.len + count > LINE_BYTES)
		chat_pass_unfinished(s, from);
	chat_pass(s, from, bytes, whole);
	chat_keep_line(s, from, bytes + whole, count - whole);
}

bool chat_waits(const struct tcp_server *s)
{
	return s->full_count > 0 || s->unfinished_count > 0;
}

static void chat_disconnect_stalled(struct tcp_server *s, struct connection *c,
				    uint64_t stall_ns)
{
	/* With this, close() sends RST: the kernel need not keep what nobody takes. */
	struct linger abort_at_close = {.l_onoff = 1, .l_linger = 0};
	char wait[WAIT_TEXT_SIZE], why[128];
	(void)setsockopt(c->connection_fd, SOL_SOCKET, SO_LINGER, &abort_at_close,
			 sizeof(abort_at_close));
	wait_text(stall_ns, wait);
	snprintf(why, sizeof(why), "disconnected, it took nothing for %s while others waited",
		 wait);
	connection_end(s, c, why);
}

void chat_tick(struct tcp_server *s)
{
	uint64_t stall_ns = s->config->stall_ns ? s->config->stall_ns : STALL_NS;
	uint64_t now = clock_monotonic_ns();
	struct connection *next;
	if (now < s->chat_tick_ns)
		return;
	s->chat_tick_ns = now + TICK_NS;
	for (struct connection *c = s->open; c; c = next) {
		next = c->next; /* it may end before its turn, but stays for this round */
		if (c->line.len > 0 && now - c->line_ns >= LINE_WAIT_NS &&
		    !chat_holds_back(s, c))
			chat_pass_unfinished(s, c);
		if (c->full && s->open_count > 1 && now - c->full_ns >= stall_ns)
			chat_disconnect_stalled(s, c, stall_ns);
	}
}
