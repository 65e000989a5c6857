#include "blocks.h"

static const uint8_t four[4] = {1, 2, 3, 4};

static struct enhanced at(uint32_t interface, uint64_t stamp)
{
	return (struct enhanced){
		.interface = interface, .stamp = stamp, .caplen = 4, .bytes = four};
}

static void assert_next(struct reading *reading, uint64_t ns)
{
	assert_true(reading_next(reading));
	assert_int_equal(reading->frame.caplen, 4);
	assert_memory_equal(reading->frame.bytes, four, 4);
	assert_false(reading->frame.bad_time);
	assert_int_equal(reading->frame.ns, ns);
}

static void test_each_interface_has_its_own_clock(void **state)
{
	static const struct {
		uint8_t tsresol;
		int64_t tsoffset;
		uint64_t stamp, ns;
	} clocks[] = {
		{0, 0, 1500000, 1500000000},        {9, 0, 1500000001, 1500000001},
		{3, 0, 1500, 1500000000},           {0x8A, 0, 1536, 1500000000},
		{6, 100, 1, 100000001000},          {6, -1, 1500000, 500000000},
		{12, 0, 1500000000999, 1500000000}, {0x80 | 30, 0, 1 << 29, 500000000},
	};
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_COUNT(clocks); i++) {
		struct bytes file = {.big = i % 2};
		struct reading reading;
		put_section(&file, 1);
		put_interface(&file, (struct described){.linktype = 1,
							.tsresol = clocks[i / 2].tsresol,
							.tsoffset = clocks[i / 2].tsoffset});
		put_enhanced(&file, at(0, clocks[i / 2].stamp));
		reading_open(&reading, &file);
		assert_next(&reading, clocks[i / 2].ns);
		assert_false(reading_next(&reading));
		reading_close(&reading);
		buf_close(&file.buf);
	}
}

static void test_a_stamp_beyond_63_bits_or_before_1970_is_a_bad_time(void **state)
{
	static const struct {
		uint8_t tsresol;
		int64_t tsoffset;
		uint64_t stamp;
		bool bad;
	} cases[] = {
		{9, 0, INT64_MAX, false},     {9, 0, (uint64_t)INT64_MAX + 1, true},
		{6, 0, UINT64_MAX, true},     {6, -2, 1000000, true},
		{9, INT64_MAX, 0, true},      {9, INT64_MIN, 0, true},
		{20, 0, UINT64_MAX, false},   {127, 0, UINT64_MAX, false},
		{0xFF, 0, UINT64_MAX, false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct bytes file = {0};
		struct reading reading;
		put_section(&file, 1);
		put_interface(&file, (struct described){.linktype = 1,
							.tsresol = cases[i].tsresol,
							.tsoffset = cases[i].tsoffset});
		put_enhanced(&file, at(0, cases[i].stamp));
		assert_int_equal(reading_count(&reading, &file), 1);
		assert_int_equal(reading.frame.bad_time, cases[i].bad);
		reading_close(&reading);
		buf_close(&file.buf);
	}
}

static void test_sections_change_byte_order_and_interfaces(void **state)
{
	struct bytes file = {0};
	struct reading reading;
	const struct vantage *vantages;
	size_t count;
	(void)state;
	put_section(&file, 1);
	put_interface(&file, (struct described){.linktype = 1, .name = "lo"});
	put_enhanced(&file, at(0, 1));
	file.big = true;
	put_section(&file, 1);
	put_interface(&file, (struct described){.linktype = 113, .snaplen = 96, .tsresol = 9});
	put_enhanced(&file, at(0, 1));
	reading_open(&reading, &file);
	assert_next(&reading, 1000);
	assert_int_equal(reading.frame.linktype, 1);
	assert_next(&reading, 1);
	assert_int_equal(reading.frame.linktype, 113);
	assert_int_equal(reading.frame.interface, 1);
	assert_false(reading_next(&reading));
	vantages = reader_interfaces(reading.reader, &count);
	assert_int_equal(count, 2);
	assert_string_equal(vantages[0].name, "lo");
	assert_false(vantages[0].nanoseconds);
	assert_string_equal(vantages[1].name, "");
	assert_int_equal(vantages[1].snaplen, 96);
	assert_true(vantages[1].nanoseconds);
	reading_close(&reading);
	buf_close(&file.buf);
}

static void test_old_packets_and_unknown_blocks(void **state)
{
	struct bytes file = {.big = true};
	struct reading reading;
	size_t start;
	(void)state;
	put_section(&file, 1);
	put_interface(&file, (struct described){.linktype = 1});
	start = block_start(&file, 0x12345678);
	put_zeros(&file, 50);
	block_finish(&file, start);
	put_old_packet(&file, at(0, 7));
	reading_open(&reading, &file);
	assert_next(&reading, 7000);
	assert_false(reading_next(&reading));
	assert_string_equal(reading.report.sentence, "");
	reading_close(&reading);
	buf_close(&file.buf);
}

static void test_a_simple_packet_is_cut_at_the_snap_length_and_has_no_time(void **state)
{
	struct bytes file = {0};
	struct reading reading;
	(void)state;
	put_section(&file, 1);
	put_interface(&file, (struct described){.linktype = 1, .snaplen = 4});
	put_simple(&file, (struct enhanced){.caplen = 4, .len = 1000, .bytes = four});
	put_simple(&file, (struct enhanced){.caplen = 3, .len = 3, .bytes = four});
	reading_open(&reading, &file);
	assert_true(reading_next(&reading));
	assert_int_equal(reading.frame.caplen, 4);
	assert_int_equal(reading.frame.len, 1000);
	assert_true(reading.frame.bad_time);
	assert_true(reading_next(&reading));
	assert_int_equal(reading.frame.caplen, 3);
	assert_false(reading_next(&reading));
	reading_close(&reading);
	buf_close(&file.buf);
}

static void test_the_latest_statistics_of_every_interface_are_added_up(void **state)
{
	struct bytes file = {0};
	struct reading reading;
	(void)state;
	put_section(&file, 1);
	put_interface(&file, (struct described){.linktype = 1});
	put_interface(&file, (struct described){.linktype = 1});
	put_statistics(&file, 0, 1, 10);
	put_statistics(&file, 0, 2, 20);
	put_statistics(&file, 1, 100, 1000);
	put_statistics(&file, 2, 5, 5);
	assert_int_equal(reading_count(&reading, &file), 0);
	assert_int_equal(reading.report.dropped_kernel, 1020);
	assert_int_equal(reading.report.dropped_interface, 102);
	reading_close(&reading);
	buf_close(&file.buf);
}

static void test_a_packet_that_cannot_be_is_passed_over_with_its_reason(void **state)
{
	struct bytes file = {0};
	struct reading reading;
	size_t start;
	(void)state;
	put_section(&file, 1);
	put_interface(&file, (struct described){.linktype = 1});
	put_enhanced(&file, at(1, 1));
	start = block_start(&file, 6);
	put_zeros(&file, 12);
	put32(&file, 1000); /* bytes, of which there are none */
	put32(&file, 1000);
	block_finish(&file, start);
	put_enhanced(&file, at(0, 1));
	assert_int_equal(reading_count(&reading, &file), 1);
	assert_int_equal(reading.report.skipped_count, 2);
	assert_string_equal(reading.report.skipped[0].why,
			    "a packet of an interface that is not described");
	assert_string_equal(reading.report.skipped[1].why,
			    "a packet that is longer than its block");
	reading_close(&reading);
	buf_close(&file.buf);
}

static void test_an_unknown_version_is_refused_at_first_and_passed_over_later(void **state)
{
	struct bytes file = {0};
	struct reading reading;
	struct err err;
	(void)state;
	put_section(&file, 2);
	assert_int_equal(refused(file.buf.at, file.buf.len, &err), EXIT_USAGE);
	assert_non_null(strstr(err.text, "version 2.0"));
	file.buf.len = 0;
	for (uint32_t version = 1; version <= 3; version++) {
		put_section(&file, version == 2 ? 2 : 1);
		put_interface(&file, (struct described){.linktype = 1});
		put_enhanced(&file, at(0, version));
	}
	reading_open(&reading, &file);
	assert_next(&reading, 1000);
	assert_next(&reading, 3000);
	assert_false(reading_next(&reading));
	assert_int_equal(reading.report.skipped_count, 1);
	reading_close(&reading);
	buf_close(&file.buf);
}

static void test_a_file_cut_at_any_byte_gives_all_whole_packets_and_says_so(void **state)
{
	struct bytes file = {0};
	size_t ends[6] = {0}, size;
	(void)state;
	put_section(&file, 1);
	put_interface(&file, (struct described){.linktype = 1});
	for (size_t i = 0; i < ARRAY_COUNT(ends); i++) {
		ends[i] = file.buf.len;
		put_enhanced(&file, at(0, i));
	}
	size = file.buf.len;
	for (file.buf.len = ends[0]; file.buf.len <= size; file.buf.len++) {
		struct reading reading;
		uint64_t whole = (file.buf.len - ends[0]) / (ends[1] - ends[0]);
		bool piece = (file.buf.len - ends[0]) % (ends[1] - ends[0]) != 0;
		assert_int_equal(reading_count(&reading, &file), whole);
		assert_int_equal(reading.report.truncated, piece);
		assert_int_equal(reading.report.skipped_bytes, 0);
		assert_int_equal(reading.report.sentence[0] != '\0', piece);
		reading_close(&reading);
	}
	for (file.buf.len = 4; file.buf.len < ends[0]; file.buf.len++) {
		struct reading reading;
		struct err err;
		if (file.buf.len < 28)
			assert_int_equal(refused(file.buf.at, file.buf.len, &err), EXIT_USAGE);
		else
			assert_int_equal(reading_count(&reading, &file), 0);
		if (file.buf.len >= 28)
			reading_close(&reading);
	}
	buf_close(&file.buf);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_interface_has_its_own_clock),
		cmocka_unit_test(test_a_stamp_beyond_63_bits_or_before_1970_is_a_bad_time),
		cmocka_unit_test(test_sections_change_byte_order_and_interfaces),
		cmocka_unit_test(test_old_packets_and_unknown_blocks),
		cmocka_unit_test(
			test_a_simple_packet_is_cut_at_the_snap_length_and_has_no_time),
		cmocka_unit_test(test_the_latest_statistics_of_every_interface_are_added_up),
		cmocka_unit_test(test_a_packet_that_cannot_be_is_passed_over_with_its_reason),
		cmocka_unit_test(
			test_an_unknown_version_is_refused_at_first_and_passed_over_later),
		cmocka_unit_test(
			test_a_file_cut_at_any_byte_gives_all_whole_packets_and_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
