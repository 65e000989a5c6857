#include "wireladder/base.h"

#include <string.h>

/* The finisher of splitmix64: every bit of the input reaches every bit of the output. */
static uint64_t hash_mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
	return x ^ x >> 31;
}

uint64_t hash_bytes(const void *bytes, size_t count, uint64_t seed)
{
	const uint8_t *at = bytes;
	uint64_t hash = seed ^ count, word;
	for (; count >= sizeof(word); at += sizeof(word), count -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = hash_mix(hash ^ word) + UINT64_C(0x9E3779B97F4A7C15);
	}
	word = 0;
	if (count > 0)
		memcpy(&word, at, count);
	return hash_mix(hash ^ word);
}

uint64_t rng_next(uint64_t *state)
{
	*state += UINT64_C(0x9E3779B97F4A7C15);
	return hash_mix(*state);
}
