/* Theory of operation. UDP has no connection: one socket hears from everybody, recvfrom() says
 * from whom, and sendto() answers that address. That is all for a socket bound to one address.
 * A socket bound to every address of the machine has a choice when it answers, and a client
 * that asked 127.0.0.2 takes no answer from 127.0.0.1. So there recvmsg() is asked for the
 * address that the datagram came to (IP_PKTINFO, RFC 3542), and sendmsg() answers from it
 * (RFC 1122 4.1.3.5 wants just that). */
#include "datagram.h"

#include <string.h>

enum { CONTROL_BYTES = CMSG_SPACE(sizeof(struct in6_pktinfo)) };

union control {
	struct cmsghdr align;
	char bytes[CONTROL_BYTES];
};

static bool bound_to_all(const struct address *a)
{
	if (a->any.sa_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&a->v6.sin6_addr);
	return a->v4.sin_addr.s_addr == htonl(INADDR_ANY);
}

static void peer_learn_local(struct datagram_peer *peer, struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&peer->local.v4, CMSG_DATA(c), sizeof(peer->local.v4));
			peer->local.v4.ipi_ifindex = 0; /* the route decides on the interface */
			peer->local_known = true;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&peer->local.v6, CMSG_DATA(c), sizeof(peer->local.v6));
			peer->local.v6.ipi6_ifindex = 0; /* a link-local peer has its scope */
			/* Nobody can answer from a group's address. */
			peer->local_known = !IN6_IS_ADDR_MULTICAST(&peer->local.v6.ipi6_addr);
		}
	}
}

bool datagram_receive(struct datagram *d, const struct listener *listener)
{
	struct address *address = &d->from.address;
	struct iovec room = {.iov_base = d->bytes, .iov_len = sizeof(d->bytes)};
	struct msghdr message = {.msg_iov = &room, .msg_iovlen = 1};
	union control control;
	ssize_t got;
	d->from = (struct datagram_peer){.fd = listener->fd};
	address->len = sizeof(address->v6);
	if (bound_to_all(&listener->address)) {
		message.msg_name = &address->any;
		message.msg_namelen = address->len;
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		got = recvmsg(listener->fd, &message, MSG_DONTWAIT);
		address->len = message.msg_namelen;
	} else {
		got = recvfrom(listener->fd, d->bytes, sizeof(d->bytes), MSG_DONTWAIT,
			       &address->any, &address->len);
	}
	if (got < 0)
		return false;
	d->count = (size_t)got;
	if (message.msg_control)
		peer_learn_local(&d->from, &message);
	return true;
}

static void control_fill(union control *control, struct msghdr *message,
			 const struct datagram_peer *to)
{
	bool ipv6 = to->address.any.sa_family == AF_INET6;
	size_t size = ipv6 ? sizeof(to->local.v6) : sizeof(to->local.v4);
	struct cmsghdr *c;
	memset(control, 0, sizeof(*control));
	message->msg_control = control->bytes;
	message->msg_controllen = CMSG_SPACE(size);
	c = CMSG_FIRSTHDR(message);
	c->cmsg_level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
	c->cmsg_type = ipv6 ? IPV6_PKTINFO : IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(c), &to->local, size);
}

bool datagram_send(const struct datagram_peer *to, const void *bytes, size_t count)
{
	struct address address = to->address; /* sendmsg() wants it writable, but writes not */
	struct iovec data = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = count};
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
	union control control;
	if (!to->local_known)
		return sendto(to->fd, bytes, count, 0, &address.any, address.len) >= 0;
	message.msg_name = &address.any;
	message.msg_namelen = address.len;
	control_fill(&control, &message, to);
	return sendmsg(to->fd, &message, 0) >= 0;
}
