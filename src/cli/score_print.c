#include "score_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Columns are the answers that were given at all; each has a letter, told below the table. */
#define COLUMNS_MAX 26

static double percent(uint64_t part, uint64_t of)
{
	return of ? 100.0 * (double)part / (double)of : 0.0;
}

static bool column_used(const struct score_table *table, unsigned said)
{
	for (unsigned is = 0; is < SCORE_TRUTHS; is++) {
		bool trivial = is == SCORE_ORIGINAL && said == SCORE_SILENT;
		if (table->counts[is][said] && !trivial)
			return true;
	}
	return false;
}

static bool row_used(const struct score_table *table, unsigned is)
{
	for (unsigned said = 0; said < SCORE_ANSWERS; said++) {
		if (table->counts[is][said])
			return true;
	}
	return false;
}

static void print_row(const struct score_table *table, unsigned is, const unsigned *columns,
		      size_t count, FILE *to)
{
	fprintf(to, "  %-24s", score_truth_word(is));
	for (size_t i = 0; i < count; i++) {
		uint32_t n = table->counts[is][columns[i]];
		if (n)
			fprintf(to, " %6" PRIu32 "%c", n, columns[i] == is ? '*' : ' ');
		else
			fprintf(to, "      . ");
	}
	fputc('\n', to);
}

static void print_table(const struct score_table *table, FILE *to)
{
	unsigned columns[COLUMNS_MAX];
	size_t count = 0;
	for (unsigned said = 0; said < SCORE_ANSWERS && count < COLUMNS_MAX; said++) {
		if (column_used(table, said))
			columns[count++] = said;
	}
	fprintf(to, "  %-24s", "truth \\ verdict");
	for (size_t i = 0; i < count; i++)
		fprintf(to, " %6c ", 'a' + (int)i);
	fputc('\n', to);
	for (unsigned is = 0; is < SCORE_TRUTHS; is++) {
		if (row_used(table, is))
			print_row(table, is, columns, count, to);
	}
	fprintf(to, " ");
	for (size_t i = 0; i < count; i++)
		fprintf(to, " %c %s%s", 'a' + (int)i, score_answer_word(columns[i]),
			i + 1 < count ? "," : "\n");
}

static void print_needed(const struct score_table *table, FILE *to)
{
	uint64_t of, right = score_needed_right(table, &of);
	fprintf(to,
		"  needed: %" PRIu32 " said yes, %" PRIu32 " no, %" PRIu32
		" left open; needless: %" PRIu32 " yes, %" PRIu32 " no, %" PRIu32
		" open; right %.2f %%\n",
		table->needed[NEEDED_YES][NEEDED_YES], table->needed[NEEDED_YES][NEEDED_NO],
		table->needed[NEEDED_YES][NEEDED_UNKNOWN], table->needed[NEEDED_NO][NEEDED_YES],
		table->needed[NEEDED_NO][NEEDED_NO], table->needed[NEEDED_NO][NEEDED_UNKNOWN],
		percent(right, of));
}

static void print_vantage(const struct score_total *total, size_t vantage, FILE *to)
{
	const struct score_table *table = &total->tables[vantage];
	struct score_sum sum = score_sum(table);
	fprintf(to,
		"\n%s: %" PRIu64 " events, right %.2f %% (ambiguous with it among the "
		"candidates: %.2f %%), wrong %.2f %%, only \"retransmission\" %.2f %%, nothing "
		"%.2f %%; false alarms %" PRIu64 "\n",
		score_vantages[vantage], sum.events,
		percent(sum.right + sum.named, sum.events), percent(sum.named, sum.events),
		percent(sum.wrong, sum.events), percent(sum.unnamed, sum.events),
		percent(sum.silent, sum.events), sum.false_alarms);
	print_table(table, to);
	print_needed(table, to);
}

static void print_peers(const struct score_total *total, size_t vantage, FILE *to)
{
	fprintf(to, "\ntshark, %s:\n  %-24s", score_vantages[vantage], "truth \\ tshark");
	for (size_t k = 0; k < TSHARK_COUNT; k++)
		fprintf(to, " %10.10s", tshark_words[k]);
	fputc('\n', to);
	for (unsigned is = 0; is < SCORE_TRUTHS; is++) {
		uint64_t all = 0;
		for (size_t k = 0; k < TSHARK_COUNT; k++)
			all += total->peers[vantage][is][k];
		if (all == 0)
			continue;
		fprintf(to, "  %-24s", score_truth_word(is));
		for (size_t k = 0; k < TSHARK_COUNT; k++)
			fprintf(to, " %10" PRIu64, total->peers[vantage][is][k]);
		fputc('\n', to);
	}
}

static const char *const ends[END_COUNT] = {"client", "server"};

static void print_errors(const struct score_run *run, FILE *to)
{
	for (uint32_t i = 0; i < run->error_count && i < SCORE_ERRORS; i++) {
		const struct score_error *error = &run->errors[i];
		fprintf(to,
			"  %s%" PRIu64 " %s: frame %" PRIu64 " of %s.pcap is %s, and is called "
			"%s\n",
			run->lesson, run->seed, score_vantages[error->vantage], error->frame,
			ends[error->tap], score_truth_word(error->is),
			score_answer_word(error->said));
	}
	if (run->error_count > SCORE_ERRORS)
		fprintf(to, "  %s%" PRIu64 ": and %" PRIu32 " more\n", run->lesson, run->seed,
			run->error_count - SCORE_ERRORS);
}

/* Why a host is off: what came together, or last, was not answered one by one. */
static void print_acks(const struct score_run *run, bool all, FILE *to)
{
	for (size_t i = 0; i < END_COUNT; i++) {
		const struct score_acks *acks = &run->acks[i];
		if (!all && llabs(score_acks_off(acks)) <= 1)
			continue;
		fprintf(to,
			"  %s%" PRIu64 " %s: %" PRId64 " duplicate ACKs (%" PRId64
			" on the wire) and %" PRId64 " others that report, %" PRId64
			" swept, less %" PRId64
			" for what was old and %" PRId64 " flushes, for %" PRId64
			" out of order less %" PRId64 " compressed; of %" PRId64
			" arrivals beyond a hole %" PRId64 " were answered with the next, %"
			PRId64 " never\n",
			run->lesson, run->seed, ends[i], acks->dup_acks, run->repeated[i],
			acks->others, acks->sweeps, acks->repeats, acks->flushes, acks->queued,
			acks->compressed, acks->arrivals, acks->together, acks->unanswered);
	}
}

static void print_runs(const struct score_total *total, FILE *to)
{
	const struct score_config *config = total->config;
	for (size_t i = 0; i < config->count; i++) {
		const struct score_run *run = &config->runs[i];
		if (run->dropped[0])
			fprintf(to, "dropped %s%" PRIu64 " (%s): %s\n", run->lesson, run->seed,
				run->text, run->dropped);
		if (!run->done || run->dropped[0])
			continue;
		if (!config->options->verbose) {
			print_acks(run, false, to);
			continue;
		}
		fprintf(to,
			"%s%" PRIu64 " (%s): %" PRIu64 " events, %" PRIu32
			" errors\n",
			run->lesson, run->seed, run->text, run->events, run->error_count);
		print_acks(run, true, to);
		print_errors(run, to);
	}
}

static void print_dup_acks(const struct score_total *total, FILE *to)
{
	static const char *const words[] = {"each segment beyond a hole has its ACK",
					    "ACKs are compressed"};
	uint64_t hosts = total->hosts[0] + total->hosts[1];
	fprintf(to,
		"\nduplicate ACKs: in %" PRIu64 " of %" PRIu64 " runs (%.1f %%) every host is "
		"within 1 of the segments that came out of order less compressed ACKs\n",
		total->runs_within, total->acked_runs,
		percent(total->runs_within, total->acked_runs));
	for (size_t i = 0; i < 2; i++)
		fprintf(to, "  where %s: %" PRIu64 " of %" PRIu64 " hosts (%.1f %%)\n",
			words[i], total->within_one[i], total->hosts[i],
			percent(total->within_one[i], total->hosts[i]));
	fprintf(to, "  within 1, or the difference is explained: %" PRIu64 " of %" PRIu64 "\n",
		total->explained, hosts);
}

void score_print(const struct score_total *total, FILE *to)
{
	print_runs(total, to);
	fprintf(to,
		"%zu runs (%zu dropped), %" PRIu64 " connections, %" PRIu64
		" frames in the captures, %" PRIu64 " labelled events; left out: %" PRIu64
		" counted together, %" PRIu64 " not counted\n",
		total->runs, total->dropped, total->connections, total->frames, total->events,
		total->mixed, total->uncounted);
	for (size_t v = 0; v < SCORE_VANTAGES; v++)
		print_vantage(total, v, to);
	print_dup_acks(total, to);
	if (total->config->stacks)
		score_print_stacks(total, to);
	for (size_t v = 0; total->tshark && v < 2; v++)
		print_peers(total, v, to);
}
