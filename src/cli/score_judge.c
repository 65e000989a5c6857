#include "score_judge.h"

/* Is it said for certain what it is, or that it is one of two? */
static unsigned judge_answer(const struct score_frame *frame, const struct score_said *said)
{
	const struct verdict *verdict = said ? score_said_cause(said) : NULL;
	if (!verdict)
		return SCORE_SILENT;
	if (verdict->sure == SURE_AMBIGUOUS) {
		bool named = verdict->candidates[0] == frame->is ||
			     verdict->candidates[1] == frame->is;
		return named ? SCORE_NAMED : SCORE_MISNAMED;
	}
	if (frame->is < VERDICT_COUNT && score_said_find(said, (enum verdict_id)frame->is))
		return frame->is;
	if (frame->fin && verdict->id == VERDICT_FIN_RETRANSMISSION &&
	    frame->is < VERDICT_COUNT)
		return frame->is;
	return verdict->id;
}

static bool answer_is_right(unsigned is, unsigned said)
{
	return said == is || said == SCORE_NAMED ||
	       (is == SCORE_ORIGINAL && said == SCORE_SILENT);
}

static void judge_error(struct score_run *score, const struct score_error *error)
{
	if (score->error_count < SCORE_ERRORS)
		score->errors[score->error_count] = *error;
	score->error_count++;
}

static void judge_needed(struct score_table *table, const struct score_frame *frame,
			 const struct score_said *said)
{
	const struct verdict *verdict = said ? score_said_cause(said) : NULL;
	table->needed[frame->needed][verdict ? verdict->needed : NEEDED_UNKNOWN]++;
}

static void judge_frame(struct score_run *score, const struct score_frame *frame,
			const struct score_said *said, struct score_error *at)
{
	struct score_table *table = &score->tables[at->vantage];
	at->is = frame->is;
	at->said = judge_answer(frame, said);
	table->counts[at->is][at->said]++;
	if (!answer_is_right(at->is, at->said))
		judge_error(score, at);
	if (frame->needed != NEEDED_UNKNOWN)
		judge_needed(table, frame, said);
}

/* What both ends' captures say of a frame stands where it left; of a second arrival, where it
 * arrived. That it was late there can be seen, and need not be said. */
static bool both_are_asked(const struct score_frame *frame)
{
	return frame->departs || frame->is == VERDICT_NETWORK_DUPLICATE;
}

static void judge_tap(struct score_run *score, const struct score_truth *truth, enum end tap,
		      const struct score_heard heard[static END_COUNT + 1])
{
	for (size_t i = 0; i < truth->count[tap]; i++) {
		const struct score_frame *frame = &truth->frames[tap][i];
		struct score_error at = {.tap = (uint8_t)tap, .frame = i + 1};
		if (frame->is >= SCORE_TRUTHS)
			continue;
		at.vantage = frame->departs ? SCORE_SENDER : SCORE_RECEIVER;
		judge_frame(score, frame, score_heard_of(&heard[tap], tap, i + 1), &at);
		at.vantage = SCORE_BOTH;
		if (both_are_asked(frame)) {
			judge_frame(score, frame,
				    score_heard_of(&heard[END_COUNT], tap, i + 1), &at);
			score->events += frame->is != SCORE_ORIGINAL;
		} else {
			score->events += frame->is == VERDICT_OUT_OF_ORDER;
		}
	}
}

void score_judge(struct score_run *score, const struct score_truth *truth,
		 const struct score_heard heard[static END_COUNT + 1])
{
	score->mixed = truth->mixed;
	score->uncounted = truth->uncounted;
	for (size_t tap = 0; tap < END_COUNT; tap++) {
		score->frames += truth->count[tap];
		judge_tap(score, truth, (enum end)tap, heard);
		score_acks_count(&score->acks[tap], truth, &heard[tap], (enum end)tap);
	}
}
