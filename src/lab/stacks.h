/* The inside of stacks: the trace as text, and what it says of the frames of the wire's log. */
#ifndef WIRELADDER_LAB_STACKS_INSIDE_H
#define WIRELADDER_LAB_STACKS_INSIDE_H

#include "wireladder/lab_stacks.h"

#include "wireladder/lab.h"

/* The states of Linux's congestion control that tell. */
enum { CONGESTION_RECOVERY = 3, CONGESTION_LOSS = 4 };

struct stack_event { /* a frame is handed to an interface, or a socket changes its state */
	uint64_t ns;
	bool is_frame, tcp;     /* tcp: a frame that TCP sent */
	enum end host;          /* a frame's */
	uint32_t len;
	enum stack_call call;
	uint16_t sport, dport;  /* as its sender has them; a frame's when its line is known */
	unsigned congestion;    /* a socket's */
};

struct stack_text {
	struct buf events; /* struct stack_event */
	uint64_t zero_ns;  /* the trace's clock + it = the wire's */
	bool below;        /* softirqs: what stands further down is another matter */
};

/* One line of the trace; what is strange is nobody's. False: out of memory. */
bool stack_text_line(struct stack_text *text, const char *line);
void stack_text_close(struct stack_text *text);

/* Once: which event is which line's, and its cause. False: a line has no event. */
bool stack_names(struct stack_text *text, const struct truth *truth, size_t count,
		 struct stack_word *words, struct err *err);

#endif
