#include "sockets.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* The timer of a line (net/ipv4/tcp_ipv4.c): what will be sent again, and a window that will be
 * asked after. The others (keepalive, TIME-WAIT) send nothing that a lesson waits for. */
#define TIMER_RESEND 1
#define TIMER_PROBE  4

void sockets_open(struct sockets *sockets)
{
	/* thread-self: self would be the network of the process' first thread. */
	sockets->fds[0] = open("/proc/thread-self/net/tcp", O_RDONLY | O_CLOEXEC);
	sockets->fds[1] = open("/proc/thread-self/net/tcp6", O_RDONLY | O_CLOEXEC);
}

/* "0: 0100007F:0007 00000000:0000 0A 00000000:00000000 00:00000000 …" */
static bool socket_settled(const char *line)
{
	unsigned state, unsent, unread, timer;
	if (sscanf(line, "%*d: %*[0-9A-F]:%*x %*[0-9A-F]:%*x %x %x:%x %x", &state, &unsent,
		   &unread, &timer) != 4)
		return true; /* the heading */
	return timer != TIMER_RESEND && timer != TIMER_PROBE && (unsent == 0 || state == 0x0A);
}

static bool list_settled(FILE *list)
{
	char line[256];
	while (fgets(line, sizeof(line), list)) {
		if (!socket_settled(line))
			return false;
	}
	return true;
}

bool sockets_settled(const struct sockets *sockets)
{
	bool settled = true;
	for (size_t i = 0; i < SOCKET_FILES && settled; i++) {
		int fd = sockets->fds[i] < 0 ? -1 : dup(sockets->fds[i]);
		FILE *list = fd < 0 ? NULL : fdopen(fd, "r");
		if (!list)
			continue;
		rewind(list);
		settled = list_settled(list);
		fclose(list);
	}
	return settled;
}

void sockets_close(struct sockets *sockets)
{
	for (size_t i = 0; i < SOCKET_FILES; i++) {
		if (sockets->fds[i] >= 0)
			close(sockets->fds[i]);
		sockets->fds[i] = -1;
	}
}
