#include "decoded.h"

static void test_every_field_of_the_header_is_read(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP4(), .seq = 0xfffffff0, .ack = 0x80000001,
		.flags = TCP_ACK | TCP_PSH | TCP_URG, .window = 65535, .urgent = 3,
		.payload = "hello"));
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_int_equal(s.ends.sport, 1000);
	assert_int_equal(s.ends.dport, 7);
	assert_int_equal(s.tcp.seq, 0xfffffff0);
	assert_int_equal(s.tcp.ack, 0x80000001);
	assert_int_equal(s.tcp.flags, TCP_ACK | TCP_PSH | TCP_URG);
	assert_int_equal(s.tcp.window, 65535);
	assert_int_equal(s.tcp.urgent, 3);
	assert_int_equal(s.len, 5);
	assert_int_equal(s.payload_offset, 40);
	assert_int_equal(s.tcp.options.present, 0);
	assert_int_equal(s.flaws, 0);
}

static void test_ecn_flags_include_ae_and_nothing_above_it(void **state)
{
	struct packet_bytes p;

	(void)state;
	struct segment s = decoded_tcp(TCP(IP4(),
		.flags = TCP_SYN | TCP_ECE | TCP_CWR | TCP_AE));
	assert_int_equal(s.tcp.flags, TCP_SYN | TCP_ECE | TCP_CWR | TCP_AE);
	packet_tcp(&p, TCP(IP4(), .flags = TCP_ACK));
	packet_poke8(&p, 32, 0x5e); /* the three reserved bits */
	assert_int_equal(decoded(&p, LINK_RAW).tcp.flags, TCP_ACK);
}

static void test_syn_with_every_option_a_syn_can_have(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP6(), .flags = TCP_SYN, OPTION_BYTES(
		2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 5, 1, 3, 3, 7,
		34, 6, 0xca, 0xfe, 0xba, 0xbe, 30, 12, 0, 0x81, 1, 2, 3, 4, 5, 6, 7, 8)));
	const struct tcp_options *o = &s.tcp.options;
	assert_int_equal(o->present, OPTION_MSS | OPTION_SACK_OK | OPTION_TS | OPTION_WSCALE |
		OPTION_FASTOPEN | OPTION_MPTCP);
	assert_int_equal(o->mss, 1460);
	assert_int_equal(o->tsval, 0x01020304);
	assert_int_equal(o->tsecr, 5);
	assert_int_equal(o->wscale, 7);
	assert_int_equal(o->cookie_len, 4);
	assert_memory_equal(o->cookie, "\xca\xfe\xba\xbe", 4);
	assert_int_equal(o->mptcp_subtype, 0);
	assert_int_equal(o->unknown_len, 0);
	assert_int_equal(s.flaws, 0);
}

static void test_a_shift_is_kept_as_it_stood(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP4(), .flags = TCP_SYN, OPTION_BYTES(3, 3, 15)));
	assert_int_equal(s.tcp.options.wscale, 15);
	s = decoded_tcp(TCP(IP4(), .flags = TCP_SYN, OPTION_BYTES(3, 3, 14)));
	assert_int_equal(s.tcp.options.wscale, 14);
}

static void test_one_to_four_sack_blocks(void **state)
{
	uint8_t option[2 + 4 * 8] = {5};

	(void)state;
	for (uint8_t i = 0; i < 32; i++)
		option[2 + i] = i;
	for (uint8_t blocks = 1; blocks <= 4; blocks++) {
		option[1] = (uint8_t)(2 + 8 * blocks);
		struct segment s = decoded_tcp(TCP(IP4(), .options = option,
			.options_len = option[1]));
		assert_int_equal(s.tcp.options.present, OPTION_SACK);
		assert_int_equal(s.tcp.options.sack_count, blocks);
		assert_int_equal(s.tcp.options.sack[0][0], 0x00010203);
		assert_int_equal(s.tcp.options.sack[0][1], 0x04050607);
		assert_int_equal(s.tcp.options.sack[blocks - 1][1] & 0xff, blocks * 8 - 1);
		assert_int_equal(s.flaws, 0);
	}
}

static void test_fast_open_may_ask_for_a_cookie(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP4(), .flags = TCP_SYN, OPTION_BYTES(34, 2)));
	assert_int_equal(s.tcp.options.present, OPTION_FASTOPEN);
	assert_int_equal(s.tcp.options.cookie_len, 0);
}

static void test_a_cookie_has_4_to_16_bytes(void **state)
{
	uint8_t option[18] = {34, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

	(void)state;
	for (uint8_t count = 4; count <= 16; count += 2) {
		option[1] = (uint8_t)(2 + count);
		struct segment s = decoded_tcp(TCP(IP4(), .options = option,
			.options_len = option[1]));
		assert_int_equal(s.tcp.options.present, OPTION_FASTOPEN);
		assert_int_equal(s.tcp.options.cookie_len, count);
		assert_int_equal(s.tcp.options.cookie[count - 1], count);
		assert_int_equal(s.flaws, 0);
	}
}

static void test_fast_open_under_both_experimental_kinds(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP4(), OPTION_BYTES(254, 4, 0xf9, 0x89)));
	assert_int_equal(s.tcp.options.present, OPTION_FASTOPEN | OPTION_FASTOPEN_EXP);
	assert_int_equal(s.tcp.options.cookie_len, 0);
	s = decoded_tcp(TCP(IP4(), OPTION_BYTES(253, 12, 0xf9, 0x89, 1, 2, 3, 4, 5, 6, 7, 8)));
	assert_int_equal(s.tcp.options.present, OPTION_FASTOPEN | OPTION_FASTOPEN_EXP);
	assert_int_equal(s.tcp.options.cookie_len, 8);
	assert_memory_equal(s.tcp.options.cookie, "\1\2\3\4\5\6\7\10", 8);
}

static void test_other_experiments_are_kept_as_bytes(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP4(), OPTION_BYTES(254, 6, 0xe2, 0xd4, 0xc3, 0xd9,
		253, 2)));
	assert_int_equal(s.tcp.options.present, OPTION_UNKNOWN);
	assert_int_equal(s.tcp.options.unknown_len, 8);
	assert_memory_equal(s.tcp.options.unknown, "\xfe\x06\xe2\xd4\xc3\xd9\xfd\x02", 8);
	assert_int_equal(s.flaws, 0);
}

static void test_an_experimental_cookie_of_impossible_length_is_unknown(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP4(), OPTION_BYTES(254, 7, 0xf9, 0x89, 1, 2, 3)));
	assert_int_equal(s.tcp.options.present, OPTION_UNKNOWN);
	s = decoded_tcp(TCP(IP4(), OPTION_BYTES(254, 6, 0xf9, 0x89, 1, 2)));
	assert_int_equal(s.tcp.options.present, OPTION_UNKNOWN);
	s = decoded_tcp(TCP(IP4(), OPTION_BYTES(254, 22, 0xf9, 0x89, 1, 2, 3, 4, 5, 6, 7, 8, 9,
		10, 11, 12, 13, 14, 15, 16, 17, 18)));
	assert_int_equal(s.tcp.options.present, OPTION_UNKNOWN);
	assert_int_equal(s.flaws, 0);
}

static void test_signatures_are_named(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP4(), OPTION_BYTES(
		19, 18, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
		29, 16, 61, 84, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)));
	assert_int_equal(s.tcp.options.present, OPTION_MD5 | OPTION_AO);
	assert_int_equal(s.tcp.options.unknown_len, 0);
}

static void test_the_shortest_options_of_changing_length(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP4(), OPTION_BYTES(29, 4, 61, 84, 30, 3, 0x50)));
	assert_int_equal(s.tcp.options.present, OPTION_AO | OPTION_MPTCP);
	assert_int_equal(s.tcp.options.mptcp_subtype, 5);
	s = decoded_tcp(TCP(IP4(), OPTION_BYTES(29, 3, 61, 30, 2)));
	assert_int_equal(s.tcp.options.present, OPTION_UNKNOWN);
	assert_int_equal(s.flaws, FLAW_BAD_OPTION);
}

static void test_unknown_options_are_kept_in_their_order(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP4(),
		OPTION_BYTES(14, 3, 1, 1, 2, 4, 2, 0, 172, 2)));
	assert_int_equal(s.tcp.options.present, OPTION_MSS | OPTION_UNKNOWN);
	assert_int_equal(s.tcp.options.unknown_len, 5);
	assert_memory_equal(s.tcp.options.unknown, "\x0e\x03\x01\xac\x02", 5);
	assert_int_equal(s.flaws, 0);
}

static void test_forty_bytes_of_unknown_option_fit(void **state)
{
	uint8_t option[40] = {99, 40};

	(void)state;
	struct segment s = decoded_tcp(TCP(IP4(), .options = option, .options_len = 40));
	assert_int_equal(s.tcp.options.unknown_len, 40);
	assert_memory_equal(s.tcp.options.unknown, option, 40);
}

static void test_nothing_is_read_after_the_end_of_options(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP4(), OPTION_BYTES(1, 0, 2, 1)));
	assert_int_equal(s.tcp.options.present, 0);
	assert_int_equal(s.flaws, 0);
}

static void test_a_known_option_of_wrong_length_is_kept_as_bytes(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP4(), OPTION_BYTES(2, 3, 5, 3, 3, 7)));
	assert_int_equal(s.tcp.options.present, OPTION_WSCALE | OPTION_UNKNOWN);
	assert_int_equal(s.tcp.options.mss, 0);
	assert_int_equal(s.tcp.options.unknown_len, 3);
	assert_memory_equal(s.tcp.options.unknown, "\x02\x03\x05", 3);
	assert_int_equal(s.flaws, FLAW_BAD_OPTION);
	s = decoded_tcp(TCP(IP4(), OPTION_BYTES(34, 5, 1, 2, 3))); /* an odd cookie */
	assert_int_equal(s.flaws, FLAW_BAD_OPTION);
	s = decoded_tcp(TCP(IP4(), OPTION_BYTES(5, 2)));
	assert_int_equal(s.flaws, FLAW_BAD_OPTION);
}

static void test_an_option_without_end_stops_the_reading(void **state)
{
	static const uint8_t endless[][4] = {
		{2, 0, 3, 3},   /* a length of 0 */
		{2, 1, 3, 3},   /* of 1 */
		{8, 10, 1, 2},  /* past the header */
		{1, 1, 1, 8},   /* none at all */
		{1, 1, 99, 3},  /* an unknown one past the header */
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(endless); i++) {
		struct segment s = decoded_tcp(TCP(IP4(), .options = endless[i],
			.options_len = 4, .payload = "hello"));
		assert_int_equal(s.tcp.options.present, 0);
		assert_int_equal(s.flaws, FLAW_BAD_OPTION);
		assert_int_equal(s.len, 5);
	}
}

static void test_a_data_offset_below_5_is_taken_as_20_bytes(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4(), .flags = TCP_SYN, OPTION_BYTES(2, 4, 5, 0xb4)));
	packet_poke8(&p, 32, 0x40);
	packet_poke16(&p, 36, 0);
	packet_poke16(&p, 36, (uint16_t)~packet_sum(packet_sum(6 + 24, p.bytes + 12, 8),
		p.bytes + 20, 24));
	struct segment s = decoded(&p, LINK_RAW);
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_int_equal(s.len, 4);
	assert_int_equal(s.tcp.options.present, 0);
	assert_int_equal(s.flaws, FLAW_BAD_HEADER);
}

static void test_a_data_offset_past_the_packet_leaves_no_payload(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4(), .flags = TCP_SYN, OPTION_BYTES(2, 4, 5, 0xb4)));
	packet_poke8(&p, 32, 0xf0);
	struct segment s = decoded(&p, LINK_RAW);
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_int_equal(s.len, 0);
	assert_int_equal(s.tcp.options.mss, 1460);
	assert_true(s.flaws & FLAW_BAD_HEADER);
}

static void test_a_cut_payload_keeps_its_length(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4(), .seq = 5, .len = 1460));
	packet_link(&p, LINK_ETHERNET);
	struct segment s = decoded_cut(&p, LINK_ETHERNET, 96);
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_int_equal(s.len, 1460);
	assert_int_equal(s.tcp.seq, 5);
	assert_int_equal(s.flaws, FLAW_TRUNCATED);
}

static void test_of_cut_options_the_whole_ones_are_kept(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4(), .flags = TCP_SYN, OPTION_BYTES(
		2, 4, 5, 0xb4, 1, 3, 3, 7, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0)));
	for (size_t cut = 0; cut < 10; cut++) { /* anywhere in the timestamps */
		struct segment s = decoded_cut(&p, LINK_RAW, 48 + cut);
		assert_int_equal(s.tcp.options.present, OPTION_MSS | OPTION_WSCALE);
		assert_int_equal(s.flaws, FLAW_TRUNCATED);
		assert_int_equal(s.len, 0);
	}
}

static void test_a_cut_header_is_no_segment(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4()));
	for (size_t kept = 20; kept < 40; kept++) {
		struct segment s = decoded_cut(&p, LINK_RAW, kept);
		assert_other(&s, LAYER_IP_PROTOCOL, 6);
		assert_int_equal(s.flaws, FLAW_TRUNCATED);
		assert_int_equal(s.ends.sport, 0);
	}
}

static void test_a_packet_too_short_for_tcp_has_a_bad_length(void **state)
{
	struct packet_bytes p = {.len = 0};

	(void)state;
	packet_append(&p, "0123456789", 10);
	packet_ip(&p, &(struct ip_spec){ENDS4}, 6);
	struct segment s = decoded(&p, LINK_RAW);
	assert_other(&s, LAYER_IP_PROTOCOL, 6);
	assert_int_equal(s.flaws, FLAW_BAD_LENGTH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_field_of_the_header_is_read),
		cmocka_unit_test(test_ecn_flags_include_ae_and_nothing_above_it),
		cmocka_unit_test(test_syn_with_every_option_a_syn_can_have),
		cmocka_unit_test(test_a_shift_is_kept_as_it_stood),
		cmocka_unit_test(test_one_to_four_sack_blocks),
		cmocka_unit_test(test_fast_open_may_ask_for_a_cookie),
		cmocka_unit_test(test_a_cookie_has_4_to_16_bytes),
		cmocka_unit_test(test_fast_open_under_both_experimental_kinds),
		cmocka_unit_test(test_other_experiments_are_kept_as_bytes),
		cmocka_unit_test(test_an_experimental_cookie_of_impossible_length_is_unknown),
		cmocka_unit_test(test_signatures_are_named),
		cmocka_unit_test(test_the_shortest_options_of_changing_length),
		cmocka_unit_test(test_unknown_options_are_kept_in_their_order),
		cmocka_unit_test(test_forty_bytes_of_unknown_option_fit),
		cmocka_unit_test(test_nothing_is_read_after_the_end_of_options),
		cmocka_unit_test(test_a_known_option_of_wrong_length_is_kept_as_bytes),
		cmocka_unit_test(test_an_option_without_end_stops_the_reading),
		cmocka_unit_test(test_a_data_offset_below_5_is_taken_as_20_bytes),
		cmocka_unit_test(test_a_data_offset_past_the_packet_leaves_no_payload),
		cmocka_unit_test(test_a_cut_payload_keeps_its_length),
		cmocka_unit_test(test_of_cut_options_the_whole_ones_are_kept),
		cmocka_unit_test(test_a_cut_header_is_no_segment),
		cmocka_unit_test(test_a_packet_too_short_for_tcp_has_a_bad_length),
	};
	return cmocka_run_group_tests_name("decode: tcp", tests, NULL, NULL);
}
