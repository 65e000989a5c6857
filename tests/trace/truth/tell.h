/* Programs that say what they do: each socket call is followed by a line on standard output, of
 * what it was, returned and moved. truth.py holds a timeline against these lines.
 *
 *   TID CALL FD RET ERRNO BYTES INODE NEW_INODE FLAGS        ("-": none)
 *
 * CALL is the program's own word for it (send, where the kernel has only sendto); INODE is the
 * socket's identity, as fstat(2) has it. What libc does without asking (fcntl, getsockname) is
 * no line, and neither is what wireladder is not to show. */
#ifndef TELL_H
#define TELL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct line {
	const char *call;
	int fd;            /* -1: it has none, or several */
	int64_t bytes;     /* -1: it moves none */
	const char *flags; /* separated by commas:
	                    * peek, interrupted, blocked (it surely waited);
	                    * in (a splice that receives), count=N (datagrams that it sent);
	                    * syn, fin: a packet that it must have made; late: perhaps long after
	                    * it returned; open: it never returns */
};

/* All of them return what the call returned, and leave errno alone. */
int told_line(struct line line, int64_t ret);
int told(const char *call, int fd, int64_t ret);  /* it moves no payload */
int moved(const char *call, int fd, int64_t ret); /* payload: as many bytes as it returned */
int told_with(const char *call, const char *flags, int fd, int64_t ret);
int moved_with(const char *call, const char *flags, int fd, int64_t ret);
void begins(const char *call, int fd);            /* and never returns */
int shuts(int fd, const char *flags);             /* close(2); "fin": nobody else has it */

#define TEXT(text) (text), sizeof(text) - 1

/* The usual ones. They end the program when they fail. */
int listens(struct sockaddr_in *address); /* on 127.0.0.1, at a port of the kernel's choice */
int calls(const struct sockaddr_in *address);
int takes(int listener); /* accept */
int binds_udp(struct sockaddr_in *address);
int makes_udp(void);
struct connection { /* and both its ends */
	struct sockaddr_in address;
	int listener, client, server;
};
struct connection connected(void);
void must(bool condition, const char *what);
void starts(void *(*run)(void *context), void *context, void *thread); /* pthread_t */
void joins(void *thread);

void scene_echo(void), scene_threads(void), scene_many(void), scene_big(void), scene_v6(void);
void scene_udp(void), scene_messages(void), scene_vectors(void), scene_files(void);
void scene_dup(void), scene_reused(void), scene_fork(void), scene_exec(void);
void scene_abandoned(void), scene_closed(void), scene_inherited(const char *fd);
void scene_restart(void), scene_eintr(void), scene_stopped(void), scene_timeout(void);
void scene_nonblocking(void), scene_full(void), scene_epoll(void), scene_select(void);
void scene_half_close(void), scene_refused(void), scene_broken(void), scene_options(void);
void scene_unix(void), scene_crash(void), scene_endless(void), scene_exits(void);

#endif
