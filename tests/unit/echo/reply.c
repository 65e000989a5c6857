#include "../../support/cm.h"

#include "../../../src/echo/reply.h"

#include <string.h>

static void assert_reply(enum echo_reply reply, const char *message, const char *answer)
{
	uint8_t bytes[128];
	size_t count = strlen(message);
	const uint8_t *got;
	memcpy(bytes, message, count);
	got = reply_make(reply, bytes, &count);
	assert_int_equal(count, strlen(answer));
	assert_memory_equal(got, answer, count);
}

static void test_echo_is_the_same_bytes(void **state)
{
	(void)state;
	assert_reply(REPLY_ECHO, "", "");
	assert_reply(REPLY_ECHO, "Hello\r\n\x80\xff", "Hello\r\n\x80\xff");
}

static void test_upper_changes_ascii_letters_only(void **state)
{
	(void)state;
	assert_reply(REPLY_UPPER, "`az{ AZ 09\n", "`AZ{ AZ 09\n");
	assert_reply(REPLY_UPPER, "gr\xc3\xbc\xc3\x9f" "e", "GR\xc3\xbc\xc3\x9f" "E");
}

static void test_receipt_ends_its_line_if_the_message_does(void **state)
{
	(void)state;
	assert_reply(REPLY_THANKS, "hello", "Got your message, thank you");
	assert_reply(REPLY_THANKS, "hello\n", "Got your message, thank you\n");
	assert_reply(REPLY_THANKS, "", "Got your message, thank you");
}

static void test_every_reply_is_known_by_its_name(void **state)
{
	static const enum echo_reply all[] = {REPLY_ECHO, REPLY_UPPER, REPLY_THANKS,
					      REPLY_CHAT};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(all); i++) {
		enum echo_reply found = REPLY_ECHO;
		assert_true(echo_reply_parse(reply_name(all[i]), &found));
		assert_int_equal(found, all[i]);
	}
}

static void test_unknown_reply_is_refused(void **state)
{
	enum echo_reply found;
	(void)state;
	assert_false(echo_reply_parse("", &found));
	assert_false(echo_reply_parse("Echo", &found));
	assert_false(echo_reply_parse("echoes", &found));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo_is_the_same_bytes),
		cmocka_unit_test(test_upper_changes_ascii_letters_only),
		cmocka_unit_test(test_receipt_ends_its_line_if_the_message_does),
		cmocka_unit_test(test_every_reply_is_known_by_its_name),
		cmocka_unit_test(test_unknown_reply_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
