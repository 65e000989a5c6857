/* Timelines read back: lines from .jsonl, .json or the blocks of a page, checked one by one. */
#ifndef OUT_VIEW_H
#define OUT_VIEW_H

#include "container.h"
#include "wireladder/out.h"

/* reader: lines of a file, with bounded memory */
struct line_reader {
	int fd;
	struct buf bytes;
	size_t at;     /* where the next line begins */
	bool ended;    /* nothing more comes from the file */
	bool too_long; /* the line just read was longer than the limit; it is empty now */
};

/* *line is borrowed until the next call and has no newline. False at the end, and when reading
 * failed: err->text then says so. */
bool line_reader_next(struct line_reader *reader, size_t limit, struct cursor *line,
		      struct err *err);
void line_reader_close(struct line_reader *reader);

struct view {
	const char *name; /* of the timeline, in sentences */
	const struct output_config *config;
	enum container_id id;
	bool stream;
	struct line_reader reader;
	struct file file;
	struct container container;
	bool opened;         /* file and container are: the first record was a good one */
	bool summary;        /* the last record was the summary */
	uint64_t damaged;    /* lines that were left out */
	uint32_t blocks;     /* of a page: the last one seen */
	struct buf missing;  /* what else is missing, "; " before each */
};

/* Writes the line if it is a good record; false when nothing more can be written. */
bool view_line(struct view *view, struct cursor line, struct err *err);
/* Does so with the lines of a page's data elements; other lines are none of ours. */
bool view_page_line(struct view *view, struct cursor line, struct err *err);
#define PAGE_LINE_BYTES (24U << 20) /* a block that gzip could not shrink, as base64 */

/* output.c: which container the name or format asks for */
bool output_container(const struct output_config *config, enum container_id *id, bool *stream,
		      struct err *err);

#endif
