/* The wire between two hosts: rules, what they do to a frame, and the truth about each. */
#ifndef WIRELADDER_MODEL_WIRE_H
#define WIRELADDER_MODEL_WIRE_H

#include "wireladder/model.h"

/* What the wire looks for in a frame, and what it does to it. */
#define WIRE_MATCH_LIST(X) \
	X(ANY, "any") X(SYN, "syn") X(SYN_ACK, "syn-ack") X(FIN, "fin") X(RST, "rst") \
	X(ACK, "ack")           /* pure: no payload, no other flag */ \
	X(DATA, "data")         /* a TCP segment with payload */ \
	X(DATAGRAM, "datagram") /* UDP, whole or first fragment */ \
	X(FRAGMENT, "fragment") X(ICMP, "icmp")
/* QUEUE_DROP, RATE and TOO_BIG are the link's own: no rule may have them. STALL can be both.
 * ENDED: it was still under way when the lab was taken down. */
#define WIRE_DEED_LIST(X) \
	X(NONE, "") X(DROP, "drop") X(DELAY, "delay") X(HOLD, "hold") \
	X(DUPLICATE, "duplicate") X(CORRUPT, "corrupt") X(QUEUE_DROP, "queue-drop") \
	X(RATE, "rate") X(STALL, "stall") X(MARK_CE, "mark-ce") X(TOO_BIG, "too-big") \
	X(ENDED, "lab-ended")

/* Why a host sent a frame that has no new bytes, as its kernel counted it. The words are those
 * of the verdicts, MIXED and UNCOUNTED aside. */
#define WIRE_CAUSE_LIST(X) \
	X(NONE, "") X(FAST, "fast-retransmission") X(RECOVERY, "recovery-retransmission") \
	X(RTO, "rto-retransmission") X(RTO_RECOVERY, "rto-recovery") \
	X(TLP, "tail-loss-probe") X(SYN, "syn-retransmission") \
	X(SYN_ACK, "synack-retransmission") X(FIN, "fin-retransmission") \
	X(WINDOW_PROBE, "zero-window-probe") X(KEEP_ALIVE, "keep-alive") \
	X(MIXED, "mixed")         /* counted together: which is which nobody knows */ \
	X(UNCOUNTED, "uncounted") /* no counter tells why */

enum wire_cause {
#define X(name, word) CAUSE_##name,
	WIRE_CAUSE_LIST(X)
#undef X
	CAUSE_COUNT
};

enum wire_match {
#define X(name, word) WIRE_##name,
	WIRE_MATCH_LIST(X)
#undef X
	WIRE_MATCH_COUNT
};

enum wire_deed {
#define X(name, word) DEED_##name,
	WIRE_DEED_LIST(X)
#undef X
	DEED_COUNT
};

/* A frame has to meet all of its conditions; the first rule that fits acts. */
struct wire_rule {
	const char *text;         /* in words, for the ladder: "drop data 5" */
	enum wire_match match;
	bool to[END_COUNT];       /* directions, by where the frame goes */
	uint32_t first, last;     /* the k-th match in its direction, from 1, to the l-th; 0, 0:
				   * every one. What other rules do to it does not matter */
	uint32_t every;           /* and of those each every-th; 0: all */
	int64_t bytes[2];         /* payload overlaps these relative numbers, from the first to
				   * the last; -1: any */
	uint32_t copy;            /* the n-th time that its first byte passes, from 1; 0: any */
	uint32_t chance_ppm;      /* seeded, of those that meet all else; 0: certain */
	uint16_t port;            /* either port; 0: any */
	enum wire_deed deed;
	uint64_t ns;              /* delay: more than the link's; stall: how long nothing
				   * leaves, from when this frame would */
	uint32_t by;              /* hold: how many frames pass it, or 300 ms; duplicate: how
				   * many more are sent; 0: 1 */
};

struct link_config { /* one direction */
	uint64_t delay_ns, rate_bits_per_s; /* 0: none */
	uint32_t queue_packets; /* waiting for the rate, beside the one being sent; 0: 1000 */
	uint32_t mtu;           /* 0: 1500; longer ones are answered and dropped, DF or not */
	uint64_t stall_from_ns, stall_ns; /* after the wire's first frame; 0: none */
};

struct fate { /* as a record says it */
	enum wire_deed did;
	const char *rule; /* in words; borrowed for as long as the timeline is written */
};

/* What the wire did to a frame: the truth. */
struct truth {
	enum end to;
	uint32_t n;                             /* in its direction, from 1: as captures count;
						 * 0: the wire's own answer to one too long */
	uint64_t arrived_ns, due_ns, sent_ns;   /* sent 0: never; due 0: dropped at once */
	uint32_t rule;                          /* index + 1; 0: no rule but the link's own */
	enum wire_deed deed;
	uint32_t copies, len;                   /* times it was sent on; bytes */
	uint64_t hash;                          /* of the bytes as they arrived */
	enum wire_cause cause;                  /* NONE: new bytes, or no TCP */
	uint32_t from, to_byte;                 /* TCP: its bytes, counted from the SYN, which
						 * is 0: [from, to_byte) */
	uint32_t ack;                           /* counted from the other's SYN; 0: none */
	uint16_t ports[END_COUNT], tcp_flags;   /* 0: not TCP */
};

extern const char *const wire_match_words[WIRE_MATCH_COUNT];
extern const char *const wire_deed_words[DEED_COUNT];
extern const char *const wire_cause_words[CAUSE_COUNT];

#endif
