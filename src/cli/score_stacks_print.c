/* What the call stacks came to. */
#include "score_print.h"

#include <inttypes.h>

static const char *cause_word(enum wire_cause cause)
{
	return cause == CAUSE_NONE ? "nothing" : wire_cause_words[cause];
}

static bool cause_used(const struct score_stacks *stacks, enum wire_cause cause, bool column)
{
	for (size_t i = 0; i < CAUSE_COUNT; i++) {
		if ((i != CAUSE_NONE || cause != CAUSE_NONE) &&
		    (column ? stacks->counts[i][cause] : stacks->counts[cause][i]))
			return true;
	}
	return false;
}

/* Stacks are never mixed or uncounted: these columns do not come up. */
static void print_table(const struct score_stacks *stacks, FILE *to)
{
	fprintf(to, "  %-24s", "counters \\ stack");
	for (enum wire_cause k = 0; k < CAUSE_COUNT; k++) {
		if (cause_used(stacks, k, true))
			fprintf(to, " %9.9s", cause_word(k));
	}
	fputc('\n', to);
	for (enum wire_cause i = 0; i < CAUSE_COUNT; i++) {
		if (!cause_used(stacks, i, false))
			continue;
		fprintf(to, "  %-24s", cause_word(i));
		for (enum wire_cause k = 0; k < CAUSE_COUNT; k++) {
			bool both = i == CAUSE_NONE && k == CAUSE_NONE;
			if (cause_used(stacks, k, true) && stacks->counts[i][k] && !both)
				fprintf(to, " %8" PRIu32 "%c", stacks->counts[i][k],
					i == k ? '*' : ' ');
			else if (cause_used(stacks, k, true))
				fprintf(to, "        . ");
		}
		fputc('\n', to);
	}
}

static void print_unlike(const struct score_run *run, FILE *to)
{
	const struct score_stacks *stacks = &run->stacks;
	for (uint32_t i = 0; i < stacks->unlike_count && i < SCORE_UNLIKE; i++) {
		const struct score_unlike *unlike = &stacks->unlike[i];
		fprintf(to,
			"  %s%" PRIu64 ": frame %" PRIu32 " that the %s sent is %s by the "
			"counters, %s by its stack\n",
			run->lesson, run->seed, unlike->n,
			unlike->host == END_CLIENT ? "client" : "server",
			cause_word(unlike->label), cause_word(unlike->stack));
	}
	if (stacks->unlike_count > SCORE_UNLIKE)
		fprintf(to, "  %s%" PRIu64 ": and %" PRIu32 " more\n", run->lesson, run->seed,
			stacks->unlike_count - SCORE_UNLIKE);
}

static double percent(uint64_t part, uint64_t of)
{
	return of ? 100.0 * (double)part / (double)of : 0.0;
}

void score_print_stacks(const struct score_total *total, FILE *to)
{
	const struct score_stacks *stacks = &total->stacks;
	struct score_stacks_sum sum = score_stacks_sum(stacks);
	fprintf(to,
		"\ncall stacks: %zu runs add up to what their kernels counted, %zu do not; of "
		"%" PRIu64 " frames that counters or stacks name they agree on %" PRIu64
		" (%.2f %%); of %" PRIu64
		" that the counters counted together or not, the stacks name %" PRIu64 "; %"
		PRIu32 " loss probes had new bytes\n",
		total->stacks_runs, total->stacks_dropped, sum.both, sum.alike,
		percent(sum.alike, sum.both), sum.unnamed, sum.named, stacks->new_probes);
	if (total->stacks_runs > 0)
		print_table(stacks, to);
	for (size_t i = 0; i < total->config->count; i++) {
		const struct score_run *run = &total->config->runs[i];
		if (run->dropped[0])
			continue;
		print_unlike(run, to);
		if (run->stacks.dropped[0])
			fprintf(to, "  %s%" PRIu64 " without stacks (%s): %s\n", run->lesson,
				run->seed, run->text, run->stacks.dropped);
	}
}

void score_write_stacks(const struct score_total *total, FILE *file)
{
	const struct score_stacks *stacks = &total->stacks;
	struct score_stacks_sum sum = score_stacks_sum(stacks);
	const char *comma = "";
	fprintf(file,
		",\n\"stacks\":{\"runs\":%zu,\"dropped\":%zu,\"both\":%" PRIu64
		",\"alike\":%" PRIu64 ",\"unnamed\":%" PRIu64 ",\"named\":%" PRIu64
		",\"new_probes\":%" PRIu32 ",\"matrix\":{",
		total->stacks_runs, total->stacks_dropped, sum.both, sum.alike, sum.unnamed,
		sum.named, stacks->new_probes);
	for (enum wire_cause i = 0; i < CAUSE_COUNT; i++) {
		const char *inner = "";
		fprintf(file, "%s\"%s\":{", comma, cause_word(i));
		comma = ",";
		for (enum wire_cause k = 0; k < CAUSE_COUNT; k++) {
			if (stacks->counts[i][k] == 0)
				continue;
			fprintf(file, "%s\"%s\":%" PRIu32, inner, cause_word(k),
				stacks->counts[i][k]);
			inner = ",";
		}
		fputc('}', file);
	}
	fputs("}}", file);
}
