#include "counted.h"

#include <stdlib.h>
#include <string.h>

struct network_counters {
	const char *host;
	struct counters counters;
};

struct counting {
	struct net_counts *counted;
	const char *host;
};

/* Names move while the list grows: counters get theirs when it is whole. */
static void counted_one(void *context, const char *name, int64_t grown)
{
	const struct counting *counting = context;
	struct net_counts *counted = counting->counted;
	struct kernel_counter counter = {.host = counting->host, .value = grown};
	if (buf_add(&counted->names, name, strlen(name) + 1))
		buf_add(&counted->counters, &counter, sizeof(counter));
}

/* Their names stand in the same order. */
static void counted_name(struct net_counts *counted)
{
	struct kernel_counter *counters = (struct kernel_counter *)(void *)counted->counters.at;
	const char *name = counted->names.at;
	for (size_t i = 0; i < counted->counters.len / sizeof(*counters); i++) {
		counters[i].name = name;
		name += strlen(name) + 1;
	}
}

bool counted_add(struct net_counts *counted, const char *host, const struct counters *counters)
{
	struct counting counting = {counted, host};
	const struct counter_taker taker = {counted_one, &counting};
	if (!counters_grown(counters, &taker) || counted->names.failed ||
	    counted->counters.failed)
		return false;
	counted_name(counted);
	return true;
}

const struct kernel_counter *counted_list(const struct net_counts *counted, size_t *count)
{
	*count = counted->counters.len / sizeof(struct kernel_counter);
	return (const struct kernel_counter *)(const void *)counted->counters.at;
}

void counted_close(struct net_counts *counted)
{
	buf_close(&counted->counters);
	buf_close(&counted->names);
}

struct network_counters *network_counters_open(const char *host, struct err *err)
{
	struct network_counters *network = calloc(1, sizeof(*network));
	if (!network) {
		err_memory(err);
		return NULL;
	}
	network->host = host;
	for (size_t i = 0; i < COUNTER_FILES; i++)
		network->counters.fds[i] = -1;
	if (counters_open(&network->counters, err))
		return network;
	network_counters_close(network);
	return NULL;
}

bool network_counters_take(const struct network_counters *network, struct net_counts *counted,
			   struct err *err)
{
	return counted_add(counted, network->host, &network->counters) || err_memory(err);
}

void network_counters_close(struct network_counters *network)
{
	if (!network)
		return;
	counters_close(&network->counters);
	free(network);
}
