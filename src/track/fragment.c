#include "verdict.h"

/* A datagram of which a fragment is missing is never delivered (RFC 791 3.2, RFC 8200 4.5). The
 * joiner puts together what is whole; what it has not put together when the time is over, or at
 * the end of the input, lacks one. Between two taps a fragment that is lost tells at once. */

#define WHOLE_NS (60 * NS_PER_S) /* RFC 8200 4.5 */
#define QUIET_NS (4 * NS_PER_MS) /* they leave back to back: the rest would have come */

static bool fragmented_is(const struct fragmented *f, const struct segment *segment)
{
	return f->n && f->ip_id == segment->ip_id && f->protocol == segment->ends.protocol &&
	       addr_equal(&f->src, &segment->ends.src) &&
	       addr_equal(&f->dst, &segment->ends.dst);
}

/* Said of the first fragment that came, once. */
static bool fragmented_tell(struct tracker *tracker, struct fragmented *f, uint64_t because)
{
	struct event amend = {.ns = f->last_ns, .vantage = f->vantage};
	amend.amend.n = f->n;
	amend.amend.because = because != f->n ? because : 0;
	amend.amend.verdicts[0] = (struct verdict){
		.id = VERDICT_FRAGMENT_LOST, .sure = f->lost ? SURE_CERTAIN : SURE_LIKELY};
	verdict_because(&amend.amend.verdicts[0], f->last_n);
	f->n = 0;
	return verdict_later(tracker, NULL, &amend);
}

static struct fragmented *fragmented_find(struct tracker *tracker,
					  const struct segment *segment)
{
	for (size_t i = 0; i < FRAGMENTED_MAX; i++) {
		if (fragmented_is(&tracker->fragmented[i], segment))
			return &tracker->fragmented[i];
	}
	return NULL;
}

static struct fragmented *fragmented_begin(struct tracker *tracker, const struct event *event)
{
	const struct segment *segment = &event->packet.segment;
	struct fragmented *f = &tracker->fragmented[tracker->fragmented_at];
	tracker->fragmented_at = (tracker->fragmented_at + 1) % FRAGMENTED_MAX;
	*f = (struct fragmented){
		.src = segment->ends.src,
		.dst = segment->ends.dst,
		.ip_id = segment->ip_id,
		.protocol = segment->ends.protocol,
		.vantage = event->vantage,
		.n = event->packet.n,
		.first_ns = event->ns,
	};
	return f;
}

static bool fragmented_is_over(const struct fragmented *f, uint64_t ns)
{
	return f->n && ns > f->first_ns + WHOLE_NS;
}

static bool fragments_expire(struct tracker *tracker, uint64_t ns)
{
	bool told = true;
	for (size_t i = 0; i < FRAGMENTED_MAX && told; i++) {
		if (fragmented_is_over(&tracker->fragmented[i], ns))
			told = fragmented_tell(tracker, &tracker->fragmented[i],
					       tracker->fragmented[i].last_n);
	}
	return told;
}

/* A fragment that did not arrive has that verdict itself. */
static void fragment_is_lost(struct tracker *tracker, struct packet *packet)
{
	packet->verdicts[packet->verdict_count++] = (struct verdict){.id = VERDICT_LOST};
	tracker->summary.verdicts[VERDICT_LOST]++;
}

bool fragment_packet(struct tracker *tracker, struct event *event)
{
	struct packet *packet = &event->packet;
	struct fragmented *f;
	if (!fragments_expire(tracker, event->ns))
		return false;
	f = fragmented_find(tracker, &packet->segment);
	if (!f)
		f = fragmented_begin(tracker, event);
	f->last_n = packet->n;
	f->last_ns = event->ns;
	if (packet->way.lost) {
		f->lost = true;
		fragment_is_lost(tracker, packet);
	}
	return tracker_emit(tracker, event);
}

/* The datagram is whole; its record has the number of the fragment that made it so. */
void fragment_joined(struct tracker *tracker, const struct packet *whole)
{
	uint64_t first = whole->fragments[0];
	for (size_t i = 0; i < FRAGMENTED_MAX; i++) {
		struct fragmented *f = &tracker->fragmented[i];
		if (f->n && (f->n == first || f->last_n == whole->n) && !f->lost)
			f->n = 0;
	}
}

bool fragments_finish(struct tracker *tracker)
{
	bool told = true;
	for (size_t i = 0; i < FRAGMENTED_MAX && told; i++) {
		struct fragmented *f =
			&tracker->fragmented[(tracker->fragmented_at + i) % FRAGMENTED_MAX];
		if (f->n && (f->lost || tracker->now_ns > f->last_ns + QUIET_NS))
			told = fragmented_tell(tracker, f, f->last_n);
	}
	return told;
}
