#include "losses.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SHOWN 60

const char *path_tail(const char *path)
{
	size_t length = strlen(path);
	const char *tail = length > PATH_SHOWN ? path + length - PATH_SHOWN : path;
	const char *slash = tail != path ? strchr(tail, '/') : NULL;
	if (strcmp(path, "-") == 0)
		return "standard input";
	return slash && slash[1] ? slash + 1 : tail;
}

/* A place right behind the one before, for the same reason, is the same place. */
static bool losses_extend(struct losses *losses, const struct loss *loss)
{
	struct skipped *last = losses->count > 0 ? &losses->list[losses->count - 1] : NULL;
	if (!last || losses->places != losses->count || last->at + last->bytes != loss->at ||
	    strstr(last->why, loss->why) == NULL)
		return false;
	last->bytes += loss->bytes;
	losses->bytes += loss->bytes;
	return true;
}

void losses_add(struct losses *losses, const struct loss *loss)
{
	struct skipped *one;
	if (losses_extend(losses, loss))
		return;
	losses->places++;
	losses->bytes += loss->bytes;
	if (!losses->file)
		losses->file = loss->file;
	if (losses->count == LOSSES_LISTED)
		return;
	/* Without memory for the list the counts still tell. */
	if (!losses->list)
		losses->list = calloc(LOSSES_LISTED, sizeof(*losses->list));
	if (!losses->list)
		return;
	one = &losses->list[losses->count++];
	one->at = loss->at;
	one->bytes = loss->bytes;
	snprintf(one->why, sizeof(one->why), "%.60s%s%s",
		 loss->name_file ? path_tail(loss->file) : "", loss->name_file ? ": " : "",
		 loss->why);
}

void losses_cut(struct losses *losses, const struct loss *loss, uint64_t whole_packets)
{
	losses->truncated = true;
	if (losses->cut[0])
		return;
	if (whole_packets == 0) {
		snprintf(losses->cut, sizeof(losses->cut),
			 "%.80s ends in the middle of %s, at byte %" PRIu64,
			 path_tail(loss->file), loss->why, loss->at);
		return;
	}
	snprintf(losses->cut, sizeof(losses->cut),
		 "%.80s ends in the middle of %s, at byte %" PRIu64 "; the %" PRIu64
		 " whole packet%s before it %s read",
		 path_tail(loss->file), loss->why, loss->at, whole_packets,
		 whole_packets == 1 ? "" : "s", whole_packets == 1 ? "was" : "were");
}

void losses_sentence(const struct losses *losses, char *text, size_t size)
{
	const struct skipped *first = losses->count > 0 ? losses->list : NULL;
	char passed[320] = "";
	struct err sentence;
	if (losses->places == 1 && first)
		snprintf(passed, sizeof(passed),
			 "%" PRIu64 " bytes of %.60s at byte %" PRIu64 " were passed over: %s",
			 losses->bytes, path_tail(losses->file), first->at, first->why);
	else if (losses->places > 0)
		snprintf(passed, sizeof(passed),
			 "%" PRIu64 " bytes in %" PRIu64
			 " places were passed over, the first in %.60s at byte %" PRIu64 ": %s",
			 losses->bytes, losses->places, path_tail(losses->file),
			 first ? first->at : 0, first ? first->why : "damage");
	/* Names of files may hold anything; an error's text is fit for a terminal. */
	err_set(&sentence, EXIT_PARTIAL, "%s%s%s", losses->cut,
		losses->cut[0] && passed[0] ? "; " : "", passed);
	snprintf(text, size, "%s", sentence.text);
}

void losses_close(struct losses *losses)
{
	free(losses->list);
	*losses = (struct losses){0};
}
