/* The sockets that a server waits on: one for each family, all on the same port. */
#ifndef ECHO_LISTEN_H
#define ECHO_LISTEN_H

#include "address.h"

struct listener {
	int fd; /* TCP: a listening socket, which carries no data; UDP: the server's only one */
	struct address address;
};

struct listeners {
	struct listener at[2];
	unsigned count;
	uint16_t port;
};

/* Opens them and says where the server listens. */
bool listeners_open(struct listeners *l, const struct echo_server_config *config,
		    struct err *err);
/* Tells whoever started this process that clients can come now (config->ready_fd). */
void listeners_tell_port(const struct listeners *l, const struct echo_server_config *config);
void listeners_close(struct listeners *l);

#endif
