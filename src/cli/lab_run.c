/*
 * A lesson is run like this: hosts and wire are made, each program of the lesson becomes a
 * process that waits in its host's network, taps open at both hosts, sentinels show that the
 * wire carries, and then the gate opens. The parent does nothing but read the taps, and keep
 * what the tracer tells, until every program has ended and both hosts' kernels have had their
 * last byte acknowledged. Only then are the captures looked at: they are files by then, like
 * those of any other two machines.
 */
#include "lab_run.h"

#include "lab_syns.h"

#include "wireladder/capture.h"
#include "wireladder/decode.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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
	struct lab_programs programs;
	struct lab_tap taps[END_COUNT];
	uint64_t resting_ns, settled_ns; /* since when; 0: it is not */
};

static const char *const names[END_COUNT] = {"client", "server"};

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
	size_t running = lab_programs_running(&inside->programs);
	bool resting = running > 0 && inside->board && lab_idle(inside->lab) &&
		       actor_board_resting(inside->board) == running;
	if (held_for(resting, RESTING_NS, &inside->resting_ns))
		actor_board_over(inside->board);
	return running == 0 &&
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
	if (inside->board)
		actor_board_over(inside->board);
	lab_programs_kill(&inside->programs);
	if (!wire_empties(inside, err))
		return false;
	syns_counted(inside, counted);
	if (!taps_read(inside, true, err))
		return false;
	for (size_t i = 0; i < END_COUNT; i++)
		run->unseen_syns += lab_syns_unseen(&inside->taps[i].syns, counted[i]);
	return true;
}

/* One look at everything. */
static bool lesson_look(struct lab_inside *inside, struct err *err)
{
	const struct lab_guests *guests = inside->programs.guests;
	if (!taps_read(inside, true, err) || !lab_programs_read(&inside->programs, err))
		return false;
	lab_progress_tell(inside->progress,
			  inside->taps[0].departed + inside->taps[1].departed);
	if (guests && lab_programs_running(&inside->programs) > 0)
		guests->tend(guests->context, inside->programs.tracer,
			     lab_settled(inside->lab));
	return true;
}

/* Guests take the time that they want; what they leave under way does not. */
static bool lesson_late(struct lab_inside *inside, uint64_t *since_ns)
{
	const struct lesson *lesson = inside->lesson;
	uint64_t limit = lesson->limit_ns ? lesson->limit_ns : LIMIT_DEFAULT_NS;
	bool counts = !inside->programs.guests || lab_programs_running(&inside->programs) == 0;
	return held_for(counts, limit, since_ns);
}

static bool lesson_watch(struct lab_inside *inside, struct lab_run *run, struct err *err)
{
	struct pollfd fds[END_COUNT + 1];
	uint64_t since_ns = clock_monotonic_ns();
	for (size_t i = 0; i < END_COUNT; i++)
		fds[i] = (struct pollfd){.fd = tap_fd(inside->taps[i].tap), .events = POLLIN};
	fds[END_COUNT] =
		(struct pollfd){.fd = tracer_fd(inside->programs.tracer), .events = POLLIN};
	if (!lab_programs_go(&inside->programs, err))
		return false;
	while (!signals_stop()) {
		if (!lesson_look(inside, err))
			return false;
		if (lesson_over(inside))
			break;
		if (lesson_late(inside, &since_ns)) {
			run->timed_out = lab_programs_running(&inside->programs) > 0;
			break;
		}
		if (inside->programs.calls.live.over)
			fds[END_COUNT].fd = -1;
		poll(fds, END_COUNT + 1, WAIT_MS);
	}
	return lesson_end(inside, run, err);
}

static bool programs_start(struct lab_inside *inside, const struct lab_run_config *config,
			   struct err *err)
{
	if (!config->guests) {
		inside->board = actor_board_open(config->lesson->program_count, err);
		if (!inside->board)
			return false;
	}
	inside->programs = (struct lab_programs){.lesson = config->lesson,
						 .lab = inside->lab,
						 .board = inside->board,
						 .guests = config->guests};
	return lab_programs_open(&inside->programs, &config->tracing, err);
}

static bool lesson_run(struct lab_inside *inside, const struct lab_run_config *config,
		       struct lab_run *run, struct err *err)
{
	inside->lab = lab_open(config->lesson, config->seed, err);
	if (!inside->lab || !programs_start(inside, config, err))
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
	for (size_t i = 0; inside->board && i < inside->programs.count && !run->failed.text[0];
	     i++)
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

bool lab_run_counted(const struct lab_run *run, struct net_counts *counted, struct err *err)
{
	return lab_counted(run->inside->lab, counted, err);
}

struct calls_kept *lab_run_calls(const struct lab_run *run)
{
	return &run->inside->programs.calls;
}

const struct traced_end *lab_run_end(const struct lab_run *run, size_t program)
{
	return tracer_ends(run->inside->programs.tracer, program);
}

void lab_run_close(struct lab_run *run)
{
	struct lab_inside *inside = run->inside;
	if (!inside)
		return;
	lab_programs_close(&inside->programs);
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
