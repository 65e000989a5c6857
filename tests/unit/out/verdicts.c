/* Verdicts in records, and as sentences. */
#include "lines.h"

#include "../../../src/out/sentence.h"

static struct verdict fast(void)
{
	return (struct verdict){
		.id = VERDICT_FAST_RETRANSMISSION,
		.of = 5,
		.because = {9, 10, 11},
		.episode = 1,
		.facts = {{FACT_DUP_ACKS, 3}, {FACT_SACKED, 4344}},
		.fact_count = 2,
	};
}

static struct verdict probe_or_timeout(void)
{
	return (struct verdict){
		.id = VERDICT_RETRANSMISSION,
		.sure = SURE_AMBIGUOUS,
		.of = 7,
		.candidates = {VERDICT_TAIL_LOSS_PROBE, VERDICT_RTO_RETRANSMISSION},
	};
}

static struct event packet_with(struct verdict verdict)
{
	struct event event = event_of(EVENT_PACKET, 1, 0);
	event.packet.n = 12;
	event.packet.segment.kind = SEGMENT_TCP;
	event.packet.verdicts[0] = verdict;
	event.packet.verdict_count = 1;
	return event;
}

#define HEAD "{\"k\":\"tcp\",\"n\":12,\"t\":0,\"conv\":1,\"from\":\"client\",\"verdicts\":[{"

static void test_a_verdict_carries_its_evidence(void **state)
{
	struct event event = packet_with(fast());
	(void)state;
	assert_line(&event, HEAD "\"id\":\"fast-retransmission\",\"of\":5,\"because\":[9,10,11],"
				 "\"needed\":\"unknown\",\"sure\":\"certain\",\"episode\":1,"
				 "\"facts\":{\"dup_acks\":3,\"sacked_bytes\":4344}}]}");
}

static void test_an_ambiguous_one_names_both(void **state)
{
	struct event event = packet_with(probe_or_timeout());
	(void)state;
	assert_line(&event, HEAD "\"id\":\"retransmission\",\"of\":7,\"needed\":\"unknown\","
				 "\"sure\":\"ambiguous\",\"candidates\":[\"tail-loss-probe\","
				 "\"rto-retransmission\"]}]}");
}

static void test_a_number_and_a_fact_of_zero_are_written(void **state)
{
	struct event event = packet_with((struct verdict){
		.id = VERDICT_ZERO_WINDOW_PROBE, .needed = NEEDED_YES, .sure = SURE_LIKELY,
		.number = 2, .facts = {{FACT_WINDOW, 0}}, .fact_count = 1});
	(void)state;
	assert_line(&event, HEAD "\"id\":\"zero-window-probe\",\"needed\":\"yes\","
				 "\"sure\":\"likely\",\"number\":2,\"facts\":{\"window\":0}}]}");
}

static void test_candidates_that_are_not_set_are_not_said(void **state)
{
	struct event event = packet_with((struct verdict){.id = VERDICT_OUT_OF_ORDER,
							  .sure = SURE_AMBIGUOUS});
	(void)state;
	assert_line(&event, HEAD "\"id\":\"out-of-order\",\"needed\":\"unknown\","
				 "\"sure\":\"ambiguous\"}]}");
}

static void test_an_amend_brings_all_verdicts_anew(void **state)
{
	struct event event = event_of(EVENT_AMEND, 1, 0);
	(void)state;
	event.amend = (struct amend){
		.n = 12, .because = 20, .verdict_count = 2,
		.verdicts = {{.id = VERDICT_TAIL_LOSS_PROBE, .needed = NEEDED_NO},
			     {.id = VERDICT_CWR}}};
	assert_line(&event, "{\"k\":\"amend\",\"n\":12,\"because\":20,\"verdicts\":["
			    "{\"id\":\"tail-loss-probe\",\"needed\":\"no\",\"sure\":\"certain\"},"
			    "{\"id\":\"cwr\",\"needed\":\"unknown\",\"sure\":\"certain\"}]}");
}

static void test_an_amend_may_leave_none(void **state)
{
	struct event event = event_of(EVENT_AMEND, 1, 0);
	(void)state;
	event.amend = (struct amend){.n = 12, .cleared = true};
	assert_line(&event, "{\"k\":\"amend\",\"n\":12,\"verdicts\":[]}");
}

static void test_a_fragment_has_verdicts_too(void **state)
{
	struct event event = packet_with((struct verdict){.id = VERDICT_FRAGMENT_LOST});
	char *line;
	(void)state;
	event.packet.segment.kind = SEGMENT_FRAGMENT;
	line = line_of(&event);
	assert_non_null(strstr(line, "\"verdicts\":[{\"id\":\"fragment-lost\""));
	free(line);
}

static void assert_sentence(struct verdict verdict, const char *expected)
{
	struct buf text = {0};
	sentence_fill(&verdict, false, &text);
	buf_add(&text, "", 1);
	assert_false(text.failed);
	assert_string_equal(text.at, expected);
	buf_close(&text);
}

static void test_a_sentence_is_filled_with_its_own_numbers(void **state)
{
	struct verdict timeout = {
		.id = VERDICT_RTO_RETRANSMISSION, .of = 5, .number = 2, .fact_count = 2,
		.facts = {{FACT_SILENCE, 41000000}, {FACT_SRTTS, 20}},
	};
	(void)state;
	assert_sentence(fast(),
			"Packet 5 again. The ACKs say that later bytes arrived and these did not; "
			"duplicate ACKs so far: 3; bytes SACKed above these: 4,344.");
	assert_sentence(timeout, "Packet 5 again. Nothing was acknowledged in the 41 ms since the "
				 "last send (2.0 times the smoothed round trip), and the "
				 "retransmission timer ran out: timeout number 2.");
	assert_sentence(probe_or_timeout(),
			"Bytes of packet 7 are sent again. Either tail loss probe or timeout: from "
			"here nobody can tell which.");
}

static void test_a_part_without_its_fact_is_left_out(void **state)
{
	struct verdict copy = {.id = VERDICT_NETWORK_DUPLICATE, .fact_count = 1,
			       .facts = {{FACT_GAP, 1203000000}}};
	(void)state;
	assert_sentence(copy, "A second copy, 1.20 s later: its sender sent it once, and the "
			      "network doubled it.");
	copy.of = 4;
	copy.fact_count = 0;
	assert_sentence(copy, "A second copy of packet 4: its sender sent it once, and the "
			      "network doubled it.");
}

static void test_packets_are_a_list(void **state)
{
	struct verdict verdict = {.id = VERDICT_ECE, .because = {8}};
	(void)state;
	assert_sentence(verdict, "A packet marked CE has arrived (packet 8): the other end is asked "
				 "to slow down.");
	verdict.because[2] = 9; /* a gap in the array is none in the list */
	assert_sentence(verdict, "A packet marked CE has arrived (packets 8 and 9): the other end "
				 "is asked to slow down.");
	verdict.because[1] = 11;
	verdict.because[3] = 10;
	assert_sentence(verdict, "A packet marked CE has arrived (packets 8, 11, 9 and 10): the "
				 "other end is asked to slow down.");
}

static void assert_gap(int64_t ns, bool ascii, const char *expected)
{
	struct verdict verdict = {.id = VERDICT_REPLY, .facts = {{FACT_GAP, ns}}, .fact_count = 1};
	char sentence[100];
	struct buf text = {0};
	snprintf(sentence, sizeof(sentence), "The first answer, %s later.", expected);
	sentence_fill(&verdict, ascii, &text);
	buf_add(&text, "", 1);
	assert_string_equal(text.at, sentence);
	buf_close(&text);
}

static void test_durations_have_at_most_three_digits(void **state)
{
	(void)state;
	assert_gap(0, false, "0.00 µs");
	assert_gap(850000, false, "850 µs");
	assert_gap(850000, true, "850 us");
	assert_gap(999499, false, "999 µs");
	assert_gap(999500, false, "1.00 ms");
	assert_gap(9994999, false, "9.99 ms");
	assert_gap(9995000, false, "10 ms");
	assert_gap(41499999, false, "41 ms");
	assert_gap(1200000000, false, "1.20 s");
	assert_gap(59400000000, false, "59 s");
	assert_gap(59500000000, false, "0.99 min");
	assert_gap(7200000000000, false, "2.00 h");
	assert_gap(INT64_MAX, false, "2562048 h");
	assert_gap(-2000000, false, "-2.00 ms");
}

static void test_positions_are_names_and_amounts_have_thousands(void **state)
{
	struct verdict dsack = {.id = VERDICT_DSACK, .fact_count = 2,
				.facts = {{FACT_LEFT, 14481}, {FACT_RIGHT, 15929}}};
	struct verdict update = {.id = VERDICT_WINDOW_UPDATE, .fact_count = 2,
				 .facts = {{FACT_WINDOW, 1048576}, {FACT_WINDOW_BEFORE, 0}}};
	(void)state;
	assert_sentence(dsack, "Bytes 14481 to 15929 arrived twice.");
	assert_sentence(update, "It acknowledges nothing new; the window changes from 0 to "
				"1,048,576.");
}

/* Whole sentences, whatever is missing: what a reader gets is never a template. */
static void assert_reads_well(const struct verdict *verdict)
{
	struct buf text = {0};
	sentence_fill(verdict, true, &text);
	buf_add(&text, "", 1);
	if (strpbrk(text.at, "{}[]") || strstr(text.at, "  ") || strstr(text.at, " .") ||
	    strstr(text.at, " ,") || strstr(text.at, "..") || text.at[0] < 'A' ||
	    text.at[0] > 'Z' || !strchr(".?", text.at[text.len - 2]))
		fail_msg("%s: %s", glossary[verdict->id].id, text.at);
	buf_close(&text);
}

static void test_every_sentence_reads_well_with_and_without_each_fact(void **state)
{
	(void)state;
	for (enum verdict_id id = 0; id < VERDICT_COUNT; id++) {
		for (unsigned given = 0; given < 1U << 3; given++) {
			for (enum fact_key key = 0; key < FACT_COUNT; key++) {
				struct verdict verdict = {
					.id = id, .of = given & 1 ? 3 : 0,
					.number = given & 2 ? 2 : 0,
					.because = {given & 4 ? 9 : 0},
					.facts = {{key, 1449}}, .fact_count = 1};
				assert_reads_well(&verdict);
			}
		}
	}
}

static void test_every_place_is_in_a_part(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERDICT_COUNT; i++) {
		int depth = 0;
		for (const char *at = glossary[i].text; *at; at++) {
			depth += (*at == '[') - (*at == ']');
			assert_in_range(depth, 0, 1);
			assert_true(*at != '{' || depth == 1);
		}
		assert_int_equal(depth, 0);
	}
}

static void assert_label(struct verdict verdict, bool brief, const char *expected)
{
	struct buf text = {0};
	verdict_label(&verdict, brief, &text);
	buf_add(&text, "", 1);
	assert_string_equal(text.at, expected);
	buf_close(&text);
}

static void test_labels_say_number_doubt_and_need(void **state)
{
	(void)state;
	assert_label((struct verdict){.id = VERDICT_DUP_ACK, .number = 1}, false, "dup ACK 1");
	assert_label((struct verdict){.id = VERDICT_RTO_RETRANSMISSION, .number = 1}, false,
		     "timeout");
	assert_label((struct verdict){.id = VERDICT_RTO_RETRANSMISSION, .number = 3,
				      .needed = NEEDED_NO}, false, "timeout 3, needless");
	assert_label(probe_or_timeout(), false, "tail loss probe or timeout");
	assert_label(probe_or_timeout(), true, "retransmission?");
}

static void test_why_adds_evidence_and_clause(void **state)
{
	struct verdict verdict = fast();
	struct buf text = {0};
	(void)state;
	verdict.needed = NEEDED_NO;
	verdict.sure = SURE_LIKELY;
	verdict_why(&verdict, false, &text);
	buf_add(&text, "", 1);
	assert_non_null(strstr(text.at, "4,344. It was not needed. This is likely, not certain. "
					"(see packets 9, 10 and 11; RFC 5681 3.2)"));
	buf_close(&text);
}

static void test_a_probe_with_new_bytes_repeats_nothing(void **state)
{
	struct verdict probe = {.id = VERDICT_TAIL_LOSS_PROBE};
	(void)state;
	assert_false(verdict_is_again(&probe));
	probe.of = 4;
	assert_true(verdict_is_again(&probe));
	assert_false(verdict_counts_as_again(VERDICT_OUT_OF_ORDER));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_verdict_carries_its_evidence),
		cmocka_unit_test(test_an_ambiguous_one_names_both),
		cmocka_unit_test(test_a_number_and_a_fact_of_zero_are_written),
		cmocka_unit_test(test_candidates_that_are_not_set_are_not_said),
		cmocka_unit_test(test_an_amend_brings_all_verdicts_anew),
		cmocka_unit_test(test_an_amend_may_leave_none),
		cmocka_unit_test(test_a_fragment_has_verdicts_too),
		cmocka_unit_test(test_a_sentence_is_filled_with_its_own_numbers),
		cmocka_unit_test(test_a_part_without_its_fact_is_left_out),
		cmocka_unit_test(test_packets_are_a_list),
		cmocka_unit_test(test_durations_have_at_most_three_digits),
		cmocka_unit_test(test_positions_are_names_and_amounts_have_thousands),
		cmocka_unit_test(test_every_sentence_reads_well_with_and_without_each_fact),
		cmocka_unit_test(test_every_place_is_in_a_part),
		cmocka_unit_test(test_labels_say_number_doubt_and_need),
		cmocka_unit_test(test_why_adds_evidence_and_clause),
		cmocka_unit_test(test_a_probe_with_new_bytes_repeats_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
