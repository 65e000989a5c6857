/* What stands between a client and its server: names, ports, families, refusals. */
#include "client.h"

#include "../../../src/echo/address.h"

static void no_such(struct echo_client_config config, enum exit_status status,
		    const char *words)
{
	fails_with(client_runs(config, NULL), status, words);
}

static void free_port(char port[static 8])
{
	int fd = bind_loopback(SOCK_STREAM);
	snprintf(port, 8, "%u", bound_port(fd));
	close(fd);
}

static void test_refused_connection_names_the_address_and_the_remedy(void **state)
{
	char port[8], words[128];
	struct echo_client_config config = {.port = port, TEXTS("hi")};
	(void)state;
	free_port(port);
	snprintf(words, sizeof(words), "127.0.0.1 port %s refused the connection (RST)", port);
	no_such(config, EXIT_PERMISSION, words);
	snprintf(words, sizeof(words), "start one with `wireladder server tcp %s`", port);
	no_such(config, EXIT_PERMISSION, words);
	config.host = "::1";
	no_such(config, EXIT_PERMISSION, "::1 port ");
}

static void test_port_that_is_none_is_said(void **state)
{
	static const char *const ports[] = {"", "x", "-1", "65536", "999999999999", "80 "};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(ports); i++)
		no_such((struct echo_client_config){.port = ports[i]}, EXIT_USAGE,
			"is no port");
	no_such((struct echo_client_config){.port = "0"}, EXIT_USAGE, "port 0");
}

static void test_host_of_the_other_family_is_said(void **state)
{
	(void)state;
	no_such((struct echo_client_config){.host = "::1", .port = "7", .family = 4},
		EXIT_USAGE, "no IPv4 address is known for \"::1\"");
	no_such((struct echo_client_config){.host = "127.0.0.1", .port = "7", .family = 6},
		EXIT_USAGE, "leave out -6");
}

static void test_empty_host_is_no_host(void **state)
{
	(void)state;
	no_such((struct echo_client_config){.host = "", .port = "7"}, EXIT_USAGE,
		"no host is called \"\"");
}

/* A server that never accepts, its queue full: SYNs stay without an answer. */
static void test_server_that_does_not_answer_is_given_up_after_the_wait(void **state)
{
	int listen_fd = bind_loopback(SOCK_STREAM), fillers[3];
	char port[8];
	struct sockaddr_in to = {.sin_family = AF_INET};
	struct echo_client_config config = {
		.port = port, TEXTS("hi"), .wait_ns = 300 * NS_PER_MS};
	(void)state;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons(bound_port(listen_fd));
	snprintf(port, sizeof(port), "%u", bound_port(listen_fd));
	assert_int_equal(listen(listen_fd, 0), 0);
	for (size_t i = 0; i < ARRAY_COUNT(fillers); i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)!connect(fillers[i], (struct sockaddr *)&to, sizeof(to));
	}
	no_such(config, EXIT_PERMISSION, "does not answer");
	for (size_t i = 0; i < ARRAY_COUNT(fillers); i++)
		close(fillers[i]);
	close(listen_fd);
}

static void test_port_names_are_known_for_each_protocol(void **state)
{
	uint16_t port = 1;
	(void)state;
	assert_true(port_parse("0", false, &port, NULL));
	assert_int_equal(port, 0);
	assert_true(port_parse("65535", true, &port, NULL));
	assert_int_equal(port, 65535);
	if (!port_parse("echo", true, &port, NULL))
		skip(); /* a machine without /etc/services */
	assert_int_equal(port, 7);
}

static void test_addresses_are_written_as_people_write_them(void **state)
{
	struct address six = {.len = sizeof(six.v6)}, four = {.len = sizeof(four.v4)};
	char text[ADDRESS_TEXT_SIZE];
	(void)state;
	six.v6.sin6_family = AF_INET6;
	six.v6.sin6_addr = in6addr_loopback;
	four.v4.sin_family = AF_INET;
	four.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address_set_port(&six, 7777);
	address_set_port(&four, 7);
	address_text(&six, text);
	assert_string_equal(text, "[::1]:7777");
	address_words(&six, text);
	assert_string_equal(text, "::1 port 7777");
	address_text(&four, text);
	assert_string_equal(text, "127.0.0.1:7");
	assert_false(address_same(&six, &four));
	assert_true(address_same(&six, &six));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_connection_names_the_address_and_the_remedy),
		cmocka_unit_test(test_port_that_is_none_is_said),
		cmocka_unit_test(test_host_of_the_other_family_is_said),
		cmocka_unit_test(test_empty_host_is_no_host),
		cmocka_unit_test(test_server_that_does_not_answer_is_given_up_after_the_wait),
		cmocka_unit_test(test_port_names_are_known_for_each_protocol),
		cmocka_unit_test(test_addresses_are_written_as_people_write_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
