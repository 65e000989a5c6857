/* What records say of a capture beside the headers of a packet: datagrams put together, comments
 * and names of the file, and what the summary keeps of all that is missing. */
#include "lines.h"

static void test_a_joined_datagram_names_its_fragments(void **state)
{
	static const uint64_t fragments[] = {2, 4, 3};
	struct event event = event_of(EVENT_PACKET, 3, 1);
	(void)state;
	event.packet.n = 4;
	event.packet.segment.kind = SEGMENT_UDP;
	event.packet.segment.len = 3000;
	event.packet.segment.tunnel =
		(struct tunnel){3, {TUNNEL_VLAN, TUNNEL_6IN4, TUNNEL_GRE}, 5, {0, 9, 4294967295}};
	event.packet.fragments = fragments;
	event.packet.fragment_count = 3;
	assert_line(&event,
		    "{\"k\":\"udp\",\"n\":4,\"t\":1000,\"conv\":3,\"from\":\"client\","
		    "\"len\":3000,\"tunnel\":[\"vlan 0\",\"6in4\",\"gre 4294967295\"],"
		    "\"fragments\":[2,4,3]}");
}

static void test_what_the_file_says_beside_the_bytes_is_kept(void **state)
{
	struct event event = event_of(EVENT_PACKET, 3, 0);
	(void)state;
	event.packet.n = 4;
	event.packet.segment.kind = SEGMENT_UDP;
	event.packet.link_flags = 2;
	event.packet.comment = "first\n<\xff\0last";
	event.packet.comment_len = 13;
	assert_line(&event, "{\"k\":\"udp\",\"n\":4,\"t\":0,\"conv\":3,\"from\":\"client\","
			    "\"dir\":\"out\",\"comment\":\"first\\u000a\\u003c\xEF\xBF\xBD"
			    "\\u0000last\"}");
}

static void test_a_name_has_all_its_addresses(void **state)
{
	static const struct host hosts[] = {
		{.name = "a.example", .addr = IP4(10, 0, 0, 1)},
		{.name = "a.example", .addr = IP4(10, 0, 0, 2)},
		{.name = "<b\xff", .addr = IP4(10, 0, 0, 2)},
	};
	struct meta facts = {.source = "read", .hosts = hosts, .host_count = 3};
	struct event event = event_of(EVENT_META, 0, 0);
	struct written written;
	(void)state;
	event.meta = &facts;
	lines_write(&written, &event, 1);
	assert_non_null(strstr(written.lines[0],
		"\"hosts\":[{\"name\":\"a.example\",\"addrs\":[\"10.0.0.1\",\"10.0.0.2\"]},"
		"{\"name\":\"\\u003cb\xEF\xBF\xBD\",\"addrs\":[\"10.0.0.2\"]}]"));
	lines_close(&written);
}

static void test_the_summary_tells_what_became_of_fragments(void **state)
{
	struct summary counts = {.joins = {.joined = 5, .incomplete = 1, .timed_out = 2,
					   .refused = 3, .evicted = 4}};
	struct event event = event_of(EVENT_SUMMARY, 0, 0);
	struct written written;
	(void)state;
	event.summary = &counts;
	lines_write(&written, &event, 1);
	assert_non_null(strstr(written.lines[0],
		"\"datagrams\":{\"joined\":5,\"incomplete\":1,\"timed_out\":2,\"refused\":3,"
		"\"evicted\":4}"));
	assert_non_null(strstr(written.lines[0],
		"\"3 datagrams stay in pieces: some of their fragments were not seen, or could not "
		"be used\""));
	assert_non_null(strstr(written.lines[0], "3 IPv6 datagrams have overlapping"));
	assert_non_null(strstr(written.lines[0],
		"\"4 datagrams were not put together: too many, or too large ones, were open at "
		"once\""));
	lines_close(&written);
}

static void test_a_length_left_to_the_hardware_is_said_to_be_a_guess(void **state)
{
	struct summary counts = {.flaws = {[FLAW_BIT_OFFLOAD_LENGTH] = 2}};
	struct event event = event_of(EVENT_SUMMARY, 0, 0);
	(void)state;
	event.summary = &counts;
	assert_line(&event,
		    "{\"k\":\"summary\",\"packets\":0,\"bytes\":0,"
		    "\"flaws\":{\"offload-length\":2},\"quality\":["
		    "\"2 packets left their IP length to the hardware (0): it was taken from the "
		    "frame\"]}");
}

static void test_a_capture_of_which_nothing_could_be_read_is_not_called_clean(void **state)
{
	struct summary counts = {
		.all = {2, 80}, .other = {2, 80}, .unknown_count = 1,
		.unknown = {{LAYER_LINK, 253, {2, 80}}}};
	struct event event = event_of(EVENT_SUMMARY, 0, 0);
	char *line;
	(void)state;
	event.summary = &counts;
	line = line_of(&event);
	assert_non_null(strstr(line, "\"quality\":[\"2 packets came over a link that could not be "
				     "taken apart: what they carry is not known\"]"));
	free(line);
	counts.unknown[0].layer = LAYER_ETHERTYPE; /* ARP, say: that is no fault */
	line = line_of(&event);
	assert_non_null(strstr(line, "a clean capture"));
	free(line);
}

/* The summary of a capture whose list of places ends before its places do, or does not. */
static char *line_of_skipped(const struct skipped *skipped, size_t count, uint64_t places)
{
	struct summary counts = {.skipped = skipped, .skipped_count = count,
				 .skipped_places = places, .skipped_bytes = UINT64_MAX};
	struct event event = event_of(EVENT_SUMMARY, 0, 0);
	event.summary = &counts;
	return line_of(&event);
}

static void test_places_beyond_the_list_are_counted(void **state)
{
	/* The second is a file that could not be read: no place. */
	static const struct skipped listed[] = {{1, 5, "damage"}, {0, 0, "no such file"}};
	static const struct {
		size_t count;
		uint64_t places;
		const char *all; /* NULL: the list says it */
	} cases[] = {
		{1, 1, NULL},
		{2, 1, NULL},
		{1, 2, "\"skipped_all\":{\"places\":2,\"bytes\":18446744073709551615}"},
		{2, 2, "\"skipped_all\":{\"places\":2,\"bytes\":18446744073709551615}"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		char *line = line_of_skipped(listed, cases[i].count, cases[i].places);
		const char *all = strstr(line, "\"skipped_all\"");
		assert_int_equal(all != NULL, cases[i].all != NULL);
		if (all)
			assert_int_equal(strncmp(all, cases[i].all, strlen(cases[i].all)), 0);
		assert_non_null(strstr(line, "\"18446744073709551615 bytes of the input are no "
					     "packets and were passed over\""));
		free(line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_joined_datagram_names_its_fragments),
		cmocka_unit_test(test_what_the_file_says_beside_the_bytes_is_kept),
		cmocka_unit_test(test_a_name_has_all_its_addresses),
		cmocka_unit_test(test_the_summary_tells_what_became_of_fragments),
		cmocka_unit_test(test_a_length_left_to_the_hardware_is_said_to_be_a_guess),
		cmocka_unit_test(
			test_a_capture_of_which_nothing_could_be_read_is_not_called_clean),
		cmocka_unit_test(test_places_beyond_the_list_are_counted),
	};
	return cmocka_run_group_tests_name("records_capture", tests, NULL, NULL);
}
