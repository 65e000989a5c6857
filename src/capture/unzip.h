/* unzip: gzip (RFC 1952) and zstd (RFC 8878) data, unpacked piece by piece as they are read. */
#ifndef WIRELADDER_CAPTURE_UNZIP_H
#define WIRELADDER_CAPTURE_UNZIP_H

#include <sys/types.h>

#include "wireladder/base.h"

/* How far back a zstd frame may refer, and with that the most memory it can ask for: 128 MiB,
 * as far as `zstd -d` goes without being told to. gzip's window is 32 KiB. */
#define UNZIP_WINDOW_LOG 27
/* Captures shrink to a tenth or a fiftieth. What gives more than this for each byte is made to
 * fill memory or time; what is small in the end may be as dense as it likes. */
#define UNZIP_RATIO_MAX  256
#define UNZIP_FREE_BYTES (UINT64_C(64) << 20)

struct unzip;

struct unzip_end {
	const char *why; /* the data were not unpacked to their end; "": they were. Borrowed */
	uint64_t behind_at, behind_bytes; /* in the file: what follows the data and is none */
};

/* "gzip", "zstd", or NULL when these first bytes of a file are those of neither. */
const char *unzip_recognise(const uint8_t *bytes, size_t count);
/* Takes over from a reader that has read these bytes of the file (at most 1 MiB) and recognised
 * them. The descriptor stays the caller's. NULL: out of memory. */
struct unzip *unzip_open(int fd, const uint8_t *bytes, size_t count);
const char *unzip_name(const struct unzip *unzip); /* "gzip" or "zstd" */
/* One step, of at most one read(2): how many bytes it made, which may be none, or -1 and errno
 * (EINTR and ENOMEM included). */
ssize_t unzip_step(struct unzip *unzip, uint8_t *to, size_t room);
/* The next step has to read the file: all that could be made of what was read is made. */
bool unzip_waits(const struct unzip *unzip);
/* Nothing is to come any more. */
bool unzip_ended(const struct unzip *unzip, struct unzip_end *end);
void unzip_close(struct unzip *unzip); /* NULL is fine */

#endif
