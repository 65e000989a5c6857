/* What the files of this room share: records that are held longer than what they borrow lives,
 * and the merge. */
#ifndef WIRELADDER_TIMELINE_KEEP_H
#define WIRELADDER_TIMELINE_KEEP_H

#include "wireladder/timeline.h"

/* All that a packet borrows is copied into memory of its own, which *bytes then is and whoever
 * asked frees. */
bool packet_keep(struct packet *packet, uint8_t **bytes);
size_t packet_kept_bytes(const struct packet *packet);

/* timeline.c: timeline_next where there are several observers. */
enum observed timeline_merged(struct timeline *timeline, struct event *event, struct err *err);

#endif
