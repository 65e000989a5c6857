/* What is too long to be joined, or unfit for it, and how much is waited for, how long. */
#include "joined.h"

static void test_what_reaches_beyond_65535_is_not_joined(void **state)
{
	struct whole_packet w;
	struct packet_bytes f;

	(void)state;
	for (int ip6 = 0; ip6 < 2; ip6++) {
		struct joining j = joining_open();
		if (ip6)
			whole_udp6(&w, 7, 40);
		else
			whole_udp4(&w, 7, 40);
		fragment_make(&f, &w, 0, ip6 ? 8 : 20, false);
		packet_poke16(&f, ip6 ? 42 : 6, ip6 ? 65528 : 8191);
		if (!ip6)
			packet_seal4(&f, 0);
		assert_false(give(&j, &f));
		assert_int_equal(j.segment.flaws, FLAW_BAD_LENGTH);
		COUNTS(&j, 0);
		joining_close(&j);
	}
}

/* The longest datagram, and the same with 8 bytes more of header. */
static void longest_make(struct whole_packet *plain, struct whole_packet *first, bool ip6)
{
	static const uint8_t more[2][8] = {{1, 1, 1, 1, 1, 1, 1, 1}, {17, 0, 1, 4, 0, 0, 0, 0}};
	struct udp_spec spec = {.ip = {ENDS4, .id = 7}, .len = 2000};

	if (ip6)
		spec.ip = (struct ip_spec){ENDS6};
	spec.ip.options = more[ip6];
	spec.ip.options_len = 8;
	packet_udp(&first->p, &spec);
	first->id = 7;
	first->fixed = ip6 ? 48 : 28;
	first->next_at = ip6 ? 40 : 0;
	if (ip6)
		whole_udp6(plain, 7, 65527);
	else
		whole_udp4(plain, 7, 65507);
}

static void test_the_header_of_the_first_fragment_counts_towards_65535(void **state)
{
	static struct whole_packet plain, first;

	(void)state;
	for (int ip6 = 0; ip6 < 2; ip6++) {
		struct joining j = joining_open();
		longest_make(&plain, &first, ip6);
		assert_false(give_part(&j, &plain, 1480, payload_len(&plain)));
		assert_false(give_part(&j, &first, 0, 1480));
		assert_int_equal(j.segment.flaws, FLAW_BAD_LENGTH);
		assert_true(give_part(&j, &plain, 0, 1480));
		assert_joined(&j, &plain);
		assert_false(give_part(&j, &first, 0, 1480)); /* the other way round */
		assert_false(give_part(&j, &plain, 1480, payload_len(&plain)));
		assert_int_equal(j.segment.flaws, FLAW_BAD_LENGTH);
		COUNTS(&j, 1, 1);
		joining_close(&j);
	}
}

static void test_what_no_receiver_takes_is_not_joined(void **state)
{
	struct joining j = joining_open();
	struct whole_packet w;
	struct packet_bytes f;

	(void)state;
	whole_udp4(&w, 7, 40);
	assert_false(give_part(&j, &w, 0, 24));
	fragment_make(&f, &w, 24, 48, false);
	packet_poke8(&f, 8, 63); /* the header's checksum was made for 64 */
	assert_false(give(&j, &f));
	assert_int_equal(j.segment.flaws, FLAW_BAD_CHECKSUM);
	fragment_make(&f, &w, 24, 47, true); /* no multiple of 8 */
	assert_false(give(&j, &f));
	fragment_make(&f, &w, 24, 48, false);
	packet_poke16(&f, 2, 0); /* where it ends is a guess */
	packet_seal4(&f, 0);
	assert_false(give(&j, &f));
	fragment_make(&f, &w, 48, 48, false); /* brings nothing */
	assert_false(give(&j, &f));
	assert_int_equal(j.segment.flaws, FLAW_BAD_LENGTH);
	assert_true(give_part(&j, &w, 24, 48));
	CAME_IN(&j, 1, 6);
	joining_close(&j);
}

static void test_a_jumbogram_can_be_no_fragment(void **state)
{
	/* length 0, and 65,536 in a hop-by-hop option (RFC 2675 2) */
	static const uint8_t chain[] = {44, 0, 0xc2, 4, 0, 1, 0, 0, 17, 0, 0, 1, 0, 0, 0, 7};
	struct joining j = joining_open();
	struct packet_bytes f = {.len = 0};

	(void)state;
	f.len = 65536 - sizeof(chain);
	packet_ip(&f, &(struct ip_spec){ENDS6, .first = 0, .options = chain,
		.options_len = sizeof(chain)}, 17);
	assert_false(give(&j, &f));
	assert_int_equal(j.segment.flaws, FLAW_BAD_LENGTH);
	COUNTS(&j, 0);
	joining_close(&j);
}

static void test_authentication_before_the_fragment_header_is_nobodys(void **state)
{
	static const uint8_t ah[] = {17, 1, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1};
	struct joining j = joining_open();
	struct whole_packet w = {.id = 7, .fixed = 52, .next_at = 40};

	(void)state;
	packet_udp(&w.p, UDP(IP6(.first = 51, .options = ah, .options_len = sizeof(ah)),
		.len = 40));
	give_part(&j, &w, 0, 24);
	assert_false(give_part(&j, &w, 24, 48));
	COUNTS(&j, 0);
	joining_close(&j);
}

static void test_after_60_seconds_nothing_is_waited_for(void **state)
{
	struct joining j = joining_open();
	struct whole_packet w, late;

	(void)state;
	whole_udp4(&w, 7, 40);
	whole_udp4(&late, 8, 40);
	assert_false(give_part(&j, &w, 0, 24));
	assert_false(give_part(&j, &late, 0, 24));
	j.ns += 60 * NS_PER_S;
	assert_true(give_part(&j, &w, 24, 48));
	j.ns += 1;
	assert_false(give_part(&j, &late, 24, 48));
	COUNTS(&j, 1, 1, 1, 0, 0);
	joining_close(&j);
}

static void test_time_counts_from_the_first_fragment_on(void **state)
{
	struct joining j = joining_with(&(struct joiner_config){.timeout_ns = 100});
	struct whole_packet w;

	(void)state;
	whole_udp6(&w, 7, 40);
	assert_false(give_part(&j, &w, 0, 24));
	j.ns += 60;
	assert_false(give_part(&j, &w, 24, 32));
	j.ns += 60;
	assert_false(give_part(&j, &w, 32, 48));
	COUNTS(&j, 0, 1, 1, 0, 0);
	joining_close(&j);
}

static void test_a_clock_that_steps_back_ends_nothing(void **state)
{
	struct joining j = joining_open();
	struct whole_packet w, other;

	(void)state;
	j.ns = 500 * NS_PER_S;
	whole_udp4(&w, 7, 40);
	whole_udp4(&other, 8, 40);
	assert_false(give_part(&j, &w, 0, 24));
	j.ns = 100 * NS_PER_S;
	assert_false(give_part(&j, &other, 0, 24));
	assert_true(give_part(&j, &w, 24, 48));
	j.ns = 500 * NS_PER_S;
	assert_true(give_part(&j, &other, 24, 48));
	COUNTS(&j, 2);
	joining_close(&j);
}

static void test_of_too_many_datagrams_the_oldest_goes(void **state)
{
	struct joining j = joining_with(&(struct joiner_config){.max_datagrams = 3});
	struct whole_packet w;

	(void)state;
	for (uint16_t id = 0; id < 5; id++) {
		whole_udp4(&w, id, 40);
		assert_false(give_part(&j, &w, 0, 24));
	}
	COUNTS(&j, 0, 3, 0, 0, 2);
	for (uint16_t id = 2; id < 5; id++) {
		whole_udp4(&w, id, 40);
		assert_true(give_part(&j, &w, 24, 48));
	}
	COUNTS(&j, 3, 0, 0, 0, 2);
	joining_close(&j);
}

static void test_of_too_many_bytes_the_oldest_go(void **state)
{
	struct joining j = joining_with(&(struct joiner_config){.max_bytes = 40000});
	struct whole_packet w;
	struct join_counts counts;

	(void)state;
	for (uint16_t id = 0; id < 100; id++) {
		whole_udp6(&w, id, 2000);
		assert_false(give_part(&j, &w, 0, 1000));
	}
	joiner_counts(j.joiner, &counts);
	assert_int_equal(counts.evicted + counts.incomplete, 100);
	assert_in_range(counts.incomplete, 10, 40); /* 1,000 bytes each, and bookkeeping */
	assert_true(give_part(&j, &w, 1000, 2008));
	assert_joined(&j, &w);
	joining_close(&j);
}

static void test_one_datagram_alone_may_not_hold_more_than_the_cap(void **state)
{
	struct joining j = joining_with(&(struct joiner_config){.max_bytes = 10000});
	struct whole_packet w;

	(void)state;
	whole_udp6(&w, 7, 30000);
	for (size_t from = 0; from < 16000; from += 1000)
		assert_false(give_part(&j, &w, from, from + 1000));
	COUNTS(&j, 0, 0, 0, 0, 1);
	joining_close(&j);
}

static void test_overlaps_without_end_let_only_their_own_datagram_go_and_once(void **state)
{
	struct joining j = joining_open();
	struct whole_packet w, other;

	(void)state;
	whole_udp4(&other, 8, 40);
	assert_false(give_part(&j, &other, 0, 24));
	whole_udp4(&w, 7, 4000);
	for (int i = 0; i < 1000; i++) { /* 3 MB, of which a datagram holds 1 MiB at most */
		assert_false(give_part(&j, &w, 0, 1480));
		assert_false(give_other(&j, &w, 0, 1480));
	}
	assert_false(give_part(&j, &w, 1480, 4008)); /* no more than the others */
	COUNTS(&j, 0, 1, 0, 0, 1);
	assert_true(give_part(&j, &other, 24, 48));
	j.ns += 61 * NS_PER_S; /* then the identification is free again */
	assert_false(give_part(&j, &w, 0, 1480));
	assert_true(give_part(&j, &w, 1480, 4008));
	assert_joined(&j, &w);
	COUNTS(&j, 2, 0, 0, 0, 1);
	joining_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_reaches_beyond_65535_is_not_joined),
		cmocka_unit_test(test_the_header_of_the_first_fragment_counts_towards_65535),
		cmocka_unit_test(test_what_no_receiver_takes_is_not_joined),
		cmocka_unit_test(test_a_jumbogram_can_be_no_fragment),
		cmocka_unit_test(test_authentication_before_the_fragment_header_is_nobodys),
		cmocka_unit_test(test_after_60_seconds_nothing_is_waited_for),
		cmocka_unit_test(test_time_counts_from_the_first_fragment_on),
		cmocka_unit_test(test_a_clock_that_steps_back_ends_nothing),
		cmocka_unit_test(test_of_too_many_datagrams_the_oldest_goes),
		cmocka_unit_test(test_of_too_many_bytes_the_oldest_go),
		cmocka_unit_test(test_one_datagram_alone_may_not_hold_more_than_the_cap),
		cmocka_unit_test(
			test_overlaps_without_end_let_only_their_own_datagram_go_and_once),
	};
	return cmocka_run_group_tests_name("decode: joiner's limits", tests, NULL, NULL);
}
