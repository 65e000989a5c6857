#include "decoded.h"

static void test_a_datagram_has_ports_and_a_length(void **state)
{
	(void)state;
	struct segment s = decoded_udp(UDP(IP4(), .payload = "hello"));
	assert_int_equal(s.kind, SEGMENT_UDP);
	assert_int_equal(s.ends.sport, 1000);
	assert_int_equal(s.ends.dport, 7);
	assert_int_equal(s.len, 5);
	assert_int_equal(s.payload_offset, 28);
	assert_int_equal(s.flaws, 0);
	s = decoded_udp(UDP(IP6()));
	assert_int_equal(s.len, 0);
	assert_int_equal(s.flaws, 0);
}

static struct segment with_length(uint16_t field)
{
	struct packet_bytes p;

	packet_udp(&p, UDP(IP4(), .payload = "hello"));
	packet_poke16(&p, 24, field);
	return decoded(&p, LINK_RAW);
}

static void test_a_length_that_contradicts_ip_is_kept_and_flawed(void **state)
{
	(void)state;
	assert_int_equal(with_length(8 + 4).len, 4);
	assert_int_equal(with_length(8 + 4).flaws, FLAW_BAD_LENGTH);
	assert_int_equal(with_length(8 + 900).len, 900);
	assert_int_equal(with_length(8 + 900).flaws, FLAW_BAD_LENGTH);
}

static void test_a_length_that_cannot_be_is_replaced_by_ips(void **state)
{
	(void)state;
	for (uint16_t field = 0; field < 8; field++) {
		assert_int_equal(with_length(field).len, 5);
		assert_int_equal(with_length(field).flaws, FLAW_BAD_LENGTH);
	}
}

static void test_length_0_is_right_in_a_jumbogram(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_udp(&p, UDP(IP6(.first = 0, OPTION_BYTES(17, 0, 0xc2, 4, 0, 0, 0, 0)),
		.len = 70000));
	packet_poke32(&p, 44, 8 + 8 + 70000);
	struct segment s = decoded(&p, LINK_RAW);
	assert_int_equal(s.len, 70000);
	assert_int_equal(s.flaws, 0);
}

static void test_length_0_is_right_where_offload_left_out_ips_too(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_udp(&p, UDP(IP4(), .payload = "hello"));
	packet_poke16(&p, 2, 0);
	packet_poke16(&p, 24, 0);
	packet_seal4(&p, 0);
	struct segment s = decoded(&p, LINK_RAW);
	assert_int_equal(s.len, 5);
	assert_int_equal(s.flaws, FLAW_OFFLOAD_LENGTH);
}

static void test_a_cut_payload_keeps_its_length(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_udp(&p, UDP(IP4(), .len = 1000));
	struct segment s = decoded_cut(&p, LINK_RAW, 40);
	assert_int_equal(s.len, 1000);
	assert_int_equal(s.flaws, FLAW_TRUNCATED);
}

static void test_a_cut_header_is_no_datagram(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_udp(&p, UDP(IP4(), .len = 10));
	struct segment s = decoded_cut(&p, LINK_RAW, 27);
	assert_other(&s, LAYER_IP_PROTOCOL, 17);
	assert_int_equal(s.flaws, FLAW_TRUNCATED);
}

static void test_a_packet_too_short_for_udp_has_a_bad_length(void **state)
{
	struct packet_bytes p = {.len = 0};

	(void)state;
	packet_append(&p, "0123456", 7);
	packet_ip(&p, &(struct ip_spec){ENDS4}, 17);
	struct segment s = decoded(&p, LINK_RAW);
	assert_other(&s, LAYER_IP_PROTOCOL, 17);
	assert_int_equal(s.flaws, FLAW_BAD_LENGTH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_datagram_has_ports_and_a_length),
		cmocka_unit_test(test_a_length_that_contradicts_ip_is_kept_and_flawed),
		cmocka_unit_test(test_a_length_that_cannot_be_is_replaced_by_ips),
		cmocka_unit_test(test_length_0_is_right_in_a_jumbogram),
		cmocka_unit_test(test_length_0_is_right_where_offload_left_out_ips_too),
		cmocka_unit_test(test_a_cut_payload_keeps_its_length),
		cmocka_unit_test(test_a_cut_header_is_no_datagram),
		cmocka_unit_test(test_a_packet_too_short_for_udp_has_a_bad_length),
	};
	return cmocka_run_group_tests_name("decode: udp", tests, NULL, NULL);
}
