/* Calls that a signal, a stop or an end comes in the way of. */
#include "../../support/cm.h"

#include "../../support/session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The program waits in accept or poll until it gets the signal; then a client comes. */
static void on_signal(int number)
{
	(void)number;
}

static void must_handle(int number, int flags)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};
	must(sigaction(number, &action, NULL) == 0);
}

/* Connects once the program's last signal (SIGUSR2, blocked meanwhile) is there. */
static void must_fork_client(const struct sockaddr_in *name, sigset_t *last)
{
	sigemptyset(last);
	sigaddset(last, SIGUSR2);
	must(sigprocmask(SIG_BLOCK, last, NULL) == 0);
	signal(SIGUSR1, SIG_IGN); /* both get it, and it is meant for the program alone */
	if (fork() == 0) {
		int number;
		sigwait(last, &number);
		must_connect(name);
		_exit(0);
	}
}

static int program_restarts(void)
{
	struct sockaddr_in name;
	int listener = must_listen(&name);
	sigset_t last;
	must_fork_client(&name, &last);
	must_handle(SIGUSR1, SA_RESTART);
	must(accept(listener, NULL, NULL) >= 0);
	return 0;
}

static int program_sees_eintr(void)
{
	struct sockaddr_in name;
	int listener = must_listen(&name);
	sigset_t last;
	must_fork_client(&name, &last);
	must_handle(SIGUSR1, 0);
	must(accept(listener, NULL, NULL) == -1 && errno == EINTR);
	must(accept(listener, NULL, NULL) >= 0);
	return 0;
}

static int program_ignores(void)
{
	struct sockaddr_in name;
	int listener = must_listen(&name);
	struct pollfd fd = {.fd = listener, .events = POLLIN};
	sigset_t last;
	must_fork_client(&name, &last);
	must(poll(&fd, 1, -1) == 1);
	return 0;
}

/* When the first waiting call has gone in: a signal that it may sleep through, or not; and when
 * it waits again, or had its time to, the last one, which brings the client. */
static void signal_then_client(struct session *session, int number)
{
	if (session->waiting_for == 0 && session->beats > 0 &&
	    thread_sleeps((pid_t)session->program[0].pid)) {
		tracer_signal(session->tracer, 0, number);
		session->waiting_for = session->beats + 3;
	} else if (session->waiting_for && session->beats >= session->waiting_for) {
		tracer_signal(session->tracer, 0, SIGUSR2);
		session->waiting_for = SIZE_MAX;
	}
}

static void idle_usr1(struct session *session)
{
	if (session->entered >= 4)
		signal_then_client(session, SIGUSR1);
}

static void idle_winch(struct session *session)
{
	if (session->entered >= 4)
		signal_then_client(session, SIGWINCH);
}

static void test_a_call_that_the_kernel_takes_up_again_is_one_call(void **state)
{
	const struct session_plan plan = {.programs = {program_restarts}, .idle = idle_usr1};
	struct session *session = session_new();
	const struct call *call;
	(void)state;
	session_run(session, &plan);
	assert_int_equal(session->ends[0].status, 0);
	assert_int_equal(session_count(session, "accept"), 1);
	call = session_call(session, "accept", 0);
	assert_true(call->interrupted && call->blocked);
	assert_true(call->ret >= 0);
	free(session);
}

static void test_a_call_that_fails_with_eintr_has_failed(void **state)
{
	const struct session_plan plan = {.programs = {program_sees_eintr}, .idle = idle_usr1};
	struct session *session = session_new();
	(void)state;
	session_run(session, &plan);
	assert_int_equal(session->ends[0].status, 0);
	assert_int_equal(session_count(session, "accept"), 2);
	assert_string_equal(session_call(session, "accept", 0)->error, "EINTR");
	assert_false(session_call(session, "accept", 0)->interrupted);
	assert_true(session_call(session, "accept", 1)->ret >= 0);
	free(session);
}

/* It goes in a second time as restart_syscall (ERESTART_RESTARTBLOCK). */
static void test_a_poll_that_sleeps_through_a_signal_is_one_call(void **state)
{
	const struct session_plan plan = {.programs = {program_ignores}, .idle = idle_winch};
	struct session *session = session_new();
	(void)state;
	session_run(session, &plan);
	assert_int_equal(session->ends[0].status, 0);
	assert_int_equal(session_count(session, "poll"), 1);
	assert_int_equal(session_call(session, "poll", 0)->ret, 1);
	assert_true(session_call(session, "poll", 0)->blocked);
	free(session);
}

static void idle_stop(struct session *session)
{
	if (session->entered < 4)
		return;
	if (session->waiting_for == 0) {
		tracer_signal(session->tracer, 0, SIGSTOP);
		session->waiting_for = session->beats + 3;
	} else if (session->beats >= session->waiting_for) {
		tracer_signal(session->tracer, 0, SIGCONT);
		tracer_signal(session->tracer, 0, SIGUSR2);
	}
}

static void test_a_program_that_is_stopped_goes_on(void **state)
{
	const struct session_plan plan = {.programs = {program_restarts}, .idle = idle_stop};
	struct session *session = session_new();
	(void)state;
	session_run(session, &plan);
	assert_int_equal(session->ends[0].status, 0);
	assert_true(session_call(session, "accept", 0)->interrupted);
	free(session);
}

static int program_waits_for_ever(void)
{
	struct sockaddr_in name;
	accept(must_listen(&name), NULL, NULL);
	return 0;
}

static void idle_kill(struct session *session)
{
	if (session->entered == 4)
		tracer_signal(session->tracer, SIZE_MAX, SIGKILL);
}

static void test_a_call_whose_program_is_killed_never_returns(void **state)
{
	const struct session_plan plan = {.programs = {program_waits_for_ever},
					  .idle = idle_kill};
	struct session *session = session_new();
	(void)state;
	session_run(session, &plan);
	assert_int_equal(session->ends[0].status, 128 + SIGKILL);
	assert_int_equal(session->call_count, 4);
	assert_int_equal(session_call(session, "accept", 0)->returned_ns, 0);
	free(session);
}

static void *thread_accepts(void *listener)
{
	accept(*(int *)listener, NULL, NULL);
	return NULL;
}

static int program_exits_over_a_thread(void)
{
	struct sockaddr_in name;
	int listener = must_listen(&name);
	pthread_t thread;
	must(pthread_create(&thread, NULL, thread_accepts, &listener) == 0);
	pause();
	return 0;
}

static void idle_interrupt(struct session *session)
{
	if (session->entered == 4)
		tracer_signal(session->tracer, 0, SIGTERM);
}

static void test_a_call_of_a_thread_that_dies_with_its_program_never_returns(void **state)
{
	const struct session_plan plan = {.programs = {program_exits_over_a_thread},
					  .idle = idle_interrupt};
	struct session *session = session_new();
	(void)state;
	session_run(session, &plan);
	assert_int_equal(session->ends[0].status, 128 + SIGTERM);
	assert_int_equal(session_call(session, "accept", 0)->returned_ns, 0);
	assert_int_equal(session_count(session, "accept"), 1);
	free(session);
}

/* Until the process's first thread is gone, but for its number. */
static void must_outlive_the_first(void)
{
	char path[40], line[200];
	const char *at = NULL;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)getpid());
	while (!at || at[2] != 'Z') {
		FILE *file = fopen(path, "r");
		must(file && fgets(line, sizeof(line), file));
		fclose(file);
		at = strrchr(line, ')');
		must(at != NULL);
		sched_yield();
	}
}

#define NOT_ALONE 77 /* this kernel lends no descriptors of single threads (since 6.9) */

static void *thread_goes_on_alone(void *unused)
{
	struct sockaddr_in name;
	int pidfd = (int)syscall(SYS_pidfd_open, gettid(), O_EXCL), listener, client;
	(void)unused;
	if (pidfd < 0)
		_exit(NOT_ALONE);
	must_outlive_the_first();
	listener = must_listen(&name);
	client = must_connect(&name);
	must(accept(listener, NULL, NULL) >= 0);
	must(send(client, "alone", 5, 0) == 5);
	_exit(0);
}

static int program_outlives_its_first_thread(void)
{
	pthread_t thread;
	must(pthread_create(&thread, NULL, thread_goes_on_alone, NULL) == 0);
	pthread_exit(NULL);
}

static void test_a_thread_is_told_when_its_programs_first_has_ended_before_it(void **state)
{
	const struct session_plan plan = {.programs = {program_outlives_its_first_thread},
					  .config = {.kernel_ns = NS_PER_MS}};
	struct session *session = session_new();
	const struct call *call;
	(void)state;
	session_run(session, &plan);
	if (session->ends[0].status == NOT_ALONE) {
		free(session);
		print_message("skipped: this kernel lends nothing of a thread alone\n");
		skip();
	}
	assert_int_equal(session->ends[0].status, 0);
	call = session_call(session, "send", 0);
	assert_int_equal(call->sock, session_call(session, "connect", 0)->sock);
	assert_int_not_equal(call->tid, call->pid);
	assert_non_null(strstr(session->calls[session->call_count - 1].args, "\"alone\""));
	assert_int_not_equal(session_call(session, "accept", 0)->new_sock, 0);
	assert_true(session->states[STATE_ESTABLISHED]);
	free(session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_call_that_the_kernel_takes_up_again_is_one_call),
		cmocka_unit_test(test_a_call_that_fails_with_eintr_has_failed),
		cmocka_unit_test(test_a_poll_that_sleeps_through_a_signal_is_one_call),
		cmocka_unit_test(test_a_program_that_is_stopped_goes_on),
		cmocka_unit_test(test_a_call_whose_program_is_killed_never_returns),
		cmocka_unit_test(
			test_a_call_of_a_thread_that_dies_with_its_program_never_returns),
		cmocka_unit_test(
			test_a_thread_is_told_when_its_programs_first_has_ended_before_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
