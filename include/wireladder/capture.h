/* The door of src/capture: frames in and out. The only room that knows libpcap. */
#ifndef WIRELADDER_CAPTURE_H
#define WIRELADDER_CAPTURE_H

#include "wireladder/model.h"

enum frame_status { FRAME_READY, FRAME_NOT_YET, FRAME_END, FRAME_FAILED };

/* reader: pcap and pcapng files, as they are or in gzip or zstd ("-": standard input), several
 * as one capture in the order given. Damage, what cannot be read or unpacked, and a later file
 * that cannot be opened are passed over, counted and named: only a first file that is no
 * capture, and want of memory, are failures. Nothing is allocated by a length field alone. */
struct reader;
struct reader_report {
	const struct skipped *skipped; /* borrowed until reader_close; the first 1,000 */
	size_t skipped_count;
	uint64_t skipped_places, skipped_bytes;     /* of all, however many are listed */
	uint64_t dropped_kernel, dropped_interface; /* as the files' statistics say */
	uint64_t hosts_beyond;                      /* names left out for want of room */
	bool truncated; /* a file ends early or is damaged at its end: more may have followed */
	char sentence[400];                         /* what is missing, "" when nothing is */
};

struct reader *reader_open(const char *const *paths, size_t count, struct err *err);
/* Of a stamp whose fraction cannot be (bad_time) a pcap file's seconds are left in ns, for want
 * of better; where there is no time at all ns is 0. */
enum frame_status reader_next(struct reader *reader, struct frame *frame, struct err *err);
/* Interfaces described so far; they are numbered through all files. Borrowed until the next
 * call. */
const struct vantage *reader_interfaces(const struct reader *reader, size_t *count);
/* Names that the files give to addresses so far (pcapng name resolution blocks; the first
 * 10,000). Borrowed until the next call. */
const struct host *reader_hosts(const struct reader *reader, size_t *count);
/* Grows with every place that is passed over, interface and name: cheap, for every packet. */
uint64_t reader_news(const struct reader *reader);
void reader_report(const struct reader *reader, struct reader_report *report);
void reader_close(struct reader *reader);

/* tap: a live interface, through libpcap. */
struct tap_config {
	const char *interface;
	const char *filter;    /* tcpdump's language, or NULL */
	uint32_t snaplen;      /* 0: 2048: a ring slot is as long as this */
	uint32_t ring_bytes;   /* 0: 32 MiB, less where that is refused */
	bool private_loopback; /* made by loopback_enter: sentinels may be sent there */
};
struct tap;
struct tap *tap_open(const struct tap_config *config, struct err *err);
int tap_fd(const struct tap *tap); /* poll it for reading */
/* The frame is borrowed until the next call. FRAME_END with err->text not empty: the interface
 * has gone; what was captured before stands. While draining call it at least each 100 ms. */
enum frame_status tap_next(struct tap *tap, struct frame *frame, struct err *err);
/* Sends a sentinel through a private loopback (never returned as a frame); tap_next gives
 * FRAME_END once everything before it was delivered, or after two seconds. Elsewhere: once
 * nothing waits. */
bool tap_drain(struct tap *tap, struct err *err);
/* The vantage's name is borrowed from the tap. */
void tap_vantage(const struct tap *tap, struct vantage *vantage);
bool tap_dropped(struct tap *tap, uint64_t *kernel, uint64_t *interface);
void tap_close(struct tap *tap);

struct interface_listed {
	const char *name, *description; /* description may be NULL */
	bool up, loopback;
	const struct addr *addrs;
	size_t addr_count;
};
/* Calls back for every interface that can be named; all borrowed during the call. */
bool tap_list(void (*each)(void *context, const struct interface_listed *one), void *context,
	      struct err *err);

/* A user and network namespace of our own with a working loopback (offloads off, MTU 1500).
 * Must be called before any thread is made. EXIT_PERMISSION and the remedy where namespaces are
 * refused. */
bool loopback_enter(struct err *err);

/* filter: tcpdump's language over saved frames, compiled for each link type as it is met. */
struct filter;
struct filter *filter_open(const char *expression, struct err *err); /* checks its syntax */
/* false and *err when the expression cannot be compiled for the frame's link type. */
bool filter_matches(struct filter *filter, const struct frame *frame, bool *matches,
		    struct err *err);
void filter_close(struct filter *filter);

/* dump: a pcap file with nanosecond stamps, flushed each second; "-" is standard output. */
struct dump;
struct dump *dump_open(const char *path, uint16_t linktype, uint32_t snaplen, struct err *err);
bool dump_frame(struct dump *dump, const struct frame *frame, struct err *err);
bool dump_flush(struct dump *dump, struct err *err); /* each second while no frames come */
/* After a failed write the file is cut back to whole packets, and every later call fails with
 * the same sentence; a closed pipe on standard output is EXIT_DONE and no text. Frees in any
 * case. */
bool dump_close(struct dump *dump, struct err *err);

#endif
