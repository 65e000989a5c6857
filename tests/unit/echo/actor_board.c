#include "actor_stage.h"

#include <fcntl.h>
#include <sys/mman.h>

static void test_a_program_that_waits_goes_on_when_the_mark_is_reached(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	for (int i = 0; i < 2; i++) /* two wait for the third, which waits for both */
		plays(&stage, CLIENT(WORD(MARK, i ? "b is here" : "a is here"),
				     WORD(WAIT, "go"), WORD(MARK, i ? "b went" : "a went"),
				     WORD(WAIT, "end")));
	plays(&stage, SERVER(WORD(WAIT, "a is here"), WORD(WAIT, "b is here"),
			     WORD(MARK, "go"), WORD(WAIT, "b went"), WORD(WAIT, "a went"),
			     WORD(MARK, "end")));
	stage_ends(&stage);
}

static void test_a_mark_stays_reached_and_may_be_reached_again(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	succeeds(runs(&stage, CLIENT(WORD(MARK, "here", .repeat = ACTOR_MARKS_MAX + 1),
				     WORD(WAIT, "here", .repeat = 3))));
	stage_ends(&stage);
}

static void test_a_mark_that_nobody_reaches_ends_the_program_with_a_sentence(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	stage.wait_ns = NS_PER_MS;
	says(runs(&stage, CLIENT(WORD(MARK, "listning"), WORD(WAIT, "listening", .line = 4))),
	     EXIT_PARTIAL,
	     "client, line 4: no program reached the mark \"listening\" within 1 ms: check its "
	     "spelling, and what the other programs wait for");
	assert_int_equal(call_of(report_of(&stage, 0), STEP_WAIT, 0)->error, ETIMEDOUT);
	stage_ends(&stage);
}

static void test_nobody_waits_for_a_mark_when_the_lesson_is_over(void **state)
{
	struct stage stage = stage_open();
	size_t n;
	(void)state;
	n = plays(&stage, CLIENT(WORD(MARK, "waiting"), WORD(WAIT, "never", .line = 4)));
	reaches(&stage, "waiting");
	actor_board_over(stage.board);
	says(ended(&stage, n), EXIT_PARTIAL,
	     "client, line 4: the lesson was over before any program reached the mark \"never\"");
	stage_ends(&stage);
}

static void test_one_mark_more_than_the_board_holds_is_a_sentence(void **state)
{
	struct stage stage = stage_open();
	static char names[ACTOR_MARKS_MAX + 1][8];
	static struct step steps[ACTOR_MARKS_MAX + 1];
	struct program program = {.name = "client", .steps = steps};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(steps); i++) {
		snprintf(names[i], sizeof(names[i]), "%zu", i);
		steps[i] = (struct step){.kind = STEP_MARK, .text = names[i], .line = 2};
	}
	program.step_count = ACTOR_MARKS_MAX;
	succeeds(runs(&stage, program));
	program.step_count++;
	says(runs(&stage, program), EXIT_USAGE,
	     "client, line 2: a lesson has at most 256 marks: use one of them again");
	succeeds(runs(&stage, CLIENT(WORD(WAIT, "255"))));
	stage_ends(&stage);
}

static void test_a_name_of_a_mark_has_a_limit(void **state)
{
	struct stage stage = stage_open();
	char name[ACTOR_MARK_TEXT + 1];
	(void)state;
	memset(name, 'm', sizeof(name));
	name[ACTOR_MARK_TEXT] = '\0';
	says(runs(&stage, CLIENT(WORD(MARK, name, .line = 2))), EXIT_USAGE,
	     "client, line 2: mark needs the name of a mark, below 80 bytes");
	name[ACTOR_MARK_TEXT - 1] = '\0';
	succeeds(runs(&stage, CLIENT(WORD(MARK, name), WORD(WAIT, name))));
	stage_ends(&stage);
}

static void test_a_board_has_room_for_so_many_programs(void **state)
{
	struct err err = {.text = ""};
	struct actor_board *board = actor_board_open(ACTOR_PROGRAMS_MAX, &err);
	(void)state;
	assert_non_null(board);
	assert_int_equal(actor_board_report(board, ACTOR_PROGRAMS_MAX - 1)->outcome,
			 ACTOR_RUNNING);
	actor_board_close(board);
	assert_null(actor_board_open(ACTOR_PROGRAMS_MAX + 1, &err));
	says(err, EXIT_USAGE, "a lesson has at most 64 programs, not 65: leave some out");
	actor_board_close(NULL);
}

static void test_the_report_tells_each_call_its_result_and_when_it_was(void **state)
{
	struct stage stage = stage_open();
	uint64_t before = clock_now_ns();
	const struct actor_report *report = report_of(&stage, 0);
	const struct actor_call *connect_call;
	(void)state;
	succeeds(runs(&stage, CLIENT(WORD(SOCKET, "tcp"), COUNT(SLEEP, 0),
				     WORD(CONNECT, stage.server, .fails = "ECONNREFUSED"),
				     PLAIN(CLOSE))));
	assert_int_equal(report->outcome, ACTOR_DONE);
	assert_int_equal(report->count, 4);
	connect_call = &report->calls[2];
	assert_int_equal(connect_call->kind, STEP_CONNECT);
	assert_int_equal(connect_call->step, 2);
	assert_int_equal(connect_call->fd, report->calls[0].result);
	assert_int_equal(connect_call->result, -1);
	assert_int_equal(connect_call->error, ECONNREFUSED);
	for (size_t i = 0; i < 4; i++) {
		assert_true(report->calls[i].called_ns >= before);
		assert_true(report->calls[i].returned_ns >= report->calls[i].called_ns);
		before = report->calls[i].returned_ns;
	}
	stage_ends(&stage);
}

static void test_calls_beyond_the_reports_room_are_made_and_counted(void **state)
{
	struct stage stage = stage_open();
	const struct actor_report *report = report_of(&stage, 0);
	(void)state;
	succeeds(runs(&stage,
		      CLIENT(WORD(SOCKET, "udp"), WORD(CONNECT, stage.server, .repeat = 4100),
			     PLAIN(LISTEN, .fails = "EOPNOTSUPP"))));
	assert_int_equal(report->count, ACTOR_CALLS_MAX);
	assert_int_equal(report->lost, 4102 - ACTOR_CALLS_MAX);
	assert_int_equal(report->step, 2);
	stage_ends(&stage);
}

static void test_a_program_stopped_in_a_call_is_told_by_its_line(void **state)
{
	struct stage stage = stage_open();
	const struct actor_report *report = report_of(&stage, 0);
	struct err err = {.text = ""};
	(void)state;
	assert_false(actor_judge(&SERVER(PLAIN(ECHO)), report, &err));
	says(err, EXIT_PARTIAL, "server was stopped before its first step");
	plays(&stage, SERVER(WORD(SOCKET, "udp"), WORD(BIND, "server:0"),
			     COUNT(ECHO, 1, .line = 12)));
	while (report->count < 3)
		sched_yield();
	kill(stage.pids[0], SIGKILL);
	says(ended(&stage, 0), EXIT_PARTIAL,
	     "server, line 12: recvfrom had not returned when the program was stopped");
	stage_ends(&stage);
}

static void tell_signal(int number)
{
	(void)!write(number == SIGUSR1 ? STDOUT_FILENO : -1, "s", 1);
}

/* Without SA_RESTART; each signal is told on standard output, which the test holds. */
static void feel_signals(void)
{
	struct sigaction action = {.sa_handler = tell_signal};
	sigaction(SIGUSR1, &action, NULL);
}

static void test_calls_that_a_signal_interrupts_are_taken_up_again(void **state)
{
	struct stage stage = stage_open();
	int felt[2], terminal = dup(STDOUT_FILENO), fd;
	size_t server;
	(void)state;
	fflush(NULL);
	assert_int_equal(pipe(felt), 0);
	dup2(felt[1], STDOUT_FILENO);
	server = plays_after(&stage,
			     SERVER(TAKES_ONE(stage), COUNT(RECV, 5), PLAIN(CLOSE),
				    WORD(SOCKET, "udp"), WORD(BIND, stage.port), PLAIN(ECHO)),
			     feel_signals);
	fflush(NULL);
	dup2(terminal, STDOUT_FILENO);
	close(terminal);
	close(felt[1]);
	reaches(&stage, "listening");
	for (int part = 0; part < 3; part++) { /* in accept, in recv, in the echo's poll */
		for (int i = 0; i < 10; i++) {
			char byte;
			kill(stage.pids[server], SIGUSR1);
			assert_int_equal(read(felt[0], &byte, 1), 1);
		}
		if (part == 0) {
			fd = connect_ip(INADDR_LOOPBACK, stage.port_number, SOCK_STREAM);
		} else if (part == 1) {
			sends(fd, "hello");
			hears_end(fd);
			close(fd);
			while (actor_board_resting(stage.board) == 0)
				sched_yield();
		}
	}
	actor_board_over(stage.board);
	succeeds(ended(&stage, server));
	close(felt[0]);
	stage_ends(&stage);
}

static void test_the_end_of_a_program_closes_its_sockets(void **state)
{
	struct stage stage = stage_open();
	int before = open("/dev/null", O_RDONLY), after;
	(void)state;
	close(before);
	succeeds(runs(&stage, CLIENT(WORD(SOCKET, "tcp", .repeat = ACTOR_SOCKETS_MAX))));
	after = open("/dev/null", O_RDONLY);
	close(after);
	assert_int_equal(before, after);
	stage_ends(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_program_that_waits_goes_on_when_the_mark_is_reached),
		cmocka_unit_test(test_a_mark_stays_reached_and_may_be_reached_again),
		cmocka_unit_test(
			test_a_mark_that_nobody_reaches_ends_the_program_with_a_sentence),
		cmocka_unit_test(test_nobody_waits_for_a_mark_when_the_lesson_is_over),
		cmocka_unit_test(test_one_mark_more_than_the_board_holds_is_a_sentence),
		cmocka_unit_test(test_a_name_of_a_mark_has_a_limit),
		cmocka_unit_test(test_a_board_has_room_for_so_many_programs),
		cmocka_unit_test(test_the_report_tells_each_call_its_result_and_when_it_was),
		cmocka_unit_test(test_calls_beyond_the_reports_room_are_made_and_counted),
		cmocka_unit_test(test_a_program_stopped_in_a_call_is_told_by_its_line),
		cmocka_unit_test(test_calls_that_a_signal_interrupts_are_taken_up_again),
		cmocka_unit_test(test_the_end_of_a_program_closes_its_sockets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
