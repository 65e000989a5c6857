/*
 * A lesson is run like this: hosts and wire are made, each program of the lesson becomes a
 * process that waits in its host's network, taps open at both hosts, sentinels show that the
 * wire carries, and then the gate opens. The parent does nothing but read the taps until every
 * program has ended and both hosts' kernels have had their last byte acknowledged. Only then
 * are the captures looked at: they are files by then, like those of any other two machines.
 */
#include "lab_run.h"

#include "lab_syns.h"

#include "wireladder/capture.h"
#include "wireladder/decode.h"
#include "wireladder/echo_actor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_DEFAULT_NS (20 * NS_PER_S)
#define WAIT_MS          5
#define SETTLED_NS       (30 * NS_PER_MS) /* that long it must stay settled */
#define EMPTY_NS         (2 * NS_PER_S)
#define RESTING_NS       (20 * NS_PER_MS) /* a datagram just delivered wakes its reader */

struct lab_tap {
	struct tap *tap;
	struct dump *dump;
	int memory;        /* what the capture is written into, unless it is kept; -1: none */
	struct buf frames; /* struct lab_frame */
	uint32_t departed;
	struct lab_syns syns; /* that departed */
};

struct lab_inside {
	const struct lesson *lesson;
	struct lab_progress *progress;
	struct lab *lab;
	struct actor_board *board;
	int gate[2]; /* the programs begin when its writing end is closed */
	pid_t programs[ACTOR_PROGRAMS_MAX];
	size_t running;
	struct lab_tap taps[END_COUNT];
	uint64_t resting_ns, settled_ns; /* since when; 0: it is not */
};

static const char *const names[END_COUNT] = {"client", "server"};

/* The program's process: it dies with its parent, and signals are the parent's matter. */
static void program_child(struct lab_inside *inside, size_t index)
{
	const struct program *program = &inside->lesson->programs[index];
	struct actor_config config = {
		.program = program,
		.board = inside->board,
		.addrs4 = {LAB_CLIENT_ADDR4, LAB_SERVER_ADDR4},
		.addrs6 = {LAB_CLIENT_ADDR6, LAB_SERVER_ADDR6},
		.ipv6 = inside->lesson->ipv6,
	};
	struct err err = {0};
	char byte;
	signal(SIGINT, SIG_IGN);
	close(inside->gate[1]);
	if (!lab_enter(inside->lab, program->host, &err))
		_exit(EXIT_PERMISSION);
	while (read(inside->gate[0], &byte, 1) < 0 && errno == EINTR)
		continue;
	_exit(actor_run(&config, actor_board_report(inside->board, index), &err)
		      ? (int)EXIT_DONE
		      : (int)err.status);
}

static bool programs_fork(struct lab_inside *inside, struct err *err)
{
	pid_t parent = getpid();
	if (pipe2(inside->gate, O_CLOEXEC) != 0)
		return err_set(err, EXIT_PERMISSION,
			       "no pipe for the lesson's programs: %s; raise `ulimit -n`",
			       strerror(errno));
	fflush(NULL);
	for (size_t i = 0; i < inside->lesson->program_count; i++) {
		inside->programs[i] = fork();
		if (inside->programs[i] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != parent)
				_exit(EXIT_PERMISSION);
			program_child(inside, i);
		}
		if (inside->programs[i] < 0)
			return err_set(err, EXIT_PERMISSION,
				       "a program of the lesson did not start: %s; raise "
				       "`ulimit -u`",
				       strerror(errno));
		inside->running++;
	}
	return true;
}

static bool capture_path(struct lab_tap *tap, const char *folder, enum end host, char *path,
			 struct err *err)
{
	if (folder) {
		if (snprintf(path, LAB_PATH, "%s/%s.pcap", folder, names[host]) < LAB_PATH)
			return true;
		return err_set(err, EXIT_USAGE, "--pcap %.80s… is too long a path", folder);
	}
	tap->memory = memfd_create(names[host], MFD_CLOEXEC);
	if (tap->memory < 0)
		return err_set(err, EXIT_PERMISSION, "no memory file for a capture: %s",
			       strerror(errno));
	snprintf(path, LAB_PATH, "/proc/self/fd/%d", tap->memory);
	return true;
}

static bool tap_begin(struct lab_inside *inside, enum end host, const char *path,
		      struct err *err)
{
	struct tap_config config = {.interface = lab_interface(host)};
	struct lab_tap *tap = &inside->taps[host];
	struct vantage vantage;
	if (!lab_enter(inside->lab, host, err))
		return false;
	tap->tap = tap_open(&config, err);
	if (!tap->tap)
		return false;
	tap_vantage(tap->tap, &vantage);
	tap->dump = dump_open(path, vantage.linktype, vantage.snaplen, err);
	return tap->dump != NULL;
}

/* Is it the host's own? Then it is the next of its sender's on the wire. */
static bool segment_departs(const struct segment *segment, enum end host)
{
	static const char *const addrs[END_COUNT][2] = {{LAB_CLIENT_ADDR4, LAB_CLIENT_ADDR6},
							{LAB_SERVER_ADDR4, LAB_SERVER_ADDR6}};
	char src[ADDR_TEXT];
	if (segment->ends.src.family == 0)
		return false;
	addr_text(&segment->ends.src, src);
	return strcmp(src, addrs[host][0]) == 0 || strcmp(src, addrs[host][1]) == 0;
}

static bool tap_frame(struct lab_tap *tap, enum end host, const struct frame *frame,
		      struct err *err)
{
	struct lab_frame known = {0};
	struct segment segment;
	if (lab_is_noise(frame->bytes, frame->caplen))
		return true;
	decode_frame(frame, &segment);
	if (frame->caplen == frame->len)
		known.hash = hash_bytes(frame->bytes, frame->caplen, 0);
	if (segment_departs(&segment, host)) {
		known.n = ++tap->departed;
		if (!lab_syns_add(&tap->syns, &segment))
			return err_memory(err);
	}
	if (!buf_add(&tap->frames, &known, sizeof(known)))
		return err_memory(err);
	return dump_frame(tap->dump, frame, err);
}

/* All that the tap has now. */
static bool tap_read(struct lab_inside *inside, enum end host, bool keep, struct err *err)
{
	struct lab_tap *tap = &inside->taps[host];
	struct frame frame;
	enum frame_status status;
	while ((status = tap_next(tap->tap, &frame, err)) == FRAME_READY) {
		if (keep && !tap_frame(tap, host, &frame, err))
			return false;
	}
	return status == FRAME_NOT_YET;
}

static bool taps_read(struct lab_inside *inside, bool keep, struct err *err)
{
	return tap_read(inside, END_CLIENT, keep, err) &&
	       tap_read(inside, END_SERVER, keep, err);
}

static void programs_reap(struct lab_inside *inside)
{
	for (size_t i = 0; i < inside->lesson->program_count; i++) {
		if (inside->programs[i] > 0 &&
		    waitpid(inside->programs[i], NULL, WNOHANG) == inside->programs[i]) {
			inside->programs[i] = 0;
			inside->running--;
		}
	}
}

static void programs_kill(struct lab_inside *inside)
{
	for (size_t i = 0; i < inside->lesson->program_count; i++) {
		if (inside->programs[i] <= 0)
			continue;
		kill(inside->programs[i], SIGKILL);
		waitpid(inside->programs[i], NULL, 0);
		inside->programs[i] = 0;
		inside->running--;
	}
}

/* Has it held for so long? *since is when it began to, 0 while it does not. */
static bool held_for(bool holds, uint64_t ns, uint64_t *since)
{
	uint64_t now = clock_monotonic_ns();
	if (!holds)
		*since = 0;
	else if (*since == 0)
		*since = now;
	return holds && now - *since >= ns;
}

/* UDP servers that echo whatever comes have no end of their own: it is when only they are left
 * and nothing is under way. */
static bool lesson_over(struct lab_inside *inside)
{
	bool resting = inside->running > 0 && lab_idle(inside->lab) &&
		       actor_board_resting(inside->board) == inside->running;
	if (held_for(resting, RESTING_NS, &inside->resting_ns))
		actor_board_over(inside->board);
	return inside->running == 0 &&
	       held_for(lab_settled(inside->lab), SETTLED_NS, &inside->settled_ns);
}

/* Before the taps are read for the last time: what is counted by now they have seen. */
static void syns_counted(struct lab_inside *inside, int64_t counted[static END_COUNT])
{
	for (size_t i = 0; i < END_COUNT; i++) {
		counted[i] = 0;
		lab_counter(inside->lab, (enum end)i, "TcpExtTCPSynRetrans", &counted[i]);
	}
}

/* Programs that were stopped still have segments under way, and these have answers. What a link
 * keeps for longer than a person would wait is lost to the lab's end. */
static bool wire_empties(struct lab_inside *inside, struct err *err)
{
	uint64_t end = clock_monotonic_ns() + EMPTY_NS, idle_ns = 0;
	while (!lesson_over(inside) &&
	       !held_for(lab_idle(inside->lab), RESTING_NS, &idle_ns) &&
	       clock_monotonic_ns() < end) {
		if (!taps_read(inside, true, err))
			return false;
		clock_sleep_ns(NS_PER_MS);
	}
	return true;
}

static bool lesson_end(struct lab_inside *inside, struct lab_run *run, struct err *err)
{
	int64_t counted[END_COUNT];
	run->stopped = signals_stop();
	actor_board_over(inside->board);
	programs_kill(inside);
	if (!wire_empties(inside, err))
		return false;
	syns_counted(inside, counted);
	if (!taps_read(inside, true, err))
		return false;
	for (size_t i = 0; i < END_COUNT; i++)
		run->unseen_syns += lab_syns_unseen(&inside->taps[i].syns, counted[i]);
	return true;
}

static bool lesson_watch(struct lab_inside *inside, struct lab_run *run, struct err *err)
{
	struct pollfd fds[END_COUNT];
	uint64_t limit = inside->lesson->limit_ns ? inside->lesson->limit_ns : LIMIT_DEFAULT_NS;
	uint64_t end = clock_monotonic_ns() + limit;
	for (size_t i = 0; i < END_COUNT; i++)
		fds[i] = (struct pollfd){.fd = tap_fd(inside->taps[i].tap), .events = POLLIN};
	close(inside->gate[1]);
	inside->gate[1] = -1;
	while (!signals_stop()) {
		if (!taps_read(inside, true, err))
			return false;
		lab_progress_tell(inside->progress,
				  inside->taps[0].departed + inside->taps[1].departed);
		programs_reap(inside);
		if (lesson_over(inside))
			break;
		if (clock_monotonic_ns() > end) {
			run->timed_out = inside->running > 0;
			break;
		}
		poll(fds, END_COUNT, WAIT_MS);
	}
	return lesson_end(inside, run, err);
}

static bool lesson_run(struct lab_inside *inside, const struct lab_run_config *config,
		       struct lab_run *run, struct err *err)
{
	inside->lab = lab_open(config->lesson, config->seed, err);
	inside->board =
		inside->lab ? actor_board_open(config->lesson->program_count, err) : NULL;
	if (!inside->board || !programs_fork(inside, err))
		return false;
	for (size_t i = 0; i < END_COUNT; i++) {
		enum end end = (enum end)i;
		if (!capture_path(&inside->taps[i], config->folder, end, run->paths[i], err) ||
		    !tap_begin(inside, end, run->paths[i], err))
			return false;
	}
	if (!lab_ready(inside->lab, err) || !taps_read(inside, false, err))
		return false;
	run->begun_ns = clock_now_ns();
	return lesson_watch(inside, run, err);
}

/* The wire has seen what the taps saw leave; what it missed is counted, and so is what a tap
 * did: then the run proves nothing. */
static void run_compare(struct lab_inside *inside, struct lab_run *run)
{
	uint32_t entered[END_COUNT] = {0};
	for (size_t i = 0; i < run->truth_count; i++) {
		const struct truth *truth = &run->truth[i];
		entered[truth->to] += truth->n > 0; /* 0: the wire's own */
		if (truth->due_ns > 0 && truth->sent_ns > truth->due_ns + run->late_ns)
			run->late_ns = truth->sent_ns - truth->due_ns;
	}
	for (size_t i = 0; i < END_COUNT; i++) {
		uint32_t departed = inside->taps[i].departed, seen = entered[!i];
		run->missed += departed > seen ? departed - seen : seen - departed;
	}
}

static bool run_finish(struct lab_inside *inside, struct lab_run *run, struct err *err)
{
	bool done = true;
	run->truth = lab_truth(inside->lab, &run->truth_count, &run->missed);
	for (size_t i = 0; i < END_COUNT; i++) {
		struct lab_tap *tap = &inside->taps[i];
		uint64_t kernel = 0, interface = 0;
		if (tap_dropped(tap->tap, &kernel, &interface))
			run->missed += kernel + interface;
		done = dump_close(tap->dump, done ? err : NULL) && done;
		tap->dump = NULL;
		run->frames[i].at = (const struct lab_frame *)(const void *)tap->frames.at;
		run->frames[i].count = tap->frames.len / sizeof(struct lab_frame);
	}
	run_compare(inside, run);
	for (size_t i = 0; i < inside->lesson->program_count && !run->failed.text[0]; i++)
		actor_judge(&inside->lesson->programs[i], actor_board_report(inside->board, i),
			    &run->failed);
	return done;
}

bool lab_run_open(const struct lab_run_config *config, struct lab_run *run, struct err *err)
{
	struct lab_inside *inside = calloc(1, sizeof(*inside));
	*run = (struct lab_run){.inside = inside};
	if (!inside)
		return err_memory(err);
	inside->lesson = config->lesson;
	inside->progress = config->progress;
	inside->gate[0] = inside->gate[1] = -1;
	inside->taps[END_CLIENT].memory = inside->taps[END_SERVER].memory = -1;
	if (lesson_run(inside, config, run, err) && run_finish(inside, run, err))
		return true;
	lab_run_close(run);
	return false;
}

bool lab_run_counter(const struct lab_run *run, enum end host, const char *name, int64_t *value)
{
	return lab_counter(run->inside->lab, host, name, value);
}

void lab_run_close(struct lab_run *run)
{
	struct lab_inside *inside = run->inside;
	if (!inside)
		return;
	programs_kill(inside);
	for (size_t i = 0; i < 2; i++) {
		if (inside->gate[i] >= 0)
			close(inside->gate[i]);
	}
	for (size_t i = 0; i < END_COUNT; i++) {
		struct lab_tap *tap = &inside->taps[i];
		if (tap->dump)
			dump_close(tap->dump, NULL);
		if (tap->tap)
			tap_close(tap->tap);
		if (tap->memory >= 0)
			close(tap->memory);
		buf_close(&tap->frames);
		lab_syns_close(&tap->syns);
	}
	actor_board_close(inside->board);
	lab_close(inside->lab);
	free(inside);
	run->inside = NULL;
}
