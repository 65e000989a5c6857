/* The UDP client: one datagram for each message, then its reply. Its socket is connected, which
 * sends nothing, but lets the kernel tell an ICMP "port unreachable" as ECONNREFUSED. UDP
 * itself never says that a datagram was lost: silence is all there is. */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "talk.h"

enum { MESSAGE_BYTES = 65536 }; /* more than any datagram's payload */

struct udp_client {
	struct client *client;
	size_t asked_count, silent_count; /* messages; those without a reply */
	bool heard; /* a reply came: this address is the right one */
	bool input_ended;
	size_t count; /* of the input's bytes that wait in input[] */
	char input[MESSAGE_BYTES];
	char reply[MESSAGE_BYTES];
};

enum heard { HEARD_REPLY, HEARD_NOTHING, HEARD_REFUSED, HEARD_FAILED };

static enum heard udp_refused(struct udp_client *u, int cause)
{
	client_refused(u->client, cause);
	return u->heard ? HEARD_FAILED : HEARD_REFUSED;
}

static enum heard udp_receive(struct udp_client *u)
{
	ssize_t got = recv(u->client->fd, u->reply, sizeof(u->reply), MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return HEARD_NOTHING;
	if (got < 0)
		return udp_refused(u, errno);
	u->heard = true;
	u->client->output_in_line = true; /* an empty reply is a line of its own, too */
	if (!client_output(u->client, u->reply, (size_t)got) ||
	    !client_output_end_line(u->client))
		return HEARD_FAILED;
	return HEARD_REPLY;
}

static enum heard udp_wait(struct udp_client *u)
{
	uint64_t until = clock_monotonic_ns() + client_wait_ns(u->client, REPLY_WAIT_NS), now;
	while ((now = clock_monotonic_ns()) < until) {
		struct pollfd wait = {.fd = u->client->fd, .events = POLLIN};
		enum heard heard;
		if (poll(&wait, 1, wait_poll_ms(until - now)) <= 0)
			continue;
		heard = udp_receive(u);
		if (heard != HEARD_NOTHING)
			return heard;
	}
	return HEARD_NOTHING;
}

static enum heard udp_ask(struct udp_client *u, const char *message, size_t count)
{
	if (send(u->client->fd, message, count, 0) >= 0)
		return udp_wait(u);
	if (errno != EMSGSIZE)
		return udp_refused(u, errno);
	err_set(u->client->err, EXIT_USAGE,
		"a message of %zu bytes does not fit into one UDP datagram (65,507 bytes over "
		"IPv4): make it shorter, or use TCP",
		count);
	return HEARD_FAILED;
}

/* Sends one message to the first of the server's addresses that does not refuse it. */
static bool udp_exchange(struct udp_client *u, const char *message, size_t count)
{
	char wait[WAIT_TEXT_SIZE];
	enum heard heard = udp_ask(u, message, count);
	u->asked_count++;
	while (heard == HEARD_REFUSED && u->client->server < u->client->servers.count) {
		talk_say(&u->client->config->talk, "%s", u->client->err->text);
		if (!client_connect(u->client))
			return false;
		heard = udp_ask(u, message, count);
	}
	if (heard != HEARD_NOTHING)
		return heard == HEARD_REPLY;
	wait_text(client_wait_ns(u->client, REPLY_WAIT_NS), wait);
	err_set(u->client->err, EXIT_PARTIAL,
		"no reply within %s from %s: UDP does not say whether the datagram or the "
		"reply was lost",
		wait, u->client->server_words);
	u->silent_count++;
	if (u->client->config->text_count != 1) /* a single one's is the final sentence */
		talk_say(&u->client->config->talk, "%s", u->client->err->text);
	return true;
}

static bool udp_send_texts(struct udp_client *u)
{
	const struct echo_client_config *config = u->client->config;
	for (size_t i = 0; i < config->text_count; i++) {
		if (i > 0 && config->pause_ns)
			clock_sleep_ns(config->pause_ns);
		if (!udp_exchange(u, config->texts[i], strlen(config->texts[i])))
			return false;
	}
	return true;
}

/* Sends every whole line that was read, and at the input's end what follows the last one. */
static bool udp_send_lines(struct udp_client *u)
{
	size_t start = 0;
	while (start < u->count) {
		const char *line = u->input + start;
		const char *newline = memchr(line, '\n', u->count - start);
		size_t count = newline ? (size_t)(newline - line) : u->count - start;
		if (!newline && !u->input_ended)
			break;
		if (!udp_exchange(u, line, count))
			return false;
		start += count + (newline ? 1 : 0);
	}
	memmove(u->input, u->input + start, u->count - start);
	u->count -= start;
	return true;
}

static bool udp_read_input(struct udp_client *u)
{
	ssize_t got;
	if (u->count == sizeof(u->input))
		return err_set(u->client->err, EXIT_USAGE,
			       "line %zu of the input has over 65,507 bytes, more than one UDP "
			       "datagram carries: make it shorter, or use TCP",
			       u->asked_count + 1);
	got = read(u->client->config->input_fd, u->input + u->count,
		   sizeof(u->input) - u->count);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (got < 0)
		return err_set(u->client->err, EXIT_PARTIAL,
			       "cannot read what to send (%s): what came before was sent",
			       strerror(errno));
	u->input_ended = got == 0;
	u->count += (size_t)got;
	return udp_send_lines(u);
}

/* Between the lines, too, datagrams may come: in a chat, from the others. */
static bool udp_send_input(struct udp_client *u)
{
	while (!u->input_ended) {
		struct pollfd waits[2] = {{.fd = u->client->config->input_fd, .events = POLLIN},
					  {.fd = u->client->fd, .events = POLLIN}};
		if (poll(waits, ARRAY_COUNT(waits), -1) < 0)
			continue; /* a signal */
		if (waits[1].revents) {
			enum heard heard = udp_receive(u);
			if (heard == HEARD_REFUSED || heard == HEARD_FAILED)
				return false;
		}
		if (waits[0].revents && !udp_read_input(u))
			return false;
	}
	return true;
}

bool udp_client(struct client *c)
{
	struct udp_client u = {.client = c};
	if (!(c->config->text_count ? udp_send_texts(&u) : udp_send_input(&u)))
		return false;
	if (u.silent_count > 0 && u.asked_count > 1)
		return err_set(c->err, EXIT_PARTIAL,
			       "%zu of %zu messages had no reply from %s: UDP does not say "
			       "whether the datagram or the reply was lost",
			       u.silent_count, u.asked_count, c->server_words);
	return u.silent_count == 0;
}
