#include "sentinel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "meaning.h"
#include "network.h"
#include "wireladder/base_namespace.h"

#define FIRST_PAUSE_NS NS_PER_MS
#define LONGEST_PAUSE_NS (32 * NS_PER_MS)

static const char magic[] = SENTINEL_MAGIC;
#define MAGIC_BYTES    (sizeof(magic) - 1)
#define SENTINEL_BYTES (MAGIC_BYTES + SENTINEL_TOKEN)

union sentinel_address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

/* text NULL: any address of the host. Returns its length. */
static socklen_t sentinel_address(union sentinel_address *address, size_t family,
				  const char *text)
{
	memset(address, 0, sizeof(*address));
	if (family == 0) {
		address->four.sin_family = AF_INET;
		address->four.sin_port = htons(SENTINEL_PORT);
		inet_pton(AF_INET, text ? text : "0.0.0.0", &address->four.sin_addr);
		return sizeof(address->four);
	}
	address->six.sin6_family = AF_INET6;
	address->six.sin6_port = htons(SENTINEL_PORT);
	inet_pton(AF_INET6, text ? text : "::", &address->six.sin6_addr);
	return sizeof(address->six);
}

void sentinels_init(struct sentinels *sentinels)
{
	for (size_t i = 0; i < (size_t)END_COUNT * SENTINEL_FAMILIES; i++)
		sentinels->fds[i / SENTINEL_FAMILIES][i % SENTINEL_FAMILIES] = -1;
	/* Without a random number the token is 0: networks are private anyway. */
	if (getrandom(sentinels->token, SENTINEL_TOKEN, GRND_NONBLOCK) != SENTINEL_TOKEN)
		memset(sentinels->token, 0, SENTINEL_TOKEN);
}

bool sentinels_open(struct sentinels *sentinels, enum end host, struct err *err)
{
	static const int families[SENTINEL_FAMILIES] = {AF_INET, AF_INET6};
	union sentinel_address address;
	for (size_t i = 0; i < SENTINEL_FAMILIES; i++) {
		socklen_t length = sentinel_address(&address, i, NULL);
		int on = 1, fd = socket(families[i],
					SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (fd < 0 && errno == EAFNOSUPPORT && families[i] == AF_INET6)
			continue;
		if (fd >= 0 && families[i] == AF_INET6)
			setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
		sentinels->fds[host][i] = fd;
		if (fd < 0 || bind(fd, &address.any, length) != 0)
			return namespace_refused("binding a datagram socket", errno, err);
	}
	return true;
}

static void sentinel_send(const struct sentinels *sentinels, enum end from, size_t family)
{
	uint8_t datagram[SENTINEL_BYTES];
	union sentinel_address address;
	const struct host_plan *to = &host_plans[from == END_CLIENT ? END_SERVER : END_CLIENT];
	socklen_t length = sentinel_address(&address, family, family ? to->addr6 : to->addr4);
	memcpy(datagram, magic, MAGIC_BYTES);
	memcpy(datagram + MAGIC_BYTES, sentinels->token, SENTINEL_TOKEN);
	/* Bringing a cable up takes the kernel a moment: what fails now is sent again. */
	if (sendto(sentinels->fds[from][family], datagram, sizeof(datagram), 0, &address.any,
		   length) < 0)
		return;
}

static bool sentinel_heard(const struct sentinels *sentinels, int fd)
{
	uint8_t datagram[SENTINEL_BYTES + 1];
	bool heard = false;
	ssize_t got;
	while ((got = recv(fd, datagram, sizeof(datagram), 0)) >= 0)
		heard = heard || (got == (ssize_t)SENTINEL_BYTES &&
				  memcmp(datagram + MAGIC_BYTES, sentinels->token,
					 SENTINEL_TOKEN) == 0);
	return heard;
}

bool sentinels_cross(const struct sentinels *sentinels, uint64_t limit_ns)
{
	struct pollfd unheard[END_COUNT * SENTINEL_FAMILIES];
	uint64_t end = clock_monotonic_ns() + limit_ns, pause = FIRST_PAUSE_NS;
	size_t left = 0;
	for (size_t i = 0; i < ARRAY_COUNT(unheard); i++) {
		unheard[i].fd = sentinels->fds[i / SENTINEL_FAMILIES][i % SENTINEL_FAMILIES];
		unheard[i].events = POLLIN;
		left += unheard[i].fd >= 0;
	}
	while (left > 0 && clock_monotonic_ns() < end) {
		for (size_t i = 0; i < ARRAY_COUNT(unheard); i++) {
			enum end host = i < SENTINEL_FAMILIES ? END_CLIENT : END_SERVER;
			if (unheard[i].fd >= 0)
				sentinel_send(sentinels,
					      host == END_CLIENT ? END_SERVER : END_CLIENT,
					      i % SENTINEL_FAMILIES);
		}
		poll(unheard, ARRAY_COUNT(unheard), (int)(pause / NS_PER_MS));
		pause = pause < LONGEST_PAUSE_NS ? pause * 2 : pause;
		for (size_t i = 0; i < ARRAY_COUNT(unheard); i++) {
			if (unheard[i].fd >= 0 && sentinel_heard(sentinels, unheard[i].fd)) {
				unheard[i].fd = -1; /* poll passes over it */
				left--;
			}
		}
	}
	return left == 0;
}

void sentinels_close(struct sentinels *sentinels)
{
	for (size_t i = 0; i < END_COUNT; i++) {
		for (size_t k = 0; k < SENTINEL_FAMILIES; k++) {
			if (sentinels->fds[i][k] >= 0)
				close(sentinels->fds[i][k]);
			sentinels->fds[i][k] = -1;
		}
	}
}
