/* TCP_INFO of real connections on loopback. */
#include "../../../src/trace/tracing.h"
#include "../../support/cm.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

struct scene {
	struct sockets_seen *sockets;
	int listener, client, server;
};

static int setup(void **state)
{
	static struct scene scene;
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(name);
	scene.sockets = sockets_seen_open();
	scene.listener = socket(AF_INET, SOCK_STREAM, 0);
	scene.client = socket(AF_INET, SOCK_STREAM, 0);
	bind(scene.listener, (struct sockaddr *)&name, size);
	listen(scene.listener, 8);
	getsockname(scene.listener, (struct sockaddr *)&name, &size);
	*state = &scene;
	if (connect(scene.client, (struct sockaddr *)&name, size) != 0)
		return -1;
	scene.server = accept(scene.listener, NULL, NULL);
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;
	close(scene->listener);
	close(scene->client);
	close(scene->server);
	sockets_seen_close(scene->sockets);
	return 0;
}

static struct socket_seen *sees(struct scene *scene, int fd)
{
	struct socket_seen *socket = sockets_seen_find(
		scene->sockets, &(struct holder){getpid(), getpid(), fd});
	if (!socket) {
		print_message("skipped: pidfd_getfd is refused here\n");
		skip();
	}
	return socket;
}

static void test_an_established_connection_tells_its_numbers(void **state)
{
	struct scene *scene = *state;
	struct socket_seen *socket = sees(scene, scene->client);
	struct kernel_sample sample, before = {0};
	assert_true(sample_take(scene->sockets, socket, &sample, &before));
	assert_int_equal(sample.sock, socket->sock);
	assert_int_equal(sample.state, STATE_ESTABLISHED);
	assert_int_equal(sample.ca_state, CA_OPEN);
	assert_true(sample.cwnd > 0);
	assert_int_equal(sample.ssthresh, 0);
	assert_true(sample.snd_mss >= 536);
	/* Linux's least timeout is 200 ms and a new connection's 1 s (RFC 6298 2.1). */
	assert_in_range(sample.rto, 100 * NS_PER_MS, 10 * NS_PER_S);
	assert_true(sample.srtt > 0 && sample.srtt < 10 * NS_PER_S);
	assert_int_equal(sample.bytes_received, 0);
}

static void test_what_has_not_changed_is_not_told_again(void **state)
{
	struct scene *scene = *state;
	struct socket_seen *socket = sees(scene, scene->server);
	struct kernel_sample sample, before = {0};
	char bytes[100] = {0};
	assert_true(sample_take(scene->sockets, socket, &sample, &before));
	assert_false(sample_take(scene->sockets, socket, &sample, &before));
	assert_int_equal(send(scene->client, bytes, sizeof(bytes), 0), 100);
	assert_int_equal(recv(scene->server, bytes, sizeof(bytes), MSG_WAITALL), 100);
	assert_true(sample_take(scene->sockets, socket, &sample, &before));
	assert_int_equal(sample.bytes_received, 100);
	assert_int_equal(before.bytes_received, 100);
}

static void test_states_have_the_names_of_rfc_9293(void **state)
{
	struct scene *scene = *state;
	struct kernel_sample sample, before = {0};
	char byte;
	assert_true(sample_take(scene->sockets, sees(scene, scene->listener), &sample, &before));
	assert_int_equal(sample.state, STATE_LISTEN);
	assert_int_equal(sample.unacked, 0);
	shutdown(scene->client, SHUT_WR);
	assert_int_equal(recv(scene->server, &byte, 1, 0), 0);
	assert_true(sample_take(scene->sockets, sees(scene, scene->server), &sample, &before));
	assert_int_equal(sample.state, STATE_CLOSE_WAIT);
	assert_true(sample_take(scene->sockets, sees(scene, scene->client), &sample, &before));
	/* The acknowledgement of the FIN may be delayed (RFC 9293 3.8.6.3). */
	assert_in_range(sample.state, STATE_FIN_WAIT_1, STATE_FIN_WAIT_2);
}

static void test_udp_has_nothing_to_tell(void **state)
{
	struct scene *scene = *state;
	struct kernel_sample sample, before = {0};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_false(sample_take(scene->sockets, sees(scene, fd), &sample, &before));
	close(fd);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_an_established_connection_tells_its_numbers),
		T(test_what_has_not_changed_is_not_told_again),
		T(test_states_have_the_names_of_rfc_9293),
		T(test_udp_has_nothing_to_tell),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
