/* Whether a call blocks is not a matter of how long it took: on a busy machine a thread may
 * wait for a processor as long. It blocks if its thread sleeps in it. Nobody tells us of that,
 * so a thread that has not come back for a moment is looked at: watch.c says how often. */
#include "watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void call_judge_later(struct watch *watch, struct thread *thread)
{
	thread->judged = false;
	if (!thread->in_fresh)
		thread->in_fresh = buf_add(&watch->fresh, &thread->item.pid,
					   sizeof(thread->item.pid));
}

/* proc(5): its state stands behind the name in brackets, which may hold any character. */
static char thread_state(pid_t tid)
{
	char path[48], line[128];
	const char *at;
	ssize_t count;
	int fd;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return '?';
	count = read(fd, line, sizeof(line) - 1);
	close(fd);
	line[count > 0 ? count : 0] = '\0';
	at = strrchr(line, ')');
	return at && at[1] == ' ' ? at[2] : '?';
}

static bool call_is_judged(struct watch *watch, struct thread *thread)
{
	char state;
	if (thread->awaits != AWAITS_RETURN || thread->judged)
		return true;
	state = thread_state(thread->item.pid);
	if (state == 'R')
		return false;
	thread->judged = true;
	if ((state == 'S' || state == 'D') && !thread->span.call.blocked) {
		thread->span.call.blocked = true;
		sampling_waits(watch->sampling, thread->span.call.sock, true);
	}
	return true;
}

void calls_judge(struct watch *watch)
{
	size_t count = watch->fresh.len / sizeof(pid_t), kept = 0;
	uint64_t now_ns = clock_monotonic_ns();
	if (now_ns - watch->judge_ns < JUDGE_NS)
		return;
	watch->judge_ns = now_ns;
	for (size_t i = 0; i < count; i++) {
		struct thread *thread;
		pid_t tid;
		memcpy(&tid, watch->fresh.at + i * sizeof(tid), sizeof(tid));
		thread = pids_find(&watch->threads, tid);
		if (!thread || !thread->in_fresh)
			continue;
		thread->in_fresh = !call_is_judged(watch, thread);
		if (!thread->in_fresh)
			continue;
		memcpy(watch->fresh.at + kept, &tid, sizeof(tid));
		kept += sizeof(tid);
	}
	watch->fresh.len = kept;
}
