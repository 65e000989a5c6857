/* What stands in a lesson's file is what the programs, the wire and the judge are given. */
#include "../../support/cm.h"

#include "../../../src/lab/lesson.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct lesson *read_text(const char *text)
{
	struct err err = {0};
	struct cursor cursor = cursor_init((const uint8_t *)text, strlen(text));
	struct lesson *lesson = lesson_read("my", "my.json", cursor, &err);
	if (!lesson)
		fail_msg("%s", err.text);
	return lesson;
}

#define HEAD "{\"title\": \"t\", \"story\": \"s\",\n"
#define PROGRAMS "\"programs\": [{\"host\": \"client\", \"steps\": [{\"socket\": \"tcp\"}]}]"
#define WITH(member) HEAD member ",\n" PROGRAMS "}"

static void test_the_least_lesson_has_defaults(void **state)
{
	struct lesson *lesson = read_text(HEAD PROGRAMS "}");
	(void)state;
	assert_string_equal(lesson->name, "my");
	assert_string_equal(lesson->group, "");
	assert_string_equal(lesson->programs[0].name, "client");
	assert_int_equal(lesson->limit_ns, 0);
	assert_int_equal(lesson->rule_count + lesson->expect_count + lesson->cite_count, 0);
	assert_int_equal(lesson->link[END_SERVER].delay_ns, 0);
	lesson_close(lesson);
	lesson_close(NULL);
}

static void test_a_story_in_pieces_has_a_line_for_each_sentence_that_ends_one(void **state)
{
	struct lesson *lesson = read_text("{\"title\": \"t\", \"story\": [\"One\", \"two.\", "
					  "\"Three\"], "
					  "\"cites\": [\"RFC 9293 3.5\", \"RFC 768\"], "
					  "\"limit_s\": 30, \"ipv6\": true, " PROGRAMS "}");
	(void)state;
	assert_string_equal(lesson->story, "One two.\nThree");
	assert_int_equal(lesson->cite_count, 2);
	assert_string_equal(lesson->cites[1], "RFC 768");
	assert_int_equal(lesson->limit_ns, 30 * NS_PER_S);
	assert_true(lesson->ipv6);
	lesson_close(lesson);
}

static void test_a_link_is_the_same_both_ways_or_each_its_own(void **state)
{
	struct lesson *lesson =
		read_text(WITH("\"link\": {\"delay_ms\": 0.5, \"rate_kbit\": 64, \"queue\": 3, "
			       "\"mtu\": 1000, \"stall\": {\"after_ms\": 7, \"for_ms\": 9}}"));
	(void)state;
	for (size_t i = 0; i < END_COUNT; i++) {
		assert_int_equal(lesson->link[i].delay_ns, 500000);
		assert_int_equal(lesson->link[i].rate_bits_per_s, 64000);
		assert_int_equal(lesson->link[i].queue_packets, 3);
		assert_int_equal(lesson->link[i].mtu, 1000);
		assert_int_equal(lesson->link[i].stall_from_ns, 7 * NS_PER_MS);
		assert_int_equal(lesson->link[i].stall_ns, 9 * NS_PER_MS);
	}
	lesson_close(lesson);
	lesson = read_text(WITH("\"link\": {\"to_server\": {\"delay_ms\": 10}}"));
	assert_int_equal(lesson->link[END_SERVER].delay_ns, 10 * NS_PER_MS);
	assert_int_equal(lesson->link[END_CLIENT].delay_ns, 0);
	lesson_close(lesson);
}

static void test_a_hosts_own_setting_comes_after_that_of_both(void **state)
{
	struct lesson *lesson = read_text(
		WITH("\"hosts\": {\"client\": {\"net.ipv4.tcp_sack\": \"1\"}, "
		     "\"both\": {\"net.ipv4.tcp_sack\": 0, \"net.core.rmem_max\": 4096}}"));
	const struct host_config *client = &lesson->hosts[END_CLIENT];
	(void)state;
	assert_int_equal(client->sysctl_count, 3);
	assert_string_equal(client->sysctls[0].value, "0");
	assert_string_equal(client->sysctls[1].value, "4096");
	assert_string_equal(client->sysctls[2].name, "net.ipv4.tcp_sack");
	assert_string_equal(client->sysctls[2].value, "1");
	assert_int_equal(lesson->hosts[END_SERVER].sysctl_count, 2);
	lesson_close(lesson);
}

static struct lesson *read_steps(const char *steps)
{
	static char text[4096];
	snprintf(text, sizeof(text), HEAD "\"programs\": [{\"host\": \"server\", \"name\": "
		 "\"p\", \"steps\": [\n%s]}]}", steps);
	return read_text(text);
}

static void test_each_kind_of_value_reaches_its_step(void **state)
{
	struct lesson *lesson = read_steps(
		"{\"socket\": \"udp6\", \"as\": \"a\"}, {\"bind\": \"7777\"}, {\"bind\": 7},\n"
		"{\"send\": 10000, \"repeat\": 5}, {\"send\": \"hi\", \"to\": \"server:7\"},\n"
		"{\"recv\": \"eof\", \"on\": \"a\"}, {\"setsockopt\": [\"TCP_NODELAY\", 1]},\n"
		"{\"setsockopt\": [\"TCP_CONGESTION\", \"reno\"]}, {\"echo\": [\"upper\", 3]},\n"
		"{\"connect\": \"[fd77::9]:7\", \"fails\": \"any\"}, {\"accept\": true}");
	const struct step *s = lesson->programs[0].steps;
	(void)state;
	assert_int_equal(lesson->programs[0].step_count, 11);
	assert_int_equal(lesson->programs[0].host, END_SERVER);
	assert_string_equal(s[0].text, "udp6");
	assert_string_equal(s[0].as, "a");
	assert_int_equal(s[0].number, -1);
	assert_int_equal(s[0].repeat, 1);
	assert_string_equal(s[1].text, "7777");
	assert_int_equal(s[2].number, 7);
	assert_int_equal(s[3].number, 10000);
	assert_int_equal(s[3].repeat, 5);
	assert_int_equal(s[3].line, 4);
	assert_string_equal(s[4].to, "server:7");
	assert_string_equal(s[5].on, "a");
	assert_string_equal(s[6].text, "TCP_NODELAY");
	assert_int_equal(s[6].number, 1);
	assert_string_equal(s[7].to, "reno");
	assert_int_equal(s[8].number, 3);
	assert_string_equal(s[8].text, "upper");
	assert_string_equal(s[9].fails, "any");
	assert_int_equal(s[10].kind, STEP_ACCEPT);
	assert_int_equal(s[10].line, 7);
	lesson_close(lesson);
}

/* The rule and its name in words. */
static void test_a_rule_is_named_by_what_it_does(void **state)
{
	static const struct {
		const char *rule, *text;
	} rules[] = {
		{"\"match\": \"data\", \"k\": 5, \"do\": \"drop\"", "drop data 5"},
		{"\"do\": \"drop\"", "drop any"},
		{"\"match\": \"data\", \"k\": 5, \"copy\": 2, \"do\": \"drop\"",
		 "drop data 5, copy 2"},
		{"\"match\": \"syn-ack\", \"k\": [3, 7], \"do\": \"corrupt\"",
		 "corrupt syn-ack 3-7"},
		{"\"k\": [3], \"do\": \"drop\"", "drop any 3 on"},
		{"\"match\": \"ack\", \"every\": 2, \"do\": \"delay\", \"ms\": 50",
		 "delay ack every 2 by 50 ms"},
		{"\"match\": \"data\", \"bytes\": [1000, 2000], \"do\": \"drop\"",
		 "drop data bytes 1000-2000"},
		{"\"match\": \"data\", \"bytes\": [1000], \"do\": \"drop\"",
		 "drop data bytes 1000 on"},
		{"\"do\": \"stall\", \"ms\": 0.5, \"k\": 1", "stall any 1 for 0.5 ms"},
		{"\"do\": \"hold\", \"by\": 3, \"match\": \"datagram\"", "hold datagram by 3"},
		{"\"do\": \"hold\"", "hold any by 1"},
		{"\"do\": \"duplicate\"", "duplicate any"},
		{"\"do\": \"duplicate\", \"by\": 2, \"port\": 7", "duplicate any by 2, port 7"},
		{"\"do\": \"mark-ce\", \"chance\": 0.01", "mark-ce any, chance 0.01"},
	};
	char text[512];
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rules); i++) {
		struct lesson *lesson;
		snprintf(text, sizeof(text), HEAD PROGRAMS ", \"wire\": [{\"to\": \"server\", "
			 "%s}]}", rules[i].rule);
		lesson = read_text(text);
		assert_string_equal(lesson->rules[0].text, rules[i].text);
		lesson_close(lesson);
	}
}

static void test_a_rules_conditions_reach_the_wire(void **state)
{
	struct lesson *lesson = read_text(
		WITH("\"wire\": [{\"to\": \"client\", \"match\": \"data\", \"k\": [3, 7], "
		     "\"every\": 2, \"bytes\": [1000, 2000], \"copy\": 2, \"chance\": 0.25, "
		     "\"port\": 7, \"do\": \"delay\", \"ms\": 50}, "
		     "{\"to\": \"both\", \"do\": \"hold\", \"by\": 3}]"));
	const struct wire_rule *rule = lesson->rules;
	(void)state;
	assert_int_equal(rule->match, WIRE_DATA);
	assert_true(rule->to[END_CLIENT]);
	assert_false(rule->to[END_SERVER]);
	assert_int_equal(rule->first, 3);
	assert_int_equal(rule->last, 7);
	assert_int_equal(rule->every, 2);
	assert_int_equal(rule->bytes[0], 1000);
	assert_int_equal(rule->bytes[1], 2000);
	assert_int_equal(rule->copy, 2);
	assert_int_equal(rule->chance_ppm, 250000);
	assert_int_equal(rule->port, 7);
	assert_int_equal(rule->deed, DEED_DELAY);
	assert_int_equal(rule->ns, 50 * NS_PER_MS);
	assert_int_equal(rule->by, 0);
	assert_true(rule[1].to[END_CLIENT] && rule[1].to[END_SERVER]);
	assert_int_equal(rule[1].match, WIRE_ANY);
	assert_int_equal(rule[1].bytes[0], -1);
	assert_int_equal(rule[1].by, 3);
	lesson_close(lesson);
}

static void test_expectations_are_sets_or_bounds(void **state)
{
	struct lesson *lesson = read_text(
		HEAD PROGRAMS ", \"wire\": [{\"to\": \"server\", \"k\": 2, \"do\": \"drop\"}], "
		"\"expect\": [{\"counter\": \"TcpOutRsts\", \"host\": \"server\", \"in\": [1, 3]},"
		"{\"wire\": \"drop any 2\", \"least\": 2},\n"
		"{\"state\": \"CLOSED\", \"end\": \"server\", \"conv\": 4, "
		"\"in\": [\"TIME-WAIT\", \"CLOSED\"]},"
		"{\"records\": \"lost\", \"least\": 1, \"most\": 2}]}");
	const struct expectation *e = lesson->expects;
	(void)state;
	assert_int_equal(lesson->expect_count, 4);
	assert_string_equal(e[0].what, "TcpOutRsts");
	assert_int_equal(e[0].host, END_SERVER);
	assert_int_equal(e[0].value_count, 2);
	assert_int_equal(e[0].numbers[1], 3);
	assert_string_equal(e[1].what, "drop any 2");
	assert_int_equal(e[1].value_count, 0);
	assert_int_equal(e[1].least, 2);
	assert_true(e[1].most == INT64_MAX);
	assert_int_equal(e[2].kind, EXPECT_STATE);
	assert_int_equal(e[2].conv, 4);
	assert_int_equal(e[2].value_count, 2);
	assert_string_equal(e[2].words[0], "CLOSED");
	assert_string_equal(e[2].words[1], "TIME-WAIT");
	assert_int_equal(e[2].line, 3);
	assert_int_equal(e[3].least, 1);
	assert_int_equal(e[3].most, 2);
	lesson_close(lesson);
}

/* Quotes, escapes, brackets in texts, keys far from their values: the lines stay right. */
static void test_lines_are_counted_through_everything_that_json_allows(void **state)
{
	struct lesson *lesson = read_text(
		"\n\n{\"title\": \"a \\\" ] } , : \\\\\", \"story\"\n:\n\"s\\n\\u00e9\",\r\n"
		"\"cites\": [],\"hosts\": {}, \"questions\": [{\"ask\": \"{\", \"answer\": "
		"\"[\"}],\n\"link\": {\"delay_ms\": 1e1}, \"programs\" : [ {\"host\": "
		"\"client\"\n, \"steps\": [ {\"socket\": \"tcp\"}\n,\n{\"listen\":1} ] } ] }\n");
	const struct step *steps = lesson->programs[0].steps;
	(void)state;
	assert_int_equal(steps[0].line, 8);
	assert_int_equal(steps[1].line, 10);
	assert_string_equal(lesson->story, "s\n\xC3\xA9");
	assert_string_equal(lesson->questions[0].answer, "[");
	lesson_close(lesson);
}

static void test_a_file_is_read_and_named_by_its_path(void **state)
{
	char path[] = "/tmp/wireladder-lesson-XXXXXX.json";
	const char text[] = HEAD "\"programs\": 3}";
	struct err err = {0};
	char wanted[120];
	int fd = mkstemps(path, 5);
	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	assert_null(lesson_open(path, &err));
	snprintf(wanted, sizeof(wanted), "%s, line 2: \"programs\" is a list, […]", path);
	assert_string_equal(err.text, wanted);
	assert_int_equal(err.status, EXIT_USAGE);
	assert_int_equal(ftruncate(fd, LESSON_BYTES + 1), 0);
	assert_null(lesson_open(path, &err));
	assert_non_null(strstr(err.text, "is longer than 262144 bytes"));
	close(fd);
	unlink(path);
	assert_null(lesson_open(path, &err));
	assert_non_null(strstr(err.text, "No such file"));
	assert_null(lesson_open("/", &err));
	assert_non_null(strstr(err.text, "Is a directory"));
}

static void test_a_lesson_has_its_files_name(void **state)
{
	char path[] = "/tmp/wireladder-lesson-XXXXXX.json";
	int fd = mkstemps(path, 5);
	struct lesson *lesson;
	struct err err = {0};
	(void)state;
	assert_true(fd >= 0);
	assert_true(write(fd, HEAD PROGRAMS "}", strlen(HEAD PROGRAMS "}")) > 0);
	lesson = lesson_open(path, &err);
	assert_non_null(lesson);
	path[strlen(path) - 5] = '\0';
	assert_string_equal(lesson->name, path + 5);
	path[strlen(path)] = '.';
	lesson_close(lesson);
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_least_lesson_has_defaults),
		cmocka_unit_test(test_a_story_in_pieces_has_a_line_for_each_sentence_that_ends_one),
		cmocka_unit_test(test_a_link_is_the_same_both_ways_or_each_its_own),
		cmocka_unit_test(test_a_hosts_own_setting_comes_after_that_of_both),
		cmocka_unit_test(test_each_kind_of_value_reaches_its_step),
		cmocka_unit_test(test_a_rule_is_named_by_what_it_does),
		cmocka_unit_test(test_a_rules_conditions_reach_the_wire),
		cmocka_unit_test(test_expectations_are_sets_or_bounds),
		cmocka_unit_test(test_lines_are_counted_through_everything_that_json_allows),
		cmocka_unit_test(test_a_file_is_read_and_named_by_its_path),
		cmocka_unit_test(test_a_lesson_has_its_files_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
