#include "tracker.h"

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
		event->conv = c->number;
		event->packet.quotes =
			quoted_number(flow_shard(tracker, &key),
				      &c->side[conversation_from(c, quoted)], segment);
	}
	return tracker_emit(tracker, event);
}
