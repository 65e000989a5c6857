/* A socket is asked for its TCP_INFO as calls on it return, as it is closed, and every few
 * milliseconds as long as something may change by itself: while a call waits for it, and while
 * it has sent what was not acknowledged, or not sent what it was given. What has not changed is
 * not told. */
#include "sampling.h"

#include "pids.h"

#include <stdlib.h>

struct sampled { /* a socket */
	struct pid_item item; /* its number in place of a process's */
	uint32_t waiting;     /* calls */
	bool outstanding;     /* as it was last seen */
	bool watched;         /* in `sampling.watched` */
	struct kernel_sample before;
};

#define WATCHED_MAX 1024 /* sockets asked at each turn; others only as calls return */

struct sampling {
	struct sockets_seen *sockets;
	struct outbox *out;
	uint64_t every_ns, due_ns;
	struct pids sampled;
	struct sampled *watched[WATCHED_MAX];
	size_t watched_count;
};

struct sampling *sampling_open(struct sockets_seen *sockets, struct outbox *out,
			       uint64_t every_ns)
{
	struct sampling *sampling = calloc(1, sizeof(*sampling));
	if (!sampling)
		return NULL;
	sampling->sockets = sockets;
	sampling->out = out;
	sampling->every_ns = every_ns;
	sampling->due_ns = UINT64_MAX;
	pids_init(&sampling->sampled, sizeof(struct sampled));
	return sampling;
}

static void sampled_drop(void *context, void *item)
{
	struct sampling *sampling = context;
	const struct sampled *sampled = item;
	if (!sampled->watched && sampled->waiting == 0)
		pids_drop(&sampling->sampled, item);
}

/* When the table is full all go that nobody waits for: if they are asked again, they are told
 * once more even if nothing has changed. */
static struct sampled *sampling_add(struct sampling *sampling, pid_t number)
{
	struct sampled *sampled = pids_add(&sampling->sampled, number);
	if (sampled)
		return sampled;
	pids_each(&sampling->sampled, sampled_drop, sampling);
	return pids_add(&sampling->sampled, number);
}

static struct sampled *sampling_find(struct sampling *sampling, uint32_t sock)
{
	pid_t number = (pid_t)sock;
	struct sampled *sampled;
	if (sampling->every_ns == 0 || sock == 0)
		return NULL;
	sampled = pids_find(&sampling->sampled, number);
	return sampled ? sampled : sampling_add(sampling, number);
}

static void sampling_watch(struct sampling *sampling, struct sampled *sampled)
{
	if (sampled->watched || (!sampled->outstanding && sampled->waiting == 0) ||
	    sampling->watched_count == WATCHED_MAX)
		return;
	if (sampling->watched_count == 0)
		sampling->due_ns = clock_monotonic_ns() + sampling->every_ns;
	sampling->watched[sampling->watched_count++] = sampled;
	sampled->watched = true;
}

static void sampled_take(struct sampling *sampling, struct sampled *sampled)
{
	struct message message = {.kind = MESSAGE_KERNEL};
	const struct socket_seen *socket =
		sockets_seen_at(sampling->sockets, (uint32_t)sampled->item.pid);
	/* Nobody has it any more: what is outstanding then is the kernel's alone. */
	if (!socket || socket->holder.pid == 0) {
		sampled->outstanding = false;
		return;
	}
	if (!sample_take(sampling->sockets, socket, &message.kernel, &sampled->before))
		return;
	sampled->outstanding = message.kernel.unacked > 0 || message.kernel.notsent > 0;
	message.ns = clock_now_ns();
	outbox_put(sampling->out, &message, (struct strings){0});
}

void sampling_now(struct sampling *sampling, uint32_t sock)
{
	struct sampled *sampled = sampling_find(sampling, sock);
	if (!sampled)
		return;
	sampled_take(sampling, sampled);
	sampling_watch(sampling, sampled);
}

void sampling_waits(struct sampling *sampling, uint32_t sock, bool begins)
{
	struct sampled *sampled = sampling_find(sampling, sock);
	if (!sampled)
		return;
	if (begins)
		sampled->waiting++;
	else if (sampled->waiting > 0)
		sampled->waiting--;
	sampling_watch(sampling, sampled);
}

uint64_t sampling_due_ns(const struct sampling *sampling)
{
	return sampling->due_ns;
}

void sampling_run(struct sampling *sampling)
{
	size_t kept = 0;
	for (size_t i = 0; i < sampling->watched_count; i++) {
		struct sampled *sampled = sampling->watched[i];
		sampled_take(sampling, sampled);
		sampled->watched = sampled->outstanding || sampled->waiting > 0;
		if (sampled->watched)
			sampling->watched[kept++] = sampled;
	}
	sampling->watched_count = kept;
	sampling->due_ns = kept > 0 ? clock_monotonic_ns() + sampling->every_ns : UINT64_MAX;
}

void sampling_close(struct sampling *sampling)
{
	if (!sampling)
		return;
	pids_close(&sampling->sampled);
	free(sampling);
}
