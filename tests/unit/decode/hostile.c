/* No input, however cut or damaged, makes decode read outside it: a guard page would end us. */
#include "decoded.h"

#define EXTENSIONS \
	OPTION_BYTES(60, 0, 1, 4, 0, 0, 0, 0, 44, 0, 1, 4, 0, 0, 0, 0, \
		43, 0, 0, 0, 0, 0, 0, 9, 6, 2, 0, 1, 0, 0, 0, 0, \
		0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2)
#define TCP_OPTIONS \
	OPTION_BYTES(2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7, \
		30, 4, 1, 2, 254, 8, 0xf9, 0x89, 1, 2, 3, 4, 99, 4, 1, 2)

static void build(struct packet_bytes *p, size_t which)
{
	struct packet_bytes quote;

	packet_tcp(&quote, TCP(IP4(OPTION_BYTES(131, 7, 4, 10, 0, 0, 9, 0)), TCP_OPTIONS));
	switch (which) {
	case 0:
		packet_tcp(p, TCP(IP4(OPTION_BYTES(131, 7, 4, 10, 0, 0, 9, 0)), TCP_OPTIONS,
			.payload = "hello"));
		break;
	case 1:
		packet_tcp(p, TCP(IP6(.first = 0, EXTENSIONS), TCP_OPTIONS, .payload = "hi"));
		break;
	case 2:
		packet_udp(p, UDP(IP4(), .payload = "hello"));
		break;
	case 3:
		packet_icmp(p, ICMP(IP4(), .type = 3, .quote = &quote));
		break;
	default:
		packet_tcp(&quote, TCP(IP6(.first = 0, EXTENSIONS), TCP_OPTIONS));
		packet_icmp(p, ICMP(IP6(), .type = 1, .quote = &quote));
	}
}

static const uint16_t links[] = {
	LINK_NULL, LINK_ETHERNET, LINK_RAW, LINK_LOOP, LINK_SLL, LINK_IPV4, LINK_IPV6,
	LINK_SLL2,
};

#define BUILDS 5

static void test_every_prefix_of_every_packet_stays_inside(void **state)
{
	struct packet_bytes p;

	(void)state;
	for (size_t which = 0; which < BUILDS; which++)
		for (size_t i = 0; i < ARRAY_COUNT(links); i++) {
			build(&p, which);
			packet_link(&p, (enum packet_link)links[i]);
			for (size_t kept = 0; kept < p.len; kept++) {
				struct segment s = decoded_cut(&p, links[i], kept);
				assert_true(s.flaws & FLAW_TRUNCATED);
			}
			assert_int_equal(decoded(&p, links[i]).flaws & FLAW_TRUNCATED, 0);
		}
}

static void test_a_prefix_that_was_sent_so_stays_inside(void **state)
{
	struct packet_bytes p;

	(void)state;
	for (size_t which = 0; which < BUILDS; which++) {
		build(&p, which);
		for (; p.len > 0; p.len--)
			assert_int_equal(decoded(&p, LINK_RAW).flaws & FLAW_TRUNCATED, 0);
	}
}

static void test_damaged_packets_stay_inside_and_keep_their_promises(void **state)
{
	struct packet_bytes good, p;
	uint64_t dice = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		if (round % 4000 == 0)
			build(&good, (size_t)round / 4000 % BUILDS);
		p.len = good.len;
		memcpy(p.bytes, good.bytes, good.len);
		for (uint64_t hits = 1 + rng_next(&dice) % 8; hits > 0; hits--)
			p.bytes[rng_next(&dice) % p.len] = (uint8_t)rng_next(&dice);
		struct segment s = decoded_cut(&p, LINK_RAW, rng_next(&dice) % (p.len + 1));
		assert_true(s.kind <= SEGMENT_FRAGMENT);
		if (s.kind == SEGMENT_TCP) {
			assert_true(s.len <= p.len);
			assert_true(s.tcp.options.sack_count <= TCP_SACK_MAX);
			assert_true(s.tcp.options.unknown_len <= 40);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_prefix_of_every_packet_stays_inside),
		cmocka_unit_test(test_a_prefix_that_was_sent_so_stays_inside),
		cmocka_unit_test(test_damaged_packets_stay_inside_and_keep_their_promises),
	};
	return cmocka_run_group_tests_name("decode: hostile", tests, NULL, NULL);
}
