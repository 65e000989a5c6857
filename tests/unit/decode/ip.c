#include "decoded.h"

/* Extension headers as options of an IPv6 packet; the last of them leads to TCP (6). */
#define PADDING 1, 4, 0, 0, 0, 0 /* PadN, which fills a header of 8 bytes */

static void test_ipv4_fields_are_read(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP4(.ttl = 3, .tos = 0xb9, .id = 0x1234)));
	assert_addr(&s.ends.src, "10.0.0.1");
	assert_addr(&s.ends.dst, "10.0.0.2");
	assert_int_equal(s.ends.protocol, 6);
	assert_int_equal(s.ttl, 3);
	assert_int_equal(s.ecn, 1);
	assert_int_equal(s.ip_id, 0x1234);
	assert_int_equal(s.flaws, 0);
}

static void test_ipv6_fields_are_read(void **state)
{
	(void)state;
	struct segment s = decoded_udp(UDP(IP6(.ttl = 255, .tos = 0xb7)));
	assert_addr(&s.ends.src, "2001:db8::1");
	assert_addr(&s.ends.dst, "2001:db8::2");
	assert_int_equal(s.ends.protocol, 17);
	assert_int_equal(s.ttl, 255);
	assert_int_equal(s.ecn, 3);
	assert_int_equal(s.ip_id, 0);
	assert_int_equal(s.flaws, 0);
}

static void test_ipv4_options_are_passed_over(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP4(OPTION_BYTES(1, 7, 3, 4, 148, 4, 0, 0)),
		.payload = "hello"));
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_int_equal(s.len, 5);
	assert_int_equal(s.payload_offset, 48);
	assert_int_equal(s.flaws, 0);
}

static void test_an_ipv4_option_without_room_is_a_flaw_and_no_more(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP4(OPTION_BYTES(1, 1, 7, 3)), .payload = "hello"));
	assert_int_equal(s.flaws, FLAW_BAD_OPTION);
	s = decoded_tcp(TCP(IP4(OPTION_BYTES(1, 1, 1, 7)), .payload = "hello"));
	assert_int_equal(s.flaws, FLAW_BAD_OPTION);
	s = decoded_tcp(TCP(IP4(OPTION_BYTES(99, 2, 1, 1)), .payload = "hello"));
	assert_int_equal(s.flaws, 0);
	s = decoded_tcp(TCP(IP4(OPTION_BYTES(1, 7, 0, 0)), .payload = "hello"));
	assert_int_equal(s.flaws, FLAW_BAD_OPTION);
	assert_int_equal(s.len, 5);
}

static void test_a_source_route_moves_the_checksum_to_its_last_address(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP4(.checksum_dst = "10.0.0.9",
		OPTION_BYTES(131, 11, 4, 10, 0, 0, 5, 10, 0, 0, 9, 0))));
	assert_int_equal(s.flaws, 0);
	assert_addr(&s.ends.dst, "10.0.0.2");
	s = decoded_tcp(TCP(IP4(OPTION_BYTES(137, 11, 12, 10, 0, 0, 5, 10, 0, 0, 9, 0))));
	assert_int_equal(s.flaws, 0); /* its pointer is past the end: it has arrived */
}

static void test_ethernet_padding_is_no_payload(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4(), .flags = TCP_ACK));
	packet_link(&p, LINK_ETHERNET);
	packet_append(&p, "padding", 6);
	struct segment s = decoded(&p, LINK_ETHERNET);
	assert_int_equal(s.len, 0);
	assert_int_equal(s.flaws, 0);
	assert_int_equal(decoded_cut(&p, LINK_ETHERNET, p.len - 6).flaws, 0);
}

static void test_ipv4_total_length_0_is_offload_and_the_frame_counts(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4(), .len = 66000));
	struct segment s = decoded(&p, LINK_RAW);
	assert_int_equal(s.len, 66000);
	assert_int_equal(s.flaws, FLAW_OFFLOAD_LENGTH);
}

static void test_a_length_beyond_the_wire_is_bad_and_the_wire_is_believed(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4(), .len = 100));
	packet_poke16(&p, 2, 200);
	packet_seal4(&p, 0);
	struct segment s = decoded(&p, LINK_RAW);
	assert_int_equal(s.len, 100);
	assert_int_equal(s.flaws, FLAW_BAD_LENGTH);
}

static void test_an_ipv4_length_below_its_header_leaves_nothing_to_read(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4()));
	packet_poke16(&p, 2, 19);
	packet_seal4(&p, 0);
	struct segment s = decoded(&p, LINK_RAW);
	assert_other(&s, LAYER_IP_PROTOCOL, 6);
	assert_int_equal(s.flaws, FLAW_BAD_LENGTH);
	assert_addr(&s.ends.src, "10.0.0.1");
}

static void test_an_ipv4_header_below_20_bytes_is_bad(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4()));
	packet_poke8(&p, 0, 0x44);
	struct segment s = decoded(&p, LINK_RAW);
	assert_other(&s, LAYER_IP_PROTOCOL, 6);
	assert_int_equal(s.flaws, FLAW_BAD_HEADER);
	assert_addr(&s.ends.dst, "10.0.0.2");
}

static void test_another_version_of_ip_is_a_bad_header(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4()));
	packet_link(&p, LINK_ETHERNET);
	packet_poke8(&p, 14, 0x55);
	struct segment s = decoded(&p, LINK_ETHERNET);
	assert_other(&s, LAYER_ETHERTYPE, 0x0800);
	assert_int_equal(s.flaws, FLAW_BAD_HEADER);
}

static void test_tunnels_and_strangers_are_named_with_their_ends(void **state)
{
	static const uint8_t protocols[] = {4, 41, 47, 50, 132, 255};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(protocols); i++) {
		struct packet_bytes p = {.len = 0};
		packet_append(&p, "something inside", 16);
		packet_ip(&p, &(struct ip_spec){ENDS4}, protocols[i]);
		struct segment s = decoded(&p, LINK_RAW);
		assert_other(&s, LAYER_IP_PROTOCOL, protocols[i]);
		assert_addr(&s.ends.dst, "10.0.0.2");
		assert_int_equal(s.ends.protocol, protocols[i]);
		assert_int_equal(s.flaws, 0);
	}
}

static void test_icmp_of_the_other_version_is_a_stranger(void **state)
{
	struct packet_bytes p = {.len = 0};

	(void)state;
	packet_append(&p, "\010\000abcdef", 8);
	packet_ip(&p, &(struct ip_spec){ENDS6}, 1);
	struct segment s = decoded(&p, LINK_RAW);
	assert_other(&s, LAYER_IP_PROTOCOL, 1);
}

static void test_ipv4_fragments_are_told_by_offset_or_more(void **state)
{
	(void)state;
	struct segment s = decoded_udp(UDP(IP4(.id = 77, .fragment = 0x2000), .len = 16));
	assert_int_equal(s.kind, SEGMENT_FRAGMENT);
	assert_int_equal(s.fragment.offset, 0);
	assert_int_equal(s.fragment.len, 24);
	assert_true(s.fragment.more);
	assert_int_equal(s.ip_id, 77);
	assert_int_equal(s.ends.protocol, 17);
	assert_int_equal(s.ends.sport, 0);
	s = decoded_udp(UDP(IP4(.id = 77, .fragment = 3), .len = 17));
	assert_int_equal(s.fragment.offset, 24);
	assert_int_equal(s.fragment.len, 25);
	assert_false(s.fragment.more);
	assert_int_equal(s.flaws, 0);
}

static void test_dont_fragment_is_no_fragment(void **state)
{
	(void)state;
	assert_int_equal(decoded_tcp(TCP(IP4(.fragment = 0x4000))).kind, SEGMENT_TCP);
}

static void test_a_fragment_that_others_follow_ends_at_a_multiple_of_8(void **state)
{
	(void)state;
	struct segment s = decoded_udp(UDP(IP4(.fragment = 0x2000), .len = 17));
	assert_int_equal(s.kind, SEGMENT_FRAGMENT);
	assert_int_equal(s.flaws, FLAW_BAD_LENGTH);
}

static void test_ipv6_fragments_carry_the_id_of_their_header(void **state)
{
	(void)state;
	struct segment s = decoded_udp(UDP(IP6(.first = 44,
		OPTION_BYTES(17, 0, 0x05, 0xa9, 0xde, 0xad, 0xbe, 0xef)), .len = 16));
	assert_int_equal(s.kind, SEGMENT_FRAGMENT);
	assert_int_equal(s.fragment.offset, 0x5a8);
	assert_int_equal(s.fragment.len, 24);
	assert_true(s.fragment.more);
	assert_int_equal(s.ip_id, 0xdeadbeef);
	assert_int_equal(s.ends.protocol, 17);
}

static void test_an_atomic_fragment_is_a_whole_packet(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP6(.first = 44,
		OPTION_BYTES(6, 0, 0, 0, 0, 0, 0, 9)), .payload = "hello"));
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_int_equal(s.len, 5);
	assert_int_equal(s.ip_id, 9);
	assert_int_equal(s.flaws, 0);
}

static void test_every_kind_of_extension_header_is_passed(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP6(.first = 0, OPTION_BYTES(
		60, 0, PADDING,                                /* hop by hop */
		43, 0, PADDING,                                /* destination */
		51, 0, 9, 0, 0, 0, 0, 0,                       /* routing, none left */
		135, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, /* authentication: 16 bytes */
		139, 0, PADDING,                               /* mobility */
		140, 0, PADDING,                               /* host identity */
		60, 0, PADDING,                                /* shim6 */
		6, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 /* destination again */)),
		.payload = "hello"));
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_int_equal(s.ends.protocol, 6);
	assert_int_equal(s.len, 5);
	assert_int_equal(s.payload_offset, 40 + 80 + 20);
	assert_int_equal(s.flaws, 0);
}

static void test_the_chain_of_headers_has_an_end(void **state)
{
	uint8_t chain[18 * 8];

	(void)state;
	for (size_t i = 0; i < 18; i++)
		memcpy(chain + 8 * i, (uint8_t[]){60, 0, PADDING}, 8);
	chain[15 * 8] = 6;
	struct segment s = decoded_tcp(TCP(IP6(.first = 60, .options = chain,
		.options_len = 16 * 8)));
	assert_int_equal(s.kind, SEGMENT_TCP);
	chain[15 * 8] = 60;
	chain[17 * 8] = 6;
	s = decoded_tcp(TCP(IP6(.first = 60, .options = chain, .options_len = sizeof(chain))));
	assert_other(&s, LAYER_IP_PROTOCOL, 60);
	assert_int_equal(s.flaws, FLAW_BAD_HEADER);
}

static void test_a_header_that_outgrows_its_packet_has_a_bad_length(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP6(.first = 60, OPTION_BYTES(6, 200, PADDING))));
	assert_other(&s, LAYER_IP_PROTOCOL, 60);
	assert_int_equal(s.flaws, FLAW_BAD_LENGTH);
	assert_addr(&s.ends.dst, "2001:db8::2");
}

static void test_no_next_header_is_named(void **state)
{
	struct packet_bytes p = {.len = 0};

	(void)state;
	packet_ip(&p, &(struct ip_spec){ENDS6}, 59);
	packet_append(&p, "padding", 6);
	struct segment s = decoded(&p, LINK_RAW);
	assert_other(&s, LAYER_IP_PROTOCOL, 59);
	assert_int_equal(s.flaws, 0);
}

static const uint8_t route[] = { /* TCP, two addresses of a route, of which one is left */
	6, 4, 0, 1, 0, 0, 0, 0,
	0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8,
	0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9,
};

static uint32_t flaws_of_route(uint8_t type, uint8_t left, const char *summed_for)
{
	uint8_t header[sizeof(route)];

	memcpy(header, route, sizeof(route));
	header[2] = type;
	header[3] = left;
	struct segment s = decoded_tcp(TCP(IP6(.first = 43, .options = header,
		.options_len = sizeof(header), .checksum_dst = summed_for)));
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_addr(&s.ends.dst, "2001:db8::2");
	return s.flaws;
}

static void test_a_routing_header_moves_the_checksum_to_its_last_address(void **state)
{
	(void)state;
	assert_int_equal(flaws_of_route(0, 1, "[2001:db8::9]"), 0);
	assert_int_equal(flaws_of_route(2, 1, "[2001:db8::9]"), 0);
	assert_int_equal(flaws_of_route(4, 1, "[2001:db8::8]"), 0); /* listed backwards */
	assert_int_equal(flaws_of_route(0, 0, "[2001:db8::2]"), 0);
	assert_int_equal(flaws_of_route(0, 1, "[2001:db8::2]"), FLAW_BAD_CHECKSUM);
}

static void test_a_route_of_unknown_kind_leaves_the_checksum_unjudged(void **state)
{
	(void)state;
	assert_int_equal(flaws_of_route(3, 1, "[2001:db8::77]"), 0);
}

static void test_a_jumbogram_has_the_length_of_its_option(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP6(.first = 0, OPTION_BYTES(6, 0, 0xc2, 4, 0, 1, 0x11, 0x8c)),
		.len = 70000 - 8 - 20 - 28));
	packet_poke32(&p, 44, 70000 - 28);
	packet_append(&p, "not payload", 11);
	struct segment s = decoded(&p, LINK_RAW);
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_int_equal(s.len, 70000 - 8 - 20 - 28);
	assert_int_equal(s.flaws, 0);
}

static void test_the_jumbo_option_is_found_behind_others(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP6(.first = 0, OPTION_BYTES(6, 1, 0, 0, 1, 4, 0, 0, 0, 40,
		0xc2, 4, 0, 1, 0, 36)), .len = 65536));
	packet_append(&p, "not payload", 11);
	struct segment s = decoded(&p, LINK_RAW);
	assert_int_equal(s.len, 65536);
	assert_int_equal(s.flaws, 0);
}

static void test_ipv6_length_0_without_an_option_is_offload(void **state)
{
	(void)state;
	struct segment s = decoded_tcp(TCP(IP6(), .len = 66000));
	assert_int_equal(s.len, 66000);
	assert_int_equal(s.flaws, FLAW_OFFLOAD_LENGTH);
	s = decoded_tcp(TCP(IP6(.first = 0, OPTION_BYTES(6, 0, 0, 0, 5, 2, 0, 0)),
		.len = 66000));
	assert_int_equal(s.len, 66000);
	assert_int_equal(s.flaws, FLAW_OFFLOAD_LENGTH);
}

static void test_a_jumbo_option_below_65536_is_a_bad_length(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP6(.first = 0, OPTION_BYTES(6, 0, 0xc2, 4, 0, 0, 0, 30)),
		.payload = "hi"));
	packet_poke16(&p, 4, 0);
	struct segment s = decoded(&p, LINK_RAW);
	assert_int_equal(s.len, 2);
	assert_int_equal(s.flaws, FLAW_BAD_LENGTH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipv4_fields_are_read),
		cmocka_unit_test(test_ipv6_fields_are_read),
		cmocka_unit_test(test_ipv4_options_are_passed_over),
		cmocka_unit_test(test_an_ipv4_option_without_room_is_a_flaw_and_no_more),
		cmocka_unit_test(test_a_source_route_moves_the_checksum_to_its_last_address),
		cmocka_unit_test(test_ethernet_padding_is_no_payload),
		cmocka_unit_test(test_ipv4_total_length_0_is_offload_and_the_frame_counts),
		cmocka_unit_test(test_a_length_beyond_the_wire_is_bad_and_the_wire_is_believed),
		cmocka_unit_test(test_an_ipv4_length_below_its_header_leaves_nothing_to_read),
		cmocka_unit_test(test_an_ipv4_header_below_20_bytes_is_bad),
		cmocka_unit_test(test_another_version_of_ip_is_a_bad_header),
		cmocka_unit_test(test_tunnels_and_strangers_are_named_with_their_ends),
		cmocka_unit_test(test_icmp_of_the_other_version_is_a_stranger),
		cmocka_unit_test(test_ipv4_fragments_are_told_by_offset_or_more),
		cmocka_unit_test(test_dont_fragment_is_no_fragment),
		cmocka_unit_test(test_a_fragment_that_others_follow_ends_at_a_multiple_of_8),
		cmocka_unit_test(test_ipv6_fragments_carry_the_id_of_their_header),
		cmocka_unit_test(test_an_atomic_fragment_is_a_whole_packet),
		cmocka_unit_test(test_every_kind_of_extension_header_is_passed),
		cmocka_unit_test(test_the_chain_of_headers_has_an_end),
		cmocka_unit_test(test_a_header_that_outgrows_its_packet_has_a_bad_length),
		cmocka_unit_test(test_no_next_header_is_named),
		cmocka_unit_test(test_a_routing_header_moves_the_checksum_to_its_last_address),
		cmocka_unit_test(test_a_route_of_unknown_kind_leaves_the_checksum_unjudged),
		cmocka_unit_test(test_a_jumbogram_has_the_length_of_its_option),
		cmocka_unit_test(test_the_jumbo_option_is_found_behind_others),
		cmocka_unit_test(test_ipv6_length_0_without_an_option_is_offload),
		cmocka_unit_test(test_a_jumbo_option_below_65536_is_a_bad_length),
	};
	return cmocka_run_group_tests_name("decode: ip", tests, NULL, NULL);
}
