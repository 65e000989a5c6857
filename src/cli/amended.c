/* Theory of operation. An amend comes behind its packet, for some verdicts only at the end of
 * the input (no-reply), and no packet tells that it will have one. To keep every packet until
 * then would take as much memory as the capture; to read the capture twice takes the numbers of
 * the packets that are amended at all. Files can be read twice; a pipe goes into a temporary
 * file first. What comes live is shown as it is judged when it comes. */
#include "amended.h"

#include "wireladder/model_event.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define AMENDED_MAX (1U << 22) /* 64 MB */

static bool amended_room(struct amended *amended)
{
	size_t room = amended->room ? 2 * amended->room : 64;
	struct amended_packet *packets;
	if (amended->count < amended->room)
		return true;
	packets = realloc(amended->packets, room * sizeof(*packets));
	if (!packets)
		return false;
	amended->packets = packets;
	amended->room = room;
	return true;
}

void amended_hear(void *self, const struct event *event)
{
	struct amended *amended = self;
	const struct amend *amend = &event->amend;
	if (event->kind != EVENT_AMEND || (amend->verdict_count == 0 && !amend->cleared))
		return;
	if (amended->count == AMENDED_MAX) {
		amended->full = true;
	} else if (!amended_room(amended)) {
		amended->failed = true;
	} else {
		amended->packets[amended->count] = (struct amended_packet){
			.n = amend->n,
			.order = (uint32_t)amended->count,
			.has = verdicts_find(amend->verdicts, amend->verdict_count,
					     amended->verdict),
		};
		amended->count++;
	}
}

static int amended_compare(const void *a, const void *b)
{
	const struct amended_packet *x = a, *y = b;
	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

void amended_finish(struct amended *amended)
{
	size_t kept = 0;
	if (amended->count > 0)
		qsort(amended->packets, amended->count, sizeof(*amended->packets),
		      amended_compare);
	for (size_t i = 0; i < amended->count; i++) {
		if (kept > 0 && amended->packets[kept - 1].n == amended->packets[i].n)
			kept--;
		amended->packets[kept++] = amended->packets[i];
	}
	amended->count = kept;
}

static int amended_at(const void *key, const void *packet)
{
	const uint64_t *n = key;
	const struct amended_packet *at = packet;
	return *n < at->n ? -1 : *n > at->n;
}

bool amended_has(const struct amended *amended, uint64_t n, bool had)
{
	const struct amended_packet *found = NULL;
	if (amended && amended->count > 0)
		found = bsearch(&n, amended->packets, amended->count,
				sizeof(*amended->packets), amended_at);
	return found ? found->has : had;
}

void amended_close(struct amended *amended)
{
	free(amended->packets);
	*amended = (struct amended){0};
}

static bool amended_write(int fd, const char *at, ssize_t left)
{
	while (left > 0) {
		ssize_t put = write(fd, at, (size_t)left);
		if (put < 0 && errno != EINTR)
			return false;
		at += put > 0 ? put : 0;
		left -= put > 0 ? put : 0;
	}
	return true;
}

/* Until its end, or until we are asked to stop: what has come till then is what is read. */
static bool amended_copy_input(int fd)
{
	char block[65536];
	struct pollfd poll_fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
				    {.fd = signals_fd(), .events = POLLIN}};
	ssize_t got = 1;
	while (got != 0) {
		if (poll(poll_fds, ARRAY_COUNT(poll_fds), -1) < 0 && errno != EINTR)
			return false;
		if (signals_stop())
			break;
		got = read(STDIN_FILENO, block, sizeof(block));
		if (got < 0 ? errno != EINTR : !amended_write(fd, block, got))
			return false;
	}
	signals_obeyed();
	return true;
}

/* The copy takes the place of standard input. */
static bool amended_copies_input(struct err *err)
{
	FILE *copy = tmpfile();
	bool kept = copy && amended_copy_input(fileno(copy)) &&
		    lseek(fileno(copy), 0, SEEK_SET) == 0 &&
		    dup2(fileno(copy), STDIN_FILENO) == STDIN_FILENO;
	if (!kept)
		err_set(err, EXIT_PERMISSION,
			"--verdict reads its input twice, and standard input cannot be copied "
			"into a temporary file (%s): save it, and name the file",
			strerror(errno));
	if (copy)
		fclose(copy);
	return kept;
}

static bool amended_is_input(const char *word)
{
	return strcmp(word, "-") == 0;
}

static bool amended_keeps_input(struct amended *amended, struct err *err)
{
	struct stat status;
	off_t at = fstat(STDIN_FILENO, &status) == 0 && S_ISREG(status.st_mode)
			   ? lseek(STDIN_FILENO, 0, SEEK_CUR)
			   : -1;
	amended->input_at = at > 0 ? at : 0;
	return at >= 0 || amended_copies_input(err);
}

bool amended_can_reread(struct amended *amended, const struct options *options, bool *can,
			struct err *err)
{
	struct stat status;
	bool input = false;
	*can = true;
	for (size_t i = 0; i < options->word_count; i++) {
		if (amended_is_input(options->words[i]))
			input = true;
		else if (stat(options->words[i], &status) == 0 && !S_ISREG(status.st_mode))
			*can = false;
	}
	return !input || !*can || amended_keeps_input(amended, err);
}

bool amended_rewind(const struct amended *amended, const struct options *options,
		    struct err *err)
{
	for (size_t i = 0; i < options->word_count; i++) {
		if (amended_is_input(options->words[i]) &&
		    lseek(STDIN_FILENO, amended->input_at, SEEK_SET) < 0)
			return err_set(err, EXIT_PERMISSION,
				       "standard input cannot be read a second time: %s",
				       strerror(errno));
	}
	return true;
}
