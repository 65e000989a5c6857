/* What was said of a packet: at once, or by an amend. */
#ifndef WIRELADDER_TESTS_JUDGED_H
#define WIRELADDER_TESTS_JUDGED_H

#include "dialogue.h"

/* This verdict of the packet said last, or NULL. */
static inline const struct verdict *judged(const struct dialogue *d, enum verdict_id id)
{
	const struct packet *packet = heard(d);
	for (size_t i = 0; i < packet->verdict_count; i++) {
		if (packet->verdicts[i].id == id)
			return &packet->verdicts[i];
	}
	return NULL;
}

/* This verdict that an amend gave to packet n, or NULL. */
static inline const struct verdict *judged_later(const struct dialogue *d, uint64_t n,
						 enum verdict_id id)
{
	for (size_t i = 0; i < d->event_count; i++) {
		const struct event *event = &d->events[i];
		if (event->kind == EVENT_AMEND && event->amend.n == n &&
		    event->amend.verdict_count && event->amend.verdicts[0].id == id)
			return &event->amend.verdicts[0];
	}
	return NULL;
}

/* -1: the verdict does not say. */
static inline int64_t fact_of(const struct verdict *verdict, enum fact_key key)
{
	for (uint32_t i = 0; i < verdict->fact_count; i++) {
		if (verdict->facts[i].key == key)
			return verdict->facts[i].value;
	}
	return -1;
}

#endif
