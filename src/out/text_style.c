#include "text_style.h"

#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COLUMNS_DEFAULT 80
#define WIRE_MIN 24
#define WIRE_MAX 72
#define WIDE_COLUMNS 120 /* where margins begin */

static const struct glyphs glyphs_utf8 = {
	.strokes = {[STROKE_THIN] = "─", [STROKE_HEAVY] = "━", [STROKE_DOUBLE] = "═"},
	.right = "▶", .left = "◀", .life = "│", .gap = "⋮", .again = "⟳", .cut = "…", .to = "→",
	.micro = "µs", .lost = "✗", .more = "…",
};

static const struct glyphs glyphs_ascii = {
	.strokes = {[STROKE_THIN] = "-", [STROKE_HEAVY] = "=", [STROKE_DOUBLE] = "#"},
	.right = ">",
	.left = "<",
	.life = "|",
	.gap = ":",
	.again = "*",
	.cut = "~",
	.to = "->",
	.micro = "us",
	.lost = "X",
	.more = "...",
};

static const char *const paints[PAINT_COUNT] = {
	[PAINT_HEADING] = "\033[1m", [PAINT_DATA] = "\033[34m",  [PAINT_ACK] = "\033[90m",
	[PAINT_CONTROL] = "\033[32m", [PAINT_AGAIN] = "\033[33m", [PAINT_ERROR] = "\033[31m",
	[PAINT_FAINT] = "\033[90m",
};

/* The locale of the environment, without changing the program's. */
static bool style_locale_is_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8;
	if (locale == (locale_t)0)
		return false;
	utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
	freelocale(locale);
	return utf8;
}

/* Time, two spaces, state, space, lifeline; lifeline, space, state. */
static unsigned style_fixed(const struct style *style)
{
	return style->time + 2 + STATE_COLUMNS + 1 + 1 + 1 + 1 + STATE_COLUMNS;
}

void style_init(struct style *style, const struct output_config *config, int fd)
{
	bool clock = config->times == TIMES_UTC || config->times == TIMES_LOCAL;
	unsigned fixed;
	*style = (struct style){.config = *config};
	style->ascii = isatty(fd) && !style_locale_is_utf8();
	style->glyphs = style->ascii ? &glyphs_ascii : &glyphs_utf8;
	style->columns = config->columns ? config->columns : COLUMNS_DEFAULT;
	style->time = clock ? 15 : 9; /* 12:34:56.123456, 12345.678 */
	fixed = style_fixed(style);
	style->wire = style->columns < fixed + WIRE_MIN ? WIRE_MIN : style->columns - fixed;
	if (style->wire > WIRE_MAX)
		style->wire = WIRE_MAX;
}

/* A quarter each of what is left; calls may reach over the states, which are on other lines. */
void style_widen(struct style *style)
{
	unsigned spare;
	if (style->columns < WIDE_COLUMNS)
		return;
	spare = style->columns - style_fixed(style) - 2;
	style->margin = spare / 4 + 1;
	style->wire = spare - 2 * (spare / 4);
	if (style->wire > WIRE_MAX)
		style->wire = WIRE_MAX;
}

unsigned style_lifeline(const struct style *style)
{
	return style->time + 2 + style->margin + STATE_COLUMNS + 1;
}

static void style_add(struct buf *out, const char *text)
{
	buf_add(out, text, strlen(text));
}

void style_paint(const struct style *style, struct buf *out, enum paint paint)
{
	if (style->config.color)
		style_add(out, paints[paint]);
}

void style_plain(const struct style *style, struct buf *out)
{
	if (style->config.color)
		style_add(out, "\033[0m");
}

void style_text(const struct style *style, struct buf *out, struct cursor text)
{
	size_t from = out->len, to = from;
	text_add_visible(out, text.at, cursor_left(&text));
	/* A terminal of one byte a character would see controls in the middle of UTF-8. */
	for (size_t i = from; style->ascii && i < out->len; i++) {
		bool first = ((uint8_t)out->at[i] & 0xC0) != 0x80;
		if (first)
			out->at[to++] = (uint8_t)out->at[i] < 0x80 ? out->at[i] : '?';
	}
	if (style->ascii)
		out->len = to;
}

void style_sentence(const struct style *style, struct buf *out, unsigned indent,
		    struct cursor text)
{
	unsigned column = indent;
	while (cursor_left(&text) > 0) {
		const void *space = memchr(text.at, ' ', cursor_left(&text));
		size_t length = space ? (size_t)((const uint8_t *)space - text.at) :
					cursor_left(&text);
		struct buf word = {0};
		unsigned columns;
		style_text(style, &word, cursor_sub(&text, length));
		cursor_skip(&text, space ? 1 : 0);
		columns = style_columns(&word, 0);
		if (column > indent && column + 1 + columns > style->columns) {
			style_add(out, "\n");
			style_fill(out, " ", indent);
			column = indent;
		} else if (column > indent) {
			style_add(out, " ");
			column++;
		}
		buf_add(out, word.at, word.len);
		out->failed |= word.failed;
		column += columns;
		buf_close(&word);
	}
	style_add(out, "\n");
}

static void style_clock(const struct style *style, struct buf *out, uint64_t ns)
{
	time_t seconds = (time_t)(ns / NS_PER_S);
	struct tm day = {0};
	if (style->config.times == TIMES_LOCAL)
		localtime_r(&seconds, &day);
	else
		gmtime_r(&seconds, &day);
	buf_printf(out, "%02d:%02d:%02d.%06u", day.tm_hour, day.tm_min, day.tm_sec,
		   (unsigned)(ns % NS_PER_S / 1000));
}

void style_time(const struct style *style, struct buf *out, uint64_t ns, uint64_t previous_ns)
{
	bool since_previous = style->config.times == TIMES_SINCE_PREVIOUS;
	uint64_t from = since_previous ? previous_ns : style->start_ns;
	uint64_t us = (ns >= from ? ns - from : from - ns) / 1000;
	size_t start = out->len;
	if (style->config.times == TIMES_UTC || style->config.times == TIMES_LOCAL) {
		style_clock(style, out, ns);
		return;
	}
	/* Milliseconds while they fit into the column, then seconds, which say so. */
	if (us < UINT64_C(100000000))
		buf_printf(out, "%s%" PRIu64 ".%03u", ns < from ? "-" : "", us / 1000,
			   (unsigned)(us % 1000));
	else
		buf_printf(out, "%s%" PRIu64 ".%02us", ns < from ? "-" : "", us / 1000000,
			   (unsigned)(us / 10000 % 100));
	style_pad_left(out, start, style->time);
}

/* Three digits that matter. */
static void style_digits(struct buf *out, uint64_t hundredths)
{
	if (hundredths >= 10000)
		buf_printf(out, "%" PRIu64, hundredths / 100);
	else if (hundredths >= 1000)
		buf_printf(out, "%" PRIu64 ".%u", hundredths / 100,
			   (unsigned)(hundredths / 10 % 10));
	else
		buf_printf(out, "%" PRIu64 ".%02u", hundredths / 100,
			   (unsigned)(hundredths % 100));
}

void style_duration(const struct style *style, struct buf *out, uint64_t ns)
{
	const struct {
		uint64_t below, unit;
		const char *name;
	} units[] = {
		{1000000, 1000, style->glyphs->micro},
		{NS_PER_S, NS_PER_MS, "ms"},
		{60 * NS_PER_S, NS_PER_S, "s"},
		{3600 * NS_PER_S, 60 * NS_PER_S, "min"},
		{UINT64_MAX, 3600 * NS_PER_S, "h"},
	};
	size_t i = 0;
	while (i + 1 < ARRAY_COUNT(units) && ns >= units[i].below)
		i++;
	style_digits(out, ns / (units[i].unit / 100));
	buf_printf(out, " %s", units[i].name);
}

void style_quantity(struct buf *out, uint64_t value)
{
	static const struct {
		uint64_t unit;
		const char *name;
	} units[] = {
		{UINT64_C(1000000000000), "T"}, {1000000000, "G"}, {1000000, "M"}, {1000, "k"}};
	for (size_t i = 0; value >= 100000 && i < ARRAY_COUNT(units); i++) {
		if (value >= units[i].unit) {
			style_digits(out, value / (units[i].unit / 100));
			style_add(out, units[i].name);
			return;
		}
	}
	buf_printf(out, "%" PRIu64, value);
}

void style_endpoint(struct buf *out, const struct conversation_ends *ends, enum end end)
{
	char text[ADDR_TEXT];
	addr_text(&ends->addr[end], text);
	buf_printf(out, ends->addr[end].family == 6 ? "[%s]:%u" : "%s:%u", text,
		   (unsigned)ends->port[end]);
}

void style_fill(struct buf *out, const char *glyph, unsigned count)
{
	for (; count > 0; count--)
		style_add(out, glyph);
}

unsigned style_columns(const struct buf *out, size_t from)
{
	unsigned columns = 0;
	for (; from < out->len; from++)
		columns += ((uint8_t)out->at[from] & 0xC0) != 0x80;
	return columns;
}

void style_pad(struct buf *out, size_t from, unsigned columns)
{
	unsigned now = style_columns(out, from);
	style_fill(out, " ", now < columns ? columns - now : 0);
}

void style_pad_left(struct buf *out, size_t from, unsigned columns)
{
	unsigned now = style_columns(out, from), more = now < columns ? columns - now : 0;
	if (more == 0 || !buf_reserve(out, more))
		return;
	memmove(out->at + from + more, out->at + from, out->len - from);
	memset(out->at + from, ' ', more);
	out->len += more;
}
