/* What is timed under a tracer, from the inside: trace send N | connect N. Prints ns per socket
 * call. Both ends are of this one process, so that no other has to be awaited. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in address = {.sin_family = AF_INET};
static int listener;

static void must(int done)
{
	if (done >= 0)
		return;
	perror("trace");
	exit(1);
}

static double now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void listens(void)
{
	socklen_t size = sizeof(address);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(listener = socket(AF_INET, SOCK_STREAM, 0));
	must(bind(listener, (struct sockaddr *)&address, size));
	must(listen(listener, 5));
	must(getsockname(listener, (struct sockaddr *)&address, &size));
}

static void connection(int fds[2])
{
	must(fds[0] = socket(AF_INET, SOCK_STREAM, 0));
	must(connect(fds[0], (struct sockaddr *)&address, sizeof(address)));
	must(fds[1] = accept(listener, NULL, NULL));
}

/* 2 calls each. */
static void sends(int rounds)
{
	int fds[2];
	char bytes[100] = {0};
	connection(fds);
	for (int i = 0; i < rounds; i++) {
		must((int)send(fds[0], bytes, sizeof(bytes), 0));
		must((int)recv(fds[1], bytes, sizeof(bytes), MSG_WAITALL));
	}
}

/* 5 calls each. */
static void connects(int rounds)
{
	int fds[2];
	for (int i = 0; i < rounds; i++) {
		connection(fds);
		close(fds[0]);
		close(fds[1]);
	}
}

int main(int argc, char **argv)
{
	int rounds = argc == 3 ? atoi(argv[2]) : 0, calls;
	double begun;
	listens();
	begun = now_ns();
	if (strcmp(argv[1], "send") == 0) {
		sends(rounds);
		calls = 2 * rounds;
	} else {
		connects(rounds);
		calls = 5 * rounds;
	}
	printf("%.0f\n", (now_ns() - begun) / calls);
	return 0;
}
