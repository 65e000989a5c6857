/* What is a capture, what is not, and several files as one. */
#include "blocks.h"

#include <sys/stat.h>
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
		{"\x1f\x8b\x08\x00", 4, {"gzip", "run `gunzip /proc/self/fd/"}},
		{"\x28\xb5\x2f\xfd\x00", 5, {"zstd", "run `zstd -d /proc/self/fd/"}},
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

static void test_several_files_are_one_capture(void **state)
{
	struct bytes old = {0}, ng = {.big = true};
	char places[3][32];
	const char *paths[3];
	static const uint16_t interfaces[] = {0, 0, 2, 3, 3};
	struct reader *reader;
	struct frame frame;
	struct err err = {0};
	const struct vantage *vantages;
	size_t count;
	(void)state;
	put_two(&old, 100);
	put_section(&ng, 1);
	put_interface(&ng, (struct described){.linktype = 1, .name = "eth7"});
	put_interface(&ng, (struct described){.linktype = 101, .name = "tun0"});
	put_enhanced(&ng, (struct enhanced){.interface = 1, .caplen = 4, .bytes = "abcd"});
	paths[0] = path_of(old.buf.at, old.buf.len, places[0]);
	paths[1] = path_of(ng.buf.at, ng.buf.len, places[1]);
	paths[2] = path_of(old.buf.at, old.buf.len, places[2]);
	reader = reader_open(paths, 3, &err);
	assert_non_null(reader);
	for (uint64_t n = 0; n < ARRAY_COUNT(interfaces); n++) {
		assert_int_equal(reader_next(reader, &frame, &err), FRAME_READY);
		assert_int_equal(frame.n, n + 1);
		assert_int_equal(frame.interface, interfaces[n]);
	}
	assert_int_equal(reader_next(reader, &frame, &err), FRAME_END);
	assert_int_equal(reader_next(reader, &frame, &err), FRAME_END);
	vantages = reader_interfaces(reader, &count);
	assert_int_equal(count, 4);
	assert_string_equal(vantages[0].name, "");
	assert_string_equal(vantages[2].name, "tun0");
	assert_int_equal(vantages[2].linktype, 101);
	reader_close(reader);
	for (size_t i = 0; i < 3; i++)
		path_close(paths[i]);
	buf_close(&old.buf);
	buf_close(&ng.buf);
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
		cmocka_unit_test(test_a_later_file_that_is_no_capture_is_refused_at_once),
		cmocka_unit_test(test_standard_input_is_read_byte_by_byte_if_it_must_be),
		cmocka_unit_test(test_a_silent_pipe_does_not_hold_a_packet_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
