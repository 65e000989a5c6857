#include "../../support/cm.h"
#include "../../support/dialogue.h"

/* What the capture saw twice, and what the network did twice. */

static bool is(const struct packet *packet, enum verdict_id id)
{
	for (size_t i = 0; i < packet->verdict_count; i++) {
		if (packet->verdicts[i].id == id)
			return true;
	}
	return false;
}

static uint64_t copies(const struct dialogue *d)
{
	struct summary summary = {0};
	tracker_summary(d->tracker, &summary);
	return summary.verdicts[VERDICT_CAPTURE_DUPLICATE];
}

static void test_a_packet_at_a_second_interface_is_a_capture_duplicate(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .ip_id = 7, .ttl = 64));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .ip_id = 7, .ttl = 63,
			     .interface = 1, .after_us = 40));
	assert_int_equal(heard(d)->verdict_count, 1);
	assert_int_equal(heard(d)->verdicts[0].id, VERDICT_CAPTURE_DUPLICATE);
	assert_int_equal(heard(d)->verdicts[0].of, 4);
	assert_int_equal(heard(d)->verdicts[0].facts[0].value, 40000);
	assert_int_equal(heard(d)->window, 500);
	ends(d);
	assert_int_equal(d->closed[0].bytes[CLIENT], 100);
	assert_int_equal(d->closed[0].packets[CLIENT], 3);
	assert_int_equal(d->closed[0].verdicts[VERDICT_CAPTURE_DUPLICATE], 1);
}

static void test_a_router_shows_it_with_another_ttl(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1001, .ttl = 64));
	says(d, SERVER, ACK(.seq = 5001, .ack = 1001, .ttl = 63, .after_us = 20));
	assert_true(is(heard(d), VERDICT_CAPTURE_DUPLICATE));
}

static void test_a_loopback_has_no_network_that_duplicates(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .ip_id = 7));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .ip_id = 7, .after_us = 3));
	assert_true(is(heard(d), VERDICT_CAPTURE_DUPLICATE));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .ip_id = 7, .after_ms = 200));
	assert_false(is(heard(d), VERDICT_CAPTURE_DUPLICATE));
}

static void test_one_copy_at_one_interface_is_left_to_the_network(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .ip_id = 7));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .ip_id = 7, .after_us = 3));
	assert_false(is(heard(d), VERDICT_CAPTURE_DUPLICATE));
	for (uint32_t i = 1; i < 40; i++) {
		says(d, CLIENT, DATA(.seq = 1001 + i * 100, .ack = 5001, .len = 100, .ip_id = 7 + i));
		if (i % 4 == 0)
			says(d, CLIENT, DATA(.seq = 1001 + i * 100, .ack = 5001, .len = 100,
					     .ip_id = 7 + i, .after_us = 3));
		says(d, SERVER, ACK(.seq = 5001, .ack = 1101 + i * 100, .ip_id = 900 + i));
	}
	assert_int_equal(copies(d), 0);
}

static void twice(struct dialogue *d, enum end from, struct said said)
{
	says(d, from, said);
	said.after_us = 5;
	says(d, from, said);
}

static void test_a_mirror_that_doubles_all_is_found_out_and_what_it_did_before_is_amended(void **state)
{
	struct dialogue *d = *state;
	size_t amends = 0;
	twice(d, CLIENT, SYN(.seq = 1000, .ip_id = 1));
	assert_false(is(heard(d), VERDICT_CAPTURE_DUPLICATE));
	twice(d, SERVER, SYN_ACK(.seq = 5000, .ack = 1001));
	twice(d, CLIENT, ACK(.seq = 1001, .ack = 5001, .ip_id = 2));
	twice(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .ip_id = 3));
	twice(d, SERVER, ACK(.seq = 5001, .ack = 1101, .ip_id = 51));
	assert_true(is(heard(d), VERDICT_CAPTURE_DUPLICATE));
	for (size_t i = 0; i < d->event_count; i++) {
		if (d->events[i].kind != EVENT_AMEND)
			continue;
		assert_int_equal(d->events[i].amend.n, 2 * ++amends);
		assert_int_equal(d->events[i].amend.because, d->n);
		assert_int_equal(d->events[i].amend.verdicts[0].id, VERDICT_CAPTURE_DUPLICATE);
		assert_int_equal(d->events[i].amend.verdicts[0].of, 2 * amends - 1);
	}
	assert_int_equal(amends, 4);
	assert_int_equal(copies(d), 5);
	ends(d);
	assert_int_equal(d->closed[0].verdicts[VERDICT_SYN_RETRANSMISSION], 0);
	assert_int_equal(d->closed[0].verdicts[VERDICT_SYNACK_RETRANSMISSION], 0);
	assert_int_equal(d->closed[0].verdicts[VERDICT_CAPTURE_DUPLICATE], 5);
}

static void test_four_of_each_are_one_and_three_copies(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	for (uint32_t i = 0; i < 4; i++) {
		for (uint32_t copy = 0; copy < 4; copy++)
			says(d, CLIENT, DATA(.seq = 1001 + i * 100, .ack = 5001, .len = 100,
					     .ip_id = 7 + i, .after_us = copy ? 3 : 5000));
		for (uint32_t copy = 0; copy < 4; copy++)
			says(d, SERVER, ACK(.seq = 5001, .ack = 1101 + i * 100,
					    .ip_id = 900 + i, .after_us = copy ? 3 : 5000));
	}
	ends(d);
	assert_int_equal(d->closed[0].verdicts[VERDICT_CAPTURE_DUPLICATE], 24);
	assert_int_equal(d->closed[0].verdicts[VERDICT_DUP_ACK], 0);
}

static void test_datagrams_that_a_mirror_doubles_are_found_out_too(void **state)
{
	struct dialogue *d = *state;
	for (uint32_t i = 0; i < 3; i++) {
		twice(d, CLIENT, DATAGRAM(.len = 10, .ip_id = 7 + i));
		twice(d, SERVER, DATAGRAM(.len = 10, .ip_id = 900 + i));
	}
	ends(d);
	assert_int_equal(d->closed[0].verdicts[VERDICT_CAPTURE_DUPLICATE], 6);
	assert_int_equal(d->closed[0].verdicts[VERDICT_NETWORK_DUPLICATE], 0);
}

static void test_a_mirror_of_one_direction_takes_longer_to_be_found_out(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	for (uint32_t i = 0; i < 30; i++) {
		twice(d, CLIENT, DATA(.seq = 1001 + i * 100, .ack = 5001, .len = 100, .ip_id = 7 + i));
		says(d, SERVER, ACK(.seq = 5001, .ack = 1101 + i * 100, .ip_id = 900 + i));
	}
	assert_int_equal(copies(d), 30);
}

static void test_equal_acks_without_an_identification_are_not_copies(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, SERVER, ACK(.seq = 5001, .ack = 1001));
	for (int i = 0; i < 40; i++) {
		says(d, SERVER, ACK(.seq = 5001, .ack = 1001, .after_us = 5));
		assert_false(is(heard(d), VERDICT_CAPTURE_DUPLICATE));
	}
}

static void test_another_identification_is_another_packet(void **state)
{
	struct dialogue *d = *state;
	handshake(d);
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .ip_id = 7));
	says(d, CLIENT, DATA(.seq = 1001, .ack = 5001, .len = 100, .ip_id = 8, .after_us = 3,
			     .interface = 1));
	assert_false(is(heard(d), VERDICT_CAPTURE_DUPLICATE));
}

static void test_a_datagram_seen_twice_counts_once(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, DATAGRAM(.len = 10, .ip_id = 7));
	says(d, CLIENT, DATAGRAM(.len = 10, .ip_id = 7, .interface = 1, .after_us = 9));
	assert_true(is(heard(d), VERDICT_CAPTURE_DUPLICATE));
	ends(d);
	assert_int_equal(d->closed[0].bytes[CLIENT], 10);
}

static void test_equal_datagrams_without_an_identification_are_two(void **state)
{
	struct dialogue *d = *state;
	says(d, CLIENT, DATAGRAM(.len = 10));
	says(d, CLIENT, DATAGRAM(.len = 10, .after_us = 9));
	ends(d);
	assert_int_equal(d->closed[0].bytes[CLIENT], 20);
}

#define FAR_TEST(name)  cmocka_unit_test_setup_teardown(name, dialogue_far, dialogue_over)
#define NEAR_TEST(name) cmocka_unit_test_setup_teardown(name, dialogue_near, dialogue_over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAR_TEST(test_a_packet_at_a_second_interface_is_a_capture_duplicate),
		FAR_TEST(test_a_router_shows_it_with_another_ttl),
		NEAR_TEST(test_a_loopback_has_no_network_that_duplicates),
		FAR_TEST(test_one_copy_at_one_interface_is_left_to_the_network),
		FAR_TEST(test_a_mirror_that_doubles_all_is_found_out_and_what_it_did_before_is_amended),
		FAR_TEST(test_four_of_each_are_one_and_three_copies),
		FAR_TEST(test_datagrams_that_a_mirror_doubles_are_found_out_too),
		FAR_TEST(test_a_mirror_of_one_direction_takes_longer_to_be_found_out),
		FAR_TEST(test_equal_acks_without_an_identification_are_not_copies),
		FAR_TEST(test_another_identification_is_another_packet),
		FAR_TEST(test_a_datagram_seen_twice_counts_once),
		NEAR_TEST(test_equal_datagrams_without_an_identification_are_two),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
