#include "../../support/cm.h"

#include "wireladder/base.h"

#include <stdio.h>
#include <string.h>

static void test_cursor_reads_in_network_order(void **state)
{
	static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7};
	struct cursor c = cursor_init(bytes, sizeof(bytes));
	(void)state;
	assert_int_equal(cursor_u8(&c), 1);
	assert_int_equal(cursor_u16(&c), 0x0203);
	assert_int_equal(cursor_u32(&c), 0x04050607);
	assert_int_equal(cursor_left(&c), 0);
	assert_false(c.failed);
}

static void test_cursor_remembers_that_it_ran_off_the_end(void **state)
{
	static const uint8_t bytes[] = {0xFF, 0xFF, 0xFF};
	struct cursor c = cursor_init(bytes, sizeof(bytes)), sub;
	(void)state;
	assert_int_equal(cursor_u32(&c), 0);
	assert_true(c.failed);
	assert_int_equal(cursor_u8(&c), 0);
	c = cursor_init(bytes, sizeof(bytes));
	sub = cursor_sub(&c, 5);
	assert_true(sub.failed);
	assert_true(c.failed);
	c = cursor_init(bytes, sizeof(bytes));
	assert_false(cursor_skip(&c, SIZE_MAX));
}

static void test_sequence_numbers_lie_on_a_circle(void **state)
{
	(void)state;
	assert_int_equal(seq_diff(5, 0xFFFFFFFB), 10);
	assert_int_equal(seq_diff(0xFFFFFFFB, 5), -10);
	assert_int_equal(seq_diff(7, 7), 0);
}

static void test_sentence_hides_nothing_and_ends_whole(void **state)
{
	struct err err;
	char name[600];
	(void)state;
	assert_false(err_set(&err, EXIT_USAGE, "no file '%s'", "a\x1b[31m\n\xff"));
	assert_string_equal(err.text, "no file 'a\\x1b[31m\\n\\xff'");
	memset(name, 'x', sizeof(name));
	memcpy(name + 398, "\xc3\xa4\xc3\xa4", 4);
	name[599] = '\0';
	err_set(&err, EXIT_USAGE, "%s", name);
	assert_int_equal(strlen(err.text), 398);
	err_set(NULL, EXIT_USAGE, "nobody wants to know");
}

static void visible(const char *bytes, size_t count, const char *expected)
{
	struct buf buf = {0};
	text_add_visible(&buf, bytes, count);
	assert_int_equal(buf.len, strlen(expected));
	assert_memory_equal(buf.at, expected, buf.len);
	buf_close(&buf);
}

#define VISIBLE(bytes, expected) visible(bytes, sizeof(bytes) - 1, expected)

static void test_hostile_bytes_are_made_visible(void **state)
{
	(void)state;
	VISIBLE("GET / \x1b[2J", "GET / \\x1b[2J");
	VISIBLE("a\0b\r\n", "a\\x00b\\r\\n");
	VISIBLE("\xc2\x9b" "31m", "\\u{9b}31m");               /* CSI as one C1 character */
	VISIBLE("\xe2\x80\xae" "abc", "\\u{202e}abc");         /* right-to-left override */
	VISIBLE("\xc0\xaf", "\\xc0\\xaf");                     /* overlong '/' */
	VISIBLE("\xed\xa0\x80", "\\xed\\xa0\\x80");            /* half a surrogate pair */
	VISIBLE("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");   /* beyond Unicode */
	VISIBLE("\xe2\x82", "\\xe2\\x82");                     /* cut short */
	VISIBLE("\xe2\x82\xac \xf0\x9f\x99\x82", "\xe2\x82\xac \xf0\x9f\x99\x82");
}

static void test_time_is_written_as_rfc_3339(void **state)
{
	char text[31];
	(void)state;
	clock_rfc3339(0, text);
	assert_string_equal(text, "1970-01-01T00:00:00.000000000Z");
	clock_rfc3339(UINT64_C(1700000000) * NS_PER_S + 7, text);
	assert_string_equal(text, "2023-11-14T22:13:20.000000007Z");
	clock_rfc3339(UINT64_MAX, text);
	assert_int_equal(strlen(text), 30);
}

static void test_pool_reuses_what_was_given_back(void **state)
{
	struct pool pool;
	uint32_t first, second;
	(void)state;
	pool_init(&pool, 12, 2);
	first = pool_take(&pool);
	second = pool_take(&pool);
	memset(pool_at(&pool, second), 0xAA, 12);
	assert_int_not_equal(first, second);
	assert_int_equal(pool_take(&pool), 0);
	pool_give(&pool, second);
	assert_int_equal(pool_take(&pool), second);
	assert_int_equal(*(uint64_t *)pool_at(&pool, second), 0);
	pool_close(&pool);
}

static void test_pool_items_do_not_move(void **state)
{
	struct pool pool;
	uint32_t first;
	void *place;
	(void)state;
	pool_init(&pool, 8, 0);
	first = pool_take(&pool);
	place = pool_at(&pool, first);
	for (size_t i = 0; i < 10 * POOL_CHUNK; i++)
		assert_int_not_equal(pool_take(&pool), 0);
	assert_ptr_equal(pool_at(&pool, first), place);
	pool_close(&pool);
}

static void test_buffer_grows_and_refuses_what_cannot_be(void **state)
{
	struct buf buf = {0};
	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_printf(&buf, "%d,", i);
	assert_int_equal(buf.len, 10 * 2 + 90 * 3 + 900 * 4);
	assert_memory_equal(buf.at, "0,1,2,", 6);
	assert_false(buf_reserve(&buf, SIZE_MAX / 2));
	assert_true(buf.failed);
	assert_false(buf_add(&buf, "x", 1));
	buf_close(&buf);
	assert_true(buf_add(&buf, "x", 1));
	buf_close(&buf);
}

static void test_hash_depends_on_every_byte_and_the_seed(void **state)
{
	uint8_t bytes[37] = {0};
	uint64_t before = hash_bytes(bytes, sizeof(bytes), 1);
	(void)state;
	assert_true(before != hash_bytes(bytes, sizeof(bytes), 2));
	assert_true(before != hash_bytes(bytes, sizeof(bytes) - 1, 1));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] ^= 1;
		assert_true(before != hash_bytes(bytes, sizeof(bytes), 1));
		bytes[i] ^= 1;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cursor_reads_in_network_order),
		cmocka_unit_test(test_cursor_remembers_that_it_ran_off_the_end),
		cmocka_unit_test(test_sequence_numbers_lie_on_a_circle),
		cmocka_unit_test(test_sentence_hides_nothing_and_ends_whole),
		cmocka_unit_test(test_hostile_bytes_are_made_visible),
		cmocka_unit_test(test_time_is_written_as_rfc_3339),
		cmocka_unit_test(test_pool_reuses_what_was_given_back),
		cmocka_unit_test(test_pool_items_do_not_move),
		cmocka_unit_test(test_buffer_grows_and_refuses_what_cannot_be),
		cmocka_unit_test(test_hash_depends_on_every_byte_and_the_seed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
