/* What a process executes, and whether that can be traced. */
#include "watch.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static int image_open(pid_t pid, const char *what)
{
	char path[48];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void image_argv(struct process *process)
{
	char text[ARGV_BYTES];
	int fd = image_open(process->item.pid, "cmdline");
	ssize_t count = fd < 0 ? 0 : read(fd, text, sizeof(text));
	const char *last = count > 0 ? memrchr(text, '\0', (size_t)count) : NULL;
	if (fd >= 0)
		close(fd);
	if (!last)
		return; /* as they were */
	process->argv.len = process->argc = 0;
	buf_add(&process->argv, text, (size_t)(last - text) + 1);
	for (const char *at = text; at <= last; at++)
		process->argc += *at == '\0';
}

/* A program that would become somebody else, and does not under NO_NEW_PRIVS. */
static bool image_would_rise(int fd, uid_t *owner)
{
	struct stat stat;
	if (fstat(fd, &stat) != 0)
		return false;
	*owner = stat.st_uid;
	if (stat.st_mode & S_ISUID)
		return stat.st_uid != geteuid();
	return geteuid() != 0 && fgetxattr(fd, "security.capability", NULL, 0) > 0;
}

void image_seen(struct watch *watch, struct process *process)
{
	int fd = image_open(process->item.pid, "exe");
	unsigned char ident[EI_NIDENT] = {0};
	const char *name;
	uid_t owner;
	bool first = process->item.pid == watch->programs[process->program].pid;
	image_argv(process);
	/* Once at least; what it executes then is told when it makes calls. */
	if (first && process->images++ == 0)
		process_tell(watch, process);
	else
		process->told = false;
	name = process->argc > 0 ? process->argv.at : "?";
	if (fd < 0)
		return;
	if (read(fd, ident, sizeof(ident)) == (ssize_t)sizeof(ident) &&
	    ident[EI_CLASS] == ELFCLASS32)
		watch_note(watch,
			   "`%.100s` is a 32-bit program: its socket calls are not shown, a "
			   "64-bit one's would be",
			   name);
	if (image_would_rise(fd, &owner))
		watch_note(watch,
			   "`%.100s` runs without the rights that its file would give it "
			   "(setuid or capabilities): a traced program gets none",
			   name);
	close(fd);
}
