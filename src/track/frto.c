#include "verdict.h"

/* Forward RTO-Recovery (RFC 5682 2.1), as a witness looks at it who has no timestamps to go by.
 * A timeout sends the first outstanding segment again, and nothing else; the next ACK advances,
 * and the one after it advances over bytes that were sent once. So their originals arrived, and
 * the timeout was spurious.
 *
 * Applied are: not while an earlier timeout's recovery lasts (step 1); the first ACK advances
 * and stops below all that was outstanding (2); nothing else is sent again; the second one
 * advances, too (3). A duplicate ACK ends it. One is added, because the verdict is of the copy
 * and not of the congestion window: the first ACK comes sooner than the copy can have brought
 * it. Else the segment may have been lost, and those behind it late. */

/* A first timeout has just been told of: packet n sends [start, end) again. */
void frto_begins(const struct passage *passage, struct side *side, int64_t recover)
{
	struct sender *sender = sender_of(passage->shard, side);
	if (recover > side->resent_high)
		side->resent_high = recover; /* all until there is listened for */
	sender->frto_n = passage->packet->n;
	sender->frto_first_n = 0;
	sender->frto_ns = passage->event->ns;
	sender->frto_end = passage->end;
	sender->frto_recover = recover;
}

static bool frto_may_go_on(const struct passage *passage, const struct sender *sender)
{
	uint64_t echo_ns = place_echo_ns(passage->conversation, passage->from);
	return passage->packet->ack >= sender->frto_end &&
	       passage->packet->ack < sender->frto_recover &&
	       passage->event->ns < sender->frto_ns + echo_ns - echo_ns / 8;
}

/* An ACK comes, and side->una is still what it was before. True: it is the second. */
bool frto_hears(const struct passage *passage, const struct side *side, struct sender *sender)
{
	const struct packet *packet = passage->packet;
	if (!sender->frto_n || packet->ack < side->una)
		return false;
	if (packet->ack == side->una) {
		if (passage->end == passage->start && packet->window == sender->window_heard)
			sender->frto_n = 0;
		return false;
	}
	if (sender->frto_first_n)
		return true;
	sender->frto_first_n = packet->n;
	if (!frto_may_go_on(passage, sender))
		sender->frto_n = 0;
	return false;
}
