/* labels: theory of operation.
 *
 * The kernel counts what it sends again by its reason: TCPFastRetrans (in recovery),
 * TCPSlowStartRetrans (after a timeout), TCPLossProbes, TCPTimeouts, and all of them in
 * RetransSegs. A frame whose bytes have been on the wire before is one of those. So the
 * counters are read when one comes: what was counted since the last reading names the frames
 * since.
 *
 * What is counted and not yet borne by a frame is owed; frames without a name wait. While only
 * one reason is owed, the frames that wait are given it in their order. When several are owed
 * the frames that they are about are MIXED: nobody knows which is which. A loss probe may carry
 * new bytes: then the reasons are more than RetransSegs, and the surplus is such probes.
 *
 * Some counters are raised just after the frame went out: a reading that does not explain a
 * frame is made again a moment later. What still has no reason is UNCOUNTED (a segment that is
 * sent again into a closed window is one).
 *
 * With a SYN or SYN-ACK RetransSegs is enough: nothing else is sent again beside it. A FIN
 * without data is named as such, whatever its reason. TCPFastRetrans does not tell the first
 * hole of a recovery from the later ones: the first opens an episode, which ends with the ACK
 * of what was the highest byte then, when that is sent on to the host, or with a timeout
 * (RFC 6675 5). The kernel counts the recoveries that it enters, too (TCPSackRecovery,
 * TCPRenoRecovery): a first hole without an entry, or a later one with it, is MIXED. But the
 * wire reads the counters some time after a frame has passed, and may have sent on the ACK that
 * ends the episode meanwhile. Where more holes are known the next recovery begins with that
 * very ACK, and its first frame may be long in coming, new bytes before it, if the host paces
 * or has sent these again already. So the entries are read with such an ACK, too.
 */
#include "labels.h"

#include <string.h>

#define LABELS_AGAIN    4
#define LABELS_PAUSE_NS (15 * NS_PER_MS / 1000)

/* The reasons that RetransSegs is the sum of. */
static const struct {
	enum tally_key key;
	enum wire_cause cause;
} reasons[] = {
	{TALLY_FAST, CAUSE_FAST},
	{TALLY_SLOW_START, CAUSE_RTO_RECOVERY},
	{TALLY_PROBES, CAUSE_TLP},
	{TALLY_TIMEOUTS, CAUSE_RTO},
};

void labels_open(struct labels *labels, const int fds[static END_COUNT][TALLY_FILES],
		 struct truth *log)
{
	labels->on = true;
	labels->log = log;
	for (size_t i = 0; i < END_COUNT; i++)
		labels->on = labels->on && tally_open(&labels->hosts[i].tally, fds[i]);
	labels_begin(labels);
}

static void host_forget(struct label_host *host)
{
	tally_read(&host->tally, host->seen);
	memset(host->owed, 0, sizeof(host->owed));
	host->waiting_count = 0;
}

void labels_begin(struct labels *labels)
{
	for (size_t i = 0; labels->on && i < END_COUNT; i++) {
		host_forget(&labels->hosts[i]);
		memset(labels->hosts[i].streams, 0, sizeof(labels->hosts[i].streams));
	}
}

static void host_read(struct label_host *host)
{
	int64_t now[TALLY_COUNT];
	if (!tally_read(&host->tally, now))
		return;
	for (size_t i = 0; i < TALLY_COUNT; i++)
		host->owed[i] += now[i] - host->seen[i];
	memcpy(host->seen, now, sizeof(now));
}

/* Of how many frames the reason is known, after loss probes of new bytes are taken out. */
static int64_t host_explained(struct label_host *host, bool sure)
{
	int64_t sum = 0, surplus;
	for (size_t i = 0; i < ARRAY_COUNT(reasons); i++)
		sum += host->owed[reasons[i].key];
	surplus = sum - host->owed[TALLY_RESENT];
	if (sure && surplus > 0 && host->owed[TALLY_PROBES] > 0) {
		if (surplus > host->owed[TALLY_PROBES])
			surplus = host->owed[TALLY_PROBES];
		host->owed[TALLY_PROBES] -= surplus;
		sum -= surplus;
	}
	return sum;
}

static struct label_stream *host_stream(struct label_host *host, uint32_t ports, uint32_t high)
{
	struct label_stream *stream;
	for (size_t i = 0; i < LABELS_STREAMS; i++) {
		if (host->streams[i].ports == ports)
			return &host->streams[i];
	}
	stream = &host->streams[host->next_stream++ % LABELS_STREAMS];
	*stream = (struct label_stream){.ports = ports, .high = high};
	return stream;
}

/* Has the kernel entered a recovery since the last that was asked about? */
static bool host_entered(struct label_host *host)
{
	bool entered = host->owed[TALLY_SACK_ENTRIES] + host->owed[TALLY_RENO_ENTRIES] > 0;
	host->owed[TALLY_SACK_ENTRIES] = host->owed[TALLY_RENO_ENTRIES] = 0;
	return entered;
}

/* First or later hole? */
static enum wire_cause host_hole(struct label_host *host, const struct label_pending *pending)
{
	struct label_stream *stream = pending->stream;
	bool later = stream->open && (stream->ended_ns == 0 || pending->ns <= stream->ended_ns);
	bool entered;
	if (later && stream->ended_ns > 0)
		return CAUSE_RECOVERY;
	entered = host_entered(host) || (stream->open && stream->entered);
	if (later && !entered)
		return CAUSE_RECOVERY;
	if (later || !stream->open || !stream->entered)
		stream->until = pending->high;
	stream->open = true;
	stream->entered = false;
	stream->ended_ns = 0;
	return later == entered ? CAUSE_MIXED : CAUSE_FAST;
}

/* What left before the ACK came that ended an episode was sent when the next one began. */
static void stream_grows(struct label_stream *stream, uint32_t high, uint64_t ns)
{
	if (seq_diff(high, stream->high) > 0)
		stream->high = high;
	if (stream->ended_ns > 0 && ns <= stream->ended_ns &&
	    seq_diff(stream->high, stream->until) > 0)
		stream->until = stream->high;
}

/* The oldest that waits has its name. */
static void host_name(struct labels *labels, struct label_host *host, enum wire_cause cause)
{
	const struct label_pending *pending = &host->pending[0];
	if (cause == CAUSE_FAST)
		cause = host_hole(host, pending);
	else if (cause == CAUSE_RTO || cause == CAUSE_RTO_RECOVERY)
		pending->stream->open = false;
	if (pending->bare_fin)
		cause = CAUSE_FIN;
	labels->log[host->waiting[0]].cause = cause;
	host->waiting_count--;
	memmove(host->waiting, host->waiting + 1, host->waiting_count * sizeof(*host->waiting));
	memmove(host->pending, host->pending + 1, host->waiting_count * sizeof(*host->pending));
}

/* The only reason that is owed, or none, or several (count). */
static size_t host_reason(const struct label_host *host, size_t *reason)
{
	size_t count = 0;
	for (size_t i = 0; i < ARRAY_COUNT(reasons); i++) {
		if (host->owed[reasons[i].key] > 0) {
			*reason = i;
			count++;
		}
	}
	return count;
}

static void host_mixed(struct labels *labels, struct label_host *host, int64_t count)
{
	if ((int64_t)host->waiting_count < count)
		return; /* the others are still on their way */
	for (int64_t i = 0; i < count; i++)
		host_name(labels, host, CAUSE_MIXED);
	for (size_t i = 0; i < ARRAY_COUNT(reasons); i++)
		host->owed[reasons[i].key] = 0;
	host->owed[TALLY_RESENT] -= count;
}

static void host_settle(struct labels *labels, struct label_host *host)
{
	size_t reason = 0, count;
	int64_t sum = host_explained(host, false);
	for (int again = 0; again < LABELS_AGAIN && sum != host->owed[TALLY_RESENT]; again++) {
		clock_sleep_ns(LABELS_PAUSE_NS);
		host_read(host);
		sum = host_explained(host, false);
	}
	sum = host_explained(host, true);
	count = host_reason(host, &reason);
	if (count > 1) {
		host_mixed(labels, host, sum);
		return;
	}
	while (count == 1 && host->waiting_count > 0 && host->owed[reasons[reason].key] > 0) {
		host->owed[reasons[reason].key]--;
		host->owed[TALLY_RESENT]--;
		host_name(labels, host, reasons[reason].cause);
	}
	while (host->waiting_count > 0) {
		host->owed[TALLY_RESENT] -= host->owed[TALLY_RESENT] > 0;
		host_name(labels, host, CAUSE_UNCOUNTED);
	}
}

static void host_again(struct labels *labels, struct label_host *host, uint64_t line,
		       const struct label_pending *pending)
{
	if (host->waiting_count == LABELS_WAITING)
		host_name(labels, host, CAUSE_UNCOUNTED);
	host->waiting[host->waiting_count] = line;
	host->pending[host->waiting_count++] = *pending;
	host_read(host);
	host_settle(labels, host);
}

/* An empty segment below what was sent: a probe of the window, or that the peer still lives.
 * Either is counted before it goes; an ACK that is no probe is not. */
static void host_probes(struct labels *labels, struct label_host *host, uint64_t line)
{
	int64_t *windows = &host->owed[TALLY_WINDOW_PROBES],
		*alive = &host->owed[TALLY_KEEP_ALIVES];
	host_read(host);
	if (*windows + *alive == 0)
		return;
	labels->log[line].cause = *alive == 0     ? CAUSE_WINDOW_PROBE
				  : *windows == 0 ? CAUSE_KEEP_ALIVE
						  : CAUSE_MIXED;
	*windows -= *windows > 0;
	*alive -= *alive > 0;
}

/* In a simultaneous open a SYN-ACK follows a SYN with the same number and is not counted
 * (RFC 9293 3.5): it is the answer, not the same again. */
static void host_syn(struct labels *labels, struct label_host *host, uint64_t line)
{
	struct truth *truth = &labels->log[line];
	host_read(host);
	for (int again = 0; again < LABELS_AGAIN && host->owed[TALLY_RESENT] == 0; again++) {
		clock_sleep_ns(LABELS_PAUSE_NS);
		host_read(host);
	}
	if (host->owed[TALLY_RESENT] > 0)
		truth->cause = truth->tcp_flags & TCP_ACK ? CAUSE_SYN_ACK : CAUSE_SYN;
	memset(host->owed, 0, sizeof(host->owed));
}

void labels_frame(struct labels *labels, const struct meaning *meaning,
		  const struct place *place, uint64_t line)
{
	struct truth *truth = &labels->log[line];
	struct label_host *host = &labels->hosts[!truth->to];
	bool syn = meaning->tcp_flags & TCP_SYN, fin = meaning->tcp_flags & TCP_FIN;
	uint32_t first = place->from - syn;
	uint32_t ports = (uint32_t)truth->ports[0] << 16 | truth->ports[1];
	uint32_t high = place->to > place->high ? place->to : place->high;
	struct label_pending pending = {
		.high = meaning->seq - first + high,
		.ns = truth->arrived_ns,
		.bare_fin = fin && meaning->payload_len == 0,
	};
	if (!labels->on || meaning->tcp_flags & TCP_RST)
		return;
	pending.stream = host_stream(host, ports, pending.high);
	stream_grows(pending.stream, pending.high, pending.ns);
	if (first >= place->high)
		return;
	if (syn) {
		host_syn(labels, host, line);
	} else if (place->to + fin > first) {
		host_again(labels, host, line, &pending);
	} else {
		host_probes(labels, host, line);
	}
}

void labels_heard(struct labels *labels, const struct label_ack *heard)
{
	struct label_host *host = &labels->hosts[heard->host];
	for (size_t i = 0; i < LABELS_STREAMS; i++) {
		struct label_stream *stream = &host->streams[i];
		if (stream->ports != heard->ports || !stream->open ||
		    (stream->ended_ns > 0 && !stream->entered) ||
		    seq_diff(heard->ack, stream->until) < 0)
			continue;
		host_read(host);
		stream->entered = host_entered(host);
		stream->until = stream->high;
		stream->ended_ns = heard->ns;
	}
}

void labels_finish(struct labels *labels)
{
	for (size_t i = 0; labels->on && i < END_COUNT; i++) {
		struct label_host *host = &labels->hosts[i];
		while (host->waiting_count > 0)
			host_name(labels, host, CAUSE_MIXED);
	}
}
