/* The door: a table of formats, and what they have in common. */
#include "wireladder/out.h"

#include "record.h"
#include "text.h"
#include "view.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FORMAT_NAMES "jsonl json html txt summary"

struct format {
	const char *name;
	const char *endings[2];      /* of file names; NULL: asked for by name only */
	bool stream;                 /* grows under its final name */
	bool overview;               /* only meta, closed and summary */
	enum container_id container; /* not of text */
	bool (*open)(struct output *output, struct err *err);
	bool (*take)(struct output *output, const struct event *event, struct err *err);
	bool (*end)(struct output *output, struct err *err);
};

struct output {
	const struct format *format;
	struct output_config config;
	struct file file;
	struct recorder recorder;
	struct container container;
	struct text *text;
	bool failed;
};

static bool lines_open(struct output *output, struct err *err)
{
	output->recorder.left = output->config.bytes;
	output->recorder.live = output->config.live;
	return container_open(&output->container, output->format->container, &output->file,
			      err);
}

static bool lines_take(struct output *output, const struct event *event, struct err *err)
{
	struct buf *line = &output->recorder.line;
	bool wanted = !output->format->overview || event->kind == EVENT_META ||
		      event->kind == EVENT_CLOSED || event->kind == EVENT_SUMMARY;
	if (!wanted)
		return true;
	if (!recorder_take(&output->recorder, event, err))
		return false;
	return line->len == 0 ||
	       container_line(&output->container,
			      cursor_init((const uint8_t *)line->at, line->len), err);
}

static bool lines_end(struct output *output, struct err *err)
{
	return container_end(&output->container, err);
}

static bool ladder_open(struct output *output, struct err *err)
{
	output->text = text_open(&output->config, &output->file, err);
	return output->text != NULL;
}

static bool ladder_take(struct output *output, const struct event *event, struct err *err)
{
	return text_take(output->text, event, err);
}

static bool ladder_end(struct output *output, struct err *err)
{
	return text_end(output->text, err);
}

static const struct format formats[] = {
	{.name = "jsonl",
	 .endings = {".jsonl", ".ndjson"},
	 .stream = true,
	 .container = CONTAINER_JSONL,
	 .open = lines_open,
	 .take = lines_take,
	 .end = lines_end},
	{.name = "json",
	 .endings = {".json"},
	 .container = CONTAINER_JSON,
	 .open = lines_open,
	 .take = lines_take,
	 .end = lines_end},
	{.name = "html",
	 .endings = {".html", ".htm"},
	 .container = CONTAINER_HTML,
	 .open = lines_open,
	 .take = lines_take,
	 .end = lines_end},
	{.name = "txt",
	 .endings = {".txt"},
	 .open = ladder_open,
	 .take = ladder_take,
	 .end = ladder_end},
	{.name = "summary",
	 .stream = true,
	 .overview = true,
	 .container = CONTAINER_JSONL,
	 .open = lines_open,
	 .take = lines_take,
	 .end = lines_end},
};

const char *output_formats(void)
{
	return FORMAT_NAMES;
}

static bool format_has_ending(const struct format *format, const char *path)
{
	const char *name = strrchr(path, '/'), *dot;
	name = name ? name + 1 : path;
	dot = strrchr(name, '.');
	for (size_t i = 0; dot && i < ARRAY_COUNT(format->endings); i++) {
		if (format->endings[i] && strcasecmp(dot, format->endings[i]) == 0)
			return true;
	}
	return false;
}

static const struct format *format_find(const struct output_config *config, struct err *err)
{
	const char *wanted = config->format;
	if (!wanted && strcmp(config->path, "-") == 0)
		wanted = "jsonl";
	for (size_t i = 0; i < ARRAY_COUNT(formats); i++) {
		if (wanted ? strcmp(formats[i].name, wanted) == 0 :
			     format_has_ending(&formats[i], config->path))
			return &formats[i];
	}
	if (wanted)
		err_set(err, EXIT_USAGE, "there is no format '%s'; --format takes one of: %s",
			wanted, FORMAT_NAMES);
	else
		err_set(err, EXIT_USAGE,
			"the ending of '%s' is none that can be written; end it "
			"in .jsonl, .json, .html or .txt, or name the format with --format",
			config->path);
	return NULL;
}

bool output_container(const struct output_config *config, enum container_id *id, bool *stream,
		      struct err *err)
{
	const struct format *format = format_find(config, err);
	if (!format)
		return false;
	if (format->open != lines_open || format->overview)
		return err_set(err, EXIT_USAGE,
			       "a timeline cannot be written as %s; view writes "
			       "jsonl, json or html",
			       format->name);
	*id = format->container;
	*stream = format->stream;
	return true;
}

static void output_free(struct output *output)
{
	container_close(&output->container);
	text_close(output->text);
	buf_close(&output->recorder.line);
	free(output);
}

struct output *output_open(const struct output_config *config, struct err *err)
{
	const struct format *format = format_find(config, err);
	struct output *output = format ? calloc(1, sizeof(*output)) : NULL;
	if (!format)
		return NULL;
	if (!output) {
		err_memory(err);
		return NULL;
	}
	output->format = format;
	output->config = *config;
	if (file_open(&output->file, config->path, format->stream, err)) {
		if (format->open(output, err))
			return output;
		file_abandon(&output->file);
	}
	output_free(output);
	return NULL;
}

bool output_take(struct output *output, const struct event *event, struct err *err)
{
	bool taken = output->format->take(output, event, err);
	output->failed |= !taken;
	return taken;
}

bool output_flush(struct output *output, struct err *err)
{
	bool flushed = file_flush(&output->file, err);
	output->failed |= !flushed;
	return flushed;
}

bool output_close(struct output *output, struct err *err)
{
	bool ended = !output->failed && output->format->end(output, err);
	if (ended)
		ended = file_close(&output->file, err);
	else
		file_abandon(&output->file);
	output_free(output);
	return ended;
}

void output_abandon(struct output *output)
{
	struct err ignored;
	if (!output->failed)
		file_flush(&output->file, &ignored);
	file_abandon(&output->file);
	output_free(output);
}
