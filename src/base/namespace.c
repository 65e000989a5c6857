#include "wireladder/base_namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

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

bool namespace_refused(const char *step, int error, struct err *err)
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

static bool namespace_write(const char *file, const char *text)
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
static bool namespace_map(uid_t uid, gid_t gid)
{
	char text[40];
	/* A program with file capabilities is not dumpable and could not write its own maps. */
	prctl(PR_SET_DUMPABLE, 1);
	if (!namespace_write("/proc/self/setgroups", "deny") && errno != ENOENT)
		return false;
	snprintf(text, sizeof(text), "0 %u 1", (unsigned)uid);
	if (!namespace_write("/proc/self/uid_map", text))
		return false;
	snprintf(text, sizeof(text), "0 %u 1", (unsigned)gid);
	return namespace_write("/proc/self/gid_map", text);
}

bool namespace_enter(struct err *err)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	/* Root needs no user namespace, and would lose in one what it may do in others'
	 * folders. */
	if (uid == 0 && unshare(CLONE_NEWNET) == 0)
		return true;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return namespace_refused("unshare", errno, err);
	return namespace_map(uid, gid) || namespace_refused("writing uid_map", errno, err);
}
