#include "message.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES        65536
#define MESSAGE_BYTES_MAX (1 << 20) /* more than any has: it would be damaged */

#define BODY_OFFSET       offsetof(struct message, program) /* all bodies begin there */

struct message_head {
	uint32_t bytes; /* of body and strings */
	uint32_t kind;
	uint64_t ns, index;
};

static const size_t body_bytes[] = {
	[MESSAGE_BEAT] = 0,
	[MESSAGE_PROGRAM] = sizeof(struct program_seen),
	[MESSAGE_CALL] = sizeof(struct call),
	[MESSAGE_KERNEL] = sizeof(struct kernel_sample),
	[MESSAGE_NOTE] = sizeof(struct note),
	[MESSAGE_ENDED] = sizeof(struct traced_end),
	[MESSAGE_OVER] = 0,
};
static_assert(ARRAY_COUNT(body_bytes) == MESSAGE_COUNT, "every kind has a body");

void outbox_put(struct outbox *outbox, const struct message *message, struct strings strings)
{
	size_t body = body_bytes[message->kind];
	struct message_head head = {
		.bytes = (uint32_t)(body + strings.bytes),
		.kind = message->kind,
		.ns = message->ns,
		.index = message->index,
	};
	if (!buf_reserve(&outbox->held, sizeof(head) + head.bytes)) {
		outbox->broken = true;
		return;
	}
	buf_add(&outbox->held, &head, sizeof(head));
	buf_add(&outbox->held, (const char *)message + BODY_OFFSET, body);
	buf_add(&outbox->held, strings.at, strings.bytes);
	if (outbox->held.len > OUTBOX_HELD_MAX)
		outbox_flush(outbox);
}

void outbox_flush(struct outbox *outbox)
{
	size_t done = 0;
	while (done < outbox->held.len && !outbox->broken) {
		ssize_t wrote =
			write(outbox->fd, outbox->held.at + done, outbox->held.len - done);
		if (wrote >= 0)
			done += (size_t)wrote;
		else if (errno != EINTR)
			outbox->broken = true;
	}
	outbox->held.len = 0;
}

/* Another piece of what the pipe has. INBOX_MESSAGE: there may be one now. */
static enum inbox_status inbox_read(struct inbox *inbox)
{
	size_t left = inbox->bytes.len - inbox->at;
	ssize_t count;
	if (inbox->at > 0)
		memmove(inbox->bytes.at, inbox->bytes.at + inbox->at, left);
	inbox->at = 0;
	inbox->bytes.len = left;
	if (!buf_reserve(&inbox->bytes, READ_BYTES))
		return INBOX_DAMAGED;
	do {
		count = read(inbox->fd, inbox->bytes.at + left, READ_BYTES);
	} while (count < 0 && errno == EINTR);
	if (count < 0)
		return errno == EAGAIN ? INBOX_NOT_YET : INBOX_DAMAGED;
	inbox->bytes.len += (size_t)count;
	return count > 0 ? INBOX_MESSAGE : INBOX_END;
}

static bool message_is_sound(const struct message_head *head)
{
	return head->kind < MESSAGE_COUNT && head->bytes >= body_bytes[head->kind] &&
	       head->bytes <= MESSAGE_BYTES_MAX;
}

enum inbox_status inbox_next(struct inbox *inbox, struct message *message,
			     struct strings *strings)
{
	struct message_head head;
	enum inbox_status status = INBOX_MESSAGE;
	for (; status == INBOX_MESSAGE; status = inbox_read(inbox)) {
		size_t left = inbox->bytes.len - inbox->at, body;
		const char *from = inbox->bytes.at + inbox->at;
		if (left < sizeof(head))
			continue;
		memcpy(&head, from, sizeof(head));
		if (!message_is_sound(&head))
			return INBOX_DAMAGED;
		if (left - sizeof(head) < head.bytes)
			continue;
		body = body_bytes[head.kind];
		*message = (struct message){.kind = (enum message_kind)head.kind,
					    .index = head.index,
					    .ns = head.ns};
		memcpy((char *)message + BODY_OFFSET, from + sizeof(head), body);
		*strings = (struct strings){from + sizeof(head) + body, head.bytes - body};
		inbox->at += sizeof(head) + head.bytes;
		return INBOX_MESSAGE;
	}
	return status;
}
