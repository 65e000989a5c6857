#include "hosts.h"

#include <stdlib.h>
#include <string.h>

#define HOSTS_PROBES 100

_Static_assert(HOSTS_SLOTS > 2 * HOSTS_MAX && HOSTS_MAX < UINT16_MAX, "slots stay free");

/* The slot that this host has, or would have. NULL: too many others are around it, as happens
 * only to those that were made for it. */
static uint16_t *hosts_slot(const struct hosts *hosts, const struct host *host)
{
	uint64_t hash = hash_bytes(&host->addr, sizeof(host->addr),
				   hash_bytes(host->name, strlen(host->name), 0));
	for (unsigned i = 0; i < HOSTS_PROBES; i++) {
		uint16_t *slot = &hosts->slots[(hash + i) % HOSTS_SLOTS];
		const struct host *there = *slot ? &hosts->list[*slot - 1] : NULL;
		if (!there || (addr_equal(&there->addr, &host->addr) &&
			       strcmp(there->name, host->name) == 0))
			return slot;
	}
	return NULL;
}

static bool hosts_grow(struct hosts *hosts)
{
	size_t cap = hosts->cap ? hosts->cap * 2 : 16;
	struct host *list = realloc(hosts->list, cap * sizeof(*list));
	if (!list)
		return false;
	hosts->list = list;
	hosts->cap = cap;
	return true;
}

bool hosts_add(struct hosts *hosts, const struct addr *addr, struct cursor name)
{
	char text[HOST_NAME_BYTES + 1] = "";
	struct host host = {.name = text, .addr = *addr};
	size_t length = cursor_left(&name);
	uint16_t *slot;
	if (length > 0)
		memcpy(text, name.at, length < HOST_NAME_BYTES ? length : HOST_NAME_BYTES);
	if (!text[0])
		return true;
	if (!hosts->slots && !(hosts->slots = calloc(HOSTS_SLOTS, sizeof(*hosts->slots))))
		return false;
	slot = hosts_slot(hosts, &host);
	if (slot && *slot)
		return true;
	if (!slot || hosts->count == HOSTS_MAX) {
		hosts->beyond++;
		return true;
	}
	if (hosts->count == hosts->cap && !hosts_grow(hosts))
		return false;
	host.name = strdup(text);
	if (!host.name)
		return false;
	hosts->list[hosts->count++] = host;
	*slot = (uint16_t)hosts->count;
	return true;
}

void hosts_close(struct hosts *hosts)
{
	for (size_t i = 0; i < hosts->count; i++)
		free((char *)(uintptr_t)hosts->list[i].name);
	free(hosts->list);
	free(hosts->slots);
	*hosts = (struct hosts){0};
}
