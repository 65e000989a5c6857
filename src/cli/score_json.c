#include "score_print.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Words are the program's own: nothing in them has to be escaped. */

static void write_table(const struct score_table *table, FILE *file)
{
	const char *comma = "";
	fputs("\"matrix\":{", file);
	for (unsigned is = 0; is < SCORE_TRUTHS; is++) {
		const char *inner = "";
		fprintf(file, "%s\"%s\":{", comma, score_truth_word(is));
		for (unsigned said = 0; said < SCORE_ANSWERS; said++) {
			if (table->counts[is][said] == 0)
				continue;
			fprintf(file, "%s\"%s\":%" PRIu32, inner, score_answer_word(said),
				table->counts[is][said]);
			inner = ",";
		}
		fputc('}', file);
		comma = ",";
	}
	fputs("},\"needed\":[", file);
	for (size_t is = NEEDED_YES; is <= NEEDED_NO; is++)
		fprintf(file, "%s[%" PRIu32 ",%" PRIu32 ",%" PRIu32 "]",
			is == NEEDED_YES ? "" : ",", table->needed[is][NEEDED_YES],
			table->needed[is][NEEDED_NO], table->needed[is][NEEDED_UNKNOWN]);
	fputc(']', file);
}

static void write_vantages(const struct score_total *total, FILE *file)
{
	for (size_t v = 0; v < SCORE_VANTAGES; v++) {
		struct score_sum sum = score_sum(&total->tables[v]);
		fprintf(file,
			",\n\"%s\":{\"events\":%" PRIu64 ",\"right\":%" PRIu64
			",\"ambiguous\":%" PRIu64 ",\"wrong\":%" PRIu64 ",\"unnamed\":%" PRIu64
			",\"nothing\":%" PRIu64 ",\"false_alarms\":%" PRIu64 ",",
			score_vantages[v], sum.events, sum.right, sum.named, sum.wrong,
			sum.unnamed, sum.silent, sum.false_alarms);
		write_table(&total->tables[v], file);
		fputc('}', file);
	}
}

static void write_peers(const struct score_total *total, FILE *file)
{
	for (size_t v = 0; total->tshark && v < 2; v++) {
		const char *comma = "";
		fprintf(file, ",\n\"tshark_%s\":{", score_vantages[v]);
		for (unsigned is = 0; is < SCORE_TRUTHS; is++) {
			fprintf(file, "%s\"%s\":{", comma, score_truth_word(is));
			for (size_t k = 0; k < TSHARK_COUNT; k++)
				fprintf(file, "%s\"%s\":%" PRIu64, k ? "," : "",
					tshark_words[k], total->peers[v][is][k]);
			fputc('}', file);
			comma = ",";
		}
		fputc('}', file);
	}
}

static void write_errors(const struct score_run *run, FILE *file)
{
	for (uint32_t i = 0; i < run->error_count && i < SCORE_ERRORS; i++) {
		const struct score_error *error = &run->errors[i];
		fprintf(file,
			"%s{\"vantage\":\"%s\",\"tap\":\"%s\",\"frame\":%" PRIu64
			",\"is\":\"%s\",\"said\":\"%s\"}",
			i ? "," : "", score_vantages[error->vantage],
			error->tap == END_CLIENT ? "client" : "server", error->frame,
			score_truth_word(error->is), score_answer_word(error->said));
	}
}

static void write_acks(const struct score_run *run, FILE *file)
{
	fputs(",\"acks\":[", file);
	for (size_t i = 0; i < END_COUNT; i++) {
		const struct score_acks *acks = &run->acks[i];
		fprintf(file,
			"%s{\"dup_acks\":%" PRId64 ",\"repeated\":%" PRId64
			",\"others\":%" PRId64 ",\"repeats\":%" PRId64
			",\"flushes\":%" PRId64 ",\"sweeps\":%" PRId64 ",\"queued\":%" PRId64
			",\"compressed\":%" PRId64 ",\"arrivals\":%" PRId64
			",\"together\":%" PRId64 ",\"unanswered\":%" PRId64 "}",
			i ? "," : "", acks->dup_acks, run->repeated[i], acks->others,
			acks->repeats, acks->flushes, acks->sweeps, acks->queued,
			acks->compressed, acks->arrivals, acks->together, acks->unanswered);
	}
	fputc(']', file);
}

static void write_runs(const struct score_total *total, FILE *file)
{
	fputs(",\n\"each\":[", file);
	for (size_t i = 0; i < total->config->count; i++) {
		const struct score_run *run = &total->config->runs[i];
		fprintf(file,
			"%s\n{\"seed\":%" PRIu64 ",\"lesson\":\"%s\",\"wire\":\"%s\"",
			i ? "," : "", run->seed, run->lesson, run->text);
		if (run->dropped[0])
			fprintf(file, ",\"dropped\":\"%s\"", run->dropped);
		fprintf(file,
			",\"events\":%" PRIu64 ",\"mixed\":%" PRIu64 ",\"uncounted\":%" PRIu64
			",\"wrong\":%" PRIu32,
			run->events, run->mixed, run->uncounted, run->error_count);
		write_acks(run, file);
		fputs(",\"errors\":[", file);
		write_errors(run, file);
		fputs("]}", file);
	}
	fputs("]}\n", file);
}

bool score_write(const struct score_total *total, const char *path, struct err *err)
{
	FILE *file = fopen(path, "we");
	bool failed;
	if (!file)
		return err_set(err, EXIT_OUTPUT, "cannot write %s: %s", path, strerror(errno));
	fprintf(file,
		"{\"runs\":%zu,\"dropped\":%zu,\"connections\":%" PRIu64 ",\"frames\":%" PRIu64
		",\"events\":%" PRIu64 ",\"mixed\":%" PRIu64 ",\"uncounted\":%" PRIu64
		",\"dup_ack_runs\":%" PRIu64 ",\"runs_within_one\":%" PRIu64
		",\"dup_ack_hosts\":%" PRIu64 ",\"within_one_of_kernel\":%" PRIu64
		",\"explained\":%" PRIu64,
		total->runs, total->dropped, total->connections, total->frames, total->events,
		total->mixed, total->uncounted, total->acked_runs, total->runs_within,
		total->hosts[0] + total->hosts[1], total->within_one[0] + total->within_one[1],
		total->explained);
	write_vantages(total, file);
	if (total->config->stacks)
		score_write_stacks(total, file);
	write_peers(total, file);
	write_runs(total, file);
	failed = ferror(file);
	if (fclose(file) == 0 && !failed)
		return true;
	return err_set(err, EXIT_OUTPUT, "cannot write %s: %s", path, strerror(errno));
}
