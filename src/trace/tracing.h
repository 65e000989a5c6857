/* What the files of this room share: a call as the registers have it, and who reads what. */
#ifndef WIRELADDER_TRACE_TRACING_H
#define WIRELADDER_TRACE_TRACING_H

#include "wireladder/trace.h"

#include <sys/types.h>

#define CALL_ARGS 6

struct asked { /* by a thread, of the kernel */
	enum call_kind kind;
	pid_t tid; /* it alone is there for sure: its process's first may have ended */
	uint64_t args[CALL_ARGS];
	bool returned;
	int64_t ret; /* as the registers have it: -errno */
};

/* abi.c: the numbers of the calls, by architecture. Both tables are in every build. */
struct abi {
	uint32_t audit_arch;         /* AUDIT_ARCH_… */
	int16_t numbers[CALL_COUNT]; /* -1: it has no such call */
	int16_t io_uring_setup, close_range, restart_syscall, rt_sigreturn;
};
const struct abi *abi_find(uint32_t audit_arch); /* NULL: none that is known */
const struct abi *abi_native(void);              /* this build's; NULL: none that is known */
bool abi_call(const struct abi *abi, uint64_t number, enum call_kind *kind);

/* filter.c: in the program's process, before it is executed: only these calls stop. */
bool filter_install(const struct abi *abi, bool no_rw, int *error);
bool filter_can(int *error); /* false: this kernel or container has no such filters */

/* memory.c: of that thread's process; fewer bytes where not all can be read. */
size_t memory_read(pid_t tid, uint64_t address, void *bytes, size_t count);

/* args.c: as a person writes them, "3, 10.77.0.2:7". What the kernel fills in (buffers,
 * addresses of recvfrom and accept, values of getsockopt) is there once it has returned.
 * *name: what the call would be called in a program's source ("send"). No more than ARGS_BYTES:
 * an ellipsis says that there was more. */
#define ARGS_BYTES   400
#define ARGS_PAYLOAD 32 /* first bytes of what is sent or received, escaped */
void args_write(struct buf *out, const struct asked *asked, const char **name);
/* Payload: asked for, or done, as far as the call has any. */
uint64_t args_bytes(const struct asked *asked);
bool args_peek(const struct asked *asked);
/* The descriptors that it is about, no more than room for; their number. For select, poll and
 * epoll all that it waits for; once returned, what has come. */
size_t args_fds(const struct asked *asked, int *fds, size_t room);
/* Whom it names: the address of connect, bind, sendto; of accept and recvfrom once returned.
 * False: nobody. */
bool args_address(const struct asked *asked, struct addr *addr, uint16_t *port);

/* sockets.c: which socket is it? By its inode, so that dup and fork do not matter. */
struct holder { /* of a descriptor */
	pid_t pid; /* 0: nobody any more */
	pid_t tid; /* one of its threads: asked where its first has ended before the others */
	int fd;
};
struct socket_seen {
	uint32_t sock;  /* from 1 */
	uint64_t inode;
	bool listens;
	struct socket_ends ends;
	struct holder holder; /* where it was last seen, for asking it again */
};
#define SOCKETS_SEEN_MAX 65536 /* beyond: what no process holds any more goes first */
struct sockets_seen;
struct sockets_seen *sockets_seen_open(void); /* NULL: out of memory */
/* NULL: no socket of ours (a file, a pipe, a UNIX socket), or the descriptor is not open. The
 * pointer lives until the next call. */
struct socket_seen *sockets_seen_find(struct sockets_seen *sockets,
				      const struct holder *holder);
/* The same where its inode is known already; where it is a socket for certain. */
struct socket_seen *sockets_seen_again(struct sockets_seen *sockets,
				       const struct holder *holder, uint64_t inode);
/* Made by a call that has just returned, which says what it is, if the kernel does not. */
struct socket_seen *sockets_seen_new(struct sockets_seen *sockets, const struct holder *holder,
				     bool udp);
uint64_t socket_inode(const struct holder *holder); /* 0: no socket, or not open */
struct socket_seen *sockets_seen_at(struct sockets_seen *sockets, uint32_t sock); /* or NULL */
/* Asks the kernel for its addresses anew. */
void sockets_seen_ends(struct sockets_seen *sockets, struct socket_seen *socket);
/* Our own descriptor of it; -1: it cannot be had. To be closed at once, before a program runs
 * on: while it is open, the program's own close makes no FIN. */
int sockets_seen_borrow(struct sockets_seen *sockets, const struct socket_seen *socket);
/* To be told as a program closes it: it is not borrowed until it is found again. */
void sockets_seen_forget(struct sockets_seen *sockets, uint32_t sock);
/* Why sockets cannot be borrowed here, an errno; 0: they can, or none was asked for. */
int sockets_seen_refused(const struct sockets_seen *sockets);
void sockets_seen_close(struct sockets_seen *sockets);

/* listed.c: its addresses, and whether it is TCP or UDP if that is not known, by inode and
 * process, from /proc. False: it is in none of the lists. */
bool socket_listed(struct socket_seen *socket, bool known);

/* sample.c: TCP_INFO. False: no TCP socket, or nothing has changed since *before, which is the
 * last that was told (sock 0: none) and is brought up to date. */
bool sample_take(struct sockets_seen *sockets, const struct socket_seen *socket,
		 struct kernel_sample *sample, struct kernel_sample *before);

#endif
