#include "actor.h"

#include <errno.h>

struct actor_call *actor_call_open(struct actor *a, enum step_kind kind, int fd)
{
	struct actor_report *report = a->report;
	bool fits = report->count < ACTOR_CALLS_MAX;
	struct actor_call *call = fits ? &report->calls[report->count] : &a->beyond;
	*call = (struct actor_call){.kind = kind, .step = report->step, .fd = fd};
	a->called = kind;
	if (fits)
		report->count++; /* after the entry: the process may be killed at any moment */
	else
		report->lost++;
	call->called_ns = clock_now_ns();
	return call;
}

int actor_call_close(struct actor_call *call, int64_t result)
{
	int error = result < 0 ? errno : 0;
	call->returned_ns = clock_now_ns();
	call->result = result;
	call->error = error;
	return error;
}

/* The call in which the process was stopped, if the report had room for it. */
static const struct actor_call *report_pending(const struct actor_report *report)
{
	const struct actor_call *last =
		report->count ? &report->calls[report->count - 1] : NULL;
	bool pending = last && last->step == report->step && last->returned_ns == 0;
	return pending ? last : NULL;
}

bool actor_judge(const struct program *program, const struct actor_report *report,
		 struct err *err)
{
	const struct actor_call *pending = report_pending(report);
	const struct step *step;
	if (report->outcome == ACTOR_DONE)
		return true;
	if (report->outcome == ACTOR_FAILED) {
		if (err)
			*err = report->err;
		return false;
	}
	if (report->step >= program->step_count)
		return err_set(err, EXIT_PARTIAL, "%.60s was stopped before its first step",
			       program->name);
	step = &program->steps[report->step];
	return err_set(err, EXIT_PARTIAL,
		       "%.60s, line %u: %s had not returned when the program was stopped",
		       program->name, step->line,
		       step_words[pending ? pending->kind : step->kind]);
}
