/* 802.11 data frames (IEEE 802.11 9.2 and 9.3.2), bare and behind the two headers in which
 * drivers say how they were received: radiotap (radiotap.org) and PPI (Per-Packet Information
 * Header Specification 1.0), which are little-endian. */
#include "decoding.h"

#define FC_TYPE      0x0c /* frame control, first byte */
#define FC_TYPE_DATA 0x08
#define FC_NO_DATA   0x40
#define FC_QOS       0x80
#define FC_DS        0x03 /* second byte: to and from the distribution system: 4 addresses */
#define FC_MORE      0x04
#define FC_PROTECTED 0x40
#define FC_ORDER     0x80
#define QOS_AMSDU    0x80
#define FRAGMENT_NUMBER 0x0f

#define RADIOTAP_TSFT  1u
#define RADIOTAP_FLAGS 2u
#define RADIOTAP_MORE  0x80000000u

#define PPI_ALIGNED 1 /* fields are padded to multiples of 4 */
#define PPI_COMMON  2
#define PPI_FCS     1
#define PPI_DAMAGED 4

#define FCS_BYTES 4
#define SUBFRAME_HEADER 14

enum received { /* bits of radiotap's flags */
	RECEIVED_FCS = 0x10,     /* the frame ends with its check sequence */
	RECEIVED_PADDED = 0x20,  /* its header is padded to a multiple of 4 */
	RECEIVED_DAMAGED = 0x40, /* the check sequence is wrong */
};

static uint16_t little_u16(struct cursor *c)
{
	return __builtin_bswap16(cursor_u16(c));
}

static uint32_t little_u32(struct cursor *c)
{
	return __builtin_bswap32(cursor_u32(c));
}

/* What carries no data that can be read, by type, which is 0, 1 or 3, or by its flags. */
static bool data_readable(struct decoding *d, uint8_t fc0, uint8_t fc1, uint8_t fragment)
{
	static const uint8_t types[] = {WIFI_MANAGEMENT, WIFI_CONTROL, 0, WIFI_EXTENSION};

	if ((fc0 & FC_TYPE) != FC_TYPE_DATA)
		decoding_name(d, LAYER_WIFI, types[(fc0 & FC_TYPE) >> 2]);
	else if (fc0 & FC_NO_DATA)
		decoding_name(d, LAYER_WIFI, WIFI_NO_DATA);
	else if (fc1 & FC_PROTECTED)
		decoding_name(d, LAYER_WIFI, WIFI_ENCRYPTED);
	else if (fragment || fc1 & FC_MORE)
		decoding_name(d, LAYER_WIFI, WIFI_FRAGMENT);
	else
		return true;
	return false;
}

/* One of several packets in a frame: addresses, length, packet; all but the last are padded to
 * a multiple of 4 (IEEE 802.11 9.3.2.2). */
void subframe_decode(struct decoding *d)
{
	uint32_t start = decoding_offset(d);

	cursor_skip(&d->cursor, 12);
	uint32_t length = cursor_u16(&d->cursor), next = start + SUBFRAME_HEADER + length;
	if (d->cursor.failed)
		return;
	next += (start - next) & 3;
	if (next + SUBFRAME_HEADER <= d->end)
		d->segment->next = next;
	decoding_limit(d, length);
	llc_decode(d);
}

/* The type and the flags say what a data frame's header holds behind three addresses. */
static void data_decode(struct decoding *d, uint8_t fc0, uint8_t fc1, bool padded)
{
	size_t rest = (fc1 & FC_DS) == FC_DS ? 6 : 0; /* the fourth address */
	uint8_t qos = 0;

	cursor_skip(&d->cursor, rest);
	if (fc0 & FC_QOS) {
		size_t more = fc1 & FC_ORDER ? 5 : 1; /* with HT control */
		qos = cursor_u8(&d->cursor);
		cursor_skip(&d->cursor, more);
		rest += 1 + more;
	}
	if (padded) /* the part before is 24 bytes */
		cursor_skip(&d->cursor, (0 - rest) & 3);
	if (qos & QOS_AMSDU)
		subframe_decode(d);
	else
		llc_decode(d);
}

static void frame_decode(struct decoding *d, uint8_t received)
{
	uint8_t fc0 = cursor_u8(&d->cursor), fc1 = cursor_u8(&d->cursor);

	if (received & RECEIVED_DAMAGED)
		decoding_flaw(d, FLAW_LINK_ERROR);
	if (received & RECEIVED_FCS && decoding_left(d) >= FCS_BYTES)
		decoding_limit(d, decoding_left(d) - FCS_BYTES);
	if ((fc0 & FC_TYPE) == FC_TYPE_DATA)
		cursor_skip(&d->cursor, 20); /* duration, three addresses */
	uint8_t fragment = cursor_u8(&d->cursor) & FRAGMENT_NUMBER;
	if (!data_readable(d, fc0, fc1, fragment))
		return;
	cursor_skip(&d->cursor, 1);
	data_decode(d, fc0, fc1, received & RECEIVED_PADDED);
}

void wifi_decode(struct decoding *d)
{
	frame_decode(d, 0);
}

/* The flags are the second field; the first, a time, is aligned to 8 bytes, and how many bytes
 * stand before them depends on how many words say which fields are there. */
static uint8_t radiotap_flags(struct cursor c)
{
	size_t at = 4;
	uint32_t present = little_u32(&c), more = present;

	for (at += 4; more & RADIOTAP_MORE && !c.failed; at += 4)
		more = little_u32(&c);
	if (present & RADIOTAP_TSFT)
		cursor_skip(&c, ((0 - at) & 7) + 8);
	return present & RADIOTAP_FLAGS ? cursor_u8(&c) : 0;
}

void radiotap_decode(struct decoding *d)
{
	cursor_skip(&d->cursor, 2); /* version, padding */
	uint16_t length = little_u16(&d->cursor);
	struct cursor fields = cursor_sub(&d->cursor, length < 8 ? SIZE_MAX : length - 4u);

	if (!fields.failed)
		frame_decode(d, radiotap_flags(fields));
}

/* The flags of PPI's field for all kinds of 802.11, in radiotap's words. */
static uint8_t ppi_received(struct cursor fields, bool aligned)
{
	while (cursor_left(&fields) > 0) {
		uint16_t type = little_u16(&fields), length = little_u16(&fields);
		struct cursor field = cursor_sub(&fields, length);
		if (aligned)
			cursor_skip(&fields, (0u - length) & 3);
		if (type != PPI_COMMON)
			continue;
		cursor_skip(&field, 8); /* TSF timer */
		uint16_t flags = little_u16(&field);
		return (flags & PPI_FCS ? RECEIVED_FCS : 0) |
			(flags & PPI_DAMAGED ? RECEIVED_DAMAGED : 0);
	}
	return 0;
}

/* PPI may stand before any link type but itself. */
void ppi_decode(struct decoding *d)
{
	cursor_skip(&d->cursor, 1); /* version */
	uint8_t flags = cursor_u8(&d->cursor);
	uint16_t length = little_u16(&d->cursor);
	uint32_t linktype = little_u32(&d->cursor);
	struct cursor fields = cursor_sub(&d->cursor, length < 8 ? SIZE_MAX : length - 8u);
	decode_step *decode = link_find(linktype);

	if (fields.failed)
		return;
	decoding_name(d, LAYER_LINK, linktype);
	if (decode == wifi_decode)
		frame_decode(d, ppi_received(fields, flags & PPI_ALIGNED));
	else if (decode && decode != ppi_decode)
		decode(d);
}
