#include "intake.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool intake_open(struct intake *intake, const char *path)
{
	struct stat status;
	bool standard_input = strcmp(path, "-") == 0;
	int fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	*intake = (struct intake){.fd = fd, .owned = !standard_input};
	if (fd < 0 || fstat(fd, &status) != 0)
		return false;
	intake->waits = !S_ISREG(status.st_mode);
	intake->buffer = malloc(INTAKE_BLOCK);
	intake->cap = intake->buffer ? INTAKE_BLOCK : 0;
	return intake->buffer != NULL;
}

void intake_close(struct intake *intake)
{
	if (intake->owned && intake->fd >= 0)
		close(intake->fd);
	free(intake->buffer);
	*intake = (struct intake){.fd = -1};
}

/* Makes room behind the bytes that are there. Moving only from the second half on, and growing
 * otherwise, keeps the bytes moved below the bytes consumed. */
static bool intake_room(struct intake *intake)
{
	uint8_t *larger;
	if (intake->at == intake->have ||
	    (intake->have == intake->cap && intake->at >= intake->cap / 2)) {
		intake->offset += intake->at;
		memmove(intake->buffer, intake->buffer + intake->at, intake_left(intake));
		intake->have -= intake->at;
		intake->at = 0;
	}
	if (intake->have < intake->cap)
		return true;
	larger = realloc(intake->buffer, intake->cap * 2);
	if (!larger) {
		intake->error = ENOMEM;
		return false;
	}
	intake->buffer = larger;
	intake->cap *= 2;
	return true;
}

bool intake_read(struct intake *intake, size_t count)
{
	intake->interrupted = false;
	while (intake_left(intake) < count && !intake->ended && !intake->error) {
		ssize_t got;
		if (!intake_room(intake))
			return false;
		got = read(intake->fd, intake->buffer + intake->have,
			   intake->cap - intake->have);
		if (got > 0) {
			intake->have += (size_t)got;
		} else if (got == 0) {
			intake->ended = true;
		} else if (errno == EINTR) {
			intake->interrupted = true;
			return false;
		} else {
			intake->error = errno;
		}
	}
	return intake_left(intake) >= count;
}

bool intake_read_soon(struct intake *intake, size_t count, int patience_ms)
{
	struct pollfd readable = {.fd = intake->fd, .events = POLLIN};
	while (intake_left(intake) < count && !intake->ended && !intake->error) {
		/* Asking for one byte more than there is makes each read wait for a single
		 * block. */
		if (intake->waits && poll(&readable, 1, patience_ms) <= 0)
			return false;
		if (!intake_read(intake, intake_left(intake) + 1))
			break;
	}
	return intake_left(intake) >= count;
}
