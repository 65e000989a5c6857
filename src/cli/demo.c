/*
 * The main job: the built-in echo pair talks on a loopback of our own while a tap watches.
 *
 * Each program of the session is a process of its own, as it would be in real life: two servers
 * (TCP and UDP, both families) and five clients. The parent captures. Nothing may outlive it: a
 * child dies with its parent, and servers end when the pipe that they watch is closed.
 */
#include "demo_lesson.h"
#include "pipeline.h"

#include "wireladder/capture.h"
#include "wireladder/echo.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEMO_PORT    "7" /* RFC 862; free to take, for the network is our own */
#define SERVER_COUNT 2

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

struct demo {
	struct options *options;
	char *paths[4]; /* timeline.json, timeline.html, capture.pcap, lesson.html */
	pid_t servers[SERVER_COUNT], actors[ARRAY_COUNT(actors)];
	int stop_pipe[2]; /* its writing end closes: the servers end */
	bool failed;      /* an actor's status was not 0 */
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

/* A child that dies with its parent, whatever happens; signals are the parent's matter. */
static pid_t demo_fork(void)
{
	pid_t parent = getpid(), child;
	fflush(NULL);
	child = fork();
	if (child != 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_PERMISSION);
	signal(SIGINT, SIG_IGN);
	return 0;
}

static void demo_child_ends(const char *who, bool done, const struct err *err)
{
	if (!done)
		fprintf(stderr, "wireladder: %s: %s\n", who, err->text);
	_exit(done ? EXIT_DONE : (int)err->status);
}

static void demo_serve(const struct demo *demo, bool udp, int ready_fd)
{
	struct err err = {0};
	struct echo_server_config config = {
		.udp = udp,
		.port = DEMO_PORT,
		.reply = REPLY_ECHO,
		.ready_fd = ready_fd,
		.stop_fd = demo->stop_pipe[0],
	};
	close(demo->stop_pipe[1]);
	demo_child_ends(udp ? "the demo's UDP server" : "the demo's TCP server",
			echo_server(&config, &err), &err);
}

/* Starts a server and waits until it listens: the first SYN must find it. */
static bool demo_server(struct demo *demo, size_t index, struct err *err)
{
	int ready[2];
	uint8_t port[2];
	ssize_t got;
	if (pipe2(ready, O_CLOEXEC) != 0)
		return err_set(err, EXIT_PERMISSION,
			       "no pipe for the demo's server: %s; close some "
			       "files or raise `ulimit -n`",
			       strerror(errno));
	demo->servers[index] = demo_fork();
	if (demo->servers[index] == 0) {
		close(ready[0]);
		demo_serve(demo, index == 1, ready[1]);
	}
	close(ready[1]);
	got = demo->servers[index] > 0 ? read(ready[0], port, sizeof(port)) : 0;
	close(ready[0]);
	if (demo->servers[index] < 0)
		return err_set(err, EXIT_PERMISSION,
			       "the demo's server did not start: %s; raise "
			       "`ulimit -u`",
			       strerror(errno));
	return got == (ssize_t)sizeof(port) ||
	       err_set(err, EXIT_PERMISSION, "the demo's %s server ended before it listened",
		       index == 1 ? "UDP" : "TCP");
}

static void demo_act(const struct actor *actor)
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
	demo_child_ends("the demo's client", echo_client(&config, &err), &err);
}

static bool demo_start(struct demo *demo, struct err *err)
{
	if (pipe2(demo->stop_pipe, O_CLOEXEC) != 0)
		return err_set(err, EXIT_PERMISSION,
			       "no pipe for the demo: %s; raise `ulimit -n`", strerror(errno));
	for (size_t i = 0; i < SERVER_COUNT; i++) {
		if (!demo_server(demo, i, err))
			return false;
	}
	for (size_t i = 0; i < ARRAY_COUNT(actors); i++) {
		demo->actors[i] = demo_fork();
		if (demo->actors[i] == 0) {
			close(demo->stop_pipe[1]);
			demo_act(&actors[i]);
		}
	}
	return true;
}

/* true when the process has ended, or never was. */
static bool demo_reaped(struct demo *demo, pid_t *pid, int flags)
{
	int status;
	pid_t got;
	if (*pid <= 0)
		return true;
	do
		got = waitpid(*pid, &status, flags);
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return false;
	if (got == *pid && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
		demo->failed = true;
	*pid = 0;
	return true;
}

static void demo_stop_servers(struct demo *demo)
{
	if (demo->stop_pipe[1] >= 0)
		close(demo->stop_pipe[1]);
	demo->stop_pipe[1] = -1;
}

/* Asked a few times a second: clients first, then the servers are told to end. */
static bool demo_finished(void *context)
{
	struct demo *demo = context;
	bool all = true;
	for (size_t i = 0; i < ARRAY_COUNT(actors); i++)
		all = demo_reaped(demo, &demo->actors[i], WNOHANG) && all;
	if (!all)
		return false;
	demo_stop_servers(demo);
	for (size_t i = 0; i < SERVER_COUNT; i++)
		all = demo_reaped(demo, &demo->servers[i], WNOHANG) && all;
	return all;
}

static void demo_end(struct demo *demo)
{
	demo_stop_servers(demo);
	for (size_t i = 0; i < ARRAY_COUNT(actors); i++) {
		if (demo->actors[i] > 0)
			kill(demo->actors[i], SIGKILL);
		demo_reaped(demo, &demo->actors[i], 0);
	}
	for (size_t i = 0; i < SERVER_COUNT; i++) {
		if (demo->servers[i] > 0)
			kill(demo->servers[i], SIGTERM);
		demo_reaped(demo, &demo->servers[i], 0);
	}
	if (demo->stop_pipe[0] >= 0)
		close(demo->stop_pipe[0]);
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
		.finished = demo_finished,
		.context = demo,
	};
	struct pipeline_end end;
	struct source source;
	struct tap_source *tap = NULL;
	bool done = false;
	if (!loopback_enter(err))
		return false;
	tap = tap_source_open(&config, err);
	if (!tap)
		return false;
	if (demo_start(demo, err)) {
		tap_source_get(tap, &source);
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
	struct demo demo = {.options = options, .stop_pipe = {-1, -1}};
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
