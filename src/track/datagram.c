#include "verdict.h"

/* What a UDP datagram is: an answer, a copy, late, or in vain. UDP itself says nothing of the
 * kind (RFC 768): with a tap at each end arrivals tell, elsewhere the IP identification, where
 * this flow is seen to count it up; it may be constant or random (RFC 6864 4.1). */

#define ID_STEP  256 /* a rise, or a fall, of no more than this is counting */
#define ID_RISES 3   /* so often it rose before a fall means anything */
#define LATE_NS  (10 * NS_PER_S)
#define COPY_NS  (10 * NS_PER_MS) /* of a flow that is not seen to count yet */

static uint64_t datagram_arrives_ns(const struct passage *passage)
{
	const struct way *way = &passage->packet->way;
	return way->known && way->arrives_ns ? way->arrives_ns : passage->event->ns;
}

static bool datagram_is_identified(const struct segment *segment)
{
	return segment->ends.src.family == 4 && segment->ip_id != 0;
}

/* The one of the latest that has this identification and length, or NULL. */
static const struct sent *datagram_find(const struct passage *passage, const struct side *self)
{
	const struct segment *segment = &passage->packet->segment;
	for (uint32_t i = self->sent_first; i;) {
		const struct sent *item = pool_at(&passage->shard->sents, i);
		if (item->start == segment->ip_id && item->end == segment->len)
			return item;
		i = item->next;
	}
	return NULL;
}

/* The first of the latest that has a higher identification: sent later, it came earlier. */
static const struct sent *datagram_overtaker(const struct passage *passage,
					     const struct side *self)
{
	const struct segment *segment = &passage->packet->segment;
	for (uint32_t i = self->sent_first; i;) {
		const struct sent *item = pool_at(&passage->shard->sents, i);
		uint16_t ahead = (uint16_t)(item->start - segment->ip_id);
		if (ahead > 0 && ahead <= ID_STEP && item->ns + LATE_NS > passage->event->ns)
			return item;
		i = item->next;
	}
	return NULL;
}

static void datagram_is(struct passage *passage, enum verdict_id id, const struct sent *other,
			enum sure sure)
{
	uint64_t ns = datagram_arrives_ns(passage);
	struct verdict *verdict = verdict_add(passage, id);
	if (!verdict)
		return;
	verdict->of = other->n;
	verdict->sure = sure;
	verdict_fact(verdict, id == VERDICT_REORDERED ? FACT_LATE : FACT_GAP,
		     ns > other->ns ? (int64_t)(ns - other->ns) : 0);
}

/* Its identification against those before it: the next, the same, or one that was passed over?
 */
static void datagram_counts(struct passage *passage, struct side *self)
{
	struct datagrams *datagrams = &self->datagrams;
	uint16_t ip_id = (uint16_t)passage->packet->segment.ip_id;
	uint16_t ahead = (uint16_t)(ip_id - datagrams->ip_id);
	uint16_t behind = (uint16_t)(datagrams->ip_id - ip_id);
	bool first = !datagrams->identified;
	const struct sent *same = datagram_find(passage, self), *other;
	if (same && (datagrams->rises ||
		     (!datagrams->repeats && passage->event->ns < same->ns + COPY_NS)))
		datagram_is(passage, VERDICT_NETWORK_DUPLICATE, same,
			    datagrams->rises ? SURE_CERTAIN : SURE_LIKELY);
	datagrams->identified = true;
	if (!first && ahead == 0 && !datagrams->rises)
		datagrams->repeats++; /* a constant, then */
	if (first || (ahead > 0 && ahead <= ID_STEP) || behind > ID_STEP) {
		datagrams->rises = first || ahead > ID_STEP ? 0 : datagrams->rises + 1;
		datagrams->ip_id = ip_id;
		return;
	}
	other = same || ahead == 0 ? NULL : datagram_overtaker(passage, self);
	if (other && datagrams->rises >= ID_RISES)
		datagram_is(passage, VERDICT_REORDERED, other, SURE_LIKELY);
}

/* The first datagram back. Where several wait for an answer nobody can tell which it is for. */
static void datagram_replies(struct passage *passage)
{
	struct datagrams *asks = &passage->conversation->side[!passage->from].datagrams;
	struct verdict *verdict;
	if (passage->from != END_SERVER || !asks->asked_n ||
	    asks->asked_ns > passage->event->ns)
		return;
	verdict = verdict_add(passage, VERDICT_REPLY);
	if (verdict) {
		verdict->of = asks->asked_n;
		verdict->sure =
			asks->asked_n == asks->asked_last_n ? SURE_CERTAIN : SURE_LIKELY;
		verdict_fact(verdict, FACT_GAP, (int64_t)(passage->event->ns - asks->asked_ns));
	}
	asks->asked_n = 0;
}

static bool datagram_goes_to_many(const struct addr *addr)
{
	static const struct addr broadcast = {4, {255, 255, 255, 255}};
	return addr_equal(addr, &broadcast) ||
	       (addr->family == 4 ? addr->bytes[0] >> 4 == 14 : addr->bytes[0] == 0xFF);
}

static void datagram_asks(struct passage *passage, struct datagrams *datagrams)
{
	const struct packet *packet = passage->packet;
	if (packet->way.lost)
		return;
	if (!datagrams->asked_n) {
		datagrams->asked_n = packet->n;
		datagrams->asked_ns = datagram_arrives_ns(passage);
	}
	datagrams->asked_last_n = packet->n;
	if (packet->verdict_count || datagram_goes_to_many(&packet->segment.ends.dst))
		return;
	datagrams->plain_n = packet->n;
	datagrams->plain_ns = passage->event->ns;
}

/* Before udp_sends adds it to those that were sent. */
void datagram_sends(struct passage *passage)
{
	struct side *self = &passage->conversation->side[passage->from];
	const struct packet *packet = passage->packet;
	struct sent first = {.n = packet->way.copy_of};
	if (packet->way.copy_of) {
		const struct sent *same = datagram_find(passage, self);
		first.ns = same ? same->ns : passage->event->ns;
		datagram_is(passage, VERDICT_NETWORK_DUPLICATE, &first, SURE_CERTAIN);
		return;
	}
	datagram_replies(passage);
	if (packet->way.lost)
		verdict_of(passage, VERDICT_LOST, 0);
	if (!packet->way.known && datagram_is_identified(&packet->segment))
		datagram_counts(passage, self);
	datagram_asks(passage, &self->datagrams);
}

static bool datagram_was_overtaken(struct passage *passage, const struct sent *item)
{
	uint64_t ns = passage->packet->way.arrives_ns;
	struct event amend = {.ns = passage->event->ns, .vantage = passage->event->vantage};
	struct verdict *verdict = &amend.amend.verdicts[0];
	amend.amend.n = item->n;
	amend.amend.because = passage->packet->n;
	*verdict = (struct verdict){.id = VERDICT_REORDERED, .of = passage->packet->n};
	verdict_fact(verdict, FACT_LATE, (int64_t)(item->ns - ns));
	return verdict_later(passage->tracker, passage->conversation, &amend);
}

/* Two vantages: those that left earlier and arrive later are late; each is told once, by the
 * first that overtook it, unless its record has a verdict that it would lose. */
bool datagram_tells(struct passage *passage)
{
	struct side *self = &passage->conversation->side[passage->from];
	const struct way *way = &passage->packet->way;
	bool told = true;
	if (!way->known || !way->arrives_ns || way->copy_of)
		return true;
	for (uint32_t i = way->arrives_ns < self->datagrams.latest_ns ? self->sent_first : 0;
	     i && told;) {
		struct sent *item = pool_at(&passage->shard->sents, i);
		i = item->next;
		if (item->resent || item->n == passage->packet->n ||
		    item->ns <= way->arrives_ns)
			continue;
		item->resent = true;
		told = datagram_was_overtaken(passage, item);
	}
	if (way->arrives_ns > self->datagrams.latest_ns)
		self->datagrams.latest_ns = way->arrives_ns;
	return told;
}

/* The conversation is over: did anything ever come back? Not known of one that was let go, and
 * not expected of what went to many. */
bool datagrams_close(struct tracker *tracker, struct conversation *c)
{
	const struct datagrams *client = &c->side[END_CLIENT].datagrams;
	struct event amend = {0};
	if (!c->ends.udp || c->ended == ENDED_EVICTED || c->side[END_SERVER].packets ||
	    client->refused || !client->plain_n)
		return true;
	amend.ns = client->plain_ns;
	amend.amend.n = client->plain_n;
	amend.amend.verdicts[0] = (struct verdict){.id = VERDICT_NO_REPLY};
	return verdict_later(tracker, c, &amend);
}
