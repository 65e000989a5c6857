/* Private networks, for every room that needs one. */
#ifndef WIRELADDER_BASE_NAMESPACE_H
#define WIRELADDER_BASE_NAMESPACE_H

#include "wireladder/base.h"

/* The calling thread is in a fresh network namespace from now on, whose `lo` is down. An
 * ordinary user becomes root of a user namespace of its own first, for good: that must happen
 * before any thread is made. EXIT_PERMISSION and the remedy where namespaces are refused. */
bool namespace_enter(struct err *err);
/* Says that a step on the way to a private network failed with that errno, and what helps. */
bool namespace_refused(const char *step, int error, struct err *err);

#endif
