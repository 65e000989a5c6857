#include "view.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES 65536

/* Makes room behind the bytes that are still needed and reads into it. */
static bool line_reader_fill(struct line_reader *reader, struct err *err)
{
	struct buf *bytes = &reader->bytes;
	ssize_t count;
	if (reader->at > 0) {
		memmove(bytes->at, bytes->at + reader->at, bytes->len - reader->at);
		bytes->len -= reader->at;
		reader->at = 0;
	}
	if (!buf_reserve(bytes, READ_BYTES))
		return err_memory(err);
	do {
		count = read(reader->fd, bytes->at + bytes->len, READ_BYTES);
	} while (count < 0 && errno == EINTR);
	if (count < 0)
		return err_set(err, EXIT_USAGE,
			       "cannot read the timeline: %s; name one that can be read",
			       strerror(errno));
	bytes->len += (size_t)count;
	reader->ended = count == 0;
	return true;
}

bool line_reader_next(struct line_reader *reader, size_t limit, struct cursor *line,
		      struct err *err)
{
	struct buf *bytes = &reader->bytes;
	size_t searched = 0; /* of the bytes from reader->at on */
	const char *newline = NULL;
	reader->too_long = false;
	if (!bytes->at && !line_reader_fill(reader, err))
		return false;
	for (;;) {
		const char *from = bytes->at + reader->at + searched;
		size_t left = bytes->len - reader->at - searched;
		newline = left ? memchr(from, '\n', left) : NULL;
		if (newline || reader->ended)
			break;
		searched += left;
		if (searched > limit) { /* nobody wants it: only its end is looked for */
			reader->too_long = true;
			reader->at = bytes->len;
			searched = 0;
		}
		if (!line_reader_fill(reader, err))
			return false;
	}
	if (!newline && reader->at == bytes->len && !reader->too_long)
		return false;
	*line = cursor_init((const uint8_t *)bytes->at + reader->at,
			    newline ? (size_t)(newline - bytes->at) - reader->at :
				      bytes->len - reader->at);
	reader->at += cursor_left(line) + (newline ? 1 : 0);
	reader->too_long |= cursor_left(line) > limit;
	line->end = reader->too_long ? line->at : line->end;
	return true;
}

void line_reader_close(struct line_reader *reader)
{
	if (reader->fd >= 0)
		close(reader->fd);
	buf_close(&reader->bytes);
	reader->fd = -1;
}
