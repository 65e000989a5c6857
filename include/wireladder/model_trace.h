/* What a tracer sees: programs, their socket calls, and what the kernel says of the sockets. */
#ifndef WIRELADDER_MODEL_TRACE_H
#define WIRELADDER_MODEL_TRACE_H

#include "wireladder/model.h"

/* What a call is about, for those who join calls and packets. */
enum call_class {
	CALLS_MAKE,    /* a socket is there, and has no name */
	CALLS_NAME, CALLS_LISTEN, CALLS_ACCEPT, CALLS_CONNECT,
	CALLS_SEND,    /* `bytes` of the stream, or datagrams */
	CALLS_RECEIVE,
	CALLS_SHUT,    /* may make a FIN: shutdown, close */
	CALLS_OPTION, CALLS_WAIT, CALLS_COPY,
};

/* The calls that are traced, in the order of a session; the second of each is its name. read,
 * write and their kin are the last, which --no-rw leaves out. */
#define CALL_LIST(X) \
	X(SOCKET, "socket", MAKE) X(BIND, "bind", NAME) X(LISTEN, "listen", LISTEN) \
	X(ACCEPT, "accept", ACCEPT) X(ACCEPT4, "accept4", ACCEPT) \
	X(CONNECT, "connect", CONNECT) \
	X(SENDTO, "sendto", SEND) /* also send(): the kernel has no call of its own for it */ \
	X(SENDMSG, "sendmsg", SEND) X(SENDMMSG, "sendmmsg", SEND) \
	X(SENDFILE, "sendfile", SEND) X(SPLICE, "splice", SEND) \
	X(RECVFROM, "recvfrom", RECEIVE) X(RECVMSG, "recvmsg", RECEIVE) \
	X(RECVMMSG, "recvmmsg", RECEIVE) \
	X(SHUTDOWN, "shutdown", SHUT) X(CLOSE, "close", SHUT) \
	X(GETSOCKOPT, "getsockopt", OPTION) X(SETSOCKOPT, "setsockopt", OPTION) \
	X(POLL, "poll", WAIT) X(PPOLL, "ppoll", WAIT) X(SELECT, "select", WAIT) \
	X(PSELECT6, "pselect6", WAIT) X(EPOLL_WAIT, "epoll_wait", WAIT) \
	X(EPOLL_PWAIT, "epoll_pwait", WAIT) X(EPOLL_PWAIT2, "epoll_pwait2", WAIT) \
	X(DUP, "dup", COPY) X(DUP2, "dup2", COPY) X(DUP3, "dup3", COPY) \
	X(READ, "read", RECEIVE) X(READV, "readv", RECEIVE) \
	X(WRITE, "write", SEND) X(WRITEV, "writev", SEND)

enum call_kind {
#define X(name, word, class) CALL_##name,
	CALL_LIST(X)
#undef X
	CALL_COUNT
};
extern const char *const call_words[CALL_COUNT];
extern const enum call_class call_classes[CALL_COUNT];

struct socket_ends { /* of a socket, as far as it has them */
	bool udp;
	struct addr local, peer; /* family 0: none. IPv4 in IPv6 is IPv4 */
	uint16_t local_port, peer_port;
};

struct program_seen { /* a process of a traced program; a fork makes another */
	uint32_t id, pid;
	const char *name; /* as the timeline calls it, "server"; all borrowed */
	const char *const *argv;
	size_t argc;
	enum end host; /* where it runs, if has_host: a lab's hosts */
	bool has_host;
};

struct call {
	uint64_t id;       /* from 1, in order of entry */
	enum call_kind kind;
	const char *name;  /* static; as a person calls it: send for a sendto of no address */
	uint32_t program, pid, tid;
	int32_t fd;        /* -1: it has none */
	const char *args;  /* as a person writes them, without brackets; borrowed */
	bool entering;     /* told as it begins: what it returned is not known yet */
	uint64_t entered_ns, returned_ns; /* since 1970; returned 0: it did not, so far */
	int64_t ret;
	const char *error; /* errno's name, static; NULL: it succeeded */
	bool blocked;      /* it waited */
	bool interrupted;  /* by a signal, and taken up again by the kernel: one call */
	bool peek;         /* MSG_PEEK: the bytes will be read again */
	bool inward;       /* splice from the socket, shutdown of reading alone: of its kind,
			    * but nothing goes out */
	uint64_t wanted, bytes;  /* payload: at most (entry), done (return); of all messages */
	uint32_t sock, new_sock; /* stable over dup and fork; new_sock: what accept made */
	struct socket_ends ends; /* of sock, of new_sock where there is one; peer: also whom a
				  * datagram went to or came from */
	/* What weave finds: event.conv, and … */
	enum end from;     /* … which of its ends the socket is, if conv is not 0 */
	int64_t range[2];  /* relative sequence numbers of its bytes, the second behind the
			    * last; equal: none, or not known */
	uint64_t reads[2]; /* the datagrams that it received: packet numbers of the first and
			    * of the last of that conversation; 0: none, or not known */
};

/* Linux's enum tcp_ca_state, with the names that it prints nowhere but in its source. */
#define CA_STATE_LIST(X) \
	X(OPEN, "Open") X(DISORDER, "Disorder") X(CWR, "CWR") X(RECOVERY, "Recovery") \
	X(LOSS, "Loss")
enum ca_state {
#define X(name, word) CA_##name,
	CA_STATE_LIST(X)
#undef X
	CA_COUNT
};
extern const char *const ca_state_words[CA_COUNT];

/* TCP_INFO of a socket (tcp(7)). The keys of a `kernel` record beside times and names; cwnd,
 * ssthresh, unacked, sacked, lost, retrans and reordering in segments, rates in bytes per
 * second; ssthresh 0: none yet. */
#define KERNEL_FIELD_LIST(X) \
	X(cwnd) X(ssthresh) X(unacked) X(sacked) X(lost) X(retrans) X(total_retrans) \
	X(backoff) X(reordering) X(srtt) X(rttvar) X(min_rtt) X(rto) X(ato) X(snd_mss) \
	X(rcv_mss) X(rcv_space) X(rcv_ssthresh) X(snd_wnd) X(rcv_wnd) X(notsent) \
	X(bytes_acked) X(bytes_received) X(delivery_rate) X(pacing_rate)

struct kernel_sample {
	uint32_t sock;
	struct socket_ends ends;
	enum tcp_state state;
	enum ca_state ca_state;
#define X(name) uint64_t name;
	KERNEL_FIELD_LIST(X) /* times in ns */
#undef X
	enum end who; /* weave: which end of event.conv */
};

#endif
