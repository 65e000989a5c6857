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
 * Why an end sends again is told by the shadow of its sender (sender.h, cause.c).
 */
#ifndef WIRELADDER_TRACK_TRACKER_H
#define WIRELADDER_TRACK_TRACKER_H

#include "sender.h"
#include "artefact.h"
#include "quality.h"
#include "stall.h"
#include "wireladder/track.h"

#define SHARD_COUNT 64
#define LINGER_NS (120 * NS_PER_S) /* late segments still belong to a finished conversation */
#define SENT_KEPT 64               /* acknowledged segments remembered, for verdicts' `of` */
#define SENT_MAX  4096             /* unacknowledged ones, for each end */
#define HOLES_MAX 64

struct sent { /* a segment that took up sequence space, or a datagram; a list item */
	int64_t start, end; /* relative; a datagram: IP identification, payload bytes */
	uint64_t n, ns;           /* as it was seen first … */
	uint64_t last_n, last_ns; /* … and last */
	uint64_t sacked_n, sacked_ns; /* the first SACK of it; 0: none */
	uint32_t next;
	uint32_t tsval, last_tsval, sacked_tsval;
	uint16_t ip_id, last_ip_id;
	bool resent, data;
	bool late; /* an original that others overtook */
	bool unsure; /* two vantages: some may have arrived in a packet that no tap saw … */
	uint64_t arrives_ns; /* … and the latest of those that did; 0: none */
};

/* How the stamps of one end's packets run: evidence only where they are seen to count. */
struct stamps {
	uint32_t tsval, first_tsval; /* the newest, and the first */
	uint64_t first_ns, ns;       /* when they came; first_ns 0: none yet */
	uint64_t ts_recent_n;        /* the packet of … */
	uint32_t ts_recent;          /* of what came in order (RFC 7323 4.3) */
	uint64_t id_n, id_ns; /* the packet that bore … */
	uint16_t ip_id, id_steps, id_breaks; /* … the latest identification */
	bool id_seen, ts_recent_known;
	bool id_differs;      /* from the one before, that of another packet */
	bool fine; /* the timestamps tick faster than a millisecond */
};

struct hole { /* bytes below the highest that no packet brought yet; a list item, in order */
	int64_t start, end;
	uint64_t n; /* of bytes that were SACKed: the packet that said so */
	uint32_t next;
};

struct answers { /* what an end has said by its ACKs: answer.c, scoreboard.c */
	uint64_t ack_n;      /* the first packet with its highest ACK */
	uint64_t doubtful_n; /* its SYN or RST that may be forged, not answered yet */
	int64_t begun;       /* the first number that it was seen to use */
	uint32_t islands;    /* what it has SACKed: struct hole, in order */
	uint32_t island_count;
	uint32_t dup_acks;   /* since its ACK last moved */
	bool begins, sacks, window_said;
};

struct signs { /* what its flags have said: control.c */
	uint64_t ce_n, ece_n;  /* its latest packet that came marked; that echoed a mark */
	uint64_t half_n;       /* the other end's first data after it heard the FIN … */
	int64_t half_from;     /* … and where they begin */
	uint64_t unanswered;   /* payload bytes of it since the other end last sent any */
	uint16_t syn_flags;
	bool spoke, reset;     /* it has sent something but RSTs; an RST */
	bool fin_bare, half_told;
};

struct datagrams { /* of a UDP end: datagram.c */
	uint64_t asked_n, asked_ns, asked_last_n; /* not answered yet: the first, the last */
	uint64_t plain_n, plain_ns; /* its latest without a verdict */
	uint64_t latest_ns;         /* arrival, of those that have arrived */
	uint16_t ip_id;             /* its highest, on their circle */
	uint32_t rises, repeats;    /* how often it rose a little; stayed the same */
	bool identified, refused;   /* ip_id is set; an ICMP error spoke of one */
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
	uint32_t sent_open;      /* how many of them are not acknowledged */
	uint32_t resents, resent_count; /* what it sent again, oldest first; amends.c */
	int64_t resent_high;            /* none of it lies above */
	uint32_t probes;         /* of a window or an idle peer, one after the other */
	uint32_t sender;         /* its shadow, from its first data on; 0: none */
	struct stamps stamps;
	uint32_t repeats;        /* of its SYN, then of its FIN */
	uint32_t probe_tsval;    /* a value whose first echo gives the way there and back … */
	uint64_t probe_ns;       /* … and when it passed; 0: none is out */
	uint64_t answered_ns;    /* how soon it last sent again what was asked for; 0: never */
	uint64_t packets, bytes, data_first_ns, data_last_ns;
	uint64_t sent_ns;        /* last transmission of the oldest outstanding */
	uint64_t resend_gap_ns;  /* and the gap before it */
	uint64_t probe_n;        /* its last probe that nothing has answered yet; 0: none … */
	uint64_t probed_ns;      /* … which passed, or with two vantages arrives, then … */
	enum verdict_id probe_id; /* … a keep-alive or a zero-window probe */
	union {
		struct {
			struct answers answers;
			struct signs signs;
		};
		struct {
			struct datagrams datagrams;
			uint32_t unanswered; /* datagrams since the last reply */
		};
	};
	struct rtt_stats rtt;
	struct tcp_options options; /* of its SYN */
};

struct flow_key {
	uint64_t words[5]; /* both addresses, lower end first, and ports, protocol, family */
	uint64_t hash;     /* of these: the same in every run */
};

struct reach { /* numbers of a stream: all of [first, next), and islands (reach.c) */
	int64_t first, next;
	uint32_t islands, island_count; /* struct hole, in order */
	bool begun, full;               /* full: some islands were forgotten */
};

struct growth { /* it came to here, between two moments */
	int64_t next;
	uint64_t from_ns, last_ns;
};

struct receiver { /* one end, where both are tapped */
	struct reach came;   /* payload that has arrived; next is RCV.NXT but for a FIN */
	struct growth grew[2]; /* its next: the latest, and before */
	struct reach coming; /* the same, SYN and FIN with it, of all that left and arrives */
	uint64_t fin_n;      /* the packet that brought the FIN; 0: none */
	int64_t acked;       /* the highest ACK that is to arrive here, of those that left */
	uint64_t said_ns;    /* its own latest ACK left; 0: none has */
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
	int64_t sack[TCP_SACK_MAX][2];
	uint64_t window, rtt_ns;
	uint32_t tsval, tsecr;
	uint8_t sack_count;
	bool dsack, stamped, scale_unknown, stray;
};

struct given_up { /* with the verdicts that its record had */
	struct arrival arrival;
	size_t verdict_count;
	struct verdict verdicts[VERDICTS_MAX];
};

#define ARRIVALS_MAX 65536  /* beyond it the first is taken to have arrived */
#define GIVEN_UP_KEPT 4096  /* remembered, should they arrive after all */
struct crossings {
	struct arrival *heap;
	struct given_up *given_up; /* a ring */
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
	uint64_t echo_ns[END_COUNT]; /* least time tap, end, tap; 0: unknown */
	uint32_t episodes;           /* recoveries */
	uint32_t verdicts[VERDICT_COUNT];
	struct latest latest;
	struct side side[END_COUNT];
};

struct slot {
	uint32_t hash, conversation; /* index in the shard's pool, 0: free */
};

struct shard {
	struct slot *slots;
	uint32_t mask, count, max;
	struct pool conversations, sents, holes, crossings, senders, resents;
	struct {
		uint32_t first, last;
	} lists[LIST_COUNT];
};

/* Datagrams that came in fragments and are not whole yet; a ring: the oldest is forgotten. */
#define FRAGMENTED_MAX 256
struct fragmented {
	struct addr src, dst;
	uint32_t ip_id;
	uint8_t protocol, vantage;
	bool lost;                 /* two vantages: one of them did not arrive */
	uint64_t n, last_n;        /* the first that came; the last; n 0: none */
	uint64_t first_ns, last_ns;
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
	struct fragmented fragmented[FRAGMENTED_MAX];
	size_t fragmented_at;
	struct artefacts artefacts;
	struct quality quality;
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
	bool amended;   /* an earlier packet's verdict changes with it */
	bool unseen;    /* two vantages: it arrives, but nobody saw when */
	uint64_t fin_n; /* a FIN has arrived, and all before it */
	bool reuses;    /* its SYN takes the ports of a conversation … */
	uint64_t reused_syn_n; /* … that began with this one; 0: not seen */
	bool fresh;     /* it brings payload, all of it beyond what was seen */
	bool stray;     /* an ACK of a former connection, on these ports */
	uint64_t unseen_bytes; /* that it acknowledges and nobody saw */
	uint64_t refused_ns; /* what it brings had come by then, and was due; 0: … */
	struct stall stall;
};

/* Room for changes is left as it is: zeroing it would cost more than most packets do. */
static inline void passage_begin(struct passage *passage, struct tracker *tracker,
				 struct event *event)
{
	passage->tracker = tracker;
	passage->event = event;
	passage->packet = &event->packet;
	passage->change_count = 0;
	passage->reset = passage->unseen = passage->amended = false;
	passage->reuses = passage->fresh = passage->stray = false;
	passage->unseen_bytes = passage->refused_ns = 0;
	passage->stall.silence_ns = 0;
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
struct sent *sent_add(struct shard *shard, struct side *side);
struct sent *sent_next(const struct shard *shard, const struct side *side,
		       const struct sent *after);
struct sent *sent_find(struct shard *shard, const struct side *side, int64_t start,
		       int64_t end);
bool sent_arrives(const struct packet *packet);
void sent_crosses(struct sent *item, const struct packet *packet);
void sent_again(struct passage *passage, const struct side *side);
void sent_sacked(struct passage *passage, const struct side *side, const int64_t block[2]);
const struct sent *sent_acked(struct shard *shard, struct side *side);
const struct sent *sent_covered(struct shard *shard, const struct side *side, int64_t from,
				int64_t to);
void sent_forget(struct shard *shard, struct side *side);
uint64_t holes_fill(struct shard *shard, struct side *side, int64_t start, int64_t end);
int64_t holes_lowest(struct shard *shard, const struct side *side);
void holes_forget(struct shard *shard, struct side *side);

/* reach.c */
void reach_begins(struct reach *reach, int64_t start);
void reach_takes(struct shard *shard, struct reach *reach, int64_t start, int64_t end);
bool reach_has(const struct shard *shard, const struct reach *reach, int64_t start,
	       int64_t end);
void reach_forget(struct shard *shard, struct reach *reach);

/* sender.c */
struct sender *sender_of(const struct shard *shard, const struct side *side);
struct sender *sender_open(struct passage *passage, struct side *side);
void sender_forget(struct shard *shard, struct side *side);
void sender_rtt(struct passage *passage, const struct side *side, uint64_t ns);
uint64_t sender_rto_ns(const struct sender *sender);
uint64_t sender_pto_ns(const struct sender *sender, bool alone);
void sender_hears(struct passage *passage, struct side *side);
bool sender_knew(const struct knowledge *knew, uint64_t ns, uint32_t tsval);
void sender_undoes(struct sender *sender, const struct knowledge *knew);
void sender_goes_on(struct sender *sender, int64_t high, int64_t start);
void sender_resends(struct sender *sender); /* a timeout or recovery goes on */
struct advance sender_una_at(const struct sender *sender, const struct knowledge *knew,
			     int64_t most);
const struct dups *sender_dups(const struct sender *sender, int64_t una);

/* amends.c */
void amends_forget(struct shard *shard, struct side *side);
/* scoreboard.c */
uint64_t scoreboard_add(struct shard *shard, struct side *side, struct hole block);
uint64_t scoreboard_acked(struct shard *shard, struct side *side, int64_t ack);
void scoreboard_forget(struct shard *shard, struct side *side);

/* state.c */
void state_sends(struct passage *passage);
void state_receives(struct passage *passage);

/* crossing.c */
struct crossing *crossing_at(const struct shard *shard, const struct conversation *c);
bool crossing_begin(struct passage *passage, bool *received);
void crossing_measures(struct passage *passage);
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

/* datagram.c */
void datagram_sends(struct passage *passage);
bool datagram_tells(struct passage *passage);
bool datagrams_close(struct tracker *tracker, struct conversation *c);

/* fragment.c */
bool fragment_packet(struct tracker *tracker, struct event *event);
void fragment_joined(struct tracker *tracker, const struct packet *whole);
bool fragments_finish(struct tracker *tracker);

/* tracker.c */
bool tracker_emit(struct tracker *tracker, const struct event *event);
bool tracker_note(struct tracker *tracker, uint64_t ns, enum note_code code, const char *text);

#endif
