/* One run of a lesson: two hosts, their programs, a tap at each, and what came of it. */
#ifndef WIRELADDER_CLI_LAB_RUN_H
#define WIRELADDER_CLI_LAB_RUN_H

#include "lab_programs.h"
#include "lab_progress.h"

#define LAB_PATH 300

struct lab_frame { /* of a capture */
	uint32_t n;    /* as which frame of its host it left; 0: it arrived */
	uint64_t hash; /* of its bytes, where they are all there; 0: not known */
};

struct lab_frames { /* by the frame's number - 1 */
	const struct lab_frame *at;
	size_t count;
};

struct lab_run {
	char paths[END_COUNT][LAB_PATH]; /* the captures at client and server */
	struct lab_frames frames[END_COUNT]; /* of both captures */
	const struct truth *truth;       /* what the wire did; until lab_run_close */
	size_t truth_count;
	uint64_t missed;                 /* frames that the truth or a tap does not know */
	uint64_t late_ns;                /* how much later than due a frame went out, at most */
	uint64_t unseen_syns;            /* that the kernels sent and no tap saw */
	bool stopped;                    /* by a signal */
	uint64_t begun_ns;               /* when the taps were ready: meta.start */
	bool timed_out;                  /* a program was stopped by the lesson's limit */
	struct err failed;               /* the first program that did not as the lesson says */
	struct lab_inside *inside;
};

struct lab_run_config {
	const struct lesson *lesson;
	uint64_t seed;
	const char *folder; /* captures are kept there; NULL: they vanish */
	struct lab_progress *progress;
	struct tracing tracing;
	const struct lab_guests *guests; /* NULL: the lesson's own programs */
};

/* Runs the lesson to its end. False: it could not be run at all. Programs that failed are no
 * failure of the run. */
bool lab_run_open(const struct lab_run_config *config, struct lab_run *run, struct err *err);
bool lab_run_counter(const struct lab_run *run, enum end host, const char *name,
		     int64_t *value);
/* Of all that has grown; borrowed until it is closed. */
bool lab_run_counted(const struct lab_run *run, struct net_counts *counted, struct err *err);
/* What the tracer told, to be read once; until lab_run_close, as the next. */
struct calls_kept *lab_run_calls(const struct lab_run *run);
const struct traced_end *lab_run_end(const struct lab_run *run, size_t program);
void lab_run_close(struct lab_run *run);

#endif
