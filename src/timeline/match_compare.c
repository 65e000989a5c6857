/*
 * Theory of operation
 *
 * The clocks of two captures may be years apart, so their packets cannot be put side by side by
 * time. Every packet's content is hashed into a table; those that stand in each capture exactly
 * once are pairs. When the table is full only hashes whose first bit is 0 are kept, then whose
 * first two are, and so on: both captures are sampled alike, over all of their length.
 *
 * Which way a pair went, nobody has said yet. Between two ends, take a packet one way and the
 * next the other way: how much further the second stamp is ahead in the one than in the other
 * is the sum of both delays, which cannot be negative; so its sign says who is where, whatever
 * the clocks say. Traffic one way only is judged by TTL, higher nearer to the sender; where
 * that does not differ, by the clocks as they are; and where these are seconds apart its sender
 * is taken to be at the first vantage.
 */
#include "match_clock.h"

#include <stdlib.h>

#define SIGHTINGS_MAX 131072
#define SLOTS         (2 * SIGHTINGS_MAX)
#define COUNTED_MOST  3                  /* more than once is all that matters */
#define STAMP_BITS    62                 /* no capture is from after 2116, … */
#define SPAN_MOST     (INT64_C(1) << 60) /* … or 36 years long: sums of its times fit */

struct sighting {
	uint64_t key; /* 0: a free slot */
	uint64_t ns[VANTAGES];
	uint16_t src, dst; /* index + 1 of their addresses */
	uint8_t ttl[VANTAGES], count[VANTAGES];
};

#define DIALOGUES (2 * SIDES_MAX)
struct dialogue {      /* two addresses; what is positive puts the lower at the first vantage */
	uint32_t ends; /* lower index << 16 | higher; 0: free */
	bool heard[VANTAGES];         /* a packet of the lower, of the higher */
	int64_t ahead_ns[VANTAGES];   /* the latest of each */
	int64_t delays, ttls, stamps; /* votes */
};

struct comparison {
	struct match_content content, kept;
	struct sides sides;
	struct addr local[VANTAGES][SIDES_MAX];
	size_t local_count[VANTAGES];
	unsigned bits; /* of a hash that must be 0 */
	size_t count;
	uint64_t first_ns, last_ns; /* of the second capture */
	bool one_tap;
	struct sighting slots[SLOTS];
	struct dialogue dialogues[DIALOGUES];
	struct instant instants[SIGHTINGS_MAX];
};

struct comparison *comparison_open(const struct match_content *content, struct err *err)
{
	struct comparison *comparison = calloc(1, sizeof(*comparison));
	if (!comparison) {
		err_memory(err);
		return NULL;
	}
	comparison->content = comparison->kept = *content;
	return comparison;
}

static bool comparison_samples(const struct comparison *comparison, uint64_t key)
{
	return comparison->bits == 0 || key >> (64 - comparison->bits) == 0;
}

static struct sighting *sighting_slot(struct comparison *comparison, uint64_t key)
{
	size_t slot = key % SLOTS;
	while (comparison->slots[slot].key && comparison->slots[slot].key != key)
		slot = (slot + 1) % SLOTS;
	return &comparison->slots[slot];
}

/* Half of them go; where the others belong is found anew, from just behind a free slot on, so
 * that none is passed by one that was before it. */
static void comparison_thin(struct comparison *comparison)
{
	size_t start = 0;
	comparison->bits++;
	while (comparison->slots[start].key)
		start++;
	for (size_t i = 0; i < SLOTS; i++) {
		struct sighting *at = &comparison->slots[(start + i) % SLOTS];
		struct sighting sighting = *at;
		at->key = 0;
		if (sighting.key && comparison_samples(comparison, sighting.key))
			*sighting_slot(comparison, sighting.key) = sighting;
		else
			comparison->count -= sighting.key != 0;
	}
}

void comparison_add(struct comparison *comparison, const struct event *event)
{
	const struct packet *packet = &event->packet;
	const struct tuple *ends = &packet->segment.ends;
	size_t vantage = event->vantage;
	struct sighting *sighting;
	uint64_t key;
	if (event->kind != EVENT_PACKET || event->ns >> STAMP_BITS)
		return;
	if (vantage == 1 && !comparison->first_ns)
		comparison->first_ns = event->ns;
	if (vantage == 1 && event->ns > comparison->last_ns)
		comparison->last_ns = event->ns;
	content_kept(packet, &comparison->kept);
	key = content_key(packet, &comparison->content);
	if (!key || !comparison_samples(comparison, key) || addr_is_of_many(&ends->dst) ||
	    sides_role(&comparison->sides, ends, vantage) == ROLE_STAYS)
		return;
	sighting = sighting_slot(comparison, key);
	if (!sighting->key && vantage == 1)
		return; /* the first capture has been read: it does not have it */
	if (!sighting->key) {
		*sighting = (struct sighting){
			.key = key,
			.src = (uint16_t)sides_find(&comparison->sides, &ends->src),
			.dst = (uint16_t)sides_find(&comparison->sides, &ends->dst),
		};
		comparison->count++;
	}
	sighting->ns[vantage] = event->ns;
	sighting->ttl[vantage] = packet->segment.ttl;
	if (sighting->count[vantage] < COUNTED_MOST)
		sighting->count[vantage]++;
	if (comparison->count == SIGHTINGS_MAX)
		comparison_thin(comparison);
}

static int sighting_compare(const void *a, const void *b)
{
	const struct sighting *x = a, *y = b;
	if (x->ns[1] != y->ns[1])
		return x->ns[1] < y->ns[1] ? -1 : 1;
	return (x->key > y->key) - (x->key < y->key);
}

/* The table becomes a list of pairs by the second clock. */
static size_t comparison_pairs(struct comparison *comparison)
{
	size_t count = 0;
	for (size_t i = 0; i < SLOTS; i++) {
		struct sighting sighting = comparison->slots[i];
		if (sighting.key && sighting.count[0] == 1 && sighting.count[1] == 1)
			comparison->slots[count++] = sighting;
	}
	if (count > 0)
		qsort(comparison->slots, count, sizeof(struct sighting), sighting_compare);
	return count;
}

static int64_t sighting_ahead(const struct sighting *sighting)
{
	return (int64_t)(sighting->ns[0] - sighting->ns[1]);
}

static struct dialogue *dialogue_find(struct comparison *comparison,
				      const struct sighting *sighting)
{
	uint32_t src = sighting->src, dst = sighting->dst;
	uint32_t ends = src < dst ? src << 16 | dst : dst << 16 | src;
	size_t slot = hash_bytes(&ends, sizeof(ends), 0) % DIALOGUES;
	for (size_t steps = 0; steps < DIALOGUES; steps++) {
		struct dialogue *dialogue = &comparison->dialogues[slot];
		if (!dialogue->ends)
			dialogue->ends = ends;
		if (dialogue->ends == ends)
			return dialogue;
		slot = (slot + 1) % DIALOGUES;
	}
	return NULL;
}

static int64_t sign(int64_t value)
{
	return (value > 0) - (value < 0);
}

static void dialogue_hears(struct comparison *comparison, const struct sighting *sighting)
{
	struct dialogue *dialogue = dialogue_find(comparison, sighting);
	bool higher = sighting->src > sighting->dst;
	int64_t ahead = sighting_ahead(sighting);
	int64_t towards = higher ? -1 : 1;
	if (!dialogue)
		return;
	/* Leaving at the first vantage, the first stamp is the less ahead. */
	if (dialogue->heard[!higher])
		dialogue->delays += sign(dialogue->ahead_ns[!higher] - ahead) * towards;
	dialogue->ttls += sign(sighting->ttl[0] - sighting->ttl[1]) * towards;
	if (ahead > STAMPS_TRUSTED_NS || ahead < -STAMPS_TRUSTED_NS)
		dialogue->stamps += towards;
	else
		dialogue->stamps -= sign(ahead) * towards;
	dialogue->heard[higher] = true;
	dialogue->ahead_ns[higher] = ahead;
}

/* Every dialogue puts its ends where its votes say; an address that several put goes where more
 * of them do. */
static void comparison_settle(struct comparison *comparison)
{
	int64_t votes[SIDES_MAX] = {0};
	for (size_t i = 0; i < DIALOGUES; i++) {
		const struct dialogue *dialogue = &comparison->dialogues[i];
		int64_t vote = dialogue->delays ? dialogue->delays
			       : dialogue->ttls ? dialogue->ttls
						: dialogue->stamps;
		if (!dialogue->ends)
			continue;
		votes[(dialogue->ends >> 16) - 1] += sign(vote);
		votes[(dialogue->ends & 0xFFFF) - 1] -= sign(vote);
	}
	for (size_t i = 0; i < comparison->sides.count; i++) {
		size_t side = votes[i] > 0 ? 0 : 1;
		if (votes[i] == 0)
			continue;
		comparison->sides.side[i] = (uint8_t)side;
		comparison->local[side][comparison->local_count[side]++] =
			comparison->sides.addrs[i];
	}
}

/* The pairs whose ends are on either side, as instants since the first. */
static size_t comparison_instants(struct comparison *comparison, size_t pairs,
				  struct clocks *clocks)
{
	const struct sighting *first = comparison->slots;
	size_t count = 0;
	for (size_t i = 0; i < pairs; i++) {
		const struct sighting *sighting = &comparison->slots[i];
		size_t src = comparison->sides.side[sighting->src - 1];
		size_t dst = comparison->sides.side[sighting->dst - 1];
		struct instant instant = {
			.second_ns = (int64_t)(sighting->ns[1] - first->ns[1]),
			.ahead_ns = sighting_ahead(sighting) - sighting_ahead(first),
			.leaves = (uint8_t)src,
		};
		if (src == SIDE_UNKNOWN || dst == SIDE_UNKNOWN || src == dst ||
		    instant.second_ns > SPAN_MOST || instant.ahead_ns > SPAN_MOST ||
		    instant.ahead_ns < -SPAN_MOST)
			continue;
		clocks->pairs[src]++;
		comparison->instants[count++] = instant;
	}
	return count;
}

#define ROUNDED_NS 1000 /* one tap's stamps, in files of microseconds and of nanoseconds */

static bool stamps_differ(int64_t a, int64_t b)
{
	return a - b >= ROUNDED_NS || b - a >= ROUNDED_NS;
}

/* Between two taps packets take time: one way the first stamp is further ahead than the other
 * way. And two clocks do not show the same microsecond again and again. */
static void comparison_check_taps(struct comparison *comparison, size_t pairs)
{
	const struct sighting *first = comparison->slots;
	int64_t ahead = sighting_ahead(first);
	bool both_ways = false;
	for (size_t i = 0; i < pairs; i++) {
		const struct sighting *sighting = &comparison->slots[i];
		if (stamps_differ(sighting_ahead(sighting), ahead))
			return;
		both_ways |= sighting->src == first->dst && sighting->dst == first->src;
	}
	comparison->one_tap = pairs > 1 && (both_ways || !stamps_differ(ahead, 0));
}

bool comparison_is_one_tap(const struct comparison *comparison)
{
	return comparison->one_tap;
}

/* A drift that is given counts from the second capture's first packet, instants from the first
 * that both have. */
static void comparison_take(const struct comparison *comparison, const struct clocks *given,
			    struct clocks *clocks)
{
	*clocks = given ? *given : (struct clocks){0};
	clocks->since_ns = given ? comparison->first_ns : comparison->slots[0].ns[1];
}

size_t comparison_finish(struct comparison *comparison, const struct clocks *given,
			 struct clocks *clocks)
{
	const struct sighting *first = comparison->slots;
	struct instants instants = {.at = comparison->instants, .keep = given != NULL};
	size_t pairs = comparison_pairs(comparison);
	comparison_take(comparison, given, clocks);
	if (pairs == 0)
		return 0;
	comparison_check_taps(comparison, pairs);
	for (size_t i = 0; i < pairs; i++)
		dialogue_hears(comparison, &comparison->slots[i]);
	comparison_settle(comparison);
	instants.count = comparison_instants(comparison, pairs, clocks);
	instants.end_ns = (int64_t)(comparison->last_ns - first->ns[1]);
	if (instants.end_ns > SPAN_MOST)
		instants.end_ns = SPAN_MOST;
	instants.since_ns = (int64_t)(clocks->since_ns - first->ns[1]);
	clocks_fit(&instants, sighting_ahead(first), clocks);
	return instants.count;
}

struct match_content comparison_content(const struct comparison *comparison)
{
	return comparison->kept;
}

const struct addr *comparison_local(const struct comparison *comparison, size_t vantage,
				    size_t *count)
{
	*count = comparison->local_count[vantage];
	return comparison->local[vantage];
}

void comparison_close(struct comparison *comparison)
{
	free(comparison);
}
