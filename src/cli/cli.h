/* The front of the house: the only room that sees all others, prints, and exits. */
#ifndef WIRELADDER_CLI_CLI_H
#define WIRELADDER_CLI_CLI_H

#include "wireladder/out.h"

#include <stdio.h>

#define OUTPUTS_MAX 16

struct options {
	const char *outputs[OUTPUTS_MAX];
	size_t output_count;
	const char *stdout_format; /* what standard output gets when nobody says; NULL: it
				      depends */
	const char *format, *filter, *interface, *write_pcap, *reply, *host, *color, *folder;
	const char *compare; /* tshark's saved output; "": run it; NULL: compare nothing */
	enum verdict_id verdict; /* only packets with this one, if has_verdict */
	const char *const
		*words; /* what is left of the command line: files, protocol, texts … */
	size_t word_count;
	char *filter_words; /* owned: trailing words joined */
	uint64_t count, duration_ns, snaplen, conv, max_memory_bytes, wait_ns, seed, repeat;
	uint64_t runs;
	uint64_t kernel_ns; /* how often TCP_INFO is taken; 0: never */
	uint64_t from_ns, to_ns;
	bool has_from, has_to;
	int64_t clock_offset_ns;  /* read --ends: the second clock + it = the first */
	int64_t clock_drift_ppb;  /* and so much of what passes from its first packet on */
	uint64_t match_window_ns; /* 0: the default */
	bool ends, has_clock_offset, has_verdict;
	struct output_bytes bytes;
	bool bytes_set, bytes_packets_set;
	unsigned times;
	int family;
	bool quiet, verbose, list_interfaces, open, help, json, list, show, seed_set;
	bool runs_set, brief, tshark, no_tshark, stacks;
	const char *lesson; /* run --lab */
	bool on_host, no_rw, no_kernel, kernel_set;
	bool no_outputs; /* the timeline is wanted for what it tells, not to be written */
};

enum command_bit { /* which commands know an option */
		   CMD_DEMO = 1,
		   CMD_READ = 2,
		   CMD_CAPTURE = 4,
		   CMD_SERVER = 8,
		   CMD_CLIENT = 16,
		   CMD_VIEW = 32,
		   CMD_HELP = 64,
		   CMD_LAB = 128,
		   CMD_SCORE = 256,
		   CMD_RUN = 512,
		   CMD_TIMELINE = CMD_DEMO | CMD_READ | CMD_CAPTURE | CMD_LAB | CMD_RUN,
		   CMD_ALL = 1023,
};

struct command {
	const char *name;
	enum command_bit bit;
	const char *arguments, *summary;
	const char *const *examples; /* NULL-ended */
	enum exit_status (*run)(struct options *options, struct err *err);
};

extern const struct command commands[];
const struct command *command_find(const char *name);

enum exit_status command_demo(struct options *options, struct err *err);
enum exit_status command_read(struct options *options, struct err *err);
enum exit_status command_capture(struct options *options, struct err *err);
enum exit_status command_server(struct options *options, struct err *err);
enum exit_status command_client(struct options *options, struct err *err);
enum exit_status command_lab(struct options *options, struct err *err);
enum exit_status command_run(struct options *options, struct err *err);
enum exit_status command_score(struct options *options, struct err *err);
enum exit_status command_view(struct options *options, struct err *err);
enum exit_status command_help(struct options *options, struct err *err);

/* options.c: fills *options from argv, NULL-ended, that begins with the command's name. */
bool options_parse(const struct command *command, char **argv, struct options *options,
		   struct err *err);
void options_close(struct options *options);
/* What --bytes and --bytes-packets leave open (timeline.md): --bytes alone means of every
 * packet. */
#define OUTPUT_BYTES_READ ((struct output_bytes){128, 10000, UINT64_MAX})
#define OUTPUT_BYTES_DEMO ((struct output_bytes){UINT64_MAX, UINT64_MAX, UINT64_C(8) << 20})
void options_bytes_default(struct options *options, struct output_bytes wanted);
/* How often TCP_INFO is to be taken; 0: never. */
uint64_t options_kernel_ns(const struct options *options);
/* The words from here on, joined by spaces, become the filter. */
bool options_filter_from(struct options *options, size_t word, struct err *err);
void options_print(const struct command *command, FILE *to);
/* A decimal number of seconds as nanoseconds, or a whole number; false if it is none. */
bool parse_seconds(const char *text, uint64_t *ns);
bool parse_number(const char *text, uint64_t *number);

/* terminal.c */
bool terminal_is(FILE *stream);
unsigned terminal_columns(void);
bool terminal_wants_color(const struct options *options);
void say(const struct options *options, const char *format, ...)
	__attribute__((format(printf, 2, 3))); /* talk, to stderr, unless quiet */

/* server.c: shared with the client */
void talk_line(void *context, const char *line); /* context: struct options */
bool proto_parse(const struct options *options, bool *udp, struct err *err);

/* signals.c: the one place with a mutable variable at file scope. */
void signals_catch(void); /* SIGINT and SIGTERM ask us to end; a second one ends us */
bool signals_stop(void);  /* were we asked? */
void signals_obeyed(void); /* what has to be written still will be; a second one ends us */
int signals_fd(void);     /* readable once we were; -1 before signals_catch */
/* Instead of that, for `run`: what is sent to us alone is for the programs. */
void signals_pass(void);
int signals_passed(void); /* the next to pass on; 0: none */

#endif
