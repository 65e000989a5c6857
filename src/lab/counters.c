#include "counters.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wireladder/base_namespace.h"

/* The whole file, with a final NUL. */
static bool counters_read(int fd, struct buf *text)
{
	ssize_t got = 1;
	text->len = 0;
	while (fd >= 0 && got > 0) {
		if (!buf_reserve(text, 4096))
			return false;
		got = pread(fd, text->at + text->len, 4096, (off_t)text->len);
		if (got > 0)
			text->len += (size_t)got;
	}
	return buf_add(text, "", 1);
}

/* Names and numbers that stand in the same order, each after a blank. */
static bool counters_in_row(const char *names, const char *values, const char *wanted,
			    int64_t *value)
{
	char *end;
	while (*names == ' ') {
		size_t length = strcspn(++names, " \n");
		*value = strtoll(values, &end, 10);
		if (strlen(wanted) == length && strncmp(names, wanted, length) == 0)
			return true;
		names += length;
		values = end;
	}
	return false;
}

/* "TcpExt: SyncookiesSent …" and below it "TcpExt: 0 …". */
static bool counters_in_pairs(const char *names, const char *wanted, int64_t *value)
{
	while (*names) {
		size_t prefix = strcspn(names, ":\n");
		const char *values = strchr(names, '\n');
		if (!values || names[prefix] != ':' || strncmp(names, values + 1, prefix) != 0)
			return false;
		values++;
		if (strncmp(names, wanted, prefix) == 0 &&
		    counters_in_row(names + prefix + 1, values + prefix + 1, wanted + prefix,
				    value))
			return true;
		names = values + strcspn(values, "\n");
		names += *names == '\n';
	}
	return false;
}

/* A line is a name, blanks or a colon, numbers: the nth of them. */
static bool counters_in_line(const char *line, const char *wanted, int nth, int64_t *value)
{
	size_t length = strlen(wanted);
	for (; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		char *number = NULL;
		line += strspn(line, " ");
		if (length == 0 || strncmp(line, wanted, length) != 0 ||
		    !strchr(" \t:", line[length]))
			continue;
		for (const char *at = line + length + 1; nth > 0; nth--, at = number)
			*value = strtoll(at, &number, 10);
		return true;
	}
	return false;
}

static bool counters_by_name(const char *text, const char *wanted, int64_t *value)
{
	return counters_in_line(text, wanted, 1, value);
}

/* Eight numbers of what it received, eight of what it sent: what was dropped of both. */
static bool counters_of_device(const char *text, const char *wanted, int64_t *value)
{
	int64_t received = 0;
	if (!counters_in_line(text, wanted, 4, &received) ||
	    !counters_in_line(text, wanted, 12, value))
		return false;
	*value += received;
	return true;
}

static void names_in_pairs(const char *text, struct buf *names)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		size_t prefix = strcspn(text, ":\n");
		const char *at = text + prefix + (text[prefix] == ':');
		for (size_t length; *at == ' '; at += length) {
			length = strcspn(++at, " \n");
			if (strchr("-0123456789", *at)) /* the line of values */
				break;
			buf_add(names, text, prefix);
			buf_add(names, at, length);
			buf_add(names, "", 1);
		}
	}
}

static void names_by_line(const char *text, struct buf *names)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		buf_add(names, text, strcspn(text, " \t\n"));
		buf_add(names, "", 1);
	}
}

/* thread-self: self would be the network of the process' first thread. */
static const struct counter_file {
	const char *path;
	bool (*find)(const char *text, const char *wanted, int64_t *value);
	void (*names)(const char *text, struct buf *names);
} files[COUNTER_FILES] = {
	{"/proc/thread-self/net/netstat", counters_in_pairs, names_in_pairs},
	{"/proc/thread-self/net/snmp", counters_in_pairs, names_in_pairs},
	{"/proc/thread-self/net/snmp6", counters_by_name, names_by_line},
	{"/proc/thread-self/net/dev", counters_of_device, NULL},
};
#define FILE_IP6 2
#define FILE_DEV 3

bool counters_open(struct counters *counters, struct err *err)
{
	for (size_t i = 0; i < COUNTER_FILES; i++) {
		counters->fds[i] = open(files[i].path, O_RDONLY | O_CLOEXEC);
		if (counters->fds[i] < 0 && i != FILE_IP6)
			return namespace_refused(files[i].path, errno, err);
	}
	return counters_begin(counters) || err_memory(err);
}

bool counters_begin(struct counters *counters)
{
	for (size_t i = 0; i < COUNTER_FILES; i++) {
		if (!counters_read(counters->fds[i], &counters->zero[i]))
			return false;
	}
	return true;
}

static bool counters_since(const struct counters *counters, size_t file, const char *name,
			   int64_t *value)
{
	struct buf now = {0};
	int64_t before = 0;
	bool found = counters_read(counters->fds[file], &now) &&
		     files[file].find(now.at, name, value) &&
		     files[file].find(counters->zero[file].at, name, &before);
	*value -= before;
	buf_close(&now);
	return found;
}

bool counters_value(const struct counters *counters, const char *name, int64_t *value)
{
	for (size_t i = 0; i < FILE_DEV; i++) {
		if (counters_since(counters, i, name, value))
			return true;
	}
	return false;
}

bool counters_names(const struct counters *counters, struct buf *names)
{
	for (size_t i = 0; i < FILE_DEV; i++)
		files[i].names(counters->zero[i].at, names);
	return !names->failed;
}

struct later { /* a file, as it is now */
	size_t file;
	struct buf text, names;
};

static void counters_compare(const struct counters *counters, const struct later *later,
			     const struct counter_taker *taker)
{
	const struct counter_file *file = &files[later->file];
	const struct buf *names = &later->names;
	for (size_t at = 0; at < names->len; at += strlen(names->at + at) + 1) {
		const char *name = names->at + at;
		int64_t value = 0, before = 0;
		file->find(later->text.at, name, &value);
		if (!file->find(counters->zero[later->file].at, name, &before))
			before = 0;
		if (value != before)
			taker->take(taker->context, name, value - before);
	}
}

/* Some counters appear only with their first event: what is there now is asked for. */
bool counters_grown(const struct counters *counters, const struct counter_taker *taker)
{
	struct later later = {0};
	bool done = true;
	for (; later.file < FILE_DEV && done; later.file++) {
		later.names.len = 0;
		done = counters_read(counters->fds[later.file], &later.text);
		if (done)
			files[later.file].names(later.text.at, &later.names);
		done = done && !later.names.failed;
		if (done)
			counters_compare(counters, &later, taker);
	}
	buf_close(&later.text);
	buf_close(&later.names);
	return done;
}

uint64_t counters_dropped(const struct counters *counters, const char *interface)
{
	int64_t dropped = 0;
	return counters_since(counters, FILE_DEV, interface, &dropped) ? (uint64_t)dropped : 0;
}

void counters_close(struct counters *counters)
{
	for (size_t i = 0; i < COUNTER_FILES; i++) {
		if (counters->fds[i] >= 0)
			close(counters->fds[i]);
		counters->fds[i] = -1;
		buf_close(&counters->zero[i]);
	}
}
