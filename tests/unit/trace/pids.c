#include "../../support/cm.h"

#include "../../../src/trace/pids.h"

struct thing {
	struct pid_item item;
	int value;
};

struct counted {
	struct pids *pids;
	size_t seen;
};

static void thing_drop(void *context, void *item)
{
	struct counted *counted = context;
	counted->seen++;
	pids_drop(counted->pids, item);
}

static void test_items_are_found_by_number_also_where_numbers_collide(void **state)
{
	static const pid_t numbers[] = {1, 2, 1 + PIDS_HEADS, 1 + 2 * PIDS_HEADS};
	struct pids pids;
	(void)state;
	pids_init(&pids, sizeof(struct thing));
	for (size_t i = 0; i < ARRAY_COUNT(numbers); i++)
		((struct thing *)pids_add(&pids, numbers[i]))->value = (int)i;
	pids_drop(&pids, pids_find(&pids, 1 + PIDS_HEADS)); /* from the middle of its row */
	assert_null(pids_find(&pids, 1 + PIDS_HEADS));
	assert_null(pids_find(&pids, 3));
	assert_int_equal(((struct thing *)pids_find(&pids, 1))->value, 0);
	assert_int_equal(((struct thing *)pids_find(&pids, 1 + 2 * PIDS_HEADS))->value, 3);
	pids_close(&pids);
}

static void test_each_may_drop_itself(void **state)
{
	struct counted counted = {0};
	struct pids pids;
	(void)state;
	pids_init(&pids, sizeof(struct thing));
	for (pid_t number = 1; number <= 3000; number++)
		assert_non_null(pids_add(&pids, number));
	counted.pids = &pids;
	pids_each(&pids, thing_drop, &counted);
	assert_int_equal(counted.seen, 3000);
	assert_null(pids_find(&pids, 1500));
	pids_close(&pids);
}

static void test_a_full_table_takes_no_more_until_one_goes(void **state)
{
	struct pids pids;
	(void)state;
	pids_init(&pids, sizeof(struct thing));
	for (pid_t number = 1; number <= PIDS_MAX; number++)
		assert_non_null(pids_add(&pids, number));
	assert_null(pids_add(&pids, PIDS_MAX + 1));
	pids_drop(&pids, pids_find(&pids, 7));
	assert_non_null(pids_add(&pids, PIDS_MAX + 1));
	pids_close(&pids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_items_are_found_by_number_also_where_numbers_collide),
		cmocka_unit_test(test_each_may_drop_itself),
		cmocka_unit_test(test_a_full_table_takes_no_more_until_one_goes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
