/* The actor, a door of src/echo: runs one program of a lesson with real socket calls, in the
 * calling process, which is the program from then on. The caller makes a board, forks once for
 * each program, enters the host's network in the child and calls actor_run there. */
#ifndef WIRELADDER_ECHO_ACTOR_H
#define WIRELADDER_ECHO_ACTOR_H

#include "wireladder/model_lesson.h"

/* How the actor reads a step (words, numbers: model_lesson.h):
 * bind        "7777" or the number: every address of the host; else as connect
 * connect     HOST:PORT; HOST is "server", "client", 10.77.0.9 or [fd77::9]
 * listen      without a number: the most that the kernel allows
 * send        in as few calls as can be (1 MiB each). With `to`, on a TCP socket that is not
 *             connected: MSG_FASTOPEN, so that the SYN carries the bytes (RFC 7413)
 * recv N      TCP: exactly N bytes; before them, the end fails. UDP: one call with room for N
 * echo        TCP: until the end. UDP: so many datagrams as the number says, or, without one,
 *             until actor_board_over
 * setsockopt  the option in `text`, its value in `number`, or as a word in `to`; SO_RCVTIMEO
 *             and SO_SNDTIMEO take milliseconds, SO_LINGER seconds, groups their address
 * mark        stays reached; ACTOR_MARKS_MAX names, each shorter than ACTOR_MARK_TEXT
 * sleep_ms    an hour at most
 * Without `on` a step means the latest socket that is still open. A name used twice means the
 * newer socket. With `fails` and `repeat`, every time must fail. What is still open at the
 * program's end is closed, as exit(3) would. */
#define ACTOR_SOCKETS_MAX  64 /* open at once; one more ends the program with a sentence */
#define ACTOR_MARKS_MAX    256
#define ACTOR_MARK_TEXT    80
#define ACTOR_CALLS_MAX    4096
#define ACTOR_PROGRAMS_MAX 64

struct actor_call {
	enum step_kind kind; /* the call itself: an echo is many recv and send */
	uint32_t step;       /* index in its program */
	int fd;              /* of the socket, as the program has it; -1: none, or closed */
	int error;           /* errno; 0: none */
	int64_t result;      /* as the call gave it: bytes, the new descriptor, 0, -1 */
	uint64_t called_ns, returned_ns; /* clock_now_ns; returned 0: it never did */
};

enum actor_outcome { ACTOR_RUNNING, ACTOR_DONE, ACTOR_FAILED };
struct actor_report { /* shared by parent and child; read it once the child has ended */
	enum actor_outcome outcome;
	uint32_t step; /* index of the last that was begun */
	_Atomic uint32_t count;
	uint64_t lost;  /* calls beyond the first ACTOR_CALLS_MAX: made, but not here */
	struct err err; /* why it failed */
	struct actor_call calls[ACTOR_CALLS_MAX];
};

/* board: what the programs of a run share: marks, and a report for each. Made before the first
 * fork, in memory that forks share; a child needs not close it. */
struct actor_board;
struct actor_board *actor_board_open(size_t program_count, struct err *err);
/* Of the k-th program, from 0; empty at first; until actor_board_close. */
struct actor_report *actor_board_report(struct actor_board *board, size_t program);
/* Programs that at this moment do nothing but wait for a datagram to echo, without a number:
 * once they are all that still run and nothing is under way on the wire, the lesson is over. */
uint32_t actor_board_resting(const struct actor_board *board);
/* Ends the waiting of those, after the datagrams that are there already; a program that waits
 * for a mark fails. For good. */
void actor_board_over(struct actor_board *board);
void actor_board_close(struct actor_board *board); /* safe on NULL */

struct actor_config {
	const struct program *program;
	struct actor_board *board;
	/* What "client" and "server" mean to sockets of each family; NULL: no such family. */
	const char *addrs4[END_COUNT], *addrs6[END_COUNT];
	bool ipv6;        /* "tcp" and "udp" make IPv6 sockets too: the lesson's twin */
	uint64_t wait_ns; /* for a mark; 0: 20 s */
};
/* True when every step did what the lesson says (`fails`). Else the program stopped there and
 * err (also in the report) names it, the step's line and what happened instead: EXIT_PARTIAL;
 * EXIT_USAGE when the step itself is a mistake. A blocking call blocks: the caller has a limit
 * and ends the process (PR_SET_PDEATHSIG is the caller's too). */
bool actor_run(const struct actor_config *config, struct actor_report *report, struct err *err);

/* In the parent, when the child has ended: what actor_run said there, or, when it was stopped
 * within a step, a sentence that names it. */
bool actor_judge(const struct program *program, const struct actor_report *report,
		 struct err *err);

/* What `send N` sends: each eight bytes tell their place among all that were sent on their
 * socket, "0001448 " (in decimal, the last seven digits). */
void actor_pattern(uint64_t place, uint8_t *bytes, size_t count);
const char *actor_errno_name(int error); /* "ECONNREFUSED"; NULL: no name that lessons use */

#endif
