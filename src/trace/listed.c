/* What /proc lists of a socket (proc(5), /proc/net/tcp), where it cannot be borrowed. A list
 * has what has a name in it: no TCP socket that neither listens nor is connected, no UDP socket
 * without a port. A list of many sockets takes long to read, so it is the second choice. */
#include "tracing.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS_DIGITS 32 /* hexadecimal, of IPv6; IPv4 has 8 */
#define WORD_DIGITS    8
#define LISTED_LISTEN  10 /* TCP_LISTEN of linux/tcp_states.h */

struct listed { /* a line */
	char local[ADDRESS_DIGITS + 1], peer[ADDRESS_DIGITS + 1];
	unsigned local_port, peer_port, state;
	uint64_t inode;
};

/* Words of 32 bits, each as this machine reads the four bytes of the address. */
static void listed_addr(const char *digits, struct addr *addr)
{
	static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF}; /* RFC 4291 2.5.5.2 */
	size_t count = strlen(digits) / WORD_DIGITS;
	*addr = (struct addr){.family = count == 1 ? 4 : 6};
	for (size_t i = 0; i < count; i++) {
		char word[WORD_DIGITS + 1] = {0};
		uint32_t value;
		memcpy(word, digits + i * WORD_DIGITS, WORD_DIGITS);
		value = (uint32_t)strtoul(word, NULL, 16);
		memcpy(addr->bytes + i * sizeof(value), &value, sizeof(value));
	}
	if (addr->family == 4 || memcmp(addr->bytes, mapped, sizeof(mapped)) != 0)
		return;
	addr->family = 4;
	memmove(addr->bytes, addr->bytes + sizeof(mapped), 4);
	memset(addr->bytes + 4, 0, sizeof(addr->bytes) - 4);
}

static void listed_take(const struct listed *listed, struct socket_seen *socket)
{
	struct socket_ends *ends = &socket->ends;
	socket->listens = !ends->udp && listed->state == LISTED_LISTEN;
	listed_addr(listed->local, &ends->local);
	ends->local_port = (uint16_t)listed->local_port;
	if (listed->peer_port == 0)
		return;
	listed_addr(listed->peer, &ends->peer);
	ends->peer_port = (uint16_t)listed->peer_port;
}

/* A process whose first thread has ended has no network by its number; another thread has. */
static FILE *listed_open(const struct holder *holder, const char *list)
{
	const pid_t tids[] = {holder->pid, holder->tid};
	FILE *file = NULL;
	for (size_t i = 0; i < ARRAY_COUNT(tids) && !file; i++) {
		char path[48];
		snprintf(path, sizeof(path), "/proc/%d/net/%s", (int)tids[i], list);
		file = fopen(path, "re");
	}
	return file;
}

static bool listed_find(const struct socket_seen *socket, const char *list,
			struct listed *listed)
{
	static const char form[] = "%*d: %32[0-9A-F]:%x %32[0-9A-F]:%x %x %*x:%*x %*x:%*x "
				   "%*x %*u %*u %" SCNu64;
	char line[256];
	bool found = false;
	FILE *file = listed_open(&socket->holder, list);
	while (file && !found && fgets(line, sizeof(line), file)) {
		found = sscanf(line, form, listed->local, &listed->local_port, listed->peer,
			       &listed->peer_port, &listed->state, &listed->inode) == 6 &&
			listed->inode == socket->inode;
	}
	if (file)
		fclose(file);
	return found;
}

bool socket_listed(struct socket_seen *socket, bool known)
{
	static const struct {
		const char *name;
		bool udp;
	} lists[] = {{"tcp", false}, {"tcp6", false}, {"udp", true}, {"udp6", true}};
	struct listed listed;
	for (size_t i = 0; i < ARRAY_COUNT(lists); i++) {
		if (known && lists[i].udp != socket->ends.udp)
			continue;
		if (!listed_find(socket, lists[i].name, &listed))
			continue;
		socket->ends.udp = lists[i].udp;
		listed_take(&listed, socket);
		return true;
	}
	return false;
}
