#include "wireladder/lab.h"

#include <stdlib.h>

#include "counted.h"
#include "kernel.h"
#include "meaning.h"
#include "network.h"
#include "sentinel.h"
#include "sockets.h"
#include "wire.h"

#define READY_NS (2 * NS_PER_S)
#define READY_PAUSE_NS (NS_PER_MS / 5)

struct lab {
	struct network network;
	struct counters counters[END_COUNT];
	struct sockets sockets[END_COUNT];
	struct sentinels sentinels;
	struct wire *wire;
};

static void lab_init(struct lab *lab)
{
	lab->network = (struct network){.outside = -1, .spaces = {-1, -1, -1}};
	for (size_t i = 0; i < END_COUNT; i++) {
		lab->sockets[i] = (struct sockets){.fds = {-1, -1}};
		for (size_t k = 0; k < COUNTER_FILES; k++)
			lab->counters[i].fds[k] = -1;
	}
	sentinels_init(&lab->sentinels);
}

/* What is opened inside the networks. The calling thread ends in the wire's. */
static bool lab_furnish(struct lab *lab, const struct lesson *lesson, uint64_t seed,
			struct err *err)
{
	struct wire_config config = {.lesson = lesson, .seed = seed, .mtu = lab->network.mtu};
	for (size_t i = 0; i < END_COUNT; i++) {
		if (!network_enter(&lab->network, i, err) ||
		    !counters_open(&lab->counters[i], err) ||
		    !kernel_knows(&lab->counters[i], (enum end)i, lesson, err) ||
		    !sentinels_open(&lab->sentinels, (enum end)i, err))
			return false;
		sockets_open(&lab->sockets[i]);
		config.counters[i][TALLY_NETSTAT] = lab->counters[i].fds[COUNTER_NETSTAT];
		config.counters[i][TALLY_SNMP] = lab->counters[i].fds[COUNTER_SNMP];
	}
	if (!network_enter(&lab->network, SPACE_WIRE, err))
		return false;
	lab->wire = wire_open(&config, err);
	return lab->wire != NULL;
}

struct lab *lab_open(const struct lesson *lesson, uint64_t seed, struct err *err)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	if (!lab) {
		err_memory(err);
		return NULL;
	}
	lab_init(lab);
	if (network_open(&lab->network, lesson, err) && lab_furnish(lab, lesson, seed, err))
		return lab;
	lab_close(lab);
	return NULL;
}

bool lab_enter(struct lab *lab, enum end host, struct err *err)
{
	return network_enter(&lab->network, host, err);
}

const char *lab_interface(enum end host)
{
	return host_plans[host].interface;
}

/* Sentinels that were sent twice are through too, and are not counted as anybody's. */
static void lab_settle(const struct lab *lab, uint64_t end_ns)
{
	while (!lab_idle(lab) && clock_monotonic_ns() < end_ns)
		clock_sleep_ns(READY_PAUSE_NS);
}

bool lab_ready(struct lab *lab, struct err *err)
{
	uint64_t end = clock_monotonic_ns() + READY_NS;
	if (!sentinels_cross(&lab->sentinels, READY_NS))
		return err_set(err, EXIT_PERMISSION,
			       "the private network did not come up in two seconds: is the "
			       "machine very busy? Run the lesson again");
	lab_settle(lab, end);
	if (!wire_restart(lab->wire, err))
		return false;
	for (size_t i = 0; i < END_COUNT; i++) {
		if (!counters_begin(&lab->counters[i]))
			return err_memory(err);
	}
	return true;
}

bool lab_idle(const struct lab *lab)
{
	return wire_idle(lab->wire);
}

bool lab_settled(const struct lab *lab)
{
	return sockets_settled(&lab->sockets[END_CLIENT]) &&
	       sockets_settled(&lab->sockets[END_SERVER]) && lab_idle(lab);
}

bool lab_is_noise(const uint8_t *bytes, size_t count)
{
	struct meaning meaning;
	meaning_read(&meaning, bytes, count);
	return meaning.noise || meaning.sentinel;
}

const struct truth *lab_truth(struct lab *lab, size_t *count, uint64_t *missed)
{
	const struct truth *truth = wire_stop(lab->wire, count, missed);
	for (size_t i = 0; i < END_COUNT; i++)
		*missed += counters_dropped(&lab->counters[i], host_plans[i].interface);
	return truth;
}

bool lab_counter(struct lab *lab, enum end host, const char *name, int64_t *value)
{
	return counters_value(&lab->counters[host], name, value);
}

bool lab_counted(struct lab *lab, struct net_counts *counted, struct err *err)
{
	for (size_t i = 0; i < END_COUNT; i++) {
		if (!counted_add(counted, host_plans[i].name, &lab->counters[i]))
			return err_memory(err);
	}
	return true;
}

void lab_close(struct lab *lab)
{
	if (!lab)
		return;
	wire_close(lab->wire);
	sentinels_close(&lab->sentinels);
	for (size_t i = 0; i < END_COUNT; i++) {
		counters_close(&lab->counters[i]);
		sockets_close(&lab->sockets[i]);
	}
	network_close(&lab->network);
	free(lab);
}
