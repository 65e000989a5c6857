/* The ladder in a terminal: conversations as arrows between two lifelines, or as a table. */
#ifndef OUT_TEXT_H
#define OUT_TEXT_H

#include "file.h"
#include "wireladder/out.h"

struct text;

struct text *text_open(const struct output_config *config, struct file *file, struct err *err);
bool text_take(struct text *text, const struct event *event, struct err *err);
bool text_end(struct text *text, struct err *err);
void text_close(struct text *text); /* the file stays open */

#endif
