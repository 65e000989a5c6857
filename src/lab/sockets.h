/* sockets: whether a host's TCP still has something to say, programs or not. */
#ifndef WIRELADDER_LAB_SOCKETS_H
#define WIRELADDER_LAB_SOCKETS_H

#include "wireladder/base.h"

#define SOCKET_FILES 2

struct sockets {
	int fds[SOCKET_FILES]; /* of the host's lists; -1: there is none */
};

/* In the network that the calling thread is in; without a list nothing is known of it. */
void sockets_open(struct sockets *sockets);
/* Every socket has had its last byte acknowledged and waits for no timer that sends. */
bool sockets_settled(const struct sockets *sockets);
void sockets_close(struct sockets *sockets);

#endif
