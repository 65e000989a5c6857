/* What a call is about: which socket, which addresses, in which words. */
#include "watch.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define WAIT_FDS_MAX 64 /* sockets looked at in a poll, select or epoll set */

void span_args(struct watch *watch, struct span *span)
{
	size_t length;
	watch->text.len = 0;
	args_write(&watch->text, &span->asked, &span->call.name);
	length = watch->text.len < ARGS_BYTES ? watch->text.len : ARGS_BYTES;
	if (length > 0)
		memcpy(span->args, watch->text.at, length);
	span->args[length] = '\0';
}

static int span_makes_type(const struct asked *asked)
{
	return (int)asked->args[1] & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static bool span_makes_udp(const struct asked *asked)
{
	return span_makes_type(asked) == SOCK_DGRAM;
}

/* socket(2): TCP and UDP over IP. */
static bool span_makes_ours(const struct asked *asked)
{
	uint64_t domain = asked->args[0], protocol = asked->args[2];
	int type = span_makes_type(asked);
	return (domain == AF_INET || domain == AF_INET6) &&
	       ((type == SOCK_STREAM && (protocol == 0 || protocol == IPPROTO_TCP)) ||
		(type == SOCK_DGRAM && (protocol == 0 || protocol == IPPROTO_UDP)));
}

static void span_ends(struct span *span, const struct socket_seen *socket)
{
	struct socket_ends *ends = &span->call.ends;
	*ends = socket->ends;
	/* bind's address is its own. */
	if (ends->peer.family == 0 && span->call.kind != CALL_BIND)
		args_address(&span->asked, &ends->peer, &ends->peer_port);
}

/* Of kinds that mostly send. */
static bool span_is_inward(const struct asked *asked, int fd)
{
	if (asked->kind == CALL_SPLICE)
		return (int)asked->args[0] == fd;
	return asked->kind == CALL_SHUTDOWN && (int)asked->args[1] == SHUT_RD;
}

static struct socket_seen *span_socket(struct watch *watch, const struct call *call, int fd)
{
	struct holder holder = {(pid_t)call->pid, (pid_t)call->tid, fd};
	uint64_t inode = descriptors_find(&watch->descriptors, holder.pid, fd);
	struct socket_seen *socket;
	if (inode)
		return sockets_seen_again(watch->sockets, &holder, inode);
	socket = sockets_seen_find(watch->sockets, &holder);
	if (socket)
		descriptors_learn(&watch->descriptors, holder.pid, fd, socket->inode);
	return socket;
}

bool span_finds(struct watch *watch, struct span *span)
{
	int fds[WAIT_FDS_MAX];
	size_t count = args_fds(&span->asked, fds, WAIT_FDS_MAX), found = 0;
	struct call *call = &span->call;
	bool waits = call_classes[call->kind] == CALLS_WAIT;
	call->fd = -1;
	if (call->kind == CALL_SOCKET)
		return span_makes_ours(&span->asked);
	for (size_t i = 0; i < count && (waits || found == 0); i++) {
		const struct socket_seen *socket = span_socket(watch, call, fds[i]);
		if (!socket || (found > 0 && call->sock == socket->sock))
			continue;
		if (found++ == 0) {
			call->sock = socket->sock;
			call->fd = waits ? -1 : fds[i];
			call->inward = span_is_inward(&span->asked, fds[i]);
			span_ends(span, socket);
		}
	}
	if (found > 1) {
		call->sock = 0;
		call->ends = (struct socket_ends){0};
	}
	return found > 0;
}

bool span_misses(struct span *span)
{
	static const bool of_sockets[CALL_COUNT] = {
		[CALL_BIND] = true,     [CALL_LISTEN] = true,     [CALL_ACCEPT] = true,
		[CALL_ACCEPT4] = true,  [CALL_CONNECT] = true,    [CALL_SENDTO] = true,
		[CALL_SENDMSG] = true,  [CALL_SENDMMSG] = true,   [CALL_RECVFROM] = true,
		[CALL_RECVMSG] = true,  [CALL_RECVMMSG] = true,   [CALL_SHUTDOWN] = true,
		[CALL_GETSOCKOPT] = true, [CALL_SETSOCKOPT] = true,
	};
	struct call *call = &span->call;
	struct holder holder = {(pid_t)call->pid, (pid_t)call->tid, (int)span->asked.args[0]};
	if (!of_sockets[call->kind] || socket_inode(&holder))
		return false;
	call->fd = holder.fd >= 0 ? holder.fd : -1;
	span->doubted = true;
	return true;
}

/* Its addresses are asked for again where the call may have given it some. */
static void span_refresh(struct watch *watch, struct span *span, struct socket_seen *socket)
{
	enum call_class class = call_classes[span->call.kind];
	bool named = class == CALLS_NAME || class == CALLS_LISTEN || class == CALLS_CONNECT;
	bool whole = socket->ends.local_port != 0 &&
		     (socket->ends.udp || socket->listens || socket->ends.peer.family != 0);
	if (class != CALLS_SHUT && class != CALLS_OPTION && (named || !whole))
		sockets_seen_ends(watch->sockets, socket);
	/* Where the kernel cannot be asked. */
	if (class == CALLS_NAME && span->call.ret == 0 && socket->ends.local_port == 0)
		args_address(&span->asked, &socket->ends.local, &socket->ends.local_port);
	span_ends(span, socket);
}

/* A wait for several is of the first that something has come for: mostly the only one. */
static void span_wakes(struct watch *watch, struct span *span)
{
	int fds[WAIT_FDS_MAX];
	size_t count = args_fds(&span->asked, fds, WAIT_FDS_MAX);
	struct socket_seen *socket = NULL;
	for (size_t i = 0; i < count && !socket; i++)
		socket = span_socket(watch, &span->call, fds[i]);
	if (!socket)
		return;
	span->call.sock = socket->sock;
	span_ends(span, socket);
}

void span_sockets(struct watch *watch, struct span *span)
{
	struct call *call = &span->call;
	struct holder holder = {(pid_t)call->pid, (pid_t)call->tid, (int)call->ret};
	struct socket_seen *socket = sockets_seen_at(watch->sockets, call->sock);
	bool makes = call->kind == CALL_SOCKET || call_classes[call->kind] == CALLS_ACCEPT;
	bool udp;
	if (socket)
		span_refresh(watch, span, socket);
	else if (call_classes[call->kind] == CALLS_WAIT && call->ret > 0)
		span_wakes(watch, span);
	if (!makes || call->ret < 0)
		return;
	udp = call->kind == CALL_SOCKET && span_makes_udp(&span->asked);
	socket = sockets_seen_new(watch->sockets, &holder, udp);
	if (!socket)
		return;
	descriptors_learn(&watch->descriptors, holder.pid, holder.fd, socket->inode);
	if (call->kind == CALL_SOCKET)
		call->sock = socket->sock;
	else
		call->new_sock = socket->sock;
	span_ends(span, socket);
}
