/* libFuzzer entry: two bytes of link type, one that says how much longer the frame was on the
 * wire, then the frame. Checks what every room behind decode relies on. */
#include "wireladder/decode.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_tcp(const struct segment *segment)
{
	const struct tcp_options *options = &segment->tcp.options;

	check(segment->tcp.flags <= 0x1ff);
	check(options->sack_count <= TCP_SACK_MAX);
	check(options->cookie_len <= sizeof(options->cookie));
	check(options->unknown_len <= sizeof(options->unknown));
}

static void check_tunnel(const struct tunnel *tunnel)
{
	check(tunnel->count <= TUNNEL_MAX);
	check(tunnel->numbered >> tunnel->count == 0);
	for (size_t i = 0; i < tunnel->count; i++)
		check(tunnel->kind[i] < TUNNEL_COUNT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_init(data, size);
	struct segment segment;
	struct frame frame = {.linktype = cursor_u16(&c), .n = 1};
	uint32_t cut = cursor_u8(&c);

	frame.caplen = (uint32_t)cursor_left(&c);
	frame.len = frame.caplen + cut;
	frame.bytes = cursor_bytes(&c, cursor_left(&c));
	decode_frame(&frame, &segment);
	check(segment.kind <= SEGMENT_FRAGMENT);
	check(segment.len <= frame.len || (segment.flaws & FLAW_BAD_LENGTH));
	check(segment.network_offset <= frame.caplen);
	if (segment.kind != SEGMENT_OTHER)
		check(segment.ends.src.family != 0 && decode_linktype_known(frame.linktype));
	check_tunnel(&segment.tunnel);
	if (segment.kind == SEGMENT_TCP)
		check_tcp(&segment);
	return 0;
}
