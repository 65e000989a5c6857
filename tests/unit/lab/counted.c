/* What a kernel has counted since somebody began to look. */
#include "../../support/cm.h"

#include "wireladder/lab.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void datagram_to_ourselves(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	socklen_t length = sizeof(to);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&to, &length), 0);
	assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)), 1);
	close(fd);
}

static void test_only_what_has_grown_is_told(void **state)
{
	struct net_counts counted = {0};
	struct err err;
	struct network_counters *network = network_counters_open("lo", &err);
	const struct kernel_counter *counters;
	size_t count;
	int64_t sent = 0;
	(void)state;
	assert_non_null(network);
	datagram_to_ourselves();
	assert_true(network_counters_take(network, &counted, &err));
	counters = counted_list(&counted, &count);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(counters[i].host, "lo");
		assert_int_not_equal(counters[i].value, 0);
		if (strcmp(counters[i].name, "UdpOutDatagrams") == 0)
			sent = counters[i].value;
	}
	assert_true(sent >= 1);
	assert_true(sent < 100000); /* since we began, not since the machine did */
	counted_close(&counted);
	network_counters_close(network);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_what_has_grown_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
