/* How a file gets its name only when it is whole.
 *
 * Theory of operation. Where the file system can, the file has no name at all while it is
 * written (O_TMPFILE), so that nothing is left of it whatever ends the program. linkat() gives
 * it its name; it cannot replace, so over an older file it first gets a passing name and is
 * then renamed, which is atomic. Elsewhere it has the passing name from the start. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME_TRIES 100
#define FILE_NAME_EXTRA 64 /* room for what follows the directory in a passing name */

bool file_fail(const struct file *file, const char *what, int error, struct err *err)
{
	static const struct {
		int error;
		const char *remedy;
	} remedies[] = {
		{ENOSPC, "free some space there, or name another place with -o"},
		{EDQUOT, "free some space there, or name another place with -o"},
		{EFBIG, "raise the limit (ulimit -f), or name another place with -o"},
		{EACCES, "name a place with -o where you may write"},
		{EPERM, "name a place with -o where you may write"},
		{EROFS, "name a place with -o where you may write"},
		{ENOENT, "make its directory first, or name another place with -o"},
		{EISDIR, "name a file with -o"},
		{EBADF, "open it, or name a file with -o"},
	};
	const char *remedy = "name another place with -o";
	if (error == EPIPE) { /* the reader has seen enough, which is no error of anybody's */
		err_set(err, EXIT_DONE, "%s", "");
		return false;
	}
	if (error == ENOMEM)
		return err_memory(err);
	for (size_t i = 0; i < ARRAY_COUNT(remedies); i++) {
		if (remedies[i].error == error)
			remedy = remedies[i].remedy;
	}
	return err_set(err, EXIT_OUTPUT, "cannot %s %s: %s; %s", what, file->path,
		       strerror(error), remedy);
}

static size_t file_directory_length(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? (size_t)(slash - path) + 1 : 0;
}

/* The n-th passing name, in the same directory: a rename cannot leave its file system. */
static void file_part_name(struct file *file, unsigned n)
{
	size_t length = file_directory_length(file->path);
	snprintf(file->part, strlen(file->path) + FILE_NAME_EXTRA,
		 "%.*s.wireladder-%ld-%u.part", (int)length, file->path, (long)getpid(), n);
}

static bool file_part_reserve(struct file *file, struct err *err)
{
	file->part = malloc(strlen(file->path) + FILE_NAME_EXTRA);
	return file->part || err_memory(err);
}

static void file_part_forget(struct file *file)
{
	free(file->part);
	file->part = NULL;
}

static bool file_create_named(struct file *file, struct err *err)
{
	if (!file_part_reserve(file, err))
		return false;
	for (unsigned n = 0; n < FILE_NAME_TRIES; n++) {
		file_part_name(file, n);
		file->fd = open(file->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (file->fd >= 0)
			return true;
		if (errno != EEXIST)
			break;
	}
	file_part_forget(file);
	return file_fail(file, "create", errno, err);
}

static bool file_create_nameless(struct file *file)
{
	size_t length = file_directory_length(file->path);
	char *directory = length ? strndup(file->path, length) : strdup(".");
	/* Without /proc the file could not be given a name later. */
	if (directory && access("/proc/self/fd", X_OK) == 0)
		file->fd = open(directory, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
	free(directory);
	return file->fd >= 0;
}

bool file_create(struct file *file, struct err *err)
{
	struct stat old;
	bool there = stat(file->path, &old) == 0;
	if (!file_create_nameless(file) && !file_create_named(file, err))
		return false;
	/* What replaces a file nobody else could read is not for everybody either. */
	if (there && fchmod(file->fd, old.st_mode & 0777) != 0)
		return file_fail(file, "create", errno, err);
	return true;
}

static bool file_link(const struct file *file, const char *name)
{
	char self[48];
	snprintf(self, sizeof(self), "/proc/self/fd/%d", file->fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

static bool file_link_part(struct file *file, struct err *err)
{
	if (!file_part_reserve(file, err))
		return false;
	for (unsigned n = 0; n < FILE_NAME_TRIES; n++) {
		file_part_name(file, n);
		if (file_link(file, file->part))
			return true;
		if (errno != EEXIST)
			break;
	}
	file_part_forget(file);
	return file_fail(file, "create", errno, err);
}

bool file_appear(struct file *file, struct err *err)
{
	if (!file->part && file_link(file, file->path))
		return true;
	if (!file->part && !file_link_part(file, err))
		return false;
	if (rename(file->part, file->path) != 0)
		return file_fail(file, "create", errno, err);
	file_part_forget(file);
	return true;
}
