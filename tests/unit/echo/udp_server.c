#include "peers.h"

static void sends_datagram(int fd, const char *text)
{
	sends(fd, text);
}

/* Exactly one datagram with exactly these bytes comes next. */
static void hears_datagram(int fd, const char *text)
{
	char got[4096];
	ssize_t count = recv(fd, got, sizeof(got), 0);
	assert_int_equal(count, (ssize_t)strlen(text));
	assert_memory_equal(got, text, strlen(text));
}

static void hears_nothing(int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	assert_int_equal(poll(&wait, 1, 50), 0);
}

static void test_each_datagram_is_answered_to_its_sender(void **state)
{
	struct server server = serve(REPLY_UPPER, true);
	int one = connect_udp(&server), two = connect_udp(&server);
	(void)state;
	sends_datagram(one, "one");
	sends_datagram(two, "two");
	sends_datagram(one, "one again");
	hears_datagram(two, "TWO");
	hears_datagram(one, "ONE");
	hears_datagram(one, "ONE AGAIN");
	close(one);
	close(two);
	server_stops(&server);
}

static void test_empty_datagram_is_echoed(void **state)
{
	struct server server = serve(REPLY_ECHO, true);
	int client = connect_udp(&server);
	(void)state;
	sends_datagram(client, "");
	hears_datagram(client, "");
	close(client);
	server_stops(&server);
}

static void test_largest_datagram_is_echoed_whole(void **state)
{
	static uint8_t sent[65507], got[65536];
	struct server server = serve(REPLY_ECHO, true);
	int client = connect_udp(&server);
	(void)state;
	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (uint8_t)(i * 31 >> 2);
	sends_bytes(client, sent, sizeof(sent));
	assert_int_equal(recv(client, got, sizeof(got), 0), (ssize_t)sizeof(sent));
	assert_memory_equal(got, sent, sizeof(sent));
	close(client);
	server_stops(&server);
}

/* The client's socket is connected to 127.0.0.2: it takes an answer from nowhere else. */
static void test_answer_comes_from_the_address_that_was_asked(void **state)
{
	struct server server = serve(REPLY_ECHO, true);
	int client = connect_ip(INADDR_LOOPBACK + 1, server.port, SOCK_DGRAM);
	(void)state;
	sends_datagram(client, "you, with the 2");
	hears_datagram(client, "you, with the 2");
	close(client);
	server_stops(&server);
}

static void test_server_on_one_address_answers(void **state)
{
	struct server server =
		server_start((struct echo_server_config){.udp = true, .host = "127.0.0.1"});
	int client = connect_udp(&server);
	(void)state;
	sends_datagram(client, "hello");
	hears_datagram(client, "hello");
	close(client);
	server_stops(&server);
}

static void test_ipv6_is_answered(void **state)
{
	struct server server = serve(REPLY_THANKS, true);
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(server.port)};
	int client = socket(AF_INET6, SOCK_DGRAM, 0);
	(void)state;
	to.sin6_addr = in6addr_loopback;
	bound_waits(client);
	if (client < 0 || connect(client, (struct sockaddr *)&to, sizeof(to)) != 0) {
		server_stops(&server);
		skip(); /* a machine without IPv6 */
	}
	sends_datagram(client, "hello");
	hears_datagram(client, "Got your message, thank you");
	close(client);
	server_stops(&server);
}

/* Its ICMP "port unreachable" must not disturb the server. */
static void test_client_that_went_before_the_answer_harms_nobody(void **state)
{
	struct server server = serve(REPLY_ECHO, true);
	int gone, client = connect_udp(&server);
	(void)state;
	for (int i = 0; i < 20; i++) {
		gone = connect_udp(&server);
		sends_datagram(gone, "never mind");
		close(gone);
	}
	sends_datagram(client, "still there?");
	hears_datagram(client, "still there?");
	close(client);
	server_stops(&server);
}

static void test_chat_goes_to_every_other_address_heard_from(void **state)
{
	struct server server = serve(REPLY_CHAT, true);
	int a = connect_udp(&server), b = connect_udp(&server), c = connect_udp(&server);
	(void)state;
	sends_datagram(a, "I am a");
	assert_true(server_says(&server, "sends datagrams"));
	sends_datagram(b, "I am b");
	hears_datagram(a, "I am b");
	sends_datagram(c, "I am c");
	hears_datagram(a, "I am c");
	hears_datagram(b, "I am c");
	sends_datagram(a, "welcome");
	hears_datagram(b, "welcome");
	hears_datagram(c, "welcome");
	hears_nothing(a);
	close(a);
	close(b);
	close(c);
	server_stops(&server);
}

static void test_ends_after_max_clients_datagrams(void **state)
{
	struct server server =
		server_start((struct echo_server_config){.udp = true, .max_clients = 3});
	int client = connect_udp(&server);
	(void)state;
	for (int i = 0; i < 3; i++) {
		sends_datagram(client, "x");
		hears_datagram(client, "x");
	}
	assert_int_equal(server_wait(&server), EXIT_DONE);
	close(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_datagram_is_answered_to_its_sender),
		cmocka_unit_test(test_empty_datagram_is_echoed),
		cmocka_unit_test(test_largest_datagram_is_echoed_whole),
		cmocka_unit_test(test_answer_comes_from_the_address_that_was_asked),
		cmocka_unit_test(test_server_on_one_address_answers),
		cmocka_unit_test(test_ipv6_is_answered),
		cmocka_unit_test(test_client_that_went_before_the_answer_harms_nobody),
		cmocka_unit_test(test_chat_goes_to_every_other_address_heard_from),
		cmocka_unit_test(test_ends_after_max_clients_datagrams),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
