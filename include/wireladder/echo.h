/* The door of src/echo: the built-in echo server and client, TCP and UDP, IPv4 and IPv6. */
#ifndef WIRELADDER_ECHO_H
#define WIRELADDER_ECHO_H

#include "wireladder/base.h"

enum echo_reply { REPLY_ECHO, REPLY_UPPER, REPLY_THANKS, REPLY_CHAT };
bool echo_reply_parse(const char *word, enum echo_reply *reply);

/* What a server or client has to tell (who came, who left, why): one line, no final newline. */
struct echo_talk {
	void (*say)(void *context, const char *line); /* NULL: silent */
	void *context;
};

struct echo_server_config {
	bool udp;
	const char *host;   /* an address to bind, or NULL: every IPv6 and IPv4 address */
	const char *port;   /* number or service name; "0": any free one */
	enum echo_reply reply;
	struct echo_talk talk;
	int ready_fd;       /* the bound port is written here as 2 bytes, network order; or -1 */
	int stop_fd;        /* readable (or at end of file): stop accepting, finish and return; or -1 */
	uint64_t max_clients; /* stop after that many TCP connections or UDP datagrams; 0: never */
};
/* Serves until stopped. EXIT_PERMISSION for ports it may not have, with the remedy. */
bool echo_server(const struct echo_server_config *config, struct err *err);

struct echo_client_config {
	bool udp;
	const char *host, *port;   /* the only name that wireladder ever looks up */
	int family;                /* 0: either, 4, 6 */
	const char *const *texts;  /* messages, sent one after the other, each after the reply */
	size_t text_count;         /* 0: what comes from input_fd, until its end */
	int input_fd, output_fd;   /* replies go to output_fd */
	uint64_t wait_ns;          /* for a reply; 0: two seconds */
	uint64_t pause_ns;         /* between messages */
	uint16_t source_port;      /* to bind; 0: any */
	struct echo_talk talk;
};
bool echo_client(const struct echo_client_config *config, struct err *err);

#endif
