/* Fragments become the datagram that they were cut from. */
#include "joined.h"

static void whole_of(struct whole_packet *w, bool ip6, uint16_t id, size_t len)
{
	if (ip6)
		whole_udp6(w, id, len);
	else
		whole_udp4(w, id, len);
}

static void test_fragments_in_order_become_the_datagram(void **state)
{
	struct whole_packet w;

	(void)state;
	for (int ip6 = 0; ip6 < 2; ip6++) {
		struct joining j = joining_open();
		whole_of(&w, ip6, 7, 4000);
		assert_false(give_part(&j, &w, 0, 1480));
		assert_false(give_part(&j, &w, 1480, 2960));
		assert_int_equal(j.segment.flaws, 0);
		assert_true(give_part(&j, &w, 2960, 4008));
		assert_joined(&j, &w);
		assert_int_equal(j.whole.segment.len, 4000);
		CAME_IN(&j, 1, 2, 3);
		COUNTS(&j, 1);
		joining_close(&j);
	}
}

static void test_the_order_in_which_fragments_come_does_not_matter(void **state)
{
	static const size_t starts[5] = {0, 16, 24, 80, 100};
	struct whole_packet w;

	(void)state;
	for (int order = 0; order < 4 * 4 * 4 * 4 * 2; order++) {
		struct joining j = joining_open();
		unsigned seen = 0;
		bool whole = false;
		whole_of(&w, order % 2, 7, 92);
		for (int rest = order / 2, i = 0; i < 4; rest /= 4, i++) {
			assert_false(whole);
			whole = give_part(&j, &w, starts[rest % 4], starts[rest % 4 + 1]);
			seen |= 1u << rest % 4;
		}
		assert_int_equal(whole, seen == 15); /* a permutation; others have doubles */
		if (whole)
			assert_joined(&j, &w);
		joining_close(&j);
	}
}

static void test_datagrams_may_come_interleaved(void **state)
{
	static struct whole_packet w[4];
	struct joining j = joining_open();

	(void)state;
	for (size_t i = 0; i < 4; i++)
		whole_of(&w[i], i % 2, (uint16_t)(i / 2), 40 + i);
	for (size_t i = 0; i < 4; i++)
		assert_false(give_part(&j, &w[i], 0, 24));
	for (size_t i = 4; i-- > 0;) {
		assert_true(give_part(&j, &w[i], 24, 48 + i));
		assert_joined(&j, &w[i]);
		CAME_IN(&j, i + 1, 8 - i);
	}
	COUNTS(&j, 4);
	joining_close(&j);
}

static void test_ipv4_options_of_the_first_fragment_stay(void **state)
{
	static const uint8_t options[] = {7, 7, 4, 0, 0, 0, 0, 0}; /* record route: not copied */
	struct joining j = joining_open();
	struct whole_packet w = {.id = 9, .fixed = 28}, bare;
	struct packet_bytes f;

	(void)state;
	packet_udp(&w.p, UDP(IP4(.id = 9, .options = options, .options_len = 8), .len = 40));
	whole_udp4(&bare, 9, 40);
	fragment_make(&f, &bare, 16, 48, false);
	assert_false(give(&j, &f));
	assert_true(give_part(&j, &w, 0, 16));
	assert_joined(&j, &w);
	joining_close(&j);
}

static void test_ipv6_headers_before_the_fragment_header_stay(void **state)
{
	static const uint8_t chain[] = {
		60, 0, 1, 4, 0, 0, 0, 0,                    /* hop by hop */
		43, 0, 1, 4, 0, 0, 0, 0,                    /* destination */
		17, 2, 0, 0, 0, 0, 0, 0, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, /* routing, none left */
		0, 0, 0, 0, 0, 0, 0, 9,
	};
	struct joining j = joining_open();
	struct whole_packet w = {.id = 0xfffffffe, .fixed = 80, .next_at = 56};

	(void)state;
	packet_udp(&w.p, UDP(IP6(.first = 0, .options = chain, .options_len = 40), .len = 3000));
	assert_false(give_part(&j, &w, 1408, 3008));
	assert_true(give_part(&j, &w, 0, 1408));
	assert_joined(&j, &w);
	joining_close(&j);
}

static void test_ipv6_headers_behind_the_fragment_header_are_payload(void **state)
{
	static const uint8_t chain[] = {17, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
	struct joining j = joining_open();
	struct whole_packet w = {.id = 5, .fixed = 40, .next_at = 6};

	(void)state;
	packet_udp(&w.p, UDP(IP6(.first = 60, .options = chain, .options_len = 16), .len = 16));
	assert_false(give_part(&j, &w, 0, 8)); /* not even the header chain: RFC 7112 */
	assert_true(give_part(&j, &w, 8, 40));
	assert_joined(&j, &w);
	joining_close(&j);
}

static void test_an_atomic_fragment_header_before_the_real_one_is_passed(void **state)
{
	static const uint8_t atomic[] = {17, 0, 0, 0, 0, 0, 0, 99};
	struct joining j = joining_open();
	struct whole_packet w = {.id = 5, .fixed = 48, .next_at = 40};

	(void)state;
	packet_udp(&w.p, UDP(IP6(.first = 44, .options = atomic, .options_len = 8), .len = 16));
	assert_false(give_part(&j, &w, 0, 8));
	assert_true(give_part(&j, &w, 8, 24));
	assert_joined(&j, &w);
	joining_close(&j);
}

static void test_tcp_and_its_options_are_read_across_the_cut(void **state)
{
	struct joining j = joining_open();
	struct whole_packet w = {.id = 3, .fixed = 20};

	(void)state;
	packet_tcp(&w.p, TCP(IP4(.id = 3), .seq = 77, .flags = TCP_ACK | TCP_PSH,
		OPTION_BYTES(1, 1, 8, 10, 0, 0, 0, 5, 0, 0, 0, 6), .payload = "hello, world"));
	assert_false(give_part(&j, &w, 0, 24));
	assert_true(give_part(&j, &w, 24, 44));
	assert_joined(&j, &w);
	assert_int_equal(j.whole.segment.tcp.seq, 77);
	assert_int_equal(j.whole.segment.tcp.options.tsecr, 6);
	joining_close(&j);
}

static void test_a_bad_checksum_shows_over_the_whole_datagram(void **state)
{
	struct whole_packet w;

	(void)state;
	for (int ip6 = 0; ip6 < 2; ip6++) {
		struct joining j = joining_open();
		whole_of(&w, ip6, 1, 3000); /* longer than any frame: no offload, all the same */
		packet_poke8(&w.p, w.p.len - 1, 0xee);
		give_part(&j, &w, 0, 1480);
		assert_true(give_part(&j, &w, 1480, 3008));
		assert_int_equal(j.whole.segment.flaws, FLAW_BAD_CHECKSUM);
		packet_tcp(&w.p, &(struct tcp_spec){.ip = {.src = ip6 ? "[fe80::1]:1" : "1.1.1.1:1",
			.dst = ip6 ? "[fe80::2]:2" : "1.1.1.2:2", .id = 1}, .len = 60});
		packet_poke8(&w.p, w.p.len - 1, 0xee);
		give_part(&j, &w, 40, 80);
		assert_true(give_part(&j, &w, 0, 40));
		assert_int_equal(j.whole.segment.flaws, FLAW_BAD_CHECKSUM);
		joining_close(&j);
	}
}

static void test_an_exact_duplicate_is_ignored(void **state)
{
	struct whole_packet w;

	(void)state;
	for (int ip6 = 0; ip6 < 2; ip6++) {
		struct joining j = joining_open();
		whole_of(&w, ip6, 7, 100);
		assert_false(give_part(&j, &w, 48, 108));
		assert_false(give_part(&j, &w, 48, 108));
		assert_false(give_part(&j, &w, 0, 16));
		assert_false(give_part(&j, &w, 0, 16));
		assert_int_equal(j.segment.flaws, 0);
		assert_true(give_part(&j, &w, 16, 48));
		assert_joined(&j, &w);
		CAME_IN(&j, 1, 3, 5);
		joining_close(&j);
	}
}

static void test_an_identification_may_be_used_again(void **state)
{
	struct joining j = joining_open();
	struct whole_packet w;

	(void)state;
	for (uint32_t id = 0xfffe; id <= 0x10001; id++) {
		whole_udp4(&w, (uint16_t)id, 40);
		give_part(&j, &w, 0, 24);
		assert_true(give_part(&j, &w, 24, 48));
		whole_udp4(&w, (uint16_t)id, 90);
		give_part(&j, &w, 0, 24);
		assert_true(give_part(&j, &w, 24, 98));
		assert_joined(&j, &w);
	}
	COUNTS(&j, 8);
	joining_close(&j);
}

static void test_ipv4_tells_protocols_apart_and_ipv6_does_not(void **state)
{
	struct packet_bytes f;
	struct whole_packet w;

	(void)state;
	for (int ip6 = 0; ip6 < 2; ip6++) {
		struct joining j = joining_open();
		whole_of(&w, ip6, 7, 40);
		fragment_make(&f, &w, 24, 48, false);
		packet_poke8(&f, ip6 ? 40 : 9, 6);
		if (!ip6)
			packet_seal4(&f, 0);
		assert_false(give(&j, &f));
		assert_int_equal(give_part(&j, &w, 0, 24), ip6);
		joining_close(&j);
	}
}

static void test_addresses_and_direction_tell_datagrams_apart(void **state)
{
	struct joining j = joining_open();
	struct whole_packet w, back = {.id = 7, .fixed = 20};

	(void)state;
	whole_udp4(&w, 7, 40);
	packet_udp(&back.p, &(struct udp_spec){
		.ip = {.src = "10.0.0.2:7", .dst = "10.0.0.1:1000", .id = 7}, .len = 40});
	assert_false(give_part(&j, &w, 0, 24));
	assert_false(give_part(&j, &back, 24, 48));
	COUNTS(&j, 0, 2);
	joining_close(&j);
}

static void test_congestion_of_one_fragment_is_that_of_the_datagram(void **state)
{
	struct packet_bytes f;
	struct whole_packet w;

	(void)state;
	for (int ip6 = 0; ip6 < 2; ip6++) {
		struct joining j = joining_open();
		whole_of(&w, ip6, 7, 40);
		assert_false(give_part(&j, &w, 0, 24));
		fragment_make(&f, &w, 24, 48, false);
		f.bytes[1] |= ip6 ? 0x30 : 3;
		if (!ip6)
			packet_seal4(&f, 0);
		assert_true(give(&j, &f));
		assert_int_equal(j.whole.segment.ecn, 3);
		assert_int_equal(j.whole.segment.flaws, 0);
		joining_close(&j);
	}
}

static void test_the_longest_datagrams_are_joined(void **state)
{
	struct whole_packet w;

	(void)state;
	for (int ip6 = 0; ip6 < 2; ip6++) {
		struct joining j = joining_open();
		whole_of(&w, ip6, 7, ip6 ? 65527 : 65507);
		bool whole = false;
		for (size_t from = 0; from < payload_len(&w); from += 1480) {
			size_t left = payload_len(&w) - from;
			assert_false(whole);
			whole = give_part(&j, &w, from, from + (left < 1480 ? left : 1480));
		}
		assert_true(whole);
		assert_joined(&j, &w);
		assert_int_equal(j.whole.segment.flaws, 0);
		joining_close(&j);
	}
}

static void test_8192_fragments_of_8_bytes_are_one_datagram_in_either_direction(void **state)
{
	struct whole_packet w;

	(void)state;
	whole_udp6(&w, 7, 65527);
	for (int back = 0; back < 2; back++) {
		struct joining j = joining_open();
		for (size_t i = 0; i < 8192; i++) {
			size_t from = 8 * (back ? 8191 - i : i), left = payload_len(&w) - from;
			bool whole = give_part(&j, &w, from, from + (left < 8 ? left : 8));
			assert_int_equal(whole, i == 8191);
		}
		assert_joined(&j, &w);
		assert_int_equal(j.whole.fragment_count, 8192);
		joining_close(&j);
	}
}

static void test_of_cut_fragments_the_beginning_is_kept(void **state)
{
	struct joining j = joining_open();
	struct whole_packet w;

	(void)state;
	whole_udp4(&w, 7, 3000);
	j.snaplen = 100; /* 80 bytes of each payload */
	assert_false(give_part(&j, &w, 1480, 3008));
	assert_true(give_part(&j, &w, 0, 1480));
	assert_int_equal(j.whole.len, 3028);
	assert_int_equal(j.whole.caplen, 100);
	assert_memory_equal(j.whole.bytes, w.p.bytes, 100);
	assert_int_equal(j.whole.segment.kind, SEGMENT_UDP);
	assert_int_equal(j.whole.segment.len, 3000);
	assert_int_equal(j.whole.segment.flaws, FLAW_TRUNCATED);
	joining_close(&j);
}

static void test_whatever_is_cut_to_the_header_is_joined_by_its_lengths(void **state)
{
	struct joining j = joining_open();
	struct whole_packet w;

	(void)state;
	whole_udp6(&w, 7, 100);
	j.snaplen = 48;
	assert_false(give_part(&j, &w, 0, 56));
	assert_false(give_part(&j, &w, 0, 56));
	assert_true(give_part(&j, &w, 56, 108));
	assert_int_equal(j.whole.caplen, 40);
	assert_int_equal(j.whole.len, 148);
	assert_true(j.whole.segment.flaws & FLAW_TRUNCATED);
	joining_close(&j);
}

static void test_a_frame_may_be_longer_than_its_fragment(void **state)
{
	struct joining j = joining_open();
	struct packet_bytes f;
	struct whole_packet w;

	(void)state;
	whole_udp4(&w, 7, 20);
	fragment_make(&f, &w, 24, 28, false);
	packet_append(&f, "padding to 60 bytes .......", 22);
	assert_false(give(&j, &f));
	assert_true(give_part(&j, &w, 0, 24));
	assert_joined(&j, &w);
	joining_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fragments_in_order_become_the_datagram),
		cmocka_unit_test(test_the_order_in_which_fragments_come_does_not_matter),
		cmocka_unit_test(test_datagrams_may_come_interleaved),
		cmocka_unit_test(test_ipv4_options_of_the_first_fragment_stay),
		cmocka_unit_test(test_ipv6_headers_before_the_fragment_header_stay),
		cmocka_unit_test(test_ipv6_headers_behind_the_fragment_header_are_payload),
		cmocka_unit_test(test_an_atomic_fragment_header_before_the_real_one_is_passed),
		cmocka_unit_test(test_tcp_and_its_options_are_read_across_the_cut),
		cmocka_unit_test(test_a_bad_checksum_shows_over_the_whole_datagram),
		cmocka_unit_test(test_an_exact_duplicate_is_ignored),
		cmocka_unit_test(test_an_identification_may_be_used_again),
		cmocka_unit_test(test_ipv4_tells_protocols_apart_and_ipv6_does_not),
		cmocka_unit_test(test_addresses_and_direction_tell_datagrams_apart),
		cmocka_unit_test(test_congestion_of_one_fragment_is_that_of_the_datagram),
		cmocka_unit_test(test_the_longest_datagrams_are_joined),
		cmocka_unit_test(
			test_8192_fragments_of_8_bytes_are_one_datagram_in_either_direction),
		cmocka_unit_test(test_of_cut_fragments_the_beginning_is_kept),
		cmocka_unit_test(test_whatever_is_cut_to_the_header_is_joined_by_its_lengths),
		cmocka_unit_test(test_a_frame_may_be_longer_than_its_fragment),
	};
	return cmocka_run_group_tests_name("decode: joiner", tests, NULL, NULL);
}
