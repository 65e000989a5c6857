/*
 * Theory of operation
 *
 * A tracker turns segments into meaning. It keeps conversations in a flow table of 64 fixed
 * shards; a packet's addresses and ports alone say which shard, so that shards can later be
 * shared out among workers without changing a byte of the output. Each shard has its share of
 * the memory cap and three lists of conversations in the order in which they were last active:
 * finished, half-open and open. When a shard is full it lets the oldest of the first list that
 * has any go. Packets come in trains: before the table is asked, the conversation of the packet
 * before is looked at.
 *
 * Each end of a TCP conversation is a small TCP of its own, a side, that is told what it sends
 * (side_sends) and what it receives (side_receives). Positions are relative to the end's
 * initial sequence number and 64 bits wide, so that they never wrap.
 *
 * What an end did is seen when its segment passes the tap. What it received is known at once
 * only where the tap is that end (both on a loopback); elsewhere it is believed when a
 * segment of its own shows it (state.c). Where both ends were tapped a packet is sent at its
 * own time and received when it arrives, and the tracker goes by both (crossing.c).
 *
 * Not here: causes of retransmissions, the tap's place.
 */
#ifndef WIRELADDER_TRACK_TRACKER_H
#define WIRELADDER_TRACK_TRACKER_H

#include "wireladder/track.h"

#define SHARD_COUNT 64
#define LINGER_NS (120 * NS_PER_S) /* late segments still belong to a finished conversation */
#define SENT_KEPT 16               /* acknowledged segments remembered, for verdicts' `of` */
#define SENT_MAX  4096             /* unacknowledged ones, for each end */
#define HOLES_MAX 64

struct sent { /* a segment that took up sequence space, or a datagram; a list item */
	int64_t start, end; /* relative; a datagram: IP identification, payload bytes */
	uint64_t n, ns;
	uint32_t next;
	bool resent, data;
};

struct hole { /* bytes below the highest that no packet brought yet; a list item, in order */
	int64_t start, end;
	uint32_t next;
};

struct side {
	uint32_t isn;
	bool isn_known;   /* isn below is set, from a SYN … */
	bool isn_assumed; /* … or from the first number seen */
	bool syn_seen, una_known, segment_seen;
	enum tcp_state state;
	int64_t low, high; /* data seen lies in [low, high), but for the holes */
	int64_t una;       /* SND.UNA: the highest ACK heard from the other end */
	int64_t rcv_nxt;   /* the highest ACK that it sent itself */
	int64_t fin;       /* position of its FIN, or -1 */
	uint64_t syn_n, synack_n, fin_n;
	uint64_t syn_heard_n;    /* its latest SYN that can have been received */
	uint64_t window;         /* bytes, as it last advertised */
	bool window_known;
	uint64_t fin_acked_n;    /* the other end's first packet that acknowledges the FIN */
	int64_t fin_acked_shown; /* an own ACK of this shows that it was received; -1: none */
	uint64_t syn_acked_n;
	uint32_t holes, hole_count;
	uint32_t sent_first, sent_last, sent_count, sent_unacked;
	uint64_t packets, bytes, data_first_ns, data_last_ns;
	uint64_t sent_ns;        /* last transmission of the oldest outstanding */
	uint64_t resend_gap_ns;  /* and the gap before it */
	uint32_t unanswered;     /* UDP: datagrams since the last reply */
	struct rtt_stats rtt;
	struct tcp_options options; /* of its SYN */
};

struct flow_key {
	uint64_t words[5]; /* both addresses, lower end first, and ports, protocol, family */
	uint64_t hash;     /* of these: the same in every run */
};

struct receiver { /* what has arrived at one end, where both are tapped */
	int64_t next;        /* RCV.NXT but for a FIN: the first number that has not */
	bool begun;
	uint32_t islands;    /* what arrived beyond it; struct hole, in order */
	uint32_t island_count;
	uint64_t fin_n;      /* the packet that brought the FIN; 0: none */
	int64_t acked;       /* the highest ACK that is to arrive here, of those that left */
};

struct crossing {
	struct receiver at[END_COUNT];
	uint64_t lost;       /* packets */
};

struct arrival { /* a packet under way, or one that was given up */
	uint64_t ns, serial;  /* when it arrives; ties: as they left */
	uint64_t n;
	struct conversation *conversation; /* whose memory stays where it is, */
	uint32_t number;                   /* but may be another's by then */
	struct shard *shard;
	enum end from;
	uint16_t flags;
	uint8_t vantage;
	bool lost, received;
	int64_t start, data, data_end, end, ack; /* as in passage */
};

#define ARRIVALS_MAX 65536  /* beyond it the first is taken to have arrived */
#define GIVEN_UP_KEPT 4096  /* remembered, should they arrive after all */
struct crossings {
	struct arrival *heap, *given_up; /* given_up: a ring */
	size_t count, cap, given_up_at;
	uint64_t serial;
};

enum list_kind { LIST_FINISHED, LIST_HALF_OPEN, LIST_OPEN, LIST_COUNT };

struct conversation {
	struct flow_key key;
	uint32_t number, previous, next; /* conv; neighbours in its list */
	enum list_kind list;
	bool near[END_COUNT]; /* the tap is at that end: it receives where and when we see it */
	struct conversation_ends ends;
	uint32_t crossing;               /* what two vantages tell of it; 0: one vantage */
	uint64_t first_ns, last_ns;      /* of its own packets */
	uint64_t active_ns, listed_ns;   /* by the tracker's clock, which never goes back */
	enum opened opened;
	enum ended ended;
	uint64_t handshake_syn_ns, handshake_syn_n, handshake_synack_n, handshake_ack_n;
	uint64_t handshake_rtt_ns;
	uint32_t verdicts[VERDICT_COUNT];
	struct side side[END_COUNT];
};

struct slot {
	uint32_t hash, conversation; /* index in the shard's pool, 0: free */
};

struct shard {
	struct slot *slots;
	uint32_t mask, count, max;
	struct pool conversations, sents, holes, crossings;
	struct {
		uint32_t first, last;
	} lists[LIST_COUNT];
};

struct tracker {
	struct tracker_config config;
	struct sink sink;
	struct shard shards[SHARD_COUNT];
	struct conversation *latest;  /* that a packet was found to belong to, or NULL */
	uint64_t seed;                /* of the slots only: no output depends on it */
	uint64_t now_ns;              /* the latest stamp: capture time never goes back here */
	uint64_t first_ns, linger_ns; /* no finished conversation is due before linger_ns */
	uint32_t conversations;
	bool memory_noted;
	struct count kinds[SEGMENT_FRAGMENT + 1];
	struct crossings crossings;
	struct summary summary; /* all else that is counted */
};

/* One packet on its way through: what the functions below share. */
struct passage {
	struct tracker *tracker;
	struct shard *shard;
	struct conversation *conversation;
	struct event *event;
	struct packet *packet;
	enum end from;
	int64_t start, data, data_end, end; /* relative: first number, payload, behind FIN */
	struct state_change changes[8];
	size_t change_count;
	bool reset;     /* an RST that its receiver takes */
	bool unseen;    /* two vantages: it arrives, but nobody saw when */
	uint64_t fin_n; /* a FIN has arrived, and all before it */
};

/* Room for changes is left as it is: zeroing it would cost more than most packets do. */
static inline void passage_begin(struct passage *passage, struct tracker *tracker,
				 struct event *event)
{
	passage->tracker = tracker;
	passage->event = event;
	passage->packet = &event->packet;
	passage->change_count = 0;
	passage->reset = passage->unseen = false;
}

/* flow.c */
struct conversation *flow_find(struct tracker *tracker, const struct tuple *ends,
			       struct flow_key *key);
struct shard *flow_shard(struct tracker *tracker, const struct flow_key *key);
bool flow_add(struct tracker *tracker, struct shard *shard, uint32_t index);
void flow_remove(struct tracker *tracker, struct shard *shard, uint32_t index);

/* conversation.c */
struct conversation *conversation_open(struct passage *passage, const struct flow_key *key);
bool conversation_close(struct tracker *tracker, struct shard *shard, uint32_t index);
void conversation_touch(struct passage *passage);
void conversation_list(struct shard *shard, struct conversation *c, enum list_kind list);
uint32_t conversation_index(const struct shard *shard, const struct conversation *c);
enum end conversation_from(const struct conversation *c, const struct tuple *ends);
bool conversations_expire(struct tracker *tracker, uint64_t now_ns);
bool conversations_finish(struct tracker *tracker);

/* side.c, sent.c, holes.c */
int64_t side_relative(const struct side *side, uint32_t raw);
void side_begin(struct side *side, uint32_t isn, bool assumed);
void side_rtt(struct side *side, uint64_t ns);
void side_sends(struct passage *passage);
void side_receives(struct passage *passage);
void sent_add(struct passage *passage, struct side *side, const struct sent *item);
struct sent *sent_find(struct shard *shard, const struct side *side, int64_t start,
		       int64_t end);
const struct sent *sent_acked(struct shard *shard, struct side *side);
const struct sent *sent_covered(struct shard *shard, const struct side *side, int64_t from,
				int64_t to);
void sent_forget(struct shard *shard, struct side *side);
uint64_t holes_fill(struct shard *shard, struct side *side, int64_t start, int64_t end);
void holes_forget(struct shard *shard, struct side *side);

/* state.c */
void state_sends(struct passage *passage);
void state_receives(struct passage *passage);

/* crossing.c */
bool crossing_begin(struct passage *passage, bool *received);
bool crossing_departs(struct passage *passage);
void crossing_resume(struct passage *passage, const struct arrival *arrival);
bool crossings_arrive(struct tracker *tracker, uint64_t until_ns);
uint64_t crossing_lost(const struct shard *shard, const struct conversation *c);
void crossing_forget(struct shard *shard, struct conversation *c);
bool crossing_amend(struct tracker *tracker, struct event *amend);

/* tcp.c, udp.c, icmp.c */
bool tcp_pass(struct tracker *tracker, struct event *event, const struct arrival *arrival);
bool tcp_packet(struct tracker *tracker, struct event *event);
bool udp_packet(struct tracker *tracker, struct event *event);
bool icmp_packet(struct tracker *tracker, struct event *event);

/* tracker.c */
bool tracker_emit(struct tracker *tracker, const struct event *event);
bool tracker_note(struct tracker *tracker, uint64_t ns, enum note_code code, const char *text);

#endif
