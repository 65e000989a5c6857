#include "flows.h"

#include <stdlib.h>
#include <string.h>

/* A key's connection is in one of the places of its set. */
#define FLOW_SETS 128
#define FLOW_WAYS 8

struct flow_key {
	uint8_t addrs[END_COUNT][16];
	uint16_t ports[END_COUNT];
	uint32_t family; /* 0: the slot is free; as wide as leaves no padding */
};

struct flow {
	struct flow_key key;
	uint64_t used; /* the clock of its latest segment */
	struct {
		bool known;
		uint32_t isn;
		struct passes passes;
	} ways[END_COUNT]; /* by where segments go */
};

bool flows_open(struct flows *flows)
{
	flows->clock = 0;
	flows->slots = calloc((size_t)FLOW_SETS * FLOW_WAYS, sizeof(struct flow));
	return flows->slots != NULL;
}

void flows_close(struct flows *flows)
{
	free(flows->slots);
	*flows = (struct flows){0};
}

static struct flow_key flow_key(const struct meaning *m, enum end to)
{
	struct flow_key key = {.family = m->family};
	enum end from = to == END_CLIENT ? END_SERVER : END_CLIENT;
	memcpy(key.addrs[from], m->src, sizeof(m->src));
	memcpy(key.addrs[to], m->dst, sizeof(m->dst));
	key.ports[from] = m->sport;
	key.ports[to] = m->dport;
	return key;
}

static struct flow *flows_find(struct flows *flows, const struct flow_key *key)
{
	uint64_t hash = hash_bytes(key, sizeof(*key), 0);
	struct flow *set = flows->slots + hash % FLOW_SETS * FLOW_WAYS, *oldest = set;
	for (size_t i = 0; i < FLOW_WAYS; i++) {
		if (memcmp(&set[i].key, key, sizeof(*key)) == 0)
			return &set[i];
		if (set[i].used < oldest->used)
			oldest = &set[i];
	}
	*oldest = (struct flow){.key = *key};
	return oldest;
}

struct place flows_place(struct flows *flows, const struct meaning *meaning, enum end to)
{
	struct flow_key key = flow_key(meaning, to);
	struct flow *flow = flows_find(flows, &key);
	bool syn = meaning->tcp_flags & TCP_SYN, fin = meaning->tcp_flags & TCP_FIN;
	struct place place;
	uint32_t first;
	/* Another initial number under the same ports is another connection. */
	if (syn && flow->ways[to].known && flow->ways[to].isn != meaning->seq)
		*flow = (struct flow){.key = key};
	if (!flow->ways[to].known) {
		flow->ways[to].known = true;
		flow->ways[to].isn = syn ? meaning->seq : meaning->seq - 1;
	}
	flow->used = ++flows->clock;
	first = meaning->seq - flow->ways[to].isn;
	place.from = first + syn;
	place.to = place.from + meaning->payload_len;
	place.ack = meaning->tcp_flags & TCP_ACK && flow->ways[!to].known
			    ? meaning->ack - flow->ways[!to].isn
			    : 0;
	place.high = passes_high(&flow->ways[to].passes);
	place.copy = passes_add(&flow->ways[to].passes, first, place.to + fin);
	return place;
}
