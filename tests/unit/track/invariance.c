#include "../../support/cm.h"
#include "../../support/dialogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the numbers of a connection begin, and when it is, changes nothing of what is said. */

#define SEGMENTS  60
#define SEGMENT   100
#define TEXT_MAX  (1 << 16)
#define STORIES   12
#define LEAST     200 /* characters: a story that nothing is said of shows nothing */

struct telling {
	uint32_t isn, peer_isn;
	uint64_t later_ns;
};

struct story {
	struct dialogue *d;
	struct telling told;
	uint64_t random;
	uint32_t next, acked; /* segments: sent, acknowledged */
	bool has[SEGMENTS];
};

static uint32_t story_rolls(struct story *story, uint32_t sides)
{
	story->random = story->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(story->random >> 33) % sides;
}

static void story_sends(struct story *story, uint32_t k, uint64_t after_ms)
{
	says(story->d, CLIENT,
	     DATA(.seq = story->told.isn + 1 + SEGMENT * k, .ack = story->told.peer_isn + 1,
		  .len = SEGMENT, .after_ms = after_ms, .at_once = !after_ms));
}

/* Cumulative, and a SACK of the first island. */
static void story_acks(struct story *story)
{
	struct tcp_options options = {0};
	uint32_t base = story->told.isn + 1, left, right;
	while (story->acked < story->next && story->has[story->acked])
		story->acked++;
	for (left = story->acked; left < story->next && !story->has[left];)
		left++;
	for (right = left; right < story->next && story->has[right];)
		right++;
	if (right > left)
		options = (struct tcp_options){
			.present = OPTION_SACK, .sack_count = 1,
			.sack = {{base + SEGMENT * left, base + SEGMENT * right}}};
	says(story->d, SERVER,
	     ACK(.seq = story->told.peer_isn + 1, .ack = base + SEGMENT * story->acked,
		 .at_once = true, .options = options));
}

static void story_goes_on(struct story *story)
{
	static const uint64_t waits_ms[] = {0, 0, 0, 0, 20, 20, 60, 260};
	uint64_t wait_ms = waits_ms[story_rolls(story, ARRAY_COUNT(waits_ms))];
	bool again = story->acked < story->next && story_rolls(story, 4) == 0;
	uint32_t k = again ? story->acked : story->next;
	if (k == SEGMENTS)
		return;
	story->next += !again;
	story_sends(story, k, wait_ms);
	if (story_rolls(story, 5) == 0)
		return; /* it is lost */
	story->has[k] = true;
	story_acks(story);
}

static void verdicts_write(const struct verdict *verdicts, size_t count, char *text)
{
	for (size_t i = 0; i < count; i++) {
		const struct verdict *v = &verdicts[i];
		size_t at = strlen(text);
		at += (size_t)snprintf(text + at, TEXT_MAX - at, " %d/%d/%d of %d by %d %d/%d", v->id,
				       v->sure, v->needed, (int)v->of, (int)v->because[0],
				       v->candidates[0], v->candidates[1]);
		for (uint32_t f = 0; f < v->fact_count; f++)
			at += (size_t)snprintf(text + at, TEXT_MAX - at, " %d=%lld", v->facts[f].key,
					       (long long)v->facts[f].value);
		assert_true(at < TEXT_MAX);
	}
}

/* All that is said of a story so told; the caller frees it. */
static char *verdicts_of(uint64_t seed, struct telling told)
{
	struct dialogue *d = malloc(sizeof(*d));
	struct story story = {.d = d, .told = told, .random = seed};
	struct tcp_options sack = {.present = OPTION_SACK_OK};
	char *text = calloc(1, TEXT_MAX);
	assert_true(d && text);
	dialogue_open(d, FAR);
	d->now_ns += told.later_ns;
	says(d, CLIENT, SYN(.seq = told.isn, .options = sack));
	says(d, SERVER, SYN_ACK(.seq = told.peer_isn, .ack = told.isn + 1, .options = sack,
				.after_ms = 20));
	says(d, CLIENT, ACK(.seq = told.isn + 1, .ack = told.peer_isn + 1, .at_once = true));
	for (int i = 0; i < 2 * SEGMENTS; i++)
		story_goes_on(&story);
	ends(d);
	for (size_t i = 0; i < d->event_count; i++) {
		const struct event *event = &d->events[i];
		size_t at = strlen(text);
		if (event->kind != EVENT_PACKET && event->kind != EVENT_AMEND)
			continue;
		snprintf(text + at, TEXT_MAX - at, "\n%d", (int)event->kind);
		if (event->kind == EVENT_PACKET)
			verdicts_write(event->packet.verdicts, event->packet.verdict_count, text);
		else
			verdicts_write(event->amend.verdicts, event->amend.verdict_count, text);
	}
	dialogue_close(d);
	free(d);
	return text;
}

static void says_the_same(struct telling other)
{
	static const struct telling plain = {.isn = 1000, .peer_isn = 5000};
	for (uint64_t seed = 1; seed <= STORIES; seed++) {
		char *one = verdicts_of(seed, plain), *two = verdicts_of(seed, other);
		assert_true(strlen(one) > LEAST);
		assert_string_equal(one, two);
		free(one);
		free(two);
	}
}

static void test_other_initial_numbers_change_no_verdict(void **state)
{
	(void)state;
	says_the_same((struct telling){.isn = 0x12345678, .peer_isn = 0x9ABCDEF0});
}

/* Wherever in the story, and so in the middle of its recoveries, too. */
static void test_nor_does_a_wrap(void **state)
{
	(void)state;
	for (uint32_t k = 1; k < SEGMENTS; k += 7)
		says_the_same((struct telling){.isn = 0u - SEGMENT * k - 50, .peer_isn = UINT32_MAX});
}

static void test_nor_does_another_time(void **state)
{
	(void)state;
	says_the_same((struct telling){
		.isn = 1000, .peer_isn = 5000, .later_ns = 1234567 * NS_PER_S + 891});
}

static void test_nor_do_both(void **state)
{
	(void)state;
	says_the_same((struct telling){
		.isn = 0u - 2050, .peer_isn = 0x80000000, .later_ns = 1234567 * NS_PER_S + 891});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_initial_numbers_change_no_verdict),
		cmocka_unit_test(test_nor_does_a_wrap),
		cmocka_unit_test(test_nor_does_another_time),
		cmocka_unit_test(test_nor_do_both),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
