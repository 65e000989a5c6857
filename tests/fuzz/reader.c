/* libFuzzer entry: the bytes are a capture file, read to its end. Checks what every consumer of
 * frames relies on. */
#include "wireladder/capture.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define FRAME_MOST (UINT32_C(16) << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_frame(const struct reader *reader, const struct frame *frame, uint64_t n)
{
	volatile uint8_t touched = 0;
	size_t interfaces;
	reader_interfaces(reader, &interfaces);
	check(frame->n == n && frame->caplen <= FRAME_MOST && frame->interface < interfaces);
	check(frame->bad_time || frame->ns <= INT64_MAX);
	for (uint32_t i = 0; i < frame->caplen; i++)
		touched ^= frame->bytes[i];
}

static void read_all(struct reader *reader, size_t size)
{
	struct frame frame;
	struct err err = {0};
	struct reader_report report;
	enum frame_status status;
	uint64_t n = 0, bytes = 0;
	while ((status = reader_next(reader, &frame, &err)) == FRAME_READY) {
		check_frame(reader, &frame, ++n);
		bytes += frame.caplen;
	}
	check(status == FRAME_END);
	reader_report(reader, &report);
	bytes += report.skipped_bytes;
	check(bytes <= size);
	check((report.sentence[0] != '\0') == (report.truncated || report.skipped_places > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("capture", MFD_CLOEXEC);
	char path[32];
	const char *paths[1] = {path};
	struct err err = {0};
	struct reader *reader;
	check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	reader = reader_open(paths, 1, &err);
	if (reader)
		read_all(reader, size);
	else
		check(err.text[0] != '\0');
	reader_close(reader);
	close(fd);
	return 0;
}
