/* Load for an echo server: opens N TCP connections from one process, keeps all of them open,
 * and sends R rounds of messages on every one, all before the first answer of a round is read.
 * Each message is different, each answer is compared. Prints one line; status 0 if all was
 * well. manyclients ADDRESS PORT CLIENTS ROUNDS */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_BYTES = 64, PATIENCE_S = 60 };

struct load {
	struct sockaddr_in server;
	size_t clients, rounds;
	int *fds;
	size_t failed_connects, failed_answers;
	double connect_s, echo_s;
};

static double now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void raise_file_limit(void)
{
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int open_client(const struct load *load)
{
	struct timeval patience = {.tv_sec = PATIENCE_S};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (const struct sockaddr *)&load->server, sizeof(load->server)) == 0)
		return fd;
	if (load->failed_connects == 0)
		perror("manyclients: first failed connect");
	close(fd);
	return -1;
}

static void open_all(struct load *load)
{
	double start = now_s();
	for (size_t i = 0; i < load->clients; i++) {
		load->fds[i] = open_client(load);
		if (load->fds[i] < 0)
			load->failed_connects++;
	}
	load->connect_s = now_s() - start;
}

static void write_message(char message[static MESSAGE_BYTES], size_t client, size_t round)
{
	char words[MESSAGE_BYTES];
	int count = snprintf(words, sizeof(words), "client %zu round %zu", client, round);
	memset(message, '.', MESSAGE_BYTES);
	memcpy(message, words, (size_t)count);
	message[MESSAGE_BYTES - 1] = '\n';
}

static void run_round(struct load *load, size_t round)
{
	char message[MESSAGE_BYTES], answer[MESSAGE_BYTES];
	for (size_t i = 0; i < load->clients; i++) {
		write_message(message, i, round);
		if (load->fds[i] >= 0)
			(void)!send(load->fds[i], message, MESSAGE_BYTES, MSG_NOSIGNAL);
	}
	for (size_t i = 0; i < load->clients; i++) {
		ssize_t got;
		if (load->fds[i] < 0)
			continue;
		write_message(message, i, round);
		got = recv(load->fds[i], answer, MESSAGE_BYTES, MSG_WAITALL);
		if (got != MESSAGE_BYTES || memcmp(answer, message, MESSAGE_BYTES) != 0)
			load->failed_answers++;
	}
}

/* Half-close, then nothing but the end may come. */
static void close_all(struct load *load)
{
	char byte;
	for (size_t i = 0; i < load->clients; i++)
		if (load->fds[i] >= 0)
			shutdown(load->fds[i], SHUT_WR);
	for (size_t i = 0; i < load->clients; i++) {
		if (load->fds[i] >= 0 && recv(load->fds[i], &byte, 1, 0) != 0)
			load->failed_answers++;
		if (load->fds[i] >= 0)
			close(load->fds[i]);
	}
}

int main(int argc, char **argv)
{
	struct load load = {.failed_connects = 0};
	double start;
	if (argc != 5)
		return 1;
	load.server.sin_family = AF_INET;
	load.server.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
	load.clients = strtoul(argv[3], NULL, 10);
	load.rounds = strtoul(argv[4], NULL, 10);
	load.fds = calloc(load.clients, sizeof(*load.fds));
	if (!load.fds || inet_pton(AF_INET, argv[1], &load.server.sin_addr) != 1)
		return 1;
	raise_file_limit();
	open_all(&load);
	start = now_s();
	for (size_t round = 0; round < load.rounds; round++)
		run_round(&load, round);
	load.echo_s = now_s() - start;
	close_all(&load);
	printf("%zu clients at once, %zu failed connects, %zu failed answers of %zu, "
	       "%.0f connects/s, %.0f echoes/s\n",
	       load.clients, load.failed_connects, load.failed_answers,
	       load.clients * load.rounds, (double)load.clients / load.connect_s,
	       (double)(load.clients * load.rounds) / load.echo_s);
	free(load.fds);
	return load.failed_connects || load.failed_answers;
}
