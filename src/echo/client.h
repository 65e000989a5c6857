/* Inside of the client: what both protocols share. */
#ifndef ECHO_CLIENT_H
#define ECHO_CLIENT_H

#include "address.h"

struct client {
	const struct echo_client_config *config;
	struct err *err;
	struct address_list servers; /* what the host's name stands for */
	unsigned server;             /* the one to try next */
	int fd;                      /* connected to the one before it; or -1 */
	char server_words[ADDRESS_TEXT_SIZE]; /* "127.0.0.1 port 7777" */
	bool output_gone;            /* output_fd's reader went away: end, without an error */
	bool output_in_line;         /* the last byte written was no newline */
};

/* Connects to the next address that lets it; what the others said goes to talk. */
bool client_connect(struct client *c);
/* Fills err with what cause (an errno) means for this server; false. */
bool client_refused(struct client *c, int cause);
bool client_fail_reset(struct client *c); /* the connection was reset; false */
/* All of it, however often write(2) takes a part. */
bool client_output(struct client *c, const void *bytes, size_t count);
bool client_output_end_line(struct client *c);

uint64_t client_wait_ns(const struct client *c, uint64_t otherwise);
#define REPLY_WAIT_NS (2 * NS_PER_S)
#define CONNECT_WAIT_NS (10 * NS_PER_S)
#define CLOSE_WAIT_NS (10 * NS_PER_S)

bool tcp_client_texts(struct client *c); /* tcp_client.c */
bool tcp_client_copy(struct client *c);  /* tcp_copy.c */
bool udp_client(struct client *c);       /* udp_client.c */

#endif
