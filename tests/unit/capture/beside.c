/* What pcapng says beside the bytes: comments, flags, drops, names. */
#include "blocks.h"

static const uint8_t four[4] = {1, 2, 3, 4};

static void put_start(struct bytes *file)
{
	put_section(file, 1);
	put_interface(file, (struct described){.linktype = 1});
}

static void assert_comment(const struct frame *frame, const char *comment)
{
	assert_int_equal(frame->comment_len, strlen(comment));
	assert_memory_equal(frame->comment, comment, strlen(comment));
	assert_memory_equal(frame->bytes, four, frame->caplen);
}

static void test_a_packet_has_its_comments_and_flags(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		void (*put)(struct bytes *, struct enhanced) =
			i < 2 ? put_enhanced : put_old_packet;
		struct bytes file = {.big = i % 2};
		struct reading reading;
		put_start(&file);
		put(&file, (struct enhanced){.caplen = 3,
					     .bytes = four,
					     .comments = {"one packet"},
					     .flags = 0x80000002});
		put(&file, (struct enhanced){.caplen = 4, .bytes = four, .flags = 1});
		put(&file, (struct enhanced){.caplen = 4, .bytes = four});
		reading_open(&reading, &file);
		assert_true(reading_next(&reading));
		assert_comment(&reading.frame, "one packet");
		assert_int_equal(reading.frame.link_flags, 0x80000002);
		assert_true(reading_next(&reading));
		assert_int_equal(reading.frame.comment_len, 0);
		assert_int_equal(reading.frame.link_flags, 1);
		assert_true(reading_next(&reading));
		assert_null(reading.frame.comment);
		assert_int_equal(reading.frame.link_flags, 0);
		assert_false(reading_next(&reading));
		reading_close(&reading);
		buf_close(&file.buf);
	}
}

static void test_several_comments_are_lines_of_one(void **state)
{
	struct bytes file = {0};
	struct reading reading;
	(void)state;
	put_start(&file);
	put_enhanced(&file, (struct enhanced){.caplen = 1,
					      .bytes = four,
					      .comments = {"a", "bc", "", "fourth line"}});
	put_enhanced(
		&file,
		(struct enhanced){.caplen = 4, .bytes = four, .comments = {"", "next packet"}});
	reading_open(&reading, &file);
	assert_true(reading_next(&reading));
	assert_comment(&reading.frame, "a\nbc\n\nfourth line");
	assert_true(reading_next(&reading));
	assert_comment(&reading.frame, "next packet");
	assert_false(reading_next(&reading));
	assert_string_equal(reading.report.sentence, "");
	reading_close(&reading);
	buf_close(&file.buf);
}

static void test_options_that_cannot_be_cost_no_packet(void **state)
{
	struct bytes file = {0};
	struct reading reading;
	size_t start;
	(void)state;
	put_start(&file);
	start = block_start(&file, 6);
	put32(&file, 0);
	put_stamped(&file,
		    (struct enhanced){.caplen = 4, .bytes = four, .comments = {"before"}});
	put_option(&file, 2, "ab", 2); /* flags of two bytes */
	put_option(&file, 4, "abcd", 4);
	put16(&file, 1);
	put16(&file, 0xFFFF); /* a comment longer than its block */
	put32(&file, 0);
	block_finish(&file, start);
	put_simple(&file, (struct enhanced){.caplen = 4, .len = 4, .bytes = four});
	reading_open(&reading, &file);
	assert_true(reading_next(&reading));
	assert_comment(&reading.frame, "before");
	assert_int_equal(reading.frame.link_flags, 0);
	assert_int_equal(reading.frame.lost_before, 0);
	assert_true(reading_next(&reading));
	assert_false(reading_next(&reading));
	reading_close(&reading);
	buf_close(&file.buf);
}

static void assert_lost(struct reading *reading, uint64_t lost)
{
	assert_true(reading_next(reading));
	assert_int_equal(reading->frame.lost_before, lost);
}

static void test_drop_counts_stand_with_their_packet_and_are_the_kernel_s(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct bytes file = {.big = i == 1};
		struct reading reading;
		put_start(&file);
		put_interface(&file, (struct described){.linktype = 1});
		put_enhanced(&file, (struct enhanced){.caplen = 4, .bytes = four, .lost = 7});
		put_enhanced(&file, (struct enhanced){.caplen = 4, .bytes = four});
		put_old_packet(&file, (struct enhanced){.caplen = 4, .bytes = four, .lost = 5});
		put_old_packet(&file,
			       (struct enhanced){.caplen = 4, .bytes = four, .lost = 0xFFFF});
		put_enhanced(&file,
			     (struct enhanced){
				     .caplen = 4, .bytes = four, .lost = 100, .interface = 1});
		put_statistics(&file, 1, 3, 40);
		reading_open(&reading, &file);
		assert_lost(&reading, 7);
		assert_lost(&reading, 0);
		assert_lost(&reading, 5);
		assert_lost(&reading, 0);
		assert_lost(&reading, 100);
		assert_false(reading_next(&reading));
		/* Where there are statistics they hold. */
		assert_int_equal(reading.report.dropped_kernel, 12 + 40);
		assert_int_equal(reading.report.dropped_interface, 3);
		reading_close(&reading);
		buf_close(&file.buf);
	}
}

static void test_statistics_that_fall_have_begun_anew(void **state)
{
	struct bytes file = {0};
	struct reading reading;
	(void)state;
	put_start(&file);
	put_statistics(&file, 0, 5, 100);
	put_statistics(&file, 0, 6, 130);
	put_statistics(&file, 0, 6, 10);
	assert_int_equal(reading_count(&reading, &file), 0);
	assert_int_equal(reading.report.dropped_kernel, 140);
	assert_int_equal(reading.report.dropped_interface, 6);
	reading_close(&reading);
	buf_close(&file.buf);
}

static void assert_host(const struct host *host, const char *addr, const char *name)
{
	char text[ADDR_TEXT];
	addr_text(&host->addr, text);
	assert_string_equal(text, addr);
	assert_string_equal(host->name, name);
}

static void test_names_are_known_once_their_block_was_passed(void **state)
{
	static const struct named first[] = {
		{"\x0a\0\0\1", 4, "host.example\0www.example", 25},
		{"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2", 16, "six.example", 12},
	};
	static const struct named second[] = {
		{"\x0a\0\0\1", 4, "www.example", 12}, /* known already */
		{"\x0a\0\0\3", 4, "\0\0no nul", 8},
	};
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct bytes file = {.big = i == 1};
		struct reading reading;
		const struct host *hosts;
		size_t count;
		put_start(&file);
		put_names(&file, first, ARRAY_COUNT(first));
		put_enhanced(&file, (struct enhanced){.caplen = 4, .bytes = four});
		put_names(&file, second, ARRAY_COUNT(second));
		reading_open(&reading, &file);
		reader_hosts(reading.reader, &count);
		assert_int_equal(count, 0);
		assert_true(reading_next(&reading));
		hosts = reader_hosts(reading.reader, &count);
		assert_int_equal(count, 3);
		assert_host(&hosts[0], "10.0.0.1", "host.example");
		assert_host(&hosts[1], "10.0.0.1", "www.example");
		assert_host(&hosts[2], "2001:db8::2", "six.example");
		assert_false(reading_next(&reading));
		hosts = reader_hosts(reading.reader, &count);
		assert_int_equal(count, 4);
		assert_host(&hosts[3], "10.0.0.3", "no nul");
		assert_string_equal(reading.report.sentence, "");
		assert_int_equal(reading.report.hosts_beyond, 0);
		reading_close(&reading);
		buf_close(&file.buf);
	}
}

static void test_a_name_is_cut_at_255_bytes_and_a_record_may_be_too_short(void **state)
{
	char name[300];
	const struct named named[] = {{"\x0a\0\0\1", 4, name, sizeof(name)}};
	struct bytes file = {0};
	struct reading reading;
	const struct host *hosts;
	size_t count, start;
	(void)state;
	memset(name, 0xC3, sizeof(name));
	put_start(&file);
	start = block_start(&file, 4);
	put_option(&file, 1, "abc", 3); /* no address fits in */
	put_option(&file, 9, "what", 4);
	put_option(&file, 2, "abcdabcdabcdabcd", 16); /* no name */
	block_finish(&file, start);
	put_names(&file, named, 1);
	assert_int_equal(reading_count(&reading, &file), 0);
	hosts = reader_hosts(reading.reader, &count);
	assert_int_equal(count, 1);
	assert_int_equal(strlen(hosts[0].name), 255);
	reading_close(&reading);
	buf_close(&file.buf);
}

static void test_names_beyond_10000_are_counted(void **state)
{
	struct bytes file = {0};
	struct reading reading;
	size_t count;
	(void)state;
	put_start(&file);
	for (uint32_t i = 0; i < 10050; i++) {
		uint8_t addr[4] = {10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
		struct named named = {(const char *)addr, 4, "name", 5};
		put_names(&file, &named, 1);
	}
	assert_int_equal(reading_count(&reading, &file), 0);
	reader_hosts(reading.reader, &count);
	assert_int_equal(count, 10000);
	assert_int_equal(reading.report.hosts_beyond, 50);
	reading_close(&reading);
	buf_close(&file.buf);
}

static void test_interfaces_beyond_65535_are_passed_over_with_their_packets(void **state)
{
	struct bytes file = {0};
	struct reading reading;
	size_t count;
	(void)state;
	put_section(&file, 1);
	for (uint32_t i = 0; i < 65537; i++)
		put_interface(&file, (struct described){.linktype = 1});
	put_enhanced(&file, (struct enhanced){.caplen = 4, .bytes = four, .interface = 65534});
	put_enhanced(&file, (struct enhanced){.caplen = 4, .bytes = four, .interface = 65535});
	put_section(&file, 1);
	put_interface(&file, (struct described){.linktype = 101});
	put_enhanced(&file, (struct enhanced){.caplen = 4, .bytes = four});
	assert_int_equal(reading_count(&reading, &file), 1);
	assert_int_equal(reading.frame.interface, 65534);
	reader_interfaces(reading.reader, &count);
	assert_int_equal(count, 65535);
	assert_int_equal(reading.report.skipped_count, 4);
	assert_string_equal(reading.report.skipped[0].why,
			    "an interface beyond the first 65535");
	reading_close(&reading);
	buf_close(&file.buf);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_packet_has_its_comments_and_flags),
		cmocka_unit_test(test_several_comments_are_lines_of_one),
		cmocka_unit_test(test_options_that_cannot_be_cost_no_packet),
		cmocka_unit_test(test_drop_counts_stand_with_their_packet_and_are_the_kernel_s),
		cmocka_unit_test(test_statistics_that_fall_have_begun_anew),
		cmocka_unit_test(test_names_are_known_once_their_block_was_passed),
		cmocka_unit_test(test_a_name_is_cut_at_255_bytes_and_a_record_may_be_too_short),
		cmocka_unit_test(test_names_beyond_10000_are_counted),
		cmocka_unit_test(
			test_interfaces_beyond_65535_are_passed_over_with_their_packets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
