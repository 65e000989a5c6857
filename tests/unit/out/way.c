/* A packet's way between two vantages, in records and in the ladder. */
#include "lines.h"

static struct event packet_event(void)
{
	struct event event = event_of(EVENT_PACKET, 1, 100);
	event.packet.n = 4;
	event.packet.segment.kind = SEGMENT_TCP;
	event.packet.way.known = true;
	event.packet.way.frames[0] = 4;
	return event;
}

/* The record that comes after these; meta is always first. */
static void assert_record(const struct event *given, size_t count, const char *expected)
{
	static const struct vantage taps[] = {
		{.name = "client", .linktype = 1, .nanoseconds = true},
		{.name = "server", .linktype = 1, .nanoseconds = true, .aligned = true,
		 .offset_ns = -1500000000, .drift_ppb = -49998, .uncertainty_ns = 7000},
	};
	static const struct meta facts = {.start_ns = START_NS, .has_start = true,
					  .source = "read", .vantages = taps,
					  .vantage_count = 2};
	struct event events[4] = {event_of(EVENT_META, 0, 0)};
	struct written written;
	events[0].meta = &facts;
	for (size_t i = 0; i < count; i++)
		events[i + 1] = given[i];
	lines_write(&written, events, count + 1);
	if (!strstr(written.lines[count], expected))
		fail_msg("no %s in %s", expected, written.lines[count]);
	lines_close(&written);
}

#define HEAD "{\"k\":\"tcp\",\"n\":4,\"t\":100000,\"conv\":1,\"from\":\"client\","

static void test_an_arrival_stands_beside_the_departure(void **state)
{
	struct event event = packet_event();
	(void)state;
	event.packet.way.arrives_ns = START_NS + 10100000;
	event.packet.way.frames[1] = 9;
	assert_record(&event, 1, HEAD "\"arrives\":10100000,\"frames\":[4,9]}");
}

static void test_a_loss_names_the_rule(void **state)
{
	struct event event = packet_event();
	(void)state;
	event.packet.way.lost = true;
	event.packet.way.fate = (struct fate){DEED_DROP, "drop data 5"};
	assert_record(&event, 1, HEAD "\"lost\":true,\"frames\":[4,null],"
				      "\"fate\":[{\"did\":\"drop\",\"rule\":\"drop data 5\"}]}");
}

static void test_what_the_labs_end_kept_from_arriving_says_so(void **state)
{
	struct event event = packet_event();
	(void)state;
	event.packet.way.lost = true;
	event.packet.way.fate.did = DEED_ENDED;
	assert_record(&event, 1, HEAD "\"lost\":true,\"frames\":[4,null],"
				      "\"fate\":[{\"did\":\"lab-ended\"}]}");
}

static void test_a_rules_words_are_escaped(void **state)
{
	struct event event = packet_event();
	(void)state;
	event.packet.way.fate = (struct fate){DEED_HOLD, "\"</script>"};
	assert_record(&event, 1, "\"fate\":[{\"did\":\"hold\",\"rule\":\"\\\"\\u003c/script>\"}]}");
}

static void test_what_is_not_known_is_not_said(void **state)
{
	struct event event = packet_event();
	(void)state;
	assert_record(&event, 1, HEAD "\"frames\":[4,null]}");
}

static void test_a_copy_names_its_original_and_an_estimate_says_so(void **state)
{
	struct event event = packet_event();
	(void)state;
	event.packet.way.arrives_ns = START_NS;
	event.packet.way.copy_of = 3;
	event.packet.way.estimated = true;
	event.packet.way.frames[0] = 0;
	event.packet.way.frames[1] = 9;
	assert_record(&event, 1, HEAD "\"arrives\":0,\"t_estimated\":true,\"copy_of\":3,"
				      "\"frames\":[null,9]}");
}

static void test_one_vantage_says_nothing_of_a_way(void **state)
{
	struct event event = packet_event();
	(void)state;
	event.packet.way = (struct way){0};
	assert_record(&event, 1, "\"from\":\"client\"}");
}

static void test_an_amend_says_false_though_it_is_a_default(void **state)
{
	struct event event = event_of(EVENT_AMEND, 1, 0);
	(void)state;
	event.amend = (struct amend){.n = 4, .found = true, .arrives_ns = START_NS + 5};
	assert_record(&event, 1, "{\"k\":\"amend\",\"n\":4,\"arrives\":5,\"lost\":false}");
}

static void test_meta_says_how_a_clock_was_set_right(void **state)
{
	(void)state;
	assert_record(NULL, 0, "\"name\":\"server\",\"linktype\":\"ETHERNET\","
			       "\"precision\":\"ns\",\"offset\":{\"ns\":-1500000000,"
			       "\"ppm\":-49.998,\"uncertainty_ns\":7000}}");
}

static void test_closed_counts_losses_and_knows_both_taps(void **state)
{
	struct closed facts = {.ends = echo_ends(false), .first_ns = START_NS,
			       .last_ns = START_NS, .near = {true, true}, .lost = 2};
	struct event event = event_of(EVENT_CLOSED, 1, 0);
	(void)state;
	event.closed = &facts;
	assert_record(&event, 1, "\"lost\":2,");
	assert_record(&event, 1, "\"why\":\"both ends are on the machine that captured\"}}");
	facts.crossed = true;
	assert_record(&event, 1, "\"vantage\":{\"place\":\"both\","
				 "\"why\":\"its packets were captured at both ends\"}}");
}

static void crossing_said(struct output *output, enum end from, struct way way, int64_t us)
{
	struct event event = event_of(EVENT_PACKET, 1, us);
	event.packet.segment.kind = SEGMENT_TCP;
	event.packet.segment.tcp.flags = TCP_ACK | TCP_PSH;
	event.packet.segment.len = 100;
	event.packet.seq = event.packet.ack = 1;
	event.packet.window = 500;
	event.packet.from = from;
	event.packet.way = way;
	take(output, &event);
}

static void losses(struct output *output)
{
	struct event amend = event_of(EVENT_AMEND, 1, 2500000);
	const struct way lost = {.known = true, .lost = true};
	struct way dropped = lost, queued = lost, ended_early = lost;
	ended_early.fate = (struct fate){DEED_ENDED, NULL};
	dropped.fate = (struct fate){DEED_DROP, "drop data 5"};
	queued.fate = (struct fate){DEED_QUEUE_DROP,
				    "a rule whose words are longer than there is room for"};
	conversation(output, 1, false);
	crossing_said(output, END_CLIENT, dropped, 0);
	crossing_said(output, END_SERVER, dropped, 10);
	crossing_said(output, END_CLIENT, lost, 20);
	crossing_said(output, END_SERVER, lost, 30);
	crossing_said(output, END_CLIENT, queued, 40);
	crossing_said(output, END_CLIENT, (struct way){.known = true, .copy_of = 3}, 50);
	crossing_said(output, END_SERVER, ended_early, 60);
	amend.amend = (struct amend){.n = 3, .found = true,
				     .arrives_ns = START_NS + 2500 * NS_PER_MS};
	take(output, &amend);
}

static void test_a_lost_packet_is_an_arrow_that_does_not_get_there(void **state)
{
	struct scratch scratch;
	struct output_config config = {0};
	struct output *output;
	char *text;
	(void)state;
	scratch_open(&scratch, "x.txt");
	config.path = scratch.path;
	output = opened(&config);
	meta(output);
	losses(output);
	ended(output);
	text = file_text(scratch.path);
	scratch_close(&scratch);
	assert_string_equal(
		strchr(strchr(text, '\n') + 1, '\n') + 1,
		"    0.000               │━ PSH ACK seq=1 len=100 ━✗ drop data 5   │\n"
		"    0.010               │   drop data 5 ✗━ PSH ACK seq=1 len=100 ━│\n"
		"    0.020               │━━━ PSH ACK seq=1 ack=1 len=100 ━✗       │\n"
		"    0.030               │       ✗━ PSH ACK seq=1 ack=1 len=100 ━━━│\n"
		"    0.040               │━━━ PSH ACK ━✗ a rule whose words …      │\n"
		"    0.050               │━━━ PSH ACK seq=1 ack=1 len=100 (copy) ━▶│\n"
		"    0.060               │   lab-ended ✗━ PSH ACK seq=1 len=100 ━━━│\n"
		"        -  Packet 3 was given up too early: it arrives 2.50 s after the start.\n"
		"\n");
	free(text);
}

static void state_at(struct output *output, enum end who, enum tcp_state now, int64_t us)
{
	struct event event = event_of(EVENT_STATE, 1, us);
	event.state = (struct state_change){.who = who, .state = now};
	take(output, &event);
}

/* A handshake's last ACK is under way while data follow; then a close. */
static void crossing_states(struct output *output)
{
	const struct way way = {.known = true, .arrives_ns = START_NS + 1};
	conversation(output, 1, false);
	crossing_said(output, END_CLIENT, way, 0);
	state_at(output, END_CLIENT, STATE_ESTABLISHED, 0);
	crossing_said(output, END_CLIENT, way, 50);
	state_at(output, END_SERVER, STATE_ESTABLISHED, 10000);
	crossing_said(output, END_SERVER, way, 10000);
	state_at(output, END_SERVER, STATE_FIN_WAIT_1, 10000);
	state_at(output, END_CLIENT, STATE_CLOSE_WAIT, 10000);
	state_at(output, END_SERVER, STATE_FIN_WAIT_2, 400000);
	state_at(output, END_SERVER, STATE_TIME_WAIT, 400000);
}

static void test_with_two_vantages_a_state_begins_when_its_cause_arrives(void **state)
{
	struct scratch scratch;
	struct output_config config = {0};
	struct output *output;
	char *text;
	(void)state;
	scratch_open(&scratch, "x.txt");
	config.path = scratch.path;
	output = opened(&config);
	meta(output);
	crossing_states(output);
	ended(output);
	text = file_text(scratch.path);
	scratch_close(&scratch);
	assert_string_equal(
		strchr(strchr(text, '\n') + 1, '\n') + 1,
		"    0.000  ESTABLISHED  │━━━ PSH ACK seq=1 ack=1 len=100 ━━━━━━━━▶│\n"
		"    0.050               │━━━ PSH ACK seq=1 ack=1 len=100 ━━━━━━━━▶│\n"
		"   10.000               │                                         │ ESTABLISHED\n"
		"   10.000  CLOSE-WAIT   │◀━━━━━━━━ PSH ACK seq=1 ack=1 len=100 ━━━│ FIN-WAIT-1\n"
		" ⋮ 390 ms               ⋮                                         ⋮\n"
		"  400.000               │                                         │ FIN-WAIT-2\n"
		"                        │                                         │ TIME-WAIT\n"
		"\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_arrival_stands_beside_the_departure),
		cmocka_unit_test(test_a_loss_names_the_rule),
		cmocka_unit_test(test_what_the_labs_end_kept_from_arriving_says_so),
		cmocka_unit_test(test_a_rules_words_are_escaped),
		cmocka_unit_test(test_what_is_not_known_is_not_said),
		cmocka_unit_test(test_a_copy_names_its_original_and_an_estimate_says_so),
		cmocka_unit_test(test_one_vantage_says_nothing_of_a_way),
		cmocka_unit_test(test_an_amend_says_false_though_it_is_a_default),
		cmocka_unit_test(test_meta_says_how_a_clock_was_set_right),
		cmocka_unit_test(test_closed_counts_losses_and_knows_both_taps),
		cmocka_unit_test(test_with_two_vantages_a_state_begins_when_its_cause_arrives),
		cmocka_unit_test(test_a_lost_packet_is_an_arrow_that_does_not_get_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
