/* The lines that events make, read back. */
#ifndef TESTS_OUT_LINES_H
#define TESTS_OUT_LINES_H

#include "events.h"

#include <cjson/cJSON.h>

#define RANDOM_EVENTS 10000

/* The lines of a timeline that holds these events. */
struct written {
	struct scratch scratch;
	char *text;
	char *lines[RANDOM_EVENTS + 8];
	size_t count;
};

static inline void lines_read(struct written *written)
{
	char *rest;
	written->text = file_text(written->scratch.path);
	rest = written->text;
	for (char *end; (end = strchr(rest, '\n')); rest = end + 1) {
		*end = '\0';
		assert_true(written->count < ARRAY_COUNT(written->lines));
		written->lines[written->count++] = rest;
	}
	assert_int_equal(*rest, '\0');
}

static inline void lines_write(struct written *written, const struct event *events,
			       size_t count)
{
	struct output_config config = {.bytes = {UINT64_MAX, UINT64_MAX, UINT64_MAX}};
	struct output *output;
	written->count = 0;
	scratch_open(&written->scratch, "x.jsonl");
	config.path = written->scratch.path;
	output = opened(&config);
	for (size_t i = 0; i < count; i++)
		take(output, &events[i]);
	ended(output);
	lines_read(written);
}

static inline void lines_close(struct written *written)
{
	free(written->text);
	scratch_close(&written->scratch);
}

/* The only line that one event makes; the caller frees. */
static inline char *line_of(const struct event *event)
{
	static const struct meta facts = {
		.start_ns = START_NS, .has_start = true, .source = "read"};
	struct event events[2] = {event_of(EVENT_META, 0, 0), *event};
	struct written written;
	char *line;
	events[0].meta = &facts;
	lines_write(&written, events, 2);
	assert_int_equal(written.count, 2);
	line = strdup(written.lines[1]);
	assert_non_null(line);
	lines_close(&written);
	return line;
}

static inline void assert_line(const struct event *event, const char *expected)
{
	char *line = line_of(event);
	assert_string_equal(line, expected);
	free(line);
}

/* No byte that ends a string, a script element or a terminal's patience; valid UTF-8. */
static inline void assert_harmless(const char *line)
{
	const uint8_t *at = (const uint8_t *)line;
	size_t left = strlen(line);
	cJSON *record = cJSON_Parse(line);
	assert_non_null(record);
	cJSON_Delete(record);
	while (left > 0) {
		uint32_t c;
		size_t used = text_utf8_next(at, left, &c);
		assert_false(c == 0xFFFD && used == 1);
		assert_false(c < 0x20 || c == '<' || (c >= 0x7F && c < 0xA0) || c == 0x2028);
		at += used;
		left -= used;
	}
}

#endif
