/* Families: which thread is of which process, and which process of which program. */
#include "watch.h"

#include <stdio.h>
#include <string.h>

struct family { /* as /proc has it; 0: it is gone */
	pid_t group, parent;
};

static struct family family_of(pid_t tid)
{
	struct family family = {0, 0};
	char path[48], line[128];
	FILE *file;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		int value;
		if (sscanf(line, "Tgid: %d", &value) == 1)
			family.group = value;
		if (sscanf(line, "PPid: %d", &value) == 1)
			family.parent = value;
	}
	if (file)
		fclose(file);
	return family;
}

static void threads_full(struct watch *watch)
{
	if (!watch->table_full)
		watch_note(watch,
			   "more than %d threads at once: the calls of further ones are not "
			   "shown",
			   PIDS_MAX);
	watch->table_full = true;
}

static struct process *process_new(struct watch *watch, pid_t pid, size_t program)
{
	struct process *process = pids_add(&watch->processes, pid);
	if (!process) {
		threads_full(watch);
		return NULL;
	}
	process->id = ++watch->last_process;
	process->program = program;
	return process;
}

static struct thread *thread_new(struct watch *watch, pid_t tid, struct process *process)
{
	struct thread *thread = pids_add(&watch->threads, tid);
	if (!thread) {
		threads_full(watch);
		return NULL;
	}
	thread->process = process;
	return thread;
}

/* The first process of a program is told as it begins, every other one as it makes its first
 * call: what starts a program is often a script, with dozens of processes without a socket. */
void process_tell(struct watch *watch, struct process *process)
{
	const struct traced *traced = &watch->config->programs[process->program];
	struct message message = {.kind = MESSAGE_PROGRAM, .ns = clock_now_ns()};
	if (process->told)
		return;
	process->told = true;
	message.program = (struct program_seen){
		.id = process->id,
		.pid = (uint32_t)process->item.pid,
		.name = traced->name,
		.argc = process->argc,
		.host = traced->host,
		.has_host = traced->has_host,
	};
	outbox_put(&watch->out, &message,
		   (struct strings){process->argv.at, process->argv.len});
}

/* Its own arguments until it executes something. */
static void process_copy(struct process *process, const struct process *parent)
{
	process->argc = parent->argc;
	buf_add(&process->argv, parent->argv.at, parent->argv.len);
}

struct thread *thread_first(struct watch *watch, pid_t pid, size_t program)
{
	const struct tracer_config *config = watch->config;
	struct process *process = process_new(watch, pid, program);
	if (!process)
		return NULL;
	for (const char *const *arg = config->programs[program].argv; *arg; arg++) {
		if (process->argv.len + strlen(*arg) >= ARGV_BYTES)
			break;
		buf_add(&process->argv, *arg, strlen(*arg) + 1);
		process->argc++;
	}
	/* What is executed is told then: it may not be there. */
	if (config->run || !watch->traced)
		process_tell(watch, process);
	return watch->traced ? thread_new(watch, pid, process) : NULL;
}

static struct process *process_child(struct watch *watch, const struct process *parent,
				     pid_t pid)
{
	struct process *process = process_new(watch, pid, parent->program);
	if (!process)
		return NULL;
	process_copy(process, parent);
	return process;
}

void thread_born(struct watch *watch, const struct thread *parent, pid_t tid)
{
	struct thread *thread = pids_find(&watch->threads, tid);
	struct process *process;
	struct family family;
	if (!parent->process || (thread && thread->process))
		return;
	family = family_of(tid);
	/* Gone already: its end is still to be reported. */
	process = family.group == parent->process->item.pid
			  ? parent->process
			  : process_child(watch, parent->process, tid);
	if (!thread) {
		thread_new(watch, tid, process);
		return;
	}
	thread->process = process;
	thread_resume(thread, 0);
}

struct thread *thread_stranger(struct watch *watch, pid_t tid)
{
	struct family family = family_of(tid);
	struct process *process = pids_find(&watch->processes, family.group);
	const struct process *parent = pids_find(&watch->processes, family.parent);
	if (!process && parent)
		process = process_child(watch, parent, tid);
	return thread_new(watch, tid, process);
}

/* The thread that executes takes its group's number, and the others are gone (execve(2)). */
void thread_executed(struct watch *watch, struct thread *thread, pid_t former)
{
	struct thread *before = pids_find(&watch->threads, former);
	call_abandoned(watch, thread);
	if (before && before != thread) {
		call_abandoned(watch, before);
		pids_drop(&watch->threads, before);
	}
	if (!thread->process)
		return;
	descriptors_forget(&watch->descriptors, thread->process->item.pid);
	image_seen(watch, thread->process);
}

void thread_gone(struct watch *watch, pid_t tid)
{
	struct thread *thread = pids_find(&watch->threads, tid);
	struct process *process = pids_find(&watch->processes, tid);
	if (thread) {
		call_abandoned(watch, thread);
		pids_drop(&watch->threads, thread);
	}
	/* The group's first is reported last. */
	if (process) {
		descriptors_forget(&watch->descriptors, tid);
		buf_close(&process->argv);
		pids_drop(&watch->processes, process);
	}
}
