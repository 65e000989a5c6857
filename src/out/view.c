#include "view.h"

#include "json.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT 1 /* of timelines; what is newer may mean other things by the same names */

static bool view_not_a_timeline(const struct view *view, struct err *err)
{
	return err_set(err, EXIT_USAGE, "%s is not a timeline; if it is a capture, "
		       "wireladder read %s -o timeline.html makes one", view->name, view->name);
}

/* What a line must be before anything parses it: UTF-8 without controls and without the one
 * character that could end a script element of a page. */
static bool view_line_is_clean(struct cursor line)
{
	while (cursor_left(&line) > 0) {
		uint32_t c;
		size_t used = text_utf8_next(line.at, cursor_left(&line), &c);
		if (c < 0x20 || c == '<' || (c == 0xFFFD && used == 1))
			return false;
		cursor_skip(&line, used);
	}
	return true;
}

/* The record as a tree, if the line is one object with its kind; else NULL. */
static cJSON *view_parse(struct cursor line)
{
	const char *text = (const char *)line.at, *end = NULL;
	cJSON *record;
	if (cursor_left(&line) == 0 || !view_line_is_clean(line))
		return NULL;
	record = cJSON_ParseWithLengthOpts(text, cursor_left(&line), &end, 0);
	if (end)
		cursor_skip(&line, (size_t)(end - text));
	if (record && (cursor_left(&line) > 0 || !cJSON_IsObject(record) ||
		       !cJSON_IsString(cJSON_GetObjectItemCaseSensitive(record, "k")))) {
		cJSON_Delete(record);
		record = NULL;
	}
	return record;
}

static bool view_check_meta(const struct view *view, const cJSON *record, struct err *err)
{
	const cJSON *kind = cJSON_GetObjectItemCaseSensitive(record, "k");
	const cJSON *format = cJSON_GetObjectItemCaseSensitive(record, "format");
	if (!record || strcmp(kind->valuestring, "meta") != 0 || !cJSON_IsNumber(format))
		return view_not_a_timeline(view, err);
	if (format->valuedouble > FORMAT)
		return err_set(err, EXIT_USAGE,
			       "%s has timeline format %.0f, and this wireladder "
			       "knows format %d; get a newer wireladder",
			       view->name, format->valuedouble, FORMAT);
	return true;
}

/* A stream would empty the file that is being read before its first line was taken out. */
static bool view_check_output(const struct view *view, struct err *err)
{
	struct stat in, out;
	const char *path = view->config->path;
	if (view->stream && strcmp(path, "-") != 0 && fstat(view->reader.fd, &in) == 0 &&
	    stat(path, &out) == 0 && S_ISREG(out.st_mode) && in.st_dev == out.st_dev &&
	    in.st_ino == out.st_ino)
		return err_set(err, EXIT_USAGE,
			       "%s cannot be written while it is read; name another "
			       "file with -o",
			       path);
	return true;
}

static bool view_open_output(struct view *view, struct err *err)
{
	if (!view_check_output(view, err) ||
	    !file_open(&view->file, view->config->path, view->stream, err))
		return false;
	view->opened = true;
	return container_open(&view->container, view->id, &view->file, err);
}

bool view_line(struct view *view, struct cursor line, struct err *err)
{
	cJSON *record = view_parse(line);
	bool going = true;
	if (!view->opened)
		going = view_check_meta(view, record, err) && view_open_output(view, err);
	if (going && record) {
		const cJSON *kind = cJSON_GetObjectItemCaseSensitive(record, "k");
		view->summary = strcmp(kind->valuestring, "summary") == 0;
		going = container_line(&view->container, line, err);
	} else if (going) {
		view->damaged++;
	}
	cJSON_Delete(record);
	return going;
}

static struct cursor view_trim(struct cursor line, const char *behind)
{
	static const uint8_t mark[] = {0xEF, 0xBB, 0xBF}; /* an editor's byte order mark */
	if (cursor_left(&line) >= sizeof(mark) && memcmp(line.at, mark, sizeof(mark)) == 0)
		cursor_skip(&line, sizeof(mark));
	while (cursor_left(&line) > 0 && line.end[-1] && strchr(behind, line.end[-1]))
		line.end--;
	return line;
}

static bool view_ends_with(struct cursor line, const char *end)
{
	size_t count = strlen(end);
	return cursor_left(&line) >= count && memcmp(line.end - count, end, count) == 0;
}

static bool view_json_line(struct view *view, struct cursor line, struct err *err)
{
	line = view_trim(line, " \t\r,");
	if (cursor_left(&line) == 0 ||
	    (cursor_left(&line) == 2 && memcmp(line.at, "]}", 2) == 0))
		return true;
	return view_line(view, line, err);
}

static bool view_jsonl_line(struct view *view, struct cursor line, struct err *err)
{
	line = view_trim(line, " \t\r");
	return cursor_left(&line) == 0 || view_line(view, line, err);
}

typedef bool (*view_take)(struct view *view, struct cursor line, struct err *err);

/* Which of the three it is shows in its first line; NULL: none of them. */
static view_take view_kind(const struct view *view, struct cursor first, struct err *err)
{
	first = view_trim(first, " \t\r");
	if (cursor_left(&first) > 0 && first.at[0] == '<')
		return view_page_line;
	if (cursor_left(&first) == 0 || first.at[0] != '{') {
		view_not_a_timeline(view, err);
		return NULL;
	}
	if (view_ends_with(first, "\"records\":["))
		return view_json_line;
	if (memmem(first.at, cursor_left(&first), "\"k\":", 4))
		return view_jsonl_line;
	err_set(err, EXIT_USAGE,
		"%s is JSON, but not a record on each line; if it is a timeline, "
		"jq -c '.records[]' %s makes a .jsonl of it",
		view->name, view->name);
	return NULL;
}

static bool view_read(struct view *view, struct err *err)
{
	struct cursor line;
	size_t limit;
	bool going;
	view_take take;
	if (!line_reader_next(&view->reader, PAGE_LINE_BYTES, &line, err))
		return err->text[0] ? false : view_not_a_timeline(view, err);
	take = view_kind(view, line, err);
	if (!take)
		return false;
	limit = take == view_page_line ? PAGE_LINE_BYTES : LINE_BYTES;
	going = take == view_json_line || take(view, line, err);
	while (going && line_reader_next(&view->reader, limit, &line, err)) {
		view->damaged += view->reader.too_long;
		going = view->reader.too_long || take(view, line, err);
	}
	if (!going || err->text[0])
		return false;
	return view->opened || view_not_a_timeline(view, err);
}

/* What was not there, in one sentence; the result is written all the same. */
static bool view_tell(const struct view *view, struct err *err)
{
	struct buf told = {0};
	if (view->damaged)
		buf_printf(&told, "; %" PRIu64 " damaged line%s left out", view->damaged,
			   view->damaged == 1 ? " was" : "s were");
	if (view->missing.len > 0)
		buf_add(&told, view->missing.at, view->missing.len);
	if (!view->summary)
		buf_printf(&told, "; the end is missing (no summary)");
	buf_add(&told, "", 1);
	if (told.failed || view->missing.failed)
		err_memory(err);
	else if (told.len > 1)
		err_set(err, EXIT_PARTIAL, "%s is damaged: %s; make the timeline anew from its "
			"capture if you can", view->name, told.at + 2);
	buf_close(&told);
	return err->text[0] == '\0';
}

static void view_drop(struct view *view)
{
	if (!view->opened)
		return;
	container_close(&view->container);
	file_abandon(&view->file);
}

static bool view_finish(struct view *view, struct err *err)
{
	if (!container_end(&view->container, err)) {
		view_drop(view);
		return false;
	}
	container_close(&view->container);
	return file_close(&view->file, err);
}

bool view_write(const char *timeline_path, const struct output_config *config, struct err *err)
{
	struct err own = {0};
	bool is_stdin = strcmp(timeline_path, "-") == 0, done = false;
	struct view view = {.name = is_stdin ? "standard input" : timeline_path,
			    .config = config};
	err = err ? err : &own; /* it is also where failures are remembered */
	*err = (struct err){.status = EXIT_DONE};
	if (!output_container(config, &view.id, &view.stream, err))
		return false;
	view.reader.fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) :
				    open(timeline_path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (view.reader.fd < 0)
		err_set(err, EXIT_USAGE, "cannot open %s: %s; name a timeline that can be read",
			view.name, strerror(errno));
	else if (view_read(&view, err))
		done = view_finish(&view, err) && view_tell(&view, err);
	else
		view_drop(&view);
	line_reader_close(&view.reader);
	buf_close(&view.missing);
	return done;
}
