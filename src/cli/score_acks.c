/* What comes beyond a hole has to be answered at once (RFC 5681 4.2), and Linux counts what it
 * queues there (TCPOFOQueue). Not every answer is a duplicate ACK: the first may acknowledge
 * what a delayed ACK was owed for, others go out with data, with a D-SACK or with another
 * window. They are counted apart: with SACK, a segment answers when it reports bytes that were
 * not reported before (RFC 6675 2), or bytes beyond its ACK twice (RFC 2883 4); without, when
 * it is the first after such an arrival. What could have been called a duplicate ACK and was
 * not is no answer here: that would hide it.
 *
 * Not every arrival is answered: from the fourth on Linux waits a moment for more and sends one
 * ACK for all. TCPAckCompressed counts those that did not go out: all but one when the moment
 * is over, but all when another arrival, which fills a hole or is old, has to be answered
 * before (a flush). One more is counted nowhere: that which neither touches the first nor the
 * second SACK block while others wait. It sends the ACK of those at once (tcp_sack_new_ofo_skb,
 * TCP_SACK_BLOCKS_EXPECTED), and with that ACK its own is done with: it waits for no other (a
 * sweep). Such an ACK does not begin with the block of what came last, as RFC 2018 4 has it.
 * Linux also sends one ACK for all that came while the program held the socket
 * (tcp_backlog_ack_defer; score_wire.c has it off), and counts those nowhere. `together` counts
 * all of them.
 *
 * And what came before is answered at once, too: without SACK that answer is a duplicate ACK
 * like the others when there is a hole, though nothing was queued (a repeat).
 */
#include "score_acks.h"

#include <stdlib.h>
#include <string.h>

#define CONNECTIONS 64  /* of one host; the others share the last */
#define SPANS       128 /* apart from each other; one more: any is forgotten */

struct span {
	uint32_t from, to;
};

struct spans { /* no two touch each other; in no order */
	struct span at[SPANS];
	size_t count;
};

struct stream {
	uint16_t ports[END_COUNT];
	struct spans came, told; /* bytes that arrived; that it reported by SACK */
	uint32_t ack;            /* its last */
	uint16_t window;
	bool sack;               /* both ends permit it */
	uint32_t next;           /* what it awaited when the last came beyond a hole */
	struct span last, before; /* the last two that came beyond one */
	struct span swept;       /* that a sweep left without an answer; to 0: none */
	bool old;                /* since then bytes came that were there before */
	int64_t pending;         /* arrivals beyond a hole since its last segment */
	int64_t owed;            /* and before it, but for the one that it answered */
};

struct counting {
	struct score_acks *acks;
	struct stream streams[CONNECTIONS];
};

/* Was there a byte that was not there before? */
static bool spans_add(struct spans *spans, struct span add)
{
	size_t kept = 0;
	for (size_t i = 0; i < spans->count; i++) {
		struct span span = spans->at[i];
		if (span.from <= add.from && add.to <= span.to)
			return false;
		if (add.to < span.from || span.to < add.from) {
			spans->at[kept++] = span;
			continue;
		}
		add.from = span.from < add.from ? span.from : add.from;
		add.to = span.to > add.to ? span.to : add.to;
	}
	kept -= kept == SPANS;
	spans->at[kept] = add;
	spans->count = kept + 1;
	return true;
}

static struct stream *stream_find(struct counting *counting, const struct truth *truth)
{
	size_t i = 0;
	while (i < CONNECTIONS - 1 && counting->streams[i].ports[0] &&
	       memcmp(counting->streams[i].ports, truth->ports, sizeof(truth->ports)) != 0)
		i++;
	memcpy(counting->streams[i].ports, truth->ports, sizeof(truth->ports));
	return &counting->streams[i];
}

/* Bytes up to an ACK have come, and need no report. */
static void stream_acknowledged(struct stream *stream, uint32_t ack)
{
	struct span all = {0, ack};
	if (ack == 0)
		return;
	spans_add(&stream->came, all);
	spans_add(&stream->told, all);
}

/* A FIN takes a number, and is queued like a byte (RFC 9293 3.4). */
static void stream_arrives(struct stream *stream, const struct truth *truth,
			   struct score_acks *acks)
{
	bool fin = truth->tcp_flags & TCP_FIN, beyond, fresh;
	struct span bytes = {truth->from, truth->to_byte + fin};
	uint32_t next = 1;
	if (bytes.from == bytes.to || truth->deed == DEED_CORRUPT)
		return;
	for (size_t i = 0; i < stream->came.count; i++) {
		if (stream->came.at[i].from <= 1)
			next = stream->came.at[i].to;
	}
	beyond = bytes.from > next;
	fresh = spans_add(&stream->came, bytes);
	if (beyond) {
		stream->next = next;
		stream->before = stream->last;
		stream->last = bytes;
	}
	stream->old = !beyond && (!fresh || stream->old);
	acks->arrivals += beyond;
	stream->pending += beyond;
}

/* Does it report bytes beyond its ACK for the first time, or that they came twice? The report
 * of those stands in front of the block that they are part of. */
static bool stream_reports(struct stream *stream, uint32_t ack,
			   const struct score_report *report, bool *twice)
{
	const int32_t(*blocks)[2] = report->blocks;
	bool within = report->count > 1 && blocks[0][0] >= blocks[1][0] &&
		      blocks[0][1] <= blocks[1][1];
	bool news = within && blocks[0][0] > 0;
	*twice = report->count > 0 && (within || blocks[0][1] <= 0);
	for (size_t i = *twice; i < report->count; i++) {
		struct span span = {ack + (uint32_t)blocks[i][0], ack + (uint32_t)blocks[i][1]};
		news = (blocks[i][0] > 0 && spans_add(&stream->told, span)) || news;
	}
	return news;
}

static bool span_within(struct span inner, struct span outer)
{
	return outer.from <= inner.from && inner.to <= outer.to;
}

/* Two that come together while the program holds the socket, and are answered one by one, look
 * like a sweep until the answer to the second follows. */
static void stream_sweeps(struct stream *stream, const struct truth *truth,
			  const struct score_report *report, struct score_acks *acks)
{
	const int32_t *block = report->blocks[0];
	struct span first = {truth->ack + (uint32_t)block[0], truth->ack + (uint32_t)block[1]};
	bool again = truth->ack == stream->ack && report->count > 1 && block[0] > 0;
	bool late = !span_within(stream->last, first);
	if (again && span_within(stream->swept, first) && first.to == stream->swept.to &&
	    (stream->pending == 0 || late))
		acks->sweeps--;
	stream->swept = (struct span){0};
	if (!again || stream->pending < 2 || !late || !span_within(stream->before, first))
		return;
	acks->sweeps++;
	stream->swept = stream->last;
}

static void stream_departs(struct stream *stream, const struct truth *truth,
			   const struct score_said *said, struct score_acks *acks)
{
	bool twice = false, more = truth->ack > stream->ack, answers, news;
	bool bytes = truth->to_byte > truth->from || truth->tcp_flags & TCP_FIN;
	bool dup_ack = score_said_find(said, VERDICT_DUP_ACK), other;
	bool old = said->report.count > 0 && said->report.blocks[0][1] <= 0;
	/* For what came before a hole, while what came beyond it still waits for the
	 * program. */
	if (!stream->sack && more && truth->ack < stream->next) {
		stream->ack = truth->ack;
		stream->window = said->report.window;
		return;
	}
	stream_sweeps(stream, truth, &said->report, acks);
	stream_acknowledged(stream, truth->ack);
	news = stream_reports(stream, truth->ack, &said->report, &twice);
	answers = news || (!stream->sack && stream->pending > 0);
	other = more || bytes || twice || said->report.window != stream->window;
	other = other && !dup_ack && answers;
	acks->dup_acks += dup_ack;
	acks->others += other;
	if (truth->ack > stream->next)
		stream->owed = 0;
	if (dup_ack || other) {
		bool another = (old && stream->old) || truth->ack > stream->next;
		bool repeat = stream->pending == 0 && !stream->sack && stream->owed == 0;
		acks->repeats += repeat;
		acks->flushes += !repeat && another;
		stream->pending -= !repeat && !another;
	} else {
		stream->pending -= answers; /* not named: no excuse */
	}
	stream->owed += stream->pending;
	acks->together += stream->pending;
	stream->pending = 0;
	stream->ack = truth->ack;
	stream->window = said->report.window;
}

/* It is SACK's connection when both SYNs permit it (RFC 2018 2). */
static void stream_opens(struct stream *stream, const struct score_frame *frame,
			 const struct score_said *said)
{
	const struct truth *truth = frame->truth;
	bool sack = said->report.permitted && (!(truth->tcp_flags & TCP_ACK) || stream->sack);
	if (!frame->again && truth->cause == CAUSE_NONE)
		*stream = (struct stream){.ports = {truth->ports[0], truth->ports[1]}};
	stream->sack = sack;
}

void score_acks_count(struct score_acks *acks, const struct score_truth *truth,
		      const struct score_heard *heard, enum end tap)
{
	struct counting counting = {.acks = acks};
	for (size_t i = 0; i < truth->count[tap]; i++) {
		const struct score_frame *frame = &truth->frames[tap][i];
		const struct truth *known = frame->truth;
		const struct score_said *said = score_heard_of(heard, tap, i + 1);
		struct stream *stream;
		if (!known || !known->tcp_flags || !said || known->tcp_flags & TCP_RST)
			continue;
		stream = stream_find(&counting, known);
		if (known->tcp_flags & TCP_SYN)
			stream_opens(stream, frame, said);
		else if (frame->departs)
			stream_departs(stream, known, said, acks);
		else
			stream_arrives(stream, known, acks);
	}
	for (size_t i = 0; i < CONNECTIONS; i++)
		acks->unanswered += counting.streams[i].pending;
}

int64_t score_acks_off(const struct score_acks *acks)
{
	return acks->dup_acks + acks->others + acks->sweeps - acks->repeats - acks->flushes -
	       (acks->queued - acks->compressed);
}

bool score_acks_explained(const struct score_acks *acks)
{
	int64_t uncounted = acks->together + acks->unanswered - acks->compressed - acks->sweeps;
	return llabs(score_acks_off(acks)) <= 1 ||
	       (uncounted > 0 && llabs(score_acks_off(acks) + uncounted) <= 1);
}
