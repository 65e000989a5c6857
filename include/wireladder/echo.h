/* The door of src/echo: the built-in echo server and client, TCP and UDP, IPv4 and IPv6. */
#ifndef WIRELADDER_ECHO_H
#define WIRELADDER_ECHO_H

#include "wireladder/base.h"

#define ECHO_PORT "7777" /* for a server told none: RFC 862's port 7 needs a privilege */

/* echo: the same bytes. upper: ASCII letters upper-cased. thanks: a receipt, one for each
 * recv() or datagram, with a newline if the message ended in one. chat: to every other client;
 * over TCP in whole lines, over UDP in datagrams, to the addresses of the last five minutes. */
enum echo_reply { REPLY_ECHO, REPLY_UPPER, REPLY_THANKS, REPLY_CHAT };
bool echo_reply_parse(const char *word, enum echo_reply *reply);

/* What a server or client has to tell (who came, who left, why): one line, no final newline. */
struct echo_talk {
	void (*say)(void *context, const char *line); /* NULL: silent */
	void *context;
};

struct echo_server_config {
	bool udp;
	const char *host;     /* an address to bind, or NULL: every IPv6 and IPv4 address */
	const char *port;     /* number or service name; "0": any free one; NULL: ECHO_PORT */
	enum echo_reply reply;
	struct echo_talk talk;
	int ready_fd; /* the bound port is written here as 2 bytes, network order; or -1 */
	/* Readable (or at end of file): stop accepting, finish what is buffered (2 s at most)
	 * and return; or -1. */
	int stop_fd;
	uint64_t max_clients; /* that many TCP connections or UDP datagrams; 0: no end */
	/* Chat: who takes nothing for so long while others wait is disconnected; 0: 30 s. */
	uint64_t stall_ns;
};
/* Serves until stopped; raises this process's limit of open files to the hard one. Fails with
 * EXIT_PERMISSION for addresses and ports it may not have, EXIT_USAGE if it is no address. */
bool echo_server(const struct echo_server_config *config, struct err *err);

struct echo_client_config {
	bool udp;
	const char *host, *port;   /* the only name that wireladder ever looks up */
	int family;                /* 0: either, 4, 6 */
	const char *const *texts;  /* messages, each sent after the reply to the last */
	size_t text_count;         /* 0: what comes from input_fd, until its end */
	int input_fd, output_fd;   /* replies go to output_fd; its reader may go away */
	uint64_t wait_ns;          /* for a reply, connection, close; 0: 2 s, 10 s, 10 s */
	uint64_t pause_ns;         /* between messages */
	uint16_t source_port;      /* to bind; 0: any */
	struct echo_talk talk;
};
/* TCP sends each text with a newline; UDP as one datagram without. Either ends each reply with
 * a newline if it has none. TCP copies input_fd and the replies byte for byte, and half-closes
 * at the input's end; UDP sends each line of it, without its newline, as one datagram.
 * EXIT_USAGE: no such host or port. EXIT_PERMISSION: refused, unreachable, no such family here.
 * EXIT_PARTIAL: a reply is missing, the server reset the connection or went before the end. */
bool echo_client(const struct echo_client_config *config, struct err *err);

#endif
