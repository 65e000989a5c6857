#include "cli.h"

#include <stdlib.h>
#include <string.h>

/* timeline.jsonl -> timeline.html, beside it. "-" has no name to take: standard output. */
static char *view_default_path(const char *timeline)
{
	static const char ending[] = ".html";
	const char *slash = strrchr(timeline, '/');
	const char *dot = strrchr(slash ? slash : timeline, '.');
	size_t stem = dot && dot != timeline ? (size_t)(dot - timeline) : strlen(timeline);
	char *path;
	if (strcmp(timeline, "-") == 0)
		return strdup("-");
	path = malloc(stem + sizeof(ending));
	if (path) {
		memcpy(path, timeline, stem);
		memcpy(path + stem, ending, sizeof(ending));
	}
	return path;
}

enum exit_status command_view(struct options *options, struct err *err)
{
	struct output_config config = {.format = options->format};
	char *path = NULL;
	bool written;
	if (options->word_count != 1) {
		err_set(err, EXIT_USAGE,
			"one timeline at a time: `wireladder view TIMELINE [-o FILE]`");
		return err->status;
	}
	if (options->output_count > 1) {
		err_set(err, EXIT_USAGE, "`wireladder view` writes one file: one -o, please");
		return err->status;
	}
	signals_catch();
	path = options->output_count ? strdup(options->outputs[0])
				     : view_default_path(options->words[0]);
	if (!path) {
		err_memory(err);
		return err->status;
	}
	if (!config.format && strcmp(path, "-") == 0)
		config.format = "html";
	config.path = path;
	written = view_write(options->words[0], &config, err);
	if (written || err->status == EXIT_PARTIAL)
		say(options, "wrote %s", strcmp(path, "-") == 0 ? "the page" : path);
	free(path);
	return written ? EXIT_DONE : err->status;
}
