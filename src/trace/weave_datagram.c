/* Which datagrams a call received. Nothing that it returns names them, but a socket gives them
 * in the order in which they came (udp(7)), each to one call, whole, unless the buffer is
 * too short. So the oldest that came to the socket, from that peer, of that length, is the
 * one; those of its conversation before it were read by nobody, and never will be.
 *
 * The last ARRIVALS are remembered, of all sockets together: a socket's buffer holds some
 * hundreds. What is read later than that has no packet. A datagram to a group that several
 * sockets have joined is given to the one that reads first. */
#include "weave.h"

void arrival_add(struct weave *weave, const struct talk *talk, const struct event *event)
{
	const struct packet *packet = &event->packet;
	if (packet->way.lost || verdicts_find(packet->verdicts, packet->verdict_count,
					      VERDICT_CAPTURE_DUPLICATE))
		return;
	weave->arrivals[weave->arrival_count++ % ARRIVALS] = (struct arrival){
		.conv = talk->conv,
		.from = packet->from,
		.n = packet->n,
		.ns = packet->way.arrives_ns ? packet->way.arrives_ns : event->ns,
		.len = packet->segment.len,
	};
}

static bool arrival_before(const struct arrival *a, const struct arrival *b)
{
	return a->ns != b->ns ? a->ns < b->ns : a->n < b->n;
}

static bool arrival_fits(const struct weave *weave, const struct arrival *arrival,
			 const struct strand *strand, const struct call *call)
{
	const struct talk *talk = talk_of(weave, arrival->conv);
	bool several = call->kind == CALL_RECVMMSG;
	bool cut = call->bytes < arrival->len && call->bytes == call->wanted;
	enum end to = !arrival->from;
	return talk && talk->socks[arrival->from] != strand->sock &&
	       talk->ends.port[to] == strand->ends.local_port &&
	       addr_fits(&strand->ends.local, &talk->ends.addr[to]) &&
	       (several || cut || arrival->len == call->bytes);
}

/* The first that came; conv 0: of any. */
static struct arrival *arrival_first(struct weave *weave, const struct strand *strand,
				     const struct event *event, uint32_t conv)
{
	struct arrival *first = NULL;
	for (size_t i = 0; i < ARRIVALS; i++) {
		struct arrival *arrival = &weave->arrivals[i];
		if (!arrival->conv || (conv && arrival->conv != conv) ||
		    arrival->ns > event->ns + GRACE_NS ||
		    (first && !arrival_before(arrival, first)))
			continue;
		if (arrival_fits(weave, arrival, strand, &event->call))
			first = arrival;
	}
	return first;
}

static void arrivals_drop(struct weave *weave, struct arrival until)
{
	for (size_t i = 0; i < ARRIVALS; i++) {
		struct arrival *arrival = &weave->arrivals[i];
		if (arrival->conv == until.conv && arrival->from == until.from &&
		    !arrival_before(&until, arrival))
			arrival->conv = 0;
	}
}

bool arrivals_read(struct weave *weave, struct event *event, struct strand *strand)
{
	struct call *call = &event->call;
	int64_t count = call->kind == CALL_RECVMMSG ? call->ret : 1;
	uint32_t conv = event->conv;
	bool ok = true;
	for (int64_t i = 0; i < count && ok; i++, conv = 0) {
		const struct arrival *found = arrival_first(weave, strand, event, conv);
		struct arrival arrival;
		if (!found)
			return true;
		arrival = *found;
		if (!call->peek)
			arrivals_drop(weave, arrival);
		if (i == 0) {
			event->conv = arrival.conv;
			call->from = !arrival.from;
			call->reads[0] = arrival.n;
			ok = weave_tie(weave, talk_of(weave, arrival.conv), call->from, strand);
		}
		if (arrival.conv == event->conv)
			call->reads[1] = arrival.n;
	}
	return ok;
}
