/*
 * Theory of operation
 *
 * A call and a packet are joined by what both name. A socket's addresses name its
 * conversation; the bytes that a program has handed over, counted from the first, name
 * sequence numbers (RFC 9293 3.4: the SYN takes number 0, so that the first byte is 1).
 * Every event comes in the order of the timeline: a call as it enters, the packets that it
 * makes, the call as it returns.
 *
 * A strand is a socket, a talk is a conversation. They are tied by the addresses that the
 * socket has, which are known for certain as a call on it returns. A connect that blocks
 * returns after its SYN has left: until then it is known by where it goes, if only one that
 * is under way goes there; else the SYN's record is amended when connect has returned.
 *
 * What the kernel sends of itself (ACKs, what is sent again, probes) has no call.
 *
 * Limits: STRANDS sockets and TALKS conversations are remembered, the oldest is forgotten for a
 * new one, and its later calls and packets are not joined. SENDS of all sockets wait to be seen
 * on the wire; beyond it those of one socket after the other that have returned are forgotten,
 * and their packets have no call. A socket that was there before its program was traced has no
 * sequence numbers.
 */
#ifndef WIRELADDER_TRACE_WEAVE_H
#define WIRELADDER_TRACE_WEAVE_H

#include "wireladder/trace.h"

#define STRANDS  65536
#define TALKS    65536
#define SENDS    65536
#define SENDS_PASSED 64 /* of a socket, kept though bytes behind them were seen: a tap may see
			 * packets of two processors in the wrong order */
#define PENDING  64 /* connects and datagrams that are under way at once; others wait for
		     * their return */
#define LISTENERS 64   /* of more, the first are forgotten */
#define PORTS    4096 /* buckets of conversations */
#define ARRIVALS 1024 /* datagrams that no call has read */
#define GRACE_NS NS_PER_MS /* a datagram may be stamped a little after its call returned */

struct waiting_send { /* bytes that a call handed over, not all of them seen on the wire */
	uint64_t id;
	uint64_t from, to; /* of the stream, from 0; to: at most, while it is under way */
	bool returned;
	uint32_t next; /* in order of the stream */
};

struct shut { /* what may make a FIN or a reset */
	uint64_t down_id;   /* shutdown for writing whose FIN has not left; 0: none */
	uint64_t close_id;  /* the latest close, as long as it may have been the last */
	uint64_t closed_ns; /* when it returned; 0: it is under way */
	bool queued;        /* and then not all that was sent had left */
};

struct strand {
	uint32_t sock;
	bool whole;         /* all that it does is told, so that its bytes can be counted */
	uint32_t conv;      /* its conversation, 0: none yet; UDP: the latest */
	bool several;       /* UDP: it had others, too */
	enum end end;       /* … and which of its ends it is */
	struct socket_ends ends;
	uint64_t made_id, made_ns;     /* its socket call */
	uint64_t listen_id, listen_ns; /* 0: it does not listen */
	uint64_t connect_id;           /* 0: none */
	bool refused;                  /* it failed: another one begins anew */
	struct shut shut;
	uint64_t sent, received;       /* bytes of the stream */
	uint64_t seen;                 /* of those sent, on the wire */
	uint32_t sends_first, sends_last;
	uint32_t sends_seen;         /* where a packet's bytes stood last; 0: nowhere */
	uint32_t sends_open;         /* the first that has not returned */
};

struct talk {
	uint32_t conv;
	struct conversation_ends ends;
	uint32_t next;               /* of the same bucket, older */
	uint32_t socks[END_COUNT];   /* 0: not known */
	uint64_t syn_n;              /* its SYN, as long as nobody made it */
	uint64_t packet_ns;          /* of its latest packet */
	enum tcp_state states[END_COUNT];
	bool inferred[END_COUNT], began[END_COUNT]; /* began: it was told what it was before */
	bool disagreed[END_COUNT];
};

struct pending { /* a call under way whose socket may not have its own address yet */
	uint64_t id, until_ns; /* until: 0: it has not returned */
	uint32_t sock;         /* 0: free */
	bool udp;
	struct addr peer;
	uint16_t peer_port, local_port;
};

struct arrival { /* a datagram */
	uint32_t conv; /* 0: none, or it was read */
	enum end from;
	uint32_t len;
	uint64_t n, ns;
};

struct weave {
	struct weave_config config;
	struct sink sink;
	uint64_t release_ns; /* so long after a close has returned its FIN leaves at once */
	struct strand **strands; /* by sock, modulo STRANDS */
	struct pool talks, sends;
	uint32_t hand; /* socket whose sends were forgotten last */
	uint32_t buckets[PORTS];
	uint32_t oldest[TALKS]; /* ring of conversations as they came */
	uint64_t talk_count;
	struct buf by_conv; /* uint32_t: where in talks; by conv - 1 */
	struct pending pending[PENDING];
	struct arrival arrivals[ARRIVALS]; /* ring */
	uint64_t arrival_count;
	uint32_t listeners[LISTENERS]; /* ring of sockets that listen */
	uint64_t listener_count;
	bool failed; /* out of memory: nothing is joined any more */
};

/* weave.c */
bool weave_emit(struct weave *weave, const struct event *event);

/* weave_tables.c */
struct strand *strand_of(struct weave *weave, uint32_t sock); /* a new one where there is none;
								* NULL: sock is 0 */
struct strand *strand_known(const struct weave *weave, uint32_t sock); /* or NULL */
void talk_begins(struct weave *weave, const struct event *conversation);
void talk_ends(struct weave *weave, uint32_t conv);
struct talk *talk_of(const struct weave *weave, uint32_t conv); /* NULL: forgotten, or none */
/* The newest between these ends; an address or port that is not known fits any. *end: which end
 * is local. */
struct talk *talk_find(const struct weave *weave, const struct socket_ends *ends,
		       enum end *end);
bool addr_fits(const struct addr *own, const struct addr *other); /* 0.0.0.0 fits any */
/* Bytes at this place of the stream, or NULL; those long before it are done with. */
const struct waiting_send *sends_at(struct weave *weave, struct strand *strand, uint64_t place);
void sends_add(struct weave *weave, struct strand *strand, const struct call *call);
/* It has returned, with so many bytes; *from: the first one's place. */
bool sends_end(struct weave *weave, struct strand *strand, const struct call *call,
	       uint64_t *from);
void strands_close(struct weave *weave);

/* weave_call.c: fills in conv, from and range; tells what it makes known. */
bool weave_call(struct weave *weave, struct event *event);
/* The socket is that end of the conversation: what it did before any packet can be told. */
bool weave_tie(struct weave *weave, struct talk *talk, enum end end, struct strand *strand);
void pending_add(struct weave *weave, const struct call *call);
void pending_end(struct weave *weave, const struct call *call, uint64_t until_ns);

/* weave_packet.c: fills in the call. */
bool weave_packet(struct weave *weave, struct event *event);

/* weave_shut.c */
void shut_enters(struct strand *strand, const struct call *call); /* any call */
void shut_returns(struct strand *strand, const struct call *call, uint64_t ns);
/* A FIN or a reset has left: the call that made it; 0: none, or it cannot be shown. */
uint64_t shut_made(const struct weave *weave, struct strand *strand, uint16_t flags,
		   uint64_t ns);
uint64_t shut_release_ns(void);

/* weave_datagram.c */
void arrival_add(struct weave *weave, const struct talk *talk, const struct event *event);
/* A call has received: fills in conv, if that is not known, from and reads. */
bool arrivals_read(struct weave *weave, struct event *event, struct strand *strand);

/* weave_state.c */
void weave_state(struct weave *weave, const struct event *event);
/* As an event of its own: what the call shows of the end, before any packet did. */
bool weave_began(struct weave *weave, struct talk *talk, enum end end,
		 const struct strand *strand);
/* Who listens there; NULL: the only one that fits, if there is one. */
bool weave_listens(struct weave *weave, struct talk *talk, const struct strand *listener);
/* conv and who; a note where the kernel is in another state than the packets say. */
bool weave_kernel(struct weave *weave, struct event *event, struct event *note);

#endif
