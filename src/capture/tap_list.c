#include <net/if.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "wireladder/capture.h"

static bool addr_from_socket(const struct sockaddr *socket, struct addr *addr)
{
	*addr = (struct addr){0};
	if (socket && socket->sa_family == AF_INET) {
		addr->family = 4;
		memcpy(addr->bytes,
		       &((const struct sockaddr_in *)(const void *)socket)->sin_addr, 4);
	} else if (socket && socket->sa_family == AF_INET6) {
		addr->family = 6;
		memcpy(addr->bytes,
		       &((const struct sockaddr_in6 *)(const void *)socket)->sin6_addr, 16);
	}
	return addr->family != 0;
}

/* Its IP addresses, to be freed; false when out of memory. */
static bool tap_addresses(const pcap_if_t *device, struct addr **addrs, size_t *count)
{
	size_t most = 0;
	for (const pcap_addr_t *one = device->addresses; one; one = one->next)
		most++;
	*count = 0;
	*addrs = calloc(most + 1, sizeof(**addrs));
	if (!*addrs)
		return false;
	for (const pcap_addr_t *one = device->addresses; one; one = one->next)
		*count += addr_from_socket(one->addr, &(*addrs)[*count]);
	return true;
}

bool tap_list(void (*each)(void *context, const struct interface_listed *one), void *context,
	      struct err *err)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	pcap_if_t *devices = NULL;
	bool done = true;
	if (pcap_findalldevs(&devices, why) != 0)
		return err_set(err, EXIT_PERMISSION,
			       "cannot list the interfaces: %s; see `ip link` for their names",
			       why);
	for (const pcap_if_t *device = devices; device && done; device = device->next) {
		struct interface_listed one = {
			.name = device->name,
			.description = device->description,
			.up = (device->flags & PCAP_IF_UP) != 0,
			.loopback = (device->flags & PCAP_IF_LOOPBACK) != 0,
		};
		struct addr *addrs;
		/* libpcap also knows buses and message queues, on which there is no TCP. */
		if (if_nametoindex(device->name) == 0 && strcmp(device->name, "any") != 0)
			continue;
		done = tap_addresses(device, &addrs, &one.addr_count) || err_memory(err);
		one.addrs = addrs;
		if (done)
			each(context, &one);
		free(addrs);
	}
	pcap_freealldevs(devices);
	return done;
}
