/* What the files that give verdicts share. */
#ifndef WIRELADDER_TRACK_VERDICT_H
#define WIRELADDER_TRACK_VERDICT_H

#include "tracker.h"

/* verdict.c. A new one, certain and with needed unknown, counted; NULL: the packet has its
 * fill. */
struct verdict *verdict_add(struct passage *passage, enum verdict_id id);
bool verdict_is_on(const struct packet *packet, enum verdict_id id);
void verdict_of(struct passage *passage, enum verdict_id id, uint64_t of);
bool verdict_because(struct verdict *verdict, uint64_t n); /* false: no room for it, or 0 */
void verdict_fact(struct verdict *verdict, enum fact_key key, int64_t value);
void verdict_becomes(struct passage *passage, struct verdict *verdict, enum verdict_id id);

/* A verdict that comes to light when the packet's record is written, and had none. `amend`: its
 * time, vantage, number, what showed it, and the one verdict. c: NULL, if it has none. False:
 * the sink refused. */
bool verdict_later(struct tracker *tracker, struct conversation *c, struct event *amend);

/* artefact.c: did the capture see this packet twice? Then it has its verdict and goes no
 * further: nobody sent it. */
bool artefact_seen(struct passage *passage);
/* Once its record is out: what is now known of earlier copies is told, too. False: the sink
 * refused. */
bool artefact_tells(struct passage *passage);

/* What a segment brings: how many bytes that were not seen before, and how far its sender had
 * come without it. */
struct news {
	uint64_t fresh;
	int64_t high;
	bool again; /* its SYN or FIN was seen before, with nothing else in it */
};

/* cause.c: why does this end send sequence space? After it was taken into the books. True: the
 * packet, or its new part, is an item of its own. */
bool cause_sends(struct passage *passage, struct side *side, const struct news *news);
/* No byte, or one, just below what is acknowledged: a probe or a keep-alive. */
bool cause_is_probe(const struct passage *passage, const struct side *side);
void cause_probes(struct passage *passage, struct side *side);
/* What only two vantages can tell: it is lost, or comes a second time. */
void cause_crosses(struct passage *passage);

/* amends.c: what later comes to light about a packet that was sent again, or came twice. */
#define RESENTS_KEPT 64 /* of an end; beyond it the oldest stays as it was judged */
struct resent {
	uint64_t n, ns;
	int64_t start, end;
	uint32_t next, tsval;
	bool stamped, reported; /* reported: a D-SACK told of it */
	bool original;          /* late: it came behind its copy */
	bool changed;
	uint64_t because;
	uint64_t arrives_ns, refused_ns; /* two vantages: as in way and passage; 0: settled */
	uint8_t vantage;
	size_t verdict_count;
	struct verdict verdicts[VERDICTS_MAX];
};
void amends_keep(struct passage *passage);
void amends_hears(struct passage *passage, struct side *side);
/* Which one does this D-SACK of `side` tell of? 0: none that is remembered. */
uint64_t amends_reported(const struct passage *passage, const struct side *side,
			 const int64_t block[2]);
/* Packet n of this side was ambiguous, and now it is known what it was. */
void amends_settle(struct passage *passage, uint64_t n, enum verdict_id id);
bool amends_tell(struct passage *passage); /* after the packet's own record */
/* Two vantages: an ACK leaves, and what was sent again to its sender may be settled by it. */
void amends_accepts(struct passage *passage);

/* needed.c: two vantages. Is it needed that this packet is sent again? */
enum needed needed_asks(struct passage *passage, const struct side *side);
bool needed_accepted(const struct shard *shard, const struct side *self, int64_t start,
		     int64_t end);
/* That what came before this copy had been thrown away is shown: by an ACK that left between
 * them, and before this packet; or it is a SYN, whose answer is never late. */
bool needed_was_refused(const struct passage *passage, const struct resent *resent);
void needed_departs(struct passage *passage);
void needed_comes(struct passage *passage);       /* though it seemed to be lost */
void needed_grows(const struct passage *passage); /* what has arrived */

/* frto.c: was a timeout spurious, as two ACKs tell? */
void frto_begins(const struct passage *passage, struct side *side, int64_t recover);
bool frto_hears(const struct passage *passage, const struct side *side, struct sender *sender);

/* episode.c: of a recovery, a timeout. */
struct inquiry;
bool episode_is_probe(const struct inquiry *inquiry);
bool episode_is_timed(const struct inquiry *inquiry);
bool episode_goes_on(const struct inquiry *inquiry);
enum verdict_id episode_cause(struct inquiry *inquiry);
void episode_tells(struct inquiry *inquiry, enum verdict_id id);

/* stamps.c: which of two packets of an end was sent first, by what its host wrote on them? */
enum likeness { LIKE_UNKNOWN, LIKE_OLDER, LIKE_SAME, LIKE_NEWER };
struct stamp {
	uint32_t tsval;
	uint16_t ip_id;
	uint64_t ns;
};
enum likeness stamps_compare(const struct side *side, const struct packet *packet,
			     const struct stamp *with, uint64_t ns);
bool stamps_since(const struct side *side, const struct packet *packet, uint64_t *since_ns);
bool stamps_repeats(const struct packet *packet, const struct stamps *stamps, uint64_t ns);
void stamps_sends(struct passage *passage, struct side *side);

/* answer.c: duplicate ACKs, window updates, probes' answers … of what carries no data. Before
 * side_sends. */
void answer_sends(struct passage *passage);
/* control.c: resets, ECN, simultaneous open and close, what is said beside the main thing …
 * After all else. */
void control_sends(struct passage *passage);
/* half.c: does it show that the other end, or its sender, is half closed? As an amend, once the
 * packet's record is out. */
void half_looks(struct passage *passage);
bool half_tells(struct passage *passage);

/* place.c: where the tap is. */
void place_learns(struct passage *passage);
bool place_answers(struct passage *passage, uint64_t asked_ns);
enum tap_place place_of(const struct conversation *c, char why[static 160]);
/* How long an answer takes from the tap to this end and back to the tap: what it did at t it
 * did knowing what passed the tap until t minus this. */
uint64_t place_echo_ns(const struct conversation *c, enum end end);
#define JITTER_NS (100 * (NS_PER_MS / 1000)) /* of a host that answers at once */

/* silence.c: does a silence end with this packet? Looks before the packet changes its sender.
 * stall.c: who waited? Tells, as a note, once the packet's record is out. False: the sink
 * refused. */
void silence_looks(struct passage *passage);
bool stall_tells(struct passage *passage);

/* quality.c: every packet, every TCP segment, every conversation as it closes; and what that
 * makes: the sentences of the capture-quality card. */
void quality_sees(struct tracker *tracker, const struct event *event);
void quality_sends(const struct passage *passage);
void quality_closes(struct tracker *tracker, const struct conversation *c);
void quality_sentences(const struct tracker *tracker, struct summary *summary);

/* span.c */
#define SPAN_TEXT 32
void span_text(uint64_t ns, char text[static SPAN_TEXT]);

#endif
