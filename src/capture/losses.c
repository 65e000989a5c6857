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
	struct skipped *last = losses->latest_listed ? &losses->list[losses->count - 1] : NULL;
	if (!last || last->at + last->bytes != loss->at || strstr(last->why, loss->why) == NULL)
		return false;
	last->bytes += loss->bytes;
	losses->bytes += loss->bytes;
	return true;
}

/* A new entry of the list, or NULL when it is full. Without memory for it the counts still
 * tell. */
static struct skipped *losses_list(struct losses *losses)
{
	if (!losses->list)
		losses->list = calloc(LOSSES_LISTED, sizeof(*losses->list));
	if (!losses->list || losses->count == LOSSES_LISTED)
		return NULL;
	return &losses->list[losses->count++];
}

void losses_add(struct losses *losses, const struct loss *loss)
{
	struct skipped *one;
	if (losses_extend(losses, loss))
		return;
	losses->bytes += loss->bytes;
	one = losses_list(losses);
	losses->latest_listed = one != NULL;
	if (losses->places++ == 0) {
		losses->file = loss->file;
		losses->first = one;
	}
	if (!one)
		return;
	one->at = loss->at;
	one->bytes = loss->bytes;
	snprintf(one->why, sizeof(one->why), "%.60s%s%s%s",
		 loss->name_file ? path_tail(loss->file) : "", loss->name_file ? ": " : "",
		 loss->why, loss->unpacked ? " (in the unpacked data)" : "");
}

void losses_cut(struct losses *losses, const struct loss *loss, uint64_t whole_packets)
{
	char before[80] = "";
	losses->truncated = true;
	if (losses->incomplete++ > 0)
		return;
	if (whole_packets > 0)
		snprintf(before, sizeof(before),
			 "; the %" PRIu64 " whole packet%s before it %s read", whole_packets,
			 whole_packets == 1 ? "" : "s", whole_packets == 1 ? "was" : "were");
	snprintf(losses->cut, sizeof(losses->cut),
		 "%.80s ends %s%s, at byte %" PRIu64 "%s%s%s%s", path_tail(loss->file),
		 loss->why ? "in the middle of " : "early", loss->why ? loss->why : "",
		 loss->at, loss->unpacked ? " of what it unpacks to" : "",
		 loss->because[0] ? ", because " : "", loss->because, before);
}

void losses_unread(struct losses *losses, const char *sentence)
{
	struct skipped *one = losses_list(losses);
	losses->latest_listed = false;
	if (one)
		snprintf(one->why, sizeof(one->why), "%.119s", sentence);
	if (losses->incomplete++ == 0)
		snprintf(losses->cut, sizeof(losses->cut), "%s", sentence);
}

static void losses_passed(const struct losses *losses, char *text, size_t size)
{
	const struct skipped *first = losses->first;
	bool one = losses->bytes == 1;
	if (losses->places == 1 && first)
		snprintf(text, size,
			 "%" PRIu64 " byte%s of %.60s at byte %" PRIu64 " %s passed over: %s",
			 losses->bytes, one ? "" : "s", path_tail(losses->file), first->at,
			 one ? "was" : "were", first->why);
	else if (losses->places > 0)
		snprintf(text, size,
			 "%" PRIu64 " bytes in %" PRIu64
			 " places were passed over, the first in %.60s at byte %" PRIu64 ": %s",
			 losses->bytes, losses->places, path_tail(losses->file),
			 first ? first->at : 0, first ? first->why : "damage");
}

void losses_sentence(const struct losses *losses, char *text, size_t size)
{
	char passed[320] = "", others[64] = "";
	struct err sentence;
	losses_passed(losses, passed, sizeof(passed));
	if (losses->incomplete == 2)
		snprintf(others, sizeof(others), " (and another file is incomplete)");
	else if (losses->incomplete > 2)
		snprintf(others, sizeof(others),
			 " (and %" PRIu64 " other files are incomplete)",
			 losses->incomplete - 1);
	/* Names of files may hold anything; an error's text is fit for a terminal. */
	err_set(&sentence, EXIT_PARTIAL, "%s%s%s%s", losses->cut, others,
		losses->cut[0] && passed[0] ? "; " : "", passed);
	snprintf(text, size, "%s", sentence.text);
}

void losses_close(struct losses *losses)
{
	free(losses->list);
	*losses = (struct losses){0};
}
