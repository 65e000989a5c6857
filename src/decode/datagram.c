/* A datagram that comes in fragments: its pieces, and the packet that they make. */
#include "joining.h"

#include <stdlib.h>
#include <string.h>

/* Pieces [first, last) of the list. */
struct span {
	size_t first, last;
};

static uint32_t max_u32(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static struct piece *pieces_of(const struct datagram *datagram)
{
	return (void *)datagram->pieces.at;
}

static size_t piece_count(const struct datagram *datagram)
{
	return datagram->pieces.len / sizeof(struct piece);
}

/* Those that a range touches; if there are none, where it is to be put. */
static struct span pieces_find(const struct datagram *datagram, uint32_t from, uint32_t to)
{
	const struct piece *pieces = pieces_of(datagram);
	size_t count = piece_count(datagram);
	struct span span = {0, count};

	while (span.first < span.last) {
		size_t middle = span.first + (span.last - span.first) / 2;
		if (pieces[middle].offset + pieces[middle].len <= from)
			span.first = middle + 1;
		else
			span.last = middle;
	}
	while (span.last < count && pieces[span.last].offset < to)
		span.last++;
	return span;
}

static bool pieces_replace(struct datagram *datagram, struct span span,
			   const struct piece *fresh, size_t count)
{
	size_t behind = piece_count(datagram) - span.last;

	if (!buf_reserve(&datagram->pieces, count * sizeof(*fresh)))
		return false;
	struct piece *at = pieces_of(datagram) + span.first;
	for (size_t i = 0; i < span.last - span.first; i++)
		datagram->covered -= at[i].len;
	for (size_t i = 0; i < count; i++)
		datagram->covered += fresh[i].len;
	memmove(at + count, at + (span.last - span.first), behind * sizeof(*at));
	memcpy(at, fresh, count * sizeof(*at));
	datagram->pieces.len = (span.first + count + behind) * sizeof(*at);
	return true;
}

/* What is of a piece in [from, to), which is inside it. */
static struct piece piece_part(const struct piece *piece, uint32_t from, uint32_t to)
{
	uint32_t skip = from - piece->offset, len = to - from;
	uint32_t gone = skip < piece->kept ? skip : piece->kept;
	uint32_t kept = piece->kept - gone;

	return (struct piece){
		.offset = from,
		.len = len,
		.at = piece->at + gone,
		.kept = kept < len ? kept : len,
	};
}

/* Puts a fragment in the place of what it overlaps; what sticks out at either end stays. */
static bool piece_put(struct datagram *datagram, const struct fragment *fragment,
		      struct span span)
{
	uint32_t from = fragment->offset, to = from + fragment->len;
	uint32_t at = (uint32_t)datagram->bytes.len;
	uint32_t kept = (uint32_t)cursor_left(&fragment->payload);
	struct piece fresh[3];
	size_t count = 0;

	if (span.first < span.last) {
		const struct piece *first = pieces_of(datagram) + span.first;
		if (first->offset < from)
			fresh[count++] = piece_part(first, first->offset, from);
	}
	fresh[count++] = (struct piece){
		.offset = from,
		.len = fragment->len,
		.at = at,
		.kept = kept,
	};
	if (span.first < span.last) {
		const struct piece *last = pieces_of(datagram) + span.last - 1;
		if (last->offset + last->len > to)
			fresh[count++] = piece_part(last, to, last->offset + last->len);
	}
	return buf_add(&datagram->bytes, fragment->payload.at, kept) &&
	       pieces_replace(datagram, span, fresh, count);
}

/* The piece in exactly this place, or NULL. */
static const struct piece *piece_same(const struct datagram *datagram,
				      const struct fragment *fragment, struct span span)
{
	if (span.last - span.first != 1)
		return NULL;
	const struct piece *piece = pieces_of(datagram) + span.first;
	return piece->offset == fragment->offset && piece->len == fragment->len ? piece : NULL;
}

/* The network may double a packet (RFC 8200 4.5): same place, same bytes. */
static bool is_duplicate(const struct datagram *datagram, const struct fragment *fragment,
			 struct span span)
{
	const struct piece *piece = piece_same(datagram, fragment, span);
	size_t kept = cursor_left(&fragment->payload);

	if (!piece)
		return false;
	size_t both = kept < piece->kept ? kept : piece->kept;
	return both == 0 ||
	       memcmp(datagram->bytes.at + piece->at, fragment->payload.at, both) == 0;
}

static bool is_too_long(const struct datagram *datagram, const struct fragment *fragment)
{
	uint32_t known = max_u32(datagram->beyond, datagram->total);

	return max_u32(known, fragment->offset + fragment->len) +
		       max_u32(datagram->overhead, fragment->overhead) >
	       IP_LENGTH_MAX;
}

/* Two ends, or something at or after the end. */
static bool is_contradiction(const struct datagram *datagram, const struct fragment *fragment)
{
	uint32_t end = fragment->offset + fragment->len;

	if (fragment->more)
		return datagram->total > 0 && end >= datagram->total;
	return end <= datagram->beyond || (datagram->total > 0 && end != datagram->total);
}

static void bytes_drop(struct datagram *datagram)
{
	buf_close(&datagram->header);
	buf_close(&datagram->bytes);
	buf_close(&datagram->numbers);
}

static bool fragment_keep(struct datagram *datagram, const struct fragment *fragment,
			  struct span span)
{
	uint32_t end = fragment->offset + fragment->len;

	if (fragment->more)
		datagram->beyond = max_u32(datagram->beyond, end);
	else
		datagram->total = end;
	datagram->overhead = max_u32(datagram->overhead, fragment->overhead);
	datagram->congested |= fragment->ecn == ECN_CE;
	if (fragment->offset == 0) { /* its header is that of the whole (RFC 8200 4.5) */
		datagram->header.len = 0;
		buf_add(&datagram->header, fragment->header.at, cursor_left(&fragment->header));
		datagram->next_at = fragment->next_at;
		datagram->next = fragment->next;
	}
	return !datagram->header.failed && piece_put(datagram, fragment, span) &&
	       buf_add(&datagram->numbers, fragment->numbers,
		       fragment->number_count * sizeof(*fragment->numbers));
}

enum datagram_state datagram_add(struct datagram *datagram, const struct fragment *fragment,
				 struct segment *segment)
{
	struct span span =
		pieces_find(datagram, fragment->offset, fragment->offset + fragment->len);
	bool refuses = datagram->key.family == 6; /* what IPv4 lets pass (RFC 5722 4) */

	if (is_too_long(datagram, fragment)) { /* this one only is discarded (RFC 8200 4.5) */
		segment->flaws |= FLAW_BAD_LENGTH;
		return DATAGRAM_WAITING;
	}
	if (is_contradiction(datagram, fragment)) {
		segment->flaws |= FLAW_BAD_LENGTH;
		return refuses ? DATAGRAM_REFUSED : DATAGRAM_WAITING;
	}
	if (is_duplicate(datagram, fragment, span))
		return DATAGRAM_WAITING;
	if (span.first < span.last) {
		segment->flaws |= FLAW_OVERLAP;
		datagram->overlapped = true;
		if (refuses)
			return DATAGRAM_REFUSED;
	}
	if (!fragment_keep(datagram, fragment, span))
		return DATAGRAM_FAILED;
	return datagram->covered == datagram->total ? DATAGRAM_WHOLE : DATAGRAM_WAITING;
}

void datagram_bury(struct datagram *datagram, enum datagram_state state, uint64_t seed)
{
	struct piece *pieces = pieces_of(datagram);

	for (size_t i = 0; i < piece_count(datagram) && state == DATAGRAM_WHOLE; i++) {
		uint32_t kept = pieces[i].kept;
		const char *bytes = kept > 0 ? datagram->bytes.at + pieces[i].at : NULL;
		pieces[i].hash = hash_bytes(bytes, kept, seed);
	}
	if (state != DATAGRAM_WHOLE)
		buf_close(&datagram->pieces);
	bytes_drop(datagram);
	datagram->state = state;
}

bool datagram_takes(const struct datagram *tombstone, const struct fragment *fragment,
		    uint64_t seed)
{
	uint32_t end = fragment->offset + fragment->len;
	size_t kept = cursor_left(&fragment->payload);

	if (tombstone->state != DATAGRAM_WHOLE)
		return true;
	const struct piece *piece = piece_same(
		tombstone, fragment, pieces_find(tombstone, fragment->offset, end));
	return piece && fragment->more == (end != tombstone->total) &&
	       piece->hash == hash_bytes(fragment->payload.at, kept, seed);
}

size_t datagram_held(const struct datagram *datagram)
{
	return sizeof(*datagram) + datagram->header.cap + datagram->bytes.cap +
	       datagram->pieces.cap + datagram->numbers.cap;
}

static void number_put(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* RFC 1071, and its complement, as it stands in a header. */
static uint16_t header_checksum(struct cursor header)
{
	uint32_t sum = 0;

	while (cursor_left(&header) > 0)
		sum += cursor_u16(&header);
	sum = (sum & UINT16_MAX) + (sum >> 16);
	return (uint16_t) ~(sum + (sum >> 16));
}

/* Length, no more fragments, offset 0, congestion, checksum: fields of RFC 791 3.1. */
static void header4_mend(const struct datagram *datagram, uint8_t *header)
{
	size_t count = datagram->header.len;

	if (datagram->congested)
		header[1] |= ECN_CE;
	number_put(header + 2, (uint32_t)count + datagram->total);
	number_put(header + 6, 0);
	number_put(header + 10, 0);
	number_put(header + 10, header_checksum(cursor_init(header, count)));
}

/* The payload's length, and who follows where the fragment header was named (RFC 8200 4.5). */
static void header6_mend(const struct datagram *datagram, uint8_t *header)
{
	size_t count = datagram->header.len;

	if (datagram->congested)
		header[1] |= ECN_CE << 4;
	number_put(header + 4, (uint32_t)count - IP6_FIXED_BYTES + datagram->total);
	header[datagram->next_at] = datagram->next;
}

bool datagram_write(const struct datagram *datagram, struct buf *packet, uint32_t *len)
{
	const struct piece *pieces = pieces_of(datagram);
	bool cut = false;

	packet->len = 0;
	buf_add(packet, datagram->header.at, datagram->header.len);
	for (size_t i = 0; i < piece_count(datagram) && !cut; i++) {
		if (pieces[i].kept > 0)
			buf_add(packet, datagram->bytes.at + pieces[i].at, pieces[i].kept);
		cut = pieces[i].kept < pieces[i].len;
	}
	if (packet->failed) {
		buf_close(packet);
		return false;
	}
	if (datagram->key.family == 4)
		header4_mend(datagram, (uint8_t *)packet->at);
	else
		header6_mend(datagram, (uint8_t *)packet->at);
	*len = (uint32_t)datagram->header.len + datagram->total;
	return true;
}

void datagram_close(struct datagram *datagram)
{
	bytes_drop(datagram);
	buf_close(&datagram->pieces);
	free(datagram);
}
