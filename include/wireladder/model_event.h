/* Events: one event = one record of the timeline = one row in the viewer. A tagged union. */
#ifndef WIRELADDER_MODEL_EVENT_H
#define WIRELADDER_MODEL_EVENT_H

#include "wireladder/model_trace.h"

enum event_kind {
	EVENT_META, EVENT_CONVERSATION, EVENT_PACKET, EVENT_STATE, EVENT_NOTE, EVENT_CLOSED,
	EVENT_AMEND, EVENT_PROGRAM, EVENT_CALL, EVENT_KERNEL, EVENT_SUMMARY,
};

/* A packet's way to the other end, where both ends were tapped (timeline.md, "Two
 * vantages"). */
struct way {
	bool known;              /* there are two vantages */
	bool lost;               /* it left, and was not seen to arrive */
	bool estimated;          /* only its arrival was seen: the event's time is a guess */
	uint64_t arrives_ns;     /* 0: lost */
	uint64_t frames[END_COUNT]; /* its number in each capture; 0: not in it */
	uint64_t copy_of;        /* this is the second arrival of that packet; 0: no */
	struct fate fate;        /* what the wire did; did DEED_NONE: nothing, or unknown */
};

/* A TCP, UDP or ICMP packet or an IP fragment, and what tracking knows about it. */
struct packet {
	struct segment segment;
	uint64_t n;
	uint16_t interface;
	uint32_t len;            /* of the frame on the wire */
	const uint8_t *bytes;    /* from the network header on; borrowed until the next event */
	uint32_t byte_count;     /* as far as they were captured */
	const uint64_t *fragments; /* of a joined datagram: the packets it came in; borrowed */
	size_t fragment_count;     /* 0: it came in one */
	const char *comment;       /* as in struct frame; borrowed */
	uint32_t comment_len, link_flags;
	bool aggregated;           /* not the first packet of its frame, which is counted */
	enum end from;
	int64_t seq, ack;        /* relative (timeline.md, "Sequence and ACK numbers") */
	uint64_t window;         /* bytes; the bare field when scale_unknown */
	bool scale_unknown;
	int64_t sack[TCP_SACK_MAX][2]; /* relative, as many as segment.tcp.options.sack_count */
	bool dsack;              /* its first block reports bytes received twice (RFC 2883 4) */
	uint64_t flight;         /* payload bytes its sender has outstanding after it */
	uint64_t rtt_ns;         /* 0: no sample */
	uint64_t quotes;         /* ICMP: number of the packet that it quotes; 0: not seen */
	struct way way;          /* what both ends' taps tell of it */
	uint64_t call;           /* the call that made it; 0: none, or it cannot be shown */
	size_t verdict_count;
	struct verdict verdicts[VERDICTS_MAX]; /* the rest of them is not set */
};

struct state_change {
	enum end who;
	enum tcp_state state;
	uint64_t because[2]; /* packet numbers, 0: none */
	uint64_t because_call; /* 0: none */
	bool inferred;
};

#define NOTE_FACTS 4
struct note {
	enum note_code code;
	bool warning;
	char text[320]; /* an address and a name of 255 bytes fit */
	struct {
		const char *key; /* static */
		int64_t value;
	} facts[NOTE_FACTS];
	size_t fact_count;
	uint64_t end_ns;     /* it lasted until then; 0: a moment */
	uint64_t because[3]; /* packet numbers, 0: none */
	enum wait waits;     /* NOTE_STALL: for this … */
	enum end who;        /* … waited that end */
	bool inferred;       /* and nothing on the wire can show it */
};

/* A packet's record is changed by what came to light later. */
struct amend {
	uint64_t n;              /* the packet's number */
	uint64_t because;        /* the packet that showed it; 0: none */
	bool found;              /* it was not lost after all: it arrived at … */
	uint64_t arrives_ns;
	size_t verdict_count;    /* these take the place of all that it had; 0: they stay, */
	uint64_t call;           /* it was this call that made it; 0: unchanged */
	bool cleared;            /* but for this: it has none any more */
	struct verdict verdicts[VERDICTS_MAX];
};

struct event {
	enum event_kind kind;
	uint64_t ns;      /* since 1970; records say it relative to meta.start */
	uint32_t conv;    /* 0: none */
	uint8_t vantage;
	union {
		struct conversation_ends conversation;
		struct packet packet;
		struct state_change state;
		struct note note;
		struct amend amend;
		struct program_seen program;
		struct call call;
		struct kernel_sample kernel;
		const struct meta *meta; /* these three are borrowed until the sink returns */
		const struct closed *closed;
		const struct summary *summary;
	};
};

/* Where events go. take returns false when it cannot go on; it has then filled its own err. */
struct sink {
	bool (*take)(void *context, const struct event *event);
	void *context;
};

#endif
