/* The client: finds its server, connects, and writes what comes back. */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "talk.h"

static const struct {
	int cause;
	const char *what, *remedy;
} refusals[] = {
	{ETIMEDOUT, "does not answer",
	 "check the address, the network and the firewalls between"},
	{EHOSTUNREACH, "cannot be reached",
	 "no such host answers on its network; check the address"},
	{ENETUNREACH, "cannot be reached",
	 "this machine has no route there; -4 and -6 choose the family, `ip route` and "
	 "`ip -6 route` list the routes"},
	{EADDRNOTAVAIL, "cannot be reached",
	 "this machine has no address or no free port for it; choose another source port or "
	 "the other family (-4, -6)"},
	{EADDRINUSE, "cannot be reached",
	 "the source port is in use by another program; choose another"},
	{EAFNOSUPPORT, "cannot be reached",
	 "this machine lacks its family; choose the other (-4, -6)"},
	{EACCES, "cannot be reached",
	 "this machine forbids it (a broadcast address, a firewall or a source port below "
	 "1024)"},
	{EPERM, "cannot be reached", "a firewall of this machine forbids it"},
};

bool client_refused(struct client *c, int cause)
{
	const struct address *server = &c->servers.at[c->server - 1];
	const char *protocol = c->config->udp ? "udp" : "tcp";
	if (cause == ECONNREFUSED)
		return err_set(c->err, EXIT_PERMISSION,
			       "%s refused the %s: no %s server is there; start one with "
			       "`wireladder server %s %u`",
			       c->server_words,
			       c->config->udp ? "datagram (ICMP port unreachable)"
					      : "connection (RST)",
			       c->config->udp ? "UDP" : "TCP", protocol, address_port(server));
	for (size_t i = 0; i < ARRAY_COUNT(refusals); i++)
		if (refusals[i].cause == cause)
			return err_set(c->err, EXIT_PERMISSION, "%s %s (%s): %s",
				       c->server_words, refusals[i].what, strerror(cause),
				       refusals[i].remedy);
	return err_set(c->err, EXIT_PERMISSION, "%s cannot be reached: %s", c->server_words,
		       strerror(cause));
}

bool client_fail_reset(struct client *c)
{
	return err_set(c->err, EXIT_PARTIAL,
		       "%s reset the connection (RST): its program ended, or closed it with "
		       "our bytes unread; what came before was written",
		       c->server_words);
}

uint64_t client_wait_ns(const struct client *c, uint64_t otherwise)
{
	return c->config->wait_ns ? c->config->wait_ns : otherwise;
}

static bool client_bind(const struct client *c, int family)
{
	struct address any = {.len = sizeof(struct sockaddr_in)};
	int on = 1;
	if (c->config->source_port == 0)
		return true;
	if (family == AF_INET6)
		any.len = sizeof(struct sockaddr_in6);
	any.any.sa_family = (sa_family_t)family; /* with the address of zeros: any of ours */
	address_set_port(&any, c->config->source_port);
	/* The same port may be used again while its last connection is in TIME-WAIT. */
	if (!c->config->udp)
		(void)setsockopt(c->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return bind(c->fd, &any.any, any.len) == 0;
}

/* A signal ended connect(), but the handshake goes on: wait for its end. Returns an errno. */
static int client_finish_connect(const struct client *c, uint64_t wait_ns)
{
	struct pollfd wait = {.fd = c->fd, .events = POLLOUT};
	uint64_t until = clock_monotonic_ns() + wait_ns, now;
	int cause = 0;
	socklen_t size = sizeof(cause);
	while ((now = clock_monotonic_ns()) < until) {
		if (poll(&wait, 1, wait_poll_ms(until - now)) > 0) {
			if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &cause, &size) != 0)
				cause = errno;
			return cause;
		}
	}
	return ETIMEDOUT;
}

/* Linux bounds connect() by SO_SNDTIMEO, so the textbook's plain blocking call can stay.
 * Returns 0 or an errno. */
static int client_connect_to(struct client *c, const struct address *server)
{
	int type = c->config->udp ? SOCK_DGRAM : SOCK_STREAM;
	uint64_t wait_ns = client_wait_ns(c, CONNECT_WAIT_NS);
	struct timeval bound = {.tv_sec = (time_t)(wait_ns / NS_PER_S)}, none = {.tv_sec = 0};
	bound.tv_usec = (suseconds_t)(wait_ns % NS_PER_S / 1000);
	c->fd = socket(server->any.sa_family, type | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return errno;
	if (!client_bind(c, server->any.sa_family))
		return errno;
	(void)setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof(bound));
	if (connect(c->fd, &server->any, server->len) != 0) {
		int cause = errno;
		if (cause == EINTR)
			cause = client_finish_connect(c, wait_ns);
		if (cause != 0)
			return cause == EINPROGRESS ? ETIMEDOUT : cause;
	}
	(void)setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof(none));
	return 0;
}

static void client_say_connected(struct client *c)
{
	struct address own = {.len = sizeof(struct sockaddr_in6)};
	char text[ADDRESS_TEXT_SIZE] = "?";
	if (getsockname(c->fd, &own.any, &own.len) == 0)
		address_text(&own, text);
	talk_say(&c->config->talk, "%s %s, from %s",
		 c->config->udp ? "sending datagrams to" : "connected to", c->server_words,
		 text);
}

bool client_connect(struct client *c)
{
	while (c->server < c->servers.count) {
		const struct address *server = &c->servers.at[c->server++];
		int cause;
		address_words(server, c->server_words);
		if (c->fd >= 0)
			close(c->fd);
		cause = client_connect_to(c, server);
		if (cause == 0) {
			client_say_connected(c);
			return true;
		}
		client_refused(c, cause);
		if (c->server < c->servers.count)
			talk_say(&c->config->talk, "%s", c->err->text);
	}
	return false;
}

bool client_output(struct client *c, const void *bytes, size_t count)
{
	const uint8_t *at = bytes;
	while (count > 0) {
		ssize_t written = write(c->config->output_fd, at, count);
		if (written < 0 && errno == EAGAIN) {
			struct pollfd wait = {.fd = c->config->output_fd, .events = POLLOUT};
			(void)poll(&wait, 1, -1);
		} else if (written < 0 && errno == EPIPE) {
			c->output_gone = true;
			return false;
		} else if (written < 0 && errno != EINTR) {
			return err_set(c->err, EXIT_OUTPUT, "cannot write the replies: %s",
				       strerror(errno));
		} else if (written > 0) {
			c->output_in_line = at[written - 1] != '\n';
			at += written;
			count -= (size_t)written;
		}
	}
	return true;
}

bool client_output_end_line(struct client *c)
{
	return !c->output_in_line || client_output(c, "\n", 1);
}

static bool client_converse(struct client *c)
{
	if (c->config->udp)
		return udp_client(c);
	return c->config->text_count ? tcp_client_texts(c) : tcp_client_copy(c);
}

bool echo_client(const struct echo_client_config *config, struct err *err)
{
	struct err unread = {.text = ""};
	struct client c = {.config = config, .err = err ? err : &unread, .fd = -1};
	bool ok = address_list_lookup(&c.servers, config, c.err) && client_connect(&c) &&
		  client_converse(&c);
	if (c.fd >= 0)
		close(c.fd);
	return ok || c.output_gone;
}
