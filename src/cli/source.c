#include "pipeline.h"

bool unpacker_open(struct unpacker *unpacker, struct err *err)
{
	struct joiner_config config = {0};
	*unpacker = (struct unpacker){.joiner = joiner_open(&config, err)};
	return unpacker->joiner != NULL;
}

/* Fills the event in for one packet of the frame; its segment is there. */
static void unpacker_packet(struct unpacker *unpacker, struct event *event)
{
	const struct frame *frame = &unpacker->frame;
	struct packet *packet = &event->packet;
	struct cursor bytes = cursor_init(frame->bytes, frame->caplen);
	unpacker->next = packet->segment.next;
	unpacker->state = WHOLE_NONE;
	if (packet->segment.kind == SEGMENT_FRAGMENT &&
	    joiner_add(unpacker->joiner, frame, unpacker->ns, &packet->segment,
		       &unpacker->whole))
		unpacker->state = WHOLE_WAITS;
	if (frame->link_flags >> 16)
		packet->segment.flaws |= FLAW_LINK_ERROR;
	cursor_skip(&bytes, packet->segment.network_offset);
	event->kind = EVENT_PACKET;
	event->ns = unpacker->ns;
	event->vantage = 0;
	packet->n = frame->n;
	packet->interface = frame->interface;
	packet->len = frame->len;
	packet->bytes = bytes.at;
	packet->byte_count = (uint32_t)cursor_left(&bytes);
	packet->fragments = NULL;
	packet->fragment_count = 0;
	packet->comment = frame->comment;
	packet->comment_len = frame->comment_len;
	packet->link_flags = frame->link_flags;
}

void unpacker_frame(struct unpacker *unpacker, const struct frame *frame, uint64_t ns,
		    struct event *event)
{
	unpacker->frame = *frame;
	unpacker->ns = ns;
	decode_frame(frame, &event->packet.segment);
	event->packet.aggregated = false;
	event->packet.way = (struct way){0};
	unpacker_packet(unpacker, event);
}

static bool unpacker_has_whole(struct unpacker *unpacker)
{
	bool fragment = unpacker->whole.segment.kind == SEGMENT_FRAGMENT;
	if (unpacker->state == WHOLE_GIVEN)
		return fragment && joiner_again(unpacker->joiner, &unpacker->whole);
	return unpacker->state == WHOLE_WAITS;
}

static void unpacker_whole(const struct unpacker *unpacker, struct event *event)
{
	const struct whole *whole = &unpacker->whole;
	event->kind = EVENT_PACKET;
	event->ns = unpacker->ns;
	event->vantage = 0;
	event->packet.segment = whole->segment;
	event->packet.n = unpacker->frame.n;
	event->packet.interface = unpacker->frame.interface;
	event->packet.len = whole->len;
	event->packet.bytes = whole->bytes;
	event->packet.byte_count = whole->caplen;
	event->packet.fragments = whole->fragments;
	event->packet.fragment_count = whole->fragment_count;
	event->packet.comment = NULL; /* that and the flags stand with the fragment */
	event->packet.comment_len = event->packet.link_flags = 0;
	event->packet.aggregated = false;
	event->packet.way = (struct way){0};
}

bool unpacker_more(struct unpacker *unpacker, struct event *event)
{
	if (unpacker->state == WHOLE_NONE && unpacker->next == 0)
		return false;
	unpacker->state = unpacker_has_whole(unpacker) ? WHOLE_GIVEN : WHOLE_NONE;
	if (unpacker->state == WHOLE_GIVEN) {
		unpacker_whole(unpacker, event);
		return true;
	}
	event->packet.segment.next = unpacker->next; /* the event may have held others since */
	unpacker->next = 0;
	if (!decode_next(&unpacker->frame, &event->packet.segment))
		return false;
	unpacker_packet(unpacker, event);
	event->packet.aggregated = true;
	event->packet.len = 0; /* the frame's is counted with its first packet */
	return true;
}

void unpacker_close(struct unpacker *unpacker)
{
	joiner_close(unpacker->joiner);
	unpacker->joiner = NULL;
}
