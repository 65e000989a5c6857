#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BUFFER 65536

static bool file_open_stdout(struct file *file, struct err *err)
{
	/* One of our own can be closed, which is when some file systems report errors. */
	file->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (file->fd < 0)
		return file_fail(file, "write", errno, err);
	return true;
}

/* Where our bytes begin, so that a failure can be cut back to whole lines. */
static void file_find_start(struct file *file)
{
	struct stat stat;
	off_t at;
	if (fstat(file->fd, &stat) != 0 || !S_ISREG(stat.st_mode))
		return;
	at = fcntl(file->fd, F_GETFL) & O_APPEND ? stat.st_size : lseek(file->fd, 0, SEEK_CUR);
	file->regular = at >= 0;
	file->start = at;
}

static bool file_open_path(struct file *file, bool stream, struct err *err)
{
	struct stat stat_of;
	bool there = stat(file->path, &stat_of) == 0;
	if (there && S_ISREG(stat_of.st_mode) && access(file->path, W_OK) != 0)
		return file_fail(file, "replace", errno, err);
	file->appears = !stream && (!there || S_ISREG(stat_of.st_mode));
	if (file->appears)
		return file_create(file, err);
	file->fd = open(file->path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, 0666);
	return file->fd >= 0 || file_fail(file, "create", errno, err);
}

bool file_open(struct file *file, const char *path, bool stream, struct err *err)
{
	bool is_stdout = strcmp(path, "-") == 0, opened;
	*file = (struct file){.fd = -1, .flushed_ns = clock_monotonic_ns()};
	/* A link keeps pointing at the file: what is replaced is the file behind it. */
	file->path = is_stdout ? strdup("standard output") : realpath(path, NULL);
	if (!file->path)
		file->path = strdup(path);
	if (!file->path || !buf_reserve(&file->waiting, FILE_BUFFER)) {
		file_abandon(file);
		return err_memory(err);
	}
	opened = is_stdout ? file_open_stdout(file, err) : file_open_path(file, stream, err);
	if (!opened)
		file_abandon(file);
	else
		file_find_start(file);
	return opened;
}

static void file_note_written(struct file *file, const char *bytes, size_t count)
{
	const char *end = memrchr(bytes, '\n', count);
	if (end)
		file->whole = file->written + (uint64_t)(end + 1 - bytes);
	file->written += count;
}

static bool file_write(struct file *file, const char *bytes, size_t count, struct err *err)
{
	while (count > 0) {
		ssize_t done = write(file->fd, bytes, count);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return file_fail(file, "write", errno, err);
		file_note_written(file, bytes, (size_t)done);
		bytes += done;
		count -= (size_t)done;
	}
	return true;
}

bool file_flush(struct file *file, struct err *err)
{
	size_t count = file->waiting.len;
	file->waiting.len = 0; /* also after a failure: nothing is written twice */
	file->flushed_ns = clock_monotonic_ns();
	return file_write(file, file->waiting.at, count, err);
}

bool file_add(struct file *file, const void *bytes, size_t count, struct err *err)
{
	if (file->waiting.len + count > FILE_BUFFER && !file_flush(file, err))
		return false;
	if (count > FILE_BUFFER)
		return file_write(file, bytes, count, err);
	buf_add(&file->waiting, bytes, count);
	/* Only streams have readers before their end, and pay for asking the clock. */
	if (!file->appears && clock_monotonic_ns() - file->flushed_ns >= NS_PER_S)
		return file_flush(file, err);
	return true;
}

static void file_release(struct file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	free(file->path);
	free(file->part);
	buf_close(&file->waiting);
	*file = (struct file){.fd = -1};
}

void file_abandon(struct file *file)
{
	if (file->part)
		unlink(file->part);
	/* Nothing more can be done if this fails; readers stop at the last whole line. */
	if (file->fd >= 0 && file->regular && !file->appears &&
	    ftruncate(file->fd, file->start + (off_t)file->whole) != 0)
		errno = 0;
	file_release(file);
}

bool file_close(struct file *file, struct err *err)
{
	int closed;
	if (!file_flush(file, err) || (file->appears && !file_appear(file, err))) {
		file_abandon(file);
		return false;
	}
	closed = close(file->fd);
	file->fd = -1;
	if (closed != 0 && errno != EINTR) {
		file_fail(file, "write", errno, err);
		if (file->appears)
			unlink(file->path);
	}
	file_release(file);
	return closed == 0;
}
