/* Records: an event becomes one line of the timeline, as timeline.schema.json describes it. */
#ifndef OUT_RECORD_H
#define OUT_RECORD_H

#include "json.h"
#include "sentence.h"

struct recorder {
	uint64_t start_ns;        /* of meta: where `t` counts from */
	struct output_bytes left; /* how much of packets may still be kept */
	struct buf line;          /* the record without newline; empty: the event has none */
	bool live;                /* calls have a record as they begin, too */
};

bool recorder_take(struct recorder *recorder, const struct event *event, struct err *err);

/* The parts, one file each; all append and leave failure to the buf. */
/* The object. sack: relative, as many as options->sack_count. */
void record_options(struct buf *out, const struct tcp_options *options,
		    const int64_t (*sack)[2], bool dsack);
void record_verdicts(struct buf *out, const struct verdict *verdicts, size_t count);
void record_ends(struct buf *out, const struct conversation_ends *ends);
void record_closed(struct buf *out, const struct event *event, uint64_t start_ns);
/* A packet's way between two vantages. */
void record_way(struct recorder *recorder, const struct way *way);
void record_amend(struct recorder *recorder, const struct event *event);
/* What a tracer sees: record_trace.c. */
void record_program(struct recorder *recorder, const struct event *event);
void record_call(struct recorder *recorder, const struct event *event);
void record_kernel(struct recorder *recorder, const struct event *event);
void record_meta(struct buf *out, const struct meta *meta);
void record_summary(struct buf *out, const struct summary *summary);

extern const char *const end_words[END_COUNT];
/* The ICMP message's name, "destination unreachable: port"; "" when it has none. */
void icmp_text(const struct segment *segment, struct buf *out);
/* "ethertype 0x0806 (ARP)" */
void unknown_text(const struct unknown_kind *kind, struct buf *out);
/* The capture-quality card: at most QUALITY_MAX sentences, each with its newline, the most
 * serious first. True: a clean capture, which is what the only one says. */
bool quality_text(const struct summary *summary, struct buf *out);

#endif
