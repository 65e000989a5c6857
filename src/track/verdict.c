#include "verdict.h"

/* A packet's verdicts, and how many of each there are. */

struct verdict *verdict_add(struct passage *passage, enum verdict_id id)
{
	struct packet *packet = passage->packet;
	struct verdict *verdict;
	if (packet->verdict_count == ARRAY_COUNT(packet->verdicts))
		return NULL;
	verdict = &packet->verdicts[packet->verdict_count++];
	*verdict = (struct verdict){.id = id};
	passage->conversation->verdicts[id]++;
	passage->tracker->summary.verdicts[id]++;
	return verdict;
}

bool verdict_is_on(const struct packet *packet, enum verdict_id id)
{
	return verdicts_find(packet->verdicts, packet->verdict_count, id);
}

void verdict_of(struct passage *passage, enum verdict_id id, uint64_t of)
{
	struct verdict *verdict = verdict_add(passage, id);
	if (verdict)
		verdict->of = of;
}

bool verdict_because(struct verdict *verdict, uint64_t n)
{
	for (size_t i = 0; i < VERDICT_BECAUSE && n; i++) {
		if (!verdict->because[i] || verdict->because[i] == n) {
			verdict->because[i] = n;
			return true;
		}
	}
	return false;
}

void verdict_fact(struct verdict *verdict, enum fact_key key, int64_t value)
{
	if (verdict->fact_count < VERDICT_FACTS)
		verdict->facts[verdict->fact_count++] = (struct fact){key, value};
}

/* It was taken for something else; the totals follow. */
void verdict_becomes(struct passage *passage, struct verdict *verdict, enum verdict_id id)
{
	passage->conversation->verdicts[verdict->id]--;
	passage->tracker->summary.verdicts[verdict->id]--;
	passage->conversation->verdicts[id]++;
	passage->tracker->summary.verdicts[id]++;
	verdict->id = id;
	verdict->sure = SURE_CERTAIN;
}

bool verdict_later(struct tracker *tracker, struct conversation *c, struct event *amend)
{
	enum verdict_id id = amend->amend.verdicts[0].id;
	amend->kind = EVENT_AMEND;
	amend->amend.verdict_count = 1;
	if (c) {
		amend->conv = c->number;
		c->verdicts[id]++;
	}
	tracker->summary.verdicts[id]++;
	return tracker_emit(tracker, amend);
}
