#include "weave.h"

#include <stdio.h>
#include <string.h>

void pending_add(struct weave *weave, const struct call *call)
{
	for (size_t i = 0; i < PENDING; i++) {
		struct pending *pending = &weave->pending[i];
		if (pending->sock && pending->until_ns == 0)
			continue;
		*pending = (struct pending){.id = call->id,
					    .sock = call->sock,
					    .udp = call->ends.udp,
					    .peer = call->ends.peer,
					    .peer_port = call->ends.peer_port,
					    .local_port = call->ends.local_port};
		return;
	}
}

void pending_end(struct weave *weave, const struct call *call, uint64_t until_ns)
{
	for (size_t i = 0; i < PENDING; i++) {
		struct pending *pending = &weave->pending[i];
		if (pending->id != call->id)
			continue;
		pending->until_ns = until_ns;
		if (until_ns == 0)
			*pending = (struct pending){0};
	}
}

static bool amend_syn(struct weave *weave, struct talk *talk, const struct strand *strand,
		      uint64_t ns)
{
	struct event event = {.kind = EVENT_AMEND, .ns = ns, .conv = talk->conv};
	event.amend.n = talk->syn_n;
	event.amend.call = strand->connect_id;
	talk->syn_n = 0;
	return weave_emit(weave, &event);
}

bool weave_tie(struct weave *weave, struct talk *talk, enum end end, struct strand *strand)
{
	strand->several |= strand->conv != 0 && strand->conv != talk->conv;
	if (talk->socks[end] == strand->sock && strand->conv == talk->conv)
		return true;
	talk->socks[end] = strand->sock;
	strand->conv = talk->conv;
	strand->end = end;
	return weave_began(weave, talk, end, strand);
}

static bool connect_goes_on(const struct call *call)
{
	static const char *const words[] = {"EINPROGRESS", "EALREADY", "EISCONN", "EINTR"};
	for (size_t i = 0; call->error && i < ARRAY_COUNT(words); i++) {
		if (strcmp(call->error, words[i]) == 0)
			return true;
	}
	return false;
}

/* What a call says of its socket, besides what it does. */
static void strand_learns(struct weave *weave, struct strand *strand, const struct event *event)
{
	const struct call *call = &event->call;
	bool failed = call->error != NULL;
	strand->ends.udp = call->ends.udp;
	if (call->ends.local_port) {
		strand->ends.local = call->ends.local;
		strand->ends.local_port = call->ends.local_port;
	}
	if (!call->ends.udp && call->ends.peer_port) {
		strand->ends.peer = call->ends.peer;
		strand->ends.peer_port = call->ends.peer_port;
	}
	if (call->kind == CALL_SOCKET && !failed) {
		strand->whole = !weave->config.no_rw;
		strand->made_id = call->id;
		strand->made_ns = event->ns;
	} else if (call->kind == CALL_LISTEN && !failed && !strand->listen_id) {
		strand->listen_id = call->id;
		strand->listen_ns = event->ns;
		weave->listeners[weave->listener_count++ % LISTENERS] = strand->sock;
	} else if (call->kind == CALL_CONNECT) {
		strand->refused = failed && !connect_goes_on(call);
	}
}

static enum call_class call_class_of(const struct call *call)
{
	enum call_class class = call_classes[call->kind];
	if (call->inward)
		return class == CALLS_SEND ? CALLS_RECEIVE : CALLS_OPTION;
	return class;
}

static bool call_is_stream(const struct call *call, const struct strand *strand)
{
	return strand && !call->ends.udp && strand->whole;
}

/* Fast Open: what is sent to somebody on a stream connects, too (RFC 7413 4.2). */
static bool call_connects(const struct call *call, const struct strand *strand)
{
	enum call_class class = call_class_of(call);
	bool names = class == CALLS_CONNECT || (class == CALLS_SEND && strand->conv == 0 &&
						call->ends.peer_port != 0);
	return names && !call->ends.udp;
}

/* It failed before, and is used again. */
static void strand_again(struct strand *strand)
{
	if (!strand->refused)
		return;
	strand->refused = false;
	strand->conv = 0;
	strand->shut = (struct shut){0};
	strand->ends.local_port = 0;
}

static void call_enters(struct weave *weave, struct strand *strand, const struct call *call)
{
	enum call_class class = call_class_of(call);
	shut_enters(strand, call);
	if (call_connects(call, strand)) {
		strand_again(strand);
		if (!strand->conv)
			strand->connect_id = call->id;
		pending_add(weave, call);
	} else if (class == CALLS_SEND && call->ends.udp) {
		pending_add(weave, call);
	}
	if (class == CALLS_SEND && call_is_stream(call, strand))
		sends_add(weave, strand, call);
}

static void call_range(struct call *call, uint64_t from)
{
	if (call->bytes == 0)
		return;
	call->range[0] = (int64_t)from + 1;
	call->range[1] = (int64_t)(from + call->bytes) + 1;
}

/* The bytes of the stream that it took or gave. */
static void call_counts(struct weave *weave, struct strand *strand, struct call *call)
{
	enum call_class class = call_class_of(call);
	uint64_t from;
	if (!call_is_stream(call, strand))
		return;
	if (class == CALLS_SEND && sends_end(weave, strand, call, &from))
		call_range(call, from);
	if (class != CALLS_RECEIVE)
		return;
	call_range(call, strand->received);
	if (!call->peek)
		strand->received += call->bytes;
}

static struct strand *call_born(struct weave *weave, const struct call *call)
{
	struct strand *born = strand_of(weave, call->new_sock);
	if (!born)
		return NULL;
	if (call_classes[call->kind] == CALLS_ACCEPT && born->conv == 0) {
		born->whole = !weave->config.no_rw;
		born->ends = call->ends;
	}
	return born;
}

/* Which conversation is it about? A datagram's by whom it went to or came from. */
static bool call_ties(struct weave *weave, struct event *event, struct strand *strand)
{
	struct call *call = &event->call;
	struct socket_ends ends = call->ends;
	struct talk *talk;
	enum end end = END_CLIENT;
	if (ends.local_port == 0 && strand->ends.local_port) {
		ends.local = strand->ends.local;
		ends.local_port = strand->ends.local_port;
	}
	talk = ends.udp || strand->conv == 0 ? talk_find(weave, &ends, &end) : NULL;
	if (talk) {
		if (!weave_tie(weave, talk, end, strand))
			return false;
		if (!ends.udp && talk->syn_n && end == END_CLIENT && strand->connect_id &&
		    !amend_syn(weave, talk, strand, event->ns))
			return false;
	}
	event->conv = talk ? talk->conv : ends.udp ? 0 : strand->conv;
	call->from = talk ? end : strand->end;
	return true;
}

/* What names nobody, and has no datagram, is of its socket's only conversation, if any. */
static bool call_finds(struct weave *weave, struct event *event, struct strand *strand)
{
	struct call *call = &event->call;
	bool ended = call->returned_ns != 0;
	if (ended && !call->error && call_class_of(call) == CALLS_RECEIVE &&
	    !arrivals_read(weave, event, strand))
		return false;
	if (event->conv || !ended || strand->several || !talk_of(weave, strand->conv))
		return true;
	event->conv = strand->conv;
	call->from = strand->end;
	return true;
}

static bool call_returns(struct weave *weave, struct event *event, struct strand *strand)
{
	struct call *call = &event->call;
	struct strand *born = call_born(weave, call);
	bool under_way = call->returned_ns == 0 || connect_goes_on(call);
	if (!call->new_sock)
		strand_learns(weave, strand, event);
	if (!call_ties(weave, event, born ? born : strand) ||
	    (born && !weave_listens(weave, talk_of(weave, event->conv), strand)))
		return false;
	if (call->ends.udp && !call_finds(weave, event, strand))
		return false;
	call_counts(weave, strand, call);
	shut_returns(strand, call, event->ns);
	pending_end(weave, call, under_way ? UINT64_MAX : call->ends.udp ? event->ns : 0);
	return true;
}

bool weave_call(struct weave *weave, struct event *event)
{
	struct call *call = &event->call;
	struct strand *strand = strand_of(weave, call->sock);
	event->conv = 0;
	if (!strand)
		return true;
	if (!call->entering)
		return call_returns(weave, event, strand);
	call_enters(weave, strand, call);
	event->conv = call->ends.udp ? 0 : strand->conv;
	call->from = strand->end;
	return true;
}
