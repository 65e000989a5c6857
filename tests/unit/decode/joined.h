/* What the joiner's tests share: a packet is cut, its fragments go in at a guard page, and what
 * comes out is held against the packet. */
#ifndef TESTS_DECODE_JOINED_H
#define TESTS_DECODE_JOINED_H

#include "decoded.h"

/* A packet to cut. IPv6: its first `fixed` bytes are in every fragment, and its byte `next_at`
 * names what follows them. */
struct whole_packet {
	struct packet_bytes p;
	uint32_t id;
	size_t fixed, next_at;
};

static inline bool is_ip6(const struct whole_packet *w)
{
	return w->p.bytes[0] >> 4 == 6;
}

static inline size_t payload_len(const struct whole_packet *w)
{
	return w->p.len - w->fixed;
}

/* UDP, of so many payload bytes. */
static inline void whole_udp4(struct whole_packet *w, uint16_t id, size_t len)
{
	packet_udp(&w->p, UDP(IP4(.id = id), .len = len));
	w->id = id;
	w->fixed = 20;
	w->next_at = 0;
}

static inline void whole_udp6(struct whole_packet *w, uint32_t id, size_t len)
{
	packet_udp(&w->p, UDP(IP6(), .len = len));
	w->id = id;
	w->fixed = 40;
	w->next_at = 6;
}

/* Bytes [from, to) of the payload as a fragment; more: others follow. */
static inline void fragment_make(struct packet_bytes *f, const struct whole_packet *w,
	size_t from, size_t to, bool more)
{
	uint8_t header[8] = {w->p.bytes[w->next_at]};

	f->len = 0;
	packet_append(f, w->p.bytes, w->fixed);
	if (is_ip6(w)) {
		f->bytes[w->next_at] = 44;
		packet_append(f, header, sizeof(header));
		packet_poke16(f, w->fixed + 2, (uint16_t)(from | more));
		packet_poke32(f, w->fixed + 4, w->id);
	}
	packet_append(f, w->p.bytes + w->fixed + from, to - from);
	if (is_ip6(w)) {
		packet_poke16(f, 4, (uint16_t)(f->len - 40));
	} else {
		packet_poke16(f, 2, (uint16_t)f->len);
		packet_poke16(f, 6, (uint16_t)(from / 8 | (more ? 0x2000u : 0)));
		packet_seal4(f, 0);
	}
}

struct joining {
	struct joiner *joiner;
	uint16_t linktype; /* 0: RAW */
	size_t snaplen;    /* 0: no limit */
	uint64_t n, ns;    /* of the next frame; the clock is the test's */
	struct segment segment; /* of the latest fragment */
	struct whole whole;
};

static inline struct joining joining_with(const struct joiner_config *config)
{
	struct joining j = {.n = 1, .ns = NS_PER_S, .joiner = joiner_open(config, NULL)};

	assert_non_null(j.joiner);
	return j;
}

static inline struct joining joining_open(void)
{
	return joining_with(&(struct joiner_config){0});
}

static inline void joining_close(struct joining *j)
{
	joiner_close(j->joiner);
}

/* The frame is gone when this returns: what the joiner keeps of it has to be its own. */
static inline bool give(struct joining *j, const struct packet_bytes *p)
{
	size_t kept = j->snaplen && j->snaplen < p->len ? j->snaplen : p->len;
	struct guard guard;

	assert_true(guard_open(&guard, kept));
	struct frame frame = {
		.bytes = guard_place(&guard, p->bytes, kept),
		.caplen = (uint32_t)kept,
		.len = (uint32_t)p->len,
		.linktype = j->linktype ? j->linktype : LINK_RAW,
		.n = j->n++,
	};
	decode_frame(&frame, &j->segment);
	assert_int_equal(j->segment.kind, SEGMENT_FRAGMENT);
	bool whole = joiner_add(j->joiner, &frame, j->ns, &j->segment, &j->whole);
	guard_close(&guard);
	return whole;
}

static inline bool give_part(struct joining *j, const struct whole_packet *w, size_t from,
	size_t to)
{
	struct packet_bytes f;

	fragment_make(&f, w, from, to, to < payload_len(w));
	return give(j, &f);
}

/* A fragment of w whose payload is other than it should be. */
static inline bool give_other(struct joining *j, const struct whole_packet *w, size_t from,
	size_t to)
{
	struct packet_bytes f;

	fragment_make(&f, w, from, to, to < payload_len(w));
	memset(f.bytes + f.len - (to - from), '!', to - from);
	return give(j, &f);
}

/* The packet came back byte for byte, and decodes as if it had never been cut. */
static inline void assert_joined(const struct joining *j, const struct whole_packet *w)
{
	const struct segment *s = &j->whole.segment;
	struct segment uncut = decoded(&w->p, LINK_RAW);

	assert_int_equal(j->whole.len, w->p.len);
	assert_int_equal(j->whole.caplen, w->p.len);
	assert_memory_equal(j->whole.bytes, w->p.bytes, w->p.len);
	assert_int_equal(s->kind, uncut.kind);
	assert_int_equal(s->flaws, uncut.flaws);
	assert_int_equal(s->len, uncut.len);
	assert_int_equal(s->network_offset, uncut.network_offset);
	assert_int_equal(s->payload_offset, uncut.payload_offset);
	assert_int_equal(s->ends.sport, uncut.ends.sport);
	assert_int_equal(s->ends.dport, uncut.ends.dport);
	assert_int_equal(s->ends.protocol, uncut.ends.protocol);
	assert_true(addr_equal(&s->ends.src, &uncut.ends.src));
	assert_true(addr_equal(&s->ends.dst, &uncut.ends.dst));
	assert_int_equal(s->ip_id, w->id);
}

static inline void assert_numbers(const struct joining *j, size_t count, const uint64_t *numbers)
{
	assert_int_equal(j->whole.fragment_count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(j->whole.fragments[i], numbers[i]);
}

#define CAME_IN(j, ...) \
	assert_numbers(j, sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t), \
		(uint64_t[]){__VA_ARGS__})

/* Joined, incomplete, timed out, refused, evicted. */
static inline void assert_counts(const struct joining *j, const uint64_t counts[static 5])
{
	struct join_counts is;

	joiner_counts(j->joiner, &is);
	assert_int_equal(is.joined, counts[0]);
	assert_int_equal(is.incomplete, counts[1]);
	assert_int_equal(is.timed_out, counts[2]);
	assert_int_equal(is.refused, counts[3]);
	assert_int_equal(is.evicted, counts[4]);
}

#define COUNTS(j, ...) assert_counts(j, (uint64_t[5]){__VA_ARGS__})

#endif
