/* The actor's inside: one program at work, its sockets, and how a step tells its outcome. */
#ifndef ECHO_ACTOR_INSIDE_H
#define ECHO_ACTOR_INSIDE_H

#include "wireladder/echo_actor.h"
#include "wireladder/model_call.h"

#include "address.h"

enum { ACTOR_BYTES = 1 << 20 }; /* the most that one call sends or takes */

/* A step gives 0, errno of the call that failed, or one of these. */
enum {
	STEP_ENDED = -1, /* the stream's end came too early: actor.got of actor.wanted bytes */
	STEP_TOLD = -2,  /* the sentence is written; no `fails` can have meant this */
};

struct actor_socket {
	const char *name; /* what `as` called it, or NULL */
	uint64_t made;    /* which one of the program's sockets, from 1; 0: the row is free */
	int fd;           /* -1: closed. Calls on it give EBADF, as they should */
	int family, type;
	uint64_t sent;       /* bytes: the pattern's place */
	struct address peer; /* the last datagram's sender; len 0: none yet */
};

struct actor {
	const struct actor_config *config;
	struct actor_report *report;
	const struct step *step;
	struct actor_socket sockets[ACTOR_SOCKETS_MAX];
	uint64_t made;
	uint8_t *bytes; /* ACTOR_BYTES of them */
	uint64_t got, wanted;
	enum step_kind called;    /* the last call */
	struct actor_call beyond; /* where calls are written that the report has no room for */
};

/* Writes "client, line 31: …"; returns STEP_TOLD. */
int actor_tell(struct actor *a, enum exit_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* One entry of the report: opened before the call, closed with its result right after it, which
 * gives 0 or errno. */
struct actor_call *actor_call_open(struct actor *a, enum step_kind kind, int fd);
int actor_call_close(struct actor_call *call, int64_t result);

/* A row for one more socket, or NULL when all are open. */
struct actor_socket *actor_socket_new(struct actor *a);
/* The one that the step means; NULL: there is none. */
struct actor_socket *actor_socket_find(struct actor *a);
void actor_sockets_close(struct actor *a);

/* An address as a step writes it, for a socket of that family. */
bool actor_address(struct actor *a, int family, const char *text, struct address *address);
/* One call, taking up a signal's interruption. to: NULL on a connected socket. */
struct actor_sending {
	enum step_kind kind;
	int flags;
	const struct address *to;
};
int actor_send(struct actor *a, struct actor_socket *s, const struct actor_sending *how,
	       const void *bytes, size_t count, size_t *sent);
int actor_recv(struct actor *a, struct actor_socket *s, size_t room, size_t *got);
int actor_recvfrom(struct actor *a, struct actor_socket *s, size_t *got);

/* The steps, by their names; s: the socket that the step means, or NULL where it needs none. */
int step_socket(struct actor *a, struct actor_socket *s);
int step_bind(struct actor *a, struct actor_socket *s);
int step_listen(struct actor *a, struct actor_socket *s);
int step_accept(struct actor *a, struct actor_socket *s);
int step_connect(struct actor *a, struct actor_socket *s);
int step_send(struct actor *a, struct actor_socket *s);
int step_send_oob(struct actor *a, struct actor_socket *s);
int step_recv(struct actor *a, struct actor_socket *s);
int step_sendto(struct actor *a, struct actor_socket *s);
int step_recvfrom(struct actor *a, struct actor_socket *s);
int step_echo(struct actor *a, struct actor_socket *s);
int step_shutdown(struct actor *a, struct actor_socket *s);
int step_close(struct actor *a, struct actor_socket *s);
int step_abort(struct actor *a, struct actor_socket *s);
int step_setsockopt(struct actor *a, struct actor_socket *s);
int step_sleep(struct actor *a, struct actor_socket *s);
int step_mark(struct actor *a, struct actor_socket *s);
int step_wait(struct actor *a, struct actor_socket *s);

/* Waits until a datagram is there; false: none is, and the lesson is over. */
bool board_rest(struct actor_board *board, int fd);

bool errno_find(const char *name, int *error);
const char *errno_near(const char *name);

#endif
