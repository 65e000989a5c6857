/* The door of src/lab: two private hosts and a wire between them that obeys rules and writes
 * down what it did. Needs no right. What it says happened shares no code with what judges it:
 * this room never sees the tracker. */
#ifndef WIRELADDER_LAB_H
#define WIRELADDER_LAB_H

#include "wireladder/model_lesson.h"
#include "wireladder/model_report.h"

/* A lesson by its name on the shelf, which is inside the program, or from a file. A mistake in
 * it is EXIT_USAGE and a sentence with file and line. */
struct lesson *lesson_open(const char *name_or_path, struct err *err);
void lesson_close(struct lesson *lesson);

struct shelf_lesson {
	const char *name, *text; /* the file; both static */
	size_t length;
};
const struct shelf_lesson *lesson_shelf(size_t *count); /* in the order of teaching */

/* What the taps at both hosts saw of `fast-retransmit` once, as .pcap.gz, inside the program:
 * for where namespaces are refused. Static. */
const uint8_t *lesson_shipped(enum end host, size_t *count);

/* The two networks and the wire's. Client 10.77.0.1, fd77::1 on c0; server 10.77.0.2, fd77::2
 * on s0; neighbours are known, offloads off, nothing but the programs' own traffic passes. What
 * is sent to any other address crosses the wire and is never answered. TCP is reno unless the
 * lesson sets something else. */
struct lab;
#define LAB_CLIENT_ADDR4 "10.77.0.1"
#define LAB_SERVER_ADDR4 "10.77.0.2"
#define LAB_CLIENT_ADDR6 "fd77::1"
#define LAB_SERVER_ADDR6 "fd77::2"

/* Changes the calling process for good (it becomes root of a user namespace of its own, unless
 * it is root) and must be called before any thread is made; may be called again after lab_close
 * for a fresh set. The thread is in the wire's network then. EXIT_PERMISSION and the remedy
 * where namespaces are refused; EXIT_USAGE with file and line where the kernel does not take a
 * setting of a host, or has no counter or congestion control of a name. */
struct lab *lab_open(const struct lesson *lesson, uint64_t seed, struct err *err);
/* The calling thread is in this host's network from now on; what it opens belongs there. */
bool lab_enter(struct lab *lab, enum end host, struct err *err);
const char *lab_interface(enum end host); /* "c0", "s0" */
/* The wire is up both ways: a sentinel of each sender has passed, through the normal path.
 * Then the frames' numbers and the clock of stalls begin anew. */
bool lab_ready(struct lab *lab, struct err *err);
/* Nothing is under way on the wire any more; programs may still send, and what a host has just
 * sent may not have reached it: it is idle when it stays so. */
bool lab_idle(const struct lab *lab);
/* And no socket of either host waits for an acknowledgment or a window: once the programs have
 * ended, nothing more will be said. */
bool lab_settled(const struct lab *lab);
/* Whether these bytes are a sentinel or other noise of the lab's own, which no capture should
 * show and the truth does not count (multicast listener reports). */
bool lab_is_noise(const uint8_t *bytes, size_t count);
/* Stops forwarding; then what was done to every frame, in order of arrival, borrowed until
 * lab_close. *missed: frames beyond what the log holds (1,048,576), or dropped by the kernel
 * before the wire saw them. */
const struct truth *lab_truth(struct lab *lab, size_t *count, uint64_t *missed);
/* A counter of the host's kernel by nstat's name ("TcpExtTCPFastRetrans"); it began at 0 when
 * the lab was ready. False: there is no such counter. */
bool lab_counter(struct lab *lab, enum end host, const char *name, int64_t *value);
/* Every counter of both hosts that has grown since then. */
struct net_counts;
bool lab_counted(struct lab *lab, struct net_counts *counted, struct err *err);
/* Everything goes: wire, interfaces, networks. The calling thread is where it was before
 * lab_open, or, where that is not allowed, in a network without anything. Safe on NULL. */
void lab_close(struct lab *lab);

/* counted: what kernels have counted, those of one host behind each other. */
struct net_counts {
	struct buf counters; /* struct kernel_counter */
	struct buf names;    /* that those borrow */
};
const struct kernel_counter *counted_list(const struct net_counts *counted, size_t *count);
void counted_close(struct net_counts *counted);

/* The kernel's counters of the calling thread's network, by the name of its host; counting
 * begins. */
struct network_counters;
struct network_counters *network_counters_open(const char *host, struct err *err);
bool network_counters_take(const struct network_counters *network, struct net_counts *counted,
			   struct err *err);
void network_counters_close(struct network_counters *network); /* safe on NULL */

#endif
