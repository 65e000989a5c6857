/* lines: theory of operation.
 *
 * cJSON keeps no places. But its tree, walked parents first, has the values in the order in
 * which they begin in the file; so a scanner that only knows where values begin, and what is a
 * key, meets them in the same order. Both lists are laid side by side. The text has passed
 * cJSON, so that the scanner need not doubt it; like cJSON it takes every byte up to the space
 * as space. */
#include "lesson.h"

#include <stdlib.h>
#include <string.h>

struct scanner {
	const uint8_t *at, *end;
	unsigned line;
};

static void scanner_space(struct scanner *s)
{
	for (; s->at < s->end && *s->at <= ' '; s->at++)
		s->line += *s->at == '\n';
}

static void scanner_string(struct scanner *s)
{
	s->at++;
	while (s->at < s->end && *s->at != '"') {
		s->at += *s->at == '\\' && s->at + 1 < s->end;
		s->line += *s->at == '\n';
		s->at++;
	}
	s->at += s->at < s->end;
}

static bool scanner_is(const struct scanner *s, const char *set)
{
	return s->at < s->end && *s->at != '\0' && strchr(set, *s->at);
}

/* The line where the next value, or its key, begins; 0: there is none. */
static unsigned scanner_next(struct scanner *s)
{
	unsigned line, key_line = 0;
	for (;;) {
		scanner_space(s);
		if (s->at == s->end)
			return 0;
		line = key_line ? key_line : s->line;
		if (scanner_is(s, "]},:")) {
			s->at++;
		} else if (scanner_is(s, "[{")) {
			s->at++;
			return line;
		} else if (scanner_is(s, "\"")) {
			scanner_string(s);
			scanner_space(s);
			if (!scanner_is(s, ":"))
				return line;
			key_line = line;
		} else {
			while (s->at < s->end && *s->at > ' ' && !scanner_is(s, "]},"))
				s->at++;
			return line;
		}
	}
}

static size_t nodes_count(const cJSON *node)
{
	size_t count = 0;
	for (; node; node = node->next)
		count += 1 + nodes_count(node->child);
	return count;
}

static void lines_walk(struct lines *lines, const cJSON *node, struct scanner *scanner)
{
	for (; node; node = node->next) {
		lines->at[lines->count++] = (struct line_of){node, scanner_next(scanner)};
		lines_walk(lines, node->child, scanner);
	}
}

static int line_of_compare(const void *a, const void *b)
{
	uintptr_t first = (uintptr_t)((const struct line_of *)a)->node;
	uintptr_t second = (uintptr_t)((const struct line_of *)b)->node;
	return (first > second) - (first < second);
}

bool lines_open(struct lines *lines, const cJSON *root, struct cursor text)
{
	struct scanner scanner = {text.at, text.end, 1};
	*lines = (struct lines){0};
	lines->at = calloc(nodes_count(root), sizeof(*lines->at));
	if (!lines->at)
		return false;
	lines_walk(lines, root, &scanner);
	qsort(lines->at, lines->count, sizeof(*lines->at), line_of_compare);
	return true;
}

unsigned lines_find(const struct lines *lines, const cJSON *node)
{
	struct line_of wanted = {.node = node};
	const struct line_of *found = NULL;
	if (lines->count > 0)
		found = bsearch(&wanted, lines->at, lines->count, sizeof(wanted),
				line_of_compare);
	return found ? found->line : 1;
}

unsigned lines_count(const uint8_t *from, const uint8_t *to)
{
	unsigned line = 1;
	for (; from < to; from++)
		line += *from == '\n';
	return line;
}

void lines_close(struct lines *lines)
{
	free(lines->at);
	*lines = (struct lines){0};
}
