/* Sockets, conversations, and bytes on their way. */
#include "weave.h"

#include <stdlib.h>
#include <string.h>

struct strand *strand_known(const struct weave *weave, uint32_t sock)
{
	struct strand *strand = weave->strands[sock % STRANDS];
	return sock > 0 && strand && strand->sock == sock ? strand : NULL;
}

static void sends_drop(struct weave *weave, struct strand *strand)
{
	uint32_t first = strand->sends_first;
	const struct waiting_send *send = pool_at(&weave->sends, first);
	strand->sends_first = send->next;
	if (!strand->sends_first)
		strand->sends_last = 0;
	if (strand->sends_seen == first)
		strand->sends_seen = 0;
	pool_give(&weave->sends, first);
}

struct strand *strand_of(struct weave *weave, uint32_t sock)
{
	struct strand **slot = &weave->strands[sock % STRANDS];
	if (sock == 0)
		return NULL;
	if (!*slot)
		*slot = calloc(1, sizeof(**slot));
	if (*slot && (*slot)->sock != sock) {
		while ((*slot)->sends_first)
			sends_drop(weave, *slot);
		**slot = (struct strand){.sock = sock};
	}
	weave->failed |= !*slot;
	return *slot;
}

void strands_close(struct weave *weave)
{
	for (size_t i = 0; i < STRANDS; i++)
		free(weave->strands[i]);
	free(weave->strands);
}

/* The same whichever end comes first. */
static size_t bucket_of(uint16_t port, uint16_t other)
{
	uint32_t low = port < other ? port : other, high = port < other ? other : port;
	return (low * 31 + high) % PORTS;
}

static void talk_forget(struct weave *weave, uint32_t index)
{
	struct talk *talk = pool_at(&weave->talks, index);
	uint32_t *at = &weave->buckets[bucket_of(talk->ends.port[0], talk->ends.port[1])];
	while (*at && *at != index)
		at = &((struct talk *)pool_at(&weave->talks, *at))->next;
	if (*at)
		*at = talk->next;
	((uint32_t *)(void *)weave->by_conv.at)[talk->conv - 1] = 0;
	pool_give(&weave->talks, index);
}

static uint32_t talk_index(const struct weave *weave, uint32_t conv)
{
	size_t known = weave->by_conv.len / sizeof(uint32_t);
	if (conv == 0 || conv > known)
		return 0;
	return ((const uint32_t *)(const void *)weave->by_conv.at)[conv - 1];
}

struct talk *talk_of(const struct weave *weave, uint32_t conv)
{
	uint32_t index = talk_index(weave, conv);
	return index ? pool_at(&weave->talks, index) : NULL;
}

void talk_ends(struct weave *weave, uint32_t conv)
{
	uint32_t index = talk_index(weave, conv);
	if (index)
		talk_forget(weave, index);
}

/* Room for its number; those between, if any, are of nobody. */
static bool conv_room(struct weave *weave, uint32_t conv)
{
	static const uint32_t none = 0;
	while (weave->by_conv.len / sizeof(none) < conv) {
		if (!buf_add(&weave->by_conv, &none, sizeof(none)))
			return false;
	}
	return true;
}

void talk_begins(struct weave *weave, const struct event *conversation)
{
	const struct conversation_ends *ends = &conversation->conversation;
	uint32_t *slot = &weave->oldest[weave->talk_count % TALKS], *bucket, index;
	struct talk *talk;
	if (conversation->conv == 0 || !conv_room(weave, conversation->conv))
		return;
	if (*slot)
		talk_ends(weave, *slot); /* where it is not long forgotten */
	index = pool_take(&weave->talks);
	if (!index)
		return;
	*slot = conversation->conv;
	weave->talk_count++;
	bucket = &weave->buckets[bucket_of(ends->port[0], ends->port[1])];
	talk = pool_at(&weave->talks, index);
	*talk = (struct talk){.conv = conversation->conv, .ends = *ends, .next = *bucket};
	*bucket = index;
	((uint32_t *)(void *)weave->by_conv.at)[conversation->conv - 1] = index;
}

/* An IPv6 socket may serve IPv4, too (RFC 3493 5.3). */
bool addr_fits(const struct addr *own, const struct addr *other)
{
	static const struct addr any4 = {.family = 4}, any6 = {.family = 6};
	return own->family == 0 || (addr_equal(own, &any4) && other->family == 4) ||
	       addr_equal(own, &any6) || addr_equal(own, other);
}

static bool talk_fits(const struct talk *talk, const struct socket_ends *ends, enum end end)
{
	const struct conversation_ends *own = &talk->ends;
	return own->udp == ends->udp && own->port[end] == ends->local_port &&
	       own->port[!end] == ends->peer_port &&
	       addr_fits(&ends->local, &own->addr[end]) &&
	       addr_fits(&ends->peer, &own->addr[!end]);
}

struct talk *talk_find(const struct weave *weave, const struct socket_ends *ends, enum end *end)
{
	uint32_t index = weave->buckets[bucket_of(ends->local_port, ends->peer_port)];
	if (ends->local_port == 0 || ends->peer_port == 0)
		return NULL;
	while (index) {
		struct talk *talk = pool_at(&weave->talks, index);
		for (*end = END_CLIENT; *end < END_COUNT; (*end)++) {
			if (talk_fits(talk, ends, *end))
				return talk;
		}
		index = talk->next;
	}
	return NULL;
}

static const struct waiting_send *send_at(const struct weave *weave, uint32_t index)
{
	return index ? pool_at(&weave->sends, index) : NULL;
}

static bool send_has(const struct waiting_send *send, uint64_t place)
{
	return send && place >= send->from && place < send->to;
}

/* Most packets carry bytes of the same call as the one before: then nobody walks. */
const struct waiting_send *sends_at(struct weave *weave, struct strand *strand, uint64_t place)
{
	const struct waiting_send *send = send_at(weave, strand->sends_seen);
	uint32_t at = strand->sends_first;
	size_t passed = 0;
	bool returned = true;
	if (send_has(send, place))
		return send;
	for (; (send = send_at(weave, at)) && place >= send->to; at = send->next) {
		returned &= send->returned;
		passed += returned;
	}
	for (; passed > SENDS_PASSED; passed--)
		sends_drop(weave, strand);
	strand->sends_seen = at;
	return send_has(send, place) ? send : NULL;
}

/* From one socket after the other, when there is no more room. */
static void sends_make_room(struct weave *weave)
{
	for (size_t i = 0; i < STRANDS && weave->sends.live == SENDS; i++) {
		struct strand *strand = weave->strands[weave->hand++ % STRANDS];
		const struct waiting_send *first;
		while (strand && (first = send_at(weave, strand->sends_first)) &&
		       first->returned)
			sends_drop(weave, strand);
	}
}

void sends_add(struct weave *weave, struct strand *strand, const struct call *call)
{
	struct waiting_send *send, *last;
	uint32_t index;
	uint64_t from = strand->sent;
	if (weave->sends.live == SENDS)
		sends_make_room(weave);
	index = pool_take(&weave->sends);
	if (!index) {
		strand->whole = false; /* from here on nobody's */
		return;
	}
	send = pool_at(&weave->sends, index);
	if (strand->sends_last) {
		last = pool_at(&weave->sends, strand->sends_last);
		last->next = index;
		from = last->to; /* more than was sent, when several threads send at once */
	} else {
		strand->sends_first = index;
	}
	strand->sends_last = index;
	if (!strand->sends_open)
		strand->sends_open = index;
	*send = (struct waiting_send){.id = call->id, .from = from, .to = from + call->wanted};
}

bool sends_end(struct weave *weave, struct strand *strand, const struct call *call,
	       uint64_t *from)
{
	const struct waiting_send *open;
	uint64_t less = 0;
	bool found = false;
	*from = strand->sent;
	for (uint32_t at = strand->sends_open; at;) {
		struct waiting_send *send = pool_at(&weave->sends, at);
		send->from -= less;
		send->to -= less;
		if (send->id == call->id) {
			*from = send->from;
			less = send->to - send->from - call->bytes;
			send->to = send->from + call->bytes;
			send->returned = found = true;
		}
		at = send->next;
	}
	while ((open = send_at(weave, strand->sends_open)) && open->returned)
		strand->sends_open = open->next;
	strand->sent += call->bytes;
	return found;
}
