/* Files: the same lines in three wrappings, whole or not at all, and what can go wrong. */
#include "place.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void test_a_document_holds_the_lines_of_the_stream(void **state)
{
	const struct place *place = *state;
	char *stream, *document, *line, *at;
	write_session(place->a, "jsonl");
	write_session(place->b, "json");
	stream = file_text(place->a);
	document = file_text(place->b);
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
	text = file_text(place->a);
	assert_string_equal(text, "{\"wireladder\":1,\"records\":[\n\n]}\n");
	free(text);
}

static void test_a_summary_is_short(void **state)
{
	const struct place *place = *state;
	char *text;
	write_session(place->a, "summary");
	text = file_text(place->a);
	assert_non_null(strstr(text, "{\"k\":\"meta\""));
	assert_non_null(strstr(text, "\n{\"k\":\"closed\""));
	assert_non_null(strstr(text, "\n{\"k\":\"summary\""));
	assert_null(strstr(text, "{\"k\":\"tcp\""));
	free(text);
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
	text = file_text(place->a);
	assert_string_equal(text, "old");
	free(text);
	ended(output);
	text = file_text(place->a);
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

/* Writes until something fails, be it at the end; the status it failed with. */
static enum exit_status fill(struct output *output, struct err *err)
{
	struct event event = event_of(EVENT_PACKET, 1, 0);
	bool going = true;
	event.packet.n = 1;
	event.packet.segment.kind = SEGMENT_TCP;
	for (unsigned i = 0; going && i < 10000; i++)
		going = output_take(output, &event, err);
	assert_false(output_close(output, going ? err : NULL));
	return err->status;
}

static void test_a_full_disk_is_told_in_every_format(void **state)
{
	static const char *const formats[] = {"jsonl", "json", "html", "summary", "txt"};
	static const struct meta facts = {.source = "read"};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(formats); i++) {
		struct output_config config = {.path = "/dev/full", .format = formats[i]};
		struct event event = {.kind = EVENT_META, .meta = &facts};
		struct err err = {0};
		struct output *output = output_open(&config, &err);
		if (output && output_take(output, &event, &err)) {
			summary(output, 0);
			fill(output, &err);
		} else if (output) {
			assert_false(output_close(output, NULL));
		}
		assert_int_equal(err.status, EXIT_OUTPUT);
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
	text = file_text(place->a);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_document_holds_the_lines_of_the_stream),
		TEST(test_an_empty_document_is_one),
		TEST(test_a_summary_is_short),
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
