/* The door of src/out: events become paper. Each format is a struct of functions behind
 * output_*. */
#ifndef WIRELADDER_OUT_H
#define WIRELADDER_OUT_H

#include "wireladder/model.h"

struct output_bytes {        /* how much of packets the records keep in `bytes` */
	uint64_t per_packet; /* UINT64_MAX: all; 0: none */
	uint64_t packets;    /* of how many packets; UINT64_MAX: of all */
	uint64_t total;      /* and never more than this in one timeline */
};

struct output_config {
	const char *path; /* "-": standard output. Else chosen by ending when format is NULL */
	const char *format; /* "jsonl", "json", "html", "txt", "summary", or NULL */
	struct output_bytes bytes;
	uint32_t conv;    /* text: only this conversation, however many packets; 0: all */
	bool quiet;       /* text: without a lesson's story */
	bool color;       /* text: ANSI colours */
	bool why;         /* text: under each packet, what its verdicts say */
	bool live;        /* records: calls also as they begin, for readers who cannot wait */
	unsigned columns; /* text: width; 0: 80 */
	enum times { TIMES_SINCE_START, TIMES_SINCE_PREVIOUS, TIMES_UTC, TIMES_LOCAL } times;
};

struct output;
struct output *output_open(const struct output_config *config, struct err *err);
/* Streams (jsonl, standard output) are flushed at least each second of real time when written
 * to. */
bool output_take(struct output *output, const struct event *event, struct err *err);
bool output_flush(struct output *output, struct err *err);
/* Ends the document. A file that is no stream appears under its name only now, whole. After a
 * failure streams are cut back to whole records and other files do not appear. Frees in any
 * case. */
bool output_close(struct output *output, struct err *err);
void output_abandon(
	struct output *output); /* frees; no file appears, streams end where they are */

/* A closed pipe on standard output is no error: output_take returns false with err->status
 * EXIT_DONE and an empty text; the caller then ends quietly with status 0. */

/* The glossary's sentence of a verdict, filled with its facts, in UTF-8 or ASCII. */
void sentence_fill(const struct verdict *verdict, bool ascii, struct buf *out);

const char *output_formats(void); /* "jsonl json html txt summary", for usage and errors */

/* view: checks a timeline (.json, .jsonl, .html; "-") line by line and writes it anew, line for
 * line. config.format: html, jsonl or json. What is damaged is left out and told: false with
 * EXIT_PARTIAL, and the result is there. What is no timeline writes nothing: EXIT_USAGE. */
bool view_write(const char *timeline_path, const struct output_config *config, struct err *err);

#endif
