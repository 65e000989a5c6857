/* What tshark says, and where it differs from what we say. */
#include "../../support/cm.h"

#include "../../../src/cli/compare.h"
#include "wireladder/model_event.h"

#include <string.h>

static bool line(struct tshark *tshark, const char *text)
{
	struct err err = {0};
	return tshark_line(tshark, text, strlen(text), &err);
}

/* As tshark's own run gives it, with one flag. */
static void said(struct tshark *tshark, uint64_t frame, const char *word)
{
	char text[200];
	snprintf(text, sizeof(text),
		 "{\"timestamp\":\"1\",\"layers\":{\"frame_number\":[\"%u\"],"
		 "\"frame_time_epoch\":[\"1.5\"],\"tcp_analysis_%s\":[\"1\"]}}\n",
		 (unsigned)frame, word);
	assert_true(line(tshark, text));
}

static void test_both_forms_of_a_name_are_known(void **state)
{
	struct tshark tshark = {0};
	(void)state;
	assert_true(line(&tshark, "{\"index\":{\"_index\":\"packets-2026-01-01\"}}\n"));
	said(&tshark, 1, "retransmission");
	assert_true(line(&tshark, "{\"timestamp\":\"1\",\"layers\":{\"frame\":{\"frame_frame_time_epoch\":"
				  "\"1.5\",\"frame_frame_number\":\"2\"},\"tcp\":{"
				  "\"tcp_tcp_analysis_out_of_order\":true}}}\n"));
	assert_int_equal(tshark.count, 2);
	assert_int_equal(tshark.said[1].n, 2);
	assert_int_equal(tshark_families(tshark.said[0].words), 1U << FAMILY_RETRANSMISSION);
	assert_int_equal(tshark_families(tshark.said[1].words), 1U << FAMILY_OUT_OF_ORDER);
	tshark_close(&tshark);
}

static void test_a_name_that_only_begins_so_is_another(void **state)
{
	struct tshark tshark = {0};
	(void)state;
	said(&tshark, 1, "duplicate_ack_num");
	said(&tshark, 2, "zero_window_probe");
	assert_int_equal(tshark.count, 1);
	assert_int_equal(tshark_families(tshark.said[0].words), 1U << FAMILY_PROBE);
	tshark_close(&tshark);
}

static void test_what_a_packet_carries_is_no_name(void **state)
{
	struct tshark tshark = {0};
	(void)state;
	assert_true(line(&tshark,
			 "{\"layers\":{\"frame_number\":[\"1\"],\"frame_time_epoch\":[\"1\"],"
			 "\"http_file_data\":\"\\\"tcp_analysis_retransmission\\\":\"}}\n"));
	assert_int_equal(tshark.count, 0);
	assert_int_equal(tshark.packets, 1);
	tshark_close(&tshark);
}

static void test_blocks_that_are_no_packets_have_no_number_here(void **state)
{
	struct tshark tshark = {0};
	(void)state;
	assert_true(line(&tshark, "{\"layers\":{\"frame_number\":[\"1\"]}}\n"));
	said(&tshark, 2, "keep_alive");
	said(&tshark, 7, "keep_alive"); /* the saved lines may be chosen ones */
	assert_int_equal(tshark.said[0].n, 1);
	assert_int_equal(tshark.said[1].n, 6);
	tshark_close(&tshark);
}

static void test_what_tshark_never_wrote_is_refused(void **state)
{
	struct tshark tshark = {0};
	(void)state;
	assert_false(line(&tshark, "{\"frame_number\":[\"1\"]}\n"));
	assert_false(line(&tshark, "{\"layers\":{}}\n"));
	assert_false(line(&tshark, "hello\n"));
	said(&tshark, 5, "keep_alive");
	assert_false(line(&tshark, "{\"layers\":{\"frame_number\":[\"5\"]}}\n"));
	tshark_close(&tshark);
}

static void we_say(struct compare *compare, uint64_t n, enum verdict_id id)
{
	struct event event = {.kind = EVENT_PACKET, .conv = 1};
	event.packet.n = n;
	event.packet.segment.kind = SEGMENT_TCP;
	event.packet.verdicts[0] = (struct verdict){.id = id, .of = 1};
	event.packet.verdict_count = 1;
	compare_hear(compare, &event);
}

static void assert_compared(struct compare *compare, const char *expected)
{
	struct buf text = {0};
	compare_text(compare, &text);
	buf_add(&text, "", 1);
	assert_false(compare->failed || text.failed);
	assert_string_equal(text.at, expected);
	buf_close(&text);
	compare_close(compare);
}

static void test_differences_are_listed_with_our_sentence(void **state)
{
	struct compare compare = {0};
	(void)state;
	said(&compare.tshark, 4, "retransmission");
	said(&compare.tshark, 5, "out_of_order");
	said(&compare.tshark, 6, "spurious_retransmission");
	said(&compare.tshark, 9, "window_update");
	we_say(&compare, 3, VERDICT_ZERO_WINDOW);
	we_say(&compare, 4, VERDICT_TAIL_LOSS_PROBE);
	we_say(&compare, 5, VERDICT_FAST_RETRANSMISSION);
	we_say(&compare, 6, VERDICT_NETWORK_DUPLICATE);
	assert_compared(
		&compare,
		"packet 3 (#1): Wireshark says nothing; here it is zero window: Its sender has no "
		"room left: the other end has to stop.\n"
		"packet 5 (#1): Wireshark says out of order; here it is fast retransmit: Packet 1 "
		"again. The ACKs say that later bytes arrived and these did not.\n"
		"packet 6 (#1): Wireshark says spurious retransmission; here it is duplicate: A "
		"second copy of packet 1: its sender sent it once, and the network doubled it.\n"
		"packet 9: Wireshark says window update; here nothing is remarkable about it.\n"
		"\n"
		"                                  both  only here only there\n"
		"retransmission                       1          1          1\n"
		"fast retransmission                  0          1          0\n"
		"out of order                         0          0          1\n"
		"zero window                          0          1          0\n"
		"window update                        0          0          1\n"
		"\n"
		"1 of 5 packets of which one of both says something: the same (20.0 %).\n");
}

static void test_silence_here_has_its_reason(void **state)
{
	static const char *const cites[][2] = {
		{"retransmission", "RFC 9293 3.5"}, {"duplicate_ack", "RFC 6675 2"},
		{"ack_lost_segment", "RFC 9293 3.4"}, {"lost_segment", "RFC 9293 3.4"},
		{"reused_ports", "RFC 9293 3.6.1"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cites); i++) {
		struct tshark tshark = {0};
		struct buf text = {0};
		said(&tshark, 4, cites[i][0]);
		tshark_why_not(tshark.said[0].words, &text);
		buf_add(&text, "", 1);
		assert_false(text.failed);
		assert_int_equal(strncmp(text.at, ": ", 2), 0);
		assert_non_null(strstr(text.at, cites[i][1]));
		buf_close(&text);
		tshark_close(&tshark);
	}
}

static void test_a_hole_that_nobody_acknowledged_is_not_called_the_capture_s(void **state)
{
	struct compare compare = {0};
	(void)state;
	said(&compare.tshark, 9, "lost_segment");
	assert_compared(
		&compare,
		"packet 9: Wireshark says lost segment; here nothing is remarkable about it: the "
		"bytes before it may as well be lost, or late: that the capture misses them is "
		"said when an ACK proves that they arrived (RFC 9293 3.4).\n"
		"\n"
		"                                  both  only here only there\n"
		"bytes not captured                   0          0          1\n"
		"\n"
		"0 of 1 packets of which one of both says something: the same (0.0 %).\n");
}

static void test_an_amendment_is_what_we_say(void **state)
{
	struct compare compare = {0};
	struct event event = {.kind = EVENT_AMEND, .conv = 1};
	(void)state;
	said(&compare.tshark, 4, "out_of_order");
	we_say(&compare, 4, VERDICT_RETRANSMISSION);
	we_say(&compare, 8, VERDICT_CWR); /* nothing that Wireshark has a word for */
	event.amend = (struct amend){.n = 4, .verdict_count = 1,
				     .verdicts = {{.id = VERDICT_OUT_OF_ORDER}}};
	compare_hear(&compare, &event);
	assert_compared(&compare,
			"                                  both  only here only there\n"
			"out of order                         1          0          0\n"
			"\n"
			"1 of 1 packets of which one of both says something: the same (100.0 %).\n");
}

static void test_an_amendment_may_come_before_what_is_known(void **state)
{
	struct compare compare = {0};
	struct event event = {.kind = EVENT_AMEND, .conv = 1};
	(void)state;
	for (uint64_t n = 2; n < 200; n += 2)
		we_say(&compare, n, VERDICT_DUP_ACK);
	event.amend = (struct amend){.n = 7, .verdict_count = 1,
				     .verdicts = {{.id = VERDICT_KEEP_ALIVE}}};
	compare_hear(&compare, &event);
	assert_int_equal(compare.count, 100);
	for (size_t i = 1; i < compare.count; i++)
		assert_true(compare.said[i - 1].n < compare.said[i].n);
	assert_int_equal(compare.said[3].families, 1U << FAMILY_KEEP_ALIVE);
	compare_close(&compare);
}

static void test_every_cause_is_a_retransmission_there(void **state)
{
	static const enum verdict_id causes[] = {
		VERDICT_RETRANSMISSION, VERDICT_SYN_RETRANSMISSION,
		VERDICT_SYNACK_RETRANSMISSION, VERDICT_FIN_RETRANSMISSION,
		VERDICT_RTO_RETRANSMISSION, VERDICT_RTO_RECOVERY, VERDICT_FAST_RETRANSMISSION,
		VERDICT_RECOVERY_RETRANSMISSION, VERDICT_TAIL_LOSS_PROBE};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(causes); i++) {
		struct verdict verdict = {.id = causes[i]};
		assert_true(compare_families(&verdict, 1) & 1U << FAMILY_RETRANSMISSION);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_forms_of_a_name_are_known),
		cmocka_unit_test(test_a_name_that_only_begins_so_is_another),
		cmocka_unit_test(test_what_a_packet_carries_is_no_name),
		cmocka_unit_test(test_blocks_that_are_no_packets_have_no_number_here),
		cmocka_unit_test(test_what_tshark_never_wrote_is_refused),
		cmocka_unit_test(test_differences_are_listed_with_our_sentence),
		cmocka_unit_test(test_silence_here_has_its_reason),
		cmocka_unit_test(test_a_hole_that_nobody_acknowledged_is_not_called_the_capture_s),
		cmocka_unit_test(test_an_amendment_is_what_we_say),
		cmocka_unit_test(test_an_amendment_may_come_before_what_is_known),
		cmocka_unit_test(test_every_cause_is_a_retransmission_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
