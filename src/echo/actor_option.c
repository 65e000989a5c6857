#include "actor.h"

#include <arpa/inet.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/time.h>

enum value_kind {
	VALUE_INT,
	VALUE_WORD,   /* a name of the kernel's: "reno" */
	VALUE_LINGER, /* seconds */
	VALUE_TIME,   /* milliseconds */
	VALUE_OWN4,   /* an address of this host */
	VALUE_GROUP4, /* a group's address: joined on the interface of this host's own */
	VALUE_GROUP6,
};

#define OPTION_LIST(X)                                                                         \
	X(SOL_SOCKET, SO_REUSEADDR, INT)                                                       \
	X(SOL_SOCKET, SO_REUSEPORT, INT)                                                       \
	X(SOL_SOCKET, SO_RCVBUF, INT)                                                          \
	X(SOL_SOCKET, SO_SNDBUF, INT)                                                          \
	X(SOL_SOCKET, SO_RCVLOWAT, INT)                                                        \
	X(SOL_SOCKET, SO_KEEPALIVE, INT)                                                       \
	X(SOL_SOCKET, SO_BROADCAST, INT)                                                       \
	X(SOL_SOCKET, SO_OOBINLINE, INT)                                                       \
	X(SOL_SOCKET, SO_MAX_PACING_RATE, INT)                                                 \
	X(SOL_SOCKET, SO_LINGER, LINGER)                                                       \
	X(SOL_SOCKET, SO_RCVTIMEO, TIME)                                                       \
	X(SOL_SOCKET, SO_SNDTIMEO, TIME)                                                       \
	X(IPPROTO_TCP, TCP_NODELAY, INT)                                                       \
	X(IPPROTO_TCP, TCP_CORK, INT)                                                          \
	X(IPPROTO_TCP, TCP_QUICKACK, INT)                                                      \
	X(IPPROTO_TCP, TCP_CONGESTION, WORD)                                                   \
	X(IPPROTO_TCP, TCP_MAXSEG, INT)                                                        \
	X(IPPROTO_TCP, TCP_KEEPIDLE, INT)                                                      \
	X(IPPROTO_TCP, TCP_KEEPINTVL, INT)                                                     \
	X(IPPROTO_TCP, TCP_KEEPCNT, INT)                                                       \
	X(IPPROTO_TCP, TCP_USER_TIMEOUT, INT)                                                  \
	X(IPPROTO_TCP, TCP_SYNCNT, INT)                                                        \
	X(IPPROTO_TCP, TCP_LINGER2, INT)                                                       \
	X(IPPROTO_TCP, TCP_FASTOPEN, INT)                                                      \
	X(IPPROTO_TCP, TCP_FASTOPEN_CONNECT, INT)                                              \
	X(IPPROTO_TCP, TCP_WINDOW_CLAMP, INT)                                                  \
	X(IPPROTO_TCP, TCP_DEFER_ACCEPT, INT)                                                  \
	X(IPPROTO_TCP, TCP_NOTSENT_LOWAT, INT)                                                 \
	X(IPPROTO_IP, IP_TOS, INT)                                                             \
	X(IPPROTO_IP, IP_TTL, INT)                                                             \
	X(IPPROTO_IP, IP_MTU_DISCOVER, INT)                                                    \
	X(IPPROTO_IP, IP_RECVERR, INT)                                                         \
	X(IPPROTO_IP, IP_MULTICAST_TTL, INT)                                                   \
	X(IPPROTO_IP, IP_MULTICAST_LOOP, INT)                                                  \
	X(IPPROTO_IP, IP_MULTICAST_IF, OWN4)                                                   \
	X(IPPROTO_IP, IP_ADD_MEMBERSHIP, GROUP4)                                               \
	X(IPPROTO_IP, IP_DROP_MEMBERSHIP, GROUP4)                                              \
	X(IPPROTO_IPV6, IPV6_V6ONLY, INT)                                                      \
	X(IPPROTO_IPV6, IPV6_TCLASS, INT)                                                      \
	X(IPPROTO_IPV6, IPV6_UNICAST_HOPS, INT)                                                \
	X(IPPROTO_IPV6, IPV6_MTU_DISCOVER, INT)                                                \
	X(IPPROTO_IPV6, IPV6_RECVERR, INT)                                                     \
	X(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, INT)                                              \
	X(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, INT)                                              \
	X(IPPROTO_IPV6, IPV6_JOIN_GROUP, GROUP6)                                               \
	X(IPPROTO_IPV6, IPV6_LEAVE_GROUP, GROUP6)

static const char *const option_names[] = {
#define X(level, name, kind) #name,
	OPTION_LIST(X)
#undef X
};

static const struct option_row {
	int level, option;
	enum value_kind kind;
} option_rows[] = {
#define X(level, name, kind) {level, name, VALUE_##kind},
	OPTION_LIST(X)
#undef X
};

/* IPv6 has the same numbers under its own names. */
static const char *const value_names[] = {
	"IP_PMTUDISC_DONT",  "IP_PMTUDISC_WANT",      "IP_PMTUDISC_DO",
	"IP_PMTUDISC_PROBE", "IP_PMTUDISC_INTERFACE", "IP_PMTUDISC_OMIT",
};
static const int value_numbers[] = {
	IP_PMTUDISC_DONT,  IP_PMTUDISC_WANT,      IP_PMTUDISC_DO,
	IP_PMTUDISC_PROBE, IP_PMTUDISC_INTERFACE, IP_PMTUDISC_OMIT,
};

struct option_value { /* as the kernel takes it */
	const void *bytes;
	socklen_t size;
	int number;
	struct linger linger;
	struct timeval time;
	struct in_addr own4;
	struct ip_mreq group4;
	struct ipv6_mreq group6;
};

static const struct words values = {value_names, ARRAY_COUNT(value_names)};
static const struct words options = {option_names, ARRAY_COUNT(option_names)};

static bool value_int(const struct actor *a, struct option_value *value)
{
	const char *word = a->step->to;
	size_t i;
	value->bytes = &value->number;
	value->size = sizeof(value->number);
	if (!word) {
		value->number = (int)a->step->number;
		return a->step->number >= INT_MIN && a->step->number <= INT_MAX;
	}
	if (!words_find(&values, word, &i))
		return false;
	value->number = value_numbers[i];
	return true;
}

static bool value_word(const struct actor *a, struct option_value *value)
{
	value->bytes = a->step->to;
	value->size = a->step->to ? (socklen_t)strlen(a->step->to) : 0;
	return value->bytes != NULL;
}

static bool value_linger(const struct actor *a, struct option_value *value)
{
	bool ok = value_int(a, value) && !a->step->to && value->number >= 0;
	value->linger = (struct linger){.l_onoff = 1, .l_linger = value->number};
	value->bytes = &value->linger;
	value->size = sizeof(value->linger);
	return ok;
}

static bool value_time(const struct actor *a, struct option_value *value)
{
	bool ok = value_int(a, value) && !a->step->to && value->number >= 0;
	value->time.tv_sec = value->number / 1000;
	value->time.tv_usec = value->number % 1000 * 1000;
	value->bytes = &value->time;
	value->size = sizeof(value->time);
	return ok;
}

static const char *value_address4(const struct actor *a, const char *word)
{
	bool own = word && strcmp(word, "own") == 0;
	return own ? a->config->addrs4[a->config->program->host] : word;
}

static bool value_own4(const struct actor *a, struct option_value *value)
{
	const char *address = value_address4(a, a->step->to);
	value->bytes = &value->own4;
	value->size = sizeof(value->own4);
	return address && inet_pton(AF_INET, address, &value->own4) == 1;
}

/* Without a default route the interface has to be told: it is that of the own address. */
static bool value_group4(const struct actor *a, struct option_value *value)
{
	const char *own = value_address4(a, "own");
	value->bytes = &value->group4;
	value->size = sizeof(value->group4);
	if (own && inet_pton(AF_INET, own, &value->group4.imr_interface) != 1)
		return false;
	return a->step->to &&
	       inet_pton(AF_INET, a->step->to, &value->group4.imr_multiaddr) == 1;
}

/* Interface 0: the one that the route to the group names (RFC 3493 5.2). */
static bool value_group6(const struct actor *a, struct option_value *value)
{
	value->bytes = &value->group6;
	value->size = sizeof(value->group6);
	return a->step->to &&
	       inet_pton(AF_INET6, a->step->to, &value->group6.ipv6mr_multiaddr) == 1;
}

static const struct {
	bool (*read)(const struct actor *a, struct option_value *value);
	const char *takes;
} value_kinds[] = {
	[VALUE_INT] = {value_int, "a number"},
	[VALUE_WORD] = {value_word, "a word"},
	[VALUE_LINGER] = {value_linger, "a number of seconds"},
	[VALUE_TIME] = {value_time, "a number of milliseconds"},
	[VALUE_OWN4] = {value_own4, "an IPv4 address of the host, or \"own\""},
	[VALUE_GROUP4] = {value_group4, "an IPv4 group such as \"239.7.7.7\""},
	[VALUE_GROUP6] = {value_group6, "an IPv6 group such as \"ff02::777\""},
};

int step_setsockopt(struct actor *a, struct actor_socket *s)
{
	const char *name = a->step->text ? a->step->text : "", *near;
	struct option_value value = {.bytes = NULL};
	const struct option_row *row;
	struct actor_call *call;
	size_t i;
	int result;
	if (!words_find(&options, name, &i)) {
		near = words_nearest(&options, name);
		return actor_tell(a, EXIT_USAGE,
				  "\"%.40s\" is no socket option that lessons know%s%s%s", name,
				  near ? ": did you mean \"" : "", near ? near : "",
				  near ? "\"?" : "");
	}
	row = &option_rows[i];
	if (!value_kinds[row->kind].read(a, &value))
		return actor_tell(a, EXIT_USAGE, "%s takes %s", name,
				  value_kinds[row->kind].takes);
	call = actor_call_open(a, STEP_SETSOCKOPT, s->fd);
	result = setsockopt(s->fd, row->level, row->option, value.bytes, value.size);
	return actor_call_close(call, result);
}
