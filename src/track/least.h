/* The lesser and the greater of two places in the sequence space. */
#ifndef WIRELADDER_TRACK_LEAST_H
#define WIRELADDER_TRACK_LEAST_H

#include <stdint.h>

static inline int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

#endif
