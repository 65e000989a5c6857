/*
 * Theory of operation
 *
 * Each observer feeds a queue. The order of one observer is never changed: an event's place is
 * the latest time that its observer has reached, so that one whose clock steps back stays
 * behind what came before it. Among the heads of the queues the earliest place goes first, ties
 * by observer. It may go as soon as every other observer either has a head of its own, has
 * ended, or has promised by its watermark that nothing earlier will come. While somebody is
 * awaited the others are read on and held, within a cap in number and in time; beyond it the
 * earliest goes without waiting, and what then comes too late is followed by a note.
 *
 * A single observer is passed through: nothing is copied, nothing held.
 */
#include "keep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WAITING 65536
#define CLOCK_BACK_NOTES                                                                       \
	1000 /* of each observer; a capture that is all disorder says so this often */

struct held {
	struct event event;
	uint64_t place;
	uint8_t *bytes; /* own copy of what the event borrows */
};

struct feed {
	struct observer observer;
	struct held *ring; /* a queue: count events from first on */
	size_t first, count, cap;
	uint64_t place, previous_ns;
	uint64_t clock_backs;
	bool ended, begun;
};

struct timeline {
	struct timeline_config config;
	struct feed *feeds;
	size_t feed_count, waiting;
	uint64_t emitted; /* the latest place given out */
	struct event note;
	bool note_waits, failed;
	struct err failure;
	uint8_t *lent; /* bytes of the held event that was given out last */
};

struct timeline *timeline_open(const struct observer *observers, size_t count,
			       const struct timeline_config *config, struct err *err)
{
	struct timeline *timeline = calloc(1, sizeof(*timeline));
	if (!timeline || !(timeline->feeds = calloc(count ? count : 1, sizeof(struct feed)))) {
		free(timeline);
		err_memory(err);
		return NULL;
	}
	timeline->config = *config;
	if (!timeline->config.max_waiting)
		timeline->config.max_waiting = MAX_WAITING;
	if (!timeline->config.window_ns)
		timeline->config.window_ns = NS_PER_S;
	timeline->feed_count = count;
	for (size_t i = 0; i < count; i++)
		timeline->feeds[i].observer = observers[i];
	return timeline;
}

static void note_set(struct timeline *timeline, const struct event *behind, enum note_code code)
{
	timeline->note = (struct event){
		.kind = EVENT_NOTE,
		.ns = behind->ns,
		.vantage = behind->vantage,
		.note = {.code = code, .fact_count = 1},
	};
	timeline->note_waits = true;
}

static void note_clock_back(struct timeline *timeline, const struct event *event,
			    uint64_t by_ns)
{
	struct note *note = &timeline->note.note;
	note_set(timeline, event, NOTE_CLOCK_BACK);
	note->facts[0].key = "by_ns";
	note->facts[0].value = by_ns > INT64_MAX ? INT64_MAX : (int64_t)by_ns;
	snprintf(note->text, sizeof(note->text),
		 "The capture's clock stepped back by %" PRIu64 ".%06" PRIu64
		 " ms here; the order is the capture's own.",
		 by_ns / NS_PER_MS, by_ns % NS_PER_MS);
}

static void note_late(struct timeline *timeline, const struct event *event, uint64_t by_ns)
{
	struct note *note = &timeline->note.note;
	note_set(timeline, event, NOTE_LATE);
	note->warning = true;
	note->facts[0].key = "by_ns";
	note->facts[0].value = (int64_t)by_ns;
	snprintf(note->text, sizeof(note->text),
		 "The record before this came %" PRIu64 ".%06" PRIu64
		 " ms after its place: its observer was too far behind.",
		 by_ns / NS_PER_MS, by_ns % NS_PER_MS);
}

/* Reads one event of this observer and finds its place. */
static enum observed feed_read(struct timeline *timeline, struct feed *feed,
			       struct event *event)
{
	enum observed seen =
		feed->observer.next(feed->observer.self, event, &timeline->failure);
	if (seen == OBSERVED_END || seen == OBSERVED_FAILED)
		feed->ended = true;
	if (seen == OBSERVED_FAILED)
		timeline->failed = true;
	if (seen == OBSERVED_EVENT && event->ns > feed->place)
		feed->place = event->ns;
	return seen;
}

/* Called as an event is given out: does its own clock step back? */
static void feed_check_clock(struct timeline *timeline, struct feed *feed,
			     const struct event *event)
{
	uint64_t before = feed->previous_ns;
	feed->previous_ns = event->ns;
	if (feed->begun && event->kind == EVENT_PACKET && event->ns < before &&
	    !feed->observer.sorted && feed->clock_backs++ < CLOCK_BACK_NOTES)
		note_clock_back(timeline, event, before - event->ns);
	feed->begun = true;
}

static bool feed_grow(struct feed *feed)
{
	size_t cap = feed->cap ? feed->cap * 2 : 64;
	struct held *ring = calloc(cap, sizeof(*ring));
	if (!ring)
		return false;
	for (size_t i = 0; i < feed->count; i++)
		ring[i] = feed->ring[(feed->first + i) % feed->cap];
	free(feed->ring);
	feed->ring = ring;
	feed->first = 0;
	feed->cap = cap;
	return true;
}

/* Where the next event is read to, since events are large to be copied; NULL: no memory. */
static struct held *feed_tail(struct feed *feed)
{
	if (feed->count == feed->cap && !feed_grow(feed))
		return NULL;
	return &feed->ring[(feed->first + feed->count) % feed->cap];
}

static bool feed_hold(struct timeline *timeline, struct feed *feed, struct held *tail)
{
	tail->place = feed->place;
	if (!event_keep(&tail->event, &tail->bytes))
		return err_memory(&timeline->failure);
	feed->count++;
	timeline->waiting++;
	return true;
}

static const struct held *feed_head(const struct feed *feed)
{
	return feed->count ? &feed->ring[feed->first] : NULL;
}

/* The feed whose head comes first; NULL when nothing is held. */
static struct feed *timeline_earliest(struct timeline *timeline)
{
	struct feed *best = NULL;
	for (size_t i = 0; i < timeline->feed_count; i++) {
		struct feed *feed = &timeline->feeds[i];
		if (feed->count && (!best || feed_head(feed)->place < feed_head(best)->place))
			best = feed;
	}
	return best;
}

/* Nobody can come before it any more. */
static bool timeline_is_settled(struct timeline *timeline, const struct feed *best)
{
	uint64_t place = feed_head(best)->place;
	for (size_t i = 0; i < timeline->feed_count; i++) {
		struct feed *feed = &timeline->feeds[i];
		uint64_t mark;
		if (feed->count || feed->ended)
			continue;
		mark = feed->observer.watermark(feed->observer.self);
		if (mark < place || (mark == place && feed < best))
			return false;
	}
	return true;
}

static bool timeline_is_over(const struct timeline *timeline, const struct feed *best)
{
	uint64_t newest = 0;
	for (size_t i = 0; i < timeline->feed_count; i++) {
		if (timeline->feeds[i].place > newest)
			newest = timeline->feeds[i].place;
	}
	return timeline->failed || timeline->waiting >= timeline->config.max_waiting ||
	       newest - feed_head(best)->place > timeline->config.window_ns;
}

static void timeline_give(struct timeline *timeline, struct feed *feed, struct event *event)
{
	const struct held *held = feed_head(feed);
	feed->first = (feed->first + 1) % feed->cap;
	feed->count--;
	timeline->waiting--;
	timeline->lent = held->bytes;
	*event = held->event;
	feed_check_clock(timeline, feed, event);
	if (held->place < timeline->emitted)
		note_late(timeline, event, timeline->emitted - held->place);
	else
		timeline->emitted = held->place;
}

/* One round over the feeds: from those with nothing held, or from all when all are to be read
 * on. */
static bool timeline_read(struct timeline *timeline, bool all, bool *any)
{
	*any = false;
	for (size_t i = 0; i < timeline->feed_count && !timeline->failed; i++) {
		struct feed *feed = &timeline->feeds[i];
		struct held *tail;
		if (feed->ended || (feed->count && !all))
			continue;
		tail = feed_tail(feed);
		if (!tail)
			return err_memory(&timeline->failure);
		if (feed_read(timeline, feed, &tail->event) != OBSERVED_EVENT)
			continue;
		*any = true;
		if (!feed_hold(timeline, feed, tail))
			return false;
	}
	return true;
}

static bool timeline_is_ended(const struct timeline *timeline)
{
	for (size_t i = 0; i < timeline->feed_count; i++) {
		if (!timeline->feeds[i].ended)
			return false;
	}
	return true;
}

static enum observed timeline_merge(struct timeline *timeline, struct event *event)
{
	bool any = true;
	/* First only those with nothing held, even if they have promised enough: on a busy
	 * machine a packet may come later than its tap thinks. Then, as somebody is awaited,
	 * the others are read on. */
	for (bool all = false; any; all = true) {
		struct feed *best;
		if (!timeline_read(timeline, all, &any))
			return OBSERVED_FAILED;
		best = timeline_earliest(timeline);
		if (best &&
		    (timeline_is_settled(timeline, best) || timeline_is_over(timeline, best))) {
			timeline_give(timeline, best, event);
			return OBSERVED_EVENT;
		}
		any = any || !all;
	}
	if (timeline->failed)
		return OBSERVED_FAILED;
	return timeline_is_ended(timeline) ? OBSERVED_END : OBSERVED_NOT_YET;
}

static enum observed timeline_pass(struct timeline *timeline, struct event *event)
{
	struct feed *feed = &timeline->feeds[0];
	enum observed seen = feed_read(timeline, feed, event);
	if (seen == OBSERVED_EVENT)
		feed_check_clock(timeline, feed, event);
	return seen;
}

static enum observed timeline_note(struct timeline *timeline, struct event *event)
{
	timeline->note_waits = false;
	*event = timeline->note;
	return OBSERVED_EVENT;
}

enum observed timeline_merged(struct timeline *timeline, struct event *event, struct err *err)
{
	enum observed seen;
	if (timeline->note_waits)
		return timeline_note(timeline, event);
	free(timeline->lent);
	timeline->lent = NULL;
	seen = timeline_merge(timeline, event);
	if (seen == OBSERVED_FAILED && err)
		*err = timeline->failure;
	return seen;
}

enum observed timeline_next(struct timeline *timeline, struct event *event, struct err *err)
{
	enum observed seen;
	if (timeline->feed_count > 1)
		return timeline_merged(timeline, event, err);
	if (timeline->note_waits)
		return timeline_note(timeline, event);
	seen = timeline_pass(timeline, event);
	if (seen == OBSERVED_FAILED && err)
		*err = timeline->failure;
	return seen;
}

void timeline_close(struct timeline *timeline)
{
	if (!timeline)
		return;
	for (size_t i = 0; i < timeline->feed_count; i++) {
		struct feed *feed = &timeline->feeds[i];
		for (size_t k = 0; k < feed->count; k++)
			free(feed->ring[(feed->first + k) % feed->cap].bytes);
		free(feed->ring);
	}
	free(timeline->lent);
	free(timeline->feeds);
	free(timeline);
}
