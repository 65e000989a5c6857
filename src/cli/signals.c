#include "cli.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* A signal handler can reach nothing but file scope. */
static volatile sig_atomic_t asked;
static int stop_pipe[2] = {-1, -1};

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
