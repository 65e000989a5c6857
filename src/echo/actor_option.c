#include "actor.h"

#include <arpa/inet.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/time.h>

static const struct option_row {
	int level, option;
} option_rows[] = {
#define X(level, name, value) {level, name},
	SOCKOPT_LIST(X)
#undef X
};

static const int pmtudisc_numbers[] = {
#define X(name) name,
	PMTUDISC_LIST(X)
#undef X
};

struct option_value { /* as the kernel takes it */
	const void *bytes;
	socklen_t size;
	int number;
	struct linger linger;
	struct timeval time;
	struct in_addr own4;
	struct ip_mreq group4;
	struct ipv6_mreq group6;
};

static bool value_int(const struct actor *a, struct option_value *value)
{
	const char *word = a->step->to;
	size_t i;
	value->bytes = &value->number;
	value->size = sizeof(value->number);
	if (!word) {
		value->number = (int)a->step->number;
		return a->step->number >= INT_MIN && a->step->number <= INT_MAX;
	}
	if (!words_find(&pmtudisc_words, word, &i))
		return false;
	value->number = pmtudisc_numbers[i];
	return true;
}

static bool value_word(const struct actor *a, struct option_value *value)
{
	value->bytes = a->step->to;
	value->size = a->step->to ? (socklen_t)strlen(a->step->to) : 0;
	return value->bytes != NULL;
}

static bool value_linger(const struct actor *a, struct option_value *value)
{
	bool ok = value_int(a, value) && !a->step->to && value->number >= 0;
	value->linger = (struct linger){.l_onoff = 1, .l_linger = value->number};
	value->bytes = &value->linger;
	value->size = sizeof(value->linger);
	return ok;
}

static bool value_time(const struct actor *a, struct option_value *value)
{
	bool ok = value_int(a, value) && !a->step->to && value->number >= 0;
	value->time.tv_sec = value->number / 1000;
	value->time.tv_usec = value->number % 1000 * 1000;
	value->bytes = &value->time;
	value->size = sizeof(value->time);
	return ok;
}

static const char *value_address4(const struct actor *a, const char *word)
{
	bool own = word && strcmp(word, "own") == 0;
	return own ? a->config->addrs4[a->config->program->host] : word;
}

static bool value_own4(const struct actor *a, struct option_value *value)
{
	const char *address = value_address4(a, a->step->to);
	value->bytes = &value->own4;
	value->size = sizeof(value->own4);
	return address && inet_pton(AF_INET, address, &value->own4) == 1;
}

/* Without a default route the interface has to be told: it is that of the own address. */
static bool value_group4(const struct actor *a, struct option_value *value)
{
	const char *own = value_address4(a, "own");
	value->bytes = &value->group4;
	value->size = sizeof(value->group4);
	if (own && inet_pton(AF_INET, own, &value->group4.imr_interface) != 1)
		return false;
	return a->step->to &&
	       inet_pton(AF_INET, a->step->to, &value->group4.imr_multiaddr) == 1;
}

/* Interface 0: the one that the route to the group names (RFC 3493 5.2). */
static bool value_group6(const struct actor *a, struct option_value *value)
{
	value->bytes = &value->group6;
	value->size = sizeof(value->group6);
	return a->step->to &&
	       inet_pton(AF_INET6, a->step->to, &value->group6.ipv6mr_multiaddr) == 1;
}

static bool (*const value_readers[SOCKOPT_VALUE_COUNT])(const struct actor *a,
							struct option_value *value) = {
	[SOCKOPT_INT] = value_int,       [SOCKOPT_WORD] = value_word,
	[SOCKOPT_LINGER] = value_linger, [SOCKOPT_TIME] = value_time,
	[SOCKOPT_OWN4] = value_own4,     [SOCKOPT_GROUP4] = value_group4,
	[SOCKOPT_GROUP6] = value_group6,
};

int step_setsockopt(struct actor *a, struct actor_socket *s)
{
	const char *name = a->step->text ? a->step->text : "", *near;
	struct option_value value = {.bytes = NULL};
	const struct option_row *row;
	struct actor_call *call;
	size_t i;
	int result;
	if (!words_find(&sockopt_words, name, &i)) {
		near = words_nearest(&sockopt_words, name);
		return actor_tell(a, EXIT_USAGE,
				  "\"%.40s\" is no socket option that lessons know%s%s%s", name,
				  near ? ": did you mean \"" : "", near ? near : "",
				  near ? "\"?" : "");
	}
	row = &option_rows[i];
	if (!value_readers[sockopt_values[i]](a, &value))
		return actor_tell(a, EXIT_USAGE, "%s takes %s", name,
				  sockopt_takes[sockopt_values[i]]);
	call = actor_call_open(a, STEP_SETSOCKOPT, s->fd);
	result = setsockopt(s->fd, row->level, row->option, value.bytes, value.size);
	return actor_call_close(call, result);
}
