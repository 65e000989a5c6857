/* Theory of operation. Both sides' words are put on the same families (compare.h); where a
 * packet has other families here than there, it is listed with our sentence. What each side
 * says is kept by packet number until the end, because later evidence may change ours. */
#include "compare.h"

#include "wireladder/model_event.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SAID_MAX (1U << 18) /* packets with verdicts; what comes behind is not compared */

static const char *const family_words[FAMILY_COUNT] = {
#define X(name, words) words,
	FAMILY_LIST(X)
#undef X
};

#define BIT(family) (1U << FAMILY_##family)

static uint32_t verdict_families(const struct verdict *verdict)
{
	static const uint32_t families[VERDICT_COUNT] = {
		[VERDICT_RETRANSMISSION] = BIT(RETRANSMISSION),
		[VERDICT_SYN_RETRANSMISSION] = BIT(RETRANSMISSION),
		[VERDICT_SYNACK_RETRANSMISSION] = BIT(RETRANSMISSION),
		[VERDICT_FIN_RETRANSMISSION] = BIT(RETRANSMISSION),
		[VERDICT_RTO_RETRANSMISSION] = BIT(RETRANSMISSION),
		[VERDICT_RTO_RECOVERY] = BIT(RETRANSMISSION),
		[VERDICT_FAST_RETRANSMISSION] = BIT(RETRANSMISSION) | BIT(FAST),
		[VERDICT_RECOVERY_RETRANSMISSION] = BIT(RETRANSMISSION),
		[VERDICT_TAIL_LOSS_PROBE] = BIT(RETRANSMISSION),
		[VERDICT_OUT_OF_ORDER] = BIT(OUT_OF_ORDER),
		[VERDICT_DUP_ACK] = BIT(DUP_ACK),
		[VERDICT_ZERO_WINDOW] = BIT(ZERO_WINDOW),
		[VERDICT_WINDOW_FULL] = BIT(WINDOW_FULL),
		[VERDICT_WINDOW_UPDATE] = BIT(WINDOW_UPDATE),
		[VERDICT_KEEP_ALIVE] = BIT(KEEP_ALIVE),
		[VERDICT_KEEP_ALIVE_ACK] = BIT(KEEP_ALIVE_ACK),
		[VERDICT_ZERO_WINDOW_PROBE] = BIT(PROBE),
		[VERDICT_ZERO_WINDOW_PROBE_ACK] = BIT(PROBE_ACK),
		[VERDICT_ACK_OF_UNSEEN] = BIT(UNSEEN),
		[VERDICT_GAP] = BIT(GAP),
		[VERDICT_PORT_REUSE] = BIT(PORTS),
	};
	return families[verdict->id];
}

uint32_t compare_families(const struct verdict *verdicts, size_t count)
{
	uint32_t families = 0;
	for (size_t i = 0; i < count && i < VERDICTS_MAX; i++)
		families |= verdict_families(&verdicts[i]);
	return families;
}

/* Where this packet is, or would be. */
static size_t compare_place(const struct compare *compare, uint64_t n)
{
	size_t low = 0, high = compare->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare->said[middle].n < n)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct ours *compare_room(struct compare *compare, uint64_t n)
{
	size_t at = compare_place(compare, n);
	if (at < compare->count && compare->said[at].n == n)
		return &compare->said[at];
	if (compare->count == SAID_MAX) {
		compare->full = true;
		return NULL;
	}
	if (compare->count == compare->room) {
		size_t room = compare->room ? 2 * compare->room : 64;
		struct ours *said = realloc(compare->said, room * sizeof(*said));
		if (!said) {
			compare->failed = true;
			return NULL;
		}
		compare->said = said;
		compare->room = room;
	}
	memmove(&compare->said[at + 1], &compare->said[at],
		(compare->count - at) * sizeof(*compare->said));
	compare->count++;
	return &compare->said[at];
}

static void compare_say(struct compare *compare, uint64_t n, uint32_t conv,
			const struct verdict *verdicts, size_t count)
{
	struct ours *ours = count > 0 ? compare_room(compare, n) : NULL;
	if (!ours)
		return;
	*ours = (struct ours){.n = n, .conv = conv, .verdict = verdicts[0],
			      .families = compare_families(verdicts, count)};
	for (size_t i = 0; i < count && i < VERDICTS_MAX; i++) {
		if (verdict_families(&verdicts[i])) {
			ours->verdict = verdicts[i];
			return;
		}
	}
}

void compare_hear(void *self, const struct event *event)
{
	struct compare *compare = self;
	if (event->kind == EVENT_PACKET && event->packet.segment.kind == SEGMENT_TCP)
		compare_say(compare, event->packet.n, event->conv, event->packet.verdicts,
			    event->packet.verdict_count);
	else if (event->kind == EVENT_AMEND)
		compare_say(compare, event->amend.n, event->conv, event->amend.verdicts,
			    event->amend.verdict_count);
}

/* One packet's line: theirs, ours, why. One of both may have said nothing. */
static void compare_line(const struct ours *ours, const struct theirs *theirs, struct buf *out)
{
	if (ours)
		buf_printf(out, "packet %" PRIu64 " (#%" PRIu32 ")", ours->n, ours->conv);
	else
		buf_printf(out, "packet %" PRIu64, theirs->n);
	buf_printf(out, ": Wireshark says %s", theirs ? "" : "nothing");
	if (theirs)
		tshark_text(theirs->words, out);
	if (ours) {
		buf_printf(out, "; here it is %s: ", glossary[ours->verdict.id].label);
		sentence_fill(&ours->verdict, false, out);
	} else {
		buf_printf(out, "; here nothing is remarkable about it");
		tshark_why_not(theirs->words, out);
		buf_printf(out, ".");
	}
	buf_printf(out, "\n");
}

struct totals {
	uint64_t both[FAMILY_COUNT], here[FAMILY_COUNT], there[FAMILY_COUNT];
	uint64_t agreed, differed;
};

static void totals_add(struct totals *totals, uint32_t ours, uint32_t theirs)
{
	for (size_t i = 0; i < FAMILY_COUNT; i++) {
		totals->both[i] += (ours & theirs) >> i & 1;
		totals->here[i] += (ours & ~theirs) >> i & 1;
		totals->there[i] += (theirs & ~ours) >> i & 1;
	}
	if (ours != theirs)
		totals->differed++;
	else if (ours)
		totals->agreed++;
}

static void totals_text(const struct totals *totals, struct buf *out)
{
	uint64_t all = totals->agreed + totals->differed;
	buf_printf(out, "%s%-28s %9s %10s %10s\n", totals->differed ? "\n" : "", "", "both",
		   "only here", "only there");
	for (size_t i = 0; i < FAMILY_COUNT; i++) {
		if (totals->both[i] + totals->here[i] + totals->there[i] > 0)
			buf_printf(out, "%-28s %9" PRIu64 " %10" PRIu64 " %10" PRIu64 "\n",
				   family_words[i], totals->both[i], totals->here[i],
				   totals->there[i]);
	}
	buf_printf(out,
		   "\n%" PRIu64 " of %" PRIu64
		   " packets of which one of both says something: the same",
		   totals->agreed, all);
	if (all > 0) /* in tenths of a percent, rounded down: only all is 100 % */
		buf_printf(out, " (%" PRIu64 ".%" PRIu64 " %%)", totals->agreed * 100 / all,
			   totals->agreed * 1000 / all % 10);
	buf_printf(out, ".\n");
}

/* Behind this packet one side has forgotten what it said. */
static uint64_t compare_last(const struct compare *compare)
{
	uint64_t last = UINT64_MAX;
	if (compare->full)
		last = compare->said[compare->count - 1].n;
	if (compare->tshark.full && compare->tshark.said[compare->tshark.count - 1].n < last)
		last = compare->tshark.said[compare->tshark.count - 1].n;
	return last;
}

void compare_text(const struct compare *compare, struct buf *out)
{
	const struct tshark *tshark = &compare->tshark;
	uint64_t last = compare_last(compare);
	struct totals totals = {0};
	size_t i = 0, k = 0;
	while (i < compare->count || k < tshark->count) {
		const struct ours *ours = i < compare->count ? &compare->said[i] : NULL;
		const struct theirs *theirs = k < tshark->count ? &tshark->said[k] : NULL;
		uint32_t here, there;
		if (ours && theirs && ours->n != theirs->n) {
			if (ours->n < theirs->n)
				theirs = NULL;
			else
				ours = NULL;
		}
		if ((ours ? ours->n : theirs->n) > last)
			break;
		here = ours ? ours->families : 0;
		there = theirs ? tshark_families(theirs->words) : 0;
		totals_add(&totals, here, there);
		if (here != there)
			compare_line(ours, theirs, out);
		i += ours != NULL;
		k += theirs != NULL;
	}
	totals_text(&totals, out);
	if (last != UINT64_MAX)
		buf_printf(out, "Compared up to packet %" PRIu64 ": more is not kept.\n", last);
}

void compare_close(struct compare *compare)
{
	tshark_close(&compare->tshark);
	free(compare->said);
	*compare = (struct compare){0};
}
