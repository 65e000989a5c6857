/* Descriptors of other processes, which hold still meanwhile. */
#include "../../../src/trace/lenders.h"
#include "../../support/cm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LENT    100 /* a descriptor that nobody has by chance */
#define REFUSED 77
int unshare(int flags); /* <sched.h> and <linux/sched.h> do not go together */

/* A file that is no other's, at LENT. */
static ino_t lent_open(void)
{
	struct stat now;
	int pipes[2];
	if (pipe(pipes) != 0 || dup2(pipes[0], LENT) != LENT || fstat(LENT, &now) != 0)
		return 0;
	close(pipes[0]);
	close(pipes[1]);
	return now.st_ino;
}

static ino_t borrowed_inode(struct lenders *lenders, pid_t tid)
{
	struct stat now;
	int borrowed = lenders_borrow(lenders, tid, LENT);
	ino_t inode = borrowed >= 0 && fstat(borrowed, &now) == 0 ? now.st_ino : 0;
	if (borrowed >= 0)
		close(borrowed);
	return inode;
}

static bool borrowing_is_allowed(void)
{
	struct lenders lenders = {0};
	bool allowed = lent_open() && borrowed_inode(&lenders, getpid());
	lenders_close(&lenders);
	if (!allowed)
		print_message("skipped: pidfd_getfd is refused here\n");
	return allowed;
}

/* A child of that number, which waits for its end. */
static pid_t child_of_number(pid_t number)
{
	struct clone_args args = {.exit_signal = SIGCHLD,
				  .set_tid = (uintptr_t)&number,
				  .set_tid_size = 1};
	pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	while (child == 0)
		pause();
	return child;
}

static void child_end(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* In a process that may choose numbers, since it is the first of a namespace. */
static int borrows_from_one_number_twice(void)
{
	struct lenders lenders = {0};
	ino_t inode = lent_open();
	pid_t child = child_of_number(2);
	if (child < 0)
		return REFUSED;
	if (child != 2 || borrowed_inode(&lenders, 2) != inode)
		return 1;
	child_end(child);
	if (lenders_borrow(&lenders, 2, LENT) >= 0 || errno != ESRCH)
		return 2;
	child = child_of_number(2);
	if (borrowed_inode(&lenders, 2) != inode)
		return 3;
	child_end(child);
	inode = lent_open();
	child = child_of_number(2);
	return borrowed_inode(&lenders, 2) == inode ? 0 : 4;
}

static void test_a_number_that_is_used_again_lends_what_its_new_process_has(void **state)
{
	int status;
	pid_t child;
	(void)state;
	if (!borrowing_is_allowed())
		skip();
	child = fork();
	if (child == 0) {
		pid_t first = unshare(CLONE_NEWUSER | CLONE_NEWPID) == 0 ? fork() : -1;
		if (first == 0)
			_exit(borrows_from_one_number_twice());
		if (first < 0 || waitpid(first, &status, 0) != first)
			_exit(REFUSED);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WEXITSTATUS(status) == REFUSED) {
		print_message("skipped: numbers of processes cannot be chosen here\n");
		skip();
	}
	assert_int_equal(status, 0);
}

static void test_who_executes_lends_what_is_left_open(void **state)
{
	struct lenders lenders = {0};
	int gate[2], executed[2];
	ino_t inode;
	pid_t child;
	char byte = 0;
	(void)state;
	if (!borrowing_is_allowed())
		skip();
	inode = lent_open();
	assert_int_equal(pipe(gate), 0);
	assert_int_equal(pipe2(executed, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		dup2(gate[0], STDIN_FILENO);
		close(gate[1]);
		if (read(STDIN_FILENO, &byte, 1) == 1)
			execl("/bin/cat", "cat", NULL);
		_exit(1);
	}
	close(gate[0]);
	close(executed[1]);
	assert_int_equal(borrowed_inode(&lenders, child), inode);
	assert_int_equal(write(gate[1], &byte, 1), 1);
	assert_int_equal(read(executed[0], &byte, 1), 0);
	assert_int_equal(borrowed_inode(&lenders, child), inode);
	assert_int_equal(lenders_borrow(&lenders, child, executed[1]), -1);
	lenders_close(&lenders);
	close(gate[1]);
	close(executed[0]);
	waitpid(child, NULL, 0);
}

/* Two of the same place in the table, in turns. */
static void test_more_than_the_table_holds_lend_all_the_same(void **state)
{
	struct lenders lenders = {0};
	pid_t children[LENDERS_MAX + 1];
	ino_t inode;
	int free_number;
	(void)state;
	if (!borrowing_is_allowed())
		skip();
	inode = lent_open();
	free_number = dup(LENT);
	close(free_number);
	for (size_t i = 0; i <= LENDERS_MAX; i++) {
		children[i] = fork();
		while (children[i] == 0)
			pause();
	}
	for (size_t i = 0; i < 2 * (LENDERS_MAX + 1); i++)
		assert_int_equal(borrowed_inode(&lenders, children[i % (LENDERS_MAX + 1)]),
				 inode);
	lenders_close(&lenders);
	assert_int_equal(dup(LENT), free_number); /* nothing of theirs is open any more */
	close(free_number);
	for (size_t i = 0; i <= LENDERS_MAX; i++)
		child_end(children[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_number_that_is_used_again_lends_what_its_new_process_has),
		cmocka_unit_test(test_who_executes_lends_what_is_left_open),
		cmocka_unit_test(test_more_than_the_table_holds_lend_all_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
