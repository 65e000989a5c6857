/* intake: the bytes of a file or a pipe, read in large blocks into one buffer that is used
 * again. Compressed ones are unpacked on their way into it. */
#ifndef WIRELADDER_CAPTURE_INTAKE_H
#define WIRELADDER_CAPTURE_INTAKE_H

#include "unzip.h"

/* Measured: read(2) in blocks of this size is faster than mmap, which pays a fault per page,
 * and than larger ones, which push what else is needed for a packet out of the processor's
 * cache. */
#define INTAKE_BLOCK (UINT32_C(1) << 18)

struct intake {
	int fd; /* not owned for standard input */
	bool owned;
	bool waits;       /* a pipe or a terminal: the next bytes may be long in coming */
	bool ended;       /* nothing more will come */
	bool interrupted; /* a signal came while waiting; ask again */
	int error;     /* errno of what failed and so was the end, ENOMEM included; 0: none */
	char why[160]; /* it ended before its time, because …; "": it did not */
	struct unzip *unzip; /* NULL: the bytes are as they stand in the file */
	uint8_t *buffer;
	size_t cap, at, have; /* bytes [at, have) of the buffer are not consumed yet */
	uint64_t offset; /* of the buffer's first byte in the file, or in what it unpacks to */
};

/* false and errno when it cannot be opened; "-" is standard input. */
bool intake_open(struct intake *intake, const char *path);
void intake_close(struct intake *intake); /* safe on a zeroed intake */
/* If the bytes that are there are the first of gzip or zstd data, lets them go through the
 * unpacker and starts again at offset 0 of what comes out. false when out of memory. */
bool intake_unpack(struct intake *intake);

/* Reads until count bytes are there; the slow half of intake_need. */
bool intake_read(struct intake *intake, size_t count);
/* The same, but a pipe that stays silent for patience_ms is given up for now. */
bool intake_read_soon(struct intake *intake, size_t count, int patience_ms);

/* Are the next count bytes there, side by side? Moves the buffer: earlier pointers are void.
 * The buffer grows only as bytes arrive, whatever count says. */
static inline bool intake_need(struct intake *intake, size_t count)
{
	return intake->have - intake->at >= count || intake_read(intake, count);
}

static inline const uint8_t *intake_at(const struct intake *intake)
{
	return intake->buffer + intake->at;
}

static inline size_t intake_left(const struct intake *intake)
{
	return intake->have - intake->at;
}

static inline uint64_t intake_offset(const struct intake *intake)
{
	return intake->offset + intake->at;
}

static inline void intake_skip(struct intake *intake, size_t count) /* at most intake_left */
{
	intake->at += count;
}

#endif
