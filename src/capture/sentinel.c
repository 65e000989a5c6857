#include "sentinel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define AGAIN_NS (100 * NS_PER_MS) /* a full ring may have dropped the last one */

static int sentinel_socket(void)
{
	struct sockaddr_in local = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && bind(fd, (const struct sockaddr *)&local, sizeof(local)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The two sockets know only each other: nothing else reaches them, and no ICMP error comes
 * back. */
static bool sentinel_connect(struct sentinel *sentinel)
{
	struct sockaddr_in from = {0}, to = {0};
	socklen_t from_size = sizeof(from), to_size = sizeof(to);
	if (sentinel->from < 0 || sentinel->to < 0 ||
	    getsockname(sentinel->from, (struct sockaddr *)&from, &from_size) != 0 ||
	    getsockname(sentinel->to, (struct sockaddr *)&to, &to_size) != 0)
		return false;
	sentinel->port = ntohs(to.sin_port);
	return connect(sentinel->from, (const struct sockaddr *)&to, to_size) == 0 &&
	       connect(sentinel->to, (const struct sockaddr *)&from, from_size) == 0;
}

static bool sentinel_failed(struct err *err)
{
	return err_set(
		err, EXIT_PERMISSION,
		"cannot send a datagram through the private loopback: %s; see `ulimit -n`",
		strerror(errno));
}

bool sentinel_open(struct sentinel *sentinel, struct err *err)
{
	*sentinel = (struct sentinel){.from = sentinel_socket(), .to = sentinel_socket()};
	if (!sentinel_connect(sentinel) ||
	    getrandom(sentinel->token, sizeof(sentinel->token), 0) != sizeof(sentinel->token)) {
		sentinel_failed(err);
		sentinel_close(sentinel);
		return false;
	}
	return true;
}

bool sentinel_send(struct sentinel *sentinel, struct err *err)
{
	uint8_t datagram[SENTINEL_BYTES], old[SENTINEL_BYTES];
	uint32_t serial = htonl(++sentinel->serial);
	while (recv(sentinel->to, old, sizeof(old), 0) >= 0)
		continue; /* nobody reads them: only that they crossed counts */
	memcpy(datagram, &serial, sizeof(serial));
	memcpy(datagram + sizeof(serial), sentinel->token, sizeof(sentinel->token));
	sentinel->sent_ns = clock_monotonic_ns();
	if (send(sentinel->from, datagram, sizeof(datagram), 0) == (ssize_t)sizeof(datagram))
		return true;
	/* No room for the moment is no failure: it is sent again. */
	return errno == EAGAIN || errno == ENOBUFS || sentinel_failed(err);
}

bool sentinel_send_again(struct sentinel *sentinel, struct err *err)
{
	return clock_monotonic_ns() - sentinel->sent_ns < AGAIN_NS ||
	       sentinel_send(sentinel, err);
}

bool sentinel_find(const struct sentinel *sentinel, const struct frame *frame, uint32_t *serial)
{
	struct cursor c = cursor_init(frame->bytes, frame->caplen);
	const uint8_t *token;
	if (sentinel->port == 0 || frame->caplen < SENTINEL_BYTES)
		return false;
	cursor_skip(&c, frame->caplen - SENTINEL_BYTES);
	*serial = cursor_u32(&c);
	token = cursor_bytes(&c, SENTINEL_TOKEN_BYTES);
	return token && memcmp(token, sentinel->token, SENTINEL_TOKEN_BYTES) == 0;
}

void sentinel_close(struct sentinel *sentinel)
{
	if (sentinel->from > 0)
		close(sentinel->from);
	if (sentinel->to > 0)
		close(sentinel->to);
	*sentinel = (struct sentinel){0};
}
