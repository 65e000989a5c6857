/* Builds capture files byte by byte, in either byte order, and reads them back. A file under
 * test lives in memory and has a path like any other. */
#ifndef WIRELADDER_TESTS_FILES_H
#define WIRELADDER_TESTS_FILES_H

#include "../../support/cm.h"

#include "wireladder/capture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct bytes { /* a file being written */
	struct buf buf;
	bool big; /* its byte order */
};

static inline void put16(struct bytes *file, uint32_t value)
{
	uint8_t big[2] = {(uint8_t)(value >> 8), (uint8_t)value}, little[2] = {big[1], big[0]};
	buf_add(&file->buf, file->big ? big : little, 2);
}

static inline void put32(struct bytes *file, uint32_t value)
{
	if (file->big) {
		put16(file, value >> 16);
		put16(file, value & 0xFFFF);
	} else {
		put16(file, value & 0xFFFF);
		put16(file, value >> 16);
	}
}

static inline void put_bytes(struct bytes *file, const void *bytes, size_t count)
{
	buf_add(&file->buf, bytes, count);
}

static inline void put_zeros(struct bytes *file, size_t count)
{
	while (count-- > 0)
		buf_add(&file->buf, "", 1);
}

#define MAGIC_US       0xa1b2c3d4
#define MAGIC_NS       0xa1b23c4d
#define MAGIC_MODIFIED 0xa1b2cd34

struct pcap_header {
	uint32_t magic, snaplen, network,
		version; /* version 0: 2.4, else major << 16 | minor */
};

static inline void put_pcap_header(struct bytes *file, struct pcap_header header)
{
	put32(file, header.magic);
	put16(file, header.version ? header.version >> 16 : 2);
	put16(file, header.version ? header.version & 0xFFFF : 4);
	put32(file, 0);
	put32(file, 0);
	put32(file, header.snaplen);
	put32(file, header.network);
}

struct stamped {
	uint32_t seconds, fraction, caplen, len; /* len 0: as caplen */
	const void *bytes;
};

static inline void put_pcap_record(struct bytes *file, struct stamped record)
{
	put32(file, record.seconds);
	put32(file, record.fraction);
	put32(file, record.caplen);
	put32(file, record.len ? record.len : record.caplen);
	put_bytes(file, record.bytes, record.caplen);
}

/* The bytes of packet i: every packet has its own, and its length varies. */
#define CONTENT_MAX 1600
static inline uint32_t content(uint32_t i, uint8_t bytes[static CONTENT_MAX])
{
	uint64_t state = i + 1;
	uint32_t length = 60 + (uint32_t)(rng_next(&state) % (i % 3 ? 40 : CONTENT_MAX - 60));
	for (uint32_t at = 0; at < length; at++)
		bytes[at] = (uint8_t)rng_next(&state);
	return length;
}

/* Where to find it; the file stays open until the program ends. */
static inline const char *path_of(const void *bytes, size_t count, char path[static 32])
{
	int fd = memfd_create("capture", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, count), count);
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return path;
}

static inline void path_close(const char *path)
{
	close((int)strtol(strrchr(path, '/') + 1, NULL, 10));
}

/* A reader over one file of these bytes, which must be a capture. */
struct reading {
	char path[32];
	struct reader *reader;
	struct frame frame;
	struct reader_report report;
	struct err err;
};

static inline void reading_open(struct reading *reading, const struct bytes *file)
{
	const char *path = path_of(file->buf.at, file->buf.len, reading->path);
	reading->err = (struct err){0};
	reading->reader = reader_open(&path, 1, &reading->err);
	if (!reading->reader)
		fail_msg("refused: %s", reading->err.text);
}

static inline bool reading_next(struct reading *reading)
{
	enum frame_status status = reader_next(reading->reader, &reading->frame, &reading->err);
	reader_report(reading->reader, &reading->report);
	assert_true(status == FRAME_READY || status == FRAME_END);
	return status == FRAME_READY;
}

static inline void reading_close(struct reading *reading)
{
	reader_close(reading->reader);
	path_close(reading->path);
}

/* Reads to the end and returns how many packets there were. */
static inline uint64_t reading_count(struct reading *reading, const struct bytes *file)
{
	uint64_t count = 0;
	reading_open(reading, file);
	while (reading_next(reading))
		count++;
	return count;
}

/* Refused: returns the status and leaves the sentence. */
static inline enum exit_status refused(const void *bytes, size_t count, struct err *err)
{
	char place[32];
	const char *path = path_of(bytes, count, place);
	struct reader *reader = reader_open(&path, 1, err);
	assert_null(reader);
	path_close(path);
	return err->status;
}

#endif
