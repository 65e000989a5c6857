/* Random wires: what can go wrong between two hosts, in every mixture. All that is chosen
 * follows from the seed alone. */
#include "score_wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SEGMENT 1400
#define PPM     1000000
#define SEGMENTS_MOST 10000
#define WRITES_MOST   20000
#define ROUNDS_MOST   450

static uint64_t draw(struct score_wire *wire, uint64_t below)
{
	return rng_next(&wire->rng) % below;
}

static bool chance(struct score_wire *wire, uint64_t percent)
{
	return draw(wire, 100) < percent;
}

static void say_more(struct score_wire *wire, const char *word)
{
	size_t length = strlen(wire->text);
	snprintf(wire->text + length, sizeof(wire->text) - length, "%s%s", length ? ", " : "",
		 word);
}

/* --- the wire */

static struct wire_rule *rule_add(struct score_wire *wire, enum wire_match match, enum end to,
				  enum wire_deed deed)
{
	struct wire_rule *rule = &wire->rules[wire->rule_count++];
	*rule = (struct wire_rule){.text = wire_deed_words[deed], .match = match, .deed = deed,
				   .bytes = {-1, -1}};
	rule->to[to] = true;
	return rule;
}

/* As a Gilbert channel's: now and then it is bad for some segments in a row (of the direction's
 * first ones: how many there will be is not known yet). */
static void wire_bursts(struct score_wire *wire, enum end to)
{
	uint32_t at = 5, bursts = 4 + (uint32_t)draw(wire, 8);
	for (uint32_t i = 0; i < bursts; i++) {
		struct wire_rule *rule = rule_add(wire, WIRE_DATA, to, DEED_DROP);
		at += 10 + (uint32_t)draw(wire, 150);
		rule->first = at;
		at += (uint32_t)draw(wire, 10);
		rule->last = at;
	}
	say_more(wire, "bursts");
}

static const struct mishap {
	const char *word;
	uint64_t percent; /* of the wires */
	enum wire_match match;
	bool data; /* it happens the data's way, else the other */
	enum wire_deed deed;
	uint32_t least_ppm, most_ppm;
} mishaps[] = {
	{"reordering", 25, WIRE_DATA, true, DEED_HOLD, 2000, 30000},
	{"duplicates", 25, WIRE_DATA, true, DEED_DUPLICATE, 2000, 20000},
	{"late", 10, WIRE_DATA, true, DEED_DELAY, 1000, 10000},
	{"lost ACKs", 30, WIRE_ACK, false, DEED_DROP, 5000, 200000},
	{"loss the other way", 30, WIRE_DATA, false, DEED_DROP, 1000, 30000},
	{"stalls", 15, WIRE_DATA, true, DEED_STALL, 300, 2000},
};

static void wire_mishap(struct score_wire *wire, const struct mishap *mishap, enum end to)
{
	enum end other = to == END_CLIENT ? END_SERVER : END_CLIENT;
	bool wanted = chance(wire, mishap->percent);
	uint32_t span = mishap->most_ppm - mishap->least_ppm;
	uint32_t ppm = mishap->least_ppm + (uint32_t)draw(wire, span);
	uint64_t by = draw(wire, 12), ms = draw(wire, 400);
	struct wire_rule *rule;
	if (!wanted)
		return;
	rule = rule_add(wire, mishap->match, mishap->data ? to : other, mishap->deed);
	rule->chance_ppm = ppm;
	if (mishap->deed == DEED_HOLD)
		rule->by = 1 + (uint32_t)by;
	else if (mishap->deed == DEED_STALL)
		rule->ns = (100 + ms) * NS_PER_MS;
	else if (mishap->deed == DEED_DELAY)
		rule->ns = wire->rtt_ns / 8 * (1 + by);
	say_more(wire, mishap->word);
}

/* Round trips from 0.2 to 200 ms, evenly by their magnitude. */
static void wire_link(struct score_wire *wire)
{
	uint64_t least = 200000;
	char word[60];
	for (uint64_t magnitude = draw(wire, 3); magnitude > 0; magnitude--)
		least *= 10;
	wire->rtt_ns = least + draw(wire, 9 * least);
	for (size_t i = 0; i < END_COUNT; i++)
		wire->lesson.link[i].delay_ns = wire->rtt_ns / 2;
	snprintf(word, sizeof(word), "RTT %" PRIu64 ".%" PRIu64 " ms",
		 wire->rtt_ns / NS_PER_MS, wire->rtt_ns / (NS_PER_MS / 10) % 10);
	say_more(wire, word);
}

static void wire_rules(struct score_wire *wire, enum end to)
{
	static const uint32_t losses_ppm[] = {1000, 5000, 10000, 20000, 30000, 40000, 50000};
	struct wire_rule *loss;
	char word[60];
	wire->loss_ppm = losses_ppm[draw(wire, ARRAY_COUNT(losses_ppm))];
	snprintf(word, sizeof(word), "loss %" PRIu32 ".%" PRIu32 " %%", wire->loss_ppm / 10000,
		 wire->loss_ppm / 1000 % 10);
	say_more(wire, word);
	if (chance(wire, 25))
		wire_bursts(wire, to);
	for (size_t i = 0; i < ARRAY_COUNT(mishaps); i++)
		wire_mishap(wire, &mishaps[i], to);
	loss = rule_add(wire, WIRE_ANY, to, DEED_DROP);
	loss->chance_ppm = wire->loss_ppm;
	wire->lesson.rules = wire->rules;
	wire->lesson.rule_count = wire->rule_count;
}

/* --- the hosts */

static const struct {
	uint64_t percent;
	struct setting setting;
	const char *word;
} choices[] = {
	{100, {"net.ipv4.tcp_autocorking", "0", 0}, NULL},
	{25, {"net.ipv4.tcp_sack", "0", 0}, "no SACK"},
	{25, {"net.ipv4.tcp_timestamps", "0", 0}, "no timestamps"},
	{20, {"net.ipv4.tcp_recovery", "0", 0}, "no RACK"},
	{25, {"net.ipv4.tcp_early_retrans", "0", 0}, "no TLP"},
};

/* Linux 6.7 and later: one ACK for all that came while the program held the socket. That is
 * counted nowhere, and how many there are is held against what is counted. */
static const struct setting each_ack = {"net.ipv4.tcp_backlog_ack_defer", "0", 0};

/* Every other wire: each segment beyond a hole is answered by an ACK of its own, so that what
 * the kernel counts needs no correction for those that it held back. */
static const struct setting no_compression = {"net.ipv4.tcp_comp_sack_nr", "0", 0};

static void wire_hosts(struct score_wire *wire)
{
	static const char *const names[] = {"reno", "cubic", "bbr"};
	wire->congestion = names[draw(wire, ARRAY_COUNT(names))];
	wire->lesson.ipv6 = chance(wire, 30);
	say_more(wire, wire->congestion);
	if (wire->lesson.ipv6)
		say_more(wire, "IPv6");
	if (access("/proc/sys/net/ipv4/tcp_backlog_ack_defer", F_OK) == 0)
		wire->settings[wire->setting_count++] = each_ack;
	if (!wire->compresses) {
		wire->settings[wire->setting_count++] = no_compression;
		say_more(wire, "no compressed ACKs");
	}
	for (size_t i = 0; i < ARRAY_COUNT(choices); i++) {
		if (!chance(wire, choices[i].percent))
			continue;
		wire->settings[wire->setting_count++] = choices[i].setting;
		if (choices[i].word)
			say_more(wire, choices[i].word);
	}
	for (size_t i = 0; i < END_COUNT; i++)
		wire->lesson.hosts[i] =
			(struct host_config){wire->settings, wire->setting_count};
}

/* --- the programs */

static void step_add(struct score_wire *wire, enum end host, struct step step)
{
	if (step.repeat == 0)
		step.repeat = 1;
	if (step.number == 0)
		step.number = -1;
	step.line = (unsigned)wire->step_counts[host] + 1;
	wire->steps[host][wire->step_counts[host]++] = step;
}

#define STEP(host, ...) step_add(wire, host, (struct step){__VA_ARGS__})

static void programs_begin(struct score_wire *wire)
{
	STEP(END_SERVER, .kind = STEP_SOCKET, .text = "tcp");
	STEP(END_SERVER, .kind = STEP_BIND, .text = "7777");
	STEP(END_SERVER, .kind = STEP_LISTEN, .number = 5);
	STEP(END_SERVER, .kind = STEP_MARK, .text = "listening");
	STEP(END_SERVER, .kind = STEP_ACCEPT);
	STEP(END_CLIENT, .kind = STEP_SOCKET, .text = "tcp");
	STEP(END_CLIENT, .kind = STEP_WAIT, .text = "listening");
	STEP(END_CLIENT, .kind = STEP_CONNECT, .text = "server:7777");
	for (size_t i = 0; i < END_COUNT; i++) {
		STEP((enum end)i, .kind = STEP_SETSOCKOPT, .text = "TCP_CONGESTION",
		     .to = wire->congestion);
		STEP((enum end)i, .kind = STEP_SETSOCKOPT, .text = "TCP_NODELAY", .number = 1);
	}
}

/* As many segments as the wire may carry in the time: a window of 1.2 / sqrt(loss) in a round
 * trip (Mathis), and no more than the machine does. */
static uint64_t wire_segments(const struct score_wire *wire, uint64_t span_ns)
{
	uint64_t window = 2, rounds = span_ns / (wire->rtt_ns + 2 * NS_PER_MS) + 1, segments;
	while (window < 60 && window * window * wire->loss_ppm < PPM + PPM / 2)
		window++;
	segments = window * rounds;
	return segments < 20 ? 20 : segments > SEGMENTS_MOST ? SEGMENTS_MOST : segments;
}

static void program_bulk(struct score_wire *wire, enum end from, uint64_t segments)
{
	enum end to = from == END_CLIENT ? END_SERVER : END_CLIENT;
	int64_t bytes = (int64_t)(segments * SEGMENT);
	STEP(from, .kind = STEP_SEND, .number = bytes);
	STEP(to, .kind = STEP_RECV, .number = bytes);
}

static void program_requests(struct score_wire *wire, enum end from, uint64_t segments)
{
	enum end to = from == END_CLIENT ? END_SERVER : END_CLIENT;
	int64_t asked = 50 + (int64_t)draw(wire, 1000), told = 200 + (int64_t)draw(wire, 30000);
	uint64_t each = (uint64_t)told / SEGMENT + 2, rounds = segments / 2 / each + 5;
	for (uint64_t i = 0; i < rounds && i < ROUNDS_MOST; i++) {
		STEP(to, .kind = STEP_SEND, .number = asked);
		STEP(from, .kind = STEP_RECV, .number = asked);
		STEP(from, .kind = STEP_SEND, .number = told);
		STEP(to, .kind = STEP_RECV, .number = told);
	}
}

static void program_writes(struct score_wire *wire, enum end from, uint64_t segments)
{
	enum end to = from == END_CLIENT ? END_SERVER : END_CLIENT;
	int64_t each = 20 + (int64_t)draw(wire, 700);
	uint64_t wanted = segments * SEGMENT / (uint64_t)each;
	uint32_t count = wanted < WRITES_MOST ? (uint32_t)wanted : WRITES_MOST;
	STEP(from, .kind = STEP_SEND, .number = each, .repeat = count);
	STEP(to, .kind = STEP_RECV, .number = each * count);
}

static void program_pauses(struct score_wire *wire, enum end from, uint64_t segments)
{
	enum end to = from == END_CLIENT ? END_SERVER : END_CLIENT;
	int64_t each = 20 + (int64_t)draw(wire, 2000), pause_ms = 1 + (int64_t)draw(wire, 20);
	uint32_t at_once = 1 + (uint32_t)draw(wire, 16), rounds = (uint32_t)segments / at_once;
	uint32_t most = 2500 / (uint32_t)pause_ms;
	rounds = rounds > most ? most : rounds;
	rounds = rounds > ROUNDS_MOST ? ROUNDS_MOST : rounds;
	for (uint32_t i = 0; i < rounds; i++) {
		STEP(from, .kind = STEP_SEND, .number = each, .repeat = at_once);
		STEP(from, .kind = STEP_SLEEP, .number = pause_ms);
	}
	STEP(to, .kind = STEP_RECV, .number = each * at_once * rounds);
}

static const struct {
	const char *word;
	uint64_t weight;
	void (*make)(struct score_wire *wire, enum end from, uint64_t segments);
} shapes[] = {
	{"bulk", 50, program_bulk},
	{"requests", 20, program_requests},
	{"small writes", 15, program_writes},
	{"writes and pauses", 15, program_pauses},
};

static void wire_programs(struct score_wire *wire, enum end from, uint64_t span_ns)
{
	static const char *const names[END_COUNT] = {"the client", "the server"};
	uint64_t weight = draw(wire, 100);
	size_t shape = 0;
	while (weight >= shapes[shape].weight)
		weight -= shapes[shape++].weight;
	say_more(wire, shapes[shape].word);
	say_more(wire, from == END_CLIENT ? "up" : "down");
	programs_begin(wire);
	shapes[shape].make(wire, from, wire_segments(wire, span_ns));
	STEP(END_CLIENT, .kind = STEP_SHUTDOWN, .text = "write");
	STEP(END_SERVER, .kind = STEP_RECV, .text = "eof");
	for (size_t i = 0; i < END_COUNT; i++) {
		STEP((enum end)i, .kind = STEP_CLOSE);
		wire->programs[i] = (struct program){names[i], (enum end)i, wire->steps[i],
						     wire->step_counts[i]};
	}
	wire->lesson.programs = wire->programs;
	wire->lesson.program_count = END_COUNT;
}

void score_wire_make(struct score_wire *wire, uint64_t seed, bool short_run)
{
	uint64_t span_ns = (short_run ? 1 : 3) * NS_PER_S;
	enum end from;
	*wire = (struct score_wire){.rng = seed * UINT64_C(0x9E3779B97F4A7C15) + 1};
	wire->compresses = seed % 2;
	wire->lesson.name = "random";
	wire->lesson.limit_ns = 3 * span_ns;
	from = chance(wire, 50) ? END_CLIENT : END_SERVER;
	wire_link(wire);
	wire_rules(wire, from == END_CLIENT ? END_SERVER : END_CLIENT);
	wire_hosts(wire);
	wire_programs(wire, from, span_ns);
}
