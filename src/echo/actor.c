/* Theory of operation. A program of a lesson is a list of steps; each is the socket call that a
 * student would write, made on blocking sockets, so that what the kernel does and when is what
 * it does to any program. The actor adds three things only: it takes up a call that a signal
 * interrupted, it writes down every call, and it compares the outcome with what the lesson
 * expects of the step. The first step that does otherwise ends the program: all that follows
 * would be about another story.
 *
 * Programs that depend on one another (connect after listen) say so by mark and wait instead of
 * sleeping. A simultaneous open (RFC 9293 3.5, figure 7) is made so too: both bind; one says
 * mark a, wait b, connect, the other mark b, wait a, connect. They connect 0.1 ms apart, up
 * to 5 ms on a busy machine: a wire that takes ten lets their SYNs cross. */
#include "actor.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct step_row {
	int (*run)(struct actor *a, struct actor_socket *s);
	bool needs_socket;
};

static const struct step_row step_rows[] = {
	[STEP_SOCKET] = {step_socket, false},
	[STEP_BIND] = {step_bind, true},
	[STEP_LISTEN] = {step_listen, true},
	[STEP_ACCEPT] = {step_accept, true},
	[STEP_CONNECT] = {step_connect, true},
	[STEP_SEND] = {step_send, true},
	[STEP_SEND_OOB] = {step_send_oob, true},
	[STEP_RECV] = {step_recv, true},
	[STEP_SENDTO] = {step_sendto, true},
	[STEP_RECVFROM] = {step_recvfrom, true},
	[STEP_ECHO] = {step_echo, true},
	[STEP_SHUTDOWN] = {step_shutdown, true},
	[STEP_CLOSE] = {step_close, true},
	[STEP_ABORT] = {step_abort, true},
	[STEP_SETSOCKOPT] = {step_setsockopt, true},
	[STEP_SLEEP] = {step_sleep, false},
	[STEP_MARK] = {step_mark, false},
	[STEP_WAIT] = {step_wait, false},
};
static_assert(ARRAY_COUNT(step_rows) == STEP_COUNT, "a row for every step_kind");

int actor_tell(struct actor *a, enum exit_status status, const char *format, ...)
{
	char text[sizeof(a->report->err.text)];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	err_set(&a->report->err, status, "%.60s, line %u: %s", a->config->program->name,
		a->step->line, text);
	return STEP_TOLD;
}

static int step_run(struct actor *a)
{
	const struct step *step = a->step;
	const struct step_row *row = &step_rows[step->kind];
	struct actor_socket *s = row->needs_socket ? actor_socket_find(a) : NULL;
	a->called = step->kind;
	if (s || !row->needs_socket)
		return row->run(a, s);
	if (!step->on)
		return actor_tell(a, EXIT_USAGE,
				  "%s has no socket: let a \"socket\" step come first",
				  step_words[step->kind]);
	return actor_tell(a, EXIT_USAGE,
			  "no socket is called \"%.40s\": \"as\" of the step that makes it "
			  "names it",
			  step->on);
}

/* The step's call did not do what the lesson says. */
static void step_tell(struct actor *a, int outcome)
{
	const char *fails = a->step->fails, *call = step_words[a->called];
	const char *expects = fails ? fails : "success", *name = actor_errno_name(outcome);
	if (outcome == 0)
		actor_tell(a, EXIT_PARTIAL, "%s succeeded, the lesson expects %s", call,
			   expects);
	else if (outcome == STEP_ENDED)
		actor_tell(a, EXIT_PARTIAL,
			   "%s met the end of the stream after %" PRIu64 " of %" PRIu64
			   " bytes, the lesson expects %s",
			   call, a->got, a->wanted, fails ? fails : "them all");
	else if (name)
		actor_tell(a, EXIT_PARTIAL, "%s gave %s, the lesson expects %s", call, name,
			   expects);
	else
		actor_tell(a, EXIT_PARTIAL, "%s gave errno %d (%s), the lesson expects %s",
			   call, outcome, strerror(outcome), expects);
}

static bool step_judge(struct actor *a, int outcome)
{
	const char *fails = a->step->fails;
	int expected = 0;
	if (outcome == STEP_TOLD)
		return false;
	if (fails && strcmp(fails, "any") == 0)
		return true;
	if (fails)
		(void)errno_find(fails, &expected); /* program_check knows it */
	if (outcome != expected)
		step_tell(a, outcome);
	return outcome == expected;
}

/* Before the first call: a lesson that cannot be judged is not begun. */
static bool program_check(struct actor *a)
{
	const struct program *program = a->config->program;
	for (size_t i = 0; i < program->step_count; i++) {
		const char *fails = program->steps[i].fails, *near;
		int error;
		a->step = &program->steps[i];
		if (!fails || strcmp(fails, "any") == 0 || errno_find(fails, &error))
			continue;
		near = errno_near(fails);
		actor_tell(a, EXIT_USAGE,
			   "\"%.40s\" is no error's name that lessons know%s%s%s", fails,
			   near ? ": did you mean \"" : "", near ? near : "",
			   near ? "\"?" : "");
		return false;
	}
	return true;
}

static bool program_run(struct actor *a)
{
	const struct program *program = a->config->program;
	for (uint32_t i = 0; i < program->step_count; i++) {
		uint32_t round = 0;
		a->step = &program->steps[i];
		a->report->step = i;
		do {
			if (!step_judge(a, step_run(a)))
				return false;
		} while (++round < a->step->repeat);
	}
	return true;
}

bool actor_run(const struct actor_config *config, struct actor_report *report, struct err *err)
{
	struct actor a = {.config = config, .report = report};
	bool ok;
	a.bytes = malloc(ACTOR_BYTES);
	ok = a.bytes ? program_check(&a) && program_run(&a) : err_memory(&report->err);
	actor_sockets_close(&a);
	free(a.bytes);
	report->outcome = ok ? ACTOR_DONE : ACTOR_FAILED;
	if (err && !ok)
		*err = report->err;
	return ok;
}
