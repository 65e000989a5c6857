#include "args.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define V4_MAPPED 12 /* bytes before the IPv4 address (RFC 4291 2.5.5.2) */

union name_bytes {
	sa_family_t family;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un path;
};

/* How much of it is there: it may be shorter than it says, or not readable. */
static size_t name_read(pid_t tid, const struct args_name *name, union name_bytes *bytes)
{
	size_t size = name->size < sizeof(*bytes) ? name->size : sizeof(*bytes);
	memset(bytes, 0, sizeof(*bytes));
	return memory_read(tid, name->address, bytes, size);
}

/* IPv4 in IPv6 is IPv4: that is what the packets are. */
static bool name_addr(const union name_bytes *bytes, size_t size, struct addr *addr,
		      uint16_t *port)
{
	*addr = (struct addr){0};
	*port = 0;
	if (bytes->family == AF_INET && size >= sizeof(bytes->v4)) {
		addr->family = 4;
		memcpy(addr->bytes, &bytes->v4.sin_addr, 4);
		*port = ntohs(bytes->v4.sin_port);
	} else if (bytes->family == AF_INET6 &&
		   size >= offsetof(struct sockaddr_in6, sin6_scope_id)) {
		const uint8_t *v6 = bytes->v6.sin6_addr.s6_addr;
		bool mapped = IN6_IS_ADDR_V4MAPPED(&bytes->v6.sin6_addr);
		addr->family = mapped ? 4 : 6;
		memcpy(addr->bytes, mapped ? v6 + V4_MAPPED : v6, mapped ? 4 : 16);
		*port = ntohs(bytes->v6.sin6_port);
	}
	return addr->family != 0;
}

/* "/run/log", and what Linux calls abstract, which begins with a 0 byte, as "@name". */
static void name_add_path(struct buf *out, const union name_bytes *bytes, size_t size)
{
	size_t at = offsetof(struct sockaddr_un, sun_path);
	char path[sizeof(bytes->path.sun_path)];
	size_t length = size > at ? size - at : 0;
	memcpy(path, bytes->path.sun_path, sizeof(path));
	if (length > sizeof(path))
		length = sizeof(path);
	if (length > 1 && path[0] == '\0')
		path[0] = '@';
	length = strnlen(path, length);
	args_quote(out, path, length, length);
}

void args_name_add(struct buf *out, pid_t tid, const struct args_name *name)
{
	union name_bytes bytes;
	size_t size = name_read(tid, name, &bytes);
	char text[ADDR_TEXT];
	struct addr addr;
	uint16_t port;
	if (size < sizeof(bytes.family)) {
		args_pointer(out, name->address);
	} else if (name_addr(&bytes, size, &addr, &port)) {
		addr_text(&addr, text);
		if (addr.family == 4)
			buf_printf(out, "%s:%u", text, port);
		else if (size >= sizeof(bytes.v6) && bytes.v6.sin6_scope_id)
			buf_printf(out, "[%s%%%u]:%u", text, bytes.v6.sin6_scope_id, port);
		else
			buf_printf(out, "[%s]:%u", text, port);
	} else if (bytes.family == AF_UNIX) {
		name_add_path(out, &bytes, size);
	} else {
		names_add(out, &names_family, bytes.family);
	}
}

/* A length that the kernel has filled in, which is where the program says. */
static uint32_t name_size_at(const struct asked *asked, size_t index)
{
	uint32_t size;
	return args_read(asked, index, &size, sizeof(size)) ? size : 0;
}

static bool name_of_header(const struct asked *asked, struct args_name *name)
{
	struct msghdr header;
	if (!args_header(asked, &header))
		return false;
	name->address = (uint64_t)(uintptr_t)header.msg_name;
	name->size = header.msg_namelen;
	return name->address && name->size;
}

bool args_name(const struct asked *asked, struct args_name *name)
{
	switch (asked->kind) {
	case CALL_BIND:
	case CALL_CONNECT:
		*name = (struct args_name){asked->args[1], (uint32_t)asked->args[2]};
		return true;
	case CALL_SENDTO:
		*name = (struct args_name){asked->args[4], (uint32_t)asked->args[5]};
		return name->address != 0;
	case CALL_ACCEPT:
	case CALL_ACCEPT4:
		*name = (struct args_name){asked->args[1], 0};
		if (!args_done(asked) || !name->address)
			return false;
		name->size = name_size_at(asked, 2);
		return true;
	case CALL_RECVFROM:
		*name = (struct args_name){asked->args[4], 0};
		if (!args_done(asked) || !name->address)
			return false;
		name->size = name_size_at(asked, 5);
		return name->size != 0; /* a TCP socket fills in none */
	case CALL_SENDMSG:
	case CALL_SENDMMSG:
		return name_of_header(asked, name);
	case CALL_RECVMSG:
		return args_done(asked) && name_of_header(asked, name);
	case CALL_RECVMMSG:
		return args_done(asked) && asked->ret > 0 && name_of_header(asked, name);
	default:
		return false;
	}
}

bool args_address(const struct asked *asked, struct addr *addr, uint16_t *port)
{
	union name_bytes bytes;
	struct args_name name;
	*addr = (struct addr){0};
	*port = 0;
	return args_name(asked, &name) &&
	       name_addr(&bytes, name_read(asked->tid, &name, &bytes), addr, port);
}

void args_bind(struct buf *out, const struct asked *asked)
{
	struct args_name name;
	args_name(asked, &name);
	buf_printf(out, "%d, ", args_int(asked, 0));
	args_name_add(out, asked->tid, &name);
}

void args_accept(struct buf *out, const struct asked *asked)
{
	struct args_name name;
	buf_printf(out, "%d", args_int(asked, 0));
	if (args_name(asked, &name)) {
		buf_printf(out, ", ");
		args_name_add(out, asked->tid, &name);
	}
	if (asked->kind == CALL_ACCEPT4 && args_int(asked, 3)) {
		buf_printf(out, ", ");
		names_add_flags(out, &names_type_flags, (uint32_t)asked->args[3]);
	}
}
