/* One UDP datagram: its bytes, who sent it, and to which of our addresses. */
#ifndef ECHO_DATAGRAM_H
#define ECHO_DATAGRAM_H

#include "listen.h"

enum { DATAGRAM_BYTES = 65536 }; /* more than IPv4 (65,507) or IPv6 (65,527) can carry */

/* Where an answer has to go, and from where the other side expects it. */
struct datagram_peer {
	int fd;                 /* the socket that heard from it */
	struct address address; /* what recvfrom() gave */
	bool local_known;
	union {
		struct in_pktinfo v4;
		struct in6_pktinfo v6;
	} local;
};

struct datagram {
	struct datagram_peer from;
	size_t count;
	uint8_t bytes[DATAGRAM_BYTES];
};

bool datagram_receive(struct datagram *d, const struct listener *listener); /* false: errno */
bool datagram_send(const struct datagram_peer *to, const void *bytes, size_t count);

#endif
