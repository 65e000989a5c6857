#include "cli.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* A signal handler can reach nothing but file scope. */
static volatile sig_atomic_t asked;
static int stop_pipe[2] = {-1, -1};
static volatile sig_atomic_t to_pass[NSIG];

static void on_stop(int number)
{
	(void)number;
	asked = 1;
	if (stop_pipe[1] >= 0)
		close(stop_pipe[1]); /* end of file is what waits at the other end */
	stop_pipe[1] = -1;
}

void signals_catch(void)
{
	struct sigaction stop = {.sa_handler = on_stop, .sa_flags = (int)SA_RESETHAND};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	if (pipe2(stop_pipe, O_CLOEXEC) != 0)
		stop_pipe[0] = stop_pipe[1] = -1;
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGPIPE, &ignore, NULL); /* a closed pipe is a failed write, told once */
}

bool signals_stop(void)
{
	return asked != 0;
}

void signals_obeyed(void)
{
	asked = 0;
}

int signals_fd(void)
{
	return stop_pipe[0];
}

/* From the terminal it reaches the programs as it reaches us. */
static void on_pass(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (info->si_code <= 0)
		to_pass[number] = 1;
}

static const int passed[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2};

void signals_pass(void)
{
	struct sigaction pass = {.sa_sigaction = on_pass, .sa_flags = SA_SIGINFO};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	for (size_t i = 0; i < ARRAY_COUNT(passed); i++)
		sigaction(passed[i], &pass, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

int signals_passed(void)
{
	for (size_t i = 0; i < ARRAY_COUNT(passed); i++) {
		if (!to_pass[passed[i]])
			continue;
		to_pass[passed[i]] = 0;
		return passed[i];
	}
	return 0;
}
