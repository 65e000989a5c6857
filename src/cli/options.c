#include "calls.h"
#include "cli.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Every option of every command, once: the parser and the help are made from this table. */

static bool set_output(struct options *options, const char *value)
{
	for (size_t i = 0; i < options->output_count; i++) {
		if (strcmp(options->outputs[i], value) == 0)
			return false; /* the same twice: one would spoil the other */
	}
	if (options->output_count == OUTPUTS_MAX)
		return false;
	options->outputs[options->output_count++] = value;
	return true;
}

static bool set_bytes(struct options *options, const char *value)
{
	options->bytes_set = true;
	options->bytes.per_packet = UINT64_MAX;
	if (strcmp(value, "none") == 0)
		options->bytes.per_packet = 0;
	else if (strcmp(value, "all") != 0)
		return parse_number(value, &options->bytes.per_packet);
	return true;
}

static bool set_no_bytes(struct options *options, const char *value)
{
	(void)value;
	return set_bytes(options, "none");
}

static bool set_bytes_packets(struct options *options, const char *value)
{
	options->bytes_packets_set = true;
	return parse_number(value, &options->bytes.packets);
}

static bool set_from(struct options *options, const char *value)
{
	options->has_from = true;
	return parse_seconds(value, &options->from_ns);
}

static bool set_to(struct options *options, const char *value)
{
	options->has_to = true;
	return parse_seconds(value, &options->to_ns);
}

/* A number with its sign, in billionths. */
static bool parse_signed(const char *text, int64_t *billionths)
{
	uint64_t size;
	bool minus = text[0] == '-';
	if (!parse_seconds(text + (minus || text[0] == '+'), &size) || size > INT64_MAX / 4)
		return false;
	*billionths = minus ? -(int64_t)size : (int64_t)size;
	return true;
}

#define DRIFT_MOST_PPM 1000 /* a clock that is off by more is broken, or the number is */

static bool set_clock_offset(struct options *options, const char *value)
{
	char seconds[40];
	const char *comma = strchr(value, ',');
	size_t length = comma ? (size_t)(comma - value) : strlen(value);
	int64_t ppm = 0;
	if (length >= sizeof(seconds))
		return false;
	memcpy(seconds, value, length);
	seconds[length] = '\0';
	if (!parse_signed(seconds, &options->clock_offset_ns) ||
	    (comma && !parse_signed(comma + 1, &ppm)))
		return false;
	if (llabs(ppm) > DRIFT_MOST_PPM * INT64_C(1000000000))
		return false;
	options->clock_drift_ppb = ppm / 1000000;
	options->has_clock_offset = true;
	return true;
}

static bool set_match_window(struct options *options, const char *value)
{
	return parse_seconds(value, &options->match_window_ns) && options->match_window_ns > 0;
}

static bool set_duration(struct options *options, const char *value)
{
	return parse_seconds(value, &options->duration_ns) && options->duration_ns > 0;
}

static bool set_wait(struct options *options, const char *value)
{
	return parse_seconds(value, &options->wait_ns) && options->wait_ns > 0;
}

static bool set_count(struct options *options, const char *value)
{
	return parse_number(value, &options->count) && options->count > 0;
}

static bool set_snaplen(struct options *options, const char *value)
{
	return parse_number(value, &options->snaplen) && options->snaplen <= 262144;
}

static bool set_conv(struct options *options, const char *value)
{
	return parse_number(value, &options->conv) && options->conv > 0 &&
	       options->conv <= UINT32_MAX;
}

static bool set_verdict(struct options *options, const char *value)
{
	for (enum verdict_id id = 0; id < VERDICT_COUNT; id++) {
		if (strcmp(value, glossary[id].id) == 0) {
			options->verdict = id;
			options->has_verdict = true;
		}
	}
	return options->has_verdict;
}

static bool set_compare(struct options *options, const char *value)
{
	options->compare = value ? value : "";
	return !value || value[0];
}

static bool set_memory(struct options *options, const char *value)
{
	static const char suffixes[] = "KMG";
	char digits[24];
	size_t length = strlen(value);
	const char *suffix = length ? strchr(suffixes, value[length - 1]) : NULL;
	unsigned shift = suffix ? 10 * (unsigned)(suffix - suffixes + 1) : 0;
	if (length == 0 || length >= sizeof(digits))
		return false;
	memcpy(digits, value, length + 1);
	if (suffix)
		digits[length - 1] = '\0';
	if (!parse_number(digits, &options->max_memory_bytes) ||
	    options->max_memory_bytes > UINT64_MAX >> shift)
		return false;
	options->max_memory_bytes <<= shift;
	return options->max_memory_bytes >= 1 << 16;
}

static bool set_seed(struct options *options, const char *value)
{
	options->seed_set = true;
	return parse_number(value, &options->seed);
}

static bool set_repeat(struct options *options, const char *value)
{
	return parse_number(value, &options->repeat) && options->repeat > 0;
}

static bool set_runs(struct options *options, const char *value)
{
	options->runs_set = true;
	return parse_number(value, &options->runs);
}

static bool set_kernel_every(struct options *options, const char *value)
{
	options->kernel_set = true;
	return parse_seconds(value, &options->kernel_ns) && options->kernel_ns > 0;
}

uint64_t options_kernel_ns(const struct options *options)
{
	if (options->no_kernel)
		return 0;
	return options->kernel_set ? options->kernel_ns : KERNEL_EVERY_NS;
}

static bool set_color(struct options *options, const char *value)
{
	options->color = value ? value : "always";
	return strcmp(options->color, "auto") == 0 || strcmp(options->color, "always") == 0 ||
	       strcmp(options->color, "never") == 0;
}

static bool set_times(struct options *options, const char *value)
{
	static const char *const words[] = {"start", "previous", "utc", "local"};
	for (unsigned i = 0; i < ARRAY_COUNT(words); i++) {
		options->times = i;
		if (strcmp(value, words[i]) == 0)
			return true;
	}
	return false;
}

#define STRING_OPTION(name, field)                                                             \
	static bool name(struct options *options, const char *value)                           \
	{                                                                                      \
		options->field = value;                                                        \
		return true;                                                                   \
	}
#define FLAG_OPTION(name, field, to)                                                           \
	static bool name(struct options *options, const char *value)                           \
	{                                                                                      \
		(void)value;                                                                   \
		options->field = to;                                                           \
		return true;                                                                   \
	}
STRING_OPTION(set_format, format)
STRING_OPTION(set_filter, filter)
STRING_OPTION(set_interface, interface)
STRING_OPTION(set_write, write_pcap)
STRING_OPTION(set_reply, reply)
STRING_OPTION(set_host, host)
STRING_OPTION(set_folder, folder)
STRING_OPTION(set_lesson, lesson)
FLAG_OPTION(set_on_host, on_host, true)
FLAG_OPTION(set_no_rw, no_rw, true)
FLAG_OPTION(set_no_kernel, no_kernel, true)
FLAG_OPTION(set_quiet, quiet, true)
FLAG_OPTION(set_verbose, verbose, true)
FLAG_OPTION(set_list, list_interfaces, true)
FLAG_OPTION(set_lessons, list, true)
FLAG_OPTION(set_brief, brief, true)
FLAG_OPTION(set_no_tshark, no_tshark, true)
FLAG_OPTION(set_stacks, stacks, true)
FLAG_OPTION(set_show, show, true)
FLAG_OPTION(set_open, open, true)
FLAG_OPTION(set_help, help, true)
FLAG_OPTION(set_ends, ends, true)
FLAG_OPTION(set_json, json, true)
FLAG_OPTION(set_ipv4, family, 4)
FLAG_OPTION(set_ipv6, family, 6)

static const struct row {
	int letter; /* 0: long only */
	const char *name, *value, *help; /* value "[=…]": it may be left out */
	unsigned commands;
	bool (*set)(struct options *options, const char *value);
} rows[] = {
	{'i', "interface", "IF", "the interface to listen on", CMD_CAPTURE, set_interface},
	{'D', "list-interfaces", NULL, "list the interfaces and end", CMD_CAPTURE, set_list},
	{'c', "count", "N", "stop after N packets", CMD_CAPTURE | CMD_READ, set_count},
	{'d', "duration", "SECS", "stop after so many seconds", CMD_CAPTURE, set_duration},
	{'s', "snaplen", "BYTES", "keep so much of a packet (default 2048)", CMD_CAPTURE,
	 set_snaplen},
	{'w', "write", "FILE", "also save the packets as pcap", CMD_CAPTURE | CMD_RUN,
	 set_write},
	{'f', "filter", "FILTER", "only packets that match, in tcpdump's language",
	 CMD_CAPTURE | CMD_READ, set_filter},
	{'o', "output", "FILE",
	 "write a timeline; may repeat; by ending: .json .jsonl .html .txt; "
	 "'-' is standard output (demo: the folder)",
	 CMD_TIMELINE | CMD_VIEW, set_output},
	{'o', "output", "FILE", "also write everything that was counted, as JSON", CMD_SCORE,
	 set_output},
	{0, "format", "FORMAT", "instead of the ending: jsonl json html txt summary",
	 CMD_READ | CMD_CAPTURE | CMD_VIEW | CMD_LAB | CMD_RUN, set_format},
	{0, "conv", "N", "only conversation N", CMD_READ | CMD_CAPTURE | CMD_LAB | CMD_RUN,
	 set_conv},
	{0, "from", "SECS", "only from this time on, since the start", CMD_READ, set_from},
	{0, "to", "SECS", "only up to this time", CMD_READ, set_to},
	{0, "verdict", "ID",
	 "only packets with this verdict; `wireladder help verdicts` lists them",
	 CMD_READ | CMD_CAPTURE | CMD_LAB | CMD_RUN, set_verdict},
	{0, "compare", "[=FILE]",
	 "list where Wireshark differs: runs tshark, or reads its -T ek output from FILE",
	 CMD_READ, set_compare},
	{0, "ends", NULL, "the two captures are of the two ends: their packets are joined",
	 CMD_READ, set_ends},
	{0, "clock-offset", "SECS[,PPM]",
	 "of --ends: add this to the second clock, and so much more from its first packet on, "
	 "at most 1000 (default: estimated)",
	 CMD_READ, set_clock_offset},
	{0, "match-window", "SECS", "of --ends: what takes longer is lost (default 2)",
	 CMD_READ, set_match_window},
	{0, "bytes", "N|all|none",
	 "keep so many bytes of each packet (default 128; demo and lab: all)", CMD_TIMELINE,
	 set_bytes},
	{0, "bytes-packets", "N", "of so many packets (default 10000; demo and lab: all)",
	 CMD_TIMELINE, set_bytes_packets},
	{0, "no-bytes", NULL, "keep no bytes: hides payload", CMD_TIMELINE, set_no_bytes},
	{0, "max-memory", "SIZE", "memory for conversations: 64K or more (default 256M)",
	 CMD_TIMELINE, set_memory},
	{0, "times", "start|previous|utc|local", "how the ladder tells time", CMD_TIMELINE,
	 set_times},
	{0, "color", "always|never|auto", "colours in the terminal", CMD_TIMELINE, set_color},
	{0, "list", NULL, "the lessons, in the order of teaching", CMD_LAB, set_lessons},
	{0, "show", NULL, "print the lesson instead of running it", CMD_LAB, set_show},
	{0, "seed", "N", "of all that is random; the same seed, the same deeds",
	 CMD_LAB | CMD_SCORE | CMD_RUN, set_seed},
	{0, "runs", "N", "random wires only, so many, of the seed and after it (else 300)",
	 CMD_SCORE, set_runs},
	{0, "lessons", NULL, "the shelf's lessons, too, though --runs or --short is given",
	 CMD_SCORE, set_lessons},
	{0, "short", NULL, "16 runs of a second, without tshark", CMD_SCORE, set_brief},
	{0, "no-tshark", NULL, "do not ask tshark, though it is installed", CMD_SCORE,
	 set_no_tshark},
	{0, "stacks", NULL,
	 "as root: hold the labels against the kernel's call stacks, run by run", CMD_SCORE,
	 set_stacks},
	{0, "repeat", "N", "run it N times and tell how often each expectation held", CMD_LAB,
	 set_repeat},
	{0, "lab", "LESSON", "two programs on the lab's two hosts, under this lesson's wire",
	 CMD_RUN, set_lesson},
	{0, "host", NULL,
	 "in the machine's own network; packets of all interfaces, where that is permitted",
	 CMD_RUN, set_on_host},
	{0, "no-rw", NULL, "without read, write, readv and writev", CMD_RUN, set_no_rw},
	{0, "no-kernel", NULL, "without the kernel's own numbers (TCP_INFO)",
	 CMD_RUN | CMD_LAB | CMD_DEMO, set_no_kernel},
	{0, "kernel-every", "SECS", "and with them, so often (default 0.005)",
	 CMD_RUN | CMD_LAB | CMD_DEMO, set_kernel_every},
	{0, "pcap", "DIR", "keep client.pcap, server.pcap and wire.jsonl (what it did) there",
	 CMD_LAB | CMD_RUN, set_folder},
	{0, "keep", "DIR", "keep the captures and wire.jsonl of every run in folders there",
	 CMD_SCORE, set_folder},
	{0, "reply", "KIND", "echo, upper, thanks or chat", CMD_SERVER, set_reply},
	{0, "host", "ADDRESS", "listen on this address only", CMD_SERVER, set_host},
	{'4', "ipv4", NULL, "IPv4 only", CMD_CLIENT, set_ipv4},
	{'6', "ipv6", NULL, "IPv6 only", CMD_CLIENT, set_ipv6},
	{0, "wait", "SECS", "how long to wait for a reply (default 2)", CMD_CLIENT, set_wait},
	{0, "open", NULL, "open the page in your browser", CMD_DEMO, set_open},
	{0, "json", NULL, "as JSON", CMD_HELP, set_json},
	{'q', "quiet", NULL, "say nothing but errors", CMD_ALL, set_quiet},
	{'v', "verbose", NULL, "say more: the ladder tells why packets were sent", CMD_ALL,
	 set_verbose},
	{'h', "help", NULL, "this help", CMD_ALL, set_help},
};

bool parse_number(const char *text, uint64_t *number)
{
	char *end;
	if (text[0] < '0' || text[0] > '9' || strlen(text) > 19)
		return false;
	*number = strtoull(text, &end, 10);
	return *end == '\0';
}

bool parse_seconds(const char *text, uint64_t *ns)
{
	uint64_t whole = 0, fraction = 0, digit = NS_PER_S / 10;
	const char *at = text;
	for (; *at >= '0' && *at <= '9' && whole < NS_PER_S; at++)
		whole = whole * 10 + (uint64_t)(*at - '0');
	if (at == text && *at != '.')
		return false;
	if (*at == '.') {
		for (at++; *at >= '0' && *at <= '9'; at++, digit /= 10)
			fraction += (uint64_t)(*at - '0') * digit;
	}
	*ns = whole * NS_PER_S + fraction;
	return *at == '\0' && at[-1] != '.';
}

#define LONG_BASE 256 /* what getopt returns for a row: its index above all letters */

static int row_has_arg(const struct row *row)
{
	if (!row->value)
		return no_argument;
	return row->value[0] == '[' ? optional_argument : required_argument;
}

/* The two tables that getopt wants, of the options that this command knows. */
static void options_tables(const struct command *command, char *letters, struct option *longs)
{
	if (command->bit == CMD_RUN)
		*letters++ = '+'; /* the program's own options are none of ours */
	*letters++ = ':'; /* tell a missing value from an unknown option */
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if (!(rows[i].commands & command->bit))
			continue;
		*longs++ = (struct option){
			.name = rows[i].name,
			.val = LONG_BASE + (int)i,
			.has_arg = row_has_arg(&rows[i]),
		};
		if (rows[i].letter) {
			*letters++ = (char)rows[i].letter;
			if (rows[i].value)
				*letters++ = ':';
		}
	}
	*letters = '\0';
	*longs = (struct option){0};
}

static const struct row *row_find(const struct command *command, int got)
{
	if (got >= LONG_BASE)
		return &rows[got - LONG_BASE];
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if (rows[i].letter == got && rows[i].commands & command->bit)
			return &rows[i];
	}
	return NULL;
}

static bool option_bad(const struct command *command, int got, char **argv, struct err *err)
{
	const char *word = argv[optind - 1];
	if (got == ':')
		return err_set(err, EXIT_USAGE,
			       "option %s needs a value: see `wireladder help %s`", word,
			       command->name);
	return err_set(err, EXIT_USAGE,
		       "`wireladder %s` has no option %s: see `wireladder help %s`",
		       command->name, word, command->name);
}

bool options_parse(const struct command *command, char **argv, struct options *options,
		   struct err *err)
{
	char letters[2 * ARRAY_COUNT(rows) + 3];
	struct option longs[ARRAY_COUNT(rows) + 1];
	int got, argc = 0;
	while (argv[argc])
		argc++;
	options_tables(command, letters, longs);
	opterr = 0;
	optind = 1;
	while ((got = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const struct row *row =
			got == '?' || got == ':' ? NULL : row_find(command, got);
		if (!row)
			return option_bad(command, got, argv, err);
		if (!row->set(options, optarg))
			return err_set(
				err, EXIT_USAGE,
				"--%s cannot be '%s': it takes %s (%s)", row->name,
				optarg ? optarg : "", row->value ? row->value : "", row->help);
	}
	options->words = (const char *const *)argv + optind;
	options->word_count = (size_t)(argc - optind);
	return true;
}

bool options_filter_from(struct options *options, size_t word, struct err *err)
{
	struct buf joined = {0};
	if (options->filter)
		return err_set(err, EXIT_USAGE,
			       "two filters: -f '%s' and the words from '%s' on; "
			       "join them with `and`",
			       options->filter, options->words[word]);
	for (size_t i = word; i < options->word_count; i++)
		buf_printf(&joined, "%s%s", i > word ? " " : "", options->words[i]);
	if (joined.failed)
		return err_memory(err);
	options->filter = options->filter_words = joined.at;
	options->word_count = word;
	return true;
}

void options_bytes_default(struct options *options, struct output_bytes wanted)
{
	if (options->bytes_set) {
		wanted.per_packet = options->bytes.per_packet;
		wanted.packets = UINT64_MAX;
	}
	if (options->bytes_packets_set)
		wanted.packets = options->bytes.packets;
	options->bytes = wanted;
}

void options_close(struct options *options)
{
	free(options->filter_words);
	*options = (struct options){0};
}

void options_print(const struct command *command, FILE *to)
{
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char name[60];
		if (!(rows[i].commands & command->bit))
			continue;
		snprintf(name, sizeof(name), "%c%c%s --%s%s%s", rows[i].letter ? '-' : ' ',
			 rows[i].letter ? rows[i].letter : ' ', rows[i].letter ? "," : " ",
			 rows[i].name, rows[i].value && rows[i].value[0] != '[' ? " " : "",
			 rows[i].value ? rows[i].value : "");
		fprintf(to, "  %-32s  %s\n", name, rows[i].help);
	}
}
