#include "decoded.h"

static void packet_length(struct packet_bytes *p, uint16_t beyond)
{
	uint16_t length = (uint16_t)(p->len + beyond);
	BEFORE(p, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, (uint8_t)(length >> 8), (uint8_t)length);
}

static void test_an_802_3_length_leads_to_ip_through_snap(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0);
	packet_length(&p, 0);
	struct segment s = decoded(&p, LINK_ETHERNET);
	assert_hi(&s, "");
	assert_int_equal(s.network_offset, 22);
}

static void test_padding_behind_an_802_3_frame_is_no_payload(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4(), .seq = 7, .payload = "hi"));
	packet_poke16(&p, 2, 0); /* length by offload: only the frame says where it ends */
	packet_seal4(&p, 0);
	BEFORE(&p, 0xaa, 0xaa, 3, 0, 0, 0xf8, 8, 0);
	packet_length(&p, 0);
	packet_append(&p, "padding", 7);
	struct segment s = decoded(&p, LINK_ETHERNET);
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_int_equal(s.len, 2);
}

static void test_ip_has_a_service_access_point(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, 6, 6, 3);
	packet_length(&p, 0);
	struct segment s = decoded(&p, LINK_ETHERNET);
	assert_hi(&s, "");
}

static void test_other_802_2_frames_are_named_by_their_access_point(void **state)
{
	struct packet_bytes p = {.len = 0};

	(void)state;
	packet_append(&p, "BPDUBPDUBPDUBPDUBPDUBPDUBPDUBPDUBPDU", 35);
	BEFORE(&p, 0x42, 0x42, 3);
	packet_length(&p, 0);
	struct segment s = decoded(&p, LINK_ETHERNET);
	assert_other(&s, LAYER_SAP, 0x42);
	packet_poke8(&p, 14, 0xaa); /* SNAP needs it twice */
	s = decoded(&p, LINK_ETHERNET);
	assert_other(&s, LAYER_SAP, 0xaa);
}

static void test_a_foreign_snap_organisation_is_no_ethertype(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, 0xaa, 0xaa, 3, 0, 0, 0x0c, 8, 0);
	packet_length(&p, 0);
	struct segment s = decoded(&p, LINK_ETHERNET);
	assert_other(&s, LAYER_SAP, 0xaa);
}

static void test_a_length_may_stand_behind_a_tag(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0);
	packet_length(&p, 0);
	packet_vlan(&p, 0x9100, 99);
	struct segment s = decoded(&p, LINK_ETHERNET);
	assert_hi(&s, "vlan 99");
}

static void test_a_backbone_carries_a_customers_frame(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	packet_link(&p, LINK_ETHERNET);
	packet_vlan(&p, 0x8100, 3);
	BEFORE(&p, 2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8, 0x88, 0xe7, 0x60, 0x12, 0x34, 0x56);
	packet_vlan(&p, 0x88a8, 77);
	struct segment s = decoded(&p, LINK_ETHERNET);
	assert_hi(&s, "vlan 77, 802.1ah 1193046, vlan 3");
}

static void test_fddi_carries_802_2(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, 0x50, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0);
	struct segment s = decoded(&p, 10);
	assert_hi(&s, "");
	packet_poke8(&p, 0, 0x41); /* station management */
	s = decoded(&p, 10);
	assert_other(&s, LAYER_LINK, 10);
}

static void test_cooked_captures_carry_802_2_too(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0);
	packet_link(&p, LINK_SLL);
	packet_poke16(&p, 14, 4);
	struct segment s = decoded(&p, LINK_SLL);
	assert_hi(&s, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_802_3_length_leads_to_ip_through_snap),
		cmocka_unit_test(test_padding_behind_an_802_3_frame_is_no_payload),
		cmocka_unit_test(test_ip_has_a_service_access_point),
		cmocka_unit_test(test_other_802_2_frames_are_named_by_their_access_point),
		cmocka_unit_test(test_a_foreign_snap_organisation_is_no_ethertype),
		cmocka_unit_test(test_a_length_may_stand_behind_a_tag),
		cmocka_unit_test(test_a_backbone_carries_a_customers_frame),
		cmocka_unit_test(test_fddi_carries_802_2),
		cmocka_unit_test(test_cooked_captures_carry_802_2_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
