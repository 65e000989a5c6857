/* What a timeline says of the lesson that was played. */
#include "lines.h"

#include "wireladder/model_lesson.h"

/* The meta record of a timeline of this lesson, read back; the caller deletes. */
static cJSON *meta_of(const struct lesson *lesson, uint64_t seed)
{
	struct meta facts = {.source = "lab", .name = "two-holes", .lesson = lesson,
			     .seed = seed, .has_seed = true};
	struct event event = event_of(EVENT_META, 0, 0);
	struct written written;
	cJSON *meta;
	event.meta = &facts;
	lines_write(&written, &event, 1);
	assert_harmless(written.lines[0]);
	meta = cJSON_Parse(written.lines[0]);
	lines_close(&written);
	return meta;
}

/* As text, so that a key too many is seen as well as one too few. */
static void assert_part(const cJSON *object, const char *key, const char *expected)
{
	char *text = cJSON_PrintUnformatted(cJSON_GetObjectItem(object, key));
	assert_non_null(text);
	assert_string_equal(text, expected);
	cJSON_free(text);
}

static void test_a_lesson_is_told_with_its_wire_and_its_questions(void **state)
{
	static const char *const cites[] = {"RFC 5681 3.2", "RFC 2018 3"};
	static const struct wire_rule rules[] = {{.text = "drop data 5"},
						 {.text = "drop data 8"}};
	static const struct question questions[] = {{"Which ACK comes next?", "4001."}};
	struct lesson lesson = {
		.name = "two-holes", .title = "Two segments are lost", .group = "Loss",
		.story = "Both go out again.", .cites = cites, .cite_count = 2,
		.rules = rules, .rule_count = 2, .questions = questions, .question_count = 1,
	};
	cJSON *meta;
	(void)state;
	lesson.link[END_SERVER] = (struct link_config){
		.delay_ns = 10000000, .rate_bits_per_s = 1000000, .queue_packets = 20,
		.mtu = 1400, .stall_from_ns = 5, .stall_ns = 7};
	lesson.link[END_CLIENT].delay_ns = 20000000;
	meta = meta_of(&lesson, 42);
	assert_part(meta, "source",
		    "{\"kind\":\"lab\",\"name\":\"two-holes\",\"lesson\":\"two-holes\","
		    "\"seed\":42}");
	assert_part(meta, "lesson",
		    "{\"title\":\"Two segments are lost\",\"story\":\"Both go out again.\","
		    "\"group\":\"Loss\",\"cites\":[\"RFC 5681 3.2\",\"RFC 2018 3\"],"
		    "\"link\":{\"to_server\":{\"delay_ns\":10000000,\"rate\":1000000,"
		    "\"mtu\":1400,\"queue\":20,\"stall_from_ns\":5,\"stall_ns\":7},"
		    "\"to_client\":{\"delay_ns\":20000000}},"
		    "\"rules\":[\"drop data 5\",\"drop data 8\"],"
		    "\"questions\":[{\"ask\":\"Which ACK comes next?\","
		    "\"answer\":\"4001.\"}]}");
	cJSON_Delete(meta);
}

static void test_what_a_lesson_leaves_open_is_left_out(void **state)
{
	static const struct question questions[] = {{"", NULL}};
	const struct lesson lesson = {.name = "bare", .title = "Bare", .story = "Nothing.",
				      .questions = questions, .question_count = 1};
	cJSON *meta = meta_of(&lesson, 0);
	(void)state;
	assert_part(meta, "lesson", "{\"title\":\"Bare\",\"story\":\"Nothing.\"}");
	assert_part(meta, "source", /* a seed of 0 repeats a run like any other */
		    "{\"kind\":\"lab\",\"name\":\"two-holes\",\"lesson\":\"bare\",\"seed\":0}");
	cJSON_Delete(meta);
}

static void test_a_capture_that_is_no_lesson_says_nothing_of_one(void **state)
{
	struct meta facts = {.source = "read", .seed = 7};
	struct event event = event_of(EVENT_META, 0, 0);
	struct written written;
	(void)state;
	event.meta = &facts;
	lines_write(&written, &event, 1);
	assert_null(strstr(written.lines[0], "\"lesson\":"));
	assert_null(strstr(written.lines[0], "\"seed\":"));
	lines_close(&written);
}

static void test_a_host_names_its_addresses_and_its_tap(void **state)
{
	static const struct host hosts[] = {
		{.name = "client", .addr = IP4(10, 77, 0, 1), .tapped = true},
		{.name = "client", .addr = {.family = 6, .bytes = {0xFD, 0x77, [15] = 1}}},
		{.name = "server", .addr = IP4(10, 77, 0, 2), .tapped = true, .vantage = 1},
		{.name = "example.org", .addr = IP4(10, 77, 0, 9)},
	};
	struct meta facts = {.source = "lab", .hosts = hosts, .host_count = ARRAY_COUNT(hosts)};
	struct event event = event_of(EVENT_META, 0, 0);
	struct written written;
	cJSON *meta;
	(void)state;
	event.meta = &facts;
	lines_write(&written, &event, 1);
	meta = cJSON_Parse(written.lines[0]);
	assert_part(meta, "hosts",
		    "[{\"name\":\"client\",\"vantage\":0,"
		    "\"addrs\":[\"10.77.0.1\",\"fd77::1\"]},"
		    "{\"name\":\"server\",\"vantage\":1,\"addrs\":[\"10.77.0.2\"]},"
		    "{\"name\":\"example.org\",\"addrs\":[\"10.77.0.9\"]}]");
	cJSON_Delete(meta);
	lines_close(&written);
}

/* The ladder of a lesson without packets. */
static void assert_story(const struct lesson *lesson, struct output_config config,
			 const char *expected)
{
	struct meta facts = {.source = "lab", .lesson = lesson};
	struct event event = event_of(EVENT_META, 0, 0);
	struct scratch scratch;
	struct output *output;
	char *text;
	event.meta = &facts;
	scratch_open(&scratch, "x.txt");
	config.path = scratch.path;
	output = opened(&config);
	take(output, &event);
	ended(output);
	text = file_text(scratch.path);
	scratch_close(&scratch);
	assert_string_equal(text, expected);
	free(text);
}

static void test_the_story_stands_above_the_ladder_and_fits_its_width(void **state)
{
	static const char *const cites[] = {"RFC 5681 3.2", "RFC 2018 3"};
	const struct lesson lesson = {
		.title = "Two segments are lost", .cites = cites, .cite_count = 2,
		.story = "The story's lines are folded where they are too long.\nconnect: SYN"};
	(void)state;
	assert_story(&lesson, (struct output_config){.columns = 30},
		     "Two segments are lost\n"
		     "The story's lines are folded\nwhere they are too long.\n"
		     "connect: SYN\n"
		     "See RFC 5681 3.2; RFC 2018 3\n\n");
	assert_story(&lesson, (struct output_config){.columns = 30, .quiet = true}, "");
}

static void test_a_story_is_never_wider_than_a_page(void **state)
{
	const struct lesson lesson = {
		.title = "T",
		.story = "aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa "
			 "aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaa b"};
	(void)state;
	assert_story(&lesson, (struct output_config){.columns = 200},
		     "T\naaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa "
		     "aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaa\nb\n\n");
}

#define HOSTILE "</script><!--\x1b[2J\xff\xE2\x80\xA8\""

static void test_a_readers_own_lesson_can_do_no_harm(void **state)
{
	static const char *const cites[] = {HOSTILE};
	static const struct wire_rule rules[] = {{.text = HOSTILE}};
	static const struct question questions[] = {{HOSTILE, HOSTILE}};
	const struct lesson lesson = {
		.name = HOSTILE, .title = HOSTILE, .group = HOSTILE, .story = HOSTILE,
		.cites = cites, .cite_count = 1, .rules = rules, .rule_count = 1,
		.questions = questions, .question_count = 1};
	cJSON *meta = meta_of(&lesson, UINT64_MAX), *told;
	(void)state;
	told = cJSON_GetObjectItem(cJSON_GetObjectItem(meta, "lesson"), "title");
	assert_string_equal(cJSON_GetStringValue(told),
			    "</script><!--\x1b[2J\xEF\xBF\xBD\xE2\x80\xA8\"");
	cJSON_Delete(meta);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_lesson_is_told_with_its_wire_and_its_questions),
		cmocka_unit_test(test_what_a_lesson_leaves_open_is_left_out),
		cmocka_unit_test(test_a_capture_that_is_no_lesson_says_nothing_of_one),
		cmocka_unit_test(test_a_host_names_its_addresses_and_its_tap),
		cmocka_unit_test(test_the_story_stands_above_the_ladder_and_fits_its_width),
		cmocka_unit_test(test_a_story_is_never_wider_than_a_page),
		cmocka_unit_test(test_a_readers_own_lesson_can_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
