#include "../../support/cm.h"

#include "../../../src/cli/cli.h"

#include <string.h>

static bool parsed(const char *command, const char *words, struct options *options, struct err *err)
{
	static char line[400];
	static char *argv[40];
	int argc = 0;
	snprintf(line, sizeof(line), "%s %s", command, words);
	for (char *word = strtok(line, " "); word && argc < 39; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	memset(options, 0, sizeof(*options));
	memset(err, 0, sizeof(*err));
	return options_parse(command_find(command), argv, options, err);
}

static void test_options_and_words_may_stand_in_any_order(void **state)
{
	struct options options;
	struct err err;
	(void)state;
	assert_true(parsed("read", "a.pcap -o x.json --conv 3 b.pcap -o y.html", &options, &err));
	assert_int_equal(options.output_count, 2);
	assert_string_equal(options.outputs[1], "y.html");
	assert_int_equal(options.conv, 3);
	assert_int_equal(options.word_count, 2);
	assert_string_equal(options.words[1], "b.pcap");
}

static void test_an_option_of_another_command_is_refused(void **state)
{
	struct options options;
	struct err err;
	(void)state;
	assert_false(parsed("server", "tcp --conv 3", &options, &err));
	assert_int_equal(err.status, EXIT_USAGE);
	assert_string_equal(err.text,
			    "`wireladder server` has no option --conv: see `wireladder help server`");
}

static void test_sizes_and_times(void **state)
{
	struct options options;
	struct err err;
	(void)state;
	assert_true(parsed("read", "a --max-memory 64M --from 1.5 --to 2 --bytes all", &options, &err));
	assert_int_equal(options.max_memory_bytes, 64 << 20);
	assert_int_equal(options.from_ns, 1500 * NS_PER_MS);
	assert_int_equal(options.to_ns, 2 * NS_PER_S);
	assert_true(options.bytes.per_packet == UINT64_MAX);
}

static void test_a_clock_has_an_offset_and_perhaps_a_drift(void **state)
{
	struct options options;
	struct err err;
	(void)state;
	assert_true(parsed("read", "--ends a b --clock-offset -1.5", &options, &err));
	assert_int_equal(options.clock_offset_ns, -1500 * (int64_t)NS_PER_MS);
	assert_int_equal(options.clock_drift_ppb, 0);
	assert_true(parsed("read", "--ends a b --clock-offset 2,-50.25", &options, &err));
	assert_int_equal(options.clock_offset_ns, 2 * (int64_t)NS_PER_S);
	assert_int_equal(options.clock_drift_ppb, -50250);
}

static void test_numbers_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = {
		"a --conv 0", "a --conv -1", "a --clock-offset 1,", "a --clock-offset ,1",
		"a --clock-offset 1,2,3", "a --clock-offset 1,1001", "a --clock-offset 1,50ppm", "a --conv 4294967296", "a --conv x", "a --from 1s",
		"a --from .", "a --max-memory 1T", "a --max-memory 99999999999G", "a --bytes some",
		"a --times never", "a -c 0", "a --color blue",
	};
	struct options options;
	struct err err;
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		if (parsed("read", bad[i], &options, &err))
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(err.status, EXIT_USAGE);
		assert_non_null(strstr(err.text, "cannot be"));
	}
}

static void test_trailing_words_become_the_filter(void **state)
{
	struct options options;
	struct err err;
	(void)state;
	assert_true(parsed("read", "a.pcap tcp port 80", &options, &err));
	assert_true(options_filter_from(&options, 1, &err));
	assert_string_equal(options.filter, "tcp port 80");
	assert_int_equal(options.word_count, 1);
	options_close(&options);
	assert_true(parsed("read", "a.pcap -f udp tcp", &options, &err));
	assert_false(options_filter_from(&options, 1, &err));
	options_close(&options);
}

static void test_every_command_is_found_and_has_help(void **state)
{
	(void)state;
	for (const struct command *command = commands; command->name; command++) {
		assert_ptr_equal(command_find(command->name), command);
		assert_true(strlen(command->summary) > 0 && strlen(command->summary) < 80);
	}
	assert_null(command_find("nothing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_and_words_may_stand_in_any_order),
		cmocka_unit_test(test_an_option_of_another_command_is_refused),
		cmocka_unit_test(test_sizes_and_times),
		cmocka_unit_test(test_a_clock_has_an_offset_and_perhaps_a_drift),
		cmocka_unit_test(test_numbers_that_are_none_are_refused),
		cmocka_unit_test(test_trailing_words_become_the_filter),
		cmocka_unit_test(test_every_command_is_found_and_has_help),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
