/* A directory with a few files, and sessions written to them. */
#ifndef TESTS_OUT_PLACE_H
#define TESTS_OUT_PLACE_H

#include "events.h"

/* A directory with room for a few files. */
struct place {
	char directory[64], a[96], b[96], c[96];
};

static inline int place_open(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	assert_non_null(place);
	snprintf(place->directory, sizeof(place->directory), "/tmp/wireladder-out-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	snprintf(place->a, sizeof(place->a), "%s/a", place->directory);
	snprintf(place->b, sizeof(place->b), "%s/b", place->directory);
	snprintf(place->c, sizeof(place->c), "%s/c", place->directory);
	*state = place;
	return 0;
}

/* Fails when something is left that no test knows of: a temporary file, say. */
static inline int place_close(void **state)
{
	struct place *place = *state;
	int left;
	unlink(place->a);
	unlink(place->b);
	unlink(place->c);
	left = rmdir(place->directory);
	free(place);
	return left;
}

static inline struct output *output_to(const char *path, const char *format)
{
	return opened(&(struct output_config){.path = path, .format = format});
}

static inline void write_session(const char *path, const char *format)
{
	struct output *output = output_to(path, format);
	meta(output);
	echo_session(output);
	closed(output, 1, 10);
	summary(output, 10);
	ended(output);
}

static inline void write_text(const char *path, const char *text, size_t count)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, count, file), count);
	assert_int_equal(fclose(file), 0);
}

static inline void assert_same_files(const char *a, const char *b)
{
	char *left = file_text(a), *right = file_text(b);
	assert_string_equal(left, right);
	assert_true(left[0] != '\0');
	free(left);
	free(right);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, place_open, place_close)

#endif
