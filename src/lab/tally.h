/* The counters by which a host's kernel says why it sent something again. They are read for
 * each such frame: it has to be quick (some 40 us). */
#ifndef WIRELADDER_LAB_TALLY_H
#define WIRELADDER_LAB_TALLY_H

#include "wireladder/base.h"

/* Each after the file in which it stands. */
#define TALLY_LIST(X) \
	X(FAST, NETSTAT, "TCPFastRetrans") X(SLOW_START, NETSTAT, "TCPSlowStartRetrans") \
	X(PROBES, NETSTAT, "TCPLossProbes") X(TIMEOUTS, NETSTAT, "TCPTimeouts") \
	X(SACK_ENTRIES, NETSTAT, "TCPSackRecovery") \
	X(RENO_ENTRIES, NETSTAT, "TCPRenoRecovery") \
	X(WINDOW_PROBES, NETSTAT, "TCPWinProbe") X(KEEP_ALIVES, NETSTAT, "TCPKeepAlive") \
	X(RESENT, SNMP, "RetransSegs")

enum tally_key {
#define X(key, file, name) TALLY_##key,
	TALLY_LIST(X)
#undef X
	TALLY_COUNT
};

enum tally_file { TALLY_NETSTAT, TALLY_SNMP, TALLY_FILES };

struct tally {
	int fds[TALLY_FILES];     /* borrowed: opened inside the host's network */
	int columns[TALLY_COUNT]; /* which number of its line; -1: this kernel has none */
};

/* False: the files do not say what they should. */
bool tally_open(struct tally *tally, const int fds[static TALLY_FILES]);
bool tally_read(const struct tally *tally, int64_t values[static TALLY_COUNT]);

#endif
