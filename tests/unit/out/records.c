/* What is in a record: each kind, numbers at their ends, hostile text. */
#include "lines.h"

#define HOSTILE "\"\\</script>\x1b[31m\x01\x7f\xc2\x9b\xff\xc0\xaf\xed\xa0\x80\xe2\x80\xa8\n"

static struct event tcp_event(void)
{
	struct event event = event_of(EVENT_PACKET, 1, 0);
	event.packet.n = 1;
	event.packet.segment.kind = SEGMENT_TCP;
	return event;
}

static void test_zero_and_empty_are_left_out(void **state)
{
	struct event event = tcp_event();
	(void)state;
	assert_line(&event, "{\"k\":\"tcp\",\"n\":1,\"t\":0,\"conv\":1,\"from\":\"client\"}");
}

static void test_a_syn_says_its_isn_and_options(void **state)
{
	struct event event = tcp_event();
	(void)state;
	event.packet.window = 64240;
	event.packet.segment.tcp.flags = TCP_SYN;
	event.packet.segment.tcp.seq = 4294967295U;
	event.packet.segment.tcp.options = (struct tcp_options){
		.present = OPTION_MSS | OPTION_WSCALE | OPTION_SACK_OK | OPTION_TS |
			   OPTION_FASTOPEN | OPTION_MPTCP | OPTION_UNKNOWN,
		.mss = 1460,
		.tsval = 4294967295U,
		.unknown_len = 6,
		.unknown = {30, 4, 1, 2, 77, 9},
	};
	assert_line(
		&event,
		"{\"k\":\"tcp\",\"n\":1,\"t\":0,\"conv\":1,\"from\":\"client\","
		"\"flags\":\"SYN\","
		"\"isn\":4294967295,\"win\":64240,\"opts\":{\"mss\":1460,\"wscale\":0,"
		"\"sack_ok\":true,\"ts\":[4294967295,0],\"fastopen\":\"request\","
		"\"mptcp\":\"MP_CAPABLE\",\"unknown\":[\"1e040102\",\"4d09\"]}}");
}

static void test_an_unknown_scale_is_said_even_of_a_closed_window(void **state)
{
	struct event event = tcp_event();
	(void)state;
	event.packet.segment.tcp.flags = TCP_ACK;
	event.packet.ack = -3;
	event.packet.scale_unknown = true;
	assert_line(&event, "{\"k\":\"tcp\",\"n\":1,\"t\":0,\"conv\":1,\"from\":\"client\","
			    "\"flags\":\"ACK\",\"ack\":-3,\"win_raw\":0}");
}

static void test_a_retransmission_names_what_it_repeats(void **state)
{
	struct event event = tcp_event();
	(void)state;
	event.packet.from = END_SERVER;
	event.packet.interface = 2;
	event.packet.segment.len = 5;
	event.packet.segment.tunnel = (struct tunnel){1, {TUNNEL_VLAN}, 1, {7}};
	event.packet.segment.flaws = FLAW_TRUNCATED | FLAW_BAD_TIME;
	event.packet.segment.tcp.flags = TCP_PSH | TCP_ACK;
	event.packet.segment.tcp.options = (struct tcp_options){.present = OPTION_SACK,
								.sack_count = 2};
	event.packet.sack[0][1] = event.packet.sack[1][0] = 7;
	event.packet.dsack = true;
	event.packet.verdicts[0] =
		(struct verdict){.id = VERDICT_RETRANSMISSION, .needed = NEEDED_NO,
				 .sure = SURE_LIKELY, .of = 9};
	event.packet.verdict_count = 1;
	event.packet.flight = 10;
	event.packet.rtt_ns = 20;
	event.packet.bytes = (const uint8_t *)"\xff\x00\x01\x02";
	event.packet.byte_count = 4;
	assert_line(
		&event,
		"{\"k\":\"tcp\",\"n\":1,\"t\":0,\"conv\":1,\"from\":\"server\",\"if\":2,"
		"\"flags\":\"PSH ACK\",\"len\":5,\"opts\":{\"sack\":[[0,7],[7,0]],"
		"\"dsack\":true},\"flaws\":[\"truncated\",\"bad-time\"],\"verdicts\":[{"
		"\"id\":\"retransmission\",\"of\":9,\"needed\":\"no\",\"sure\":\"likely\"}],"
		"\"rtt\":20,\"flight\":10,\"tunnel\":[\"vlan 7\"],\"bytes\":\"/wABAg==\"}");
}

static void test_an_icmp_error_says_its_name_and_what_it_quotes(void **state)
{
	struct event event = event_of(EVENT_PACKET, 3, -1);
	(void)state;
	event.packet.n = 4;
	event.packet.quotes = 2;
	event.packet.segment.kind = SEGMENT_ICMP;
	event.packet.segment.ends.src = IP4(10, 0, 0, 1);
	event.packet.segment.ends.dst = IP4(10, 0, 0, 2);
	event.packet.segment.icmp.type = 3;
	event.packet.segment.icmp.code = 3;
	assert_line(&event,
		    "{\"k\":\"icmp\",\"n\":4,\"t\":-1000,\"from_addr\":\"10.0.0.1\","
		    "\"to_addr\":\"10.0.0.2\",\"type\":3,\"code\":3,"
		    "\"text\":\"destination unreachable: port\",\"quotes\":2,\"conv\":3}");
}

static void test_udp_and_fragments(void **state)
{
	struct event event = event_of(EVENT_PACKET, 3, 1);
	(void)state;
	event.packet.n = 4;
	event.packet.rtt_ns = 7;
	event.packet.segment.kind = SEGMENT_UDP;
	event.packet.segment.len = 5;
	assert_line(&event, "{\"k\":\"udp\",\"n\":4,\"t\":1000,\"conv\":3,\"from\":\"client\","
			    "\"len\":5,\"rtt\":7}");
	event.packet.segment = (struct segment){.kind = SEGMENT_FRAGMENT, .ip_id = 77};
	event.packet.segment.ends.src = event.packet.segment.ends.dst = IP4(10, 0, 0, 1);
	event.packet.segment.fragment.offset = 1480;
	event.packet.segment.fragment.len = 20;
	event.packet.segment.fragment.more = true;
	assert_line(&event,
		    "{\"k\":\"fragment\",\"n\":4,\"t\":1000,\"id\":77,"
		    "\"from_addr\":\"10.0.0.1\",\"to_addr\":\"10.0.0.1\",\"offset\":1480,"
		    "\"len\":20,\"more\":true}");
}

static void test_packets_of_other_kinds_have_no_record(void **state)
{
	struct event event = event_of(EVENT_PACKET, 0, 0);
	struct written written;
	(void)state;
	lines_write(&written, &event, 1);
	assert_int_equal(written.count, 0);
	lines_close(&written);
}

static void test_a_state_says_which_packets_show_it(void **state)
{
	struct event event = event_of(EVENT_STATE, 1, 5);
	(void)state;
	event.state = (struct state_change){
		.who = END_SERVER, .state = STATE_LAST_ACK, .because = {8, 9}};
	assert_line(&event, "{\"k\":\"state\",\"t\":5000,\"conv\":1,\"who\":\"server\","
			    "\"state\":\"LAST-ACK\",\"because\":[8,9]}");
	event.state = (struct state_change){
		.who = END_CLIENT, .state = STATE_CLOSED, .inferred = true};
	assert_line(&event, "{\"k\":\"state\",\"t\":5000,\"conv\":1,\"who\":\"client\","
			    "\"state\":\"CLOSED\",\"inferred\":true}");
	event.state = (struct state_change){
		.who = END_CLIENT, .state = STATE_CLOSED, .because = {0, 4}};
	assert_line(&event, "{\"k\":\"state\",\"t\":5000,\"conv\":1,\"who\":\"client\","
			    "\"state\":\"CLOSED\",\"because\":[4]}");
}

static void test_a_note_has_facts(void **state)
{
	struct event event = event_of(EVENT_NOTE, 0, 0);
	(void)state;
	event.note = (struct note){.code = NOTE_CLOCK_BACK,
				   .warning = true,
				   .text = "back by 5 ns",
				   .facts = {{"by_ns", 5}, {"least", INT64_MIN}},
				   .fact_count = 2};
	assert_line(&event,
		    "{\"k\":\"note\",\"t\":0,\"level\":\"warning\",\"code\":\"clock-back\","
		    "\"text\":\"back by 5 ns\",\"facts\":{\"by_ns\":5,"
		    "\"least\":-9223372036854775808}}");
}

static void test_a_stall_says_until_when_who_waited_for_what_and_why(void **state)
{
	struct event event = event_of(EVENT_NOTE, 2, 1000);
	(void)state;
	event.note = (struct note){.code = NOTE_STALL,
				   .text = "1.2 s of silence",
				   .facts = {{"silence_ns", 1200000000}},
				   .fact_count = 1,
				   .end_ns = START_NS + 1201000000,
				   .because = {4, 5},
				   .waits = WAIT_PROGRAM,
				   .who = END_SERVER};
	assert_line(&event, "{\"k\":\"note\",\"t\":1000000,\"level\":\"info\",\"code\":\"stall\","
			    "\"text\":\"1.2 s of silence\",\"conv\":2,\"end\":1201000000,"
			    "\"who\":\"server\",\"waits\":\"program\",\"because\":[4,5],"
			    "\"facts\":{\"silence_ns\":1200000000}}");
}

static void test_a_conversation_names_both_ends(void **state)
{
	struct event event = event_of(EVENT_CONVERSATION, 4294967295U, 0);
	(void)state;
	event.conversation = echo_ends(true);
	assert_line(&event, "{\"k\":\"conversation\",\"conv\":4294967295,\"proto\":\"udp\","
			    "\"client\":{\"addr\":\"127.0.0.1\",\"port\":41822},"
			    "\"server\":{\"addr\":\"127.0.0.1\",\"port\":7}}");
}

static void test_closed_tells_isn_zero_from_unknown(void **state)
{
	struct closed facts = {
		.ends = echo_ends(false), .packets = {3, 2}, .bytes = {5, 0},
		.first_ns = START_NS, .last_ns = START_NS + 10, .opened = OPENED_MID_CAPTURE,
		.ended = ENDED_RST, .isn_known = {true, false}, .syn = 1, .handshake_rtt_ns = 9,
		.rtt = {{1, 4, 5, 2}}, .data_first_ns = {1000}, .data_last_ns = {2000},
	};
	struct event event = event_of(EVENT_CLOSED, 1, 0);
	(void)state;
	event.closed = &facts;
	facts.verdicts[VERDICT_SYN_RETRANSMISSION] = 2;
	assert_line(
		&event,
		"{\"k\":\"closed\",\"conv\":1,\"proto\":\"tcp\","
		"\"client\":{\"addr\":\"127.0.0.1\","
		"\"port\":41822},\"server\":{\"addr\":\"127.0.0.1\",\"port\":7},"
		"\"packets\":{\"client\":3,\"server\":2},\"bytes\":{\"client\":5},\"first\":0,"
		"\"last\":10,\"opened\":\"mid-capture\",\"ended\":\"rst\","
		"\"handshake\":{\"syn\":1,\"rtt\":9},\"isn\":{\"client\":0},"
		"\"rtt\":{\"client\":{\"min\":1,\"avg\":2,\"max\":4,\"samples\":2}},"
		"\"verdicts\":{\"syn-retransmission\":2},\"goodput\":{\"client\":5000000}}");
}

static void test_closed_names_the_place_of_a_tap_at_both_ends(void **state)
{
	struct closed facts = {.ends = echo_ends(true), .first_ns = START_NS, .last_ns = START_NS,
			       .near = {true, true}};
	struct event event = event_of(EVENT_CLOSED, 1, 0);
	(void)state;
	event.closed = &facts;
	assert_line(&event,
		    "{\"k\":\"closed\",\"conv\":1,\"proto\":\"udp\","
		    "\"client\":{\"addr\":\"127.0.0.1\",\"port\":41822},"
		    "\"server\":{\"addr\":\"127.0.0.1\",\"port\":7},"
		    "\"first\":0,\"last\":0,\"ended\":\"open\","
		    "\"vantage\":{\"place\":\"both\","
		    "\"why\":\"both ends are on the machine that captured\"}}");
}

static void test_closed_names_the_place_that_was_measured_and_why(void **state)
{
	struct closed facts = {.ends = echo_ends(true), .first_ns = START_NS, .last_ns = START_NS,
			       .place = PLACE_BETWEEN, .place_why = "3 ms of 8 are <on> its left"};
	struct event event = event_of(EVENT_CLOSED, 1, 0);
	(void)state;
	event.closed = &facts;
	assert_line(&event,
		    "{\"k\":\"closed\",\"conv\":1,\"proto\":\"udp\","
		    "\"client\":{\"addr\":\"127.0.0.1\",\"port\":41822},"
		    "\"server\":{\"addr\":\"127.0.0.1\",\"port\":7},"
		    "\"first\":0,\"last\":0,\"ended\":\"open\","
		    "\"vantage\":{\"place\":\"between\","
		    "\"why\":\"3 ms of 8 are \\u003con> its left\"}}");
}

static void test_goodput_survives_numbers_beyond_any_wire(void **state)
{
	struct closed facts = {.ends = echo_ends(false), .bytes = {UINT64_MAX, 0},
			       .data_first_ns = {0}, .data_last_ns = {UINT64_MAX}};
	struct event event = event_of(EVENT_CLOSED, 1, 0);
	char *line;
	(void)state;
	event.closed = &facts;
	line = line_of(&event);
	assert_non_null(strstr(line, "\"goodput\":{\"client\":1000000000}"));
	free(line);
}

static void test_meta_and_summary_keep_64_bits(void **state)
{
	struct vantage vantage = {.name = "lo", .linktype = 4095, .nanoseconds = true};
	struct meta facts = {.start_ns = UINT64_MAX, .has_start = true, .source = "read",
			     .vantages = &vantage, .vantage_count = 1};
	struct skipped skipped = {UINT64_MAX, 5, "a block of an unknown length"};
	struct summary counts = {
		.all = {UINT64_MAX, UINT64_MAX - 1}, .skipped = &skipped, .skipped_count = 1,
		.skipped_places = 1, .skipped_bytes = 5,
		.unknown = {{LAYER_ETHERTYPE, 0x0806, {2, 84}}}, .unknown_count = 1,
		.dropped_kernel = 3, .truncated = true,
	};
	struct event event = event_of(EVENT_META, 0, 0);
	struct written written;
	(void)state;
	event.meta = &facts;
	lines_write(&written, &event, 1);
	assert_non_null(strstr(written.lines[0], "\"start\":\"2554-07-21T23:34:33.709551615Z\","
						 "\"start_ns\":\"18446744073709551615\""));
	assert_non_null(strstr(written.lines[0], "\"linktype\":\"4095\",\"precision\":\"ns\""));
	lines_close(&written);
	event = event_of(EVENT_SUMMARY, 0, 0);
	event.summary = &counts;
	assert_line(
		&event,
		"{\"k\":\"summary\",\"packets\":18446744073709551615,"
		"\"bytes\":18446744073709551614,"
		"\"unknown\":[{\"what\":\"ethertype 0x0806 (ARP)\","
		"\"packets\":2,\"bytes\":84}],\"skipped\":[{\"at\":18446744073709551615,"
		"\"bytes\":5,\"why\":\"a block of an unknown length\"}],"
		"\"dropped\":{\"kernel\":3},\"truncated\":true,\"quality\":["
		"\"3 packets were dropped by the kernel: gaps may be ours, not the network's\","
		"\"5 bytes of the input are no packets and were passed over\","
		"\"the input ends early or is damaged at its end: there may have been more "
		"packets\"]}");
}

static void test_an_empty_capture_has_no_start(void **state)
{
	struct meta facts = {.source = "read"};
	struct event event = event_of(EVENT_META, 0, 0);
	struct written written;
	(void)state;
	event.meta = &facts;
	lines_write(&written, &event, 1);
	assert_null(strstr(written.lines[0], "\"start"));
	lines_close(&written);
}

static void test_hostile_text_is_harmless_wherever_it_comes_from(void **state)
{
	static const char *const files[] = {HOSTILE, HOSTILE};
	struct vantage vantage = {.name = HOSTILE};
	struct meta facts = {.source = HOSTILE,
			     .name = HOSTILE,
			     .filter = HOSTILE,
			     .files = files,
			     .file_count = 2,
			     .vantages = &vantage,
			     .vantage_count = 1};
	struct skipped skipped = {1, 2, HOSTILE};
	struct summary counts = {.skipped = &skipped, .skipped_count = 1};
	struct event events[3] = {event_of(EVENT_META, 0, 0), event_of(EVENT_NOTE, 0, 0),
				  event_of(EVENT_SUMMARY, 0, 0)};
	struct written written;
	(void)state;
	events[0].meta = &facts;
	snprintf(events[1].note.text, sizeof(events[1].note.text), "%s", HOSTILE);
	events[2].summary = &counts;
	lines_write(&written, events, 3);
	assert_int_equal(written.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_harmless(written.lines[i]);
	assert_non_null(strstr(written.lines[1],
			       "\"text\":\"\\\"\\\\\\u003c/script>\\u001b[31m\\u0001"
			       "\\u007f\\u009b\xEF\xBF\xBD"));
	lines_close(&written);
}

static void test_bytes_are_kept_up_to_each_limit(void **state)
{
	static const struct {
		struct output_bytes limits;
		const char *kept[3]; /* of three packets; NULL: none */
	} cases[] = {
		{{0, UINT64_MAX, UINT64_MAX}, {NULL}},
		{{2, UINT64_MAX, UINT64_MAX}, {"\"YWI=\"", "\"YWI=\"", "\"YWI=\""}},
		{{UINT64_MAX, 1, UINT64_MAX}, {"\"YWJj\"", NULL, NULL}},
		{{UINT64_MAX, UINT64_MAX, 4}, {"\"YWJj\"", "\"YQ==\"", NULL}},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct output_config config = {.format = "jsonl", .bytes = cases[i].limits};
		struct event event = tcp_event();
		struct written written = {.count = 0};
		struct output *output;
		event.packet.bytes = (const uint8_t *)"abc";
		event.packet.byte_count = 3;
		scratch_open(&written.scratch, "x");
		config.path = written.scratch.path;
		output = opened(&config);
		for (size_t n = 0; n < 3; n++)
			take(output, &event);
		ended(output);
		lines_read(&written);
		for (size_t n = 0; n < 3; n++) {
			const char *bytes = strstr(written.lines[n], "\"bytes\":");
			assert_int_equal(bytes != NULL, cases[i].kept[n] != NULL);
			if (bytes)
				assert_non_null(strstr(bytes, cases[i].kept[n]));
		}
		lines_close(&written);
	}
}

static void assert_words(const cJSON *defs, const char *name, const char *const *words,
			 size_t count)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(
		cJSON_GetObjectItemCaseSensitive(defs, name), "enum");
	assert_int_equal(cJSON_GetArraySize(list), count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(cJSON_GetArrayItem(list, (int)i)->valuestring, words[i]);
}

/* Each word between the bars of the pattern; a dot there is escaped. */
static void assert_tunnels(const cJSON *defs)
{
	const cJSON *tunnel = cJSON_GetObjectItemCaseSensitive(defs, "tunnel");
	const char *at = cJSON_GetObjectItemCaseSensitive(
		cJSON_GetObjectItemCaseSensitive(tunnel, "items"), "pattern")->valuestring;
	for (size_t i = 0; i < TUNNEL_COUNT; i++) {
		at += strspn(at, "^(|");
		for (const char *word = tunnel_words[i]; *word; word++) {
			at += *at == '\\';
			assert_int_equal(*at++, *word);
		}
	}
	assert_int_equal(*at, ')');
}

static void test_the_schema_has_the_words_of_the_model(void **state)
{
	char *text;
	cJSON *schema;
	const cJSON *defs;
	(void)state;
	if (access("src/out/timeline.schema.json", R_OK) != 0)
		skip(); /* not run from the top of the source */
	text = file_text("src/out/timeline.schema.json");
	schema = cJSON_Parse(text);
	defs = cJSON_GetObjectItemCaseSensitive(schema, "$defs");
	assert_words(defs, "flaw", flaw_words, FLAW_COUNT);
	assert_words(defs, "state_name", state_words + 1, STATE_COUNT - 1);
	assert_words(defs, "note_code", note_words, NOTE_COUNT);
	assert_words(defs, "opened", opened_words, OPENED_MID_CAPTURE + 1);
	assert_words(defs, "ended", ended_words, ENDED_EVICTED + 1);
	assert_tunnels(defs);
	cJSON_Delete(schema);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zero_and_empty_are_left_out),
		cmocka_unit_test(test_a_syn_says_its_isn_and_options),
		cmocka_unit_test(test_an_unknown_scale_is_said_even_of_a_closed_window),
		cmocka_unit_test(test_a_retransmission_names_what_it_repeats),
		cmocka_unit_test(test_an_icmp_error_says_its_name_and_what_it_quotes),
		cmocka_unit_test(test_udp_and_fragments),
		cmocka_unit_test(test_packets_of_other_kinds_have_no_record),
		cmocka_unit_test(test_a_state_says_which_packets_show_it),
		cmocka_unit_test(test_a_note_has_facts),
		cmocka_unit_test(test_a_stall_says_until_when_who_waited_for_what_and_why),
		cmocka_unit_test(test_a_conversation_names_both_ends),
		cmocka_unit_test(test_closed_tells_isn_zero_from_unknown),
		cmocka_unit_test(test_closed_names_the_place_of_a_tap_at_both_ends),
		cmocka_unit_test(test_closed_names_the_place_that_was_measured_and_why),
		cmocka_unit_test(test_goodput_survives_numbers_beyond_any_wire),
		cmocka_unit_test(test_meta_and_summary_keep_64_bits),
		cmocka_unit_test(test_an_empty_capture_has_no_start),
		cmocka_unit_test(test_hostile_text_is_harmless_wherever_it_comes_from),
		cmocka_unit_test(test_bytes_are_kept_up_to_each_limit),
		cmocka_unit_test(test_the_schema_has_the_words_of_the_model),
	};
	return cmocka_run_group_tests_name("records", tests, NULL, NULL);
}
