/* The shelf inside the program: captures/lessons/SHELF in its order, every lesson readable and
 * of the form that the schema describes. */
#include "../../support/cm.h"

#include "../../../src/lab/lesson.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The next name in SHELF and the group's heading above it; false at the end. */
static bool shelf_next(FILE *file, char name[static 100], char group[static 100])
{
	while (fgets(name, 100, file)) {
		name[strcspn(name, "\n")] = '\0';
		if (strncmp(name, "# ", 2) == 0)
			snprintf(group, 100, "%.97s", name + 2);
		else if (name[0] != '\0')
			return true;
	}
	return false;
}

static void test_the_shelf_is_in_the_order_of_its_list_and_by_groups(void **state)
{
	FILE *file = fopen("captures/lessons/SHELF", "r");
	char name[100], group[100] = "";
	size_t count, seen = 0;
	const struct shelf_lesson *shelf = lesson_shelf(&count);
	(void)state;
	assert_non_null(file);
	while (shelf_next(file, name, group)) {
		struct err err = {0};
		struct lesson *lesson = lesson_open(name, &err);
		assert_true(seen < count);
		assert_string_equal(shelf[seen++].name, name);
		assert_non_null(lesson);
		assert_string_equal(lesson->group, group);
		lesson_close(lesson);
	}
	fclose(file);
	assert_int_equal(seen, count);
	assert_true(count > 0);
}

static void test_every_lesson_of_the_shelf_tells_and_expects_something(void **state)
{
	size_t count;
	const struct shelf_lesson *shelf = lesson_shelf(&count);
	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct err err = {0};
		struct lesson *lesson = lesson_open(shelf[i].name, &err);
		if (!lesson)
			fail_msg("%s", err.text);
		assert_string_equal(lesson->name, shelf[i].name);
		assert_true(strlen(lesson->story) > 100);
		assert_true(lesson->cite_count > 0 && lesson->expect_count > 0);
		assert_true(strcmp(lesson->group, "First steps") != 0 ||
			    lesson->question_count > 0);
		lesson_close(lesson);
	}
}

static void test_the_programs_text_is_that_of_the_file(void **state)
{
	static char text[LESSON_BYTES];
	size_t count, length;
	const struct shelf_lesson *shelf = lesson_shelf(&count);
	(void)state;
	for (size_t i = 0; i < count; i++) {
		char path[200];
		FILE *file;
		snprintf(path, sizeof(path), "captures/lessons/%s.json", shelf[i].name);
		file = fopen(path, "r");
		assert_non_null(file);
		length = fread(text, 1, sizeof(text), file);
		fclose(file);
		assert_int_equal(length, shelf[i].length);
		assert_memory_equal(text, shelf[i].text, length);
		assert_int_equal(shelf[i].text[length], '\0');
	}
}

static void test_a_name_that_is_not_on_the_shelf_is_told_with_the_nearest(void **state)
{
	struct err err = {0};
	(void)state;
	assert_null(lesson_open("fast-retransmitt", &err));
	assert_int_equal(err.status, EXIT_USAGE);
	assert_string_equal(err.text, "there is no lesson \"fast-retransmitt\" (did you mean "
			    "\"fast-retransmit\"?): wireladder lab --list names them, and one "
			    "of your own is named by its file");
	assert_null(lesson_open("quic", &err));
	assert_null(strstr(err.text, "did you mean"));
}

/* The schema is what other programs rely on: the shelf fits it, and it lets no unknown key pass. */
static void test_the_shelf_fits_the_schema(void **state)
{
	(void)state;
	assert_int_equal(system("/usr/bin/python3 tests/support/validate_lessons.py "
				"captures/lessons/*.json"), 0);
}

static const cJSON *schema_at(const cJSON *at, const char *const *path)
{
	for (; *path; path++)
		at = cJSON_GetObjectItemCaseSensitive(at, *path);
	return at;
}
#define AT(...) (const char *const[]){__VA_ARGS__, NULL}

static void assert_has_words(const cJSON *list, const char *const *words, size_t count)
{
	size_t found = 0;
	const cJSON *item;
	cJSON_ArrayForEach(item, list)
	{
		for (size_t i = 0; i < count; i++)
			found += strcmp(item->valuestring, words[i]) == 0;
	}
	assert_int_equal(found, cJSON_GetArraySize(list));
	assert_true(found > 0);
}

/* Words that stand in C and in the schema are the same. */
static void test_the_schema_knows_the_same_words(void **state)
{
	static char text[LESSON_BYTES];
	FILE *file = fopen("src/lab/lesson.schema.json", "r");
	size_t length = file ? fread(text, 1, sizeof(text), file) : 0;
	cJSON *schema = cJSON_ParseWithLength(text, length);
	const cJSON *steps, *list;
	(void)state;
	assert_non_null(schema);
	steps = schema_at(schema, AT("$defs", "step", "properties"));
	for (size_t i = 0; i < STEP_COUNT; i++)
		assert_non_null(cJSON_GetObjectItemCaseSensitive(steps, step_words[i]));
	assert_int_equal(cJSON_GetArraySize(steps), STEP_COUNT + 5);
	assert_int_equal(cJSON_GetArraySize(schema_at(schema, AT("$defs", "step", "oneOf"))),
			 STEP_COUNT);
	list = schema_at(schema, AT("$defs", "rule", "properties", "match", "enum"));
	assert_has_words(list, wire_match_words, WIRE_MATCH_COUNT);
	assert_int_equal(cJSON_GetArraySize(list), WIRE_MATCH_COUNT);
	list = schema_at(schema, AT("$defs", "rule", "properties", "do", "enum"));
	assert_has_words(list, wire_deed_words, DEED_COUNT);
	list = cJSON_GetArrayItem(schema_at(schema, AT("$defs", "expectation", "oneOf")), 3);
	list = schema_at(list, AT("properties", "state", "enum"));
	assert_has_words(list, state_words, STATE_COUNT);
	assert_int_equal(cJSON_GetArraySize(list), STATE_COUNT - 1); /* not the unknown one */
	cJSON_Delete(schema);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_shelf_is_in_the_order_of_its_list_and_by_groups),
		cmocka_unit_test(test_every_lesson_of_the_shelf_tells_and_expects_something),
		cmocka_unit_test(test_the_programs_text_is_that_of_the_file),
		cmocka_unit_test(test_a_name_that_is_not_on_the_shelf_is_told_with_the_nearest),
		cmocka_unit_test(test_the_shelf_fits_the_schema),
		cmocka_unit_test(test_the_schema_knows_the_same_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
