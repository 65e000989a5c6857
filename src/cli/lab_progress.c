#include "lab_progress.h"

#include <inttypes.h>

#define FIRST_NS NS_PER_S
#define EACH_NS  (NS_PER_S / 5)

void lab_progress_open(struct lab_progress *progress, const struct options *options,
		       const char *name)
{
	uint64_t now = clock_monotonic_ns();
	*progress = (struct lab_progress){
		.name = name,
		.run = 1,
		.runs = options->repeat ? options->repeat : 1,
		.begun_ns = now,
		.next_ns = now + FIRST_NS,
		.wanted = terminal_is(stderr) && !options->quiet,
	};
}

void lab_progress_tell(struct lab_progress *progress, uint64_t frames)
{
	uint64_t now = clock_monotonic_ns(), tenths;
	if (!progress->wanted || now < progress->next_ns)
		return;
	progress->next_ns = now + EACH_NS;
	progress->shown = true;
	tenths = (now - progress->begun_ns) / (NS_PER_S / 10);
	fprintf(stderr, "\r%s: ", progress->name);
	if (progress->runs > 1)
		fprintf(stderr, "run %" PRIu64 " of %" PRIu64 ", ", progress->run,
			progress->runs);
	fprintf(stderr, "%" PRIu64 ".%" PRIu64 " s, %" PRIu64 " frames\033[K", tenths / 10,
		tenths % 10, frames);
	fflush(stderr);
}

void lab_progress_close(struct lab_progress *progress)
{
	if (progress->shown)
		fprintf(stderr, "\r\033[K");
	progress->shown = false;
}
