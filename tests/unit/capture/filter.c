#include "../../support/cm.h"

#include "wireladder/capture.h"

#include <string.h>

/* 10.0.0.1:1234 -> 10.0.0.2:80, TCP SYN; the Ethernet header is the first 14 bytes. */
static const uint8_t syn[54] = {2,    0, 0,  0,  0,    2, 2, 0,   0,  0,  0, 1, 8,  0,
				0x45, 0, 0,  40, 0,    1, 0, 0,   64, 6,  0, 0, 10, 0,
				0,    1, 10, 0,  0,    2, 4, 210, 0,  80, 0, 0, 0,  1,
				0,    0, 0,  0,  0x50, 2, 2, 0,   0,  0,  0, 0};

static const struct frame ethernet = {
	.bytes = syn, .caplen = sizeof(syn), .len = sizeof(syn), .linktype = 1};
static const struct frame raw = {.bytes = syn + 14,
				 .caplen = sizeof(syn) - 14,
				 .len = sizeof(syn) - 14,
				 .linktype = 101};

static bool matches(const char *expression, const struct frame *frame)
{
	struct err err = {0};
	struct filter *filter = filter_open(expression, &err);
	bool result = false;
	assert_non_null(filter);
	assert_true(filter_matches(filter, frame, &result, &err));
	filter_close(filter);
	return result;
}

static void test_the_language_is_tcpdumps(void **state)
{
	(void)state;
	assert_true(matches("tcp port 80", &ethernet));
	assert_true(matches("", &ethernet));
	assert_true(matches("host 10.0.0.1 and tcp[tcpflags] & tcp-syn != 0", &ethernet));
	assert_true(matches("net 10.0.0.0/8", &ethernet));
	assert_false(matches("udp or port 81", &ethernet));
	assert_true(matches("ether host 02:00:00:00:00:01", &ethernet));
}

static void test_one_filter_serves_several_link_types(void **state)
{
	struct err err = {0};
	struct filter *filter = filter_open("src host 10.0.0.1", &err);
	bool result;
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		result = false;
		assert_true(filter_matches(filter, i % 2 ? &raw : &ethernet, &result, &err));
		assert_true(result);
	}
	filter_close(filter);
}

static void test_what_one_link_type_does_not_have_is_said_when_it_is_met(void **state)
{
	struct err err = {0};
	struct filter *filter = filter_open("ether host 02:00:00:00:00:01", &err);
	bool result = false;
	(void)state;
	assert_true(filter_matches(filter, &ethernet, &result, &err));
	assert_true(result);
	assert_false(filter_matches(filter, &raw, &result, &err));
	assert_int_equal(err.status, EXIT_USAGE);
	assert_non_null(strstr(err.text, "cannot be used on packets of link type RAW"));
	filter_close(filter);
}

static void test_a_wrong_expression_is_quoted_with_the_reason(void **state)
{
	struct err err = {0};
	(void)state;
	assert_null(filter_open("tcp prot 80", &err));
	assert_int_equal(err.status, EXIT_USAGE);
	assert_non_null(strstr(err.text, "`tcp prot 80`"));
	assert_non_null(strstr(err.text, "syntax error"));
}

static void test_names_are_not_looked_up(void **state)
{
	struct err err = {0};
	(void)state;
	assert_null(filter_open("host wireladder.example", &err));
	assert_int_equal(err.status, EXIT_USAGE);
	assert_non_null(strstr(err.text, "give an address"));
}

static void test_an_endless_expression_is_refused(void **state)
{
	static char expression[70000];
	struct err err = {0};
	(void)state;
	memset(expression, '(', sizeof(expression) - 1);
	assert_null(filter_open(expression, &err));
	assert_int_equal(err.status, EXIT_USAGE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_language_is_tcpdumps),
		cmocka_unit_test(test_one_filter_serves_several_link_types),
		cmocka_unit_test(test_what_one_link_type_does_not_have_is_said_when_it_is_met),
		cmocka_unit_test(test_a_wrong_expression_is_quoted_with_the_reason),
		cmocka_unit_test(test_names_are_not_looked_up),
		cmocka_unit_test(test_an_endless_expression_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
