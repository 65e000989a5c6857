#include "match.h"

static size_t sides_slot(const struct sides *sides, const struct addr *addr)
{
	size_t slot = hash_bytes(addr, sizeof(*addr), 0) % ARRAY_COUNT(sides->slots);
	while (sides->slots[slot] && !addr_equal(&sides->addrs[sides->slots[slot] - 1], addr))
		slot = (slot + 1) % ARRAY_COUNT(sides->slots);
	return slot;
}

size_t sides_find(struct sides *sides, const struct addr *addr)
{
	size_t slot = sides_slot(sides, addr);
	if (!sides->slots[slot] && sides->count < SIDES_MAX) {
		sides->addrs[sides->count] = *addr;
		sides->side[sides->count] = SIDE_UNKNOWN;
		sides->slots[slot] = (uint16_t)++sides->count;
	}
	return sides->slots[slot];
}

bool addr_is_of_many(const struct addr *addr)
{
	if (addr->family == 6)
		return addr->bytes[0] == 0xFF;
	return addr->bytes[0] >= 224;
}

void sides_learn(struct sides *sides, const struct tuple *ends, size_t src_side)
{
	size_t src, dst;
	if (addr_is_of_many(&ends->dst))
		return;
	src = sides_find(sides, &ends->src);
	dst = sides_find(sides, &ends->dst);
	if (src && sides->side[src - 1] == SIDE_UNKNOWN)
		sides->side[src - 1] = (uint8_t)src_side;
	if (dst && sides->side[dst - 1] == SIDE_UNKNOWN)
		sides->side[dst - 1] = (uint8_t)!src_side;
}

enum role sides_role(struct sides *sides, const struct tuple *ends, size_t vantage)
{
	size_t src, dst, src_side, dst_side;
	bool of_many = addr_is_of_many(&ends->dst);
	if (!ends->src.family || addr_equal(&ends->src, &ends->dst) ||
	    addr_is_loopback(&ends->src))
		return ROLE_STAYS;
	if (of_many && !sides->one_wire)
		return ROLE_UNKNOWN;
	src = sides_find(sides, &ends->src);
	dst = sides_find(sides, &ends->dst);
	src_side = src ? sides->side[src - 1] : SIDE_UNKNOWN;
	dst_side = dst ? sides->side[dst - 1] : SIDE_UNKNOWN;
	if (of_many && src_side != SIDE_UNKNOWN)
		return src_side == vantage ? ROLE_LEAVES : ROLE_ARRIVES;
	if (src_side == SIDE_UNKNOWN || dst_side == SIDE_UNKNOWN)
		return src && dst ? ROLE_UNKNOWN : ROLE_STAYS;
	if (src_side == dst_side)
		return ROLE_STAYS;
	return src_side == vantage ? ROLE_LEAVES : ROLE_ARRIVES;
}
