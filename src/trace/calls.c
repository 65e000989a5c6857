/* A call's way: in, out, or never out.
 *
 * Interrupted calls. A signal makes the kernel give a call up with one of four numbers that no
 * program ever sees (below). Then, without a handler, it takes the call up again: the thread
 * goes in a second time, with the same arguments from the same place. With a handler, that runs
 * first, may make calls of its own, and its end (rt_sigreturn) shows which it was: the thread
 * goes on behind the call, which has then failed with EINTR, or again before it. A handler that
 * is left by siglongjmp(3) shows nothing: such a call never returned. */
#include "watch.h"

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <linux/ptrace.h> /* after libc's */

/* linux/errno.h of the kernel; not for programs. */
static bool call_is_given_up(int64_t ret)
{
	static const int64_t numbers[] = {-512 /* ERESTARTSYS */, -513 /* ERESTARTNOINTR */,
					  -514 /* ERESTARTNOHAND */,
					  -516 /* ERESTART_RESTARTBLOCK */};
	for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
		if (ret == numbers[i])
			return true;
	}
	return false;
}

static void call_tell(struct watch *watch, const struct span *span, uint64_t ns)
{
	struct message message = {.kind = MESSAGE_CALL, .ns = ns, .call = span->call};
	outbox_put(&watch->out, &message,
		   (struct strings){span->args, strlen(span->args) + 1});
}

/* The descriptor that it closes; -1: none. */
static int span_closes(const struct span *span)
{
	const struct asked *asked = &span->asked;
	if (asked->kind == CALL_CLOSE)
		return (int)asked->args[0];
	return asked->kind == CALL_DUP2 || asked->kind == CALL_DUP3 ? (int)asked->args[1] : -1;
}

static void span_begin(struct thread *thread, const struct ptrace_syscall_info *info,
		       enum call_kind kind)
{
	struct span *span = &thread->span;
	memset(span, 0, sizeof(*span));
	span->ip = info->instruction_pointer;
	span->asked = (struct asked){.kind = kind, .tid = thread->item.pid};
	for (size_t i = 0; i < CALL_ARGS; i++)
		span->asked.args[i] = info->seccomp.args[i];
	span->call = (struct call){.kind = kind,
				   .name = call_words[kind],
				   .program = thread->process->id,
				   .pid = (uint32_t)thread->process->item.pid,
				   .tid = (uint32_t)thread->item.pid,
				   .entering = true};
}

static void call_goes_in(struct watch *watch, struct thread *thread)
{
	struct span *span = &thread->span;
	struct call *call = &span->call;
	process_tell(watch, thread->process);
	call->id = ++watch->last_call;
	span_args(watch, span);
	if (call_classes[call->kind] == CALLS_SEND || call_classes[call->kind] == CALLS_RECEIVE)
		call->wanted = args_bytes(&span->asked);
	call->peek = args_peek(&span->asked);
	if (call->kind == CALL_CLOSE) {
		sampling_now(watch->sampling, call->sock);
		sockets_seen_forget(watch->sockets, call->sock);
	}
	if (span_closes(span) >= 0)
		descriptors_closing(&watch->descriptors, span_closes(span));
	thread->awaits = AWAITS_RETURN;
	call->entered_ns = clock_now_ns();
	thread_resume(thread, 0);
	call_tell(watch, span, call->entered_ns);
	call_judge_later(watch, thread);
}

/* Nothing of it is told before it has failed. */
static void call_goes_wrong(struct watch *watch, struct thread *thread)
{
	struct span *span = &thread->span;
	process_tell(watch, thread->process);
	span->call.id = ++watch->last_call;
	span_args(watch, span);
	thread->judged = true;
	thread->awaits = AWAITS_RETURN;
	span->call.entered_ns = clock_now_ns();
	thread_resume(thread, 0);
}

/* The same call, from the same place, once more. */
static bool call_is_taken_up(const struct watch *watch, const struct thread *thread,
			     const struct ptrace_syscall_info *info)
{
	const struct span *span = &thread->suspended;
	if (!thread->has_suspended || span->ip != info->instruction_pointer)
		return false;
	if (info->seccomp.nr == (uint64_t)watch->abi->restart_syscall)
		return true;
	for (size_t i = 0; i < CALL_ARGS; i++) {
		if (span->asked.args[i] != info->seccomp.args[i])
			return false;
	}
	return info->seccomp.nr == (uint64_t)watch->abi->numbers[span->asked.kind];
}

static void call_goes_on(struct watch *watch, struct thread *thread)
{
	thread->span = thread->suspended;
	thread->has_suspended = false;
	thread->span.call.interrupted = true;
	thread->awaits = AWAITS_RETURN;
	thread_resume(thread, 0);
	call_judge_later(watch, thread);
}

static void call_io_uring(struct watch *watch, struct thread *thread)
{
	struct process *process = thread->process;
	descriptors_unsure(&watch->descriptors);
	if (process->io_uring)
		return;
	process->io_uring = true;
	watch_note(watch,
		   "`%.100s` uses io_uring: what it does by it are no calls, and not shown",
		   process->argc > 0 ? process->argv.at : "?");
}

void call_enters(struct watch *watch, struct thread *thread)
{
	struct ptrace_syscall_info info;
	const struct abi *abi = watch->abi;
	enum call_kind kind;
	thread->awaits = AWAITS_NOTHING;
	if (ptrace(PTRACE_GET_SYSCALL_INFO, thread->item.pid, sizeof(info), &info) <= 0)
		return; /* killed */
	if (info.op != PTRACE_SYSCALL_INFO_SECCOMP || info.arch != abi->audit_arch ||
	    !thread->process) {
		thread_resume(thread, 0);
		return;
	}
	if (call_is_taken_up(watch, thread, &info)) {
		call_goes_on(watch, thread);
		return;
	}
	if (abi_call(abi, info.seccomp.nr, &kind)) {
		span_begin(thread, &info, kind);
		if (span_finds(watch, &thread->span)) {
			call_goes_in(watch, thread);
			return;
		}
		if (span_misses(&thread->span)) {
			call_goes_wrong(watch, thread);
			return;
		}
		if (span_closes(&thread->span) >= 0)
			descriptors_lose(&watch->descriptors, span_closes(&thread->span));
	} else if (info.seccomp.nr == (uint64_t)abi->close_range) {
		descriptors_unsure(&watch->descriptors);
	} else if (info.seccomp.nr == (uint64_t)abi->io_uring_setup) {
		call_io_uring(watch, thread);
	} else if (info.seccomp.nr == (uint64_t)abi->rt_sigreturn && thread->has_suspended) {
		thread->awaits = AWAITS_SIGRETURN;
	}
	thread_resume(thread, 0);
}

/* The next program may wait for this. */
static void call_listens(struct watch *watch, const struct thread *thread,
			 const struct call *call)
{
	enum call_class class = call_classes[call->kind];
	if (call->ret == 0 &&
	    (class == CALLS_LISTEN || (class == CALLS_NAME && call->ends.udp)))
		watch->programs[thread->process->program].listens = true;
}

/* The kernel has written what its arguments point at. */
static bool call_is_filled_in(enum call_class class)
{
	return class == CALLS_RECEIVE || class == CALLS_ACCEPT || class == CALLS_OPTION ||
	       class == CALLS_WAIT;
}

/* Addresses come from /proc then; TCP_INFO comes from nowhere. */
static void call_notes_refusal(struct watch *watch)
{
	int refused = sockets_seen_refused(watch->sockets);
	if (!refused || watch->refusal_told || watch->config->kernel_ns == 0)
		return;
	watch->refusal_told = true;
	watch_note(watch,
		   "the kernel's own numbers (cwnd, round trip, state) are not shown: this "
		   "system does not lend a program's sockets (pidfd_getfd: %s). Linux 5.6 or "
		   "later does; a container needs the right SYS_PTRACE, or a seccomp profile "
		   "that lets pidfd_getfd pass",
		   strerror(refused));
}

static void call_finish(struct watch *watch, struct thread *thread, int64_t ret)
{
	struct span *span = &thread->span;
	struct call *call = &span->call;
	enum call_class class = call_classes[call->kind];
	uint32_t waited = call->sock; /* returned, a wait may know better */
	thread->awaits = AWAITS_NOTHING;
	if (span->doubted && ret != -EBADF && ret != -ENOTSOCK) {
		thread_resume(thread, 0);
		return;
	}
	if (span_closes(span) >= 0)
		descriptors_closed(&watch->descriptors);
	span->asked.returned = true;
	span->asked.ret = ret;
	call->entering = false;
	call->returned_ns = watch->now_ns;
	call->ret = ret < 0 ? -1 : ret;
	call->error = ret < 0 ? strerrorname_np((int)-ret) : NULL;
	if (call_is_filled_in(class))
		span_args(watch, span);
	if (ret >= 0 && (class == CALLS_SEND || class == CALLS_RECEIVE))
		call->bytes = args_bytes(&span->asked);
	span_sockets(watch, span);
	call_listens(watch, thread, call);
	call_tell(watch, span, call->returned_ns);
	call_notes_refusal(watch);
	if (call->blocked)
		sampling_waits(watch->sampling, waited, false);
	if (call->kind != CALL_CLOSE)
		sampling_now(watch->sampling, call->sock);
	sampling_now(watch->sampling, call->new_sock);
	thread_resume(thread, 0);
}

static void span_never_returned(struct watch *watch, struct span *span)
{
	span->call.entering = false;
	if (span->doubted)
		return;
	if (span_closes(span) >= 0)
		descriptors_closed(&watch->descriptors);
	if (span->call.blocked)
		sampling_waits(watch->sampling, span->call.sock, false);
	call_tell(watch, span, watch->now_ns);
}

static void call_is_interrupted(struct watch *watch, struct thread *thread)
{
	if (thread->has_suspended) /* by a handler that was left, or in another handler */
		span_never_returned(watch, &thread->suspended);
	thread->suspended = thread->span;
	thread->has_suspended = true;
	thread->awaits = AWAITS_NOTHING;
	thread_resume(thread, 0);
}

/* A handler has ended. The thread goes on behind the interrupted call, or anywhere else. */
static void call_after_handler(struct watch *watch, struct thread *thread,
			       const struct ptrace_syscall_info *info)
{
	thread->awaits = AWAITS_NOTHING;
	if (info->instruction_pointer != thread->suspended.ip || !info->exit.is_error) {
		thread_resume(thread, 0);
		return;
	}
	thread->span = thread->suspended;
	thread->has_suspended = false;
	call_finish(watch, thread, info->exit.rval);
}

void call_returns(struct watch *watch, struct thread *thread)
{
	struct ptrace_syscall_info info;
	if (ptrace(PTRACE_GET_SYSCALL_INFO, thread->item.pid, sizeof(info), &info) <= 0)
		return; /* killed */
	if (info.op != PTRACE_SYSCALL_INFO_EXIT || thread->awaits == AWAITS_NOTHING)
		thread_resume(thread, 0);
	else if (thread->awaits == AWAITS_SIGRETURN)
		call_after_handler(watch, thread, &info);
	else if (call_is_given_up(info.exit.rval))
		call_is_interrupted(watch, thread);
	else
		call_finish(watch, thread, info.exit.rval);
}

void call_abandoned(struct watch *watch, struct thread *thread)
{
	if (thread->has_suspended)
		span_never_returned(watch, &thread->suspended);
	if (thread->awaits == AWAITS_RETURN)
		span_never_returned(watch, &thread->span);
	thread->has_suspended = false;
	thread->awaits = AWAITS_NOTHING;
}
