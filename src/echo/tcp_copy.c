/* The TCP client without messages: input_fd goes to the server, what the server sends goes to
 * output_fd, both at once, byte for byte.
 *
 * Theory of operation. One poll() waits for whichever of input, socket and output can move;
 * each direction has one buffer that is filled when empty and emptied before it is filled
 * again, so neither direction can block the other, and a slow reader holds the sender back.
 * At the input's end comes our FIN (a half-close), and the server's bytes go on until its own.
 * If the server ends first, the input goes on while there is some (the server may read on after
 * a half-close of its own), and ends when there is none for a while.
 * The bound: after our FIN, a server that neither sends, nor takes (SIOCOUTQ), nor closes. */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>
#include <unistd.h>

#include "talk.h"

/* A pipe that is ready takes that many bytes (PIPE_BUF) without blocking, others take more. */
enum { OUTPUT_BYTES = 4096 };

struct flow {
	size_t start, count; /* bytes[start..start + count) are on their way */
	bool ended;          /* the source will give no more */
	uint8_t bytes[64 * 1024];
};

struct copy {
	struct client *client;
	struct flow up, down; /* to the server, from it */
	bool finished;        /* our FIN is sent */
	bool lost;            /* the server did not take all of the input */
	int untaken_bytes;    /* what the server had not acknowledged when last asked */
};

enum { WAIT_INPUT, WAIT_SOCKET, WAIT_OUTPUT, WAITS };

static void copy_waits(const struct copy *k, struct pollfd waits[static WAITS])
{
	const struct echo_client_config *config = k->client->config;
	bool wants_input = k->up.count == 0 && !k->up.ended;
	bool wants_output = k->down.count > 0;
	short events = 0;
	if (k->down.count == 0 && !k->down.ended)
		events |= POLLIN;
	if (k->up.count > 0)
		events |= POLLOUT;
	/* poll() reports errors even to those who wait for nothing: -1 hides a descriptor */
	waits[WAIT_INPUT] = (struct pollfd){wants_input ? config->input_fd : -1, POLLIN, 0};
	waits[WAIT_SOCKET] = (struct pollfd){events ? k->client->fd : -1, events, 0};
	waits[WAIT_OUTPUT] = (struct pollfd){wants_output ? config->output_fd : -1, POLLOUT, 0};
}

static bool copy_input(struct copy *k)
{
	struct flow *up = &k->up;
	ssize_t got = read(k->client->config->input_fd, up->bytes, sizeof(up->bytes));
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (got < 0)
		return err_set(k->client->err, EXIT_PARTIAL,
			       "cannot read what to send (%s): what came before was sent",
			       strerror(errno));
	up->ended = got == 0;
	up->start = 0;
	up->count = (size_t)got;
	return true;
}

static void copy_send(struct copy *k)
{
	struct flow *up = &k->up;
	ssize_t sent = send(k->client->fd, up->bytes + up->start, up->count,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent >= 0) {
		up->start += (size_t)sent;
		up->count -= (size_t)sent;
	} else if (errno != EAGAIN && errno != EINTR) {
		k->lost = true; /* but what it sent before may still be read */
		up->ended = true;
		up->count = 0;
	}
}

static bool copy_receive(struct copy *k)
{
	struct flow *down = &k->down;
	ssize_t got = recv(k->client->fd, down->bytes, sizeof(down->bytes), MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (got < 0)
		return client_fail_reset(k->client);
	down->ended = got == 0;
	down->start = 0;
	down->count = (size_t)got;
	return true;
}

static bool copy_output(struct copy *k)
{
	struct flow *down = &k->down;
	size_t part = down->count < OUTPUT_BYTES ? down->count : OUTPUT_BYTES;
	if (!client_output(k->client, down->bytes + down->start, part))
		return false;
	down->start += part;
	down->count -= part;
	return true;
}

static bool copy_move(struct copy *k, const struct pollfd waits[static WAITS])
{
	if (waits[WAIT_INPUT].revents && !copy_input(k))
		return false;
	if (waits[WAIT_SOCKET].revents && k->up.count > 0)
		copy_send(k);
	if (waits[WAIT_SOCKET].revents & ~POLLOUT && k->down.count == 0 && !copy_receive(k))
		return false;
	if (waits[WAIT_OUTPUT].revents && !copy_output(k))
		return false;
	if (k->up.ended && k->up.count == 0 && !k->finished) {
		k->finished = true;
		(void)shutdown(k->client->fd, SHUT_WR); /* fails only if the server is gone */
	}
	return true;
}

static uint64_t copy_patience_ns(const struct copy *k)
{
	if (k->down.count > 0 || k->up.count > 0)
		return 0; /* somebody reads slowly: that may take as long as it takes */
	if (k->finished && !k->down.ended)
		return client_wait_ns(k->client, CLOSE_WAIT_NS);
	return k->down.ended ? client_wait_ns(k->client, REPLY_WAIT_NS) : 0;
}

static bool copy_is_over(const struct copy *k)
{
	return k->down.ended && k->down.count == 0 && k->finished;
}

/* Nothing moved for as long as was waited. True: it may go on. */
static bool copy_still_hopes(struct copy *k, uint64_t waited_ns)
{
	int before = k->untaken_bytes;
	char wait[WAIT_TEXT_SIZE];
	if (k->down.ended) {
		talk_say(&k->client->config->talk, "%s closed the connection",
			 k->client->server_words);
		k->finished = true; /* nobody waits for input that does not come */
		return true;
	}
	if (ioctl(k->client->fd, SIOCOUTQ, &k->untaken_bytes) == 0 && k->untaken_bytes > 0 &&
	    k->untaken_bytes != before)
		return true; /* the server still takes what we sent */
	wait_text(waited_ns, wait);
	return err_set(k->client->err, EXIT_PARTIAL,
		       "%s neither answered nor closed its side within %s of the input's end; "
		       "--wait gives it longer",
		       k->client->server_words, wait);
}

bool tcp_client_copy(struct client *c)
{
	struct copy k = {.client = c};
	while (!copy_is_over(&k)) {
		uint64_t patience = copy_patience_ns(&k);
		struct pollfd waits[WAITS];
		int ready;
		copy_waits(&k, waits);
		ready = poll(waits, WAITS, patience ? wait_poll_ms(patience) : -1);
		if (ready < 0)
			continue; /* a signal */
		if (ready == 0 ? !copy_still_hopes(&k, patience) : !copy_move(&k, waits))
			return false;
	}
	if (k.lost)
		return err_set(c->err, EXIT_PARTIAL,
			       "%s closed the connection before it took all of the input",
			       c->server_words);
	return true;
}
