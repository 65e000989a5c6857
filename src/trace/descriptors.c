/* To ask /proc which socket a descriptor is costs as much as the two switches to the tracer. A
 * descriptor stays what it is until it is closed, so it is asked once, if every way to close it
 * is seen: close, dup2 and dup3 onto it, execve, the process's end. The other ways are
 * close_range and io_uring; who uses them is asked each time from then on, and so is everybody
 * else: descriptors may be shared between processes (CLONE_FILES).
 *
 * Threads. While a call that closes is under way nobody knows whether it has done so already.
 * Until it has returned nothing is learnt, so that no other thread's call makes known anew what
 * is just about to go. */
#include "descriptors.h"

#include <string.h>

static size_t set_of(int fd)
{
	return (unsigned)fd % DESCRIPTOR_SETS;
}

uint64_t descriptors_find(const struct descriptors *descriptors, pid_t pid, int fd)
{
	const struct descriptor *set = descriptors->known[set_of(fd)];
	for (size_t i = 0; i < DESCRIPTOR_WAYS; i++) {
		if (set[i].inode && set[i].fd == fd && set[i].pid == pid)
			return set[i].inode;
	}
	return 0;
}

void descriptors_learn(struct descriptors *descriptors, pid_t pid, int fd, uint64_t inode)
{
	struct descriptor *set = descriptors->known[set_of(fd)];
	if (descriptors->closing > 0 || descriptors->unsure)
		return;
	memmove(&set[1], &set[0], (DESCRIPTOR_WAYS - 1) * sizeof(*set));
	set[0] = (struct descriptor){pid, fd, inode};
}

static bool set_drop(struct descriptor *set, int fd)
{
	bool found = false;
	for (size_t i = 0; i < DESCRIPTOR_WAYS; i++) {
		if (set[i].fd != fd || !set[i].inode)
			continue;
		set[i].inode = 0;
		found = true;
	}
	return found;
}

void descriptors_closing(struct descriptors *descriptors, int fd)
{
	set_drop(descriptors->known[set_of(fd)], fd);
	descriptors->closing++;
}

void descriptors_closed(struct descriptors *descriptors)
{
	if (descriptors->closing > 0)
		descriptors->closing--;
}

/* Another thread may ask for it before it is gone, and when that is nobody will say. */
void descriptors_lose(struct descriptors *descriptors, int fd)
{
	if (set_drop(descriptors->known[set_of(fd)], fd))
		descriptors_unsure(descriptors);
}

void descriptors_unsure(struct descriptors *descriptors)
{
	memset(descriptors->known, 0, sizeof(descriptors->known));
	descriptors->unsure = true;
}

void descriptors_forget(struct descriptors *descriptors, pid_t pid)
{
	for (size_t i = 0; i < DESCRIPTOR_SETS; i++) {
		for (size_t k = 0; k < DESCRIPTOR_WAYS; k++) {
			if (descriptors->known[i][k].pid == pid)
				descriptors->known[i][k].inode = 0;
		}
	}
}
