#include "lab_verdict.h"

#include "lab_expect.h"
#include "lab_log.h"
#include "lab_timeline.h"

#include <inttypes.h>
#include <string.h>

/* A run is made again that a tap or the wire did not see whole, or whose wire was so late that
 * the kernels' timers may have run before it: that tells of a busy machine, nothing else. */
#define ATTEMPTS 4
#define LATE_NS  (8 * NS_PER_MS)

/* Holds every promise of the lesson against the run. */
static void lab_judge(const struct lesson *lesson, const struct lab_run *run,
		      const struct lab_heard *heard, struct lab_verdict *verdict)
{
	verdict->programs = !run->failed.text[0] && !run->timed_out;
	if (!verdict->programs)
		verdict->err = run->failed;
	for (size_t i = 0; i < lesson->expect_count && i < LAB_EXPECTS_MAX; i++) {
		struct buf is = {0};
		verdict->held[i] = lab_expect(&lesson->expects[i], run, lesson, heard, &is);
		buf_add(&is, "", 1);
		if (!is.failed)
			snprintf(verdict->is[i], sizeof(verdict->is[i]), "%s", is.at);
		buf_close(&is);
	}
}

static bool lab_attempt(struct lab_job *job, struct lab_run *run, struct err *err)
{
	const struct options *options = job->options;
	struct lab_run_config config = {.lesson = job->lesson,
					.seed = options->seed,
					.folder = options->folder,
					.progress = &job->progress,
					.tracing = {.on = options->repeat == 0,
						    .kernel_ns = options_kernel_ns(options)}};
	for (int attempt = 1;; attempt++) {
		if (!lab_run_open(&config, run, err))
			return false;
		bool whole = run->missed + run->unseen_syns == 0 && run->late_ns < LATE_NS;
		if (whole || attempt == ATTEMPTS || run->stopped)
			return true;
		lab_run_close(run);
	}
}

static void lab_say_missed(const struct lab_run *run, const struct options *options)
{
	if (run->stopped)
		return;
	if (run->missed)
		say(options,
		    "not every frame was seen where it passed (%" PRIu64 " missing): is the "
		    "machine very busy? Run the lesson again",
		    run->missed);
	if (run->unseen_syns)
		say(options,
		    "the kernel sent a SYN that no capture has: the figure lacks it; run the "
		    "lesson again");
}

bool lab_once(struct lab_job *job, struct lab_verdict *verdict)
{
	struct options *options = job->options;
	struct lab_heard heard = {0};
	struct lab_run run;
	bool ran = lab_attempt(job, &run, &verdict->err);
	lab_progress_close(&job->progress);
	if (!ran)
		return false;
	lab_say_missed(&run, options);
	verdict->stopped = run.stopped;
	if (run.stopped)
		signals_obeyed(); /* what there is becomes a timeline */
	verdict->done = (!options->folder ||
			 lab_log_write(&run, job->lesson, options, &verdict->err)) &&
			lab_timeline(&run, job->lesson, options, &heard, &verdict->err);
	if (verdict->done)
		lab_judge(job->lesson, &run, &heard, verdict);
	lab_run_close(&run);
	return verdict->done;
}

bool lab_verdict_holds(const struct lab_verdict *verdict, const struct lesson *lesson,
		       struct err *err)
{
	if (!verdict->programs)
		return err_set(err, EXIT_EXPECTATION, "%s: %s", lesson->name,
			       verdict->err.text[0] ? verdict->err.text
						    : "it did not end in time");
	for (size_t i = 0; i < lesson->expect_count && i < LAB_EXPECTS_MAX; i++) {
		struct buf text = {0};
		if (verdict->held[i])
			continue;
		lab_expect_text(&lesson->expects[i], &text);
		buf_add(&text, "", 1);
		err_set(err, EXIT_EXPECTATION, "%s: the lesson says that %s; this time: %s",
			lesson->name, text.failed ? "" : text.at, verdict->is[i]);
		buf_close(&text);
		return false;
	}
	return true;
}
