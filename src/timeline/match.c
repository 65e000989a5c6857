/*
 * Theory of operation
 *
 * Two taps, one at each side of a network, saw the same packets: one as they left, the other as
 * they arrived. A packet is known again by what routers do not change of it (match_content.c).
 * Which of the two saw it leave follows from its addresses: each is next to one of the vantages
 * (match_sides.c), as the caller knows or as the first packets show.
 *
 * The clock of the second vantage is set right first, then both are merged by time. A departure
 * is held, and a mark remembers it (match_marks.c). Its arrival completes the record; a second
 * arrival is a record of its own, a copy; without any it is given up when the window has
 * passed, and is lost. If it arrives after that, an amend says so. Records go out in order of
 * departure, so that one that waits holds up those behind it, within the window, a number of
 * packets and a number of bytes: beyond them the eldest goes as it is.
 *
 * Nothing is called lost that may have arrived: not what its receiver acknowledged, nor what
 * came in other pieces (match_cover.c), nor what may have arrived before the other capture
 * began or after it ended (match_judge.c). Such a record says neither `lost` nor `arrives`.
 * What was seen only arriving left, at the latest, as long before as the fastest packet takes.
 *
 * Not here: address translation, which would need another name for every packet; losses of what
 * is sent to many; datagrams of UDP that hardware cuts.
 */
#include "match.h"

#include "keep.h"

#include <stdlib.h>

#define WINDOW_NS      (2 * NS_PER_S)
#define MAX_WAITING    65536
#define MAX_HELD_BYTES ((size_t)64 << 20)
#define MARKS_LEAST    131072 /* more than are held, so that arrived ones are still known */

static enum observed vantage_next(void *self, struct event *event, struct err *err)
{
	struct vantage_seen *vantage = self;
	struct match *match = vantage->match;
	enum observed seen = vantage->observer.next(vantage->observer.self, event, err);
	vantage->ended = seen == OBSERVED_END || seen == OBSERVED_FAILED;
	if (seen != OBSERVED_EVENT)
		return seen;
	event->vantage = (uint8_t)(vantage - match->vantages);
	if (event->vantage == 1 && !match->config.clocks.since_ns)
		match->config.clocks.since_ns = event->ns;
	if (event->vantage == 1)
		event->ns = clocks_align(&match->config.clocks, event->ns);
	if (event->ns > vantage->last_ns)
		vantage->last_ns = event->ns;
	return seen;
}

static uint64_t vantage_watermark(void *self)
{
	struct vantage_seen *vantage = self;
	struct match *match = vantage->match;
	uint64_t mark = vantage->observer.watermark(vantage->observer.self);
	if (vantage == match->vantages)
		return mark;
	return clocks_align(&match->config.clocks, mark);
}

static void match_set_up(struct match *match, const struct match_config *config)
{
	match->config = *config;
	if (!match->config.window_ns)
		match->config.window_ns = WINDOW_NS;
	if (!match->config.max_waiting)
		match->config.max_waiting = MAX_WAITING;
	match->slack_ns = config->clocks.uncertainty_ns;
	if (match->slack_ns < SLACK_LEAST_NS)
		match->slack_ns = SLACK_LEAST_NS;
	match->sides.one_wire = config->one_wire;
	for (size_t v = 0; v < VANTAGES; v++) {
		uint64_t least = config->clocks.least_ns[v];
		match->ways[v] = (struct way_times){
			.least_ns = least, .usual_ns = least, .most_ns = least};
		for (size_t i = 0; i < config->local_count[v]; i++) {
			size_t addr = sides_find(&match->sides, &config->local[v][i]);
			if (addr)
				match->sides.side[addr - 1] = (uint8_t)v;
		}
	}
	pool_init(&match->items, sizeof(struct item), 0);
}

struct match *match_open(const struct observer vantages[static VANTAGES],
			 const struct match_config *config, struct err *err)
{
	struct match *match = calloc(1, sizeof(*match));
	struct observer feeds[VANTAGES];
	struct timeline_config order = {0};
	if (!match) {
		err_memory(err);
		return NULL;
	}
	match_set_up(match, config);
	for (size_t v = 0; v < VANTAGES; v++) {
		match->vantages[v].match = match;
		match->vantages[v].observer = vantages[v];
		feeds[v] = (struct observer){.next = vantage_next,
					     .watermark = vantage_watermark,
					     .self = &match->vantages[v]};
	}
	match->order = timeline_open(feeds, VANTAGES, &order, err);
	if (match->order && marks_open(&match->marks, MARKS_LEAST + match->config.max_waiting))
		return match;
	match_close(match);
	err_memory(err);
	return NULL;
}

static bool turn_before(const struct turn *a, const struct turn *b)
{
	return a->place != b->place ? a->place < b->place : a->serial < b->serial;
}

static bool heap_add(struct match *match, struct turn turn)
{
	size_t at = match->turn_count;
	if (at == match->turn_cap) {
		size_t cap = at ? 2 * at : 256;
		struct turn *heap = realloc(match->heap, cap * sizeof(*heap));
		if (!heap)
			return false;
		match->heap = heap;
		match->turn_cap = cap;
	}
	match->turn_count++;
	while (at > 0 && turn_before(&turn, &match->heap[(at - 1) / 2])) {
		match->heap[at] = match->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	match->heap[at] = turn;
	return true;
}

static void heap_take(struct match *match)
{
	struct turn last = match->heap[--match->turn_count];
	size_t at = 0, count = match->turn_count;
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count &&
		    turn_before(&match->heap[child + 1], &match->heap[child]))
			child++;
		if (!turn_before(&match->heap[child], &last))
			break;
		match->heap[at] = match->heap[child];
	}
	match->heap[at] = last;
}

uint64_t match_horizon(const struct match *match)
{
	uint64_t there = match->ways[0].least_ns, back = match->ways[1].least_ns;
	return (there > back ? there : back) + match->slack_ns;
}

bool match_hold(struct match *match, const struct item *item, uint64_t place)
{
	struct turn turn = {place, ++match->serial, pool_take(&match->items)};
	struct item *held;
	if (!turn.item)
		return false;
	held = pool_at(&match->items, turn.item);
	*held = *item;
	if (!event_keep(&held->event, &held->bytes))
		return false;
	held->byte_count = sizeof(*held) + event_kept_bytes(&item->event);
	match->held_bytes += held->byte_count;
	match->waiting += held->state == ITEM_WAITS;
	if (held->mark && !held->copy)
		mark_at(&match->marks, held->mark)->item = turn.item;
	return heap_add(match, turn);
}

static struct numbered *fragment_slot(struct match *match, size_t vantage, uint64_t frame)
{
	return &match->vantages[vantage].fragments[frame % FRAGMENTS_KEPT];
}

/* A joined datagram has its last fragment's number and names the others by theirs. Fragments
 * that came too long ago are left out. */
static void item_number_fragments(struct match *match, struct item *item)
{
	struct packet *packet = &item->event.packet;
	uint64_t *numbers = (uint64_t *)(void *)item->bytes;
	size_t count = 0,
	       vantage = packet->way.estimated ? !item->event.vantage : item->event.vantage;
	const struct numbered *slot = fragment_slot(match, vantage, packet->n);
	uint64_t n = slot->frame == packet->n ? slot->n : 0;
	for (size_t i = 0; i < packet->fragment_count; i++) {
		slot = fragment_slot(match, vantage, packet->fragments[i]);
		if (slot->frame == packet->fragments[i])
			numbers[count++] = slot->n;
	}
	packet->fragment_count = count;
	packet->n = n ? n : ++match->n;
}

static void item_number(struct match *match, struct item *item)
{
	struct packet *packet = &item->event.packet;
	struct mark *mark = item_mark(match, item);
	if (packet->fragment_count > 0)
		item_number_fragments(match, item);
	else
		packet->n = ++match->n;
	packet->interface = 0;
	if (mark && item->copy)
		packet->way.copy_of = mark->n;
	if (!mark && item->copy) { /* so many came since that its original is forgotten */
		packet->way.frames[item->event.vantage] = 0;
		packet->way.estimated = true;
	}
	if (mark && !item->copy) {
		mark->n = packet->n;
		mark->item = 0;
	}
	for (size_t v = 0; v < VANTAGES && packet->segment.kind == SEGMENT_FRAGMENT; v++) {
		if (packet->way.frames[v])
			*fragment_slot(match, v, packet->way.frames[v]) =
				(struct numbered){packet->way.frames[v], packet->n};
	}
}

/* False: the item was withdrawn. */
static bool match_give(struct match *match, struct event *event)
{
	uint32_t index = match->heap[0].item;
	struct item *item = pool_at(&match->items, index);
	bool gone = item->state == ITEM_GONE;
	heap_take(match);
	match->waiting -= item->state == ITEM_WAITS;
	match->held_bytes -= item->byte_count;
	if (item->event.kind == EVENT_PACKET && !gone) {
		match_decide(match, item);
		item_number(match, item);
		match_note_missed(match, item);
	}
	if (gone)
		free(item->bytes);
	else
		match->lent = item->bytes;
	*event = item->event;
	pool_give(&match->items, index);
	if (!gone && !match->start_ns)
		match->start_ns = event->ns;
	if (!gone)
		match->given_ns = event->ns;
	return !gone;
}

static bool match_may_give(const struct match *match)
{
	const struct item *item;
	if (match->turn_count == 0)
		return false;
	item = pool_at(&match->items, match->heap[0].item);
	return match->ended || match->now_ns >= item->due_ns ||
	       match->waiting > match->config.max_waiting || match->held_bytes > MAX_HELD_BYTES;
}

/* The next of both taps; false when nothing came, which *seen then says. */
static bool match_read(struct match *match, enum observed *seen)
{
	struct event event;
	*seen = timeline_merged(match->order, &event, &match->failure);
	if (*seen == OBSERVED_NOT_YET)
		return false;
	if (*seen == OBSERVED_EVENT && !match_take(match, &event)) {
		err_memory(&match->failure);
		*seen = OBSERVED_FAILED;
	}
	match->failed = *seen == OBSERVED_FAILED;
	match->ended = *seen != OBSERVED_EVENT;
	return true;
}

static enum observed match_next(void *self, struct event *event, struct err *err)
{
	struct match *match = self;
	enum observed seen;
	if (match->note_waits) {
		match->note_waits = false;
		*event = match->note;
		return OBSERVED_EVENT;
	}
	free(match->lent);
	match->lent = NULL;
	for (;;) {
		while (match_may_give(match)) {
			if (match_give(match, event))
				return OBSERVED_EVENT;
		}
		if (match->failed && err)
			*err = match->failure;
		if (match->ended && match_note_outside(match)) {
			*event = match->note;
			return OBSERVED_EVENT;
		}
		if (match->ended)
			return match->failed ? OBSERVED_FAILED : OBSERVED_END;
		if (!match_read(match, &seen))
			return seen;
	}
}

static uint64_t match_watermark(void *self)
{
	const struct match *match = self;
	return match->turn_count ? match->heap[0].place : match->now_ns;
}

void match_get(struct match *match, struct observer *observer)
{
	*observer = (struct observer){.next = match_next,
				      .watermark = match_watermark,
				      .self = match,
				      .sorted = true};
}

const struct clocks *match_clocks(const struct match *match)
{
	return &match->config.clocks;
}

void match_close(struct match *match)
{
	if (!match)
		return;
	for (size_t i = 0; i < match->turn_count; i++)
		free(((struct item *)pool_at(&match->items, match->heap[i].item))->bytes);
	free(match->lent);
	free(match->heap);
	timeline_close(match->order);
	marks_close(&match->marks);
	pool_close(&match->items);
	free(match);
}
