/* The TCP client with messages: sends one, prints its reply, then the next; at the end a
 * half-close, and what the server still has to say.
 *
 * Where a reply ends, TCP does not tell: it keeps no message borders. A reply is taken for
 * complete when it has as many newlines as the message, or as many bytes; failing both (the
 * server of other people that answers two words without a newline) after SILENCE_NS in which
 * nothing more came. */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "talk.h"

#define SILENCE_NS (200 * NS_PER_MS)

struct exchange {
	const char *message;
	size_t count, lines; /* of the message */
	size_t sent;
	size_t got, got_lines; /* of the reply */
};

enum stream_state { STREAM_OPEN, STREAM_ENDED, STREAM_FAILED };

static size_t count_lines(const char *bytes, size_t count)
{
	size_t lines = 0;
	for (size_t i = 0; i < count; i++)
		lines += bytes[i] == '\n';
	return lines;
}

static bool exchange_is_complete(const struct exchange *x)
{
	return x->sent == x->count && (x->got >= x->count || x->got_lines >= x->lines);
}

static enum stream_state exchange_receive(struct client *c, struct exchange *x)
{
	char bytes[16 * 1024];
	ssize_t got = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return STREAM_OPEN;
	if (got < 0) {
		client_fail_reset(c);
		return STREAM_FAILED;
	}
	if (got == 0)
		return STREAM_ENDED;
	x->got += (size_t)got;
	x->got_lines += count_lines(bytes, (size_t)got);
	return client_output(c, bytes, (size_t)got) ? STREAM_OPEN : STREAM_FAILED;
}

static bool exchange_send(struct client *c, struct exchange *x)
{
	ssize_t sent = send(c->fd, x->message + x->sent, x->count - x->sent,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent >= 0)
		x->sent += (size_t)sent;
	else if (errno != EAGAIN && errno != EINTR)
		return client_fail_reset(c);
	return true;
}

static bool exchange_fail_silent(struct client *c, const struct exchange *x, uint64_t waited_ns)
{
	char wait[WAIT_TEXT_SIZE];
	wait_text(waited_ns, wait);
	if (x->sent < x->count)
		return err_set(c->err, EXIT_PARTIAL,
			       "%s takes no more bytes since %s: its program does not read",
			       c->server_words, wait);
	return err_set(c->err, EXIT_PARTIAL,
		       "no reply within %s from %s: the connection stands, its program says "
		       "nothing; --wait gives it longer",
		       wait, c->server_words);
}

static bool exchange_fail_closed(struct client *c, const struct exchange *x)
{
	int shown = x->count > 40 ? 40 : (int)x->count - 1; /* without the newline */
	return err_set(c->err, EXIT_PARTIAL,
		       "%s closed the connection without a reply to \"%.*s\": its program "
		       "takes no more messages, or failed",
		       c->server_words, shown, x->message);
}

static bool exchange_run(struct client *c, struct exchange *x)
{
	uint64_t wait_ns = client_wait_ns(c, REPLY_WAIT_NS);
	while (!exchange_is_complete(x)) {
		bool may_be_over = x->sent == x->count && x->got > 0;
		uint64_t patience = may_be_over && SILENCE_NS < wait_ns ? SILENCE_NS : wait_ns;
		struct pollfd wait = {.fd = c->fd, .events = POLLIN};
		enum stream_state state;
		int ready;
		if (x->sent < x->count)
			wait.events |= POLLOUT;
		ready = poll(&wait, 1, wait_poll_ms(patience));
		if (ready == 0)
			return may_be_over || exchange_fail_silent(c, x, wait_ns);
		if (ready < 0)
			continue; /* a signal */
		if (wait.revents & POLLOUT && !exchange_send(c, x))
			return false;
		state = exchange_receive(c, x);
		if (state == STREAM_ENDED && x->got == 0)
			return exchange_fail_closed(c, x);
		if (state != STREAM_OPEN)
			return state == STREAM_ENDED;
	}
	return true;
}

static bool client_send_text(struct client *c, const char *text)
{
	struct buf message = {0};
	struct exchange x = {.sent = 0};
	bool ok = false;
	buf_add(&message, text, strlen(text));
	buf_add(&message, "\n", 1);
	if (message.failed) {
		err_memory(c->err);
	} else {
		x.message = message.at;
		x.count = message.len;
		x.lines = count_lines(message.at, message.len);
		ok = exchange_run(c, &x) && client_output_end_line(c);
	}
	buf_close(&message);
	return ok;
}

/* After our FIN: whatever the server still sends, until its own. */
static bool client_read_to_end(struct client *c)
{
	uint64_t wait_ns = client_wait_ns(c, REPLY_WAIT_NS);
	struct exchange x = {.sent = 0};
	enum stream_state state = STREAM_OPEN;
	(void)shutdown(c->fd, SHUT_WR); /* fails only if the server is gone: recv() says so */
	while (state == STREAM_OPEN) {
		struct pollfd wait = {.fd = c->fd, .events = POLLIN};
		if (poll(&wait, 1, wait_poll_ms(wait_ns)) == 0) {
			char text[WAIT_TEXT_SIZE];
			wait_text(wait_ns, text);
			talk_say(&c->config->talk,
				 "%s answered all, but did not close its side within %s",
				 c->server_words, text);
			break;
		}
		state = exchange_receive(c, &x);
	}
	return client_output_end_line(c) && state != STREAM_FAILED;
}

bool tcp_client_texts(struct client *c)
{
	for (size_t i = 0; i < c->config->text_count; i++) {
		if (i > 0 && c->config->pause_ns)
			clock_sleep_ns(c->config->pause_ns);
		if (!client_send_text(c, c->config->texts[i]))
			return false;
	}
	return client_read_to_end(c);
}
