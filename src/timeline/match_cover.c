#include "match.h"

/* Where packets differ, their sequence numbers tell. A sender that leaves segmentation to its
 * hardware is captured sending one segment of 64 KiB where the other tap sees forty; a receiver
 * whose hardware merges segments is captured receiving one where many left. And an ACK tells
 * that bytes have arrived though nobody captured their arrival. */

#define STEPS_MAX 4096 /* departures under way in one flow that are looked at */

struct span { /* relative to a mark's numbers */
	uint32_t start, end;
};

static uint32_t packet_numbers(const struct packet *packet)
{
	uint16_t flags = packet->segment.tcp.flags;
	return packet->segment.len + !!(flags & TCP_SYN) + !!(flags & TCP_FIN);
}

static uint64_t place_hash(uint64_t flow, uint32_t seq)
{
	uint64_t words[] = {flow, seq};
	uint64_t hash = hash_bytes(words, sizeof(words), 0);
	return hash ? hash : 1;
}

/* Two packets with some numbers in common: an ACK of these may be due to either, unless the
 * older is known not to have arrived. If it has, the ACK says nothing of the younger. */
static void copies_meet(struct mark *older, struct mark *younger)
{
	if (older->state == MARK_ARRIVED && older->seq == younger->seq &&
	    older->len >= younger->len)
		younger->replaced = true;
	if (!older->wanted && (!younger->before_ns || older->ns < younger->before_ns))
		younger->before_ns = older->ns;
	if (!older->again_ns)
		older->again_ns = younger->ns;
	older->again_last_ns = younger->ns;
}

/* Those that begin alike, however long ago. */
static void copies_by_place(struct marks *marks, struct mark *mark)
{
	struct mark *other = marks_first(marks, LINK_PLACE, mark->hash[LINK_PLACE]);
	for (size_t steps = 0; other && steps < STEPS_MAX; steps++) {
		if (other->hash[LINK_PLACE] == mark->hash[LINK_PLACE] &&
		    other->vantage == mark->vantage)
			copies_meet(other, mark);
		other = mark_at(marks, other->next[LINK_PLACE]);
	}
}

/* Those under way that begin elsewhere; of new data there are none, as the youngest tells. */
static void copies_by_flow(struct marks *marks, struct mark *mark)
{
	struct mark *other = marks_first(marks, LINK_FLOW, mark->hash[LINK_FLOW]);
	uint32_t end = mark->seq + mark->len;
	bool youngest = true;
	mark->highest = end;
	for (size_t steps = 0; other && steps < STEPS_MAX; steps++) {
		if (other->hash[LINK_FLOW] == mark->hash[LINK_FLOW] && other->len > 0 &&
		    other->vantage == mark->vantage) {
			if (youngest && seq_diff(other->highest, end) > 0)
				mark->highest = other->highest;
			if (youngest && seq_diff(mark->seq, other->highest) >= 0)
				return;
			youngest = false;
			if (seq_diff(other->seq, end) < 0 && other->seq != mark->seq &&
			    seq_diff(mark->seq, other->seq + other->len) < 0)
				copies_meet(other, mark);
		}
		other = mark_at(marks, other->next[LINK_FLOW]);
	}
}

void cover_departure(struct marks *marks, const struct packet *packet, struct mark *mark)
{
	uint64_t flow = content_flow(&packet->segment.ends);
	mark->hash[LINK_FLOW] = flow;
	mark->ip_id = packet->segment.ip_id;
	mark->payload = packet->segment.len;
	if (packet->segment.kind != SEGMENT_TCP)
		return;
	mark->seq = packet->segment.tcp.seq;
	mark->len = packet_numbers(packet);
	mark->syn = packet->segment.tcp.flags & TCP_SYN;
	if (mark->len == 0)
		return;
	mark->hash[LINK_PLACE] = place_hash(flow, mark->seq);
	copies_by_place(marks, mark);
	copies_by_flow(marks, mark);
}

/* What of the mark's numbers [seq, seq + len) lies in. */
static struct span mark_span(const struct mark *mark, uint32_t seq, uint32_t len)
{
	int64_t start = seq_diff(seq, mark->seq), end = start + len;
	if (start < 0)
		start = 0;
	if (end > mark->len)
		end = mark->len;
	return start < end ? (struct span){(uint32_t)start, (uint32_t)end} : (struct span){0};
}

static struct range *range_at(struct marks *marks, uint32_t index)
{
	return index ? pool_at(&marks->ranges, index) : NULL;
}

/* Without room for another range its bytes count as arrived: nothing is called lost that may
 * not be. */
static void range_insert(struct marks *marks, uint32_t *link, uint32_t start, uint32_t end)
{
	uint32_t index = start < end ? pool_take(&marks->ranges) : 0;
	if (!index)
		return;
	*range_at(marks, index) = (struct range){start, end, *link};
	*link = index;
}

/* Takes the span out of what is missing. */
static void mark_bring(struct marks *marks, struct mark *mark, struct span span)
{
	uint32_t *link = &mark->missing;
	if (!mark->in_pieces)
		range_insert(marks, link, 0, mark->len);
	mark->in_pieces = true;
	while (*link) {
		uint32_t index = *link;
		struct range range = *range_at(marks, index);
		if (range.end <= span.start || range.start >= span.end) {
			link = &range_at(marks, index)->next;
			continue;
		}
		*link = range.next;
		pool_give(&marks->ranges, index);
		range_insert(marks, link, span.end, range.end);
		range_insert(marks, link, range.start, span.start);
		/* What was put back does not lie in the span: the walk passes over it. */
	}
}

struct cover {
	struct marks *marks;
	const struct mark *exact;
	uint32_t seq, len, brought;
};

/* True when the mark has arrived. A segment with the same numbers that is another packet is a
 * retransmission of which the departure was not captured. */
static bool cover_mark(struct cover *cover, struct mark *mark)
{
	struct span span = mark_span(mark, cover->seq, cover->len);
	bool same = mark->seq == cover->seq && mark->len == cover->len;
	if (span.start == span.end)
		return false;
	if (cover->exact || same) {
		mark->replaced = true;
		return false;
	}
	cover->brought += span.end - span.start;
	mark_bring(cover->marks, mark, span);
	return !mark->missing;
}

/* Its checksum says that not all of it is as it was. Where the identification is there, it is
 * believed; else the numbers, which may be what is damaged. */
struct mark *cover_damaged(const struct marks *marks, const struct event *event)
{
	const struct segment *segment = &event->packet.segment;
	uint64_t flow = content_flow(&segment->ends);
	struct mark *mark = marks_first(marks, LINK_FLOW, flow), *found = NULL;
	for (size_t steps = 0; mark && steps < STEPS_MAX; steps++) {
		bool known = segment->ip_id ? mark->ip_id == segment->ip_id
					    : segment->kind != SEGMENT_TCP ||
						      mark->seq == segment->tcp.seq;
		if (mark->hash[LINK_FLOW] == flow && mark->vantage != event->vantage && known &&
		    mark->payload == segment->len)
			found = mark;
		mark = mark_at(marks, mark->next[LINK_FLOW]);
	}
	return found;
}

bool cover_arrival(struct marks *marks, const struct event *event, const struct mark *exact,
		   void (*arrived)(void *context, struct mark *mark), void *context)
{
	const struct packet *packet = &event->packet;
	struct cover cover = {marks, exact, packet->segment.tcp.seq, packet_numbers(packet), 0};
	uint64_t flow = content_flow(&packet->segment.ends);
	struct mark *next, *mark = marks_first(marks, LINK_FLOW, flow);
	for (size_t steps = 0; mark && steps < STEPS_MAX; steps++, mark = next) {
		next = mark_at(marks, mark->next[LINK_FLOW]);
		if (mark->hash[LINK_FLOW] == flow && mark->vantage != event->vantage &&
		    mark != exact && cover_mark(&cover, mark))
			arrived(context, mark);
	}
	return cover.len > 0 && cover.brought >= cover.len;
}

static bool packet_acknowledges(const struct packet *packet, const struct mark *mark)
{
	const struct tcp_options *options = &packet->segment.tcp.options;
	uint32_t end = mark->seq + mark->len;
	if (seq_diff(packet->segment.tcp.ack, end) >= 0)
		return true;
	for (size_t i = 0; i < options->sack_count; i++) {
		if (seq_diff(mark->seq, options->sack[i][0]) >= 0 &&
		    seq_diff(options->sack[i][1], end) >= 0)
			return true;
	}
	return false;
}

/* An ACK that covers the mark was sent: was it this packet that earned it, or another? */
static void mark_acknowledged(struct mark *mark, const struct ack_seen *ack)
{
	bool again = mark->again_ns && ack->left_ns >= mark->again_ns + ack->least_ns;
	if (mark->replaced || ack->left_ns < mark->ns + ack->least_ns)
		return;
	if (again || mark->before_ns)
		mark->doubtful = true;
	else
		mark->acknowledged = true;
}

/* An ACK names the first number that its sender still waits for (RFC 9293 3.4). */
static bool packet_wants(const struct packet *packet, const struct mark *mark,
			 const struct ack_seen *ack)
{
	return ack->leaving && packet->segment.tcp.ack == mark->seq &&
	       ack->left_ns >= mark->ns + ack->least_ns;
}

void cover_acknowledged(struct marks *marks, const struct packet *packet,
			const struct ack_seen *ack)
{
	const struct tuple *ends = &packet->segment.ends;
	struct tuple back = {ends->dst, ends->src, ends->dport, ends->sport, ends->protocol};
	uint64_t flow = content_flow(&back);
	struct mark *mark = packet->segment.tcp.flags & TCP_ACK
				    ? marks_first(marks, LINK_FLOW, flow)
				    : NULL;
	for (size_t steps = 0; mark && steps < STEPS_MAX; steps++) {
		if (mark->hash[LINK_FLOW] == flow && mark->vantage != ack->receiver &&
		    mark->len > 0) {
			if (packet_acknowledges(packet, mark))
				mark_acknowledged(mark, ack);
			else if (packet_wants(packet, mark, ack))
				mark->wanted = true;
		}
		mark = mark_at(marks, mark->next[LINK_FLOW]);
	}
}
