/* link: theory of operation.
 *
 * A frame first waits for the transmitter (rate_bits_per_s), behind those that came before it;
 * when queue_packets wait there beside the one being sent, it is dropped at the tail. Then it
 * is on its way for delay_ns. All of that is known when it arrives, so its due time is fixed
 * then, never earlier than that of the frame before it: the link keeps order by itself.
 *
 * A stall moves due times to its end, and those of all frames behind. A stall by a rule begins
 * when the frame that met the rule would have left. A frame with a delay of its own leaves its
 * place: others overtake it. A held frame waits aside until `by` later ones have left, or for
 * 300 ms after it was due. Sentinels are due when the last frame is: they prove that all before
 * them are through. */
#include "link.h"

#include <stdlib.h>

struct link_due {
	uint64_t due_ns, order; /* equal times: in order of arrival */
	uint32_t id;
	bool passes; /* held frames count it */
};

bool link_open(struct link *link, const struct link_config *config)
{
	*link = (struct link){.config = config};
	link->departs_max = config->queue_packets ? config->queue_packets : LINK_QUEUE;
	if (link->departs_max >= LINK_FRAMES)
		link->departs_max = LINK_FRAMES - 1;
	link->departs_max++; /* the one that is being sent */
	link->due = calloc(LINK_FRAMES, sizeof(*link->due));
	link->departs = calloc(link->departs_max, sizeof(*link->departs));
	link_begin(link, LINK_STALL_NEVER);
	return link->due && link->departs;
}

void link_close(struct link *link)
{
	free(link->due);
	free(link->departs);
	*link = (struct link){0};
}

void link_begin(struct link *link, uint64_t zero_ns)
{
	const struct link_config *config = link->config;
	link->stall_ns[0] = link->stall_ns[1] = LINK_STALL_NEVER;
	if (config->stall_ns == 0 || zero_ns == LINK_STALL_NEVER)
		return;
	link->stall_ns[0] = zero_ns + config->stall_from_ns;
	link->stall_ns[1] = link->stall_ns[0] + config->stall_ns;
}

static bool due_before(const struct link_due *a, const struct link_due *b)
{
	return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->order < b->order;
}

static void link_push(struct link *link, struct link_due due)
{
	size_t at = link->count++;
	for (; at > 0 && due_before(&due, &link->due[(at - 1) / 2]); at = (at - 1) / 2)
		link->due[at] = link->due[(at - 1) / 2];
	link->due[at] = due;
}

static struct link_due link_pop(struct link *link)
{
	struct link_due top = link->due[0], last = link->due[--link->count];
	size_t at = 0, child;
	while ((child = 2 * at + 1) < link->count) {
		if (child + 1 < link->count &&
		    due_before(&link->due[child + 1], &link->due[child]))
			child++;
		if (!due_before(&link->due[child], &last))
			break;
		link->due[at] = link->due[child];
		at = child;
	}
	link->due[at] = last;
	return top;
}

/* Through the queue and the transmitter: false when the queue is full. */
static bool link_transmit(struct link *link, const struct link_frame *frame, uint64_t *left_ns,
			  enum wire_deed *deed)
{
	uint64_t rate = link->config->rate_bits_per_s, start = frame->arrived_ns;
	*left_ns = start;
	if (rate == 0)
		return true;
	while (link->departs_count && link->departs[link->departs_first] <= start) {
		link->departs_first = (link->departs_first + 1) % link->departs_max;
		link->departs_count--;
	}
	if (link->departs_count == link->departs_max)
		return false;
	if (link->free_ns > start) {
		start = link->free_ns;
		*deed = DEED_RATE;
	}
	link->free_ns = *left_ns = start + (uint64_t)frame->len * 8 * NS_PER_S / rate;
	link->departs[(link->departs_first + link->departs_count++) % link->departs_max] =
		*left_ns;
	return true;
}

/* When it is due in its place among the others. */
static uint64_t link_in_order(struct link *link, uint64_t due_ns, const struct wire_rule *rule,
			      enum wire_deed *deed)
{
	if (due_ns >= link->stall_ns[0] && due_ns < link->stall_ns[1])
		due_ns = link->stalled_until_ns = link->stall_ns[1];
	if (due_ns < link->latest_ns)
		due_ns = link->latest_ns;
	if (rule && rule->deed == DEED_STALL)
		due_ns = link->stalled_until_ns = due_ns + rule->ns;
	if (due_ns == link->stalled_until_ns)
		*deed = DEED_STALL;
	link->latest_ns = due_ns;
	return due_ns;
}

static void link_hold(struct link *link, const struct link_frame *frame, uint64_t due_ns)
{
	link->held[link->held_count++] = (struct link_held){
		.id = frame->id,
		.left = frame->rule->by ? frame->rule->by : 1,
		.order = link->order++,
		.until_ns = due_ns + LINK_HELD_NS,
	};
	if (due_ns + LINK_HELD_NS > link->last_ns)
		link->last_ns = due_ns + LINK_HELD_NS;
}

static struct link_fate link_sentinel(struct link *link, const struct link_frame *frame)
{
	uint64_t due_ns = frame->arrived_ns > link->last_ns ? frame->arrived_ns : link->last_ns;
	link_push(link, (struct link_due){due_ns, link->order++, frame->id, false});
	return (struct link_fate){.due_ns = due_ns};
}

struct link_fate link_enter(struct link *link, const struct link_frame *frame)
{
	enum wire_deed deed = frame->rule ? frame->rule->deed : DEED_NONE, own = DEED_NONE;
	uint64_t due_ns;
	if (link->count + link->held_count == LINK_FRAMES)
		return (struct link_fate){.deed = DEED_QUEUE_DROP};
	if (frame->sentinel)
		return link_sentinel(link, frame);
	if (!link_transmit(link, frame, &due_ns, &own))
		return (struct link_fate){.deed = DEED_QUEUE_DROP};
	due_ns = link_in_order(link, due_ns + link->config->delay_ns, frame->rule, &own);
	if (deed == DEED_HOLD && link->held_count < LINK_HELD) {
		link_hold(link, frame, due_ns);
		return (struct link_fate){deed, due_ns};
	}
	if (deed == DEED_HOLD)
		deed = DEED_NONE;
	if (deed == DEED_DELAY)
		due_ns += frame->rule->ns;
	if (due_ns > link->last_ns)
		link->last_ns = due_ns;
	link_push(link, (struct link_due){due_ns, link->order++, frame->id, true});
	return (struct link_fate){deed ? deed : own, due_ns};
}

/* A frame has left: those before it that waited for it follow at once. */
static void link_let_go(struct link *link, const struct link_due *passed)
{
	size_t kept = 0;
	for (size_t i = 0; i < link->held_count; i++) {
		struct link_held *held = &link->held[i];
		if (held->order < passed->order && --held->left == 0)
			link_push(link, (struct link_due){passed->due_ns, passed->order,
							  held->id, false});
		else
			link->held[kept++] = *held;
	}
	link->held_count = kept;
}

/* The one that has been held for too long, or NULL. */
static struct link_held *link_overdue(struct link *link, uint64_t now_ns)
{
	for (size_t i = 0; i < link->held_count; i++) {
		if (link->held[i].until_ns <= now_ns)
			return &link->held[i];
	}
	return NULL;
}

bool link_leave(struct link *link, uint64_t now_ns, uint32_t *id, uint64_t *due_ns)
{
	struct link_held *held = link_overdue(link, now_ns);
	struct link_due due;
	if (held) {
		*id = held->id;
		*due_ns = held->until_ns;
		link->held_count--;
		for (; held < link->held + link->held_count; held++)
			held[0] = held[1];
		return true;
	}
	if (link->count == 0 || link->due[0].due_ns > now_ns)
		return false;
	due = link_pop(link);
	if (due.passes)
		link_let_go(link, &due);
	*id = due.id;
	*due_ns = due.due_ns;
	return true;
}

uint64_t link_next_ns(const struct link *link)
{
	uint64_t next = link->count ? link->due[0].due_ns : UINT64_MAX;
	for (size_t i = 0; i < link->held_count; i++) {
		if (link->held[i].until_ns < next)
			next = link->held[i].until_ns;
	}
	return next;
}
