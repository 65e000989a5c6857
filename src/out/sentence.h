/* What is said of a verdict: the glossary's sentence filled with its facts, and its label. */
#ifndef OUT_SENTENCE_H
#define OUT_SENTENCE_H

#include "wireladder/out.h"

/* The two that it may have been are named. */
static inline bool verdict_has_candidates(const struct verdict *verdict)
{
	return verdict->sure == SURE_AMBIGUOUS &&
	       verdict->candidates[0] != verdict->candidates[1];
}

/* It says that bytes, a SYN or a FIN were sent again. */
bool verdict_is_again(const struct verdict *verdict);
bool verdict_counts_as_again(enum verdict_id id);
/* "timeout, needless", "dup ACK 3", "tail loss probe or timeout"; brief: "retransmission?" for
 * the latter. */
void verdict_label(const struct verdict *verdict, bool brief, struct buf *out);
/* The sentence, what the sentence does not say of the evidence, and the clause. */
void verdict_why(const struct verdict *verdict, bool ascii, struct buf *out);

#endif
