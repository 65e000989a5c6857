#include "tally.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TALLY_TEXT 16384 /* the longer of the files has 5 KB */

static const struct {
	enum tally_file file;
	const char *name;
} wanted[TALLY_COUNT] = {
#define X(key, file, name) {TALLY_##file, name},
	TALLY_LIST(X)
#undef X
};

static const char *const prefixes[TALLY_FILES] = {"TcpExt: ", "Tcp: "};

static bool tally_text(int fd, char text[static TALLY_TEXT])
{
	ssize_t got = fd >= 0 ? pread(fd, text, TALLY_TEXT - 1, 0) : -1;
	text[got > 0 ? got : 0] = '\0';
	return got > 0;
}

/* Two lines have the prefix: names, then numbers in the same order. NULL: there is none. */
static const char *tally_line(const char *text, const char *prefix, bool numbers)
{
	size_t length = strlen(prefix);
	while (text && strncmp(text, prefix, length) != 0) {
		text = strchr(text, '\n');
		text += text != NULL;
	}
	if (text && numbers) {
		text = strchr(text, '\n');
		text += text != NULL;
	}
	return text ? text + length : NULL;
}

static int tally_column(const char *line, const char *name)
{
	size_t length = strlen(name);
	for (int column = 0; *line && *line != '\n'; column++) {
		size_t word = strcspn(line, " \n");
		if (word == length && strncmp(line, name, length) == 0)
			return column;
		line += word + (line[word] == ' ');
	}
	return -1;
}

bool tally_open(struct tally *tally, const int fds[static TALLY_FILES])
{
	for (size_t file = 0; file < TALLY_FILES; file++) {
		char text[TALLY_TEXT];
		const char *line;
		tally->fds[file] = fds[file];
		if (!tally_text(fds[file], text))
			return false;
		line = tally_line(text, prefixes[file], false);
		for (size_t key = 0; line && key < TALLY_COUNT; key++) {
			if (wanted[key].file == file)
				tally->columns[key] = tally_column(line, wanted[key].name);
		}
		if (!line)
			return false;
	}
	return true;
}

static void tally_line_read(const struct tally *tally, size_t file, const char *line,
			    int64_t values[static TALLY_COUNT])
{
	for (int column = 0; *line && *line != '\n'; column++) {
		for (size_t key = 0; key < TALLY_COUNT; key++) {
			if (wanted[key].file == file && tally->columns[key] == column)
				values[key] = strtoll(line, NULL, 10);
		}
		line += strcspn(line, " \n");
		line += *line == ' ';
	}
}

bool tally_read(const struct tally *tally, int64_t values[static TALLY_COUNT])
{
	memset(values, 0, TALLY_COUNT * sizeof(*values));
	for (size_t file = 0; file < TALLY_FILES; file++) {
		char text[TALLY_TEXT];
		const char *line;
		if (!tally_text(tally->fds[file], text))
			return false;
		line = tally_line(text, prefixes[file], true);
		if (!line)
			return false;
		tally_line_read(tally, file, line, values);
	}
	return true;
}
