/* Private to the joiner: fragments on their way to become a datagram.
 *
 * Theory of operation. A fragment is read anew from its network header on (fragment.c): the
 * header that a whole datagram would have, and its share of the payload. Fragments of one
 * datagram have the same key (joiner.c): addresses, identification, for IPv4 the protocol
 * (RFC 791 3.2; RFC 8200 4.5 wants no more than the addresses), and the layers around, since
 * the same addresses may live in two VLANs. The datagram (datagram.c) keeps what was captured
 * of each fragment, and a list of pieces that is ordered by offset and never overlaps. It is
 * whole when the last fragment has said where it ends and the pieces cover as much as that.
 * Then it leaves the table, is written as one packet, and is decoded like any other.
 *
 * What an attacker may try. Overlaps, to hide bytes: IPv6 refuses the datagram, and a tombstone
 * waits until its time is up for fragments not yet received (RFC 5722 4). IPv4 takes the copy
 * that came last (RFC 791 3.2) and says so. Offsets that promise much: memory is taken for
 * bytes that came and for nothing else. Datagrams that never end: at most so many, so many
 * bytes, so long by the capture's clock; then the oldest goes, and is counted. Overlaps without
 * end in one datagram: DATAGRAM_HELD_MAX. Many small pieces: only the last fragment may end
 * anywhere, so there are 8,192 pieces at most; each is found by halving and put in its place
 * by moving those behind it, 128 KB at worst.
 *
 * States of a datagram: waiting, refused (the tombstone), gone. It goes when joined, timed out
 * or evicted, and is counted once: as that, or as refused.
 *
 * Not handled: a first fragment that does not hold the whole header chain is joined though RFC
 * 7112 forbids it, since what it shows is worth seeing. */
#ifndef DECODE_JOINING_H
#define DECODE_JOINING_H

#include "decoding.h"

#define IP4_FIXED_BYTES 20
#define IP6_FIXED_BYTES 40
#define IP_LENGTH_MAX 65535u /* that a length field can say */

/* A fragment as it came; the bytes are borrowed. */
struct fragment {
	struct cursor header;  /* as the whole datagram's: without the fragment header */
	struct cursor payload; /* as far as it was captured */
	uint32_t offset, len;
	bool more;
	uint8_t ecn;
	uint8_t next;      /* IPv6: the fragment header's next header … */
	size_t next_at;    /* … and where in the header it is to stand */
	uint32_t overhead; /* bytes of header that the length field would count, if first;
			      else the least that there can be */
	const uint64_t *numbers; /* of the packets that it came in */
	size_t number_count;
};

/* Reads one that starts at packet. False: it is not to be joined; what it contradicts is then
 * among the segment's flaws. Leaves the numbers as they are. */
bool fragment_read(struct cursor packet, struct segment *segment, struct fragment *fragment);

/* Compared byte by byte: made zeroed, and without holes. */
struct join_key {
	uint8_t src[16], dst[16];
	uint32_t id;
	uint32_t number[TUNNEL_MAX];
	uint16_t numbered;
	uint8_t family, protocol, layers, kind[TUNNEL_MAX];
	uint8_t zero[3];
};

struct piece { /* a part of the payload */
	uint32_t offset, len;
	uint32_t at, kept; /* captured of it: so many of the datagram's bytes, from there on */
};

/* The most that one may hold; without overlaps it cannot come near that. */
#define DATAGRAM_HELD_MAX (1u << 20)

struct datagram {
	struct join_key key;
	struct datagram *newer, *older, *chained; /* the joiner's lists */
	uint64_t since_ns;
	size_t held;        /* as the joiner has counted it */
	struct buf header;  /* of the first fragment */
	struct buf bytes;   /* payload as it came */
	struct buf pieces;  /* struct piece, by offset */
	struct buf numbers; /* uint64_t */
	uint32_t total;     /* payload by the last fragment; 0: not seen yet */
	uint32_t beyond;    /* it is longer than this, the others say */
	uint32_t covered;   /* by pieces */
	uint32_t overhead;
	size_t next_at;
	uint8_t next;
	bool congested;  /* a fragment met congestion (RFC 3168 5.3) */
	bool overlapped; /* IPv4: joined nevertheless */
	bool refused;    /* IPv6: a tombstone */
};

/* False: out of memory, it can only be let go. Flaws of the fragment go to the segment. */
bool datagram_add(struct datagram *datagram, const struct fragment *fragment,
		  struct segment *segment);
bool datagram_is_whole(const struct datagram *datagram);
size_t datagram_held(const struct datagram *datagram); /* bytes, bookkeeping included */
/* Writes it as one packet, up to the first byte that was not captured; *len is its true
 * length. False: out of memory. */
bool datagram_write(const struct datagram *datagram, struct buf *packet, uint32_t *len);
void datagram_close(struct datagram *datagram); /* frees it */

#endif
