#include "passes.h"

#include <string.h>

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t max_u32(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* Puts a piece behind the last; pieces that meet with the same count become one. */
static void passes_put(struct passes *p, uint32_t from, uint32_t to, uint32_t times)
{
	struct pass *last = p->count ? &p->pieces[p->count - 1] : NULL;
	if (from >= to)
		return;
	if (last && last->to == from && last->times == times) {
		last->to = to;
		return;
	}
	if (p->count == PASSES_MAX) {
		p->count--;
		memmove(p->pieces, p->pieces + 1, p->count * sizeof(p->pieces[0]));
	}
	p->pieces[p->count++] = (struct pass){from, to, times};
}

uint32_t passes_add(struct passes *passes, uint32_t from, uint32_t to)
{
	struct passes next = {0};
	uint32_t at = from, before = 0; /* [from, at) is done */
	if (passes->count == 0 || passes->pieces[passes->count - 1].to <= from) {
		passes_put(passes, from, to, 1);
		return 1;
	}
	for (uint32_t i = 0; i < passes->count; i++) {
		const struct pass *old = &passes->pieces[i];
		uint32_t gap_to = min_u32(old->from, to), end = min_u32(old->to, to);
		passes_put(&next, old->from, min_u32(old->to, from), old->times);
		passes_put(&next, at, gap_to, 1);
		at = max_u32(at, gap_to);
		passes_put(&next, max_u32(old->from, at), end, old->times + 1);
		at = max_u32(at, end);
		passes_put(&next, max_u32(old->from, to), old->to, old->times);
		if (old->from <= from && from < old->to)
			before = old->times;
	}
	passes_put(&next, at, to, 1);
	*passes = next;
	return before + 1;
}

uint32_t passes_high(const struct passes *passes)
{
	return passes->count ? passes->pieces[passes->count - 1].to : 0;
}
