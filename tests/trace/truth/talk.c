/* What is sent and received, by every call that can. */
#include "tell.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

/* Answers what comes, to its end. */
static void *echo_serve(void *context)
{
	int fd = *(int *)context, count;
	char bytes[100];
	while ((count = moved("recv", fd, recv(fd, bytes, sizeof(bytes), 0))) > 0)
		moved("send", fd, send(fd, bytes, (size_t)count, 0));
	shuts(fd, "fin");
	return NULL;
}

static void *echo_server(void *context)
{
	int fd = takes(*(int *)context);
	return echo_serve(&fd);
}

static void echo_ask(const struct sockaddr_in *address, int rounds)
{
	int fd = calls(address);
	char bytes[100];
	for (int i = 0; i < rounds; i++) {
		moved("send", fd, send(fd, TEXT("hello"), 0));
		moved("recv", fd, recv(fd, bytes, 5, MSG_WAITALL));
	}
	told_with("shutdown", "fin", fd, shutdown(fd, SHUT_WR));
	moved("recv", fd, recv(fd, bytes, sizeof(bytes), 0));
	shuts(fd, NULL);
}

void scene_echo(void)
{
	struct sockaddr_in address;
	int listener = listens(&address);
	pthread_t server;
	starts(echo_server, &listener, &server);
	echo_ask(&address, 3);
	joins(&server);
	shuts(listener, NULL);
}

static void *threads_client(void *context)
{
	echo_ask(context, 20);
	return NULL;
}

void scene_threads(void)
{
	enum { THREADS = 8 };
	struct sockaddr_in address;
	int listener = listens(&address);
	pthread_t servers[THREADS], clients[THREADS];
	for (int i = 0; i < THREADS; i++)
		starts(echo_server, &listener, &servers[i]);
	for (int i = 0; i < THREADS; i++)
		starts(threads_client, &address, &clients[i]);
	for (int i = 0; i < THREADS; i++) {
		joins(&clients[i]);
		joins(&servers[i]);
	}
	shuts(listener, NULL);
}

void scene_many(void)
{
	struct sockaddr_in address;
	int listener = listens(&address);
	char bytes[10];
	for (int i = 0; i < 1000; i++) {
		int client = calls(&address), server = takes(listener);
		moved("send", client, send(client, TEXT("hello"), 0));
		moved("recv", server, recv(server, bytes, sizeof(bytes), 0));
		shuts(client, "fin");
		shuts(server, "fin");
	}
	shuts(listener, NULL);
}

#define BIG_BYTES (4 << 20)

static void *big_reader(void *context)
{
	static char bytes[100000];
	int fd = *(int *)context;
	while (moved("read", fd, read(fd, bytes, sizeof(bytes))) > 0)
		continue;
	shuts(fd, "fin");
	return NULL;
}

void scene_big(void)
{
	static char bytes[300000];
	struct connection made = connected();
	pthread_t reader;
	starts(big_reader, &made.server, &reader);
	for (int done = 0; done < BIG_BYTES;)
		done += moved("write", made.client, write(made.client, bytes, sizeof(bytes)));
	shuts(made.client, "fin,late");
	joins(&reader);
	shuts(made.listener, NULL);
}

/* One listener for both: IPv4 comes to it as ::ffff:127.0.0.1. */
void scene_v6(void)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6};
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	int listener = told("socket", -1, socket(AF_INET6, SOCK_STREAM, 0)), client, server;
	char bytes[10];
	told("bind", listener, bind(listener, (struct sockaddr *)&address, size));
	told("listen", listener, listen(listener, 5));
	must(getsockname(listener, (struct sockaddr *)&address, &size) == 0, "getsockname");
	address.sin6_addr = in6addr_loopback;
	client = told("socket", -1, socket(AF_INET6, SOCK_STREAM, 0));
	told_with("connect", "syn", client, connect(client, (struct sockaddr *)&address, size));
	server = takes(listener);
	moved("send", server, send(server, TEXT("six"), 0));
	moved("recv", client, recv(client, bytes, sizeof(bytes), 0));
	shuts(server, "fin");
	shuts(client, "fin");
	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	v4.sin_port = address.sin6_port;
	client = calls(&v4);
	server = takes(listener);
	moved("send", server, send(server, TEXT("four"), 0));
	moved("recv", client, recv(client, bytes, sizeof(bytes), 0));
	shuts(client, "fin");
	shuts(server, "fin");
	shuts(listener, NULL);
}

void scene_udp(void)
{
	struct sockaddr_in address, peer;
	struct sockaddr *to = (struct sockaddr *)&address, *who = (struct sockaddr *)&peer;
	socklen_t size = sizeof(peer);
	int server = binds_udp(&address), first = makes_udp(), second = makes_udp();
	char bytes[100];
	moved("sendto", first, sendto(first, TEXT("one"), 0, to, sizeof(address)));
	moved("recvfrom", server, recvfrom(server, bytes, 100, 0, who, &size));
	moved("sendto", server, sendto(server, TEXT("ONE!"), 0, who, size));
	moved("recv", first, recv(first, bytes, 100, 0));
	told("connect", second, connect(second, to, sizeof(address)));
	moved("send", second, send(second, TEXT("two"), 0));
	moved("send", second, send(second, bytes, 0, 0)); /* a datagram of nothing */
	moved("send", second, send(second, TEXT("longer than it is read"), 0));
	moved_with("recv", "peek", server, recv(server, bytes, 100, MSG_PEEK));
	moved("recv", server, recv(server, bytes, 100, 0));
	moved("recv", server, recv(server, bytes, 100, 0));
	moved("recv", server, recv(server, bytes, 6, 0)); /* the rest is lost */
	moved("recv", server, recv(server, bytes, 100, MSG_DONTWAIT));
	shuts(first, NULL);
	shuts(second, NULL);
	shuts(server, NULL);
}

static void messages_vector(struct iovec vector[2], char *bytes)
{
	vector[0] = (struct iovec){bytes, 3};
	vector[1] = (struct iovec){bytes + 3, 4};
}

static int64_t messages_sum(const struct mmsghdr *messages, int count)
{
	int64_t sum = 0;
	for (int i = 0; i < count; i++)
		sum += messages[i].msg_len;
	return sum;
}

/* Two headers at once; over UDP they are two datagrams. */
static void messages_both(int sender, int receiver, bool udp)
{
	char bytes[2][8] = {"abcdefg", "ABCDEFG"};
	struct iovec vectors[2][2];
	struct mmsghdr messages[2] = {0};
	int count;
	for (int i = 0; i < 2; i++) {
		messages_vector(vectors[i], bytes[i]);
		messages[i].msg_hdr = (struct msghdr){.msg_iov = vectors[i], .msg_iovlen = 2};
	}
	count = sendmmsg(sender, messages, 2, 0);
	told_line((struct line){"sendmmsg", sender, messages_sum(messages, count),
				udp ? "count=2" : NULL}, count);
	count = recvmmsg(receiver, messages, 2, MSG_WAITFORONE, NULL);
	told_line((struct line){"recvmmsg", receiver, messages_sum(messages, count), NULL},
		  count);
}

static void messages_one(int sender, int receiver)
{
	char bytes[8] = "message";
	struct iovec vector[2];
	struct msghdr header = {.msg_iov = vector, .msg_iovlen = 2};
	messages_vector(vector, bytes);
	moved("sendmsg", sender, sendmsg(sender, &header, MSG_NOSIGNAL));
	moved_with("recvmsg", "peek", receiver, recvmsg(receiver, &header, MSG_PEEK));
	moved("recvmsg", receiver, recvmsg(receiver, &header, 0));
}

void scene_messages(void)
{
	struct connection made = connected();
	struct sockaddr_in address;
	int server = binds_udp(&address), client = makes_udp();
	told("connect", client, connect(client, (struct sockaddr *)&address, sizeof(address)));
	messages_one(made.client, made.server);
	messages_one(client, server);
	messages_both(made.server, made.client, false);
	messages_both(client, server, true);
	shuts(client, NULL);
	shuts(server, NULL);
	shuts(made.client, "fin");
	shuts(made.server, "fin");
	shuts(made.listener, NULL);
}

void scene_vectors(void)
{
	struct connection made = connected();
	char bytes[8] = "vectors";
	struct iovec vector[2];
	messages_vector(vector, bytes);
	moved("writev", made.client, writev(made.client, vector, 2));
	moved_with("recv", "peek", made.server, recv(made.server, bytes, 2, MSG_PEEK));
	moved("readv", made.server, readv(made.server, vector, 2));
	moved("write", made.server, write(made.server, bytes, 3));
	moved("send", made.server, send(made.server, bytes, 4, 0));
	moved("recv", made.client, recv(made.client, bytes, 5, 0));
	moved("read", made.client, read(made.client, bytes, 5));
	shuts(made.server, "fin");
	moved("read", made.client, read(made.client, bytes, 5)); /* the end */
	shuts(made.client, "fin");
	shuts(made.listener, NULL);
}

/* From a file, and through a pipe in both directions. vmsplice is not told: it touches no
 * socket. */
void scene_files(void)
{
	struct connection made = connected();
	int file = memfd_create("file", MFD_CLOEXEC), pipes[2], count;
	char bytes[5000] = {0};
	off_t from = 100;
	must(file >= 0 && pipe(pipes) == 0, "file and pipe");
	must(write(file, bytes, sizeof(bytes)) == sizeof(bytes), "file");
	count = moved("sendfile", made.client, sendfile(made.client, file, &from, 3000));
	moved("recv", made.server, recv(made.server, bytes, (size_t)count, MSG_WAITALL));
	must(vmsplice(pipes[1], &(struct iovec){bytes, 2000}, 1, 0) == 2000, "vmsplice");
	count = moved("splice", made.server,
		      splice(pipes[0], NULL, made.server, NULL, 2000, SPLICE_F_MORE));
	moved("send", made.server, send(made.server, TEXT("end"), 0));
	moved_with("splice", "in", made.client,
		   splice(made.client, NULL, pipes[1], NULL, 1500, 0));
	moved("recv", made.client, recv(made.client, bytes, sizeof(bytes), 0));
	shuts(made.client, "fin");
	shuts(made.server, "fin");
	shuts(made.listener, NULL);
}
