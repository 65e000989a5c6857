/* losses: what a reader could not read, kept so that it can be told and never passes in
 * silence. */
#ifndef WIRELADDER_CAPTURE_LOSSES_H
#define WIRELADDER_CAPTURE_LOSSES_H

#include "wireladder/capture.h"

#define LOSSES_LISTED 1000

struct losses {
	struct skipped *list; /* the first LOSSES_LISTED */
	size_t count;
	uint64_t places, bytes; /* of all */
	const char *file;       /* of the place first met, borrowed from the reader */
	bool truncated;
	char cut[200]; /* the first file that ends in the middle of something, as a sentence */
};

struct loss {
	const char *file;
	uint64_t at, bytes;
	const char *why;
	bool name_file; /* there are several files: the reason says which */
};

void losses_add(struct losses *losses, const struct loss *loss);
/* A file that ends early; what: "packet 89" or "a block". */
void losses_cut(struct losses *losses, const struct loss *loss, uint64_t whole_packets);
void losses_sentence(const struct losses *losses, char *text, size_t size);
void losses_close(struct losses *losses);

/* The end of a long path, which says more than its beginning. */
const char *path_tail(const char *path);

#endif
