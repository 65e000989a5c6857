#include "../../support/cm.h"

#include "../../../src/cli/lab_syns.h"

static struct segment syn(uint16_t sport, uint32_t seq, uint16_t flags)
{
	struct segment segment = {.kind = SEGMENT_TCP};
	segment.ends = (struct tuple){
		.src = {.family = 4, .bytes = {10, 77, 0, 1}},
		.dst = {.family = 4, .bytes = {10, 77, 0, 2}},
		.sport = sport,
		.dport = 7,
	};
	segment.tcp.seq = seq;
	segment.tcp.flags = flags;
	return segment;
}

static void sees(struct lab_syns *syns, struct segment segment)
{
	assert_true(lab_syns_add(syns, &segment));
}

static void test_a_retransmission_whose_first_was_seen_lacks_nothing(void **state)
{
	struct lab_syns syns = {0};
	(void)state;
	sees(&syns, syn(40000, 100, TCP_SYN));
	sees(&syns, syn(40000, 100, TCP_SYN));
	sees(&syns, syn(40001, 100, TCP_SYN)); /* of another connection */
	assert_int_equal(lab_syns_unseen(&syns, 1), 0);
	lab_syns_close(&syns);
}

static void test_a_retransmission_whose_first_nobody_saw_is_told(void **state)
{
	struct lab_syns syns = {0};
	(void)state;
	sees(&syns, syn(40000, 100, TCP_SYN));
	assert_int_equal(lab_syns_unseen(&syns, 1), 1);
	assert_int_equal(lab_syns_unseen(&syns, 0), 0);
	lab_syns_close(&syns);
}

static void test_the_syn_ack_of_a_simultaneous_open_is_no_retransmission(void **state)
{
	struct lab_syns syns = {0};
	(void)state;
	sees(&syns, syn(40000, 100, TCP_SYN));
	sees(&syns, syn(40000, 100, TCP_SYN | TCP_ACK));
	assert_int_equal(lab_syns_unseen(&syns, 1), 1);
	lab_syns_close(&syns);
}

static void test_only_syns_count(void **state)
{
	struct lab_syns syns = {0};
	struct segment datagram = {.kind = SEGMENT_UDP};
	(void)state;
	sees(&syns, syn(40000, 100, TCP_ACK));
	sees(&syns, syn(40000, 100, TCP_ACK));
	sees(&syns, datagram);
	sees(&syns, datagram);
	assert_int_equal(lab_syns_unseen(&syns, 1), 1);
	lab_syns_close(&syns);
}

static void test_beyond_its_table_nothing_is_claimed(void **state)
{
	struct lab_syns syns = {0};
	(void)state;
	for (uint32_t i = 0; i < LAB_SYNS_MAX; i++)
		sees(&syns, syn(40000, i, TCP_SYN));
	assert_int_equal(lab_syns_unseen(&syns, 1), 1);
	sees(&syns, syn(40000, LAB_SYNS_MAX, TCP_SYN));
	assert_int_equal(lab_syns_unseen(&syns, 1), 0);
	lab_syns_close(&syns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_retransmission_whose_first_was_seen_lacks_nothing),
		cmocka_unit_test(test_a_retransmission_whose_first_nobody_saw_is_told),
		cmocka_unit_test(test_the_syn_ack_of_a_simultaneous_open_is_no_retransmission),
		cmocka_unit_test(test_only_syns_count),
		cmocka_unit_test(test_beyond_its_table_nothing_is_claimed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
