/* `read --compare`: our verdicts beside Wireshark's. */
#ifndef WIRELADDER_CLI_COMPARE_H
#define WIRELADDER_CLI_COMPARE_H

#include "cli.h"

/* What both sides speak of, though in other words. A bit each. */
#define FAMILY_LIST(X) \
	X(RETRANSMISSION, "retransmission") X(FAST, "fast retransmission") \
	X(OUT_OF_ORDER, "out of order") X(DUP_ACK, "duplicate ACK") \
	X(ZERO_WINDOW, "zero window") X(WINDOW_FULL, "window full") \
	X(WINDOW_UPDATE, "window update") X(KEEP_ALIVE, "keep-alive") \
	X(KEEP_ALIVE_ACK, "keep-alive answered") X(PROBE, "zero window probe") \
	X(PROBE_ACK, "zero window probe answered") X(UNSEEN, "ACK of unseen") \
	X(GAP, "bytes not captured") X(PORTS, "ports used again")

enum family {
#define X(name, words) FAMILY_##name,
	FAMILY_LIST(X)
#undef X
	FAMILY_COUNT
};

/* compare_tshark.c: what tshark said, packet by packet. */
struct theirs {
	uint64_t n;     /* the packet's number as ours; other blocks of a file have none */
	uint32_t words; /* bits of the words below */
};
struct tshark {
	struct theirs *said; /* those of which it said something */
	size_t count, room;
	uint64_t packets, blocks, last; /* lines that are packets, that are not; last number */
	bool full;                      /* it said more than is kept */
};
/* One line of `tshark -T ek`. False: it is none. */
bool tshark_line(struct tshark *tshark, const char *line, size_t length, struct err *err);
bool tshark_run(struct tshark *tshark, const char *capture, struct err *err);
bool tshark_saved(struct tshark *tshark, const char *path, struct err *err);
uint32_t tshark_families(uint32_t words);
void tshark_text(uint32_t words, struct buf *out);
/* Why nothing of the kind is said here, as far as that is known. */
void tshark_why_not(uint32_t words, struct buf *out);
void tshark_close(struct tshark *tshark);

/* compare.c: what we say, and the difference. */
struct ours {
	uint64_t n;
	uint32_t conv, families;
	struct verdict verdict; /* the first, or the first of a family */
};
struct compare {
	struct tshark tshark;
	struct ours *said;
	size_t count, room;
	bool full, failed; /* failed: memory ran out */
};
struct event;
void compare_hear(void *self, const struct event *event);
uint32_t compare_families(const struct verdict *verdicts, size_t count);
/* The list and the totals. */
void compare_text(const struct compare *compare, struct buf *out);
void compare_close(struct compare *compare);

#endif
