#include "pipeline.h"

#include "wireladder/decode.h"

/* What every source of frames does with one: decode it, and lend its bytes from the network
 * header on. ns is the frame's stamp, or what stands for it where it has none. */
void source_packet(const struct frame *frame, uint64_t ns, struct event *event)
{
	struct packet *packet = &event->packet;
	struct cursor bytes = cursor_init(frame->bytes, frame->caplen);
	decode_frame(frame, &packet->segment);
	cursor_skip(&bytes, packet->segment.network_offset);
	event->kind = EVENT_PACKET;
	event->ns = ns;
	event->vantage = 0;
	packet->n = frame->n;
	packet->interface = frame->interface;
	packet->len = frame->len;
	packet->bytes = bytes.at;
	packet->byte_count = (uint32_t)cursor_left(&bytes);
}
