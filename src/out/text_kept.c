/* Theory of operation. A D-SACK may tell many packets later that one was not needed. Ladders
 * wait for the end of the input anyway, at most 200 packets of them; so each row remembers its
 * packet and where in the ready text its arrow and its sentences stand, and is drawn again in
 * place. An arrow is as wide as before, though not always as long in bytes: what is behind it
 * moves. */
#include "text_ladder.h"

#include <stdlib.h>
#include <string.h>

void kept_add(struct ladder *ladder, const struct arrow *arrow)
{
	struct kept *kept = ladder_grow(ladder->kept, ladder->kept_count, &ladder->kept_room,
					sizeof(*kept));
	uint32_t count = arrow->packet->byte_count;
	ladder->kept_waits = kept;
	if (!kept)
		return;
	ladder->kept = kept;
	kept += ladder->kept_count++;
	kept->packet = *arrow->packet;
	kept->window_is_new = arrow->window_is_new;
	kept->to_right = arrow->to_right;
	kept->packet.byte_count = count < KEPT_BYTES ? count : KEPT_BYTES;
	if (arrow->packet->bytes)
		memcpy(kept->bytes, arrow->packet->bytes, kept->packet.byte_count);
	else
		kept->packet.byte_count = 0;
}

/* With these bytes in the place of those; the rows behind move along. */
static void kept_replace(struct ladder *ladder, size_t at, size_t old, const struct buf *text)
{
	struct buf *lines = &ladder->lines;
	if (text->failed || !buf_reserve(lines, text->len)) {
		lines->failed = true;
		return;
	}
	memmove(lines->at + at + text->len, lines->at + at + old, lines->len - at - old);
	if (text->len > 0)
		memcpy(lines->at + at, text->at, text->len);
	lines->len = lines->len - old + text->len;
	for (size_t i = 0; i < ladder->kept_count; i++) {
		struct kept *kept = &ladder->kept[i];
		if (kept->arrow_at > at)
			kept->arrow_at = kept->arrow_at - old + text->len;
		if (kept->why_at > at)
			kept->why_at = kept->why_at - old + text->len;
	}
	beside_moved(ladder, at, old, text->len);
}

static void kept_redraw(struct ladder *ladder, const struct style *style, struct kept *kept)
{
	const struct packet *packet = &kept->packet;
	struct arrow arrow = {packet, kept->window_is_new, kept->to_right};
	struct buf drawn = {0}, why = {0};
	size_t count = packet->verdict_count;
	kept->packet.bytes = kept->bytes;
	arrow_draw(style, &arrow, &drawn);
	if (ladder->kept_waits && kept == &ladder->kept[ladder->kept_count - 1]) {
		ladder->arrow.len = 0;
		buf_add(&ladder->arrow, drawn.at, drawn.len);
		memcpy(ladder->verdicts, packet->verdicts, count * sizeof(*packet->verdicts));
		ladder->verdict_count = count;
	} else {
		ladder_why(style, packet->verdicts, count, &why);
		kept_replace(ladder, kept->why_at, kept->why_len, &why);
		kept->why_len = why.len;
		kept_replace(ladder, kept->arrow_at, kept->arrow_len, &drawn);
		kept->arrow_len = drawn.len;
	}
	ladder->arrow.failed |= drawn.failed;
	buf_close(&drawn);
	buf_close(&why);
}

bool kept_amend(struct ladder *ladder, const struct style *style, const struct amend *amend)
{
	size_t count =
		amend->verdict_count < VERDICTS_MAX ? amend->verdict_count : VERDICTS_MAX;
	bool found = false;
	for (size_t i = 0; i < ladder->kept_count; i++) {
		struct kept *kept = &ladder->kept[i];
		if (kept->packet.n != amend->n)
			continue;
		if (count > 0 || amend->cleared) {
			memcpy(kept->packet.verdicts, amend->verdicts,
			       count * sizeof(*amend->verdicts));
			kept->packet.verdict_count = count;
		}
		kept->packet.way.lost &= !amend->found;
		kept_redraw(ladder, style, kept);
		found = true;
	}
	return found;
}

void kept_close(struct ladder *ladder)
{
	free(ladder->kept);
	ladder->kept = NULL;
	ladder->kept_count = ladder->kept_room = 0;
	ladder->kept_waits = false;
}
