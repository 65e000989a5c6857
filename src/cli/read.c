#include "amended.h"
#include "compare.h"
#include "pipeline.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Files first; from the first word that is no file on, the words are the filter. */
static bool read_split_words(struct options *options, struct err *err)
{
	size_t files = 0, least = options->ends ? 2 : 1;
	if (options->word_count == 0)
		return err_set(err, EXIT_USAGE,
			       "no capture named: `wireladder read FILE`, or '-' for "
			       "standard input");
	while (files < options->word_count &&
	       (files < least || strcmp(options->words[files], "-") == 0 ||
		access(options->words[files], F_OK) == 0))
		files++;
	return files == options->word_count || options_filter_from(options, files, err);
}

/* An output that is one of the inputs would be emptied before it is read. */
static bool read_spares_inputs(const struct options *options, struct err *err)
{
	struct stat in, out;
	for (size_t i = 0; i < options->output_count; i++) {
		if (stat(options->outputs[i], &out) != 0 || !S_ISREG(out.st_mode))
			continue;
		for (size_t k = 0; k < options->word_count; k++) {
			if (stat(options->words[k], &in) == 0 && in.st_dev == out.st_dev &&
			    in.st_ino == out.st_ino)
				return err_set(
					err, EXIT_USAGE,
					"%s is the capture that is read: -o another file",
					options->outputs[i]);
		}
	}
	return true;
}

/* Nothing at all could be read: every packet came over a link that nobody here knows. */
static bool read_was_foreign(const struct summary *summary)
{
	uint64_t foreign = 0;
	for (size_t i = 0; i < summary->unknown_count; i++) {
		const struct unknown_kind *kind = &summary->unknown[i];
		if (kind->layer == LAYER_LINK && !decode_linktype_known((uint16_t)kind->number))
			foreign += kind->count.packets;
	}
	return foreign > 0 && foreign == summary->all.packets;
}

/* What belongs to --ends, and what it needs. */
static bool read_checks_ends(const struct options *options, struct err *err)
{
	if (!options->ends && (options->has_clock_offset || options->match_window_ns))
		return err_set(err, EXIT_USAGE,
			       "%s is for two captures of the same traffic: `wireladder read "
			       "--ends A B`",
			       options->has_clock_offset ? "--clock-offset"
							 : "--match-window");
	if (options->ends && options->word_count != 2)
		return err_set(err, EXIT_USAGE,
			       "--ends joins two captures, one from each end, and %zu %s "
			       "named: `wireladder read --ends client.pcap server.pcap`",
			       options->word_count, options->word_count == 1 ? "is" : "are");
	return true;
}

/* All was read that could be: what is to be said about it? */
static enum exit_status read_ended(const struct options *options, const char *missing,
				   const struct summary *summary, struct err *err)
{
	if (missing[0]) {
		err_set(err, EXIT_PARTIAL, "%s", missing);
		return EXIT_PARTIAL;
	}
	if (read_was_foreign(summary)) {
		char linktype[LINKTYPE_TEXT];
		linktype_text((uint16_t)summary->unknown[0].number, linktype);
		err_set(err, EXIT_PARTIAL,
			"%s: link type %s is not one that wireladder can take apart; its "
			"packets are counted in the summary, nothing more",
			options->words[0], linktype);
		return EXIT_PARTIAL;
	}
	if (options->conv > summary->conversations)
		say(options, "there is no conversation %" PRIu64 ": the last is %" PRIu64,
		    options->conv, summary->conversations);
	return EXIT_DONE;
}

/* Who hears what is read, and which packets are chosen by what a first reading told. */
struct hearing {
	void (*hear)(void *listener, const struct event *event);
	void *listener;
	const struct amended *amended;
};

static void hearing_set(const struct hearing *hearing, struct source *source)
{
	source->amended = hearing->amended;
	if (!hearing->hear)
		return;
	source->hear = hearing->hear;
	source->listener = hearing->listener;
}

static enum exit_status read_one(const struct options *options, const struct hearing *hearing,
				 struct err *err)
{
	struct file_source *file = file_source_open(options, err);
	struct source source;
	struct pipeline_end end;
	enum exit_status status;
	if (!file)
		return err->status;
	file_source_get(file, &source);
	hearing_set(hearing, &source);
	if (pipeline_run(&source, options, &end, err))
		status = read_ended(options, file_source_missing(file), &end.summary, err);
	else
		status = err->status;
	file_source_close(file);
	return status;
}

static enum exit_status read_two(const struct options *options, const struct hearing *hearing,
				 struct err *err)
{
	struct ends_source *ends = ends_source_open(options, NULL, err);
	struct source source;
	struct pipeline_end end;
	enum exit_status status;
	if (!ends)
		return err->status;
	ends_source_get(ends, &source);
	hearing_set(hearing, &source);
	if (pipeline_run(&source, options, &end, err))
		status = read_ended(options, ends_source_missing(ends), &end.summary, err);
	else
		status = err->status;
	ends_source_close(ends);
	return status;
}

static enum exit_status read_once(const struct options *options, const struct hearing *hearing,
				  struct err *err)
{
	return options->ends ? read_two(options, hearing, err)
			     : read_one(options, hearing, err);
}

/* The first reading, for what later evidence changes. False: that is how it all ends. */
static bool read_ahead(const struct options *options, struct amended *amended,
		       enum exit_status *status, struct err *err)
{
	struct options quiet = *options;
	struct hearing hearing = {amended_hear, amended, NULL};
	quiet.no_outputs = quiet.quiet = true;
	*status = read_once(&quiet, &hearing, err);
	if (*status != EXIT_DONE && *status != EXIT_PARTIAL)
		return false;
	if (!amended->failed && amended_rewind(amended, options, err)) {
		amended_finish(amended);
		return true;
	}
	if (amended->failed)
		err_memory(err);
	*status = err->status;
	return false;
}

/* --verdict reads twice where it can (amended.c), all else once. */
static enum exit_status read_all(const struct options *options, struct hearing *hearing,
				 struct err *err)
{
	struct amended amended = {.verdict = options->verdict};
	enum exit_status status;
	bool twice = false;
	if (options->has_verdict && !amended_can_reread(&amended, options, &twice, err))
		return err->status;
	if (!twice)
		return read_once(options, hearing, err);
	if (read_ahead(options, &amended, &status, err)) {
		hearing->amended = &amended;
		*err = (struct err){0};
		status = read_once(options, hearing, err);
		hearing->amended = NULL;
	}
	if (amended.full)
		say(options,
		    "more packets are amended than are kept: the last amends are not "
		    "followed");
	amended_close(&amended);
	return status;
}

/* What tshark cannot do with us: it sees one file, as it is. */
static bool read_checks_compare(const struct options *options, struct err *err)
{
	struct stat status;
	bool one_file = options->word_count == 1 && !options->ends &&
			stat(options->words[0], &status) == 0 && S_ISREG(status.st_mode);
	if (one_file && !options->filter && !options->count)
		return true;
	return err_set(err, EXIT_USAGE,
		       "--compare takes one whole capture file, which both read: no filter, no "
		       "-c, no --ends, no standard input");
}

static enum exit_status read_compared(struct options *options, struct err *err)
{
	struct compare compare = {0};
	struct hearing hearing = {compare_hear, &compare, NULL};
	struct buf text = {0};
	enum exit_status status;
	bool theirs = read_checks_compare(options, err) &&
		      (options->compare[0]
			       ? tshark_saved(&compare.tshark, options->compare, err)
			       : tshark_run(&compare.tshark, options->words[0], err));
	options->no_outputs = options->output_count == 0;
	status = theirs ? read_all(options, &hearing, err) : err->status;
	if (status == EXIT_DONE || status == EXIT_PARTIAL) {
		compare_text(&compare, &text);
		if (!compare.failed && !text.failed) {
			fwrite(text.at, 1, text.len, stdout);
		} else {
			err_memory(err);
			status = EXIT_MEMORY;
		}
	}
	buf_close(&text);
	compare_close(&compare);
	return status;
}

enum exit_status command_read(struct options *options, struct err *err)
{
	struct hearing nobody = {0};
	if (!read_split_words(options, err) || !read_checks_ends(options, err) ||
	    !read_spares_inputs(options, err))
		return err->status;
	options_bytes_default(options, OUTPUT_BYTES_READ);
	signals_catch();
	if (options->compare)
		return read_compared(options, err);
	return read_all(options, &nobody, err);
}
