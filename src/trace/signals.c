/* Signals reach this process's group from the terminal. They are meant for the programs, which
 * get them directly; the tracer outlives them all to tell how they ended. */
#include "watch.h"

#include <assert.h>

struct disturbing {
	int signal;
	bool terminal; /* a person's, for programs that have the terminal */
	bool ours;     /* the caller ignores it for its own sake: a program begins without */
};

static const struct disturbing disturbing[] = {
	{SIGINT, true, false},   {SIGQUIT, true, false},  {SIGTSTP, true, false},
	{SIGTERM, false, false}, {SIGHUP, false, false},  {SIGTTIN, false, false},
	{SIGTTOU, false, false}, {SIGUSR1, false, false}, {SIGUSR2, false, false},
	{SIGALRM, false, false}, {SIGPIPE, false, true},
};
static_assert(ARRAY_COUNT(disturbing) <= ARRAY_COUNT(((struct kept_signals *)0)->actions),
	      "each has its place");

static void signal_ends_a_wait(int number)
{
	(void)number;
}

void signals_keep(struct kept_signals *kept, const sigset_t *mask, sigset_t *commands)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, plain = {.sa_handler = SIG_DFL};
	struct sigaction alarm = {.sa_handler = signal_ends_a_wait};
	for (size_t i = 0; i < ARRAY_COUNT(disturbing); i++)
		sigaction(disturbing[i].signal, &ignore, &kept->actions[i]);
	sigaction(SIGCHLD, &plain, NULL);
	kept->mask = *mask;
	sigaction(SIGALRM, &alarm, NULL);
	sigemptyset(commands);
	for (int i = 0; i < WATCH_COMMANDS; i++)
		sigaddset(commands, SIGRTMIN + i);
	sigprocmask(SIG_SETMASK, commands, NULL);
}

/* A handler is code of the caller's: as after exec, its signal has its plain effect. */
static struct sigaction signal_for_program(const struct kept_signals *kept, size_t i)
{
	const struct sigaction plain = {.sa_handler = SIG_DFL};
	return kept->actions[i].sa_handler == SIG_IGN ? kept->actions[i] : plain;
}

void signals_restore(const struct kept_signals *kept, bool own, bool built_in)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	const struct sigaction plain = {.sa_handler = SIG_DFL};
	for (size_t i = 0; i < ARRAY_COUNT(disturbing); i++) {
		struct sigaction action = signal_for_program(kept, i);
		if (disturbing[i].terminal && !own)
			action = ignore;
		if (disturbing[i].ours && !built_in)
			action = plain;
		sigaction(disturbing[i].signal, &action, NULL);
	}
	sigprocmask(SIG_SETMASK, &kept->mask, NULL);
}
