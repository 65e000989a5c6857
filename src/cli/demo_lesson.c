/* The page that the demo names first: one lesson of the lab, played a second ago, or, where
 * namespaces are refused, from the captures of it that are inside the program. */
#include "demo_lesson.h"

#include "lab_timeline.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#define DEMO_LESSON "fast-retransmit"

static void lesson_options(struct options *options, const char *path)
{
	static const char *const words[] = {DEMO_LESSON};
	*options = (struct options){
		.outputs = {path}, .output_count = 1, .words = words, .word_count = 1,
		.quiet = true};
}

/* In a process of its own: its networks are not the demo's. */
static enum exit_status lesson_play(const char *path)
{
	struct options options;
	struct err err = {0};
	pid_t parent = getpid(), child;
	int status;
	fflush(NULL);
	child = fork();
	if (child < 0)
		return EXIT_PERMISSION;
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_PERMISSION);
		lesson_options(&options, path);
		_exit((int)command_lab(&options, &err));
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return WIFEXITED(status) ? (enum exit_status)WEXITSTATUS(status) : EXIT_PERMISSION;
}

static bool shipped_open(struct lab_run *run, enum end host, int *fd)
{
	size_t count;
	const uint8_t *bytes = lesson_shipped(host, &count);
	*fd = memfd_create(DEMO_LESSON, MFD_CLOEXEC);
	snprintf(run->paths[host], LAB_PATH, "/proc/self/fd/%d", *fd);
	return *fd >= 0 && write(*fd, bytes, count) == (ssize_t)count;
}

static bool lesson_shipped_page(const char *path)
{
	struct options options;
	struct lab_run run = {0};
	struct lab_heard heard = {0};
	struct err err = {0};
	struct lesson *lesson = lesson_open(DEMO_LESSON, &err);
	int fds[END_COUNT] = {-1, -1};
	bool done = lesson && shipped_open(&run, END_CLIENT, &fds[END_CLIENT]) &&
		    shipped_open(&run, END_SERVER, &fds[END_SERVER]);
	lesson_options(&options, path);
	options_bytes_default(&options, OUTPUT_BYTES_DEMO);
	done = done && lab_timeline(&run, lesson, &options, &heard, &err);
	for (size_t i = 0; i < END_COUNT; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	lesson_close(lesson);
	return done;
}

bool demo_lesson(const char *path, bool *played)
{
	enum exit_status status = lesson_play(path);
	/* What the lesson expects is the lab's matter: the page is there. */
	*played = status == EXIT_DONE || status == EXIT_EXPECTATION;
	return *played || lesson_shipped_page(path);
}
