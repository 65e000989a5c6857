#include "match.h"

/* What routers leave alone. Not among it: addresses of links, VLANs and other tunnels, TTL, the
 * ECN bits (RFC 3168 5: congestion is marked on the way), checksums (left to hardware at the
 * sender, so not yet there when its tap sees the packet), and a SYN's options (MSS is often
 * lowered). */

#define SEED UINT64_C(0x77697265) /* the same in every run */

#define PROTOCOL_ICMP6 58

struct content {
	size_t count;
	uint64_t words[24]; /* all that one packet adds */
};

static void content_add(struct content *content, uint64_t word)
{
	if (content->count < ARRAY_COUNT(content->words))
		content->words[content->count++] = word;
}

static void content_add_ends(struct content *content, const struct tuple *ends)
{
	content_add(content, hash_bytes(ends->src.bytes, sizeof(ends->src.bytes), SEED));
	content_add(content, hash_bytes(ends->dst.bytes, sizeof(ends->dst.bytes), SEED + 1));
	content_add(content, (uint64_t)ends->sport << 32 | (uint64_t)ends->dport << 16 |
				     (uint64_t)ends->protocol << 8 | ends->src.family);
}

/* The payload's bytes that were captured; none where that cannot be said. */
static struct cursor content_payload(const struct packet *packet)
{
	const struct segment *segment = &packet->segment;
	struct cursor bytes = cursor_init(packet->bytes, packet->byte_count);
	size_t header = segment->payload_offset - segment->network_offset;
	if (segment->payload_offset < segment->network_offset || !cursor_skip(&bytes, header))
		return cursor_init(packet->bytes, 0);
	return cursor_sub(&bytes, segment->len < cursor_left(&bytes) ? segment->len
								     : cursor_left(&bytes));
}

static void content_add_payload(struct content *content, const struct packet *packet,
				uint32_t most)
{
	struct cursor payload = content_payload(packet);
	uint32_t wanted = packet->segment.len < most ? packet->segment.len : most;
	if (cursor_left(&payload) >= wanted && wanted > 0)
		content_add(content, hash_bytes(payload.at, wanted, SEED));
}

static bool content_tcp(struct content *content, const struct packet *packet,
			const struct match_content *rule)
{
	const struct segment *segment = &packet->segment;
	const struct tcp_options *options = &segment->tcp.options;
	content_add(content, (uint64_t)segment->tcp.seq << 32 | segment->tcp.ack);
	content_add(content, (uint64_t)segment->tcp.flags << 32 |
				     (uint64_t)segment->tcp.window << 16 | segment->tcp.urgent);
	content_add(content, segment->len);
	if (rule->options) {
		content_add(content, (uint64_t)options->tsval << 32 | options->tsecr);
		for (size_t i = 0; i < options->sack_count; i++)
			content_add(content,
				    (uint64_t)options->sack[i][0] << 32 | options->sack[i][1]);
	}
	content_add_payload(content, packet, rule->payload_bytes);
	return true;
}

static bool content_udp(struct content *content, const struct packet *packet,
			const struct match_content *rule)
{
	content_add(content, packet->segment.len);
	content_add_payload(content, packet, rule->payload_bytes);
	return true;
}

/* Behind an IP header without extension headers; else ICMP is known by less. */
static struct cursor content_icmp_body(const struct packet *packet)
{
	struct cursor bytes = cursor_init(packet->bytes, packet->byte_count), head = bytes;
	uint8_t first = cursor_u8(&head);
	size_t length = first >> 4 == 4 ? (first & 15U) * 4U : 40;
	cursor_skip(&head, 5);
	if (first >> 4 == 6 && cursor_u8(&head) != PROTOCOL_ICMP6)
		length = cursor_left(&bytes);
	cursor_skip(&bytes, length);
	return bytes;
}

/* Type, code, and behind the checksum what tells one echo from the next. */
static bool content_icmp(struct content *content, const struct packet *packet,
			 const struct match_content *rule)
{
	const struct segment *segment = &packet->segment;
	struct cursor body = content_icmp_body(packet);
	(void)rule;
	content_add(content, (uint64_t)segment->icmp.type << 8 | segment->icmp.code);
	content_add(content, segment->len);
	content_add(content,
		    (uint64_t)segment->icmp.quoted_seq << 32 | segment->icmp.quoted_ip_id);
	cursor_skip(&body, 4);
	content_add(content, cursor_u32(&body));
	return true;
}

static bool content_fragment(struct content *content, const struct packet *packet,
			     const struct match_content *rule)
{
	const struct segment *segment = &packet->segment;
	(void)rule;
	content_add(content, segment->ip_id);
	content_add(content, (uint64_t)segment->fragment.offset << 33 |
				     (uint64_t)segment->fragment.len << 1 |
				     segment->fragment.more);
	return true;
}

static bool content_other(struct content *content, const struct packet *packet,
			  const struct match_content *rule)
{
	(void)content;
	(void)packet;
	(void)rule;
	return false;
}

uint64_t content_key(const struct packet *packet, const struct match_content *rule)
{
	static bool (*const by_kind[])(struct content *, const struct packet *,
				       const struct match_content *) = {
		[SEGMENT_OTHER] = content_other,       [SEGMENT_TCP] = content_tcp,
		[SEGMENT_UDP] = content_udp,           [SEGMENT_ICMP] = content_icmp,
		[SEGMENT_FRAGMENT] = content_fragment,
	};
	const struct segment *segment = &packet->segment;
	struct content content = {0};
	uint64_t key;
	content_add(&content,
		    (uint64_t)segment->kind << 32 | (rule->ip_id ? segment->ip_id : 0));
	content_add_ends(&content, &segment->ends);
	if (!by_kind[segment->kind](&content, packet, rule))
		return 0;
	key = hash_bytes(content.words, content.count * sizeof(content.words[0]), SEED);
	return key ? key : 1;
}

uint64_t content_flow(const struct tuple *ends)
{
	struct content content = {0};
	uint64_t hash;
	content_add_ends(&content, ends);
	hash = hash_bytes(content.words, content.count * sizeof(content.words[0]), SEED);
	return hash ? hash : 1;
}

void content_kept(const struct packet *packet, struct match_content *kept)
{
	const struct segment *segment = &packet->segment;
	bool has_payload = segment->kind == SEGMENT_TCP || segment->kind == SEGMENT_UDP;
	struct cursor payload;
	if (!has_payload)
		return;
	if (segment->kind == SEGMENT_TCP && segment->tcp.options.cut)
		kept->options = false;
	payload = content_payload(packet);
	if (cursor_left(&payload) < segment->len && cursor_left(&payload) < kept->payload_bytes)
		kept->payload_bytes = (uint32_t)cursor_left(&payload);
}
