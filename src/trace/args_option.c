/* Socket options: the level is left out where the option's name says it. */
#include "args.h"

#include "wireladder/model_call.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define VALUE_BYTES 64 /* of a value, as far as it is read */

/* Values that only a tracer meets, beside those of lessons. */
enum value_seen {
	VALUE_ERRNO = SOCKOPT_VALUE_COUNT, /* SO_ERROR */
	VALUE_DOMAIN, VALUE_TYPE, VALUE_PROTOCOL,
	VALUE_STRUCT,                      /* "…" */
	VALUE_COUNT
};

/* Options that lessons cannot set, or that can only be asked for. */
#define OPTION_SEEN_LIST(X) \
	X(SOL_SOCKET, SO_ERROR, VALUE_ERRNO) X(SOL_SOCKET, SO_TYPE, VALUE_TYPE) \
	X(SOL_SOCKET, SO_DOMAIN, VALUE_DOMAIN) X(SOL_SOCKET, SO_PROTOCOL, VALUE_PROTOCOL) \
	X(SOL_SOCKET, SO_ACCEPTCONN, SOCKOPT_INT) X(SOL_SOCKET, SO_PRIORITY, SOCKOPT_INT) \
	X(SOL_SOCKET, SO_MARK, SOCKOPT_INT) X(SOL_SOCKET, SO_DONTROUTE, SOCKOPT_INT) \
	X(SOL_SOCKET, SO_BINDTODEVICE, SOCKOPT_WORD) X(SOL_SOCKET, SO_TIMESTAMP, SOCKOPT_INT) \
	X(SOL_SOCKET, SO_TIMESTAMPNS, SOCKOPT_INT) \
	X(SOL_SOCKET, SO_TIMESTAMPING, SOCKOPT_INT) X(SOL_SOCKET, SO_BUSY_POLL, SOCKOPT_INT) \
	X(SOL_SOCKET, SO_INCOMING_CPU, SOCKOPT_INT) X(SOL_SOCKET, SO_RCVBUFFORCE, SOCKOPT_INT) \
	X(SOL_SOCKET, SO_SNDBUFFORCE, SOCKOPT_INT) X(SOL_SOCKET, SO_PEEK_OFF, SOCKOPT_INT) \
	X(SOL_SOCKET, SO_ZEROCOPY, SOCKOPT_INT) X(SOL_SOCKET, SO_COOKIE, SOCKOPT_INT) \
	X(SOL_SOCKET, SO_SNDLOWAT, SOCKOPT_INT) X(SOL_SOCKET, SO_PASSCRED, SOCKOPT_INT) \
	X(SOL_SOCKET, SO_PEERCRED, VALUE_STRUCT) X(SOL_SOCKET, SO_ATTACH_FILTER, VALUE_STRUCT) \
	X(IPPROTO_TCP, TCP_INFO, VALUE_STRUCT) X(IPPROTO_TCP, TCP_ULP, SOCKOPT_WORD) \
	X(IPPROTO_TCP, TCP_SAVE_SYN, SOCKOPT_INT) X(IPPROTO_TCP, TCP_SAVED_SYN, VALUE_STRUCT) \
	X(IPPROTO_TCP, TCP_MD5SIG, VALUE_STRUCT) X(IPPROTO_TCP, TCP_CC_INFO, VALUE_STRUCT) \
	X(IPPROTO_TCP, TCP_FASTOPEN_KEY, VALUE_STRUCT) X(IPPROTO_TCP, TCP_REPAIR, SOCKOPT_INT) \
	X(IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, SOCKOPT_INT) \
	X(IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, SOCKOPT_INT) \
	X(IPPROTO_TCP, TCP_TIMESTAMP, SOCKOPT_INT) X(IPPROTO_TCP, TCP_INQ, SOCKOPT_INT) \
	X(IPPROTO_TCP, TCP_TX_DELAY, SOCKOPT_INT) X(IPPROTO_IP, IP_PKTINFO, SOCKOPT_INT) \
	X(IPPROTO_IP, IP_RECVTOS, SOCKOPT_INT) X(IPPROTO_IP, IP_RECVTTL, SOCKOPT_INT) \
	X(IPPROTO_IP, IP_FREEBIND, SOCKOPT_INT) X(IPPROTO_IP, IP_TRANSPARENT, SOCKOPT_INT) \
	X(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, SOCKOPT_INT) X(IPPROTO_IP, IP_MTU, SOCKOPT_INT) \
	X(IPPROTO_IP, IP_MULTICAST_ALL, SOCKOPT_INT) X(IPPROTO_IP, IP_OPTIONS, VALUE_STRUCT) \
	X(IPPROTO_IPV6, IPV6_RECVPKTINFO, SOCKOPT_INT) \
	X(IPPROTO_IPV6, IPV6_RECVTCLASS, SOCKOPT_INT) \
	X(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, SOCKOPT_INT) X(IPPROTO_IPV6, IPV6_MTU, SOCKOPT_INT) \
	X(IPPROTO_IPV6, IPV6_MULTICAST_IF, SOCKOPT_INT) \
	X(IPPROTO_IPV6, IPV6_DONTFRAG, SOCKOPT_INT) X(IPPROTO_UDP, UDP_CORK, SOCKOPT_INT) \
	X(IPPROTO_UDP, UDP_SEGMENT, SOCKOPT_INT) X(IPPROTO_UDP, UDP_GRO, SOCKOPT_INT)

static const struct option {
	const char *name;
	int level, number, value;
} options[] = {
#define X(level, name, value) {#name, level, name, SOCKOPT_##value},
	SOCKOPT_LIST(X)
#undef X
#define X(level, name, value) {#name, level, name, value},
	OPTION_SEEN_LIST(X)
#undef X
};

struct value { /* as far as it was read */
	union {
		uint8_t bytes[VALUE_BYTES];
		uint32_t number;
		uint64_t wide;
		struct linger linger;
		struct timeval time;
		struct in_addr own4;
		struct ip_mreqn group4; /* an ip_mreq is its beginning */
		struct ipv6_mreq group6;
	};
	size_t size;
};

static void value_int(struct buf *out, const struct value *value)
{
	if (value->size >= sizeof(value->wide))
		buf_printf(out, "%" PRIu64, value->wide);
	else if (value->size >= sizeof(value->number))
		buf_printf(out, "%d", (int)value->number);
	else /* some options take a single byte as well (ip(7)) */
		buf_printf(out, "%u", value->bytes[0]);
}

static void value_word(struct buf *out, const struct value *value)
{
	size_t length = strnlen((const char *)value->bytes, value->size);
	args_quote(out, value->bytes, length, length);
}

static void value_linger(struct buf *out, const struct value *value)
{
	if (value->linger.l_onoff)
		buf_printf(out, "{on, %d s}", value->linger.l_linger);
	else
		buf_printf(out, "{off}");
}

static void value_time(struct buf *out, const struct value *value)
{
	double ms = (double)value->time.tv_sec * 1000 + (double)value->time.tv_usec / 1000;
	buf_printf(out, "%.15g ms", ms);
}

static void value_add_ip(struct buf *out, int family, const void *bytes)
{
	char text[INET6_ADDRSTRLEN] = "";
	inet_ntop(family, bytes, text, sizeof(text));
	buf_printf(out, "%s", text);
}

static void value_own4(struct buf *out, const struct value *value)
{
	bool group = value->size >= sizeof(struct ip_mreq); /* the interface is its second */
	value_add_ip(out, AF_INET, group ? &value->group4.imr_address : &value->own4);
}

static void value_group4(struct buf *out, const struct value *value)
{
	value_add_ip(out, AF_INET, &value->group4.imr_multiaddr);
	if (value->group4.imr_address.s_addr) {
		buf_printf(out, " on ");
		value_add_ip(out, AF_INET, &value->group4.imr_address);
	} else if (value->group4.imr_ifindex) {
		buf_printf(out, " on interface %d", value->group4.imr_ifindex);
	}
}

static void value_group6(struct buf *out, const struct value *value)
{
	value_add_ip(out, AF_INET6, &value->group6.ipv6mr_multiaddr);
	if (value->group6.ipv6mr_interface)
		buf_printf(out, " on interface %u", value->group6.ipv6mr_interface);
}

static void value_errno(struct buf *out, const struct value *value)
{
	const char *name = value->number ? strerrorname_np((int)value->number) : NULL;
	if (name)
		buf_printf(out, "%s", name);
	else
		value_int(out, value);
}

static void value_domain(struct buf *out, const struct value *value)
{
	names_add(out, &names_family, value->number);
}

static void value_type(struct buf *out, const struct value *value)
{
	names_add(out, &names_type, value->number);
}

static void value_protocol(struct buf *out, const struct value *value)
{
	names_add(out, &names_protocol, value->number);
}

static void value_struct(struct buf *out, const struct value *value)
{
	(void)value;
	buf_printf(out, "…");
}

static const struct value_form {
	void (*write)(struct buf *out, const struct value *value);
	size_t least; /* bytes without which it is no such value */
} forms[VALUE_COUNT] = {
	[SOCKOPT_INT] = {value_int, 1},
	[SOCKOPT_WORD] = {value_word, 0},
	[SOCKOPT_LINGER] = {value_linger, sizeof(struct linger)},
	[SOCKOPT_TIME] = {value_time, sizeof(struct timeval)},
	[SOCKOPT_OWN4] = {value_own4, sizeof(struct in_addr)},
	[SOCKOPT_GROUP4] = {value_group4, sizeof(struct ip_mreq)},
	[SOCKOPT_GROUP6] = {value_group6, sizeof(struct ipv6_mreq)},
	[VALUE_ERRNO] = {value_errno, sizeof(int)},
	[VALUE_DOMAIN] = {value_domain, sizeof(int)},
	[VALUE_TYPE] = {value_type, sizeof(int)},
	[VALUE_PROTOCOL] = {value_protocol, sizeof(int)},
	[VALUE_STRUCT] = {value_struct, 0},
};

static const struct option *option_find(const struct asked *asked)
{
	for (size_t i = 0; i < ARRAY_COUNT(options); i++) {
		if (options[i].level == args_int(asked, 1) &&
		    options[i].number == args_int(asked, 2))
			return &options[i];
	}
	return NULL;
}

static const struct option *option_add(struct buf *out, const struct asked *asked)
{
	const struct option *option = option_find(asked);
	buf_printf(out, "%d, ", args_int(asked, 0));
	if (option) {
		buf_printf(out, "%s", option->name);
	} else {
		names_add(out, &names_level, (uint64_t)args_int(asked, 1));
		buf_printf(out, ", %d", args_int(asked, 2));
	}
	return option;
}

/* The two words of IP_MTU_DISCOVER and of IPv6's, which has the same numbers (ipv6(7)). */
static bool option_is_pmtudisc(const struct option *option)
{
	return (option->level == IPPROTO_IP && option->number == IP_MTU_DISCOVER) ||
	       (option->level == IPPROTO_IPV6 && option->number == IPV6_MTU_DISCOVER);
}

static void option_add_value(struct buf *out, const struct asked *asked,
			     const struct option *option, uint32_t size)
{
	static const struct option unknown = {.value = VALUE_STRUCT};
	static const struct option number = {.value = SOCKOPT_INT};
	struct value value = {.size = size < VALUE_BYTES ? size : VALUE_BYTES};
	size_t wanted = value.size;
	if (!option)
		option = size == sizeof(int) ? &number : &unknown;
	value.size = memory_read(asked->tid, asked->args[3], value.bytes, wanted);
	buf_printf(out, ", ");
	if (value.size < wanted || value.size < forms[option->value].least)
		args_pointer(out, asked->args[3]);
	else if (option_is_pmtudisc(option) && value.size >= sizeof(int))
		names_add(out, &names_pmtudisc, value.number);
	else
		forms[option->value].write(out, &value);
}

void args_setsockopt(struct buf *out, const struct asked *asked)
{
	const struct option *option = option_add(out, asked);
	option_add_value(out, asked, option, (uint32_t)asked->args[4]);
}

void args_getsockopt(struct buf *out, const struct asked *asked)
{
	const struct option *option = option_add(out, asked);
	uint32_t size;
	if (args_done(asked) && args_read(asked, 4, &size, sizeof(size)))
		option_add_value(out, asked, option, size);
}
