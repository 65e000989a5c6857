/* Calls that carry payload: a buffer, a vector of them, a header with a vector, or several
 * headers. Of several messages the first one's bytes are shown, and all are counted. */
#include "args.h"

#include <inttypes.h>
#include <sys/socket.h>

#define VECTOR_CHUNK  64   /* buffers, and messages, that are read at once */
#define VECTOR_MOST   1024 /* Linux takes no more (UIO_MAXIOV) */
#define CHARACTER_MAX 4    /* bytes of UTF-8: one may begin in the last byte that is shown */

enum shape { SHAPE_NONE, SHAPE_BUFFER, SHAPE_VECTOR, SHAPE_HEADER, SHAPE_HEADERS };
static const struct message_form {
	enum shape shape;
	uint8_t flags; /* which argument they are; 0: it has none */
} forms[CALL_COUNT] = {
	[CALL_SENDTO] = {SHAPE_BUFFER, 3},    [CALL_RECVFROM] = {SHAPE_BUFFER, 3},
	[CALL_READ] = {SHAPE_BUFFER, 0},      [CALL_WRITE] = {SHAPE_BUFFER, 0},
	[CALL_READV] = {SHAPE_VECTOR, 0},     [CALL_WRITEV] = {SHAPE_VECTOR, 0},
	[CALL_SENDMSG] = {SHAPE_HEADER, 2},   [CALL_RECVMSG] = {SHAPE_HEADER, 2},
	[CALL_SENDMMSG] = {SHAPE_HEADERS, 3}, [CALL_RECVMMSG] = {SHAPE_HEADERS, 3},
};

struct vector { /* of buffers, in the program's memory */
	pid_t tid;
	uint64_t address;
	uint64_t count;
	struct iovec one; /* what it is, when it has no address */
};

static uint32_t message_flags(const struct asked *asked)
{
	uint8_t index = forms[asked->kind].flags;
	return index ? (uint32_t)asked->args[index] : 0;
}

static bool message_is_sent(const struct asked *asked)
{
	return call_classes[asked->kind] == CALLS_SEND;
}

static struct vector vector_of_header(pid_t tid, const struct msghdr *header)
{
	return (struct vector){.tid = tid, .address = (uint64_t)(uintptr_t)header->msg_iov,
			       .count = header->msg_iovlen};
}

bool args_header(const struct asked *asked, struct msghdr *header)
{
	enum shape shape = forms[asked->kind].shape;
	if (shape != SHAPE_HEADER && shape != SHAPE_HEADERS)
		return false;
	return args_read(asked, 1, header, sizeof(*header));
}

/* Of the first message. False: its header cannot be read. */
static bool message_vector(const struct asked *asked, struct vector *vector)
{
	struct msghdr header;
	*vector = (struct vector){.tid = asked->tid, .count = 1};
	switch (forms[asked->kind].shape) {
	case SHAPE_BUFFER:
		vector->one = (struct iovec){.iov_base = (void *)(uintptr_t)asked->args[1],
					     .iov_len = asked->args[2]};
		return true;
	case SHAPE_VECTOR:
		vector->address = asked->args[1];
		vector->count = asked->args[2];
		return true;
	default:
		if (!args_header(asked, &header))
			return false;
		*vector = vector_of_header(asked->tid, &header);
		return true;
	}
}

/* Up to VECTOR_CHUNK of its buffers, from number `from` on. */
static size_t vector_read(const struct vector *vector, uint64_t from, struct iovec *chunk)
{
	uint64_t most = vector->count < VECTOR_MOST ? vector->count : VECTOR_MOST;
	uint64_t left = from < most ? most - from : 0;
	if (left > VECTOR_CHUNK)
		left = VECTOR_CHUNK;
	if (vector->address)
		return memory_read(vector->tid, vector->address + from * sizeof(*chunk), chunk,
				   left * sizeof(*chunk)) / sizeof(*chunk);
	if (left > 0 && vector->one.iov_base)
		chunk[0] = vector->one;
	return left > 0 && vector->one.iov_base ? 1 : 0;
}

static uint64_t bytes_sum(uint64_t a, uint64_t b)
{
	return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

static uint64_t vector_bytes(const struct vector *vector)
{
	struct iovec chunk[VECTOR_CHUNK];
	uint64_t from = 0, bytes = 0;
	size_t got;
	do {
		got = vector_read(vector, from, chunk);
		for (size_t i = 0; i < got; i++)
			bytes = bytes_sum(bytes, chunk[i].iov_len);
		from += got;
	} while (got == VECTOR_CHUNK);
	return bytes;
}

/* Its first bytes, joined: no more than whole, nor than room. */
static size_t vector_gather(const struct vector *vector, uint64_t whole, uint8_t *bytes,
			    size_t room)
{
	struct iovec chunk[VECTOR_CHUNK];
	size_t count = vector_read(vector, 0, chunk), used = 0;
	for (size_t i = 0; i < count && used < room && used < whole; i++) {
		uint64_t left = whole - used < room - used ? whole - used : room - used;
		uint64_t part = chunk[i].iov_len < left ? chunk[i].iov_len : left;
		size_t got = memory_read(vector->tid, (uint64_t)(uintptr_t)chunk[i].iov_base,
					 bytes + used, part);
		used += got;
		if (got < part)
			break;
	}
	return used;
}

/* Over several messages: what they ask for, or what was done for the first `done` of them. */
static uint64_t messages_bytes(const struct asked *asked)
{
	uint64_t count = args_done(asked) ? (uint64_t)asked->ret : (uint32_t)asked->args[2];
	uint64_t bytes = 0;
	struct mmsghdr message;
	struct vector vector;
	if (count > VECTOR_MOST)
		count = VECTOR_MOST;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t address = asked->args[1] + i * sizeof(message), part;
		size_t got = memory_read(asked->tid, address, &message, sizeof(message));
		if (got < sizeof(message))
			break;
		vector = vector_of_header(asked->tid, &message.msg_hdr);
		part = asked->returned ? message.msg_len : vector_bytes(&vector);
		bytes = bytes_sum(bytes, part);
	}
	return bytes;
}

uint64_t args_bytes(const struct asked *asked)
{
	struct vector vector;
	enum call_kind kind = asked->kind;
	bool payload = forms[kind].shape != SHAPE_NONE;
	if (!payload && kind != CALL_SENDFILE && kind != CALL_SPLICE)
		return 0;
	if (asked->returned && asked->ret < 0)
		return 0;
	if (forms[kind].shape == SHAPE_HEADERS)
		return messages_bytes(asked);
	if (asked->returned)
		return (uint64_t)asked->ret;
	if (!payload)
		return asked->args[kind == CALL_SENDFILE ? 3 : 4];
	return message_vector(asked, &vector) ? vector_bytes(&vector) : 0;
}

bool args_peek(const struct asked *asked)
{
	return call_classes[asked->kind] == CALLS_RECEIVE && (message_flags(asked) & MSG_PEEK);
}

/* How much of the first message is there to be shown. */
static uint64_t message_whole(const struct asked *asked, uint64_t wanted)
{
	struct mmsghdr first;
	uint64_t done;
	if (message_is_sent(asked))
		return wanted;
	if (!args_done(asked))
		return 0;
	done = (uint64_t)asked->ret;
	if (forms[asked->kind].shape == SHAPE_HEADERS) {
		bool ok = asked->ret > 0 && args_read(asked, 1, &first, sizeof(first));
		done = ok ? first.msg_len : 0;
	}
	return done < wanted ? done : wanted; /* a datagram may have been longer */
}

static void message_add_payload(struct buf *out, const struct asked *asked,
				const struct vector *vector, uint64_t wanted)
{
	uint8_t bytes[ARGS_PAYLOAD + CHARACTER_MAX - 1];
	uint64_t whole = message_whole(asked, wanted);
	size_t shown = vector_gather(vector, whole, bytes, sizeof(bytes));
	buf_printf(out, ", ");
	if (whole > 0 && shown == 0)
		args_pointer(out, asked->args[1]);
	else
		args_quote(out, bytes, shown, whole);
}

/* Whether bytes are there: sent ones always, received ones when they have come. MSG_TRUNC makes
 * TCP throw them away (tcp(7)), so the buffer holds something else. */
static bool message_has_payload(const struct asked *asked)
{
	if (message_is_sent(asked))
		return true;
	return args_done(asked) && !(message_flags(asked) & MSG_TRUNC);
}

void args_message(struct buf *out, const struct asked *asked)
{
	bool several = forms[asked->kind].shape == SHAPE_HEADERS;
	struct vector vector;
	struct args_name name;
	uint64_t wanted;
	buf_printf(out, "%d", args_int(asked, 0));
	if (several)
		buf_printf(out, ", [%u message%s]", (uint32_t)asked->args[2],
			   (uint32_t)asked->args[2] == 1 ? "" : "s");
	if (message_vector(asked, &vector)) {
		wanted = vector_bytes(&vector);
		if (message_has_payload(asked))
			message_add_payload(out, asked, &vector, wanted);
		if (!several)
			buf_printf(out, ", %" PRIu64, wanted);
	} else {
		buf_printf(out, ", ");
		args_pointer(out, asked->args[1]);
	}
	if (message_flags(asked)) {
		buf_printf(out, ", ");
		names_add_flags(out, &names_msg, message_flags(asked));
	}
	if (args_name(asked, &name)) {
		buf_printf(out, ", ");
		args_name_add(out, asked->tid, &name);
	}
}
