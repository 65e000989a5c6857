/* Calls that wait, and what ends a wait. */
#include "tell.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOON_US 200000 /* long enough to be seen waiting */

static struct sockaddr_in handler_address;
static int handler_fd;

/* Within accept: what it waits for. */
static void handler_calls(int signal)
{
	int error = errno;
	(void)signal;
	handler_fd = calls(&handler_address);
	errno = error;
}

static void handler_nothing(int signal)
{
	(void)signal;
}

static void alarm_set(void (*handler)(int), int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
	struct itimerval alarm = {.it_value.tv_usec = SOON_US};
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &alarm, NULL);
}

void scene_restart(void)
{
	int listener = listens(&handler_address), server;
	char bytes[10];
	alarm_set(handler_calls, SA_RESTART);
	server = told_with("accept", "interrupted,blocked", listener,
			   accept(listener, NULL, NULL));
	moved("send", handler_fd, send(handler_fd, TEXT("hello"), 0));
	moved("recv", server, recv(server, bytes, sizeof(bytes), 0));
	alarm_set(handler_nothing, SA_RESTART);
	alarm_set(handler_nothing, 0);
	moved_with("recv", "blocked", server, recv(server, bytes, sizeof(bytes), 0));
	shuts(server, "fin");
	shuts(handler_fd, "fin");
	shuts(listener, NULL);
}

void scene_eintr(void)
{
	struct connection made = connected();
	struct pollfd polled = {made.listener, POLLIN, 0};
	char bytes[10];
	alarm_set(handler_nothing, 0);
	told_with("accept", "blocked", made.listener, accept(made.listener, NULL, NULL));
	alarm_set(handler_nothing, SA_RESTART); /* which poll does not heed */
	told_with("poll", "blocked", -1, poll(&polled, 1, -1));
	alarm_set(handler_nothing, 0);
	moved_with("recv", "blocked", made.client, recv(made.client, bytes, 10, 0));
	shuts(made.client, "fin");
	shuts(made.server, "fin");
	shuts(made.listener, NULL);
}

/* Ctrl-Z and fg: no call fails of it. */
static void stopped_helper(const struct sockaddr_in *address)
{
	pid_t parent = getppid();
	int fd;
	usleep(SOON_US);
	kill(parent, SIGSTOP);
	usleep(SOON_US);
	kill(parent, SIGCONT);
	usleep(SOON_US);
	fd = calls(address);
	usleep(SOON_US);
	kill(parent, SIGSTOP);
	kill(parent, SIGCONT);
	usleep(SOON_US);
	moved("send", fd, send(fd, TEXT("hello"), 0));
	shuts(fd, "fin");
	_exit(0);
}

void scene_stopped(void)
{
	struct sockaddr_in address;
	int listener = listens(&address), server;
	struct pollfd polled = {listener, POLLIN, 0};
	char bytes[10];
	pid_t child = fork();
	if (child == 0)
		stopped_helper(&address);
	told_with("poll", "interrupted,blocked", -1, poll(&polled, 1, 60000));
	server = takes(listener);
	moved_with("recv", "interrupted,blocked", server, recv(server, bytes, 10, 0));
	must(waitpid(child, NULL, 0) == child, "waitpid");
	moved("recv", server, recv(server, bytes, 10, 0));
	shuts(server, "fin");
	shuts(listener, NULL);
}

void scene_timeout(void)
{
	struct connection made = connected();
	struct timeval soon = {.tv_usec = SOON_US};
	struct pollfd polled = {made.server, POLLIN, 0};
	char bytes[10];
	told("setsockopt", made.server,
	     setsockopt(made.server, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon)));
	moved_with("recv", "blocked", made.server, recv(made.server, bytes, 10, 0));
	told_with("poll", "blocked", -1, poll(&polled, 1, SOON_US / 1000));
	told("poll", -1, poll(&polled, 1, 0));
	shuts(made.server, "fin");
	shuts(made.client, "fin");
	shuts(made.listener, NULL);
}

static int so_error(int fd)
{
	int error = 0;
	socklen_t size = sizeof(error);
	told("getsockopt", fd, getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size));
	return error;
}

void scene_nonblocking(void)
{
	struct sockaddr_in address;
	struct sockaddr *to = (struct sockaddr *)&address;
	int listener = listens(&address), server;
	int fd = told("socket", -1, socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	struct pollfd polled = {fd, POLLOUT, 0};
	char bytes[10];
	told_with("connect", "syn", fd, connect(fd, to, sizeof(address)));
	told("poll", -1, poll(&polled, 1, -1));
	must(so_error(fd) == 0, "connected");
	told("connect", fd, connect(fd, to, sizeof(address)));
	told("connect", fd, connect(fd, to, sizeof(address)));
	moved("recv", fd, recv(fd, bytes, sizeof(bytes), 0));
	server = told("accept4", listener, accept4(listener, NULL, NULL, SOCK_NONBLOCK));
	moved("recv", server, recv(server, bytes, sizeof(bytes), 0));
	moved("send", fd, send(fd, TEXT("now"), 0));
	moved("recv", server, recv(server, bytes, sizeof(bytes), 0));
	shuts(listener, NULL);
	shuts(fd, "fin");
	shuts(server, "fin");
	fd = told("socket", -1, socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	told_with("connect", "syn", fd, connect(fd, to, sizeof(address)));
	polled.fd = fd;
	told("poll", -1, poll(&polled, 1, -1));
	must(so_error(fd) == ECONNREFUSED, "refused");
	shuts(fd, NULL);
}

/* Until no more fits: the last send takes a part. */
void scene_full(void)
{
	static char bytes[1000000];
	struct connection made = connected();
	int sent = 0, count;
	while ((count = moved("send", made.client,
			      send(made.client, bytes, sizeof(bytes), MSG_DONTWAIT))) > 0)
		sent += count;
	shuts(made.client, "fin"); /* once all is sent, long after */
	while ((count = moved("recv", made.server,
			      recv(made.server, bytes, sizeof(bytes), 0))) > 0)
		sent -= count;
	must(sent == 0, "all arrived");
	shuts(made.server, "fin");
	shuts(made.listener, NULL);
}

#define EPOLL_CLIENTS 4

static void *epoll_client(void *context)
{
	int fd = calls(context);
	char bytes[10];
	for (int i = 0; i < 3; i++) {
		moved("send", fd, send(fd, TEXT("hello"), 0));
		moved("recv", fd, recv(fd, bytes, 5, MSG_WAITALL));
	}
	shuts(fd, "fin");
	return NULL;
}

static void epoll_watch(int set, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
	must(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
}

/* True: that one is finished. */
static bool epoll_ready(int fd)
{
	char bytes[10];
	int count = moved("recv", fd, recv(fd, bytes, sizeof(bytes), 0));
	if (count > 0)
		moved("send", fd, send(fd, bytes, (size_t)count, 0));
	if (count != 0)
		return false;
	shuts(fd, "fin");
	return true;
}

void scene_epoll(void)
{
	struct sockaddr_in address;
	struct epoll_event events[8];
	int listener = listens(&address), set = epoll_create1(0), finished = 0;
	pthread_t clients[EPOLL_CLIENTS];
	epoll_watch(set, listener);
	for (int i = 0; i < EPOLL_CLIENTS; i++)
		starts(epoll_client, &address, &clients[i]);
	while (finished < EPOLL_CLIENTS) {
		int count = told("epoll_wait", -1, epoll_wait(set, events, 8, -1));
		for (int i = 0; i < count; i++) {
			int fd = events[i].data.fd;
			if (fd == listener)
				epoll_watch(set, takes(listener));
			else
				finished += epoll_ready(fd);
		}
	}
	for (int i = 0; i < EPOLL_CLIENTS; i++)
		joins(&clients[i]);
	shuts(listener, NULL);
	close(set);
}

static int select_on(int first, int second)
{
	fd_set set;
	FD_ZERO(&set);
	FD_SET(first, &set);
	FD_SET(second, &set);
	return told("select", -1, select(second + 1, &set, NULL, NULL, NULL));
}

void scene_select(void)
{
	struct connection made = connected();
	struct timespec now = {0, 0};
	struct pollfd polled = {made.server, POLLIN, 0};
	fd_set set;
	char bytes[10];
	moved("send", made.client, send(made.client, TEXT("hello"), 0));
	select_on(made.client, made.server);
	moved("recv", made.server, recv(made.server, bytes, 10, 0));
	FD_ZERO(&set);
	FD_SET(made.server, &set);
	told("pselect6", -1, pselect(made.server + 1, &set, NULL, NULL, &now, NULL));
	told("ppoll", -1, ppoll(&polled, 1, &now, NULL));
	select(0, NULL, NULL, NULL, &(struct timeval){.tv_usec = 1}); /* of no socket */
	shuts(made.client, "fin");
	shuts(made.server, "fin");
	shuts(made.listener, NULL);
}
