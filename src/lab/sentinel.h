/* Datagrams that prove that the wire is up: from each host to the other, in both families,
 * through the normal path of sockets, routes and queues. */
#ifndef WIRELADDER_LAB_SENTINEL_H
#define WIRELADDER_LAB_SENTINEL_H

#include "wireladder/lab.h"

#define SENTINEL_FAMILIES 2
#define SENTINEL_TOKEN    8

struct sentinels {
	int fds[END_COUNT][SENTINEL_FAMILIES]; /* -1: the host has no such family */
	uint8_t token[SENTINEL_TOKEN];         /* one lab's is not another's */
};

void sentinels_init(struct sentinels *sentinels);
/* The host's sockets, in the calling thread's network. */
bool sentinels_open(struct sentinels *sentinels, enum end host, struct err *err);
/* Each has heard the other in each family; false: not within this time. */
bool sentinels_cross(const struct sentinels *sentinels, uint64_t limit_ns);
void sentinels_close(struct sentinels *sentinels);

#endif
