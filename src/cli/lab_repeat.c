/* A lesson run many times: is what it says so each time? */
#include "lab_expect.h"
#include "lab_verdict.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAID_BYTES 600

struct tally {
	uint64_t seed; /* of the first run; each next has the next */
	uint64_t runs, programs, held[LAB_EXPECTS_MAX];
	char other[LAB_EXPECTS_MAX][40]; /* the last value that was not expected */
	char said[SAID_BYTES];
};

static void tally_add(struct tally *tally, const struct lesson *lesson,
		      const struct lab_verdict *verdict)
{
	tally->runs++;
	tally->programs += verdict->programs;
	if (!verdict->programs)
		snprintf(tally->said, sizeof(tally->said), "%s", verdict->err.text);
	for (size_t i = 0; i < lesson->expect_count && i < LAB_EXPECTS_MAX; i++) {
		tally->held[i] += verdict->held[i];
		if (!verdict->held[i])
			memcpy(tally->other[i], verdict->is[i], sizeof(tally->other[i]));
	}
}

static bool tally_print(const struct tally *tally, const struct lesson *lesson)
{
	bool all = tally->programs == tally->runs;
	printf("%s: %" PRIu64 " runs, seeds from %" PRIu64 "\n", lesson->name, tally->runs,
	       tally->seed);
	printf("%5" PRIu64 " of %" PRIu64 "  the programs did as the lesson says%s%s\n",
	       tally->programs, tally->runs, tally->said[0] ? "; once: " : "", tally->said);
	for (size_t i = 0; i < lesson->expect_count && i < LAB_EXPECTS_MAX; i++) {
		struct buf text = {0};
		lab_expect_text(&lesson->expects[i], &text);
		buf_add(&text, "", 1);
		printf("%5" PRIu64 " of %" PRIu64 "  %s", tally->held[i], tally->runs,
		       text.failed ? "" : text.at);
		printf(tally->held[i] < tally->runs ? "; once it was %s\n" : "\n",
		       tally->other[i]);
		all = all && tally->held[i] == tally->runs;
		buf_close(&text);
	}
	return all;
}

static void run_child(struct lab_job *job, struct lab_verdict *verdict, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_PERMISSION);
	_exit(lab_once(job, verdict) ? (int)EXIT_DONE : (int)verdict->err.status);
}

/* A process for each run: what one did to its namespaces is gone with it. */
static bool run_apart(struct lab_job *job, struct lab_verdict *verdict, struct err *err)
{
	pid_t child, parent = getpid();
	int status = 0;
	memset(verdict, 0, sizeof(*verdict));
	fflush(NULL);
	child = fork();
	if (child == 0)
		run_child(job, verdict, parent);
	if (child < 0)
		return err_set(err, EXIT_PERMISSION,
			       "no process for the run: %s; raise `ulimit -u`",
			       strerror(errno));
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
		if (signals_stop())
			kill(child, SIGTERM);
	}
	if (signals_stop())
		verdict->stopped = true;
	else if (WIFSIGNALED(status))
		return err_set(err, EXIT_PERMISSION,
			       "%s: run %" PRIu64 " was ended by signal %d", job->lesson->name,
			       job->progress.run, WTERMSIG(status));
	else if (!verdict->done)
		*err = verdict->err;
	return verdict->done || verdict->stopped;
}

static bool runs_make(struct lab_job *job, struct lab_verdict *verdict, struct tally *tally,
		      struct err *err)
{
	uint64_t seed = job->options->seed;
	for (uint64_t i = 0; i < job->options->repeat; i++) {
		job->options->seed = seed + i;
		job->progress.run = i + 1;
		if (!run_apart(job, verdict, err))
			return false;
		if (verdict->stopped)
			break;
		tally_add(tally, job->lesson, verdict);
	}
	return true;
}

enum exit_status lab_repeat(struct lab_job *job, struct err *err)
{
	struct tally tally = {.seed = job->options->seed};
	struct lab_verdict *verdict = mmap(NULL, sizeof(*verdict), PROT_READ | PROT_WRITE,
					   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool done;
	if (verdict == MAP_FAILED) {
		err_memory(err);
		return err->status;
	}
	job->options->no_outputs = job->options->output_count == 0;
	done = runs_make(job, verdict, &tally, err);
	munmap(verdict, sizeof(*verdict));
	if (!done)
		return err->status;
	if (tally_print(&tally, job->lesson))
		return EXIT_DONE;
	err_set(err, EXIT_EXPECTATION, "%s: not every expectation held every time",
		job->lesson->name);
	return err->status;
}
