/* Lessons: what two hosts, the wire between them and the programs on them are to do. One is
 * read from a file (lab), obeyed by the wire (lab) and by the actor (echo). All that it points
 * to lives as long as it. */
#ifndef WIRELADDER_MODEL_LESSON_H
#define WIRELADDER_MODEL_LESSON_H

#include "wireladder/model.h"

/* Steps of a program: the call that is made, as the lesson file names it. */
#define STEP_LIST(X) \
	X(SOCKET, "socket")         /* "tcp", "udp", "tcp6", "udp6" */ \
	X(BIND, "bind")             /* "7777", "10.77.0.1:0" */ \
	X(LISTEN, "listen")         /* backlog */ \
	X(ACCEPT, "accept")         /* the new socket takes the name in `as` */ \
	X(CONNECT, "connect")       /* "server:7777", "10.77.0.9:7" */ \
	X(SEND, "send")             /* bytes (a pattern) or "text" */ \
	X(SEND_OOB, "send_oob")     /* "text" with MSG_OOB */ \
	X(RECV, "recv")             /* that many bytes, or "eof", or "some" (one call) */ \
	X(SENDTO, "sendto")         /* as send, to the address in `to` or the last sender */ \
	X(RECVFROM, "recvfrom")     /* that many datagrams; remembers the sender */ \
	X(ECHO, "echo")             /* recv and send back to the end, "upper", "thanks" */ \
	X(SHUTDOWN, "shutdown")     /* "write", "read", "both" */ \
	X(CLOSE, "close") \
	X(ABORT, "abort")           /* linger 0, close: RST */ \
	X(SETSOCKOPT, "setsockopt") /* ["TCP_NODELAY", 1] or ["TCP_CONGESTION", "reno"] */ \
	X(SLEEP, "sleep_ms") \
	X(MARK, "mark")             /* says to all programs that this point is reached */ \
	X(WAIT, "wait")             /* for a mark of another program */

enum step_kind {
#define X(name, word) STEP_##name,
	STEP_LIST(X)
#undef X
	STEP_COUNT
};

struct step {
	enum step_kind kind;
	const char *on, *as;    /* names of sockets; NULL: the program's latest */
	const char *text, *to;  /* the word or text of the step; an address */
	int64_t number;         /* its number, where it has one; -1: none */
	const char *fails;      /* errno's name that the call must give; NULL: it must succeed;
				 * "any": either */
	uint32_t repeat;        /* times; at least 1 */
	unsigned line;          /* in the file */
};

struct program {
	const char *name;
	enum end host;
	const struct step *steps;
	size_t step_count;
};

struct setting {
	const char *name, *value;
	unsigned line; /* in the file */
};

struct host_config {
	const struct setting *sysctls; /* "net.ipv4.tcp_sack": "0" */
	size_t sysctl_count;
};

/* What must hold afterwards: a value in a set. */
#define EXPECT_LIST(X) \
	X(COUNTER, "counter") /* of a host's kernel: "TcpExtTCPFastRetrans" */ \
	X(WIRE, "wire")       /* frames that a deed was done to: "drop", or a rule's text */ \
	X(STATE, "state")     /* the last TCP state of an end of conversation `conv` */ \
	X(RECORDS, "records") /* how many of a kind: "tcp", "udp", "icmp", "fragment", "lost" */

enum expect_kind {
#define X(name, word) EXPECT_##name,
	EXPECT_LIST(X)
#undef X
	EXPECT_COUNT
};

#define EXPECT_VALUES 8
struct expectation {
	enum expect_kind kind;
	const char *what;
	enum end host;
	uint32_t conv;                      /* STATE: which; 0: 1 */
	int64_t numbers[EXPECT_VALUES];     /* any of these, or in [least, most] */
	const char *words[EXPECT_VALUES];
	size_t value_count;
	int64_t least, most;
	unsigned line;
};

struct question {
	const char *ask, *answer;
};

struct lesson {
	const char *file; /* as sentences call it; NULL: made without one */
	const char *name, *group, *title;
	const char *story; /* its lines as the file has them */
	const char *const *cites;
	size_t cite_count;
	struct link_config link[END_COUNT]; /* by where it leads */
	struct host_config hosts[END_COUNT];
	const struct program *programs;
	size_t program_count;
	const struct wire_rule *rules;
	size_t rule_count;
	const struct expectation *expects;
	size_t expect_count;
	const struct question *questions;
	size_t question_count;
	uint64_t limit_ns; /* it is stopped then; 0: 20 s */
	bool ipv6;         /* "server" and "client" in addresses mean the IPv6 ones */
};

extern const char *const step_words[STEP_COUNT];
extern const char *const expect_words[EXPECT_COUNT];

#endif
