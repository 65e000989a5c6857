/* What the files of this room share: records that are held longer than what they borrow lives,
 * and the merge. */
#ifndef WIRELADDER_TIMELINE_KEEP_H
#define WIRELADDER_TIMELINE_KEEP_H

#include "wireladder/timeline.h"

/* All that an observer's event borrows is copied into memory of its own, which *bytes then is
 * and whoever asked frees; NULL where its kind borrows nothing. False: out of memory. */
bool event_keep(struct event *event, uint8_t **bytes);
size_t event_kept_bytes(const struct event *event);

/* timeline.c: timeline_next where there are several observers. */
enum observed timeline_merged(struct timeline *timeline, struct event *event, struct err *err);

#endif
