#include "verdict.h"

/* A half-close: one end has sent its FIN and still hears (RFC 9293 3.6). A FIN alone does not
 * tell it from a close, after which data make a RST. It is shown when the other end, having
 * acknowledged the FIN, sends data, and these are acknowledged. The FIN's record is changed
 * then, unless it has a verdict that it would lose. */

void half_looks(struct passage *passage)
{
	struct side *self = &passage->conversation->side[passage->from];
	struct signs *peer = &passage->conversation->side[!passage->from].signs;
	int64_t fin = passage->conversation->side[!passage->from].fin;
	const struct packet *packet = passage->packet;
	if (self->fin_n == packet->n)
		self->signs.fin_bare = packet->verdict_count == 0;
	if (fin < 0 || !passage->fresh || packet->ack <= fin || peer->half_n)
		return;
	peer->half_n = packet->n;
	peer->half_from = passage->data;
}

static bool half_amends(const struct passage *passage, const struct side *self)
{
	struct event amend = {.ns = passage->event->ns, .vantage = passage->event->vantage};
	amend.amend.n = self->fin_n;
	amend.amend.because = self->signs.half_n;
	amend.amend.verdicts[0] =
		(struct verdict){.id = VERDICT_HALF_CLOSE,
				 .because = {self->signs.half_n, passage->packet->n}};
	return verdict_later(passage->tracker, passage->conversation, &amend);
}

/* Nearly every packet passes here with nothing to tell: the event, a large one, is made only
 * for those that have. */
bool half_tells(struct passage *passage)
{
	struct side *self = &passage->conversation->side[passage->from];
	const struct packet *packet = passage->packet;
	if (!self->signs.half_n || self->signs.half_told ||
	    packet->segment.tcp.flags & TCP_RST || packet->ack <= self->signs.half_from)
		return true;
	self->signs.half_told = true;
	return !self->signs.fin_bare || half_amends(passage, self);
}
