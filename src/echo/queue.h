/* Bytes that wait to be sent, first in, first out. An empty queue holds no memory, so that ten
 * thousand idle connections cost next to nothing. */
#ifndef ECHO_QUEUE_H
#define ECHO_QUEUE_H

#include "wireladder/base.h"

struct queue {
	struct buf buf;
	size_t start; /* bytes of buf that have left already */
};

static inline size_t queue_count(const struct queue *queue)
{
	return queue->buf.len - queue->start;
}

/* Valid until the next add or drop. */
static inline const char *queue_bytes(const struct queue *queue)
{
	return queue->buf.at + queue->start;
}

bool queue_add(struct queue *queue, const void *bytes, size_t count); /* false: no memory */
void queue_drop(struct queue *queue, size_t count); /* from the front; at most queue_count */
void queue_close(struct queue *queue);

#endif
