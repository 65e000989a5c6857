#include "record.h"

/* What two vantages tell of a packet: timeline.md, "Two vantages". */

static void way_frames(struct buf *out, const struct way *way)
{
	json_raw(out, ",\"frames\":[");
	for (size_t i = 0; i < ARRAY_COUNT(way->frames); i++) {
		json_raw(out, i ? "," : "");
		if (way->frames[i])
			json_u64(out, way->frames[i]);
		else
			json_raw(out, "null");
	}
	json_raw(out, "]");
}

static void way_fate(struct buf *out, const struct fate *fate)
{
	if (fate->did == DEED_NONE)
		return;
	json_raw(out, ",\"fate\":[{\"did\":\"");
	json_raw(out, wire_deed_words[fate->did]);
	json_raw(out, "\"");
	if (fate->rule && fate->rule[0]) {
		json_raw(out, ",\"rule\":");
		json_string(out, fate->rule, strlen(fate->rule));
	}
	json_raw(out, "}]");
}

void record_way(struct recorder *recorder, const struct way *way)
{
	struct buf *out = &recorder->line;
	if (way->known && way->arrives_ns) {
		json_raw(out, ",\"arrives\":");
		json_i64(out, (int64_t)(way->arrives_ns - recorder->start_ns));
	}
	json_field_true(out, ",\"lost\":true", way->lost);
	json_field_true(out, ",\"t_estimated\":true", way->estimated);
	json_field(out, ",\"copy_of\":", way->copy_of);
	if (way->frames[0] || way->frames[1])
		way_frames(out, way);
	way_fate(out, &way->fate);
}

void record_amend(struct recorder *recorder, const struct event *event)
{
	struct buf *out = &recorder->line;
	const struct amend *amend = &event->amend;
	json_raw(out, "{\"k\":\"amend\",\"n\":");
	json_u64(out, amend->n);
	json_field(out, ",\"because\":", amend->because);
	if (amend->found) { /* `lost` is written though false: it replaces what was said */
		json_raw(out, ",\"arrives\":");
		json_i64(out, (int64_t)(amend->arrives_ns - recorder->start_ns));
		json_raw(out, ",\"lost\":false");
	}
	record_verdicts(out, amend->verdicts, amend->verdict_count);
	json_field_true(out, ",\"verdicts\":[]", amend->cleared);
	json_field(out, ",\"call\":", amend->call);
	json_raw(out, "}");
}
