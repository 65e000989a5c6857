/* A server or client of ours in a child process, and plain sockets that talk with it. Whatever
 * hangs is ended by an alarm: a test never waits without a bound. */
#ifndef WIRELADDER_TESTS_ECHO_PEERS_H
#define WIRELADDER_TESTS_ECHO_PEERS_H

#include "../../support/cm.h"

#include "wireladder/echo.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_S = 60 };

struct server {
	pid_t pid;
	uint16_t port;
	int stop_fd, talk_fd;
	char talk[64 * 1024]; /* what it said so far */
	size_t talk_count;
};

static inline void talk_to_fd(void *context, const char *line)
{
	const int *fd = context;
	dprintf(*fd, "%s\n", line);
}

/* The child's end: exit(), not _exit(), so that the leak checker has its say. */
static inline void server_child(struct echo_server_config config)
{
	struct err err = {.text = ""};
	alarm(PATIENCE_S);
	if (echo_server(&config, &err))
		exit(0);
	dprintf(*(int *)config.talk.context, "failed: %s\n", err.text);
	exit((int)err.status);
}

/* Starts a server on any free port, or where config says, and waits until it listens; port is 0
 * if it does not. The child calls prepare first, if there is one. */
static inline struct server server_start_after(struct echo_server_config config,
					       void (*prepare)(void))
{
	struct server server = {.port = 0};
	int ready[2], stop[2], talk[2];
	uint8_t port[2] = {0, 0};
	assert_true(pipe(ready) == 0 && pipe(stop) == 0 && pipe(talk) == 0);
	alarm(PATIENCE_S);
	fflush(NULL);
	server.pid = fork();
	assert_true(server.pid >= 0);
	if (server.pid == 0) {
		close(ready[0]);
		close(stop[1]);
		close(talk[0]);
		config.ready_fd = ready[1];
		config.stop_fd = stop[0];
		config.talk = (struct echo_talk){.say = talk_to_fd, .context = &talk[1]};
		config.port = config.port ? config.port : "0";
		if (prepare)
			prepare();
		server_child(config);
	}
	close(ready[1]);
	close(stop[0]);
	close(talk[1]);
	if (read(ready[0], port, sizeof(port)) == (ssize_t)sizeof(port))
		server.port = (uint16_t)(port[0] << 8 | port[1]);
	close(ready[0]);
	server.stop_fd = stop[1];
	server.talk_fd = talk[0];
	return server;
}

static inline struct server server_start(struct echo_server_config config)
{
	return server_start_after(config, NULL);
}

static inline struct server serve(enum echo_reply reply, bool udp)
{
	struct server server =
		server_start((struct echo_server_config){.reply = reply, .udp = udp});
	assert_int_not_equal(server.port, 0);
	return server;
}

/* Reads on until the server has said that, or has ended. */
static inline bool server_says(struct server *server, const char *words)
{
	while (!strstr(server->talk, words)) {
		size_t room = sizeof(server->talk) - 1 - server->talk_count;
		ssize_t got = read(server->talk_fd, server->talk + server->talk_count, room);
		if (got <= 0)
			return false;
		server->talk_count += (size_t)got;
	}
	return true;
}

/* Waits for its end; its exit status. */
static inline int server_wait(struct server *server)
{
	int status = -1;
	(void)server_says(server, "the server's last words are read, so that it cannot block");
	assert_int_equal(waitpid(server->pid, &status, 0), server->pid);
	close(server->stop_fd);
	close(server->talk_fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

static inline void server_stops(struct server *server)
{
	assert_int_equal(write(server->stop_fd, "", 1), 1);
	assert_int_equal(server_wait(server), EXIT_DONE);
}

static inline void bound_waits(int fd)
{
	struct timeval patience = {.tv_sec = PATIENCE_S / 2};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

static inline int connect_ip(uint32_t ip, uint16_t port, int type)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, type, 0);
	to.sin_addr.s_addr = htonl(ip);
	assert_true(fd >= 0);
	bound_waits(fd);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static inline int connect_tcp(const struct server *server)
{
	return connect_ip(INADDR_LOOPBACK, server->port, SOCK_STREAM);
}

static inline int connect_udp(const struct server *server)
{
	return connect_ip(INADDR_LOOPBACK, server->port, SOCK_DGRAM);
}

static inline void sends_bytes(int fd, const void *bytes, size_t count)
{
	assert_int_equal(send(fd, bytes, count, MSG_NOSIGNAL), (ssize_t)count);
}

static inline void sends(int fd, const char *text)
{
	sends_bytes(fd, text, strlen(text));
}

/* Exactly these bytes come next, in however many pieces. */
static inline void hears(int fd, const char *text)
{
	char got[4096] = "";
	assert_true(strlen(text) < sizeof(got));
	assert_int_equal(recv(fd, got, strlen(text), MSG_WAITALL), (ssize_t)strlen(text));
	assert_string_equal(got, text);
}

static inline void hears_end(int fd)
{
	char byte;
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
}

static inline void resets(int fd)
{
	struct linger abort_at_close = {.l_onoff = 1, .l_linger = 0};
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort_at_close, sizeof(abort_at_close));
	close(fd);
}

#endif
