#include "interfaces.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 255

__extension__ typedef unsigned __int128 wide; /* 64-bit ticks times 10^9 need 94 bits */

static bool interfaces_grow(struct interfaces *interfaces)
{
	size_t cap = interfaces->cap ? interfaces->cap * 2 : 4;
	struct vantage *vantages = realloc(interfaces->vantages, cap * sizeof(*vantages));
	struct ticks *ticks = NULL;
	struct interface_counts *dropped = NULL;
	if (vantages)
		interfaces->vantages = vantages;
	ticks = realloc(interfaces->ticks, cap * sizeof(*ticks));
	if (ticks)
		interfaces->ticks = ticks;
	dropped = realloc(interfaces->dropped, cap * sizeof(*dropped));
	if (dropped)
		interfaces->dropped = dropped;
	if (!vantages || !ticks || !dropped)
		return false;
	interfaces->cap = cap;
	return true;
}

bool interfaces_add(struct interfaces *interfaces, const struct interface_described *one,
		    bool *full)
{
	size_t length = one->name_length < NAME_MAX_BYTES ? one->name_length : NAME_MAX_BYTES;
	char *name;
	*full = interfaces->count == INTERFACES_MAX;
	if (*full || (interfaces->count == interfaces->cap && !interfaces_grow(interfaces)))
		return false;
	name = one->name ? strndup((const char *)one->name, length) : strdup("");
	if (!name)
		return false;
	interfaces->vantages[interfaces->count] = (struct vantage){
		.name = name,
		.linktype = one->linktype,
		.snaplen = one->snaplen,
		.nanoseconds =
			one->ticks.binary ? one->ticks.digits > 19 : one->ticks.digits > 6,
	};
	interfaces->ticks[interfaces->count] = one->ticks;
	interfaces->dropped[interfaces->count] = (struct interface_counts){0};
	interfaces->count++;
	return true;
}

void interfaces_close(struct interfaces *interfaces)
{
	for (size_t i = 0; i < interfaces->count; i++)
		free((char *)(uintptr_t)interfaces->vantages[i].name);
	free(interfaces->vantages);
	free(interfaces->ticks);
	free(interfaces->dropped);
	*interfaces = (struct interfaces){0};
}

struct ticks ticks_from_tsresol(uint8_t tsresol)
{
	struct ticks ticks = {.digits = tsresol & 0x7F, .binary = (tsresol & 0x80) != 0};
	if (!ticks.binary && ticks.digits <= 9) {
		ticks.scale = 1;
		for (unsigned i = ticks.digits; i < 9; i++)
			ticks.scale *= 10;
	}
	return ticks;
}

/* Clocks that no computer has, 10^-20 seconds and finer, count to less than a second in 64
 * bits. */
static wide ticks_scale(const struct ticks *ticks, uint64_t count)
{
	wide divisor = 1;
	if (ticks->scale)
		return (wide)count * ticks->scale;
	if (ticks->binary)
		return (wide)count * NS_PER_S >> ticks->digits;
	if (ticks->digits > 38)
		return 0;
	for (unsigned i = 0; i < ticks->digits; i++)
		divisor *= 10;
	return (wide)count * NS_PER_S / divisor;
}

bool ticks_to_ns(const struct ticks *ticks, uint64_t count, uint64_t *ns)
{
	wide at = ticks_scale(ticks, count);
	uint64_t back =
		ticks->offset_seconds < 0 ? (uint64_t)0 - (uint64_t)ticks->offset_seconds : 0;
	if (ticks->offset_seconds > 0)
		at += (wide)(uint64_t)ticks->offset_seconds * NS_PER_S;
	if (at < (wide)back * NS_PER_S)
		return false;
	at -= (wide)back * NS_PER_S;
	if (at > INT64_MAX)
		return false;
	*ns = (uint64_t)at;
	return true;
}
