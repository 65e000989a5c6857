/* Tests that open a lab. Each body runs in a child, since a lab changes the process that opens
 * it; where namespaces are refused the test is skipped with the reason (under CI it fails). */
#ifndef WIRELADDER_TESTS_LABTEST_H
#define WIRELADDER_TESTS_LABTEST_H

#include <sys/socket.h>

#include "wireladder/lab.h"

/* In the child cmocka cannot catch a failure: it ends there and says where. */
#define CHECK(holds) labtest_check(holds, #holds, __FILE__, __LINE__)
void labtest_check(bool holds, const char *what, const char *file, int line);
void labtest_in_child(void (*body)(void));
void labtest_become_nobody(void);

struct lab *labtest_open(const struct lesson *lesson, uint64_t seed); /* and it is ready */
void labtest_settle(struct lab *lab); /* until nothing is under way */

/* Sockets of a host; the test's thread stays in its network. */
#define LABTEST_PORT 7
struct labtest_address {
	union {
		struct sockaddr any;
		uint8_t bytes[sizeof(struct sockaddr_storage)];
	};
	socklen_t length;
};
struct labtest_address labtest_address(const char *addr, uint16_t port);
const char *labtest_addr(enum end host, bool six);
int labtest_socket(struct lab *lab, enum end host, bool six, int type); /* bound to the port */
/* Sends datagrams "1" … "count", each of so many bytes, to the other host. */
struct labtest_burst {
	enum end to;
	bool six;
	unsigned count;
	size_t bytes;
};
void labtest_send(int fd, const struct labtest_burst *burst);
/* The digits of the datagrams that came within the time, in order: "1 3 2". */
void labtest_receive(int fd, int quiet_ms, char text[static 256]);

/* What crosses an interface, both ways. */
int labtest_tap(struct lab *lab, enum end host);
struct labtest_frame {
	bool outgoing;
	size_t count;
	uint8_t bytes[2048];
};
bool labtest_tap_next(int fd, struct labtest_frame *frame); /* false: nothing waits */

#endif
