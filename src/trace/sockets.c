/* Which sockets the programs have, by inode.
 *
 * Most descriptors that are asked after are files or pipes, so the question that disturbs none
 * of them comes first (and descriptors.c remembers its answer): readlink of /proc/PID/fd/N says
 * "socket:[123]" or that it is something else. Only at the first sight of an inode is the
 * descriptor borrowed (lenders.c) and asked what it is. Answers of "not ours" are kept, too:
 * sockets of other families are in the table, with `foreign`. Where borrowing is refused (by a
 * container's seccomp profile, by a kernel before 5.6) the lists of /proc are asked (listed.c),
 * and the call that made a socket is believed.
 *
 * A process whose first thread has ended before the others answers no longer to its own number,
 * in /proc or elsewhere: then the thread is asked that made the call.
 *
 * A borrowed descriptor is closed before anything else happens: as long as it is open, the
 * program's own close would leave the connection as it is. One is open at a time, so that the
 * limit of descriptors does not matter.
 *
 * The table holds SOCKETS_SEEN_MAX inodes, in order of last sight. When it is full the one that
 * was not seen for longest goes, unless a look at the descriptor where it was seen says that it
 * is still open; after some looks the oldest goes anyway, and gets a new number if it is seen
 * again. */
#include "lenders.h"
#include "tracing.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUCKETS     16384 /* four to a bucket when full */
#define LOOKS       16    /* at old ones, for one that nobody holds */
#define V4_MAPPED   12    /* bytes before the IPv4 address (RFC 4291 2.5.5.2) */

struct place { /* of an inode in the table */
	struct socket_seen socket;
	bool foreign;          /* UNIX, netlink, raw …: not ours */
	uint32_t next;         /* in its bucket */
	uint32_t older, newer; /* in order of last sight */
};

struct sockets_seen {
	struct lenders lenders;
	struct pool places;
	uint32_t buckets[BUCKETS];
	uint32_t oldest, newest;
	uint32_t last_sock; /* numbers are not given twice */
	int refused;        /* why none can be borrowed; 0: they can */
	uint32_t *by_sock;  /* place of sock N; 0: gone. Four bytes for each there ever was */
	size_t by_sock_cap;
};

struct sockets_seen *sockets_seen_open(void)
{
	struct sockets_seen *sockets = calloc(1, sizeof(*sockets));
	if (sockets)
		pool_init(&sockets->places, sizeof(struct place), SOCKETS_SEEN_MAX);
	return sockets;
}

void sockets_seen_close(struct sockets_seen *sockets)
{
	if (!sockets)
		return;
	lenders_close(&sockets->lenders);
	pool_close(&sockets->places);
	free(sockets->by_sock);
	free(sockets);
}

static struct place *place_at(const struct sockets_seen *sockets, uint32_t index)
{
	return index ? pool_at(&sockets->places, index) : NULL;
}

static uint32_t *place_bucket(struct sockets_seen *sockets, uint64_t inode)
{
	return &sockets->buckets[hash_bytes(&inode, sizeof(inode), 0) % BUCKETS];
}

static uint32_t place_find(struct sockets_seen *sockets, uint64_t inode)
{
	uint32_t index = *place_bucket(sockets, inode);
	while (index && place_at(sockets, index)->socket.inode != inode)
		index = place_at(sockets, index)->next;
	return index;
}

static void place_unlink(struct sockets_seen *sockets, uint32_t index)
{
	struct place *place = place_at(sockets, index);
	struct place *older = place_at(sockets, place->older);
	struct place *newer = place_at(sockets, place->newer);
	*(older ? &older->newer : &sockets->oldest) = place->newer;
	*(newer ? &newer->older : &sockets->newest) = place->older;
	place->older = place->newer = 0;
}

static void place_link(struct sockets_seen *sockets, uint32_t index)
{
	struct place *place = place_at(sockets, index);
	struct place *newest = place_at(sockets, sockets->newest);
	place->older = sockets->newest;
	*(newest ? &newest->newer : &sockets->oldest) = index;
	sockets->newest = index;
}

static void place_drop(struct sockets_seen *sockets, uint32_t index)
{
	struct place *place = place_at(sockets, index);
	uint32_t *link = place_bucket(sockets, place->socket.inode);
	while (*link != index)
		link = &place_at(sockets, *link)->next;
	*link = place->next;
	if (place->socket.sock)
		sockets->by_sock[place->socket.sock] = 0;
	place_unlink(sockets, index);
	pool_give(&sockets->places, index);
}

static ssize_t link_read(pid_t tid, int fd, char *target, size_t room)
{
	char path[48];
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)tid, fd);
	return readlink(path, target, room);
}

uint64_t socket_inode(const struct holder *holder)
{
	static const char kind[] = "socket:[";
	char target[40];
	ssize_t length = link_read(holder->pid, holder->fd, target, sizeof(target) - 1);
	if (length < 0 && errno == ENOENT && holder->tid != holder->pid)
		length = link_read(holder->tid, holder->fd, target, sizeof(target) - 1);
	if (length < (ssize_t)sizeof(kind) || memcmp(target, kind, sizeof(kind) - 1) != 0)
		return 0;
	target[length] = '\0';
	return strtoull(target + sizeof(kind) - 1, NULL, 10);
}

static void sockets_make_room(struct sockets_seen *sockets)
{
	for (int looks = 0; looks < LOOKS; looks++) {
		uint32_t index = sockets->oldest;
		const struct socket_seen *socket = &place_at(sockets, index)->socket;
		if (!socket->holder.pid || socket_inode(&socket->holder) != socket->inode)
			break;
		place_unlink(sockets, index);
		place_link(sockets, index);
	}
	place_drop(sockets, sockets->oldest);
}

static struct place *sockets_add(struct sockets_seen *sockets, uint64_t inode)
{
	uint32_t *bucket = place_bucket(sockets, inode), index;
	struct place *place;
	if (sockets->places.live == SOCKETS_SEEN_MAX)
		sockets_make_room(sockets);
	index = pool_take(&sockets->places);
	if (!index)
		return NULL;
	place = place_at(sockets, index);
	place->socket.inode = inode;
	place->next = *bucket;
	*bucket = index;
	place_link(sockets, index);
	return place;
}

/* The next number, and where it is noted. */
static bool sockets_number(struct sockets_seen *sockets, struct place *place)
{
	size_t cap = sockets->by_sock_cap ? sockets->by_sock_cap * 2 : 64;
	uint32_t sock = sockets->last_sock + 1, *by_sock;
	if (sock >= sockets->by_sock_cap) {
		by_sock = realloc(sockets->by_sock, cap * sizeof(*by_sock));
		if (!by_sock)
			return false;
		sockets->by_sock = by_sock;
		sockets->by_sock_cap = cap;
	}
	sockets->by_sock[sock] = place_find(sockets, place->socket.inode);
	place->socket.sock = sockets->last_sock = sock;
	return true;
}

/* Not only this one, which may have been closed meanwhile. */
static bool borrowing_is_refused(int error)
{
	return error == EPERM || error == EACCES || error == ENOSYS;
}

static int descriptor_borrow(struct sockets_seen *sockets, const struct holder *holder)
{
	int borrowed = lenders_borrow(&sockets->lenders, holder->pid, holder->fd);
	if (borrowed < 0 && holder->tid != holder->pid && !borrowing_is_refused(errno))
		borrowed = lenders_borrow(&sockets->lenders, holder->tid, holder->fd);
	return borrowed;
}

/* Another thread may have closed it, and opened something else in its place: -1. */
static int inode_borrow(struct sockets_seen *sockets, const struct holder *holder,
			uint64_t inode)
{
	struct stat now;
	int borrowed = descriptor_borrow(sockets, holder);
	if (borrowed < 0 || (fstat(borrowed, &now) == 0 && now.st_ino == inode))
		return borrowed;
	close(borrowed);
	errno = EBADF;
	return -1;
}

int sockets_seen_borrow(struct sockets_seen *sockets, const struct socket_seen *socket)
{
	return socket->holder.pid ? inode_borrow(sockets, &socket->holder, socket->inode) : -1;
}

static int option_of(int borrowed, int option)
{
	int value = -1;
	socklen_t size = sizeof(value);
	return getsockopt(borrowed, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

static bool socket_is_ours(int borrowed, bool *udp)
{
	int domain = option_of(borrowed, SO_DOMAIN);
	int protocol = option_of(borrowed, SO_PROTOCOL);
	*udp = protocol == IPPROTO_UDP;
	return (domain == AF_INET || domain == AF_INET6) &&
	       option_of(borrowed, SO_TYPE) == (*udp ? SOCK_DGRAM : SOCK_STREAM) &&
	       (*udp || protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP);
}

union name { /* as the kernel writes them */
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static void name_take(const union name *name, struct addr *addr, uint16_t *port)
{
	const uint8_t *v6 = name->v6.sin6_addr.s6_addr;
	*addr = (struct addr){0};
	*port = 0;
	if (name->any.sa_family == AF_INET) {
		addr->family = 4;
		memcpy(addr->bytes, &name->v4.sin_addr, 4);
		*port = ntohs(name->v4.sin_port);
	} else if (name->any.sa_family == AF_INET6) {
		bool mapped = IN6_IS_ADDR_V4MAPPED(&name->v6.sin6_addr);
		addr->family = mapped ? 4 : 6;
		memcpy(addr->bytes, mapped ? v6 + V4_MAPPED : v6, mapped ? 4 : 16);
		*port = ntohs(name->v6.sin6_port);
	}
}

static void socket_ask(struct socket_seen *socket, int borrowed)
{
	struct socket_ends *ends = &socket->ends;
	union name name = {.any.sa_family = AF_UNSPEC};
	socklen_t size = sizeof(name);
	socket->listens = !ends->udp && option_of(borrowed, SO_ACCEPTCONN) > 0;
	if (getsockname(borrowed, &name.any, &size) == 0)
		name_take(&name, &ends->local, &ends->local_port);
	size = sizeof(name);
	/* A peer that was once known stays known: after a reset there is none to ask for. */
	if (getpeername(borrowed, &name.any, &size) == 0)
		name_take(&name, &ends->peer, &ends->peer_port);
}

void sockets_seen_ends(struct sockets_seen *sockets, struct socket_seen *socket)
{
	int borrowed = sockets_seen_borrow(sockets, socket);
	if (borrowed < 0) {
		if (socket->holder.pid && borrowing_is_refused(errno))
			socket_listed(socket, true);
		return;
	}
	socket_ask(socket, borrowed);
	close(borrowed);
}

static struct place *sockets_meet(struct sockets_seen *sockets, uint64_t inode, int borrowed)
{
	struct place *place = sockets_add(sockets, inode);
	if (!place)
		return NULL;
	place->foreign = !socket_is_ours(borrowed, &place->socket.ends.udp) ||
			 !sockets_number(sockets, place);
	if (!place->foreign)
		socket_ask(&place->socket, borrowed);
	return place;
}

/* Where none can be borrowed. Or a call has just made it, and says whether it is UDP. */
static struct place *sockets_meet_listed(struct sockets_seen *sockets,
					 const struct socket_seen *seen, bool made)
{
	struct place *place = sockets_add(sockets, seen->inode);
	if (!place)
		return NULL;
	place->socket.holder = seen->holder;
	place->socket.ends.udp = seen->ends.udp;
	place->foreign = (!socket_listed(&place->socket, made) && !made) ||
			 !sockets_number(sockets, place);
	return place;
}

/* What is in the table; NULL: it is seen for the first time. */
static struct place *sockets_know(struct sockets_seen *sockets, uint64_t inode)
{
	uint32_t index = place_find(sockets, inode);
	if (!index)
		return NULL;
	place_unlink(sockets, index);
	place_link(sockets, index);
	return place_at(sockets, index);
}

static struct socket_seen *place_held(struct place *place, const struct holder *holder)
{
	if (!place)
		return NULL;
	place->socket.holder = *holder;
	return place->foreign ? NULL : &place->socket;
}

struct socket_seen *sockets_seen_find(struct sockets_seen *sockets,
				      const struct holder *holder)
{
	uint64_t inode = socket_inode(holder);
	return inode ? sockets_seen_again(sockets, holder, inode) : NULL;
}

/* An inode that cannot be borrowed now is asked for again next time. */
struct socket_seen *sockets_seen_again(struct sockets_seen *sockets,
				       const struct holder *holder, uint64_t inode)
{
	struct socket_seen seen = {.inode = inode, .holder = *holder};
	struct place *place = sockets_know(sockets, inode);
	int borrowed = place ? -1 : inode_borrow(sockets, holder, inode);
	if (borrowed >= 0) {
		place = sockets_meet(sockets, inode, borrowed);
		close(borrowed);
	} else if (!place && borrowing_is_refused(errno)) {
		sockets->refused = errno;
		place = sockets_meet_listed(sockets, &seen, false);
	}
	return place_held(place, holder);
}

static struct socket_seen *sockets_new_listed(struct sockets_seen *sockets,
					      const struct holder *holder, bool udp)
{
	struct socket_seen seen = {.holder = *holder, .ends.udp = udp};
	struct place *place;
	seen.inode = socket_inode(holder);
	if (!seen.inode)
		return NULL;
	place = sockets_know(sockets, seen.inode);
	if (!place)
		place = sockets_meet_listed(sockets, &seen, true);
	return place_held(place, holder);
}

/* Cheaper than to ask /proc by far, where it is allowed. */
struct socket_seen *sockets_seen_new(struct sockets_seen *sockets, const struct holder *holder,
				     bool udp)
{
	int borrowed = descriptor_borrow(sockets, holder);
	struct place *place = NULL;
	struct stat now;
	if (borrowed < 0) {
		if (!borrowing_is_refused(errno))
			return NULL;
		sockets->refused = errno;
		return sockets_new_listed(sockets, holder, udp);
	}
	if (fstat(borrowed, &now) == 0 && S_ISSOCK(now.st_mode)) {
		place = sockets_know(sockets, now.st_ino);
		if (!place)
			place = sockets_meet(sockets, now.st_ino, borrowed);
	}
	close(borrowed);
	return place_held(place, holder);
}

int sockets_seen_refused(const struct sockets_seen *sockets)
{
	return sockets->refused;
}

struct socket_seen *sockets_seen_at(struct sockets_seen *sockets, uint32_t sock)
{
	uint32_t index = sock <= sockets->last_sock && sock ? sockets->by_sock[sock] : 0;
	return index ? &place_at(sockets, index)->socket : NULL;
}

void sockets_seen_forget(struct sockets_seen *sockets, uint32_t sock)
{
	struct socket_seen *socket = sockets_seen_at(sockets, sock);
	if (socket)
		socket->holder.pid = 0;
}
