#include "decoded.h"

#define LINK_WIFI     105
#define LINK_RADIOTAP 127
#define LINK_PPI      192

#define SNAP_IP4 0xaa, 0xaa, 3, 0, 0, 0, 8, 0
#define ADDRESSES \
	2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 3
#define HEADER(fc0, fc1) fc0, fc1, 0x2c, 0, ADDRESSES, 0x10, 0x27

static void packet_wifi(struct packet_bytes *p, uint8_t fc0, uint8_t fc1)
{
	packet_hi(p);
	BEFORE(p, SNAP_IP4);
	BEFORE(p, HEADER(fc0, fc1));
}

static void test_a_data_frame_goes_to_or_from_the_network(void **state)
{
	static const uint8_t ways[] = {0x00, 0x01, 0x02, 0x0a}; /* the last: a retry */
	struct packet_bytes p;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(ways); i++) {
		packet_wifi(&p, 0x08, ways[i]);
		struct segment s = decoded(&p, LINK_WIFI);
		assert_hi(&s, "");
		assert_int_equal(s.network_offset, 24 + 8);
	}
}

static void test_a_bridge_has_four_addresses(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, SNAP_IP4);
	BEFORE(&p, 2, 0, 0, 0, 0, 4);
	BEFORE(&p, HEADER(0x08, 0x03));
	struct segment s = decoded(&p, LINK_WIFI);
	assert_hi(&s, "");
}

static void test_quality_of_service_and_high_throughput_make_the_header_longer(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, SNAP_IP4);
	BEFORE(&p, HEADER(0x88, 0x01), 0, 0);
	struct segment s = decoded(&p, LINK_WIFI);
	assert_hi(&s, "");
	packet_hi(&p);
	BEFORE(&p, SNAP_IP4);
	BEFORE(&p, HEADER(0x88, 0x81), 0, 0, 1, 2, 3, 4);
	s = decoded(&p, LINK_WIFI);
	assert_hi(&s, "");
}

static void packet_subframe(struct packet_bytes *p, const char *payload)
{
	packet_tcp(p, TCP(IP4(), .payload = payload));
	BEFORE(p, SNAP_IP4);
	BEFORE(p, 2, 0, 0, 0, 0, 5, 2, 0, 0, 0, 0, 6, 0, (uint8_t)p->len);
}

static void test_aggregated_packets_are_read_one_after_the_other(void **state)
{
	static const char *const payloads[] = {"a", "four", "last"};
	struct packet_bytes p = {.len = 0}, subframe;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(payloads); i++) {
		packet_append(&p, "\0\0\0", (0 - p.len) & 3);
		packet_subframe(&subframe, payloads[i]);
		packet_append(&p, subframe.bytes, subframe.len);
	}
	BEFORE(&p, HEADER(0x88, 0x02), 0x80, 0);
	packet_append(&p, "FCS!", 4);
	BEFORE(&p, 0, 0, 9, 0, 2, 0, 0, 0, 0x10);
	struct frame frame = {.bytes = p.bytes, .caplen = (uint32_t)p.len,
		.len = (uint32_t)p.len, .linktype = LINK_RADIOTAP};
	struct segment s;
	decode_frame(&frame, &s);
	for (size_t i = 0; i < ARRAY_COUNT(payloads); i++) {
		assert_int_equal(s.kind, SEGMENT_TCP);
		assert_int_equal(s.flaws, 0);
		assert_int_equal(s.len, strlen(payloads[i]));
		assert_memory_equal(p.bytes + s.payload_offset, payloads[i], s.len);
		assert_int_equal(decode_next(&frame, &s), i + 1 < ARRAY_COUNT(payloads));
	}
}

static void test_frames_without_readable_data_are_named(void **state)
{
	static const struct {
		uint8_t fc0, fc1, sequence;
		enum wifi_frame name;
	} frames[] = {
		{0x80, 0x00, 0, WIFI_MANAGEMENT}, {0xd4, 0x00, 0, WIFI_CONTROL},
		{0x0c, 0x00, 0, WIFI_EXTENSION},  {0x48, 0x01, 0, WIFI_NO_DATA},
		{0xc8, 0x01, 0, WIFI_NO_DATA},    {0x08, 0x41, 0, WIFI_ENCRYPTED},
		{0x08, 0x04, 0, WIFI_FRAGMENT},   {0x08, 0x00, 1, WIFI_FRAGMENT},
	};
	struct packet_bytes p;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(frames); i++) {
		packet_wifi(&p, frames[i].fc0, frames[i].fc1);
		packet_poke8(&p, 22, frames[i].sequence);
		struct segment s = decoded(&p, LINK_WIFI);
		assert_other(&s, LAYER_WIFI, frames[i].name);
	}
}

static void test_radiotap_is_as_long_as_it_says(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_wifi(&p, 0x08, 0x01);
	BEFORE(&p, 0, 0, 13, 0, 0, 0, 0, 0, 'e', 'x', 't', 'r', 'a');
	struct segment s = decoded(&p, LINK_RADIOTAP);
	assert_hi(&s, "");
	packet_poke16(&p, 2, 0x0700); /* shorter than its own fixed part */
	s = decoded(&p, LINK_RADIOTAP);
	assert_int_equal(s.kind, SEGMENT_OTHER);
}

static void test_radiotap_says_that_the_frame_is_padded(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_hi(&p);
	BEFORE(&p, SNAP_IP4);
	BEFORE(&p, HEADER(0x88, 0x01), 0, 0, 0xee, 0xee);
	BEFORE(&p, 0, 0, 9, 0, 2, 0, 0, 0, 0x20);
	struct segment s = decoded(&p, LINK_RADIOTAP);
	assert_hi(&s, "");
}

/* Two words of presence and a time before the flags: 12 bytes, 4 to align, 8 of time. */
static void test_radiotaps_flags_stand_behind_an_aligned_time(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_wifi(&p, 0x08, 0x01);
	packet_append(&p, "FCS!", 4);
	BEFORE(&p, 0, 0, 25, 0, 3, 0, 0, 0x80, 0, 0, 0, 0, 9, 9, 9, 9, 1, 2, 3, 4, 5, 6, 7, 8,
		0x50);
	struct segment s = decoded(&p, LINK_RADIOTAP);
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_int_equal(s.flaws, FLAW_LINK_ERROR);
}

static void test_the_check_sequence_is_no_payload(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_wifi(&p, 0x08, 0x01);
	packet_poke16(&p, 32 + 2, 0); /* by offload: only the frame says where it ends */
	packet_seal4(&p, 32);
	packet_append(&p, "FCS!", 4);
	BEFORE(&p, 0, 0, 9, 0, 2, 0, 0, 0, 0x10);
	struct segment s = decoded(&p, LINK_RADIOTAP);
	assert_int_equal(s.len, 2);
}

static void test_ppi_says_which_link_follows(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_wifi(&p, 0x08, 0x01);
	BEFORE(&p, 0, 0, 8, 0, LINK_WIFI, 0, 0, 0);
	struct segment s = decoded(&p, LINK_PPI);
	assert_hi(&s, "");
	packet_hi(&p);
	packet_link(&p, LINK_ETHERNET);
	BEFORE(&p, 0, 0, 12, 0, LINK_ETHERNET, 0, 0, 0, 4, 0, 0, 0);
	s = decoded(&p, LINK_PPI);
	assert_hi(&s, "");
}

static void test_ppi_says_that_the_check_failed(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_wifi(&p, 0x08, 0x01);
	packet_append(&p, "FCS!", 4);
	BEFORE(&p, 0, 0, 32, 0, LINK_WIFI, 0, 0, 0, 2, 0, 20, 0, 1, 2, 3, 4, 5, 6, 7, 8, 5, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	struct segment s = decoded(&p, LINK_PPI);
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_int_equal(s.flaws, FLAW_LINK_ERROR);
}

static void test_ppi_may_align_its_fields(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_wifi(&p, 0x08, 0x01);
	packet_append(&p, "FCS!", 4);
	BEFORE(&p, 0, 1, 40, 0, LINK_WIFI, 0, 0, 0, 9, 0, 3, 0, 'o', 'd', 'd', 0, 2, 0, 20, 0,
		1, 2, 3, 4, 5, 6, 7, 8, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	struct segment s = decoded(&p, LINK_PPI);
	assert_int_equal(s.kind, SEGMENT_TCP);
	assert_int_equal(s.flaws, FLAW_LINK_ERROR);
}

static void test_ppi_within_ppi_is_not_followed(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_wifi(&p, 0x08, 0x01);
	for (int i = 0; i < 2; i++)
		BEFORE(&p, 0, 0, 8, 0, LINK_PPI, 0, 0, 0);
	struct segment s = decoded(&p, LINK_PPI);
	assert_other(&s, LAYER_LINK, LINK_PPI);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_data_frame_goes_to_or_from_the_network),
		cmocka_unit_test(test_a_bridge_has_four_addresses),
		cmocka_unit_test(
			test_quality_of_service_and_high_throughput_make_the_header_longer),
		cmocka_unit_test(test_aggregated_packets_are_read_one_after_the_other),
		cmocka_unit_test(test_frames_without_readable_data_are_named),
		cmocka_unit_test(test_radiotap_is_as_long_as_it_says),
		cmocka_unit_test(test_radiotap_says_that_the_frame_is_padded),
		cmocka_unit_test(test_radiotaps_flags_stand_behind_an_aligned_time),
		cmocka_unit_test(test_the_check_sequence_is_no_payload),
		cmocka_unit_test(test_ppi_says_which_link_follows),
		cmocka_unit_test(test_ppi_says_that_the_check_failed),
		cmocka_unit_test(test_ppi_may_align_its_fields),
		cmocka_unit_test(test_ppi_within_ppi_is_not_followed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
