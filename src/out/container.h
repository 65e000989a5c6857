/* Containers: the same lines as .jsonl, .json or .html (timeline.md). */
#ifndef OUT_CONTAINER_H
#define OUT_CONTAINER_H

#include "blocks.h"
#include "file.h"

struct container;

struct container_kind {
	bool (*begin)(struct container *container, struct err *err);
	bool (*line)(struct container *container, struct cursor line, struct err *err);
	bool (*end)(struct container *container, struct err *err);
};

enum container_id { CONTAINER_JSONL, CONTAINER_JSON, CONTAINER_HTML };

struct container {
	const struct container_kind *kind;
	struct file *file; /* borrowed until container_close */
	uint64_t records;
	struct blocks blocks; /* of html */
};

bool container_open(struct container *container, enum container_id id, struct file *file,
		    struct err *err);
/* The line stands for itself: one JSON object, no newline. */
bool container_line(struct container *container, struct cursor line, struct err *err);
bool container_end(struct container *container, struct err *err);
void container_close(struct container *container); /* frees; the file stays open */

#endif
