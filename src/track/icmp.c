#include "verdict.h"

/* An ICMP error quotes the packet that caused it (RFC 792, RFC 4443 3): find that packet. */

/* A datagram is known by its IP identification; where that is 0, as it is for most IPv6 and for
 * packets that may not be fragmented, by its length alone. */
static bool sent_is_quoted(const struct sent *item, const struct side *side,
			   const struct segment *segment)
{
	if (segment->icmp.quoted.protocol != 17)
		return item->start == side_relative(side, segment->icmp.quoted_seq);
	return (uint32_t)item->start == segment->icmp.quoted_ip_id &&
	       (uint32_t)item->end == segment->icmp.quoted_len;
}

/* The number of the quoted packet; 0 when it was not seen, or when several could be it. */
static uint64_t quoted_number(struct shard *shard, const struct side *side,
			      const struct segment *segment)
{
	uint64_t found = 0;
	for (uint32_t i = side->sent_first; i;) {
		const struct sent *item = pool_at(&shard->sents, i);
		if (sent_is_quoted(item, side, segment)) {
			if (found && segment->icmp.quoted.protocol == 17)
				return 0;
			found = item->n;
		}
		i = item->next;
	}
	return found;
}

/* Destination unreachable but for "too big", which its sender can mend (RFC 792, RFC 1191 4,
 * RFC 4443 3.1). */
static bool icmp_is_unreachable(const struct segment *segment)
{
	if (segment->ends.src.family == 6)
		return segment->icmp.type == 1;
	return segment->icmp.type == 3 && segment->icmp.code != 4;
}

/* "Too big", with the size that fits (RFC 1191 4, RFC 4443 3.2). */
static bool icmp_is_too_big(const struct segment *segment)
{
	if (segment->ends.src.family == 6)
		return segment->icmp.type == 2;
	return segment->icmp.type == 3 && segment->icmp.code == 4;
}

/* What is outstanding will be sent again in smaller segments, and that is no loss (RFC 1191
 * 6.4). Only the first of such errors about a flight makes its sender do so. */
static void icmp_resizes(struct shard *shard, const struct side *side,
			 const struct event *event)
{
	struct sender *sender = sender_of(shard, side);
	if (!sender || !icmp_is_too_big(&event->packet.segment) || !event->packet.quotes ||
	    side->una < sender->too_big_point)
		return;
	sender->too_big_n = event->packet.n;
	sender->too_big_point = side->high;
}

static void icmp_judge(struct tracker *tracker, struct event *event, struct conversation *c)
{
	struct passage passage;
	enum end whose = conversation_from(c, &event->packet.segment.icmp.quoted);
	if (!icmp_is_unreachable(&event->packet.segment))
		return;
	if (c->ends.udp)
		c->side[whose].datagrams.refused = true;
	if (!event->packet.quotes)
		return;
	passage_begin(&passage, tracker, event);
	passage.conversation = c;
	verdict_of(&passage, VERDICT_UNREACHABLE, event->packet.quotes);
}

bool icmp_packet(struct tracker *tracker, struct event *event)
{
	const struct segment *segment = &event->packet.segment;
	const struct tuple *quoted = &segment->icmp.quoted;
	struct flow_key key;
	struct conversation *c;
	if (!segment->icmp.quotes || (quoted->protocol != 6 && quoted->protocol != 17))
		return tracker_emit(tracker, event);
	c = flow_find(tracker, quoted, &key);
	if (c) {
		struct shard *shard = flow_shard(tracker, &key);
		const struct side *side = &c->side[conversation_from(c, quoted)];
		event->conv = c->number;
		event->packet.quotes = quoted_number(shard, side, segment);
		icmp_resizes(shard, side, event);
		icmp_judge(tracker, event, c);
	}
	return tracker_emit(tracker, event);
}
