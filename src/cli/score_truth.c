/* A frame that left is known by its place among its sender's. A frame that arrived is known by
 * its place among those that the wire sent on: it wrote down when, and how often. */
#include "score_truth.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_NS (10 * NS_PER_MS) /* a busy host takes that long to acknowledge */

static unsigned cause_verdict(enum wire_cause cause)
{
	for (unsigned i = 0; cause != CAUSE_NONE && i < VERDICT_COUNT; i++) {
		if (strcmp(glossary[i].id, wire_cause_words[cause]) == 0)
			return i;
	}
	return SCORE_NOTHING;
}

static bool truth_delivered(const struct truth *truth)
{
	return truth->copies > 0 && truth->deed != DEED_CORRUPT;
}

struct brought { /* by frames before `again`, to its end, until some time */
	const struct truth *first, *again;
	uint64_t until_ns;
};

/* Behind the byte `at`, and what came with it. */
static uint32_t frame_brought(const struct brought *by, uint32_t at)
{
	for (const struct truth *t = by->first; t < by->again; t++) {
		if (t->to == by->again->to && t->from <= at && at < t->to_byte &&
		    t->sent_ns <= by->until_ns && truth_delivered(t) &&
		    memcmp(t->ports, by->again->ports, sizeof(t->ports)) == 0)
			return t->to_byte;
	}
	return at;
}

/* Behind the last byte from `at` on that came without a gap, up to the end of `again`. */
static uint32_t bytes_brought(const struct brought *by, uint32_t at)
{
	uint32_t next;
	while (at < by->again->to_byte && (next = frame_brought(by, at)) > at)
		at = next;
	return at;
}

/* The other end's latest segment before this one came; NULL: there is none. */
static const struct truth *truth_heard(const struct lab_run *run, const struct truth *again)
{
	const struct truth *end = run->truth + run->truth_count, *heard = NULL;
	for (const struct truth *t = run->truth; t < end; t++) {
		if (t->to != again->to && t->tcp_flags & TCP_ACK &&
		    t->arrived_ns < again->sent_ns &&
		    memcmp(t->ports, again->ports, sizeof(t->ports)) == 0)
			heard = t;
	}
	return heard;
}

/* An end without room throws away what comes: its ACK awaits what it has had for long. */
static bool truth_refused(const struct lab_run *run, const struct truth *again)
{
	const struct truth *heard = truth_heard(run, again);
	struct brought by = {.first = run->truth, .again = again};
	if (!heard || heard->ack >= again->to_byte || heard->arrived_ns < ANSWER_NS)
		return false;
	by.until_ns = heard->arrived_ns - ANSWER_NS;
	return bytes_brought(&by, heard->ack) >
	       (heard->ack > again->from ? heard->ack : again->from);
}

/* It was needed when a byte of it had not been brought by what was sent before. Of bytes that
 * were thrown away the wire does not know when they were taken. */
static enum needed truth_needed(const struct lab_run *run, const struct truth *again)
{
	struct brought by = {run->truth, again, UINT64_MAX};
	if (again->from == again->to_byte || again->cause == CAUSE_WINDOW_PROBE ||
	    again->cause == CAUSE_KEEP_ALIVE)
		return NEEDED_UNKNOWN;
	if (bytes_brought(&by, again->from) < again->to_byte)
		return NEEDED_YES;
	return truth_refused(run, again) ? NEEDED_UNKNOWN : NEEDED_NO;
}

static void frame_departs(struct score_truth *score, const struct lab_run *run,
			  struct score_frame *frame)
{
	const struct truth *truth = frame->truth;
	frame->departs = true;
	frame->fin = truth->tcp_flags & TCP_FIN;
	score->mixed += truth->cause == CAUSE_MIXED;
	score->uncounted += truth->cause == CAUSE_UNCOUNTED;
	if (truth->cause != CAUSE_NONE) {
		frame->is = cause_verdict(truth->cause);
		frame->needed = truth_needed(run, truth);
	} else if (truth->to_byte > truth->from) {
		frame->is = SCORE_ORIGINAL;
	}
}

struct arrival { /* the wire sends a frame on */
	const struct truth *truth;
	bool again;
};

static int arrival_order(const void *a, const void *b)
{
	const struct truth *left = ((const struct arrival *)a)->truth,
			   *right = ((const struct arrival *)b)->truth;
	if (left->sent_ns != right->sent_ns)
		return left->sent_ns < right->sent_ns ? -1 : 1;
	return left < right ? -1 : left > right;
}

/* All that the wire sent to this end, in that order. */
static bool arrivals_list(const struct lab_run *run, enum end to, struct buf *list)
{
	for (size_t i = 0; i < run->truth_count; i++) {
		const struct truth *truth = &run->truth[i];
		for (uint32_t k = 0; truth->to == to && k < truth->copies; k++) {
			struct arrival arrival = {truth, k > 0};
			if (!buf_add(list, &arrival, sizeof(arrival)))
				return false;
		}
	}
	if (list->len)
		qsort(list->at, list->len / sizeof(struct arrival), sizeof(struct arrival),
		      arrival_order);
	return true;
}

struct highest { /* byte that has arrived, by connection */
	uint16_t ports[END_COUNT];
	uint32_t byte;
};

#define HIGHEST_MAX 64
static struct highest *highest_find(struct highest *highest, const uint16_t *ports)
{
	size_t i = 0;
	while (i < HIGHEST_MAX - 1 && highest[i].ports[0] &&
	       memcmp(highest[i].ports, ports, sizeof(highest[i].ports)) != 0)
		i++;
	memcpy(highest[i].ports, ports, sizeof(highest[i].ports));
	return &highest[i];
}

static void frame_arrives(struct score_frame *frame, struct highest *highest)
{
	const struct truth *truth = frame->truth;
	struct highest *known;
	if (!truth->tcp_flags || truth->deed == DEED_CORRUPT)
		return;
	frame->fin = truth->tcp_flags & TCP_FIN;
	known = highest_find(highest, truth->ports);
	if (truth->tcp_flags & TCP_SYN && !frame->again && truth->cause == CAUSE_NONE)
		known->byte = 0;
	if (frame->again && truth->to_byte > truth->from)
		frame->is = VERDICT_NETWORK_DUPLICATE;
	else if (frame->again)
		return;
	else if (truth->cause != CAUSE_NONE)
		frame->is = cause_verdict(truth->cause);
	else if (truth->to_byte > truth->from)
		frame->is = truth->to_byte <= known->byte ? VERDICT_OUT_OF_ORDER
							  : SCORE_ORIGINAL;
	if (truth->to_byte > known->byte)
		known->byte = truth->to_byte;
}

static bool tap_arrivals(struct score_truth *score, const struct lab_run *run, enum end to,
			 struct err *err)
{
	struct highest highest[HIGHEST_MAX] = {0};
	const struct lab_frames *frames = &run->frames[to];
	struct buf list = {0};
	bool fits = arrivals_list(run, to, &list);
	const struct arrival *next = (const struct arrival *)(const void *)list.at;
	size_t left = list.len / sizeof(*next);
	for (size_t i = 0; fits && i < frames->count; i++) {
		struct score_frame *frame = &score->frames[to][i];
		if (frames->at[i].n > 0)
			continue;
		fits = left > 0 && (next->truth->deed == DEED_CORRUPT ||
				    next->truth->deed == DEED_MARK_CE ||
				    next->truth->hash == frames->at[i].hash);
		if (!fits)
			break;
		frame->truth = next->truth;
		frame->again = next->again;
		frame_arrives(frame, highest);
		next++;
		left--;
	}
	buf_close(&list);
	return fits || err_set(err, EXIT_PARTIAL,
			       "what arrived is not what the wire sent, in its order");
}

/* The kernel's count of what came out of order is not that of the duplicate ACKs: a first one
 * may acknowledge what a delayed ACK was owed for, and of several that are compressed one goes
 * out. So they are counted on the wire, too. */
static void tap_repeats(struct score_truth *score, enum end tap)
{
	struct highest acks[HIGHEST_MAX] = {0}, came[HIGHEST_MAX] = {0};
	for (size_t i = 0; i < score->count[tap]; i++) {
		const struct score_frame *frame = &score->frames[tap][i];
		const struct truth *truth = frame->truth;
		struct highest *ack, *byte;
		if (!truth || !truth->tcp_flags || truth->tcp_flags & (TCP_SYN | TCP_RST))
			continue;
		ack = highest_find(acks, truth->ports);
		byte = highest_find(came, truth->ports);
		if (!frame->departs && truth->deed != DEED_CORRUPT &&
		    truth->to_byte > byte->byte && truth->to_byte > truth->from)
			byte->byte = truth->to_byte;
		if (!frame->departs)
			continue;
		score->repeated[tap] += truth->from == truth->to_byte &&
					!(truth->tcp_flags & TCP_FIN) &&
					truth->ack == ack->byte && byte->byte > truth->ack;
		ack->byte = truth->ack;
	}
}

bool score_truth_open(struct score_truth *score, const struct lab_run *run, struct err *err)
{
	struct lab_truths truths;
	bool done = lab_truths_open(&truths, run, err);
	*score = (struct score_truth){0};
	for (size_t end = 0; done && end < END_COUNT; end++) {
		size_t count = run->frames[end].count;
		score->count[end] = count;
		score->frames[end] = calloc(count + 1, sizeof(struct score_frame));
		done = score->frames[end] != NULL || err_memory(err);
		for (size_t i = 0; done && i < count; i++) {
			struct score_frame *frame = &score->frames[end][i];
			frame->is = SCORE_NOTHING;
			frame->truth = lab_truths_of(&truths, (enum end)end, i + 1);
			if (frame->truth)
				frame_departs(score, run, frame);
			else if (run->frames[end].at[i].n > 0)
				done = err_set(err, EXIT_PARTIAL,
					       "a frame left that the wire does not know");
		}
		done = done && tap_arrivals(score, run, (enum end)end, err);
		if (done)
			tap_repeats(score, (enum end)end);
	}
	lab_truths_close(&truths);
	return done;
}

void score_truth_close(struct score_truth *score)
{
	for (size_t end = 0; end < END_COUNT; end++)
		free(score->frames[end]);
	*score = (struct score_truth){0};
}
