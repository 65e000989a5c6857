#include "cli.h"

#include <string.h>

static const char *const demo_examples[] = {"wireladder demo",
					    "wireladder demo -o my-folder --open", NULL};
static const char *const read_examples[] = {"wireladder read saved.pcap",
					    "wireladder read saved.pcap -o page.html",
					    "wireladder read saved.pcap tcp port 443",
					    "wireladder read saved.pcap --conv 3 -v",
					    "wireladder read saved.pcap --verdict dsack",
					    "wireladder read saved.pcap --compare",
					    "wireladder read --ends client.pcap server.pcap",
					    "tcpdump -w - | wireladder read - -o live.jsonl",
					    NULL};
static const char *const capture_examples[] = {
	"wireladder capture -i lo -c 20",
	"wireladder capture -i eth0 -d 10 -w saved.pcap tcp port 80", "wireladder capture -D",
	NULL};
static const char *const lab_examples[] = {"wireladder lab --list",
					   "wireladder lab fast-retransmit",
					   "wireladder lab fast-retransmit -o page.html",
					   "wireladder lab fast-retransmit --repeat 20",
					   "wireladder lab my-lesson.json --pcap .", NULL};
static const char *const run_examples[] = {
	"wireladder run -- python3 client.py",
	"wireladder run -- python3 server.py --and python3 client.py",
	"wireladder run -o page.html -- nc -l 7777 --and nc -N localhost 7777",
	"wireladder run --lab lost-ack -- python3 server.py --and python3 client.py 10.77.0.2",
	"wireladder run --host -- curl http://example.org/", NULL};
static const char *const score_examples[] = {
	"wireladder score", "wireladder score --seed 17 --runs 1 --verbose --keep kept",
	"wireladder score -o score.json", "sudo wireladder score --stacks --runs 60",
	NULL};
static const char *const server_examples[] = {"wireladder server tcp",
					      "wireladder server tcp 7777 --reply upper",
					      "wireladder server udp 7777 --reply thanks",
					      "wireladder server tcp 7777 --reply chat", NULL};
static const char *const client_examples[] = {
	"wireladder client tcp localhost 7777 hello world",
	"wireladder client udp 127.0.0.1 7777 hello", "wireladder client tcp ::1 7777 < file",
	NULL};
static const char *const view_examples[] = {"wireladder view timeline.jsonl",
					    "wireladder view old.html -o new.html", NULL};
static const char *const help_examples[] = {"wireladder help read", "wireladder help exit",
					    NULL};

static enum exit_status command_version(struct options *options, struct err *err);

const struct command commands[] = {
	{"demo", CMD_DEMO, "[-o DIR]",
	 "a real TCP and UDP session on a private loopback, as a ladder; no root needed",
	 demo_examples, command_demo},
	{"read", CMD_READ, "FILE… [FILTER]",
	 "saved captures (pcap, pcapng, also as .gz or .zst; '-' for standard input)",
	 read_examples, command_read},
	{"capture", CMD_CAPTURE, "-i IF [FILTER]", "live capture from an interface",
	 capture_examples, command_capture},
	{"lab", CMD_LAB, "LESSON",
	 "two private hosts and a wire that obeys a script; no root needed", lab_examples,
	 command_lab},
	{"run", CMD_RUN, "[--] PROGRAM [ARG…] [--and PROGRAM…]",
	 "your own programs, their socket calls beside their packets; no root needed",
	 run_examples, command_run},
	{"score", CMD_SCORE, "",
	 "verdicts against the truth, on the shelf and random wires: a confusion matrix",
	 score_examples, command_score},
	{"server", CMD_SERVER, "tcp|udp [PORT]",
	 "the echo server on its own (default port 7777)", server_examples, command_server},
	{"client", CMD_CLIENT, "tcp|udp HOST PORT [TEXT…]",
	 "the echo client: sends each TEXT, or standard input", client_examples,
	 command_client},
	{"view", CMD_VIEW, "TIMELINE",
	 "a timeline (.json .jsonl or an old .html) as a fresh page", view_examples,
	 command_view},
	{"help", CMD_HELP, "[TOPIC]",
	 "this, or the help of a command; `help exit`: exit statuses; `help verdicts`",
	 help_examples, command_help},
	{"version", CMD_HELP, "[--json]", "the version", NULL, command_version},
	{0},
};

const struct command *command_find(const char *name)
{
	for (const struct command *command = commands; command->name; command++) {
		if (strcmp(command->name, name) == 0)
			return command;
	}
	return NULL;
}

static void help_all(void)
{
	puts("wireladder draws the textbook TCP figure from real packets.\n\n"
	     "  wireladder demo                      see it work: no root, one second\n"
	     "  wireladder read saved.pcap           the ladder of a saved capture\n"
	     "  wireladder read saved.pcap -o x.html the same as a page for the browser\n\n"
	     "Commands:");
	for (const struct command *command = commands; command->name; command++)
		printf("  %-8s %-26s %s\n", command->name, command->arguments,
		       command->summary);
	puts("\n`wireladder help COMMAND` tells its options. Timelines go to -o FILE, by its "
	     "ending\n(.json .jsonl .html .txt); without -o a terminal gets the ladder, a pipe "
	     "gets jsonl.");
}

static void help_exit(void)
{
	puts("Exit statuses:\n"
	     "  0  done\n"
	     "  1  usage, or the input is not a capture or timeline\n"
	     "  2  permission, interface or network: the sentence says the remedy\n"
	     "  3  partial: damaged or cut input, or packets dropped; all that was readable\n"
	     "     was written\n"
	     "  4  output could not be written\n"
	     "  5  out of memory\n"
	     "  6  a lesson's expectation did not hold, or a goal of `score` is missed\n"
	     "`run` ends with the status of its program (of the last one named): 128 + the\n"
	     "signal that ended it, 127 when there is none of that name, 126 when it cannot\n"
	     "be executed; then those after it do not begin.");
}

static void help_verdicts(void)
{
	puts("Verdicts, for --verdict ID, with the sentences that `-v` fills (a part in [ ]\n"
	     "is left out when it is not known) and the clauses they rest on:");
	for (enum verdict_id id = 0; id < VERDICT_COUNT; id++)
		printf("\n  %s (%s)\n    %s\n    %s\n", glossary[id].id, glossary[id].label,
		       glossary[id].text, glossary[id].cite);
}

static void help_command(const struct command *command)
{
	printf("wireladder %s %s\n  %s\n", command->name, command->arguments, command->summary);
	if (command->examples)
		puts("\nExamples:");
	for (size_t i = 0; command->examples && command->examples[i]; i++)
		printf("  %s\n", command->examples[i]);
	puts("\nOptions:");
	options_print(command, stdout);
}

enum exit_status command_help(struct options *options, struct err *err)
{
	const struct command *command;
	if (options->word_count == 0) {
		help_all();
		return EXIT_DONE;
	}
	if (strcmp(options->words[0], "exit") == 0) {
		help_exit();
		return EXIT_DONE;
	}
	if (strcmp(options->words[0], "verdicts") == 0) {
		help_verdicts();
		return EXIT_DONE;
	}
	command = command_find(options->words[0]);
	if (!command) {
		err_set(err, EXIT_USAGE,
			"there is no help on '%s': `wireladder help` lists the commands",
			options->words[0]);
		return EXIT_USAGE;
	}
	help_command(command);
	return EXIT_DONE;
}

static enum exit_status command_version(struct options *options, struct err *err)
{
	(void)err;
	if (options->json)
		printf("{\"wireladder\":\"%s\",\"format\":1}\n", WIRELADDER_VERSION);
	else
		printf("wireladder %s (timeline format 1)\n", WIRELADDER_VERSION);
	return EXIT_DONE;
}
