/* The wire's hold on an interface: frames in through a ring that the kernel fills, out one by
 * one. The ring is of version 2: each frame can be seen at once, not when a block is full; and
 * it may be larger than what net.core.rmem_max leaves a socket. */
#ifndef WIRELADDER_LAB_PORT_H
#define WIRELADDER_LAB_PORT_H

#include "wireladder/lab.h"

struct port {
	int fd;
	uint8_t *ring; /* shared with processes that are forked off */
	size_t ring_bytes, block_bytes, slot_bytes, slots, next;
};

struct port_frame {
	const uint8_t *bytes; /* borrowed until port_release */
	uint32_t len;
	uint64_t ns;
};

/* In the calling thread's network. frame_bytes: the longest frame there is. */
bool port_open(struct port *port, const char *interface, size_t frame_bytes, struct err *err);
/* The next frame, if there is one; the same one again until it is released. */
bool port_peek(const struct port *port, struct port_frame *frame);
void port_release(struct port *port);
bool port_send(const struct port *port, const uint8_t *bytes, size_t count);
/* Frames that found the ring full, since the last call. */
uint64_t port_dropped(const struct port *port);
void port_close(struct port *port);

#endif
