#include "queue.h"

#include <string.h>

bool queue_add(struct queue *queue, const void *bytes, size_t count)
{
	/* Moving the rest down when half has left costs each byte one move at most. */
	if (queue->start > 0 && queue->start >= queue_count(queue)) {
		memmove(queue->buf.at, queue_bytes(queue), queue_count(queue));
		queue->buf.len -= queue->start;
		queue->start = 0;
	}
	return buf_add(&queue->buf, bytes, count);
}

void queue_drop(struct queue *queue, size_t count)
{
	queue->start += count;
	if (queue_count(queue) == 0)
		queue_close(queue);
}

void queue_close(struct queue *queue)
{
	buf_close(&queue->buf);
	queue->start = 0;
}
