/* MPLS label stacks (RFC 3032 2.1). Nothing in them says what they carry. */
#include "decoding.h"

#define BOTTOM_OF_STACK 0x100

static void control_word_decode(struct decoding *d) /* Ethernet behind one (RFC 4448 4.6) */
{
	cursor_skip(&d->cursor, 4);
	ethernet_decode(d);
}

/* The first four bits tell IP from a pseudowire's control word, which are 0, and its associated
 * channel, which are 1 (RFC 4928 3, RFC 4385 3); all others leave Ethernet without one. Who
 * agreed to do without may still send addresses that begin with 0: then nothing is read. */
static void payload_guess(struct decoding *d)
{
	struct cursor peek = d->cursor;
	uint8_t nibble = cursor_u8(&peek) >> 4;

	if ((nibble == 4 || nibble == 6) && decoding_attempt(d, ip_decode))
		return;
	if (nibble == 0)
		decoding_attempt(d, control_word_decode);
	else if (nibble != 1)
		decoding_attempt(d, ethernet_decode);
}

void mpls_decode(struct decoding *d)
{
	uint32_t entry;

	do {
		entry = cursor_u32(&d->cursor);
		if (d->cursor.failed || !decoding_enter_numbered(d, TUNNEL_MPLS, entry >> 12))
			return;
	} while (!(entry & BOTTOM_OF_STACK));
	payload_guess(d);
}
