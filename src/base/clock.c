#include "wireladder/base.h"

#include <stdio.h>
#include <time.h>

static uint64_t clock_read(clockid_t id)
{
	struct timespec now;
	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t clock_now_ns(void)
{
	return clock_read(CLOCK_REALTIME);
}

uint64_t clock_monotonic_ns(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

void clock_sleep_ns(uint64_t ns)
{
	struct timespec span = {.tv_sec = (time_t)(ns / NS_PER_S),
				.tv_nsec = (long)(ns % NS_PER_S)};
	nanosleep(&span, NULL);
}

void clock_rfc3339(uint64_t ns, char text[static 31])
{
	time_t seconds = (time_t)(ns / NS_PER_S);
	struct tm utc = {0};
	gmtime_r(&seconds, &utc);
	/* 64-bit nanoseconds end in the year 2554, so the modulo only tells the compiler so. */
	snprintf(text, 31, "%04u-%02u-%02uT%02u:%02u:%02u.%09uZ",
		 (unsigned)(utc.tm_year + 1900) % 10000U, (unsigned)(utc.tm_mon + 1) % 100U,
		 (unsigned)utc.tm_mday % 100U, (unsigned)utc.tm_hour % 100U,
		 (unsigned)utc.tm_min % 100U, (unsigned)utc.tm_sec % 100U,
		 (unsigned)(ns % NS_PER_S));
}
