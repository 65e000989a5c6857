#include "lab_syns.h"

/* A SYN and the SYN-ACK of a simultaneous open have the same number, and the second is no
 * retransmission of the first (RFC 9293 3.5). */
static uint64_t syn_number(const struct segment *segment)
{
	const struct tuple *ends = &segment->ends;
	uint64_t words[] = {
		hash_bytes(ends->src.bytes, sizeof(ends->src.bytes), 0),
		hash_bytes(ends->dst.bytes, sizeof(ends->dst.bytes), 0),
		(uint64_t)ends->sport << 16 | ends->dport,
		(uint64_t)segment->tcp.seq << 1 | !!(segment->tcp.flags & TCP_ACK),
	};
	return hash_bytes(words, sizeof(words), 0);
}

bool lab_syns_add(struct lab_syns *syns, const struct segment *segment)
{
	const uint64_t *seen = (const uint64_t *)(const void *)syns->seen.at;
	size_t count = syns->seen.len / sizeof(*seen);
	uint64_t number;
	if (segment->kind != SEGMENT_TCP || !(segment->tcp.flags & TCP_SYN) || syns->full)
		return true;
	number = syn_number(segment);
	for (size_t i = 0; i < count; i++) {
		if (seen[i] == number) {
			syns->again++;
			return true;
		}
	}
	syns->full = count == LAB_SYNS_MAX;
	return syns->full || buf_add(&syns->seen, &number, sizeof(number));
}

uint64_t lab_syns_unseen(const struct lab_syns *syns, int64_t retransmitted)
{
	if (syns->full || retransmitted <= (int64_t)syns->again)
		return 0;
	return (uint64_t)retransmitted - syns->again;
}

void lab_syns_close(struct lab_syns *syns)
{
	buf_close(&syns->seen);
}
