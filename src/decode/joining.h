/* Private to the joiner: fragments on their way to become a datagram.
 *
 * Theory of operation. A fragment is read anew from its network header on (fragment.c): the
 * header that a whole datagram would have, and its share of the payload. Fragments of one
 * datagram have the same key (joiner.c): addresses, identification, for IPv4 the protocol
 * (RFC 791 3.2; RFC 8200 4.5 wants no more than the addresses), and the layers around, since
 * the same addresses may live in two VLANs. The datagram (datagram.c) keeps what was captured
 * of each fragment, and a list of pieces that is ordered by offset and never overlaps. It is
 * whole when the last fragment has said where it ends and the pieces cover as much as that.
 * Then it is written as one packet, and that is decoded like any other.
 *
 * Tombstones. A capture may show each fragment more than once: the interface `any` sees it on
 * two interfaces, and a network may double it. So a datagram that was joined stays in the table
 * as a tombstone: where its pieces were, and a keyed hash of each instead of its bytes. A
 * fragment that equals one of them is a duplicate and nothing more. Any other one belongs to
 * another datagram, since identifications come round: the tombstone goes, that one begins. Of
 * a datagram that was refused, or that outgrew its share, the tombstone takes all that comes.
 *
 * What an attacker may try. Overlaps, to hide bytes: IPv6 refuses the datagram, fragments not
 * yet received included (RFC 5722 4), for which a tombstone waits. IPv4 takes the copy that
 * came last (RFC 791 3.2) and says so. Offsets that promise much: memory is taken for bytes
 * that came and for nothing else. Datagrams that never end: at most so many, so many bytes, so
 * long by the capture's clock; then the oldest tombstone goes, and when there is none the
 * oldest datagram. Overlaps without end in one datagram: DATAGRAM_HELD_MAX. Many small pieces:
 * only the last fragment may end anywhere, so there are 8,192 pieces at most; each is found by
 * halving and put in its place by moving those behind it, 128 KB at worst.
 *
 * States of a datagram: enum datagram_state, and gone. It waits until it is joined, refused,
 * timed out or evicted, and when it ceases to wait it is counted, as that; whoever waits at the
 * end is incomplete. Tombstones do not wait, and go uncounted: after the timeout, which for
 * them begins anew, or for lack of room.
 *
 * Not handled: a first fragment that does not hold the whole header chain is joined though RFC
 * 7112 forbids it, since what it shows is worth seeing. What timed out, or made room for
 * others, is forgotten, and a later fragment of it opens a datagram of its own; so does, once
 * an IPv4 datagram is joined, a duplicate of what others have overlapped in it. A fragment
 * with the place, length and bytes of one that was joined less than the timeout ago is taken
 * for its duplicate, even where it belongs to a new datagram. */
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
	union {
		struct { /* captured of it: so many of the datagram's bytes, from there on */
			uint32_t at, kept;
		};
		uint64_t hash; /* of these bytes; in tombstones */
	};
};

enum datagram_state {
	DATAGRAM_WAITING,
	DATAGRAM_WHOLE,   /* as a tombstone: takes duplicates of its pieces */
	DATAGRAM_REFUSED, /* as a tombstone: takes every fragment */
	DATAGRAM_FAILED,  /* out of memory: can only be let go */
};

/* The most that one may hold; without overlaps it cannot come near that. */
#define DATAGRAM_HELD_MAX (1u << 20)

struct datagram {
	struct join_key key;
	struct datagram *newer, *older, *chained; /* the joiner's lists */
	enum datagram_state state;
	uint64_t since_ns;  /* in this state */
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
};

/* What becomes of one that waits; its state is left to the joiner. Flaws of the fragment go to
 * the segment. */
enum datagram_state datagram_add(struct datagram *datagram, const struct fragment *fragment,
				 struct segment *segment);
/* Makes it a tombstone, whole or refused. The seed is the key of the hashes. */
void datagram_bury(struct datagram *datagram, enum datagram_state state, uint64_t seed);
bool datagram_takes(const struct datagram *tombstone, const struct fragment *fragment,
		    uint64_t seed);
size_t datagram_held(const struct datagram *datagram); /* bytes, bookkeeping included */
/* Writes it as one packet, up to the first byte that was not captured; *len is its true
 * length. False: out of memory. */
bool datagram_write(const struct datagram *datagram, struct buf *packet, uint32_t *len);
void datagram_close(struct datagram *datagram); /* frees it */

#endif
