/* A call's arguments as a person writes them. The table says which file knows a call; memory of
 * the program is read as it is now, which need not be what the kernel saw: another thread may
 * have changed it. Nothing here believes a pointer or a length. */
#include "args.h"

#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

void args_pointer(struct buf *out, uint64_t address)
{
	if (address)
		buf_printf(out, "0x%" PRIx64, address);
	else
		buf_printf(out, "NULL");
}

void args_quote(struct buf *out, const void *bytes, size_t shown, uint64_t whole)
{
	const uint8_t *s = bytes;
	size_t used = 0;
	buf_printf(out, "\"");
	while (used < shown && used < ARGS_PAYLOAD) {
		uint32_t character;
		size_t length = text_utf8_next(s + used, shown - used, &character);
		if (character == '"' || character == '\\')
			buf_printf(out, "\\");
		text_add_visible(out, s + used, length);
		used += length;
	}
	buf_printf(out, used < whole ? "\"…" : "\"");
}

static void args_socket(struct buf *out, const struct asked *asked)
{
	uint32_t flags = (uint32_t)asked->args[1] & (SOCK_NONBLOCK | SOCK_CLOEXEC);
	uint32_t type = (uint32_t)asked->args[1] & ~flags;
	names_add(out, &names_family, (uint64_t)args_int(asked, 0));
	buf_printf(out, ", ");
	names_add(out, &names_type, type);
	if (flags) {
		buf_printf(out, "|");
		names_add_flags(out, &names_type_flags, flags);
	}
	if (args_int(asked, 2)) {
		buf_printf(out, ", ");
		names_add(out, &names_protocol, (uint64_t)args_int(asked, 2));
	}
}

static void args_one(struct buf *out, const struct asked *asked)
{
	buf_printf(out, "%d", args_int(asked, 0));
}

static void args_two(struct buf *out, const struct asked *asked)
{
	buf_printf(out, "%d, %d", args_int(asked, 0), args_int(asked, 1));
}

static void args_dup3(struct buf *out, const struct asked *asked)
{
	args_two(out, asked);
	buf_printf(out, ", ");
	names_add_flags(out, &names_open, (uint32_t)asked->args[2]);
}

static void args_shutdown(struct buf *out, const struct asked *asked)
{
	buf_printf(out, "%d, ", args_int(asked, 0));
	names_add(out, &names_shut, (uint64_t)args_int(asked, 1));
}

/* Where it reads from or writes to, at entry: the kernel has moved it on since. */
static void args_offset(struct buf *out, const struct asked *asked, size_t index)
{
	uint64_t offset;
	uint64_t moved = args_done(asked) ? (uint64_t)asked->ret : 0;
	buf_printf(out, ", ");
	if (args_read(asked, index, &offset, sizeof(offset)))
		buf_printf(out, "%" PRId64, (int64_t)(offset - moved));
	else
		args_pointer(out, asked->args[index]);
}

static void args_sendfile(struct buf *out, const struct asked *asked)
{
	args_two(out, asked);
	args_offset(out, asked, 2);
	buf_printf(out, ", %" PRIu64, asked->args[3]);
}

static void args_splice(struct buf *out, const struct asked *asked)
{
	args_one(out, asked);
	args_offset(out, asked, 1);
	buf_printf(out, ", %d", args_int(asked, 2));
	args_offset(out, asked, 3);
	buf_printf(out, ", %" PRIu64, asked->args[4]);
	if (asked->args[5]) {
		buf_printf(out, ", ");
		names_add_flags(out, &names_splice, (uint32_t)asked->args[5]);
	}
}

static void (*const writers[CALL_COUNT])(struct buf *out, const struct asked *asked) = {
	[CALL_SOCKET] = args_socket,         [CALL_BIND] = args_bind,
	[CALL_LISTEN] = args_two,            [CALL_ACCEPT] = args_accept,
	[CALL_ACCEPT4] = args_accept,        [CALL_CONNECT] = args_bind,
	[CALL_SENDTO] = args_message,        [CALL_SENDMSG] = args_message,
	[CALL_SENDMMSG] = args_message,      [CALL_SENDFILE] = args_sendfile,
	[CALL_SPLICE] = args_splice,         [CALL_RECVFROM] = args_message,
	[CALL_RECVMSG] = args_message,       [CALL_RECVMMSG] = args_message,
	[CALL_SHUTDOWN] = args_shutdown,     [CALL_CLOSE] = args_one,
	[CALL_GETSOCKOPT] = args_getsockopt, [CALL_SETSOCKOPT] = args_setsockopt,
	[CALL_POLL] = args_poll,             [CALL_PPOLL] = args_poll,
	[CALL_SELECT] = args_select,         [CALL_PSELECT6] = args_select,
	[CALL_EPOLL_WAIT] = args_epoll,      [CALL_EPOLL_PWAIT] = args_epoll,
	[CALL_EPOLL_PWAIT2] = args_epoll,    [CALL_DUP] = args_one,
	[CALL_DUP2] = args_two,              [CALL_DUP3] = args_dup3,
	[CALL_READ] = args_message,          [CALL_READV] = args_message,
	[CALL_WRITE] = args_message,         [CALL_WRITEV] = args_message,
};

/* The kernel has no send and recv: libc makes them of sendto and recvfrom without address. */
static const char *args_call_name(const struct asked *asked)
{
	if (asked->kind == CALL_SENDTO && !asked->args[4])
		return "send";
	if (asked->kind == CALL_RECVFROM && !asked->args[4])
		return "recv";
	return call_words[asked->kind];
}

/* Cut between two characters, with an ellipsis (three bytes). */
static void args_cut(struct buf *out, size_t start)
{
	static const char ellipsis[] = "…";
	size_t end = start + ARGS_BYTES - (sizeof(ellipsis) - 1);
	if (out->failed || out->len - start <= ARGS_BYTES)
		return;
	while (end > start && (out->at[end] & 0xC0) == 0x80)
		end--;
	out->len = end;
	buf_add(out, ellipsis, sizeof(ellipsis) - 1);
}

void args_write(struct buf *out, const struct asked *asked, const char **name)
{
	size_t start = out->len;
	*name = args_call_name(asked);
	writers[asked->kind](out, asked);
	args_cut(out, start);
}

size_t args_fds(const struct asked *asked, int *fds, size_t room)
{
	enum call_kind kind = asked->kind;
	size_t count = 1;
	int all[2] = {args_int(asked, 0), args_int(asked, 1)};
	if (call_classes[kind] == CALLS_MAKE)
		return 0;
	if (call_classes[kind] == CALLS_WAIT)
		return args_waits_for(asked, fds, room);
	if (kind == CALL_SPLICE) /* where to comes first, as in sendfile */
		all[0] = args_int(asked, 2), all[1] = args_int(asked, 0);
	if (kind == CALL_SPLICE || kind == CALL_SENDFILE)
		count = 2;
	if (count > room)
		count = room;
	memcpy(fds, all, count * sizeof(*fds));
	return count;
}
