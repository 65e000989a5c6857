/* Theory of operation. The board is one anonymous shared mapping, made before the programs are
 * forked. Marks are only ever added: a writer takes the next row, writes the name, then says
 * that the row is ready. `news` counts what happened and is the futex on which waiting programs
 * sleep: whoever reads it, looks through the rows and then sleeps only if it still reads the
 * same cannot miss a mark. No lock is held anywhere, so a program may be killed at any moment.
 *
 * Two programs that reach the same mark at once may write it twice; that does no harm. */
#include "actor.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "talk.h"

#define WAIT_NS (20 * NS_PER_S)

enum { SLEEP_MS_MAX = 3600 * 1000 };

struct mark {
	atomic_bool ready;
	char name[ACTOR_MARK_TEXT];
};

struct actor_board {
	size_t size; /* of the mapping */
	int over_fd; /* readable, for ever, once the lesson is over: for poll */
	atomic_bool over;
	atomic_uint news, mark_count, resting;
	struct mark marks[ACTOR_MARKS_MAX];
	struct actor_report reports[];
};

struct actor_board *actor_board_open(size_t program_count, struct err *err)
{
	size_t size = sizeof(struct actor_board) + program_count * sizeof(struct actor_report);
	struct actor_board *board;
	if (program_count > ACTOR_PROGRAMS_MAX) {
		err_set(err, EXIT_USAGE,
			"a lesson has at most %d programs, not %zu: leave some out",
			ACTOR_PROGRAMS_MAX, program_count);
		return NULL;
	}
	board = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED) {
		err_memory(err);
		return NULL;
	}
	board->size = size;
	board->over_fd = eventfd(0, EFD_CLOEXEC);
	for (size_t i = 0; i < program_count; i++)
		board->reports[i].step = UINT32_MAX; /* none begun */
	if (board->over_fd >= 0)
		return board;
	err_set(err, EXIT_PERMISSION,
		"no descriptor is left for a lesson's board: raise the limit (`ulimit -n`)");
	actor_board_close(board);
	return NULL;
}

void actor_board_close(struct actor_board *board)
{
	if (!board)
		return;
	if (board->over_fd >= 0)
		close(board->over_fd);
	munmap(board, board->size);
}

struct actor_report *actor_board_report(struct actor_board *board, size_t program)
{
	return &board->reports[program];
}

uint32_t actor_board_resting(const struct actor_board *board)
{
	return board->resting;
}

static void board_wake(struct actor_board *board)
{
	board->news++;
	syscall(SYS_futex, &board->news, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void actor_board_over(struct actor_board *board)
{
	board->over = true;
	(void)eventfd_write(board->over_fd, 1); /* full after 2^64 - 2 times */
	board_wake(board);
}

bool board_rest(struct actor_board *board, int fd)
{
	struct pollfd wait[] = {{.fd = fd, .events = POLLIN},
				{.fd = board->over_fd, .events = POLLIN}};
	int ready;
	if (fd < 0)
		return true; /* a closed socket, for which poll() would wait in vain */
	board->resting++;
	do
		ready = poll(wait, ARRAY_COUNT(wait), -1);
	while (ready < 0 && errno == EINTR);
	board->resting--;
	return ready < 0 || wait[0].revents != 0; /* what is wrong, recvfrom() will tell */
}

static bool mark_is_reached(const struct actor_board *board, const char *name)
{
	unsigned count = board->mark_count;
	for (unsigned i = 0; i < count && i < ACTOR_MARKS_MAX; i++) {
		if (board->marks[i].ready && strcmp(board->marks[i].name, name) == 0)
			return true;
	}
	return false;
}

static bool mark_set(struct actor_board *board, const char *name)
{
	unsigned row;
	if (mark_is_reached(board, name))
		return true;
	row = board->mark_count++;
	if (row >= ACTOR_MARKS_MAX) {
		board->mark_count = ACTOR_MARKS_MAX; /* never round to 0 again */
		return false;
	}
	memcpy(board->marks[row].name, name, strlen(name) + 1);
	board->marks[row].ready = true;
	board_wake(board);
	return true;
}

/* True: reached. False: over, or the time has come. */
static bool mark_wait(struct actor_board *board, const char *name, uint64_t wait_ns)
{
	uint64_t until = clock_monotonic_ns() + wait_ns;
	for (;;) {
		unsigned news = board->news;
		uint64_t now = clock_monotonic_ns(), left;
		struct timespec span;
		if (mark_is_reached(board, name))
			return true;
		if (board->over || now >= until)
			return false;
		left = until - now;
		span = (struct timespec){.tv_sec = (time_t)(left / NS_PER_S),
					 .tv_nsec = (long)(left % NS_PER_S)};
		syscall(SYS_futex, &board->news, FUTEX_WAIT, news, &span, NULL, 0);
	}
}

static bool mark_check(struct actor *a)
{
	const char *name = a->step->text;
	size_t length = name ? strlen(name) : 0;
	if (length > 0 && length < ACTOR_MARK_TEXT)
		return true;
	actor_tell(a, EXIT_USAGE, "%s needs the name of a mark, below %d bytes",
		   step_words[a->step->kind], ACTOR_MARK_TEXT);
	return false;
}

int step_mark(struct actor *a, struct actor_socket *s)
{
	struct actor_call *call;
	(void)s;
	if (!mark_check(a))
		return STEP_TOLD;
	call = actor_call_open(a, STEP_MARK, -1);
	if (mark_set(a->config->board, a->step->text))
		return actor_call_close(call, 0);
	errno = ENOSPC;
	(void)actor_call_close(call, -1);
	return actor_tell(a, EXIT_USAGE, "a lesson has at most %d marks: use one of them again",
			  ACTOR_MARKS_MAX);
}

int step_wait(struct actor *a, struct actor_socket *s)
{
	uint64_t wait_ns = a->config->wait_ns ? a->config->wait_ns : WAIT_NS;
	struct actor_board *board = a->config->board;
	struct actor_call *call;
	char limit[WAIT_TEXT_SIZE];
	bool over;
	(void)s;
	if (!mark_check(a))
		return STEP_TOLD;
	call = actor_call_open(a, STEP_WAIT, -1);
	if (mark_wait(board, a->step->text, wait_ns))
		return actor_call_close(call, 0);
	over = board->over;
	errno = over ? ECANCELED : ETIMEDOUT;
	(void)actor_call_close(call, -1);
	if (over)
		return actor_tell(
			a, EXIT_PARTIAL,
			"the lesson was over before any program reached the mark \"%s\"",
			a->step->text);
	wait_text(wait_ns, limit);
	return actor_tell(
		a, EXIT_PARTIAL,
		"no program reached the mark \"%s\" within %s: check its spelling, and "
		"what the other programs wait for",
		a->step->text, limit);
}

int step_sleep(struct actor *a, struct actor_socket *s)
{
	uint64_t now = clock_monotonic_ns(), until;
	struct actor_call *call;
	(void)s;
	if (a->step->number < 0 || a->step->number > SLEEP_MS_MAX)
		return actor_tell(a, EXIT_USAGE, "sleep_ms takes milliseconds from 0 to %d",
				  SLEEP_MS_MAX);
	until = now + (uint64_t)a->step->number * NS_PER_MS;
	call = actor_call_open(a, STEP_SLEEP, -1);
	for (; now < until; now = clock_monotonic_ns())
		clock_sleep_ns(until - now);
	return actor_call_close(call, 0);
}
