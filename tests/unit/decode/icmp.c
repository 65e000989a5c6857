#include "decoded.h"

#define ROUTER4 .ip = {.src = "10.9.9.9", .dst = "10.0.0.1"}
#define ROUTER6 .ip = {.src = "[2001:db8::99]", .dst = "[2001:db8::1]"}

static struct segment icmp(const struct icmp_spec *spec)
{
	struct packet_bytes p;

	packet_icmp(&p, spec);
	return decoded(&p, LINK_RAW);
}

static void test_an_echo_has_type_code_and_length(void **state)
{
	struct packet_bytes data = {.len = 56};

	(void)state;
	struct segment s = icmp(ICMP(ROUTER4, .type = 8, .quote = &data));
	assert_int_equal(s.kind, SEGMENT_ICMP);
	assert_int_equal(s.icmp.type, 8);
	assert_int_equal(s.len, 56);
	assert_false(s.icmp.quotes);
	assert_addr(&s.ends.src, "10.9.9.9");
	assert_int_equal(s.ends.protocol, 1);
	assert_int_equal(s.flaws, 0);
	s = icmp(ICMP(ROUTER6, .type = 129, .quote = &data));
	assert_int_equal(s.icmp.type, 129);
	assert_int_equal(s.ends.protocol, 58);
	assert_false(s.icmp.quotes);
	assert_int_equal(s.flaws, 0);
}

static void test_every_icmp_error_quotes_a_tcp_segment(void **state)
{
	static const uint8_t types[] = {3, 4, 5, 11, 12};
	struct packet_bytes quote;

	(void)state;
	packet_tcp(&quote, TCP(IP4(.id = 4711), .seq = 99, .payload = "lost"));
	for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
		struct segment s = icmp(ICMP(ROUTER4, .type = types[i],
			.code = 1, .quote = &quote, .quote_len = 28));
		assert_int_equal(s.icmp.code, 1);
		assert_true(s.icmp.quotes);
		assert_addr(&s.icmp.quoted.src, "10.0.0.1");
		assert_addr(&s.icmp.quoted.dst, "10.0.0.2");
		assert_int_equal(s.icmp.quoted.sport, 1000);
		assert_int_equal(s.icmp.quoted.dport, 7);
		assert_int_equal(s.icmp.quoted.protocol, 6);
		assert_int_equal(s.icmp.quoted_seq, 99);
		assert_int_equal(s.icmp.quoted_ip_id, 4711);
		assert_int_equal(s.len, 28);
		assert_int_equal(s.flaws, 0);
	}
}

static void test_every_icmpv6_error_quotes_a_datagram(void **state)
{
	struct packet_bytes quote;

	(void)state;
	packet_udp(&quote, UDP(IP6(), .payload = "lost"));
	for (uint8_t type = 1; type <= 4; type++) {
		struct segment s = icmp(ICMP(ROUTER6, .type = type, .quote = &quote));
		assert_true(s.icmp.quotes);
		assert_addr(&s.icmp.quoted.dst, "2001:db8::2");
		assert_int_equal(s.icmp.quoted.sport, 1000);
		assert_int_equal(s.icmp.quoted.protocol, 17);
		assert_int_equal(s.icmp.quoted_seq, 0);
		assert_int_equal(s.flaws, 0);
	}
}

static void test_a_quote_is_read_past_ipv4_options(void **state)
{
	struct packet_bytes quote;

	(void)state;
	packet_tcp(&quote, TCP(IP4(OPTION_BYTES(148, 4, 0, 0)), .seq = 5));
	struct segment s = icmp(ICMP(ROUTER4, .type = 3, .quote = &quote,
		.quote_len = 32));
	assert_true(s.icmp.quotes);
	assert_int_equal(s.icmp.quoted_seq, 5);
}

static void test_a_quote_is_read_past_ipv6_extension_headers(void **state)
{
	struct packet_bytes quote;

	(void)state;
	packet_tcp(&quote, TCP(IP6(.first = 60, OPTION_BYTES(44, 0, 1, 4, 0, 0, 0, 0,
		6, 0, 0, 1, 0, 0, 0, 42)), .seq = 5));
	struct segment s = icmp(ICMP(ROUTER6, .type = 2, .quote = &quote));
	assert_true(s.icmp.quotes);
	assert_int_equal(s.icmp.quoted.dport, 7);
	assert_int_equal(s.icmp.quoted.protocol, 6);
	assert_int_equal(s.icmp.quoted_seq, 5);
	assert_int_equal(s.icmp.quoted_ip_id, 42);
}

static void test_a_quoted_later_fragment_has_no_ports(void **state)
{
	struct packet_bytes quote;

	(void)state;
	packet_udp(&quote, UDP(IP4(.id = 8, .fragment = 100), .len = 100));
	struct segment s = icmp(ICMP(ROUTER4, .type = 11, .quote = &quote,
		.quote_len = 28));
	assert_true(s.icmp.quotes);
	assert_int_equal(s.icmp.quoted.sport, 0);
	assert_int_equal(s.icmp.quoted.protocol, 17);
	assert_int_equal(s.icmp.quoted_ip_id, 8);
}

static void test_a_quote_too_short_for_its_ports_is_none(void **state)
{
	struct packet_bytes quote;

	(void)state;
	packet_tcp(&quote, TCP(IP4()));
	for (size_t kept = 1; kept < 28; kept++) {
		struct segment s = icmp(ICMP(ROUTER4, .type = 3, .quote = &quote,
			.quote_len = kept));
		assert_int_equal(s.kind, SEGMENT_ICMP);
		assert_false(s.icmp.quotes);
		assert_int_equal(s.icmp.quoted.src.family, 0);
		assert_int_equal(s.flaws, 0);
	}
}

static void test_the_lengths_of_a_quote_are_not_trusted(void **state)
{
	struct packet_bytes quote;

	(void)state;
	packet_tcp(&quote, TCP(IP4(), .seq = 5));
	packet_poke16(&quote, 2, 3); /* some write it in their own byte order */
	struct segment s = icmp(ICMP(ROUTER4, .type = 3, .quote = &quote));
	assert_true(s.icmp.quotes);
	assert_int_equal(s.icmp.quoted_seq, 5);
	assert_int_equal(s.flaws, 0);
}

static void test_a_quote_within_a_quote_is_not_opened(void **state)
{
	struct packet_bytes tcp, inner;

	(void)state;
	packet_tcp(&tcp, TCP(IP4(), .seq = 5));
	packet_icmp(&inner, ICMP(ROUTER4, .type = 3, .quote = &tcp));
	struct segment s = icmp(ICMP(ROUTER4, .type = 3, .quote = &inner));
	assert_true(s.icmp.quotes);
	assert_int_equal(s.icmp.quoted.protocol, 1);
	assert_int_equal(s.icmp.quoted.sport, 0);
	assert_int_equal(s.icmp.quoted_seq, 0);
}

static void test_a_message_shorter_than_its_header_has_no_length(void **state)
{
	struct packet_bytes p = {.len = 0};

	(void)state;
	packet_append(&p, "\013\000\364\377", 4);
	packet_ip(&p, &(struct ip_spec){ENDS4}, 1);
	struct segment s = decoded(&p, LINK_RAW);
	assert_int_equal(s.kind, SEGMENT_ICMP);
	assert_int_equal(s.len, 0);
	assert_int_equal(s.flaws, FLAW_BAD_LENGTH);
}

static void test_a_message_cut_before_its_checksum_is_named(void **state)
{
	struct packet_bytes p;

	(void)state;
	packet_icmp(&p, ICMP(ROUTER4, .type = 8));
	struct segment s = decoded_cut(&p, LINK_RAW, 23);
	assert_other(&s, LAYER_IP_PROTOCOL, 1);
	assert_int_equal(s.flaws, FLAW_TRUNCATED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_echo_has_type_code_and_length),
		cmocka_unit_test(test_every_icmp_error_quotes_a_tcp_segment),
		cmocka_unit_test(test_every_icmpv6_error_quotes_a_datagram),
		cmocka_unit_test(test_a_quote_is_read_past_ipv4_options),
		cmocka_unit_test(test_a_quote_is_read_past_ipv6_extension_headers),
		cmocka_unit_test(test_a_quoted_later_fragment_has_no_ports),
		cmocka_unit_test(test_a_quote_too_short_for_its_ports_is_none),
		cmocka_unit_test(test_the_lengths_of_a_quote_are_not_trusted),
		cmocka_unit_test(test_a_quote_within_a_quote_is_not_opened),
		cmocka_unit_test(test_a_message_shorter_than_its_header_has_no_length),
		cmocka_unit_test(test_a_message_cut_before_its_checksum_is_named),
	};
	return cmocka_run_group_tests_name("decode: icmp", tests, NULL, NULL);
}
