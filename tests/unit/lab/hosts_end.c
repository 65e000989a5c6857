/* A lab that is refused, and what stays of one that is killed: nothing. */
#include "../../support/cm.h"

#include "../../support/labtest.h"

#include <dirent.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct lesson plain = {.name = "plain"};

/* What a container's seccomp policy does to unshare. */
static void refused_namespace(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1 /* EPERM */),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = ARRAY_COUNT(code), .filter = code};
	struct err err = {0};
	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
	CHECK(lab_open(&plain, 1, &err) == NULL);
	CHECK(err.status == EXIT_PERMISSION);
	CHECK(strstr(err.text, "unshare: Operation not permitted") != NULL);
	CHECK(strstr(err.text, "`wireladder read`") != NULL);
}

static void test_refused_namespaces_are_said_with_a_way_out(void **state)
{
	(void)state;
	labtest_in_child(refused_namespace);
}

/* Processes of which a descriptor or thread is in this network: the kernel keeps it for no one
 * else. */
static unsigned users_of(ino_t network)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	unsigned users = 0;
	while (proc && (entry = readdir(proc))) {
		char path[300];
		struct stat own;
		DIR *fds;
		struct dirent *fd;
		snprintf(path, sizeof(path), "/proc/%s/ns/net", entry->d_name);
		if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
			continue;
		users += stat(path, &own) == 0 && own.st_ino == network;
		snprintf(path, sizeof(path), "/proc/%s/fd", entry->d_name);
		fds = opendir(path);
		while (fds && (fd = readdir(fds))) {
			char name[600];
			snprintf(name, sizeof(name), "%s/%s", path, fd->d_name);
			users += stat(name, &own) == 0 && own.st_ino == network;
		}
		if (fds)
			closedir(fds);
	}
	closedir(proc);
	return users;
}

struct witness { /* what the killed process told before */
	ino_t networks[3];
};

static void open_and_tell(int told, bool nobody)
{
	struct witness witness;
	struct lab *lab;
	struct err err = {0};
	struct stat own;
	if (nobody)
		labtest_become_nobody();
	lab = labtest_open(&plain, 1);
	CHECK(stat("/proc/self/ns/net", &own) == 0);
	witness.networks[2] = own.st_ino;
	for (size_t i = 0; i < END_COUNT; i++) {
		CHECK(lab_enter(lab, (enum end)i, &err));
		CHECK(stat("/proc/self/ns/net", &own) == 0);
		witness.networks[i] = own.st_ino;
	}
	CHECK(write(told, &witness, sizeof(witness)) == (ssize_t)sizeof(witness));
	pause();
}

static void pipe_ends(void)
{
	struct pollfd ended;
	struct lab *lab;
	int ends[2];
	CHECK(pipe(ends) == 0);
	lab = labtest_open(&plain, 1);
	close(ends[1]);
	ended = (struct pollfd){.fd = ends[0]};
	CHECK(poll(&ended, 1, 2000) == 1 && ended.revents == POLLHUP);
	lab_close(lab);
}

static void test_the_wire_keeps_nobodys_files_open(void **state)
{
	(void)state;
	labtest_in_child(pipe_ends);
}

static void killed(bool nobody)
{
	struct witness witness;
	int told[2], status;
	uint64_t end;
	pid_t child, wire;
	unsigned before = 0, after = 1;
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 && pipe(told) == 0);
	child = fork();
	if (child == 0) {
		close(told[0]);
		open_and_tell(told[1], nobody);
	}
	close(told[1]);
	if (read(told[0], &witness, sizeof(witness)) != (ssize_t)sizeof(witness)) {
		CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
		exit(WEXITSTATUS(status));
	}
	for (size_t i = 0; i < 3; i++)
		before += users_of(witness.networks[i]);
	CHECK(before >= 3);
	CHECK(kill(child, SIGKILL) == 0);
	CHECK(waitpid(child, &status, 0) == child && WTERMSIG(status) == SIGKILL);
	/* The wire is orphaned to us, and dies by itself. */
	for (end = clock_monotonic_ns() + 2 * NS_PER_S;
	     (wire = waitpid(-1, &status, WNOHANG)) == 0 && clock_monotonic_ns() < end;)
		clock_sleep_ns(NS_PER_MS);
	CHECK(wire > 0 && WTERMSIG(status) == SIGKILL);
	CHECK(waitpid(-1, &status, WNOHANG) < 0 && errno == ECHILD);
	for (end = clock_monotonic_ns() + 2 * NS_PER_S; after && clock_monotonic_ns() < end;) {
		after = 0;
		for (size_t i = 0; i < 3; i++)
			after += users_of(witness.networks[i]);
	}
	CHECK(after == 0);
}

static void killed_as_root(void)
{
	killed(false);
}

static void killed_as_nobody(void)
{
	killed(true);
}

static void test_a_killed_lab_leaves_nothing(void **state)
{
	(void)state;
	labtest_in_child(killed_as_root);
	labtest_in_child(killed_as_nobody);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_namespaces_are_said_with_a_way_out),
		cmocka_unit_test(test_the_wire_keeps_nobodys_files_open),
		cmocka_unit_test(test_a_killed_lab_leaves_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
