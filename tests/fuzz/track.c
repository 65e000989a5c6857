/* Random bytes as a dialogue of raw IP packets: length, pause, bytes, and so on. Whatever they say,
 * the tracker's records must be whole: announced conversations, each closed once. */
#include "wireladder/decode.h"
#include "wireladder/track.h"

#include <stdlib.h>

struct seen {
	uint64_t conversations, closed, packets;
};

static bool seen_take(void *context, const struct event *event)
{
	struct seen *seen = context;
	if (event->kind == EVENT_CONVERSATION && event->conv != ++seen->conversations)
		abort();
	if (event->kind == EVENT_PACKET)
		seen->packets++;
	if (event->kind == EVENT_CLOSED)
		seen->closed++;
	if (event->conv > seen->conversations)
		abort();
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen seen = {0};
	struct tracker_config config = {.max_memory_bytes = 1 << 16, .taps_at_both_ends = size & 1};
	struct tracker *tracker = tracker_open(&config, (struct sink){seen_take, &seen}, NULL);
	struct cursor c = cursor_init(data, size);
	uint64_t ns = NS_PER_S, n = 0;
	while (tracker && cursor_left(&c) > 3) {
		struct event event = {.kind = EVENT_PACKET};
		uint16_t pause = cursor_u16(&c);
		size_t length = cursor_u8(&c);
		struct frame frame = {.linktype = 101};
		length = length < cursor_left(&c) ? length : cursor_left(&c);
		frame.bytes = cursor_bytes(&c, length);
		frame.caplen = frame.len = (uint32_t)length;
		decode_frame(&frame, &event.packet.segment);
		ns += (uint64_t)pause * pause * 1000;
		event.ns = ns;
		event.packet.n = ++n;
		if (!tracker_packet(tracker, &event))
			abort();
	}
	if (tracker && (!tracker_finish(tracker) || seen.closed != seen.conversations || seen.packets != n))
		abort();
	tracker_close(tracker);
	return 0;
}
