/* A stage for the actor: programs of a lesson, each in a process of its own, on the loopback, on
 * a port that nobody else has. Whatever hangs is ended by an alarm. */
#ifndef WIRELADDER_TESTS_ECHO_ACTOR_STAGE_H
#define WIRELADDER_TESTS_ECHO_ACTOR_STAGE_H

#include "peers.h"

#include "wireladder/echo_actor.h"

#include <sched.h>

enum { STAGE_PROGRAMS = 4 };

/* Steps with a word or text, with a number, with neither; further fields may follow. */
#define WORD(name, word, ...)                                                                  \
	{.kind = STEP_##name, .text = (word), .number = -1, __VA_ARGS__}
#define COUNT(name, count, ...) {.kind = STEP_##name, .number = (count), __VA_ARGS__}
#define PLAIN(name, ...) {.kind = STEP_##name, .number = -1, __VA_ARGS__}
#define OPTION(name, value, ...)                                                               \
	{.kind = STEP_SETSOCKOPT, .text = (name), .number = (value), __VA_ARGS__}

#define PROGRAM(who, end, ...)                                                                 \
	((struct program){.name = (who), .host = (end),                                        \
			  .steps = (const struct step[]){__VA_ARGS__},                         \
			  .step_count = sizeof((const struct step[]){__VA_ARGS__}) /           \
					sizeof(struct step)})
#define SERVER(...) PROGRAM("server", END_SERVER, __VA_ARGS__)
#define CLIENT(...) PROGRAM("client", END_CLIENT, __VA_ARGS__)

struct stage {
	struct actor_board *board;
	bool ipv6;
	uint64_t wait_ns;
	uint16_t port_number;
	char port[8], server[24]; /* "7777", "server:7777" */
	struct program programs[STAGE_PROGRAMS];
	pid_t pids[STAGE_PROGRAMS];
	size_t count;
};

static inline bool port_is_free(uint16_t port, int type)
{
	struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_in at4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd6 = socket(AF_INET6, type, 0), fd = socket(AF_INET, type, 0), one = 1;
	bool free4, free6 = true;
	if (fd6 >= 0) {
		setsockopt(fd6, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
		free6 = bind(fd6, (struct sockaddr *)&at, sizeof(at)) == 0;
		close(fd6);
	}
	free4 = bind(fd, (struct sockaddr *)&at4, sizeof(at4)) == 0;
	close(fd);
	return free4 && free6;
}

/* Below the range that connect() and bind() to port 0 choose from. */
static inline struct stage stage_open(void)
{
	struct stage stage = {.port_number = (uint16_t)(20000 + getpid() * 7 % 10000)};
	struct err err = {.text = ""};
	while (!port_is_free(stage.port_number, SOCK_STREAM) ||
	       !port_is_free(stage.port_number, SOCK_DGRAM))
		stage.port_number++;
	snprintf(stage.port, sizeof(stage.port), "%u", stage.port_number);
	snprintf(stage.server, sizeof(stage.server), "server:%u", stage.port_number);
	stage.board = actor_board_open(STAGE_PROGRAMS, &err);
	assert_non_null(stage.board);
	alarm(PATIENCE_S);
	return stage;
}

static inline struct actor_config stage_config(const struct stage *stage,
					       const struct program *program)
{
	return (struct actor_config){.program = program,
				     .board = stage->board,
				     .addrs4 = {"127.0.0.1", "127.0.0.1"},
				     .addrs6 = {"::1", "::1"},
				     .ipv6 = stage->ipv6,
				     .wait_ns = stage->wait_ns};
}

static inline struct actor_report *report_of(const struct stage *stage, size_t program)
{
	return actor_board_report(stage->board, program);
}

/* Starts it in a process of its own; its number. exit(): the leak checker has its say. */
static inline size_t plays_after(struct stage *stage, struct program program,
				 void (*prepare)(void))
{
	size_t n = stage->count++;
	assert_true(n < STAGE_PROGRAMS);
	stage->programs[n] = program;
	fflush(NULL);
	stage->pids[n] = fork();
	assert_true(stage->pids[n] >= 0);
	if (stage->pids[n] == 0) {
		struct actor_config config = stage_config(stage, &stage->programs[n]);
		alarm(PATIENCE_S);
		if (prepare)
			prepare();
		exit(actor_run(&config, report_of(stage, n), NULL) ? 0 : 1);
	}
	return n;
}

static inline size_t plays(struct stage *stage, struct program program)
{
	return plays_after(stage, program, NULL);
}

/* Runs it in the test's own process. */
static inline struct err runs(struct stage *stage, struct program program)
{
	struct err err = {.text = ""};
	struct actor_config config;
	size_t n = stage->count++;
	bool ok;
	assert_true(n < STAGE_PROGRAMS);
	stage->programs[n] = program;
	config = stage_config(stage, &stage->programs[n]);
	ok = actor_run(&config, report_of(stage, n), &err);
	assert_int_equal(ok, err.text[0] == '\0');
	return err;
}

/* Until some program has reached the mark. */
static inline void reaches(struct stage *stage, const char *mark)
{
	struct program watch = CLIENT(WORD(WAIT, mark));
	struct actor_config config = stage_config(stage, &watch);
	struct actor_report *report = calloc(1, sizeof(*report));
	struct err err = {.text = ""};
	bool ok = actor_run(&config, report, &err);
	free(report);
	assert_string_equal(err.text, "");
	assert_true(ok);
}

/* What a program that ended with that status has to say; "": it did all. */
static inline struct err judged(struct stage *stage, size_t n, int status)
{
	struct err err = {.text = ""};
	bool ok = actor_judge(&stage->programs[n], report_of(stage, n), &err);
	stage->pids[n] = 0;
	assert_int_equal(ok, err.text[0] == '\0');
	/* Not by an alarm, and nothing leaked. */
	assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == !ok);
	return err;
}

static inline struct err ended(struct stage *stage, size_t n)
{
	int status;
	assert_int_equal(waitpid(stage->pids[n], &status, 0), stage->pids[n]);
	return judged(stage, n, status);
}

static inline void succeeds(struct err err)
{
	assert_string_equal(err.text, "");
}

static inline void says(struct err err, enum exit_status status, const char *sentence)
{
	assert_string_equal(err.text, sentence);
	assert_int_equal(err.status, status);
}

/* Everybody did all that the lesson says. The first who did not is heard: without him the
 * others would wait for ever. */
static inline void stage_ends(struct stage *stage)
{
	int status;
	pid_t pid;
	while ((pid = wait(&status)) > 0) {
		struct err err;
		size_t n = 0;
		while (stage->pids[n] != pid)
			assert_true(++n < stage->count);
		err = judged(stage, n, status);
		for (n = 0; err.text[0] && n < stage->count; n++)
			if (stage->pids[n])
				kill(stage->pids[n], SIGKILL);
		succeeds(err);
	}
	actor_board_close(stage->board);
}

/* How often a program made that call, and the k-th (from 0) of those. */
static inline size_t calls_of(const struct actor_report *report, enum step_kind kind)
{
	size_t count = 0;
	for (size_t i = 0; i < report->count; i++)
		count += report->calls[i].kind == kind;
	return count;
}

static inline const struct actor_call *call_of(const struct actor_report *report,
					       enum step_kind kind, size_t k)
{
	for (size_t i = 0; i < report->count; i++) {
		if (report->calls[i].kind == kind && k-- == 0)
			return &report->calls[i];
	}
	fail_msg("no such call");
	return NULL;
}

/* A server that takes one connection, by the name "conn", and then does these steps. */
#define LISTENS(stage)                                                                         \
	WORD(SOCKET, "tcp"), WORD(BIND, (stage).port), COUNT(LISTEN, 5), WORD(MARK, "listening")
#define TAKES_ONE(stage) LISTENS(stage), PLAIN(ACCEPT, .as = "conn")
#define CONNECTS(stage)                                                                        \
	WORD(SOCKET, "tcp"), WORD(WAIT, "listening"), WORD(CONNECT, (stage).server)

#endif
