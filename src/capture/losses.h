/* losses: what a reader could not read, kept so that it can be told and never passes in
 * silence. */
#ifndef WIRELADDER_CAPTURE_LOSSES_H
#define WIRELADDER_CAPTURE_LOSSES_H

#include "wireladder/capture.h"

#define LOSSES_LISTED 1000

struct losses {
	struct skipped *list; /* the first LOSSES_LISTED */
	size_t count;
	uint64_t places, bytes;      /* of all */
	const struct skipped *first; /* the first place, NULL while there is none in the list */
	const char *file;            /* that place is in, borrowed from the reader */
	bool latest_listed;          /* the last of the list is the latest place */
	bool truncated;
	uint64_t incomplete; /* files that end early or could not be read at all */
	char cut[400];       /* the first of these, as a sentence */
};

struct loss {
	const char *file;
	uint64_t at, bytes;
	const char *why;     /* losses_cut: in the middle of what; NULL: between packets */
	const char *because; /* losses_cut: "" or what ended it */
	bool name_file;      /* there are several files: the reason says which */
	bool unpacked;       /* the place is one in what the file unpacks to */
};

void losses_add(struct losses *losses, const struct loss *loss);
/* A file that ends early; why: "packet 89" or "a block". */
void losses_cut(struct losses *losses, const struct loss *loss, uint64_t whole_packets);
/* A file of several that cannot be read at all; the sentence says which and why. */
void losses_unread(struct losses *losses, const char *sentence);
void losses_sentence(const struct losses *losses, char *text, size_t size);
void losses_close(struct losses *losses);

/* The end of a long path, which says more than its beginning. */
const char *path_tail(const char *path);

#endif
