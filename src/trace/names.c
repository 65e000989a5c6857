#include "names.h"

#include "wireladder/model_call.h"

#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define N(name) {(uint64_t)(name), #name}
#define X(name) {(uint64_t)(name), #name},

static const struct name families[] = {
	N(AF_UNSPEC), N(AF_UNIX), N(AF_INET), N(AF_INET6), N(AF_NETLINK), N(AF_PACKET),
	N(AF_ALG), N(AF_VSOCK), N(AF_BLUETOOTH), N(AF_CAN),
};
static const struct name types[] = {
	N(SOCK_STREAM), N(SOCK_DGRAM), N(SOCK_RAW), N(SOCK_SEQPACKET), N(SOCK_RDM),
	N(SOCK_DCCP),
};
static const struct name type_flags[] = {N(SOCK_NONBLOCK), N(SOCK_CLOEXEC)};
static const struct name protocols[] = {
	N(IPPROTO_ICMP), N(IPPROTO_TCP), N(IPPROTO_UDP), N(IPPROTO_ICMPV6), N(IPPROTO_SCTP),
	N(IPPROTO_RAW), N(IPPROTO_MPTCP),
};
static const struct name levels[] = {
	N(SOL_SOCKET), N(IPPROTO_IP), N(IPPROTO_TCP), N(IPPROTO_UDP), N(IPPROTO_IPV6),
};
static const struct name msgs[] = {
	N(MSG_OOB), N(MSG_PEEK), N(MSG_DONTROUTE), N(MSG_CTRUNC), N(MSG_TRUNC), N(MSG_DONTWAIT),
	N(MSG_EOR), N(MSG_WAITALL), N(MSG_CONFIRM), N(MSG_ERRQUEUE), N(MSG_NOSIGNAL),
	N(MSG_MORE), N(MSG_WAITFORONE), N(MSG_ZEROCOPY), N(MSG_FASTOPEN), N(MSG_CMSG_CLOEXEC),
};
static const struct name shuts[] = {N(SHUT_RD), N(SHUT_WR), N(SHUT_RDWR)};
static const struct name polls[] = {
	N(POLLIN), N(POLLPRI), N(POLLOUT), N(POLLERR), N(POLLHUP), N(POLLNVAL), N(POLLRDNORM),
	N(POLLRDBAND), N(POLLWRNORM), N(POLLWRBAND), N(POLLRDHUP),
};
static const struct name epolls[] = {
	N(EPOLLIN), N(EPOLLPRI), N(EPOLLOUT), N(EPOLLERR), N(EPOLLHUP), N(EPOLLRDNORM),
	N(EPOLLRDBAND), N(EPOLLWRNORM), N(EPOLLWRBAND), N(EPOLLRDHUP), N(EPOLLEXCLUSIVE),
	N(EPOLLWAKEUP), N(EPOLLONESHOT), N(EPOLLET),
};
static const struct name splices[] = {
	N(SPLICE_F_MOVE), N(SPLICE_F_NONBLOCK), N(SPLICE_F_MORE), N(SPLICE_F_GIFT),
};
static const struct name opens[] = {N(O_CLOEXEC)};
static const struct name pmtudiscs[] = {PMTUDISC_LIST(X)};
#undef X
#undef N

const struct names names_family = {families, ARRAY_COUNT(families)};
const struct names names_type = {types, ARRAY_COUNT(types)};
const struct names names_type_flags = {type_flags, ARRAY_COUNT(type_flags)};
const struct names names_protocol = {protocols, ARRAY_COUNT(protocols)};
const struct names names_level = {levels, ARRAY_COUNT(levels)};
const struct names names_msg = {msgs, ARRAY_COUNT(msgs)};
const struct names names_shut = {shuts, ARRAY_COUNT(shuts)};
const struct names names_poll = {polls, ARRAY_COUNT(polls)};
const struct names names_epoll = {epolls, ARRAY_COUNT(epolls)};
const struct names names_splice = {splices, ARRAY_COUNT(splices)};
const struct names names_open = {opens, ARRAY_COUNT(opens)};
const struct names names_pmtudisc = {pmtudiscs, ARRAY_COUNT(pmtudiscs)};

const char *names_find(const struct names *names, uint64_t value)
{
	for (size_t i = 0; i < names->count; i++) {
		if (names->at[i].value == value)
			return names->at[i].name;
	}
	return NULL;
}

void names_add(struct buf *out, const struct names *names, uint64_t value)
{
	const char *name = names_find(names, value);
	if (name)
		buf_printf(out, "%s", name);
	else
		buf_printf(out, "%" PRId64, (int64_t)value);
}

void names_add_flags(struct buf *out, const struct names *names, uint64_t value)
{
	const char *between = "";
	for (size_t i = 0; i < names->count; i++) {
		uint64_t bits = names->at[i].value;
		if ((value & bits) != bits)
			continue;
		buf_printf(out, "%s%s", between, names->at[i].name);
		between = "|";
		value &= ~bits;
	}
	if (value)
		buf_printf(out, "%s0x%" PRIx64, between, value);
	else if (!*between)
		buf_printf(out, "0");
}
