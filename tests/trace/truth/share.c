/* Sockets that several descriptors, processes and programs have. */
#include "tell.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void scene_dup(void)
{
	struct connection made = connected();
	int second = told("dup", made.client, dup(made.client));
	int third = told("dup2", made.client, dup2(made.client, 60));
	int fourth = told("dup3", second, dup3(second, 61, O_CLOEXEC));
	int fifth = fcntl(third, F_DUPFD, 70); /* nobody traces fcntl */
	int fds[] = {made.client, second, third, fourth, fifth};
	char bytes[30];
	for (size_t i = 0; i < 5; i++)
		moved("send", fds[i], send(fds[i], TEXT("hello"), 0));
	moved("recv", made.server, recv(made.server, bytes, 25, MSG_WAITALL));
	for (size_t i = 0; i < 4; i++)
		shuts(fds[i], NULL);
	moved("send", fifth, send(fifth, TEXT("last"), 0));
	shuts(fifth, "fin");
	told("dup2", made.listener, dup2(made.listener, made.server)); /* that closes it */
	shuts(made.server, NULL);
	shuts(made.listener, NULL);
}

/* Numbers that are given anew: of a socket that was closed; by a file in its place; by
 * close_range, of which nothing is told. */
void scene_reused(void)
{
	struct connection made = connected();
	int file = memfd_create("file", MFD_CLOEXEC), other;
	char bytes[10];
	moved("send", made.client, send(made.client, TEXT("hello"), 0));
	moved("recv", made.server, recv(made.server, bytes, 10, 0));
	shuts(made.client, "fin");
	other = socket(AF_UNIX, SOCK_DGRAM, 0);
	must(other == made.client && close(other) == 0, "the same number");
	shuts(made.server, "fin");
	made.client = calls(&made.address);
	made.server = takes(made.listener);
	moved("send", made.client, send(made.client, TEXT("hello"), 0));
	must(dup2(file, made.client) == made.client, "dup2"); /* of a file: not told */
	must(write(made.client, "file", 4) == 4, "write");
	moved("recv", made.server, recv(made.server, bytes, 10, 0));
	must(syscall(SYS_close_range, made.server, made.server, 0) == 0, "close_range");
	other = open("/dev/null", O_WRONLY | O_CLOEXEC);
	must(other == made.server && write(other, "null", 4) == 4, "null");
	close(other);
	other = told("socket", -1, socket(AF_INET, SOCK_STREAM, 0));
	shuts(other, NULL);
	shuts(made.listener, NULL);
}

static void fork_serve(int fd, const char *flags)
{
	char bytes[10];
	int count = moved("recv", fd, recv(fd, bytes, sizeof(bytes), 0));
	moved("send", fd, send(fd, bytes, (size_t)count, 0));
	shuts(fd, flags);
	_exit(0);
}

/* A child serves; it, or its parent, is the last that has the connection. */
static void fork_one(int listener, const struct sockaddr_in *address, bool child_last)
{
	int client = calls(address), server = takes(listener), gate[2];
	char byte = 0;
	pid_t child;
	must(pipe(gate) == 0, "pipe");
	child = fork();
	if (child == 0) {
		shuts(listener, NULL);
		shuts(client, NULL);
		must(read(gate[0], &byte, 1) == 1, "gate");
		fork_serve(server, child_last ? "fin" : NULL);
	}
	if (child_last)
		shuts(server, NULL);
	must(write(gate[1], &byte, 1) == 1, "gate");
	moved("send", client, send(client, TEXT("fork"), 0));
	moved("recv", client, recv(client, &byte, 1, 0));
	must(waitpid(child, NULL, 0) == child, "waitpid");
	if (!child_last)
		shuts(server, "fin");
	moved("recv", client, recv(client, (char[10]){0}, 10, 0));
	shuts(client, "fin");
	close(gate[0]);
	close(gate[1]);
}

void scene_fork(void)
{
	struct sockaddr_in address;
	int listener = listens(&address);
	fork_one(listener, &address, true);
	fork_one(listener, &address, false);
	shuts(listener, NULL);
}

/* The last that have a socket end, and close nothing: no call makes those two FINs. */
void scene_abandoned(void)
{
	struct connection made = connected();
	int second = told("dup", made.client, dup(made.client)), gate[2];
	char byte;
	pid_t child;
	must(pipe(gate) == 0, "pipe");
	child = fork();
	if (child == 0) {
		close(gate[1]);
		_exit(read(gate[0], &byte, 1) == 0 ? 0 : 1);
	}
	shuts(made.server, NULL);
	shuts(second, NULL);
	usleep(50000); /* whatever followed those at once has left */
	close(gate[0]);
	close(gate[1]);
	must(waitpid(child, NULL, 0) == child, "waitpid");
	moved("recv", made.client, recv(made.client, &byte, 1, 0));
	_exit(0);
}

void scene_inherited(const char *fd)
{
	int inherited = (int)strtol(fd, NULL, 10);
	char bytes[10];
	moved("recv", inherited, recv(inherited, bytes, sizeof(bytes), 0));
	moved("send", inherited, send(inherited, TEXT("HELLO"), 0));
	shuts(inherited, "fin");
}

/* A child executes another program on the socket, then this process does. */
static void exec_on(int fd)
{
	char number[12];
	snprintf(number, sizeof(number), "%d", fd);
	execl("/proc/self/exe", "truth", "inherited", number, (char *)NULL);
	must(false, "execl");
}

void scene_exec(void)
{
	struct connection made = connected();
	char bytes[10];
	pid_t child;
	moved("send", made.client, send(made.client, TEXT("hello"), 0));
	must(fcntl(made.client, F_SETFD, FD_CLOEXEC) == 0, "fcntl");
	child = fork();
	if (child == 0)
		exec_on(made.server);
	shuts(made.server, NULL);
	moved("recv", made.client, recv(made.client, bytes, 5, MSG_WAITALL));
	must(waitpid(child, NULL, 0) == child, "waitpid");
	shuts(made.client, "fin");
	made.client = calls(&made.address);
	made.server = takes(made.listener);
	moved("send", made.server, send(made.server, TEXT("again"), 0));
	shuts(made.listener, NULL);
	exec_on(made.client);
}
