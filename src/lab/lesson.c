#include "lesson.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shelf.h"

enum lesson_key {
	KEY_TITLE, KEY_STORY, KEY_CITES, KEY_GROUP, KEY_LINK, KEY_HOSTS, KEY_PROGRAMS, KEY_WIRE,
	KEY_EXPECT, KEY_QUESTIONS, KEY_LIMIT, KEY_IPV6, KEY_COUNT,
};
static const char *const key_words[KEY_COUNT] = {
	"title", "story", "cites", "group", "link", "hosts", "programs", "wire", "expect",
	"questions", "limit_s", "ipv6",
};
static const struct form lesson_form = {"a lesson", {key_words, KEY_COUNT},
					1 << KEY_TITLE | 1 << KEY_STORY | 1 << KEY_PROGRAMS};
enum question_key { QUESTION_ASK, QUESTION_ANSWER, QUESTION_COUNT };
static const char *const question_keys[QUESTION_COUNT] = {"ask", "answer"};
static const struct form question_form = {"a question", {question_keys, QUESTION_COUNT}, 3};

#define LIMIT_S_MAX 600

struct open_lesson {
	struct lesson lesson; /* first: lesson_close gets a pointer to it */
	struct arena arena;
};

/* What stands before a further piece of a story: pieces are as long as the file's lines want
 * them, so only one that ends a sentence ends a line. */
static const char *story_joint(const struct buf *story)
{
	if (story->len == 0)
		return "";
	return strchr(".:;!?", story->at[story->len - 1]) ? "\n" : " ";
}

/* A story is a text, or a list of them, which are joined. */
static bool lesson_story(struct reading *r, const cJSON *node, struct lesson *lesson)
{
	struct buf story = {0};
	const cJSON *item;
	const char *text;
	size_t count;
	bool going = true;
	if (!cJSON_IsArray(node))
		return reading_text(r, node, LESSON_TEXT, &lesson->story);
	if (!reading_list(r, node, (struct range){1, LESSON_TEXT}, &count))
		return false;
	cJSON_ArrayForEach(item, node)
	{
		going = going && reading_text(r, item, LESSON_TEXT - story.len, &text);
		if (going)
			buf_printf(&story, "%s%s", story_joint(&story), text);
	}
	if (going)
		lesson->story = story.failed ? NULL : arena_text(r->arena, story.at);
	buf_close(&story);
	return going && (lesson->story || reading_memory(r));
}

static bool lesson_cites(struct reading *r, const cJSON *node, struct lesson *lesson)
{
	const char **cites;
	const cJSON *item;
	size_t i = 0;
	if (!reading_list(r, node, (struct range){0, LESSON_CITES}, &lesson->cite_count))
		return false;
	cites = arena_take(r->arena, lesson->cite_count, sizeof(*cites));
	if (!cites)
		return reading_memory(r);
	cJSON_ArrayForEach(item, node)
	{
		if (!reading_text(r, item, LESSON_TEXT, &cites[i++]))
			return false;
	}
	lesson->cites = cites;
	return true;
}

static bool lesson_questions(struct reading *r, const cJSON *node, struct lesson *lesson)
{
	struct question *questions;
	const cJSON *item, *slots[QUESTION_COUNT];
	size_t i = 0;
	if (!reading_list(r, node, (struct range){0, LESSON_QUESTIONS},
			  &lesson->question_count))
		return false;
	questions = arena_take(r->arena, lesson->question_count, sizeof(*questions));
	if (!questions)
		return reading_memory(r);
	cJSON_ArrayForEach(item, node)
	{
		struct question *question = &questions[i++];
		if (!reading_object(r, item, &question_form, slots) ||
		    !reading_text(r, slots[QUESTION_ASK], LESSON_TEXT, &question->ask) ||
		    !reading_text(r, slots[QUESTION_ANSWER], LESSON_TEXT, &question->answer))
			return false;
	}
	lesson->questions = questions;
	return true;
}

static bool lesson_members(struct reading *r, const cJSON *root, struct lesson *lesson)
{
	const cJSON *slots[KEY_COUNT];
	int64_t limit_s = 0;
	if (!reading_object(r, root, &lesson_form, slots) ||
	    !reading_text(r, slots[KEY_TITLE], LESSON_TEXT, &lesson->title) ||
	    !lesson_story(r, slots[KEY_STORY], lesson) ||
	    !reading_text(r, slots[KEY_GROUP], LESSON_NAME, &lesson->group) ||
	    !reading_number(r, slots[KEY_LIMIT], (struct range){1, LIMIT_S_MAX}, &limit_s) ||
	    !reading_flag(r, slots[KEY_IPV6], &lesson->ipv6))
		return false;
	lesson->limit_ns = (uint64_t)limit_s * NS_PER_S;
	return lesson_cites(r, slots[KEY_CITES], lesson) &&
	       lesson_links(r, slots[KEY_LINK], lesson) &&
	       lesson_hosts(r, slots[KEY_HOSTS], lesson) &&
	       lesson_programs(r, slots[KEY_PROGRAMS], lesson) &&
	       lesson_rules(r, slots[KEY_WIRE], lesson) &&
	       lesson_expects(r, slots[KEY_EXPECT], lesson) &&
	       lesson_questions(r, slots[KEY_QUESTIONS], lesson);
}

/* What no editor writes into a text by itself; also NUL as an escape, which would end a text of
 * C before its end. */
static bool text_check(const char *file, struct cursor text, struct err *err)
{
	const uint8_t *start = text.at;
	while (cursor_left(&text) > 0) {
		uint32_t c;
		size_t used = text_utf8_next(text.at, cursor_left(&text), &c);
		bool control = c < 0x20 && c != '\n' && c != '\r' && c != '\t';
		if (control || (c == 0xFFFD && used == 1))
			return err_set(err, EXIT_USAGE, "%s, line %u: a byte that is no text "
				       "(0x%02X); a lesson is JSON in UTF-8",
				       file, lines_count(start, text.at), text.at[0]);
		if (cursor_left(&text) >= 6 && memcmp(text.at, "\\u0000", 6) == 0)
			return err_set(err, EXIT_USAGE,
				       "%s, line %u: \\u0000 cannot stand in a text", file,
				       lines_count(start, text.at));
		cursor_skip(&text, used);
	}
	return true;
}

static bool text_is_space(struct cursor text)
{
	while (cursor_left(&text) > 0 && text.at[0] <= ' ')
		cursor_skip(&text, 1);
	return cursor_left(&text) == 0;
}

/* The tree, or NULL and the place where JSON ends to be JSON. */
static cJSON *text_parse(const char *file, struct cursor text, struct err *err)
{
	const char *start = (const char *)text.at, *end = NULL;
	cJSON *root = cJSON_ParseWithLengthOpts(start, cursor_left(&text), &end, 0);
	struct cursor rest = text;
	cursor_skip(&rest, end ? (size_t)(end - start) : 0);
	if (root && text_is_space(rest))
		return root;
	if (root)
		err_set(err, EXIT_USAGE,
			"%s, line %u: something follows after the lesson's last "
			"brace; a file holds one lesson",
			file, lines_count(text.at, rest.at));
	else if (text_is_space(rest))
		err_set(err, EXIT_USAGE,
			"%s, line %u: the JSON ends too early: a brace, bracket "
			"or quote is not closed",
			file, lines_count(text.at, rest.at));
	else
		err_set(err, EXIT_USAGE, "%s, line %u: no JSON from here on: %.*s; look for a "
			"comma, brace or quote that is missing or too many",
			file, lines_count(text.at, rest.at),
			cursor_left(&rest) < 30 ? (int)cursor_left(&rest) : 30,
			(const char *)rest.at);
	cJSON_Delete(root);
	return NULL;
}

struct lesson *lesson_read(const char *name, const char *file, struct cursor text,
			   struct err *err)
{
	struct open_lesson *opened = calloc(1, sizeof(*opened));
	struct reading r = {.file = file, .arena = opened ? &opened->arena : NULL, .err = err};
	cJSON *root;
	bool going = false;
	if (!text_check(file, text, err) || !(root = text_parse(file, text, err))) {
		free(opened);
		return NULL;
	}
	if (!opened || !lines_open(&r.lines, root, text)) {
		reading_memory(&r);
	} else {
		opened->lesson.name = arena_text(&opened->arena, name);
		opened->lesson.file = arena_text(&opened->arena, file);
		opened->lesson.group = "";
		going = opened->lesson.name && opened->lesson.file ?
				lesson_members(&r, root, &opened->lesson) :
				reading_memory(&r);
	}
	lines_close(&r.lines);
	cJSON_Delete(root);
	if (going)
		return &opened->lesson;
	if (opened)
		arena_close(&opened->arena);
	free(opened);
	return NULL;
}

/* The whole file, and a NUL behind it. */
static bool file_read(const char *path, struct buf *text, struct err *err)
{
	int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	ssize_t count = fd < 0 ? -1 : 1;
	while (count > 0 && text->len <= LESSON_BYTES) {
		if (!buf_reserve(text, 65536))
			break;
		count = read(fd, text->at + text->len, 65535);
		text->len += count > 0 ? (size_t)count : 0;
		if (count < 0 && errno == EINTR)
			count = 1;
	}
	if (count < 0)
		err_set(err, EXIT_USAGE,
			"cannot read the lesson %s: %s; name a file that can be read",
			path, strerror(errno));
	else if (text->len > LESSON_BYTES)
		err_set(err, EXIT_USAGE, "%s is longer than %d bytes; no lesson is", path,
			LESSON_BYTES);
	else if (text->failed)
		err_set(err, EXIT_MEMORY, "%s: out of memory; end other programs", path);
	if (fd >= 0)
		close(fd);
	buf_add(text, "", 1);
	text->len -= !text->failed;
	return err->text[0] == '\0' && !text->failed;
}

/* my/lesson.json is the lesson "lesson". */
static const char *file_lesson_name(const char *path, char name[static LESSON_NAME])
{
	const char *slash = strrchr(path, '/');
	size_t count;
	path = slash ? slash + 1 : path;
	count = strlen(path);
	if (count > 5 && strcmp(path + count - 5, ".json") == 0)
		count -= 5;
	count = count < LESSON_NAME ? count : LESSON_NAME - 1;
	memcpy(name, path, count);
	name[count] = '\0';
	return name;
}

struct lesson *lesson_open(const char *name_or_path, struct err *err)
{
	struct err own = {0};
	const struct shelf_lesson *shelf = shelf_find(name_or_path);
	struct lesson *lesson = NULL;
	struct buf text = {0};
	char name[LESSON_NAME];
	err = err ? err : &own; /* it is also where failures are remembered */
	*err = (struct err){.status = EXIT_DONE};
	if (shelf)
		return lesson_read(shelf->name, shelf->name,
				   cursor_init((const uint8_t *)shelf->text, shelf->length),
				   err);
	if (!strpbrk(name_or_path, "./") && access(name_or_path, F_OK) != 0) {
		shelf_unknown(name_or_path, err);
		return NULL;
	}
	if (file_read(name_or_path, &text, err))
		lesson = lesson_read(file_lesson_name(name_or_path, name), name_or_path,
				     cursor_init((const uint8_t *)text.at, text.len), err);
	buf_close(&text);
	return lesson;
}

void lesson_close(struct lesson *lesson)
{
	struct open_lesson *opened = (struct open_lesson *)(void *)lesson;
	if (!lesson)
		return;
	arena_close(&opened->arena);
	free(opened);
}
