/* Which of the trace's frames is which line of the log? Both are in the order in which the host
 * sent, for all was on one processor; the wire's stamp comes a little later, when the frame is
 * received. Others may have interfaces of the same names: then a frame of theirs stands where
 * one of ours should, of another length or at another time, and the trace is of no use. */
#include "stacks.h"

#include <string.h>

#define STAMP_BLUR_NS (5 * NS_PER_MS / 1000) /* the trace tells microseconds, rounded */
#define STAMP_LATE_NS (50 * NS_PER_MS)       /* the wire waits for its turn like anybody */
#define PROBE_SPAN_NS NS_PER_MS              /* the next probe comes after two ticks at least */

struct naming {
	struct stack_event *events;
	size_t event_count;
	const struct truth *truth;
	size_t truth_count;
	struct stack_word *words;
};

/* The host's next from *from on, which has to be the line's; only before the first there may be
 * others, of a run that was given up. NULL: it is not. */
static struct stack_event *event_find(const struct naming *naming, size_t *from,
				      const struct truth *truth)
{
	bool first = *from == 0;
	while (*from < naming->event_count) {
		struct stack_event *event = &naming->events[(*from)++];
		bool late = event->ns + STAMP_LATE_NS < truth->arrived_ns;
		if (!event->tcp || event->host == truth->to || (first && late))
			continue;
		return event->len == truth->len && !late &&
				       event->ns <= truth->arrived_ns + STAMP_BLUR_NS
			       ? event
			       : NULL;
	}
	return NULL;
}

/* Did these bytes leave before? Of a FIN without data the flag is what leaves again. */
static bool line_is_old(const struct naming *naming, size_t line)
{
	const struct truth *again = &naming->truth[line];
	bool bare = again->from == again->to_byte;
	for (size_t i = 0; i < line; i++) {
		const struct truth *first = &naming->truth[i];
		if (first->to == again->to &&
		    memcmp(first->ports, again->ports, sizeof(first->ports)) == 0 &&
		    (bare ? first->tcp_flags & again->tcp_flags & (TCP_FIN | TCP_SYN)
			  : first->to_byte > again->from))
			return true;
	}
	return false;
}

/* The state of its socket tells: in Loss it comes after a timeout; the first in Recovery opens
 * the episode. A recovery that is undone leaves that state (RFC 4015), and what it took for
 * lost may go out nevertheless: that still belongs to it. */
static enum wire_cause event_resent(const struct naming *naming,
				    const struct stack_event *event)
{
	const struct stack_event *e = event;
	bool outside = false; /* of both states */
	while (e > naming->events) {
		e--;
		if (e->sport != event->sport || e->dport != event->dport)
			continue;
		if (e->is_frame ? e->call == STACK_LOSS : e->congestion == CONGESTION_LOSS)
			return outside ? CAUSE_FAST : CAUSE_RTO_RECOVERY;
		if (e->is_frame && e->call == STACK_RETRANSMIT)
			return CAUSE_RECOVERY;
		if (!e->is_frame && e->congestion == CONGESTION_RECOVERY)
			return CAUSE_FAST;
		outside = outside || !e->is_frame;
	}
	return CAUSE_FAST;
}

/* What the function sends again, if it is that. */
static enum wire_cause event_cause(const struct naming *naming, struct stack_event *event)
{
	static const enum wire_cause causes[STACK_CALL_COUNT] = {
		[STACK_TIMEOUT] = CAUSE_RTO,
		[STACK_LOSS_PROBE] = CAUSE_TLP,
		[STACK_WINDOW_PROBE] = CAUSE_WINDOW_PROBE,
		[STACK_KEEP_ALIVE] = CAUSE_KEEP_ALIVE,
		[STACK_SYN_ACK] = CAUSE_SYN_ACK,
		[STACK_SYN_ACK_TIMER] = CAUSE_SYN_ACK,
	};
	enum wire_cause cause = causes[event->call];
	if (event->call == STACK_RETRANSMIT)
		cause = event_resent(naming, event);
	if (cause == CAUSE_RTO_RECOVERY)
		event->call = STACK_LOSS;
	return cause;
}

/* A loss probe may have new bytes, and a probe of the window whatever fits into it. */
static enum wire_cause line_cause(const struct naming *naming, size_t line,
				  struct stack_event *event)
{
	const struct truth *truth = &naming->truth[line];
	enum wire_cause cause = event_cause(naming, event);
	bool bare = truth->from == truth->to_byte;
	if (cause == CAUSE_WINDOW_PROBE || cause == CAUSE_KEEP_ALIVE)
		return bare ? cause : CAUSE_NONE;
	if (cause == CAUSE_NONE || (cause == CAUSE_TLP && !line_is_old(naming, line)))
		return CAUSE_NONE;
	if (truth->tcp_flags & TCP_SYN)
		return truth->tcp_flags & TCP_ACK ? CAUSE_SYN_ACK : CAUSE_SYN;
	return truth->tcp_flags & TCP_FIN && bare ? CAUSE_FIN : cause;
}

/* A loss probe of new bytes may be more than one frame, and is counted once: *probe is the last
 * such frame. */
static void line_name(const struct naming *naming, size_t line, struct stack_event *event,
		      const struct stack_event **probe)
{
	struct stack_word *word = &naming->words[line];
	const struct truth *truth = &naming->truth[line];
	event->sport = truth->ports[!truth->to];
	event->dport = truth->ports[truth->to];
	word->cause = line_cause(naming, line, event);
	word->call = event->call;
	if (word->call != STACK_LOSS_PROBE || word->cause != CAUSE_NONE)
		return;
	if (*probe && event->ns - (*probe)->ns < PROBE_SPAN_NS)
		word->call = STACK_OTHER;
	*probe = event;
}

/* What one host sent. */
static bool host_names(const struct naming *naming, enum end host, size_t *line)
{
	const struct stack_event *probe = NULL;
	size_t from = 0;
	for (*line = 0; *line < naming->truth_count; ++*line) {
		const struct truth *truth = &naming->truth[*line];
		struct stack_event *event;
		if (truth->to == host || truth->n == 0 || !truth->tcp_flags)
			continue;
		event = event_find(naming, &from, truth);
		if (!event)
			return false;
		line_name(naming, *line, event, &probe);
	}
	return true;
}

bool stack_names(struct stack_text *text, const struct truth *truth, size_t count,
		 struct stack_word *words, struct err *err)
{
	struct naming naming = {(struct stack_event *)(void *)text->events.at,
				text->events.len / sizeof(struct stack_event), truth, count,
				words};
	size_t line = 0;
	memset(words, 0, count * sizeof(*words));
	for (size_t host = 0; host < END_COUNT; host++) {
		if (!host_names(&naming, (enum end)host, &line))
			return err_set(err, EXIT_PARTIAL,
				       "the trace does not have frame %u to the %s in its "
				       "place: is another lab at work?", truth[line].n,
				       truth[line].to == END_CLIENT ? "client" : "server");
	}
	return true;
}
