/*
 * Silences: who waited for what?
 *
 * Theory of operation. Between two packets of an open connection more than four round trips,
 * and more than 200 ms, pass in silence. How things stood before is kept as the packet that
 * ends it comes in (silence.c); what that packet is, its verdicts say once they are there
 * (stall_tells). Then rows are gone through from the certain to the inferred, and the first
 * that fits gives the reason: a timer that ran out (a SYN again, a probe, a retransmission that
 * its verdict says a timer sent), a packet whose timestamp says that the way held it up, what
 * was sent again for another reason, a handshake unanswered, a window without room, nothing
 * outstanding (the program), an ACK that was late.
 *
 * Limits. A tap sees what passes it: where it is far from the sender, a segment that was lost
 * before it makes a timer's silence look like the program's. Nagle's algorithm and the
 * congestion window leave no trace of their own; the sentences say that they are inferred. The
 * first packet after a silence tells; what waited behind it is not looked for.
 */
#include "again.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define DELAYED_ACK_NS (500 * NS_PER_MS) /* at most (RFC 9293 3.8.6.3), and a round trip */
#define MSS_UNKNOWN    1460

struct telling { /* what is going to be said of a stall */
	const struct passage *passage;
	const struct stall *stall;
	struct note *note;
	enum end from;              /* the packet's sender */
	char span[SPAN_TEXT];       /* of silence */
	char flight[END_COUNT][48]; /* "3000 bytes and a FIN" */
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

static bool stall_is_open(const struct stall *stall, enum end end)
{
	return stall->flight[end] > 0 || stall->fin[end];
}

/* One byte or none below what is acknowledged, which asks for an ACK only. */
static bool packet_asks(const struct telling *telling)
{
	const struct passage *passage = telling->passage;
	const struct stall *stall = telling->stall;
	return passage->data_end - passage->data <= 1 && passage->end == passage->data_end &&
	       passage->data == stall->una[telling->from] - 1 &&
	       !stall_is_open(stall, telling->from);
}

static bool tell_syn_again(struct telling *telling)
{
	uint64_t of = 0;
	enum end from = telling->from;
	if (!telling->stall->half_open || again_why(telling->passage, &of) != AGAIN_TIMER)
		return false;
	return tell(telling, (struct reason){WAIT_HANDSHAKE, from, of, false},
		    "The %s heard no answer for %s: its timer ran out, and it sends its "
		    "SYN%s again.",
		    names[from], telling->span, from == END_SERVER ? "-ACK" : "");
}

/* The other end's SYN was seen, and this is the first to acknowledge it. */
static bool tell_answered(struct telling *telling)
{
	const struct stall *stall = telling->stall;
	enum end from = telling->from, waiter = !from;
	if (!stall->half_open || !telling->passage->conversation->side[waiter].syn_seen ||
	    stall->una[waiter] > 0 || telling->passage->packet->ack < 1)
		return false;
	return tell(telling,
		    (struct reason){WAIT_HANDSHAKE, waiter, stall->before.n[waiter], false},
		    "The %s waited %s for an answer to its SYN.", names[waiter], telling->span);
}

static bool tell_probe(struct telling *telling)
{
	const struct packet *packet = telling->passage->packet;
	const struct stall *stall = telling->stall;
	enum end from = telling->from;
	uint64_t window_n = stall->before.n[!from];
	bool asks = packet_asks(telling);
	if (verdict_is_on(packet, VERDICT_ZERO_WINDOW_PROBE) ||
	    (asks && stall->room[from] <= 0))
		return tell(telling, (struct reason){WAIT_WINDOW, from, window_n, false},
			    "The %s may not send: the %s's window is %" PRIu64
			    " bytes. After %s "
			    "it asks whether there is room (window probe).",
			    names[from], names[!from], stall->window[!from], telling->span);
	if (verdict_is_on(packet, VERDICT_KEEP_ALIVE) || asks)
		return tell(telling, (struct reason){WAIT_KEEP_ALIVE, from, 0, false},
			    "Everything was said and acknowledged. After %s of silence the %s "
			    "asks whether the %s is still there (keep-alive).",
			    telling->span, names[from], names[!from]);
	return false;
}

static bool tell_timer(struct telling *telling)
{
	static const char *const timers[] = {
		[AGAIN_TIMER] = "its retransmission timer",
		[AGAIN_PROBE] = "its probe timer",
		[AGAIN_TIMERS] = "its retransmission timer or its probe timer",
	};
	enum end from = telling->from;
	uint64_t of = 0;
	enum again again = again_why(telling->passage, &of);
	struct reason reason = {WAIT_TIMER, from, of, false};
	if (again == AGAIN_NOT || again > AGAIN_TIMERS)
		return false;
	if (!stall_is_open(telling->stall, from))
		return tell(telling, reason,
			    "For %s the %s did not hear an ACK that came past here: %s ran "
			    "out, and it sends again.",
			    telling->span, names[from], timers[again]);
	return tell(telling, reason,
		    "The %s had %s outstanding and heard nothing for %s: %s ran out, and it "
		    "sends again.",
		    names[from], telling->flight[from], telling->span, timers[again]);
}

/* By its timestamp it left so soon that nobody would speak of a silence. */
static bool tell_held(struct telling *telling)
{
	const struct stall *stall = telling->stall;
	enum end from = telling->from;
	char left[SPAN_TEXT];
	if (!stall->held)
		return false;
	span_text(stall->left_ns, left);
	return tell(telling,
		    (struct reason){WAIT_DELIVERY, !from, stall->before.n[from], false},
		    "Nothing came past here for %s, but this packet of the %s's was on its way "
		    "after %s at most, as its timestamp says: it was held up.",
		    telling->span, names[from], left);
}

/* Sent again, and no timer need have done it; or it is a late original. */
static bool tell_again(struct telling *telling)
{
	static const struct {
		enum wait waits;
		const char *text;
	} rows[] = {
		[AGAIN_ASKED] = {WAIT_DELIVERY, "sends what ACKs had asked for: they were "
						"held up on the way, or this was (inferred)."},
		[AGAIN_EITHER] = {WAIT_TIMER, "sends again, or seems to: a timer ran out, or "
					      "the way held this up (inferred)."},
		[AGAIN_UNKNOWN] = {WAIT_ACK, "sends again, and nothing here shows why."},
		[AGAIN_LATE] = {WAIT_DELIVERY, "comes with what it had sent before: it was "
					       "held up on the way."},
	};
	enum end from = telling->from;
	uint64_t of = 0;
	enum again again = again_why(telling->passage, &of);
	struct reason reason = {.who = from, .evidence = of, .inferred = again != AGAIN_LATE};
	if (again < AGAIN_ASKED)
		return false;
	reason.waits = rows[again].waits;
	if (reason.waits == WAIT_DELIVERY)
		reason.who = !from;
	return tell(telling, reason, "For %s nothing came past here, then the %s %s",
		    telling->span, names[from], rows[again].text);
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
	bool filled = stall_is_open(stall, waiter) || stall->window[from] == 0;
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
	if (stall_is_open(stall, !from) && stall->before.from != from)
		return tell(telling, reason,
			    "The %s took %s to answer: its program %s before, and no ACK was "
			    "sent without it.",
			    names[from], telling->span,
			    data ? "had nothing to send" : "did not close");
	return tell(telling, reason, "%s: for %s the %s's program %s%s.",
		    stall_is_open(stall, from) ? "There was room to send"
					       : "Nothing was outstanding and there was room",
		    telling->span, names[from], data ? "had nothing to send" : "did not close",
		    here ? ""
			 : ", or what it sent was lost before it came past here, or held up");
}

/* An ACK alone ends it: what its receiver waited for. */
static bool tell_ack(struct telling *telling)
{
	const struct stall *stall = telling->stall;
	const struct packet *packet = telling->passage->packet;
	enum end from = telling->from, waiter = !from;
	int64_t flight = stall->flight[waiter], mss = mss_to(telling, from);
	uint64_t sent_n = stall->before.n[waiter];
	if (!stall_is_open(stall, waiter) || packet->ack <= stall->una[waiter])
		return false;
	if (flight < mss && stall->silence_ns <= DELAYED_ACK_NS + stall->rtt_ns)
		return tell(
			telling, (struct reason){WAIT_DELAYED_ACK, waiter, sent_n, true},
			"The %s delays its ACK of %s for %s, in the hope of an answer to put "
			"it on. If the %s has more to send, Nagle's algorithm holds it back "
			"until then (inferred).",
			names[from], telling->flight[waiter], telling->span, names[waiter]);
	if (flight >= 2 * mss)
		return tell(telling, (struct reason){WAIT_CONGESTION, waiter, sent_n, true},
			    "%" PRId64
			    " bytes of the %s were outstanding, no ACK came for %s, and "
			    "it sent no more though the window had room: its congestion window "
			    "was full, or its program had no more (inferred).",
			    flight, names[waiter], telling->span);
	return tell(telling, (struct reason){WAIT_ACK, waiter, sent_n, false},
		    "The ACK of %s that the %s had sent took %s: on the way, or at the %s.",
		    telling->flight[waiter], names[waiter], telling->span, names[from]);
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

static void telling_flight(struct telling *telling, enum end end)
{
	const struct stall *stall = telling->stall;
	int64_t bytes = stall->flight[end];
	char *text = telling->flight[end];
	size_t room = sizeof(telling->flight[end]);
	if (!bytes && stall->fin[end])
		snprintf(text, room, "a FIN");
	else
		snprintf(text, room, "%" PRId64 " byte%s%s", bytes, bytes == 1 ? "" : "s",
			 stall->fin[end] ? " and a FIN" : "");
}

/* The first that fits. What may be a mere round trip is none, unless the packet that ends it
 * says itself that it was sent for it; of an end that is not in the capture nobody knows what
 * it sent meanwhile. */
static bool telling_finds(struct telling *telling)
{
	static const struct {
		bool (*tell)(struct telling *telling);
		bool told_by_packet;
	} rows[] = {
		{tell_syn_again, true}, {tell_probe, true},  {tell_timer, true},
		{tell_held, true},      {tell_again, false}, {tell_answered, false},
		{tell_window, false},   {tell_reset, false}, {tell_program, false},
		{tell_ack, false},
	};
	const struct stall *stall = telling->stall;
	const struct side *peer = &telling->passage->conversation->side[!telling->from];
	bool known = peer->packets && stall->exceeds_rtt;
	uint64_t of = 0;
	if (again_why(telling->passage, &of) == AGAIN_COPY)
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if ((known || rows[i].told_by_packet) && rows[i].tell(telling))
			return true;
	}
	return false;
}

static bool stall_note(struct passage *passage)
{
	const struct stall *stall = &passage->stall;
	struct event event = {
		.kind = EVENT_NOTE,
		.ns = stall->before.ns,
		.conv = passage->event->conv,
		.vantage = passage->event->vantage,
		.note = {.code = NOTE_STALL, .end_ns = passage->event->ns},
	};
	struct telling telling = {
		.passage = passage, .stall = stall, .note = &event.note, .from = passage->from};
	span_text(stall->silence_ns, telling.span);
	telling_flight(&telling, END_CLIENT);
	telling_flight(&telling, END_SERVER);
	if (!telling_finds(&telling))
		return true;
	telling_facts(&telling);
	return tracker_emit(passage->tracker, &event);
}

bool stall_tells(struct passage *passage)
{
	return !passage->stall.silence_ns || stall_note(passage);
}
