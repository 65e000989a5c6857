/* Runs our client in this process against a server of the test's own making in another one. */
#ifndef WIRELADDER_TESTS_ECHO_CLIENT_H
#define WIRELADDER_TESTS_ECHO_CLIENT_H

#include "peers.h"

#include <sys/mman.h>

struct actor { /* another program: a child that plays one server with plain socket calls */
	pid_t pid;
	char port[8];
};

struct outcome {
	bool ok;
	struct err err;
	char output[64 * 1024];
	size_t output_count;
	char talk[4096];
};

static inline uint16_t bound_port(int fd)
{
	struct sockaddr_in own;
	socklen_t size = sizeof(own);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &size), 0);
	return ntohs(own.sin_port);
}

static inline int bind_loopback(int type)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	int fd = socket(AF_INET, type, 0);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

/* TCP: act gets the first client's connection. UDP: the bound socket. */
static inline struct actor actor_start(int type, void (*act)(int fd))
{
	struct actor actor;
	int fd = bind_loopback(type);
	snprintf(actor.port, sizeof(actor.port), "%u", bound_port(fd));
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 5), 0);
	alarm(PATIENCE_S);
	fflush(NULL);
	actor.pid = fork();
	assert_true(actor.pid >= 0);
	if (actor.pid == 0) {
		alarm(PATIENCE_S);
		act(type == SOCK_STREAM ? accept(fd, NULL, NULL) : fd);
		_exit(0);
	}
	close(fd);
	return actor;
}

static inline void actor_ends(const struct actor *actor)
{
	int status;
	kill(actor->pid, SIGTERM); /* some wait for ever: that was their part */
	assert_int_equal(waitpid(actor->pid, &status, 0), actor->pid);
}

static inline void remember_talk(void *context, const char *line)
{
	char *talk = context;
	size_t count = strlen(talk);
	snprintf(talk + count, sizeof(((struct outcome *)0)->talk) - count, "%s\n", line);
}

/* Input and replies go through unnamed files. */
static inline const struct outcome *client_runs(struct echo_client_config config,
						const char *input)
{
	static struct outcome outcome;
	ssize_t got;
	memset(&outcome, 0, sizeof(outcome));
	alarm(PATIENCE_S);
	config.input_fd = memfd_create("input", 0);
	config.output_fd = memfd_create("output", 0);
	if (input)
		assert_int_equal(write(config.input_fd, input, strlen(input)),
				 (ssize_t)strlen(input));
	lseek(config.input_fd, 0, SEEK_SET);
	config.host = config.host ? config.host : "127.0.0.1";
	config.talk = (struct echo_talk){.say = remember_talk, .context = outcome.talk};
	outcome.ok = echo_client(&config, &outcome.err);
	got = pread(config.output_fd, outcome.output, sizeof(outcome.output) - 1, 0);
	assert_true(got >= 0);
	outcome.output_count = (size_t)got;
	close(config.input_fd);
	close(config.output_fd);
	return &outcome;
}

static inline void succeeds_with(const struct outcome *outcome, const char *output)
{
	assert_string_equal(outcome->err.text, "");
	assert_true(outcome->ok);
	assert_string_equal(outcome->output, output);
}

static inline void fails_with(const struct outcome *outcome, enum exit_status status,
			      const char *words)
{
	assert_false(outcome->ok);
	if (!strstr(outcome->err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", outcome->err.text, words);
	assert_int_equal(outcome->err.status, status);
}

#define TEXTS(...)                                                                             \
	.texts = (const char *const[]){__VA_ARGS__},                                           \
	.text_count = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)

#endif
