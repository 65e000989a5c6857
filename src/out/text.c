#include "text.h"

#include <stdlib.h>

struct text {
	struct file *file;
};

struct text *text_open(const struct output_config *config, struct file *file, struct err *err)
{
	struct text *text = calloc(1, sizeof(*text));
	(void)config;
	if (!text)
		err_memory(err);
	else
		text->file = file;
	return text;
}

bool text_take(struct text *text, const struct event *event, struct err *err)
{
	(void)text;
	(void)event;
	(void)err;
	return true;
}

bool text_end(struct text *text, struct err *err)
{
	return file_add(text->file, "", 0, err);
}

void text_close(struct text *text)
{
	free(text);
}
