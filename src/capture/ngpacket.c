/* ngpacket: the three kinds of packet block (draft-ietf-opsawg-pcapng 4.3, 4.4 and A), and what
 * their options say beside the bytes. */
#include "ngfile.h"

#include <string.h>

#define OPTION_COMMENT   1
#define OPTION_FLAGS     2 /* epb_flags, and the obsolete block's pack_flags */
#define OPTION_DROPCOUNT 4 /* epb_dropcount; the obsolete block has a field for it */
#define DROPS_UNKNOWN    0xFFFF

/* What the three kinds have in common. */
struct packet_found {
	uint32_t interface; /* of its section */
	bool has_stamp;
	uint64_t stamp, lost;
	uint32_t caplen, len;
};

static uint64_t ng_stamp(struct cursor *c, bool swapped)
{
	uint64_t upper = ng_u32(c, swapped); /* it comes first, always */
	return upper << 32 | ng_u32(c, swapped);
}

static struct packet_found packet_enhanced(struct cursor *body, bool swapped)
{
	struct packet_found found = {.has_stamp = true};
	found.interface = ng_u32(body, swapped);
	found.stamp = ng_stamp(body, swapped);
	found.caplen = ng_u32(body, swapped);
	found.len = ng_u32(body, swapped);
	return found;
}

static struct packet_found packet_old(struct cursor *body, bool swapped)
{
	struct packet_found found = {.has_stamp = true};
	found.interface = ng_u16(body, swapped);
	found.lost = ng_u16(body, swapped);
	if (found.lost == DROPS_UNKNOWN)
		found.lost = 0;
	found.stamp = ng_stamp(body, swapped);
	found.caplen = ng_u32(body, swapped);
	found.len = ng_u32(body, swapped);
	return found;
}

/* No time, no captured length: the section's first interface cut it at its snap length. */
static struct packet_found packet_simple(const struct interfaces *interfaces,
					 struct cursor *body, bool swapped)
{
	struct packet_found found = {0};
	uint16_t first = interfaces_find(interfaces, 0);
	uint32_t snaplen = first != INTERFACE_NONE ? interfaces->vantages[first].snaplen : 0;
	found.len = ng_u32(body, swapped);
	found.caplen = snaplen > 0 && snaplen < found.len ? snaplen : found.len;
	return found;
}

/* Another comment of the same packet. They are joined where they stand: a newline and the text
 * need less room than the option that the text comes from, and nobody reads that again. */
static void comment_add(struct intake *intake, struct frame *frame, const struct cursor *value)
{
	uint32_t length = (uint32_t)cursor_left(value);
	uint8_t *end;
	if (frame->comment_len == 0) {
		frame->comment = (const char *)value->at;
		frame->comment_len = length;
		return;
	}
	end = intake->buffer + ((const uint8_t *)frame->comment - intake->buffer) +
	      frame->comment_len;
	*end = '\n';
	memmove(end + 1, value->at, length);
	frame->comment_len += 1 + length;
}

static void packet_options(struct reader *reader, const struct block *block,
			   struct cursor *options, struct frame *frame)
{
	struct option option;
	while (option_next(options, block->swapped, &option)) {
		if (option.code == OPTION_COMMENT)
			comment_add(&reader->intake, frame, &option.value);
		else if (option.code == OPTION_FLAGS && cursor_left(&option.value) >= 4)
			frame->link_flags = ng_u32(&option.value, block->swapped);
		else if (option.code == OPTION_DROPCOUNT && block->type == BLOCK_PACKET &&
			 cursor_left(&option.value) >= 8)
			frame->lost_before = ng_u64(&option.value, block->swapped);
	}
}

static struct packet_found packet_find(const struct reader *reader, const struct block *block,
				       struct cursor *body)
{
	if (block->type == BLOCK_PACKET)
		return packet_enhanced(body, block->swapped);
	if (block->type == BLOCK_PACKET_OLD)
		return packet_old(body, block->swapped);
	return packet_simple(&reader->interfaces, body, block->swapped);
}

/* The packet of a block, or false and why there is none. */
static bool ngpacket_read(struct reader *reader, const struct block *block, struct frame *frame,
			  const char **why)
{
	struct cursor body = block_body(reader, block);
	struct packet_found found = packet_find(reader, block, &body);
	uint16_t index = interfaces_find(&reader->interfaces, found.interface);
	struct interface *interface;
	*why = "a packet of an interface that is not described";
	if (index == INTERFACE_NONE)
		return false;
	interface = &reader->interfaces.list[index];
	*frame = (struct frame){
		.caplen = found.caplen,
		.len = found.len,
		.linktype = reader->interfaces.vantages[index].linktype,
		.interface = index,
		.lost_before = found.lost,
		.bytes = cursor_bytes(&body, found.caplen),
	};
	*why = "a packet that is longer than its block";
	if (!frame->bytes || found.caplen > FRAME_BYTES_MAX)
		return false;
	frame->bad_time =
		!found.has_stamp || !ticks_to_ns(&interface->ticks, found.stamp, &frame->ns);
	if (cursor_left(&body) > 3 && cursor_skip(&body, (0 - found.caplen) & 3) &&
	    block->type != BLOCK_PACKET_SIMPLE)
		packet_options(reader, block, &body, frame);
	interface->lost += frame->lost_before;
	return true;
}

enum frame_status ngpacket_deliver(struct reader *reader, const struct block *block,
				   struct frame *frame)
{
	const char *why;
	if (!ngpacket_read(reader, block, frame, &why)) {
		reader_pass_over(reader, block->total, why);
		return FRAME_NOT_YET;
	}
	intake_skip(&reader->intake, block->total);
	return FRAME_READY;
}
