/* What stands in the terminal, line for line. */
#include "events.h"

#include <fcntl.h>

/* Everything an output of these events writes; the caller frees. */
static char *text_of(struct output_config config, void (*events)(struct output *))
{
	struct scratch scratch;
	struct output *output;
	char *text;
	scratch_open(&scratch, "x.txt");
	config.path = scratch.path;
	output = opened(&config);
	meta(output);
	events(output);
	ended(output);
	text = file_text(scratch.path);
	scratch_close(&scratch);
	return text;
}

static void assert_text(struct output_config config, void (*events)(struct output *),
			const char *expected)
{
	char *text = text_of(config, events);
	assert_string_equal(text, expected);
	free(text);
}

static void assert_has(void (*events)(struct output *), const char *words)
{
	char *text = text_of((struct output_config){0}, events);
	if (!strstr(text, words))
		fail_msg("no '%s' in\n%s", words, text);
	free(text);
}

static void echo(struct output *output)
{
	echo_session(output);
	summary(output, 10);
}

static void test_an_echo_session_is_a_ladder(void **state)
{
	(void)state;
	assert_text(
		(struct output_config){0}, echo,
		"#1 TCP  127.0.0.1:41822 → 127.0.0.1:7   10 packets   300 ms\n"
		"       ms  client       127.0.0.1:41822                 127.0.0.1:7 server\n"
		"    0.000  SYN-SENT     │─── SYN seq=0 win=65536 mss=65495 ──────▶│\n"
		"    0.031               │◀────── SYN ACK seq=0 ack=1 win=65536 ───│ SYN-RECEIVED\n"
		"    0.045  ESTABLISHED  │─── ACK ack=1 ──────────────────────────▶│ ESTABLISHED\n"
		"    0.120               │━━━ PSH ACK seq=1 ack=1 len=5 \"hello\" ━━▶│\n"
		"    0.140               │◀────────────────────────── ACK ack=6 ───│\n"
		" ⋮ 300 ms               ⋮                                         ⋮\n"
		"  300.140               │◀━━ PSH ACK seq=1 ack=6 len=5 \"hello\" ━━━│\n"
		"  300.200  FIN-WAIT-1   │─── FIN ACK seq=6 ack=6 ────────────────▶│\n"
		"  300.300               │◀──────────────── FIN ACK seq=6 ack=7 ───│ CLOSE-WAIT\n"
		"                        │                                         │ LAST-ACK\n"
		"  300.900               │◀══ ⟳ FIN ACK seq=6 ack=7 (FIN again) ═══│\n"
		"  300.950  TIME-WAIT    │─── ACK ack=7 ──────────────────────────▶│\n"
		"\n"
		"10 packets in 1 conversation, 1.50 ms\n"
		"- a clean capture: nothing is known to be missing, cut or captured twice\n");
}

static void test_one_conversation_is_drawn_as_it_comes(void **state)
{
	char *text = text_of((struct output_config){.conv = 1}, echo);
	(void)state;
	assert_int_equal(strncmp(text, "#1 TCP  127.0.0.1:41822 → 127.0.0.1:7\n", 40), 0);
	assert_non_null(strstr(text, "  300.950  TIME-WAIT    │─── ACK ack=7 "));
	free(text);
}

static void test_a_conversation_that_is_not_there_is_told(void **state)
{
	(void)state;
	assert_text((struct output_config){.conv = 7}, echo,
		    "there is no conversation 7; leave --conv out to see which there are\n\n"
		    "10 packets in 1 conversation, 1.50 ms\n"
		"- a clean capture: nothing is known to be missing, cut or captured twice\n");
}

static void test_time_can_count_from_the_previous_packet(void **state)
{
	char *text = text_of((struct output_config){.times = TIMES_SINCE_PREVIOUS}, echo);
	(void)state;
	assert_non_null(strstr(text, "\n    0.014  ESTABLISHED  │─── ACK ack=1"));
	assert_non_null(strstr(text, "\n  300.000               │◀━━ PSH"));
	free(text);
	text = text_of((struct output_config){.times = TIMES_UTC}, echo);
	assert_non_null(strstr(text, "\n22:13:20.123456  SYN-SENT     │"));
	free(text);
}

static void datagrams(struct output *output)
{
	struct event event = event_of(EVENT_PACKET, 1, 90);
	conversation(output, 1, true);
	CLIENT_SENDS(output, 1, .udp = true, .text = "hello\r\n");
	SERVER_SENDS(output, 2, .udp = true, .us = 50, .text = "Grüße und noch viel mehr Text");
	event.packet.n = 3;
	event.packet.segment.kind = SEGMENT_ICMP;
	event.packet.segment.ends.src = event.packet.segment.ends.dst = IP4(127, 0, 0, 1);
	event.packet.segment.icmp.type = 3;
	event.packet.segment.icmp.code = 3;
	event.packet.segment.icmp.quotes = true;
	event.packet.segment.icmp.quoted.src = IP4(127, 0, 0, 1);
	event.packet.segment.icmp.quoted.sport = 41822;
	take(output, &event);
	event.packet.segment.icmp.quoted.sport = 7;
	event.packet.segment.icmp.code = 4;
	take(output, &event);
	event.conv = 0;
	event.packet.segment.icmp.type = 8;
	event.packet.segment.icmp.code = 0;
	take(output, &event);
}

static void test_datagrams_and_the_errors_that_they_meet(void **state)
{
	(void)state;
	assert_text((struct output_config){0}, datagrams,
		"#1 UDP  127.0.0.1:41822 → 127.0.0.1:7   4 packets   90.0 µs\n"
		"       ms  client       127.0.0.1:41822                 127.0.0.1:7 server\n"
		"    0.000               │━━━ UDP len=7 \"hello\\r\\n\" ━━━━━━━━━━━━━━▶│\n"
		"    0.050               │◀━ UDP len=31 \"Grüße und noch viel me…\" ━│\n"
		"    0.090               │◀─ ICMP destination unreachable: port ───│\n"
		"    0.090               │─── ICMP fragmentation needed ──────────▶│\n"
		"\n"
		"    0.090  127.0.0.1 → 127.0.0.1  ICMP echo request\n\n");
}

static void tunnelled(struct output *output)
{
	static const uint64_t fragments[] = {1, 2};
	struct event event = event_of(EVENT_PACKET, 1, 0);
	conversation(output, 1, true);
	event.packet.segment.kind = SEGMENT_UDP;
	event.packet.segment.tunnel = (struct tunnel){2, {TUNNEL_VLAN, TUNNEL_GRE}, 1, {7}};
	event.packet.comment = "look: \033[2J";
	event.packet.comment_len = 10;
	take(output, &event);
	event.packet.comment_len = 0;
	event.packet.segment.len = 3000;
	event.packet.fragments = fragments;
	event.packet.fragment_count = 2;
	take(output, &event);
}

static void test_tunnels_comments_and_fragments_are_told(void **state)
{
	(void)state;
	assert_text((struct output_config){0}, tunnelled,
		"#1 UDP  127.0.0.1:41822 → 127.0.0.1:7   2 packets   0.00 µs\n"
		"       ms  client       127.0.0.1:41822                 127.0.0.1:7 server\n"
		"        -  through vlan 7, gre\n"
		"        -  \"look: \\x1b[2J\"\n"
		"    0.000               │━━━ UDP len=0 ━━━━━━━━━━━━━━━━━━━━━━━━━━▶│\n"
		"    0.000               │━━━ UDP len=3000 in 2 fragments ━━━━━━━━▶│\n"
		"\n");
}

static void retransmission(struct output *output)
{
	conversation(output, 1, false);
	CLIENT_SENDS(output, 1, .flags = TCP_PSH | TCP_ACK, .seq = 123456789, .ack = 987654321,
		     .text = "hello", .again = true);
	SERVER_SENDS(output, 2, .us = 1, .flags = TCP_ACK, .ack = 1, .shut = true);
}

static void test_without_room_what_matters_most_is_left(void **state)
{
	(void)state;
	assert_has(retransmission, "│═══ ⟳ PSH ACK len=5 (retransmission) ═══▶│");
	assert_has(retransmission, " ACK ack=1 win=0 ───│");
}

static void hostile(struct output *output)
{
	conversation(output, 1, true);
	CLIENT_SENDS(output, 1, .udp = true, .text = "abcd\033[2J\033]0;owned\a");
	CLIENT_SENDS(output, 2, .udp = true, .text = "\xc2\x9b" "31m");
	CLIENT_SENDS(output, 3, .udp = true, .text = "x\xe2\x80\xae" "evil");
	CLIENT_SENDS(output, 4, .udp = true, .text = "y\xff\xfe");
	note(output, 1, "note \033[31m\xc2\x9b\xff red \a");
	note(output, 0, "note \033]0;owned\a");
}

static void test_hostile_bytes_never_reach_the_terminal(void **state)
{
	char *text = text_of((struct output_config){0}, hostile);
	const uint8_t *at = (const uint8_t *)text;
	size_t left = strlen(text);
	(void)state;
	while (left > 0) {
		uint32_t c;
		size_t used = text_utf8_next(at, left, &c);
		assert_false(c == 0xFFFD && used == 1);
		assert_false((c < 0x20 && c != '\n') || (c >= 0x7F && c < 0xA0) || c == 0x202E);
		at += used;
		left -= used;
	}
	assert_non_null(strstr(text, "UDP len=18 \"abcd…\" ━"));
	assert_non_null(strstr(text, "!  note \\x1b[31m\\u{9b}\\xff red"));
	free(text);
}

static void long_note(struct output *output)
{
	conversation(output, 1, false);
	CLIENT_SENDS(output, 1, .flags = TCP_ACK);
	note(output, 1,
	     "the kernel dropped 3 packets before this one: gaps in this ladder may be "
	     "ours and not the network's");
}

static void test_a_note_is_wrapped_below_its_packet(void **state)
{
	(void)state;
	assert_has(
		long_note,
		"▶│\n"
		"        !  the kernel dropped 3 packets before this one: gaps in this "
		"ladder may\n"
		"           be ours and not the network's\n");
}

static void many(struct output *output)
{
	echo_session(output);
	for (uint64_t n = 11; n <= 201; n++)
		CLIENT_SENDS(output, n, .us = 400000, .flags = TCP_ACK);
	closed(output, 1, 201);
	summary(output, 201);
}

static void test_above_200_packets_there_is_a_table(void **state)
{
	(void)state;
	assert_text((struct output_config){0}, many,
		" conv     client, server                 pkts bytes    time     rtt ended\n"
		"    1 tcp 127.0.0.1:41822 → 127.0.0.1:7   201     5 1.00 µs         fin\n"
		"\n"
		"add `--conv N` for one conversation's ladder\n"
		"\n"
		"201 packets in 1 conversation, 1.50 ms\n"
		"- a clean capture: nothing is known to be missing, cut or captured twice\n");
}

static void test_a_conversation_asked_for_has_no_limit(void **state)
{
	char *text = text_of((struct output_config){.conv = 1}, many);
	unsigned rows = 0;
	(void)state;
	for (const char *at = text; (at = strstr(at, "│\n")); at++)
		rows++;
	assert_true(rows >= 195);
	assert_null(strstr(text, "--conv"));
	free(text);
}

static void thousands(struct output *output)
{
	for (uint32_t conv = 1; conv <= 1500; conv++)
		conversation(output, conv, false);
	for (uint32_t conv = 1; conv <= 1500; conv++)
		closed(output, conv, conv % 2 ? conv : 1);
	summary(output, 1000000);
}

static void test_the_table_keeps_the_thousand_longest(void **state)
{
	char *text = text_of((struct output_config){0}, thousands);
	unsigned rows = 0;
	(void)state;
	for (const char *at = text; (at = strstr(at, " tcp ")); at++)
		rows++;
	assert_int_equal(rows, 1000);
	assert_non_null(strstr(text, " 1499 tcp "));
	assert_non_null(strstr(text, "\n    2 tcp ")); /* of equals the earlier ones */
	assert_null(strstr(text, " 1500 tcp "));
	assert_non_null(strstr(text, "and 500 more with fewer packets\n"));
	free(text);
}

static void test_no_line_is_wider_than_the_terminal(void **state)
{
	static const unsigned widths[] = {80, 100, 132};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(widths); i++) {
		char *text = text_of((struct output_config){.columns = widths[i]}, echo);
		for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
			unsigned columns = 0;
			for (; *line; line++)
				columns += ((uint8_t)*line & 0xC0) != 0x80;
			assert_in_range(columns, 0, widths[i]);
		}
		free(text);
	}
}

static void test_colours_are_only_added(void **state)
{
	char *plain = text_of((struct output_config){0}, echo);
	char *colored = text_of((struct output_config){.color = true}, echo), *to = colored;
	(void)state;
	assert_non_null(strstr(colored, "\033[32m─── SYN"));
	for (const char *from = colored; *from;) {
		if (*from == '\033')
			from += strcspn(from, "m") + 1;
		else
			*to++ = *from++;
	}
	*to = '\0';
	assert_string_equal(plain, colored);
	free(plain);
	free(colored);
}

/* A terminal whose locale is not UTF-8. */
static void test_an_old_terminal_gets_ascii(void **state)
{
	struct output_config config = {.format = "txt"};
	struct output *output;
	char text[16384];
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	ssize_t count;
	(void)state;
	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
		skip(); /* no terminals to be had here */
	setenv("LC_ALL", "C", 1);
	config.path = ptsname(master);
	output = opened(&config);
	meta(output);
	datagrams(output);
	note(output, 0, "größer");
	ended(output);
	count = read(master, text, sizeof(text) - 1);
	close(master);
	assert_true(count > 0);
	text[count] = '\0';
	for (ssize_t i = 0; i < count; i++)
		assert_true((uint8_t)text[i] < 0x80);
	assert_non_null(strstr(text, "|=== UDP len=7 \"hello\\r\\n\" ==============>|"));
	assert_non_null(strstr(text, "!  gr??er"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_echo_session_is_a_ladder),
		cmocka_unit_test(test_one_conversation_is_drawn_as_it_comes),
		cmocka_unit_test(test_a_conversation_that_is_not_there_is_told),
		cmocka_unit_test(test_time_can_count_from_the_previous_packet),
		cmocka_unit_test(test_datagrams_and_the_errors_that_they_meet),
		cmocka_unit_test(test_tunnels_comments_and_fragments_are_told),
		cmocka_unit_test(test_without_room_what_matters_most_is_left),
		cmocka_unit_test(test_hostile_bytes_never_reach_the_terminal),
		cmocka_unit_test(test_a_note_is_wrapped_below_its_packet),
		cmocka_unit_test(test_above_200_packets_there_is_a_table),
		cmocka_unit_test(test_a_conversation_asked_for_has_no_limit),
		cmocka_unit_test(test_the_table_keeps_the_thousand_longest),
		cmocka_unit_test(test_no_line_is_wider_than_the_terminal),
		cmocka_unit_test(test_colours_are_only_added),
		cmocka_unit_test(test_an_old_terminal_gets_ascii),
	};
	return cmocka_run_group_tests_name("ladder", tests, NULL, NULL);
}
