/* The door of src/decode: the bytes of a frame become a segment. Never fails: what is strange
 * is a flaw, what is unknown is named. Reads nothing outside frame->bytes[0 .. caplen). */
#ifndef WIRELADDER_DECODE_H
#define WIRELADDER_DECODE_H

#include "wireladder/model.h"

/* Fills every field of *segment that its kind uses; the rest is 0. Of nested packets it is the
 * innermost IP packet within TUNNEL_MAX layers. */
void decode_frame(const struct frame *frame, struct segment *segment);

/* The frame's next packet: 802.11 sends several in one (A-MSDU). *segment is that of the one
 * before; false: that was the last. */
bool decode_next(const struct frame *frame, struct segment *segment);

/* Whether frames of this LINKTYPE_ can be taken apart at all. */
bool decode_linktype_known(uint16_t linktype);

/* joiner: fragments become whole datagrams (RFC 791 3.2, RFC 8200 4.5). */
struct joiner_config {
	size_t max_datagrams; /* waiting for fragments; 0: 4,096 */
	size_t max_bytes;     /* that they hold; 0: 16 MiB */
	uint64_t timeout_ns;  /* capture time; 0: 60 s */
};

struct whole { /* a datagram put together; all borrowed until the joiner's next call */
	struct segment segment;    /* its offsets count from the datagram's header */
	const uint8_t *bytes;      /* from the segment's network header on, as of any packet */
	uint32_t caplen;           /* of them; fewer when the capture cut fragments */
	uint32_t len;              /* of the whole datagram */
	const uint64_t *fragments; /* numbers of the packets that it came in, as they came */
	size_t fragment_count;
};

struct joiner;
struct joiner *joiner_open(const struct joiner_config *config, struct err *err);
/* For every frame whose segment is a SEGMENT_FRAGMENT; ns is what stands for its stamp. Adds
 * FLAW_OVERLAP where it holds, and FLAW_BAD_LENGTH to one that fits no datagram or contradicts
 * the others of its own. True when it completes a datagram, which is then in *whole. Where that
 * is again a fragment (of a tunnel's inner packet) joiner_again adds it likewise. Out of memory
 * a datagram is let go and counted. */
bool joiner_add(struct joiner *joiner, const struct frame *frame, uint64_t ns,
		struct segment *segment, struct whole *whole);
bool joiner_again(struct joiner *joiner, struct whole *whole);
void joiner_counts(const struct joiner *joiner, struct join_counts *counts);
void joiner_close(struct joiner *joiner);

#endif
