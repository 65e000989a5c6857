#include "carrier.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "edit.h"

static void *carrier_map(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return at == MAP_FAILED ? NULL : at;
}

/* The process ends with it: nothing is given back. */
bool carrier_open(struct carrier *carrier)
{
	const struct lesson *lesson = carrier->config->lesson;
	carrier->frame_bytes = (ETHERNET_BYTES + carrier->config->mtu + 127) & ~(size_t)63;
	if (carrier->frame_bytes < EDIT_TOO_BIG_MAX)
		carrier->frame_bytes = EDIT_TOO_BIG_MAX;
	carrier->frames = calloc(LINK_FRAMES, sizeof(*carrier->frames));
	carrier->bytes = carrier_map(LINK_FRAMES * carrier->frame_bytes);
	carrier->free = calloc(LINK_FRAMES, sizeof(*carrier->free));
	if (!carrier->frames || !carrier->bytes || !carrier->free ||
	    !matcher_open(&carrier->matcher, lesson, carrier->config->seed) ||
	    !link_open(&carrier->links[END_CLIENT], &lesson->link[END_CLIENT]) ||
	    !link_open(&carrier->links[END_SERVER], &lesson->link[END_SERVER]))
		return false;
	labels_open(&carrier->labels, carrier->config->counters, carrier->shared->log);
	for (uint32_t i = LINK_FRAMES; i > 0; i--)
		carrier->free[carrier->free_count++] = i - 1;
	return true;
}

void carrier_restart(struct carrier *carrier)
{
	atomic_store(&carrier->shared->logged, 0);
	atomic_store(&carrier->shared->beyond, 0);
	memset(carrier->numbers, 0, sizeof(carrier->numbers));
	labels_begin(&carrier->labels);
	carrier->begun = false;
	for (size_t i = 0; i < END_COUNT; i++)
		link_begin(&carrier->links[i], LINK_STALL_NEVER);
	for (uint32_t i = 0; i < LINK_FRAMES; i++)
		carrier->frames[i].log = 0;
}

static uint8_t *frame_bytes(const struct carrier *carrier, uint32_t id)
{
	return carrier->bytes + id * carrier->frame_bytes;
}

/* A line of the truth, and its index + 1; 0: the log is full, and that is counted. */
static uint32_t carrier_log(struct carrier *carrier, const struct truth *truth)
{
	uint64_t at = atomic_load(&carrier->shared->logged);
	if (at == WIRE_LOG_MAX) {
		atomic_fetch_add(&carrier->shared->beyond, 1);
		return 0;
	}
	carrier->shared->log[at] = *truth;
	atomic_store(&carrier->shared->logged, at + 1);
	return (uint32_t)at + 1;
}

struct arrival { /* what is known of a frame that is being taken */
	struct port_frame frame;
	struct meaning meaning;
	enum end to;
	const struct wire_rule *rule; /* that acts, or NULL */
	struct truth truth;
};

static uint32_t truth_ports(const struct truth *truth)
{
	return (uint32_t)truth->ports[END_CLIENT] << 16 | truth->ports[END_SERVER];
}

/* On its way: false when there is no room for it. */
static bool carrier_put(struct carrier *carrier, struct arrival *arrival)
{
	uint32_t id;
	struct link_fate fate;
	struct carrier_frame *frame;
	if (carrier->free_count == 0 || arrival->frame.len > carrier->frame_bytes)
		return false;
	id = carrier->free[carrier->free_count - 1];
	fate = link_enter(&carrier->links[arrival->to],
			  &(struct link_frame){id, arrival->frame.len, arrival->frame.ns,
					       arrival->meaning.sentinel, arrival->rule});
	if (fate.deed == DEED_QUEUE_DROP)
		return false;
	carrier->free_count--;
	atomic_fetch_add(&carrier->shared->under_way, 1);
	frame = &carrier->frames[id];
	*frame = (struct carrier_frame){.len = arrival->frame.len, .copies = 1,
					.to = arrival->to};
	memcpy(frame_bytes(carrier, id), arrival->frame.bytes, arrival->frame.len);
	arrival->truth.due_ns = fate.due_ns;
	arrival->truth.deed = fate.deed;
	if (fate.deed == DEED_CORRUPT)
		edit_corrupt(frame_bytes(carrier, id), &arrival->meaning);
	if (fate.deed == DEED_MARK_CE &&
	    !edit_mark_ce(frame_bytes(carrier, id), &arrival->meaning))
		arrival->truth.deed = DEED_NONE;
	if (fate.deed == DEED_DUPLICATE)
		frame->copies += arrival->rule->by ? arrival->rule->by : 1;
	frame->acks = arrival->meaning.tcp_flags & TCP_ACK && fate.deed != DEED_CORRUPT;
	frame->ack = arrival->meaning.ack;
	frame->ports = truth_ports(&arrival->truth);
	if (!arrival->meaning.sentinel)
		frame->log = carrier_log(carrier, &arrival->truth);
	return true;
}

static void carrier_drop(struct carrier *carrier, struct arrival *arrival, enum wire_deed deed)
{
	arrival->truth.deed = deed;
	if (deed != DEED_DROP)
		arrival->truth.rule = 0;
	carrier_log(carrier, &arrival->truth);
}

/* The router's answer to a packet that does not fit travels back like anything else. */
static void carrier_answer(struct carrier *carrier, const struct arrival *arrival, uint32_t mtu)
{
	uint8_t reply[EDIT_TOO_BIG_MAX];
	struct too_big frame = {arrival->frame.bytes, arrival->frame.len, mtu};
	size_t count = edit_too_big(&frame, &arrival->meaning, reply);
	struct arrival answer = {
		.frame = {reply, (uint32_t)count, arrival->frame.ns},
		.to = arrival->to == END_CLIENT ? END_SERVER : END_CLIENT,
	};
	answer.truth = (struct truth){.to = answer.to, .arrived_ns = answer.frame.ns,
				      .len = answer.frame.len,
				      .hash = hash_bytes(reply, count, 0)};
	if (count > 0 && !carrier_put(carrier, &answer))
		carrier_drop(carrier, &answer, DEED_QUEUE_DROP);
}

static void carrier_first(struct carrier *carrier, uint64_t ns)
{
	carrier->begun = true;
	for (size_t i = 0; i < END_COUNT; i++)
		link_begin(&carrier->links[i], ns);
}

/* What the log says of a TCP segment. */
static void carrier_tcp(const struct carrier *carrier, struct arrival *arrival)
{
	const struct meaning *meaning = &arrival->meaning;
	struct truth *truth = &arrival->truth;
	if (meaning->protocol != PROTOCOL_TCP || !meaning->first)
		return;
	truth->from = carrier->matcher.place.from;
	truth->to_byte = carrier->matcher.place.to;
	truth->ack = carrier->matcher.place.ack;
	truth->ports[arrival->to] = meaning->dport;
	truth->ports[!arrival->to] = meaning->sport;
	truth->tcp_flags = meaning->tcp_flags;
}

/* A program's frame: rules, then the link. */
static void carrier_frame(struct carrier *carrier, struct arrival *arrival)
{
	const struct lesson *lesson = carrier->config->lesson;
	uint32_t mtu = lesson->link[arrival->to].mtu;
	uint64_t line = atomic_load(&carrier->shared->logged);
	uint32_t rule = matcher_rule(&carrier->matcher, &arrival->meaning, arrival->to);
	if (!carrier->begun)
		carrier_first(carrier, arrival->frame.ns);
	arrival->rule = rule ? &lesson->rules[rule - 1] : NULL;
	arrival->truth = (struct truth){
		.to = arrival->to,
		.n = ++carrier->numbers[arrival->to],
		.arrived_ns = arrival->frame.ns,
		.rule = rule,
		.len = arrival->frame.len,
		.hash = hash_bytes(arrival->frame.bytes, arrival->frame.len, 0),
	};
	carrier_tcp(carrier, arrival);
	if (arrival->rule && arrival->rule->deed == DEED_DROP) {
		carrier_drop(carrier, arrival, DEED_DROP);
	} else if (mtu && arrival->meaning.ip_len > mtu) {
		carrier_drop(carrier, arrival, DEED_TOO_BIG);
		carrier_answer(carrier, arrival, mtu);
	} else if (!carrier_put(carrier, arrival)) {
		carrier_drop(carrier, arrival, DEED_QUEUE_DROP);
	}
	if (arrival->truth.tcp_flags && atomic_load(&carrier->shared->logged) > line)
		labels_frame(&carrier->labels, &arrival->meaning, &carrier->matcher.place,
			     line);
}

/* The port whose next frame came first, or NULL. */
static struct port *carrier_earliest(struct carrier *carrier, struct arrival *arrival)
{
	struct port_frame frames[END_COUNT];
	bool there[END_COUNT];
	enum end from;
	for (size_t i = 0; i < END_COUNT; i++)
		there[i] = port_peek(&carrier->ports[i], &frames[i]);
	if (!there[END_CLIENT] && !there[END_SERVER])
		return NULL;
	from = !there[END_CLIENT] || (there[END_SERVER] &&
				      frames[END_SERVER].ns < frames[END_CLIENT].ns)
		       ? END_SERVER
		       : END_CLIENT;
	arrival->frame = frames[from];
	arrival->to = from == END_CLIENT ? END_SERVER : END_CLIENT;
	return &carrier->ports[from];
}

bool carrier_take(struct carrier *carrier)
{
	struct arrival arrival;
	struct port *port;
	for (int i = 0; i < TAKE_AT_ONCE; i++) {
		arrival = (struct arrival){0};
		port = carrier_earliest(carrier, &arrival);
		if (!port)
			return i > 0;
		meaning_read(&arrival.meaning, arrival.frame.bytes, arrival.frame.len);
		if (arrival.meaning.sentinel)
			carrier_put(carrier, &arrival);
		else if (!arrival.meaning.noise)
			carrier_frame(carrier, &arrival);
		port_release(port);
	}
	return true;
}

static void carrier_send(struct carrier *carrier, uint32_t id, uint64_t due_ns)
{
	struct carrier_frame *frame = &carrier->frames[id];
	struct truth *truth = frame->log ? &carrier->shared->log[frame->log - 1] : NULL;
	uint64_t sent_ns = clock_now_ns();
	uint32_t sent = 0;
	while (sent < frame->copies &&
	       port_send(&carrier->ports[frame->to], frame_bytes(carrier, id), frame->len))
		sent++;
	if (truth && sent > 0) {
		truth->due_ns = due_ns;
		truth->sent_ns = sent_ns;
		truth->copies = sent;
		if (frame->acks)
			labels_heard(&carrier->labels,
				     &(struct label_ack){frame->to, frame->ports, frame->ack,
							 sent_ns});
	} else if (truth) {
		truth->deed = DEED_QUEUE_DROP; /* the far interface did not take it */
		truth->rule = 0;
	}
	carrier->free[carrier->free_count++] = id;
	atomic_fetch_sub(&carrier->shared->under_way, 1);
}

void carrier_give(struct carrier *carrier, uint64_t now_ns)
{
	for (size_t i = 0; i < END_COUNT; i++) {
		uint64_t due_ns;
		uint32_t id;
		while (link_leave(&carrier->links[i], now_ns, &id, &due_ns))
			carrier_send(carrier, id, due_ns);
	}
}

uint64_t carrier_next_ns(const struct carrier *carrier)
{
	uint64_t a = link_next_ns(&carrier->links[0]), b = link_next_ns(&carrier->links[1]);
	return a < b ? a : b;
}
