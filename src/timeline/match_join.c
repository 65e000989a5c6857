#include "match.h"

/* What a packet seen at one vantage makes of what is known from the other. */

#define STEPS_MAX   256              /* packets of one content that are looked at */
#define MSL_NS      (120 * NS_PER_S) /* no segment is taken to live longer: two minutes */
#define USUAL_SHARE 8                /* by which a new delay moves the usual one */

enum fit {
	FIT_NONE,
	FIT_COPY,
	FIT_LATE,
	FIT_POSSIBLE,
	FIT_COPY_LIKELY,
	FIT_OVERTAKEN,
	FIT_LIKELY,
};

struct search { /* for the departure of a packet that arrives */
	const struct match *match;
	uint64_t ns;
	size_t arrives; /* the vantage where */
	struct mark *best;
	enum fit fit;
};

/* As fast as that way is known to be, or nearly; but a clock may be off. What was learned since
 * does not count: the first packets may have been the slow ones. */
static bool delay_is_possible(const struct match *match, const struct mark *mark, uint64_t ns)
{
	uint64_t least = match->config.clocks.least_ns[mark->vantage];
	if (ns + match->slack_ns < mark->ns)
		return false;
	return ns + match->slack_ns >= mark->ns + least / 2;
}

/* Copies that are equal in every byte are told apart by the time that they would have taken:
 * where that is usual nobody needs to have been lost. */
static bool delay_is_likely(const struct match *match, const struct mark *mark, uint64_t ns)
{
	uint64_t usual = match->ways[mark->vantage].usual_ns;
	return !usual || ns <= mark->ns + 2 * usual + NS_PER_MS;
}

static enum fit search_fit(const struct search *search, const struct mark *mark)
{
	const struct match *match = search->match;
	bool likely = delay_is_likely(match, mark, search->ns);
	bool overtaken = mark->ns < match->ways[mark->vantage].newest_ns;
	if (mark->vantage == search->arrives || mark->early ||
	    !delay_is_possible(match, mark, search->ns))
		return FIT_NONE;
	if (mark->state == MARK_WAITS && likely)
		return overtaken ? FIT_OVERTAKEN : FIT_LIKELY;
	if (mark->state == MARK_WAITS)
		return FIT_POSSIBLE;
	if (mark->state == MARK_GIVEN_UP)
		return search->ns <= mark->ns + MSL_NS ? FIT_LATE : FIT_NONE;
	if (search->ns > mark->ns + match->config.window_ns)
		return FIT_NONE;
	return likely ? FIT_COPY_LIKELY : FIT_COPY;
}

/* Networks seldom reorder: of those that fit as well the oldest that waits, before any that
 * left earlier than what has arrived already. Of those that do not wait any more the youngest.
 */
static struct mark *match_departure_of(struct match *match, const struct event *event,
				       uint64_t key)
{
	struct search search = {.match = match, .ns = event->ns, .arrives = event->vantage};
	struct mark *mark = marks_first(&match->marks, LINK_KEY, key);
	for (size_t steps = 0; mark && steps < STEPS_MAX; steps++) {
		enum fit fit =
			mark->hash[LINK_KEY] == key ? search_fit(&search, mark) : FIT_NONE;
		bool waits = fit == FIT_LIKELY || fit == FIT_OVERTAKEN || fit == FIT_POSSIBLE;
		if (fit > search.fit || (waits && fit == search.fit)) {
			search.best = mark;
			search.fit = fit;
		}
		mark = mark_at(&match->marks, mark->next[LINK_KEY]);
	}
	return search.best;
}

static struct item *match_item(struct match *match, const struct mark *mark)
{
	return mark->item ? pool_at(&match->items, mark->item) : NULL;
}

/* Nothing more is to be learned of it: it may go when its turn comes. */
static void item_ready(struct match *match, struct item *item)
{
	match->waiting -= item->state == ITEM_WAITS;
	item->state = ITEM_READY;
	item->due_ns = item->event.ns + match_horizon(match);
}

/* A wrong choice among equal copies takes the older: no delay is ever told too short. */
static void way_learn(struct way_times *way, uint64_t left_ns, uint64_t arrived_ns)
{
	uint64_t delay = arrived_ns > left_ns ? arrived_ns - left_ns : 0;
	if (left_ns > way->newest_ns)
		way->newest_ns = left_ns;
	if (delay == 0)
		return;
	if (!way->least_ns || delay < way->least_ns)
		way->least_ns = delay;
	if (!way->usual_ns)
		way->usual_ns = delay;
	if (delay > way->most_ns)
		way->most_ns = delay;
	way->usual_ns += delay / USUAL_SHARE - way->usual_ns / USUAL_SHARE;
}

struct arrival {
	struct match *match;
	const struct event *event;
};

/* Whether a checksum is right is decided where it is checked: before hardware filled it in it
 * may look wrong, and on the way a packet may be damaged. */
static void item_takes_checksum(struct item *item, const struct event *arrives)
{
	uint32_t bad = arrives->packet.segment.flaws & FLAW_BAD_CHECKSUM;
	item->event.packet.segment.flaws &= ~(uint32_t)FLAW_BAD_CHECKSUM;
	item->event.packet.segment.flaws |= bad;
}

/* A queue on the way may have marked it (RFC 3168 5). */
static void item_takes_mark(struct item *item, const struct event *arrives)
{
	if (arrives->packet.segment.ecn == ECN_CE)
		item->event.packet.segment.ecn = ECN_CE;
}

/* The packet's record is still here and learns of it; or it is changed by an amend. */
static bool mark_arrived(struct match *match, struct mark *mark, const struct event *event)
{
	struct item *item = match_item(match, mark);
	struct item amend = {.state = ITEM_READY};
	mark->state = MARK_ARRIVED;
	if (event->packet.n == match->vantages[event->vantage].first_frame)
		match->vantages[event->vantage].first_left_ns = mark->ns;
	mark_unlist(&match->marks, mark, LINK_FLOW);
	if (item) {
		way_learn(&match->ways[mark->vantage], mark->ns, event->ns);
		item_takes_checksum(item, event);
		item_takes_mark(item, event);
		item->event.packet.way.known = true;
		item->event.packet.way.arrives_ns = event->ns;
		item->event.packet.way.frames[event->vantage] = event->packet.n;
		item_ready(match, item);
		return true;
	}
	amend.event =
		(struct event){.kind = EVENT_AMEND,
			       .ns = event->ns,
			       .vantage = event->vantage,
			       .amend = {.n = mark->n, .found = true, .arrives_ns = event->ns}};
	return match_hold(match, &amend, match->now_ns);
}

/* All of a departure's bytes came, in other pieces. */
static void pieces_arrived(void *context, struct mark *mark)
{
	struct arrival *arrival = context;
	if (!mark_arrived(arrival->match, mark, arrival->event))
		arrival->match->failed = true;
}

/* A second arrival of one departure has a record of its own. */
static bool match_copy(struct match *match, const struct event *event, const struct mark *mark)
{
	struct item item = {
		.event = *event,
		.state = ITEM_READY,
		.copy = true,
		.mark = mark_index(&match->marks, mark),
		.mark_serial = mark->serial,
	};
	struct way *way = &item.event.packet.way;
	item.event.ns = mark->ns;
	item.event.vantage = mark->vantage;
	way->known = true;
	way->arrives_ns = event->ns;
	way->frames[mark->vantage] = mark->frame;
	way->frames[event->vantage] = event->packet.n;
	return match_hold(match, &item, match->now_ns);
}

static bool match_hold_marked(struct match *match, struct item *item, const struct mark *mark,
			      uint64_t place)
{
	struct mark *added = marks_add(&match->marks, mark);
	if (!added)
		return false;
	item->mark = mark_index(&match->marks, added);
	item->mark_serial = added->serial;
	return match_hold(match, item, place);
}

static struct mark mark_of(const struct event *event, uint64_t key)
{
	return (struct mark){
		.hash = {[LINK_KEY] = key},
		.ns = event->ns,
		.frame = event->packet.n,
		.vantage = event->vantage,
	};
}

/* Its departure was not seen, or comes a little later because the clocks are not quite right.
 */
static bool match_early(struct match *match, const struct event *event, uint64_t key)
{
	size_t leaves = !event->vantage;
	uint64_t least = match->ways[leaves].least_ns;
	struct item item = {.event = *event, .state = ITEM_WAITS};
	struct mark mark = mark_of(event, key);
	struct vantage_seen *there = &match->vantages[leaves];
	mark.early = true;
	item.due_ns = event->ns + match->slack_ns;
	item.event.ns = event->ns > least ? event->ns - least : 0;
	item.event.vantage = (uint8_t)leaves;
	item.event.packet.way.arrives_ns = event->ns;
	item.event.packet.way.frames[event->vantage] = event->packet.n;
	if (!there->seen)
		there->began_late = true;
	return match_hold_marked(match, &item, &mark, item.event.ns);
}

/* An ACK, seen when it left its sender, the receiver of what it acknowledges, or else only when
 * it arrived. */
static void match_acknowledged(struct match *match, const struct event *event, size_t receiver)
{
	uint64_t back = match->ways[receiver].least_ns;
	struct ack_seen ack = {
		.receiver = receiver,
		.left_ns = event->ns,
		.least_ns = match->ways[!receiver].least_ns,
		.leaving = event->vantage == receiver,
	};
	if (!ack.leaving)
		ack.left_ns = event->ns > back ? event->ns - back : 0;
	cover_acknowledged(&match->marks, &event->packet, &ack);
}

static bool match_arrives(struct match *match, const struct event *event, uint64_t key)
{
	struct mark *mark = match_departure_of(match, event, key);
	struct arrival arrival = {match, event};
	bool damaged = event->packet.segment.flaws & FLAW_BAD_CHECKSUM;
	bool covered = false;
	if (!mark && damaged)
		mark = cover_damaged(&match->marks, event);
	if (event->packet.segment.kind == SEGMENT_TCP && !damaged) {
		covered = cover_arrival(&match->marks, event, mark, pieces_arrived, &arrival);
		if (!mark)
			match_acknowledged(match, event, !event->vantage);
	}
	if (mark && mark->state == MARK_ARRIVED)
		return match_copy(match, event, mark);
	if (mark)
		return mark_arrived(match, mark, event);
	return covered || match_early(match, event, key);
}

/* The arrival that was seen before its departure, because the clocks are not quite right. */
static struct mark *match_early_of(struct match *match, const struct event *event, uint64_t key)
{
	struct mark *mark = marks_first(&match->marks, LINK_KEY, key), *found = NULL;
	for (size_t steps = 0; mark && steps < STEPS_MAX; steps++) {
		if (mark->hash[LINK_KEY] == key && mark->early && mark->item &&
		    mark->vantage != event->vantage)
			found = mark;
		mark = mark_at(&match->marks, mark->next[LINK_KEY]);
	}
	return found;
}

static bool match_leaves(struct match *match, const struct event *event, uint64_t key)
{
	struct item item = {.event = *event};
	struct mark mark = mark_of(event, key), *early = match_early_of(match, event, key);
	struct way *way = &item.event.packet.way;
	item.due_ns = event->ns + match->config.window_ns;
	item.state = early ? ITEM_READY : ITEM_WAITS;
	way->frames[event->vantage] = event->packet.n;
	if (event->packet.segment.kind == SEGMENT_TCP)
		match_acknowledged(match, event, event->vantage);
	if (event->packet.segment.kind == SEGMENT_TCP ||
	    event->packet.segment.kind == SEGMENT_UDP)
		cover_departure(&match->marks, &event->packet, &mark);
	if (early) {
		struct item *arrived = match_item(match, early);
		way->known = true;
		way->arrives_ns = arrived->event.packet.way.arrives_ns;
		way->frames[early->vantage] = early->frame;
		match->waiting--;
		arrived->state = ITEM_GONE;
		item_takes_checksum(&item, &arrived->event);
		mark_remove(&match->marks, early);
		mark.hash[LINK_FLOW] = 0;
		mark.state = MARK_ARRIVED;
		item_ready(match, &item);
	}
	return match_hold_marked(match, &item, &mark, match->vantages[event->vantage].place);
}

/* Nobody knows yet on which sides its ends are: who sees it first is nearer to its sender. */
static bool match_unknown(struct match *match, const struct event *event, uint64_t key)
{
	struct mark *mark = match_departure_of(match, event, key);
	if (!mark)
		return match_leaves(match, event, key);
	sides_learn(&match->sides, &event->packet.segment.ends, mark->vantage);
	return match_arrives(match, event, key);
}

static bool match_stays(struct match *match, const struct event *event, uint64_t key)
{
	struct item item = {.event = *event};
	(void)key;
	item.event.packet.way.frames[event->vantage] = event->packet.n;
	item_ready(match, &item);
	return match_hold(match, &item, match->vantages[event->vantage].place);
}

static bool packet_is_first_syn(const struct packet *packet)
{
	return packet->segment.kind == SEGMENT_TCP &&
	       (packet->segment.tcp.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

static void vantage_sees(struct match *match, const struct event *event)
{
	struct vantage_seen *vantage = &match->vantages[event->vantage];
	if (event->ns > match->now_ns)
		match->now_ns = event->ns;
	if (event->ns > vantage->place)
		vantage->place = event->ns;
	if (!vantage->seen) {
		vantage->first_ns = event->ns;
		vantage->first_frame = event->packet.n;
		vantage->begins_with_syn = packet_is_first_syn(&event->packet);
	}
	vantage->seen = true;
}

/* Stamps that are out of order by less than the clocks are trusted: a packet that arrives is
 * stamped before it is queued for the tap, and one that leaves may come between
 * (pcap-tstamp(7)).
 */
static bool match_passes_over(const struct match *match, const struct event *event)
{
	return event->kind == EVENT_NOTE && event->note.code == NOTE_CLOCK_BACK &&
	       (uint64_t)event->note.facts[0].value < match->slack_ns;
}

bool match_take(struct match *match, const struct event *event)
{
	static bool (*const by_role[])(struct match *, const struct event *, uint64_t) = {
		[ROLE_STAYS] = match_stays,
		[ROLE_UNKNOWN] = match_unknown,
		[ROLE_LEAVES] = match_leaves,
		[ROLE_ARRIVES] = match_arrives,
	};
	struct item other = {.event = *event};
	uint64_t key;
	if (match_passes_over(match, event))
		return true;
	if (event->kind != EVENT_PACKET)
		return match_hold(match, &other, match->vantages[event->vantage].place);
	vantage_sees(match, event);
	key = content_key(&event->packet, &match->config.content);
	if (!key)
		return match_stays(match, event, 0);
	return by_role[sides_role(&match->sides, &event->packet.segment.ends, event->vantage)](
		       match, event, key) &&
	       !match->failed;
}
