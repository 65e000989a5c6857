/* Closed lists of words, and what was probably meant by a word that is not one of them. */
#ifndef WIRELADDER_BASE_WORDS_H
#define WIRELADDER_BASE_WORDS_H

#include "wireladder/base.h"

struct words {
	const char *const *at; /* "" stands for no word */
	size_t count;
};

bool words_find(const struct words *words, const char *word, size_t *index);
/* The one that was probably meant by the word, which is none of them; NULL: no guess. */
const char *words_nearest(const struct words *words, const char *word);
void words_list(const struct words *words, struct buf *text); /* "a, b, c"; the first ones */

#endif
