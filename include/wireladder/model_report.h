/* What is said of a whole capture or a whole conversation: the contents of meta, closed and
 * summary. */
#ifndef WIRELADDER_MODEL_REPORT_H
#define WIRELADDER_MODEL_REPORT_H

#include "wireladder/model.h"

struct vantage { /* a tap: an interface of a capture */
	const char *name; /* borrowed for as long as the event */
	uint16_t linktype;
	uint32_t snaplen; /* 0: no limit known */
	bool nanoseconds; /* its stamps are finer than microseconds */
	/* Of two vantages: how its clock was set right. Its own time + offset_ns + drift is
	 * that of the first. */
	bool aligned;
	int64_t offset_ns, drift_ppb; /* at the capture's start; parts per 10^9 */
	uint64_t uncertainty_ns;
};

struct host { /* a lab's own, or as a pcapng file resolved it; nobody is ever asked */
	const char *name; /* borrowed likewise; not checked */
	struct addr addr;
	bool tapped;      /* it had a tap of its own, that vantage */
	uint16_t vantage;
};

struct lesson; /* model_lesson.h */

struct meta {
	uint64_t start_ns; /* has_start false: an empty capture */
	bool has_start;
	const char *source, *name, *filter; /* source: demo, read …; others may be NULL */
	const char *const *files;
	size_t file_count;
	const struct vantage *vantages;
	size_t vantage_count;
	const struct lesson *lesson; /* what is played, or NULL */
	uint64_t seed;
	bool has_seed;
	const struct host *hosts; /* names of addresses; those of one name stand together */
	size_t host_count;
};

struct conversation_ends {
	bool udp;
	struct addr addr[END_COUNT];
	uint16_t port[END_COUNT];
};

struct rtt_stats {
	uint64_t min_ns, max_ns, sum_ns, samples;
};

struct closed {
	struct conversation_ends ends;
	uint64_t packets[END_COUNT], bytes[END_COUNT]; /* bytes: unique payload */
	uint64_t first_ns, last_ns;
	enum opened opened;
	enum ended ended;
	uint64_t syn, synack, ack, handshake_rtt_ns; /* packet numbers, 0: not seen */
	uint32_t isn[END_COUNT];
	bool isn_assumed[END_COUNT], isn_known[END_COUNT]; /* neither: never heard of it */
	struct tcp_options options[END_COUNT]; /* of its SYN; present 0: that was not seen */
	struct rtt_stats rtt[END_COUNT];       /* of the data that this end sent */
	bool near[END_COUNT]; /* the tap was at this end */
	uint64_t data_first_ns[END_COUNT], data_last_ns[END_COUNT];
	uint32_t verdicts[VERDICT_COUNT];
	bool crossed;  /* two vantages: packets were seen leaving and arriving */
	uint64_t lost; /* and these, of both ends, did not arrive */
	enum tap_place place;  /* of the tap … */
	char place_why[160];   /* … a sentence, or "" */
};

struct count {
	uint64_t packets, bytes;
};

/* Datagrams that came in fragments, by what became of them. */
struct join_counts {
	uint64_t joined;     /* put together */
	uint64_t incomplete; /* fragments were still missing when the input ended … */
	uint64_t timed_out;  /* … or after 60 s (RFC 8200 4.5) */
	uint64_t refused;    /* IPv6 with overlapping fragments (RFC 5722) */
	uint64_t evicted;    /* let go because too many, or too large ones, were open */
};

#define UNKNOWN_KINDS 32
struct unknown_kind {
	enum layer layer;
	uint32_t number;
	struct count count;
};

struct skipped { /* bytes of the input that were passed over */
	uint64_t at, bytes; /* bytes 0: a whole file that could not be read */
	char why[120];
};

struct kernel_counter { /* of a host's kernel, as nstat names it; what it grew by */
	const char *host, *name; /* host: "client", "server", "lo"; both borrowed */
	int64_t value;
};

#define QUALITY_MAX 8
struct summary {
	struct count all, tcp, udp, icmp, fragments, other;
	struct join_counts joins;
	struct unknown_kind unknown[UNKNOWN_KINDS]; /* what `other` is made of, first come */
	size_t unknown_count;
	uint64_t conversations, verdicts[VERDICT_COUNT], flaws[FLAW_COUNT];
	const struct skipped *skipped; /* the first; borrowed for as long as the event */
	size_t skipped_count;
	uint64_t skipped_places, skipped_bytes; /* of all, however many are listed */
	uint64_t dropped_kernel, dropped_interface, evicted, elapsed_ns;
	bool truncated; /* the input ends early or is damaged at its end */
	const struct kernel_counter *counters; /* those of one host stand together; borrowed */
	size_t counter_count;
	char quality[QUALITY_MAX][200]; /* the capture-quality card: sentences */
	size_t quality_count;
};

#endif
