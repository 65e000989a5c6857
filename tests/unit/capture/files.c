/* What is a capture, what is not, and several files as one. */
#include "blocks.h"

#include <sys/socket.h>
#include <sys/wait.h>

static void put_two(struct bytes *file, uint32_t seconds)
{
	put_pcap_header(file, (struct pcap_header){MAGIC_US, 65535, 1, 0});
	for (uint32_t i = 0; i < 2; i++)
		put_pcap_record(file, (struct stamped){.seconds = seconds + i,
						       .caplen = 60,
						       .bytes = (const uint8_t[60]){1}});
}

static void test_what_is_no_capture_is_named_with_a_remedy(void **state)
{
	static const struct {
		const char *bytes;
		size_t count;
		const char *says[2];
	} cases[] = {
		{"", 0, {"is empty (0 bytes)", "name a pcap"}},
		{"\x1f\x8b\x08\x00", 4, {"gzip data are cut short", "get it anew"}},
		{"\x28\xb5\x2f\xfd\x00", 5, {"zstd data are cut short", "get it anew"}},
		{"\x1f\x8b\x07\x00", 4, {"gzip data are damaged", "get it anew"}},
		{"\x28\xb5\x2f\xfd\x00\x58\x29\0\0hello",
		 14,
		 {"is no capture: it is zstd data that unpack to text", "name a pcap"}},
		{"\x28\xb5\x2f\xfd\x00\x58\x29\0\0\xde\xad\1\2\3",
		 14,
		 {"it is zstd data that unpack to something", "name a pcap"}},
		{"\x28\xb5\x2f\xfd\x00\x58\x21\0\0\x1f\x8b\x08\0",
		 13,
		 {"it is zstd data that unpack to gzip data", "name a pcap"}},
		{"\x28\xb5\x2f\xfd\x00\x58\x21\0\0\xd4\xc3\xb2\xa1",
		 13,
		 {"ends inside its own header", "that is what its zstd data unpack to"}},
		{"\x28\xb5\x2f\xfd\x00\x58\x01\0\0",
		 9,
		 {"is zstd data that unpack to nothing", "name a pcap"}},
		{"\xfd"
		 "7zXZ\0",
		 6,
		 {"xz data", "run `xz -d"}},
		{"hello, world\n", 13, {"text", "name a capture file"}},
		{"{\"wireladder\":1,", 16, {"timeline", "`wireladder view /proc/self/fd/"}},
		{"{\"k\":\"meta\",", 12, {"timeline", "`wireladder view /proc/self/fd/"}},
		{"<!doctype html>", 15, {"web page", "wireladder view"}},
		{"snoop\0\0\0\0\0\0\2", 12, {"snoop", "editcap"}},
		{"\x7f"
		 "ELF\2\1\1\0",
		 8,
		 {"a program", "name a capture"}},
		{"\xde\xad\xbe\xef\x01\x02\x03\x04", 8, {"no pcap or pcapng", ""}},
		{"\x0a\x0d\x0d\x0a\x1c\0\0\0zzzz\1\0\0\0\0\0\0\0\0\0\0\0\x1c\0\0\0",
		 28,
		 {"byte order mark", ""}},
	};
	struct err err;
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		assert_int_equal(refused(cases[i].bytes, cases[i].count, &err), EXIT_USAGE);
		for (size_t k = 0; k < 2; k++) {
			if (!strstr(err.text, cases[i].says[k]))
				fail_msg("`%s` not in `%s`", cases[i].says[k], err.text);
		}
	}
}

static void test_an_erf_capture_is_recognised_without_a_magic(void **state)
{
	struct bytes file = {0};
	struct err err;
	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		put32(&file, 0x80000000);
		put32(&file, 1700000000 + i);
		put_bytes(&file, "\x02\x04\x00\x50\x00\x00\x00\x3c", 8);
		put_zeros(&file, 64);
	}
	refused(file.buf.at, file.buf.len, &err);
	assert_non_null(strstr(err.text, "ERF"));
	buf_close(&file.buf);
}

static void test_a_directory_and_a_missing_file_are_refused(void **state)
{
	static const char *const directory = "/", *const missing = "/nowhere/capture.pcap";
	struct err err;
	(void)state;
	assert_null(reader_open(&directory, 1, &err));
	assert_int_equal(err.status, EXIT_USAGE);
	assert_non_null(strstr(err.text, "is a directory"));
	assert_null(reader_open(&missing, 1, &err));
	assert_int_equal(err.status, EXIT_USAGE);
	assert_non_null(strstr(err.text, "No such file"));
	assert_null(reader_open(NULL, 0, &err));
	assert_int_equal(err.status, EXIT_USAGE);
}

/* Several files as one capture. */
struct set {
	const char *paths[4];
	char places[4][32];
	size_t count;
	struct reader *reader;
	struct frame frame;
	struct reader_report report;
	struct err err;
};

static void set_add(struct set *set, const struct bytes *file)
{
	set->paths[set->count] = path_of(file->buf.at, file->buf.len, set->places[set->count]);
	set->count++;
}

static enum frame_status set_next(struct set *set)
{
	enum frame_status status;
	if (!set->reader)
		set->reader = reader_open(set->paths, set->count, &set->err);
	if (!set->reader)
		fail_msg("refused: %s", set->err.text);
	status = reader_next(set->reader, &set->frame, &set->err);
	reader_report(set->reader, &set->report);
	return status;
}

static void set_close(struct set *set)
{
	reader_close(set->reader);
	for (size_t i = 0; i < set->count; i++) {
		if (set->paths[i] == set->places[i])
			path_close(set->paths[i]);
	}
}

static void assert_interfaces(struct set *set, const uint16_t *interfaces, size_t count)
{
	for (uint64_t n = 0; n < count; n++) {
		assert_int_equal(set_next(set), FRAME_READY);
		assert_int_equal(set->frame.n, n + 1);
		assert_int_equal(set->frame.interface, interfaces[n]);
	}
	assert_int_equal(set_next(set), FRAME_END);
	assert_int_equal(set_next(set), FRAME_END);
}

static void test_several_files_are_one_capture(void **state)
{
	struct bytes old = {0}, ng = {.big = true};
	static const uint16_t interfaces[] = {0, 0, 2, 0, 0};
	struct set set = {0};
	const struct vantage *vantages;
	size_t count;
	(void)state;
	put_two(&old, 100);
	put_section(&ng, 1);
	put_interface(&ng, (struct described){.linktype = 1, .name = "eth7"});
	put_interface(&ng, (struct described){.linktype = 101, .name = "tun0"});
	put_enhanced(&ng, (struct enhanced){.interface = 1, .caplen = 4, .bytes = "abcd"});
	set_add(&set, &old);
	set_add(&set, &ng);
	set_add(&set, &old);
	assert_interfaces(&set, interfaces, ARRAY_COUNT(interfaces));
	vantages = reader_interfaces(set.reader, &count);
	assert_int_equal(count, 3);
	assert_string_equal(vantages[0].name, "");
	assert_string_equal(vantages[2].name, "tun0");
	assert_int_equal(vantages[2].linktype, 101);
	set_close(&set);
	buf_close(&old.buf);
	buf_close(&ng.buf);
}

static void put_section_of(struct bytes *file, const struct described *described,
			   uint32_t count)
{
	put_section(file, 1);
	for (uint32_t i = 0; i < count; i++)
		put_interface(file, described[i]);
	for (uint32_t i = 0; i < count; i++)
		put_enhanced(file,
			     (struct enhanced){.interface = i, .caplen = 4, .bytes = "abcd"});
}

static void test_an_interface_described_as_in_an_earlier_section_is_the_same_one(void **state)
{
	static const struct described eth = {.linktype = 1, .name = "eth0", .tsresol = 9},
				      slow = {.linktype = 1, .name = "eth0", .tsresol = 6},
				      late = {.linktype = 1, .name = "eth0", .tsoffset = 9},
				      snap = {.linktype = 1, .name = "eth0", .snaplen = 96},
				      raw = {.linktype = 101, .name = "eth0", .tsresol = 9};
	/* In one section each is its own; in the next, of the same file or another, they are
	 * found again in any order, and what is not equal in all respects is another. */
	static const uint16_t interfaces[] = {0, 1, 2, 0, 2, 3, 0, 1, 4, 5, 2, 6, 7, 0};
	struct bytes first = {0}, second = {.big = true}, third = {0};
	struct set set = {0};
	(void)state;
	put_section_of(&first, (struct described[]){eth, eth, slow}, 3);
	put_section_of(&first, (struct described[]){eth, slow, raw}, 3);
	put_section_of(&second, (struct described[]){eth, eth, eth, eth, slow, late}, 6);
	put_section_of(&third, (struct described[]){snap}, 1);
	put_section_of(&third, (struct described[]){eth}, 1);
	set_add(&set, &first);
	set_add(&set, &second);
	set_add(&set, &third);
	assert_interfaces(&set, interfaces, ARRAY_COUNT(interfaces));
	set_close(&set);
	buf_close(&first.buf);
	buf_close(&second.buf);
	buf_close(&third.buf);
}

static void test_files_put_together_are_the_files_one_after_another(void **state)
{
	static const struct described eth = {.linktype = 1, .name = "eth0", .tsresol = 9},
				      lo = {.linktype = 1, .name = "lo", .tsresol = 9};
	static const uint16_t interfaces[] = {0, 1, 2, 1, 0, 2};
	struct bytes files[2] = {[1] = {.big = true}}, together = {0};
	struct set apart = {0}, one = {0};
	(void)state;
	put_section_of(&files[0], (struct described[]){eth, lo, eth}, 3);
	put_section_of(&files[1], (struct described[]){lo, eth, eth}, 3);
	for (size_t i = 0; i < 2; i++) {
		set_add(&apart, &files[i]);
		put_bytes(&together, files[i].buf.at, files[i].buf.len);
	}
	set_add(&one, &together);
	assert_interfaces(&apart, interfaces, ARRAY_COUNT(interfaces));
	assert_interfaces(&one, interfaces, ARRAY_COUNT(interfaces));
	set_close(&apart);
	set_close(&one);
	buf_close(&files[0].buf);
	buf_close(&files[1].buf);
	buf_close(&together.buf);
}

static void test_more_sections_than_interfaces_can_be_counted_are_read(void **state)
{
	static const struct described eth = {.linktype = 1, .name = "eth0"};
	struct bytes file = {0};
	struct reading reading;
	size_t count;
	(void)state;
	for (uint32_t i = 0; i < 70000; i++)
		put_section_of(&file, &eth, 1);
	assert_int_equal(reading_count(&reading, &file), 70000);
	assert_string_equal(reading.report.sentence, "");
	reader_interfaces(reading.reader, &count);
	assert_int_equal(count, 1);
	reading_close(&reading);
	buf_close(&file.buf);
}

/* One that goes away between the look before the start and its turn. */
static void test_a_later_file_that_cannot_be_read_any_more_is_told(void **state)
{
	struct bytes file = {0};
	struct set set = {0};
	char gone[] = "/tmp/wireladder-test-XXXXXX";
	int fd = mkstemp(gone);
	(void)state;
	put_two(&file, 100);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, file.buf.at, file.buf.len), file.buf.len);
	close(fd);
	set_add(&set, &file);
	set.paths[set.count++] = gone;
	set_add(&set, &file);
	assert_int_equal(set_next(&set), FRAME_READY);
	unlink(gone);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(set_next(&set), FRAME_READY);
	assert_int_equal(set.frame.n, 4);
	assert_int_equal(set_next(&set), FRAME_END);
	assert_non_null(strstr(set.report.sentence, "cannot open /tmp/wireladder-test-"));
	assert_non_null(strstr(set.report.sentence, "No such file"));
	assert_int_equal(set.report.skipped_count, 1);
	assert_non_null(strstr(set.report.skipped[0].why, "No such file"));
	set_close(&set);
	buf_close(&file.buf);
}

static void test_a_later_file_with_half_a_header_is_told(void **state)
{
	struct bytes file = {0};
	struct set set = {0};
	size_t size;
	(void)state;
	put_two(&file, 100);
	set_add(&set, &file);
	size = file.buf.len;
	for (unsigned i = 0; i < 2; i++) {
		file.buf.len = 12;
		set_add(&set, &file);
	}
	file.buf.len = size;
	set_add(&set, &file);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(set_next(&set), FRAME_READY);
	assert_int_equal(set_next(&set), FRAME_END);
	assert_non_null(strstr(set.report.sentence, "ends inside its own header"));
	assert_non_null(strstr(set.report.sentence, "(and another file is incomplete)"));
	set_close(&set);
	buf_close(&file.buf);
}

static void test_a_later_file_that_is_no_capture_is_refused_at_once(void **state)
{
	struct bytes file = {0};
	char places[2][32];
	const char *paths[2];
	struct err err;
	(void)state;
	put_two(&file, 100);
	paths[0] = path_of(file.buf.at, file.buf.len, places[0]);
	paths[1] = path_of("hello", 5, places[1]);
	assert_null(reader_open(paths, 2, &err));
	assert_int_equal(err.status, EXIT_USAGE);
	path_close(paths[0]);
	path_close(paths[1]);
	buf_close(&file.buf);
}

static void test_a_later_packed_file_is_unpacked_to_be_refused_at_once(void **state)
{
	static const char packed[] = "\x28\xb5\x2f\xfd\x00\x58\x29\0\0hello";
	struct bytes file = {0};
	char places[2][32];
	const char *paths[2];
	struct err err;
	(void)state;
	put_two(&file, 100);
	paths[0] = path_of(file.buf.at, file.buf.len, places[0]);
	paths[1] = path_of(packed, sizeof(packed) - 1, places[1]);
	assert_null(reader_open(paths, 2, &err));
	assert_int_equal(err.status, EXIT_USAGE);
	assert_non_null(strstr(err.text, "zstd data that unpack to text"));
	path_close(paths[0]);
	path_close(paths[1]);
	buf_close(&file.buf);
}

/* A socket whose other end closes with bytes unread gives what is there, then ECONNRESET. */
static void test_a_read_error_is_a_loss_behind_all_that_was_read(void **state)
{
	static const char *const path = "-";
	struct bytes file = {0};
	struct reader *reader;
	struct reader_report report;
	struct frame frame;
	struct err err = {0};
	int ends[2], kept = dup(STDIN_FILENO);
	(void)state;
	put_two(&file, 100);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(write(ends[0], file.buf.at, file.buf.len - 1), file.buf.len - 1);
	assert_int_equal(write(ends[1], "", 1), 1);
	close(ends[0]);
	dup2(ends[1], STDIN_FILENO);
	close(ends[1]);
	reader = reader_open(&path, 1, &err);
	assert_non_null(reader);
	assert_int_equal(reader_next(reader, &frame, &err), FRAME_READY);
	assert_int_equal(reader_next(reader, &frame, &err), FRAME_END);
	reader_report(reader, &report);
	assert_true(report.truncated);
	assert_string_equal(
		report.sentence,
		"standard input ends in the middle of packet 2, at byte 175, because "
		"reading failed (Connection reset by peer); the 1 whole packet "
		"before it was read");
	reader_close(reader);
	dup2(kept, STDIN_FILENO);
	close(kept);
	buf_close(&file.buf);
}

/* A child feeds a pipe in pieces of one byte; what comes out of standard input is counted. */
static void test_standard_input_is_read_byte_by_byte_if_it_must_be(void **state)
{
	static const char *const path = "-";
	struct bytes file = {0};
	struct reader *reader;
	struct frame frame;
	struct err err = {0};
	int ends[2], kept = dup(STDIN_FILENO);
	uint64_t count = 0;
	pid_t child;
	(void)state;
	put_two(&file, 100);
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		for (size_t i = 0; i < file.buf.len - 1; i++) {
			if (write(ends[1], file.buf.at + i, 1) != 1)
				_exit(1);
		}
		_exit(0);
	}
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	reader = reader_open(&path, 1, &err);
	assert_non_null(reader);
	while (reader_next(reader, &frame, &err) == FRAME_READY)
		count++;
	assert_int_equal(count, 1);
	{
		struct reader_report report;
		reader_report(reader, &report);
		assert_string_equal(
			report.sentence,
			"standard input ends in the middle of packet 2, at byte 175; the "
			"1 whole packet before it was read");
	}
	reader_close(reader);
	waitpid(child, NULL, 0);
	dup2(kept, STDIN_FILENO);
	close(kept);
	buf_close(&file.buf);
}

/* A live pipe: the packet that is there comes now, not when the next one is written. */
static void test_a_silent_pipe_does_not_hold_a_packet_back(void **state)
{
	struct bytes file = {0};
	char path[32];
	const char *paths[1] = {path};
	struct reader *reader;
	struct frame frame;
	struct err err = {0};
	int ends[2];
	(void)state;
	put_two(&file, 100);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], file.buf.at, file.buf.len), file.buf.len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	reader = reader_open(paths, 1, &err);
	assert_non_null(reader);
	assert_int_equal(reader_next(reader, &frame, &err), FRAME_READY);
	assert_int_equal(reader_next(reader, &frame, &err), FRAME_READY);
	reader_close(reader);
	close(ends[0]);
	close(ends[1]);
	buf_close(&file.buf);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_no_capture_is_named_with_a_remedy),
		cmocka_unit_test(test_an_erf_capture_is_recognised_without_a_magic),
		cmocka_unit_test(test_a_directory_and_a_missing_file_are_refused),
		cmocka_unit_test(test_several_files_are_one_capture),
		cmocka_unit_test(
			test_an_interface_described_as_in_an_earlier_section_is_the_same_one),
		cmocka_unit_test(test_files_put_together_are_the_files_one_after_another),
		cmocka_unit_test(test_more_sections_than_interfaces_can_be_counted_are_read),
		cmocka_unit_test(test_a_later_file_that_cannot_be_read_any_more_is_told),
		cmocka_unit_test(test_a_later_file_with_half_a_header_is_told),
		cmocka_unit_test(test_a_later_file_that_is_no_capture_is_refused_at_once),
		cmocka_unit_test(test_a_later_packed_file_is_unpacked_to_be_refused_at_once),
		cmocka_unit_test(test_a_read_error_is_a_loss_behind_all_that_was_read),
		cmocka_unit_test(test_standard_input_is_read_byte_by_byte_if_it_must_be),
		cmocka_unit_test(test_a_silent_pipe_does_not_hold_a_packet_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
