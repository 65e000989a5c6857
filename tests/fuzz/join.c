/* libFuzzer entry: orders to send a fragment, ORDER_BYTES each and then payload. They become raw
 * IPv4 and IPv6 packets of one pair of hosts with few identifications, so that they meet, and go
 * through a joiner with small caps. What it gives must be a packet, what it counts must add up,
 * and it must hold no more than it may. Or, the first byte says which, through a joiner that
 * has room: then each fragment goes in twice, and the second time nothing may come of it. */
#include "wireladder/decode.h"

#include <sanitizer/allocator_interface.h>
#include <stdlib.h>
#include <string.h>

#define ORDER_BYTES 6
#define HEADER_MAX 48
#define HELD_MAX (1 << 14)
#define FIXED_MAX (1 << 18) /* the table, and the packet on loan */

struct fuzz {
	struct joiner *joiner;
	uint64_t ns, fragments, wholes;
	size_t allocated; /* before the joiner */
	bool roomy;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* The checksum is left to hardware: 0. */
static size_t header4_write(uint8_t *header, uint8_t kind, uint16_t place, size_t len)
{
	header[0] = 0x45;
	put16(header + 2, 20 + len);
	header[5] = kind >> 2 & 3;
	put16(header + 6, (place >> 2 & 0x1fff) | (place & 1) << 13);
	header[9] = kind >> 4; /* among them UDP's neighbours and IP in IP */
	header[12] = header[16] = 10;
	return 20;
}

static size_t header6_write(uint8_t *header, uint8_t kind, uint16_t place, size_t len)
{
	static const uint8_t nexts[] = {17, 6, 58, 44, 0, 60, 4, 41};

	header[0] = 0x60;
	put16(header + 4, 8 + len);
	header[6] = 44;
	header[8] = header[24] = 0xfe;
	header[40] = nexts[kind >> 4 & 7];
	put16(header + 42, (place & 0xfff8) | (place & 1));
	header[47] = kind >> 2 & 3;
	return 48;
}

static void check_whole(const struct fuzz *fuzz, const struct whole *whole)
{
	static uint8_t copy[1 << 17];

	check(whole->segment.kind <= SEGMENT_FRAGMENT);
	check(whole->segment.ends.src.family == 4 || whole->segment.ends.src.family == 6);
	check(whole->caplen <= whole->len && whole->len <= 65575);
	check(whole->fragment_count > 1 && whole->fragment_count <= fuzz->fragments);
	for (size_t i = 0; i < whole->fragment_count; i++)
		check(whole->fragments[i] > 0 && whole->fragments[i] <= fuzz->fragments);
	memcpy(copy, whole->bytes, whole->caplen); /* all of it may be read */
}

static void fragment_give_again(struct fuzz *fuzz, struct frame *frame)
{
	struct join_counts before, after;
	struct segment segment;
	struct whole whole;

	joiner_counts(fuzz->joiner, &before);
	decode_frame(frame, &segment);
	check(!joiner_add(fuzz->joiner, frame, fuzz->ns, &segment, &whole));
	check(!(segment.flaws & FLAW_OVERLAP));
	joiner_counts(fuzz->joiner, &after);
	check(memcmp(&before, &after, sizeof(before)) == 0);
}

static void fragment_give(struct fuzz *fuzz, struct frame *frame, struct segment *segment)
{
	struct whole whole;

	frame->n = ++fuzz->fragments;
	bool is_whole = joiner_add(fuzz->joiner, frame, fuzz->ns, segment, &whole);
	while (is_whole) {
		fuzz->wholes++;
		check_whole(fuzz, &whole);
		is_whole = whole.segment.kind == SEGMENT_FRAGMENT &&
			joiner_again(fuzz->joiner, &whole);
	}
	if (fuzz->roomy)
		fragment_give_again(fuzz, frame);
	else
		check(__sanitizer_get_current_allocated_bytes() <=
			fuzz->allocated + HELD_MAX + FIXED_MAX);
}

/* Order: kind (bit 0 version, 1 long, 2-3 identification, 4-7 protocol), place (offset, and
 * bit 0 more), length in units of 8 but for the last fragment, bytes not captured, pause. */
static void order_run(struct fuzz *fuzz, struct cursor *c)
{
	uint8_t bytes[HEADER_MAX + 16384] = {0};
	uint8_t kind = cursor_u8(c);
	uint16_t place = cursor_u16(c);
	size_t len = cursor_u8(c), cut = cursor_u8(c), header;
	struct frame frame = {.linktype = 101};
	struct segment segment;

	fuzz->ns += cursor_u8(c) * NS_PER_S / 10;
	len = place & 1 ? len * 8 : len;
	len *= kind & 2 ? 8 : 1;
	header = (kind & 1 ? header6_write : header4_write)(bytes, kind, place, len);
	size_t given = len < cursor_left(c) ? len : cursor_left(c);
	given = given < 64 ? given : 64; /* what is longer is zeros: input is dear */
	if (given > 0)
		memcpy(bytes + header, cursor_bytes(c, given), given);
	frame.len = (uint32_t)(header + len);
	frame.caplen = frame.len - (uint32_t)(cut < len ? cut : len);
	frame.bytes = bytes;
	decode_frame(&frame, &segment);
	if (segment.kind == SEGMENT_FRAGMENT)
		fragment_give(fuzz, &frame, &segment);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct joiner_config caps = {.max_datagrams = 6, .max_bytes = HELD_MAX};
	struct fuzz fuzz = {.allocated = __sanitizer_get_current_allocated_bytes()};
	struct cursor c = cursor_init(data, size);
	struct join_counts counts;

	fuzz.roomy = cursor_u8(&c) & 1;
	fuzz.joiner = joiner_open(fuzz.roomy ? &(struct joiner_config){0} : &caps, NULL);
	if (!fuzz.joiner)
		return 0;
	while (cursor_left(&c) >= ORDER_BYTES)
		order_run(&fuzz, &c);
	joiner_counts(fuzz.joiner, &counts);
	check(counts.joined == fuzz.wholes);
	check(fuzz.roomy || counts.incomplete <= caps.max_datagrams);
	check(2 * counts.joined + counts.incomplete + counts.timed_out + counts.refused +
			counts.evicted <= fuzz.fragments + fuzz.wholes);
	joiner_close(fuzz.joiner);
	return 0;
}
