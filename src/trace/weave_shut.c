/* Which call made a FIN, or a reset.
 *
 * shutdown(2) closes the connection, whoever has its socket: the next FIN is its own, however
 * long it waits behind data. close(2) closes a descriptor, and makes a FIN only where that was
 * the last. Who else has one, by dup or fork, nobody tells: another may close it later, or end,
 * which is no call. So a FIN is a close's where it leaves while that is under way, or after it
 * with no other call between: at once, or behind data that were queued.
 *
 * What a close resets with acknowledges; a reset that answers a segment with an ACK does not
 * (RFC 9293 3.5.2). After its FIN a socket that nobody has any more answers with resets, too
 * (RFC 1122 4.2.2.13). */
#include "weave.h"

#include <stdio.h>
#include <sys/utsname.h>

#define RELEASE_NS      (NS_PER_MS / 10)
#define RELEASE_LATE_NS (2 * NS_PER_MS) /* a thread's way back from the tracer */

/* At once: Linux before 6.6 lets a socket go only when the thread that closed it runs on. */
uint64_t shut_release_ns(void)
{
	struct utsname system;
	unsigned major, minor;
	bool known = uname(&system) == 0 &&
		     sscanf(system.release, "%u.%u", &major, &minor) == 2;
	bool late = known && (major < 6 || (major == 6 && minor < 6));
	return late ? RELEASE_LATE_NS : RELEASE_NS;
}

void shut_enters(struct strand *strand, const struct call *call)
{
	struct shut *shut = &strand->shut;
	if (shut->closed_ns) /* somebody has it still */
		shut->close_id = 0;
	if (call->inward || call_classes[call->kind] != CALLS_SHUT)
		return;
	if (call->kind == CALL_CLOSE) {
		shut->close_id = call->id;
		shut->closed_ns = 0;
		shut->queued = false;
	} else if (!shut->down_id) {
		shut->down_id = call->id;
	}
}

void shut_returns(struct strand *strand, const struct call *call, uint64_t ns)
{
	struct shut *shut = &strand->shut;
	if (call->error && shut->down_id == call->id)
		shut->down_id = 0;
	if (shut->close_id != call->id)
		return;
	shut->closed_ns = ns;
	shut->queued = strand->whole && strand->seen < strand->sent;
	if (call->error)
		shut->close_id = 0;
}

uint64_t shut_made(const struct weave *weave, struct strand *strand, uint16_t flags,
		   uint64_t ns)
{
	struct shut *shut = &strand->shut, before = *shut;
	bool at_once = shut->closed_ns == 0 || ns <= shut->closed_ns + weave->release_ns;
	shut->down_id = 0;
	if (flags & TCP_RST || !before.down_id)
		shut->close_id = 0;
	if (flags & TCP_RST)
		return at_once && flags & TCP_ACK ? before.close_id : 0;
	if (before.down_id)
		return before.down_id;
	return at_once || before.queued ? before.close_id : 0;
}
