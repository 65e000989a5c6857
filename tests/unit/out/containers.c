/* Files and containers: the same lines in three wrappings, whole or not at all, and back again.
 */
#include "events.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* A directory with room for a few files. */
struct place {
	char directory[64], a[96], b[96], c[96];
};

static int place_open(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	assert_non_null(place);
	snprintf(place->directory, sizeof(place->directory), "/tmp/wireladder-out-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	snprintf(place->a, sizeof(place->a), "%s/a", place->directory);
	snprintf(place->b, sizeof(place->b), "%s/b", place->directory);
	snprintf(place->c, sizeof(place->c), "%s/c", place->directory);
	*state = place;
	return 0;
}

/* Fails when something is left that no test knows of: a temporary file, say. */
static int place_close(void **state)
{
	struct place *place = *state;
	int left;
	unlink(place->a);
	unlink(place->b);
	unlink(place->c);
	left = rmdir(place->directory);
	free(place);
	return left;
}

static struct output *output_to(const char *path, const char *format)
{
	return opened(&(struct output_config){.path = path, .format = format});
}

static void write_session(const char *path, const char *format)
{
	struct output *output = output_to(path, format);
	meta(output);
	echo_session(output);
	closed(output, 1, 10);
	summary(output, 10);
	ended(output);
}

static void write_text(const char *path, const char *text, size_t count)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, count, file), count);
	assert_int_equal(fclose(file), 0);
}

static void view(const char *from, const char *to, const char *format)
{
	struct output_config config = {.path = to, .format = format};
	struct err err = {0};
	if (!view_write(from, &config, &err))
		fail_msg("%s", err.text);
	assert_int_equal(err.status, EXIT_DONE);
}

static void view_says(const char *from, const char *to, enum exit_status status,
		      const char *words)
{
	struct output_config config = {.path = to, .format = "jsonl"};
	struct err err = {0};
	assert_false(view_write(from, &config, &err));
	if (err.status != status || !strstr(err.text, words))
		fail_msg("status %d: %s", (int)err.status, err.text);
}

static void assert_same_files(const char *a, const char *b)
{
	char *left = file_text(a, NULL), *right = file_text(b, NULL);
	assert_string_equal(left, right);
	assert_true(left[0] != '\0');
	free(left);
	free(right);
}

static void test_a_document_holds_the_lines_of_the_stream(void **state)
{
	const struct place *place = *state;
	char *stream, *document, *line, *at;
	write_session(place->a, "jsonl");
	write_session(place->b, "json");
	stream = file_text(place->a, NULL);
	document = file_text(place->b, NULL);
	assert_int_equal(strncmp(document, "{\"wireladder\":1,\"records\":[\n", 28), 0);
	at = document + 28;
	for (line = strtok(stream, "\n"); line; line = strtok(NULL, "\n")) {
		assert_int_equal(strncmp(at, line, strlen(line)), 0);
		at += strlen(line);
		if (strncmp(at, ",\n", 2) == 0)
			at += 2;
	}
	assert_string_equal(at, "\n]}\n");
	free(stream);
	free(document);
}

static void test_an_empty_document_is_one(void **state)
{
	const struct place *place = *state;
	char *text;
	ended(output_to(place->a, "json"));
	text = file_text(place->a, NULL);
	assert_string_equal(text, "{\"wireladder\":1,\"records\":[\n\n]}\n");
	free(text);
}

static void test_a_summary_is_short(void **state)
{
	const struct place *place = *state;
	char *text;
	write_session(place->a, "summary");
	text = file_text(place->a, NULL);
	assert_non_null(strstr(text, "{\"k\":\"meta\""));
	assert_non_null(strstr(text, "\n{\"k\":\"closed\""));
	assert_non_null(strstr(text, "\n{\"k\":\"summary\""));
	assert_null(strstr(text, "{\"k\":\"tcp\""));
	free(text);
}

static void test_lines_go_round_through_every_container(void **state)
{
	static const char *const rounds[] = {"html", "json", "jsonl"};
	const struct place *place = *state;
	write_session(place->a, "jsonl");
	for (size_t i = 0; i < ARRAY_COUNT(rounds); i++) {
		view(place->a, place->b, rounds[i]);
		view(place->b, place->c, "jsonl");
		assert_same_files(place->a, place->c);
	}
}

static void test_an_old_page_becomes_the_same_new_page(void **state)
{
	const struct place *place = *state;
	write_session(place->a, "html");
	view(place->a, place->b, "html");
	assert_same_files(place->a, place->b);
	view(place->a, place->a, "html"); /* also in its own place */
	assert_same_files(place->a, place->b);
}

/* More than two blocks of 16 MiB. */
static void write_large(const char *path, const char *format)
{
	struct output_config config = {.path = path, .format = format,
				       .bytes = {UINT64_MAX, UINT64_MAX, UINT64_MAX}};
	struct output *output = opened(&config);
	static char text[201];
	memset(text, 'x', sizeof(text) - 1);
	meta(output);
	conversation(output, 1, false);
	for (uint64_t n = 1; n <= 80000; n++)
		CLIENT_SENDS(output, n, .us = (int64_t)n, .seq = (int64_t)n, .text = text);
	summary(output, 80000);
	ended(output);
}

static void test_large_pages_have_several_blocks(void **state)
{
	const struct place *place = *state;
	char *page;
	write_large(place->a, "html");
	page = file_text(place->a, NULL);
	assert_non_null(strstr(page, "data-block=\"3\""));
	assert_non_null(strstr(page, "data-blocks=\"3\" data-records=\"80003\""));
	free(page);
	view(place->a, place->b, "jsonl");
	write_large(place->c, "jsonl");
	assert_same_files(place->b, place->c);
}

static void test_a_missing_block_is_named(void **state)
{
	const struct place *place = *state;
	char *page, *second, *third;
	write_large(place->a, "html");
	page = file_text(place->a, NULL);
	second =
		strstr(page, "<script type=\"application/x-wireladder+gzip\" data-block=\"2\"");
	third = strstr(page, "<script type=\"application/x-wireladder+gzip\" data-block=\"3\"");
	assert_true(second && third);
	memmove(second, third, strlen(third) + 1);
	write_text(place->a, page, strlen(page));
	free(page);
	view_says(place->a, place->b, EXIT_PARTIAL, "block 2 is missing");
	page = file_text(place->b, NULL);
	assert_non_null(strstr(page, "{\"k\":\"summary\""));
	free(page);
}

static void test_a_cut_page_gives_what_is_left(void **state)
{
	const struct place *place = *state;
	char *page, *line;
	write_large(place->a, "html");
	page = file_text(place->a, NULL);
	line = strstr(page, "data-block=\"3\"");
	assert_non_null(line);
	write_text(place->a, page, (size_t)(line - page) + 1000);
	free(page);
	view_says(place->a, place->b, EXIT_PARTIAL, "block 3 is damaged");
	view_says(place->a, place->b, EXIT_PARTIAL, "the end is missing");
	page = file_text(place->b, NULL);
	assert_non_null(strstr(page, "\"n\":40000,"));
	assert_int_equal(page[strlen(page) - 1], '\n');
	free(page);
}

static void test_a_wrong_checksum_is_told(void **state)
{
	const struct place *place = *state;
	char *page, *crc;
	write_session(place->a, "html");
	page = file_text(place->a, NULL);
	crc = strstr(page, "data-crc32=\"");
	assert_non_null(crc);
	crc[12] = crc[12] == '0' ? '1' : '0';
	write_text(place->a, page, strlen(page));
	free(page);
	view_says(place->a, place->b, EXIT_PARTIAL, "block 1 is damaged");
}

#define META "{\"k\":\"meta\",\"format\":1}\n"
#define SUMMARY "{\"k\":\"summary\",\"packets\":0,\"bytes\":0}\n"

static void test_damaged_lines_are_left_out_and_counted(void **state)
{
	static const char *const damaged[] = {
		"{\"k\":\"note\",\"text\":\"<\"}\n", "{\"k\":\"note\",\"text\":\"\xff\"}\n",
		"{\"k\":\"note\",\"text\":\"\x1b\"}\n", "{\"k\":\"note\"} {}\n", "{\"k\":5}\n",
		"[]\n", "{\"k\":\"tcp\",\n", "nothing\n",
	};
	const struct place *place = *state;
	for (size_t i = 0; i < ARRAY_COUNT(damaged); i++) {
		char text[256], *result;
		snprintf(text, sizeof(text), META "%s" SUMMARY, damaged[i]);
		write_text(place->a, text, strlen(text));
		view_says(place->a, place->b, EXIT_PARTIAL, "1 damaged line was left out");
		result = file_text(place->b, NULL);
		assert_string_equal(result, META SUMMARY);
		free(result);
	}
}

static void test_a_line_beyond_all_bounds_is_left_out(void **state)
{
	const struct place *place = *state;
	size_t count = 40U << 20;
	char *text = malloc(count), *result;
	assert_non_null(text);
	memset(text, ' ', count);
	memcpy(text, META, strlen(META));
	text[strlen(META)] = '{';
	memcpy(text + count - 1 - strlen(SUMMARY), "\n" SUMMARY, strlen(SUMMARY) + 1);
	write_text(place->a, text, count);
	free(text);
	view_says(place->a, place->b, EXIT_PARTIAL, "1 damaged line was left out");
	result = file_text(place->b, NULL);
	assert_string_equal(result, META SUMMARY);
	free(result);
}

static void test_a_stream_without_its_end_is_partial(void **state)
{
	const struct place *place = *state;
	write_text(place->a, META, strlen(META));
	view_says(place->a, place->b, EXIT_PARTIAL, "the end is missing (no summary)");
}

static void test_what_is_no_timeline_is_refused_and_nothing_is_written(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"\xd4\xc3\xb2\xa1\x02", "wireladder read"},
		{"", "is not a timeline"},
		{"{\"k\":\"tcp\"}\n", "is not a timeline"},
		{"{\"k\":\"meta\"\n", "is not a timeline"},
		{"<!doctype html>\n<p>a page\n", "is not a timeline"},
		{"{\"wireladder\":1,\"records\":[\n]}\n", "is not a timeline"},
		{"{\"wireladder\": 1,\n", "jq -c"},
		{"{\"k\":\"meta\",\"format\":2}\n", "get a newer wireladder"},
	};
	const struct place *place = *state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		write_text(place->a, cases[i].text, strlen(cases[i].text));
		view_says(place->a, place->b, EXIT_USAGE, cases[i].words);
		assert_int_equal(access(place->b, F_OK), -1);
	}
	view_says("/nonexistent", place->b, EXIT_USAGE, "cannot open /nonexistent");
	view_says("/", place->b, EXIT_USAGE, "cannot read the timeline");
}

static void test_a_stream_is_not_written_over_itself(void **state)
{
	const struct place *place = *state;
	write_session(place->a, "jsonl");
	view_says(place->a, place->a, EXIT_USAGE, "while it is read");
	view(place->a, place->b, "jsonl");
	assert_same_files(place->a, place->b);
}

static void test_view_writes_no_text(void **state)
{
	const struct place *place = *state;
	struct output_config config = {.path = place->b, .format = "txt"};
	struct err err = {0};
	write_session(place->a, "jsonl");
	assert_false(view_write(place->a, &config, &err));
	assert_int_equal(err.status, EXIT_USAGE);
}

static void test_the_ending_chooses_the_format(void **state)
{
	struct output_config config = {.path = "/tmp/x.doc"};
	struct err err = {0};
	(void)state;
	assert_null(output_open(&config, &err));
	assert_int_equal(err.status, EXIT_USAGE);
	assert_non_null(strstr(err.text, ".html"));
	config.format = "doc";
	assert_null(output_open(&config, &err));
	assert_int_equal(err.status, EXIT_USAGE);
	assert_non_null(strstr(err.text, output_formats()));
}

static void test_a_document_appears_only_when_it_is_whole(void **state)
{
	const struct place *place = *state;
	struct output *output = output_to(place->a, "json");
	meta(output);
	assert_int_equal(access(place->a, F_OK), -1);
	output_abandon(output);
	assert_int_equal(access(place->a, F_OK), -1);
	write_session(place->a, "json");
	assert_int_equal(access(place->a, F_OK), 0);
}

static void test_an_older_file_stays_until_the_new_one_is_whole(void **state)
{
	const struct place *place = *state;
	struct output *output;
	struct stat now;
	char *text;
	write_text(place->a, "old", 3);
	assert_int_equal(chmod(place->a, 0600), 0);
	output = output_to(place->a, "json");
	meta(output);
	text = file_text(place->a, NULL);
	assert_string_equal(text, "old");
	free(text);
	ended(output);
	text = file_text(place->a, NULL);
	assert_int_equal(text[0], '{');
	free(text);
	assert_int_equal(stat(place->a, &now), 0);
	assert_int_equal(now.st_mode & 0777, 0600);
}

static void test_a_link_keeps_pointing_at_what_is_replaced(void **state)
{
	const struct place *place = *state;
	struct stat now;
	write_text(place->a, "old", 3);
	assert_int_equal(symlink(place->a, place->b), 0);
	write_session(place->b, "json");
	assert_int_equal(lstat(place->b, &now), 0);
	assert_true(S_ISLNK(now.st_mode));
	write_session(place->c, "json");
	assert_same_files(place->a, place->c);
}

/* Writes until something fails; the status it failed with. */
static enum exit_status fill(struct output *output, struct err *err)
{
	struct event event = event_of(EVENT_PACKET, 1, 0);
	bool going = true;
	event.packet.n = 1;
	event.packet.segment.kind = SEGMENT_TCP;
	for (unsigned i = 0; going && i < 10000; i++)
		going = output_take(output, &event, err);
	if (going)
		assert_false(output_close(output, err));
	else
		assert_false(output_close(output, NULL));
	return err->status;
}

static void test_a_full_disk_is_told_in_every_format(void **state)
{
	static const char *const formats[] = {"jsonl", "json", "html", "summary", "txt"};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(formats); i++) {
		struct output *output = output_to("/dev/full", formats[i]);
		struct err err = {0};
		meta(output);
		summary(output, 0);
		assert_int_equal(fill(output, &err), EXIT_OUTPUT);
		assert_non_null(strstr(err.text, "/dev/full"));
		assert_non_null(strstr(err.text, "name another place with -o"));
	}
}

static void test_a_stream_that_cannot_grow_keeps_whole_lines(void **state)
{
	const struct place *place = *state;
	struct rlimit before, small;
	struct err err = {0};
	struct output *output = output_to(place->a, "jsonl");
	struct stat now;
	char *text;
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 100000;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	meta(output);
	assert_int_equal(fill(output, &err), EXIT_OUTPUT);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(stat(place->a, &now), 0);
	assert_in_range(now.st_size, 99000, 100000);
	text = file_text(place->a, NULL);
	assert_int_equal(text[now.st_size - 1], '\n');
	free(text);
}

static void test_a_closed_pipe_ends_quietly(void **state)
{
	struct output *output;
	struct err err = {.status = EXIT_MEMORY, .text = "?"};
	char path[32];
	int ends[2];
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[1]);
	output = output_to(path, "jsonl");
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(fill(output, &err), EXIT_DONE);
	assert_string_equal(err.text, "");
}

static void test_a_place_that_cannot_be_is_told_with_a_remedy(void **state)
{
	static const struct {
		const char *path, *words;
	} cases[] = {
		{"/nonexistent/x.json", "make its directory first"},
		{"/nonexistent/x.jsonl", "make its directory first"},
		{"/tmp", "name a file"},
		{"/proc/x", "-o"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct output_config config = {.path = cases[i].path, .format = "html"};
		struct err err = {0};
		assert_null(output_open(&config, &err));
		assert_int_equal(err.status, EXIT_OUTPUT);
		if (!strstr(err.text, cases[i].words) || !strstr(err.text, cases[i].path))
			fail_msg("%s", err.text);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, place_open, place_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_document_holds_the_lines_of_the_stream),
		TEST(test_an_empty_document_is_one),
		TEST(test_a_summary_is_short),
		TEST(test_lines_go_round_through_every_container),
		TEST(test_an_old_page_becomes_the_same_new_page),
		TEST(test_large_pages_have_several_blocks),
		TEST(test_a_missing_block_is_named),
		TEST(test_a_cut_page_gives_what_is_left),
		TEST(test_a_wrong_checksum_is_told),
		TEST(test_damaged_lines_are_left_out_and_counted),
		TEST(test_a_line_beyond_all_bounds_is_left_out),
		TEST(test_a_stream_without_its_end_is_partial),
		TEST(test_what_is_no_timeline_is_refused_and_nothing_is_written),
		TEST(test_a_stream_is_not_written_over_itself),
		TEST(test_view_writes_no_text),
		TEST(test_the_ending_chooses_the_format),
		TEST(test_a_document_appears_only_when_it_is_whole),
		TEST(test_an_older_file_stays_until_the_new_one_is_whole),
		TEST(test_a_link_keeps_pointing_at_what_is_replaced),
		TEST(test_a_full_disk_is_told_in_every_format),
		TEST(test_a_stream_that_cannot_grow_keeps_whole_lines),
		TEST(test_a_closed_pipe_ends_quietly),
		TEST(test_a_place_that_cannot_be_is_told_with_a_remedy),
	};
	return cmocka_run_group_tests_name("containers", tests, NULL, NULL);
}
