/* Why the kernel sent a frame, by the functions that were running then: tracefs, as root. A
 * second witness, beside the counters that the wire reads. */
#ifndef WIRELADDER_LAB_STACKS_H
#define WIRELADDER_LAB_STACKS_H

#include "wireladder/model.h"

/* The functions that tell. Two are told apart by what else is known. */
#define STACK_CALL_LIST(X) \
	X(RETRANSMIT, "tcp_xmit_retransmit_queue") X(LOSS, "the same, after a timeout") \
	X(TIMEOUT, "tcp_retransmit_timer") X(LOSS_PROBE, "tcp_send_loss_probe") \
	X(WINDOW_PROBE, "tcp_send_probe0") X(KEEP_ALIVE, "tcp_keepalive_timer") \
	X(SYN_ACK, "tcp_rtx_synack") X(SYN_ACK_TIMER, "the same, by its timer")

enum stack_call {
	STACK_OTHER,
#define X(name, word) STACK_##name,
	STACK_CALL_LIST(X)
#undef X
	STACK_CALL_COUNT
};

struct stack_word { /* of one line of the wire's log */
	enum stack_call call;
	enum wire_cause cause; /* NONE: nothing is sent again by it */
};

/* An instance of the kernel's tracing that is the program's own, and a process that keeps one
 * processor awake. Must be opened before any lab; the calling process gets a mount namespace of
 * its own where tracefs is not mounted. NULL with EXIT_PERMISSION: not root, or no tracefs. */
struct stacks;
struct stacks *stacks_open(struct err *err);
/* From now on stacks are kept. The calling process and all that it starts stay on that one
 * processor. */
bool stacks_begin(const struct stacks *stacks, struct err *err);
/* They were kept until now: what they say of each line of the log. False: one is missing. */
bool stacks_end(const struct stacks *stacks, const struct truth *truth, size_t count,
		struct stack_word *words, struct err *err);
/* Nothing is left behind; nor is it when the opener dies without. Safe on NULL. */
void stacks_close(struct stacks *stacks);

#endif
