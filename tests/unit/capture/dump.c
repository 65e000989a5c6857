#include "files.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void dump_packets(struct dump *dump, uint32_t count, struct err *err)
{
	uint8_t bytes[CONTENT_MAX];
	for (uint32_t i = 0; i < count; i++) {
		uint32_t caplen = content(i, bytes);
		struct frame frame = {.bytes = bytes,
				      .caplen = caplen,
				      .len = caplen + i,
				      .ns = 1700000000 * NS_PER_S + i,
				      .n = i + 1,
				      .linktype = 1};
		if (!dump_frame(dump, &frame, err))
			return;
	}
}

static void make_place(char path[static 40])
{
	int fd;
	snprintf(path, 40, "/tmp/wireladder-dump-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
}

/* Reads the file back: only whole packets, the first ones of those that were written. */
static uint32_t read_back(const char *path, bool whole)
{
	struct err err = {0};
	struct reader *reader = reader_open(&path, 1, &err);
	struct reader_report report;
	struct frame frame;
	uint8_t bytes[CONTENT_MAX];
	uint32_t i = 0;
	assert_non_null(reader);
	for (; reader_next(reader, &frame, &err) == FRAME_READY; i++) {
		assert_int_equal(frame.caplen, content(i, bytes));
		assert_int_equal(frame.len, frame.caplen + i);
		assert_int_equal(frame.ns, 1700000000 * NS_PER_S + i);
		assert_memory_equal(frame.bytes, bytes, frame.caplen);
	}
	reader_report(reader, &report);
	assert_int_equal(report.sentence[0] == '\0', whole);
	reader_close(reader);
	return i;
}

static void test_what_is_dumped_can_be_read_again(void **state)
{
	struct err err = {0};
	char path[40];
	struct dump *dump;
	(void)state;
	make_place(path);
	dump = dump_open(path, 1, 0, &err);
	assert_non_null(dump);
	dump_packets(dump, 3000, &err);
	assert_true(dump_close(dump, &err));
	assert_int_equal(read_back(path, true), 3000);
	unlink(path);
}

static void test_a_flushed_file_is_whole_while_it_is_written(void **state)
{
	struct err err = {0};
	char path[40];
	struct dump *dump;
	(void)state;
	make_place(path);
	dump = dump_open(path, 1, 0, &err);
	assert_int_equal(read_back(path, true), 0);
	dump_packets(dump, 10, &err);
	assert_true(dump_flush(dump, &err));
	assert_int_equal(read_back(path, true), 10);
	assert_true(dump_close(dump, &err));
	unlink(path);
}

static void test_a_full_disk_is_said_and_leaves_whole_packets(void **state)
{
	struct rlimit kept, small;
	struct err err = {0};
	struct dump *dump;
	struct stat status;
	char path[40];
	uint32_t packets;
	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &kept);
	make_place(path);
	small = (struct rlimit){.rlim_cur = 100001, .rlim_max = kept.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	dump = dump_open(path, 1, 0, &err);
	assert_non_null(dump);
	dump_packets(dump, 3000, &err);
	assert_false(dump_close(dump, &err));
	setrlimit(RLIMIT_FSIZE, &kept);
	assert_int_equal(err.status, EXIT_OUTPUT);
	assert_non_null(strstr(err.text, "File too large"));
	packets = read_back(path, true);
	assert_int_equal(stat(path, &status), 0);
	assert_true(packets > 0 && status.st_size <= 100001 && status.st_size > 98000);
	unlink(path);
}

static void test_a_device_that_takes_nothing_fails_at_once(void **state)
{
	struct err err = {0};
	(void)state;
	assert_null(dump_open("/dev/full", 1, 0, &err));
	assert_int_equal(err.status, EXIT_OUTPUT);
	assert_non_null(strstr(err.text, "/dev/full"));
	assert_null(dump_open("/nowhere/x.pcap", 1, 0, &err));
	assert_int_equal(err.status, EXIT_OUTPUT);
}

static void test_a_reader_that_went_away_is_no_error_to_speak_of(void **state)
{
	struct err err = {0};
	struct dump *dump;
	int ends[2], kept = dup(STDOUT_FILENO);
	bool done;
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	fflush(stdout);
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDOUT_FILENO);
	close(ends[1]);
	dump = dump_open("-", 1, 0, &err);
	close(ends[0]);
	if (dump)
		dump_packets(dump, 3, &err);
	done = dump_close(dump, &err);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	assert_non_null(dump);
	assert_false(done);
	assert_int_equal(err.status, EXIT_DONE);
	assert_string_equal(err.text, "");
}

static void test_a_packet_of_another_link_type_is_refused(void **state)
{
	struct err err = {0};
	char path[40];
	struct dump *dump;
	struct frame frame = {
		.bytes = (const uint8_t *)"x", .caplen = 1, .len = 1, .linktype = 113};
	(void)state;
	make_place(path);
	dump = dump_open(path, 1, 0, &err);
	assert_false(dump_frame(dump, &frame, &err));
	assert_int_equal(err.status, EXIT_USAGE);
	dump_close(dump, NULL);
	unlink(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_dumped_can_be_read_again),
		cmocka_unit_test(test_a_flushed_file_is_whole_while_it_is_written),
		cmocka_unit_test(test_a_full_disk_is_said_and_leaves_whole_packets),
		cmocka_unit_test(test_a_device_that_takes_nothing_fails_at_once),
		cmocka_unit_test(test_a_reader_that_went_away_is_no_error_to_speak_of),
		cmocka_unit_test(test_a_packet_of_another_link_type_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
