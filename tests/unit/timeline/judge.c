#include "taps.h"

/* What is said of a packet that was not seen to arrive: see taps.h for the language. */

static void test_what_was_acknowledged_is_not_lost_but_missed(void **state)
{
	struct taps *t = *state;
	taps_are_on(t);
	sees(t, 0, 0, DATA(.seq = 1));
	crosses(t, 11, 21, PURE_ACK(BACK, .seq = 1, .ack = 101));
	crosses(t, 3000, 3010, DATA(.seq = 101));
	assert_string_equal(joined(t), "1@-1000>-990 2@0? loss 2 3@11>21 4@3000>3010 .");
}

static void test_a_sack_block_shows_arrival_as_well(void **state)
{
	struct taps *t = *state;
	taps_are_on(t);
	sees(t, 0, 0, DATA(.seq = 1));
	sees(t, 0, 1, DATA(.seq = 101));
	crosses(t, 12, 22, PURE_ACK(BACK, .seq = 1, .ack = 1, .sack = {101, 201}));
	crosses(t, 3000, 3010, DATA(.seq = 201));
	assert_string_equal(joined(t), "1@-1000>-990 2@0x 3@1? loss 3 4@12>22 5@3000>3010 .");
}

static void test_an_ack_that_a_retransmission_earned_says_nothing(void **state)
{
	struct taps *t = *state;
	taps_are_on(t);
	sees(t, 0, 0, DATA(.seq = 1, .id = 1));
	crosses(t, 200, 210, DATA(.seq = 1, .id = 2));
	crosses(t, 211, 221, PURE_ACK(BACK, .seq = 1, .ack = 101));
	crosses(t, 3000, 3010, DATA(.seq = 101));
	assert_string_equal(joined(t), "1@-1000>-990 2@0x 3@200>210 4@211>221 5@3000>3010 .");
}

static void test_nor_does_the_ack_of_a_first_copy_for_a_second_that_is_lost(void **state)
{
	struct taps *t = *state;
	crosses(t, 0, 10, DATA(.seq = 1, .id = 1));
	sees(t, 0, 200, DATA(.seq = 1, .id = 2));
	crosses(t, 211, 221, PURE_ACK(BACK, .seq = 1, .ack = 101));
	crosses(t, 3000, 3010, DATA(.seq = 101));
	assert_string_equal(joined(t), "1@0>10 2@200x 3@211>221 4@3000>3010 .");
}

static void test_taps_that_saw_all_know_a_loss_whatever_was_acknowledged(void **state)
{
	struct taps *t = *state;
	t->config.whole = true;
	sees(t, 0, 0, DATA(.seq = 1));
	crosses(t, 11, 21, PURE_ACK(BACK, .seq = 1, .ack = 101));
	sees(t, 0, 5000, DATA(.seq = 101));
	assert_string_equal(joined(t), "1@0x 2@11>21 3@5000x .");
}

static void test_after_the_other_capture_ended_nothing_is_called_lost(void **state)
{
	struct taps *t = *state;
	crosses(t, 0, 10, DATA(.seq = 1));
	sees(t, 0, 100, DATA(.seq = 101));
	sees(t, 0, 5000, DATA(.seq = 201));
	assert_string_equal(joined(t), "1@0>10 2@100? 3@5000? note 2 .");
}

static void test_before_the_other_capture_began_nothing_is_called_lost(void **state)
{
	struct taps *t = *state;
	sees(t, 0, 0, DATA(.seq = 1));
	sees(t, 0, 20, PURE_ACK(BACK, .seq = 1, .ack = 50)); /* of which it knows nothing */
	crosses(t, 3000, 3010, DATA(.seq = 101));
	assert_string_equal(joined(t), "1@0? 2@~20>20 3@3000>3010 note 1 .");
}

static void test_a_lost_first_syn_is_lost_though_the_other_capture_begins_later(void **state)
{
	struct taps *t = *state;
	sees(t, 0, 0, SEEN(.flags = TCP_SYN, .id = 1));
	crosses(t, 1000, 1010, SEEN(.flags = TCP_SYN, .id = 2));
	crosses(t, 1011, 1021, SEEN(BACK, .flags = TCP_SYN | TCP_ACK, .seq = 9, .ack = 1));
	assert_string_equal(joined(t), "1@0x 2@1000>1010 3@1011>1021 .");
}

static void test_a_loss_before_the_other_capture_ended_is_lost_whatever_came_after(void **state)
{
	struct taps *t = *state;
	taps_are_on(t);
	sees(t, 0, 0, DATA(.seq = 1, .id = 1));
	crosses(t, 1, 11, DATA(.seq = 101, .id = 2));
	crosses(t, 30, 40, DATA(.seq = 201, .id = 3)); /* here the receiver's ends */
	sees(t, 0, 200, DATA(.seq = 1, .id = 4));
	sees(t, 0, 220, PURE_ACK(BACK, .seq = 1, .ack = 301));
	assert_string_equal(joined(t), "1@-1000>-990 2@0x 3@1>11 4@30>40 5@200? 6@~220>220 note 1 .");
	assert_non_null(strstr(t->given[6].note.text, "first capture has packets from 0.000000 s to "
						      "1.220000 s, the second from 0.010000 s to 1.040000 s"));
}

static void test_an_ack_before_any_retransmission_could_arrive_is_the_first_ones(void **state)
{
	struct taps *t = *state;
	taps_are_on(t);
	sees(t, 0, 0, DATA(.seq = 1, .id = 1));
	sees(t, 0, 200, DATA(.seq = 1, .id = 2));
	crosses(t, 205, 215, PURE_ACK(BACK, .seq = 1, .ack = 101));
	crosses(t, 3000, 3010, DATA(.seq = 101));
	assert_string_equal(joined(t),
			    "1@-1000>-990 2@0? loss 2 3@200x 4@205>215 5@3000>3010 .");
}

static void test_which_of_two_the_capture_missed_is_not_said(void **state)
{
	struct taps *t = *state;
	taps_are_on(t);
	sees(t, 0, 0, DATA(.seq = 1, .id = 1));
	sees(t, 0, 200, DATA(.seq = 1, .id = 2));
	crosses(t, 215, 225, PURE_ACK(BACK, .seq = 1, .ack = 101));
	crosses(t, 3000, 3010, DATA(.seq = 101));
	assert_string_equal(joined(t), "1@-1000>-990 2@0? 3@200? 4@215>225 5@3000>3010 .");
}

static void test_of_two_the_one_that_was_asked_for_is_lost_and_the_other_missed(void **state)
{
	struct taps *t = *state;
	taps_are_on(t);
	sees(t, 0, 0, DATA(.seq = 1, .id = 1));
	crosses(t, 1, 11, DATA(.seq = 101, .id = 2));
	crosses(t, 12, 22, PURE_ACK(BACK, .seq = 1, .ack = 1));
	sees(t, 0, 200, DATA(.seq = 1, .id = 3));
	crosses(t, 215, 225, PURE_ACK(BACK, .seq = 1, .ack = 201));
	crosses(t, 3000, 3010, DATA(.seq = 201));
	assert_string_equal(joined(t), "1@-1000>-990 2@0x 3@1>11 4@12>22 5@200? loss 5 "
				       "6@215>225 7@3000>3010 .");
}

static void test_a_retransmission_cut_elsewhere_makes_an_ack_as_doubtful(void **state)
{
	struct taps *t = *state;
	taps_are_on(t);
	sees(t, 0, 0, DATA(.seq = 1));
	sees(t, 0, 1, DATA(.seq = 101));
	sees(t, 0, 200, DATA(.seq = 1, .len = 200));
	crosses(t, 215, 225, PURE_ACK(BACK, .seq = 1, .ack = 201));
	crosses(t, 3000, 3010, DATA(.seq = 201));
	assert_string_equal(joined(t),
			    "1@-1000>-990 2@0? 3@1? 4@200? 5@215>225 6@3000>3010 .");
}

static void test_a_late_capture_tells_only_what_it_must_have_seen(void **state)
{
	struct taps *t = *state;
	sees(t, 0, 0, DATA(.seq = 1, .id = 1)); /* might have been faster than the next */
	crosses(t, 0.5, 10.5, DATA(.seq = 101, .id = 2)); /* here the receiver's begins */
	sees(t, 0, 5, DATA(.seq = 201, .id = 3));
	crosses(t, 3000, 3010, DATA(.seq = 301, .id = 4));
	assert_string_equal(joined(t), "1@0? 2@0.5>10.5 3@5x 4@3000>3010 note 1 .");
}

static void test_a_capture_that_begins_with_a_syn_ack_says_nothing_of_a_syn(void **state)
{
	struct taps *t = *state;
	sees(t, 0, 0, SEEN(.flags = TCP_SYN, .id = 1));
	sees(t, 1, 12, SEEN(BACK, .flags = TCP_SYN | TCP_ACK, .seq = 9, .ack = 1, .id = 7));
	crosses(t, 1000, 1010, SEEN(.flags = TCP_SYN, .id = 2));
	crosses(t, 1011, 1021, SEEN(BACK, .flags = TCP_SYN | TCP_ACK, .seq = 9, .ack = 1, .id = 8));
	assert_string_equal(joined(t), "1@0? 2@12x 3@1000>1010 4@1011>1021 note 1 .");
}

static void test_a_datagram_before_the_other_captures_first_is_not_called_lost(void **state)
{
	struct taps *t = *state;
	sees(t, 0, 0, DATAGRAM(.id = 1));
	crosses(t, 20, 30, DATAGRAM(.id = 2));
	assert_string_equal(joined(t), "1@0? 2@20>30 note 1 .");
}

static void test_what_left_as_the_other_capture_ends_may_arrive_later(void **state)
{
	struct taps *t = *state;
	taps_are_on(t);
	crosses(t, 0, 30, DATA(.seq = 1));
	sees(t, 0, 1, DATA(.seq = 101)); /* 10 to 30 ms take some, so that 50 are possible */
	sees(t, 1, 51, PURE_ACK(BACK, .seq = 1, .ack = 101));
	assert_string_equal(joined(t), "1@-1000>-990 2@0>30 3@1? 4@51? note 2 .");
}

static uint64_t tap_never(void *self)
{
	(void)self;
	return UINT64_MAX;
}

static enum observed clock_steps_back(void *self, struct event *event, struct err *err)
{
	uint64_t *by_ns = self;
	(void)err;
	if (!*by_ns)
		return OBSERVED_END;
	*event = (struct event){.kind = EVENT_NOTE,
				.note = {.code = NOTE_CLOCK_BACK,
					 .facts = {{"by_ns", (int64_t)*by_ns}},
					 .fact_count = 1}};
	*by_ns = 0;
	return OBSERVED_EVENT;
}

static void test_stamps_out_of_order_by_less_than_clocks_are_trusted_are_no_news(void **state)
{
	static const uint64_t steps[] = {30000, 30 * NS_PER_MS};
	struct match_config config = {.content = MATCH_CONTENT_ALL};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(steps); i++) {
		uint64_t by_ns = steps[i], none = 0;
		struct observer taps[] = {{clock_steps_back, tap_never, &by_ns, false},
					  {clock_steps_back, tap_never, &none, false}}, both;
		struct match *match = match_open(taps, &config, NULL);
		struct event event;
		assert_non_null(match);
		match_get(match, &both);
		assert_int_equal(both.next(both.self, &event, NULL),
				 i ? OBSERVED_EVENT : OBSERVED_END);
		match_close(match);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TAPS_TEST(test_what_was_acknowledged_is_not_lost_but_missed),
		TAPS_TEST(test_a_sack_block_shows_arrival_as_well),
		TAPS_TEST(test_an_ack_that_a_retransmission_earned_says_nothing),
		TAPS_TEST(test_nor_does_the_ack_of_a_first_copy_for_a_second_that_is_lost),
		TAPS_TEST(test_taps_that_saw_all_know_a_loss_whatever_was_acknowledged),
		TAPS_TEST(test_after_the_other_capture_ended_nothing_is_called_lost),
		TAPS_TEST(test_before_the_other_capture_began_nothing_is_called_lost),
		TAPS_TEST(test_a_lost_first_syn_is_lost_though_the_other_capture_begins_later),
		TAPS_TEST(test_a_loss_before_the_other_capture_ended_is_lost_whatever_came_after),
		TAPS_TEST(test_an_ack_before_any_retransmission_could_arrive_is_the_first_ones),
		TAPS_TEST(test_which_of_two_the_capture_missed_is_not_said),
		TAPS_TEST(test_of_two_the_one_that_was_asked_for_is_lost_and_the_other_missed),
		TAPS_TEST(test_a_retransmission_cut_elsewhere_makes_an_ack_as_doubtful),
		TAPS_TEST(test_a_late_capture_tells_only_what_it_must_have_seen),
		TAPS_TEST(test_a_capture_that_begins_with_a_syn_ack_says_nothing_of_a_syn),
		TAPS_TEST(test_a_datagram_before_the_other_captures_first_is_not_called_lost),
		TAPS_TEST(test_what_left_as_the_other_capture_ends_may_arrive_later),
		TAPS_TEST(test_stamps_out_of_order_by_less_than_clocks_are_trusted_are_no_news),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
