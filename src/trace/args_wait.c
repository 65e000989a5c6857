/* Calls that wait for several descriptors. As they begin they show what they wait for; once
 * they have returned, behind an arrow, what has come. Linux overwrites select's sets and the
 * time that it and ppoll were given: at return the sets are what has come, the time is what is
 * left (select(2), "The timeout"). */
#include "args.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>

#define WAITS_MAX 64 /* descriptors of a call that are read; the text holds fewer */

static void wait_add_int(struct buf *out, const struct asked *asked, size_t index)
{
	buf_printf(out, ", %d", args_int(asked, index));
}

/* A timespec, or select's timeval, which has `per_second` of its second number. */
static void wait_add_time(struct buf *out, const struct asked *asked, size_t index,
			  double per_second)
{
	int64_t time[2];
	double seconds;
	const char *left = asked->returned && asked->kind != CALL_EPOLL_PWAIT2 ? " left" : "";
	buf_printf(out, ", ");
	if (!args_read(asked, index, time, sizeof(time))) {
		args_pointer(out, asked->args[index]);
		return;
	}
	seconds = (double)time[0] + (double)time[1] / per_second;
	buf_printf(out, "%.9g s%s", seconds, left);
}

static size_t poll_read(const struct asked *asked, struct pollfd *polled)
{
	uint64_t count = (uint32_t)asked->args[1];
	if (count > WAITS_MAX)
		count = WAITS_MAX;
	return memory_read(asked->tid, asked->args[0], polled, count * sizeof(*polled)) /
	       sizeof(*polled);
}

void args_poll(struct buf *out, const struct asked *asked)
{
	struct pollfd polled[WAITS_MAX];
	size_t count = poll_read(asked, polled);
	if (count == 0 && asked->args[1])
		args_pointer(out, asked->args[0]);
	else
		buf_printf(out, "[");
	for (size_t i = 0; i < count; i++) {
		buf_printf(out, "%s%d ", i ? ", " : "", polled[i].fd);
		names_add_flags(out, &names_poll, (uint16_t)polled[i].events);
		if (args_done(asked) && polled[i].revents) {
			buf_printf(out, " → ");
			names_add_flags(out, &names_poll, (uint16_t)polled[i].revents);
		}
	}
	if (count || !asked->args[1])
		buf_printf(out, count < (uint32_t)asked->args[1] ? ", …]" : "]");
	if (asked->kind == CALL_POLL)
		wait_add_int(out, asked, 2);
	else
		wait_add_time(out, asked, 2, 1e9);
}

static bool select_read(const struct asked *asked, size_t index, fd_set *set)
{
	int highest = args_int(asked, 0) < FD_SETSIZE ? args_int(asked, 0) : FD_SETSIZE;
	size_t bytes = highest > 0 ? ((size_t)highest + 7) / 8 : 0;
	FD_ZERO(set);
	return bytes && memory_read(asked->tid, asked->args[index], set, bytes) == bytes;
}

static int select_end(const struct asked *asked)
{
	int end = args_int(asked, 0);
	return end < FD_SETSIZE ? end : FD_SETSIZE;
}

void args_select(struct buf *out, const struct asked *asked)
{
	static const char *const words[] = {NULL, "read", "write", "except"};
	buf_printf(out, "%d", args_int(asked, 0));
	for (size_t i = 1; i < ARRAY_COUNT(words); i++) {
		const char *between = "";
		fd_set set;
		if (!asked->args[i])
			continue;
		buf_printf(out, ", %s ", words[i]);
		if (!select_read(asked, i, &set)) {
			args_pointer(out, asked->args[i]);
			continue;
		}
		buf_printf(out, args_done(asked) ? "→ [" : "[");
		for (int fd = 0; fd < select_end(asked); fd++) {
			if (!FD_ISSET(fd, &set))
				continue;
			buf_printf(out, "%s%d", between, fd);
			between = ", ";
		}
		buf_printf(out, "]");
	}
	wait_add_time(out, asked, 4, asked->kind == CALL_SELECT ? 1e6 : 1e9);
}

struct watched { /* a descriptor of an epoll set */
	int fd;
	uint64_t data; /* the program's own name for it, often the descriptor itself */
};

/* Only /proc tells what a set holds: "tfd: 5 events: 19 data: 5 …", a line for each. */
static size_t epoll_watched(const struct asked *asked, struct watched *watched, size_t room)
{
	static const char form[] = "tfd: %d events: %*x data: %" SCNx64;
	char path[48], line[160];
	size_t count = 0;
	FILE *info;
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", (int)asked->tid, args_int(asked, 0));
	info = fopen(path, "re");
	if (!info)
		return 0;
	while (count < room && fgets(line, sizeof(line), info)) {
		struct watched *one = &watched[count];
		if (sscanf(line, form, &one->fd, &one->data) == 2)
			count++;
	}
	fclose(info);
	return count;
}

static void epoll_add_event(struct buf *out, const struct epoll_event *event,
			    const struct watched *watched, size_t count)
{
	size_t i = 0;
	while (i < count && watched[i].data != event->data.u64)
		i++;
	if (i < count)
		buf_printf(out, "%d ", watched[i].fd);
	else
		buf_printf(out, "0x%" PRIx64 " ", event->data.u64);
	names_add_flags(out, &names_epoll, event->events);
}

/* What has come; false: it cannot be read. */
static bool epoll_read(const struct asked *asked, struct epoll_event *events, size_t *count)
{
	uint64_t most = (uint64_t)asked->ret < WAITS_MAX ? (uint64_t)asked->ret : WAITS_MAX;
	*count = memory_read(asked->tid, asked->args[1], events, most * sizeof(*events)) /
		 sizeof(*events);
	return *count == most;
}

static void epoll_add_events(struct buf *out, const struct asked *asked)
{
	struct epoll_event events[WAITS_MAX];
	struct watched watched[WAITS_MAX];
	size_t got, count;
	bool whole = epoll_read(asked, events, &got);
	count = got ? epoll_watched(asked, watched, WAITS_MAX) : 0;
	buf_printf(out, ", ");
	if (!whole) {
		args_pointer(out, asked->args[1]);
		return;
	}
	buf_printf(out, "[");
	for (size_t i = 0; i < got; i++) {
		buf_printf(out, i ? ", " : "");
		epoll_add_event(out, &events[i], watched, count);
	}
	buf_printf(out, "]");
}

void args_epoll(struct buf *out, const struct asked *asked)
{
	buf_printf(out, "%d", args_int(asked, 0));
	if (args_done(asked))
		epoll_add_events(out, asked);
	wait_add_int(out, asked, 2);
	if (asked->kind == CALL_EPOLL_PWAIT2)
		wait_add_time(out, asked, 3, 1e9);
	else
		wait_add_int(out, asked, 3);
}

static size_t select_fds(const struct asked *asked, int *fds, size_t room)
{
	fd_set all, set;
	size_t count = 0;
	FD_ZERO(&all);
	for (size_t i = 1; i <= 3; i++) {
		if (!asked->args[i] || !select_read(asked, i, &set))
			continue;
		for (int fd = 0; fd < select_end(asked); fd++) {
			if (FD_ISSET(fd, &set))
				FD_SET(fd, &all);
		}
	}
	for (int fd = 0; fd < select_end(asked) && count < room; fd++) {
		if (FD_ISSET(fd, &all))
			fds[count++] = fd;
	}
	return count;
}

static bool poll_is_wanted(const struct asked *asked, const struct pollfd *polled)
{
	return polled->fd >= 0 && (!args_done(asked) || polled->revents);
}

static size_t poll_fds(const struct asked *asked, int *fds, size_t room)
{
	struct pollfd polled[WAITS_MAX];
	size_t count = poll_read(asked, polled), used = 0;
	for (size_t i = 0; i < count && used < room; i++) {
		if (poll_is_wanted(asked, &polled[i]))
			fds[used++] = polled[i].fd;
	}
	return used;
}

/* Of those watched, by the program's names for them. */
static size_t epoll_ready(const struct asked *asked, const struct watched *watched, int *fds,
			  size_t count)
{
	struct epoll_event events[WAITS_MAX];
	size_t got, used = 0;
	epoll_read(asked, events, &got);
	for (size_t i = 0; i < got; i++) {
		size_t at = 0;
		while (at < count && watched[at].data != events[i].data.u64)
			at++;
		if (at < count && used < count)
			fds[used++] = watched[at].fd;
	}
	return used;
}

static size_t epoll_fds(const struct asked *asked, int *fds, size_t room)
{
	struct watched watched[WAITS_MAX];
	size_t count = epoll_watched(asked, watched, room < WAITS_MAX ? room : WAITS_MAX);
	for (size_t i = 0; i < count; i++)
		fds[i] = watched[i].fd;
	return args_done(asked) ? epoll_ready(asked, watched, fds, count) : count;
}

size_t args_waits_for(const struct asked *asked, int *fds, size_t room)
{
	switch (asked->kind) {
	case CALL_POLL:
	case CALL_PPOLL:
		return poll_fds(asked, fds, room);
	case CALL_SELECT:
	case CALL_PSELECT6:
		return select_fds(asked, fds, room);
	default:
		return epoll_fds(asked, fds, room);
	}
}
