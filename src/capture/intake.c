#include "intake.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
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
	unzip_close(intake->unzip);
	if (intake->owned && intake->fd >= 0)
		close(intake->fd);
	free(intake->buffer);
	*intake = (struct intake){.fd = -1};
}

static void intake_fail(struct intake *intake, int error)
{
	intake->error = error;
	intake->ended = true;
	snprintf(intake->why, sizeof(intake->why), "reading failed (%s)", strerror(error));
}

bool intake_unpack(struct intake *intake)
{
	if (!unzip_recognise(intake_at(intake), intake_left(intake)))
		return true;
	intake->unzip = unzip_open(intake->fd, intake_at(intake), intake_left(intake));
	if (!intake->unzip) {
		intake_fail(intake, ENOMEM);
		return false;
	}
	intake->at = intake->have = 0;
	intake->ended = false;
	return true;
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
		intake_fail(intake, ENOMEM);
		return false;
	}
	intake->buffer = larger;
	intake->cap *= 2;
	return true;
}

static bool intake_at_end(struct intake *intake)
{
	struct unzip_end end;
	if (!intake->unzip)
		return true;
	if (!unzip_ended(intake->unzip, &end))
		return false;
	snprintf(intake->why, sizeof(intake->why), "%s", end.why);
	return true;
}

/* At most one read(2). */
static void intake_step(struct intake *intake)
{
	ssize_t got;
	size_t room;
	if (!intake_room(intake))
		return;
	room = intake->cap - intake->have;
	got = intake->unzip ? unzip_step(intake->unzip, intake->buffer + intake->have, room)
			    : read(intake->fd, intake->buffer + intake->have, room);
	if (got > 0)
		intake->have += (size_t)got;
	else if (got == 0)
		intake->ended = intake_at_end(intake);
	else if (errno == EINTR)
		intake->interrupted = true;
	else
		intake_fail(intake, errno);
}

bool intake_read(struct intake *intake, size_t count)
{
	intake->interrupted = false;
	while (intake_left(intake) < count && !intake->ended && !intake->interrupted)
		intake_step(intake);
	return intake_left(intake) >= count;
}

/* Would the next step wait for the other end of a pipe? */
static bool intake_waits(const struct intake *intake)
{
	return intake->waits && (!intake->unzip || unzip_waits(intake->unzip));
}

bool intake_read_soon(struct intake *intake, size_t count, int patience_ms)
{
	struct pollfd readable = {.fd = intake->fd, .events = POLLIN};
	intake->interrupted = false;
	while (intake_left(intake) < count && !intake->ended && !intake->interrupted) {
		if (intake_waits(intake) && poll(&readable, 1, patience_ms) <= 0)
			return false;
		intake_step(intake);
	}
	return intake_left(intake) >= count;
}
