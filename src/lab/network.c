#include "network.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "kernel.h"
#include "netlink.h"
#include "wireladder/base_namespace.h"

#define NETWORK_MTU     1500
#define NETWORK_MTU_MAX 65535

const struct host_plan host_plans[END_COUNT] = {
	[END_CLIENT] = {"client", "c0", "w0", LAB_CLIENT_ADDR4, LAB_CLIENT_ADDR6,
			{0x02, 0, 0, 0x77, 0, 0x01}},
	[END_SERVER] = {"server", "s0", "w1", LAB_SERVER_ADDR4, LAB_SERVER_ADDR6,
			{0x02, 0, 0, 0x77, 0, 0x02}},
};

static int network_here(void)
{
	return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

bool network_enter(const struct network *network, size_t space, struct err *err)
{
	return setns(network->spaces[space], CLONE_NEWNET) == 0 ||
	       namespace_refused("setns", errno, err);
}

/* What both ends of a cable are told. */
static void cable_end(struct netlink *nl, const char *name, uint32_t mtu)
{
	netlink_put(nl, IFLA_IFNAME, name, strlen(name) + 1);
	netlink_put_u32(nl, IFLA_MTU, mtu);
}

/* A cable from the wire to a host. The wire's end is up at once; it needs no address. */
static bool cable_make(struct netlink *nl, const struct network *network, enum end host)
{
	const struct host_plan *plan = &host_plans[host];
	struct ifinfomsg up = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP}, peer = {0};
	size_t info, data, far;
	netlink_begin(nl, &(struct netlink_request){RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &up,
						    sizeof(up)});
	cable_end(nl, plan->wire_interface, network->mtu);
	info = netlink_nest(nl, IFLA_LINKINFO);
	netlink_put(nl, IFLA_INFO_KIND, "veth", sizeof("veth"));
	data = netlink_nest(nl, IFLA_INFO_DATA);
	far = netlink_nest(nl, VETH_INFO_PEER);
	netlink_raw(nl, &peer, sizeof(peer));
	cable_end(nl, plan->interface, network->mtu);
	netlink_put(nl, IFLA_ADDRESS, plan->mac, sizeof(plan->mac));
	netlink_put_u32(nl, IFLA_NET_NS_FD, (uint32_t)network->spaces[host]);
	netlink_nest_end(nl, far);
	netlink_nest_end(nl, data);
	netlink_nest_end(nl, info);
	return netlink_do(nl);
}

static bool network_cables(const struct network *network, struct err *err)
{
	struct netlink nl;
	bool done = netlink_open(&nl) && cable_make(&nl, network, END_CLIENT) &&
		    cable_make(&nl, network, END_SERVER);
	if (!done)
		namespace_refused("making a veth pair", errno, err);
	netlink_close(&nl);
	return done;
}

static bool network_spaces(struct network *network, struct err *err)
{
	static const size_t order[] = {END_CLIENT, END_SERVER, SPACE_WIRE};
	for (size_t i = 0; i < ARRAY_COUNT(order); i++) {
		if (!namespace_enter(err))
			return false;
		network->spaces[order[i]] = network_here();
		if (network->spaces[order[i]] < 0)
			return namespace_refused("opening /proc/thread-self/ns/net", errno,
						 err);
		host_quieten();
	}
	return true;
}

static uint32_t network_mtu(const struct lesson *lesson)
{
	uint32_t mtu = NETWORK_MTU;
	for (size_t i = 0; i < END_COUNT; i++) {
		if (lesson->link[i].mtu > mtu)
			mtu = lesson->link[i].mtu;
	}
	return mtu < NETWORK_MTU_MAX ? mtu : NETWORK_MTU_MAX;
}

bool network_open(struct network *network, const struct lesson *lesson, struct err *err)
{
	*network = (struct network){.outside = network_here(), .spaces = {-1, -1, -1}};
	network->mtu = network_mtu(lesson);
	if (!network_spaces(network, err))
		return false;
	/* The wire has no address of its own in either family, and says nothing. */
	sysctl_set("net.ipv6.conf.default.disable_ipv6", "1");
	if (!network_cables(network, err))
		return false;
	for (size_t host = 0; host < END_COUNT; host++) {
		if (!network_enter(network, host, err) ||
		    !host_configure((enum end)host, lesson, err))
			return false;
	}
	return network_enter(network, SPACE_WIRE, err);
}

void network_close(struct network *network)
{
	bool inside = false;
	for (size_t i = 0; i < SPACE_COUNT; i++) {
		inside = inside || network->spaces[i] >= 0;
		if (network->spaces[i] >= 0)
			close(network->spaces[i]);
	}
	if (inside && (network->outside < 0 || setns(network->outside, CLONE_NEWNET) != 0))
		unshare(CLONE_NEWNET);
	if (network->outside >= 0)
		close(network->outside);
	*network = (struct network){.outside = -1, .spaces = {-1, -1, -1}};
}
