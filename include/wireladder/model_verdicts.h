/* Verdicts: what a packet is and why we say so, with its evidence (timeline.md, verdicts.md).
 * The one list: id, label, sentence, clause of the RFC. A sentence has {fact} places; a part in
 * [ ] is left out when a fact of it is missing (out.h, sentence_fill). */
#ifndef WIRELADDER_MODEL_VERDICTS_H
#define WIRELADDER_MODEL_VERDICTS_H

#include "wireladder/base.h"
#include "wireladder/model_causes.h"

#define VERDICT_ANSWERS(X) \
	X(DUP_ACK, "dup-ack", "dup ACK", \
	  "Duplicate ACK[ number {number}][ of packet {of}]: a segment arrived, but not " \
	  "the one that is awaited.", "RFC 5681 2") \
	X(DSACK, "dsack", "D-SACK", \
	  "Bytes[ {left} to {right}] arrived twice[, the second time with packet {of}].", \
	  "RFC 2883 4") \
	X(WINDOW_UPDATE, "window-update", "window update", \
	  "It acknowledges nothing new; the window changes[ from {window_before}][ to " \
	  "{window}].", "RFC 9293 3.8.6") \
	X(ZERO_WINDOW, "zero-window", "zero window", \
	  "Its sender has no room left: the other end has to stop.", "RFC 9293 3.8.6.1") \
	X(ZERO_WINDOW_PROBE_ACK, "zero-window-probe-ack", "probe answered", \
	  "The answer to the window probe[ of packet {of}][: the window is {window}].", \
	  "RFC 9293 3.8.6.1") \
	X(KEEP_ALIVE_ACK, "keep-alive-ack", "keep-alive answered", \
	  "The answer to the keep-alive[ of packet {of}]: its sender is still there.", \
	  "RFC 9293 3.8.4") \
	X(ACK_OF_UNSEEN, "ack-of-unseen", "ACK of unseen", \
	  "It acknowledges bytes that the capture did not see[ ({len} of them)].", \
	  "RFC 9293 3.4") \
	X(SACK_RENEGING, "sack-reneging", "reneging", \
	  "Bytes that had been SACKed[, in {because},] are not held any more.", "RFC 2018 8")

#define VERDICT_CONTROL(X) \
	X(PORT_REUSE, "port-reuse", "ports used again", \
	  "The same addresses and ports as an earlier connection, with a new initial " \
	  "number.", "RFC 9293 3.6.1") \
	X(CHALLENGE_ACK, "challenge-ack", "challenge ACK", \
	  "The SYN or RST[ of packet {of}] may be forged: if it is not, its sender will " \
	  "answer this ACK with a RST.", "RFC 9293 3.10.7.4") \
	X(RST_REFUSED, "rst-refused", "refused", \
	  "Nobody listens on that port: the SYN[ of packet {of}] is refused.", \
	  "RFC 9293 3.5.2") \
	X(RST_ABORT, "rst-abort", "aborted", \
	  "Its sender aborts the connection.", "RFC 9293 3.9.1.6") \
	X(RST_UNREAD_DATA, "rst-unread-data", "closed with data unread", \
	  "Its sender closed, and data that had arrived, or came after, was never read[ " \
	  "({len} bytes)].", "RFC 2525 2.17") \
	X(HALF_CLOSE, "half-close", "half-close", \
	  "Its sender has no more to say but still listens: the other end goes on sending.", \
	  "RFC 9293 3.6.1") \
	X(SIMULTANEOUS_OPEN, "simultaneous-open", "simultaneous open", \
	  "Both ends sent a SYN before either heard the other's[ (packet {of})].", \
	  "RFC 9293 3.5") \
	X(SIMULTANEOUS_CLOSE, "simultaneous-close", "simultaneous close", \
	  "Both ends sent a FIN before either heard the other's[ (packet {of})].", \
	  "RFC 9293 3.6") \
	X(CE_MARK, "ce-mark", "CE mark", \
	  "A queue on the way marked it instead of dropping it.", "RFC 3168 5") \
	X(ECE, "ece", "ECN echo", \
	  "A packet marked CE has arrived[ ({because})]: the other end is asked to slow " \
	  "down.", "RFC 3168 6.1.3") \
	X(CWR, "cwr", "window reduced", \
	  "Its sender has reduced its congestion window: it heard of congestion.", \
	  "RFC 3168 6.1.2")

#define VERDICT_DATAGRAMS(X) \
	X(UNREACHABLE, "unreachable", "unreachable", \
	  "The packet that it quotes[, number {of},] did not find its receiver.", \
	  "RFC 1122 3.2.2.1") \
	X(REPLY, "reply", "reply", \
	  "The first answer[ to packet {of}][, {gap_ns} later].", "RFC 768") \
	X(NO_REPLY, "no-reply", "no reply", "Nothing came back in this capture.", "RFC 768") \
	X(REORDERED, "reordered", "reordered", \
	  "It comes late[: it left before packet {of}, which overtook it][ by {late_ns}].", \
	  "RFC 768") \
	X(FRAGMENT_LOST, "fragment-lost", "fragment missing", \
	  "Fragments of its datagram are missing: its receiver gets nothing.", "RFC 791 3.2")

#define VERDICT_LIST(X) \
	VERDICT_CAUSES(X) VERDICT_ANSWERS(X) VERDICT_CONTROL(X) VERDICT_DATAGRAMS(X)

enum verdict_id {
#define X(name, id, label, text, cite) VERDICT_##name,
	VERDICT_LIST(X)
#undef X
	VERDICT_COUNT
};

struct glossary_entry {
	const char *id, *label, *text, *cite;
};
extern const struct glossary_entry glossary[VERDICT_COUNT];

/* What a sentence is filled with; the name's ending says the unit. srtts: a ratio * 10. */
#define FACT_LIST(X) \
	X(SILENCE, silence_ns) X(SRTT, srtt_ns) X(SRTTS, srtts) X(RTO, rto_ns) \
	X(GAP, gap_ns) X(LATE, late_ns) X(DUP_ACKS, dup_acks) X(SACKED, sacked_bytes) \
	X(WINDOW, window) X(WINDOW_BEFORE, window_before) X(FLIGHT, flight) X(LEN, len) \
	X(LEFT, left) X(RIGHT, right) X(TSVAL, tsval) X(IP_ID, ip_id)

enum fact_key {
#define X(name, word) FACT_##name,
	FACT_LIST(X)
#undef X
	FACT_COUNT
};
extern const char *const fact_words[FACT_COUNT];

struct fact {
	enum fact_key key;
	int64_t value;
};

enum needed { NEEDED_UNKNOWN, NEEDED_YES, NEEDED_NO };
enum sure { SURE_CERTAIN, SURE_LIKELY, SURE_AMBIGUOUS };

#define VERDICT_BECAUSE 4
#define VERDICT_FACTS   5
struct verdict {
	enum verdict_id id;
	enum needed needed;
	enum sure sure;
	uint64_t of;                        /* packet number; 0: none */
	uint64_t because[VERDICT_BECAUSE];  /* packet numbers; as many as are not 0 */
	uint32_t episode;                   /* of its conversation's; from 1; 0: none */
	uint32_t number;                    /* of dup-ACKs, probes, back-offs; 0: none */
	enum verdict_id candidates[2];      /* SURE_AMBIGUOUS: one of these it was */
	struct fact facts[VERDICT_FACTS];
	uint32_t fact_count;
};

#define VERDICTS_MAX 4 /* of one packet */

/* The first of them with this id, or NULL. */
const struct verdict *verdicts_find(const struct verdict *verdicts, size_t count,
				    enum verdict_id id);

#endif
