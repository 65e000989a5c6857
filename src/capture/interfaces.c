#include "interfaces.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 255

__extension__ typedef unsigned __int128 wide; /* 64-bit ticks times 10^9 need 94 bits */

void interfaces_begin_section(struct interfaces *interfaces)
{
	interfaces->section++;
	interfaces->number_count = 0;
}

static bool interfaces_grow(struct interfaces *interfaces)
{
	size_t cap = interfaces->cap ? interfaces->cap * 2 : 4;
	struct vantage *vantages = realloc(interfaces->vantages, cap * sizeof(*vantages));
	struct interface *list = NULL;
	if (vantages)
		interfaces->vantages = vantages;
	list = realloc(interfaces->list, cap * sizeof(*list));
	if (list)
		interfaces->list = list;
	if (!vantages || !list)
		return false;
	interfaces->cap = cap;
	return true;
}

static bool numbers_grow(struct interfaces *interfaces)
{
	size_t cap = interfaces->number_cap ? interfaces->number_cap * 2 : 4;
	uint16_t *numbers = realloc(interfaces->numbers, cap * sizeof(*numbers));
	if (!numbers)
		return false;
	interfaces->numbers = numbers;
	interfaces->number_cap = cap;
	return true;
}

static uint64_t interface_hash(const struct vantage *vantage, const struct ticks *ticks)
{
	uint64_t words[] = {vantage->linktype, vantage->snaplen, ticks->digits, ticks->binary,
			    (uint64_t)ticks->offset_seconds};
	return hash_bytes(vantage->name, strlen(vantage->name),
			  hash_bytes(words, sizeof(words), 0));
}

static bool interface_equal(const struct interfaces *interfaces, size_t index,
			    const struct vantage *vantage, const struct ticks *ticks)
{
	const struct vantage *there = &interfaces->vantages[index];
	const struct ticks *clock = &interfaces->list[index].ticks;
	return there->linktype == vantage->linktype && there->snaplen == vantage->snaplen &&
	       clock->digits == ticks->digits && clock->binary == ticks->binary &&
	       clock->offset_seconds == ticks->offset_seconds &&
	       strcmp(there->name, vantage->name) == 0;
}

/* The first that an earlier section describes so and that this one has not taken yet. */
static uint16_t interfaces_match(const struct interfaces *interfaces,
				 const struct vantage *vantage, const struct ticks *ticks)
{
	uint64_t hash = interface_hash(vantage, ticks);
	for (size_t i = 0; i < interfaces->count && i < INTERFACES_MATCHED; i++) {
		const struct interface *one = &interfaces->list[i];
		if (one->hash == hash && one->section != interfaces->section &&
		    interface_equal(interfaces, i, vantage, ticks))
			return (uint16_t)i;
	}
	return INTERFACE_NONE;
}

/* Takes over the vantage's name. */
static bool interfaces_append(struct interfaces *interfaces, const struct vantage *vantage,
			      const struct ticks *ticks)
{
	if (interfaces->count == interfaces->cap && !interfaces_grow(interfaces)) {
		free((char *)(uintptr_t)vantage->name);
		return false;
	}
	interfaces->vantages[interfaces->count] = *vantage;
	interfaces->list[interfaces->count] = (struct interface){
		.ticks = *ticks,
		.hash = interface_hash(vantage, ticks),
	};
	interfaces->count++;
	return true;
}

static bool interfaces_number(struct interfaces *interfaces, uint16_t index)
{
	if (index != INTERFACE_NONE)
		interfaces->list[index].section = interfaces->section;
	if (interfaces->number_count == INTERFACES_MAX)
		return true; /* a packet's number beyond these finds nothing */
	if (interfaces->number_count == interfaces->number_cap && !numbers_grow(interfaces))
		return false;
	interfaces->numbers[interfaces->number_count++] = index;
	return true;
}

bool interfaces_add(struct interfaces *interfaces, const struct interface_described *one,
		    uint16_t *index)
{
	size_t length = one->name_length < NAME_MAX_BYTES ? one->name_length : NAME_MAX_BYTES;
	const struct ticks *ticks = &one->ticks;
	struct vantage vantage = {
		.name = one->name ? strndup((const char *)one->name, length) : strdup(""),
		.linktype = one->linktype,
		.snaplen = one->snaplen,
		.nanoseconds = ticks->binary ? ticks->digits > 19 : ticks->digits > 6,
	};
	if (!vantage.name)
		return false;
	*index = interfaces_match(interfaces, &vantage, ticks);
	if (*index != INTERFACE_NONE || interfaces->count == INTERFACES_MAX) {
		free((char *)(uintptr_t)vantage.name);
	} else {
		*index = (uint16_t)interfaces->count;
		if (!interfaces_append(interfaces, &vantage, ticks))
			return false;
	}
	return interfaces_number(interfaces, *index);
}

void drops_tell(struct drops *drops, uint64_t count)
{
	if (count < drops->latest)
		drops->before += drops->latest;
	drops->latest = count;
	drops->told = true;
}

uint64_t drops_sum(const struct drops *drops)
{
	return drops->before + drops->latest;
}

uint64_t interface_dropped_kernel(const struct interface *interface)
{
	bool silent = !interface->kernel.told && !interface->interface.told;
	return silent ? interface->lost : drops_sum(&interface->kernel);
}

void interfaces_close(struct interfaces *interfaces)
{
	for (size_t i = 0; i < interfaces->count; i++)
		free((char *)(uintptr_t)interfaces->vantages[i].name);
	free(interfaces->vantages);
	free(interfaces->list);
	free(interfaces->numbers);
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
