#include "decoded.h"

#define OUTER4 &(struct ip_spec){.src = "192.0.2.1", .dst = "192.0.2.2"}
#define OUTER6 &(struct ip_spec){.src = "[2001:db8::a]", .dst = "[2001:db8::b]"}
#define PROTOCOL_GRE 47
#define PROTOCOL_AH  51

static void packet_ethernet(struct packet_bytes *p)
{
	packet_hi(p);
	packet_link(p, LINK_ETHERNET);
}

static void test_ip_in_ip_is_named_by_both_versions(void **state)
{
	static const struct {
		bool inner6, outer6;
		const char *layers;
	} mixes[] = {
		{false, false, "4in4"}, {true, false, "6in4"}, {false, true, "4in6"},
		{true, true, "6in6"},
	};
	struct packet_bytes p;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(mixes); i++) {
		packet_tcp(&p, mixes[i].inner6 ? TCP(IP6(.ttl = 9)) : TCP(IP4(.ttl = 9)));
		packet_ip(&p, mixes[i].outer6 ? OUTER6 : OUTER4, mixes[i].inner6 ? 41 : 4);
		struct segment s = decoded(&p, LINK_RAW);
		assert_int_equal(s.kind, SEGMENT_TCP);
		assert_layers(&s, mixes[i].layers);
		assert_int_equal(s.ttl, 9);
		assert_int_equal(s.network_offset, mixes[i].outer6 ? 40 : 20);
		assert_addr(&s.ends.dst, mixes[i].inner6 ? "2001:db8::2" : "10.0.0.2");
		assert_int_equal(s.flaws, 0);
	}
}

static void test_what_follows_the_inner_packet_is_padding(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	packet_append(&p, "tail", 4);
	packet_ip(&p, OUTER4, 4);
	struct segment s = decoded(&p, LINK_RAW);
	assert_hi(&s, "4in4");
}

static void test_gre_carries_ip_and_ethernet(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, 0, 0, 8, 0);
	packet_ip(&p, OUTER6, PROTOCOL_GRE);
	struct segment s = decoded(&p, LINK_RAW);
	assert_hi(&s, "gre");
	packet_ethernet(&p);
	packet_vlan(&p, 0x8100, 6);
	BEFORE(&p, 0, 0, 0x65, 0x58);
	packet_ip(&p, OUTER4, PROTOCOL_GRE);
	s = decoded(&p, LINK_RAW);
	assert_hi(&s, "gre, vlan 6");
}

static void packet_gre_all(struct packet_bytes *p) /* checksum, key, sequence number */
{
	packet_hi(p);
	BEFORE(p, 0xb0, 0, 8, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 9);
	packet_poke16(p, 4, (uint16_t)~packet_sum(0, p->bytes, p->len));
	packet_ip(p, OUTER4, PROTOCOL_GRE);
}

static void test_gre_may_have_a_checksum_a_key_and_a_sequence_number(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_gre_all(&p);
	struct segment s = decoded(&p, LINK_RAW);
	assert_hi(&s, "gre 4294967294");
	packet_poke16(&p, 24, 0x1234);
	s = decoded(&p, LINK_RAW);
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_int_equal(s.flaws, FLAW_BAD_CHECKSUM);
}

static void test_gre_may_have_a_route(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, 0x40, 0, 8, 0, 0, 0, 0, 0, 8, 0, 0, 4, 1, 2, 3, 4, 0, 0, 0, 0);
	packet_ip(&p, OUTER4, PROTOCOL_GRE);
	struct segment s = decoded(&p, LINK_RAW);
	assert_hi(&s, "gre");
}

static void test_pptp_carries_ppp_in_gre(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, 0xff, 0x03, 0x00, 0x21);
	BEFORE(&p, 0x30, 0x81, 0x88, 0x0b, 0, (uint8_t)p.len, 0x12, 0x34, 0, 0, 0, 1, 0, 0, 0,
		2);
	packet_ip(&p, OUTER4, PROTOCOL_GRE);
	struct segment s = decoded(&p, LINK_RAW);
	assert_hi(&s, "gre 4660");
}

static void test_a_mirror_of_a_switch_names_its_session(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_ethernet(&p);
	BEFORE(&p, 0x10, 0, 0x08, 0x64, 0, 0, 0, 0); /* type II */
	BEFORE(&p, 0x10, 0, 0x88, 0xbe, 0, 0, 0, 1);
	packet_ip(&p, OUTER4, PROTOCOL_GRE);
	struct segment s = decoded(&p, LINK_RAW);
	assert_hi(&s, "gre, erspan 100");
	for (uint8_t more = 0; more < 2; more++) { /* type III, without and with a subheader */
		packet_ethernet(&p);
		if (more)
			BEFORE(&p, 1, 2, 3, 4, 5, 6, 7, 8);
		BEFORE(&p, 0x20, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, more);
		BEFORE(&p, 0x10, 0, 0x22, 0xeb, 0, 0, 0, 1);
		packet_ip(&p, OUTER4, PROTOCOL_GRE);
		s = decoded(&p, LINK_RAW);
		assert_hi(&s, "gre, erspan 7");
	}
}

static void test_gre_carries_ppp_and_redirected_web_traffic(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, 0xff, 3, 0, 0x21);
	BEFORE(&p, 0, 0, 0x88, 0x0b);
	packet_ip(&p, OUTER4, PROTOCOL_GRE);
	struct segment s = decoded(&p, LINK_RAW);
	assert_hi(&s, "gre");
	packet_hi(&p);
	BEFORE(&p, 0, 0, 0x88, 0x3e);
	packet_ip(&p, OUTER4, PROTOCOL_GRE);
	s = decoded(&p, LINK_RAW);
	assert_hi(&s, "gre");
	packet_hi(&p);
	BEFORE(&p, 0, 0, 0x88, 0x3e, 0, 0, 0, 0);
	packet_ip(&p, OUTER4, PROTOCOL_GRE);
	s = decoded(&p, LINK_RAW);
	assert_hi(&s, "gre");
}

static void test_gre_with_nothing_known_inside_is_named(void **state)
{
	struct packet_bytes p = {.len = 0};

	(void)state;
	BEFORE(&p, 0, 0, 0x20, 0x00, 1, 2, 3, 4);
	packet_ip(&p, OUTER4, PROTOCOL_GRE);
	struct segment s = decoded(&p, LINK_RAW);
	assert_other(&s, LAYER_ETHERTYPE, 0x2000);
	packet_poke8(&p, 21, 7); /* a version that there is not */
	s = decoded(&p, LINK_RAW);
	assert_other(&s, LAYER_IP_PROTOCOL, PROTOCOL_GRE);
}

static void test_labels_are_named_one_by_one(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, 0x00, 0x01, 0x00, 0x40, 0xff, 0xff, 0xf1, 0x40);
	packet_link(&p, LINK_ETHERNET);
	packet_poke16(&p, 12, 0x8847);
	struct segment s = decoded(&p, LINK_ETHERNET);
	assert_hi(&s, "mpls 16, mpls 1048575");
	packet_hi(&p);
	BEFORE(&p, 0x00, 0x01, 0x01, 0x40);
	packet_ip(&p, OUTER4, 137);
	s = decoded(&p, LINK_RAW);
	assert_hi(&s, "mpls 16");
}

static void test_a_pseudowire_carries_ethernet(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_ethernet(&p);
	BEFORE(&p, 0, 0, 0, 9); /* control word */
	BEFORE(&p, 0x00, 0x01, 0x01, 0x40);
	struct segment s = decoded(&p, 219);
	assert_hi(&s, "mpls 16");
	packet_ethernet(&p);
	packet_poke8(&p, 0, 0xa2); /* without one: an address that cannot be taken for it */
	BEFORE(&p, 0x00, 0x01, 0x01, 0x40);
	s = decoded(&p, 219);
	assert_hi(&s, "mpls 16");
}

static void test_a_control_channel_is_no_packet(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_ethernet(&p);
	packet_poke8(&p, 0, 0x10);
	BEFORE(&p, 0x00, 0x01, 0x01, 0x40);
	struct segment s = decoded(&p, 219);
	assert_other(&s, LAYER_LINK, 219);
}

static void test_ah_names_its_parameters_in_both_versions(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4(), .seq = 7, .payload = "hi"));
	memmove(p.bytes, p.bytes + 20, p.len - 20); /* without its IP header */
	p.len -= 20;
	BEFORE(&p, 6, 4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
	packet_ip(&p, &(struct ip_spec){ENDS4}, PROTOCOL_AH);
	struct segment s = decoded(&p, LINK_RAW);
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_layers(&s, "ah 256");
	assert_int_equal(s.ends.protocol, 6);
	assert_int_equal(s.payload_offset, 20 + 24 + 20);
	assert_int_equal(s.flaws, 0);
	packet_tcp(&p, TCP(IP6(.first = PROTOCOL_AH,
		OPTION_BYTES(6, 4, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
			11, 12))));
	s = decoded(&p, LINK_RAW);
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_layers(&s, "ah 257");
}

static void test_beyond_the_stated_depth_the_packet_around_counts(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	for (int layers = 0; layers < TUNNEL_MAX; layers++)
		packet_ip(&p, OUTER4, 4);
	assert_int_equal(decoded(&p, LINK_RAW).kind, SEGMENT_TCP);
	packet_ip(&p, &(struct ip_spec){.src = "192.0.2.9", .dst = "192.0.2.2"}, 4);
	struct segment s = decoded(&p, LINK_RAW);
	assert_other(&s, LAYER_IP_PROTOCOL, 4);
	assert_int_equal(s.tunnel.count, TUNNEL_MAX);
	assert_int_equal(s.network_offset, TUNNEL_MAX * 20);
}

static void test_an_outer_wrong_checksum_stays_a_flaw(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	packet_ip(&p, OUTER4, 4);
	packet_poke8(&p, 8, 1);
	struct segment s = decoded(&p, LINK_RAW);
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_int_equal(s.flaws, FLAW_BAD_CHECKSUM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ip_in_ip_is_named_by_both_versions),
		cmocka_unit_test(test_what_follows_the_inner_packet_is_padding),
		cmocka_unit_test(test_gre_carries_ip_and_ethernet),
		cmocka_unit_test(test_gre_may_have_a_checksum_a_key_and_a_sequence_number),
		cmocka_unit_test(test_gre_may_have_a_route),
		cmocka_unit_test(test_pptp_carries_ppp_in_gre),
		cmocka_unit_test(test_a_mirror_of_a_switch_names_its_session),
		cmocka_unit_test(test_gre_carries_ppp_and_redirected_web_traffic),
		cmocka_unit_test(test_gre_with_nothing_known_inside_is_named),
		cmocka_unit_test(test_labels_are_named_one_by_one),
		cmocka_unit_test(test_a_pseudowire_carries_ethernet),
		cmocka_unit_test(test_a_control_channel_is_no_packet),
		cmocka_unit_test(test_ah_names_its_parameters_in_both_versions),
		cmocka_unit_test(test_beyond_the_stated_depth_the_packet_around_counts),
		cmocka_unit_test(test_an_outer_wrong_checksum_stays_a_flaw),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
