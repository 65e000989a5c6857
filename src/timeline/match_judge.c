/*
 * Theory of operation
 *
 * A packet left, and its receiver's tap did not see it arrive. That tap was on, as far as
 * anybody can know, from its capture's first packet to its last. So:
 *
 * - It may have arrived before the first or after the last: nothing is said. Before, if one a
 *   little faster than the fastest would have, unless it left after that first packet. After,
 * if the slowest would have, and then as much slower again as that one was than the fastest.
 * - It was acknowledged, and no other packet with these bytes can have earned that: it arrived,
 *   and the capture missed it.
 * - It was acknowledged, and another packet with these bytes may have earned that: if this one
 *   was seen to arrive, or may have arrived when the tap was off, then this packet is lost.
 * Else the capture missed one of them, nobody knows which, and nothing is said.
 * - Otherwise it is lost. (Or held up far longer than any that was seen, as the tap went off.)
 *
 * A first SYN has nothing before it that could show since when the other tap was on. If that
 * capture begins with a copy of it, then the tap is taken to have been on all the time, as
 * people start their captures first; otherwise no lost SYN could be told at all.
 */
#include "match.h"

#include <inttypes.h>
#include <stdio.h>

#define LOSS_NOTES 1000

/* Was the tap on that should see what leaves the other vantage now? */
static bool tap_was_on(const struct match *match, size_t leaves, uint64_t ns)
{
	const struct vantage_seen *there = &match->vantages[!leaves];
	uint64_t least = match->ways[leaves].least_ns, margin = least / 4 + SLACK_LEAST_NS;
	uint64_t earliest = ns + (least > margin ? least - margin : 0);
	if (there->first_left_ns && ns > there->first_left_ns)
		return true;
	return there->seen && earliest >= there->first_ns;
}

static bool tap_is_on(const struct match *match, size_t leaves, uint64_t ns)
{
	const struct vantage_seen *there = &match->vantages[!leaves];
	const struct way_times *way = &match->ways[leaves];
	uint64_t latest = ns + 2 * way->most_ns - way->least_ns + SLACK_LEAST_NS;
	return !there->ended || latest <= there->last_ns;
}

static bool mark_may_be_seen(const struct match *match, const struct mark *mark)
{
	const struct vantage_seen *there = &match->vantages[!mark->vantage];
	bool first = mark->syn && !there->began_late &&
		     (!there->seen || (there->begins_with_syn && mark->replaced));
	return (first || tap_was_on(match, mark->vantage, mark->ns)) &&
	       tap_is_on(match, mark->vantage, mark->ns);
}

/* Another packet with the mark's numbers arrived, or may have. */
static bool mark_has_twin(const struct match *match, const struct mark *mark)
{
	if (mark->replaced || mark->wanted)
		return true;
	if (mark->before_ns && !tap_was_on(match, mark->vantage, mark->before_ns))
		return true;
	return mark->again_ns && !tap_is_on(match, mark->vantage, mark->again_last_ns);
}

static bool mark_is_lost(struct match *match, struct mark *mark)
{
	if (mark->in_pieces)
		return false;
	if (match->config.whole)
		return true;
	if (!mark_may_be_seen(match, mark)) {
		match->outside++;
		return false;
	}
	mark->missed = mark->acknowledged;
	return !mark->acknowledged && (!mark->doubtful || mark_has_twin(match, mark));
}

static void decide_departure(struct match *match, struct item *item, struct mark *mark)
{
	struct way *way = &item->event.packet.way;
	way->known = true;
	way->lost = mark_is_lost(match, mark);
}

/* Seen only arriving, by a mark's vantage. */
static void decide_arrival(struct match *match, struct item *item, const struct mark *mark)
{
	uint64_t least = match->ways[!mark->vantage].least_ns;
	struct way *way = &item->event.packet.way;
	way->known = way->estimated = true;
	if (mark->early)
		return;
	way->arrives_ns = mark->ns;
	item->event.ns = mark->ns > least ? mark->ns - least : 0;
	item->event.vantage = (uint8_t)!mark->vantage;
}

struct mark *item_mark(const struct match *match, const struct item *item)
{
	struct mark *mark = mark_at(&match->marks, item->mark);
	return mark && mark->serial == item->mark_serial ? mark : NULL;
}

void match_decide(struct match *match, struct item *item)
{
	struct mark *mark = item_mark(match, item);
	enum role role;
	if (item->state != ITEM_WAITS || !mark)
		return;
	role = sides_role(&match->sides, &item->event.packet.segment.ends, mark->vantage);
	if (mark->early || role == ROLE_ARRIVES)
		decide_arrival(match, item, mark);
	else if (role == ROLE_LEAVES)
		decide_departure(match, item, mark);
	mark->state = MARK_GIVEN_UP;
	mark_unlist(&match->marks, mark, LINK_FLOW);
}

void match_note_missed(struct match *match, const struct item *item)
{
	const struct event *event = &item->event;
	struct note note = {.code = NOTE_CAPTURE_LOSS, .warning = true, .fact_count = 2};
	const struct mark *mark = item_mark(match, item);
	if (!mark || !mark->missed || item->copy || event->packet.way.arrives_ns ||
	    match->notes++ >= LOSS_NOTES)
		return;
	note.facts[0].key = "packet";
	note.facts[0].value = (int64_t)event->packet.n;
	note.facts[1].key = "vantage";
	note.facts[1].value = !event->vantage;
	snprintf(note.text, sizeof(note.text),
		 "Packet %" PRIu64
		 " was acknowledged, yet its receiver's capture does not have "
		 "it: the capture lost it, not the network.",
		 event->packet.n);
	match->note = (struct event){.kind = EVENT_NOTE,
				     .ns = event->ns,
				     .vantage = (uint8_t)!event->vantage,
				     .note = note};
	match->note_waits = true;
}

/* Since the start, in seconds: for people. */
static double since_start(const struct match *match, uint64_t ns)
{
	return (double)(int64_t)(ns - match->start_ns) / 1e9;
}

bool match_note_outside(struct match *match)
{
	const struct vantage_seen *a = &match->vantages[0], *b = &match->vantages[1];
	struct note note = {.code = NOTE_CLOCKS, .fact_count = 1};
	if (match->outside == 0 || !a->seen || !b->seen)
		return false;
	note.facts[0].key = "packets";
	note.facts[0].value = (int64_t)match->outside;
	snprintf(
		note.text, sizeof(note.text),
		"The first capture has packets from %.6f s to %.6f s, the second from %.6f s "
		"to %.6f s. Of %" PRIu64
		" that left so early or so late that the other may not have "
		"been on when they should have arrived, nobody can say whether they did.",
		since_start(match, a->first_ns), since_start(match, a->last_ns),
		since_start(match, b->first_ns), since_start(match, b->last_ns),
		match->outside);
	match->note = (struct event){.kind = EVENT_NOTE, .ns = match->given_ns, .note = note};
	match->outside = 0;
	return true;
}
