/*
 * Silences: who waited for what?
 *
 * Theory of operation. Between two packets of an open connection more than four round trips,
 * and more than 200 ms, pass in silence. How things stood before is kept as the packet that
 * ends it comes in (stall_looks); what that packet is, its verdicts say once they are there
 * (stall_tells). Then rows are gone through from the certain to the inferred, and the first
 * that fits gives the reason: a handshake unanswered, a keep-alive or window probe, a
 * retransmission (its timer), a window without room, nothing outstanding (the program), an ACK
 * that was late.
 *
 * Limits. A tap sees what passes it: where it is far from the sender, a segment that was lost
 * before it makes a timer's silence look like the program's. Nagle's algorithm and the
 * congestion window leave no trace of their own; the sentences say that they are inferred. The
 * first packet after a silence tells; what waited behind it is not looked for.
 */
#include "verdict.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define SILENCE_NS     (200 * NS_PER_MS)
#define SILENCE_RTTS   4
#define DELAYED_ACK_NS (500 * NS_PER_MS) /* at most (RFC 9293 3.8.6.3), and a round trip */
#define MSS_UNKNOWN    1460

static uint64_t conversation_rtt_ns(const struct conversation *c)
{
	uint64_t rtt_ns = 0;
	for (size_t end = 0; end < END_COUNT; end++) {
		const struct rtt_stats *rtt = &c->side[end].rtt;
		uint64_t mean_ns = rtt->samples ? rtt->sum_ns / rtt->samples : 0;
		rtt_ns = mean_ns > rtt_ns ? mean_ns : rtt_ns;
	}
	return rtt_ns ? rtt_ns : c->handshake_rtt_ns;
}

/* Bytes outstanding, and a FIN as one. */
static int64_t side_waits_for(const struct side *side)
{
	int64_t from = side->una > side->low ? side->una : side->low;
	int64_t bytes = side->high > from ? side->high - from : 0;
	if (!side->una_known && !side->syn_seen)
		return 0;
	return bytes + (side->fin >= 0 && side->una <= side->fin);
}

static void stall_keeps(struct stall *stall, const struct conversation *c)
{
	stall->before = c->latest;
	stall->half_open = c->list == LIST_HALF_OPEN;
	for (size_t end = 0; end < END_COUNT; end++) {
		const struct side *side = &c->side[end], *peer = &c->side[!end];
		stall->flight[end] = side_waits_for(side);
		stall->high[end] = side->high;
		stall->una[end] = side->una;
		stall->window[end] = side->window;
		stall->room[end] = peer->window_known
					   ? side->una + (int64_t)peer->window - side->high
					   : INT64_MAX;
	}
}

void stall_looks(struct passage *passage)
{
	struct conversation *c = passage->conversation;
	struct latest *latest = &c->latest;
	uint64_t ns = passage->event->ns;
	uint64_t silence_ns = latest->ns && ns > latest->ns ? ns - latest->ns : 0;
	if (silence_ns > SILENCE_NS && c->list != LIST_FINISHED) {
		uint64_t rtt_ns = conversation_rtt_ns(c);
		if (silence_ns > SILENCE_RTTS * rtt_ns) {
			stall_keeps(&passage->stall, c);
			passage->stall.silence_ns = silence_ns;
			passage->stall.rtt_ns = rtt_ns;
		}
	}
	latest->ns = ns;
	latest->n[passage->from] = passage->packet->n;
	latest->from = passage->from;
}

struct telling { /* what is going to be said of a stall */
	const struct passage *passage;
	const struct stall *stall;
	struct note *note;
	enum end from;        /* the packet's sender */
	char span[SPAN_TEXT]; /* of silence */
};

static const char *const names[END_COUNT] = {[END_CLIENT] = "client", [END_SERVER] = "server"};

struct reason {
	enum wait waits;
	enum end who;      /* waited for that */
	uint64_t evidence; /* beside the packets at both ends of the silence; 0: none */
	bool inferred;
};

__attribute__((format(printf, 3, 4))) static bool
tell(struct telling *telling, struct reason reason, const char *format, ...)
{
	struct note *note = telling->note;
	va_list values;
	note->waits = reason.waits;
	note->who = reason.who;
	note->inferred = reason.inferred;
	note->because[0] = telling->stall->before.n[telling->stall->before.from];
	note->because[1] = telling->passage->packet->n;
	if (reason.evidence != note->because[0] && reason.evidence != note->because[1])
		note->because[2] = reason.evidence;
	va_start(values, format);
	vsnprintf(note->text, sizeof(note->text), format, values);
	va_end(values);
	return true;
}

static const struct verdict *packet_verdict(const struct packet *packet, enum verdict_id id)
{
	for (size_t i = 0; i < packet->verdict_count; i++) {
		if (packet->verdicts[i].id == id)
			return &packet->verdicts[i];
	}
	return NULL;
}

/* Was it sent again, and what? Verdicts know; without them its numbers do: it brings what is
 * outstanding, or fills a hole below the highest. */
static bool packet_is_again(const struct telling *telling, uint64_t *of)
{
	static const enum verdict_id again[] = {
		VERDICT_RETRANSMISSION,        VERDICT_SYN_RETRANSMISSION,
		VERDICT_SYNACK_RETRANSMISSION, VERDICT_FIN_RETRANSMISSION,
		VERDICT_RTO_RETRANSMISSION,    VERDICT_RTO_RECOVERY,
		VERDICT_FAST_RETRANSMISSION,   VERDICT_RECOVERY_RETRANSMISSION,
		VERDICT_TAIL_LOSS_PROBE,
	};
	const struct passage *passage = telling->passage;
	for (size_t i = 0; i < ARRAY_COUNT(again); i++) {
		const struct verdict *verdict = packet_verdict(passage->packet, again[i]);
		if (verdict) {
			*of = verdict->of;
			return true;
		}
	}
	return passage->data_end > passage->data &&
	       passage->data < telling->stall->high[telling->from] &&
	       passage->data >= telling->stall->una[telling->from];
}

/* One byte or none below what is acknowledged, which asks for an ACK only. */
static bool packet_asks(const struct telling *telling)
{
	const struct passage *passage = telling->passage;
	const struct stall *stall = telling->stall;
	return passage->data_end - passage->data <= 1 && passage->end == passage->data_end &&
	       passage->data == stall->una[telling->from] - 1 && !stall->flight[telling->from];
}

static bool tell_handshake(struct telling *telling)
{
	uint64_t of = 0;
	enum end from = telling->from;
	if (!telling->stall->half_open)
		return false;
	if (packet_is_again(telling, &of))
		return tell(
			telling, (struct reason){WAIT_HANDSHAKE, from, of, false},
			"The %s heard no answer for %s: its timer ran out, and it sends its "
			"SYN%s again.",
			names[from], telling->span, from == END_SERVER ? "-ACK" : "");
	return tell(
		telling,
		(struct reason){WAIT_HANDSHAKE, !from, telling->stall->before.n[!from], false},
		"The %s waited %s for an answer to its SYN.", names[!from], telling->span);
}

static bool tell_probe(struct telling *telling)
{
	const struct packet *packet = telling->passage->packet;
	const struct stall *stall = telling->stall;
	enum end from = telling->from;
	uint64_t window_n = stall->before.n[!from];
	bool asks = packet_asks(telling);
	if (packet_verdict(packet, VERDICT_ZERO_WINDOW_PROBE) ||
	    (asks && stall->room[from] <= 0))
		return tell(telling, (struct reason){WAIT_WINDOW, from, window_n, false},
			    "The %s may not send: the %s's window is %" PRIu64
			    " bytes. After %s "
			    "it asks whether there is room (window probe).",
			    names[from], names[!from], stall->window[!from], telling->span);
	if (packet_verdict(packet, VERDICT_KEEP_ALIVE) || asks)
		return tell(telling, (struct reason){WAIT_KEEP_ALIVE, from, 0, false},
			    "Everything was said and acknowledged. After %s of silence the %s "
			    "asks whether the %s is still there (keep-alive).",
			    telling->span, names[from], names[!from]);
	return false;
}

static bool tell_timer(struct telling *telling)
{
	enum end from = telling->from;
	int64_t flight = telling->stall->flight[from];
	uint64_t of = 0;
	bool probe = packet_verdict(telling->passage->packet, VERDICT_TAIL_LOSS_PROBE);
	if (!packet_is_again(telling, &of) && !probe)
		return false;
	if (flight == 0)
		return tell(telling, (struct reason){WAIT_TIMER, from, of, false},
			    "For %s the %s did not hear an ACK that came past here: its "
			    "retransmission timer ran out, and it sends again.",
			    telling->span, names[from]);
	return tell(telling, (struct reason){WAIT_TIMER, from, of, false},
		    "The %s had %" PRId64 " byte%s outstanding and heard nothing for %s: its "
		    "%s timer ran out, and it sends again.",
		    names[from], flight, flight == 1 ? "" : "s", telling->span,
		    probe ? "probe" : "retransmission");
}

static uint32_t mss_to(const struct telling *telling, enum end end)
{
	const struct tcp_options *options = &telling->passage->conversation->side[end].options;
	return options->present & OPTION_MSS ? options->mss : MSS_UNKNOWN;
}

/* The packet gives its sender's peer room that it had not. Where the window was not 0 the peer
 * must have filled it, else nothing says that it wanted more. */
static bool tell_window(struct telling *telling)
{
	const struct stall *stall = telling->stall;
	const struct passage *passage = telling->passage;
	enum end from = telling->from, waiter = !from;
	int64_t room = stall->room[waiter];
	bool filled = stall->flight[waiter] > 0 || stall->window[from] == 0;
	if (room >= (int64_t)mss_to(telling, from) || !filled ||
	    passage->end > passage->start || (int64_t)passage->packet->window <= room)
		return false;
	return tell(telling, (struct reason){WAIT_WINDOW, waiter, stall->before.n[from], false},
		    "The %s may not send: the %s's window of %" PRIu64 " bytes has room for "
		    "%" PRId64 " more. After %s it is %" PRIu64 ": the %s's program has read.",
		    names[waiter], names[from], stall->window[from], room > 0 ? room : 0,
		    telling->span, passage->packet->window, names[from]);
}

/* Does the tap see all that this end sends? */
static bool end_is_here(const struct telling *telling, enum end end)
{
	const struct conversation *c = telling->passage->conversation;
	char why[160];
	enum tap_place place = place_of(c, why);
	return c->near[end] || telling->passage->packet->way.known || place == PLACE_BOTH ||
	       place == (end == END_CLIENT ? PLACE_CLIENT : PLACE_SERVER);
}

/* After probes that nobody answered it is the stack that resets, not the program. */
static bool tell_reset(struct telling *telling)
{
	const struct stall *stall = telling->stall;
	const struct passage *passage = telling->passage;
	enum end from = telling->from;
	bool alone = stall->before.from == from;
	if (!(passage->packet->segment.tcp.flags & TCP_RST))
		return false;
	if (alone && passage->conversation->verdicts[VERDICT_KEEP_ALIVE])
		return tell(telling, (struct reason){WAIT_KEEP_ALIVE, from, 0, true},
			    "The %s heard nothing for another %s: it gives up and resets.",
			    names[from], telling->span);
	return tell(telling, (struct reason){WAIT_PROGRAM, from, 0, alone},
		    "For %s the %s was silent, then it aborts%s.", telling->span, names[from],
		    alone ? ": its program did, or it gave the other end up" : "");
}

static bool tell_program(struct telling *telling)
{
	const struct stall *stall = telling->stall;
	const struct passage *passage = telling->passage;
	enum end from = telling->from;
	bool here = end_is_here(telling, from);
	bool data = passage->data_end > passage->data;
	struct reason reason = {WAIT_PROGRAM, from, stall->before.n[!from], !here};
	if (passage->end <= passage->start)
		return false;
	if (stall->flight[!from] && stall->before.from != from)
		return tell(telling, reason,
			    "The %s took %s to answer: its program %s before, and no ACK was "
			    "sent without it.",
			    names[from], telling->span,
			    data ? "had nothing to send" : "did not close");
	return tell(telling, reason, "%s: for %s the %s's program %s%s.",
		    stall->flight[from] ? "There was room to send"
					: "Nothing was outstanding and there was room",
		    telling->span, names[from], data ? "had nothing to send" : "did not close",
		    here ? "" : ", or what it sent was lost before it came past here");
}

/* An ACK alone ends it: what its receiver waited for. */
static bool tell_ack(struct telling *telling)
{
	const struct stall *stall = telling->stall;
	const struct packet *packet = telling->passage->packet;
	enum end from = telling->from, waiter = !from;
	int64_t flight = stall->flight[waiter], mss = mss_to(telling, from);
	uint64_t sent_n = stall->before.n[waiter];
	if (!flight || packet->ack <= stall->una[waiter])
		return false;
	if (flight < mss && stall->silence_ns <= DELAYED_ACK_NS + stall->rtt_ns)
		return tell(
			telling, (struct reason){WAIT_DELAYED_ACK, waiter, sent_n, true},
			"The %s delays its ACK of %" PRId64 " bytes for %s, in the hope of an "
			"answer to put it on. If the %s has more to send, Nagle's algorithm "
			"holds it back until then (inferred).",
			names[from], flight, telling->span, names[waiter]);
	if (flight >= 2 * mss)
		return tell(telling, (struct reason){WAIT_CONGESTION, waiter, sent_n, true},
			    "%" PRId64
			    " bytes of the %s were outstanding, no ACK came for %s, and "
			    "it sent no more though the window had room: its congestion window "
			    "was full, or its program had no more (inferred).",
			    flight, names[waiter], telling->span);
	return tell(telling, (struct reason){WAIT_ACK, waiter, sent_n, false},
		    "The ACK of the %s's %" PRId64 " byte%s took %s: on the way, or at the %s.",
		    names[waiter], flight, flight == 1 ? "" : "s", telling->span, names[from]);
}

static void telling_facts(const struct telling *telling)
{
	const struct stall *stall = telling->stall;
	struct note *note = telling->note;
	const struct {
		const char *key;
		uint64_t value;
	} facts[NOTE_FACTS] = {
		{"silence_ns", stall->silence_ns},
		{"rtt_ns", stall->rtt_ns},
		{"flight", (uint64_t)stall->flight[note->who]},
		{"window", stall->window[!note->who]},
	};
	for (size_t i = 0; i < NOTE_FACTS; i++) {
		note->facts[i].key = facts[i].key;
		note->facts[i].value =
			facts[i].value > INT64_MAX ? INT64_MAX : (int64_t)facts[i].value;
	}
	note->fact_count = NOTE_FACTS;
}

static bool stall_note(struct passage *passage)
{
	static bool (*const rows[])(struct telling *) = {
		tell_handshake, tell_probe,   tell_timer, tell_window,
		tell_reset,     tell_program, tell_ack,
	};
	const struct stall *stall = &passage->stall;
	struct event event = {
		.kind = EVENT_NOTE,
		.ns = stall->before.ns,
		.conv = passage->event->conv,
		.vantage = passage->event->vantage,
		.note = {.code = NOTE_STALL, .end_ns = passage->event->ns},
	};
	struct telling telling = {passage, stall, &event.note, passage->from, ""};
	bool told = false;
	span_text(stall->silence_ns, telling.span);
	for (size_t i = 0; i < ARRAY_COUNT(rows) && !told; i++)
		told = rows[i](&telling);
	if (!told)
		return true;
	telling_facts(&telling);
	return tracker_emit(passage->tracker, &event);
}

bool stall_tells(struct passage *passage)
{
	return !passage->stall.silence_ns || stall_note(passage);
}
