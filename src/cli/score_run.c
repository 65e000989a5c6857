/* Each run is a process of its own, which leaves its counts in shared memory: what it did to
 * its namespaces is gone with it. */
#include "score_run.h"

#include "lab_log.h"
#include "score_wire.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ATTEMPTS 3

/* The sentence goes into JSON as it is: it loses what would have to be escaped there. */
static bool drop(struct score_run *score, const char *why)
{
	char *at = score->dropped;
	snprintf(score->dropped, sizeof(score->dropped), "%s", why);
	while ((at = strpbrk(at, "\"\\\n")))
		*at = '\'';
	return false;
}

/* What a host's kernel counted against the frames that bear the names. A run that was stopped
 * in its middle may have counted more since. */
static bool counter_fits(const struct lab_run *run, enum end host, const char *name,
			 int64_t labels)
{
	int64_t counted = 0;
	if (!lab_run_counter(run, host, name, &counted))
		return false;
	return counted == labels || (run->timed_out && counted > labels);
}

static bool host_adds_up(const struct lab_run *run, enum end host)
{
	int64_t resent = 0, named[CAUSE_COUNT] = {0};
	for (size_t i = 0; i < run->truth_count; i++) {
		const struct truth *truth = &run->truth[i];
		if (truth->to != host)
			named[truth->cause]++;
	}
	for (size_t cause = CAUSE_NONE + 1; cause < CAUSE_COUNT; cause++) {
		if (cause != CAUSE_WINDOW_PROBE && cause != CAUSE_KEEP_ALIVE)
			resent += named[cause];
	}
	if (!counter_fits(run, host, "TcpRetransSegs", resent))
		return false;
	if (named[CAUSE_MIXED] + named[CAUSE_FIN] > 0)
		return true; /* these may be of any kind */
	return counter_fits(run, host, "TcpExtTCPFastRetrans",
			    named[CAUSE_FAST] + named[CAUSE_RECOVERY]) &&
	       counter_fits(run, host, "TcpExtTCPSlowStartRetrans", named[CAUSE_RTO_RECOVERY]);
}

static bool run_is_sound(struct score_run *score, const struct lab_run *run)
{
	char why[SCORE_WHY];
	if (run->stopped)
		return drop(score, "interrupted");
	if (run->missed + run->unseen_syns > 0 && !run->timed_out)
		return drop(score, "a tap or the wire did not see every frame");
	for (size_t host = 0; host < END_COUNT; host++) {
		if (host_adds_up(run, (enum end)host))
			continue;
		snprintf(why, sizeof(why),
			 "the kernel of the %s counted other retransmissions than the wire saw",
			 host == END_CLIENT ? "client" : "server");
		return drop(score, why);
	}
	return true;
}

static void run_counters(struct score_run *score, const struct lab_run *run,
			 const struct score_truth *truth)
{
	for (size_t i = 0; i < END_COUNT; i++) {
		struct score_acks *acks = &score->acks[i];
		lab_run_counter(run, (enum end)i, "TcpExtTCPOFOQueue", &acks->queued);
		lab_run_counter(run, (enum end)i, "TcpExtTCPAckCompressed", &acks->compressed);
		score->repeated[i] = truth->repeated[i];
	}
	for (size_t i = 0; i < run->truth_count; i++)
		score->connections += run->truth[i].cause == CAUSE_NONE &&
				      (run->truth[i].tcp_flags & (TCP_SYN | TCP_ACK)) ==
					      (TCP_SYN | TCP_ACK);
}

static bool run_judge(const struct score_config *config, struct score_run *score,
		      const struct lab_run *run, struct err *err)
{
	struct score_truth truth = {0};
	struct score_heard heard[END_COUNT + 1] = {0};
	bool done = score_truth_open(&truth, run, err);
	for (int tap = 0; done && tap <= END_COUNT; tap++)
		done = score_heard_open(&heard[tap], run, tap, err);
	if (done) {
		run_counters(score, run, &truth);
		score_judge(score, &truth, heard);
		if (config->options->tshark)
			score->tshark = score_tshark(score, run, &truth);
	}
	for (size_t i = 0; i <= END_COUNT; i++)
		score_heard_close(&heard[i]);
	score_truth_close(&truth);
	return done;
}

static bool run_folder(const struct score_config *config, const struct score_run *score,
		       char *path, struct err *err)
{
	const char *folder = config->options->folder;
	if (snprintf(path, LAB_PATH, "%s/%s%" PRIu64, folder, score->lesson, score->seed) >=
	    LAB_PATH - 20)
		return err_set(err, EXIT_USAGE, "--pcap %.80s… is too long a path", folder);
	if (mkdir(folder, 0777) != 0 && errno != EEXIST)
		return err_set(err, EXIT_OUTPUT, "cannot make the folder %s: %s", folder,
			       strerror(errno));
	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		return err_set(err, EXIT_OUTPUT, "cannot make the folder %s: %s", path,
			       strerror(errno));
	return true;
}

/* A run is made again that did not come up in time, or was not seen whole: the machine is
 * busy. */
static bool run_attempt(const struct lab_run_config *how, struct lab_run *run, struct err *err)
{
	for (int left = ATTEMPTS - 1;; left--) {
		bool open = lab_run_open(how, run, err);
		bool whole = open && (run->missed + run->unseen_syns == 0 || run->timed_out);
		if (whole || left == 0 || signals_stop())
			return open;
		if (open)
			lab_run_close(run);
	}
}

static bool run_lesson(const struct score_config *config, const struct lesson *lesson,
		       struct score_run *score, struct err *err)
{
	char folder[LAB_PATH];
	struct options log = {.folder = folder, .seed = score->seed};
	struct lab_progress silent = {0};
	struct lab_run_config how = {
		.lesson = lesson, .seed = score->seed, .progress = &silent};
	struct lab_run run;
	struct truth *named = NULL;
	bool done = true;
	if (config->options->folder) {
		if (!run_folder(config, score, folder, err))
			return false;
		how.folder = folder;
	}
	if (config->stacks && !stacks_begin(config->stacks, err))
		return false;
	if (!run_attempt(&how, &run, err))
		return false;
	if (config->stacks)
		score_stacks_compare(&score->stacks, config->stacks, &run, &named);
	if (how.folder)
		done = lab_log_write(&run, lesson, &log, err);
	if (done && run_is_sound(score, &run))
		done = run_judge(config, score, &run, err);
	score->stopped = run.stopped;
	lab_run_close(&run);
	free(named);
	return done;
}

static bool run_once(const struct score_config *config, struct score_run *score,
		     struct err *err)
{
	bool done;
	if (score->lesson[0]) {
		struct lesson *lesson = lesson_open(score->lesson, err);
		score->compresses = true; /* as Linux does of itself */
		done = lesson && run_lesson(config, lesson, score, err);
		lesson_close(lesson);
	} else {
		struct score_wire *wire = calloc(1, sizeof(*wire));
		if (!wire)
			return err_memory(err);
		score_wire_make(wire, score->seed, config->options->brief);
		score->compresses = wire->compresses;
		memcpy(score->text, wire->text, sizeof(score->text));
		done = run_lesson(config, &wire->lesson, score, err);
		free(wire);
	}
	return done;
}

static _Noreturn void run_child(const struct score_config *config, struct score_run *score,
				pid_t parent)
{
	struct err err = {0};
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_PERMISSION);
	score->done = run_once(config, score, &err);
	if (!score->done)
		drop(score, err.text);
	_exit(score->done ? EXIT_DONE : (int)err.status);
}

/* One has ended. A run that could not be made where none was made yet never will be. */
static bool run_wait(const struct score_config *config, size_t *running, struct err *err)
{
	int status = 0;
	while (wait(&status) < 0 && errno == EINTR)
		continue;
	(*running)--;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_PERMISSION)
		return true;
	for (size_t i = 0; i < config->count; i++) {
		if (config->runs[i].done)
			return true;
	}
	for (size_t i = 0; i < config->count; i++) {
		if (config->runs[i].dropped[0])
			return err_set(err, EXIT_PERMISSION, "%s", config->runs[i].dropped);
	}
	return true;
}

static void runs_tell(const struct score_config *config, size_t begun)
{
	if (terminal_is(stderr) && !config->options->quiet)
		fprintf(stderr, "\rscore: run %zu of %zu\033[K", begun, config->count);
}

bool score_runs_make(const struct score_config *config, struct err *err)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t running = 0, most = processors > 1 ? 2 * (size_t)processors : 2;
	pid_t child, parent = getpid();
	if (config->stacks)
		most = 1;
	bool done = true;
	for (size_t i = 0; done && i < config->count && !signals_stop(); i++) {
		fflush(NULL);
		child = fork();
		if (child == 0)
			run_child(config, &config->runs[i], parent);
		if (child < 0)
			done = err_set(err, EXIT_PERMISSION,
				       "no process for the run: %s; raise `ulimit -u`",
				       strerror(errno));
		running += child > 0;
		runs_tell(config, i + 1);
		while (done && running == most)
			done = run_wait(config, &running, err);
	}
	while (running > 0)
		done = run_wait(config, &running, done ? err : NULL) && done;
	if (terminal_is(stderr) && !config->options->quiet)
		fprintf(stderr, "\r\033[K");
	return done;
}
