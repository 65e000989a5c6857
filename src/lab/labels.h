/* Why was this sent again? The sending host's kernel has counted it: labels reads its counters
 * when a frame reaches the wire whose bytes were there before (see labels.c). */
#ifndef WIRELADDER_LAB_LABELS_H
#define WIRELADDER_LAB_LABELS_H

#include "flows.h"
#include "tally.h"

#define LABELS_WAITING 256 /* frames of one host that have no name yet; one more: the oldest
			    * goes without */
#define LABELS_STREAMS 64  /* with an episode; one more: the oldest is forgotten */

struct label_stream { /* what one end sends on one connection, and its episode of recovery */
	uint32_t ports;         /* the client's << 16 | the server's; 0: free */
	bool open;
	bool entered;           /* with the ACK that ended it the next one began */
	uint32_t high;          /* the highest number sent */
	uint32_t until;         /* the same at its entry: its ACK ends it; then of the next */
	uint64_t ended_ns;      /* such an ACK was sent on to the host then; 0: not yet */
};

struct label_host {
	struct tally tally;
	int64_t seen[TALLY_COUNT]; /* at the last reading */
	int64_t owed[TALLY_COUNT]; /* counted, and no frame bears it yet */
	uint64_t waiting[LABELS_WAITING]; /* lines of the log */
	struct label_pending {
		struct label_stream *stream;
		uint32_t high;
		uint64_t ns;
		bool bare_fin;
	} pending[LABELS_WAITING];
	size_t waiting_count;
	struct label_stream streams[LABELS_STREAMS];
	size_t next_stream;
};

struct labels {
	bool on; /* the counters can be read */
	struct truth *log;
	struct label_host hosts[END_COUNT];
};

/* fds: of netstat and snmp of each host. */
void labels_open(struct labels *labels, const int fds[static END_COUNT][TALLY_FILES],
		 struct truth *log);
void labels_begin(struct labels *labels); /* what was counted until now is nobody's */
/* A TCP segment of the other end is in the log at this line. */
void labels_frame(struct labels *labels, const struct meaning *meaning,
		  const struct place *place, uint64_t line);
/* This ACK is sent on to the host. */
struct label_ack {
	enum end host;
	uint32_t ports, ack;
	uint64_t ns; /* just before: the host answers while it is being sent */
};
void labels_heard(struct labels *labels, const struct label_ack *heard);
void labels_finish(struct labels *labels); /* nothing more will come */

#endif
