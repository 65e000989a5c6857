#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sniff.h"

void reader_pass_over(struct reader *reader, size_t bytes, const char *why)
{
	losses_add(&reader->losses, &(struct loss){.file = reader_path(reader),
						   .at = intake_offset(&reader->intake),
						   .bytes = bytes,
						   .why = why,
						   .name_file = reader->path_count > 1});
	intake_skip(&reader->intake, bytes);
}

void reader_cut(struct reader *reader, const char *what)
{
	struct intake *intake = &reader->intake;
	losses_cut(&reader->losses,
		   &(struct loss){.file = reader_path(reader),
				  .at = intake_offset(intake) + intake_left(intake),
				  .why = what},
		   reader->n);
	intake_skip(intake, intake_left(intake));
}

bool reader_stalled(const struct reader *reader)
{
	return reader->intake.interrupted || reader->intake.error != 0;
}

enum frame_status reader_stall(struct reader *reader, struct err *err)
{
	struct intake *intake = &reader->intake;
	if (!intake->error)
		return FRAME_NOT_YET;
	if (intake->error == ENOMEM)
		err_memory(err);
	else
		err_set(err, EXIT_PARTIAL,
			"cannot read %s beyond byte %llu: %s; the packets before it were read",
			path_tail(reader_path(reader)),
			(unsigned long long)(intake_offset(intake) + intake_left(intake)),
			strerror(intake->error));
	return FRAME_FAILED;
}

bool reader_add_interface(struct reader *reader, const struct interface_described *one,
			  struct err *err)
{
	bool full;
	if (interfaces_add(&reader->interfaces, one, &full))
		return true;
	if (!full)
		return err_memory(err);
	return err_set(err, EXIT_PARTIAL,
		       "%s names more than %d interfaces: the packets before that were read",
		       path_tail(reader_path(reader)), INTERFACES_MAX);
}

static const struct reader_format *const formats[] = {
	[SNIFFED_PCAP] = &pcapfile_format,
	[SNIFFED_PCAPNG] = &ngfile_format,
};

static bool reader_open_file(struct reader *reader, struct err *err)
{
	struct intake *intake = &reader->intake;
	const char *path = reader_path(reader);
	enum sniffed sniffed;
	reader->open = true;
	if (!intake_open(intake, path))
		return sniff_unopened(path, errno, err);
	/* Four bytes are the magic; the rest is only to name what is not a capture. */
	while (!intake_need(intake, 4) && intake->interrupted)
		continue;
	if (intake->error)
		return sniff_unopened(path, intake->error, err);
	sniffed = sniff_bytes(intake_at(intake), intake_left(intake));
	if (sniffed == SNIFFED_OTHER) {
		intake_read_soon(intake, SNIFF_BYTES, 0);
		return sniff_refuse(path, intake_at(intake), intake_left(intake), err);
	}
	reader->format = formats[sniffed];
	return reader->format->begin(reader, err);
}

static void reader_close_file(struct reader *reader)
{
	intake_close(&reader->intake);
	reader->open = false;
}

/* A later file that is no capture should be said before anything is written. What may not be
 * opened twice (a pipe) waits for its turn. */
static bool reader_check_file(const char *path, struct err *err)
{
	uint8_t bytes[SNIFF_BYTES];
	struct stat status;
	ssize_t count = 0;
	int fd, error = 0;
	if (strcmp(path, "-") == 0)
		return true;
	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
		return true;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (count = read(fd, bytes, sizeof(bytes))) < 0)
		error = errno;
	if (fd >= 0)
		close(fd);
	if (error)
		return sniff_unopened(path, error, err);
	return sniff_bytes(bytes, (size_t)count) != SNIFFED_OTHER ||
	       sniff_refuse(path, bytes, (size_t)count, err);
}

static bool reader_take_paths(struct reader *reader, const char *const *paths, size_t count,
			      struct err *err)
{
	if (count == 0)
		return err_set(err, EXIT_USAGE, "no capture file is named: name one, or `-`");
	reader->paths = calloc(count, sizeof(*reader->paths));
	if (!reader->paths)
		return err_memory(err);
	reader->path_count = count;
	for (size_t i = 0; i < count; i++) {
		reader->paths[i] = strdup(paths[i]);
		if (!reader->paths[i])
			return err_memory(err);
	}
	for (size_t i = 1; i < count; i++) {
		if (!reader_check_file(paths[i], err))
			return false;
	}
	return true;
}

struct reader *reader_open(const char *const *paths, size_t count, struct err *err)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	if (!reader) {
		err_memory(err);
		return NULL;
	}
	if (!reader_take_paths(reader, paths, count, err) || !reader_open_file(reader, err)) {
		reader_close(reader);
		return NULL;
	}
	return reader;
}

enum frame_status reader_next(struct reader *reader, struct frame *frame, struct err *err)
{
	for (;;) {
		enum frame_status status;
		if (!reader->open && !reader_open_file(reader, err)) {
			reader_close_file(reader);
			return FRAME_FAILED;
		}
		reader->intake.interrupted = false;
		status = reader->format->next(reader, frame, err);
		if (status == FRAME_READY)
			frame->n = ++reader->n;
		if (status != FRAME_END || reader->path_index + 1 == reader->path_count)
			return status;
		reader_close_file(reader);
		reader->path_index++;
	}
}

const struct vantage *reader_interfaces(const struct reader *reader, size_t *count)
{
	*count = reader->interfaces.count;
	return reader->interfaces.vantages;
}

const struct host *reader_hosts(const struct reader *reader, size_t *count)
{
	(void)reader;
	*count = 0;
	return NULL;
}

size_t reader_skipped_count(const struct reader *reader)
{
	return reader->losses.count;
}

void reader_report(const struct reader *reader, struct reader_report *report)
{
	const struct losses *losses = &reader->losses;
	*report = (struct reader_report){
		.skipped = losses->list,
		.skipped_count = losses->count,
		.skipped_places = losses->places,
		.skipped_bytes = losses->bytes,
		.truncated = losses->truncated,
	};
	for (size_t i = 0; i < reader->interfaces.count; i++) {
		report->dropped_kernel += reader->interfaces.dropped[i].kernel;
		report->dropped_interface += reader->interfaces.dropped[i].interface;
	}
	losses_sentence(losses, report->sentence, sizeof(report->sentence));
}

void reader_close(struct reader *reader)
{
	if (!reader)
		return;
	if (reader->open)
		reader_close_file(reader);
	for (size_t i = 0; i < reader->path_count; i++)
		free(reader->paths[i]);
	free(reader->paths);
	interfaces_close(&reader->interfaces);
	losses_close(&reader->losses);
	free(reader);
}
