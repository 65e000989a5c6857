#include "decoded.h"

#define LINK_PPP       9
#define LINK_PPP_HDLC  50
#define LINK_PPP_ETHER 51
#define LINK_C_HDLC    104

static void test_ppp_comes_with_and_without_its_framing(void **state)
{
	struct packet_bytes p;
	struct segment s;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, 0x00, 0x21);
	s = decoded(&p, LINK_PPP);
	assert_hi(&s, "");
	assert_int_equal(s.network_offset, 2);
	BEFORE(&p, 0xff, 0x03);
	s = decoded(&p, LINK_PPP);
	assert_hi(&s, "");
	s = decoded(&p, LINK_PPP_HDLC);
	assert_hi(&s, "");
}

static void test_a_compressed_protocol_is_one_byte(void **state)
{
	struct packet_bytes p;
	struct segment s;

	(void)state;
	packet_tcp(&p, TCP(IP6(), .seq = 7, .payload = "hi"));
	BEFORE(&p, 0x57);
	s = decoded(&p, LINK_PPP);
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_int_equal(s.network_offset, 1);
}

static void test_other_ppp_protocols_are_named(void **state)
{
	struct packet_bytes p;
	struct segment s;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, 0xff, 0x03, 0xc0, 0x21);
	s = decoded(&p, LINK_PPP);
	assert_other(&s, LAYER_PPP, 0xc021);
}

static void test_the_first_byte_may_be_a_direction(void **state)
{
	struct packet_bytes p;
	struct segment s;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, 0x00, 0x21);
	BEFORE(&p, 1, 0xff, 0x03);
	s = decoded(&p, 204); /* PPP_WITH_DIR */
	assert_hi(&s, "");
	packet_hi(&p);
	BEFORE(&p, 0, 0x03, 0x00, 0x21);
	s = decoded(&p, 166); /* PPP_PPPD */
	assert_hi(&s, "");
}

static void test_ciscos_hdlc_has_ethertypes(void **state)
{
	struct packet_bytes p;
	struct segment s;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, 0x0f, 0x00, 0x08, 0x00);
	s = decoded(&p, LINK_C_HDLC);
	assert_hi(&s, "");
	s = decoded(&p, LINK_PPP_HDLC); /* which may be either */
	assert_hi(&s, "");
	packet_poke16(&p, 2, 0x8035);
	s = decoded(&p, LINK_C_HDLC);
	assert_other(&s, LAYER_ETHERTYPE, 0x8035);
}

static void packet_pppoe(struct packet_bytes *p)
{
	packet_hi(p);
	BEFORE(p, 0x11, 0, 0x12, 0x34, 0, 44, 0x00, 0x21);
}

static void test_pppoe_names_its_session(void **state)
{
	struct packet_bytes p;
	struct segment s;

	(void)state;
	packet_pppoe(&p);
	s = decoded(&p, LINK_PPP_ETHER);
	assert_hi(&s, "pppoe 4660");
	packet_append(&p, "padding", 7);
	packet_link(&p, LINK_ETHERNET);
	packet_poke16(&p, 12, 0x8864);
	s = decoded(&p, LINK_ETHERNET);
	assert_hi(&s, "pppoe 4660");
}

static void test_pppoe_that_carries_no_data_is_named_by_its_ethertype(void **state)
{
	struct packet_bytes p;
	struct segment s;

	(void)state;
	packet_pppoe(&p);
	packet_link(&p, LINK_ETHERNET);
	packet_poke16(&p, 12, 0x8864);
	packet_poke8(&p, 15, 0xa7); /* a code of the discovery stage */
	s = decoded(&p, LINK_ETHERNET);
	assert_other(&s, LAYER_ETHERTYPE, 0x8864);
	packet_poke16(&p, 12, 0x8863);
	s = decoded(&p, LINK_ETHERNET);
	assert_other(&s, LAYER_ETHERTYPE, 0x8863);
}

static void test_a_pppoe_length_that_lies_is_a_flaw(void **state)
{
	struct packet_bytes p;
	struct segment s;

	(void)state;
	packet_pppoe(&p);
	packet_poke16(&p, 4, 1000);
	s = decoded(&p, LINK_PPP_ETHER);
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_int_equal(s.flaws, FLAW_BAD_LENGTH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ppp_comes_with_and_without_its_framing),
		cmocka_unit_test(test_a_compressed_protocol_is_one_byte),
		cmocka_unit_test(test_other_ppp_protocols_are_named),
		cmocka_unit_test(test_the_first_byte_may_be_a_direction),
		cmocka_unit_test(test_ciscos_hdlc_has_ethertypes),
		cmocka_unit_test(test_pppoe_names_its_session),
		cmocka_unit_test(test_pppoe_that_carries_no_data_is_named_by_its_ethertype),
		cmocka_unit_test(test_a_pppoe_length_that_lies_is_a_flaw),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
