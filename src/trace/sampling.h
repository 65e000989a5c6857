/* When the kernel is asked what it knows of a socket. */
#ifndef WIRELADDER_TRACE_SAMPLING_H
#define WIRELADDER_TRACE_SAMPLING_H

#include "message.h"

struct sampling;
/* every_ns 0: never. Samples go to the outbox. NULL: out of memory. */
struct sampling *sampling_open(struct sockets_seen *sockets, struct outbox *out,
			       uint64_t every_ns);
void sampling_now(struct sampling *sampling, uint32_t sock); /* 0: none */
/* A call that waits for it begins or ends: meanwhile it is asked again and again. */
void sampling_waits(struct sampling *sampling, uint32_t sock, bool begins);
uint64_t sampling_due_ns(const struct sampling *sampling); /* monotonic; UINT64_MAX: never */
void sampling_run(struct sampling *sampling);              /* those that are due */
void sampling_close(struct sampling *sampling);            /* safe on NULL */

#endif
