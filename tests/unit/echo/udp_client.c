#include "client.h"

static const uint64_t SHORT_NS = 100 * NS_PER_MS;

static void echo_act(int fd)
{
	char bytes[65536];
	struct sockaddr_in from;
	for (;;) {
		socklen_t size = sizeof(from);
		ssize_t got =
			recvfrom(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &size);
		sendto(fd, bytes, (size_t)got, 0, (struct sockaddr *)&from, size);
	}
}

/* Answers every second datagram, the first one not. */
static void lossy_act(int fd)
{
	char bytes[65536];
	struct sockaddr_in from;
	for (int i = 0;; i++) {
		socklen_t size = sizeof(from);
		ssize_t got =
			recvfrom(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &size);
		if (i % 2 == 1)
			sendto(fd, bytes, (size_t)got, 0, (struct sockaddr *)&from, size);
	}
}

static void mute_act(int fd)
{
	(void)fd;
	pause();
}

static const struct outcome *asks(void (*act)(int fd), struct echo_client_config config,
				  const char *input)
{
	struct actor actor = actor_start(SOCK_DGRAM, act);
	const struct outcome *outcome;
	config.udp = true;
	config.port = actor.port;
	outcome = client_runs(config, input);
	actor_ends(&actor);
	return outcome;
}

static void test_each_text_is_one_datagram_without_a_newline(void **state)
{
	(void)state;
	succeeds_with(
		asks(echo_act, (struct echo_client_config){TEXTS("one", "", "three")}, NULL),
		"one\n\nthree\n");
}

static void test_each_line_of_the_input_is_one_datagram(void **state)
{
	(void)state;
	succeeds_with(asks(echo_act, (struct echo_client_config){.text_count = 0},
			   "one\n\nthree\nunfinished"),
		      "one\n\nthree\nunfinished\n");
	succeeds_with(asks(echo_act, (struct echo_client_config){.text_count = 0}, ""), "");
}

static void test_silence_is_said_and_why_udp_knows_no_more(void **state)
{
	(void)state;
	fails_with(asks(mute_act, (struct echo_client_config){TEXTS("hi"), .wait_ns = SHORT_NS},
			NULL),
		   EXIT_PARTIAL, "UDP does not say whether the datagram or the reply was lost");
}

static void test_lost_replies_are_counted_and_the_others_come(void **state)
{
	const struct outcome *outcome = asks(
		lossy_act,
		(struct echo_client_config){TEXTS("1", "2", "3", "4"), .wait_ns = SHORT_NS},
		NULL);
	(void)state;
	assert_string_equal(outcome->output, "2\n4\n");
	fails_with(outcome, EXIT_PARTIAL, "2 of 4 messages had no reply");
}

static void test_closed_port_is_refused_by_icmp(void **state)
{
	int fd = bind_loopback(SOCK_DGRAM);
	char port[8];
	struct echo_client_config config = {.udp = true, .port = port, TEXTS("hi")};
	(void)state;
	snprintf(port, sizeof(port), "%u", bound_port(fd));
	close(fd);
	fails_with(client_runs(config, NULL), EXIT_PERMISSION,
		   "refused the datagram (ICMP port unreachable)");
}

static void test_message_over_one_datagram_is_refused(void **state)
{
	char *text = malloc(65508 + 1);
	const struct outcome *outcome;
	(void)state;
	memset(text, 'x', 65508);
	text[65508] = '\0';
	fails_with(asks(echo_act, (struct echo_client_config){TEXTS(text)}, NULL), EXIT_USAGE,
		   "a message of 65508 bytes does not fit into one UDP datagram");
	text[65507] = '\0';
	outcome = asks(echo_act, (struct echo_client_config){TEXTS(text)}, NULL);
	assert_true(outcome->ok);
	free(text);
}

static void test_line_over_one_datagram_is_refused(void **state)
{
	char *input = malloc(70 * 1000 + 1);
	(void)state;
	memset(input, 'x', 70 * 1000);
	memcpy(input, "short\n", 6);
	input[70 * 1000] = '\0';
	fails_with(asks(echo_act, (struct echo_client_config){.text_count = 0}, input),
		   EXIT_USAGE, "line 2 of the input has over 65,507 bytes");
	free(input);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_text_is_one_datagram_without_a_newline),
		cmocka_unit_test(test_each_line_of_the_input_is_one_datagram),
		cmocka_unit_test(test_silence_is_said_and_why_udp_knows_no_more),
		cmocka_unit_test(test_lost_replies_are_counted_and_the_others_come),
		cmocka_unit_test(test_closed_port_is_refused_by_icmp),
		cmocka_unit_test(test_message_over_one_datagram_is_refused),
		cmocka_unit_test(test_line_over_one_datagram_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
