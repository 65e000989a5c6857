/*
 * The tracer's process: starts the programs, sees their socket calls, tells of them.
 *
 * One thread, one loop. Everything that happens to a traced thread is a stop, which waitpid(2)
 * reports: it goes in (the filter of filter.c stops it), it comes out, it gets a signal, makes
 * another thread, ends. stops.c says which it is and who takes it: calls.c for calls, threads.c
 * for families, image.c for what they execute, launch.c for the programs' begin and end. Then
 * the thread goes on, and the loop waits for the next stop. An alarm ends that wait when
 * something is due: a command, a sample, a heartbeat, the question who sleeps. (To sleep in
 * sigtimedwait(2) for SIGCHLD would need no alarm, and cost a second system call and a slower
 * awakening at every stop.)
 *
 * The reader gives commands by signals that queue. It is told everything through a pipe. When
 * that is full we wait, and the programs with us: they run slower, nothing is lost.
 *
 * Clock: a call's entry is stamped after all that we do there, right before the thread goes on,
 * its return before all that we do there, right after waitpid. So its span holds what the
 * kernel did, one switch to us, and as little as can be of ours. Stamps are taken one after the
 * other by one thread: messages are in their order, and each time is a watermark.
 *
 * Whatever happens to the reader happens to us (PR_SET_PDEATHSIG), and then to the programs
 * (PTRACE_O_EXITKILL). What they leave behind becomes our child (PR_SET_CHILD_SUBREAPER) and
 * does not outlive us.
 */
#include "watch.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define BEAT_NS    (10 * NS_PER_MS)
#define FLUSH_NS   (2 * NS_PER_MS)   /* what is told is written together: each write wakes
				      * the reader, which takes a processor from programs */
#define LAUNCH_NS  (5 * NS_PER_MS)   /* between two looks whether the next may begin */
#define LINGER_NS  (250 * NS_PER_MS) /* for what programs that have ended left running */

int watch_signal_value(size_t index, int signal)
{
	return (int)((index == SIZE_MAX ? 0 : index + 1) << 8 | (size_t)signal);
}

void watch_note(struct watch *watch, const char *format, ...)
{
	struct message message = {.kind = MESSAGE_NOTE, .ns = clock_now_ns()};
	va_list arguments;
	message.note = (struct note){.code = NOTE_TRACE, .warning = true};
	va_start(arguments, format);
	vsnprintf(message.note.text, sizeof(message.note.text), format, arguments);
	va_end(arguments);
	outbox_put(&watch->out, &message, (struct strings){0});
}

static bool watch_programs_run(const struct watch *watch)
{
	for (size_t i = 0; i < watch->config->count; i++) {
		if (!watch->programs[i].end.ended)
			return true;
	}
	return false;
}

struct addressed { /* a signal */
	const struct watch *watch;
	size_t index;
	int signal;
};

static void watch_signal_process(void *context, void *item)
{
	const struct addressed *addressed = context;
	const struct process *process = item;
	if (addressed->index != 0 && process->program != addressed->index - 1)
		return;
	if (!addressed->watch->traced) /* its children are not in the table */
		kin_signal(process->item.pid, addressed->signal);
	kill(process->item.pid, addressed->signal);
}

static void watch_signal(struct watch *watch, int value)
{
	struct addressed addressed = {watch, (size_t)value >> 8, value & 0xFF};
	pids_each(&watch->processes, watch_signal_process, &addressed);
}

static void watch_obey(struct watch *watch, const siginfo_t *info)
{
	int command = info->si_signo - SIGRTMIN;
	if (command == WATCH_BEGIN)
		watch->let_go = true;
	else if (command == WATCH_QUIT)
		watch->quit = true;
	else if (command == WATCH_SIGNAL)
		watch_signal(watch, info->si_value.sival_int);
}

static void watch_beat(struct watch *watch, uint64_t now_ns)
{
	struct message message = {.kind = MESSAGE_BEAT, .ns = clock_now_ns()};
	if (now_ns - watch->beat_ns < BEAT_NS)
		return;
	watch->beat_ns = now_ns;
	outbox_put(&watch->out, &message, (struct strings){0});
}

static void watch_flush(struct watch *watch, uint64_t now_ns)
{
	if (now_ns - watch->flush_ns < FLUSH_NS)
		return;
	watch->flush_ns = now_ns;
	outbox_flush(&watch->out);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* How long may we sleep? */
static uint64_t watch_idle_ns(const struct watch *watch, uint64_t now_ns)
{
	uint64_t due_ns = sampling_due_ns(watch->sampling);
	uint64_t idle_ns = BEAT_NS;
	if (watch->fresh.len > 0)
		idle_ns = least(idle_ns, JUDGE_NS);
	if (watch->out.held.len > 0)
		idle_ns = least(idle_ns, FLUSH_NS);
	if (watch->let_go && watch->next < watch->config->count)
		idle_ns = least(idle_ns, LAUNCH_NS);
	if (due_ns != UINT64_MAX)
		idle_ns = least(idle_ns, due_ns > now_ns ? due_ns - now_ns : 0);
	return idle_ns;
}

/* The alarm ends a wait for children when something is due. One that goes off right before the
 * wait would be missed: the next one follows. */
static void watch_set_alarm(struct watch *watch, uint64_t now_ns)
{
	uint64_t idle_ns = watch_idle_ns(watch, now_ns);
	struct itimerval alarm = {.it_interval.tv_usec = BEAT_NS / 1000,
				  .it_value.tv_usec = (suseconds_t)(idle_ns / 1000 + 1)};
	if (watch->alarm_ns > now_ns && watch->alarm_ns <= now_ns + idle_ns)
		return;
	watch->alarm_ns = now_ns + idle_ns;
	setitimer(ITIMER_REAL, &alarm, NULL);
}

/* A stop of one of the children, or the alarm. False: there are no children. */
static bool watch_await(struct watch *watch)
{
	int status;
	pid_t pid = waitpid(-1, &status, __WALL);
	if (pid < 0)
		return errno != ECHILD;
	watch->now_ns = clock_now_ns();
	stop_take(watch, pid, status);
	return true;
}

/* Commands that have come; at most so long is waited for the first. */
static void watch_commands(struct watch *watch, uint64_t wait_ns)
{
	struct timespec limit = {.tv_nsec = (long)wait_ns};
	siginfo_t info;
	while (sigtimedwait(&watch->commands, &info, &limit) > 0) {
		watch_obey(watch, &info);
		limit.tv_nsec = 0;
	}
}

/* What is due by time. */
static void watch_tick(struct watch *watch)
{
	uint64_t now_ns = clock_monotonic_ns();
	watch_commands(watch, 0);
	while (watch->let_go && launch_due(watch))
		launch_next(watch);
	calls_judge(watch);
	if (sampling_due_ns(watch->sampling) <= now_ns)
		sampling_run(watch->sampling);
	watch_beat(watch, now_ns);
	watch_flush(watch, now_ns);
}

/* All programs have ended, and so has what they left running, or it had time enough. */
static bool watch_is_over(struct watch *watch, bool children)
{
	uint64_t now_ns = clock_monotonic_ns();
	if (watch_programs_run(watch))
		return false;
	if (watch->over_ns == 0)
		watch->over_ns = now_ns;
	return !children || now_ns - watch->over_ns > LINGER_NS;
}

static void watch_loop(struct watch *watch)
{
	while (!watch->quit && !watch->out.broken) {
		uint64_t now_ns = clock_monotonic_ns();
		bool children;
		watch_set_alarm(watch, now_ns);
		children = watch_await(watch);
		if (!children)
			watch_commands(watch, watch_idle_ns(watch, now_ns));
		if (children && clock_monotonic_ns() < watch->alarm_ns)
			continue;
		watch_tick(watch);
		if (watch_is_over(watch, children))
			return;
	}
}

static void watch_kill_process(void *context, void *item)
{
	(void)context;
	kill(((const struct process *)item)->item.pid, SIGKILL);
}

/* Until nothing is left. Threads that are stopped die of SIGKILL, too. */
static void watch_kill(struct watch *watch)
{
	bool children = true;
	while (children) {
		pid_t pid;
		int status;
		pids_each(&watch->processes, watch_kill_process, NULL);
		kin_signal(getpid(), SIGKILL); /* what lost its parent became ours */
		while ((pid = waitpid(-1, &status, __WALL | WNOHANG)) > 0)
			launch_ended(watch, pid, status);
		children = pid == 0;
		if (children)
			clock_sleep_ns(NS_PER_MS);
	}
}

static void watch_abandon(void *context, void *item)
{
	call_abandoned(context, item);
}

struct left { /* running, though all programs have ended */
	const struct process *first;
	size_t count;
};

static void watch_left_process(void *context, void *item)
{
	struct left *left = context;
	const struct process *process = item;
	if (kill(process->item.pid, 0) != 0)
		return;
	if (left->count++ == 0 || process->id < left->first->id)
		left->first = process;
}

/* A daemon outlives who started it, and would outlive its network. */
static void watch_tell_left(struct watch *watch)
{
	struct left left = {0};
	char words[100] = "", others[40] = "";
	const char *at;
	pids_each(&watch->processes, watch_left_process, &left);
	if (left.count == 0)
		return;
	at = left.first->argv.at;
	for (size_t i = 0, used = 0; i < left.first->argc && used < sizeof(words); i++) {
		used += (size_t)snprintf(words + used, sizeof(words) - used, "%s%s",
					 i > 0 ? " " : "", at);
		at += strlen(at) + 1;
	}
	if (left.count > 1)
		snprintf(others, sizeof(others), " and %zu more", left.count - 1);
	watch_note(watch,
		   "what still ran when the last program had ended was ended with it: `%s` "
		   "(pid %d)%s. To see all of a daemon, keep it in the foreground",
		   words, (int)left.first->item.pid, others);
}

_Noreturn void watch_run(struct watch *watch)
{
	struct message over = {.kind = MESSAGE_OVER};
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	watch_loop(watch);
	watch->now_ns = clock_now_ns();
	pids_each(&watch->threads, watch_abandon, watch);
	if (!watch->quit)
		watch_tell_left(watch);
	watch_kill(watch);
	over.ns = clock_now_ns();
	outbox_put(&watch->out, &over, (struct strings){0});
	outbox_flush(&watch->out);
	_exit(0);
}
