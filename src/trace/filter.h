/* The seccomp filter of a traced program. */
#ifndef WIRELADDER_TRACE_FILTER_H
#define WIRELADDER_TRACE_FILTER_H

#include "tracing.h"

#include <linux/filter.h>

#define FILTER_MAX (CALL_COUNT + 9) /* instructions */

/* Returns their number. */
size_t filter_build(const struct abi *abi, bool no_rw,
		    struct sock_filter code[static FILTER_MAX]);

#endif
