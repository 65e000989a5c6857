#include "verdict.h"

#include <inttypes.h>
#include <stdio.h>

/* What the capture may have done to what it shows. What is wrong with a capture is easily taken
 * for the network's doing, so it is counted apart, and said first. */

#define STAMPS_ENOUGH 20 /* before the clock's grain can be told */
#define CLOCK_SET_NS  (10 * NS_PER_MS)
#define JUMBO_BYTES   9216 /* no frame on a wire carries more, so no MSS is needed to know */

static void quality_clock(struct quality *quality, uint64_t ns)
{
	uint64_t previous_ns = quality->previous_ns;
	quality->previous_ns = ns;
	if (!quality->finer)
		quality->finer = ns % NS_PER_MS != 0;
	if (quality->stamps++ == 0 || ns >= previous_ns)
		return;
	quality->backs++;
	quality->sets += previous_ns - ns >= CLOCK_SET_NS;
	if (previous_ns - ns > quality->back_ns)
		quality->back_ns = previous_ns - ns;
}

void quality_sees(struct tracker *tracker, const struct event *event)
{
	struct quality *quality = &tracker->quality;
	const struct packet *packet = &event->packet;
	if (packet->fragment_count || packet->aggregated)
		return; /* its frame was here before */
	if (!packet->way.known && !(packet->segment.flaws & FLAW_BAD_TIME))
		quality_clock(quality, event->ns);
	if (packet->segment.flaws & FLAW_TRUNCATED) {
		uint32_t kept = packet->segment.network_offset + packet->byte_count;
		quality->cut++;
		if (kept > quality->cut_at)
			quality->cut_at = kept;
	}
}

/* More than its receiver's MSS in one segment never was on a wire: the sender's network card
 * cuts it up behind the tap, or the receiver's joined it before (TSO, GRO). */
void quality_sends(const struct passage *passage)
{
	struct quality *quality = &passage->tracker->quality;
	const struct tcp_options *options =
		&passage->conversation->side[!passage->from].options;
	uint32_t most = options->present & OPTION_MSS ? options->mss : JUMBO_BYTES;
	uint32_t len = passage->packet->segment.len;
	if (len <= most || passage->packet->fragment_count)
		return;
	quality->super++;
	if (len > quality->super_bytes) {
		quality->super_bytes = len;
		quality->super_mss = options->present & OPTION_MSS ? most : 0;
	}
}

/* An end of which nothing was seen, though the other acknowledges what it sent. */
static bool conversation_is_one_way(const struct conversation *c)
{
	for (size_t end = 0; end < END_COUNT; end++) {
		if (c->side[end].packets == 0 && c->side[end].isn_assumed &&
		    c->side[!end].packets > 1)
			return true;
	}
	return false;
}

void quality_closes(struct tracker *tracker, const struct conversation *c)
{
	struct quality *quality = &tracker->quality;
	if (c->ends.udp)
		return;
	quality->conversations++;
	quality->mid_capture += c->opened == OPENED_MID_CAPTURE;
	quality->one_way += conversation_is_one_way(c);
}

/* Room for one more sentence, or NULL. */
static char *sentence_add(struct summary *summary)
{
	return summary->quality_count < QUALITY_MAX ? summary->quality[summary->quality_count++]
						    : NULL;
}

#define SENTENCE sizeof(((struct summary *)0)->quality[0])

static void quality_missing(const struct tracker *tracker, struct summary *summary)
{
	const uint64_t *verdicts = tracker->summary.verdicts;
	uint64_t gaps = verdicts[VERDICT_ACK_OF_UNSEEN] + verdicts[VERDICT_GAP];
	char *at = gaps ? sentence_add(summary) : NULL;
	if (at)
		snprintf(at, SENTENCE,
			 "%" PRIu64
			 " %s others are missing here: they arrived, but the capture "
			 "did not see them; nothing was lost on the network there",
			 gaps, gaps == 1 ? "packet shows that" : "packets show that");
}

static void quality_twice(const struct tracker *tracker, struct summary *summary)
{
	uint64_t twice = tracker->summary.verdicts[VERDICT_CAPTURE_DUPLICATE];
	char *at = twice ? sentence_add(summary) : NULL;
	if (at)
		snprintf(at, SENTENCE,
			 "%" PRIu64 " packet%s captured twice (at several interfaces, or by a "
			 "mirror port): the second copies count for nothing",
			 twice, twice == 1 ? " was" : "s were");
}

static void quality_one_way(const struct tracker *tracker, struct summary *summary)
{
	uint64_t one_way = tracker->quality.one_way;
	char *at = one_way ? sentence_add(summary) : NULL;
	if (at)
		snprintf(at, SENTENCE,
			 "%" PRIu64 " of %" PRIu64 " TCP conversations %s one direction only: "
			 "the other went past the capture, so that little can be known",
			 one_way, tracker->quality.conversations,
			 one_way == 1 ? "shows" : "show");
}

static void quality_no_syn(const struct tracker *tracker, struct summary *summary)
{
	uint64_t late = tracker->quality.mid_capture;
	char *at = late ? sentence_add(summary) : NULL;
	if (at)
		snprintf(at, SENTENCE,
			 "%" PRIu64 " of %" PRIu64 " TCP conversations began before the "
			 "capture: without the SYNs, options and the scale of windows are "
			 "unknown",
			 late, tracker->quality.conversations);
}

/* Small steps are what a kernel does that stamps on several processors; large ones are a clock
 * that was set. */
static void quality_backs(const struct tracker *tracker, struct summary *summary)
{
	const struct quality *quality = &tracker->quality;
	char *at = quality->backs ? sentence_add(summary) : NULL;
	char most[SPAN_TEXT];
	span_text(quality->back_ns, most);
	if (at)
		snprintf(at, SENTENCE,
			 "the clock steps back %" PRIu64 " time%s, by %s at most: %s",
			 quality->backs, quality->backs == 1 ? "" : "s", most,
			 quality->back_ns < CLOCK_SET_NS
				 ? "packets so close together may have passed in another order"
				 : "times across such a place cannot be trusted");
}

static void quality_cut(const struct tracker *tracker, struct summary *summary)
{
	uint64_t cut = tracker->quality.cut;
	bool one = cut == 1;
	char *at = cut ? sentence_add(summary) : NULL;
	if (at)
		snprintf(at, SENTENCE,
			 "%" PRIu64 " packet%s cut when captured (%" PRIu32 " bytes kept at "
			 "most): %s checksum%s and the rest of %s are unknown",
			 cut, one ? " was" : "s were", tracker->quality.cut_at,
			 one ? "its" : "their", one ? "" : "s", one ? "it" : "them");
}

static void quality_super(const struct tracker *tracker, struct summary *summary)
{
	const struct quality *quality = &tracker->quality;
	char *at = quality->super ? sentence_add(summary) : NULL;
	char takes[40] = "any frame holds";
	if (quality->super_mss)
		snprintf(takes, sizeof(takes), "the MSS of %" PRIu32, quality->super_mss);
	if (at)
		snprintf(
			at, SENTENCE,
			"%" PRIu64 " segment%s larger than %s (up to %" PRIu32 " bytes): the "
			"network card cuts or joins them, on the wire they are several packets",
			quality->super, quality->super == 1 ? " is" : "s are", takes,
			quality->super_bytes);
}

static void quality_grain(const struct tracker *tracker, struct summary *summary)
{
	const struct quality *quality = &tracker->quality;
	char *at = !quality->finer && quality->stamps >= STAMPS_ENOUGH ? sentence_add(summary)
								       : NULL;
	if (at)
		snprintf(at, SENTENCE,
			 "every stamp is a whole millisecond: the order of packets is right, "
			 "shorter times than that mean nothing");
}

/* The most serious first. */
void quality_sentences(const struct tracker *tracker, struct summary *summary)
{
	static void (*const parts[])(const struct tracker *, struct summary *) = {
		quality_missing, quality_twice, quality_one_way, quality_no_syn,
		quality_backs,   quality_cut,   quality_super,   quality_grain,
	};
	summary->quality_count = 0;
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
		parts[i](tracker, summary);
}
