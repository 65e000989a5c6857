#include "wireladder/base_words.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define LETTERS    64  /* a longer word is near to none */
#define LIST_BYTES 180 /* of a list of words in a sentence: the rest of it has to fit too */

bool words_find(const struct words *words, const char *word, size_t *index)
{
	for (size_t i = 0; i < words->count; i++) {
		if (words->at[i][0] != '\0' && strcmp(words->at[i], word) == 0) {
			*index = i;
			return true;
		}
	}
	return false;
}

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t least_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters have to be put in, left out, replaced or swapped with their neighbour to
 * make one word of the other. rows[i % 3][j]: for the first i letters of a, j of b. */
static size_t words_distance(const char *a, const char *b)
{
	size_t rows[3][LETTERS + 1], a_len = strlen(a), b_len = strlen(b);
	if (a_len > LETTERS || b_len > LETTERS)
		return SIZE_MAX;
	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3];
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			bool same = same_letter(a[i - 1], b[j - 1]);
			row[j] = least_of(above[j - 1] + !same,
					  1 + least_of(above[j], row[j - 1]));
			if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
			    same_letter(a[i - 2], b[j - 1]))
				row[j] = least_of(row[j], rows[(i + 1) % 3][j - 2] + 1);
		}
	}
	return rows[a_len % 3][b_len];
}

const char *words_nearest(const struct words *words, const char *word)
{
	const char *nearest = NULL;
	size_t count = strlen(word), best = (count + 1) / 3; /* farther: a wild guess */
	for (size_t i = 0; i < words->count; i++) {
		bool begins = count > 1 && strncasecmp(word, words->at[i], count) == 0;
		size_t distance = begins ? 1 : words_distance(word, words->at[i]);
		if (words->at[i][0] == '\0' || distance > best || (nearest && distance == best))
			continue;
		nearest = words->at[i];
		best = distance;
	}
	return nearest;
}

void words_list(const struct words *words, struct buf *text)
{
	size_t start = text->len;
	for (size_t i = 0; i < words->count; i++) {
		if (words->at[i][0] == '\0')
			continue;
		if (text->len - start + strlen(words->at[i]) > LIST_BYTES) {
			buf_printf(text, " …");
			return;
		}
		buf_printf(text, "%s%s", text->len > start ? ", " : "", words->at[i]);
	}
}
