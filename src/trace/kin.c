/* Processes that nobody traces: whose children are they? proc(5) knows. */
#include "watch.h"

#include <stdio.h>
#include <unistd.h>

#define KIN_DEPTH 32 /* generations; what is deeper becomes ours, generation by generation */

static void kin_of(pid_t pid, int signal, size_t depth)
{
	char path[64];
	FILE *file;
	int child;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	file = depth > 0 ? fopen(path, "re") : NULL;
	while (file && fscanf(file, "%d", &child) == 1) {
		kin_of(child, signal, depth - 1);
		kill(child, signal);
	}
	if (file)
		fclose(file);
}

void kin_signal(pid_t pid, int signal)
{
	kin_of(pid, signal, KIN_DEPTH);
}
