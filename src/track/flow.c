#include "tracker.h"

#include <stdlib.h>
#include <string.h>

#define PROTOCOL_UDP 17

/* The flow table: which conversation do these two ends belong to? Open addressing, linear
 * probing, at most half full; a removed entry's followers move back, so that there are no
 * tombstones. */

static uint64_t addr_word(const struct addr *addr, size_t at)
{
	uint64_t word;
	memcpy(&word, addr->bytes + at, sizeof(word));
	return word;
}

static int end_compare(const struct tuple *ends)
{
	int order = memcmp(ends->src.bytes, ends->dst.bytes, sizeof(ends->src.bytes));
	return order ? order : (int)ends->sport - (int)ends->dport;
}

/* The same key for both directions: the lower end comes first. */
static void key_make(const struct tuple *ends, struct flow_key *key)
{
	bool swap = end_compare(ends) > 0;
	const struct addr *low = swap ? &ends->dst : &ends->src;
	const struct addr *high = swap ? &ends->src : &ends->dst;
	uint16_t low_port = swap ? ends->dport : ends->sport;
	uint16_t high_port = swap ? ends->sport : ends->dport;
	size_t used;
	key->words[0] = (uint64_t)low_port << 32 | (uint64_t)high_port << 16 |
			(uint64_t)ends->protocol << 8 | ends->src.family;
	key->words[1] = addr_word(low, 0);
	key->words[2] = addr_word(high, 0);
	key->words[3] = addr_word(low, 8);
	key->words[4] = addr_word(high, 8);
	used = ends->src.family == 4 ? 3 : 5;
	key->hash = hash_bytes(key->words, used * sizeof(key->words[0]), 0);
}

struct shard *flow_shard(struct tracker *tracker, const struct flow_key *key)
{
	return &tracker->shards[key->hash % SHARD_COUNT];
}

/* The place in the table is keyed, so that nobody can aim at one slot; the shard is not, since
 * it decides which conversation a full table lets go. */
static uint32_t slot_hash(const struct tracker *tracker, uint64_t hash)
{
	return (uint32_t)(((hash ^ tracker->seed) * UINT64_C(0x9E3779B97F4A7C15)) >> 32);
}

static struct conversation *slot_conversation(const struct shard *shard,
					      const struct slot *slot)
{
	return pool_at(&shard->conversations, slot->conversation);
}

static struct conversation *table_find(struct tracker *tracker, const struct flow_key *key)
{
	const struct shard *shard = flow_shard(tracker, key);
	uint32_t wanted = slot_hash(tracker, key->hash);
	if (!shard->slots)
		return NULL;
	for (uint32_t i = wanted & shard->mask; shard->slots[i].conversation;
	     i = (i + 1) & shard->mask) {
		struct conversation *c;
		if (shard->slots[i].hash != wanted)
			continue;
		c = slot_conversation(shard, &shard->slots[i]);
		if (memcmp(&c->key, key, sizeof(*key)) == 0)
			return c;
	}
	return NULL;
}

static bool conversation_has(const struct conversation *c, const struct tuple *ends)
{
	enum end from = conversation_from(c, ends);
	return ends->sport == c->ends.port[from] && ends->dport == c->ends.port[!from] &&
	       addr_equal(&ends->src, &c->ends.addr[from]) &&
	       addr_equal(&ends->dst, &c->ends.addr[!from]) &&
	       (ends->protocol == PROTOCOL_UDP) == c->ends.udp;
}

/* The conversation of these two ends, and their key; NULL: there is none yet. */
struct conversation *flow_find(struct tracker *tracker, const struct tuple *ends,
			       struct flow_key *key)
{
	struct conversation *c = tracker->latest;
	if (c && conversation_has(c, ends)) {
		*key = c->key;
		return c;
	}
	key_make(ends, key);
	c = table_find(tracker, key);
	if (c)
		tracker->latest = c;
	return c;
}

static void slot_put(struct shard *shard, struct slot slot)
{
	uint32_t i = slot.hash & shard->mask;
	while (shard->slots[i].conversation)
		i = (i + 1) & shard->mask;
	shard->slots[i] = slot;
}

static bool flow_grow(struct shard *shard)
{
	struct slot *old = shard->slots;
	uint32_t old_size = old ? shard->mask + 1 : 0;
	uint32_t size = old ? old_size * 2 : 16;
	struct slot *slots = calloc(size, sizeof(*slots));
	if (!slots)
		return false;
	shard->slots = slots;
	shard->mask = size - 1;
	for (uint32_t i = 0; i < old_size; i++) {
		if (old[i].conversation)
			slot_put(shard, old[i]);
	}
	free(old);
	return true;
}

bool flow_add(struct tracker *tracker, struct shard *shard, uint32_t index)
{
	struct conversation *c = pool_at(&shard->conversations, index);
	if ((!shard->slots || shard->count * 2 > shard->mask) && !flow_grow(shard))
		return false;
	slot_put(shard, (struct slot){slot_hash(tracker, c->key.hash), index});
	shard->count++;
	return true;
}

static uint32_t slot_of(const struct tracker *tracker, const struct shard *shard,
			uint32_t index)
{
	const struct conversation *c = pool_at(&shard->conversations, index);
	uint32_t i = slot_hash(tracker, c->key.hash) & shard->mask;
	while (shard->slots[i].conversation != index)
		i = (i + 1) & shard->mask;
	return i;
}

void flow_remove(struct tracker *tracker, struct shard *shard, uint32_t index)
{
	uint32_t hollow = slot_of(tracker, shard, index);
	for (uint32_t i = (hollow + 1) & shard->mask; shard->slots[i].conversation;
	     i = (i + 1) & shard->mask) {
		uint32_t home = shard->slots[i].hash & shard->mask;
		/* It may move back only as far as its home. */
		if (((i - home) & shard->mask) < ((i - hollow) & shard->mask))
			continue;
		shard->slots[hollow] = shard->slots[i];
		hollow = i;
	}
	shard->slots[hollow] = (struct slot){0};
	shard->count--;
}
