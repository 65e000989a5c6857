#include "files.h"

#define PACKETS 20

static void put_packets(struct bytes *file, struct pcap_header header)
{
	uint8_t bytes[CONTENT_MAX];
	put_pcap_header(file, header);
	for (uint32_t i = 0; i < PACKETS; i++) {
		uint32_t caplen = content(i, bytes);
		put32(file, 1700000000 + i);
		put32(file, 1000 * i);
		put32(file, caplen);
		put32(file, caplen + i);
		if (header.magic == MAGIC_MODIFIED)
			put_zeros(file, 8);
		put_bytes(file, bytes, caplen);
	}
}

static void assert_packets(const struct bytes *file, uint64_t unit_ns)
{
	struct reading reading;
	uint8_t bytes[CONTENT_MAX];
	reading_open(&reading, file);
	for (uint32_t i = 0; i < PACKETS; i++) {
		uint32_t caplen = content(i, bytes);
		assert_true(reading_next(&reading));
		assert_int_equal(reading.frame.n, i + 1);
		assert_int_equal(reading.frame.caplen, caplen);
		assert_int_equal(reading.frame.len, caplen + i);
		assert_int_equal(reading.frame.ns,
				 (1700000000 + (uint64_t)i) * NS_PER_S + 1000 * i * unit_ns);
		assert_memory_equal(reading.frame.bytes, bytes, caplen);
		assert_int_equal(reading.frame.linktype, 101);
		assert_false(reading.frame.bad_time);
	}
	assert_false(reading_next(&reading));
	assert_string_equal(reading.report.sentence, "");
	assert_false(reading.report.truncated);
	reading_close(&reading);
}

static void test_every_variant_in_either_byte_order_gives_the_same_packets(void **state)
{
	static const struct {
		uint32_t magic;
		uint64_t unit_ns;
	} variants[] = {{MAGIC_US, 1000}, {MAGIC_NS, 1}, {MAGIC_MODIFIED, 1000}};
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_COUNT(variants); i++) {
		struct bytes file = {.big = i % 2};
		put_packets(&file, (struct pcap_header){variants[i / 2].magic, 65535, 101, 0});
		assert_packets(&file, variants[i / 2].unit_ns);
		buf_close(&file.buf);
	}
}

static void test_the_upper_half_of_the_link_type_is_not_the_link_type(void **state)
{
	struct bytes file = {0};
	(void)state;
	put_packets(&file, (struct pcap_header){MAGIC_US, 65535, 0x44000065, 0});
	assert_packets(&file, 1000);
	buf_close(&file.buf);
}

static void test_before_version_2_3_the_lengths_stood_the_other_way_round(void **state)
{
	static const uint32_t versions[] = {2 << 16 | 2, 2 << 16 | 3};
	struct reading reading;
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(versions); i++) {
		struct bytes file = {0};
		put_pcap_header(&file, (struct pcap_header){MAGIC_US, 96, 1, versions[i]});
		put32(&file, 5);
		put32(&file, 0);
		put32(&file, 1500);
		put32(&file, 96);
		put_zeros(&file, 96);
		assert_int_equal(reading_count(&reading, &file), 1);
		assert_int_equal(reading.frame.caplen, 96);
		assert_int_equal(reading.frame.len, 1500);
		reading_close(&reading);
		buf_close(&file.buf);
	}
}

static void test_a_fraction_that_cannot_be_is_a_bad_time_and_no_damage(void **state)
{
	static const struct {
		uint32_t magic, fraction;
		bool bad;
	} cases[] = {
		{MAGIC_US, 999999, false},    {MAGIC_US, 1000000, true},
		{MAGIC_NS, 999999999, false}, {MAGIC_NS, 1000000000, true},
		{MAGIC_NS, 0xFFFFFFFF, true},
	};
	uint8_t bytes[CONTENT_MAX];
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct bytes file = {0};
		struct reading reading;
		put_pcap_header(&file, (struct pcap_header){cases[i].magic, 65535, 1, 0});
		for (uint32_t k = 0; k < 3; k++)
			put_pcap_record(&file, (struct stamped){.fraction = cases[i].fraction,
								.caplen = content(k, bytes),
								.bytes = bytes});
		assert_int_equal(reading_count(&reading, &file), 3);
		assert_int_equal(reading.frame.bad_time, cases[i].bad);
		assert_int_equal(reading.report.skipped_bytes, 0);
		reading_close(&reading);
		buf_close(&file.buf);
	}
}

static void test_of_a_stamp_whose_fraction_cannot_be_the_seconds_are_left(void **state)
{
	struct bytes file = {0};
	struct reading reading;
	(void)state;
	put_pcap_header(&file, (struct pcap_header){MAGIC_US, 65535, 1, 0});
	put_pcap_record(&file, (struct stamped){.seconds = 1700000000,
						.fraction = 2000000,
						.caplen = 60,
						.bytes = (const uint8_t[60]){1}});
	assert_int_equal(reading_count(&reading, &file), 1);
	assert_true(reading.frame.bad_time);
	assert_int_equal(reading.frame.ns, 1700000000 * NS_PER_S);
	reading_close(&reading);
	buf_close(&file.buf);
}

static void test_a_packet_beyond_the_snap_length_is_cut_to_it(void **state)
{
	struct bytes file = {0};
	struct reading reading;
	(void)state;
	put_pcap_header(&file, (struct pcap_header){MAGIC_US, 64, 1, 0});
	put_pcap_record(&file,
			(struct stamped){.caplen = 100, .bytes = (const uint8_t[100]){7}});
	put_pcap_record(&file, (struct stamped){.caplen = 10, .bytes = (const uint8_t[10]){8}});
	assert_int_equal(reading_count(&reading, &file), 2);
	assert_int_equal(reading.frame.bytes[0], 8);
	reading_close(&reading);
	reading_open(&reading, &file);
	assert_true(reading_next(&reading));
	assert_int_equal(reading.frame.caplen, 64);
	reading_close(&reading);
	buf_close(&file.buf);
}

static void test_a_packet_of_ten_megabytes_is_delivered_when_it_is_there(void **state)
{
	struct bytes file = {0};
	struct reading reading;
	size_t large = 10 << 20;
	uint8_t *bytes = calloc(1, large);
	(void)state;
	assert_non_null(bytes);
	bytes[large - 1] = 42;
	put_pcap_header(&file, (struct pcap_header){MAGIC_US, 0, 1, 0});
	put_pcap_record(&file, (struct stamped){.caplen = (uint32_t)large, .bytes = bytes});
	put_pcap_record(&file, (struct stamped){.caplen = 60, .bytes = bytes});
	reading_open(&reading, &file);
	assert_true(reading_next(&reading));
	assert_int_equal(reading.frame.caplen, large);
	assert_int_equal(reading.frame.bytes[large - 1], 42);
	assert_true(reading_next(&reading));
	assert_false(reading_next(&reading));
	reading_close(&reading);
	buf_close(&file.buf);
	free(bytes);
}

static void test_a_capture_without_packets_is_a_capture(void **state)
{
	struct bytes file = {0};
	struct reading reading;
	size_t count;
	(void)state;
	put_pcap_header(&file, (struct pcap_header){MAGIC_NS, 2048, 113, 0});
	assert_int_equal(reading_count(&reading, &file), 0);
	assert_string_equal(reading.report.sentence, "");
	assert_int_equal(reader_interfaces(reading.reader, &count)[0].linktype, 113);
	assert_int_equal(reader_interfaces(reading.reader, &count)[0].snaplen, 2048);
	assert_true(reader_interfaces(reading.reader, &count)[0].nanoseconds);
	assert_int_equal(count, 1);
	reading_close(&reading);
	buf_close(&file.buf);
}

/* How many packets are whole in the first `size` bytes, and whether the rest is a piece. */
static uint32_t whole_packets(size_t size, bool *piece)
{
	uint8_t bytes[CONTENT_MAX];
	size_t at = 24;
	uint32_t i;
	for (i = 0; i < PACKETS; i++) {
		size_t next = at + 16 + content(i, bytes);
		if (next > size)
			break;
		at = next;
	}
	*piece = at < size;
	return i;
}

static void test_a_file_cut_at_any_byte_gives_all_whole_packets_and_says_so(void **state)
{
	struct bytes file = {0};
	size_t size;
	(void)state;
	put_packets(&file, (struct pcap_header){MAGIC_US, 65535, 101, 0});
	size = file.buf.len;
	for (file.buf.len = 24; file.buf.len <= size; file.buf.len++) {
		struct reading reading;
		char sentence[200];
		bool piece;
		uint32_t whole = whole_packets(file.buf.len, &piece);
		assert_int_equal(reading_count(&reading, &file), whole);
		assert_int_equal(reading.report.truncated, piece);
		assert_int_equal(reading.report.skipped_bytes, 0);
		snprintf(
			sentence, sizeof(sentence),
			"%s ends in the middle of packet %u, at byte %zu; the %u whole packets "
			"before it were read",
			reading.path, whole + 1, file.buf.len, whole);
		if (piece && whole > 1)
			assert_string_equal(reading.report.sentence, sentence);
		reading_close(&reading);
	}
	buf_close(&file.buf);
}

static void test_a_cut_file_header_is_refused(void **state)
{
	struct bytes file = {0};
	struct err err;
	(void)state;
	put_pcap_header(&file, (struct pcap_header){MAGIC_US, 65535, 1, 0});
	for (size_t size = 4; size < 24; size++) {
		assert_int_equal(refused(file.buf.at, size, &err), EXIT_USAGE);
		assert_non_null(strstr(err.text, "ends inside its own header"));
	}
	buf_close(&file.buf);
}

static void test_an_unknown_version_is_refused(void **state)
{
	struct bytes file = {0};
	struct err err;
	(void)state;
	put_pcap_header(&file, (struct pcap_header){MAGIC_US, 65535, 1, 3 << 16});
	assert_int_equal(refused(file.buf.at, file.buf.len, &err), EXIT_USAGE);
	assert_non_null(strstr(err.text, "version 3.0"));
	buf_close(&file.buf);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_every_variant_in_either_byte_order_gives_the_same_packets),
		cmocka_unit_test(test_the_upper_half_of_the_link_type_is_not_the_link_type),
		cmocka_unit_test(test_before_version_2_3_the_lengths_stood_the_other_way_round),
		cmocka_unit_test(test_a_fraction_that_cannot_be_is_a_bad_time_and_no_damage),
		cmocka_unit_test(test_of_a_stamp_whose_fraction_cannot_be_the_seconds_are_left),
		cmocka_unit_test(test_a_packet_beyond_the_snap_length_is_cut_to_it),
		cmocka_unit_test(test_a_packet_of_ten_megabytes_is_delivered_when_it_is_there),
		cmocka_unit_test(test_a_capture_without_packets_is_a_capture),
		cmocka_unit_test(
			test_a_file_cut_at_any_byte_gives_all_whole_packets_and_says_so),
		cmocka_unit_test(test_a_cut_file_header_is_refused),
		cmocka_unit_test(test_an_unknown_version_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
