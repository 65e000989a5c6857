#include "../../support/cm.h"
#include "../../support/dialogue.h"

#include "../../../src/track/verdict.h"

/* What a conversation costs at most, however its ends behave (src/README.md, "What it costs"). */

#define COST_BARE  (5 * 1024)   /* bytes: a TCP conversation, both shadows, nothing remembered */
#define COST_MOST  (1024 * 1024) /* and with every list full */
#define ROUNDS     1500
#define STEP_BYTES 1000

/* All conversations' together. */
struct kept {
	size_t conversations, senders, sents, holes, resents;
};

static struct kept kept_by(const struct tracker *tracker)
{
	struct kept kept = {0};
	for (size_t i = 0; i < SHARD_COUNT; i++) {
		const struct shard *shard = &tracker->shards[i];
		kept.conversations += shard->conversations.live;
		kept.senders += shard->senders.live;
		kept.sents += shard->sents.live;
		kept.holes += shard->holes.live;
		kept.resents += shard->resents.live;
	}
	return kept;
}

static size_t kept_bytes(const struct kept *kept)
{
	return kept->conversations * (sizeof(struct conversation) + 4 * sizeof(struct slot)) +
	       kept->senders * sizeof(struct sender) + kept->sents * sizeof(struct sent) +
	       kept->holes * sizeof(struct hole) + kept->resents * sizeof(struct resent);
}

static struct tcp_options sack_from(uint32_t left)
{
	return (struct tcp_options){.present = OPTION_SACK,
				    .sack_count = 1,
				    .sack = {{left, left + STEP_BYTES}}};
}

/* Both ends send every other segment, twice, and SACK what the other sent: nothing is ever
 * acknowledged, and every list grows. */
static void ends_leave_holes(struct dialogue *d)
{
	for (uint32_t i = 0; i < ROUNDS; i++) {
		uint32_t client = 2001 + 2 * i * STEP_BYTES, server = 7001 + 2 * i * STEP_BYTES;
		says(d, CLIENT, DATA(.seq = client, .ack = 5001, .len = STEP_BYTES));
		says(d, SERVER, ACK(.seq = 5001, .ack = 1001, .options = sack_from(client)));
		says(d, SERVER, DATA(.seq = server, .ack = 1001, .len = STEP_BYTES));
		says(d, CLIENT, ACK(.seq = 1001, .ack = 5001, .options = sack_from(server)));
		says(d, CLIENT, DATA(.seq = client, .ack = 5001, .len = STEP_BYTES,
				  .after_ms = 400));
		says(d, SERVER, DATA(.seq = server, .ack = 1001, .len = STEP_BYTES,
				  .after_ms = 400));
	}
}

static void test_a_bare_conversation_takes_five_kib(void **state)
{
	struct dialogue *d = *state;
	struct kept kept;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 10));
	says(d, SERVER, DATA(.seq = 5001, .ack = 1011, .len = 10));
	kept = kept_by(d->tracker);
	assert_int_equal(kept.conversations, 1);
	assert_int_equal(kept.senders, 2);
	kept.sents = 0;
	assert_in_range(kept_bytes(&kept), 1, COST_BARE);
}

static void test_endless_holes_fill_lists_to_their_caps_and_no_further(void **state)
{
	struct dialogue *d = *state;
	struct kept kept, later;
	handshake(d);
	ends_leave_holes(d);
	kept = kept_by(d->tracker);
	assert_int_equal(kept.holes, 2 * END_COUNT * HOLES_MAX); /* unseen, and SACKed */
	assert_int_equal(kept.resents, END_COUNT * RESENTS_KEPT);
	assert_in_range(kept.sents, END_COUNT * ROUNDS, END_COUNT * SENT_MAX);
	ends_leave_holes(d);
	later = kept_by(d->tracker);
	assert_int_equal(later.holes, kept.holes);
	assert_int_equal(later.resents, kept.resents);
}

static void test_segments_that_nobody_acknowledges_are_forgotten_beyond_the_cap(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	for (uint32_t i = 0; i < SENT_MAX + 100; i++)
		says(d, CLIENT, DATA(.seq = 1001 + i, .ack = 5001, .len = 1));
	assert_int_equal(kept_by(d->tracker).sents, SENT_MAX + 1); /* and the server's SYN-ACK */
}

static void test_acknowledged_segments_are_forgotten_but_for_the_latest(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	for (uint32_t i = 0; i < 1000; i++) {
		says(d, CLIENT, DATA(.seq = 1001 + i, .ack = 5001, .len = 1));
		says(d, SERVER, ACK(.seq = 5001, .ack = 1002 + i));
	}
	assert_in_range(kept_by(d->tracker).sents, 1, SENT_KEPT + 2);
}

static void test_datagrams_are_forgotten_but_for_the_latest(void **state)
{
	struct dialogue *d = *state;
	for (uint32_t i = 0; i < 1000; i++) {
		says(d, CLIENT, DATAGRAM(.len = 10));
		says(d, SERVER, DATAGRAM(.len = 10));
	}
	assert_in_range(kept_by(d->tracker).sents, 1, END_COUNT * SENT_KEPT);
}

static void test_no_conversation_can_take_more_than_a_mib(void **state)
{
	struct kept most = {
		.conversations = 1,
		.senders = END_COUNT,
		.sents = END_COUNT * SENT_MAX,
		.holes = 2 * END_COUNT * HOLES_MAX,
		.resents = END_COUNT * RESENTS_KEPT,
	};
	(void)state;
	assert_in_range(kept_bytes(&most), 1, COST_MOST);
}

/* All pools of all shards, with the few items that every shard may hold however small the cap. */
static void test_full_pools_keep_to_the_memory_that_was_asked_for(void **state)
{
	const struct dialogue *d = *state;
	size_t asked = (size_t)256 << 20, all = 0; /* the default */
	for (size_t i = 0; i < SHARD_COUNT; i++) {
		const struct shard *shard = &d->tracker->shards[i];
		struct kept full = {
			.conversations = shard->max,
			.senders = shard->senders.max_items,
			.sents = shard->sents.max_items,
			.holes = shard->holes.max_items,
			.resents = shard->resents.max_items,
		};
		all += kept_bytes(&full);
	}
	assert_in_range(all, asked / 10 * 9, asked + asked / 50);
}

#define IN_DIALOGUE(test) cmocka_unit_test_setup_teardown(test, dialogue_far, dialogue_over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIALOGUE(test_a_bare_conversation_takes_five_kib),
		IN_DIALOGUE(test_endless_holes_fill_lists_to_their_caps_and_no_further),
		IN_DIALOGUE(test_segments_that_nobody_acknowledges_are_forgotten_beyond_the_cap),
		IN_DIALOGUE(test_acknowledged_segments_are_forgotten_but_for_the_latest),
		IN_DIALOGUE(test_datagrams_are_forgotten_but_for_the_latest),
		cmocka_unit_test(test_no_conversation_can_take_more_than_a_mib),
		IN_DIALOGUE(test_full_pools_keep_to_the_memory_that_was_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
