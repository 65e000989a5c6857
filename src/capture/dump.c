/* dump: our own pcap writer. libpcap's does not notice a full disk; this one checks every write
 * and never leaves half a packet in a file. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "losses.h"
#include "wireladder/capture.h"

#define MAGIC_NANOSECONDS UINT32_C(0xa1b23c4d)
#define SNAPLEN_DEFAULT   UINT32_C(262144)
#define FLUSH_BYTES       (UINT32_C(1) << 18)

struct file_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy, snaplen, linktype;
};

struct record_header {
	uint32_t seconds, nanoseconds, caplen, len;
};

struct dump {
	char *path;
	int fd;
	bool regular;  /* can be cut back */
	uint64_t base; /* where our part of the file begins */
	uint16_t linktype;
	uint64_t written;    /* bytes in the file, all of whole packets */
	uint64_t last_flush; /* clock_monotonic_ns */
	uint64_t last_ns;    /* for frames whose time is not known */
	struct buf waiting; /* whole packets; the first thing ever in it is the file's header */
	struct err failed;  /* text "": nothing has failed */
	bool quiet;         /* it has, but only because the reader of a pipe went away */
};

static const char *dump_name(const struct dump *dump)
{
	return strcmp(dump->path, "-") == 0 ? "standard output" : path_tail(dump->path);
}

/* How many of the first `count` waiting bytes are whole: the file's header, then records. */
static size_t dump_whole(const struct dump *dump, size_t count)
{
	size_t whole = dump->written == 0 ? sizeof(struct file_header) : 0;
	struct record_header header;
	if (whole > count)
		return 0;
	while (whole + sizeof(header) <= count) {
		memcpy(&header, dump->waiting.at + whole, sizeof(header));
		if (header.caplen > count - whole - sizeof(header))
			break;
		whole += sizeof(header) + header.caplen;
	}
	return whole;
}

/* Remembers the failure and cuts the file back to the whole packets among its last `count`
 * bytes. */
static bool dump_fail(struct dump *dump, size_t count, int error)
{
	size_t whole = dump_whole(dump, count);
	dump->quiet = error == EPIPE && strcmp(dump->path, "-") == 0;
	if (dump->regular &&
	    ftruncate(dump->fd, (off_t)(dump->base + dump->written + whole)) != 0)
		error = errno;
	if (dump->quiet) {
		dump->failed = (struct err){.status = EXIT_DONE};
		return false;
	}
	return err_set(
		&dump->failed, EXIT_OUTPUT,
		"cannot write %s: %s; it holds the first %llu bytes, whole packets only, and "
		"lacks the rest: make room or choose another place",
		dump_name(dump), strerror(error), (unsigned long long)(dump->written + whole));
}

static bool dump_write(struct dump *dump)
{
	struct pollfd writable = {.fd = dump->fd, .events = POLLOUT};
	size_t done = 0;
	while (done < dump->waiting.len) {
		ssize_t count =
			write(dump->fd, dump->waiting.at + done, dump->waiting.len - done);
		if (count > 0)
			done += (size_t)count;
		else if (count == 0 || (errno != EINTR && errno != EAGAIN))
			return dump_fail(dump, done, count == 0 ? ENOSPC : errno);
		else if (errno == EAGAIN)
			poll(&writable, 1, -1);
	}
	dump->written += dump->waiting.len;
	dump->waiting.len = 0;
	dump->last_flush = clock_monotonic_ns();
	return true;
}

/* false and *err when something has failed, now or before. */
static bool dump_checked(const struct dump *dump, struct err *err)
{
	if (!dump->quiet && !dump->failed.text[0])
		return true;
	if (err)
		*err = dump->failed;
	return false;
}

/* Standard output may be a file that others began: only what comes from here is cut back. */
static void dump_find_base(struct dump *dump)
{
	struct stat status;
	off_t at;
	dump->regular = fstat(dump->fd, &status) == 0 && S_ISREG(status.st_mode);
	at = dump->regular && (fcntl(dump->fd, F_GETFL) & O_APPEND)
		     ? status.st_size
		     : lseek(dump->fd, 0, SEEK_CUR);
	dump->base = at > 0 ? (uint64_t)at : 0;
}

static bool dump_start(struct dump *dump, uint32_t snaplen, struct err *err)
{
	static const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
	struct file_header header = {
		.magic = MAGIC_NANOSECONDS,
		.major = 2,
		.minor = 4,
		.snaplen = snaplen > 0 ? snaplen : SNAPLEN_DEFAULT,
		.linktype = dump->linktype,
	};
	bool standard_output = strcmp(dump->path, "-") == 0;
	dump->fd = standard_output ? STDOUT_FILENO : open(dump->path, flags, 0666);
	if (dump->fd < 0)
		return err_set(err, EXIT_OUTPUT, "cannot create %s: %s; choose another place",
			       dump_name(dump), strerror(errno));
	dump_find_base(dump);
	if (!buf_add(&dump->waiting, &header, sizeof(header)))
		return err_memory(err);
	return dump_flush(dump, err);
}

struct dump *dump_open(const char *path, uint16_t linktype, uint32_t snaplen, struct err *err)
{
	struct dump *dump = calloc(1, sizeof(*dump));
	if (!dump || !(dump->path = strdup(path))) {
		free(dump);
		err_memory(err);
		return NULL;
	}
	dump->linktype = linktype;
	if (!dump_start(dump, snaplen, err)) {
		dump_close(dump, NULL);
		return NULL;
	}
	return dump;
}

bool dump_frame(struct dump *dump, const struct frame *frame, struct err *err)
{
	uint64_t ns = frame->bad_time ? dump->last_ns : frame->ns;
	struct record_header header = {
		.seconds = (uint32_t)(ns / NS_PER_S),
		.nanoseconds = (uint32_t)(ns % NS_PER_S),
		.caplen = frame->caplen,
		.len = frame->len,
	};
	if (!dump_checked(dump, err))
		return false;
	if (frame->linktype != dump->linktype)
		return err_set(err, EXIT_USAGE,
			       "%s is a pcap file, which holds packets of one link type only",
			       dump_name(dump));
	if (!buf_reserve(&dump->waiting, sizeof(header) + frame->caplen))
		return err_memory(err);
	buf_add(&dump->waiting, &header, sizeof(header));
	buf_add(&dump->waiting, frame->bytes, frame->caplen);
	dump->last_ns = ns;
	if (dump->waiting.len < FLUSH_BYTES &&
	    clock_monotonic_ns() - dump->last_flush < NS_PER_S)
		return true;
	return dump_flush(dump, err);
}

bool dump_flush(struct dump *dump, struct err *err)
{
	return dump_checked(dump, err) && (dump_write(dump) || dump_checked(dump, err));
}

bool dump_close(struct dump *dump, struct err *err)
{
	bool done;
	if (!dump)
		return true;
	done = dump->fd >= 0 ? dump_flush(dump, err) : true;
	/* A file system may report only now that a write did not reach it. */
	if (dump->fd > STDERR_FILENO && close(dump->fd) != 0 && done)
		done = err_set(err, EXIT_OUTPUT, "cannot write %s: %s; it may lack packets",
			       dump_name(dump), strerror(errno));
	buf_close(&dump->waiting);
	free(dump->path);
	free(dump);
	return done;
}
