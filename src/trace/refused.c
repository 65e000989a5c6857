/* Why a program does not begin, or is not traced, and what would help. */
#include "watch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder of PATH that may not be searched is no program that may not be executed. */
static bool refused_found(const char *program)
{
	const char *at = getenv("PATH");
	while (at && *at) {
		char path[PATH_MAX];
		int length = (int)strcspn(at, ":");
		snprintf(path, sizeof(path), "%.*s/%s", length, at, program);
		if (access(path, F_OK) == 0)
			return true;
		at += length + (at[length] == ':');
	}
	return false;
}

static bool refused_folder(const char *program)
{
	struct stat stat_of;
	return strchr(program, '/') && stat(program, &stat_of) == 0 && S_ISDIR(stat_of.st_mode);
}

int refused_program(const char *program, int error, struct err *err)
{
	bool missing = error == ENOENT || error == ENOTDIR ||
		       (error == EACCES && !strchr(program, '/') && !refused_found(program));
	const char *remedy = "it cannot be executed";
	if (error == EACCES && refused_folder(program)) {
		error = EISDIR; /* execve(2) says no more than EACCES */
		remedy = "name the program in it";
	} else if (missing && strchr(program, '/') && access(program, F_OK) == 0) {
		remedy = "what its first line or its header names to run it is not there";
	} else if (missing) {
		remedy = strchr(program, '/') ? "check its path"
					      : "no folder of PATH has it; check its name";
	} else if (error == EACCES) {
		remedy = "may it be executed? See `ls -l`; `chmod +x` would allow it";
	}
	err_set(err, EXIT_USAGE, "cannot run `%.150s`: %s; %s", program,
		strerror(missing ? ENOENT : error), remedy);
	return missing ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

void refused_tracing(struct watch *watch, const char *cause, int error)
{
	watch->traced = false;
	watch_note(watch,
		   "socket calls are not shown: this system refuses to trace programs "
		   "(%s: %s). A container needs the right SYS_PTRACE, or a seccomp profile "
		   "that lets ptrace pass",
		   cause, strerror(error));
}

/* Who traces it already (TracerPid, proc_pid_status(5)); 0: nobody. */
static pid_t refused_tracer(pid_t pid, char *name, size_t bytes)
{
	char path[48], line[128];
	int tracer = 0;
	FILE *file;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file) &&
	       sscanf(line, "TracerPid: %d", &tracer) != 1)
		continue;
	if (file)
		fclose(file);
	snprintf(path, sizeof(path), "/proc/%d/comm", tracer);
	file = tracer > 0 ? fopen(path, "re") : NULL;
	snprintf(name, bytes, "another program");
	if (file && fgets(line, sizeof(line), file))
		snprintf(name, bytes, "`%.*s`", (int)strcspn(line, "\n"), line);
	if (file)
		fclose(file);
	return tracer;
}

void refused_ptrace(struct watch *watch, pid_t pid, int error)
{
	char name[40];
	pid_t tracer = refused_tracer(pid, name, sizeof(name));
	if (tracer <= 0 || tracer == getpid()) {
		refused_tracing(watch, "ptrace", error);
		return;
	}
	watch->traced = false;
	watch_note(watch,
		   "socket calls are not shown: %s (pid %d) traces these programs already, "
		   "and a program has one tracer only. Run wireladder without it",
		   name, (int)tracer);
}
