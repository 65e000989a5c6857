/* Random datagrams, cut at random, in random order and with doubles, also of what was joined
 * already: exactly they come back, once. WIRELADDER_SEED repeats a run. */
#include "joined.h"

#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 2000
#define AT_ONCE 4
#define ROUND_NS (300 * NS_PER_MS)
#define CUTS_MAX 24

struct cut_packet {
	struct whole_packet w;
	size_t ends[CUTS_MAX], count; /* fragment i is [ends[i - 1], ends[i]) */
};

struct turn { /* which fragment of which packet */
	size_t packet, fragment;
};

static size_t dice_below(uint64_t *dice, size_t sides)
{
	return (size_t)(rng_next(dice) % sides);
}

/* UDP or TCP over IPv4 or IPv6, with options or headers or without. */
static void packet_random(uint64_t *dice, struct whole_packet *w, uint16_t id)
{
	static const uint8_t nops[] = {1, 1, 1, 1};
	static const uint8_t hop_by_hop[2][8] = {{6, 0, 1, 4}, {17, 0, 1, 4}};
	size_t len = dice_below(dice, dice_below(dice, 8) ? 300 : 60000) + 8;
	bool ip6 = dice_below(dice, 2), udp = dice_below(dice, 2), more = dice_below(dice, 2);
	struct ip_spec ip = {
		.src = ip6 ? "[2001:db8::1]:1000" : "10.0.0.1:1000",
		.dst = ip6 ? "[2001:db8::2]:7" : "10.0.0.2:7",
		.id = ip6 ? 0 : id,
		.options = ip6 ? hop_by_hop[udp] : nops,
		.options_len = more ? ip6 ? 8 : 4 : 0,
	};

	w->id = id;
	w->fixed = (ip6 ? 40 : 20) + ip.options_len;
	w->next_at = !ip6 ? 0 : more ? 40 : 6;
	if (udp)
		packet_udp(&w->p, &(struct udp_spec){.ip = ip, .len = len});
	else
		packet_tcp(&w->p, &(struct tcp_spec){.ip = ip, .len = len, .flags = TCP_ACK});
}

static void cut_random(uint64_t *dice, struct cut_packet *cut)
{
	size_t units = (payload_len(&cut->w) - 1) / 8, from = 0;
	size_t most = units < CUTS_MAX - 1 ? units : CUTS_MAX - 1;

	cut->count = 0;
	for (size_t left = 1 + dice_below(dice, most); left > 0; left--) {
		size_t room = units - from - (left - 1); /* each of the others needs one unit */
		from += 1 + dice_below(dice, room / left ? room / left : 1);
		cut->ends[cut->count++] = from * 8;
	}
	cut->ends[cut->count++] = payload_len(&cut->w);
}

/* Every fragment of every packet once, shuffled. */
static size_t turns_random(uint64_t *dice, const struct cut_packet *cuts, struct turn *turns)
{
	size_t count = 0;

	for (size_t p = 0; p < AT_ONCE; p++)
		for (size_t f = 0; f < cuts[p].count; f++)
			turns[count++] = (struct turn){p, f};
	for (size_t i = count; i > 1; i--) {
		size_t other = dice_below(dice, i);
		struct turn turn = turns[i - 1];
		turns[i - 1] = turns[other];
		turns[other] = turn;
	}
	return count;
}

static bool give_turn(struct joining *j, const struct cut_packet *cuts, struct turn turn)
{
	const struct cut_packet *cut = &cuts[turn.packet];
	size_t from = turn.fragment > 0 ? cut->ends[turn.fragment - 1] : 0;
	bool whole = give_part(j, &cut->w, from, cut->ends[turn.fragment]);

	assert_int_equal(j->segment.flaws, 0);
	return whole;
}

/* Identifications come round after 256 rounds, when nobody remembers them any more: random
 * datagrams may have equal fragments. */
static void round_run(uint64_t *dice, struct joining *j, struct cut_packet *cuts)
{
	uint16_t ids = (uint16_t)(j->ns / ROUND_NS % 256 * AT_ONCE);
	struct turn turns[AT_ONCE * CUTS_MAX];
	size_t seen[AT_ONCE] = {0};

	for (size_t p = 0; p < AT_ONCE; p++) {
		packet_random(dice, &cuts[p].w, (uint16_t)(ids + p));
		cut_random(dice, &cuts[p]);
	}
	size_t count = turns_random(dice, cuts, turns);
	for (size_t i = 0; i < count; i++) {
		struct cut_packet *cut = &cuts[turns[i].packet];
		bool last = ++seen[turns[i].packet] == cut->count;
		assert_int_equal(give_turn(j, cuts, turns[i]), last);
		if (last) {
			assert_joined(j, &cut->w);
			assert_int_equal(j->whole.fragment_count, cut->count);
		}
		if (dice_below(dice, 4) == 0)
			assert_false(give_turn(j, cuts, turns[dice_below(dice, i + 1)]));
	}
	j->ns += ROUND_NS;
}

static void test_random_datagrams_come_back_exactly(void **state)
{
	static struct cut_packet cuts[AT_ONCE];
	const char *given = getenv("WIRELADDER_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : clock_now_ns(), dice = seed;
	struct joining j = joining_open();

	(void)state;
	printf("joiner: WIRELADDER_SEED=%llu\n", (unsigned long long)seed);
	for (int i = 0; i < ROUNDS / AT_ONCE; i++)
		round_run(&dice, &j, cuts);
	COUNTS(&j, ROUNDS);
	joining_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_datagrams_come_back_exactly),
	};
	return cmocka_run_group_tests_name("decode: joiner, random", tests, NULL, NULL);
}
