#include "container.h"

#include <string.h>

#define JSON_HEAD "{\"wireladder\":1,\"records\":[\n"

extern const char viewer_page[], viewer_page_end[]; /* viewer.S */

static const char viewer_marker[] = "<!-- wireladder:data -->";

static bool container_text(struct container *container, const char *text, struct err *err)
{
	return file_add(container->file, text, strlen(text), err);
}

static bool container_bytes(struct container *container, struct cursor bytes, struct err *err)
{
	return file_add(container->file, bytes.at, cursor_left(&bytes), err);
}

static bool nothing(struct container *container, struct err *err)
{
	(void)container;
	(void)err;
	return true;
}

static bool jsonl_line(struct container *container, struct cursor line, struct err *err)
{
	return container_bytes(container, line, err) && container_text(container, "\n", err);
}

/* The comma is written when the next record comes: nobody knows before that there is one. */
static bool json_line(struct container *container, struct cursor line, struct err *err)
{
	return container_text(container, container->records ? ",\n" : JSON_HEAD, err) &&
	       container_bytes(container, line, err);
}

static bool json_end(struct container *container, struct err *err)
{
	return (container->records > 0 || container_text(container, JSON_HEAD, err)) &&
	       container_text(container, "\n]}\n", err);
}

/* The page, in two parts: what stands before and behind the place for the data. */
static bool html_page(struct cursor *before, struct cursor *behind, struct err *err)
{
	const uint8_t *page = (const uint8_t *)viewer_page;
	size_t count = (size_t)((uintptr_t)viewer_page_end - (uintptr_t)viewer_page), place;
	const uint8_t *marker = memmem(page, count, viewer_marker, sizeof(viewer_marker) - 1);
	if (!marker)
		return err_set(err, EXIT_OUTPUT,
			       "the viewer inside this program has no place for "
			       "data; build the program anew with make");
	place = (size_t)(marker - page);
	*behind = cursor_init(page, count);
	*before = cursor_sub(behind, place);
	cursor_skip(behind, sizeof(viewer_marker) - 1);
	return true;
}

static bool html_begin(struct container *container, struct err *err)
{
	struct cursor before, behind;
	return html_page(&before, &behind, err) && container_bytes(container, before, err);
}

static bool html_line(struct container *container, struct cursor line, struct err *err)
{
	return blocks_line(&container->blocks, container->file, line, err);
}

static bool html_end(struct container *container, struct err *err)
{
	struct cursor before, behind;
	return html_page(&before, &behind, err) &&
	       blocks_end(&container->blocks, container->file, container->records, err) &&
	       container_bytes(container, behind, err);
}

static const struct container_kind container_kinds[] = {
	[CONTAINER_JSONL] = {.begin = nothing, .line = jsonl_line, .end = nothing},
	[CONTAINER_JSON] = {.begin = nothing, .line = json_line, .end = json_end},
	[CONTAINER_HTML] = {.begin = html_begin, .line = html_line, .end = html_end},
};

bool container_open(struct container *container, enum container_id id, struct file *file,
		    struct err *err)
{
	*container = (struct container){.kind = &container_kinds[id], .file = file};
	return container->kind->begin(container, err);
}

bool container_line(struct container *container, struct cursor line, struct err *err)
{
	bool done = container->kind->line(container, line, err);
	container->records++;
	return done;
}

bool container_end(struct container *container, struct err *err)
{
	return container->kind->end(container, err);
}

void container_close(struct container *container)
{
	blocks_close(&container->blocks);
}
