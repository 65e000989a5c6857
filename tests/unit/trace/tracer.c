/* How programs begin, end, and are ended; and what cannot be traced. */
#include "../../support/cm.h"

#include "../../support/session.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int program_7(void)
{
	return 7;
}

static int program_crashes(void)
{
	raise(SIGKILL);
	return 0;
}

static int program_waits(void)
{
	while (pause() == -1)
		continue;
	return 0;
}

static void statuses_are_kept(bool no_trace)
{
	const struct session_plan plan = {.programs = {program_7, program_crashes},
					  .config = {.no_trace = no_trace}};
	struct session *session = session_new();
	session_run(session, &plan);
	assert_int_equal(session->ends[0].status, 7);
	assert_int_equal(session->ends[1].status, 128 + SIGKILL);
	assert_true(session->ends[0].begun && session->ends[0].ended);
	assert_int_equal(session->programs, 2);
	assert_int_equal(session->notes, 0);
	free(session);
}

static void test_a_programs_status_is_kept(void **state)
{
	(void)state;
	statuses_are_kept(false);
}

static void test_programs_that_are_not_to_be_traced_only_run(void **state)
{
	(void)state;
	statuses_are_kept(true);
}

static void assert_executed(const char *const *argv, int status, const char *why)
{
	const struct session_plan plan = {.argv = argv};
	struct session *session = session_new();
	session_run(session, &plan);
	assert_int_equal(session->ends[0].status, status);
	assert_int_equal(session->ends[0].begun, !*why);
	assert_non_null(strstr(session->ends[0].why, why));
	free(session);
}

static void test_what_cannot_be_executed_ends_as_in_a_shell(void **state)
{
	static const char *const missing[] = {"/nonexistent/program", NULL};
	static const char *const nowhere[] = {"no-such-program-at-all", NULL};
	static const char *const folder[] = {"/", NULL};
	static const char *const kept[] = {"sh", "-c", "exit 42", NULL};
	static const char *const killed[] = {"sh", "-c", "kill -TERM $$", NULL};
	(void)state;
	assert_executed(missing, 127, "No such file");
	assert_executed(nowhere, 127, "PATH");
	assert_executed(folder, 126, "Is a directory; name the program");
	assert_executed(kept, 42, "");
	assert_executed(killed, 128 + SIGTERM, "");
}

static bool enter_fails(void *context, size_t index, struct err *err)
{
	(void)context;
	return index == 1 || err_set(err, EXIT_PERMISSION, "this network is closed");
}

static void test_a_program_that_cannot_enter_does_not_begin(void **state)
{
	const struct session_plan plan = {.programs = {program_7, program_7},
					  .config = {.enter = enter_fails}};
	struct session *session = session_new();
	(void)state;
	session_run(session, &plan);
	assert_false(session->ends[0].begun);
	assert_int_equal(session->ends[0].status, EXIT_PERMISSION);
	assert_string_equal(session->ends[0].why, "this network is closed");
	assert_int_equal(session->ends[1].status, 7);
	free(session);
}

static void test_what_waits_for_a_program_that_cannot_begin_does_not_begin_either(void **state)
{
	const struct session_plan plan = {.programs = {program_7, program_7},
					  .config = {.enter = enter_fails},
					  .waits = true};
	struct session *session = session_new();
	(void)state;
	session_run(session, &plan);
	assert_string_equal(session->ends[0].why, "this network is closed");
	assert_true(session->ends[1].ended && !session->ends[1].begun);
	assert_int_equal(session->ends[1].status, EXIT_PERMISSION);
	assert_string_equal(session->ends[1].why, "");
	free(session);
}

static void idle_int(struct session *session)
{
	if (session->programs == 1)
		tracer_signal(session->tracer, 0, SIGINT);
}

static void test_a_program_that_never_ends_is_ended_by_a_signal(void **state)
{
	const struct session_plan plan = {.programs = {program_waits},
					  .config = {.own_signals = true},
					  .idle = idle_int};
	struct session *session = session_new();
	(void)state;
	signal(SIGINT, SIG_DFL); /* a shell lets what it starts in the background ignore it */
	session_run(session, &plan);
	assert_int_equal(session->ends[0].status, 128 + SIGINT);
	free(session);
}

static int pipe_ends[2]; /* to see by its end when all who hold it are gone */

static void assert_nobody_holds_the_pipe(void)
{
	struct pollfd fd = {.fd = pipe_ends[0], .events = POLLIN};
	close(pipe_ends[1]);
	assert_int_equal(poll(&fd, 1, 20000), 1);
	assert_true(fd.revents & POLLHUP);
	close(pipe_ends[0]);
}

static int program_has_a_child_that_waits(void)
{
	int status = -1;
	signal(SIGTERM, SIG_IGN); /* only its child dies of it */
	if (fork() == 0) {
		signal(SIGTERM, SIG_DFL);
		return program_waits();
	}
	must(wait(&status) > 0);
	return WIFSIGNALED(status) ? 11 : 1;
}

static void idle_term(struct session *session)
{
	if (session->programs == 1) /* once more at the next beat, until both are there */
		tracer_signal(session->tracer, 0, SIGTERM);
}

static void test_a_signal_reaches_the_children_of_a_program_that_is_not_traced(void **state)
{
	const struct session_plan plan = {.programs = {program_has_a_child_that_waits},
					  .config = {.no_trace = true},
					  .idle = idle_term};
	struct session *session = session_new();
	(void)state;
	assert_int_equal(pipe(pipe_ends), 0);
	session_run(session, &plan);
	assert_int_equal(session->ends[0].status, 11);
	assert_nobody_holds_the_pipe();
	free(session);
}

static int program_listens_and_waits(void)
{
	struct sockaddr_in name;
	must_listen(&name);
	return program_waits();
}

static void idle_ends_first(struct session *session)
{
	if (tracer_ends(session->tracer, 1)->ended)
		tracer_signal(session->tracer, 0, SIGKILL);
}

static void test_a_program_waits_until_the_one_before_it_listens(void **state)
{
	const struct session_plan plan = {.programs = {program_listens_and_waits, program_7},
					  .waits = true,
					  .idle = idle_ends_first};
	struct session *session = session_new();
	uint64_t begun_ns;
	(void)state;
	begun_ns = clock_monotonic_ns();
	session_run(session, &plan);
	assert_true(clock_monotonic_ns() - begun_ns < TRACE_WAIT_NS);
	assert_int_equal(session->ends[1].status, 7);
	assert_int_equal(session->program[1].id, 2);
	assert_true(session_call(session, "listen", 0)->returned_ns > 0);
	free(session);
}

static int program_leaves_a_daemon(void)
{
	if (fork() == 0) {
		setsid();
		if (fork() == 0)
			program_waits();
		_exit(0);
	}
	return 0;
}

static size_t descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t count = 0;
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static void daemon_goes(bool no_trace)
{
	const struct session_plan plan = {.programs = {program_leaves_a_daemon},
					  .config = {.no_trace = no_trace}};
	struct session *session = session_new();
	size_t before = descriptors();
	assert_int_equal(pipe(pipe_ends), 0);
	session_run(session, &plan);
	assert_nobody_holds_the_pipe();
	assert_int_equal(waitpid(-1, NULL, 0), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(descriptors(), before);
	free(session);
}

static void test_nothing_is_left_behind(void **state)
{
	(void)state;
	daemon_goes(false);
	daemon_goes(true);
}

static void test_a_daemon_that_is_ended_with_the_last_program_is_noted(void **state)
{
	const struct session_plan plan = {.programs = {program_leaves_a_daemon}};
	struct session *session = session_new();
	(void)state;
	assert_int_equal(pipe(pipe_ends), 0);
	session_run(session, &plan);
	assert_nobody_holds_the_pipe();
	assert_int_equal(session->notes, 1);
	assert_non_null(strstr(session->note, "was ended with it: `"));
	free(session);
}

static int index_0_waits(void *context, size_t index)
{
	(void)context;
	return index == 0 ? program_waits() : 0;
}

static struct tracer *tracer_of_one_that_waits(void)
{
	static const char *const argv[] = {"waits", NULL};
	static const struct traced program = {.name = "waits", .argv = argv};
	const struct tracer_config config = {.programs = &program, .count = 1,
					     .run = index_0_waits};
	struct err err;
	struct tracer *tracer = tracer_open(&config, &err);
	struct event event;
	enum trace_status status = TRACE_NOT_YET;
	must(tracer != NULL && tracer_begin(tracer, &err));
	while (status == TRACE_NOT_YET) { /* until its program is there */
		struct pollfd fd = {.fd = tracer_fd(tracer), .events = POLLIN};
		poll(&fd, 1, 1000);
		status = tracer_next(tracer, &event, &err);
	}
	must(status == TRACE_EVENT);
	return tracer;
}

static void test_closing_ends_what_runs(void **state)
{
	(void)state;
	assert_int_equal(pipe(pipe_ends), 0);
	tracer_close(tracer_of_one_that_waits());
	assert_nobody_holds_the_pipe();
	tracer_close(NULL);
}

static void test_programs_die_with_the_reader(void **state)
{
	pid_t reader;
	char byte;
	int ready[2];
	(void)state;
	assert_int_equal(pipe(pipe_ends) | pipe2(ready, O_CLOEXEC), 0);
	reader = fork();
	if (reader == 0) {
		tracer_of_one_that_waits();
		must(write(ready[1], "", 1) == 1);
		pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	kill(reader, SIGKILL);
	assert_int_equal(waitpid(reader, NULL, 0), reader);
	assert_nobody_holds_the_pipe();
	close(ready[0]);
	close(ready[1]);
}

/* As the seccomp profile of a container does. */
static void refuse_call(uint32_t number)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = ARRAY_COUNT(code), .filter = code};
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static void test_where_ptrace_is_refused_programs_run_and_the_first_event_says_so(void **state)
{
	const struct session_plan plan = {.programs = {program_7}, .config = {.no_trace = false}};
	int status;
	pid_t child = fork();
	(void)state;
	if (child == 0) {
		struct session *session = session_new();
		refuse_call(SYS_ptrace);
		setenv("CI", "1", 1); /* it is not skipped */
		session_run(session, &plan);
		must(session->refused && session->notes == 1 && session->programs == 1);
		must(session->ends[0].begun && session->ends[0].status == 7);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* As `strace -f` does; the status of the first. */
static int traced_to_its_end(pid_t child)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		bool event = WIFSTOPPED(status) && status >> 16;
		if (pid == child && !WIFSTOPPED(status))
			return status;
		ptrace(PTRACE_CONT, pid, 0, event ? 0 : WSTOPSIG(status));
	}
	return -1;
}

static void test_who_traces_programs_already_is_named(void **state)
{
	const struct session_plan plan = {.programs = {program_7}, .config = {.no_trace = false}};
	const long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
	int gate[2];
	char byte;
	pid_t child;
	long seized;
	(void)state;
	assert_int_equal(pipe(gate), 0);
	child = fork();
	if (child == 0) {
		struct session *session = session_new();
		must(read(gate[0], &byte, 1) == 1);
		setenv("CI", "1", 1); /* it is not skipped */
		session_run(session, &plan);
		must(session->notes == 1 && session->ends[0].status == 7);
		must(strstr(session->note, "`tracer` (pid ") != NULL);
		_exit(0);
	}
	seized = ptrace(PTRACE_SEIZE, child, 0, options);
	if (seized != 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		print_message("skipped: ptrace is refused here\n");
		skip();
	}
	assert_int_equal(write(gate[1], "", 1), 1);
	close(gate[0]);
	close(gate[1]);
	assert_int_equal(traced_to_its_end(child), 0);
}

static int program_connects(void)
{
	struct sockaddr_in name;
	int listener = must_listen(&name), client = must_connect(&name);
	int server = accept(listener, NULL, NULL);
	must(send(client, "hello", 5, 0) == 5);
	close(client);
	close(server);
	close(listener);
	return 0;
}

static void test_where_sockets_are_not_lent_calls_are_told_and_a_note_says_what_is_not(void **state)
{
	const struct session_plan plan = {.programs = {program_connects, program_connects},
					  .config = {.kernel_ns = NS_PER_MS}};
	int status;
	pid_t child = fork();
	(void)state;
	if (child == 0) {
		struct session *session = session_new();
		refuse_call(SYS_pidfd_getfd);
		session_run(session, &plan);
		must(session->samples == 0 && session->notes == 1);
		must(strstr(session->note, "pidfd_getfd") != NULL);
		must(session_count(session, "close") == 6);
		must(session_call(session, "connect", 0)->ends.local_port != 0);
		must(session_call(session, "accept", 0)->ends.peer_port ==
		     session_call(session, "connect", 0)->ends.local_port);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_programs_status_is_kept),
		cmocka_unit_test(test_programs_that_are_not_to_be_traced_only_run),
		cmocka_unit_test(test_what_cannot_be_executed_ends_as_in_a_shell),
		cmocka_unit_test(test_a_program_that_cannot_enter_does_not_begin),
		cmocka_unit_test(
			test_what_waits_for_a_program_that_cannot_begin_does_not_begin_either),
		cmocka_unit_test(test_who_traces_programs_already_is_named),
		cmocka_unit_test(test_a_program_that_never_ends_is_ended_by_a_signal),
		cmocka_unit_test(
			test_a_signal_reaches_the_children_of_a_program_that_is_not_traced),
		cmocka_unit_test(test_a_program_waits_until_the_one_before_it_listens),
		cmocka_unit_test(test_nothing_is_left_behind),
		cmocka_unit_test(test_a_daemon_that_is_ended_with_the_last_program_is_noted),
		cmocka_unit_test(test_closing_ends_what_runs),
		cmocka_unit_test(test_programs_die_with_the_reader),
		cmocka_unit_test(
			test_where_ptrace_is_refused_programs_run_and_the_first_event_says_so),
		cmocka_unit_test(
			test_where_sockets_are_not_lent_calls_are_told_and_a_note_says_what_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
