/* Whoever writes a lesson is told its first mistake: file, line, what was expected. */
#include "../../support/cm.h"
#include "../../support/guard.h"

#include "../../../src/lab/lesson.h"

#include <stdio.h>
#include <string.h>

#define HEAD "{\"title\": \"t\", \"story\": \"s\",\n"
#define PROGRAMS "\"programs\": [{\"host\": \"client\", \"steps\": [{\"socket\": \"tcp\"}]}]"
/* A member on line 2, a step on line 3, a rule and an expectation on line 4. */
#define WITH(member) HEAD member ",\n" PROGRAMS "}"
#define STEP(step) HEAD "\"programs\": [{\"host\": \"client\", \"steps\": [\n" step "]}]}"
#define RULE(rule) HEAD PROGRAMS ",\n\"wire\": [\n" rule "]}"
#define EXPECT(expect) HEAD PROGRAMS ",\n\"expect\": [\n" expect "]}"

struct mistake {
	const char *text, *sentence;
};

/* The text ends at a page that nobody may read, without a NUL. */
static void says(struct guard *guard, const char *text, const char *sentence)
{
	struct err err = {0};
	size_t count = strlen(text);
	struct cursor cursor = cursor_init(guard_place(guard, text, count), count);
	struct lesson *lesson = lesson_read("my", "my.json", cursor, &err);
	if (lesson)
		fail_msg("no mistake was found in %s; expected: %s", text, sentence);
	assert_string_equal(err.text, sentence);
	assert_int_equal(err.status, EXIT_USAGE);
}

static void say_all(const struct mistake *mistakes, size_t count)
{
	struct guard guard;
	assert_true(guard_open(&guard, 4096));
	for (size_t i = 0; i < count; i++)
		says(&guard, mistakes[i].text, mistakes[i].sentence);
	guard_close(&guard);
}
#define SAY(mistakes) say_all(mistakes, ARRAY_COUNT(mistakes))

static void test_what_is_not_json_is_told_with_its_place(void **state)
{
	static const struct mistake mistakes[] = {
		{"",
		 "my.json, line 1: the JSON ends too early: a brace, bracket or quote is "
		 "not closed"},
		{"  \n",
		 "my.json, line 1: the JSON ends too early: a brace, bracket or quote is "
		 "not closed"},
		{"{\n\"title\": \"t\"\n\"story\": 1}",
		 "my.json, line 3: no JSON from here on: \"story\": 1}; look for a comma, "
		 "brace or quote that is missing or too many"},
		{"{\n\"title\": [1,\n2,]}",
		 "my.json, line 3: no JSON from here on: ]}; look for a comma, brace or "
		 "quote that is missing or too many"},
		{"{\"title\":\n\"t",
		 "my.json, line 2: no JSON from here on: t; look for a comma, brace or "
		 "quote that is missing or too many"},
		{"{}\n{}",
		 "my.json, line 1: something follows after the lesson's last brace; a file "
		 "holds one lesson"},
		{"{\"title\": \"\n\xff\"}",
		 "my.json, line 2: a byte that is no text (0xFF); a lesson is JSON in UTF-8"},
		{"{\n\"title\": \"\\u0000\"}",
		 "my.json, line 2: \\u0000 cannot stand in a text"},
		{"[]",
		 "my.json, line 1: a lesson is written in braces, {\"title\": …}"},
		{"3",
		 "my.json, line 1: a lesson is written in braces, {\"title\": …}"},
	};
	(void)state;
	SAY(mistakes);
}

static void test_unknown_missing_and_double_keys_are_told(void **state)
{
	static const struct mistake mistakes[] = {
		{"{\n\n\"titel\": \"t\"}",
		 "my.json, line 3: in a lesson the key \"titel\" is not one of title, "
		 "story, cites, group, link, hosts, programs, wire, expect, questions, "
		 "limit_s, ipv6: did you mean \"title\"?"},
		{"{\"title\": \"t\",\n\"story\": \"s\"}",
		 "my.json, line 1: a lesson needs \"programs\""},
		{"{\"title\": \"t\",\n\"title\": \"t\"}",
		 "my.json, line 2: in a lesson the key \"title\" stands twice"},
		{WITH("\"xyzzy\": 1"),
		 "my.json, line 2: in a lesson the key \"xyzzy\" is not one of title, "
		 "story, cites, group, link, hosts, programs, wire, expect, questions, "
		 "limit_s, ipv6"},
		{WITH("\"group\": \"\""),
		 "my.json, line 2: \"group\" has 0 bytes; it may have 1 to 64"},
		{"{\"title\": \"t\",\n\"story\": [],\n" PROGRAMS "}",
		 "my.json, line 2: \"story\" has 0 items; it may have 1 to 8192"},
		{WITH("\"cites\": \"RFC 9293\""),
		 "my.json, line 2: \"cites\" is a list, […]"},
		{WITH("\"cites\": [\"\"]"),
		 "my.json, line 2: an item of this list has 0 bytes; it may have 1 to 8192"},
		{WITH("\"limit_s\": 0"),
		 "my.json, line 2: \"limit_s\" is a whole number from 1 to 600"},
		{WITH("\"limit_s\": 1.5"),
		 "my.json, line 2: \"limit_s\" is a whole number from 1 to 600"},
		{WITH("\"limit_s\": 1e999"),
		 "my.json, line 2: \"limit_s\" is a whole number from 1 to 600"},
		{WITH("\"ipv6\": 6"),
		 "my.json, line 2: \"ipv6\" is true or false"},
		{WITH("\"questions\": [{\"ask\": \"why?\"}]"),
		 "my.json, line 2: a question needs \"answer\""},
		{HEAD "\"programs\": []}",
		 "my.json, line 2: \"programs\" has 0 items; it may have 1 to 64"},
	};
	(void)state;
	SAY(mistakes);
}

static void test_mistakes_of_link_and_hosts_are_told(void **state)
{
	static const struct mistake mistakes[] = {
		{WITH("\"link\": {\n\"delay\": 10}"),
		 "my.json, line 3: in a link the key \"delay\" is not one of delay_ms, "
		 "rate_kbit, queue, mtu, stall: did you mean \"delay_ms\"?"},
		{WITH("\"link\": {\"delay_ms\": -1}"),
		 "my.json, line 2: \"delay_ms\" is a number of milliseconds from 0 to 600000"},
		{WITH("\"link\": {\"mtu\": 9000}"),
		 "my.json, line 2: \"mtu\" is a whole number from 576 to 1500"},
		{WITH("\"link\": {\"stall\": {\"for_ms\": 3}}"),
		 "my.json, line 2: a stall needs \"after_ms\""},
		{WITH("\"link\": {\"delay_ms\": 1, \"to_server\": {}}"),
		 "my.json, line 2: in a link for each way the key \"delay_ms\" is not one "
		 "of to_client, to_server"},
		{WITH("\"link\": 10"),
		 "my.json, line 2: a link is written in braces, {\"delay_ms\": …}"},
		{WITH("\"hosts\": {\"sever\": {}}"),
		 "my.json, line 2: in the hosts the key \"sever\" is not one of client, "
		 "server, both: did you mean \"server\"?"},
		{WITH("\"hosts\": {\"server\": {\"kernel.panic\": 1}}"),
		 "my.json, line 2: \"kernel.panic\" is no setting of the network; one is "
		 "written \"net.ipv4.tcp_sack\": \"0\""},
		{WITH("\"hosts\": {\"server\": {\"net.ipv4/../../etc\": 1}}"),
		 "my.json, line 2: \"net.ipv4/../../etc\" is no setting of the network; one "
		 "is written \"net.ipv4.tcp_sack\": \"0\""},
		{WITH("\"hosts\": {\"server\": {\"net.ipv4.tcp_sack\": false}}"),
		 "my.json, line 2: \"net.ipv4.tcp_sack\" is a text in quotes"},
		{WITH("\"hosts\": {\"server\": []}"),
		 "my.json, line 2: \"server\" holds settings in braces, "
		 "{\"net.ipv4.tcp_sack\": \"0\"}, at most 64"},
	};
	(void)state;
	SAY(mistakes);
}

static void test_mistakes_of_steps_are_told(void **state)
{
	static const struct mistake mistakes[] = {
		{STEP("{\"sned\": 3}"),
		 "my.json, line 3: step \"sned\" is not one of socket, bind, listen, "
		 "accept, connect, send, send_oob, recv, sendto, recvfrom, echo, shutdown, "
		 "close, abort, setsockopt, sleep_ms, mark, wait: did you mean \"send\"?"},
		{STEP("{\"socket\": \"tpc\"}"),
		 "my.json, line 3: socket \"tpc\" is not one of tcp, udp, tcp6, udp6: did "
		 "you mean \"tcp\"?"},
		{STEP("{\"socket\": true}"),
		 "my.json, line 3: \"socket\" takes \"tcp\", \"udp\", \"tcp6\" or \"udp6\""},
		{STEP("\"socket\""),
		 "my.json, line 3: a step is written in braces, {\"listen\": 1}"},
		{STEP("{}"),
		 "my.json, line 3: a step names a call, {\"listen\": 1}"},
		{STEP("{\"send\": 1,\n \"recv\": 1}"),
		 "my.json, line 4: a step makes one call; this one names \"send\" and "
		 "\"recv\""},
		{STEP("{\"send\": 1, \"repeat\": 1, \"repeat\": 2}"),
		 "my.json, line 3: \"repeat\" stands twice in a step"},
		{STEP("{\"send\": 0}"),
		 "my.json, line 3: \"send\" is a whole number from 1 to 67108864"},
		{STEP("{\"send\": \"\"}"),
		 "my.json, line 3: \"send\" has 0 bytes; it may have 1 to 8192"},
		{STEP("{\"recv\": \"all\"}"),
		 "my.json, line 3: recv \"all\" is not one of eof, some"},
		{STEP("{\"accept\": 1}"),
		 "my.json, line 3: \"accept\" takes true"},
		{STEP("{\"listen\": true}"),
		 "my.json, line 3: \"listen\" takes a backlog from 0 to 65535"},
		{STEP("{\"bind\": 70000}"),
		 "my.json, line 3: \"bind\" is a whole number from 0 to 65535"},
		{STEP("{\"bind\": \"70000\"}"),
		 "my.json, line 3: \"70000\" is no address; one is written server:7777, "
		 "client:0, 10.77.0.9:7 or [fd77::9]:7"},
		{STEP("{\"connect\": \"sever:7777\"}"),
		 "my.json, line 3: \"sever:7777\" is no address; one is written "
		 "server:7777, client:0, 10.77.0.9:7 or [fd77::9]:7"},
		{STEP("{\"connect\": \"server\"}"),
		 "my.json, line 3: \"server\" is no address; one is written server:7777, "
		 "client:0, 10.77.0.9:7 or [fd77::9]:7"},
		{STEP("{\"connect\": \"[fd77::9:7\"}"),
		 "my.json, line 3: \"[fd77::9:7\" is no address; one is written "
		 "server:7777, client:0, 10.77.0.9:7 or [fd77::9]:7"},
		{STEP("{\"sendto\": \"x\", \"to\": \"7777\"}"),
		 "my.json, line 3: \"7777\" is no address; one is written server:7777, "
		 "client:0, 10.77.0.9:7 or [fd77::9]:7"},
		{STEP("{\"recv\": 1, \"fails\": \"ECONREFUSED\"}"),
		 "my.json, line 3: fails \"ECONREFUSED\" is not one of any, EACCES, "
		 "EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EAGAIN, EALREADY, EBADF, "
		 "ECONNABORTED, ECONNREFUSED, ECONNRESET, EDESTADDRREQ, EHOSTDOWN, "
		 "EHOSTUNREACH, EINPROGRESS, EINVAL …: did you mean \"ECONNREFUSED\"?"},
		{STEP("{\"sleep_ms\": 1, \"fails\": \"any\"}"),
		 "my.json, line 3: \"fails\" has no meaning for \"sleep_ms\""},
		{STEP("{\"send\": 1, \"as\": \"x\"}"),
		 "my.json, line 3: \"as\" has no meaning for \"send\""},
		{STEP("{\"send\": 1, \"repeat\": 0}"),
		 "my.json, line 3: \"repeat\" is a whole number from 1 to 1000000"},
		{STEP("{\"setsockopt\": [\"TCP_NODELAY\"]}"),
		 "my.json, line 3: \"setsockopt\" takes an option and its value, "
		 "[\"TCP_NODELAY\", 1]"},
		{STEP("{\"setsockopt\": [\"TCP_NODELEY\", 1]}"),
		 "my.json, line 3: socket option \"TCP_NODELEY\" is not one of SO_REUSEADDR, "
		 "SO_REUSEPORT, SO_RCVBUF, SO_SNDBUF, SO_RCVLOWAT, SO_KEEPALIVE, SO_BROADCAST, "
		 "SO_OOBINLINE, SO_MAX_PACING_RATE, SO_LINGER, SO_RCVTIMEO, SO_SNDTIMEO, "
		 "TCP_NODELAY …: did you mean \"TCP_NODELAY\"?"},
		{STEP("{\"setsockopt\": [\"TCP_NODELAY\",\n\"on\"]}"),
		 "my.json, line 4: \"TCP_NODELAY\" takes a number"},
		{STEP("{\"setsockopt\": [\"TCP_CONGESTION\", 1]}"),
		 "my.json, line 3: \"TCP_CONGESTION\" takes a word"},
		{STEP("{\"setsockopt\": [\"SO_LINGER\", \"long\"]}"),
		 "my.json, line 3: \"SO_LINGER\" takes a number of seconds"},
		{STEP("{\"setsockopt\": [\"SO_RCVTIMEO\", \"long\"]}"),
		 "my.json, line 3: \"SO_RCVTIMEO\" takes a number of milliseconds"},
		{STEP("{\"setsockopt\": [\"IP_MULTICAST_IF\", \"owm\"]}"),
		 "my.json, line 3: \"IP_MULTICAST_IF\" takes an IPv4 address of the host, or "
		 "\"own\""},
		{STEP("{\"setsockopt\": [\"IP_ADD_MEMBERSHIP\", \"ff02::777\"]}"),
		 "my.json, line 3: \"IP_ADD_MEMBERSHIP\" takes an IPv4 group such as "
		 "\"239.7.7.7\""},
		{STEP("{\"setsockopt\": [\"IPV6_JOIN_GROUP\", \"239.7.7.7\"]}"),
		 "my.json, line 3: \"IPV6_JOIN_GROUP\" takes an IPv6 group such as "
		 "\"ff02::777\""},
		{STEP("{\"setsockopt\": [\"TCP_NODELAY\", true]}"),
		 "my.json, line 3: \"setsockopt\" takes an option and its value, "
		 "[\"TCP_NODELAY\", 1]"},
		{STEP("{\"echo\": [\"lower\", 3]}"),
		 "my.json, line 3: the word \"lower\" is not one of echo, upper, thanks"},
		{STEP("{\"close\": false}"),
		 "my.json, line 3: \"close\" takes true"},
		{STEP("{\"shutdown\": \"wirte\"}"),
		 "my.json, line 3: shutdown \"wirte\" is not one of write, read, both: did "
		 "you mean \"write\"?"},
	};
	(void)state;
	SAY(mistakes);
}

static void test_names_that_nobody_gave_are_told(void **state)
{
	static const struct mistake mistakes[] = {
		{STEP("{\"send\": 1, \"on\": \"conn\"}"),
		 "my.json, line 3: no socket has a name yet: give \"conn\" by \"as\" where "
		 "it is made"},
		{STEP("{\"socket\": \"tcp\", \"as\": \"conn\"},\n{\"send\": 1, \"on\": \"con\"}"),
		 "my.json, line 4: socket \"con\" is not one of conn: did you mean \"conn\"?"},
		{STEP("{\"send\": 1}"),
		 "my.json, line 3: \"send\" has no socket yet: let {\"socket\": \"tcp\"} come "
		 "first"},
		{STEP("{\"sleep_ms\": 1},\n{\"accept\": true},\n{\"socket\": \"tcp\"}"),
		 "my.json, line 4: \"accept\" has no socket yet: let {\"socket\": \"tcp\"} come "
		 "first"},
		{STEP("{\"wait\": \"listening\"}"),
		 "my.json, line 3: no program sets the mark \"listening\": one needs "
		 "{\"mark\": \"listening\"}"},
		{STEP("{\"mark\": \"listening\"},\n{\"wait\": \"listenning\"}"),
		 "my.json, line 4: mark \"listenning\" is not one of listening: did you "
		 "mean \"listening\"?"},
		{HEAD "\"programs\": [{\"host\": \"clinet\", \"steps\": []}]}",
		 "my.json, line 2: host \"clinet\" is not one of client, server: did you "
		 "mean \"client\"?"},
		{HEAD "\"programs\": [{\"host\": \"client\",\n \"steps\": []}]}",
		 "my.json, line 3: \"steps\" has 0 items; it may have 1 to 1024"},
		{HEAD "\"programs\": [{\"host\": \"client\"}]}",
		 "my.json, line 2: a program needs \"steps\""},
	};
	(void)state;
	SAY(mistakes);
}

static void test_mistakes_of_wire_rules_are_told(void **state)
{
	static const struct mistake mistakes[] = {
		{RULE("{\"to\": \"server\", \"do\": \"dorp\"}"),
		 "my.json, line 4: do \"dorp\" is not one of drop, delay, hold, duplicate, "
		 "corrupt, stall, mark-ce: did you mean \"drop\"?"},
		{RULE("{\"to\": \"server\", \"do\": \"rate\"}"),
		 "my.json, line 4: do \"rate\" is not one of drop, delay, hold, duplicate, "
		 "corrupt, stall, mark-ce"},
		{RULE("{\"do\": \"drop\"}"),
		 "my.json, line 4: a wire rule needs \"to\""},
		{RULE("{\"to\": \"server\", \"match\": \"dta\", \"do\": \"drop\"}"),
		 "my.json, line 4: match \"dta\" is not one of any, syn, syn-ack, fin, rst, "
		 "ack, data, datagram, fragment, icmp: did you mean \"data\"?"},
		{RULE("{\"to\": \"server\", \"do\": \"delay\"}"),
		 "my.json, line 4: \"delay\" needs \"ms\": for how long"},
		{RULE("{\"to\": \"server\", \"do\": \"drop\",\n\"ms\": 3}"),
		 "my.json, line 5: \"ms\" has no meaning for \"drop\""},
		{RULE("{\"to\": \"server\", \"do\": \"drop\", \"by\": 3}"),
		 "my.json, line 4: \"by\" has no meaning for \"drop\""},
		{RULE("{\"to\": \"server\", \"do\": \"drop\", \"k\": 0}"),
		 "my.json, line 4: \"k\" is a whole number from 1 to 4294967295"},
		{RULE("{\"to\": \"server\", \"do\": \"drop\", \"k\": [7, 3]}"),
		 "my.json, line 4: \"k\" ends before it begins"},
		{RULE("{\"to\": \"server\", \"do\": \"drop\", \"k\": [1, 2, 3]}"),
		 "my.json, line 4: \"k\" has 3 items; it may have 1 to 2"},
		{RULE("{\"to\": \"server\", \"do\": \"drop\", \"chance\": 2}"),
		 "my.json, line 4: \"chance\" is a number from 0.000001 to 1"},
		{RULE("{\"to\": \"server\", \"do\": \"drop\", \"chance\": 1e-9}"),
		 "my.json, line 4: \"chance\" is a number from 0.000001 to 1"},
		{RULE("{\"to\": \"server\", \"do\": \"drop\", \"port\": 65536}"),
		 "my.json, line 4: \"port\" is a whole number from 1 to 65535"},
	};
	(void)state;
	SAY(mistakes);
}

static void test_mistakes_of_expectations_are_told(void **state)
{
	static const struct mistake mistakes[] = {
		{EXPECT("{\"in\": [1]}"),
		 "my.json, line 4: an expectation is about one of \"counter\", \"wire\", "
		 "\"state\", \"records\""},
		{EXPECT("{\"wire\": \"drop\", \"records\": \"tcp\", \"in\": [1]}"),
		 "my.json, line 4: an expectation is about one of \"counter\", \"wire\", "
		 "\"state\", \"records\""},
		{EXPECT("{\"counter\": \"TcpOutRsts\", \"in\": [1]}"),
		 "my.json, line 4: \"counter\" needs \"host\": client or server"},
		{EXPECT("{\"counter\": \"TcpOutRsts\", \"host\": \"client\"}"),
		 "my.json, line 4: an expectation has either \"in\": [values] or \"least\" "
		 "and \"most\""},
		{EXPECT("{\"counter\": \"TcpOutRsts\", \"host\": \"client\", \"in\": [1], \"most\": 2}"),
		 "my.json, line 4: an expectation has either \"in\": [values] or \"least\" "
		 "and \"most\""},
		{EXPECT("{\"counter\": \"TcpOutRsts\", \"host\": \"client\", \"least\": 3, \"most\": 2}"),
		 "my.json, line 4: \"least\" is more than \"most\""},
		{EXPECT("{\"counter\": \"TcpOutRsts\", \"host\": \"client\", \"in\": []}"),
		 "my.json, line 4: \"in\" has 0 items; it may have 1 to 8"},
		{EXPECT("{\"counter\": \"TcpOutRsts\", \"host\": \"client\", \"in\": [-1]}"),
		 "my.json, line 4: an item of this list is a whole number from 0 to "
		 "9007199254740992"},
		{EXPECT("{\"wire\": \"drop data 5\", \"in\": [1]}"),
		 "my.json, line 4: wire \"drop data 5\" is not one of drop, delay, hold, "
		 "duplicate, corrupt, queue-drop, rate, stall, mark-ce, too-big, lab-ended"},
		{EXPECT("{\"wire\": \"drop\", \"host\": \"client\", \"in\": [1]}"),
		 "my.json, line 4: \"host\" has no meaning for \"wire\""},
		{EXPECT("{\"records\": \"sctp\", \"in\": [1]}"),
		 "my.json, line 4: records \"sctp\" is not one of tcp, udp, icmp, fragment, "
		 "lost"},
		{EXPECT("{\"state\": \"TIME_WAIT\", \"end\": \"client\"}"),
		 "my.json, line 4: state \"TIME_WAIT\" is not one of CLOSED, LISTEN, "
		 "SYN-SENT, SYN-RECEIVED, ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2, CLOSE-WAIT, "
		 "CLOSING, LAST-ACK, TIME-WAIT: did you mean \"TIME-WAIT\"?"},
		{EXPECT("{\"state\": \"CLOSED\"}"),
		 "my.json, line 4: \"state\" needs \"end\": client or server"},
		{EXPECT("{\"state\": \"CLOSED\", \"end\": \"client\", \"least\": 1}"),
		 "my.json, line 4: a state is no number: others that will do stand in \"in\""},
		{EXPECT("{\"state\": \"CLOSED\", \"end\": \"client\", \"in\": [1]}"),
		 "my.json, line 4: an item of this list is a word in quotes"},
		{EXPECT("{\"state\": \"CLOSED\", \"end\": \"client\", \"conv\": 0}"),
		 "my.json, line 4: \"conv\" is a whole number from 1 to 100000"},
	};
	(void)state;
	SAY(mistakes);
}

static void test_what_is_too_much_is_told(void **state)
{
	static char text[LESSON_BYTES];
	struct err err = {0};
	size_t count = (size_t)snprintf(text, sizeof(text), HEAD
					"\"programs\": [{\"host\": \"client\", \"steps\": [");
	(void)state;
	for (size_t i = 0; i < LESSON_STEPS + 1; i++)
		count += (size_t)snprintf(text + count, sizeof(text) - count,
					  "%s\n{\"close\": true}", i ? "," : "");
	count += (size_t)snprintf(text + count, sizeof(text) - count, "]}]}");
	assert_null(lesson_read("my", "my.json", cursor_init((uint8_t *)text, count), &err));
	assert_string_equal(err.text,
			    "my.json, line 2: \"steps\" has 1025 items; it may have 1 to 1024");
}

/* cJSON itself gives up at a thousand brackets; nothing here may go deeper than it. */
static void test_brackets_without_end_are_a_mistake(void **state)
{
	static char text[LESSON_BYTES];
	struct err err = {0};
	(void)state;
	memset(text, '[', sizeof(text));
	assert_null(lesson_read("my", "my.json",
				cursor_init((uint8_t *)text, sizeof(text)), &err));
	assert_int_equal(err.status, EXIT_USAGE);
	memset(text, '[', 900);
	memset(text + 900, ']', 900);
	assert_null(lesson_read("my", "my.json", cursor_init((uint8_t *)text, 1800), &err));
	assert_string_equal(err.text,
			    "my.json, line 1: a lesson is written in braces, {\"title\": …}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_not_json_is_told_with_its_place),
		cmocka_unit_test(test_unknown_missing_and_double_keys_are_told),
		cmocka_unit_test(test_mistakes_of_link_and_hosts_are_told),
		cmocka_unit_test(test_mistakes_of_steps_are_told),
		cmocka_unit_test(test_names_that_nobody_gave_are_told),
		cmocka_unit_test(test_mistakes_of_wire_rules_are_told),
		cmocka_unit_test(test_mistakes_of_expectations_are_told),
		cmocka_unit_test(test_what_is_too_much_is_told),
		cmocka_unit_test(test_brackets_without_end_are_a_mistake),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
