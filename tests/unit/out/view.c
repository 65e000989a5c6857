/* Timelines read back: round through every container, damaged, and refused. */
#include "place.h"

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
	page = file_text(place->a);
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
	page = file_text(place->a);
	second =
		strstr(page, "<script type=\"application/x-wireladder+gzip\" data-block=\"2\"");
	third = strstr(page, "<script type=\"application/x-wireladder+gzip\" data-block=\"3\"");
	assert_true(second && third);
	memmove(second, third, strlen(third) + 1);
	write_text(place->a, page, strlen(page));
	free(page);
	view_says(place->a, place->b, EXIT_PARTIAL, "block 2 is missing");
	page = file_text(place->b);
	assert_non_null(strstr(page, "{\"k\":\"summary\""));
	free(page);
}

static void test_a_cut_page_gives_what_is_left(void **state)
{
	const struct place *place = *state;
	char *page, *line;
	write_large(place->a, "html");
	page = file_text(place->a);
	line = strstr(page, "data-block=\"3\"");
	assert_non_null(line);
	write_text(place->a, page, (size_t)(line - page) + 1000);
	free(page);
	view_says(place->a, place->b, EXIT_PARTIAL, "block 3 is damaged");
	view_says(place->a, place->b, EXIT_PARTIAL, "the end is missing");
	page = file_text(place->b);
	assert_non_null(strstr(page, "\"n\":40000,"));
	assert_int_equal(page[strlen(page) - 1], '\n');
	free(page);
}

static void test_a_wrong_checksum_is_told(void **state)
{
	const struct place *place = *state;
	char *page, *crc;
	write_session(place->a, "html");
	page = file_text(place->a);
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
		result = file_text(place->b);
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
	result = file_text(place->b);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};
	return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
