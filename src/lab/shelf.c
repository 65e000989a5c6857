#include "shelf.h"

#include <string.h>

#include "lesson.h"

/* Made by shelf.sh. */
extern const struct shelf_lesson shelf_lessons[];
extern const size_t shelf_lessons_count;

extern const uint8_t shipped_client[], shipped_client_end[];
extern const uint8_t shipped_server[], shipped_server_end[];

#define SHELF_MAX 256

const uint8_t *lesson_shipped(enum end host, size_t *count)
{
	static const uint8_t *const begins[] = {shipped_client, shipped_server};
	static const uint8_t *const ends[] = {shipped_client_end, shipped_server_end};
	*count = (size_t)(ends[host] - begins[host]);
	return begins[host];
}

const struct shelf_lesson *lesson_shelf(size_t *count)
{
	*count = shelf_lessons_count;
	return shelf_lessons;
}

const struct shelf_lesson *shelf_find(const char *name)
{
	size_t count;
	const struct shelf_lesson *lessons = lesson_shelf(&count);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(lessons[i].name, name) == 0)
			return &lessons[i];
	}
	return NULL;
}

bool shelf_unknown(const char *name, struct err *err)
{
	const char *names[SHELF_MAX], *nearest;
	struct words words = {names, 0};
	size_t count;
	const struct shelf_lesson *lessons = lesson_shelf(&count);
	for (; words.count < count && words.count < SHELF_MAX; words.count++)
		names[words.count] = lessons[words.count].name;
	nearest = words_nearest(&words, name);
	return err_set(err, EXIT_USAGE,
		       "there is no lesson \"%.60s\"%s%s%s: wireladder lab --list "
		       "names them, and one of your own is named by its file",
		       name, nearest ? " (did you mean \"" : "", nearest ? nearest : "",
		       nearest ? "\"?)" : "");
}
