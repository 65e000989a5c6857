#include "lab_log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* A frame can reach the wire before the run's start is written down. */
static int64_t since(const struct lab_run *run, uint64_t ns)
{
	return (int64_t)(ns - run->begun_ns);
}

/* Words of rules and deeds are the program's own: nothing in them has to be escaped. */
static void log_frame(const struct lab_run *run, const struct lesson *lesson,
		      const struct truth *truth, FILE *file)
{
	fprintf(file, "{\"to\":\"%s\",\"n\":%" PRIu32 ",\"arrived\":%" PRId64,
		truth->to == END_CLIENT ? "client" : "server", truth->n,
		since(run, truth->arrived_ns));
	if (truth->due_ns)
		fprintf(file, ",\"due\":%" PRId64, since(run, truth->due_ns));
	if (truth->sent_ns)
		fprintf(file, ",\"sent\":%" PRId64, since(run, truth->sent_ns));
	if (truth->deed != DEED_NONE)
		fprintf(file, ",\"deed\":\"%s\"", wire_deed_words[truth->deed]);
	if (truth->rule)
		fprintf(file, ",\"rule\":\"%s\"", lesson->rules[truth->rule - 1].text);
	if (truth->cause != CAUSE_NONE)
		fprintf(file, ",\"cause\":\"%s\"", wire_cause_words[truth->cause]);
	fprintf(file,
		",\"copies\":%" PRIu32 ",\"len\":%" PRIu32 ",\"hash\":\"%016" PRIx64 "\"}\n",
		truth->copies, truth->len, truth->hash);
}

bool lab_log_write(const struct lab_run *run, const struct lesson *lesson,
		   const struct options *options, struct err *err)
{
	char path[LAB_PATH];
	FILE *file = NULL;
	bool failed = snprintf(path, LAB_PATH, "%s/" LAB_LOG_FILE, options->folder) >= LAB_PATH;
	if (!failed)
		file = fopen(path, "we");
	if (!file)
		return err_set(err, EXIT_OUTPUT, "cannot write %.200s/" LAB_LOG_FILE ": %s",
			       options->folder, strerror(failed ? ENAMETOOLONG : errno));
	fprintf(file, "{\"start_ns\":\"%" PRIu64 "\",\"seed\":%" PRIu64 "}\n", run->begun_ns,
		options->seed);
	for (size_t i = 0; i < run->truth_count; i++)
		log_frame(run, lesson, &run->truth[i], file);
	failed = ferror(file);
	if (fclose(file) == 0 && !failed)
		return true;
	return err_set(err, EXIT_OUTPUT, "cannot write %s: %s", path, strerror(errno));
}
