/* Requests to the kernel's routing sockets (rtnetlink(7)), one at a time, each acknowledged. */
#ifndef WIRELADDER_LAB_NETLINK_H
#define WIRELADDER_LAB_NETLINK_H

#include "wireladder/base.h"

#define NETLINK_BYTES 1024

struct netlink {
	int fd;
	uint32_t serial;
	bool overflow; /* the request does not fit: netlink_do fails with EMSGSIZE */
	size_t used;
	_Alignas(uint32_t) uint8_t bytes[NETLINK_BYTES];
};

struct netlink_request {
	uint16_t type, flags; /* RTM_NEWLINK and such; NLM_F_CREATE and such */
	const void *header;   /* the family's own */
	size_t header_bytes;
};

bool netlink_open(struct netlink *nl); /* in the calling thread's network; false: errno */
void netlink_begin(struct netlink *nl, const struct netlink_request *request);
void netlink_put(struct netlink *nl, uint16_t type, const void *value, size_t count);
void netlink_put_u32(struct netlink *nl, uint16_t type, uint32_t value);
/* Everything put until netlink_nest_end lies inside; the two go in pairs. */
size_t netlink_nest(struct netlink *nl, uint16_t type);
/* Bytes without a header of their own, as an interface record within VETH_INFO_PEER. */
void netlink_raw(struct netlink *nl, const void *bytes, size_t count);
void netlink_nest_end(struct netlink *nl, size_t nest);
bool netlink_do(struct netlink *nl); /* sends it and waits for the answer; false: errno */
void netlink_close(struct netlink *nl);

#endif
