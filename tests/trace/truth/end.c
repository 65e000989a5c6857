/* How connections, and programs, end; and what is no socket of anybody's network. */
#include "tell.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/un.h>
#include <unistd.h>

void scene_half_close(void)
{
	struct connection made = connected();
	char bytes[10];
	told_with("shutdown", "fin", made.client, shutdown(made.client, SHUT_WR));
	moved("recv", made.server, recv(made.server, bytes, 10, 0));
	moved("send", made.server, send(made.server, TEXT("still"), 0));
	moved("recv", made.client, recv(made.client, bytes, 10, 0));
	moved_with("send", NULL, made.client,
		   send(made.client, TEXT("no more"), MSG_NOSIGNAL));
	told("shutdown", made.server, shutdown(made.server, SHUT_RD)); /* makes no packet */
	shuts(made.server, "fin");
	shuts(made.client, NULL);
	made.client = calls(&made.address);
	made.server = takes(made.listener);
	told_with("shutdown", "fin", made.client, shutdown(made.client, SHUT_RDWR));
	shuts(made.client, NULL);
	shuts(made.server, "fin");
	shuts(made.listener, NULL);
}

/* A port that nobody has, for a moment. */
static struct sockaddr_in nobody(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	int fd = told("socket", -1, socket(AF_INET, SOCK_STREAM, 0));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	told("bind", fd, bind(fd, (struct sockaddr *)&address, size));
	must(getsockname(fd, (struct sockaddr *)&address, &size) == 0, "getsockname");
	shuts(fd, NULL);
	return address;
}

void scene_refused(void)
{
	struct sockaddr_in address = nobody(), outside = {.sin_family = AF_INET};
	struct sockaddr *to = (struct sockaddr *)&address;
	int tcp = told("socket", -1, socket(AF_INET, SOCK_STREAM, 0)), udp = makes_udp(), other;
	char bytes[10];
	told_with("connect", "syn", tcp, connect(tcp, to, sizeof(address)));
	told_with("connect", "syn", tcp, connect(tcp, to, sizeof(address)));
	moved("recv", tcp, recv(tcp, bytes, 10, 0));
	moved("send", tcp, send(tcp, TEXT("nobody"), MSG_NOSIGNAL));
	shuts(tcp, NULL);
	told("connect", udp, connect(udp, to, sizeof(address)));
	moved("send", udp, send(udp, TEXT("anybody?"), 0));
	moved("recv", udp, recv(udp, bytes, 10, 0));
	shuts(udp, NULL);
	other = listens(&address);
	tcp = told("socket", -1, socket(AF_INET, SOCK_STREAM, 0));
	told("bind", tcp, bind(tcp, to, sizeof(address)));
	told("accept", tcp, accept(tcp, NULL, NULL));
	outside.sin_addr.s_addr = htonl(0xC0000201); /* 192.0.2.1, RFC 5737 */
	outside.sin_port = htons(7);
	told("connect", tcp, connect(tcp, (struct sockaddr *)&outside, sizeof(outside)));
	shuts(tcp, NULL);
	shuts(other, NULL);
}

/* The other end is gone: a reset, then no more. */
void scene_broken(void)
{
	struct connection made = connected();
	char bytes[10];
	shuts(made.server, "fin");
	moved("recv", made.client, recv(made.client, bytes, 10, 0));
	moved("send", made.client, send(made.client, TEXT("hello"), 0));
	moved("send", made.client, send(made.client, TEXT("hello"), MSG_NOSIGNAL));
	shuts(made.client, NULL);
	made.client = calls(&made.address);
	made.server = takes(made.listener);
	moved("send", made.client, send(made.client, TEXT("unread"), 0));
	shuts(made.server, "rst");
	moved("recv", made.client, recv(made.client, bytes, 10, 0));
	shuts(made.client, NULL);
	shuts(made.listener, NULL);
}

/* Descriptors that are closed, were never open, or are of no socket. */
void scene_closed(void)
{
	struct connection made = connected();
	struct sockaddr *to = (struct sockaddr *)&made.address;
	int file = memfd_create("file", MFD_CLOEXEC), fd = made.client, value = 1;
	char bytes[10];
	shuts(fd, "fin");
	moved("send", fd, send(fd, TEXT("late"), 0));
	moved("recv", fd, recv(fd, bytes, 10, 0));
	told("connect", fd, connect(fd, to, sizeof(made.address)));
	told("shutdown", fd, shutdown(fd, SHUT_WR));
	told("setsockopt", fd, setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, sizeof(value)));
	told("bind", 99, bind(99, to, sizeof(made.address)));
	told("listen", -1, listen(-1, 5));
	told("accept", file, accept(file, NULL, NULL));
	moved("send", file, send(file, TEXT("a file"), 0));
	close(file);
	close(fd); /* of what is no socket any more: not told */
	shuts(made.server, "fin");
	shuts(made.listener, NULL);
}

void scene_options(void)
{
	struct connection made = connected();
	struct linger linger = {1, 0};
	struct tcp_info info;
	socklen_t size = sizeof(int);
	int value = 1, fd = made.client;
	told("setsockopt", fd, setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value)));
	told("getsockopt", fd, getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, &size));
	told("setsockopt", fd, setsockopt(fd, IPPROTO_TCP, 9999, &value, sizeof(value)));
	size = sizeof(info);
	told("getsockopt", fd, getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size));
	told("setsockopt", fd, setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	shuts(fd, "rst");
	shuts(made.server, NULL);
	shuts(made.listener, NULL);
}

/* Not told: nothing of this is on a wire. */
void scene_unix(void)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int pair[2], server = socket(AF_UNIX, SOCK_STREAM, 0), client, raw, accepted;
	char bytes[10];
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
	must(write(pair[0], "hello", 5) == 5 && recv(pair[1], bytes, 10, 0) == 5, "pair");
	close(pair[0]);
	close(pair[1]);
	must(bind(server, (struct sockaddr *)&name, sizeof(sa_family_t)) == 0, "bind");
	must(listen(server, 5) == 0, "listen");
	must(getsockname(server, (struct sockaddr *)&name, &(socklen_t){sizeof(name)}) == 0,
	     "getsockname");
	client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(connect(client, (struct sockaddr *)&name, sizeof(sa_family_t) + 6) == 0, "connect");
	accepted = accept(server, NULL, NULL);
	must(send(client, "hello", 5, 0) == 5 && read(accepted, bytes, 10) == 5, "unix");
	must(shutdown(client, SHUT_WR) == 0, "shutdown");
	close(client);
	close(accepted);
	close(server);
	raw = socket(AF_NETLINK, SOCK_RAW, 0);
	must(raw >= 0, "netlink");
	close(raw);
}

void scene_crash(void)
{
	struct connection made = connected();
	char bytes[10];
	moved("send", made.client, send(made.client, TEXT("hello"), 0));
	moved("recv", made.server, recv(made.server, bytes, 10, 0));
	signal(SIGSEGV, SIG_DFL);
	*(volatile char *)(uintptr_t)(bytes[0] - 'h') = 1;
}

static void *endless_recv(void *context)
{
	int fd = *(int *)context;
	char byte;
	begins("recv", fd);
	if (recv(fd, &byte, 1, 0) >= 0)
		_exit(97);
	return NULL;
}

/* Two calls that never return; then somebody presses Ctrl-C. */
void scene_endless(void)
{
	struct connection made = connected();
	pthread_t reader;
	signal(SIGINT, SIG_DFL);
	starts(endless_recv, &made.server, &reader);
	usleep(200000);
	begins("accept", made.listener);
	accept(made.listener, NULL, NULL);
	_exit(97);
}

/* The program ends while a thread waits. */
void scene_exits(void)
{
	struct connection made = connected();
	pthread_t reader;
	starts(endless_recv, &made.server, &reader);
	usleep(200000);
	_exit(0);
}
