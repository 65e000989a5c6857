#include "../../support/cm.h"
#include "../../support/judged.h"

/* UDP and ICMP: answers, copies, what is late, lost or in vain; and fragments. */

static void test_first_datagram_back_is_the_reply(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, DATAGRAM(.len = 10));
	says(d, SERVER, DATAGRAM(.len = 20, .after_ms = 7));
	assert_int_equal(judged(d, VERDICT_REPLY)->of, 1);
	assert_int_equal(judged(d, VERDICT_REPLY)->sure, SURE_CERTAIN);
	assert_int_equal(fact_of(judged(d, VERDICT_REPLY), FACT_GAP), 7 * NS_PER_MS);
	says(d, SERVER, DATAGRAM(.len = 21));
	assert_int_equal(heard(d)->verdict_count, 0);
}

static void test_which_of_two_is_answered_is_not_certain(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, DATAGRAM(.len = 10));
	says(d, CLIENT, DATAGRAM(.len = 11));
	says(d, SERVER, DATAGRAM(.len = 20));
	assert_int_equal(judged(d, VERDICT_REPLY)->sure, SURE_LIKELY);
}

static void test_what_has_not_arrived_is_not_answered(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, DATAGRAM(.len = 10, .takes_ms = 50));
	says(d, SERVER, DATAGRAM(.len = 20, .takes_ms = 50));
	assert_null(judged(d, VERDICT_REPLY));
}

static void test_nothing_back_is_said_of_the_last_one(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, DATAGRAM(.len = 10));
	says(d, CLIENT, DATAGRAM(.len = 10));
	ends(d);
	assert_non_null(judged_later(d, 2, VERDICT_NO_REPLY));
	assert_null(judged_later(d, 1, VERDICT_NO_REPLY));
	assert_int_equal(d->closed[0].verdicts[VERDICT_NO_REPLY], 1);
}

static void test_a_refused_datagram_is_unreachable_and_not_without_reply(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, DATAGRAM(.len = 10, .ip_id = 77));
	quotes(d, CLIENT, DATAGRAM(.len = 10, .ip_id = 77));
	assert_int_equal(judged(d, VERDICT_UNREACHABLE)->of, 1);
	ends(d);
	assert_null(judged_later(d, 1, VERDICT_NO_REPLY));
}

static void counts_up(struct dialogue *d, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		says(d, CLIENT, DATAGRAM(.len = 10 + i, .ip_id = (first + i) & 0xFFFF));
		assert_int_equal(heard(d)->verdict_count, 0);
	}
}

static void test_same_identification_in_a_flow_that_counts_is_a_duplicate(void **state)
{
	struct dialogue *d = *state;
	counts_up(d, 65534, 4);
	says(d, CLIENT, DATAGRAM(.len = 12, .ip_id = 0, .after_ms = 3));
	assert_int_equal(heard(d)->verdict_count, 0); /* 0 is no identification */
	says(d, CLIENT, DATAGRAM(.len = 13, .ip_id = 1, .after_ms = 3));
	assert_int_equal(judged(d, VERDICT_NETWORK_DUPLICATE)->of, 4);
	assert_int_equal(judged(d, VERDICT_NETWORK_DUPLICATE)->sure, SURE_CERTAIN);
}

static void test_constant_identification_means_nothing(void **state)
{
	struct dialogue *d = *state;
	for (int i = 0; i < 5; i++) {
		says(d, CLIENT, DATAGRAM(.len = 12, .ip_id = 9));
		assert_int_equal(heard(d)->verdict_count, 0);
	}
}

static void test_same_identification_at_once_is_likely_a_duplicate(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, DATAGRAM(.len = 12, .ip_id = 9));
	says(d, CLIENT, DATAGRAM(.len = 12, .ip_id = 9, .after_ms = 1));
	assert_int_equal(judged(d, VERDICT_NETWORK_DUPLICATE)->sure, SURE_LIKELY);
}

static void test_lower_identification_in_a_flow_that_counts_is_reordered(void **state)
{
	struct dialogue *d = *state;
	counts_up(d, 65533, 5);
	says(d, CLIENT, DATAGRAM(.len = 50, .ip_id = 5));
	says(d, CLIENT, DATAGRAM(.len = 50, .ip_id = 4));
	assert_int_equal(judged(d, VERDICT_REORDERED)->of, 6);
	assert_int_equal(fact_of(judged(d, VERDICT_REORDERED), FACT_LATE), 10 * NS_PER_MS);
}

static void test_random_identifications_mean_nothing(void **state)
{
	static const uint32_t ids[] = {40000, 7, 30000, 29990, 51000, 50999, 3};
	struct dialogue *d = *state;
	for (size_t i = 0; i < ARRAY_COUNT(ids); i++) {
		says(d, CLIENT, DATAGRAM(.len = 12, .ip_id = ids[i]));
		assert_int_equal(heard(d)->verdict_count, 0);
	}
}

static void test_two_taps_see_who_overtook_whom(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, DATAGRAM(.len = 10, .takes_ms = 40));
	says(d, CLIENT, DATAGRAM(.len = 11, .takes_ms = 10));
	says(d, CLIENT, DATAGRAM(.len = 12, .takes_ms = 12));
	assert_int_equal(judged_later(d, 1, VERDICT_REORDERED)->of, 2);
	assert_int_equal(fact_of(judged_later(d, 1, VERDICT_REORDERED), FACT_LATE),
			 20 * NS_PER_MS);
	ends(d);
	assert_int_equal(d->closed[0].verdicts[VERDICT_REORDERED], 1);
}

static void test_two_taps_see_loss_and_copies(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, DATAGRAM(.len = 10, .lost = true));
	assert_non_null(judged(d, VERDICT_LOST));
	says(d, CLIENT, DATAGRAM(.len = 11, .takes_ms = 10));
	says(d, CLIENT, DATAGRAM(.len = 11, .takes_ms = 12, .copy_of = 2, .at_once = true));
	assert_int_equal(judged(d, VERDICT_NETWORK_DUPLICATE)->of, 2);
}

static void fragment(struct dialogue *d, uint32_t ip_id, uint32_t offset, uint64_t after_ms)
{
	struct event event = {.kind = EVENT_PACKET};
	struct segment *segment = &event.packet.segment;
	d->now_ns += after_ms * NS_PER_MS;
	event.ns = d->now_ns;
	segment->kind = SEGMENT_FRAGMENT;
	segment->ip_id = ip_id;
	segment->ends = (struct tuple){
		.src = {4, {10, 0, 0, 1}}, .dst = {4, {10, 0, 0, 2}}, .protocol = 17};
	segment->fragment.offset = offset;
	segment->fragment.more = offset == 0;
	event.packet.n = ++d->n;
	assert_true(tracker_packet(d->tracker, &event));
}

static void test_datagram_that_never_became_whole_lacks_a_fragment(void **state)
{
	struct dialogue *d = *state;
	fragment(d, 7, 0, 1);
	fragment(d, 8, 0, 59000);
	assert_null(judged_later(d, 1, VERDICT_FRAGMENT_LOST));
	fragment(d, 9, 0, 2000);
	assert_non_null(judged_later(d, 1, VERDICT_FRAGMENT_LOST));
	assert_null(judged_later(d, 2, VERDICT_FRAGMENT_LOST));
	ends(d);
	assert_non_null(judged_later(d, 2, VERDICT_FRAGMENT_LOST));
	assert_null(judged_later(d, 3, VERDICT_FRAGMENT_LOST));
}

static void test_datagram_that_became_whole_lacks_none(void **state)
{
	const uint64_t fragments[] = {1, 2};
	struct dialogue *d = *state;
	struct event whole = {.kind = EVENT_PACKET};
	fragment(d, 7, 0, 1);
	fragment(d, 7, 1480, 0);
	whole.ns = d->now_ns;
	whole.packet.segment = (struct segment){
		.kind = SEGMENT_UDP,
		.ends = {.src = {4, {10, 0, 0, 1}}, .dst = {4, {10, 0, 0, 2}},
			 .sport = 40000, .dport = 7, .protocol = 17}};
	whole.packet.n = 2;
	whole.packet.fragments = fragments;
	whole.packet.fragment_count = ARRAY_COUNT(fragments);
	assert_true(tracker_packet(d->tracker, &whole));
	fragment(d, 8, 0, 61000);
	ends(d);
	assert_null(judged_later(d, 1, VERDICT_FRAGMENT_LOST));
}

#define datagram_test(test) cmocka_unit_test_setup_teardown(test, dialogue_far, dialogue_over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		datagram_test(test_first_datagram_back_is_the_reply),
		datagram_test(test_which_of_two_is_answered_is_not_certain),
		datagram_test(test_what_has_not_arrived_is_not_answered),
		datagram_test(test_nothing_back_is_said_of_the_last_one),
		datagram_test(test_a_refused_datagram_is_unreachable_and_not_without_reply),
		datagram_test(test_same_identification_in_a_flow_that_counts_is_a_duplicate),
		datagram_test(test_same_identification_at_once_is_likely_a_duplicate),
		datagram_test(test_constant_identification_means_nothing),
		datagram_test(test_lower_identification_in_a_flow_that_counts_is_reordered),
		datagram_test(test_random_identifications_mean_nothing),
		datagram_test(test_two_taps_see_who_overtook_whom),
		datagram_test(test_two_taps_see_loss_and_copies),
		datagram_test(test_datagram_that_never_became_whole_lacks_a_fragment),
		datagram_test(test_datagram_that_became_whole_lacks_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
