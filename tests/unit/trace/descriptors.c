/* Nothing is believed of a descriptor that may have been closed. */
#include "../../support/cm.h"

#include "../../../src/trace/descriptors.h"

#include <stdlib.h>

#define PID   100
#define OTHER 200

static int known_open(void **state)
{
	*state = calloc(1, sizeof(struct descriptors));
	return *state ? 0 : -1;
}

static int known_close(void **state)
{
	free(*state);
	return 0;
}

static void test_a_descriptor_is_what_it_was(void **state)
{
	struct descriptors *known = *state;
	descriptors_learn(known, PID, 3, 77);
	descriptors_learn(known, OTHER, 3, 78);
	descriptors_learn(known, PID, 3 + DESCRIPTOR_SETS, 79);
	assert_int_equal(descriptors_find(known, PID, 3), 77);
	assert_int_equal(descriptors_find(known, OTHER, 3), 78);
	assert_int_equal(descriptors_find(known, PID, 3 + DESCRIPTOR_SETS), 79);
	assert_int_equal(descriptors_find(known, PID, 4), 0);
}

static void test_a_close_makes_it_unknown_in_every_process(void **state)
{
	struct descriptors *known = *state;
	descriptors_learn(known, PID, 3, 77);
	descriptors_learn(known, OTHER, 3, 78);
	descriptors_learn(known, PID, 4, 79);
	descriptors_closing(known, 3);
	assert_int_equal(descriptors_find(known, PID, 3), 0);
	assert_int_equal(descriptors_find(known, OTHER, 3), 0);
	assert_int_equal(descriptors_find(known, PID, 4), 79);
}

static void test_while_one_closes_nothing_is_learnt(void **state)
{
	struct descriptors *known = *state;
	descriptors_closing(known, 3);
	descriptors_closing(known, 5);
	descriptors_learn(known, PID, 3, 77);
	descriptors_closed(known);
	descriptors_learn(known, PID, 3, 77);
	assert_int_equal(descriptors_find(known, PID, 3), 0);
	descriptors_closed(known);
	descriptors_learn(known, PID, 3, 77);
	assert_int_equal(descriptors_find(known, PID, 3), 77);
}

static void test_a_close_that_nobody_awaits_ends_all_certainty(void **state)
{
	struct descriptors *known = *state;
	descriptors_learn(known, PID, 3, 77);
	descriptors_lose(known, 4); /* was not known: nothing is lost */
	assert_int_equal(descriptors_find(known, PID, 3), 77);
	descriptors_lose(known, 3);
	assert_int_equal(descriptors_find(known, PID, 3), 0);
	descriptors_learn(known, PID, 3, 77);
	assert_int_equal(descriptors_find(known, PID, 3), 0);
}

static void test_a_process_that_ends_leaves_the_others_theirs(void **state)
{
	struct descriptors *known = *state;
	descriptors_learn(known, PID, 3, 77);
	descriptors_learn(known, OTHER, 3, 78);
	descriptors_forget(known, PID);
	assert_int_equal(descriptors_find(known, PID, 3), 0);
	assert_int_equal(descriptors_find(known, OTHER, 3), 78);
}

static void test_of_many_processes_the_latest_are_known(void **state)
{
	struct descriptors *known = *state;
	for (int i = 0; i < DESCRIPTOR_WAYS + 1; i++)
		descriptors_learn(known, PID + i, 3, 77 + (uint64_t)i);
	assert_int_equal(descriptors_find(known, PID, 3), 0);
	assert_int_equal(descriptors_find(known, PID + 1, 3), 78);
	assert_int_equal(descriptors_find(known, PID + DESCRIPTOR_WAYS, 3),
			 77 + DESCRIPTOR_WAYS);
}

#define T(name) cmocka_unit_test_setup_teardown(name, known_open, known_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_descriptor_is_what_it_was),
		T(test_a_close_makes_it_unknown_in_every_process),
		T(test_while_one_closes_nothing_is_learnt),
		T(test_a_close_that_nobody_awaits_ends_all_certainty),
		T(test_a_process_that_ends_leaves_the_others_theirs),
		T(test_of_many_processes_the_latest_are_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
