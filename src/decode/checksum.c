/* The Internet checksum (RFC 1071). Three answers: good (no flaw), bad, and not computed here:
 * left to hardware (a flaw of its own) or not to be told because bytes are missing (no flaw).
 *
 * Sums are made in the machine's own byte order, 8 bytes at a time: a one's-complement sum
 * comes out the same but for the order of its two bytes (RFC 1071 2). */
#include "decoding.h"

#include <arpa/inet.h>
#include <string.h>

#define ETHERNET_MTU 1500

static uint64_t add_words(uint64_t sum, const uint64_t words[4])
{
	for (int i = 0; i < 4; i++)
		sum += (words[i] & UINT32_MAX) + (words[i] >> 32);
	return sum;
}

/* Fewer than 32 bytes: most headers, and what is left of the rest. */
static uint64_t add_rest(uint64_t sum, struct cursor bytes)
{
	uint8_t odd[2] = {0}; /* an odd last byte is followed by zero */
	uint64_t word;
	uint32_t half;
	uint16_t pair;

	while (cursor_left(&bytes) >= sizeof(word)) {
		memcpy(&word, cursor_bytes(&bytes, sizeof(word)), sizeof(word));
		sum += (word & UINT32_MAX) + (word >> 32);
	}
	if (cursor_left(&bytes) >= sizeof(half)) {
		memcpy(&half, cursor_bytes(&bytes, sizeof(half)), sizeof(half));
		sum += half;
	}
	if (cursor_left(&bytes) >= sizeof(pair)) {
		memcpy(&pair, cursor_bytes(&bytes, sizeof(pair)), sizeof(pair));
		sum += pair;
	}
	odd[0] = cursor_u8(&bytes); /* 0 where there is none */
	memcpy(&pair, odd, sizeof(pair));
	return sum + pair;
}

/* Cannot overflow: it adds numbers below 2^33, at most 2^30 of them. */
static uint64_t sum_bytes(struct cursor bytes)
{
	uint64_t sum = 0, words[4];

	while (cursor_left(&bytes) >= sizeof(words)) {
		memcpy(words, cursor_bytes(&bytes, sizeof(words)), sizeof(words));
		sum = add_words(sum, words);
	}
	return add_rest(sum, bytes);
}

static uint16_t fold(uint64_t sum)
{
	while (sum > UINT16_MAX)
		sum = (sum & UINT16_MAX) + (sum >> 16);
	return (uint16_t)sum;
}

/* The pseudo-header without its length (RFC 9293 3.1, RFC 768, RFC 8200 8.1). ICMP for IPv4 and
 * GRE have none. An IPv4 address stands in 16 bytes with zeros behind it, which add nothing. */
static uint64_t pseudo_sum(const struct decoding *d)
{
	const struct tuple *ends = &d->segment->ends;
	uint64_t words[4] = {0};

	if (ends->protocol == IP_ICMP || ends->protocol == IP_GRE)
		return 0;
	memcpy(&words[0], ends->src.bytes, 16);
	if (d->route_end)
		memcpy(&words[2], d->route_end, ends->dst.family == 6 ? 16 : 4);
	else
		memcpy(&words[2], ends->dst.bytes, 16);
	return add_words(htons(ends->protocol), words);
}

struct pseudo {
	uint64_t bare, whole; /* without and with the length; 0: the protocol has none */
	uint32_t length;
};

/* What a stack leaves for the hardware to finish: Linux the folded sum of the pseudo-header,
 * Windows the same without its length where the hardware also cuts segments, others 0. And what
 * a receiver has joined keeps the checksum of its first part: longer than an Ethernet frame, a
 * message whose sum is wrong is more likely that than damaged. */
static bool offloaded(const struct decoding *d, uint16_t field, const struct pseudo *pseudo)
{
	if (pseudo->bare == 0)
		return false;
	if (field == 0 && d->segment->ends.protocol == IP_TCP)
		return true;
	return pseudo->length > ETHERNET_MTU || field == fold(pseudo->whole) ||
		field == fold(pseudo->bare);
}

void checksum_judge(struct decoding *d, struct cursor message, uint16_t field)
{
	uint32_t flaws = d->segment->flaws;

	if (d->end > d->frame->caplen || d->route_unknown || (flaws & FLAW_BAD_LENGTH))
		return;
	struct pseudo pseudo = {pseudo_sum(d), 0, (uint32_t)cursor_left(&message)};
	if (pseudo.bare > 0)
		pseudo.whole = pseudo.bare + htonl(pseudo.length);
	if (fold(pseudo.whole + sum_bytes(message)) == UINT16_MAX)
		return;
	if (offloaded(d, htons(field), &pseudo))
		decoding_flaw(d, FLAW_CHECKSUM_OFFLOADED);
	else if (!(flaws & FLAW_OFFLOAD_LENGTH)) /* then its end is a guess */
		decoding_flaw(d, FLAW_BAD_CHECKSUM);
}

/* The IPv4 header has no pseudo-header; hardware that fills its checksum in is given 0. */
void checksum_judge_header(struct decoding *d, struct cursor header, uint16_t field)
{
	if (fold(sum_bytes(header)) != UINT16_MAX)
		decoding_flaw(d, field == 0 ? FLAW_CHECKSUM_OFFLOADED : FLAW_BAD_CHECKSUM);
}
