#include "record.h"

/* What a packet is and why we say so: timeline.md, "Verdicts". */

static void verdict_because(struct buf *out, const struct verdict *verdict)
{
	const char *before = ",\"because\":[";
	size_t start = out->len;
	for (size_t i = 0; i < VERDICT_BECAUSE; i++) {
		json_field(out, before, verdict->because[i]);
		before = verdict->because[i] ? "," : before;
	}
	json_field_true(out, "]", out->len > start);
}

/* One of two, or it says nothing. */
static void verdict_candidates(struct buf *out, const struct verdict *verdict)
{
	if (!verdict_has_candidates(verdict))
		return;
	json_raw(out, ",\"candidates\":[\"");
	json_raw(out, glossary[verdict->candidates[0]].id);
	json_raw(out, "\",\"");
	json_raw(out, glossary[verdict->candidates[1]].id);
	json_raw(out, "\"]");
}

/* A fact of 0 is written too: it was measured, and a missing one was not. */
static void verdict_facts(struct buf *out, const struct verdict *verdict)
{
	const char *before = ",\"facts\":{\"";
	for (size_t i = 0; i < verdict->fact_count && i < VERDICT_FACTS; i++) {
		json_raw(out, before);
		json_raw(out, fact_words[verdict->facts[i].key]);
		json_raw(out, "\":");
		json_i64(out, verdict->facts[i].value);
		before = ",\"";
	}
	json_field_true(out, "}", verdict->fact_count > 0);
}

void record_verdicts(struct buf *out, const struct verdict *verdicts, size_t count)
{
	static const char *const needed[] = {
		[NEEDED_UNKNOWN] = ",\"needed\":\"unknown\"",
		[NEEDED_YES] = ",\"needed\":\"yes\"",
		[NEEDED_NO] = ",\"needed\":\"no\"",
	};
	static const char *const sure[] = {
		[SURE_CERTAIN] = ",\"sure\":\"certain\"",
		[SURE_LIKELY] = ",\"sure\":\"likely\"",
		[SURE_AMBIGUOUS] = ",\"sure\":\"ambiguous\"",
	};
	if (count == 0)
		return;
	json_raw(out, ",\"verdicts\":[");
	for (size_t i = 0; i < count && i < VERDICTS_MAX; i++) {
		const struct verdict *verdict = &verdicts[i];
		json_raw(out, i ? ",{\"id\":\"" : "{\"id\":\"");
		json_raw(out, glossary[verdict->id].id);
		json_raw(out, "\"");
		json_field(out, ",\"of\":", verdict->of);
		verdict_because(out, verdict);
		json_raw(out, needed[verdict->needed]);
		json_raw(out, sure[verdict->sure]);
		json_field(out, ",\"episode\":", verdict->episode);
		json_field(out, ",\"number\":", verdict->number);
		verdict_candidates(out, verdict);
		verdict_facts(out, verdict);
		json_raw(out, "}");
	}
	json_raw(out, "]");
}
