/* Verdicts in the terminal, and what later evidence makes of them. */
#include "events.h"

static void sends(struct output *output, uint64_t n, uint32_t len, const struct verdict *verdict)
{
	struct event event = event_of(EVENT_PACKET, 1, (int64_t)n * 10);
	event.packet.n = n;
	event.packet.seq = 1 + 100 * (int64_t)n;
	event.packet.window = 65536;
	event.packet.segment.kind = SEGMENT_TCP;
	event.packet.segment.tcp.flags = TCP_ACK;
	event.packet.segment.len = len;
	if (verdict) {
		event.packet.verdicts[0] = *verdict;
		event.packet.verdict_count = 1;
	}
	take(output, &event);
}

static void amends(struct output *output, uint64_t n, uint64_t because, struct verdict verdict)
{
	struct event event = event_of(EVENT_AMEND, 1, 1000);
	event.amend = (struct amend){.n = n, .because = because, .verdict_count = 1,
				     .verdicts = {verdict}};
	take(output, &event);
}

static const struct verdict probe = {.id = VERDICT_TAIL_LOSS_PROBE, .of = 1, .because = {1},
				     .facts = {{FACT_SILENCE, 41000000}}, .fact_count = 1};
static const struct verdict needless = {.id = VERDICT_TAIL_LOSS_PROBE, .of = 1, .because = {1},
					.facts = {{FACT_SILENCE, 41000000}}, .fact_count = 1,
					.needed = NEEDED_NO};
static const struct verdict ambiguous = {
	.id = VERDICT_RETRANSMISSION, .sure = SURE_AMBIGUOUS, .of = 1,
	.candidates = {VERDICT_TAIL_LOSS_PROBE, VERDICT_RTO_RETRANSMISSION}};

/* Behind the headings; the caller frees the whole. */
static char *rows_of(struct output_config config, void (*events)(struct output *), char **whole)
{
	struct scratch scratch;
	struct output *output;
	scratch_open(&scratch, "x.txt");
	config.path = scratch.path;
	output = opened(&config);
	meta(output);
	conversation(output, 1, false);
	events(output);
	ended(output);
	*whole = file_text(scratch.path);
	scratch_close(&scratch);
	return strchr(strchr(*whole, '\n') + 1, '\n') + 1;
}

static void assert_rows(struct output_config config, void (*events)(struct output *),
			const char *expected)
{
	char *whole, *rows = rows_of(config, events, &whole);
	assert_string_equal(rows, expected);
	free(whole);
}

static void all_labels(struct output *output)
{
	static const struct verdict dup = {.id = VERDICT_DUP_ACK, .number = 3};
	sends(output, 1, 100, &ambiguous);
	sends(output, 2, 100, &needless);
	sends(output, 3, 0, &dup);
}

static void test_a_row_says_its_verdict_with_doubt_and_need(void **state)
{
	(void)state;
	assert_rows((struct output_config){.columns = 100}, all_labels,
		"    0.010               │═ ⟳ ACK seq=101 ack=0 len=100 (tail loss probe or timeout) ═▶│\n"
		"    0.020               │══ ⟳ ACK seq=201 ack=0 len=100 (tail loss probe, needless) ═▶│\n"
		"    0.030               │─── ACK ack=0 (dup ACK 3) ──────────────────────────────────▶│\n"
		"\n");
}

static void test_without_room_for_both_candidates_it_says_that_it_doubts(void **state)
{
	char *whole, *rows = rows_of((struct output_config){.columns = 70}, all_labels, &whole);
	(void)state;
	assert_non_null(strstr(rows, "⟳ ACK (retransmission?) "));
	free(whole);
}

static void test_below_a_row_stands_why(void **state)
{
	(void)state;
	assert_rows((struct output_config){.columns = 100, .why = true}, all_labels,
		"    0.010               │═ ⟳ ACK seq=101 ack=0 len=100 (tail loss probe or timeout) ═▶│\n"
		"        -  Bytes of packet 1 are sent again. Either tail loss probe or timeout: from here nobody can\n"
		"           tell which. (RFC 9293 3.8.1)\n"
		"    0.020               │══ ⟳ ACK seq=201 ack=0 len=100 (tail loss probe, needless) ═▶│\n"
		"        -  Packet 1 again. The last bytes outstanding had no answer for 41 ms: this asks for an ACK\n"
		"           before the retransmission timer runs out. It was not needed. (see packet 1; RFC 8985 7.3)\n"
		"    0.030               │─── ACK ack=0 (dup ACK 3) ──────────────────────────────────▶│\n"
		"        -  Duplicate ACK number 3: a segment arrived, but not the one that is awaited. (RFC 5681 2)\n"
		"\n");
}

static void told_later(struct output *output)
{
	sends(output, 1, 100, NULL);
	sends(output, 2, 100, &probe);
	sends(output, 3, 100, &probe);
	sends(output, 4, 0, NULL);
	amends(output, 3, 4, needless);
	amends(output, 2, 4, needless);
	sends(output, 5, 100, NULL);
}

static void told_at_once(struct output *output)
{
	sends(output, 1, 100, NULL);
	sends(output, 2, 100, &needless);
	sends(output, 3, 100, &needless);
	sends(output, 4, 0, NULL);
	sends(output, 5, 100, NULL);
}

/* An amended ladder is the ladder of one who had known it all along. */
static void assert_amended(struct output_config config, void (*later)(struct output *),
			   void (*at_once)(struct output *))
{
	char *a, *b;
	rows_of(config, later, &a);
	rows_of(config, at_once, &b);
	assert_string_equal(a, b);
	assert_non_null(strstr(a, "needless"));
	free(a);
	free(b);
}

static void test_a_ladder_shows_the_amended_truth(void **state)
{
	(void)state;
	assert_amended((struct output_config){.columns = 100}, told_later, told_at_once);
	assert_amended((struct output_config){.columns = 100, .why = true}, told_later,
		       told_at_once);
	assert_amended((struct output_config){.columns = 90, .color = true, .why = true},
		       told_later, told_at_once);
}

static void first_without(struct output *output)
{
	sends(output, 1, 100, NULL);
	amends(output, 1, 0, needless); /* the row still waits for its states */
	for (uint64_t n = 2; n < 40; n++)
		sends(output, n, 100, NULL);
	amends(output, 7, 30, needless);
}

static void first_with(struct output *output)
{
	for (uint64_t n = 1; n < 40; n++)
		sends(output, n, 100, n == 1 || n == 7 ? &needless : NULL);
}

static void test_a_verdict_may_come_where_there_was_none(void **state)
{
	(void)state;
	assert_amended((struct output_config){.columns = 100, .why = true}, first_without,
		       first_with);
}

static void one_amended(struct output *output)
{
	sends(output, 1, 100, &probe);
	amends(output, 1, 4, needless);
}

static void test_a_row_that_has_gone_out_is_put_right_behind(void **state)
{
	(void)state;
	assert_rows((struct output_config){.columns = 100, .conv = 1}, one_amended,
		"    0.010               │═══ ⟳ ACK seq=101 ack=0 len=100 (tail loss probe) ══════════▶│\n"
		"        -  Packet 1 was: tail loss probe, needless. Packet 4 shows it.\n"
		"\n");
}

static void found_after_all(struct output *output)
{
	static const struct verdict lost = {.id = VERDICT_LOST};
	struct event event = event_of(EVENT_AMEND, 1, 1000);
	sends(output, 1, 100, &lost);
	sends(output, 2, 100, NULL);
	event.amend = (struct amend){.n = 1, .found = true, .cleared = true,
				     .arrives_ns = event.ns};
	take(output, &event);
	sends(output, 3, 100, NULL);
}

static void test_what_arrived_after_all_is_not_drawn_as_lost(void **state)
{
	char *whole, *rows;
	(void)state;
	rows = rows_of((struct output_config){.columns = 100, .why = true}, found_after_all,
		       &whole);
	assert_non_null(strstr(rows, "was given up too early"));
	assert_null(strstr(rows, "(lost)"));
	assert_null(strstr(rows, "did not arrive"));
	free(whole);
}

static void probe_of_new_bytes(struct output *output)
{
	static const struct verdict new_bytes = {.id = VERDICT_TAIL_LOSS_PROBE};
	sends(output, 1, 100, &new_bytes);
}

static void test_new_bytes_are_not_drawn_as_sent_again(void **state)
{
	(void)state;
	assert_rows((struct output_config){0}, probe_of_new_bytes,
		"    0.010               │━━ ACK seq=101 ack=0 (tail loss probe) ━▶│\n"
		"\n");
}


static void test_a_conversation_of_which_nothing_is_shown_has_no_ladder(void **state)
{
	struct scratch scratch;
	struct output *output;
	char *text;
	(void)state;
	scratch_open(&scratch, "x.txt");
	output = opened(&(struct output_config){.path = scratch.path});
	meta(output);
	conversation(output, 1, false);
	ended(output);
	text = file_text(scratch.path);
	scratch_close(&scratch);
	assert_string_equal(text, "");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_row_says_its_verdict_with_doubt_and_need),
		cmocka_unit_test(test_without_room_for_both_candidates_it_says_that_it_doubts),
		cmocka_unit_test(test_below_a_row_stands_why),
		cmocka_unit_test(test_a_ladder_shows_the_amended_truth),
		cmocka_unit_test(test_a_verdict_may_come_where_there_was_none),
		cmocka_unit_test(test_a_row_that_has_gone_out_is_put_right_behind),
		cmocka_unit_test(test_what_arrived_after_all_is_not_drawn_as_lost),
		cmocka_unit_test(test_new_bytes_are_not_drawn_as_sent_again),
		cmocka_unit_test(test_a_conversation_of_which_nothing_is_shown_has_no_ladder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
