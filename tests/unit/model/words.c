#include "../../support/cm.h"

#include "wireladder/model.h"

#include <string.h>

static void test_flags_stand_in_the_order_of_the_records(void **state)
{
	char text[TCP_FLAGS_TEXT];
	(void)state;
	tcp_flags_text(0, " ", text);
	assert_string_equal(text, "");
	tcp_flags_text(TCP_ACK | TCP_SYN, " ", text);
	assert_string_equal(text, "SYN ACK");
	tcp_flags_text(0x1FF, " ", text);
	assert_string_equal(text, "SYN FIN RST PSH ACK URG ECE CWR AE");
}

static void test_addresses_are_written_by_rfc_5952(void **state)
{
	struct addr four = {4, {127, 0, 0, 1}}, six = {6, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};
	char text[ADDR_TEXT];
	(void)state;
	addr_text(&four, text);
	assert_string_equal(text, "127.0.0.1");
	assert_true(addr_is_loopback(&four));
	addr_text(&six, text);
	assert_string_equal(text, "2001:db8::1");
	assert_false(addr_is_loopback(&six));
	addr_text(&(struct addr){0}, text);
	assert_string_equal(text, "");
}

static void test_link_types_have_names(void **state)
{
	char text[LINKTYPE_TEXT];
	(void)state;
	linktype_text(1, text);
	assert_string_equal(text, "ETHERNET");
	linktype_text(276, text);
	assert_string_equal(text, "LINUX_SLL2");
	linktype_text(65535, text);
	assert_string_equal(text, "65535");
}

static void test_every_word_of_the_lists_is_there_and_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERDICT_COUNT; i++) {
		assert_non_null(glossary[i].text);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(glossary[i].id, glossary[k].id);
	}
	for (size_t i = 1; i < STATE_COUNT; i++)
		assert_true(strlen(state_words[i]) > 0);
	for (size_t i = 0; i < FLAW_COUNT; i++)
		assert_true(strlen(flaw_words[i]) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags_stand_in_the_order_of_the_records),
		cmocka_unit_test(test_addresses_are_written_by_rfc_5952),
		cmocka_unit_test(test_link_types_have_names),
		cmocka_unit_test(test_every_word_of_the_lists_is_there_and_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
