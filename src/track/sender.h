/*
 * Theory of operation
 *
 * To say why an end sent bytes, one has to know what it knew. A sender is the shadow of an end
 * that sends data: what it sent and how often (struct sent), what it heard of it (the ACKs, the
 * SACKs), its round-trip time and timers as RFC 6298 and RFC 8985 have them, and the recoveries
 * and timeouts it is in.
 *
 * One law makes every vantage the same code: what a sender did at the tap's time t it did
 * knowing the ACKs that had passed the tap until t - u, where u is the time from the tap to the
 * sender and back (place_echo_ns). At the sender u is about nothing, at the receiver a whole
 * round trip, and where both ends are tapped ACKs are heard when they arrive, so that u is 0.
 * Silences last equally long at every tap. So what was heard is remembered with its time, a
 * short while back. u is not always the same; timestamps tell better: a sender echoes the
 * newest that it has heard (RFC 7323 4.3), so that it knew of no ACK with a later one.
 *
 * Limits: an ACK that died between the tap and the sender is taken as heard, which is why a
 * timeout is told by its silence alone; a sender's timers are taken to be about Linux's.
 */
#ifndef WIRELADDER_TRACK_SENDER_H
#define WIRELADDER_TRACK_SENDER_H

#include "wireladder/model.h"

#define HEARD_KEPT 32 /* advances of SND.UNA; beyond it the oldest is forgotten */
#define DUPS_KEPT  4  /* values of SND.UNA that had duplicate ACKs */

/* What a sender knew: the ACKs that passed the tap until ns, none stamped later than tsval. */
struct knowledge {
	uint64_t ns;
	uint32_t tsval;
	bool stamped;
};

struct advance { /* SND.UNA came to be this */
	uint64_t ns, n;
	int64_t una;
	uint32_t tsval; /* of that ACK */
};

struct dups { /* duplicate ACKs of one number: the first three, and how many */
	int64_t una;
	uint64_t ns[3], n[3];
	uint32_t tsval[3], count;
};

struct sender {
	uint64_t srtt_ns, rttvar_ns; /* RFC 6298 2; srtt_ns 0: no sample */
	uint64_t last_ns, last_n;    /* the latest transmission */
	struct advance una;          /* the latest; those before it: a ring */
	int64_t una_was;             /* before that */
	struct advance past[HEARD_KEPT];
	struct dups dups[DUPS_KEPT]; /* a ring */
	uint32_t past_at, dups_at;
	uint64_t window_heard, heard_n; /* the latest ACK's, and its number … */
	uint64_t heard_ns;              /* … and when it passed … */
	uint32_t heard_tsval;           /* … so stamped */
	int64_t edge;                   /* the highest ACK plus its window */
	uint64_t edge_n;
	int64_t recovery_point; /* RFC 6675: its recovery is over when it is acked */
	uint64_t recovery_n;    /* its first packet */
	uint32_t episode;
	int64_t loss_point, loss_una; /* the same of the latest timeout */
	int64_t resent_end;           /* what it sent again last ends here */
	uint64_t loss_n;
	uint64_t since_n; /* the first that was sent again since it last saw all well … */
	uint32_t since_tsval;             /* … and its timestamp: RFC 3522's RetransmitTS */
	uint64_t undo_ns;                 /* that was needless, says what passed then; 0: … */
	uint32_t undo_tsval;              /* … nothing says so, or it has heard of it … */
	uint64_t undone_ns;               /* … which passed then */
	bool undo_echoed;                 /* by a timestamp, not by D-SACKs of all */
	bool doubled;                     /* bytes that it sent once came twice */
	uint64_t frto_n, frto_ns; /* a timeout that may be spurious; 0: none … */
	uint64_t frto_first_n;            /* … the first ACK after it … */
	int64_t frto_end, frto_recover;   /* … where it ends, and what was outstanding */
	uint64_t lone_n, lone_silence_ns; /* a lone segment's: a probe or a timeout; 0: none */
	uint64_t too_big_n;      /* the latest ICMP "too big" about it; 0: none … */
	int64_t too_big_point;   /* … and what was outstanding then (RFC 1191 6.4) */
	uint32_t timeouts;   /* one after the other, nothing acknowledged between */
	uint64_t pause_ns;   /* the latest new bytes that came after a silence … */
	int64_t pause_end;   /* … end here … */
	int64_t doubt_point; /* … and may have been a timeout's, which is over then */
	int64_t probe_point; /* a tail loss probe is out until this is acknowledged */
};

#endif
