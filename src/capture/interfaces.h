/* interfaces: who saw the packets, through all files of a capture, and how to read their
 * clocks.
 *
 * Several files are one capture, and so are several sections of a pcapng file: an interface
 * that a later section describes exactly as an earlier one did (name, link type, snap length,
 * clock) is the same one, the k-th of equal ones being the k-th. Inside one section each
 * description is an interface of its own. A pcap file is one section. */
#ifndef WIRELADDER_CAPTURE_INTERFACES_H
#define WIRELADDER_CAPTURE_INTERFACES_H

#include "wireladder/capture.h"

#define INTERFACES_MAX     65535 /* struct frame counts them in 16 bits */
#define INTERFACE_NONE     UINT16_MAX
#define INTERFACES_MATCHED 1024 /* a later section's are looked for among so many */

/* A clock's resolution as pcapng states it: 10^-digits or 2^-digits seconds a tick. */
struct ticks {
	uint8_t digits;
	bool binary;
	int64_t offset_seconds;
	uint64_t scale; /* nanoseconds a tick, where that is a whole number; 0: not */
};

/* A count since the start of a capture, of which the latest holds; one that falls has begun
 * anew. */
struct drops {
	uint64_t before, latest;
	bool told;
};

struct interface { /* what is kept of each beside its vantage */
	struct ticks ticks;
	uint64_t hash;                  /* of its description */
	uint64_t section;               /* that described it last */
	struct drops kernel, interface; /* as statistics say */
	uint64_t lost;                  /* as its packets say, one by one */
};

struct interfaces {
	struct vantage *vantages; /* their names are owned here */
	struct interface *list;
	size_t count, cap;
	uint64_t section;  /* the one being read, counted from 1, through all files */
	uint16_t *numbers; /* its n-th interface is numbers[n] of the list */
	size_t number_count, number_cap;
};

struct interface_described {
	const uint8_t *name; /* borrowed, no terminator; may be NULL */
	size_t name_length;
	uint16_t linktype;
	uint32_t snaplen;
	struct ticks ticks;
};

void interfaces_begin_section(struct interfaces *interfaces);
/* The section's next one. false when out of memory; INTERFACE_NONE is added when there are
 * INTERFACES_MAX already. */
bool interfaces_add(struct interfaces *interfaces, const struct interface_described *one,
		    uint16_t *index);
/* What the statistics say; where they are silent, the sum of what the packets say. */
uint64_t interface_dropped_kernel(const struct interface *interface);
uint64_t drops_sum(const struct drops *drops);
void drops_tell(struct drops *drops, uint64_t count);
void interfaces_close(struct interfaces *interfaces);

/* The section's interface of this number, or INTERFACE_NONE. */
static inline uint16_t interfaces_find(const struct interfaces *interfaces, size_t number)
{
	return number < interfaces->number_count ? interfaces->numbers[number] : INTERFACE_NONE;
}

/* Nanoseconds since 1970, or false when they do not fit into 63 bits or lie before. */
bool ticks_to_ns(const struct ticks *ticks, uint64_t count, uint64_t *ns);
struct ticks ticks_from_tsresol(uint8_t tsresol);

#endif
