/* The door's first functions: a frame goes in, a segment comes out. */
#include "decoding.h"

bool decoding_limit(struct decoding *d, uint64_t length)
{
	uint64_t left = decoding_left(d);

	if (d->quoted) /* an ICMP error quotes a beginning, whatever its lengths promise */
		return true;
	if (length > left) { /* more than was on the wire: the wire is believed */
		decoding_flaw(d, FLAW_BAD_LENGTH);
		return false;
	}
	d->end -= left - length;
	if (length < cursor_left(&d->cursor))
		d->cursor = cursor_sub(&d->cursor, (size_t)length);
	return true;
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

void decoding_packet(struct decoding *d, uint32_t offset)
{
	struct segment *segment = d->segment;

	if (segment->ends.src.family != 0) { /* else only flaws and layers were learned */
		*segment = (struct segment){
			.flaws = segment->flaws,
			.tunnel = segment->tunnel,
			.next = segment->next,
		};
	}
	segment->network_offset = offset;
	d->route_end = NULL;
	d->route_unknown = false;
}

bool decoding_enter(struct decoding *d, enum tunnel_kind kind)
{
	struct tunnel *tunnel = &d->segment->tunnel;

	if (tunnel->count == TUNNEL_MAX)
		return false;
	tunnel->kind[tunnel->count++] = (uint8_t)kind;
	return true;
}

bool decoding_enter_numbered(struct decoding *d, enum tunnel_kind kind, uint32_t number)
{
	struct tunnel *tunnel = &d->segment->tunnel;

	if (!decoding_enter(d, kind))
		return false;
	tunnel->number[tunnel->count - 1] = number;
	tunnel->numbered |= (uint16_t)(1u << (tunnel->count - 1));
	return true;
}

bool decoding_attempt(struct decoding *d, decode_step *step)
{
	struct decoding before = *d;
	struct segment segment = *d->segment;

	if (d->attempts == ATTEMPTS_MAX)
		return false;
	step(d);
	if (d->packets > before.packets)
		return true;
	before.attempts = d->attempts + 1;
	*d = before;
	*d->segment = segment;
	return false;
}

/* From this offset on. */
static void decoding_run(const struct frame *frame, struct segment *segment, uint32_t offset,
	decode_step *step)
{
	struct decoding d = {
		.frame = frame,
		.segment = segment,
		.end = frame->len > frame->caplen ? frame->len : frame->caplen,
		.layer = LAYER_LINK,
		.number = frame->linktype,
	};

	if (frame->caplen > 0) {
		d.cursor = cursor_init(frame->bytes, frame->caplen);
		cursor_skip(&d.cursor, offset);
		if (step)
			step(&d);
	}
	judge_ending(&d);
}

void decode_frame(const struct frame *frame, struct segment *segment)
{
	*segment = (struct segment){0};
	decoding_run(frame, segment, 0, link_find(frame->linktype));
}

void decoding_whole(const struct frame *frame, struct segment *segment)
{
	*segment = (struct segment){.tunnel = segment->tunnel};
	decoding_run(frame, segment, 0, ip_decode);
}

bool decode_next(const struct frame *frame, struct segment *segment)
{
	uint32_t offset = segment->next;

	if (offset == 0)
		return false;
	*segment = (struct segment){0};
	decoding_run(frame, segment, offset, subframe_decode);
	return true;
}

bool decode_linktype_known(uint16_t linktype)
{
	return link_find(linktype) != NULL;
}
