/* The door of src/track: what packets mean. Eats segments, never bytes. */
#ifndef WIRELADDER_TRACK_H
#define WIRELADDER_TRACK_H

#include "wireladder/model.h"

struct tracker_config {
	const struct addr *local; /* addresses of the machine that captures; borrowed */
	size_t local_count;
	size_t max_memory_bytes; /* for conversations; 0: 256 MiB. Beyond it idle ones are let
				    go */
	bool taps_at_both_ends; /* every packet is received where and when it is seen
				 * (loopback) */
};

struct tracker; /* a value: many can run side by side */

/* Records go to the sink, which is copied: packets as they come, each with its conversation
 * before and its states and notes behind it (timeline.md, "Order"). Packets of two vantages
 * (`way`) are received when they arrive, and states then stand at their own time, in its order.
 * NULL when out of memory. */
struct tracker *tracker_open(const struct tracker_config *config, struct sink sink,
			     struct err *err);
/* Fills in what is known of the packet (conv, from, relative numbers …) and passes it on.
 * Returns false when the sink did. */
bool tracker_packet(struct tracker *tracker, struct event *packet);
/* What changes a packet's record: fills in its conv, and the packet is received after all. */
bool tracker_amend(struct tracker *tracker, struct event *amend);
/* For events of others between packets: what arrives until then, which only a later packet
 * would bring up, is received. */
bool tracker_reaches(struct tracker *tracker, uint64_t ns);
/* The input has ended: `closed` for every conversation that is left, in order of conv. */
bool tracker_finish(struct tracker *tracker);
/* The counts so far; what only others know (skipped, dropped, truncated) is left as it was. */
void tracker_summary(const struct tracker *tracker, struct summary *summary);
void tracker_close(struct tracker *tracker);

#endif
