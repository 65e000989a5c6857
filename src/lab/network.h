/* The three networks of a lab, the two cables between them, and what each host knows. */
#ifndef WIRELADDER_LAB_NETWORK_H
#define WIRELADDER_LAB_NETWORK_H

#include "wireladder/lab.h"

/* Between the hosts stands a router that only ever speaks when a packet is too long. Each host
 * sends through it what is not for the other: the frame crosses the wire to a neighbour that is
 * nobody's, so that an address which nobody has leads to silence, in both families. */
#define NETWORK_ROUTER_ADDR4 "10.77.0.254"
#define NETWORK_ROUTER_ADDR6 "fd77::fe"
#define NETWORK_ROUTER_MAC   {0x02, 0, 0, 0x77, 0, 0xFE}

struct host_plan {
	const char *name, *interface, *wire_interface, *addr4, *addr6;
	uint8_t mac[6];
};
extern const struct host_plan host_plans[END_COUNT];

enum { SPACE_WIRE = END_COUNT, SPACE_COUNT }; /* the hosts' are numbered as ends */
struct network {
	int outside; /* where the caller came from */
	int spaces[SPACE_COUNT];
	uint32_t mtu; /* of the interfaces: the links' own may be less */
};

/* The calling thread ends in the wire's network. */
bool network_open(struct network *network, const struct lesson *lesson, struct err *err);
bool network_enter(const struct network *network, size_t space, struct err *err);
/* The calling thread goes back to where it came from, where that is allowed, else to a network
 * without anything: the lab's own must not live on because somebody is still in it. */
void network_close(struct network *network);

/* The part that is done inside a host's network. */
struct netlink;
bool host_configure(enum end host, const struct lesson *lesson, struct err *err);
/* Before any interface is made, for it inherits them. Where they are refused the wire drops the
 * noise that they would prevent. */
void host_quieten(void);

#endif
