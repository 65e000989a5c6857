/* What is written on an arrow: parts in the order in which they are read, each with a rank.
 * When there is not room for all, the highest ranks go first; the payload takes what is left
 * over. */
#include "record.h"
#include "text_ladder.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LABEL_PARTS 12
#define SNIPPET_LEAST 4      /* columns: a space, a quote, a character, a quote */
#define SNIPPET_CHARACTERS 4 /* fewer of a longer payload are text by chance */
#define ONE_COLUMN_BELOW 0x300 /* characters up to here are one column wide */

struct label {
	size_t count;
	struct label_part {
		char text[64];
		unsigned rank;
		bool kept;
	} parts[LABEL_PARTS];
};

static void label_add(struct label *label, unsigned rank, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void label_add(struct label *label, unsigned rank, const char *format, ...)
{
	struct label_part *part = &label->parts[label->count];
	va_list arguments;
	if (label->count == LABEL_PARTS)
		return;
	va_start(arguments, format);
	vsnprintf(part->text, sizeof(part->text), format, arguments);
	va_end(arguments);
	part->rank = rank;
	label->count++;
}

static void label_sack(struct label *label, const struct packet *packet)
{
	unsigned count = packet->segment.tcp.options.sack_count;
	if (!(packet->segment.tcp.options.present & OPTION_SACK) || count == 0)
		return;
	label_add(label, 5, "%s=%" PRId64 "-%" PRId64, packet->dsack ? "dsack" : "sack",
		  packet->sack[0][0], packet->sack[0][1]);
	if (count > 1)
		label_add(label, 5, "+%u", count - 1);
}

static void label_options(struct label *label, const struct tcp_options *options)
{
	if (options->present & OPTION_MSS)
		label_add(label, 7, "mss=%u", options->mss);
	if (options->present & OPTION_WSCALE)
		label_add(label, 8, "wscale=%u", options->wscale);
}

static void label_flaws(struct label *label, uint32_t flaws)
{
	/* These are so of many packets, or of all: the lines at the end say it. */
	flaws &= ~(uint32_t)(FLAW_CHECKSUM_OFFLOADED | FLAW_TRUNCATED | FLAW_OFFLOAD_LENGTH);
	for (size_t i = 0; i < FLAW_COUNT; i++) {
		if (flaws & 1U << i)
			label_add(label, 4, "%s", flaw_words[i]);
	}
}

/* The first verdict is what the row is read for: it goes only where the flags leave no room at
 * all, and before that it says less. */
/* The first is told before all else. That a packet was lost its arrow shows. */
static void label_verdicts(struct label *label, const struct packet *packet, unsigned room)
{
	size_t used = label->count ? strlen(label->parts[0].text) + 3 : 2; /* with brackets */
	bool first = true;
	for (size_t i = 0; i < packet->verdict_count && i < VERDICTS_MAX; i++) {
		struct buf text = {0};
		if (packet->verdicts[i].id == VERDICT_LOST && packet->way.lost)
			continue;
		verdict_label(&packet->verdicts[i], false, &text);
		if (first && used + text.len > room) {
			text.len = 0;
			verdict_label(&packet->verdicts[i], true, &text);
		}
		if (!text.failed)
			label_add(label, first ? 0 : 3, "(%.*s)", (int)text.len, text.at);
		first = false;
		buf_close(&text);
	}
}

static void label_way(struct label *label, const struct way *way)
{
	if (way->copy_of)
		label_add(label, 2, "(copy)");
	if (way->estimated)
		label_add(label, 4, "(only its arrival was seen)");
}

static void label_tcp(struct label *label, const struct packet *packet, bool window_is_new)
{
	const struct segment *segment = &packet->segment;
	uint16_t flags = segment->tcp.flags;
	bool takes_space = segment->len > 0 || flags & (TCP_SYN | TCP_FIN | TCP_RST);
	char words[TCP_FLAGS_TEXT];
	tcp_flags_text(flags, " ", words);
	if (words[0])
		label_add(label, 0, "%s", words);
	if (takes_space)
		label_add(label, 1, "seq=%" PRId64, packet->seq);
	if (flags & TCP_ACK)
		label_add(label, takes_space ? 3 : 1, "ack=%" PRId64, packet->ack);
	if (segment->len > 0)
		label_add(label, 2, "len=%" PRIu32, segment->len);
	label_sack(label, packet);
	if (flags & TCP_SYN || packet->window == 0 || (window_is_new && !takes_space))
		label_add(label, packet->window ? 6 : 2, "win=%" PRIu64, packet->window);
	if (flags & TCP_SYN)
		label_options(label, &segment->tcp.options);
}

/* Without room for both, what is wrong ("port") says more than the message's name. */
static void label_icmp(struct label *label, const struct segment *segment)
{
	struct buf text = {0};
	const char *colon;
	icmp_text(segment, &text);
	buf_add(&text, "", 1);
	label_add(label, 0, "ICMP");
	if (text.failed) {
		buf_close(&text);
		return;
	}
	colon = strstr(text.at, ": ");
	label_add(label, 1, "%.*s", (int)(colon ? colon + 1 - text.at : (ptrdiff_t)text.len),
		  text.at);
	if (colon)
		label_add(label, 0, "%s", colon + 2);
	buf_close(&text);
}

static void label_other(struct label *label, const struct packet *packet)
{
	const struct segment *segment = &packet->segment;
	if (segment->kind == SEGMENT_UDP) {
		label_add(label, 0, "UDP");
		label_add(label, 1, "len=%" PRIu32, segment->len);
	} else if (segment->kind == SEGMENT_ICMP) {
		label_icmp(label, segment);
	} else {
		label_add(label, 0, "fragment");
		label_add(label, 1, "id=%" PRIu32, segment->ip_id);
		label_add(label, 1, "offset=%" PRIu32, segment->fragment.offset);
		label_add(label, 1, "len=%" PRIu32, segment->fragment.len);
	}
}

/* Marks the parts for which there is room, lowest ranks first. Returns their columns. */
static unsigned label_choose(struct label *label, unsigned room)
{
	unsigned used = 0;
	for (unsigned rank = 0; rank <= 8; rank++) {
		for (size_t i = 0; i < label->count; i++) {
			struct label_part *part = &label->parts[i];
			unsigned columns = (unsigned)strlen(part->text) + (used > 0);
			if (part->rank != rank || used + columns > room)
				continue;
			part->kept = true;
			used += columns;
		}
	}
	return used;
}

static bool label_is_text(const struct style *style, uint32_t c)
{
	if (c == '\n' || c == '\r' || c == '\t')
		return true;
	return c >= ' ' && (c < 0x7F || (!style->ascii && c >= 0xA0 && c < ONE_COLUMN_BELOW));
}

static struct cursor label_payload(const struct packet *packet)
{
	const struct segment *segment = &packet->segment;
	static const uint8_t none[1];
	struct cursor bytes = cursor_init(packet->bytes ? packet->bytes : none,
					  packet->bytes ? packet->byte_count : 0);
	bool has_payload = segment->kind == SEGMENT_TCP || segment->kind == SEGMENT_UDP;
	if (!has_payload || segment->payload_offset < segment->network_offset)
		return cursor_init(none, 0);
	cursor_skip(&bytes, (size_t)(segment->payload_offset - segment->network_offset));
	return cursor_sub(&bytes, segment->len < cursor_left(&bytes) ? segment->len :
								       cursor_left(&bytes));
}

/* The payload's first characters in quotes, as long as they are text and there is room. */
static void label_snippet(const struct style *style, const struct packet *packet,
			  struct buf *out, unsigned room)
{
	struct cursor payload = label_payload(packet);
	bool captured = cursor_left(&payload) == packet->segment.len, whole;
	struct buf text = {0};
	size_t good = 0; /* of the text, with room for quotes and the sign that it is cut */
	while (cursor_left(&payload) > 0 && style_columns(&text, 0) + 3 <= room) {
		uint32_t c;
		size_t used = text_utf8_next(payload.at, cursor_left(&payload), &c);
		good = text.len;
		if (!label_is_text(style, c))
			break;
		text_add_visible(&text, cursor_bytes(&payload, used), used);
	}
	whole = captured && cursor_left(&payload) == 0 && style_columns(&text, 0) + 2 <= room;
	if (whole)
		good = text.len;
	if (whole ? good > 0 : good >= SNIPPET_CHARACTERS) {
		buf_add(out, " \"", 2);
		buf_add(out, text.at, good);
		if (!whole)
			buf_add(out, style->glyphs->cut, strlen(style->glyphs->cut));
		buf_add(out, "\"", 1);
	}
	buf_close(&text);
}

static bool label_is_again(const struct packet *packet)
{
	for (size_t i = 0; i < packet->verdict_count && i < VERDICTS_MAX; i++) {
		if (verdict_is_again(&packet->verdicts[i]))
			return true;
	}
	return false;
}

enum paint label_paint(const struct packet *packet, enum stroke *stroke)
{
	const struct segment *segment = &packet->segment;
	*stroke = STROKE_THIN;
	if (label_is_again(packet)) {
		*stroke = STROKE_DOUBLE;
		return PAINT_AGAIN;
	}
	if (segment->kind == SEGMENT_ICMP)
		return PAINT_ERROR;
	if (segment->kind == SEGMENT_TCP && segment->tcp.flags & (TCP_SYN | TCP_FIN | TCP_RST))
		return PAINT_CONTROL;
	if (segment->kind == SEGMENT_TCP && segment->len == 0)
		return PAINT_ACK;
	*stroke = STROKE_HEAVY;
	return PAINT_DATA;
}

void label_packet(const struct style *style, const struct packet *packet, bool window_is_new,
		  struct buf *out, unsigned room)
{
	struct label label = {0};
	size_t start = out->len;
	unsigned used = 0;
	if (label_is_again(packet)) {
		buf_add(out, style->glyphs->again, strlen(style->glyphs->again));
		used = 2; /* with the space behind it */
	}
	if (packet->segment.kind == SEGMENT_TCP)
		label_tcp(&label, packet, window_is_new);
	else
		label_other(&label, packet);
	if (packet->fragment_count > 0)
		label_add(&label, 2, "in %zu fragments", packet->fragment_count);
	label_flaws(&label, packet->segment.flaws);
	label_verdicts(&label, packet, room - used);
	label_way(&label, &packet->way);
	used += label_choose(&label, room - used);
	for (size_t i = 0; i < label.count; i++) {
		if (label.parts[i].kept)
			buf_printf(out, out->len > start ? " %s" : "%s", label.parts[i].text);
	}
	if (used + SNIPPET_LEAST < room)
		label_snippet(style, packet, out, room - used - 1);
}
