#include "record.h"

static void closed_endpoint(struct buf *out, const struct conversation_ends *ends, enum end end)
{
	char text[ADDR_TEXT];
	addr_text(&ends->addr[end], text);
	json_raw(out, ",\"");
	json_raw(out, end_words[end]);
	json_raw(out, "\":{\"addr\":\"");
	json_raw(out, text);
	json_raw(out, "\",\"port\":");
	json_u64(out, ends->port[end]);
	json_raw(out, "}");
}

void record_ends(struct buf *out, const struct conversation_ends *ends)
{
	json_raw(out, ends->udp ? ",\"proto\":\"udp\"" : ",\"proto\":\"tcp\"");
	closed_endpoint(out, ends, END_CLIENT);
	closed_endpoint(out, ends, END_SERVER);
}

/* {"client": …, "server": …}: opens the object at the first end that has something to say and
 * says whether it did. */
static bool closed_end(struct buf *out, const char *key, enum end end, bool opened)
{
	json_raw(out, opened ? "," : key);
	json_raw(out, end == END_CLIENT ? "\"client\":" : "\"server\":");
	return true;
}

static void closed_numbers(struct buf *out, const char *key, const uint64_t numbers[END_COUNT])
{
	bool opened = false;
	for (enum end end = END_CLIENT; end < END_COUNT; end++) {
		if (numbers[end]) {
			opened = closed_end(out, key, end, opened);
			json_u64(out, numbers[end]);
		}
	}
	json_field_true(out, "}", opened);
}

static void closed_handshake(struct buf *out, const struct closed *closed)
{
	const struct {
		const char *key;
		uint64_t value;
	} parts[] = {
		{"\"syn\":", closed->syn},
		{"\"synack\":", closed->synack},
		{"\"ack\":", closed->ack},
		{"\"rtt\":", closed->handshake_rtt_ns},
	};
	const char *before = ",\"handshake\":{";
	size_t start = out->len;
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
		if (parts[i].value) {
			json_raw(out, before);
			json_raw(out, parts[i].key);
			json_u64(out, parts[i].value);
			before = ",";
		}
	}
	json_field_true(out, "}", out->len > start);
}

/* A number of the circle may be 0, so what says that it is unknown is its absence. */
static void closed_isn(struct buf *out, const struct closed *closed)
{
	const char *before = ",\"isn_assumed\":true,\"isn_assumed_of\":[\"";
	size_t start;
	bool opened = false;
	for (enum end end = END_CLIENT; end < END_COUNT; end++) {
		if (closed->isn_known[end] || closed->isn_assumed[end]) {
			opened = closed_end(out, ",\"isn\":{", end, opened);
			json_u64(out, closed->isn[end]);
		}
	}
	json_field_true(out, "}", opened);
	start = out->len;
	for (enum end end = END_CLIENT; end < END_COUNT; end++) {
		if (closed->isn_assumed[end]) {
			json_raw(out, before);
			json_raw(out, end == END_CLIENT ? "client\"" : "server\"");
			before = ",\"";
		}
	}
	json_field_true(out, "]", out->len > start);
}

static void closed_options(struct buf *out, const struct closed *closed)
{
	bool opened = false;
	for (enum end end = END_CLIENT; end < END_COUNT; end++) {
		if (closed->options[end].present) {
			opened = closed_end(out, ",\"options\":{", end, opened);
			record_options(out, &closed->options[end], NULL, false);
		}
	}
	json_field_true(out, "}", opened);
}

static void closed_rtt(struct buf *out, const struct closed *closed)
{
	bool opened = false;
	for (enum end end = END_CLIENT; end < END_COUNT; end++) {
		const struct rtt_stats *rtt = &closed->rtt[end];
		if (rtt->samples == 0)
			continue;
		opened = closed_end(out, ",\"rtt\":{", end, opened);
		json_raw(out, "{\"min\":");
		json_u64(out, rtt->min_ns);
		json_raw(out, ",\"avg\":");
		json_u64(out, rtt->sum_ns / rtt->samples);
		json_raw(out, ",\"max\":");
		json_u64(out, rtt->max_ns);
		json_raw(out, ",\"samples\":");
		json_u64(out, rtt->samples);
		json_raw(out, "}");
	}
	json_field_true(out, "}", opened);
}

static void closed_verdicts(struct buf *out, const struct closed *closed)
{
	const char *before = ",\"verdicts\":{\"";
	size_t start = out->len;
	for (size_t i = 0; i < VERDICT_COUNT; i++) {
		if (closed->verdicts[i]) {
			json_raw(out, before);
			json_raw(out, glossary[i].id);
			json_raw(out, "\":");
			json_u64(out, closed->verdicts[i]);
			before = ",\"";
		}
	}
	json_field_true(out, "}", out->len > start);
}

/* Bytes per second in integers: both are halved until the product fits: the ratio stays. */
static uint64_t closed_rate(uint64_t bytes, uint64_t ns)
{
	while (bytes > UINT64_MAX / NS_PER_S) {
		bytes /= 2;
		ns /= 2;
	}
	return ns ? bytes * NS_PER_S / ns : 0;
}

static void closed_goodput(struct buf *out, const struct closed *closed)
{
	uint64_t rate[END_COUNT] = {0};
	for (enum end end = END_CLIENT; end < END_COUNT; end++) {
		uint64_t first = closed->data_first_ns[end], last = closed->data_last_ns[end];
		rate[end] = last > first ? closed_rate(closed->bytes[end], last - first) : 0;
	}
	closed_numbers(out, ",\"goodput\":{", rate);
}

/* Without what the tracker measured, addresses alone may say it. */
static void closed_near(struct buf *out, const struct closed *closed)
{
	static const char *const places[] = {
		[1] = "client\",\"why\":\"its address is that of the machine that captured",
		[2] = "server\",\"why\":\"its address is that of the machine that captured",
		[3] = "both\",\"why\":\"both ends are on the machine that captured",
	};
	size_t place = closed->near[END_CLIENT] + 2U * closed->near[END_SERVER];
	if (place == 0 && !closed->crossed)
		return;
	json_raw(out, ",\"vantage\":{\"place\":\"");
	json_raw(out, closed->crossed
			      ? "both\",\"why\":\"its packets were captured at both ends"
			      : places[place]);
	json_raw(out, "\"}");
}

static void closed_vantage(struct buf *out, const struct closed *closed)
{
	const char *why = closed->place_why;
	if (closed->place == PLACE_UNKNOWN || why[0] == '\0') {
		closed_near(out, closed);
		return;
	}
	json_raw(out, ",\"vantage\":{\"place\":\"");
	json_raw(out, place_words[closed->place]);
	json_raw(out, "\",\"why\":");
	json_string(out, why, strnlen(why, sizeof(closed->place_why)));
	json_raw(out, "}");
}

void record_closed(struct buf *out, const struct event *event, uint64_t start_ns)
{
	const struct closed *closed = event->closed;
	json_raw(out, "{\"k\":\"closed\",\"conv\":");
	json_u64(out, event->conv);
	record_ends(out, &closed->ends);
	closed_numbers(out, ",\"packets\":{", closed->packets);
	closed_numbers(out, ",\"bytes\":{", closed->bytes);
	json_raw(out, ",\"first\":");
	json_i64(out, (int64_t)(closed->first_ns - start_ns));
	json_raw(out, ",\"last\":");
	json_i64(out, (int64_t)(closed->last_ns - start_ns));
	if (!closed->ends.udp) {
		json_raw(out, ",\"opened\":\"");
		json_raw(out, opened_words[closed->opened]);
		json_raw(out, "\"");
	}
	json_raw(out, ",\"ended\":\"");
	json_raw(out, ended_words[closed->ended]);
	json_raw(out, "\"");
	closed_handshake(out, closed);
	closed_isn(out, closed);
	closed_options(out, closed);
	closed_rtt(out, closed);
	closed_verdicts(out, closed);
	json_field(out, ",\"lost\":", closed->lost);
	closed_goodput(out, closed);
	closed_vantage(out, closed);
	json_raw(out, "}");
}
