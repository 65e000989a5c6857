/* libFuzzer entry: the bytes are a capture file, packed or not, read to its end. Checks what every
 * consumer of frames relies on. */
#include "wireladder/capture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FRAME_MOST (UINT32_C(16) << 20)
#define HOSTS_MOST 10000
/* Packed data may unpack to this much, and beyond it to so many times their size. */
#define FREE_MOST  (UINT64_C(66) << 20)
#define RATIO_MOST 257

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
	for (uint32_t i = 0; i < frame->comment_len; i++)
		touched ^= (uint8_t)frame->comment[i];
}

static void check_hosts(const struct reader *reader)
{
	size_t count;
	const struct host *hosts = reader_hosts(reader, &count);
	check(count <= HOSTS_MOST);
	for (size_t i = 0; i < count; i++)
		check(hosts[i].name[0] && strlen(hosts[i].name) <= 255);
}

static bool is_packed(const uint8_t *data, size_t size)
{
	return size >= 4 && (memcmp(data, "\x1f\x8b", 2) == 0 || data[0] == 0x28 ||
			     memcmp(data + 1, "\x2a\x4d\x18", 3) == 0);
}

static void read_all(struct reader *reader, uint64_t most)
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
	check(bytes <= most);
	check_hosts(reader);
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
		read_all(reader, is_packed(data, size) ? FREE_MOST + RATIO_MOST * size : size);
	else
		check(err.text[0] != '\0');
	reader_close(reader);
	close(fd);
	return 0;
}
