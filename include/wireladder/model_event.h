/* Events: one event = one record of the timeline = one row in the viewer. A tagged union. */
#ifndef WIRELADDER_MODEL_EVENT_H
#define WIRELADDER_MODEL_EVENT_H

#include "wireladder/model.h"

enum event_kind {
	EVENT_META, EVENT_CONVERSATION, EVENT_PACKET, EVENT_STATE, EVENT_NOTE, EVENT_CLOSED,
	EVENT_SUMMARY,
};

struct vantage { /* a tap: an interface of a capture */
	const char *name; /* borrowed for as long as the event */
	uint16_t linktype;
	uint32_t snaplen; /* 0: no limit known */
	bool nanoseconds; /* its stamps are finer than microseconds */
};

struct meta {
	uint64_t start_ns; /* has_start false: an empty capture */
	bool has_start;
	const char *source, *name, *filter; /* source: demo, read …; others may be NULL */
	const char *const *files;
	size_t file_count;
	const struct vantage *vantages;
	size_t vantage_count;
};

struct conversation_ends {
	bool udp;
	struct addr addr[END_COUNT];
	uint16_t port[END_COUNT];
};

/* A TCP, UDP or ICMP packet or an IP fragment, and what tracking knows about it. */
struct packet {
	struct segment segment;
	uint64_t n;
	uint16_t interface;
	uint32_t len;            /* of the frame on the wire */
	const uint8_t *bytes;    /* from the network header on; borrowed until the next event */
	uint32_t byte_count;     /* as far as they were captured */
	enum end from;
	int64_t seq, ack;        /* relative (timeline.md, "Sequence and ACK numbers") */
	uint64_t window;         /* bytes; the bare field when scale_unknown */
	bool scale_unknown;
	int64_t sack[TCP_SACK_MAX][2]; /* relative, as many as segment.tcp.options.sack_count */
	bool dsack;              /* its first block reports bytes received twice (RFC 2883 4) */
	uint64_t flight;         /* payload bytes its sender has outstanding after it */
	uint64_t rtt_ns;         /* 0: no sample */
	uint64_t quotes;         /* ICMP: number of the packet that it quotes; 0: not seen */
	struct verdict verdicts[2];
	size_t verdict_count;
};

struct state_change {
	enum end who;
	enum tcp_state state;
	uint64_t because[2]; /* packet numbers, 0: none */
	bool inferred;
};

#define NOTE_FACTS 4
struct note {
	enum note_code code;
	bool warning;
	char text[160];
	struct {
		const char *key; /* static */
		int64_t value;
	} facts[NOTE_FACTS];
	size_t fact_count;
};

struct rtt_stats {
	uint64_t min_ns, max_ns, sum_ns, samples;
};

struct closed {
	struct conversation_ends ends;
	uint64_t packets[END_COUNT], bytes[END_COUNT]; /* bytes: unique payload */
	uint64_t first_ns, last_ns;
	enum opened opened;
	enum ended ended;
	uint64_t syn, synack, ack, handshake_rtt_ns; /* packet numbers, 0: not seen */
	uint32_t isn[END_COUNT];
	bool isn_assumed[END_COUNT], isn_known[END_COUNT]; /* neither: never heard of it */
	struct tcp_options options[END_COUNT]; /* of its SYN; present 0: that was not seen */
	struct rtt_stats rtt[END_COUNT];       /* of the data that this end sent */
	bool near[END_COUNT]; /* the tap was at this end */
	uint64_t data_first_ns[END_COUNT], data_last_ns[END_COUNT];
	uint32_t verdicts[VERDICT_COUNT];
};

struct count {
	uint64_t packets, bytes;
};

#define UNKNOWN_KINDS 32
struct unknown_kind {
	enum layer layer;
	uint32_t number;
	struct count count;
};

struct skipped { /* bytes of the input that were passed over */
	uint64_t at, bytes;
	char why[120];
};

struct summary {
	struct count all, tcp, udp, icmp, fragments, other;
	struct unknown_kind unknown[UNKNOWN_KINDS]; /* what `other` is made of, first come */
	size_t unknown_count;
	uint64_t conversations, verdicts[VERDICT_COUNT], flaws[FLAW_COUNT];
	const struct skipped *skipped; /* borrowed for as long as the event */
	size_t skipped_count;
	uint64_t dropped_kernel, dropped_interface, evicted, elapsed_ns;
	bool truncated; /* the input ends in the middle of a packet */
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
