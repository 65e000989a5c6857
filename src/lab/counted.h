/* Lists of what kernels have counted. */
#ifndef WIRELADDER_LAB_COUNTED_H
#define WIRELADDER_LAB_COUNTED_H

#include "counters.h"

/* Every counter that has grown, as that host's, whose name is static. False: out of memory. */
bool counted_add(struct net_counts *counted, const char *host, const struct counters *counters);

#endif
