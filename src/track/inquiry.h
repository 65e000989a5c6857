/* What can be known of one segment that may have been sent again: the question that cause.c and
 * episode.c answer. */
#ifndef WIRELADDER_TRACK_INQUIRY_H
#define WIRELADDER_TRACK_INQUIRY_H

#include "verdict.h"

struct inquiry {
	struct passage *passage;
	struct side *side;
	struct sender *sender;
	struct sent *original; /* an earlier copy of its first byte, or NULL */
	struct sent *above;    /* the first that was sent of what lies above it, or NULL */
	int64_t start, end;    /* its numbers */
	int64_t high;          /* how far its sender had come */
	struct knowledge knew; /* the ACKs that it had heard … */
	struct advance una;    /* … which acknowledged as much */
	bool acked;            /* all of it, if every ACK got from the tap to its sender … */
	uint64_t acked_n;      /* … and the latest of them */
	uint64_t silence_ns, silence_n; /* since the last send, or ACK of something new */
	uint64_t idle_ns;               /* since an ACK told anything */
	uint64_t head_ns;               /* since its bytes were last sent */
	uint64_t asked_ns; /* when the third duplicate ACK passed; 0: none did */
	uint64_t fresh_ns; /* when the latest passed that was sent later and has arrived */
	uint64_t stale_ns; /* since a third duplicate ACK, where there is no SACK */
	bool quiet;        /* so long that a timer sent it */
	bool first, last;  /* of what was outstanding, as its sender knew */
	uint32_t dup_acks;
	uint64_t dup_n[3];
	uint64_t sacked_bytes, sacked_n; /* delivered though sent later; the ACK that said so */
	bool set_back;                   /* so was the clock, since it sent or heard last */
	bool sack_off;                   /* both SYNs were seen, and one did not offer SACK */
};

/* inquiry.c */
void inquiry_open(struct inquiry *inquiry, int64_t high);
/* It is newer than what lies above it, so that it was sent again: how long after the ACK that
 * asked for it? Other holes of a trouble are asked for by SACK, earlier. */
void inquiry_times(struct inquiry *inquiry);
bool inquiry_triggered(const struct inquiry *inquiry); /* by duplicate ACKs or SACK */
void inquiry_facts(const struct inquiry *inquiry, struct verdict *verdict);

#endif
