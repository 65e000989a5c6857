/* Theory of operation. A capture may hold a million conversations; the table keeps the thousand
 * with the most packets in a heap whose first row is the least, so that a new one costs at most
 * ten comparisons. Of equals the earlier conversation stays. Printed in order of number. */
#include "text_table.h"

#include "sentence.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool table_open(struct table *table)
{
	*table = (struct table){.rows = calloc(TABLE_ROWS, sizeof(*table->rows))};
	return table->rows != NULL;
}

static bool table_is_less(const struct table_row *a, const struct table_row *b)
{
	return a->packets != b->packets ? a->packets < b->packets : a->conv > b->conv;
}

static void table_swap(struct table_row *a, struct table_row *b)
{
	struct table_row other = *a;
	*a = *b;
	*b = other;
}

static void table_sift_down(struct table *table)
{
	size_t at = 0, child;
	while ((child = 2 * at + 1) < table->count) {
		if (child + 1 < table->count &&
		    table_is_less(&table->rows[child + 1], &table->rows[child]))
			child++;
		if (!table_is_less(&table->rows[child], &table->rows[at]))
			return;
		table_swap(&table->rows[child], &table->rows[at]);
		at = child;
	}
}

static void table_sift_up(struct table *table)
{
	size_t at = table->count - 1;
	while (at > 0 && table_is_less(&table->rows[at], &table->rows[(at - 1) / 2])) {
		table_swap(&table->rows[at], &table->rows[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
}

/* The round trip as seen from here: the handshake's, else the least of any data. */
static uint64_t table_rtt(const struct closed *closed)
{
	uint64_t least = closed->handshake_rtt_ns;
	for (enum end end = END_CLIENT; end < END_COUNT && !closed->handshake_rtt_ns; end++) {
		const struct rtt_stats *rtt = &closed->rtt[end];
		if (rtt->samples > 0 && (least == 0 || rtt->min_ns < least))
			least = rtt->min_ns;
	}
	return least;
}

void table_add(struct table *table, const struct event *event)
{
	const struct closed *closed = event->closed;
	uint64_t first = closed->first_ns, last = closed->last_ns;
	struct table_row row = {
		.conv = event->conv,
		.ends = closed->ends,
		.packets = closed->packets[END_CLIENT] + closed->packets[END_SERVER],
		.bytes = closed->bytes[END_CLIENT] + closed->bytes[END_SERVER],
		.ns = last > first ? last - first : 0,
		.rtt_ns = table_rtt(closed),
		.ended = closed->ended,
	};
	for (enum verdict_id i = 0; i < VERDICT_COUNT; i++)
		row.again += verdict_counts_as_again(i) ? closed->verdicts[i] : 0;
	if (table->count < TABLE_ROWS) {
		table->rows[table->count++] = row;
		table_sift_up(table);
		return;
	}
	table->more++;
	if (table_is_less(&table->rows[0], &row)) {
		table->rows[0] = row;
		table_sift_down(table);
	}
}

static int table_by_conv(const void *a, const void *b)
{
	const struct table_row *left = a, *right = b;
	return (left->conv > right->conv) - (left->conv < right->conv);
}

static void table_ends(const struct table_row *row, const struct style *style, struct buf *out)
{
	style_endpoint(out, &row->ends, END_CLIENT);
	buf_printf(out, " %s ", style->glyphs->to);
	style_endpoint(out, &row->ends, END_SERVER);
}

enum table_columns { /* widths, without the space in front */
		     COLUMN_CONV = 5,
		     COLUMN_PROTO = 3,
		     COLUMN_PACKETS = 5,
		     COLUMN_BYTES = 5,
		     COLUMN_TIME = 7,
		     COLUMN_RTT = 7,
		     COLUMN_ENDED = 7,
		     COLUMN_AGAIN = 3,
		     COLUMNS_BEFORE = COLUMN_CONV + 1 + COLUMN_PROTO + 1, /* the ends */
		     COLUMNS_BEHIND = COLUMN_PACKETS + COLUMN_BYTES + COLUMN_TIME + COLUMN_RTT +
				      COLUMN_ENDED + 5, /* and the spaces in front of them */
};

/* How wide the ends are: as wide as the widest, if the line has room for that. */
static unsigned table_ends_columns(const struct table *table, const struct style *style)
{
	unsigned fixed = COLUMNS_BEFORE + COLUMNS_BEHIND + 1 + COLUMN_AGAIN;
	unsigned room = style->columns > fixed + 20 ? style->columns - fixed : 20, widest = 20;
	struct buf ends = {0};
	for (size_t i = 0; i < table->count; i++) {
		unsigned columns;
		ends.len = 0;
		table_ends(&table->rows[i], style, &ends);
		columns = style_columns(&ends, 0);
		widest = columns > widest ? columns : widest;
	}
	buf_close(&ends);
	return widest < room ? widest : room;
}

static void table_number(struct buf *out, uint64_t value, unsigned columns)
{
	size_t start;
	buf_add(out, " ", 1);
	start = out->len;
	if (value)
		style_quantity(out, value);
	style_pad_left(out, start, columns);
}

static void table_time(const struct style *style, struct buf *out, uint64_t ns,
		       unsigned columns)
{
	size_t start;
	buf_add(out, " ", 1);
	start = out->len;
	if (ns)
		style_duration(style, out, ns);
	style_pad_left(out, start, columns);
}

static void table_row_text(const struct table_row *row, const struct style *style,
			   struct buf *out, unsigned ends_columns)
{
	size_t line = out->len, start;
	buf_printf(out, "%*" PRIu32 " %s ", COLUMN_CONV, row->conv,
		   row->ends.udp ? "udp" : "tcp");
	table_ends(row, style, out);
	if (style_columns(out, line) > COLUMNS_BEFORE + ends_columns) {
		buf_printf(out, "\n"); /* long addresses: the numbers go below them */
		line = out->len;
	}
	style_pad(out, line, COLUMNS_BEFORE + ends_columns);
	table_number(out, row->packets, COLUMN_PACKETS);
	table_number(out, row->bytes, COLUMN_BYTES);
	table_time(style, out, row->ns, COLUMN_TIME);
	table_time(style, out, row->rtt_ns, COLUMN_RTT);
	start = out->len;
	buf_printf(out, " %s", row->ends.udp ? "" : ended_words[row->ended]);
	if (row->again) {
		style_pad(out, start, 1 + COLUMN_ENDED);
		style_paint(style, out, PAINT_AGAIN);
		buf_printf(out, " %s%" PRIu64, style->glyphs->again, row->again);
		style_plain(style, out);
	}
	while (out->len > 0 && out->at[out->len - 1] == ' ')
		out->len--;
	buf_printf(out, "\n");
}

static void table_heading(const struct style *style, struct buf *out, unsigned ends_columns)
{
	style_paint(style, out, PAINT_HEADING);
	buf_printf(out, "%*s %*s %-*s %*s %*s %*s %*s %s", COLUMN_CONV, "conv", COLUMN_PROTO,
		   "", (int)ends_columns, "client, server", COLUMN_PACKETS, "pkts",
		   COLUMN_BYTES, "bytes", COLUMN_TIME, "time", COLUMN_RTT, "rtt", "ended");
	style_plain(style, out);
	buf_printf(out, "\n");
}

void table_text(struct table *table, const struct style *style, struct buf *out)
{
	unsigned ends_columns = table_ends_columns(table, style);
	if (table->count == 0)
		return;
	qsort(table->rows, table->count, sizeof(*table->rows), table_by_conv);
	table_heading(style, out, ends_columns);
	for (size_t i = 0; i < table->count; i++)
		table_row_text(&table->rows[i], style, out, ends_columns);
	if (table->more)
		buf_printf(out, "and %" PRIu64 " more with fewer packets\n", table->more);
	buf_printf(out, "\nadd `--conv N` for one conversation's ladder\n");
}

void table_close(struct table *table)
{
	free(table->rows);
	*table = (struct table){0};
}
