/* wire: theory of operation.
 *
 * The wire is a process of its own, so that it is scheduled beside the capture and the
 * programs; it dies with the process that opened it, whatever happens to that. It sits in a
 * network of its own with one end of each cable and holds a packet socket on both. Frames come
 * in through the kernel's rings with the kernel's stamps. carrier.c takes each through its
 * classification (meaning, matcher), its changes (edit) and its schedule (link); this file is
 * the life of the process and what its opener may ask of it.
 *
 * It shares memory with its opener: a word for orders, a count of what is under way, and the
 * log. Sockets and rings are made before the fork, so that a refusal is told by the opener, and
 * so that the opener can see whether a ring still holds something.
 *
 * Times are the kernel's stamps, CLOCK_REALTIME, as in captures. When that clock is set while a
 * lab runs, delays are wrong for as long as frames are under way. A frame is sent at the first
 * moment after it is due that this process gets a processor: the truth says both times.
 *
 * A cable hands a frame to the processor that its sender runs on. If this process moved to
 * another one, its frames would overtake each other, and nobody had ordered that: so it stays
 * where it is.
 *
 * Not handled: more than two hosts, VLANs, frames longer than the interfaces' MTU. */
#include "carrier.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "meaning.h"
#include "network.h"
#include "wireladder/base_namespace.h"

#define WIRE_DRAIN_NS  (2 * NS_PER_S)
#define WIRE_ANSWER_NS (3 * NS_PER_S)
#define WIRE_ASK_NS    (NS_PER_MS / 10)

struct wire {
	struct wire_config config;
	struct wire_shared *shared;
	struct port ports[END_COUNT];
	int wake; /* an eventfd: orders are looked at */
	pid_t pid;
	uint64_t dropped;
};

/* Until something arrives, is due or is ordered. */
static void wire_wait(const struct wire *wire, uint64_t until_ns)
{
	struct pollfd ready[] = {{.fd = wire->ports[END_CLIENT].fd, .events = POLLIN},
				 {.fd = wire->ports[END_SERVER].fd, .events = POLLIN},
				 {.fd = wire->wake, .events = POLLIN}};
	uint64_t now = clock_now_ns(), left = until_ns > now ? until_ns - now : 0, orders;
	struct timespec span = {.tv_sec = (time_t)(left / NS_PER_S),
				.tv_nsec = (long)(left % NS_PER_S)};
	if (ppoll(ready, ARRAY_COUNT(ready), until_ns == UINT64_MAX ? NULL : &span, NULL) > 0 &&
	    ready[2].revents && read(wire->wake, &orders, sizeof(orders)) < 0)
		return; /* somebody else read it: the order itself is in the shared memory */
}

static void wire_carry(const struct wire *wire, struct carrier *carrier)
{
	uint32_t wanted = WIRE_CARRY_ON;
	while (wanted != WIRE_STOP) {
		bool took = carrier_take(carrier);
		carrier_give(carrier, clock_now_ns());
		wanted = atomic_load(&wire->shared->wanted);
		if (wanted == WIRE_RESTART) {
			carrier_restart(carrier);
			atomic_store(&wire->shared->wanted, WIRE_CARRY_ON);
		} else if (!took && wanted == WIRE_CARRY_ON) {
			wire_wait(wire, carrier_next_ns(carrier));
		}
	}
	/* What had arrived before the order, and no more however fast they send. */
	for (size_t i = 0; i < wire->ports[0].slots / TAKE_AT_ONCE; i++)
		carrier_take(carrier);
	labels_finish(&carrier->labels);
}

/* What is under way goes out when it is due; what would take too long never does. */
static void wire_drain(struct carrier *carrier)
{
	uint64_t end = clock_now_ns() + WIRE_DRAIN_NS, next;
	while ((next = carrier_next_ns(carrier)) <= end) {
		uint64_t now = clock_now_ns();
		if (next > now)
			clock_sleep_ns(next - now);
		carrier_give(carrier, clock_now_ns());
	}
}

/* Other people's files: a pipe that they close must not stay open because of us. */
static void wire_close_others(const struct wire *wire)
{
	const int(*counters)[TALLY_FILES] = wire->config.counters;
	const int kept[] = {wire->ports[END_CLIENT].fd,
			    wire->ports[END_SERVER].fd,
			    wire->wake,
			    counters[END_CLIENT][TALLY_NETSTAT],
			    counters[END_CLIENT][TALLY_SNMP],
			    counters[END_SERVER][TALLY_NETSTAT],
			    counters[END_SERVER][TALLY_SNMP]};
	int from = STDERR_FILENO + 1;
	for (;;) {
		int next = -1;
		for (size_t i = 0; i < ARRAY_COUNT(kept); i++) {
			if (kept[i] >= from && (next < 0 || kept[i] < next))
				next = kept[i];
		}
		if (next < 0)
			break;
		if (next > from)
			close_range((unsigned)from, (unsigned)next - 1, 0);
		from = next + 1;
	}
	close_range((unsigned)from, ~0U, 0);
}

static void wire_stay(void)
{
	int cpu = sched_getcpu();
	cpu_set_t one;
	if (cpu < 0 || cpu >= CPU_SETSIZE)
		return;
	CPU_ZERO(&one);
	CPU_SET((unsigned)cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

/* Dies with its opener; signals are the opener's matter. */
static _Noreturn void wire_live(struct wire *wire, pid_t opener)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
	struct carrier carrier = {.config = &wire->config, .shared = wire->shared,
				  .ports = wire->ports};
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != opener)
		_exit(EXIT_PERMISSION);
	for (size_t i = 0; i < ARRAY_COUNT(ignored); i++)
		signal(ignored[i], SIG_IGN);
	prctl(PR_SET_TIMERSLACK, 1); /* ns: delays are what lessons are about */
	wire_close_others(wire);
	wire_stay();
	if (!carrier_open(&carrier))
		_exit(EXIT_MEMORY);
	wire_carry(wire, &carrier);
	wire_drain(&carrier);
	atomic_store(&wire->shared->wanted, WIRE_CARRY_ON);
	_exit(EXIT_DONE);
}

static bool wire_fork(struct wire *wire, struct err *err)
{
	pid_t opener = getpid();
	wire->pid = fork();
	if (wire->pid == 0)
		wire_live(wire, opener);
	return wire->pid > 0 || err_set(err, EXIT_PERMISSION,
					"the wire did not start: %s; raise `ulimit -u`",
					strerror(errno));
}

static bool wire_share(struct wire *wire, struct err *err)
{
	wire->shared = mmap(NULL, sizeof(*wire->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (wire->shared == MAP_FAILED)
		wire->shared = NULL;
	wire->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!wire->shared)
		return err_memory(err);
	return wire->wake >= 0 || err_set(err, EXIT_PERMISSION,
					  "the wire cannot be told anything: %s; close some "
					  "files or raise `ulimit -n`",
					  strerror(errno));
}

/* What the link does by itself no rule can order. */
static bool wire_rules_hold(const struct lesson *lesson, struct err *err)
{
	static const bool own[DEED_COUNT] = {
		[DEED_QUEUE_DROP] = true, [DEED_RATE] = true, [DEED_TOO_BIG] = true,
		[DEED_ENDED] = true};
	for (size_t i = 0; i < lesson->rule_count; i++) {
		if (own[lesson->rules[i].deed])
			return err_set(err, EXIT_USAGE,
				       "the lesson %s: no rule can say `%s`, the link does "
				       "that by itself; give it a rate, a queue or an MTU",
				       lesson->name ? lesson->name : "?",
				       wire_deed_words[lesson->rules[i].deed]);
	}
	return true;
}

struct wire *wire_open(const struct wire_config *config, struct err *err)
{
	struct wire *wire;
	size_t frame = ETHERNET_BYTES + config->mtu;
	if (!wire_rules_hold(config->lesson, err))
		return NULL;
	wire = calloc(1, sizeof(*wire));
	if (!wire) {
		err_memory(err);
		return NULL;
	}
	*wire = (struct wire){.config = *config, .wake = -1};
	for (size_t i = 0; i < END_COUNT; i++)
		wire->ports[i].fd = -1;
	if (wire_share(wire, err) &&
	    port_open(&wire->ports[END_CLIENT], host_plans[END_CLIENT].wire_interface, frame,
		      err) &&
	    port_open(&wire->ports[END_SERVER], host_plans[END_SERVER].wire_interface, frame,
		      err) &&
	    wire_fork(wire, err))
		return wire;
	wire_close(wire);
	return NULL;
}

static bool wire_has_ended(struct wire *wire)
{
	if (wire->pid > 0 && waitpid(wire->pid, NULL, WNOHANG) == wire->pid)
		wire->pid = 0;
	return wire->pid <= 0;
}

/* Gives an order and waits until it is done. */
static bool wire_ask(struct wire *wire, enum wire_order order)
{
	uint64_t end = clock_monotonic_ns() + WIRE_ANSWER_NS, one = 1;
	atomic_store(&wire->shared->wanted, order);
	if (write(wire->wake, &one, sizeof(one)) < 0 && errno != EAGAIN)
		return false;
	while (atomic_load(&wire->shared->wanted) != WIRE_CARRY_ON) {
		if (wire_has_ended(wire) || clock_monotonic_ns() > end)
			return false;
		clock_sleep_ns(WIRE_ASK_NS);
	}
	return true;
}

bool wire_restart(struct wire *wire, struct err *err)
{
	if (!wire_ask(wire, WIRE_RESTART))
		return err_set(err, EXIT_PERMISSION,
			       "the wire does not answer: is the machine very busy? Run the "
			       "lesson again");
	for (size_t i = 0; i < END_COUNT; i++)
		port_dropped(&wire->ports[i]);
	wire->dropped = 0;
	return true;
}

/* Rings first: a frame is counted as under way before it leaves its ring. */
bool wire_idle(const struct wire *wire)
{
	struct pollfd rings[] = {{.fd = wire->ports[END_CLIENT].fd, .events = POLLIN},
				 {.fd = wire->ports[END_SERVER].fd, .events = POLLIN}};
	return poll(rings, ARRAY_COUNT(rings), 0) == 0 &&
	       atomic_load(&wire->shared->under_way) == 0;
}

static void wire_end(struct wire *wire)
{
	if (!wire_has_ended(wire))
		kill(wire->pid, SIGKILL);
	while (wire->pid > 0 && waitpid(wire->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	wire->pid = 0;
}

/* What had a time to leave and never did. */
static void wire_log_end(struct wire_shared *shared)
{
	size_t count = atomic_load(&shared->logged);
	for (size_t i = 0; i < count; i++) {
		struct truth *truth = &shared->log[i];
		if (truth->due_ns && !truth->sent_ns && truth->deed == DEED_NONE)
			truth->deed = DEED_ENDED;
	}
}

const struct truth *wire_stop(struct wire *wire, size_t *count, uint64_t *missed)
{
	if (wire->pid > 0)
		wire_ask(wire, WIRE_STOP);
	wire_end(wire);
	for (size_t i = 0; i < END_COUNT; i++)
		wire->dropped += port_dropped(&wire->ports[i]);
	wire_log_end(wire->shared);
	*count = atomic_load(&wire->shared->logged);
	*missed = atomic_load(&wire->shared->beyond) + wire->dropped;
	return wire->shared->log;
}

void wire_close(struct wire *wire)
{
	if (!wire)
		return;
	wire_end(wire);
	for (size_t i = 0; i < END_COUNT; i++)
		port_close(&wire->ports[i]);
	if (wire->wake >= 0)
		close(wire->wake);
	if (wire->shared)
		munmap(wire->shared, sizeof(*wire->shared));
	free(wire);
}
