/* loopback: a network namespace of our own, whose only interface is a fresh `lo`.
 *
 * The order is measured. Segmentation offload goes off and the MTU to 1500 before the interface
 * comes up and before anybody captures: otherwise packets of 64 KB cross it, and a capture's
 * ring slots are sized for them. Checksums stay offloaded, `lo` cannot do otherwise. */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wireladder/base_namespace.h"
#include "wireladder/capture.h"

#define LOOPBACK_MTU 1500

static bool loopback_offload(int fd, struct ifreq *request, uint32_t command)
{
	struct ethtool_value value = {.cmd = command};
	request->ifr_data = (void *)&value;
	bool done = ioctl(fd, SIOCETHTOOL, request) == 0 || errno == EOPNOTSUPP;
	request->ifr_data = NULL; /* lives no longer than this call */
	return done;
}

static const char *loopback_configure(int fd)
{
	static const uint32_t offloads[] = {ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO};
	struct ifreq request = {.ifr_name = "lo"};
	request.ifr_mtu = LOOPBACK_MTU;
	if (ioctl(fd, SIOCSIFMTU, &request) != 0)
		return "setting the MTU of lo";
	for (size_t i = 0; i < ARRAY_COUNT(offloads); i++) {
		if (!loopback_offload(fd, &request, offloads[i]))
			return "switching offload off";
	}
	if (ioctl(fd, SIOCGIFFLAGS, &request) != 0)
		return "reading the flags of lo";
	request.ifr_flags |= IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &request) == 0 ? NULL : "bringing lo up";
}

bool loopback_enter(struct err *err)
{
	const char *failed;
	int fd, error;
	if (!namespace_enter(err))
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	failed = fd < 0 ? "socket" : loopback_configure(fd);
	error = errno;
	if (fd >= 0)
		close(fd);
	return !failed || namespace_refused(failed, error, err);
}
