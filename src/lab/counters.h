/* What a host's kernel counts: its files of /proc/net, kept open from inside its network. */
#ifndef WIRELADDER_LAB_COUNTERS_H
#define WIRELADDER_LAB_COUNTERS_H

#include "wireladder/lab.h"

enum { COUNTER_NETSTAT, COUNTER_SNMP, COUNTER_FILES = 4 };
struct counters {
	int fds[COUNTER_FILES];
	struct buf zero[COUNTER_FILES]; /* what they said when counting began */
};

/* In the calling thread's network; counting begins. */
bool counters_open(struct counters *counters, struct err *err);
bool counters_begin(struct counters *counters); /* anew; false: out of memory */
/* By nstat's name; false: there is no such counter. */
bool counters_value(const struct counters *counters, const char *name, int64_t *value);
/* Every name that there is, each with its NUL, in a row; false: out of memory. */
bool counters_names(const struct counters *counters, struct buf *names);
/* Calls back for each counter that has grown. False: out of memory. */
struct counter_taker {
	void (*take)(void *context, const char *name, int64_t grown);
	void *context;
};
bool counters_grown(const struct counters *counters, const struct counter_taker *taker);
/* Frames that a host's interface could not hand to the wire, or to the host. */
uint64_t counters_dropped(const struct counters *counters, const char *interface);
void counters_close(struct counters *counters);

#endif
