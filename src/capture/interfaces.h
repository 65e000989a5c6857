/* interfaces: who saw the packets, through all files of a capture, and how to read their
 * clocks. */
#ifndef WIRELADDER_CAPTURE_INTERFACES_H
#define WIRELADDER_CAPTURE_INTERFACES_H

#include "wireladder/capture.h"

#define INTERFACES_MAX 65535 /* struct frame counts them in 16 bits */

/* A clock's resolution as pcapng states it: 10^-digits or 2^-digits seconds a tick. */
struct ticks {
	uint8_t digits;
	bool binary;
	int64_t offset_seconds;
	uint64_t scale; /* nanoseconds a tick, where that is a whole number; 0: not */
};

struct interface_counts { /* the latest statistics of an interface */
	uint64_t kernel, interface;
};

struct interfaces {
	struct vantage *vantages; /* their names are owned here */
	struct ticks *ticks;
	struct interface_counts *dropped;
	size_t count, cap;
};

struct interface_described {
	const uint8_t *name; /* borrowed, no terminator; may be NULL */
	size_t name_length;
	uint16_t linktype;
	uint32_t snaplen;
	struct ticks ticks;
};

/* false when out of memory or when there are INTERFACES_MAX already (*full). */
bool interfaces_add(struct interfaces *interfaces, const struct interface_described *one,
		    bool *full);
void interfaces_close(struct interfaces *interfaces);

/* Nanoseconds since 1970, or false when they do not fit into 63 bits or lie before. */
bool ticks_to_ns(const struct ticks *ticks, uint64_t count, uint64_t *ns);
struct ticks ticks_from_tsresol(uint8_t tsresol);

#endif
