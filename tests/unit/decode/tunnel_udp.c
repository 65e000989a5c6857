#include "decoded.h"

#define OUTER4 &(struct ip_spec){.src = "192.0.2.1", .dst = "192.0.2.2"}
#define OUTER6 &(struct ip_spec){.src = "[2001:db8::a]", .dst = "[2001:db8::b]"}
#define PROTOCOL_GRE 47

static void packet_ethernet(struct packet_bytes *p)
{
	packet_hi(p);
	packet_link(p, LINK_ETHERNET);
}

/* What p holds becomes the payload of a datagram to this port. */
static void packet_datagram(struct packet_bytes *p, uint16_t port)
{
	uint16_t length = (uint16_t)(p->len + 8);
	BEFORE(p, 0x9c, 0x40, (uint8_t)(port >> 8), (uint8_t)port, (uint8_t)(length >> 8),
		(uint8_t)length, 0, 0);
	packet_ip(p, OUTER4, 17);
}

static void assert_datagram(const struct segment *s, uint16_t port)
{
	assert_int_equal(s->kind, SEGMENT_UDP);
	assert_int_equal(s->ends.dport, port);
	assert_int_equal(s->tunnel.count, 0);
	assert_int_equal(s->network_offset, 0);
	assert_int_equal(s->payload_offset, 28);
}

static void test_vxlan_names_its_network(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_ethernet(&p);
	BEFORE(&p, 8, 0, 0, 0, 0, 0, 100, 0);
	packet_datagram(&p, 4789);
	struct segment s = decoded(&p, LINK_RAW);
	assert_hi(&s, "vxlan 100");
	assert_int_equal(s.network_offset, 28 + 8 + 14);
}

static void test_only_a_tunnel_may_do_without_a_checksum_over_ipv6(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_ethernet(&p);
	BEFORE(&p, 8, 0, 0, 0, 0, 0, 100, 0);
	packet_datagram(&p, 4789);
	memmove(p.bytes, p.bytes + 20, p.len - 20);
	p.len -= 20;
	packet_ip(&p, OUTER6, 17);
	struct segment s = decoded(&p, LINK_RAW);
	assert_hi(&s, "vxlan 100");
	packet_poke8(&p, 40 + 8, 0); /* its flags: no tunnel */
	s = decoded(&p, LINK_RAW);
	assert_int_equal(s.kind, SEGMENT_UDP);
	assert_int_equal(s.flaws, FLAW_BAD_CHECKSUM);
}

static void test_a_port_alone_makes_no_tunnel(void **state)
{
	static const uint16_t ports[] = {4789, 6081, 2152, 3544, 8472};
	struct packet_bytes p;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(ports); i++) {
		p.len = 0;
		packet_append(&p, "words that are no tunnel's, whatever the port", 46);
		packet_datagram(&p, ports[i]);
		struct segment s = decoded(&p, LINK_RAW);
		assert_datagram(&s, ports[i]);
		assert_int_equal(s.len, 46);
		assert_int_equal(s.flaws, 0);
	}
}

static void test_a_tunnel_without_a_packet_inside_is_a_datagram(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_ethernet(&p);
	packet_poke16(&p, 12, 0x0806); /* ARP */
	BEFORE(&p, 8, 0, 0, 0, 0, 0, 100, 0);
	packet_datagram(&p, 4789);
	struct segment s = decoded(&p, LINK_RAW);
	assert_datagram(&s, 4789);
	assert_int_equal(s.len, p.len - 28);
}

static void test_a_tunnel_whose_inner_lengths_lie_is_a_datagram(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_ethernet(&p);
	packet_poke16(&p, 14 + 2, 5000);
	packet_seal4(&p, 14);
	BEFORE(&p, 8, 0, 0, 0, 0, 0, 100, 0);
	packet_datagram(&p, 4789);
	struct segment s = decoded(&p, LINK_RAW);
	assert_datagram(&s, 4789);
	assert_int_equal(s.flaws, 0);
}

static void test_a_tunnel_cut_by_the_capture_is_read_as_far_as_it_goes(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_ethernet(&p);
	BEFORE(&p, 8, 0, 0, 0, 0, 0, 100, 0);
	packet_datagram(&p, 4789);
	struct segment s = decoded_cut(&p, LINK_RAW, p.len - 1);
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_int_equal(s.flaws, FLAW_TRUNCATED);
	assert_layers(&s, "vxlan 100");
	s = decoded_cut(&p, LINK_RAW, 28 + 8 + 14 + 10);
	assert_datagram(&s, 4789);
	assert_int_equal(s.flaws, FLAW_TRUNCATED);
}

static void test_vxlans_extension_says_what_follows(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, 0x0c, 0, 0, 1, 0, 0, 100, 0);
	packet_datagram(&p, 4790);
	struct segment s = decoded(&p, LINK_RAW);
	assert_hi(&s, "vxlan 100");
	packet_poke8(&p, 31, 200); /* a protocol nobody knows */
	s = decoded(&p, LINK_RAW);
	assert_datagram(&s, 4790);
}

static void test_labels_may_ride_on_udp(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, 0x00, 0x01, 0x01, 0x40);
	packet_datagram(&p, 6635);
	struct segment s = decoded(&p, LINK_RAW);
	assert_hi(&s, "mpls 16");
}

/* Every level looks like two kinds of tunnel at once and comes to nothing: without a limit the
 * work doubles with each, and this test takes hours. */
static void test_attempts_within_attempts_come_to_an_end(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	for (int levels = 0; levels < 12; levels++) {
		packet_poke16(&p, 2, 0xffff);
		packet_seal4(&p, 0);
		packet_link(&p, LINK_ETHERNET);
		BEFORE(&p, 8, 0, 0, 0, 0, 0, 1, 0);
		packet_datagram(&p, 4789);
		packet_poke16(&p, 20, 6081);
	}
	for (int rounds = 0; rounds < 20000; rounds++) {
		struct segment s;
		struct frame frame = {.bytes = p.bytes, .caplen = (uint32_t)p.len,
			.len = (uint32_t)p.len, .linktype = LINK_RAW};
		decode_frame(&frame, &s);
		assert_datagram(&s, 4789);
	}
}

static void test_geneve_has_options_and_any_protocol(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_ethernet(&p);
	BEFORE(&p, 2, 0, 0x65, 0x58, 0x12, 0x34, 0x56, 0, 1, 2, 0x80, 1, 9, 9, 9, 9);
	packet_datagram(&p, 6081);
	struct segment s = decoded(&p, LINK_RAW);
	assert_hi(&s, "geneve 1193046");
	packet_hi(&p);
	BEFORE(&p, 0, 0, 8, 0, 0, 0, 1, 0);
	packet_datagram(&p, 6081);
	s = decoded(&p, LINK_RAW);
	assert_hi(&s, "geneve 1");
	packet_poke8(&p, 29, 0x80); /* control, no data */
	s = decoded(&p, LINK_RAW);
	assert_datagram(&s, 6081);
	packet_hi(&p);
	BEFORE(&p, 0x40, 0, 8, 0, 0, 0, 1, 0); /* version 1 */
	packet_datagram(&p, 6081);
	s = decoded(&p, LINK_RAW);
	assert_datagram(&s, 6081);
}

static void test_gtp_names_its_endpoint(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, 0x30, 0xff, 0, (uint8_t)p.len, 0xde, 0xad, 0xbe, 0xef);
	packet_datagram(&p, 2152);
	struct segment s = decoded(&p, LINK_RAW);
	assert_hi(&s, "gtp-u 3735928559");
	/* a sequence number and two extension headers, of 4 and 8 bytes */
	packet_hi(&p);
	BEFORE(&p, 0, 1, 0, 0x85, 1, 1, 2, 0x40, 2, 1, 2, 3, 4, 5, 6, 0);
	BEFORE(&p, 0x36, 0xff, 0, (uint8_t)p.len, 0, 0, 0, 7);
	packet_datagram(&p, 2152);
	s = decoded(&p, LINK_RAW);
	assert_hi(&s, "gtp-u 7");
	packet_ethernet(&p);
	BEFORE(&p, 0x30, 0xff, 0, (uint8_t)p.len, 0, 0, 0, 8);
	packet_datagram(&p, 2152);
	s = decoded(&p, LINK_RAW);
	assert_hi(&s, "gtp-u 8");
	packet_poke8(&p, 29, 1); /* an echo request carries nothing */
	s = decoded(&p, LINK_RAW);
	assert_datagram(&s, 2152);
}

static void test_teredo_may_be_authenticated_and_say_its_origin(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP6(), .seq = 7));
	packet_datagram(&p, 3544);
	struct segment s = decoded(&p, LINK_RAW);
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_layers(&s, "teredo");
	packet_tcp(&p, TCP(IP6(), .seq = 7));
	BEFORE(&p, 0, 1, 2, 3, 'i', 'd', 'v', 'a', 'l', 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 1, 2,
		3, 4, 5, 6);
	packet_datagram(&p, 3544);
	s = decoded(&p, LINK_RAW);
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_int_equal(s.flaws, 0);
	assert_layers(&s, "teredo");
}

static void test_tunnels_nest(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_ethernet(&p);
	packet_vlan(&p, 0x8100, 4);
	BEFORE(&p, 8, 0, 0, 0, 0, 0, 3, 0);
	packet_datagram(&p, 4789);
	BEFORE(&p, 0x20, 0, 8, 0, 0, 0, 0, 2);
	packet_ip(&p, OUTER6, PROTOCOL_GRE);
	packet_ip(&p, OUTER4, 41);
	packet_link(&p, LINK_ETHERNET);
	packet_vlan(&p, 0x88a8, 1);
	struct segment s = decoded(&p, LINK_ETHERNET);
	assert_hi(&s, "vlan 1, 6in4, gre 2, vxlan 3, vlan 4");
}

static void test_a_quoted_tunnel_is_quoted_as_it_was_sent(void **state)
{
	struct packet_bytes p, quote;

	(void)state;
	packet_ethernet(&quote);
	BEFORE(&quote, 8, 0, 0, 0, 0, 0, 100, 0);
	packet_datagram(&quote, 4789);
	packet_icmp(&p, ICMP(IP4(), .type = 3, .code = 3, .quote = &quote));
	struct segment s = decoded(&p, LINK_RAW);
	assert_int_equal(s.kind, SEGMENT_ICMP);
	assert_true(s.icmp.quotes);
	assert_int_equal(s.icmp.quoted.dport, 4789);
	assert_int_equal(s.tunnel.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vxlan_names_its_network),
		cmocka_unit_test(test_only_a_tunnel_may_do_without_a_checksum_over_ipv6),
		cmocka_unit_test(test_a_port_alone_makes_no_tunnel),
		cmocka_unit_test(test_a_tunnel_without_a_packet_inside_is_a_datagram),
		cmocka_unit_test(test_a_tunnel_whose_inner_lengths_lie_is_a_datagram),
		cmocka_unit_test(test_a_tunnel_cut_by_the_capture_is_read_as_far_as_it_goes),
		cmocka_unit_test(test_vxlans_extension_says_what_follows),
		cmocka_unit_test(test_labels_may_ride_on_udp),
		cmocka_unit_test(test_attempts_within_attempts_come_to_an_end),
		cmocka_unit_test(test_geneve_has_options_and_any_protocol),
		cmocka_unit_test(test_gtp_names_its_endpoint),
		cmocka_unit_test(test_teredo_may_be_authenticated_and_say_its_origin),
		cmocka_unit_test(test_tunnels_nest),
		cmocka_unit_test(test_a_quoted_tunnel_is_quoted_as_it_was_sent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
