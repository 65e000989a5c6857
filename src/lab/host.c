/* A host: its addresses, whom it knows, its settings. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel.h"
#include "netlink.h"
#include "network.h"
#include "wireladder/base_namespace.h"

void host_quieten(void)
{
	static const struct {
		const char *name, *value;
	} quiet[] = {
		{"net.ipv6.conf.default.disable_ipv6", "0"},
		{"net.ipv6.conf.default.accept_dad", "0"},
		{"net.ipv6.conf.default.dad_transmits", "0"},
		{"net.ipv6.conf.default.router_solicitations", "0"},
		{"net.ipv6.conf.default.accept_ra", "0"},
		{"net.ipv6.conf.default.addr_gen_mode", "1"}, /* no link-local address */
		/* What textbooks draw; a default of bbr would spread packets over time. */
		{"net.ipv4.tcp_congestion_control", "reno"},
	};
	for (size_t i = 0; i < ARRAY_COUNT(quiet); i++)
		sysctl_set(quiet[i].name, quiet[i].value);
}

/* Frames on the wire are what the programs' packets are: whole checksums, one segment each. */
static bool host_offloads_off(int fd, const char *interface)
{
	static const uint32_t offloads[] = {ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO,
					    ETHTOOL_SGRO};
	struct ifreq request = {0};
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	for (size_t i = 0; i < ARRAY_COUNT(offloads); i++) {
		struct ethtool_value value = {.cmd = offloads[i]};
		request.ifr_data = (void *)&value;
		if (ioctl(fd, SIOCETHTOOL, &request) != 0 && errno != EOPNOTSUPP)
			return false;
	}
	return true;
}

static bool host_up(int fd, const char *interface)
{
	struct ifreq request = {0};
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (ioctl(fd, SIOCGIFFLAGS, &request) != 0)
		return false;
	request.ifr_flags |= IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &request) == 0;
}

struct place { /* an address in its binary form */
	uint8_t family, bytes, bits; /* bits: how much of it the network shares */
	uint8_t addr[16];
};

static struct place place_of(const char *text, uint8_t bits)
{
	struct place place = {.family = strchr(text, ':') ? AF_INET6 : AF_INET, .bits = bits};
	place.bytes = place.family == AF_INET ? 4 : 16;
	inet_pton(place.family, text, place.addr);
	return place;
}

/* Usable at once (no duplicate detection), and without a route to its whole network: what is
 * not the peer's goes to the router. */
static bool host_address(struct netlink *nl, unsigned interface, const struct place *own)
{
	struct ifaddrmsg header = {.ifa_family = own->family, .ifa_prefixlen = own->bits,
				   .ifa_index = interface};
	netlink_begin(nl, &(struct netlink_request){RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL,
						    &header, sizeof(header)});
	netlink_put(nl, IFA_LOCAL, own->addr, own->bytes);
	netlink_put(nl, IFA_ADDRESS, own->addr, own->bytes);
	netlink_put_u32(nl, IFA_FLAGS, IFA_F_NODAD | IFA_F_NOPREFIXROUTE | IFA_F_PERMANENT);
	if (own->family == AF_INET) {
		uint8_t broadcast[] = {own->addr[0], own->addr[1], own->addr[2], 255};
		netlink_put(nl, IFA_BROADCAST, broadcast, sizeof(broadcast));
	}
	return netlink_do(nl);
}

static bool host_neighbour(struct netlink *nl, unsigned interface, const struct place *who,
			   const uint8_t mac[static 6])
{
	struct ndmsg header = {.ndm_family = who->family, .ndm_ifindex = (int)interface,
			       .ndm_state = NUD_PERMANENT};
	netlink_begin(nl, &(struct netlink_request){RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE,
						    &header, sizeof(header)});
	netlink_put(nl, NDA_DST, who->addr, who->bytes);
	netlink_put(nl, NDA_LLADDR, mac, 6);
	return netlink_do(nl);
}

/* To the peer, which is there; to everybody else through the router. */
static bool host_route(struct netlink *nl, unsigned interface, const struct place *to,
		       bool router)
{
	struct rtmsg header = {
		.rtm_family = to->family,
		.rtm_dst_len = router ? 0 : (uint8_t)(to->bytes * 8),
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = router ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST,
		.rtm_flags = router ? RTNH_F_ONLINK : 0,
	};
	netlink_begin(nl, &(struct netlink_request){RTM_NEWROUTE, NLM_F_CREATE, &header,
						    sizeof(header)});
	netlink_put(nl, router ? RTA_GATEWAY : RTA_DST, to->addr, to->bytes);
	netlink_put_u32(nl, RTA_OIF, interface);
	return netlink_do(nl);
}

/* One family of a host, whose interface is up; NULL, or what failed, with errno. */
static const char *host_family(struct netlink *nl, enum end host, bool six)
{
	static const uint8_t router_mac[6] = NETWORK_ROUTER_MAC;
	const struct host_plan *own = &host_plans[host];
	const struct host_plan *far = &host_plans[host == END_CLIENT ? END_SERVER : END_CLIENT];
	unsigned interface = if_nametoindex(own->interface);
	struct place self = place_of(six ? own->addr6 : own->addr4, six ? 64 : 24);
	struct place peer = place_of(six ? far->addr6 : far->addr4, 0);
	struct place router = place_of(six ? NETWORK_ROUTER_ADDR6 : NETWORK_ROUTER_ADDR4, 0);
	if (!host_address(nl, interface, &self))
		return "adding an address";
	if (!host_neighbour(nl, interface, &peer, far->mac) ||
	    !host_neighbour(nl, interface, &router, router_mac))
		return "adding a neighbour";
	if (!host_route(nl, interface, &peer, false) ||
	    !host_route(nl, interface, &router, true))
		return "adding a route";
	return NULL;
}

static const char *host_interface(struct netlink *nl, int fd, enum end host,
				  const struct lesson *lesson)
{
	const char *interface = host_plans[host].interface, *failed;
	if (!host_offloads_off(fd, interface))
		return "switching offload off";
	if (!host_up(fd, "lo") || !host_up(fd, interface))
		return "bringing an interface up";
	failed = host_family(nl, host, false);
	/* A kernel may be without it: only lessons that need it care. */
	if (failed || (!lesson->ipv6 && access("/proc/sys/net/ipv6", F_OK) != 0))
		return failed;
	return host_family(nl, host, true);
}

static bool host_settings(enum end host, const struct lesson *lesson, struct err *err)
{
	const struct host_config *config = &lesson->hosts[host];
	for (size_t i = 0; i < config->sysctl_count; i++) {
		const struct setting *setting = &config->sysctls[i];
		if (!sysctl_set(setting->name, setting->value))
			return kernel_refuses(setting, host, lesson, err);
	}
	return true;
}

bool host_configure(enum end host, const struct lesson *lesson, struct err *err)
{
	struct netlink nl;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error;
	bool open = netlink_open(&nl) && fd >= 0;
	const char *failed = open ? host_interface(&nl, fd, host, lesson) : "socket";
	error = errno;
	netlink_close(&nl);
	if (fd >= 0)
		close(fd);
	if (failed)
		return namespace_refused(failed, error, err);
	return host_settings(host, lesson, err);
}
