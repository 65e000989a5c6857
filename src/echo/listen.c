/* Theory of operation. A server that is told no address wants every one of the machine, IPv6
 * and IPv4. One IPv6 socket could serve both (IPV6_V6ONLY off), but then IPv4 clients show up
 * under odd names (::ffff:127.0.0.1) and a port that is taken in one family only is reported
 * for neither. So there is one socket for each family, on the same port; a machine without one
 * of the families is served in the other. */
#include "listen.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "reply.h"
#include "talk.h"

static void option_on(int fd, int level, int name)
{
	int on = 1;
	/* None of these can fail on a socket of its family; without them it still serves. */
	(void)setsockopt(fd, level, name, &on, sizeof(on));
}

static void listener_options(int fd, bool udp, const struct address *address)
{
	bool ipv6 = address->any.sa_family == AF_INET6;
	if (ipv6)
		option_on(fd, IPPROTO_IPV6, IPV6_V6ONLY);
	if (udp) {
		/* No SO_REUSEADDR: on a UDP socket it would let two servers share the port, and
		 * the second would take the first one's datagrams without a word. */
		option_on(fd, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
			  ipv6 ? IPV6_RECVPKTINFO : IP_PKTINFO);
		return;
	}
	/* A server that closed first has connections in TIME-WAIT (RFC 9293 3.6.1), which hold
	 * its port for a minute. SO_REUSEADDR lets the next server listen meanwhile; a port on
	 * which another server listens now stays refused. */
	option_on(fd, SOL_SOCKET, SO_REUSEADDR);
	/* Connections inherit it: a client that vanished without a FIN is found out at last. */
	option_on(fd, SOL_SOCKET, SO_KEEPALIVE);
}

/* socket() makes it, bind() gives it the address and port that clients know, listen() has the
 * kernel answer their SYNs and keep finished connections ready for accept(). -1, errno: not. */
static int listener_socket(bool udp, const struct address *address)
{
	int type = udp ? SOCK_DGRAM : SOCK_STREAM | SOCK_NONBLOCK;
	int listen_fd = socket(address->any.sa_family, type | SOCK_CLOEXEC, 0), cause;
	if (listen_fd < 0)
		return -1;
	listener_options(listen_fd, udp, address);
	if (bind(listen_fd, &address->any, address->len) == 0 &&
	    (udp || listen(listen_fd, SOMAXCONN) == 0))
		return listen_fd;
	cause = errno;
	close(listen_fd);
	errno = cause;
	return -1;
}

/* Tells why this address was refused, from errno. */
static bool listener_fail(const struct address *address, bool udp, struct err *err)
{
	char words[ADDRESS_TEXT_SIZE];
	const char *protocol = udp ? "UDP" : "TCP";
	uint16_t port = address_port(address);
	int cause = errno;
	address_words(address, words);
	if (cause == EADDRINUSE)
		return err_set(err, EXIT_PERMISSION,
			       "%s (%s) is in use by another program: choose another port, or "
			       "end that program (`ss -l%cnp 'sport = :%u'` names it)",
			       words, protocol, udp ? 'u' : 't', port);
	if (cause == EACCES)
		return err_set(err, EXIT_PERMISSION,
			       "%s (%s) needs a privilege: choose a port from 1024 on, or run "
			       "`sudo setcap cap_net_bind_service+ep` on the program",
			       words, protocol);
	if (cause == EADDRNOTAVAIL)
		return err_set(err, EXIT_PERMISSION,
			       "%s cannot be served, the address is not this machine's: `ip "
			       "address` lists those that are",
			       words);
	if (cause == EAFNOSUPPORT)
		return err_set(err, EXIT_PERMISSION,
			       "%s cannot be served, this machine has no %s: give an address "
			       "of the other family",
			       words, address_family_name(address));
	return err_set(err, EXIT_PERMISSION, "cannot serve %s (%s): %s", words, protocol,
		       strerror(cause));
}

static void listener_learn_address(struct listeners *l, struct listener *listener)
{
	listener->address.len = sizeof(listener->address.v6);
	if (getsockname(listener->fd, &listener->address.any, &listener->address.len) == 0)
		l->port = address_port(&listener->address);
}

/* Opens a socket on each wanted address; the first one's port is everyone's. -1: one failed. */
static int listeners_bind(struct listeners *l, const struct echo_server_config *config,
			  struct address_list *wanted)
{
	l->count = 0;
	for (unsigned i = 0; i < wanted->count; i++) {
		struct address *address = &wanted->at[i];
		bool others = l->count > 0 || i + 1 < wanted->count;
		int fd;
		address_set_port(address, l->port);
		fd = listener_socket(config->udp, address);
		if (fd < 0 && errno == EAFNOSUPPORT && others) {
			talk_say(&config->talk, "this machine has no %s: serving without it",
				 address_family_name(address));
			continue;
		}
		if (fd < 0)
			return (int)i;
		l->at[l->count] = (struct listener){.fd = fd, .address = *address};
		listener_learn_address(l, &l->at[l->count++]);
	}
	return -1;
}

static void listeners_say(const struct listeners *l, const struct echo_server_config *config)
{
	char text[2][ADDRESS_TEXT_SIZE] = {{0}};
	for (unsigned i = 0; i < l->count; i++)
		address_text(&l->at[i].address, text[i]);
	talk_say(&config->talk, "%s server (%s) listening on %s%s%s",
		 config->udp ? "UDP" : "TCP", reply_name(config->reply), text[0],
		 l->count > 1 ? " and " : "", text[1]);
}

bool listeners_open(struct listeners *l, const struct echo_server_config *config,
		    struct err *err)
{
	const char *port_text = config->port ? config->port : ECHO_PORT;
	struct address_list wanted;
	uint16_t port = 0;
	int failed;
	*l = (struct listeners){.count = 0};
	if (!port_parse(port_text, config->udp, &port, err) ||
	    !address_list_bind(&wanted, config->host, err))
		return false;
	/* A free port of the first family may be taken in the second: then another is tried. */
	for (int attempt = 0; attempt < 20; attempt++) {
		int cause;
		l->port = port;
		failed = listeners_bind(l, config, &wanted);
		if (failed < 0) {
			listeners_say(l, config);
			return true;
		}
		cause = errno;
		listeners_close(l);
		errno = cause;
		if (port != 0 || cause != EADDRINUSE)
			break;
	}
	return listener_fail(&wanted.at[failed], config->udp, err);
}

void listeners_tell_port(const struct listeners *l, const struct echo_server_config *config)
{
	uint8_t port[2] = {(uint8_t)(l->port >> 8), (uint8_t)l->port};
	if (config->ready_fd < 0)
		return;
	if (write(config->ready_fd, port, sizeof(port)) != (ssize_t)sizeof(port))
		talk_say(&config->talk, "nobody reads the port from descriptor %d: %s",
			 config->ready_fd, strerror(errno));
}

void listeners_close(struct listeners *l)
{
	for (unsigned i = 0; i < l->count; i++)
		close(l->at[i].fd);
	l->count = 0;
}
