/* Random valid stacks of every layer (tests/support/stack.h): decode gives back what was built.
 * WIRELADDER_SEED repeats a run, WIRELADDER_STACKS says how many stacks (10,000). */
#include "decoded.h"

#include "../../support/stack.h"

#include <stdio.h>
#include <stdlib.h>

#define STACKS 10000
#define LAYERS_MAX 12

struct run {
	uint64_t seed, count;
	struct stack *stack;
	struct guard guard;
	struct joiner *joiner;
};

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static int run_open(void **state)
{
	struct run *run = calloc(1, sizeof(*run));

	if (!run)
		return -1;
	run->stack = malloc(sizeof(*run->stack));
	run->seed = setting("WIRELADDER_SEED", clock_now_ns());
	run->count = setting("WIRELADDER_STACKS", STACKS);
	print_message("WIRELADDER_SEED=%llu WIRELADDER_STACKS=%llu\n",
		(unsigned long long)run->seed, (unsigned long long)run->count);
	*state = run;
	run->joiner = joiner_open(&(struct joiner_config){0}, NULL);
	return run->stack && run->joiner && guard_open(&run->guard, PACKET_MAX) ? 0 : -1;
}

static int run_close(void **state)
{
	struct run *run = *state;

	guard_close(&run->guard);
	joiner_close(run->joiner);
	free(run->stack);
	free(run);
	return 0;
}

/* The i-th stack of a run, by itself: a failure names the seed that repeats only it. */
static struct stack *stack_at(struct run *run, uint64_t i)
{
	uint64_t seed = run->seed + i;

	stack_random(run->stack, rng_next(&seed), LAYERS_MAX);
	return run->stack;
}

static struct frame frame_at_guard(struct run *run, size_t index, size_t kept)
{
	const struct packet_bytes *p = &run->stack->frames[index];

	return (struct frame){
		.bytes = guard_place(&run->guard, p->bytes, kept),
		.caplen = (uint32_t)kept,
		.len = (uint32_t)p->len,
		.n = index + 1,
		.linktype = run->stack->linktype,
	};
}

/* Fields of a segment, each without padding. */
struct field {
	const char *name;
	size_t at, size;
};

#define FIELD(name) \
	{#name, offsetof(struct segment, name), sizeof(((struct segment *)NULL)->name)}

static const struct field common[] = {
	FIELD(kind), FIELD(flaws), FIELD(ends.src), FIELD(ends.dst), FIELD(ends.sport),
	FIELD(ends.dport), FIELD(ends.protocol), FIELD(len), FIELD(network_offset),
	FIELD(payload_offset), FIELD(tunnel.count), FIELD(tunnel.kind), FIELD(tunnel.numbered),
	FIELD(tunnel.number), FIELD(ip_id), FIELD(ttl), FIELD(ecn),
};

static const struct field of_tcp[] = {
	FIELD(tcp.seq), FIELD(tcp.ack), FIELD(tcp.flags), FIELD(tcp.window),
	FIELD(tcp.urgent), FIELD(tcp.options.present), FIELD(tcp.options.mss),
	FIELD(tcp.options.wscale), FIELD(tcp.options.sack_count), FIELD(tcp.options.cookie_len),
	FIELD(tcp.options.mptcp_subtype), FIELD(tcp.options.unknown_len),
	FIELD(tcp.options.cut), FIELD(tcp.options.tsval), FIELD(tcp.options.tsecr),
	FIELD(tcp.options.sack), FIELD(tcp.options.cookie), FIELD(tcp.options.unknown),
};

static const struct field of_icmp[] = {FIELD(icmp.type), FIELD(icmp.code), FIELD(icmp.quotes)};

static const char *difference(const struct segment *is, const struct segment *expected,
	const struct field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (memcmp((const char *)is + fields[i].at,
			    (const char *)expected + fields[i].at, fields[i].size) != 0)
			return fields[i].name;
	return NULL;
}

static const char *segment_difference(const struct segment *is, const struct segment *expected)
{
	const char *name = difference(is, expected, common, ARRAY_COUNT(common));

	if (name)
		return name;
	if (is->kind == SEGMENT_TCP)
		return difference(is, expected, of_tcp, ARRAY_COUNT(of_tcp));
	if (is->kind == SEGMENT_ICMP)
		return difference(is, expected, of_icmp, ARRAY_COUNT(of_icmp));
	return NULL;
}

static void layers_print(const struct segment *segment, const char *whose)
{
	print_error("%s: kind %d flaws %x network %u payload %u len %u, layers:", whose,
		segment->kind, segment->flaws, segment->network_offset, segment->payload_offset,
		segment->len);
	for (size_t i = 0; i < segment->tunnel.count; i++)
		print_error(" %s %u", tunnel_words[segment->tunnel.kind[i]],
			segment->tunnel.number[i]);
	print_error("\n");
}

static void stack_print(const struct run *run, uint64_t i)
{
	const struct stack *s = run->stack;

	print_error("WIRELADDER_SEED=%llu WIRELADDER_STACKS=1: link type %u, %zu frames, from",
		(unsigned long long)(run->seed + i), s->linktype, s->frame_count);
	for (size_t layer = 0; layer < stack_layer_count(); layer++)
		if (s->layers >> layer & 1)
			print_error(" %s", stack_layer_name(layer));
	print_error("\n");
	for (size_t at = 0; at < s->frames[0].len && at < 400; at++)
		print_error("%02x%s", s->frames[0].bytes[at], at % 32 == 31 ? "\n" : " ");
	print_error("\n");
}

static void assert_segment(const struct run *run, uint64_t i, const struct segment *is)
{
	const struct segment *expected = &run->stack->draft.expected;
	const char *name = segment_difference(is, expected);

	if (!name)
		return;
	layers_print(expected, "built");
	layers_print(is, "decoded");
	stack_print(run, i);
	fail_msg("%s is not what was built", name);
}

static void test_decode_gives_back_what_was_built(void **state)
{
	struct run *run = *state;
	uint64_t whole = 0;

	for (uint64_t i = 0; i < run->count; i++) {
		const struct stack *s = stack_at(run, i);
		if (s->draft.fragmented)
			continue;
		struct frame frame = frame_at_guard(run, 0, s->frames[0].len);
		struct segment segment;
		memset(&segment, 0xa5, sizeof(segment));
		decode_frame(&frame, &segment);
		assert_segment(run, i, &segment);
		whole++;
	}
	assert_true(whole > 0 || run->count < STACKS);
}

/* What decode met: rows of the table of layers, tunnels, kinds of packets. */
static void test_every_layer_was_met(void **state)
{
	struct run *run = *state;
	uint64_t layers = 0;
	uint32_t tunnels = 0, kinds = 0;

	if (run->count < STACKS)
		skip();
	for (uint64_t i = 0; i < run->count; i++) {
		const struct stack *s = stack_at(run, i);
		const struct segment *expected = &s->draft.expected;
		layers |= s->layers;
		kinds |= 1u << expected->kind;
		for (size_t t = 0; t < expected->tunnel.count; t++)
			tunnels |= 1u << expected->tunnel.kind[t];
	}
	for (size_t layer = 0; layer < stack_layer_count(); layer++)
		if (!(layers >> layer & 1))
			fail_msg("no stack has the layer %s", stack_layer_name(layer));
	assert_int_equal(tunnels, (1u << TUNNEL_COUNT) - 1);
	assert_int_equal(kinds, 1 << SEGMENT_TCP | 1 << SEGMENT_UDP | 1 << SEGMENT_ICMP);
}

static bool tunnel_begins(const struct tunnel *shorter, const struct tunnel *longer)
{
	if (shorter->count > longer->count)
		return false;
	for (size_t i = 0; i < shorter->count; i++)
		if (shorter->kind[i] != longer->kind[i] ||
			shorter->number[i] != longer->number[i])
			return false;
	return true;
}

/* Fewer facts, no others: what is told of the innermost packet is what was built. */
static bool is_less(const struct segment *is, const struct segment *expected)
{
	bool innermost = is->kind == expected->kind &&
		is->tunnel.count == expected->tunnel.count &&
		is->network_offset == expected->network_offset;
	struct segment same = *is;

	if (is->flaws & ~(uint32_t)FLAW_TRUNCATED)
		return false;
	if (!tunnel_begins(&is->tunnel, &expected->tunnel))
		return false;
	if (!innermost)
		return true;
	if (is->tcp.options.present & ~expected->tcp.options.present && is->kind == SEGMENT_TCP)
		return false;
	same.flaws = 0;
	return difference(&same, expected, common, ARRAY_COUNT(common)) == NULL;
}

static void test_a_cut_frame_gives_fewer_facts_and_no_others(void **state)
{
	struct run *run = *state;
	uint64_t rng = run->seed;

	for (uint64_t i = 0; i < run->count; i++) {
		const struct stack *s = stack_at(run, i);
		size_t kept = (size_t)(rng_next(&rng) % s->frames[0].len);
		struct frame frame = frame_at_guard(run, 0, kept);
		struct segment segment;
		decode_frame(&frame, &segment);
		if (!s->draft.fragmented && !is_less(&segment, &s->draft.expected)) {
			layers_print(&s->draft.expected, "built");
			layers_print(&segment, "decoded");
			stack_print(run, i);
			fail_msg("cut after %zu bytes, something else is told", kept);
		}
		frame.len = frame.caplen; /* sent so: anything goes, but within bounds */
		decode_frame(&frame, &segment);
	}
}

static void shuffle(size_t *order, size_t count, uint64_t rng)
{
	for (size_t i = 0; i < count; i++)
		order[i] = i;
	for (size_t i = count; i > 1; i--) {
		size_t other = (size_t)(rng_next(&rng) % i), swapped = order[i - 1];
		order[i - 1] = order[other];
		order[other] = swapped;
	}
}

/* Feeds one frame. True: it completed the datagram that was cut first, the innermost. */
static bool join(struct run *run, size_t index, struct whole *whole)
{
	struct frame frame = frame_at_guard(run, index, run->stack->frames[index].len);
	struct segment segment;

	decode_frame(&frame, &segment);
	assert_int_equal(segment.kind, SEGMENT_FRAGMENT);
	bool complete = joiner_add(run->joiner, &frame, 0, &segment, whole);
	assert_int_equal(segment.flaws, 0);
	while (complete && whole->segment.kind == SEGMENT_FRAGMENT)
		complete = joiner_again(run->joiner, whole);
	return complete;
}

static void assert_whole(const struct run *run, uint64_t i, const struct whole *whole)
{
	const struct stack *s = run->stack;
	size_t inner = whole->segment.network_offset;
	uint32_t met = 0;

	assert_segment(run, i, &whole->segment);
	assert_int_equal(whole->len, s->whole.len);
	assert_int_equal(whole->caplen, s->whole.len - inner);
	assert_memory_equal(whole->bytes, s->whole.bytes + inner, whole->caplen);
	assert_int_equal(whole->fragment_count, s->frame_count);
	for (size_t f = 0; f < whole->fragment_count; f++)
		met |= 1u << whole->fragments[f];
	assert_int_equal(met, ((1u << s->frame_count) - 1) << 1);
}

static void test_fragments_in_any_order_are_the_packet_that_was_cut(void **state)
{
	struct run *run = *state;
	struct join_counts counts;
	uint64_t fragmented = 0, nested = 0;

	for (uint64_t i = 0; i < run->count; i++) {
		const struct stack *s = stack_at(run, i);
		size_t order[STACK_FRAMES];
		struct whole whole;
		shuffle(order, s->frame_count, run->seed + i);
		for (size_t f = 0; f < s->frame_count && s->draft.fragmented; f++) {
			bool last = f + 1 == s->frame_count;
			if (join(run, order[f], &whole) != last) {
				stack_print(run, i);
				fail_msg("fragment %zu of %zu %s the packet", f + 1,
					s->frame_count,
					last ? "does not complete" : "completes");
			}
			if (last)
				assert_whole(run, i, &whole);
		}
		fragmented += s->draft.fragmented;
		nested += s->draft.fragmented && s->frame_count > 4;
	}
	assert_true((fragmented > 0 && nested > 0) || run->count < STACKS);
	joiner_counts(run->joiner, &counts);
	assert_true(counts.joined >= fragmented);
	assert_int_equal(counts.refused + counts.evicted + counts.timed_out, 0);
	assert_int_equal(counts.incomplete, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode_gives_back_what_was_built),
		cmocka_unit_test(test_every_layer_was_met),
		cmocka_unit_test(test_a_cut_frame_gives_fewer_facts_and_no_others),
		cmocka_unit_test(test_fragments_in_any_order_are_the_packet_that_was_cut),
	};
	return cmocka_run_group_tests_name("decode: property", tests, run_open, run_close);
}
