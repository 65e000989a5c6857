/* joiner: to be written. */
#include "decoding.h"

#include <stdlib.h>

struct joiner {
	struct join_counts counts;
};

struct joiner *joiner_open(const struct joiner_config *config, struct err *err)
{
	struct joiner *joiner = calloc(1, sizeof(*joiner));
	(void)config;
	if (!joiner)
		err_memory(err);
	return joiner;
}

bool joiner_add(struct joiner *joiner, const struct frame *frame, uint64_t ns,
		struct segment *segment, struct whole *whole)
{
	(void)joiner, (void)frame, (void)ns, (void)segment, (void)whole;
	return false;
}

bool joiner_again(struct joiner *joiner, struct whole *whole)
{
	(void)joiner, (void)whole;
	return false;
}

void joiner_counts(const struct joiner *joiner, struct join_counts *counts)
{
	*counts = joiner->counts;
}

void joiner_close(struct joiner *joiner)
{
	free(joiner);
}
