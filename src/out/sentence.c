/* Theory of operation. A sentence of the glossary has places, {fact}, and parts in brackets:
 * "A second copy[ of packet {of}][, {gap_ns} later]." A part is left out, brackets and all,
 * when one of its places has nothing to stand there; parts are not nested, and every place
 * that may be missing is in one. How a fact is written follows from its name alone
 * (sentence_number), so that whoever reads a timeline can do the same: timeline.schema.json,
 * "glossary". */
#include "sentence.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Three digits at most: 850 µs, 41 ms, 1.20 s. Rounded first, so that 999.7 µs are 1.00 ms. */
static void sentence_duration(struct buf *out, uint64_t ns, bool ascii)
{
	const struct {
		uint64_t unit, below; /* of the unit */
		const char *name;
	} units[] = {
		{1000, 1000, ascii ? "us" : "µs"},
		{NS_PER_MS, 1000, "ms"},
		{NS_PER_S, 60, "s"},
		{60 * NS_PER_S, 60, "min"},
		{3600 * NS_PER_S, UINT64_MAX, "h"},
	};
	uint64_t unit, hundredths;
	size_t i = 0;
	while (i + 1 < ARRAY_COUNT(units) &&
	       (ns + units[i].unit / 2) / units[i].unit >= units[i].below)
		i++;
	unit = units[i].unit;
	hundredths = (ns + unit / 200) / (unit / 100);
	if (hundredths < 1000)
		buf_printf(out, "%" PRIu64 ".%02u %s", hundredths / 100,
			   (unsigned)(hundredths % 100), units[i].name);
	else
		buf_printf(out, "%" PRIu64 " %s", (ns + unit / 2) / unit, units[i].name);
}

static void sentence_thousands(struct buf *out, uint64_t value)
{
	char digits[24];
	size_t count = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, value);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && (count - i) % 3 == 0)
			buf_add(out, ",", 1);
		buf_add(out, &digits[i], 1);
	}
}

/* Positions, timestamps and IDs are names of things and stay as they are; amounts get their
 * thousands. */
static void sentence_number(struct buf *out, enum fact_key key, int64_t value, bool ascii)
{
	const char *word = fact_words[key];
	size_t length = strlen(word);
	uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	if (value < 0)
		buf_add(out, "-", 1);
	if (length > 3 && strcmp(word + length - 3, "_ns") == 0)
		sentence_duration(out, size, ascii);
	else if (key == FACT_SRTTS)
		buf_printf(out, "%" PRIu64 ".%" PRIu64, size / 10, size % 10);
	else if (key == FACT_LEFT || key == FACT_RIGHT || key == FACT_TSVAL ||
		 key == FACT_IP_ID)
		buf_printf(out, "%" PRIu64, size);
	else
		sentence_thousands(out, size);
}

static bool sentence_fact(const struct verdict *verdict, struct cursor name, bool ascii,
			  struct buf *out)
{
	for (size_t i = 0; i < verdict->fact_count && i < VERDICT_FACTS; i++) {
		const struct fact *fact = &verdict->facts[i];
		const char *word = fact_words[fact->key];
		if (strlen(word) == cursor_left(&name) &&
		    memcmp(word, name.at, cursor_left(&name)) == 0) {
			sentence_number(out, fact->key, fact->value, ascii);
			return true;
		}
	}
	return false;
}

static bool sentence_packet_number(uint64_t n, struct buf *out)
{
	if (n)
		buf_printf(out, "%" PRIu64, n);
	return n > 0;
}

/* "packet 8", "packets 8, 9 and 10" */
static bool sentence_because(const struct verdict *verdict, struct buf *out)
{
	uint64_t numbers[VERDICT_BECAUSE];
	size_t count = 0;
	for (size_t i = 0; i < VERDICT_BECAUSE; i++) {
		if (verdict->because[i])
			numbers[count++] = verdict->because[i];
	}
	for (size_t i = 0; i < count; i++) {
		const char *before = i + 1 == count ? " and " : ", ";
		if (i == 0)
			before = count > 1 ? "packets " : "packet ";
		buf_printf(out, "%s%" PRIu64, before, numbers[i]);
	}
	return count > 0;
}

static bool sentence_candidates(const struct verdict *verdict, struct buf *out)
{
	if (!verdict_has_candidates(verdict))
		return false;
	buf_printf(out, "%s or %s", glossary[verdict->candidates[0]].label,
		   glossary[verdict->candidates[1]].label);
	return true;
}

static bool sentence_is(struct cursor name, const char *word)
{
	return strlen(word) == cursor_left(&name) &&
	       memcmp(word, name.at, cursor_left(&name)) == 0;
}

/* Fills one place; false: there is nothing to stand there. */
static bool sentence_place(const struct verdict *verdict, struct cursor name, bool ascii,
			   struct buf *out)
{
	if (sentence_is(name, "of"))
		return sentence_packet_number(verdict->of, out);
	if (sentence_is(name, "number"))
		return sentence_packet_number(verdict->number, out);
	if (sentence_is(name, "because"))
		return sentence_because(verdict, out);
	if (sentence_is(name, "candidates"))
		return sentence_candidates(verdict, out);
	return sentence_fact(verdict, name, ascii, out);
}

void sentence_fill(const struct verdict *verdict, bool ascii, struct buf *out)
{
	const char *text = glossary[verdict->id].text;
	struct cursor left = cursor_init((const uint8_t *)text, strlen(text));
	size_t part = out->len;
	bool whole = true;
	while (cursor_left(&left) > 0) {
		const uint8_t *close = memchr(left.at, '}', cursor_left(&left));
		uint8_t c = cursor_u8(&left);
		if (c == '[') {
			part = out->len;
			whole = true;
		} else if (c == ']') {
			out->len = whole ? out->len : part;
		} else if (c == '{' && close) {
			struct cursor name = cursor_sub(&left, (size_t)(close - left.at));
			whole &= sentence_place(verdict, name, ascii, out);
			cursor_skip(&left, 1);
		} else {
			buf_add(out, &c, 1);
		}
	}
}

void verdict_why(const struct verdict *verdict, bool ascii, struct buf *out)
{
	const struct glossary_entry *entry = &glossary[verdict->id];
	struct buf because = {0};
	sentence_fill(verdict, ascii, out);
	if (verdict->needed == NEEDED_NO)
		buf_printf(out, " It was not needed.");
	if (verdict->sure == SURE_LIKELY)
		buf_printf(out, " This is likely, not certain.");
	buf_printf(out, " (");
	if (!strstr(entry->text, "{because}") && sentence_because(verdict, &because)) {
		buf_printf(out, "see ");
		buf_add(out, because.at, because.len);
		buf_printf(out, "; ");
	}
	buf_printf(out, "%s)", entry->cite);
	out->failed |= because.failed;
	buf_close(&because);
}

bool verdict_counts_as_again(enum verdict_id id)
{
	static const bool again[VERDICT_COUNT] = {
		[VERDICT_RETRANSMISSION] = true,        [VERDICT_SYN_RETRANSMISSION] = true,
		[VERDICT_SYNACK_RETRANSMISSION] = true, [VERDICT_FIN_RETRANSMISSION] = true,
		[VERDICT_RTO_RETRANSMISSION] = true,    [VERDICT_RTO_RECOVERY] = true,
		[VERDICT_FAST_RETRANSMISSION] = true,   [VERDICT_TAIL_LOSS_PROBE] = true,
		[VERDICT_RECOVERY_RETRANSMISSION] = true,
	};
	return again[id];
}

/* A tail loss probe may carry new bytes (RFC 8985 7.3): then it repeats no packet. */
bool verdict_is_again(const struct verdict *verdict)
{
	return verdict_counts_as_again(verdict->id) &&
	       (verdict->id != VERDICT_TAIL_LOSS_PROBE || verdict->of);
}

void verdict_label(const struct verdict *verdict, bool brief, struct buf *out)
{
	if (brief || !sentence_candidates(verdict, out))
		buf_printf(out, "%s", glossary[verdict->id].label);
	if (brief && verdict->sure == SURE_AMBIGUOUS)
		buf_printf(out, "?");
	if (verdict->number > 1 || (verdict->number && verdict->id == VERDICT_DUP_ACK))
		buf_printf(out, " %" PRIu32, verdict->number);
	if (verdict->needed == NEEDED_NO)
		buf_printf(out, ", needless");
}
