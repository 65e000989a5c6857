/* Words for stories of segments that are sent again. */
#ifndef TESTS_UNIT_TRACK_CAUSES_H
#define TESTS_UNIT_TRACK_CAUSES_H

#include "../../support/cm.h"
#include "../../support/dialogue.h"
#include "../../support/judged.h"

/* Why was this sent again? A client sends segments of 100 bytes; the round trip takes 20 ms, and the
 * tap is at the client (the server's answers take 20 ms) or at the server (the client's do). */

#define RTT_MS 20

static inline struct tcp_options sack_ok(void)
{
	return (struct tcp_options){.present = OPTION_SACK_OK};
}

static inline struct tcp_options sacks(uint32_t left, uint32_t right)
{
	return (struct tcp_options){
		.present = OPTION_SACK, .sack_count = 1, .sack = {{left, right}}};
}

static inline struct tcp_options stamped(uint32_t tsval, uint32_t tsecr)
{
	return (struct tcp_options){.present = OPTION_TS, .tsval = tsval, .tsecr = tsecr};
}

static inline void opens(struct dialogue *d, enum end at, struct tcp_options options)
{
	says(d, CLIENT, SYN(.seq = 1000, .options = options));
	says(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001, .options = options,
				.after_ms = at == CLIENT ? RTT_MS : 0, .at_once = at == SERVER));
	says(d, CLIENT, ACK(.seq = 1001, .ack = 5001, .after_ms = at == SERVER ? RTT_MS : 0,
			    .at_once = at == CLIENT));
}

/* Segment k of 100 bytes, from 0. */
static inline void sends(struct dialogue *d, uint32_t k, uint64_t after_ms)
{
	says(d, CLIENT, DATA(.seq = 1001 + 100 * k, .ack = 5001, .len = 100, .after_ms = after_ms,
			     .at_once = !after_ms));
}

static inline void flight(struct dialogue *d, uint32_t from, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		sends(d, from + i, 0);
}

/* The server has all below segment k. */
static inline void acks(struct dialogue *d, uint32_t k, uint64_t after_ms)
{
	says(d, SERVER, ACK(.seq = 5001, .ack = 1001 + 100 * k, .after_ms = after_ms,
			    .at_once = !after_ms));
}

static inline void acks_sacking(struct dialogue *d, uint32_t k, uint32_t left, uint32_t right)
{
	says(d, SERVER, ACK(.seq = 5001, .ack = 1001 + 100 * k, .at_once = true,
			    .options = sacks(1001 + 100 * left, 1001 + 100 * right)));
}

static inline const struct verdict *why(const struct dialogue *d)
{
	static const struct verdict none = {.id = VERDICT_COUNT};
	return heard(d)->verdict_count ? &heard(d)->verdicts[0] : &none;
}

static inline const struct verdict *amended(const struct dialogue *d, uint64_t n)
{
	for (size_t i = d->event_count; i-- > 0;) {
		if (d->events[i].kind == EVENT_AMEND && d->events[i].amend.n == n)
			return &d->events[i].amend.verdicts[0];
	}
	return NULL;
}

static inline void stamps(struct dialogue *d, uint32_t k, uint32_t tsval, uint64_t after_ms)
{
	says(d, CLIENT, DATA(.seq = 1001 + 100 * k, .ack = 5001, .len = 100, .after_ms = after_ms,
			     .at_once = !after_ms, .options = stamped(tsval, 1)));
}

#define cause_test(test) cmocka_unit_test_setup_teardown(test, dialogue_far, dialogue_over)

#endif
