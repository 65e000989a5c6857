#include "kernel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "network.h"
#include "wireladder/base_words.h"

#define SYSCTL_PATH 160
#define CONGESTION_CONTROLS "/proc/sys/net/ipv4/tcp_available_congestion_control"
#define NAMES_MAX 1024 /* beyond them none is guessed at */

static bool sysctl_path(const char *name, char path[static SYSCTL_PATH])
{
	size_t at = (size_t)snprintf(path, SYSCTL_PATH, "/proc/sys/");
	if (strncmp(name, "net.", 4) != 0 || strchr(name, '/') ||
	    at + strlen(name) >= SYSCTL_PATH)
		return false;
	for (; *name; name++)
		path[at++] = *name == '.' ? '/' : *name;
	path[at] = '\0';
	return true;
}

bool sysctl_set(const char *name, const char *value)
{
	char path[SYSCTL_PATH];
	ssize_t wrote;
	int fd, error;
	if (!sysctl_path(name, path)) {
		errno = ENOENT;
		return false;
	}
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	wrote = write(fd, value, strlen(value));
	/* ENOENT would be the setting, not a word in it that the kernel does not know. */
	error = wrote < 0 && errno != ENOENT ? errno : EINVAL;
	close(fd);
	errno = error;
	return wrote == (ssize_t)strlen(value);
}

/* Where sentences send the reader: "my.json, line 7". */
struct spot {
	char text[120];
};

static struct spot spot_of(const struct lesson *lesson, unsigned line)
{
	struct spot spot;
	if (lesson->file)
		snprintf(spot.text, sizeof(spot.text), "%.90s, line %u", lesson->file, line);
	else
		snprintf(spot.text, sizeof(spot.text), "the lesson %.90s",
			 lesson->name ? lesson->name : "?");
	return spot;
}

/* Of names in a row, each with its NUL; NULL: no guess. */
static const char *names_nearest(const struct buf *names, const char *wanted)
{
	const char *list[NAMES_MAX];
	struct words words = {list, 0};
	if (names->failed)
		return NULL;
	for (size_t at = 0; at < names->len && words.count < NAMES_MAX;
	     at += strlen(names->at + at) + 1)
		list[words.count++] = names->at + at;
	return words_nearest(&words, wanted);
}

/* A sentence's end: what was probably meant, else what to do. */
struct remedy {
	char text[120];
};

static struct remedy remedy_of(const struct buf *names, const char *wanted, const char *else_do)
{
	const char *nearest = names_nearest(names, wanted);
	struct remedy remedy;
	if (nearest)
		snprintf(remedy.text, sizeof(remedy.text), ": did you mean `%.80s`?", nearest);
	else
		snprintf(remedy.text, sizeof(remedy.text), "; %s", else_do);
	return remedy;
}

/* The settings beside the one that there is none of. */
static void sysctl_names(const char *name, struct buf *names)
{
	char path[SYSCTL_PATH], *last;
	const struct dirent *entry;
	DIR *folder;
	if (!sysctl_path(name, path))
		return;
	last = strrchr(path, '/');
	*last = '\0';
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		buf_add(names, name, (size_t)(strrchr(name, '.') + 1 - name));
		buf_add(names, entry->d_name, strlen(entry->d_name) + 1);
	}
	if (folder)
		closedir(folder);
}

bool kernel_refuses(const struct setting *setting, enum end host, const struct lesson *lesson,
		    struct err *err)
{
	int error = errno;
	struct spot spot = spot_of(lesson, setting->line);
	struct buf names = {0};
	struct remedy remedy;
	if (error == EROFS || error == EACCES)
		return err_set(err, EXIT_PERMISSION,
			       "%s: `%s` cannot be set, /proc/sys may not be written here "
			       "(%s); run it outside the container",
			       spot.text, setting->name, strerror(error));
	if (error != ENOENT)
		return err_set(err, EXIT_USAGE,
			       "%s: `%s` cannot be `%s` on the %s: %s; take a value that the "
			       "kernel knows, or for a congestion control a `setsockopt` step",
			       spot.text, setting->name, setting->value, host_plans[host].name,
			       strerror(error));
	sysctl_names(setting->name, &names);
	remedy = remedy_of(&names, setting->name, "leave it out");
	buf_close(&names);
	return err_set(err, EXIT_USAGE,
		       "%s: the %s's kernel has no setting `%s` for one network alone%s",
		       spot.text, host_plans[host].name, setting->name, remedy.text);
}

static bool counter_is_known(const struct counters *counters, enum end host,
			     const struct expectation *expect)
{
	int64_t value = 0;
	return expect->kind != EXPECT_COUNTER || expect->host != host ||
	       counters_value(counters, expect->what, &value);
}

static struct remedy counter_remedy(const struct counters *counters, const char *what)
{
	struct buf names = {0};
	struct remedy remedy;
	counters_names(counters, &names);
	remedy = remedy_of(&names, what, "`nstat -az` lists those that there are");
	buf_close(&names);
	return remedy;
}

static bool counters_are_known(const struct counters *counters, enum end host,
			       const struct lesson *lesson, struct err *err)
{
	for (size_t i = 0; i < lesson->expect_count; i++) {
		const struct expectation *expect = &lesson->expects[i];
		if (!counter_is_known(counters, host, expect))
			return err_set(err, EXIT_USAGE,
				       "%s: the %s's kernel has no counter `%s`%s",
				       spot_of(lesson, expect->line).text,
				       host_plans[host].name, expect->what,
				       counter_remedy(counters, expect->what).text);
	}
	return true;
}

/* The kernel may have to load it first, which the list of those it has does not tell. */
static bool congestion_control_is_there(const char *name)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool there = fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name,
					  (socklen_t)strlen(name)) == 0 ||
		     errno != ENOENT;
	if (fd >= 0)
		close(fd);
	return there;
}

static void congestion_control_names(struct buf *names)
{
	char text[512], *rest = NULL;
	FILE *file = fopen(CONGESTION_CONTROLS, "re");
	const char *name = file && fgets(text, sizeof(text), file)
				   ? strtok_r(text, " \n", &rest)
				   : NULL;
	for (; name; name = strtok_r(NULL, " \n", &rest))
		buf_add(names, name, strlen(name) + 1);
	if (file)
		fclose(file);
}

static bool step_is_known(const struct step *step, enum end host, const struct lesson *lesson,
			  struct err *err)
{
	struct spot spot = spot_of(lesson, step->line);
	struct buf names = {0};
	struct remedy remedy;
	if (step->kind != STEP_SETSOCKOPT || strcmp(step->text, "TCP_CONGESTION") != 0 ||
	    step->fails || congestion_control_is_there(step->to))
		return true;
	congestion_control_names(&names);
	remedy = remedy_of(&names, step->to, "`reno` is always there");
	buf_close(&names);
	return err_set(err, EXIT_USAGE, "%s: the %s's kernel has no congestion control `%s`%s",
		       spot.text, host_plans[host].name, step->to, remedy.text);
}

bool kernel_knows(const struct counters *counters, enum end host, const struct lesson *lesson,
		  struct err *err)
{
	if (!counters_are_known(counters, host, lesson, err))
		return false;
	for (size_t i = 0; i < lesson->program_count; i++) {
		const struct program *program = &lesson->programs[i];
		for (size_t k = 0; program->host == host && k < program->step_count; k++) {
			if (!step_is_known(&program->steps[k], host, lesson, err))
				return false;
		}
	}
	return true;
}
