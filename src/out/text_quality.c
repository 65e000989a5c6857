#include "text_quality.h"

#include "record.h"

#include <inttypes.h>
#include <string.h>

/* The capture-quality card: a sentence a row, with a sign where something is wrong. */
void quality_rows(const struct style *style, const struct summary *summary, struct buf *out)
{
	struct buf quality = {0};
	struct cursor left = {0};
	bool clean = quality_text(summary, &quality);
	buf_add(&quality, "\n", 1); /* an empty line is the end */
	out->failed |= quality.failed;
	if (!quality.failed)
		left = cursor_init((uint8_t *)quality.at, quality.len);
	while (cursor_left(&left) > 1) {
		const uint8_t *newline = memchr(left.at, '\n', cursor_left(&left));
		buf_add(out, clean ? "- " : "! ", 2);
		style_sentence(style, out, 2, cursor_sub(&left, (size_t)(newline - left.at)));
		cursor_skip(&left, 1);
	}
	buf_close(&quality);
}

/* Of the hundreds that nstat knows. */
static const struct {
	const char *name, *one, *many;
} counter_words[] = {
	{"TcpRetransSegs", "segment sent again", "segments sent again"},
	{"TcpExtTCPFastRetrans", "fast retransmission", "fast retransmissions"},
	{"TcpExtTCPTimeouts", "timeout", "timeouts"},
	{"TcpExtTCPLossProbes", "tail loss probe", "tail loss probes"},
	{"TcpExtTCPWinProbe", "window probe", "window probes"},
	{"TcpExtTCPKeepAlive", "keep-alive", "keep-alives"},
	{"TcpExtTCPDSACKRecv", "D-SACK received", "D-SACKs received"},
	{"TcpExtListenOverflows", "overflow of a listen queue", "overflows of a listen queue"},
	{"TcpExtTCPAbortOnTimeout", "connection given up", "connections given up"},
	{"TcpAttemptFails", "failed attempt to connect", "failed attempts to connect"},
	{"TcpOutRsts", "reset sent", "resets sent"},
	{"TcpInErrs", "damaged segment", "damaged segments"},
	{"UdpNoPorts", "datagram for no socket", "datagrams for no socket"},
	{"UdpRcvbufErrors", "datagram dropped at a full buffer",
	 "datagrams dropped at a full buffer"},
};

/* Of the host of this counter. */
static void counters_host(const struct summary *summary, const char *host, struct buf *out)
{
	bool first = true;
	for (size_t i = 0; i < ARRAY_COUNT(counter_words); i++) {
		for (size_t j = 0; j < summary->counter_count; j++) {
			const struct kernel_counter *counter = &summary->counters[j];
			if (strcmp(counter->host, host) != 0 || counter->value <= 0 ||
			    strcmp(counter->name, counter_words[i].name) != 0)
				continue;
			if (first)
				buf_printf(out, "%s%s: ", out->len ? "; " : "", host);
			buf_printf(out, "%s%" PRId64 " %s", first ? "" : ", ", counter->value,
				   counter->value == 1 ? counter_words[i].one :
							 counter_words[i].many);
			first = false;
		}
	}
}

void counters_rows(const struct style *style, const struct summary *summary, struct buf *out)
{
	struct buf line = {0}, whole = {0};
	for (size_t i = 0; i < summary->counter_count; i++) {
		const char *host = summary->counters[i].host;
		if (i == 0 || strcmp(host, summary->counters[i - 1].host) != 0)
			counters_host(summary, host, &line);
	}
	if (line.len > 0) {
		buf_printf(&whole, "the kernel counted on ");
		buf_add(&whole, line.at, line.len);
		buf_add(out, "- ", 2);
	}
	out->failed |= line.failed || whole.failed;
	if (!out->failed && whole.len > 0)
		style_sentence(style, out, 2, cursor_init((uint8_t *)whole.at, whole.len));
	buf_close(&line);
	buf_close(&whole);
}

void stalls_add(struct stalls *stalls, const struct event *event)
{
	struct stall_row row = {.conv = event->conv, .ns = event->ns, .note = event->note};
	size_t at;
	if (event->note.code != NOTE_STALL)
		return;
	row.silence_ns = event->note.end_ns - event->ns;
	stalls->all++;
	at = stalls->count < STALLS_SHOWN ? stalls->count++ : STALLS_SHOWN;
	while (at > 0 && stalls->rows[at - 1].silence_ns < row.silence_ns) {
		if (at < STALLS_SHOWN)
			stalls->rows[at] = stalls->rows[at - 1];
		at--;
	}
	if (at < STALLS_SHOWN)
		stalls->rows[at] = row;
}

void stalls_rows(const struct stalls *stalls, const struct style *style, struct buf *out)
{
	if (stalls->count == 0)
		return;
	buf_printf(out, "%" PRIu64 " silence%s, the longest:\n", stalls->all,
		   stalls->all == 1 ? "" : "s");
	for (size_t i = 0; i < stalls->count; i++) {
		const struct stall_row *row = &stalls->rows[i];
		struct buf line = {0};
		uint64_t t = row->ns > style->start_ns ? row->ns - style->start_ns : 0;
		buf_printf(&line, "#%" PRIu32 " at ", row->conv);
		style_duration(style, &line, t);
		buf_printf(&line, ": %s", row->note.text);
		out->failed |= line.failed;
		buf_add(out, "  ", 2);
		if (!line.failed)
			style_sentence(style, out, 4,
				       cursor_init((uint8_t *)line.at, line.len));
		buf_close(&line);
	}
}
