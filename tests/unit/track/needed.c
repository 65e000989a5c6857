#include "../../support/cm.h"
#include "../../support/crosses.h"
#include "../../support/judged.h"

/* Both ends are tapped: was it needed that a packet was sent again? */

static enum needed needed_later(struct dialogue *d, uint64_t n, enum verdict_id id)
{
	const struct verdict *later = judged_later(d, n, id);
	return later ? later->needed : NEEDED_UNKNOWN;
}

static enum needed needed_after(struct dialogue *d, double arrives)
{
	shake_hands(d);
	crosses(d, CLIENT, AT(100, arrives), DATA(.seq = 1001, .ack = 5001, .len = 10));
	crosses(d, CLIENT, AT(400, 410), DATA(.seq = 1001, .ack = 5001, .len = 10));
	assert_int_equal(heard(d)->verdict_count, 1);
	return heard(d)->verdicts[0].needed;
}

static void test_a_retransmission_of_what_is_lost_is_needed(void **state)
{
	assert_int_equal(needed_after(*state, LOST), NEEDED_YES);
}

static void test_a_retransmission_of_what_its_receiver_had_acknowledged_is_needless(void **state)
{
	struct dialogue *d = *state;
	shake_hands(d);
	crosses(d, CLIENT, AT(100, 110), DATA(.seq = 1001, .ack = 5001, .len = 10));
	crosses(d, SERVER, AT(111, LOST), ACK(.seq = 5001, .ack = 1011));
	crosses(d, CLIENT, AT(400, 410), DATA(.seq = 1001, .ack = 5001, .len = 10));
	assert_int_equal(heard(d)->verdicts[0].needed, NEEDED_NO);
}

static void test_of_what_arrived_and_nobody_acknowledged_nobody_knows_either(void **state)
{
	assert_int_equal(needed_after(*state, 110), NEEDED_UNKNOWN);
}

static void test_a_retransmission_of_what_is_still_under_way_is_needless(void **state)
{
	assert_int_equal(needed_after(*state, 405), NEEDED_NO);
}

/* Smaller, as the way takes no larger ones (RFC 1191). */
static void test_lost_bytes_that_are_sent_again_in_pieces_are_all_needed(void **state)
{
	struct dialogue *d = *state;
	shake_hands(d);
	crosses(d, CLIENT, AT(100, LOST), DATA(.seq = 1001, .ack = 5001, .len = 30));
	for (uint32_t i = 0; i < 3; i++) {
		crosses(d, CLIENT, AT(400 + i, 410 + i),
			DATA(.seq = 1001 + 10 * i, .ack = 5001, .len = 10));
		assert_int_equal(heard(d)->verdicts[0].needed, NEEDED_YES);
	}
}

static void test_a_retransmission_is_needed_for_one_byte(void **state)
{
	struct dialogue *d = *state;
	shake_hands(d);
	crosses(d, CLIENT, AT(100, 110), DATA(.seq = 1001, .ack = 5001, .len = 10));
	crosses(d, CLIENT, AT(101, LOST), DATA(.seq = 1011, .ack = 5001, .len = 1));
	crosses(d, SERVER, AT(111, 121), ACK(.seq = 5001, .ack = 1011));
	crosses(d, CLIENT, AT(400, 410), DATA(.seq = 1001, .ack = 5001, .len = 11));
	assert_int_equal(heard(d)->verdicts[0].needed, NEEDED_YES);
}

/* RFC 9293 3.10.7.4: what a receiver has no room for it drops. */
static void test_the_copy_that_a_receiver_has_room_for_at_last_was_needed(void **state)
{
	struct dialogue *d = *state;
	enum verdict_id first, last;
	shake_hands(d);
	crosses(d, CLIENT, AT(100, 110), DATA(.seq = 1001, .ack = 5001, .len = 10));
	crosses(d, SERVER, AT(111, 121), SAYS(TCP_ACK, .seq = 5001, .ack = 1001));
	crosses(d, CLIENT, AT(400, 410), DATA(.seq = 1001, .ack = 5001, .len = 10));
	first = heard(d)->verdicts[0].id;
	assert_int_equal(heard(d)->verdicts[0].needed, NEEDED_UNKNOWN);
	crosses(d, SERVER, AT(411, 421), SAYS(TCP_ACK, .seq = 5001, .ack = 1001));
	crosses(d, SERVER, AT(600, 610), ACK(.seq = 5001, .ack = 1001));
	crosses(d, CLIENT, AT(1000, 1010), DATA(.seq = 1001, .ack = 5001, .len = 10));
	last = heard(d)->verdicts[0].id;
	assert_int_equal(heard(d)->verdicts[0].needed, NEEDED_UNKNOWN);
	crosses(d, SERVER, AT(1011, 1021), ACK(.seq = 5001, .ack = 1011));
	assert_int_equal(needed_later(d, 9, last), NEEDED_YES);
	assert_null(judged_later(d, 6, first));
}

static void test_bytes_beyond_the_window_that_is_offered_may_be_needed_again(void **state)
{
	struct dialogue *d = *state;
	shake_hands(d);
	crosses(d, CLIENT, AT(100, LOST), DATA(.seq = 1001, .ack = 5001, .len = 10));
	crosses(d, CLIENT, AT(101, 111), DATA(.seq = 1011, .ack = 5001, .len = 10));
	crosses(d, SERVER, AT(112, 122), SAYS(TCP_ACK, .window = 15, .ack = 1001, .seq = 5001));
	crosses(d, CLIENT, AT(400, 410), DATA(.seq = 1001, .ack = 5001, .len = 10));
	crosses(d, CLIENT, AT(401, 411), DATA(.seq = 1011, .ack = 5001, .len = 10));
	assert_int_equal(heard(d)->verdicts[0].needed, NEEDED_UNKNOWN);
}

static void test_bytes_behind_a_hole_and_in_the_window_are_not(void **state)
{
	struct dialogue *d = *state;
	shake_hands(d);
	crosses(d, CLIENT, AT(100, LOST), DATA(.seq = 1001, .ack = 5001, .len = 10));
	crosses(d, CLIENT, AT(101, 111), DATA(.seq = 1011, .ack = 5001, .len = 10));
	crosses(d, SERVER, AT(112, 122), ACK(.seq = 5001, .ack = 1001));
	crosses(d, CLIENT, AT(400, 410), DATA(.seq = 1001, .ack = 5001, .len = 10));
	assert_int_equal(heard(d)->verdicts[0].needed, NEEDED_YES);
	crosses(d, CLIENT, AT(401, 411), DATA(.seq = 1011, .ack = 5001, .len = 10));
	assert_int_equal(heard(d)->verdicts[0].needed, NEEDED_NO);
}

static void test_an_ack_that_left_before_the_copy_came_shows_it_needless(void **state)
{
	struct dialogue *d = *state;
	enum verdict_id id;
	assert_int_equal(needed_after(d, 110), NEEDED_UNKNOWN);
	id = heard(d)->verdicts[0].id;
	crosses(d, SERVER, AT(405, 415), ACK(.seq = 5001, .ack = 1011));
	assert_int_equal(needed_later(d, 5, id), NEEDED_NO);
}

/* It may have been late, or drawn by the copy. */
static void test_an_ack_that_left_after_the_copy_came_shows_nothing(void **state)
{
	struct dialogue *d = *state;
	enum verdict_id id;
	assert_int_equal(needed_after(d, 110), NEEDED_UNKNOWN);
	id = heard(d)->verdicts[0].id;
	crosses(d, SERVER, AT(411, 421), ACK(.seq = 5001, .ack = 1011));
	ends(d);
	assert_null(judged_later(d, 5, id));
}

static void test_a_syn_is_needed_again_where_the_first_had_no_answer(void **state)
{
	struct dialogue *d = *state;
	crosses(d, CLIENT, AT(0, 10), SYN(.seq = 1000));
	crosses(d, CLIENT, AT(1000, 1010), SYN(.seq = 1000));
	assert_int_equal(heard(d)->verdicts[0].id, VERDICT_SYN_RETRANSMISSION);
	assert_int_equal(heard(d)->verdicts[0].needed, NEEDED_UNKNOWN);
	crosses(d, CLIENT, AT(3000, 3010), SYN(.seq = 1000));
	crosses(d, SERVER, AT(3011, 3021), SYN_ACK(.seq = 5000, .ack = 1001));
	assert_int_equal(needed_later(d, 3, VERDICT_SYN_RETRANSMISSION), NEEDED_YES);
	assert_null(judged_later(d, 2, VERDICT_SYN_RETRANSMISSION));
}

static void test_a_syn_is_needless_once_the_answer_has_left(void **state)
{
	struct dialogue *d = *state;
	crosses(d, CLIENT, AT(0, 10), SYN(.seq = 1000));
	crosses(d, SERVER, AT(11, LOST), SYN_ACK(.seq = 5000, .ack = 1001));
	crosses(d, CLIENT, AT(1000, 1010), SYN(.seq = 1000));
	assert_int_equal(heard(d)->verdicts[0].needed, NEEDED_NO);
}

/* RFC 7413 3: the server has no use for them, and acknowledges the SYN alone. */
static void test_data_of_a_syn_that_were_not_taken_are_not_needless(void **state)
{
	struct dialogue *d = *state;
	crosses(d, CLIENT, AT(0, 10), SYN(.seq = 1000, .len = 10));
	crosses(d, SERVER, AT(11, 21), SYN_ACK(.seq = 5000, .ack = 1001));
	crosses(d, CLIENT, AT(22, 31), DATA(.seq = 1001, .ack = 5001, .len = 10));
	assert_int_equal(heard(d)->verdict_count, 1);
	assert_int_equal(heard(d)->verdicts[0].needed, NEEDED_UNKNOWN);
}

static void test_of_what_nobody_saw_arrive_nobody_knows_whether_its_copy_is_needed(void **state)
{
	assert_int_equal(needed_after(*state, UNSEEN), NEEDED_UNKNOWN);
}

static void test_a_dsack_amends_a_retransmission_when_it_arrives(void **state)
{
	struct dialogue *d = *state;
	const struct verdict *later;
	struct tcp_options dsack = {
		.present = OPTION_SACK, .sack_count = 1, .sack = {{1001, 1011}}};
	enum verdict_id id;
	assert_int_equal(needed_after(d, UNSEEN), NEEDED_UNKNOWN);
	id = heard(d)->verdicts[0].id;
	crosses(d, SERVER, AT(411, 421), ACK(.seq = 5001, .ack = 1011, .options = dsack));
	assert_null(judged_later(d, 5, id));
	ends(d);
	later = judged_later(d, 5, id);
	assert_non_null(later);
	assert_int_equal(later->needed, NEEDED_NO);
}

/* What brought lost bytes was not the copy that arrived for nothing. */
static void test_a_dsack_tells_nothing_of_a_retransmission_that_was_needed(void **state)
{
	struct dialogue *d = *state;
	struct tcp_options dsack = {
		.present = OPTION_SACK, .sack_count = 1, .sack = {{1001, 1011}}};
	enum verdict_id id;
	assert_int_equal(needed_after(d, LOST), NEEDED_YES);
	id = heard(d)->verdicts[0].id;
	crosses(d, CLIENT, AT(900, 910), DATA(.seq = 1001, .ack = 5001, .len = 10));
	assert_int_equal(heard(d)->verdicts[0].needed, NEEDED_UNKNOWN);
	crosses(d, SERVER, AT(911, 921), ACK(.seq = 5001, .ack = 1011, .options = dsack));
	assert_int_equal(heard(d)->verdicts[0].id, VERDICT_DSACK);
	assert_int_equal(heard(d)->verdicts[0].of, 6);
	ends(d);
	assert_null(judged_later(d, 5, id));
	assert_int_equal(needed_later(d, 6, id), NEEDED_NO);
}

static void test_a_retransmission_of_what_arrives_after_all_is_needless(void **state)
{
	struct dialogue *d = *state;
	shake_hands(d);
	crosses(d, CLIENT, AT(100, LOST), DATA(.seq = 1001, .ack = 5001, .len = 10));
	found(d, 4, 2500);
	crosses(d, CLIENT, AT(2501, 2511), DATA(.seq = 1001, .ack = 5001, .len = 10));
	assert_int_equal(heard(d)->verdict_count, 1);
	assert_int_equal(heard(d)->verdicts[0].needed, NEEDED_NO);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, dialogue_far, dialogue_over)
	const struct CMUnitTest tests[] = {
		T(test_a_retransmission_of_what_is_lost_is_needed),
		T(test_a_retransmission_of_what_its_receiver_had_acknowledged_is_needless),
		T(test_of_what_arrived_and_nobody_acknowledged_nobody_knows_either),
		T(test_a_retransmission_of_what_is_still_under_way_is_needless),
		T(test_lost_bytes_that_are_sent_again_in_pieces_are_all_needed),
		T(test_a_retransmission_is_needed_for_one_byte),
		T(test_the_copy_that_a_receiver_has_room_for_at_last_was_needed),
		T(test_bytes_beyond_the_window_that_is_offered_may_be_needed_again),
		T(test_bytes_behind_a_hole_and_in_the_window_are_not),
		T(test_an_ack_that_left_before_the_copy_came_shows_it_needless),
		T(test_an_ack_that_left_after_the_copy_came_shows_nothing),
		T(test_a_syn_is_needed_again_where_the_first_had_no_answer),
		T(test_a_syn_is_needless_once_the_answer_has_left),
		T(test_data_of_a_syn_that_were_not_taken_are_not_needless),
		T(test_of_what_nobody_saw_arrive_nobody_knows_whether_its_copy_is_needed),
		T(test_a_dsack_amends_a_retransmission_when_it_arrives),
		T(test_a_dsack_tells_nothing_of_a_retransmission_that_was_needed),
		T(test_a_retransmission_of_what_arrives_after_all_is_needless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
