/* Carries dishes between the rooms: observers -> timeline -> track -> out. */
#ifndef WIRELADDER_CLI_PIPELINE_H
#define WIRELADDER_CLI_PIPELINE_H

#include "cli.h"
#include "wireladder/decode.h"
#include "wireladder/timeline.h"

/* Where packets come from, as the pipeline sees it. */
struct source {
	struct observer observer;
	int fd;    /* to wait on when there is nothing yet; -1: never waits */
	bool live; /* meta goes out at once, not with the first packet */
	void (*describe)(void *self, struct meta *meta);
	/* Called a few times a second while live; true: nothing more is to come but what waits.
	 */
	bool (*tick)(void *self);
	bool (*drain)(void *self, struct err *err);
	/* Outputs are open: what is to be seen may begin. NULL: it does not wait for that. */
	bool (*begin)(void *self, struct err *err);
	void (*report)(void *self, struct summary *summary); /* skipped, dropped, truncated */
	/* Told every event on its way to the outputs, chosen or not; NULL: nobody listens. */
	void (*hear)(void *self, const struct event *event);
	void *listener; /* self of hear; NULL: the observer's */
	const struct amended *amended; /* for --verdict: what a first reading told, or NULL */
	const struct addr *local; /* addresses of this machine on a live interface; borrowed */
	size_t local_count;
	bool taps_at_both_ends;
	struct observer calls; /* programs and their socket calls; next NULL: nobody traces */
	int calls_fd;          /* to wait on for them, likewise; -1: never waits */
};

struct pipeline_end {
	struct summary summary;
	bool interrupted; /* by SIGINT or SIGTERM: what there was has been written */
};

/* Opens the outputs that the options name (or the default), runs the source dry, closes them.
 */
bool pipeline_run(const struct source *source, const struct options *options,
		  struct pipeline_end *end, struct err *err);

/* source.c: what every source of frames does with one: decode it, join fragments, and lend the
 * bytes from the network header on. */
struct unpacker {
	struct joiner *joiner;
	enum { WHOLE_NONE, WHOLE_WAITS, WHOLE_GIVEN } state;
	struct whole whole; /* completed by the latest frame, which was: */
	struct frame frame;
	uint64_t ns;
	uint32_t next; /* where its next packet begins; 0: that was the last */
};
bool unpacker_open(struct unpacker *unpacker, struct err *err);
/* ns is the frame's stamp, or what stands for it where it has none. */
void unpacker_frame(struct unpacker *unpacker, const struct frame *frame, uint64_t ns,
		    struct event *event);
/* What else the latest frame brings: a whole datagram that it completed, its next packet. Ask
 * until there is no more. */
bool unpacker_more(struct unpacker *unpacker, struct event *event);
void unpacker_close(struct unpacker *unpacker); /* safe on a zeroed one */

/* source_file.c, source_tap.c */
struct file_source;
struct file_source *file_source_open(const struct options *options, struct err *err);
void file_source_get(struct file_source *file, struct source *source);
/* What is missing of the input, "" when nothing is. Borrowed. */
const char *file_source_missing(struct file_source *file);
void file_source_close(struct file_source *file);

/* source_ends.c: two captures of the same traffic, one from each end. */
struct ends_source;
/* known: sides and clocks of a network of our own, both of whose taps saw all; NULL: they are
 * learned. Borrowed. */
struct ends_source *ends_source_open(const struct options *options,
				     const struct match_config *known, struct err *err);
void ends_source_get(struct ends_source *ends, struct source *source);
const char *ends_source_missing(struct ends_source *ends);
void ends_source_close(struct ends_source *ends); /* safe on NULL */

struct tap_source_config {
	const char *kind; /* meta.source.kind: demo, capture */
	const char *interface, *filter, *write_pcap;
	uint32_t snaplen;
	uint64_t count, duration_ns;
	bool private_loopback;
	/* Of a session that is made to be captured; each may be NULL. */
	bool (*begin)(void *context, struct err *err); /* outputs and tap are open */
	bool (*finished)(void *context); /* asked a few times a second */
	void (*ending)(void *context);   /* nothing more will be read but what waits */
	void (*report)(void *context, struct summary *summary);
	void *context;
};
struct tap_source;
struct tap_source *tap_source_open(const struct tap_source_config *config, struct err *err);
void tap_source_get(struct tap_source *tap, struct source *source);
/* Did the interface go while we listened? *err then says so. */
bool tap_source_gone(const struct tap_source *tap, struct err *err);
bool tap_source_close(struct tap_source *tap, struct err *err); /* false: the dump failed */

#endif
