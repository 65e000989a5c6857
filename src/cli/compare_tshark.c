/* Theory of operation. tshark writes a line of JSON per frame (-T ek). All that is wanted of
 * it is the frame's number and which keys tcp_analysis_* it has, so lines are not parsed but
 * searched: a key ends in `":`, which inside a JSON string would be `\":`, so nothing that a
 * packet carries can be taken for one. Its own run is asked for few fields; a saved output may
 * have all of them, and then every name has its protocol once more in front
 * ("frame_frame_number"). */
#include "compare.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAID_MAX (1U << 20)
#define LINE_MAX_BYTES (16U << 20) /* a frame of 256 KiB in hexadecimal, several times over */

#define BIT(family) (1U << FAMILY_##family)

/* Why nothing is said here of what tshark calls so, for the words where that is known. Of
 * several words the last explains the others: numbers of two connections were compared. */
#define WHY_NEW \
	"its bytes are sent for the first time in this connection: a SYN ACK that answers " \
	"another SYN, or has another initial number, is a new one (RFC 9293 3.5)"
#define WHY_NO_DUPLICATE \
	"it tells of no segment that arrived out of order: it SACKs nothing new, or answers " \
	"a copy, or was overtaken by later ACKs (RFC 5681 2, RFC 6675 2)"
#define WHY_SEEN \
	"nothing of what it acknowledges is missing: bytes that were seen, a SYN, a FIN, a " \
	"keep-alive's byte, or what was sent before the capture began (RFC 9293 3.4)"
#define WHY_NOT_PROVED \
	"the bytes before it may as well be lost, or late: that the capture misses them is " \
	"said when an ACK proves that they arrived (RFC 9293 3.4)"
#define WHY_SAME_CONNECTION \
	"it belongs to the attempt that is going on: another one begins with a SYN that has " \
	"another initial number (RFC 9293 3.6.1)"

static const struct {
	const char *word;
	uint32_t families;
	const char *why; /* or NULL */
} words[] = {
	{"retransmission", BIT(RETRANSMISSION), WHY_NEW},
	{"fast_retransmission", BIT(RETRANSMISSION) | BIT(FAST), NULL},
	{"spurious_retransmission", BIT(RETRANSMISSION), NULL},
	{"out_of_order", BIT(OUT_OF_ORDER), NULL},
	{"duplicate_ack", BIT(DUP_ACK), WHY_NO_DUPLICATE},
	{"zero_window", BIT(ZERO_WINDOW), NULL},
	{"window_full", BIT(WINDOW_FULL), NULL},
	{"window_update", BIT(WINDOW_UPDATE), NULL},
	{"keep_alive", BIT(KEEP_ALIVE), NULL},
	{"keep_alive_ack", BIT(KEEP_ALIVE_ACK), NULL},
	{"zero_window_probe", BIT(PROBE), NULL},
	{"zero_window_probe_ack", BIT(PROBE_ACK), NULL},
	{"ack_lost_segment", BIT(UNSEEN), WHY_SEEN},
	{"lost_segment", BIT(GAP), WHY_NOT_PROVED},
	{"reused_ports", BIT(PORTS), WHY_SAME_CONNECTION},
};

uint32_t tshark_families(uint32_t said)
{
	uint32_t families = 0;
	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		families |= said >> i & 1 ? words[i].families : 0;
	return families;
}

void tshark_text(uint32_t said, struct buf *out)
{
	size_t start = out->len;
	for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
		if (!(said >> i & 1))
			continue;
		buf_printf(out, "%s", out->len > start ? ", " : "");
		for (const char *c = words[i].word; *c; c++)
			buf_add(out, *c == '_' ? " " : c, 1);
	}
}

void tshark_why_not(uint32_t said, struct buf *out)
{
	const char *why = NULL;
	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		why = said >> i & 1 && words[i].why ? words[i].why : why;
	if (why)
		buf_printf(out, ": %s", why);
}

/* Behind the key that ends so, or NULL. */
static const char *line_key(const char *line, size_t length, const char *key)
{
	const char *at = memmem(line, length, key, strlen(key));
	return at ? at + strlen(key) : NULL;
}

/* The number that follows, in or without quotes and brackets; 0: none. */
static uint64_t line_number(const char *at, const char *end)
{
	uint64_t number = 0;
	for (; at < end && strchr("[\" ", *at); at++)
		continue;
	for (; at < end && *at >= '0' && *at <= '9' && number < UINT32_MAX; at++)
		number = number * 10 + (uint64_t)(*at - '0');
	return number;
}

static uint32_t line_words(const char *line, size_t length)
{
	static const char prefix[] = "tcp_analysis_";
	const char *end = line + length, *at = line;
	uint32_t said = 0;
	while ((at = line_key(at, (size_t)(end - at), prefix))) {
		for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
			size_t count = strlen(words[i].word);
			if ((size_t)(end - at) >= count + 2 &&
			    memcmp(at, words[i].word, count) == 0 && at[count] == '"' &&
			    at[count + 1] == ':')
				said |= 1U << i;
		}
	}
	return said;
}

static bool tshark_keep(struct tshark *tshark, struct theirs theirs, struct err *err)
{
	if (tshark->count == SAID_MAX) {
		tshark->full = true;
		return true;
	}
	if (tshark->count == tshark->room) {
		size_t room = tshark->room ? 2 * tshark->room : 64;
		struct theirs *said = realloc(tshark->said, room * sizeof(*said));
		if (!said)
			return err_memory(err);
		tshark->said = said;
		tshark->room = room;
	}
	tshark->said[tshark->count++] = theirs;
	return true;
}

bool tshark_line(struct tshark *tshark, const char *line, size_t length, struct err *err)
{
	const char *number = line_key(line, length, "frame_number\":");
	struct theirs theirs = {.words = line_words(line, length)};
	uint64_t frame;
	if (length > 0 && line[length - 1] == '\n')
		length--;
	if (length == 0 || line_key(line, length, "{\"index\":"))
		return true; /* what Elasticsearch wants in front of each */
	frame = number ? line_number(number, line + length) : 0;
	if (!line_key(line, length, "\"layers\":") || frame <= tshark->last)
		return err_set(err, EXIT_USAGE,
			       "this is not what tshark says of a capture: a line after packet "
			       "%" PRIu64 " has no frame number that follows; make it with "
			       "`tshark -r CAPTURE -T ek`",
			       tshark->last);
	tshark->last = frame;
	/* A block that is no packet (a log entry) has a number there, and none here. */
	if (!line_key(line, length, "frame_time_epoch\":") &&
	    !line_key(line, length, "frame_interface_id\":")) {
		tshark->blocks++;
		return true;
	}
	tshark->packets++;
	theirs.n = frame - tshark->blocks;
	return theirs.words == 0 || tshark_keep(tshark, theirs, err);
}

static bool tshark_lines(struct tshark *tshark, FILE *file, struct err *err)
{
	struct buf line = {0};
	bool good = true;
	while (good && buf_reserve(&line, 65536) &&
	       fgets(line.at + line.len, 65536, file)) {
		line.len += strlen(line.at + line.len);
		if (line.len > LINE_MAX_BYTES)
			good = err_set(err, EXIT_USAGE,
				       "this is not what tshark says of a capture: a line has "
				       "more than %u MiB",
				       LINE_MAX_BYTES >> 20);
		else if (line.len > 0 && line.at[line.len - 1] == '\n') {
			good = tshark_line(tshark, line.at, line.len, err);
			line.len = 0;
		}
	}
	if (good && line.failed)
		good = err_memory(err);
	else if (good && line.len > 0) /* the last, without its end */
		good = tshark_line(tshark, line.at, line.len, err);
	buf_close(&line);
	return good;
}

bool tshark_saved(struct tshark *tshark, const char *path, struct err *err)
{
	FILE *file = fopen(path, "re");
	bool good;
	if (!file)
		return err_set(err, EXIT_USAGE, "%s cannot be read: %s", path, strerror(errno));
	good = tshark_lines(tshark, file, err);
	fclose(file);
	if (good && tshark->packets == 0)
		good = err_set(err, EXIT_USAGE,
			       "%s: no packet in it; make it with `tshark -r CAPTURE -T ek`",
			       path);
	return good;
}

static const char *const fields[] = {
	"frame.number", "frame.time_epoch", "frame.interface_id",
};

/* The arguments: each field is two words, each of tshark's flags is a field. */
#define ARGUMENTS_MAX 64
struct arguments {
	const char *words[ARGUMENTS_MAX];
	char names[ARRAY_COUNT(words)][48];
};

static void tshark_arguments(struct arguments *arguments, const char *capture)
{
	static const char *const first[] = {
		"tshark", "-n", "-o", "tcp.analyze_sequence_numbers:TRUE", "-T", "ek", "-r"};
	size_t count = 0;
	for (size_t i = 0; i < ARRAY_COUNT(first); i++)
		arguments->words[count++] = first[i];
	arguments->words[count++] = capture;
	for (size_t i = 0; i < ARRAY_COUNT(fields); i++) {
		arguments->words[count++] = "-e";
		arguments->words[count++] = fields[i];
	}
	for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
		snprintf(arguments->names[i], sizeof(arguments->names[i]), "tcp.analysis.%s",
			 words[i].word);
		arguments->words[count++] = "-e";
		arguments->words[count++] = arguments->names[i];
	}
	arguments->words[count] = NULL;
}

/* Starts it; its talk goes nowhere, its lines to the descriptor. */
static int tshark_start(const char *capture, pid_t *child, struct err *err)
{
	extern char **environ;
	struct arguments arguments;
	posix_spawn_file_actions_t actions;
	int ends[2], failed;
	if (pipe2(ends, O_CLOEXEC) != 0) {
		err_set(err, EXIT_PERMISSION, "no pipe to tshark: %s", strerror(errno));
		return -1;
	}
	tshark_arguments(&arguments, capture);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	failed = posix_spawnp(child, "tshark", &actions, NULL, (char *const *)arguments.words,
			      environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (!failed)
		return ends[0];
	close(ends[0]);
	err_set(err, EXIT_USAGE,
		"tshark cannot be run (%s): install it (Debian: apt-get install tshark), or "
		"give its saved output: --compare=FILE, made elsewhere with `tshark -r CAPTURE "
		"-T ek`",
		strerror(failed));
	return -1;
}

bool tshark_run(struct tshark *tshark, const char *capture, struct err *err)
{
	pid_t child;
	int fd = tshark_start(capture, &child, err), status = 0;
	FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
	bool good;
	if (!file)
		return false;
	good = tshark_lines(tshark, file, err);
	fclose(file); /* if that was early, it ends of a closed pipe */
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (good && status != 0 && tshark->packets == 0)
		return err_set(err, EXIT_USAGE, "tshark could not read %s (status %d)", capture,
			       WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return good;
}

void tshark_close(struct tshark *tshark)
{
	free(tshark->said);
	*tshark = (struct tshark){0};
}
