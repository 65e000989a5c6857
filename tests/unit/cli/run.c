/* What `run` makes of its command line, and what it takes for a look outside. */
#include "../../support/cm.h"

#include "../../../src/cli/run.h"

#include <stdlib.h>
#include <string.h>

#define WORDS(...) \
	(const char *const[]){__VA_ARGS__}, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)

static bool cut(struct run *run, struct options *options, const char *const *words, size_t count)
{
	struct err err;
	*options = (struct options){.words = words, .word_count = count,
				    .lesson = options->lesson};
	*run = (struct run){.options = options};
	return run_programs(run, &err);
}

static void test_a_programs_own_options_are_left_to_it(void **state)
{
	struct options options = {0};
	struct run run;
	(void)state;
	assert_true(cut(&run, &options, WORDS("/usr/bin/nc", "-l", "--lab", "7")));
	assert_int_equal(run.count, 1);
	assert_string_equal(run.programs[0].name, "nc");
	assert_string_equal(run.programs[0].argv[2], "--lab");
	assert_null(run.programs[0].argv[4]);
	assert_false(run.programs[0].waits);
	free(run.words);
}

static void test_the_second_of_two_is_the_client_and_waits(void **state)
{
	struct options options = {0};
	struct run run;
	(void)state;
	assert_true(cut(&run, &options, WORDS("a", "x", "--and", "b")));
	assert_string_equal(run.programs[0].name, "server");
	assert_string_equal(run.programs[1].name, "client");
	assert_null(run.programs[0].argv[2]);
	assert_string_equal(run.programs[1].argv[0], "b");
	assert_true(run.programs[1].waits && !run.programs[1].has_host);
	free(run.words);
}

static void test_in_the_lab_each_has_its_host(void **state)
{
	struct options options = {.lesson = "fin"};
	struct run run;
	(void)state;
	assert_true(cut(&run, &options, WORDS("a", "--and", "b")));
	assert_true(run.programs[0].has_host && run.programs[0].host == END_SERVER);
	assert_true(run.programs[1].has_host && run.programs[1].host == END_CLIENT);
	free(run.words);
}

static void test_three_have_their_own_names(void **state)
{
	struct options options = {0};
	struct run run;
	(void)state;
	assert_true(cut(&run, &options, WORDS("./a", "--and", "b", "--and", "c")));
	assert_int_equal(run.count, 3);
	assert_string_equal(run.programs[0].name, "a");
	assert_string_equal(run.programs[2].name, "c");
	free(run.words);
}

static void test_a_program_must_be_named(void **state)
{
	struct options options = {0};
	struct run run;
	(void)state;
	assert_false(cut(&run, &options, NULL, 0));
	free(run.words);
	assert_false(cut(&run, &options, WORDS("a", "--and")));
	free(run.words);
	assert_false(cut(&run, &options, WORDS("--and", "a")));
	free(run.words);
}

static struct event call_of(enum call_kind kind, const char *error, uint16_t port)
{
	return (struct event){.kind = EVENT_CALL,
			      .call = {.kind = kind, .error = error,
				       .ends = {.peer_port = port}}};
}

static void test_no_way_there_is_a_look_outside(void **state)
{
	struct run run = {0};
	struct event refused = call_of(CALL_CONNECT, "ECONNREFUSED", 80);
	struct event unreachable = call_of(CALL_CONNECT, "ENETUNREACH", 80);
	(void)state;
	run_hear(&run, &refused);
	assert_false(run.lookups.unreachable || run.lookups.asked);
	run_hear(&run, &unreachable);
	assert_true(run.lookups.unreachable);
}

static void test_a_name_server_that_answers_is_inside(void **state)
{
	struct run run = {0};
	struct event asks = call_of(CALL_SENDTO, NULL, 53);
	struct event answer = {.kind = EVENT_PACKET};
	(void)state;
	run_hear(&run, &asks);
	assert_true(run.lookups.asked && !run.lookups.answered);
	answer.packet.segment.ends.sport = 53;
	run_hear(&run, &answer);
	assert_true(run.lookups.answered);
}

static void test_the_status_and_the_sentence_of_a_program_that_did_not_begin(void **state)
{
	const struct traced_end missing = {.ended = true, .status = 127, .why = "no such"};
	const struct traced_end ended = {.begun = true, .ended = true, .status = 143};
	struct err err = {0};
	(void)state;
	assert_int_equal(run_status(&ended, &err), 143);
	assert_string_equal(err.text, "");
	assert_int_equal(run_status(&missing, &err), 127);
	assert_string_equal(err.text, "no such");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_programs_own_options_are_left_to_it),
		cmocka_unit_test(test_the_second_of_two_is_the_client_and_waits),
		cmocka_unit_test(test_in_the_lab_each_has_its_host),
		cmocka_unit_test(test_three_have_their_own_names),
		cmocka_unit_test(test_a_program_must_be_named),
		cmocka_unit_test(test_no_way_there_is_a_look_outside),
		cmocka_unit_test(test_a_name_server_that_answers_is_inside),
		cmocka_unit_test(
			test_the_status_and_the_sentence_of_a_program_that_did_not_begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
