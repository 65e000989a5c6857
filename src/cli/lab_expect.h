/* What a lesson promises, held against what came of it. */
#ifndef WIRELADDER_CLI_LAB_EXPECT_H
#define WIRELADDER_CLI_LAB_EXPECT_H

#include "lab_run.h"

#define LAB_CONVERSATIONS 64

/* What the timeline told of a run, as far as lessons ask: filled event by event. */
struct lab_heard {
	enum tcp_state states[LAB_CONVERSATIONS][END_COUNT];
	uint64_t tcp, udp, icmp, fragment, lost;
};
void lab_hear(struct lab_heard *heard, const struct event *event);

/* Does the expectation hold? *is says, in any case, what was found, as text. */
bool lab_expect(const struct expectation *expect, const struct lab_run *run,
		const struct lesson *lesson, const struct lab_heard *heard, struct buf *is);
/* The expectation in words: "TcpExtTCPFastRetrans at the client is 1". */
void lab_expect_text(const struct expectation *expect, struct buf *text);

#endif
