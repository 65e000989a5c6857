/* loopback: a network of our own, made without any right: a user namespace in which we are
 * root, and in it a network namespace whose only interface is a fresh `lo`.
 *
 * The order is measured. Segmentation offload goes off and the MTU to 1500 before the interface
 * comes up and before anybody captures: otherwise packets of 64 KB cross it, and a capture's
 * ring slots are sized for them. Checksums stay offloaded, `lo` cannot do otherwise. */
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wireladder/capture.h"

#define LOOPBACK_MTU 1500

/* Switches of the system that refuse namespaces, as far as they exist. */
static const struct refusal {
	const char *file;
	bool set; /* refuses when not 0; else when 0 */
	const char *remedy;
} refusals[] = {
	{"/proc/sys/user/max_user_namespaces", false, "sysctl user.max_user_namespaces=15000"},
	{"/proc/sys/user/max_net_namespaces", false, "sysctl user.max_net_namespaces=15000"},
	{"/proc/sys/kernel/unprivileged_userns_clone", false,
	 "sysctl kernel.unprivileged_userns_clone=1"},
	{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", true,
	 "sysctl kernel.apparmor_restrict_unprivileged_userns=0"},
};

static bool refusal_holds(const struct refusal *refusal)
{
	char text[24] = "";
	int fd = open(refusal->file, O_RDONLY | O_CLOEXEC);
	ssize_t count = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	return count > 0 && (strtol(text, NULL, 10) != 0) == refusal->set;
}

#define INSTEAD "use `wireladder read` on a saved capture, or `sudo wireladder capture -i lo`"

static bool loopback_refused(const char *step, int error, struct err *err)
{
	for (size_t i = 0; i < ARRAY_COUNT(refusals); i++) {
		if (refusal_holds(&refusals[i]))
			return err_set(
				err, EXIT_PERMISSION,
				"cannot make a private network (%s: %s): %s switches it off; "
				"run `sudo %s`, or " INSTEAD,
				step, strerror(error), refusals[i].file, refusals[i].remedy);
	}
	if (error == EPERM || error == EACCES)
		return err_set(
			err, EXIT_PERMISSION,
			"cannot make a private network (%s: %s): a container's seccomp filter "
			"or another security policy refuses it; " INSTEAD,
			step, strerror(error));
	return err_set(
		err, EXIT_PERMISSION,
		"cannot make a private network (%s: %s): this kernel or process has no user "
		"namespaces left; " INSTEAD,
		step, strerror(error));
}

static bool loopback_write(const char *file, const char *text)
{
	size_t length = strlen(text);
	int fd = open(file, O_WRONLY | O_CLOEXEC), error;
	ssize_t count = fd < 0 ? -1 : write(fd, text, length);
	error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return count == (ssize_t)length;
}

/* Makes us root in the new namespace. Group lists must be given up for that
 * (user_namespaces(7)). */
static bool loopback_map(uid_t uid, gid_t gid)
{
	char text[40];
	/* A program with file capabilities is not dumpable and could not write its own maps. */
	prctl(PR_SET_DUMPABLE, 1);
	if (!loopback_write("/proc/self/setgroups", "deny") && errno != ENOENT)
		return false;
	snprintf(text, sizeof(text), "0 %u 1", (unsigned)uid);
	if (!loopback_write("/proc/self/uid_map", text))
		return false;
	snprintf(text, sizeof(text), "0 %u 1", (unsigned)gid);
	return loopback_write("/proc/self/gid_map", text);
}

/* NULL, or the step that failed, with errno. */
static const char *loopback_unshare(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	/* Root needs no user namespace, and would lose in one what it may do in others'
	 * folders. */
	if (uid == 0 && unshare(CLONE_NEWNET) == 0)
		return NULL;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return "unshare";
	return loopback_map(uid, gid) ? NULL : "writing uid_map";
}

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
	const char *failed = loopback_unshare();
	int fd, error;
	if (failed)
		return loopback_refused(failed, errno, err);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	failed = fd < 0 ? "socket" : loopback_configure(fd);
	error = errno;
	if (fd >= 0)
		close(fd);
	return !failed || loopback_refused(failed, error, err);
}
