#include "decoded.h"

static struct segment through(enum packet_link link, const struct tcp_spec *spec)
{
	struct packet_bytes p;

	packet_tcp(&p, spec);
	packet_link(&p, link);
	return decoded(&p, (uint16_t)link);
}

static void test_every_link_type_leads_to_both_versions_of_ip(void **state)
{
	static const struct {
		enum packet_link link;
		uint16_t header;
	} links[] = {
		{LINK_NULL, 4}, {LINK_ETHERNET, 14}, {LINK_RAW, 0}, {LINK_LOOP, 4},
		{LINK_SLL, 16}, {LINK_IPV4, 0}, {LINK_IPV6, 0}, {LINK_SLL2, 20},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(links); i++) {
		struct segment s = through(links[i].link, TCP(IP4(), .payload = "hi"));
		assert_int_equal(s.kind, SEGMENT_TCP);
		assert_int_equal(s.network_offset, links[i].header);
		assert_int_equal(s.payload_offset, links[i].header + 40);
		assert_int_equal(s.flaws, 0);
		s = through(links[i].link, TCP(IP6(), .payload = "hi"));
		assert_int_equal(s.kind, SEGMENT_TCP);
		assert_int_equal(s.payload_offset, links[i].header + 60);
	}
}

static void test_raw_ip_has_three_numbers(void **state)
{
	static const uint16_t raws[] = {12, 14, 101};
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4()));
	for (size_t i = 0; i < ARRAY_COUNT(raws); i++)
		assert_int_equal(decoded(&p, raws[i]).kind, SEGMENT_TCP);
}

static void test_null_takes_every_systems_family_in_both_byte_orders(void **state)
{
	static const uint8_t families6[] = {10, 24, 28, 30};
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP6()));
	packet_link(&p, LINK_NULL);
	for (size_t i = 0; i < ARRAY_COUNT(families6); i++) {
		packet_poke32(&p, 0, families6[i]);
		assert_int_equal(decoded(&p, LINK_NULL).kind, SEGMENT_TCP);
		packet_poke32(&p, 0, (uint32_t)families6[i] << 24);
		assert_int_equal(decoded(&p, LINK_NULL).kind, SEGMENT_TCP);
	}
}

static void test_null_with_an_ethernet_type_is_read_by_that(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_udp(&p, UDP(IP4(), .payload = "hi"));
	packet_link(&p, LINK_NULL);
	packet_poke32(&p, 0, 0x0f000800);
	assert_int_equal(decoded(&p, LINK_NULL).kind, SEGMENT_UDP);
}

static void test_null_with_an_unknown_family_is_named_by_its_link(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4()));
	packet_link(&p, LINK_NULL);
	packet_poke32(&p, 0, 7);
	struct segment s = decoded(&p, LINK_NULL);
	assert_other(&s, LAYER_LINK, LINK_NULL);
}

static void test_a_vlan_tag_is_taken_off_and_remembered(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4(), .payload = "hi"));
	packet_link(&p, LINK_ETHERNET);
	packet_vlan(&p, 0x8100, 0xe007); /* priority 7 is no part of the id */
	struct segment s = decoded(&p, LINK_ETHERNET);
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_layers(&s, "vlan 7");
	assert_int_equal(s.network_offset, 18);
	assert_int_equal(s.len, 2);
}

static void test_of_stacked_tags_the_innermost_counts(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP6()));
	packet_link(&p, LINK_ETHERNET);
	packet_vlan(&p, 0x8100, 0);
	packet_vlan(&p, 0x8100, 12);
	packet_vlan(&p, 0x88a8, 4095);
	struct segment s = decoded(&p, LINK_ETHERNET);
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_layers(&s, "vlan 4095, vlan 12, vlan 0");
	assert_int_equal(s.network_offset, 26);
}

static void test_tags_beyond_the_stated_depth_stay_shut(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4()));
	packet_link(&p, LINK_ETHERNET);
	for (int tags = 0; tags < TUNNEL_MAX; tags++)
		packet_vlan(&p, 0x8100, 5);
	assert_int_equal(decoded(&p, LINK_ETHERNET).kind, SEGMENT_TCP);
	packet_vlan(&p, 0x88a8, 5);
	struct segment s = decoded(&p, LINK_ETHERNET);
	assert_other(&s, LAYER_ETHERTYPE, 0x8100);
}

static void test_an_unknown_ethertype_is_named(void **state)
{
	struct packet_bytes p = {.len = 0};

	(void)state;
	packet_append(&p, "................................................", 46);
	packet_link(&p, LINK_ETHERNET);
	packet_poke16(&p, 12, 0x0806);
	struct segment s = decoded(&p, LINK_ETHERNET);
	assert_other(&s, LAYER_ETHERTYPE, 0x0806);
	assert_int_equal(s.ends.src.family, 0);
	assert_int_equal(s.flaws, 0);
}

static void test_an_unknown_link_type_is_named(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4()));
	struct segment s = decoded(&p, 253);
	assert_other(&s, LAYER_LINK, 253);
	assert_false(decode_linktype_known(253));
	assert_true(decode_linktype_known(LINK_ETHERNET));
}

static void test_an_empty_frame_is_an_unknown_link(void **state)
{
	struct packet_bytes p = {.len = 0};

	(void)state;
	struct segment s = decoded(&p, LINK_ETHERNET);
	assert_other(&s, LAYER_LINK, LINK_ETHERNET);
	assert_int_equal(s.flaws, 0);
}

static void test_a_runt_frame_has_a_bad_length(void **state)
{
	struct packet_bytes p = {.len = 0};

	(void)state;
	packet_append(&p, "0123456789", 10);
	assert_int_equal(decoded(&p, LINK_ETHERNET).flaws, FLAW_BAD_LENGTH);
	assert_int_equal(decoded_cut(&p, LINK_ETHERNET, 9).flaws, FLAW_TRUNCATED);
}

static void test_a_stamp_that_cannot_be_is_a_flaw(void **state)
{
	struct frame frame = {.linktype = LINK_RAW, .bad_time = true};
	struct segment s;

	(void)state;
	decode_frame(&frame, &s);
	assert_int_equal(s.flaws, FLAW_BAD_TIME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_link_type_leads_to_both_versions_of_ip),
		cmocka_unit_test(test_raw_ip_has_three_numbers),
		cmocka_unit_test(test_null_takes_every_systems_family_in_both_byte_orders),
		cmocka_unit_test(test_null_with_an_ethernet_type_is_read_by_that),
		cmocka_unit_test(test_null_with_an_unknown_family_is_named_by_its_link),
		cmocka_unit_test(test_a_vlan_tag_is_taken_off_and_remembered),
		cmocka_unit_test(test_of_stacked_tags_the_innermost_counts),
		cmocka_unit_test(test_tags_beyond_the_stated_depth_stay_shut),
		cmocka_unit_test(test_an_unknown_ethertype_is_named),
		cmocka_unit_test(test_an_unknown_link_type_is_named),
		cmocka_unit_test(test_an_empty_frame_is_an_unknown_link),
		cmocka_unit_test(test_a_runt_frame_has_a_bad_length),
		cmocka_unit_test(test_a_stamp_that_cannot_be_is_a_flaw),
	};
	return cmocka_run_group_tests_name("decode: link", tests, NULL, NULL);
}
