#include "verdict.h"

#include <inttypes.h>
#include <stdio.h>

/* A span of time as sentences say it: "1.2 s", "812.0 ms". */
void span_text(uint64_t ns, char text[static SPAN_TEXT])
{
	static const struct {
		uint64_t unit_ns;
		const char *name;
	} units[] = {{NS_PER_S, "s"}, {NS_PER_MS, "ms"}, {1000, "us"}, {1, "ns"}};
	size_t i = 0;
	while (i + 1 < ARRAY_COUNT(units) && ns < units[i].unit_ns)
		i++;
	snprintf(text, SPAN_TEXT, "%" PRIu64 ".%" PRIu64 " %s", ns / units[i].unit_ns,
		 ns % units[i].unit_ns * 10 / units[i].unit_ns, units[i].name);
}
