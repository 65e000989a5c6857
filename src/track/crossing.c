#include "verdict.h"

#include <stdlib.h>
#include <string.h>

/* Packets between two tapped ends. What left is under way until it arrives, and only then does
 * the other end hear it: its states and what it knows to be acknowledged change at that time,
 * and a state's record stands there. What was lost is never heard.
 *
 * An arrival that no tap saw, though the packet was not lost, is believed as at a far end with
 * one vantage: when a segment of that end shows it. */

struct crossing *crossing_at(const struct shard *shard, const struct conversation *c)
{
	return c->crossing ? pool_at(&shard->crossings, c->crossing) : NULL;
}

/* The segment is at its receiver: what it brings to what was there. */
static void crossing_brings(struct passage *passage)
{
	struct conversation *c = passage->conversation;
	struct side *sender = &c->side[passage->from];
	struct receiver *receiver = &crossing_at(passage->shard, c)->at[!passage->from];
	uint16_t flags = passage->packet->segment.tcp.flags;
	if (flags & TCP_SYN)
		sender->syn_heard_n = passage->packet->n;
	if (!(flags & TCP_RST))
		reach_takes(passage->shard, &receiver->came, passage->data, passage->data_end);
	needed_grows(passage);
	if (flags & TCP_FIN && !receiver->fin_n)
		receiver->fin_n = passage->packet->n;
	passage->fin_n =
		sender->fin >= 0 && receiver->came.next >= sender->fin ? receiver->fin_n : 0;
}

/* The round-trip time that this ACK will give when it arrives, if no ACK before it covers as
 * much; its record is written now. Its sender's timers learn it then (side.c). */
void crossing_measures(struct passage *passage)
{
	struct conversation *c = passage->conversation;
	struct side *hears = &c->side[!passage->from];
	struct receiver *receiver = &crossing_at(passage->shard, c)->at[!passage->from];
	struct packet *packet = passage->packet;
	int64_t from = hears->una > receiver->acked ? hears->una : receiver->acked;
	const struct sent *newest;
	if (!packet->way.arrives_ns || packet->segment.flaws & FLAW_BAD_CHECKSUM ||
	    passage->stray || !(packet->segment.tcp.flags & TCP_ACK) ||
	    packet->segment.tcp.flags & TCP_RST || packet->ack <= from)
		return;
	newest = sent_covered(passage->shard, hears, from, packet->ack);
	receiver->acked = packet->ack;
	if (!newest || packet->way.arrives_ns <= newest->ns)
		return;
	packet->rtt_ns = packet->way.arrives_ns - newest->ns;
	if (newest->data)
		side_rtt(hears, packet->rtt_ns);
}

/* Called with every packet that has two vantages, before anything is made of it. *received: by
 * whether it is whole to whether its receiver has it now, though nobody saw it come. False: out
 * of memory. */
bool crossing_begin(struct passage *passage, bool *received)
{
	struct conversation *c = passage->conversation;
	const struct way *way = &passage->packet->way;
	bool arrives = *received && !way->lost;
	c->near[END_CLIENT] = c->near[END_SERVER] = true;
	*received = false;
	if (!c->crossing)
		c->crossing = pool_take(&passage->shard->crossings);
	if (!c->crossing)
		return false;
	if (!arrives || passage->packet->segment.kind != SEGMENT_TCP)
		return true;
	if (!way->arrives_ns) {
		*received = passage->unseen = true;
		crossing_brings(passage);
	}
	return true;
}

static bool arrival_before(const struct arrival *a, const struct arrival *b)
{
	return a->ns != b->ns ? a->ns < b->ns : a->serial < b->serial;
}

static bool arrivals_grow(struct crossings *crossings)
{
	size_t cap = crossings->cap ? 2 * crossings->cap : 64;
	struct arrival *heap = realloc(crossings->heap, cap * sizeof(*heap));
	if (!heap)
		return false;
	crossings->heap = heap;
	crossings->cap = cap;
	return true;
}

static bool arrivals_add(struct crossings *crossings, struct arrival arrival)
{
	size_t at = crossings->count;
	if (at == crossings->cap && !arrivals_grow(crossings))
		return false;
	crossings->count++;
	arrival.serial = ++crossings->serial;
	while (at > 0 && arrival_before(&arrival, &crossings->heap[(at - 1) / 2])) {
		crossings->heap[at] = crossings->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	crossings->heap[at] = arrival;
	return true;
}

static struct arrival arrivals_take(struct crossings *crossings)
{
	struct arrival first = crossings->heap[0];
	struct arrival last = crossings->heap[--crossings->count];
	size_t at = 0;
	for (size_t child; (child = 2 * at + 1) < crossings->count; at = child) {
		if (child + 1 < crossings->count &&
		    arrival_before(&crossings->heap[child + 1], &crossings->heap[child]))
			child++;
		if (!arrival_before(&crossings->heap[child], &last))
			break;
		crossings->heap[at] = crossings->heap[child];
	}
	crossings->heap[at] = last;
	return first;
}

static bool given_up_keep(struct crossings *crossings, const struct arrival *arrival,
			  const struct packet *packet)
{
	struct given_up *kept;
	if (!crossings->given_up)
		crossings->given_up = calloc(GIVEN_UP_KEPT, sizeof(*crossings->given_up));
	if (!crossings->given_up)
		return false;
	kept = &crossings->given_up[crossings->given_up_at++ % GIVEN_UP_KEPT];
	kept->arrival = *arrival;
	kept->verdict_count = packet->verdict_count;
	memcpy(kept->verdicts, packet->verdicts,
	       packet->verdict_count * sizeof(*packet->verdicts));
	return true;
}

/* What its receiver will read in it as a sender. */
static void arrival_keeps(struct arrival *arrival, const struct packet *packet)
{
	const struct tcp_options *options = &packet->segment.tcp.options;
	arrival->window = packet->window;
	arrival->rtt_ns = packet->rtt_ns;
	arrival->scale_unknown = packet->scale_unknown;
	arrival->dsack = packet->dsack;
	arrival->sack_count = options->sack_count;
	memcpy(arrival->sack, packet->sack, sizeof(arrival->sack));
	arrival->stamped = options->present & OPTION_TS;
	arrival->tsval = options->tsval;
	arrival->tsecr = options->tsecr;
}

static void arrival_gives(const struct arrival *arrival, struct packet *packet)
{
	struct tcp_options *options = &packet->segment.tcp.options;
	packet->window = arrival->window;
	packet->rtt_ns = arrival->rtt_ns;
	packet->scale_unknown = arrival->scale_unknown;
	packet->dsack = arrival->dsack;
	options->sack_count = arrival->sack_count;
	memcpy(packet->sack, arrival->sack, sizeof(arrival->sack));
	options->present = arrival->stamped ? OPTION_TS : 0;
	options->tsval = arrival->tsval;
	options->tsecr = arrival->tsecr;
}

/* After the record was written: the packet is under way, or given up. False: out of memory. */
bool crossing_departs(struct passage *passage)
{
	struct crossings *crossings = &passage->tracker->crossings;
	struct conversation *c = passage->conversation;
	const struct packet *packet = passage->packet;
	bool udp = packet->segment.kind == SEGMENT_UDP;
	struct arrival arrival = {
		.ns = packet->way.arrives_ns,
		.n = packet->n,
		.conversation = c,
		.number = c->number,
		.shard = passage->shard,
		.from = passage->from,
		.vantage = passage->event->vantage,
		.lost = packet->way.lost,
		.received = udp || !packet->way.lost,
		.stray = passage->stray,
	};
	if (!udp) {
		arrival.flags = packet->segment.tcp.flags;
		arrival.ack = packet->ack;
		arrival.start = passage->start;
		arrival.data = passage->data;
		arrival.data_end = passage->data_end;
		arrival.end = passage->end;
		arrival_keeps(&arrival, packet);
		needed_departs(passage);
	}
	if (packet->way.lost)
		crossing_at(passage->shard, c)->lost++;
	if (!packet->way.arrives_ns)
		return given_up_keep(crossings, &arrival, packet);
	if (udp || packet->segment.flaws & FLAW_BAD_CHECKSUM)
		return true;
	return arrivals_add(crossings, arrival);
}

/* Where it left off: the packet is at its receiver now. */
void crossing_resume(struct passage *passage, const struct arrival *arrival)
{
	struct packet *packet = passage->packet;
	passage->conversation = arrival->conversation;
	passage->shard = arrival->shard;
	passage->from = arrival->from;
	passage->start = arrival->start;
	passage->data = arrival->data;
	passage->data_end = arrival->data_end;
	passage->end = arrival->end;
	passage->stray = arrival->stray;
	packet->n = arrival->n;
	packet->way.known = true;
	packet->segment.tcp.flags = arrival->flags;
	packet->seq = arrival->start;
	packet->ack = arrival->ack;
	arrival_gives(arrival, packet);
	if (!arrival->received)
		needed_comes(passage);
	crossing_brings(passage);
}

/* Its conversation may be over by then. */
static bool arrival_happens(struct tracker *tracker, const struct arrival *arrival)
{
	struct event event = {.kind = EVENT_PACKET,
			      .ns = arrival->ns,
			      .conv = arrival->number,
			      .vantage = !arrival->vantage};
	if (arrival->conversation->number != arrival->number)
		return true;
	if (arrival->ns > tracker->now_ns)
		tracker->now_ns = arrival->ns;
	return tcp_pass(tracker, &event, arrival);
}

/* Everything that arrives by then, in order of time. */
bool crossings_arrive(struct tracker *tracker, uint64_t until_ns)
{
	struct crossings *crossings = &tracker->crossings;
	while (crossings->count > 0 &&
	       (crossings->heap[0].ns <= until_ns || crossings->count >= ARRIVALS_MAX)) {
		struct arrival first = arrivals_take(crossings);
		if (!arrival_happens(tracker, &first))
			return false;
	}
	return true;
}

static size_t verdicts_unlose(struct verdict *verdicts, size_t count)
{
	size_t left = 0;
	for (size_t i = 0; i < count; i++) {
		if (verdicts[i].id != VERDICT_LOST)
			verdicts[left++] = verdicts[i];
	}
	return left;
}

/* Of a packet that was sent again the verdicts may have changed since (amends.c). */
static void given_up_changes(struct given_up *found)
{
	const struct arrival *arrival = &found->arrival;
	const struct conversation *c = arrival->conversation;
	struct resent *resent;
	if (c->number != arrival->number)
		return;
	for (uint32_t i = c->side[arrival->from].resents; i; i = resent->next) {
		resent = pool_at(&arrival->shard->resents, i);
		if (resent->n != arrival->n)
			continue;
		found->verdict_count = verdicts_unlose(resent->verdicts, resent->verdict_count);
		resent->verdict_count = found->verdict_count;
		memcpy(found->verdicts, resent->verdicts, sizeof(found->verdicts));
	}
}

/* That it was lost is taken back; what else was said of it stays. */
static void given_up_unlose(struct tracker *tracker, struct given_up *found,
			    struct amend *amend)
{
	struct arrival *arrival = &found->arrival;
	if (!arrival->lost)
		return;
	arrival->lost = false;
	tracker->summary.verdicts[VERDICT_LOST]--;
	if (arrival->conversation->number == arrival->number) {
		crossing_at(arrival->shard, arrival->conversation)->lost--;
		arrival->conversation->verdicts[VERDICT_LOST]--;
	}
	found->verdict_count = verdicts_unlose(found->verdicts, found->verdict_count);
	given_up_changes(found);
	amend->verdict_count = found->verdict_count;
	amend->cleared = found->verdict_count == 0;
	memcpy(amend->verdicts, found->verdicts, sizeof(amend->verdicts));
}

/* A packet that was given up arrived after all. */
bool crossing_amend(struct tracker *tracker, struct event *amend)
{
	struct crossings *crossings = &tracker->crossings;
	struct given_up *given_up = NULL;
	struct arrival *found;
	for (size_t i = 0; crossings->given_up && i < GIVEN_UP_KEPT; i++) {
		if (crossings->given_up[i].arrival.n == amend->amend.n)
			given_up = &crossings->given_up[i];
	}
	if (!given_up)
		return tracker_emit(tracker, amend);
	found = &given_up->arrival;
	amend->conv = found->number;
	given_up_unlose(tracker, given_up, &amend->amend);
	if (!tracker_emit(tracker, amend))
		return false;
	found->ns = amend->amend.arrives_ns;
	return found->received || arrival_happens(tracker, found);
}

uint64_t crossing_lost(const struct shard *shard, const struct conversation *c)
{
	const struct crossing *crossing = crossing_at(shard, c);
	return crossing ? crossing->lost : 0;
}

void crossing_forget(struct shard *shard, struct conversation *c)
{
	struct crossing *crossing = crossing_at(shard, c);
	if (!crossing)
		return;
	for (size_t end = 0; end < END_COUNT; end++) {
		reach_forget(shard, &crossing->at[end].came);
		reach_forget(shard, &crossing->at[end].coming);
	}
	pool_give(&shard->crossings, c->crossing);
	c->crossing = 0;
}
