#include "cm.h"

#include "session.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_NS (30 * NS_PER_S) /* a machine may be busy; an end that never comes is a defect */

static int session_program(void *context, size_t index)
{
	const struct session_plan *plan = context;
	return plan->programs[index]();
}

static void session_open(struct session *session)
{
	static const char *const names[] = {"first", "second", "third", "fourth"};
	static const char *const argv[4][2] = {{"first"}, {"second"}, {"third"}, {"fourth"}};
	const struct session_plan *plan = session->plan;
	struct tracer_config config = plan->config;
	struct traced programs[4] = {0};
	struct err err = {0};
	for (; config.count < 4 && (plan->programs[config.count] || (plan->argv && !config.count));
	     config.count++)
		programs[config.count] = (struct traced){
			.name = names[config.count],
			.argv = plan->argv ? plan->argv : argv[config.count],
			.waits = plan->waits && config.count > 0,
		};
	config.programs = programs;
	config.context = (void *)(uintptr_t)plan;
	config.run = plan->argv ? NULL : session_program;
	session->tracer = tracer_open(&config, &err);
	if (!session->tracer || !tracer_begin(session->tracer, &err))
		fail_msg("%s", err.text);
}

static void session_hear_call(struct session *session, const struct call *call)
{
	struct heard *heard = &session->calls[session->call_count];
	if (call->entering) {
		assert_int_equal(call->id, ++session->entered);
		assert_int_equal(call->returned_ns, 0);
		return;
	}
	assert_true(session->call_count < HEARD_CALLS);
	session->call_count++;
	heard->call = *call;
	snprintf(heard->args, sizeof(heard->args), "%s", call->args);
}

static void session_hear(struct session *session, const struct event *event)
{
	assert_true(event->ns >= session->last_ns);
	session->last_ns = event->ns;
	if (event->kind == EVENT_CALL) {
		session_hear_call(session, &event->call);
	} else if (event->kind == EVENT_KERNEL) {
		session->samples++;
		session->states[event->kernel.state] = true;
	} else if (event->kind == EVENT_PROGRAM && session->programs < 32) {
		session->program[session->programs++] = event->program;
	} else if (event->kind == EVENT_NOTE && session->notes++ == 0) {
		snprintf(session->note, sizeof(session->note), "%s", event->note.text);
		session->refused = strstr(event->note.text, "refuses to trace") != NULL;
	}
	if (session->plan->event)
		session->plan->event(session, event);
}

void session_run(struct session *session, const struct session_plan *plan)
{
	uint64_t end_ns = clock_monotonic_ns() + PATIENCE_NS, watermark_ns = 0;
	enum trace_status status;
	struct event event;
	struct err err = {0};
	*session = (struct session){.plan = plan};
	session_open(session);
	while ((status = tracer_next(session->tracer, &event, &err)) != TRACE_END) {
		struct pollfd fd = {.fd = tracer_fd(session->tracer), .events = POLLIN};
		if (status == TRACE_FAILED || clock_monotonic_ns() > end_ns) {
			tracer_close(session->tracer);
			fail_msg("no end came: %s", err.text);
		}
		if (status == TRACE_EVENT) {
			session_hear(session, &event);
			continue;
		}
		session->beats += tracer_watermark_ns(session->tracer) > watermark_ns;
		watermark_ns = tracer_watermark_ns(session->tracer);
		if (plan->idle)
			plan->idle(session);
		poll(&fd, 1, 1000);
	}
	assert_int_equal(tracer_running(session->tracer), 0);
	for (size_t i = 0; i < 4 && (plan->programs[i] || i == 0); i++)
		session->ends[i] = *tracer_ends(session->tracer, i);
	tracer_close(session->tracer);
	if (session->refused && !plan->config.no_trace && !getenv("CI")) {
		print_message("skipped: %s\n", session->note);
		skip();
	}
}

const struct call *session_call(const struct session *session, const char *name, size_t nth)
{
	const struct call *found = NULL;
	uint64_t after = 0;
	for (size_t k = 0; k <= nth; k++) {
		found = NULL;
		for (size_t i = 0; i < session->call_count; i++) {
			const struct call *call = &session->calls[i].call;
			if (strcmp(call->name, name) == 0 && call->id > after &&
			    (!found || call->id < found->id))
				found = call;
		}
		after = found ? found->id : UINT64_MAX;
	}
	if (!found)
		fail_msg("there is no %s number %zu", name, nth);
	return found;
}

size_t session_count(const struct session *session, const char *name)
{
	size_t count = 0;
	for (size_t i = 0; i < session->call_count; i++)
		count += strcmp(session->calls[i].call.name, name) == 0;
	return count;
}

bool thread_sleeps(pid_t tid)
{
	char path[40], line[200] = "";
	const char *at;
	FILE *file;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)tid);
	file = fopen(path, "r");
	if (!file)
		return false;
	at = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
	fclose(file);
	return at && at[2] == 'S';
}

void must(bool holds)
{
	if (!holds)
		_exit(99);
}

int must_listen(struct sockaddr_in *name)
{
	socklen_t size = sizeof(*name);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	*name = (struct sockaddr_in){.sin_family = AF_INET,
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	must(fd >= 0 && bind(fd, (struct sockaddr *)name, size) == 0 && listen(fd, 8) == 0);
	must(getsockname(fd, (struct sockaddr *)name, &size) == 0);
	return fd;
}

int must_connect(const struct sockaddr_in *name)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	must(fd >= 0 && connect(fd, (const struct sockaddr *)name, sizeof(*name)) == 0);
	return fd;
}

struct session *session_new(void)
{
	struct session *session = calloc(1, sizeof(*session));
	assert_non_null(session);
	return session;
}

struct session *session_of(int (*program)(void))
{
	struct session *session = session_new();
	const struct session_plan plan = {.programs = {program}};
	session_run(session, &plan);
	session->plan = NULL;
	assert_int_equal(session->ends[0].status, 0);
	return session;
}
