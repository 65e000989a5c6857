#include "../../support/cm.h"
#include "../../support/dialogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the numbers of a connection begin, and when it is, changes nothing of what is said. Nor
 * does where a capture begins, of what can be seen in it. */

#define SEGMENTS  60
#define SEGMENT   100
#define TEXT_MAX  (1 << 16)
#define STORIES   12
#define LEAST     200 /* characters: a story that nothing is said of shows nothing */

struct telling {
	uint32_t isn, peer_isn;
	uint64_t later_ns;
	uint64_t cut; /* so many packets are not captured, the first ones */
};

struct story {
	struct dialogue *d;
	struct telling told;
	uint64_t random;
	uint32_t next, acked; /* segments: sent, acknowledged */
	bool has[SEGMENTS];
	uint32_t out;     /* sent when the capture begins */
	uint64_t settled; /* the packet that acknowledges all of these; 0: none yet */
};

static uint32_t story_rolls(struct story *story, uint32_t sides)
{
	story->random = story->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(story->random >> 33) % sides;
}

/* What is not captured takes its time and its number. */
static void story_says(struct story *story, enum end from, struct said said)
{
	struct dialogue *d = story->d;
	if (d->n >= story->told.cut) {
		says(d, from, said);
		return;
	}
	d->n++;
	d->now_ns += said.after_ms * NS_PER_MS;
	story->out = story->next;
}

static void story_sends(struct story *story, uint32_t k, uint64_t after_ms)
{
	story_says(story, CLIENT,
		   DATA(.seq = story->told.isn + 1 + SEGMENT * k,
			.ack = story->told.peer_isn + 1, .len = SEGMENT, .after_ms = after_ms,
			.at_once = !after_ms));
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
	story_says(story, SERVER,
		   ACK(.seq = story->told.peer_isn + 1, .ack = base + SEGMENT * story->acked,
		       .at_once = true, .options = options));
	if (!story->settled && story->d->n > story->told.cut && story->acked >= story->out)
		story->settled = story->d->n;
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

static struct dialogue *dialogue_new(void)
{
	struct dialogue *d = malloc(sizeof(*d));
	assert_non_null(d);
	dialogue_open(d, FAR);
	return d;
}

static void dialogue_done(struct dialogue *d)
{
	dialogue_close(d);
	free(d);
}

/* The packet from which on nothing is left of what was not captured; 0: none. */
static uint64_t story_tell(struct dialogue *d, uint64_t seed, struct telling told)
{
	struct story story = {.d = d, .told = told, .random = seed};
	struct tcp_options sack = {.present = OPTION_SACK_OK};
	d->now_ns += told.later_ns;
	story_says(&story, CLIENT, SYN(.seq = told.isn, .options = sack));
	story_says(&story, SERVER, SYN_ACK(.seq = told.peer_isn, .ack = told.isn + 1,
					   .options = sack, .after_ms = 20));
	story_says(&story, CLIENT,
		   ACK(.seq = told.isn + 1, .ack = told.peer_isn + 1, .at_once = true));
	for (int i = 0; i < 2 * SEGMENTS; i++)
		story_goes_on(&story);
	ends(d);
	return story.settled;
}

/* All that is said of a story so told; the caller frees it. */
static char *verdicts_of(uint64_t seed, struct telling told)
{
	struct dialogue *d = dialogue_new();
	char *text = calloc(1, TEXT_MAX);
	assert_non_null(text);
	story_tell(d, seed, told);
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
	dialogue_done(d);
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

/* What was said of a packet when it came: what comes to light later may cite what is not there. */
static const struct packet *packet_find(const struct dialogue *d, uint64_t n)
{
	for (size_t i = 0; i < d->event_count; i++) {
		if (d->events[i].kind == EVENT_PACKET && d->events[i].packet.n == n)
			return &d->events[i].packet;
	}
	fail();
	return NULL;
}

/* Is all that a verdict refers to in the part that begins here? */
static bool verdict_rests_on(const struct verdict *verdict, uint64_t first)
{
	bool timeless = verdict->id == VERDICT_DUP_ACK || verdict->id == VERDICT_NETWORK_DUPLICATE;
	if (!timeless || verdict->of < first)
		return false;
	for (size_t i = 0; i < VERDICT_BECAUSE; i++) {
		if (verdict->because[i] && verdict->because[i] < first)
			return false;
	}
	return true;
}

static bool says_so(const struct packet *packet, const struct verdict *verdict)
{
	for (size_t i = 0; i < packet->verdict_count; i++) {
		const struct verdict *other = &packet->verdicts[i];
		if (other->id == verdict->id && other->of == verdict->of &&
		    other->sure == verdict->sure && other->needed == verdict->needed &&
		    memcmp(other->because, verdict->because, sizeof(other->because)) == 0)
			return true;
	}
	return false;
}

/* How many verdicts of the whole rest on the second part alone; all stand there as well. The
 * cause of a retransmission is not asked about: round trips and a recovery of the first part
 * have a part in it. */
static size_t splits(uint64_t seed, uint64_t cut)
{
	struct telling told = {.isn = 1000, .peer_isn = 5000};
	struct dialogue *whole = dialogue_new(), *part = dialogue_new();
	uint64_t settled;
	size_t count = 0;
	story_tell(whole, seed, told);
	told.cut = cut;
	settled = story_tell(part, seed, told);
	for (uint64_t n = settled + 1; settled && n <= whole->n; n++) {
		const struct packet *packet = packet_find(whole, n);
		for (size_t i = 0; i < packet->verdict_count; i++) {
			const struct verdict *verdict = &packet->verdicts[i];
			if (!verdict_rests_on(verdict, settled))
				continue;
			if (!says_so(packet_find(part, n), verdict))
				fail_msg("story %d from %d on: packet %d is not %d any more",
					 (int)seed, (int)cut, (int)n, (int)verdict->id);
			count++;
		}
	}
	dialogue_done(whole);
	dialogue_done(part);
	return count;
}

static void test_nor_does_a_capture_that_begins_later(void **state)
{
	size_t count = 0;
	(void)state;
	for (uint64_t seed = 1; seed <= STORIES; seed++) {
		for (uint64_t cut = 5; cut < SEGMENTS; cut += 5)
			count += splits(seed, cut);
	}
	assert_true(count > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_initial_numbers_change_no_verdict),
		cmocka_unit_test(test_nor_does_a_wrap),
		cmocka_unit_test(test_nor_does_another_time),
		cmocka_unit_test(test_nor_do_both),
		cmocka_unit_test(test_nor_does_a_capture_that_begins_later),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
