#include "reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sniff.h"

void reader_pass_over(struct reader *reader, size_t bytes, const char *why)
{
	losses_add(&reader->losses, &(struct loss){.file = reader_path(reader),
						   .at = intake_offset(&reader->intake),
						   .bytes = bytes,
						   .why = why,
						   .name_file = reader->path_count > 1,
						   .unpacked = reader->intake.unzip != NULL});
	intake_skip(&reader->intake, bytes);
}

void reader_cut(struct reader *reader, const char *what)
{
	struct intake *intake = &reader->intake;
	losses_cut(&reader->losses,
		   &(struct loss){.file = reader_path(reader),
				  .at = intake_offset(intake) + intake_left(intake),
				  .why = what,
				  .because = intake->why,
				  .unpacked = intake->unzip != NULL},
		   reader->n);
	reader->cut = true;
	intake_skip(intake, intake_left(intake));
}

bool reader_stalled(const struct reader *reader)
{
	return reader->intake.interrupted || reader->intake.error == ENOMEM;
}

enum frame_status reader_stall(const struct reader *reader, struct err *err)
{
	if (reader->intake.error != ENOMEM)
		return FRAME_NOT_YET;
	err_memory(err);
	return FRAME_FAILED;
}

static const struct reader_format *const formats[] = {
	[SNIFFED_PCAP] = &pcapfile_format,
	[SNIFFED_PCAPNG] = &ngfile_format,
};

/* The first bytes, as many as tell captures from other files. */
static void intake_begin(struct intake *intake)
{
	while (!intake_need(intake, 4) && intake->interrupted)
		continue;
}

/* Opens a file, through the unpacker if need be, and sees whether it is a capture. The intake
 * is to be closed in any case. */
static bool reader_sniff(struct intake *intake, const char *path, enum sniffed *sniffed,
			 struct err *err)
{
	struct sniffing file = {.path = path};
	if (!intake_open(intake, path))
		return sniff_unopened(path, errno, err);
	intake_begin(intake);
	if (!intake->error && intake_unpack(intake))
		intake_begin(intake);
	if (intake->error)
		return sniff_unopened(path, intake->error, err);
	*sniffed = sniff_bytes(intake_at(intake), intake_left(intake));
	if (*sniffed != SNIFFED_OTHER)
		return true;
	/* The rest is only to name what is no capture. */
	intake_read_soon(intake, SNIFF_BYTES, 0);
	if (intake_left(intake) < 4 && intake->why[0])
		return err_set(err, EXIT_USAGE,
			       "cannot unpack %s, because %s: get it anew, or "
			       "unpack it yourself",
			       path_tail(path), intake->why);
	file.packed = intake->unzip ? unzip_name(intake->unzip) : NULL;
	file.bytes = intake_at(intake);
	file.count = intake_left(intake);
	return sniff_refuse(&file, err);
}

static bool reader_open_file(struct reader *reader, struct err *err)
{
	enum sniffed sniffed;
	struct err why;
	reader->open = true;
	reader->cut = false;
	if (!reader_sniff(&reader->intake, reader_path(reader), &sniffed, err))
		return false;
	interfaces_begin_section(&reader->interfaces);
	reader->format = formats[sniffed];
	if (reader->format->begin(reader, &why))
		return true;
	if (why.status == EXIT_MEMORY || !reader->intake.unzip)
		*err = why;
	else
		err_set(err, why.status, "%s; that is what its %s data unpack to", why.text,
			unzip_name(reader->intake.unzip));
	return false;
}

static void reader_close_file(struct reader *reader)
{
	intake_close(&reader->intake);
	reader->open = false;
}

/* A file's end: was it one? */
static void reader_finish_file(struct reader *reader)
{
	struct unzip_end end = {.why = ""};
	if (reader->intake.unzip)
		unzip_ended(reader->intake.unzip, &end);
	if (end.behind_bytes > 0)
		losses_add(&reader->losses,
			   &(struct loss){.file = reader_path(reader),
					  .at = end.behind_at,
					  .bytes = end.behind_bytes,
					  .why = "behind the end of its compressed data",
					  .name_file = reader->path_count > 1});
	if (reader->intake.why[0] && !reader->cut)
		reader_cut(reader, NULL);
}

/* One file is done. FRAME_READY: the next one that can be read is open; FRAME_END: there is
 * none. */
static enum frame_status reader_next_file(struct reader *reader, struct err *err)
{
	reader_finish_file(reader);
	while (reader->path_index + 1 < reader->path_count) {
		struct err why;
		reader_close_file(reader);
		reader->path_index++;
		if (reader_open_file(reader, &why))
			return FRAME_READY;
		if (why.status == EXIT_MEMORY) {
			*err = why;
			return FRAME_FAILED;
		}
		losses_unread(&reader->losses, why.text);
	}
	reader->ended = true;
	return FRAME_END;
}

/* A later file that is no capture should be said before anything is written. What may not be
 * opened twice (a pipe) waits for its turn. */
static bool reader_check_file(const char *path, struct err *err)
{
	struct intake intake = {.fd = -1};
	struct stat status;
	enum sniffed sniffed;
	bool done;
	if (strcmp(path, "-") == 0)
		return true;
	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
		return true;
	done = reader_sniff(&intake, path, &sniffed, err);
	intake_close(&intake);
	return done;
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
	enum frame_status status = FRAME_READY;
	while (status == FRAME_READY && !reader->ended) {
		reader->intake.interrupted = false;
		status = reader->format->next(reader, frame, err);
		if (status == FRAME_READY) {
			frame->n = ++reader->n;
			return FRAME_READY;
		}
		if (status == FRAME_END)
			status = reader_next_file(reader, err);
	}
	return reader->ended ? FRAME_END : status;
}

const struct vantage *reader_interfaces(const struct reader *reader, size_t *count)
{
	*count = reader->interfaces.count;
	return reader->interfaces.vantages;
}

const struct host *reader_hosts(const struct reader *reader, size_t *count)
{
	*count = reader->hosts.count;
	return reader->hosts.list;
}

uint64_t reader_news(const struct reader *reader)
{
	return reader->losses.count + reader->interfaces.count + reader->hosts.count;
}

void reader_report(const struct reader *reader, struct reader_report *report)
{
	const struct losses *losses = &reader->losses;
	*report = (struct reader_report){
		.skipped = losses->list,
		.skipped_count = losses->count,
		.skipped_places = losses->places,
		.skipped_bytes = losses->bytes,
		.hosts_beyond = reader->hosts.beyond,
		.truncated = losses->truncated,
	};
	for (size_t i = 0; i < reader->interfaces.count; i++) {
		const struct interface *one = &reader->interfaces.list[i];
		report->dropped_kernel += interface_dropped_kernel(one);
		report->dropped_interface += drops_sum(&one->interface);
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
	hosts_close(&reader->hosts);
	losses_close(&reader->losses);
	free(reader);
}
