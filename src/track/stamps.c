#include "verdict.h"

/* What a sending host writes on its packets in order: timestamps (RFC 7323) and IP
 * identifications. Each is evidence only where this end's are seen to count: a timestamp's tick
 * may be long, and an identification may mean nothing (RFC 6864 4.1). */

#define TICKS_LEAST    8 /* as many make its length known */
#define FINE_TICKS     1000
#define TICK_LEAST_NS  NS_PER_MS /* RFC 7323 5.4 */
#define TICK_MOST_NS   NS_PER_S
#define ID_STEP_MOST   64 /* others' packets lie between two of one connection */
#define ID_STEPS_LEAST 4
#define ID_STEPS_MOST  60000
#define REPEAT_NS      NS_PER_S /* by chance they may be equal, too */

static uint64_t stamps_tick_ns(const struct stamps *stamps)
{
	int32_t ticks = seq_diff(stamps->tsval, stamps->first_tsval);
	if (ticks < TICKS_LEAST || stamps->ns <= stamps->first_ns)
		return 0;
	return (stamps->ns - stamps->first_ns) / (uint64_t)ticks;
}

/* A tick of less than half a millisecond: microseconds, as Linux can. Long enough seen that no
 * jitter of the way makes it. */
static bool stamps_are_fine(const struct stamps *stamps)
{
	int32_t ticks = seq_diff(stamps->tsval, stamps->first_tsval);
	return ticks > FINE_TICKS &&
	       stamps->ns - stamps->first_ns < (uint64_t)ticks * NS_PER_MS / 2 &&
	       stamps->ns - stamps->first_ns > NS_PER_MS;
}

static bool stamps_count(const struct stamps *stamps)
{
	return stamps->id_steps >= ID_STEPS_LEAST && stamps->id_steps / 4 >= stamps->id_breaks;
}

static enum likeness likeness_of(int64_t difference)
{
	return difference > 0 ? LIKE_NEWER : difference < 0 ? LIKE_OLDER : LIKE_SAME;
}

/* Was this packet, at ns, sent before or after the one that is stamped so, or are they one and
 * the same? Equal timestamps tell nothing until the clock must have ticked between. */
enum likeness stamps_compare(const struct side *side, const struct packet *packet,
			     const struct stamp *with, uint64_t ns)
{
	const struct tcp_options *options = &packet->segment.tcp.options;
	bool stamped = options->present & OPTION_TS;
	uint64_t tick_ns = stamps_tick_ns(&side->stamps);
	if (stamped && options->tsval != with->tsval)
		return likeness_of(seq_diff(options->tsval, with->tsval));
	if (stamps_count(&side->stamps))
		return likeness_of((int16_t)((uint16_t)packet->segment.ip_id - with->ip_id));
	if (stamped && tick_ns && ns > with->ns + 2 * tick_ns)
		return LIKE_SAME;
	return LIKE_UNKNOWN;
}

/* How long after the packet with its end's newest timestamp this one left, at most, as its own
 * says. False: nobody can tell. */
bool stamps_since(const struct side *side, const struct packet *packet, uint64_t *since_ns)
{
	const struct tcp_options *options = &packet->segment.tcp.options;
	uint64_t tick_ns = stamps_tick_ns(&side->stamps);
	int32_t ticks = seq_diff(options->tsval, side->stamps.tsval);
	if (!(options->present & OPTION_TS) || !tick_ns || tick_ns > TICK_MOST_NS ||
	    side->stamps.fine)
		return false;
	if (tick_ns < TICK_LEAST_NS)
		tick_ns = TICK_LEAST_NS;
	*since_ns = ticks < 0 ? 0 : ((uint64_t)ticks + 1) * tick_ns;
	return true;
}

/* The identification of the packet right before it, of a host that gives each another: it is
 * that packet once more. 0 is none (RFC 6864 4.1). */
bool stamps_repeats(const struct packet *packet, const struct stamps *stamps, uint64_t ns)
{
	const struct tcp_options *options = &packet->segment.tcp.options;
	return stamps->id_differs && (uint16_t)packet->segment.ip_id == stamps->ip_id &&
	       ns < stamps->id_ns + REPEAT_NS &&
	       (!(options->present & OPTION_TS) || options->tsval == stamps->tsval);
}

static void stamps_identify(struct stamps *stamps, uint16_t ip_id)
{
	uint16_t step = (uint16_t)(ip_id - stamps->ip_id);
	stamps->id_differs = ip_id && stamps->ip_id && step;
	if (stamps->id_seen && step >= 1 && step <= ID_STEP_MOST)
		stamps->id_steps++;
	else if (stamps->id_seen)
		stamps->id_breaks++;
	if (stamps->id_steps > ID_STEPS_MOST || stamps->id_breaks > ID_STEPS_MOST) {
		stamps->id_steps /= 2;
		stamps->id_breaks /= 2;
	}
	stamps->id_seen = true;
	stamps->ip_id = ip_id;
}

/* Every packet of this end, after it was judged. */
void stamps_sends(struct passage *passage, struct side *side)
{
	struct stamps *stamps = &side->stamps;
	const struct tcp_options *options = &passage->packet->segment.tcp.options;
	if (!stamps_repeats(passage->packet, stamps, passage->event->ns)) {
		stamps_identify(stamps, (uint16_t)passage->packet->segment.ip_id);
		stamps->id_n = passage->packet->n;
	}
	stamps->id_ns = passage->event->ns;
	if (!(options->present & OPTION_TS))
		return;
	if (!stamps->first_ns) {
		stamps->first_ns = passage->event->ns;
		stamps->tsval = stamps->first_tsval = options->tsval;
	}
	if (seq_diff(options->tsval, stamps->tsval) >= 0) {
		stamps->tsval = options->tsval;
		stamps->ns = passage->event->ns;
		stamps->fine = stamps->fine || stamps_are_fine(stamps);
	}
	if (passage->start <= side->una &&
	    (!stamps->ts_recent_known || seq_diff(options->tsval, stamps->ts_recent) > 0)) {
		stamps->ts_recent_known = true;
		stamps->ts_recent = options->tsval;
		stamps->ts_recent_n = passage->packet->n;
	}
}
