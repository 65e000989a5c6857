/* What a frame on the wire means: as much of Ethernet, IP, TCP and UDP as rules ask for. It
 * shares no code with src/decode, so that a mistake there cannot hide in the truth. */
#ifndef WIRELADDER_LAB_MEANING_H
#define WIRELADDER_LAB_MEANING_H

#include "wireladder/lab.h"

/* A sentinel is a datagram to this port that begins with these bytes. */
#define SENTINEL_PORT  47770
#define SENTINEL_MAGIC "wireladder lab: sentinel"

#define ETHERNET_BYTES 14
#define PROTOCOL_TCP   6

struct meaning {
	bool noise;    /* not a program's: multicast listeners, neighbours, what is not IP */
	bool sentinel; /* the lab's own */
	uint8_t family, protocol;   /* 4 or 6; 0: not IP. The last of the IPv6 chain */
	bool fragment, first;       /* first: it holds the beginning of its datagram */
	uint8_t src[16], dst[16];   /* IPv4 in the first four */
	uint16_t sport, dport;      /* where they are known */
	uint16_t tcp_flags;
	uint32_t seq, ack;
	uint32_t ip_len;            /* from the IP header's first byte to the packet's last */
	uint32_t payload_offset, payload_len; /* in the frame; of TCP and UDP, else of IP */
};

void meaning_read(struct meaning *meaning, const uint8_t *bytes, size_t count);

#endif
