/* What the wire changes in a frame, and the answer of a router to a packet that is too long. */
#ifndef WIRELADDER_LAB_EDIT_H
#define WIRELADDER_LAB_EDIT_H

#include "meaning.h"

/* Flips a bit of the payload, or of the packet's last byte if it has none; checksums stay. */
void edit_corrupt(uint8_t *bytes, const struct meaning *meaning);
/* Congestion experienced (RFC 3168 5); false: the packet says that it cannot be told so. */
bool edit_mark_ce(uint8_t *bytes, const struct meaning *meaning);

#define EDIT_TOO_BIG_MAX (ETHERNET_BYTES + 1280)
struct too_big { /* a frame longer than the link's MTU */
	const uint8_t *bytes;
	size_t count;
	uint32_t mtu;
};
/* The error that goes back, and its length; 0: none is sent about such a packet. */
size_t edit_too_big(const struct too_big *frame, const struct meaning *meaning,
		    uint8_t reply[static EDIT_TOO_BIG_MAX]);

#endif
