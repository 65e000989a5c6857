/* Steps that cannot be done as they are written, and socket options. */
#include "actor_stage.h"

#define ADDRESS_FORMS                                                                          \
	"write \"server:7777\", \"10.77.0.9:7\", \"[fd77::9]:7\", or to bind \"7777\""

static void test_a_mistake_in_a_step_is_told_with_its_line(void **state)
{
	static const struct {
		const char *socket;
		struct step step;
		const char *sentence;
	} mistakes[] = {
		{"tcp", WORD(SOCKET, "sctp"),
		 "socket makes \"tcp\", \"udp\", \"tcp6\" or \"udp6\", not \"sctp\""},
		{"tcp", WORD(BIND, "server"), "\"server\" is no address: " ADDRESS_FORMS},
		{"tcp", WORD(BIND, "70000"), "\"70000\" is no address: " ADDRESS_FORMS},
		{"tcp", PLAIN(BIND), "\"-1\" is no address: " ADDRESS_FORMS},
		{"tcp", PLAIN(CONNECT), "\"\" is no address: " ADDRESS_FORMS},
		{"tcp", WORD(CONNECT, ":7"), "\":7\" is no address: " ADDRESS_FORMS},
		{"tcp", WORD(CONNECT, "fd77::9:7"),
		 "\"fd77::9:7\" is no address: " ADDRESS_FORMS},
		{"tcp", WORD(CONNECT, "[fd77::9]"),
		 "\"[fd77::9]\" is no address: " ADDRESS_FORMS},
		{"tcp", WORD(CONNECT, "example.org:7"),
		 "\"example.org:7\" is no address: " ADDRESS_FORMS},
		{"tcp", WORD(SEND, "x", .to = "sever:7"),
		 "\"sever:7\" is no address: " ADDRESS_FORMS},
		{"tcp", PLAIN(SEND), "send needs a number of bytes, or a text"},
		{"tcp", PLAIN(RECV), "recv takes a number of bytes from 1, \"some\" or \"eof\""},
		{"tcp", WORD(RECV, "all"),
		 "recv takes a number of bytes from 1, \"some\" or \"eof\""},
		{"udp", WORD(RECV, "eof"),
		 "datagrams have no end to wait for: recv \"some\" takes one"},
		{"tcp", WORD(ECHO, "chat"),
		 "echo answers \"echo\", \"upper\" or \"thanks\", not \"chat\""},
		{"tcp", WORD(SHUTDOWN, "rw"),
		 "shutdown ends \"write\", \"read\" or \"both\", not \"rw\""},
		{"tcp", PLAIN(SLEEP), "sleep_ms takes milliseconds from 0 to 3600000"},
		{"tcp", PLAIN(MARK), "mark needs the name of a mark, below 80 bytes"},
		{"tcp", PLAIN(CLOSE, .on = "conn"),
		 "no socket is called \"conn\": \"as\" of the step that makes it names it"},
		{"tcp", OPTION("TCP_NODELEY", 1),
		 "\"TCP_NODELEY\" is no socket option that lessons know: did you mean "
		 "\"TCP_NODELAY\"?"},
		{"tcp", OPTION("xyz", 1), "\"xyz\" is no socket option that lessons know"},
		{"tcp", WORD(SETSOCKOPT, "TCP_NODELAY", .to = "on"),
		 "TCP_NODELAY takes a number"},
		{"tcp", OPTION("SO_RCVBUF", INT64_C(1) << 40), "SO_RCVBUF takes a number"},
		{"tcp", OPTION("TCP_CONGESTION", 1), "TCP_CONGESTION takes a word"},
		{"tcp", OPTION("SO_LINGER", -1), "SO_LINGER takes a number of seconds"},
		{"tcp", OPTION("SO_RCVTIMEO", -1), "SO_RCVTIMEO takes a number of milliseconds"},
		{"udp", WORD(SETSOCKOPT, "IP_ADD_MEMBERSHIP", .to = "ff02::777"),
		 "IP_ADD_MEMBERSHIP takes an IPv4 group such as \"239.7.7.7\""},
		{"tcp", PLAIN(CLOSE, .fails = "EBADFD"),
		 "\"EBADFD\" is no error's name that lessons know: did you mean \"EBADF\"?"},
		{"tcp", PLAIN(CLOSE, .fails = "refused"),
		 "\"refused\" is no error's name that lessons know"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(mistakes); i++) {
		struct stage stage = stage_open();
		struct step steps[] = {WORD(SOCKET, mistakes[i].socket), mistakes[i].step};
		struct program program = {.name = "client", .steps = steps, .step_count = 2};
		char sentence[400];
		steps[1].line = 7;
		snprintf(sentence, sizeof(sentence), "client, line 7: %s", mistakes[i].sentence);
		says(runs(&stage, program), EXIT_USAGE, sentence);
		stage_ends(&stage);
	}
}

static void test_a_mistake_is_never_what_the_lesson_expects(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	says(runs(&stage, CLIENT(WORD(SOCKET, "sctp", .fails = "any", .line = 1))), EXIT_USAGE,
	     "client, line 1: socket makes \"tcp\", \"udp\", \"tcp6\" or \"udp6\", not \"sctp\"");
	stage_ends(&stage);
}

static void test_a_lesson_that_cannot_be_judged_is_not_begun(void **state)
{
	struct stage stage = stage_open();
	struct err err = runs(&stage, CLIENT(WORD(SOCKET, "tcp"), PLAIN(CLOSE, .fails = "E")));
	(void)state;
	assert_int_equal(err.status, EXIT_USAGE);
	assert_int_equal(report_of(&stage, 0)->count, 0);
	stage_ends(&stage);
}

static void test_a_step_before_any_socket_is_told(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	says(runs(&stage, CLIENT(COUNT(SEND, 1, .line = 1))), EXIT_USAGE,
	     "client, line 1: send has no socket: let a \"socket\" step come first");
	stage_ends(&stage);
}

static void test_one_socket_more_than_a_program_may_have_is_told(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	says(runs(&stage, CLIENT(WORD(SOCKET, "udp", .repeat = ACTOR_SOCKETS_MAX + 1,
				      .line = 1))),
	     EXIT_USAGE,
	     "client, line 1: 64 sockets are open, one more is too many: close some");
	succeeds(runs(&stage, CLIENT(WORD(SOCKET, "udp", .repeat = ACTOR_SOCKETS_MAX),
				     PLAIN(CLOSE, .repeat = 2),
				     WORD(SOCKET, "udp", .repeat = 2))));
	stage_ends(&stage);
}

static void test_an_address_that_the_run_does_not_have_is_told(void **state)
{
	struct stage stage = stage_open();
	struct program program =
		CLIENT(WORD(SOCKET, "udp6"), WORD(CONNECT, "server:7", .line = 2));
	struct actor_config config = stage_config(&stage, &program);
	struct err err = {.text = ""};
	(void)state;
	config.addrs6[END_SERVER] = NULL;
	assert_false(actor_run(&config, report_of(&stage, 0), &err));
	says(err, EXIT_USAGE, "client, line 2: the server has no IPv6 address here");
	stage_ends(&stage);
}

static void test_an_address_of_the_other_family_is_the_kernels_to_refuse(void **state)
{
	struct stage stage = stage_open();
	(void)state;
	succeeds(runs(&stage, CLIENT(WORD(SOCKET, "udp"),
				     WORD(CONNECT, "[::1]:7", .fails = "EAFNOSUPPORT"))));
	stage_ends(&stage);
}

static void test_options_are_set_where_they_belong(void **state)
{
	static const struct {
		const char *socket;
		struct step step;
	} options[] = {
		{"tcp", OPTION("SO_REUSEADDR", 1)},
		{"tcp", OPTION("SO_REUSEPORT", 1)},
		{"tcp", OPTION("SO_RCVBUF", 4096)},
		{"tcp", OPTION("SO_SNDBUF", 4096)},
		{"tcp", OPTION("SO_RCVLOWAT", 10)},
		{"tcp", OPTION("SO_KEEPALIVE", 1)},
		{"tcp", OPTION("SO_OOBINLINE", 1)},
		{"tcp", OPTION("SO_MAX_PACING_RATE", 100000)},
		{"tcp", OPTION("SO_LINGER", 5)},
		{"tcp", OPTION("SO_SNDTIMEO", 1500)},
		{"tcp", OPTION("TCP_NODELAY", 1)},
		{"tcp", OPTION("TCP_CORK", 1)},
		{"tcp", OPTION("TCP_QUICKACK", 0)},
		{"tcp", WORD(SETSOCKOPT, "TCP_CONGESTION", .to = "reno")},
		{"tcp", WORD(SETSOCKOPT, "TCP_CONGESTION", .to = "renault", .fails = "ENOENT")},
		{"tcp", OPTION("TCP_MAXSEG", 1000)},
		{"tcp", OPTION("TCP_KEEPIDLE", 1)},
		{"tcp", OPTION("TCP_KEEPINTVL", 1)},
		{"tcp", OPTION("TCP_KEEPCNT", 3)},
		{"tcp", OPTION("TCP_KEEPCNT", 1000, .fails = "EINVAL")},
		{"tcp", OPTION("TCP_USER_TIMEOUT", 3000)},
		{"tcp", OPTION("TCP_SYNCNT", 2)},
		{"tcp", OPTION("TCP_LINGER2", 1)},
		{"tcp", OPTION("TCP_FASTOPEN", 5)},
		{"tcp", OPTION("TCP_FASTOPEN_CONNECT", 1, .fails = "any")}, /* a sysctl's say */
		{"tcp", OPTION("TCP_WINDOW_CLAMP", 5000)},
		{"tcp", OPTION("TCP_DEFER_ACCEPT", 1)},
		{"tcp", OPTION("TCP_NOTSENT_LOWAT", 10000)},
		{"tcp", OPTION("IP_TOS", 16)},
		{"tcp", OPTION("IP_TTL", 5)},
		{"tcp", OPTION("IP_TTL", -1)}, /* the kernel's own */
		{"udp", OPTION("IP_MTU_DISCOVER", 2)},
		{"udp", WORD(SETSOCKOPT, "IP_MTU_DISCOVER", .to = "IP_PMTUDISC_DONT")},
		{"udp", OPTION("SO_BROADCAST", 1)},
		{"udp", OPTION("IP_RECVERR", 1)},
		{"udp", OPTION("IP_MULTICAST_TTL", 2)},
		{"udp", OPTION("IP_MULTICAST_LOOP", 0)},
		{"udp", OPTION("TCP_NODELAY", 1, .fails = "ENOPROTOOPT")},
		{"udp", WORD(SETSOCKOPT, "IP_DROP_MEMBERSHIP", .to = "239.7.7.7",
			     .fails = "EADDRNOTAVAIL")},
		{"tcp6", OPTION("IPV6_V6ONLY", 1)},
		{"tcp6", OPTION("IPV6_TCLASS", 16)},
		{"tcp6", OPTION("IPV6_UNICAST_HOPS", 5)},
		{"udp6", OPTION("IPV6_MTU_DISCOVER", 2)},
		{"udp6", OPTION("IPV6_RECVERR", 1)},
		{"udp6", OPTION("IPV6_MULTICAST_HOPS", 2)},
		{"udp6", OPTION("IPV6_MULTICAST_LOOP", 0)},
		{"udp6", WORD(SETSOCKOPT, "IPV6_LEAVE_GROUP", .to = "ff02::777",
			      .fails = "EADDRNOTAVAIL")},
	};
	int ipv6 = socket(AF_INET6, SOCK_DGRAM, 0);
	(void)state;
	if (ipv6 >= 0)
		close(ipv6);
	for (size_t i = 0; i < ARRAY_COUNT(options); i++) {
		struct stage stage = stage_open();
		if (ipv6 >= 0 || !strchr(options[i].socket, '6'))
			succeeds(runs(&stage, CLIENT(WORD(SOCKET, options[i].socket),
						     options[i].step)));
		stage_ends(&stage);
	}
}

static void test_the_errors_that_lessons_name_have_names(void **state)
{
	(void)state;
	assert_string_equal(actor_errno_name(ECONNREFUSED), "ECONNREFUSED");
	assert_string_equal(actor_errno_name(EAGAIN), "EAGAIN"); /* not EWOULDBLOCK */
	assert_null(actor_errno_name(EXDEV));
	assert_null(actor_errno_name(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_mistake_in_a_step_is_told_with_its_line),
		cmocka_unit_test(test_a_mistake_is_never_what_the_lesson_expects),
		cmocka_unit_test(test_a_lesson_that_cannot_be_judged_is_not_begun),
		cmocka_unit_test(test_a_step_before_any_socket_is_told),
		cmocka_unit_test(test_one_socket_more_than_a_program_may_have_is_told),
		cmocka_unit_test(test_an_address_that_the_run_does_not_have_is_told),
		cmocka_unit_test(test_an_address_of_the_other_family_is_the_kernels_to_refuse),
		cmocka_unit_test(test_options_are_set_where_they_belong),
		cmocka_unit_test(test_the_errors_that_lessons_name_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
