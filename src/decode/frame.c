/* The door's two functions: a frame goes in, a segment comes out. */
#include "decoding.h"

void decoding_limit(struct decoding *d, uint64_t length)
{
	uint64_t left = decoding_left(d);

	if (d->quoted) /* an ICMP error quotes a beginning, whatever its lengths promise */
		return;
	if (length > left) { /* more than was on the wire: the wire is believed */
		decoding_flaw(d, FLAW_BAD_LENGTH);
		return;
	}
	d->end -= left - length;
	if (length < cursor_left(&d->cursor))
		d->cursor = cursor_sub(&d->cursor, (size_t)length);
}

static void judge_ending(struct decoding *d)
{
	struct segment *segment = d->segment;

	if (d->end > d->frame->caplen)
		decoding_flaw(d, FLAW_TRUNCATED);
	else if (d->cursor.failed)
		decoding_flaw(d, FLAW_BAD_LENGTH);
	if (d->frame->bad_time)
		decoding_flaw(d, FLAW_BAD_TIME);
	if (segment->kind == SEGMENT_OTHER) {
		segment->other.layer = d->layer;
		segment->other.number = d->number;
	}
}

void decode_frame(const struct frame *frame, struct segment *segment)
{
	decode_step *link = link_find(frame->linktype);
	struct decoding d = {
		.frame = frame,
		.segment = segment,
		.end = frame->len > frame->caplen ? frame->len : frame->caplen,
		.layer = LAYER_LINK,
		.number = frame->linktype,
	};

	*segment = (struct segment){0};
	if (frame->caplen > 0) {
		d.cursor = cursor_init(frame->bytes, frame->caplen);
		if (link)
			link(&d);
	}
	judge_ending(&d);
}

bool decode_linktype_known(uint16_t linktype)
{
	return link_find(linktype) != NULL;
}
