/* Two programs of somebody's own under a lesson's wire and settings. What the lesson expects of
 * its own programs is not asked. */
#include "run.h"

#include "lab_log.h"
#include "lab_timeline.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

static void lab_hear_calls(struct run *run, struct calls_kept *kept)
{
	struct observer calls;
	struct event event;
	calls_kept_get(kept, &calls);
	while (calls.next(calls.self, &event, NULL) == OBSERVED_EVENT)
		run_hear(run, &event);
	kept->at = 0;
}

static bool lab_written(struct run *run, const struct lesson *lesson,
			const struct lab_run *played, struct err *err)
{
	struct options *options = run->options;
	struct lab_heard heard = {0};
	if (options->folder && !lab_log_write(played, lesson, options, err))
		return false;
	return lab_timeline(played, lesson, options, &heard, err);
}

static enum exit_status lab_played(struct run *run, const struct lesson *lesson,
				   const struct lab_run *played, struct err *err)
{
	const struct traced_end *server = lab_run_end(played, 0);
	const struct traced_end *client = lab_run_end(played, 1);
	const struct traced_end *end = server->why[0] ? server : client;
	run_stdout(run->options);
	if (!server->begun && !client->begun)
		return run_status(end, err);
	lab_hear_calls(run, lab_run_calls(played));
	if (!lab_written(run, lesson, played, err) &&
	    (err->status != EXIT_DONE || err->text[0]))
		return err->status;
	run_say_private(run);
	return run_status(end, err);
}

enum exit_status run_lab(struct run *run, struct err *err)
{
	struct options *options = run->options;
	const struct lab_guests guests = {run->programs, run->count, run_tend, run};
	struct lesson *lesson = lesson_open(options->lesson, err);
	struct lab_progress progress = {0}; /* the terminal is the programs' */
	struct lab_run_config config = {
		.lesson = lesson,
		.folder = options->folder,
		.progress = &progress,
		.tracing = {.on = true,
			    .no_rw = options->no_rw,
			    .kernel_ns = options_kernel_ns(options)},
		.guests = &guests,
	};
	struct lab_run played;
	enum exit_status status;
	if (!lesson)
		return err->status;
	if (!options->seed_set && getrandom(&options->seed, sizeof(options->seed), 0) > 0)
		options->seed %= 1000000; /* a number that a person can type again */
	config.seed = options->seed;
	if (options->folder && mkdir(options->folder, 0777) != 0 && errno != EEXIST)
		err_set(err, EXIT_OUTPUT, "cannot make the folder %s: %s; choose another place",
			options->folder, strerror(errno));
	signals_pass();
	if (!err->text[0] && lab_run_open(&config, &played, err)) {
		status = lab_played(run, lesson, &played, err);
		lab_run_close(&played);
	} else {
		status = err->status;
	}
	lesson_close(lesson);
	return status;
}
