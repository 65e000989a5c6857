/* stacks: theory of operation.
 *
 * tracefs (the kernel's Documentation/trace/ftrace.rst) keeps instances apart: ours has its own
 * buffer and switches, and nobody else's tracing sees it. Whenever one of the hosts' interfaces
 * is handed a frame, the event net:net_dev_start_xmit is kept and by a trigger the call stack
 * behind it; tcp:tcp_cong_state_set tells what the functions do not, whether what is resent
 * belongs to a recovery or comes after a timeout. After a run the buffer is read as text.
 *
 * What runs out of the idle loop has no stack that could be read, and the timers of an idle
 * processor run on another. So the run stays on one processor, and the keeper, a process of the
 * idle class, never lets that sleep. The keeper also outlives its opener by as long as it takes
 * to remove the instance, which would else stay until the machine is started again.
 *
 * Not handled: frames that are sent elsewhere than on that processor. They are missing then,
 * and the run says so. A buffer that is full is another reason to do without its stacks. */
#include "stacks.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACKS_TRACEFS   "/sys/kernel/tracing"
#define STACKS_PATH      128
#define STACKS_BUFFER_KB "32768" /* some 100,000 frames */
#define STACKS_LINE      1024
#define STACKS_CLOSE_NS  (2 * NS_PER_S)
#define STACKS_SWEEP_NS  (60 * NS_PER_S) /* nobody waits for it */
#define STACKS_WHERE     "name == \"c0\" || name == \"s0\"" /* lab_interface() */

struct stacks {
	char folder[STACKS_PATH];
	int cpu;
	pid_t keeper;
};

static void stacks_path(const struct stacks *stacks, const char *file, char path[STACKS_PATH])
{
	snprintf(path, STACKS_PATH, "%.60s/%.60s", stacks->folder, file);
}

/* What is given to these files is taken whole, or not at all. */
static bool stacks_write(const struct stacks *stacks, const char *file, const char *text)
{
	char path[STACKS_PATH];
	ssize_t count;
	int fd;
	stacks_path(stacks, file, path);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return false;
	count = write(fd, text, strlen(text));
	close(fd);
	return count == (ssize_t)strlen(text);
}

/* A file that is open, a run's for one, keeps the instance busy. */
static void stacks_remove(const struct stacks *stacks, uint64_t most_ns)
{
	uint64_t end = clock_monotonic_ns() + most_ns;
	stacks_write(stacks, "tracing_on", "0");
	while (rmdir(stacks->folder) != 0 && errno == EBUSY && clock_monotonic_ns() < end)
		clock_sleep_ns(NS_PER_MS);
}

static void stay_on(int cpu)
{
	cpu_set_t one;
	CPU_ZERO(&one);
	CPU_SET((unsigned)cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

/* Signals are its opener's matter; it ends when that does, or is told by a signal that nobody
 * can ignore. Asking who the parent is takes the place of doing nothing. */
static _Noreturn void keeper_live(const struct stacks *stacks, pid_t opener)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
	for (size_t i = 0; i < ARRAY_COUNT(ignored); i++)
		signal(ignored[i], SIG_IGN);
	close_range(0, ~0U, 0);
	stay_on(stacks->cpu);
	sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){0});
	while (getppid() == opener)
		continue;
	stacks_remove(stacks, STACKS_SWEEP_NS);
	_exit(EXIT_DONE);
}

static bool keeper_fork(struct stacks *stacks, struct err *err)
{
	pid_t opener = getpid();
	fflush(NULL);
	stacks->keeper = fork();
	if (stacks->keeper == 0)
		keeper_live(stacks, opener);
	return stacks->keeper > 0 ||
	       err_set(err, EXIT_PERMISSION, "no process to keep a processor awake: %s",
		       strerror(errno));
}

static bool tracefs_find(struct err *err)
{
	if (geteuid() != 0)
		return err_set(err, EXIT_PERMISSION,
			       "the kernel's call stacks are for root only");
	if (access(STACKS_TRACEFS "/instances", F_OK) == 0)
		return true;
	if (unshare(CLONE_NEWNS) == 0 &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("tracefs", STACKS_TRACEFS, "tracefs", 0, NULL) == 0)
		return true;
	return err_set(err, EXIT_PERMISSION,
		       "tracefs, by which the kernel tells its call stacks, cannot be mounted "
		       "at " STACKS_TRACEFS ": %s", strerror(errno));
}

/* The last that we may use: interrupts go to the first. */
static int last_cpu(void)
{
	cpu_set_t set;
	int cpu = CPU_SETSIZE - 1;
	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	while (cpu > 0 && !CPU_ISSET((unsigned)cpu, &set))
		cpu--;
	return cpu;
}

/* As the kernel reads sets of processors: hexadecimal, a comma after each 32. Only the one's
 * buffer is made large. */
static bool stacks_processor(const struct stacks *stacks)
{
	char mask[CPU_SETSIZE / 32 * 9 + 1], file[STACKS_PATH];
	size_t at = (size_t)snprintf(mask, sizeof(mask), "%x", 1U << stacks->cpu % 32);
	for (int i = 0; i < stacks->cpu / 32; i++)
		at += (size_t)snprintf(mask + at, sizeof(mask) - at, ",00000000");
	snprintf(file, sizeof(file), "per_cpu/cpu%d/buffer_size_kb", stacks->cpu);
	return stacks_write(stacks, "tracing_cpumask", mask) &&
	       stacks_write(stacks, file, STACKS_BUFFER_KB);
}

static bool stacks_set(const struct stacks *stacks, struct err *err)
{
	static const struct {
		const char *file, *text;
	} settings[] = {
		{"tracing_on", "0"},
		{"trace_clock", "mono"},
		{"options/overwrite", "0"},
		{"events/net/net_dev_start_xmit/filter", STACKS_WHERE},
		{"events/net/net_dev_start_xmit/trigger", "stacktrace if " STACKS_WHERE},
		{"events/net/net_dev_start_xmit/enable", "1"},
		{"events/tcp/tcp_cong_state_set/enable", "1"},
	};
	for (size_t i = 0; i < ARRAY_COUNT(settings); i++) {
		if (!stacks_write(stacks, settings[i].file, settings[i].text))
			return err_set(err, EXIT_PERMISSION,
				       "the kernel's tracing does not take %s '%s': %s",
				       settings[i].file, settings[i].text, strerror(errno));
	}
	return stacks_processor(stacks) ||
	       err_set(err, EXIT_PERMISSION,
		       "the kernel's tracing cannot be kept to processor %d: %s", stacks->cpu,
		       strerror(errno));
}

struct stacks *stacks_open(struct err *err)
{
	struct stacks *stacks;
	if (!tracefs_find(err))
		return NULL;
	stacks = calloc(1, sizeof(*stacks));
	if (!stacks) {
		err_memory(err);
		return NULL;
	}
	stacks->cpu = last_cpu();
	snprintf(stacks->folder, sizeof(stacks->folder),
		 STACKS_TRACEFS "/instances/wireladder-%d", (int)getpid());
	if (mkdir(stacks->folder, 0700) != 0) {
		err_set(err, EXIT_PERMISSION,
			"the kernel's tracing gives us no instance of our own: %s",
			strerror(errno));
		free(stacks);
		return NULL;
	}
	if (keeper_fork(stacks, err) && stacks_set(stacks, err))
		return stacks;
	stacks_close(stacks);
	return NULL;
}

bool stacks_begin(const struct stacks *stacks, struct err *err)
{
	stay_on(stacks->cpu);
	return (stacks_write(stacks, "trace", "") && stacks_write(stacks, "tracing_on", "1")) ||
	       err_set(err, EXIT_PERMISSION, "the kernel's tracing does not begin: %s",
		       strerror(errno));
}

static FILE *stacks_file(const struct stacks *stacks, const char *file, struct err *err)
{
	char path[STACKS_PATH];
	FILE *opened;
	stacks_path(stacks, file, path);
	opened = fopen(path, "re");
	if (!opened)
		err_set(err, EXIT_PERMISSION, "cannot read %s: %s", path, strerror(errno));
	return opened;
}

/* The kernel counts what found no room. */
static bool stacks_whole(const struct stacks *stacks, struct err *err)
{
	static const char *const lost[] = {"overrun: ", "commit overrun: ", "dropped events: "};
	char file[STACKS_PATH], line[STACKS_LINE];
	bool whole = true;
	FILE *stats;
	snprintf(file, sizeof(file), "per_cpu/cpu%d/stats", stacks->cpu);
	stats = stacks_file(stacks, file, err);
	if (!stats)
		return false;
	while (fgets(line, sizeof(line), stats)) {
		for (size_t i = 0; i < ARRAY_COUNT(lost); i++) {
			size_t length = strlen(lost[i]);
			if (strncmp(line, lost[i], length) == 0 && line[length] != '0')
				whole = false;
		}
	}
	fclose(stats);
	return whole || err_set(err, EXIT_PARTIAL, "the trace was longer than its buffer");
}

/* Between the trace's clock and the wire's: the pair of readings that were closest together. */
static uint64_t clocks_apart_ns(void)
{
	uint64_t best = UINT64_MAX, apart = 0;
	for (int i = 0; i < 20; i++) {
		uint64_t before = clock_monotonic_ns(), wall = clock_now_ns(),
			 after = clock_monotonic_ns();
		if (after - before >= best)
			continue;
		best = after - before;
		apart = wall - (before + best / 2);
	}
	return apart;
}

static bool stacks_read(const struct stacks *stacks, struct stack_text *text, struct err *err)
{
	char line[STACKS_LINE];
	FILE *trace = stacks_file(stacks, "trace", err);
	bool done = trace != NULL;
	while (done && fgets(line, sizeof(line), trace))
		done = stack_text_line(text, line) || err_memory(err);
	if (trace)
		fclose(trace);
	return done;
}

bool stacks_end(const struct stacks *stacks, const struct truth *truth, size_t count,
		struct stack_word *words, struct err *err)
{
	struct stack_text text = {.zero_ns = clocks_apart_ns()};
	bool done = stacks_write(stacks, "tracing_on", "0") ||
		    err_set(err, EXIT_PERMISSION, "the kernel's tracing does not end: %s",
			    strerror(errno));
	done = done && stacks_whole(stacks, err) && stacks_read(stacks, &text, err) &&
	       stack_names(&text, truth, count, words, err);
	stack_text_close(&text);
	return done;
}

void stacks_close(struct stacks *stacks)
{
	if (!stacks)
		return;
	if (stacks->keeper > 0) {
		kill(stacks->keeper, SIGKILL);
		while (waitpid(stacks->keeper, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	stacks_remove(stacks, STACKS_CLOSE_NS);
	free(stacks);
}
