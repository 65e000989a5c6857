/* What the files of match share: content, sides, marks. */
#ifndef WIRELADDER_TIMELINE_MATCH_H
#define WIRELADDER_TIMELINE_MATCH_H

#include "wireladder/timeline.h"

/* match_content.c: the number by which a packet is known again; 0: it is not to be joined. */
uint64_t content_key(const struct packet *packet, const struct match_content *rule);
/* The same for all packets of a flow in one direction. */
uint64_t content_flow(const struct tuple *ends);
/* Lowers *kept to what the capture kept of this packet. */
void content_kept(const struct packet *packet, struct match_content *kept);

/* match_sides.c: which vantage is an address next to? */
#define SIDES_MAX 4096 /* addresses; what comes beyond them is on neither side */
enum { SIDE_UNKNOWN = VANTAGES };

struct sides {
	struct addr addrs[SIDES_MAX];
	uint8_t side[SIDES_MAX];
	uint16_t slots[2 * SIDES_MAX]; /* index + 1; 0: free */
	size_t count;
	bool one_wire; /* as in match_config */
};

/* What a packet seen at a vantage does there, as far as the sides of its ends are known. */
enum role {
	ROLE_STAYS,   /* the other vantage cannot see it, or its ends say nothing */
	ROLE_UNKNOWN, /* until the other vantage sees it too, or does not */
	ROLE_LEAVES,
	ROLE_ARRIVES,
};

/* What is sent to many may be seen anywhere: it has no side and tells none. */
bool addr_is_of_many(const struct addr *addr);
size_t sides_find(struct sides *sides, const struct addr *addr); /* index + 1; 0: full */
/* Where nothing is known yet: the packet's sender is there, its receiver on the other side. */
void sides_learn(struct sides *sides, const struct tuple *ends, size_t src_side);
enum role sides_role(struct sides *sides, const struct tuple *ends, size_t vantage);

/* match_marks.c: what is remembered of packets, found by content, by flow as long as they wait,
 * by the place in their flow, and by age. */
enum mark_link { LINK_KEY, LINK_FLOW, LINK_PLACE, LINK_AGE, LINK_COUNT };

enum mark_state {
	MARK_WAITS, /* for the other vantage to see it too */
	MARK_ARRIVED,
	MARK_GIVEN_UP, /* its record is written; what comes now changes it */
};

struct mark {
	uint64_t hash[LINK_COUNT]; /* 0: not listed there */
	uint32_t next[LINK_COUNT], previous[LINK_COUNT];
	uint64_t ns, frame, n;   /* n 0: it has not been given out yet */
	uint64_t serial;         /* no other mark has it, ever */
	uint32_t item;           /* what is held of it; 0: it was given out */
	uint32_t seq, len;       /* the numbers that it takes up (TCP) */
	uint32_t ip_id, payload; /* its identification, bytes */
	uint32_t missing;        /* ranges of these that did not arrive yet, … */
	bool in_pieces;          /* … when they come in other packets than it left in */
	uint32_t highest;        /* number that was sent of this flow by then, + 1 */
	uint64_t before_ns;      /* another packet had left with some of them: the first, … */
	uint64_t again_ns, again_last_ns; /* … and left later: the first, the last; 0: none */
	bool syn;
	bool replaced;           /* another packet brought some of them: a retransmission */
	bool acknowledged;       /* by their receiver, thanks to this packet, … */
	bool doubtful;           /* … or thanks to another with the same numbers */
	bool wanted;             /* its receiver asked for it when it should have been there */
	bool missed;             /* it arrived, and its receiver's capture does not have it */
	bool early;              /* seen only arriving so far */
	uint8_t vantage;
	enum mark_state state;
};

struct range { /* a list item, relative to the mark's seq */
	uint32_t start, end, next;
};

struct marks {
	struct pool pool, ranges;
	uint32_t *heads[LINK_AGE]; /* by the low bits of the hash */
	uint32_t mask, oldest, newest;
	uint64_t serial;
};

bool marks_open(struct marks *marks, size_t max);
/* NULL when there is no room, however many were let go. */
struct mark *marks_add(struct marks *marks, const struct mark *mark);
struct mark *mark_at(const struct marks *marks, uint32_t index); /* 0: NULL */
uint32_t mark_index(const struct marks *marks, const struct mark *mark);
void mark_unlist(struct marks *marks, struct mark *mark, enum mark_link link);
void mark_remove(struct marks *marks, struct mark *mark);
struct mark *marks_first(const struct marks *marks, enum mark_link link, uint64_t hash);
void marks_close(struct marks *marks);

/* match_cover.c: sequence numbers, where packets differ. */
/* A segment arrived at the vantage: whose numbers does it bring? `exact` is the departure that
 * is this very packet, or NULL. True when departures in other pieces account for all of it. */
bool cover_arrival(struct marks *marks, const struct event *event, const struct mark *exact,
		   void (*arrived)(void *context, struct mark *mark), void *context);
/* A packet arrives damaged: which departure is it likely to be? NULL: none that waits. */
struct mark *cover_damaged(const struct marks *marks, const struct event *event);
/* A TCP segment or UDP datagram leaves: fills in its mark's flow and numbers. */
void cover_departure(struct marks *marks, const struct packet *packet, struct mark *mark);
struct ack_seen {
	size_t receiver;   /* the vantage that it comes from */
	uint64_t left_ns;  /* by then, at the latest */
	uint64_t least_ns; /* what is sent there takes no less */
	bool leaving;      /* it was seen when it left */
};
/* What the receiver acknowledges has arrived, whether its capture shows it or not: unless
 * another packet brought the same bytes. */
void cover_acknowledged(struct marks *marks, const struct packet *packet,
			const struct ack_seen *ack);

/* match.c, match_join.c */
enum item_state {
	ITEM_READY, /* nothing more is to be learned of it */
	ITEM_WAITS, /* for its arrival, or an early arrival for its departure */
	ITEM_GONE,
};

struct item { /* a record that is held until its turn comes */
	struct event event;
	uint8_t *bytes;    /* own copy of what the event borrows */
	size_t byte_count; /* that it takes in all */
	uint64_t due_ns;   /* by then it goes as it is */
	uint32_t mark;
	uint64_t mark_serial; /* that the mark had */
	bool copy;            /* of the packet that the mark tells of */
	enum item_state state;
};

struct turn { /* in the heap: whose turn it is is known by place, then by serial */
	uint64_t place, serial;
	uint32_t item;
};

#define SLACK_LEAST_NS NS_PER_MS /* clocks are never trusted further */
#define FRAGMENTS_KEPT 4096
struct numbered { /* a fragment's number in its capture and in the joined timeline */
	uint64_t frame, n;
};

struct way_times {                   /* of what leaves at one vantage */
	uint64_t least_ns, usual_ns, most_ns; /* 0: none known yet */
	uint64_t newest_ns; /* when the latest left of those that have arrived */
};

struct vantage_seen {
	struct match *match;
	struct observer observer;
	uint64_t place, first_ns;
	uint64_t first_frame, first_left_ns; /* 0: it did not arrive, or nobody saw it leave */
	uint64_t last_ns; /* that was read, and perhaps waits to be merged */
	bool seen, ended;
	bool began_late; /* what left there before its first packet was not captured */
	bool begins_with_syn; /* that arrives: no sign that anything was before it */
	struct numbered fragments[FRAGMENTS_KEPT];
};

struct match {
	struct match_config config;
	struct timeline *order; /* of both, the second's clock set right */
	struct vantage_seen vantages[VANTAGES];
	struct way_times ways[VANTAGES];
	struct sides sides;
	struct marks marks;
	struct pool items;
	struct turn *heap;
	size_t turn_count, turn_cap;
	size_t waiting, held_bytes; /* items that wait; memory of all that are held */
	uint64_t now_ns, serial, n, slack_ns;
	uint64_t start_ns, given_ns; /* of the first and the last that were given out */
	struct event note;           /* behind what was given out last */
	bool note_waits, ended, failed;
	uint64_t notes, outside; /* outside: left when the other capture may not have been on */
	uint8_t *lent; /* bytes of what was given out last */
	struct err failure;
};

/* False when memory ran out. The event borrows what it points to. */
bool match_take(struct match *match, const struct event *event);
bool match_hold(struct match *match, const struct item *item, uint64_t place);
/* How long after its place a record waits: one that belongs before it may come until then. */
uint64_t match_horizon(const struct match *match);

/* match_judge.c */
/* NULL when it has none, or that was forgotten because too many came since. */
struct mark *item_mark(const struct match *match, const struct item *item);
/* Says of an item whose time has come what is known. */
void match_decide(struct match *match, struct item *item);
/* Behind the record of a packet that its receiver's tap should have seen. */
void match_note_missed(struct match *match, const struct item *item);
/* In the end: when both captures were on, if that left anything open. False: it did not. */
bool match_note_outside(struct match *match);

#endif
