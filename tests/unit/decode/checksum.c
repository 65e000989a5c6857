#include "decoded.h"

#define TCP4_CHECKSUM 36 /* where it stands in a packet that starts with IPv4 */
#define UDP4_CHECKSUM 26
#define UDP6_CHECKSUM 46

static void test_right_checksums_of_every_length_are_good(void **state)
{
	(void)state;
	for (size_t len = 0; len < 80; len++) {
		assert_int_equal(decoded_tcp(TCP(IP4(), .len = len)).flaws, 0);
		assert_int_equal(decoded_tcp(TCP(IP6(), .len = len)).flaws, 0);
		assert_int_equal(decoded_udp(UDP(IP4(), .len = len)).flaws, 0);
		assert_int_equal(decoded_udp(UDP(IP6(), .len = len)).flaws, 0);
	}
}

static void test_a_damaged_bit_anywhere_is_bad(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4(), .len = 61));
	for (size_t at = 40; at < p.len; at++) {
		p.bytes[at] ^= 0x10;
		assert_int_equal(decoded(&p, LINK_RAW).flaws, FLAW_BAD_CHECKSUM);
		p.bytes[at] ^= 0x10;
	}
}

static void test_a_damaged_ipv4_header_is_bad(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4()));
	packet_poke8(&p, 8, 63); /* the TTL */
	assert_int_equal(decoded(&p, LINK_RAW).flaws, FLAW_BAD_CHECKSUM);
}

static void test_an_ipv4_header_checksum_of_0_is_offloaded(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4()));
	packet_poke16(&p, 10, 0);
	assert_int_equal(decoded(&p, LINK_RAW).flaws, FLAW_CHECKSUM_OFFLOADED);
}

/* What the kernel leaves for the card: the pseudo-header's sum, not inverted. */
static uint16_t partial(const struct packet_bytes *p, uint8_t protocol, uint32_t length)
{
	bool is6 = p->bytes[0] >> 4 == 6;
	uint32_t sum = protocol + (length >> 16) + (length & 0xffff);

	return packet_sum(sum, p->bytes + (is6 ? 8 : 12), is6 ? 32 : 8);
}

static void test_a_partial_checksum_is_offloaded(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4(), .len = 100));
	packet_poke16(&p, TCP4_CHECKSUM, partial(&p, 6, 120));
	assert_int_equal(decoded(&p, LINK_RAW).flaws, FLAW_CHECKSUM_OFFLOADED);
	packet_udp(&p, UDP(IP6(), .len = 100));
	packet_poke16(&p, UDP6_CHECKSUM, partial(&p, 17, 108));
	assert_int_equal(decoded(&p, LINK_RAW).flaws, FLAW_CHECKSUM_OFFLOADED);
}

static void test_a_partial_checksum_without_length_is_offloaded(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4(), .len = 100));
	packet_poke16(&p, TCP4_CHECKSUM, partial(&p, 6, 0));
	assert_int_equal(decoded(&p, LINK_RAW).flaws, FLAW_CHECKSUM_OFFLOADED);
}

static void test_a_partial_checksum_off_by_one_is_bad(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4(), .len = 100));
	packet_poke16(&p, TCP4_CHECKSUM, (uint16_t)(partial(&p, 6, 120) + 1));
	assert_int_equal(decoded(&p, LINK_RAW).flaws, FLAW_BAD_CHECKSUM);
}

static void test_a_tcp_checksum_of_0_is_offloaded(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4(), .len = 100));
	packet_poke16(&p, TCP4_CHECKSUM, 0);
	assert_int_equal(decoded(&p, LINK_RAW).flaws, FLAW_CHECKSUM_OFFLOADED);
}

static void test_a_udp_checksum_of_0_is_unused_in_ipv4_and_bad_in_ipv6(void **state)
{
	(void)state;
	struct segment s = decoded_udp(UDP(IP4(), .payload = "hi", .no_checksum = true));
	assert_int_equal(s.flaws, 0);
	s = decoded_udp(UDP(IP6(), .payload = "hi", .no_checksum = true));
	assert_int_equal(s.flaws, FLAW_BAD_CHECKSUM);
}

static void test_segments_that_a_receiver_joined_are_not_called_bad(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4(), .len = 2760));
	packet_poke16(&p, TCP4_CHECKSUM, 0x1234);
	assert_int_equal(decoded(&p, LINK_RAW).flaws, FLAW_CHECKSUM_OFFLOADED);
}

static void test_what_was_cut_is_not_judged(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4(), .len = 100));
	packet_poke16(&p, TCP4_CHECKSUM, 0x1234);
	assert_int_equal(decoded_cut(&p, LINK_RAW, p.len - 1).flaws, FLAW_TRUNCATED);
}

static void test_a_fragment_is_not_judged(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_udp(&p, UDP(IP4(.fragment = 0x2000), .len = 16));
	packet_poke16(&p, UDP4_CHECKSUM, 0x1234);
	assert_int_equal(decoded(&p, LINK_RAW).flaws, 0);
}

static void test_where_the_length_is_a_guess_a_wrong_sum_proves_nothing(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_tcp(&p, TCP(IP4(), .len = 100));
	packet_poke16(&p, 2, 0);
	packet_seal4(&p, 0);
	packet_append(&p, "padding", 7);
	assert_int_equal(decoded(&p, LINK_RAW).flaws, FLAW_OFFLOAD_LENGTH);
}

static void test_icmp_is_summed_without_addresses_and_icmpv6_with(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_icmp(&p, ICMP(IP4(), .type = 8, .rest = 0x00010002));
	assert_int_equal(decoded(&p, LINK_RAW).flaws, 0);
	packet_poke16(&p, 22, 0);
	assert_int_equal(decoded(&p, LINK_RAW).flaws, FLAW_BAD_CHECKSUM);
	packet_icmp(&p, ICMP(IP6(), .type = 128, .rest = 0x00010002));
	assert_int_equal(decoded(&p, LINK_RAW).flaws, 0);
	packet_poke8(&p, 23, 0x77); /* the source address */
	assert_int_equal(decoded(&p, LINK_RAW).flaws, FLAW_BAD_CHECKSUM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right_checksums_of_every_length_are_good),
		cmocka_unit_test(test_a_damaged_bit_anywhere_is_bad),
		cmocka_unit_test(test_a_damaged_ipv4_header_is_bad),
		cmocka_unit_test(test_an_ipv4_header_checksum_of_0_is_offloaded),
		cmocka_unit_test(test_a_partial_checksum_is_offloaded),
		cmocka_unit_test(test_a_partial_checksum_without_length_is_offloaded),
		cmocka_unit_test(test_a_partial_checksum_off_by_one_is_bad),
		cmocka_unit_test(test_a_tcp_checksum_of_0_is_offloaded),
		cmocka_unit_test(test_a_udp_checksum_of_0_is_unused_in_ipv4_and_bad_in_ipv6),
		cmocka_unit_test(test_segments_that_a_receiver_joined_are_not_called_bad),
		cmocka_unit_test(test_what_was_cut_is_not_judged),
		cmocka_unit_test(test_a_fragment_is_not_judged),
		cmocka_unit_test(test_where_the_length_is_a_guess_a_wrong_sum_proves_nothing),
		cmocka_unit_test(test_icmp_is_summed_without_addresses_and_icmpv6_with),
	};
	return cmocka_run_group_tests_name("decode: checksum", tests, NULL, NULL);
}
