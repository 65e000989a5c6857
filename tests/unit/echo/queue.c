#include "../../support/cm.h"

#include "../../../src/echo/queue.h"

#include <string.h>

static void test_bytes_leave_in_the_order_they_came(void **state)
{
	struct queue queue = {.start = 0};
	uint8_t next_in = 0, next_out = 0;
	(void)state;
	for (int round = 0; round < 5000; round++) {
		uint8_t bytes[100];
		size_t drop;
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = next_in++;
		assert_true(queue_add(&queue, bytes, sizeof(bytes)));
		drop = round % 7 == 0 ? queue_count(&queue) : queue_count(&queue) / 3;
		for (size_t i = 0; i < drop; i++)
			assert_int_equal((uint8_t)queue_bytes(&queue)[i], next_out++);
		queue_drop(&queue, drop);
	}
	queue_close(&queue);
}

static void test_empty_queue_holds_no_memory(void **state)
{
	struct queue queue = {.start = 0};
	(void)state;
	assert_true(queue_add(&queue, "hello", 5));
	queue_drop(&queue, 2);
	assert_non_null(queue.buf.at);
	queue_drop(&queue, 3);
	assert_null(queue.buf.at);
	assert_int_equal(queue_count(&queue), 0);
}

/* Whoever reads all the time, but always too late, must not make the queue grow. */
static void test_steady_use_does_not_grow_the_memory(void **state)
{
	static const char bytes[1000];
	struct queue queue = {.start = 0};
	(void)state;
	assert_true(queue_add(&queue, bytes, sizeof(bytes)));
	for (int round = 0; round < 10000; round++) {
		assert_true(queue_add(&queue, bytes, sizeof(bytes)));
		queue_drop(&queue, sizeof(bytes));
	}
	assert_true(queue.buf.cap <= 8 * sizeof(bytes));
	queue_close(&queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_leave_in_the_order_they_came),
		cmocka_unit_test(test_empty_queue_holds_no_memory),
		cmocka_unit_test(test_steady_use_does_not_grow_the_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
