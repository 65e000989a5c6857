/* lab: a lesson, run once and drawn, or many times and counted. */
#include "lab_verdict.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

static enum exit_status lab_list(void)
{
	size_t count;
	const struct shelf_lesson *shelf = lesson_shelf(&count);
	const char *group = "";
	char last[80] = "";
	for (size_t i = 0; i < count; i++) {
		struct err err;
		struct lesson *lesson = lesson_open(shelf[i].name, &err);
		if (!lesson)
			continue;
		group = lesson->group ? lesson->group : "";
		if (strcmp(group, last) != 0)
			printf("%s%s\n", i ? "\n" : "", group);
		snprintf(last, sizeof(last), "%s", group);
		printf("  %-28s %s\n", lesson->name, lesson->title);
		lesson_close(lesson);
	}
	return EXIT_DONE;
}

static enum exit_status lab_show(const char *name, struct err *err)
{
	size_t count;
	const struct shelf_lesson *shelf = lesson_shelf(&count);
	struct lesson *other;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(shelf[i].name, name) != 0)
			continue;
		fwrite(shelf[i].text, 1, shelf[i].length, stdout);
		return EXIT_DONE;
	}
	other = lesson_open(name, err);
	if (other)
		err_set(err, EXIT_USAGE,
			"--show is for the shelf's lessons, and %s is a file of "
			"yours: open it in an editor",
			name);
	lesson_close(other);
	return err->status;
}

static enum exit_status lab_lesson(struct lab_job *job, struct err *err)
{
	struct lab_verdict verdict = {0};
	if (job->options->repeat)
		return lab_repeat(job, err);
	if (!lab_once(job, &verdict)) {
		*err = verdict.err;
		return err->status;
	}
	if (verdict.stopped || lab_verdict_holds(&verdict, job->lesson, err))
		return EXIT_DONE;
	return err->status;
}

static enum exit_status lab_named(struct options *options, struct err *err)
{
	struct lesson *lesson = lesson_open(options->words[0], err);
	struct lab_job job = {.lesson = lesson, .options = options};
	enum exit_status status;
	if (!lesson)
		return err->status;
	lab_progress_open(&job.progress, options, lesson->name);
	if (options->folder && mkdir(options->folder, 0777) != 0 && errno != EEXIST) {
		err_set(err, EXIT_OUTPUT, "cannot make the folder %s: %s; choose another place",
			options->folder, strerror(errno));
		status = err->status;
	} else {
		status = lab_lesson(&job, err);
	}
	lesson_close(lesson);
	return status;
}

enum exit_status command_lab(struct options *options, struct err *err)
{
	if (options->list)
		return lab_list();
	if (options->word_count != 1) {
		err_set(err, EXIT_USAGE,
			"`wireladder lab LESSON` takes one lesson, its name or a file: "
			"`wireladder lab --list` shows the shelf");
		return err->status;
	}
	if (options->show)
		return lab_show(options->words[0], err);
	options_bytes_default(options, OUTPUT_BYTES_DEMO);
	if (!options->seed_set && getrandom(&options->seed, sizeof(options->seed), 0) > 0)
		options->seed %= 1000000; /* a number that a person can type again */
	signals_catch();
	return lab_named(options, err);
}
