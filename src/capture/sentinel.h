/* sentinel: a datagram of ours that crosses a private loopback. Once the capture has seen it,
 * the capture has seen everything that crossed before. */
#ifndef WIRELADDER_CAPTURE_SENTINEL_H
#define WIRELADDER_CAPTURE_SENTINEL_H

#include "wireladder/capture.h"

#define SENTINEL_TOKEN_BYTES 16
#define SENTINEL_BYTES       (4 + SENTINEL_TOKEN_BYTES)
/* Link, IPv4 and UDP headers and the datagram: what must be kept of a frame to know it. */
#define SENTINEL_FRAME_BYTES (20 + 20 + 8 + SENTINEL_BYTES)

struct sentinel {
	int from, to;     /* sockets of ours; 0 in a zeroed one: none */
	uint16_t port;    /* that it is sent to */
	uint32_t serial;  /* of the last one sent */
	uint64_t sent_ns; /* clock_monotonic_ns of that */
	uint8_t token[SENTINEL_TOKEN_BYTES];
};

bool sentinel_open(struct sentinel *sentinel, struct err *err);
bool sentinel_send(struct sentinel *sentinel, struct err *err);
/* Sends again when the last one has not been seen for long. */
bool sentinel_send_again(struct sentinel *sentinel, struct err *err);
/* Is this frame one of ours, and which? */
bool sentinel_find(const struct sentinel *sentinel, const struct frame *frame,
		   uint32_t *serial);
void sentinel_close(struct sentinel *sentinel); /* safe on a zeroed one */

#endif
