#include "again.h"

/* What the verdicts of a packet say of the silence before it: a timer ends one, an ACK that
 * asks for bytes does not, and where nobody can tell which it was, this does not either. */

static const struct {
	enum verdict_id id;
	enum again again;
} agains[] = {
	{VERDICT_SYN_RETRANSMISSION, AGAIN_TIMER},
	{VERDICT_SYNACK_RETRANSMISSION, AGAIN_TIMER},
	{VERDICT_FIN_RETRANSMISSION, AGAIN_TIMERS},
	{VERDICT_RTO_RETRANSMISSION, AGAIN_TIMER},
	{VERDICT_TAIL_LOSS_PROBE, AGAIN_PROBE},
	{VERDICT_RTO_RECOVERY, AGAIN_ASKED},
	{VERDICT_FAST_RETRANSMISSION, AGAIN_ASKED},
	{VERDICT_RECOVERY_RETRANSMISSION, AGAIN_ASKED},
	{VERDICT_RETRANSMISSION, AGAIN_UNKNOWN},
	{VERDICT_OUT_OF_ORDER, AGAIN_LATE},
	{VERDICT_NETWORK_DUPLICATE, AGAIN_COPY},
	{VERDICT_OLD_DUPLICATE, AGAIN_COPY},
};

static enum again again_of(enum verdict_id id)
{
	for (size_t i = 0; i < ARRAY_COUNT(agains); i++) {
		if (agains[i].id == id)
			return agains[i].again;
	}
	return AGAIN_UNKNOWN;
}

/* Where the verdict names two, nothing more certain may be said here. */
static enum again verdict_again(const struct verdict *verdict)
{
	enum again one, other;
	if (verdict->sure != SURE_AMBIGUOUS)
		return again_of(verdict->id);
	one = again_of(verdict->candidates[0]);
	other = again_of(verdict->candidates[1]);
	if (one == other)
		return one;
	if (one > AGAIN_TIMERS && other > AGAIN_TIMERS)
		return AGAIN_UNKNOWN;
	return one <= AGAIN_TIMERS && other <= AGAIN_TIMERS ? AGAIN_TIMERS : AGAIN_EITHER;
}

/* Verdicts know; without them its numbers do: it brings what is outstanding, or fills a hole
 * below the highest. */
enum again again_why(const struct passage *passage, uint64_t *of)
{
	const struct stall *stall = &passage->stall;
	const struct packet *packet = passage->packet;
	bool below = passage->data_end > passage->data &&
		     passage->data < stall->high[passage->from] &&
		     passage->data >= stall->una[passage->from];
	for (size_t i = 0; i < ARRAY_COUNT(agains); i++) {
		const struct verdict *verdict =
			verdicts_find(packet->verdicts, packet->verdict_count, agains[i].id);
		if (verdict) {
			*of = verdict->of;
			return verdict_again(verdict);
		}
	}
	return below ? AGAIN_UNKNOWN : AGAIN_NOT;
}
