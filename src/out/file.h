/* Files as they are written here: streams grow, others appear whole or never. */
#ifndef OUT_FILE_H
#define OUT_FILE_H

#include "wireladder/base.h"

#include <sys/types.h>

struct file {
	int fd;            /* -1: none */
	char *path;        /* its name in sentences and, but for standard output, on disk */
	char *part;        /* its name until it is whole; NULL: it has none */
	bool appears;      /* only at its end, under its path */
	bool regular;      /* what was written can be cut off again */
	off_t start;       /* where in the file our first byte stands */
	uint64_t written;  /* bytes that are in the file */
	uint64_t whole;    /* of these, up to the end of the last line */
	uint64_t flushed_ns;
	struct buf waiting;
};

/* "-": standard output. What is no regular file (/dev/null, a pipe) is a stream in any case. */
bool file_open(struct file *file, const char *path, bool stream, struct err *err);
/* Streams reach the disk each second of real time, as long as somebody adds to them. A reader
 * who closed the pipe is no error: false, EXIT_DONE and an empty text. */
bool file_add(struct file *file, const void *bytes, size_t count, struct err *err);
bool file_flush(struct file *file, struct err *err);
/* Writes the rest and gives the file its name. The file is closed and freed in any case. */
bool file_close(struct file *file, struct err *err);
/* A file that appears at its end never does; a stream keeps its whole lines. */
void file_abandon(struct file *file);

/* file_name.c: names on disk */
/* An open file for writing whose name, if it needs one until it is whole, is in file->part. */
bool file_create(struct file *file, struct err *err);
bool file_appear(struct file *file, struct err *err); /* gives it its final name */
/* Says what could not be done and what to do about it; false. */
bool file_fail(const struct file *file, const char *what, int error, struct err *err);

#endif
