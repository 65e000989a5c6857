/*
 * The main job: the built-in echo pair talks on a loopback of our own while a tap watches.
 *
 * Each program of the session is a process of its own, as it would be in real life: two servers
 * (TCP and UDP, both families) and five clients. The tracer starts them, and tells their calls;
 * this process captures. Nothing outlives it.
 */
#include "calls.h"
#include "demo_lesson.h"
#include "pipeline.h"

#include "wireladder/capture.h"
#include "wireladder/echo.h"
#include "wireladder/lab.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEMO_PORT    "7" /* RFC 862; free to take, for the network is our own */
#define SERVER_COUNT 2
#define READY_MS     5000

static const char *const greeting[] = {"hello", "how are you?", "goodbye"};
static const char *const second[] = {"me too", "thanks, bye"};
static const char *const six[] = {"hello over IPv6"};
static const char *const question[] = {"ping 1", "ping 2"};
static const char *const question_six[] = {"ping over IPv6"};

/* Who talks, and when. Two TCP clients overlap: one listening socket, two connection sockets.
 */
static const struct actor {
	bool udp;
	const char *host;
	const char *const *texts;
	size_t text_count;
	unsigned start_ms, pause_ms;
} actors[] = {
	{false, "127.0.0.1", greeting, ARRAY_COUNT(greeting), 0, 120},
	{false, "127.0.0.1", second, ARRAY_COUNT(second), 60, 100},
	{false, "::1", six, ARRAY_COUNT(six), 420, 40},
	{true, "127.0.0.1", question, ARRAY_COUNT(question), 540, 60},
	{true, "::1", question_six, ARRAY_COUNT(question_six), 680, 40},
};

#define PROGRAM_COUNT (SERVER_COUNT + ARRAY_COUNT(actors))
#define WORDS_MAX     12 /* of a command line, with its NULL */

struct demo {
	struct options *options;
	char *paths[4]; /* timeline.json, timeline.html, capture.pcap, lesson.html */
	struct traced programs[PROGRAM_COUNT]; /* servers, then actors */
	const char *argv[PROGRAM_COUNT][WORDS_MAX];
	struct tracer *tracer;
	struct calls_live live;
	struct network_counters *counters;
	struct net_counts counted;
	int ready_pipe[2]; /* servers tell that they listen */
	int gate_fd;       /* eventfd: one for each client that may begin */
	int stop_fd;       /* eventfd: readable once the servers are to end */
	bool stopped;      /* they were told */
	bool failed;       /* a program's status was not 0 */
};

static bool demo_path(const char *folder, const char *name, char **path, struct err *err)
{
	struct buf joined = {0};
	buf_printf(&joined, "%s/%s", folder, name);
	*path = joined.at;
	return joined.failed ? err_memory(err) : true;
}

static bool demo_folder(struct demo *demo, struct err *err)
{
	static const char *const names[] = {"timeline.json", "timeline.html", "capture.pcap",
					    "lesson.html"};
	struct options *options = demo->options;
	const char *folder = options->output_count ? options->outputs[0] : "wireladder-demo";
	if (options->output_count > 1)
		return err_set(err, EXIT_USAGE,
			       "`wireladder demo` writes one folder: one -o, please");
	if (options->word_count > 0)
		return err_set(err, EXIT_USAGE,
			       "`wireladder demo` takes no word '%s': -o DIR names its "
			       "folder",
			       options->words[0]);
	if (mkdir(folder, 0777) != 0 && errno != EEXIST)
		return err_set(err, EXIT_OUTPUT,
			       "cannot make the folder %s: %s; -o DIR names another", folder,
			       strerror(errno));
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		if (!demo_path(folder, names[i], &demo->paths[i], err))
			return false;
	}
	options->outputs[0] = "-";
	options->outputs[1] = demo->paths[0];
	options->outputs[2] = demo->paths[1];
	options->output_count = 3;
	options->stdout_format = "txt";
	return true;
}

static int demo_child_ends(const char *who, bool done, const struct err *err)
{
	if (!done)
		fprintf(stderr, "wireladder: %s: %s\n", who, err->text);
	return done ? EXIT_DONE : (int)err->status;
}

static int demo_serve(const struct demo *demo, bool udp)
{
	struct err err = {0};
	struct echo_server_config config = {
		.udp = udp,
		.port = DEMO_PORT,
		.reply = REPLY_ECHO,
		.ready_fd = demo->ready_pipe[1],
		.stop_fd = demo->stop_fd,
	};
	return demo_child_ends(udp ? "the demo's UDP server" : "the demo's TCP server",
			       echo_server(&config, &err), &err);
}

static int demo_act(const struct actor *actor)
{
	struct err err = {0};
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct echo_client_config config = {
		.udp = actor->udp,
		.host = actor->host,
		.port = DEMO_PORT,
		.texts = actor->texts,
		.text_count = actor->text_count,
		.input_fd = -1,
		.output_fd = nowhere,
		.pause_ns = actor->pause_ms * NS_PER_MS,
	};
	clock_sleep_ns(actor->start_ms * NS_PER_MS);
	return demo_child_ends("the demo's client", echo_client(&config, &err), &err);
}

/* In the program's process: servers come first, the first SYN must find one. */
static bool demo_enter(void *context, size_t index, struct err *err)
{
	const struct demo *demo = context;
	uint64_t one;
	if (index < SERVER_COUNT)
		return true;
	while (read(demo->gate_fd, &one, sizeof(one)) < 0) {
		if (errno != EINTR)
			return err_set(err, EXIT_PERMISSION, "the demo's gate: %s",
				       strerror(errno));
	}
	return true;
}

static int demo_program(void *context, size_t index)
{
	const struct demo *demo = context;
	if (index < SERVER_COUNT)
		return demo_serve(demo, index == 1);
	return demo_act(&actors[index - SERVER_COUNT]);
}

/* As a person would start them. */
static void demo_list(struct demo *demo)
{
	static const char *const names[SERVER_COUNT] = {"TCP server", "UDP server"};
	for (size_t i = 0; i < PROGRAM_COUNT; i++) {
		const struct actor *actor = i < SERVER_COUNT ? NULL : &actors[i - SERVER_COUNT];
		const char **argv = demo->argv[i];
		*argv++ = "wireladder";
		*argv++ = actor ? "client" : "server";
		*argv++ = i == 1 || (actor && actor->udp) ? "udp" : "tcp";
		if (actor)
			*argv++ = actor->host;
		*argv++ = DEMO_PORT;
		for (size_t k = 0; actor && k < actor->text_count; k++)
			*argv++ = actor->texts[k];
		demo->programs[i] = (struct traced){
			.name = actor ? "client" : names[i],
			.argv = demo->argv[i],
		};
	}
}

static bool demo_open(struct demo *demo, struct err *err)
{
	struct tracer_config config = {
		.programs = demo->programs,
		.count = PROGRAM_COUNT,
		.context = demo,
		.enter = demo_enter,
		.run = demo_program,
		.kernel_ns = options_kernel_ns(demo->options),
	};
	demo_list(demo);
	demo->stop_fd = eventfd(0, EFD_CLOEXEC);
	demo->gate_fd = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
	if (demo->stop_fd < 0 || demo->gate_fd < 0 || pipe2(demo->ready_pipe, O_CLOEXEC) != 0)
		return err_set(err, EXIT_PERMISSION,
			       "no pipe for the demo's programs: %s; close some files or raise "
			       "`ulimit -n`",
			       strerror(errno));
	demo->tracer = tracer_open(&config, err);
	demo->live.tracer = demo->tracer;
	return demo->tracer != NULL;
}

static bool demo_tell(int fd, uint64_t count)
{
	return write(fd, &count, sizeof(count)) == (ssize_t)sizeof(count);
}

/* Each server writes its port once it listens; then the clients may go. */
static bool demo_begin(void *context, struct err *err)
{
	struct demo *demo = context;
	struct pollfd ready = {.fd = demo->ready_pipe[0], .events = POLLIN};
	uint8_t port[2];
	if (!tracer_begin(demo->tracer, err))
		return false;
	for (size_t i = 0; i < SERVER_COUNT; i++) {
		if (poll(&ready, 1, READY_MS) <= 0 ||
		    read(ready.fd, port, sizeof(port)) != (ssize_t)sizeof(port))
			return err_set(err, EXIT_PERMISSION,
				       "the demo's servers do not listen: did they end?");
	}
	return demo_tell(demo->gate_fd, PROGRAM_COUNT) ||
	       err_set(err, EXIT_PERMISSION, "the demo's gate: %s", strerror(errno));
}

/* Asked a few times a second: clients first, then the servers are told to end. */
static bool demo_finished(void *context)
{
	struct demo *demo = context;
	bool clients = true, all = true;
	for (size_t i = 0; i < PROGRAM_COUNT; i++) {
		const struct traced_end *end = tracer_ends(demo->tracer, i);
		all = all && end->ended;
		clients = clients && (end->ended || i < SERVER_COUNT);
		demo->failed |= end->ended && end->status != 0;
	}
	if (clients && !demo->stopped)
		demo->stopped = demo_tell(demo->stop_fd, 1);
	return all || demo->live.over;
}

/* After a signal some may still run: what they do is not captured any more. The tap's own
 * sentinels are not counted. */
static void demo_ending(void *context)
{
	struct demo *demo = context;
	tracer_signal(demo->tracer, SIZE_MAX, SIGKILL);
	if (demo->counters)
		network_counters_take(demo->counters, &demo->counted, NULL);
}

static void demo_report(void *context, struct summary *summary)
{
	struct demo *demo = context;
	summary->counters = counted_list(&demo->counted, &summary->counter_count);
}

static void demo_end(struct demo *demo)
{
	const int fds[] = {demo->stop_fd, demo->gate_fd, demo->ready_pipe[0],
			   demo->ready_pipe[1]};
	tracer_close(demo->tracer);
	for (size_t i = 0; i < ARRAY_COUNT(fds); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	network_counters_close(demo->counters);
	counted_close(&demo->counted);
	for (size_t i = 0; i < ARRAY_COUNT(demo->paths); i++)
		free(demo->paths[i]);
}

static bool demo_run(struct demo *demo, struct err *err)
{
	struct tap_source_config config = {
		.kind = "demo",
		.interface = "lo",
		.write_pcap = demo->paths[2],
		.private_loopback = true,
		.begin = demo_begin,
		.finished = demo_finished,
		.ending = demo_ending,
		.report = demo_report,
		.context = demo,
	};
	struct pipeline_end end;
	struct source source;
	struct tap_source *tap = NULL;
	bool done = false;
	if (!loopback_enter(err) || !demo_open(demo, err))
		return false;
	tap = tap_source_open(&config, err);
	if (!tap)
		return false;
	demo->counters = network_counters_open("lo", err);
	if (demo->counters) {
		tap_source_get(tap, &source);
		calls_live_get(&demo->live, &source.calls);
		source.calls_fd = tracer_fd(demo->tracer);
		done = pipeline_run(&source, demo->options, &end, err);
	}
	if (!tap_source_close(tap, done ? err : NULL))
		done = false;
	if (done && demo->failed && !signals_stop())
		done = err_set(err, EXIT_PARTIAL,
			       "one of the demo's programs failed: what was seen of it "
			       "is in %s",
			       demo->paths[0]);
	return done;
}

/* Made before the private network, for the browser wants the real one: it opens the page that
 * it is told of, or nothing when told nothing. */
static int demo_opener(const struct options *options)
{
	int told[2];
	char page[4096];
	ssize_t got;
	if (!options->open || pipe2(told, O_CLOEXEC) != 0)
		return -1;
	if (fork() != 0) {
		close(told[0]);
		return told[1];
	}
	close(told[1]);
	got = read(told[0], page, sizeof(page) - 1);
	if (got > 0) {
		page[got] = '\0';
		execlp("xdg-open", "xdg-open", page, (char *)NULL);
		fprintf(stderr, "wireladder: no xdg-open here: open %s in your browser\n",
			page);
	}
	_exit(EXIT_DONE);
}

enum exit_status command_demo(struct options *options, struct err *err)
{
	struct demo demo = {
		.options = options, .ready_pipe = {-1, -1}, .gate_fd = -1, .stop_fd = -1};
	int opener = demo_opener(options);
	bool done, played = false, lesson = false;
	options_bytes_default(options, OUTPUT_BYTES_DEMO);
	signals_catch();
	done = demo_folder(&demo, err);
	lesson = done && demo_lesson(demo.paths[3], &played);
	done = done && demo_run(&demo, err);
	fflush(stdout);
	if (lesson)
		say(options, "open %s in your browser: a segment is lost and sent again (%s)",
		    demo.paths[3],
		    played ? "two hosts and a wire, played just now"
			   : "from a capture: this system refuses private networks");
	if (done || err->status == EXIT_PARTIAL) {
		say(options, "open %s: the session above; also written: %s and %s",
		    demo.paths[1], demo.paths[0], demo.paths[2]);
		if (opener >= 0 && write(opener, demo.paths[1], strlen(demo.paths[1])) < 0)
			say(options, "could not start the browser: open %s yourself",
			    demo.paths[1]);
	}
	if (opener >= 0)
		close(opener);
	demo_end(&demo);
	return done ? EXIT_DONE : err->status;
}
